# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a synchronisation of groups may be asked for. Pure; what is refused is an InputError that names the option."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._owner_group import normalise_group_id
from ansible_collections.account_factory.email.plugins.module_utils._text import TEXT_TYPE

from .syncing import Asked

SYNC_SPEC: dict[str, Any] = {
    "groups": {"type": "list", "elements": "str", "default": []},
    "max_loss_percent": {"type": "int", "default": 50},
    "accept": {"type": "list", "elements": "str", "default": []},
    "purge": {"type": "bool", "default": False},
    "identity_store_id": {"type": TEXT_TYPE},
    "identity_center_region": {"type": "str"},
}
# Identity Store API Reference, IdentityStoreId.
_STORE_ID = re.compile(r"d-[0-9a-f]{10}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


def build_asked(options: Mapping[str, Any], *, check_mode: bool) -> Asked:
    """Return what the options ask for."""
    percent = options["max_loss_percent"]
    if not 0 <= percent <= 100:
        raise InputError(f"max_loss_percent: {percent} is no share of a hundred; give 0 to 100")
    return Asked(
        group_ids=_ids("groups", options["groups"]),
        max_loss_percent=percent,
        accepted=_ids("accept", options["accept"]),
        purge=options["purge"],
        check_mode=check_mode,
    )


def _ids(option: str, given: Sequence[str]) -> tuple[str, ...]:
    found = []
    for index, one in enumerate(given):
        known = normalise_group_id(one)
        if known is None:
            raise InputError(
                f"{option}[{index}]: {one!r} is not the id of a group of IAM Identity Center; give its GroupId, not its"
                " name, as the console shows it and `aws identitystore list-groups` lists it"
            )
        found.append(known)
    return tuple(dict.fromkeys(found))


def checked_store_id(store_id: str | None) -> str | None:
    """Return the id of an identity store, None where it is not given."""
    text = (store_id or "").strip()
    if text and not _STORE_ID.fullmatch(text):
        raise InputError(
            f"identity_store_id: {text!r} is not the id of an identity store; it reads d-1234567890, and"
            " `aws sso-admin list-instances` shows it"
        )
    return text or None
