# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls to AWS Account Management; errors arrive as AwsError, without codes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.waiter import BaseWaiterFactory, custom_waiter_config

from ansible_collections.account_factory.email.plugins.module_utils._aws import AwsError, Service, error_with_code

from .model import COMPLETED, FAILED, PENDING

_REFUSED = "ValidationException"
_NEW_CODE = (
    "The code is wrong or has expired, or a newer one took its place. Run again without otp: AWS then mails a new code."
)
_HOURS = "changes to an account can take up to four hours to be seen everywhere. Run again later."
_AGAIN = f"AWS has accepted the code, and {_HOURS}"
_FAILED = "AWS has accepted the code and then failed to change the email. Run again: AWS then mails a new code."
_AGAIN_NAMED = f"AWS has accepted the name, and {_HOURS}"
_TRUST = (
    "organization needs all features, and trusted access for AWS Account Management: aws organizations"
    " enable-aws-service-access --service-principal account.amazonaws.com."
)
REMEDIES = {
    "AccessDeniedException": (
        "Use credentials of the organization's management account, or of a delegated administrator for AWS Account"
        " Management, with the permissions that the module's documentation lists, for a member account (the management"
        " account's own email is changed by its root user only). The"
        f" {_TRUST}"
    ),
    "ConflictException": (
        "Another AWS account has or had this email address. Running again does not help: use another address."
    ),
    "ResourceNotFoundException": "Give account_id the id of an account of this organization.",
    "TooManyRequestsException": "AWS allows three starts in 30 seconds for an account: run again in a minute.",
}
# The same for what is about names.
NAME_REMEDIES = {
    "AccessDeniedException": (
        "Use credentials of the organization's management account with account:GetAccountInformation and"
        f" account:PutAccountName. To rename a member account, the {_TRUST}"
    ),
    "TooManyRequestsException": "AWS takes one new name a second: run again in a minute.",
}


class CodeRefusedError(AwsError):
    """AWS does not take the code."""


_TRANSIENT = ("InternalServerException", "ThrottlingException", "TooManyRequestsException")
# Starts are limited to three in 30 seconds for an account, and starts and accepts to one a second for a caller (AWS
# Account Management Reference Guide, "Quotas").
_ACCOUNT = Service(retried=_TRANSIENT, remedies=REMEDIES, tries=10)
_NAMES = _ACCOUNT.retrying(remedies={**REMEDIES, **NAME_REMEDIES})


def primary_email(client: Any, account_id: str) -> str:
    """Return the email of a member account."""
    answer = _ACCOUNT.call(f"look up the email of account {account_id}", client.get_primary_email, AccountId=account_id)
    email: str = answer["PrimaryEmail"]
    return email


def start_update(client: Any, account_id: str, email: str) -> None:
    """Let AWS mail a code to the new email; codes mailed before are worthless from now on."""
    _ACCOUNT.call(
        f"start to change the email of account {account_id} to {email}",
        client.start_primary_email_update,
        AccountId=account_id,
        PrimaryEmail=email,
    )


def update_status(client: Any, account_id: str) -> str | None:
    """Return what became of the latest change of an account's email: PENDING, ACCEPTED, COMPLETED or FAILED.

    None where AWS does not tell: there was no change, the credentials may not ask, or botocore does not know how to.
    """
    operation = getattr(client, "get_primary_email_update_status", None)
    if operation is None:
        return None
    try:
        answer = _ACCOUNT.call(
            f"look up the change of the email of account {account_id}", operation, AccountId=account_id
        )
    except error_with_code("AccessDeniedException", "ResourceNotFoundException"):
        return None
    status: str = answer["Status"]
    return status


def accept_update(client: Any, account_id: str, email: str, code: str) -> None:
    """Give AWS the code; CodeRefusedError if it does not take it."""
    try:
        _ACCOUNT.call(
            f"change the email of account {account_id} to {email}",
            client.accept_primary_email_update,
            AccountId=account_id,
            PrimaryEmail=email,
            Otp=code,
        )
    except AwsError as error:
        refused = _without(code, error)
    else:
        return
    # Raised out here, so that it does not bring along the error as AWS wrote it, which may repeat the code.
    raise refused


def _without(code: str, error: AwsError) -> AwsError:
    """Return the error without the code, whoever repeats it."""
    cause: Any = error.exception
    if error.code:
        said = cause.response["Error"]
        kept = {**said, "Message": said.get("Message", "").replace(code, "(the code)")}
        cause = type(cause)({"Error": kept}, cause.operation_name)
    if error.code == _REFUSED:
        return CodeRefusedError(error.message, cause, remedy=_NEW_CODE)
    return error.but(exception=cause)


@dataclass(frozen=True)
class Information:
    """What Account Management knows about an account, at once: Organizations may list another name for hours."""

    account_id: str
    name: str


def information(client: Any, account_id: str, is_own: bool) -> Information:
    """Return what is known about a member account, or with ``is_own`` about the account that the credentials are of."""
    answer = _NAMES.call(
        f"look up the name of account {account_id}", client.get_account_information, **_about(account_id, is_own)
    )
    return Information(answer.get("AccountId", ""), answer["AccountName"])


def put_name(client: Any, account_id: str, is_own: bool, name: str) -> None:
    """Rename a member account, or with ``is_own`` the account that the credentials are of, whichever it is."""
    _NAMES.call(
        f"rename account {account_id} to {name!r}",
        client.put_account_name,
        AccountName=name,
        **_about(account_id, is_own),
    )


def _about(account_id: str, is_own: bool) -> dict[str, str]:
    # AWS Account Management API Reference, PutAccountName: the management account cannot give its own AccountId.
    return {} if is_own else {"AccountId": account_id}


class _WaiterFactory(BaseWaiterFactory):
    """Waiters until AWS shows what was changed as it is ``expected``."""

    def __init__(self, expected: str) -> None:
        self._expected = expected
        super().__init__()

    @property
    def _waiter_model_data(self) -> dict[str, Any]:
        return {
            "primary_email_changed": self._until("GetPrimaryEmail", "PrimaryEmail"),
            "account_name_changed": self._until("GetAccountInformation", "AccountName"),
            "primary_email_update_settled": {
                **self._until("GetPrimaryEmailUpdateStatus", "Status"),
                "acceptors": [
                    *(
                        {"state": "success", "matcher": "path", "expected": end, "argument": "Status"}
                        for end in (COMPLETED, FAILED, PENDING)
                    ),
                    *({"state": "retry", "matcher": "error", "expected": code} for code in _TRANSIENT),
                ],
            },
        }

    def _until(self, operation: str, member: str) -> dict[str, Any]:
        return {
            "operation": operation,
            "delay": 2,
            "maxAttempts": 300,
            "acceptors": [
                {"state": "success", "matcher": "path", "expected": self._expected, "argument": member},
                *({"state": "retry", "matcher": "error", "expected": code} for code in _TRANSIENT),
            ],
        }


def wait_for_email(client: Any, account_id: str, email: str, timeout: int) -> None:
    """Return once AWS shows the account with the email, which takes ``timeout`` seconds at most."""
    waiter = _WaiterFactory(email).get_waiter(client, "primary_email_changed")
    try:
        _ACCOUNT.call(
            f"see the account {account_id} with the email {email}",
            waiter.wait,
            AccountId=account_id,
            WaiterConfig=custom_waiter_config(timeout),
        )
    except AwsError as error:
        remedy = _FAILED if update_status(client, account_id) == FAILED else _AGAIN
        raise error.but(remedy=remedy) from error


def wait_for_update(client: Any, account_id: str, timeout: int) -> None:
    """Return once a change of the email that AWS has accepted took effect or failed, in ``timeout`` seconds at most."""
    waiter = _WaiterFactory("").get_waiter(client, "primary_email_update_settled")
    try:
        _ACCOUNT.call(
            f"see the change of the email of account {account_id} take effect",
            waiter.wait,
            AccountId=account_id,
            WaiterConfig=custom_waiter_config(timeout),
        )
    except AwsError as error:
        raise error.but(remedy=_AGAIN) from error


def wait_for_name(client: Any, account_id: str, is_own: bool, name: str, timeout: int) -> None:
    """Return once AWS shows the account with the name, which takes ``timeout`` seconds at most."""
    waiter = _WaiterFactory(name).get_waiter(client, "account_name_changed")
    try:
        _NAMES.call(
            f"see account {account_id} with the name {name!r}",
            waiter.wait,
            **_about(account_id, is_own),
            WaiterConfig=custom_waiter_config(timeout),
        )
    except AwsError as error:
        raise error.but(remedy=_AGAIN_NAMED) from error
