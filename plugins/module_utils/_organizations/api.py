# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls to AWS Organizations, one function for each; errors arrive as AwsError."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
)

from ansible_collections.account_factory.email.plugins.module_utils._aws import Service, error_with_code
from ansible_collections.account_factory.email.plugins.module_utils._times import utc_text

from .calls import (
    ORGANIZATIONS,
    Connection,
    call,
    pages,
)
from .model import (
    IN_PROGRESS,
    Account,
    Request,
    Wanted,
)

# A request, an account or an OU that was just made is not seen everywhere at once.
_NEW = ORGANIZATIONS.retrying(
    "AccountNotFoundException", "ChildNotFoundException", "CreateAccountStatusNotFoundException"
)
_CHANGE = ORGANIZATIONS.retrying("ConcurrentModificationException")
_CREATE_UNIT = _CHANGE.retrying("ParentNotFoundException")
_MOVE = _CHANGE.retrying("DestinationParentNotFoundException")
# CreateAccount is allowed once in ten seconds and five accounts at a time (AWS Organizations User Guide, quotas), each
# of which takes some minutes. It takes no token, but an email makes one account only: a request that was made twice
# fails with EMAIL_ALREADY_EXISTS. CloseAccount is allowed once in 20 seconds and three accounts at a time.
_SLOW = _CHANGE.retrying(tries=16, first=4, longest=60)
_CREATE = _SLOW.retrying("FinalizingOrganizationException", "ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED")
_CLOSE = _SLOW.retrying("CLOSE_ACCOUNT_REQUESTS_LIMIT_EXCEEDED")


def list_accounts(connection: Connection) -> Iterator[Account]:
    """Yield the accounts of the organization, closed ones included, in AWS's order."""
    yield from map(_account, pages(connection, "list the accounts of the organization", "list_accounts", "Accounts"))


def find_account(connection: Connection, email: str) -> Account | None:
    """Return the account of the organization that has the email, whatever its case; None if there is none.

    The accounts are listed once for each connection.
    """
    return connection.listing.by_email(email, lambda: list_accounts(connection))


def describe_account(connection: Connection, account_id: str) -> Account:
    """Return the account, which may have been made just now."""
    response = call(connection, f"describe account {account_id}", "describe_account", _NEW, AccountId=account_id)
    return _account(response["Account"])


def account_if_any(connection: Connection, account_id: str) -> Account | None:
    """Return the account, None if the organization has none with the id, or not any more."""
    try:
        response = call(connection, f"describe account {account_id}", "describe_account", AccountId=account_id)
    except error_with_code("AccountNotFoundException"):
        return None
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


def close_account(connection: Connection, account_id: str) -> None:
    """Ask for the account to be closed; AWS does it in the background."""
    call(connection, f"close account {account_id}", "close_account", _CLOSE, AccountId=account_id)


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


def request_if_any(connection: Connection, request_id: str) -> Request | None:
    """Return how far a creation is, None if AWS does not know it, or not any more."""
    try:
        return describe_request(connection, request_id)
    except error_with_code("CreateAccountStatusNotFoundException"):
        return None


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


def root_id(connection: Connection) -> str:
    """Return the id of the organization's root; AWS has one only."""
    root: str = next(pages(connection, "find the organization's root", "list_roots", "Roots"))["Id"]
    return root


def child_units(connection: Connection, place_id: str) -> dict[str, str]:
    """Return the ids of the OUs directly below a root or OU by their names."""
    found = pages(
        connection,
        f"list the OUs below {place_id}",
        "list_organizational_units_for_parent",
        "OrganizationalUnits",
        ParentId=place_id,
    )
    return {unit["Name"]: unit["Id"] for unit in found}


def accounts_in(connection: Connection, place_id: str) -> set[str]:
    """Return the ids of the accounts directly below a root or OU."""
    found = pages(
        connection, f"list the accounts in {place_id}", "list_accounts_for_parent", "Accounts", ParentId=place_id
    )
    return {account["Id"] for account in found}


def unit_name(connection: Connection, unit_id: str) -> str:
    response = call(connection, f"describe OU {unit_id}", "describe_organizational_unit", OrganizationalUnitId=unit_id)
    name: str = response["OrganizationalUnit"]["Name"]
    return name


def create_unit(connection: Connection, place_id: str, name: str) -> str:
    """Make an OU directly below a root or OU, which may have been made just now, and return its id."""
    response = call(
        connection,
        f"make the OU {name} below {place_id}",
        "create_organizational_unit",
        _CREATE_UNIT,
        ParentId=place_id,
        Name=name,
    )
    unit_id: str = response["OrganizationalUnit"]["Id"]
    return unit_id


def parent_id(connection: Connection, child_id: str) -> str:
    """Return the id of the root or OU directly above an account or OU, which may have been made just now."""
    return _parent_id(connection, child_id, _NEW)


def parent_id_if_any(connection: Connection, account_id: str) -> str | None:
    """Return the id of the root or OU that the account is in, None if the organization has no such account."""
    try:
        return _parent_id(connection, account_id, ORGANIZATIONS)
    except error_with_code("ChildNotFoundException"):
        return None


def _parent_id(connection: Connection, child_id: str, service: Service) -> str:
    response = call(connection, f"find what {child_id} is in", "list_parents", service, ChildId=child_id)
    found: str = response["Parents"][0]["Id"]
    return found


def move_account(connection: Connection, account_id: str, source_id: str, destination_id: str) -> None:
    """Move an account to another root or OU, which may have been made just now."""
    call(
        connection,
        f"move account {account_id} to {destination_id}",
        "move_account",
        _MOVE,
        AccountId=account_id,
        SourceParentId=source_id,
        DestinationParentId=destination_id,
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
