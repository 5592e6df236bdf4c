# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of the groups of owners in the map, and which of the directory's changes are not taken over. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._owner_group import (
    MEMBERS_MAX,
    OwnerGroup,
    Refusal,
    each_once,
    members_of,
)
from ansible_collections.account_factory.email.plugins.module_utils._record import AddressRecord
from ansible_collections.account_factory.email.plugins.module_utils._times import utc_text

from .model import Reading, Skipped, User, judge_members

# How old the note that a group was found as it is may get before it is written anew: a write an hour at most.
_NOTED_FOR = timedelta(hours=1)


@dataclass(frozen=True)
class Rules:
    """What decides beside the directory: the vended domains, the loss that is plausible in percent of a group's
    members, the ids of the groups whose loss a person accepts, the identity store and the present moment.
    """

    domains: Collection[str]
    max_loss_percent: int
    accepted: Collection[str]
    identity_store_id: str
    now: datetime


@dataclass(frozen=True)
class GroupPlan:
    """What becomes of a group: its item before and after, None where there is none.

    ``joined`` and ``left`` are mailboxes by what the directory says, which a guard may not have taken over: then
    ``refused`` says why.
    """

    group_id: str
    before: OwnerGroup | None
    after: OwnerGroup | None
    refused: Refusal | None = None
    joined: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether what the map says of the group changes, but for when that was found last."""
        return _meaning(self.before) != _meaning(self.after)

    @property
    def name(self) -> str:
        """Return the name that the group is shown by; two groups may have the same."""
        known = self.after or self.before
        return known.name if known else ""

    @property
    def is_written(self) -> bool:
        return self.before != self.after

    def to_dict(self) -> dict[str, Any]:
        """Return the plan as a module returns it."""
        shown = self.after or self.before or OwnerGroup(self.group_id)
        return {
            "group_id": self.group_id,
            "name": shown.name or None,
            "mailboxes": list(shown.mailboxes),
            "joined": list(self.joined),
            "left": list(self.left),
            "refused": self.refused.value if self.refused else None,
            "refused_at": shown.refused_at if self.refused else None,
            "skipped": [{"user": one.user, "reason": one.reason.value} for one in self.skipped],
        }


def _meaning(group: OwnerGroup | None) -> OwnerGroup | None:
    return group and replace(group, synced_at="", version=0)


def plan_group(reading: Reading, before: OwnerGroup | None, users: Mapping[str, User], rules: Rules) -> GroupPlan:
    """Return what becomes of a group by what the directory says of it now, and by what it was."""
    mailboxes, skipped = judge_members(reading.user_ids, users, rules.domains)
    last = before.mailboxes if before else ()
    joined, left = _without(mailboxes, last), _without(last, mailboxes)
    refused = _refusal(reading, mailboxes, last, rules, is_new=before is None)
    if refused is None or (refused is Refusal.DELETED and reading.group_id in rules.accepted):
        after: OwnerGroup | None = _taken_over(reading, before, mailboxes, rules)
        after = after and replace(after, **_refused(refused, before, rules))
    else:
        after = before and replace(before, **_refused(refused, before, rules))
    return GroupPlan(reading.group_id, before, _settled(before, after, rules), refused, joined, left, skipped)


def _without(some: Iterable[str], others: Iterable[str]) -> tuple[str, ...]:
    known = {other.lower() for other in others}
    return tuple(one for one in some if one.lower() not in known)


def _refusal(
    reading: Reading, mailboxes: tuple[str, ...], last: tuple[str, ...], rules: Rules, *, is_new: bool
) -> Refusal | None:
    """Return why the members are not taken over, None where they are.

    A directory that lost its members, by a broken SCIM provisioning say, looks as one from which people were removed.
    """
    if reading.name is None:
        return Refusal.DELETED
    if reading.is_cut or len(mailboxes) > MEMBERS_MAX:
        return Refusal.TOO_LARGE
    if is_new:
        return None if mailboxes else Refusal.EMPTIED
    if not last or reading.group_id in rules.accepted:
        return None
    if not mailboxes:
        return Refusal.EMPTIED
    lost = len(_without(last, mailboxes))
    return Refusal.SHRUNK if lost * 100 > rules.max_loss_percent * len(last) else None


def _taken_over(reading: Reading, before: OwnerGroup | None, mailboxes: tuple[str, ...], rules: Rules) -> OwnerGroup:
    now = utc_text(rules.now)
    known = {mailbox.lower(): since for mailbox, since in (before.members_since if before else {}).items()}
    group = before or OwnerGroup(reading.group_id, version=0)
    return replace(
        group,
        name=reading.name or group.name,
        mailboxes=mailboxes,
        members_since={mailbox: known.get(mailbox.lower(), now) for mailbox in mailboxes},
        identity_store_id=rules.identity_store_id,
        synced_at=now,
    )


def _refused(refused: Refusal | None, before: OwnerGroup | None, rules: Rules) -> dict[str, Any]:
    """Return what the item says of a refusal; of the same one as before, since when."""
    is_same = before is not None and before.refused is refused
    since = before.refused_at if before and is_same else utc_text(rules.now)
    return {"refused": refused, "refused_at": since if refused else None}


def _settled(before: OwnerGroup | None, after: OwnerGroup | None, rules: Rules) -> OwnerGroup | None:
    """Return the item as it is to be written, which is the one before where that says enough."""
    if before is not None and after is not None and _meaning(before) == _meaning(after):
        is_fresh = before.synced_at >= utc_text(rules.now - _NOTED_FOR)
        if is_fresh or after.synced_at == before.synced_at:
            return before
    return after and replace(after, version=(before.version if before else 0) + 1)


def plan_addresses(records: Iterable[AddressRecord], plans: Iterable[GroupPlan]) -> list[dict[str, Any]]:
    """Return whose mail of which address changes: ``{"address", "joins", "leaves"}`` of each, by address.

    Who is an owner of the address, or in another of its groups, neither joins nor leaves.
    """
    planned = list(plans)
    before = {plan.group_id: plan.before for plan in planned if plan.before}
    after = {plan.group_id: plan.after for plan in planned if plan.after}
    found = []
    for record in sorted(records, key=lambda one: one.address):
        had, has = (each_once((*record.owners, *members_of(record.owner_groups, known))) for known in (before, after))
        joins, leaves = _without(has, had), _without(had, has)
        if joins or leaves:
            found.append({"address": record.address, "joins": list(joins), "leaves": list(leaves)})
    return found
