# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts of AWS Organizations: their shape, their limits, and what a creation that failed means.

Pure, standard library only. Sources: AWS Organizations API Reference, CreateAccount and CreateAccountStatus.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._address import (
    AddressError,
    check_account_email,
    check_account_name,
)
from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._tags import checked_tags
from ansible_collections.account_factory.email.plugins.module_utils._text import (
    CREATE_ACCOUNT_REQUEST_ID,
    checked_account_id,
)

from .paths import (
    Parent,
    Place,
    wanted_parent,
)

IN_PROGRESS = "IN_PROGRESS"
SUCCEEDED = "SUCCEEDED"
FAILED = "FAILED"
# AWS Organizations API Reference, Account, State.
ACTIVE = "ACTIVE"
CLOSED = "CLOSED"
PENDING_CLOSURE = "PENDING_CLOSURE"
SUSPENDED = "SUSPENDED"
STATES = ("PENDING_ACTIVATION", ACTIVE, SUSPENDED, PENDING_CLOSURE, CLOSED)
# An account in one of these states is on its way out or gone; its email can never be used for another.
CLOSED_STATES = frozenset({SUSPENDED, PENDING_CLOSURE, CLOSED})

# AWS Account Management API Reference, PutAccountName, AccountName: [ -;=?-~]+; CreateAccount takes these two as well.
_NOT_IN_NEW_NAMES = frozenset("<>")
_ROLE_NAME = re.compile(r"[A-Za-z0-9_+=,.@-]{1,64}")

# Another request for the same account got there first.
RACE_REASONS = frozenset({"EMAIL_ALREADY_EXISTS", "CONCURRENT_ACCOUNT_MODIFICATION"})
_SUPPORT = "Running again does not help until that is settled in the management account."
# Why a creation failed -> what it means and whether running again helps.
FAILURE_REASONS = {
    "ACCOUNT_LIMIT_EXCEEDED": (
        "the organization has as many accounts as its quota allows, closed ones included. Running again helps once the"
        " quota 'Default maximum number of accounts' has been raised (Service Quotas, in us-east-1)."
    ),
    "CONCURRENT_ACCOUNT_MODIFICATION": (
        "a request with the same information was made before and is not to be found any more. Run again in some"
        " minutes."
    ),
    "EMAIL_ALREADY_EXISTS": (
        "another AWS account, outside this organization or closed, has this email address. Running again does not help:"
        " an address is only ever good for one account, so use another one."
    ),
    "FAILED_BUSINESS_VALIDATION": f"the management account failed the validation of its business licence. {_SUPPORT}",
    "GOVCLOUD_ACCOUNT_ALREADY_EXISTS": (
        "an account in AWS GovCloud (US) has this email address. Running again does not help: use another address."
    ),
    "INTERNAL_FAILURE": "AWS had an internal failure. Run again later; if it stays so, ask AWS Support.",
    "INVALID_ADDRESS": f"AWS does not accept the postal address of the management account. {_SUPPORT}",
    "INVALID_EMAIL": "AWS does not accept the email address. Running again does not help: use another address.",
    "INVALID_IDENTITY_FOR_BUSINESS_VALIDATION": f"the identity data of the management account is not valid. {_SUPPORT}",
    "INVALID_PAYMENT_INSTRUMENT": f"the management account has no payment method that AWS accepts. {_SUPPORT}",
    "MISSING_BUSINESS_VALIDATION": f"the management account has no business validation. {_SUPPORT}",
    "MISSING_PAYMENT_INSTRUMENT": f"the management account has no payment method. {_SUPPORT}",
    "PENDING_BUSINESS_VALIDATION": (
        "the validation of the management account's business licence is not finished. Run again when it is."
    ),
    "UNKNOWN_BUSINESS_VALIDATION": f"AWS has a problem with the management account's business validation. {_SUPPORT}",
    "UPDATE_EXISTING_RESOURCE_POLICY_WITH_TAGS_NOT_SUPPORTED": (
        "AWS does not set tags in this case. Running again helps without tags."
    ),
}


@dataclass(frozen=True)
class Account:
    """An account; ``id`` and what follows are None while it is still to be made. Times are UTC in ISO 8601."""

    email: str
    name: str
    id: str | None = None
    arn: str | None = None
    state: str | None = None
    joined_method: str | None = None
    joined_timestamp: str | None = None

    @property
    def is_management(self) -> bool:
        """Return whether it is the management account, whose id is in the ARN of every account."""
        return self.arn is not None and self.arn.split(":")[4] == self.id

    def to_dict(self, tags: Mapping[str, str] | None = None, place: Place | None = None) -> dict[str, Any]:
        """Return the account as modules show it; with its tags and its place where they are asked about."""
        shown: dict[str, Any] = {
            "id": self.id,
            "arn": self.arn,
            "email": self.email,
            "name": self.name,
            "state": self.state,
            "joined_method": self.joined_method,
            "joined_timestamp": self.joined_timestamp,
        }
        if tags is not None:
            shown["tags"] = dict(tags)
        if place is not None:
            shown.update(parent_id=place.id, path=place.path)
        return shown


@dataclass(frozen=True)
class Request:
    """A creation that was asked for: ``account_id`` is set once it SUCCEEDED, ``reason`` once it FAILED."""

    id: str
    name: str
    state: str
    account_id: str | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Wanted:
    """An account as asked for: None is "not given"."""

    email: str
    name: str | None = None
    role_name: str | None = None
    iam_user_access_to_billing: str | None = None
    tags: Mapping[str, str] | None = None
    purge_tags: bool = True
    request_id: str | None = None
    parent: Parent | None = None
    create_parents: bool = False
    rename: bool = False
    # Nobody can have asked for the account yet.
    is_new: bool = False
    # The request id is one that was noted, and not one that somebody gives: AWS may have forgotten it.
    is_noted: bool = False


def wanted_account(params: Mapping[str, Any]) -> Wanted:
    """Return what a task asks for, its limits checked."""
    # Not required_if of the argument spec, which takes a name that is null for one.
    if params["rename"] and params["name"] is None:
        raise InputError("rename: needs name, which the account is to have")
    if params["close_parent"] is not None:
        raise InputError("close_parent: is for state=absent only, which closes the account; give parent to move it")
    return Wanted(
        email=_checked("email", check_account_email, params["email"]),
        name=None if params["name"] is None else _checked("name", check_account_name, params["name"]),
        request_id=_matching(
            "create_account_request_id",
            params["create_account_request_id"],
            CREATE_ACCOUNT_REQUEST_ID,
            "'car-' and 8 to 32 lower-case letters and digits, as CreateAccount returned it",
        ),
        **account_options(params),
    )


def account_options(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a ``Wanted`` account is to be, whichever its email and its name are; InputError beyond its limits."""
    return {
        "role_name": _matching(
            "role_name", params["role_name"], _ROLE_NAME, "1 to 64 ASCII letters, digits and _+=,.@-"
        ),
        "iam_user_access_to_billing": params["iam_user_access_to_billing"],
        "tags": None if params["tags"] is None else checked_tags(params["tags"]),
        "purge_tags": params["purge_tags"],
        "parent": None if params["parent"] is None else wanted_parent(params["parent"]),
        "create_parents": params["create_parents"],
        "rename": params["rename"],
    }


@dataclass(frozen=True)
class Closing:
    """An account that is to be closed, and where it is to be by then: its email in lower case; None is "not given"."""

    email: str
    name: str | None = None
    confirmed_id: str | None = None
    parent: Parent | None = None
    create_parents: bool = False


def closing_account(params: Mapping[str, Any]) -> Closing:
    """Return which account a task wants closed, its options checked."""
    confirmed = params["confirm_close"]
    return Closing(
        email=_checked("email", check_account_email, params["email"]),
        name=params["name"],
        confirmed_id=None if confirmed is None else checked_account_id("confirm_close", confirmed),
        parent=None if params["close_parent"] is None else wanted_parent(params["close_parent"], "close_parent"),
        create_parents=params["create_parents"],
    )


def _checked(option: str, check: Any, value: str) -> str:
    try:
        checked: str = check(value)
    except AddressError as error:
        raise InputError(f"{option}: {error}") from error
    return checked


def _matching(option: str, value: str | None, pattern: re.Pattern[str], form: str) -> str | None:
    if value is not None and not pattern.fullmatch(value):
        raise InputError(f"{option}: {value!r} is not valid; it must be {form}")
    return value


@dataclass(frozen=True)
class Selection:
    """Which accounts are asked for: those that match every field that is not None. Emails are in lower case."""

    ids: frozenset[str] | None = None
    emails: frozenset[str] | None = None
    names: frozenset[str] | None = None
    states: frozenset[str] | None = None

    def matches(self, account: Account) -> bool:
        asked = (
            (self.ids, account.id),
            (self.emails, account.email.lower()),
            (self.names, account.name),
            (self.states, account.state),
        )
        return all(values is None or value in values for values, value in asked)


def selection(params: Mapping[str, Any]) -> Selection:
    """Return which accounts a task asks for, its values checked."""
    ids, emails = _values(params["account_ids"]), _values(params["emails"])
    return Selection(
        ids=None if ids is None else frozenset(checked_account_id("account_ids", each) for each in sorted(ids)),
        emails=None if emails is None else frozenset(email.strip().lower() for email in emails),
        names=_values(params["names"]),
        states=_values(params["states"]),
    )


def _values(given: Sequence[str] | None) -> frozenset[str] | None:
    return None if given is None else frozenset(given)


def check_closing(account: Account, wanted: Closing) -> None:
    """Raise InputError unless the account that has the email is the one to close, or is closed already."""
    found = f"the account {account.id} with the email {account.email}"
    if wanted.name is not None and account.name != wanted.name:
        raise InputError(
            f"name: {found} is named {account.name!r}, not {wanted.name!r}. If it is the one that is meant, give"
            f" name={account.name!r} or no name"
        )
    if wanted.confirmed_id not in (None, account.id):
        raise InputError(
            f"confirm_close: {found} is not {wanted.confirmed_id}, which is to be closed; nothing was done"
        )
    if account.state in CLOSED_STATES:
        return
    if account.is_management:
        raise InputError(
            f"email: {found} is the management account. AWS closes it only after all others, and by its root user"
        )
    if wanted.confirmed_id is None:
        raise InputError(
            f"confirm_close: {found}, named {account.name!r}, is {account.state} and would be closed. To close it, give"
            f" confirm_close={account.id!r} (in quotes)"
        )


def check_not_there(accounts: Sequence[Account], wanted: Closing) -> None:
    """Raise InputError where the account to close is there and open, but has another email."""
    for account in accounts:
        if account.id == wanted.confirmed_id and account.state not in CLOSED_STATES:
            raise InputError(
                f"email: the account {account.id}, which is to be closed, has the email {account.email}, not"
                f" {wanted.email}. Give the email that it has; nothing was done"
            )


def accept(account: Account, wanted: Wanted) -> Account:
    """Return the account that has the email if it can be the one that is wanted."""
    if account.state in CLOSED_STATES:
        raise InputError(
            f"email: the account {account.id} has the email {account.email}, and is {account.state}. The address of a"
            " closed account can never be used for another: use a new address"
        )
    if wanted.name not in (None, account.name) and not wanted.rename:
        raise InputError(
            f"name: the account {account.id} with the email {account.email} is named {account.name!r}, not"
            f" {wanted.name!r}. If it is the one that is meant (people can rename accounts in AWS), give rename=true to"
            f" have it renamed, or go on with name={account.name!r} or without name. If not, use another address"
        )
    return account


def check_new_name(name: str, option: str = "name") -> None:
    """Raise InputError for the name of an account, checked as for its creation, that no account can be given later."""
    refused = next((each for each in name if each in _NOT_IN_NEW_NAMES), None)
    if refused is not None:
        raise InputError(
            f"{option}: AWS does not rename an account to {name!r}: {refused!r} is only accepted in the name of a new"
            " account. Use another name"
        )


def failure_text(wanted: Wanted, request: Request) -> str:
    """Return what a creation that failed means and whether running again helps."""
    reason = request.reason or "no reason"
    meaning = FAILURE_REASONS.get(reason, "AWS gives no more detail. Ask AWS Support if running again fails too.")
    return f"Failed to create account {wanted.name} with the email {wanted.email} ({request.id}): {reason}: {meaning}"
