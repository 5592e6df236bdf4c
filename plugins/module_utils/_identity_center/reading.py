# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the groups and their members by as few calls as are needed: the Identity Store allows 20 a second."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError

from . import api
from .model import Reading, User

Found = TypeVar("Found")
# A list takes a call for each page, of which nobody says beforehand how many there are.
_FEW = 3


def find_store(sso_admin: Any) -> str:
    """Return the id of the identity store of the only instance there is; raise InputError where there is not one."""
    stores = sorted({one["IdentityStoreId"] for one in api.list_instances(sso_admin)})
    region = sso_admin.meta.region_name
    if not stores:
        raise InputError(
            f"identity_center_region: IAM Identity Center has no instance in {region} that these credentials see; give"
            " the Region in which it was enabled, or identity_center_role_arn of the account that it is in"
        )
    if len(stores) > 1:
        raise InputError(
            f"identity_store_id: there are {len(stores)} instances of IAM Identity Center in {region}, with the stores"
            f" {', '.join(stores)}; give one of them"
        )
    return str(stores[0])


def read_groups(directory: api.Directory, group_ids: Sequence[str]) -> list[Reading]:
    """Return what the directory says of each group, a page of members at most: that is more than may own anything."""
    names = _known(
        group_ids,
        lambda token: api.list_groups(directory, token),
        lambda group_id: api.describe_group(directory, group_id),
    )
    return [_reading(directory, group_id, names.get(group_id)) for group_id in group_ids]


def _reading(directory: api.Directory, group_id: str, name: str | None) -> Reading:
    members = None if name is None else api.list_memberships(directory, group_id)
    if members is None:
        return Reading(group_id)
    return Reading(group_id, name, tuple(members[0]), members[1])


def read_users(directory: api.Directory, user_ids: Iterable[str]) -> dict[str, User]:
    """Return those of the users that there are, by their ids."""
    return _known(
        sorted({*user_ids}),
        lambda token: api.list_users(directory, token),
        lambda user_id: api.describe_user(directory, user_id),
    )


def _known(
    wanted: Sequence[str],
    page: Callable[[str | None], tuple[dict[str, Found], str | None]],
    one: Callable[[str], Found | None],
) -> dict[str, Found]:
    """Return what is known of those that are wanted: from a list, or one by one where that is cheaper.

    The list is read as long as its pages are fewer than the calls that are left without it, so that at most twice the
    cheaper way is called, and what it does not have is asked for by itself: the list may be older than it is.
    """
    found: dict[str, Found] = {}
    left, pages, token = set(wanted), 0, None
    while len(left) > max(_FEW, pages):
        listed, token = page(token)
        pages += 1
        found.update({key: listed[key] for key in left & listed.keys()})
        left -= listed.keys()
        if token is None:
            break
    described = {key: one(key) for key in sorted(left)}
    found.update({key: value for key, value in described.items() if value is not None})
    return found
