# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is told of the groups that were not taken over, and of those that were. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._owner_group import (
    MEMBERS_MAX,
    OwnerGroup,
    Refusal,
)

from .plan import GroupPlan

_ACCEPT = "If that is meant: ansible-playbook account_factory.email.sync_owners -e account_factory_accept_loss={}"
_LOOK = "See who names it: ansible-playbook account_factory.email.list_addresses -e account_factory_owner_group={}"


def described(groups: Iterable[OwnerGroup | None]) -> dict[str, dict[str, Any]]:
    """Return the groups by their ids, without the times at which they were found so."""
    names = ("name", "mailboxes", "identity_store_id", "refused")
    return {one.group_id: {name: one.to_dict()[name] for name in names} for one in groups if one}


def failures_of(plans: Iterable[GroupPlan]) -> list[dict[str, Any]]:
    """Return the groups that were not taken over, each with why, and the command that helps."""
    return [_failure(plan, plan.refused) for plan in plans if plan.refused]


def _failure(plan: GroupPlan, refused: Refusal) -> dict[str, Any]:
    name = plan.name or None
    losable = refused in (Refusal.EMPTIED, Refusal.SHRUNK) and plan.before is not None
    return {
        "group_id": plan.group_id,
        "name": name,
        "refused": refused.value,
        "msg": f"the group {f'{name} ({plan.group_id})' if name else plan.group_id} {_why(plan, refused)}",
        "remedy": (_ACCEPT if losable else _LOOK).format(plan.group_id),
    }


def _why(plan: GroupPlan, refused: Refusal) -> str:
    last = len(plan.before.mailboxes) if plan.before else 0
    kept = _kept(len(plan.after.mailboxes)) if plan.after else "the map does not take it up"
    why: Mapping[Refusal, str] = {
        Refusal.EMPTIED: "has no member in IAM Identity Center that gets mail",
        Refusal.SHRUNK: f"lost {len(plan.left)} of its {last} members at once",
        Refusal.DELETED: "is not in this identity store of IAM Identity Center (any more)",
        Refusal.TOO_LARGE: (
            f"has more than {MEMBERS_MAX} members, who would get a copy of every mail each; name a smaller group"
        ),
    }
    return f"{why[refused]}; {kept}"


def _kept(number: int) -> str:
    if number == 0:
        return "nobody gets mail by it"
    return f"the last {number} {'member goes' if number == 1 else 'members go'} on getting the mail"
