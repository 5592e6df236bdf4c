# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls to IAM Identity Center, one function for each operation; errors arrive as AwsError."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._aws import Service

from .model import User

# Identity Store API Reference: MaxResults of each of the lists.
PAGE = 100
# IAM Identity Center User Guide, "Quotas": the Identity Store APIs allow 20 requests a second, all together.
SECONDS_A_CALL = 1 / 20
_SERVICE = Service(
    retried=("InternalServerException", "ThrottlingException"),
    remedies={
        "AccessDeniedException": (
            "IAM Identity Center is to be read from the organization's management account, from its delegated"
            " administrator, or from a member account that may read it: give identity_center_role_arn or"
            " identity_center_profile, and the permission that the message names."
        ),
        "ResourceNotFoundException": (
            "Check identity_store_id and identity_center_region, the Region that IAM Identity Center was enabled in."
        ),
    },
)


@dataclass(frozen=True)
class Directory:
    """An identity store: a client of it and its id."""

    client: Any
    store_id: str


def list_instances(sso_admin: Any) -> list[dict[str, Any]]:
    """Return the instances of IAM Identity Center of the client's Region, as AWS describes them."""
    found: list[dict[str, Any]] = []
    token: dict[str, str] = {}
    while True:
        answer = _SERVICE.call("find IAM Identity Center (sso:ListInstances)", sso_admin.list_instances, **token)
        found.extend(answer["Instances"])
        if not answer.get("NextToken"):
            return found
        token = {"NextToken": answer["NextToken"]}


def describe_group(directory: Directory, group_id: str) -> str | None:
    """Return the name of a group, None where there is no such group."""

    def ask() -> str | None:
        answer = _unless_gone(directory, directory.client.describe_group, GroupId=group_id)
        return None if answer is None else str(answer.get("DisplayName") or "")

    name: str | None = _SERVICE.call(f"read the group {group_id} of IAM Identity Center", ask)
    return name


def describe_user(directory: Directory, user_id: str) -> User | None:
    """Return a user, None where there is no such user."""

    def ask() -> User | None:
        answer = _unless_gone(directory, directory.client.describe_user, UserId=user_id)
        return None if answer is None else _user(answer)

    user: User | None = _SERVICE.call(f"read the user {user_id} of IAM Identity Center", ask)
    return user


def list_groups(directory: Directory, token: str | None) -> tuple[dict[str, str], str | None]:
    """Return a page of the groups, names by ids, and where the next one begins, None after the last."""
    answer = _SERVICE.call(
        "list the groups of IAM Identity Center",
        directory.client.list_groups,
        IdentityStoreId=directory.store_id,
        MaxResults=PAGE,
        **_from(token),
    )
    return {one["GroupId"].lower(): str(one.get("DisplayName") or "") for one in answer["Groups"]}, _next(answer)


def list_users(directory: Directory, token: str | None) -> tuple[dict[str, User], str | None]:
    """Return a page of the users by their ids, and where the next one begins, None after the last."""
    answer = _SERVICE.call(
        "list the users of IAM Identity Center",
        directory.client.list_users,
        IdentityStoreId=directory.store_id,
        MaxResults=PAGE,
        **_from(token),
    )
    return {one["UserId"]: _user(one) for one in answer["Users"]}, _next(answer)


def list_memberships(directory: Directory, group_id: str) -> tuple[list[str], bool] | None:
    """Return the ids of the first PAGE users in a group and whether there are more; None where there is no such group.

    What is a member and no user is left out: there is no such thing yet (Identity Store API Reference, MemberId).
    """

    def ask() -> tuple[list[str], bool] | None:
        answer = _unless_gone(directory, directory.client.list_group_memberships, GroupId=group_id, MaxResults=PAGE)
        if answer is None:
            return None
        members = [one["MemberId"]["UserId"] for one in answer["GroupMemberships"] if "UserId" in one["MemberId"]]
        return members, _next(answer) is not None

    found: tuple[list[str], bool] | None = _SERVICE.call(
        f"list the members of the group {group_id} of IAM Identity Center", ask
    )
    return found


def _unless_gone(directory: Directory, operation: Callable[..., Any], **parameters: Any) -> dict[str, Any] | None:
    """Return the answer, None where there is no such group or user; that the store is not there is an error."""
    try:
        answer: dict[str, Any] = operation(IdentityStoreId=directory.store_id, **parameters)
    except directory.client.exceptions.ResourceNotFoundException as error:
        if error.response.get("ResourceType") == "IDENTITY_STORE":
            raise
        return None
    return answer


def _from(token: str | None) -> dict[str, str]:
    return {"NextToken": token} if token else {}


def _next(answer: dict[str, Any]) -> str | None:
    return answer.get("NextToken") or None


def _user(said: dict[str, Any]) -> User:
    """Return a user. Without a status, as of users from before there was one, it is enabled."""
    emails = [one.get("Value") for one in said.get("Emails") or []]
    name = str(said.get("UserName") or said.get("DisplayName") or said["UserId"])
    return User(said["UserId"], name, next(filter(None, emails), None), said.get("UserStatus") != "DISABLED")
