# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls to AWS Organizations, one function for each; errors arrive as AnsibleOrganizationsError."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.botocore import paginated_query_with_retries
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry
from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
)
from ansible_collections.amazon.aws.plugins.module_utils.waiter import BaseWaiterFactory, custom_waiter_config

from ansible_collections.account_factory.email.plugins.module_utils._organizations.model import (
    FAILED,
    IN_PROGRESS,
    SUCCEEDED,
    Account,
    Request,
    Wanted,
)
from ansible_collections.account_factory.email.plugins.module_utils._times import utc_text

_MANAGEMENT = (
    "Accounts are created from the organization's management account only, and listed from there or from a delegated"
    " administrator's account: use credentials of it with the permissions that the module's documentation lists."
)
# By error code, or by the reason where a code has several.
REMEDIES = {
    "AccessDeniedException": _MANAGEMENT,
    "ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED": "Too many accounts are being created at the moment: run again later.",
    "ACCOUNT_NUMBER_LIMIT_EXCEEDED": (
        "Have the quota 'Default maximum number of accounts' raised (Service Quotas, in us-east-1), then run again. In"
        " an organization that is less than an hour old, run again later first."
    ),
    "AWSOrganizationsNotInUseException": f"The account of these credentials is in no organization. {_MANAGEMENT}",
    "CreateAccountStatusNotFoundException": (
        "Give create_account_request_id as CreateAccount of this organization returned it, or leave it away."
    ),
    "FinalizingOrganizationException": "The organization is new and not ready yet: run again in an hour.",
}


class AnsibleOrganizationsError(AnsibleAWSError):
    """A call to Organizations that failed; ``remedy`` is what to do about it, None where that is not known."""

    @property
    def remedy(self) -> str | None:
        answer = _answer(self.exception)
        code = answer.get("Error", {}).get("Code", "")
        return self.kwargs.get("remedy") or REMEDIES.get(answer.get("Reason", "")) or REMEDIES.get(code)


def _answer(exception: Any) -> Mapping[str, Any]:
    """Return the error that AWS answered with; a waiter keeps it apart."""
    return getattr(exception, "response", None) or getattr(exception, "last_response", None) or {}


class OrganizationsErrorHandler(AWSErrorHandler):
    _CUSTOM_EXCEPTION = AnsibleOrganizationsError


class _Retry(AWSRetry):
    @staticmethod
    def status_code_from_exception(error: Any) -> str:
        """Return the code, or where a code has reasons of which only some pass by themselves, the reason."""
        code: str = error.response["Error"]["Code"]
        return error.response.get("Reason", code) if code == "ConstraintViolationException" else code


_TRANSIENT = ["ServiceException", "ThrottlingException", "TooManyRequestsException"]
_RETRY = _Retry.jittered_backoff(retries=8, delay=1, max_delay=20, catch_extra_error_codes=_TRANSIENT)
# A request or an account that was just made is not seen everywhere at once.
_RETRY_NEW = _Retry.jittered_backoff(
    retries=8,
    delay=1,
    max_delay=20,
    catch_extra_error_codes=[*_TRANSIENT, "AccountNotFoundException", "CreateAccountStatusNotFoundException"],
)
_RETRY_CHANGE = _Retry.jittered_backoff(
    retries=8, delay=1, max_delay=20, catch_extra_error_codes=[*_TRANSIENT, "ConcurrentModificationException"]
)
# CreateAccount is allowed once in ten seconds and five accounts at a time (AWS Organizations User Guide, quotas). It
# takes no token, but an email makes one account only: a request that was made twice fails with EMAIL_ALREADY_EXISTS.
_RETRY_CREATE = _Retry.jittered_backoff(
    retries=10,
    delay=4,
    max_delay=60,
    catch_extra_error_codes=[
        *_TRANSIENT,
        "ConcurrentModificationException",
        "FinalizingOrganizationException",
        "ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED",
    ],
)


class _WaiterFactory(BaseWaiterFactory):
    @property
    def _waiter_model_data(self) -> dict[str, Any]:
        state = "CreateAccountStatus.State"
        # A request that was just made is not seen everywhere at once, hence the last but one.
        passing = [*_TRANSIENT, "CreateAccountStatusNotFoundException"]
        return {
            "account_creation_settled": {
                "operation": "DescribeCreateAccountStatus",
                "delay": 2,
                "maxAttempts": 450,
                "acceptors": [
                    {"state": "success", "matcher": "path", "expected": SUCCEEDED, "argument": state},
                    {"state": "success", "matcher": "path", "expected": FAILED, "argument": state},
                    {"state": "retry", "matcher": "path", "expected": IN_PROGRESS, "argument": state},
                    *({"state": "retry", "matcher": "error", "expected": code} for code in passing),
                ],
            }
        }


def _call(description: str, operation: Callable[..., Any], retry: Any = _RETRY, **parameters: Any) -> Any:
    """Call the operation, retried as said; ``description`` completes "Failed to ..."."""
    return OrganizationsErrorHandler.common_error_handler(description)(retry(operation))(**parameters)


def _list(description: str, client: Any, operation: str, **parameters: Any) -> Any:
    """Return all pages of a list operation as one."""
    handler = OrganizationsErrorHandler.common_error_handler(description)
    return handler(paginated_query_with_retries)(client, operation, _RETRY, **parameters)


def list_accounts(client: Any) -> Iterator[Account]:
    """Yield the accounts of the organization, closed ones included, in AWS's order.

    Each page is retried by itself: a large organization has hundreds, of which AWS gives about eight a second.
    """
    token: dict[str, str] = {}
    while True:
        page = _call("list the accounts of the organization", client.list_accounts, **token)
        yield from map(_account, page["Accounts"])
        # A page may be empty and still not be the last one.
        if not page.get("NextToken"):
            return
        token = {"NextToken": page["NextToken"]}


def find_account(client: Any, email: str) -> Account | None:
    """Return the account of the organization that has the email, whatever its case; None if there is none."""
    return next((account for account in list_accounts(client) if account.email.lower() == email.lower()), None)


def describe_new_account(client: Any, account_id: str) -> Account:
    """Return the account, which may have been made just now."""
    response = _call(f"describe account {account_id}", client.describe_account, _RETRY_NEW, AccountId=account_id)
    return _account(response["Account"])


def create_account(client: Any, wanted: Wanted) -> Request:
    """Ask for the account; AWS makes it in the background."""
    parameters = {
        "Email": wanted.email,
        "AccountName": wanted.name,
        "RoleName": wanted.role_name,
        "IamUserAccessToBilling": wanted.iam_user_access_to_billing,
        "Tags": ansible_dict_to_boto3_tag_list(wanted.tags) if wanted.tags else None,
    }
    given = {name: value for name, value in parameters.items() if value is not None}
    response = _call(f"create account {wanted.name}", client.create_account, _RETRY_CREATE, **given)
    return _request(response["CreateAccountStatus"])


def describe_request(client: Any, request_id: str) -> Request:
    """Return how far a creation is, which may have been asked for just now."""
    response = _call(
        f"describe account creation {request_id}",
        client.describe_create_account_status,
        _RETRY_NEW,
        CreateAccountRequestId=request_id,
    )
    return _request(response["CreateAccountStatus"])


def requests_in_progress(client: Any, name: str) -> list[Request]:
    """Return the creations of accounts of that name that are in progress; AWS does not tell their email."""
    response = _list("list account creations", client, "list_create_account_status", States=[IN_PROGRESS])
    return [_request(data) for data in response["CreateAccountStatuses"] if data.get("AccountName") == name]


def wait_for_request(client: Any, request_id: str, timeout: int) -> Request:
    """Return the creation once it is no longer in progress, which takes ``timeout`` seconds at most."""
    # Not settled in the first second is no error: the long wait goes on, and meets whatever else was wrong again.
    with contextlib.suppress(AnsibleOrganizationsError):
        _wait(client, request_id, {"Delay": 0.5, "MaxAttempts": 3})
        return describe_request(client, request_id)
    _wait(client, request_id, custom_waiter_config(timeout))
    return describe_request(client, request_id)


def _wait(client: Any, request_id: str, config: Mapping[str, float]) -> None:
    waiter = _WaiterFactory().get_waiter(client, "account_creation_settled")
    handler = OrganizationsErrorHandler.common_error_handler(f"create an account ({request_id})")
    try:
        handler(waiter.wait)(CreateAccountRequestId=request_id, WaiterConfig=config)
    except AnsibleOrganizationsError as error:
        if "Error" in _answer(error.exception):
            raise AnsibleOrganizationsError(f"Failed to wait for {request_id}", error.exception) from error
        remedy = f"AWS goes on with it: run again to wait on, with create_account_request_id={request_id} to be sure."
        raise AnsibleOrganizationsError(error.message, error.exception, remedy=remedy) from error


def list_tags(client: Any, account_id: str) -> dict[str, str]:
    """Return the account's tags less those that AWS keeps for itself."""
    response = _list(f"list the tags of account {account_id}", client, "list_tags_for_resource", ResourceId=account_id)
    tags: dict[str, str] = boto3_tag_list_to_ansible_dict(response["Tags"])
    return {key: value for key, value in tags.items() if not key.startswith("aws:")}


def tag_account(client: Any, account_id: str, tags: Mapping[str, str]) -> None:
    _call(
        f"tag account {account_id}",
        client.tag_resource,
        _RETRY_CHANGE,
        ResourceId=account_id,
        Tags=ansible_dict_to_boto3_tag_list(tags),
    )


def untag_account(client: Any, account_id: str, keys: Sequence[str]) -> None:
    _call(
        f"remove tags of account {account_id}",
        client.untag_resource,
        _RETRY_CHANGE,
        ResourceId=account_id,
        TagKeys=list(keys),
    )


def _account(data: Mapping[str, Any]) -> Account:
    joined = data.get("JoinedTimestamp")
    return Account(
        # AWS's reference requires neither of them.
        email=data.get("Email", ""),
        name=data.get("Name", ""),
        id=data["Id"],
        arn=data["Arn"],
        # State replaces Status, which AWS retires; an older botocore knows only the latter.
        state=data.get("State") or data.get("Status"),
        joined_method=data.get("JoinedMethod"),
        joined_timestamp=utc_text(joined) if joined else None,
    )


def _request(data: Mapping[str, Any]) -> Request:
    return Request(
        id=data["Id"],
        name=data.get("AccountName", ""),
        state=data["State"],
        account_id=data.get("AccountId"),
        reason=data.get("FailureReason"),
    )
