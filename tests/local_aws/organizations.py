# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""AWS Organizations: accounts take their time to be made, one account an email address, and the tree around them."""

from __future__ import annotations

import base64
import json
import re
import secrets
import string
import threading
import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.local_aws.wire import AwsError, Request, Response, json_error, json_result

# AWS Organizations User Guide, "Quotas and service limits for AWS Organizations".
MAX_IN_PROGRESS = 5
MAX_CLOSING = 3
MAX_OU_LEVELS = 5
PAGE_SIZE = 20
MAX_TAGS = 50
_DAY = 24 * 3600
# CloseAccount (AWS Organizations API Reference): within 30 days the higher of 250 and 20 percent of the members, 1000
# at most. A closed account is suspended for 90 days, and then gone.
CLOSE_QUOTA_DAYS = 30
SUSPENDED_DAYS = 90

# CreateAccount, parameter Email (AWS Organizations API Reference): the pattern of the API and, stricter, the rules in
# its text. What breaks the pattern is refused at once, what breaks the rules makes the creation fail.
_EMAIL_PATTERN = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_EMAIL_RULES = re.compile(r"(?!\.)[^\s\"'()<>\[\]:;,\\|%&@]+@(?![-.])(?=[^@]*\.)[A-Za-z0-9.-]+(?<![-.])", re.ASCII)
_OU_NAME_PATTERN = re.compile(r"[\s\S]*")
_NAME_PATTERN = re.compile(r"[\x20-\x7e]+")
# Tag (AWS Organizations API Reference), Key and Value: ^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$, which Python's re cannot say.
# The prefix: Tagging AWS Resources User Guide, "Tag naming limits and requirements".
TAG_KEY_MAX = 128
TAG_VALUE_MAX = 256
_TAG_CATEGORIES = ("L", "Z", "N")
_TAG_SIGNS = frozenset("_.:/=+-@")
_SYSTEM_TAG_PREFIX = "aws:"
_RESOURCE_PARAMETERS = (
    "AccountId",
    "ChildId",
    "DestinationParentId",
    "OrganizationalUnitId",
    "ParentId",
    "ResourceId",
    "SourceParentId",
)


@dataclass
class _Node:
    """A root, an organizational unit or an account, and where it hangs."""

    public: dict[str, Any]
    parent: str | None
    tags: dict[str, str] = field(default_factory=dict)


class Organizations:
    """The organization of one management account. Answers the JSON 1.1 protocol; safe to call from many threads."""

    def __init__(
        self,
        account_id: str,
        creation_seconds: float = 0.5,
        clock: Callable[[], float] = time.time,
        propagation_seconds: float = 0.5,
    ) -> None:
        """``creation_seconds`` is how long AWS takes to make an account, and to close one.

        ``propagation_seconds`` is how long an account's new name takes to be seen here.
        """
        self._lock = threading.Lock()
        self._clock = clock
        self._creation_seconds = creation_seconds
        self._propagation_seconds = propagation_seconds
        self._failure: str | None = None
        self._id = "o-" + _letters(10)
        self._master = account_id
        self._root_id = "r-" + _letters(4)
        self._nodes: dict[str, _Node] = {}
        self._statuses: dict[str, dict[str, Any]] = {}
        self._requests: dict[str, dict[str, Any]] = {}
        # When each account was closed, and the emails of closed ones, which outlive them.
        self._closed: dict[str, float] = {}
        self._closed_emails: set[str] = set()
        self._delegated: set[str] = set()
        # What AWS grants at most.
        self.account_quota = 50_000
        # The new names of accounts that are not seen here yet, and when they will be.
        self._new_names: dict[str, tuple[str, float]] = {}
        root = {
            "Id": self._root_id,
            "Arn": self._arn(f"root/{self._id}/{self._root_id}"),
            "Name": "Root",
            "PolicyTypes": [],
        }
        self._nodes[self._root_id] = _Node(root, None)
        self._add_account(account_id, "management@example.com", "management", "INVITED")

    def take(self, creation_seconds: float) -> None:
        """Take so long from now on, for the accounts that are being made or closed too."""
        with self._lock:
            self._settle()
            self._creation_seconds = creation_seconds

    def delegate(self, account_id: str) -> None:
        """Make the account a delegated administrator for AWS Account Management."""
        self._delegated.add(account_id)

    def admits(self, account_id: str, operation: str) -> bool:
        """Tell whether callers in the account may call the operation, as far as the organization is asked.

        API Reference: "can be called only from the organization's management account or by a member account that is a
        delegated administrator" stands at what reads, as DescribeAccount and ListAccounts.
        """
        return account_id == self._master or (
            account_id in self._delegated and operation.startswith(("Describe", "List"))
        )

    def is_administrator(self, account_id: str) -> bool:
        """Tell whether callers in the account may manage member accounts by the Account Management API."""
        return account_id == self._master or account_id in self._delegated

    @property
    def id(self) -> str:
        """The organization's id."""
        return self._id

    def state_of(self, account_id: str) -> str | None:
        """Return the state of a member account; None for the management account and for what is no account here."""
        account = None if account_id == self._master else self.account(account_id)
        return None if account is None else str(account["State"])

    def grow(self, size: int) -> None:
        """Let the organization have so many accounts at least, all of them active."""
        with self._lock:
            for number in range(len(self._accounts()), size):
                self._add_account(self._new_account_id(), f"member{number}@example.net", f"member{number}", "INVITED")

    def handle(self, request: Request) -> Response | None:
        """Answer a request, or return None for an operation that is not kept here (policies, handshakes, …)."""
        name = request.headers.get("x-amz-target", "").rpartition(".")[2]
        operation = _OPERATIONS.get(name)
        if operation is None:
            return None
        try:
            with self._lock:
                self._settle()
                return json_result(operation(self, json.loads(request.body or b"{}")))
        except AwsError as error:
            return json_error(error)

    def resources(self, request: Request) -> list[str]:
        """Return the ARNs that IAM allows or refuses a request on (Service Authorization Reference, "Organizations").

        None where it names no root, organizational unit or account: such an action has no resource. The ARN of an
        account that is not there is made of its id; what AWS does then is not documented.
        """
        given = json.loads(request.body or b"{}")
        names = [given[name] for name in _RESOURCE_PARAMETERS if isinstance(given.get(name), str)]
        with self._lock:
            arns = [self._nodes[name].public["Arn"] if name in self._nodes else self._arn_of(name) for name in names]
        return [str(arn) for arn in arns if arn]

    def _arn_of(self, name: str) -> str | None:
        return self._arn(f"account/{self._id}/{name}") if re.fullmatch("[0-9]{12}", name) else None

    def primary_email(self, account_id: str) -> str:
        """Return a member account's email; AwsError with the codes of the Account Management API's GetPrimaryEmail."""
        with self._lock:
            self._settle()
            email: str = self._member(account_id)["Email"]
            return email

    def set_primary_email(self, account_id: str, email: str) -> None:
        """Give a member account another email; AwsError with the codes of AcceptPrimaryEmailUpdate."""
        with self._lock:
            self._settle()
            account = self._member(account_id)
            if self._is_taken(email, account):
                raise AwsError("ConflictException", "The email address is already in use by another account.", 409)
            account["Email"] = email

    def account(self, account_id: str) -> dict[str, Any] | None:
        """Return an account as it is now, its new name included, which is seen here later; None if there is none."""
        with self._lock:
            self._settle()
            node = self._nodes.get(account_id)
            if node is None or "Email" not in node.public:
                return None
            name, _unused = self._new_names.get(account_id, (node.public["Name"], 0.0))
            return {**node.public, "Name": name}

    def rename(self, account_id: str, name: str) -> None:
        """Give an account that exists another name, which is seen here when it has propagated."""
        with self._lock:
            self._settle()
            self._new_names[account_id] = (name, self._clock() + self._propagation_seconds)

    def _member(self, account_id: str) -> dict[str, Any]:
        """Return a member account as the Account Management API finds it (its reference, parameter AccountId)."""
        if account_id == self._master:
            raise AwsError(
                "AccessDeniedException",
                "The management account can only be managed using the standalone context from the management account.",
                403,
            )
        node = self._nodes.get(account_id)
        if node is None or "Email" not in node.public:
            raise AwsError("ResourceNotFoundException", f"Account {account_id} is not in the organization.", 404)
        return node.public

    # Creating accounts

    def _create_account(self, given: dict[str, Any]) -> dict[str, Any]:
        email, name = given.get("Email", ""), given.get("AccountName", "")
        _check_pattern("Email", email, _EMAIL_PATTERN, 6, 64)
        _check_pattern("AccountName", name, _NAME_PATTERN, 1, 50)
        tags = _tags(given.get("Tags", []))
        if sum(status["State"] == "IN_PROGRESS" for status in self._statuses.values()) >= MAX_IN_PROGRESS:
            raise _violation(
                "ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED",
                "You attempted to exceed the number of accounts that can be in progress at a time.",
            )
        request_id = "car-" + secrets.token_hex(16)
        status = {"Id": request_id, "AccountName": name, "State": "IN_PROGRESS", "RequestedTimestamp": self._clock()}
        self._statuses[request_id] = status
        self._requests[request_id] = {"Email": email, "Tags": tags}
        return {"CreateAccountStatus": dict(status)}

    def _settle(self) -> None:
        """Finish every creation whose time has come, in the order of the requests, and then what else is due."""
        for request_id, status in self._statuses.items():
            due = status["RequestedTimestamp"] + self._creation_seconds
            if status["State"] == "IN_PROGRESS" and due <= self._clock():
                self._finish(status, self._requests.pop(request_id), due)
        for account_id, closed in self._closed.items():
            self._settle_closure(account_id, self._clock() - closed)
        self._settle_names()

    def fail(self, reason: str | None) -> None:
        """Let every creation fail for the reason from now on (CreateAccountStatus, FailureReason); None lets none."""
        with self._lock:
            self._settle()
            self._failure = reason

    def _settle_names(self) -> None:
        for account_id, (name, due) in list(self._new_names.items()):
            if due <= self._clock():
                del self._new_names[account_id]
                if account_id in self._nodes:
                    self._nodes[account_id].public["Name"] = name

    def _settle_closure(self, account_id: str, seconds: float) -> None:
        node = self._nodes.get(account_id)
        if node is not None and seconds >= SUSPENDED_DAYS * _DAY:
            del self._nodes[account_id]
        elif node is not None and seconds >= self._creation_seconds:
            node.public.update(Status="SUSPENDED", State="SUSPENDED")

    def _finish(self, status: dict[str, Any], request: dict[str, Any], now: float) -> None:
        status["CompletedTimestamp"] = now
        email = request["Email"]
        if not (email.isascii() and _EMAIL_RULES.fullmatch(email)):
            status.update(State="FAILED", FailureReason="INVALID_EMAIL")
        elif self._is_taken(email):
            status.update(State="FAILED", FailureReason="EMAIL_ALREADY_EXISTS")
        elif len(self._accounts()) >= self.account_quota:
            status.update(State="FAILED", FailureReason="ACCOUNT_LIMIT_EXCEEDED")
        elif self._failure:
            status.update(State="FAILED", FailureReason=self._failure)
        else:
            account_id = self._new_account_id()
            self._add_account(account_id, email, status["AccountName"], "CREATED", request["Tags"])
            status.update(State="SUCCEEDED", AccountId=account_id)

    def _is_taken(self, email: str, but: dict[str, Any] | None = None) -> bool:
        """Return whether an account other than ``but`` has the email; the email of a closed one is never free again."""
        emails = {account["Email"].lower() for account in self._accounts() if account is not but}
        return email.lower() in emails | self._closed_emails

    def _new_account_id(self) -> str:
        while (account_id := "".join(secrets.choice(string.digits) for _unused in range(12))) in self._nodes:
            continue
        return account_id

    def _add_account(
        self, account_id: str, email: str, name: str, joined: str, tags: dict[str, str] | None = None
    ) -> None:
        account = {
            "Id": account_id,
            "Arn": self._arn(f"account/{self._id}/{account_id}"),
            "Email": email,
            "Name": name,
            "Status": "ACTIVE",
            "State": "ACTIVE",
            "JoinedMethod": joined,
            "JoinedTimestamp": self._clock(),
        }
        self._nodes[account_id] = _Node(account, self._root_id, dict(tags or {}))

    def _describe_create_account_status(self, given: dict[str, Any]) -> dict[str, Any]:
        status = self._statuses.get(given.get("CreateAccountRequestId", ""))
        if status is None:
            raise AwsError(
                "CreateAccountStatusNotFoundException",
                "We can't find a create account request with the CreateAccountRequestId that you specified.",
            )
        return {"CreateAccountStatus": dict(status)}

    def _list_create_account_status(self, given: dict[str, Any]) -> dict[str, Any]:
        states = given.get("States") or ("IN_PROGRESS", "SUCCEEDED", "FAILED")
        found = [dict(status) for status in self._statuses.values() if status["State"] in states]
        return _page("CreateAccountStatuses", found, given)

    # Accounts

    def _accounts(self) -> list[dict[str, Any]]:
        return [node.public for node in self._nodes.values() if "Email" in node.public]

    def _account(self, account_id: str) -> _Node:
        node = self._nodes.get(account_id)
        if node is None or "Email" not in node.public:
            raise AwsError("AccountNotFoundException", "You specified an account that doesn't exist.")
        return node

    def _list_accounts(self, given: dict[str, Any]) -> dict[str, Any]:
        return _page("Accounts", self._accounts(), given)

    def _describe_account(self, given: dict[str, Any]) -> dict[str, Any]:
        return {"Account": self._account(given.get("AccountId", "")).public}

    def _move_account(self, given: dict[str, Any]) -> dict[str, Any]:
        node = self._account(given.get("AccountId", ""))
        for option, code in (
            ("SourceParentId", "SourceParentNotFoundException"),
            ("DestinationParentId", "DestinationParentNotFoundException"),
        ):
            if not self._is_parent(given.get(option, "")):
                raise AwsError(code, f"We can't find a root or OU with the {option} that you specified.")
        if node.parent == given["DestinationParentId"]:
            raise AwsError("DuplicateAccountException", "That account is already present in the specified destination.")
        if node.parent != given["SourceParentId"]:
            raise AwsError(
                "SourceParentNotFoundException",
                "We can't find a source root or OU with the ParentId that you specified.",
            )
        node.parent = given["DestinationParentId"]
        return {}

    def _close_account(self, given: dict[str, Any]) -> dict[str, Any]:
        account = self._account(given.get("AccountId", "")).public
        if account["Id"] == self._master:
            raise _violation("CANNOT_CLOSE_MANAGEMENT_ACCOUNT", "You attempted to close the management account.")
        if account["State"] == "SUSPENDED":
            raise AwsError("AccountAlreadyClosedException", "You attempted to close an account that is already closed.")
        if account["State"] == "PENDING_CLOSURE":
            # AWS does not say which of the two it is while the closure is in progress.
            raise AwsError(
                "ConflictException",
                "The request failed because it conflicts with the current state of the specified resource.",
            )
        self._check_close_quotas()
        account.update(Status="PENDING_CLOSURE", State="PENDING_CLOSURE")
        self._closed[account["Id"]] = self._clock()
        self._closed_emails.add(account["Email"].lower())
        return {}

    def _check_close_quotas(self) -> None:
        if sum(account["State"] == "PENDING_CLOSURE" for account in self._accounts()) >= MAX_CLOSING:
            raise _violation(
                "CLOSE_ACCOUNT_REQUESTS_LIMIT_EXCEEDED",
                "You attempted to exceed the number of accounts that you can close at a time.",
            )
        recent = [closed for closed in self._closed.values() if closed > self._clock() - CLOSE_QUOTA_DAYS * _DAY]
        if len(recent) >= min(max(250, (len(self._accounts()) - 1) // 5), 1000):
            raise _violation(
                "CLOSE_ACCOUNT_QUOTA_EXCEEDED", "You have exceeded close account quota for the past 30 days."
            )

    # The tree

    def _describe_organization(self, _given: dict[str, Any]) -> dict[str, Any]:
        organization = {
            "Id": self._id,
            "Arn": self._arn(f"organization/{self._id}"),
            "FeatureSet": "ALL",
            "MasterAccountId": self._master,
            "MasterAccountArn": self._nodes[self._master].public["Arn"],
            "MasterAccountEmail": self._nodes[self._master].public["Email"],
            "AvailablePolicyTypes": [],
        }
        return {"Organization": organization}

    def _list_roots(self, given: dict[str, Any]) -> dict[str, Any]:
        return _page("Roots", [self._nodes[self._root_id].public], given)

    def _is_parent(self, node_id: str) -> bool:
        return node_id in self._nodes and "Email" not in self._nodes[node_id].public

    def _children(self, given: dict[str, Any], accounts: bool) -> list[dict[str, Any]]:
        if not self._is_parent(given.get("ParentId", "")):
            raise AwsError(
                "ParentNotFoundException", "We can't find a root or OU with the ParentId that you specified."
            )
        below = [node.public for node in self._nodes.values() if node.parent == given["ParentId"]]
        return [child for child in below if ("Email" in child) == accounts]

    def _list_accounts_for_parent(self, given: dict[str, Any]) -> dict[str, Any]:
        return _page("Accounts", self._children(given, accounts=True), given)

    def _list_ous_for_parent(self, given: dict[str, Any]) -> dict[str, Any]:
        return _page("OrganizationalUnits", self._children(given, accounts=False), given)

    def _list_children(self, given: dict[str, Any]) -> dict[str, Any]:
        kind = given.get("ChildType", "")
        children = [{"Id": child["Id"], "Type": kind} for child in self._children(given, accounts=kind == "ACCOUNT")]
        return _page("Children", children, given)

    def _list_parents(self, given: dict[str, Any]) -> dict[str, Any]:
        node = self._nodes.get(given.get("ChildId", ""))
        if node is None or node.parent is None:
            raise AwsError(
                "ChildNotFoundException",
                "We can't find an organizational unit (OU) or account with the ChildId that you specified.",
            )
        kind = "ROOT" if node.parent == self._root_id else "ORGANIZATIONAL_UNIT"
        return {"Parents": [{"Id": node.parent, "Type": kind}]}

    def _ou(self, ou_id: str) -> _Node:
        if not self._is_parent(ou_id) or ou_id == self._root_id:
            raise AwsError(
                "OrganizationalUnitNotFoundException",
                "We can't find an OU with the OrganizationalUnitId that you specified.",
            )
        return self._nodes[ou_id]

    def _level(self, node_id: str) -> int:
        """Return how deep a root or OU is; the root is at 0."""
        parent = self._nodes[node_id].parent
        return 0 if parent is None else self._level(parent) + 1

    def _check_ou_name(self, parent: str | None, name: str) -> None:
        _check_pattern("Name", name, _OU_NAME_PATTERN, 1, 128)
        # Upper and lower case are two: the API Reference calls only "the same name" a duplicate.
        if any(
            node.parent == parent and node.public["Name"] == name and "Email" not in node.public
            for node in self._nodes.values()
        ):
            raise AwsError("DuplicateOrganizationalUnitException", "An OU with the same name already exists.")

    def _create_ou(self, given: dict[str, Any]) -> dict[str, Any]:
        parent, name = given.get("ParentId", ""), given.get("Name", "")
        if not self._is_parent(parent):
            raise AwsError(
                "ParentNotFoundException", "We can't find a root or OU with the ParentId that you specified."
            )
        if self._level(parent) >= MAX_OU_LEVELS:
            raise _violation(
                "OU_DEPTH_LIMIT_EXCEEDED", "You attempted to create an OU tree that is too many levels deep."
            )
        self._check_ou_name(parent, name)
        ou_id = f"ou-{self._root_id[2:]}-{_letters(8)}"
        ou = {"Id": ou_id, "Arn": self._arn(f"ou/{self._id}/{ou_id}"), "Name": name}
        self._nodes[ou_id] = _Node(ou, parent, _tags(given.get("Tags", [])))
        return {"OrganizationalUnit": ou}

    def _describe_ou(self, given: dict[str, Any]) -> dict[str, Any]:
        return {"OrganizationalUnit": self._ou(given.get("OrganizationalUnitId", "")).public}

    def _update_ou(self, given: dict[str, Any]) -> dict[str, Any]:
        node = self._ou(given.get("OrganizationalUnitId", ""))
        if (name := given.get("Name", node.public["Name"])) != node.public["Name"]:
            self._check_ou_name(node.parent, name)
            node.public["Name"] = name
        return {"OrganizationalUnit": node.public}

    def _delete_ou(self, given: dict[str, Any]) -> dict[str, Any]:
        ou_id = self._ou(given.get("OrganizationalUnitId", "")).public["Id"]
        if any(node.parent == ou_id for node in self._nodes.values()):
            raise AwsError("OrganizationalUnitNotEmptyException", "The specified OU is not empty.")
        del self._nodes[ou_id]
        return {}

    # Tags

    def _tagged(self, given: dict[str, Any]) -> _Node:
        node = self._nodes.get(given.get("ResourceId", ""))
        if node is None:
            raise AwsError(
                "TargetNotFoundException",
                "We can't find a root, OU, account, or policy with the TargetId that you specified.",
            )
        return node

    def _tag_resource(self, given: dict[str, Any]) -> dict[str, Any]:
        node = self._tagged(given)
        node.tags = _limited({**node.tags, **_tags(given.get("Tags", []))})
        return {}

    def _untag_resource(self, given: dict[str, Any]) -> dict[str, Any]:
        node = self._tagged(given)
        keys = {_tag_key(key) for key in given.get("TagKeys", [])}
        node.tags = {key: value for key, value in node.tags.items() if key not in keys}
        return {}

    def _list_tags_for_resource(self, given: dict[str, Any]) -> dict[str, Any]:
        return _page("Tags", [{"Key": key, "Value": value} for key, value in self._tagged(given).tags.items()], given)

    def _arn(self, resource: str) -> str:
        return f"arn:aws:organizations::{self._master}:{resource}"


def _letters(count: int) -> str:
    return "".join(secrets.choice(string.ascii_lowercase + string.digits) for _unused in range(count))


def _violation(reason: str, message: str) -> AwsError:
    return AwsError("ConstraintViolationException", message, Reason=reason)


def _invalid(reason: str, message: str) -> AwsError:
    return AwsError("InvalidInputException", message, Reason=reason)


def _check_length(option: str, value: str, shortest: int, longest: int) -> None:
    if len(value) < shortest:
        raise _invalid("MIN_LENGTH_EXCEEDED", f"You provided a value for {option} that is shorter than allowed.")
    if len(value) > longest:
        raise _invalid("MAX_LENGTH_EXCEEDED", f"You provided a value for {option} that is longer than allowed.")


def _no_match(option: str) -> AwsError:
    return _invalid("INVALID_PATTERN", f"You provided a value for {option} that doesn't match the required pattern.")


def _check_pattern(option: str, value: str, pattern: re.Pattern[str], shortest: int, longest: int) -> None:
    _check_length(option, value, shortest, longest)
    if not pattern.fullmatch(value):
        raise _no_match(option)


def _tags(given: list[dict[str, Any]]) -> dict[str, str]:
    tags = {_tag_key(tag.get("Key")): _tag_text("Value", tag.get("Value"), 0, TAG_VALUE_MAX) for tag in given}
    if len(tags) < len(given):
        raise _invalid("DUPLICATE_TAG_KEY", "Tag keys must be unique among the tags attached to the same entity.")
    return _limited(tags)


def _tag_key(value: Any) -> str:
    key = _tag_text("Key", value, 1, TAG_KEY_MAX)
    if key.lower().startswith(_SYSTEM_TAG_PREFIX):
        raise _invalid("INVALID_SYSTEM_TAGS_PARAMETER", "You specified a tag key that is a system tag.")
    return key


def _tag_text(option: str, value: Any, shortest: int, longest: int) -> str:
    """Return the key or value of a tag, which may not be null."""
    if not isinstance(value, str):
        raise _invalid("INPUT_REQUIRED", "You must include a value for all required parameters.")
    _check_length(option, value, shortest, longest)
    if not all(each in _TAG_SIGNS or unicodedata.category(each)[0] in _TAG_CATEGORIES for each in value):
        raise _no_match(option)
    return value


def _limited(tags: dict[str, str]) -> dict[str, str]:
    if len(tags) > MAX_TAGS:
        raise _violation(
            "MAX_TAG_LIMIT_EXCEEDED", f"You have exceeded the number of tags allowed on this resource: {MAX_TAGS}."
        )
    return tags


def _page(key: str, items: list[dict[str, Any]], given: dict[str, Any]) -> dict[str, Any]:
    """Return one page of ``items``; a token is the offset of the next one."""
    size = min(int(given.get("MaxResults") or PAGE_SIZE), PAGE_SIZE)
    start = 0
    if token := given.get("NextToken"):
        try:
            start = int(base64.b64decode(token, validate=True))
        except ValueError as error:
            raise AwsError(
                "InvalidInputException", "You provided an invalid pagination token.", Reason="INVALID_NEXT_TOKEN"
            ) from error
    page: dict[str, Any] = {key: items[start : start + size]}
    if start + size < len(items):
        page["NextToken"] = base64.b64encode(str(start + size).encode()).decode()
    return page


_OPERATIONS: dict[str, Callable[[Organizations, dict[str, Any]], dict[str, Any]]] = {
    "CloseAccount": Organizations._close_account,
    "CreateAccount": Organizations._create_account,
    "CreateOrganizationalUnit": Organizations._create_ou,
    "DeleteOrganizationalUnit": Organizations._delete_ou,
    "DescribeAccount": Organizations._describe_account,
    "DescribeCreateAccountStatus": Organizations._describe_create_account_status,
    "DescribeOrganization": Organizations._describe_organization,
    "DescribeOrganizationalUnit": Organizations._describe_ou,
    "ListAccounts": Organizations._list_accounts,
    "ListAccountsForParent": Organizations._list_accounts_for_parent,
    "ListChildren": Organizations._list_children,
    "ListCreateAccountStatus": Organizations._list_create_account_status,
    "ListOrganizationalUnitsForParent": Organizations._list_ous_for_parent,
    "ListParents": Organizations._list_parents,
    "ListRoots": Organizations._list_roots,
    "ListTagsForResource": Organizations._list_tags_for_resource,
    "MoveAccount": Organizations._move_account,
    "TagResource": Organizations._tag_resource,
    "UntagResource": Organizations._untag_resource,
    "UpdateOrganizationalUnit": Organizations._update_ou,
}
