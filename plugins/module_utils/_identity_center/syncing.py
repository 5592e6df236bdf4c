# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the groups of owners in the map what IAM Identity Center says, whoever else does so meanwhile.

All is read before anything is written. Each group is one conditioned write, so that a run that is cut off leaves every
group as it was or as it is to be.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError, TaskError
from ansible_collections.account_factory.email.plugins.module_utils._map.api import Table
from ansible_collections.account_factory.email.plugins.module_utils._owner_group import OwnerGroup

from . import api, groups, reading
from .groups import MapReading
from .plan import GroupPlan, Rules, plan_group

# A group that another run has written is read anew, from the directory too, so that nothing older overwrites it.
_ROUNDS = 3


@dataclass(frozen=True)
class Asked:
    """What a synchronisation is asked to do. ``group_ids`` are added to those that the map has or an address names.

    ``accepted`` are those whose loss of members a person accepts; with ``purge`` a group that no address names and that
    is not among ``group_ids`` is removed from the map.
    """

    group_ids: Sequence[str] = ()
    max_loss_percent: int = 50
    accepted: Collection[str] = ()
    purge: bool = False
    check_mode: bool = False


@dataclass
class Synced:
    """What became of each group, by its id; those that were removed from the map; what was read of the map."""

    plans: dict[str, GroupPlan]
    map: MapReading
    purged: list[str] = field(default_factory=list)


def sync(table: Table, directory: api.Directory, asked: Asked, now: Callable[[], datetime]) -> Synced:
    """Make the map hold what the directory says of its groups; return what became of each, in check mode what would.

    Raises InputError, nothing read of the directory, where a loss is accepted of a group that is none of them.
    """
    read = groups.read_map(table)
    unnamed = sorted({*read.groups} - {*asked.group_ids} - read.named) if asked.purge else []
    wanted = sorted({*read.groups, *read.named, *asked.group_ids} - {*unnamed})
    unknown = sorted({*asked.accepted} - {*wanted})
    if unknown:
        raise InputError(f"accept: {', '.join(unknown)} is no group of the map; check the id, or omit it")
    run = _Run(table, directory, asked, read, now)
    synced = Synced(run.plan(wanted, read.groups), read)
    if not asked.check_mode:
        run.write(synced.plans)
    synced.purged = unnamed if asked.check_mode else [one for one in unnamed if _purge(table, read, one)]
    return synced


@dataclass(frozen=True)
class _Run:
    table: Table
    directory: api.Directory
    asked: Asked
    read: MapReading
    now: Callable[[], datetime]

    def plan(self, group_ids: Sequence[str], before: Mapping[str, OwnerGroup]) -> dict[str, GroupPlan]:
        """Return what becomes of the groups; ``before`` is what the map has of them, and was read before.

        A write is so conditioned on something that is older than what it writes.
        """
        read = reading.read_groups(self.directory, group_ids)
        users = reading.read_users(self.directory, (user_id for one in read for user_id in one.user_ids))
        asked, store = self.asked, self.directory.store_id
        rules = Rules(self.read.domains, asked.max_loss_percent, asked.accepted, store, self.now())
        return {one.group_id: plan_group(one, before.get(one.group_id), users, rules) for one in read}

    def write(self, plans: dict[str, GroupPlan]) -> None:
        """Write the plans; what another run has written meanwhile is planned again."""
        lost = self._lost(plans)
        for _round in range(_ROUNDS):
            if not lost:
                return
            again = self.plan(lost, groups.get_groups(self.table, lost))
            plans.update(again)
            lost = self._lost(again)
        if lost:
            raise TaskError(
                f"groups: {', '.join(lost)} was changed again and again by others while this task ran; see that one"
                " schedule alone keeps the groups in step, and run the task again"
            )

    def _lost(self, plans: dict[str, GroupPlan]) -> list[str]:
        written = [plan for plan in plans.values() if plan.is_written and plan.after]
        return [
            plan.group_id
            for plan in written
            if plan.after and not groups.put_group(self.table, plan.after, plan.before)
        ]


def _purge(table: Table, read: MapReading, group_id: str) -> bool:
    """Remove a group that no address names; put it back where one was vended with it meanwhile."""
    group = read.groups[group_id]
    if not groups.delete_group(table, group):
        return False
    try:
        is_named = group_id in groups.read_map(table).named
    except BaseException:
        groups.put_group(table, group, None)
        raise
    return not (is_named and groups.put_group(table, group, None))
