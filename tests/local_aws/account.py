# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The AWS Account Management API, as far as it is about an account's name, its alternate contacts and its primary
email, that of its root user.

Sources: AWS Account Management API Reference (GetPrimaryEmail, StartPrimaryEmailUpdate, AcceptPrimaryEmailUpdate,
GetAccountInformation, PutAccountName; of contacts in alternate_contacts.py) and AWS Account Management Reference Guide
("Update the root user email address", "Update your AWS account name", "Understanding API modes of operation",
"Quotas"). What the management account may do with member accounts, a delegated administrator may, too ("Understanding
API modes of operation").
"""

from __future__ import annotations

import json
import re
import secrets
import string
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tests.local_aws.alternate_contacts import AlternateContacts
from tests.local_aws.code_mail import code_mail
from tests.local_aws.organizations import Organizations
from tests.local_aws.wire import AwsError, Request, Response, access_key_of, json_result, rest_json_error

# Reference Guide, "Quotas": calls in so many seconds. All of a caller, the last of a target account.
_RATES = {
    "/getAccountInformation": (3, 1.0),
    "/putAccountName": (1, 1.0),
    "/getPrimaryEmail": (3, 1.0),
    # What is allowed of this one, the page does not say.
    "/getPrimaryEmailUpdateStatus": (3, 1.0),
    "/startPrimaryEmailUpdate": (1, 1.0),
    "/acceptPrimaryEmailUpdate": (1, 1.0),
    "starts of a target account": (3, 30.0),
}
# Reference Guide, "Understanding API modes of operation": without AccountId they are about the caller's own account.
_STANDALONE = frozenset({"/getAccountInformation", "/putAccountName", *AlternateContacts.OPERATIONS})
# How long AWS takes a code is written nowhere; that it ends is what has to be tried.
CODE_SECONDS = 900
_ACCOUNT_ID = re.compile(r"[0-9]{12}")
_OTP = re.compile(r"[a-zA-Z0-9]{6}")
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
# Without "<" and ">", which CreateAccount takes.
_NAME = re.compile(r"[ -;=?-~]{1,50}")
# GetAccountInformation, AccountState, knows no PENDING_CLOSURE: such an account is not closed yet.
_STATES = {"PENDING_CLOSURE": "ACTIVE"}

# Envelope sender, recipient and message of a mail that AWS sends to the outside world.
Deliver = Callable[[str, str, bytes], None]


@dataclass(frozen=True)
class _Update:
    """An update that waits for its code."""

    email: str
    code: str
    ends: float


class AccountManagement:
    """Answers the REST JSON protocol; safe to call from many threads.

    ``account_of`` returns the account that an access key belongs to.
    """

    def __init__(
        self,
        organizations: Organizations,
        management_account: str,
        deliver: Deliver,
        account_of: Callable[[str], str],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._lock = threading.Lock()
        self._organizations = organizations
        self._management_account = management_account
        self._deliver = deliver
        self._account_of = account_of
        self._clock = clock
        self._updates: dict[str, _Update] = {}
        # What became of the latest update of each account, and when.
        self._statuses: dict[str, tuple[str, float]] = {}
        self._calls: defaultdict[tuple[str, str], deque[float]] = defaultdict(deque)
        self._contacts = AlternateContacts(clock)

    def handle(self, request: Request) -> Response | None:
        """Answer a request, or return None for an operation that is not kept here (Regions, contact information, …)."""
        operation = _OPERATIONS.get(request.path)
        if operation is None and request.path not in AlternateContacts.OPERATIONS:
            return None
        try:
            given = json.loads(request.body or b"{}")
            caller = self._account_of(access_key_of(request))
            with self._lock:
                if request.path in _RATES:
                    self._count(request.path, caller)
                named = {**given, "AccountId": self._target(request.path, given, caller)}
                answer = operation(self, named) if operation else self._contact(request.path, named, caller)
                return json_result(answer, "application/json")
        except AwsError as error:
            return rest_json_error(error)

    def resources(self, request: Request) -> list[str]:
        """Return the ARN that IAM allows or refuses a request on: Service Authorization Reference, "AWS Account
        Management", resource types account, for the caller's own, and accountInOrganization. None for an unknown one.
        """
        if request.path in _STANDALONE and "AccountId" not in json.loads(request.body or b"{}"):
            return [f"arn:aws:account::{self._account_of(access_key_of(request))}:account"]
        return [arn.replace(":organizations:", ":account:", 1) for arn in self._organizations.resources(request)]

    def _target(self, path: str, given: dict[str, Any], caller: str) -> str:
        """Return the account that a request is about (API Reference, parameter AccountId)."""
        account_id = given.get("AccountId")
        if account_id is None and path in _STANDALONE:
            return caller
        _check("accountId", account_id, _ACCOUNT_ID)
        if not self._organizations.is_administrator(caller):
            raise _denied("User is not authorized to access the resource.")
        if account_id == self._management_account:
            raise _denied("The management account can only be managed using the standalone context.")
        return str(account_id)

    def _count(self, rate: str, account_id: str) -> None:
        """Note a call; raise if there were as many already as the rate allows."""
        number, seconds = _RATES[rate]
        now, calls = self._clock(), self._calls[rate, account_id]
        while calls and calls[0] <= now - seconds:
            calls.popleft()
        if len(calls) >= number:
            raise AwsError("TooManyRequestsException", f"Rate exceeded: {number} in {seconds:g} seconds.", 429)
        calls.append(now)

    def _get(self, given: dict[str, Any]) -> dict[str, Any]:
        return {"PrimaryEmail": self._organizations.primary_email(given["AccountId"])}

    def _start(self, given: dict[str, Any]) -> dict[str, Any]:
        account_id, email = given["AccountId"], _primary_email(given)
        self._organizations.primary_email(account_id)
        self._count("starts of a target account", account_id)
        if email.lower() in self._emails():
            raise AwsError("ConflictException", "The email address is already in use.", 409)
        code = "".join(secrets.choice(string.ascii_letters + string.digits) for _unused in range(6))
        # A new code takes the place of the one before.
        self._updates[account_id] = _Update(email, code, self._clock() + CODE_SECONDS)
        self._statuses[account_id] = ("PENDING", self._clock())
        sender, message = code_mail(email, code, self._clock())
        self._deliver(sender, email, message)
        return {"Status": "PENDING"}

    def _accept(self, given: dict[str, Any]) -> dict[str, Any]:
        account_id, email = given["AccountId"], _primary_email(given)
        _check("otp", given.get("Otp"), _OTP)
        self._organizations.primary_email(account_id)
        update = self._updates.get(account_id)
        if update is None or update.email != email or update.code != given["Otp"] or update.ends <= self._clock():
            # Which of them it is, AWS does not tell.
            raise _invalid("The OTP is not valid for this account and email address.")
        self._organizations.set_primary_email(account_id, email)
        del self._updates[account_id]
        # Here it takes effect at once.
        self._statuses[account_id] = ("COMPLETED", self._clock())
        return {"Status": "ACCEPTED"}

    def _update_status(self, given: dict[str, Any]) -> dict[str, Any]:
        self._organizations.primary_email(given["AccountId"])
        if given["AccountId"] not in self._statuses:
            raise AwsError("ResourceNotFoundException", "The account has no primary email update.", 404)
        status, when = self._statuses[given["AccountId"]]
        return {"Status": status, "UpdatedAt": datetime.fromtimestamp(when, UTC).isoformat()}

    def _information(self, given: dict[str, Any]) -> dict[str, Any]:
        account = self._named(given)
        return {
            "AccountId": account["Id"],
            "AccountName": account["Name"],
            "AccountCreatedDate": datetime.fromtimestamp(account["JoinedTimestamp"], UTC).isoformat(),
            "AccountState": _STATES.get(account["State"], account["State"]),
        }

    def _put_name(self, given: dict[str, Any]) -> dict[str, Any]:
        _check("accountName", given.get("AccountName"), _NAME)
        self._organizations.rename(self._named(given)["Id"], given["AccountName"])
        return {}

    def _contact(self, path: str, given: dict[str, Any], caller: str) -> dict[str, Any]:
        if given["AccountId"] != caller:
            self._named(given)
        return self._contacts.answer(path, given)

    def _named(self, given: dict[str, Any]) -> dict[str, Any]:
        """Return the account whose name a request is about."""
        account = self._organizations.account(given["AccountId"])
        if account is None:
            # These operations have no ResourceNotFoundException.
            raise _denied("User is not authorized to access the resource.")
        return account

    def _emails(self) -> set[str]:
        """Return the emails of all accounts of the organization, in lower case, closed ones included."""
        emails: set[str] = set()
        token: dict[str, str] = {}
        while True:
            headers = {"x-amz-target": "AWSOrganizationsV20161128.ListAccounts"}
            answer = self._organizations.handle(Request("POST", "/", "", headers, json.dumps(token).encode()))
            assert answer is not None
            page = json.loads(answer.body)
            emails |= {account["Email"].lower() for account in page["Accounts"]}
            if "NextToken" not in page:
                return emails
            token = {"NextToken": page["NextToken"]}


def _primary_email(given: dict[str, Any]) -> str:
    email = given.get("PrimaryEmail")
    _check("primaryEmail", email, _EMAIL)
    if not isinstance(email, str) or not 5 <= len(email) <= 64:
        raise _invalid("Value at 'primaryEmail' failed to satisfy constraint: Member must have length 5 to 64")
    return email


def _check(member: str, value: Any, pattern: re.Pattern[str]) -> None:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise _invalid(f"Value at '{member}' failed to satisfy constraint: Member must satisfy its pattern")


def _invalid(text: str) -> AwsError:
    return AwsError("ValidationException", text)


def _denied(text: str) -> AwsError:
    return AwsError("AccessDeniedException", text, 403)


_OPERATIONS: dict[str, Callable[[AccountManagement, dict[str, Any]], dict[str, Any]]] = {
    "/getPrimaryEmail": AccountManagement._get,
    "/getPrimaryEmailUpdateStatus": AccountManagement._update_status,
    "/startPrimaryEmailUpdate": AccountManagement._start,
    "/acceptPrimaryEmailUpdate": AccountManagement._accept,
    "/getAccountInformation": AccountManagement._information,
    "/putAccountName": AccountManagement._put_name,
}
