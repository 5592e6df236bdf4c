# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls to AWS Organizations, one function for each; errors arrive as AnsibleOrganizationsError."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
)

from ansible_collections.account_factory.email.plugins.module_utils._organizations.calls import (
    Connection,
    Patience,
    call,
    pages,
)
from ansible_collections.account_factory.email.plugins.module_utils._organizations.model import (
    IN_PROGRESS,
    Account,
    Request,
    Wanted,
)
from ansible_collections.account_factory.email.plugins.module_utils._times import utc_text

# A request or an account that was just made is not seen everywhere at once.
_NEW = Patience(("AccountNotFoundException", "CreateAccountStatusNotFoundException"))
_CHANGE = Patience(("ConcurrentModificationException",))
# CreateAccount is allowed once in ten seconds and five accounts at a time (AWS Organizations User Guide, quotas), each
# of which takes some minutes. It takes no token, but an email makes one account only: a request that was made twice
# fails with EMAIL_ALREADY_EXISTS.
_CREATE = Patience(
    (
        "ConcurrentModificationException",
        "FinalizingOrganizationException",
        "ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED",
    ),
    tries=16,
    first=4,
    longest=60,
)


def list_accounts(connection: Connection) -> Iterator[Account]:
    """Yield the accounts of the organization, closed ones included, in AWS's order."""
    yield from map(_account, pages(connection, "list the accounts of the organization", "list_accounts", "Accounts"))


def find_account(connection: Connection, email: str) -> Account | None:
    """Return the account of the organization that has the email, whatever its case; None if there is none."""
    return next((account for account in list_accounts(connection) if account.email.lower() == email.lower()), None)


def describe_new_account(connection: Connection, account_id: str) -> Account:
    """Return the account, which may have been made just now."""
    response = call(connection, f"describe account {account_id}", "describe_account", _NEW, AccountId=account_id)
    return _account(response["Account"])


def create_account(connection: Connection, wanted: Wanted) -> Request:
    """Ask for the account; AWS makes it in the background."""
    parameters = {
        "Email": wanted.email,
        "AccountName": wanted.name,
        "RoleName": wanted.role_name,
        "IamUserAccessToBilling": wanted.iam_user_access_to_billing,
        "Tags": ansible_dict_to_boto3_tag_list(wanted.tags) if wanted.tags else None,
    }
    given = {name: value for name, value in parameters.items() if value is not None}
    response = call(connection, f"create account {wanted.name}", "create_account", _CREATE, **given)
    return _request(response["CreateAccountStatus"])


def describe_request(connection: Connection, request_id: str) -> Request:
    """Return how far a creation is, which may have been asked for just now."""
    response = call(
        connection,
        f"describe account creation {request_id}",
        "describe_create_account_status",
        _NEW,
        CreateAccountRequestId=request_id,
    )
    return _request(response["CreateAccountStatus"])


def requests_in_progress(connection: Connection, name: str) -> list[Request]:
    """Return the creations of accounts of that name that are in progress; AWS does not tell their email."""
    found = pages(
        connection,
        "list account creations",
        "list_create_account_status",
        "CreateAccountStatuses",
        States=[IN_PROGRESS],
    )
    return [_request(data) for data in found if data.get("AccountName") == name]


def list_tags(connection: Connection, account_id: str) -> dict[str, str]:
    """Return the account's tags less those that AWS keeps for itself."""
    found = pages(
        connection,
        f"list the tags of account {account_id}",
        "list_tags_for_resource",
        "Tags",
        ResourceId=account_id,
    )
    tags: dict[str, str] = boto3_tag_list_to_ansible_dict(list(found))
    return {key: value for key, value in tags.items() if not key.startswith("aws:")}


def tag_account(connection: Connection, account_id: str, tags: Mapping[str, str]) -> None:
    call(
        connection,
        f"tag account {account_id}",
        "tag_resource",
        _CHANGE,
        ResourceId=account_id,
        Tags=ansible_dict_to_boto3_tag_list(tags),
    )


def untag_account(connection: Connection, account_id: str, keys: Sequence[str]) -> None:
    call(
        connection,
        f"remove tags of account {account_id}",
        "untag_resource",
        _CHANGE,
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
