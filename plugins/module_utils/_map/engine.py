# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the map hold what a task asks for, one address or ten thousand, whoever else writes meanwhile.

Load what the entries depend on, plan all of them, write, and plan again what lost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from ansible_collections.account_factory.email.plugins.module_utils._aws import AwsError
from ansible_collections.account_factory.email.plugins.module_utils._errors import TaskError
from ansible_collections.account_factory.email.plugins.module_utils._record import (
    DOMAINS_KEY,
    AddressRecord,
    Stamp,
    address_key,
)

from . import api
from .changes import Change
from .edits import too_late
from .entries import Ask, Entries, Label, Upsert
from .plan import Plan, imported_numbers, next_numbers, plan, plan_prune
from .requests import SeriesRequest
from .snapshot import Snapshot
from .transactions import write_all

# Each round lost means that somebody else's write went through, so a handful is plenty for one address. A new number of
# a series is another matter: it may meet any number of addresses that were given out by name.
_ROUNDS = 10


def _no_progress(_done: int, _total: int) -> None:
    """Hear how far the work is."""


@dataclass(frozen=True)
class Work:
    """How entries are done. ``stamp`` is asked once, when there is something to write.

    ``prune_limit`` None keeps the addresses that the entries do not name; ``progress`` hears (done, of all).
    """

    stamp: Callable[[], Stamp]
    check_mode: bool = False
    prune_limit: int | None = None
    progress: Callable[[int, int], None] = _no_progress


def apply_entries(table: api.Table, entries: Entries, work: Work) -> Plan:
    """Make the map hold what the entries ask for; return what became of each, in check mode what would.

    One that cannot be done does not keep the others from it. Raises InputError, nothing done, where prune is refused,
    and an error of AWS's as long as nothing is written.
    """
    return _Run(table, work, dict(entries.asks), Plan(failures=dict(entries.failures))).apply()


def apply_one(table: api.Table, ask: Ask, work: Work) -> Change:
    """Make the map hold what is asked for; return the change, in check mode what it would be; raise why it cannot."""
    done = apply_entries(table, Entries({0: ask}, {}), work)
    if 0 in done.failures:
        raise done.failures[0]
    return done.changes[0]


@dataclass
class _Run:
    table: api.Table
    work: Work
    # What is still to be done, and what became of the rest.
    asks: dict[Label, Ask]
    came_true: Plan
    # How often each entry lost, but for new numbers.
    lost: Counter[Label] = field(default_factory=Counter)

    @cached_property
    def snapshot(self) -> Snapshot:
        return Snapshot(self.table)

    @cached_property
    def stamp(self) -> Stamp:
        return self.work.stamp()

    def apply(self) -> Plan:
        self.snapshot.load([DOMAINS_KEY, *self._keys()])
        # Planning would ask for these in the end. That it is not made twice is worth a line for ten thousand entries.
        new = [ask for ask in self.asks.values() if isinstance(ask, Upsert) and self.snapshot.items[ask.key] is None]
        self.snapshot.load(key for ask in new for key in ask.new_depends_on)
        planned = self._plan()
        if self.work.prune_limit is not None:
            planned.failures.update(self.came_true.failures)
            records = api.records(self.table)
            self.asks.update(plan_prune(self.table.name, records, planned, self.work.prune_limit))
            self.snapshot.load(self._keys())
            planned = self._plan()
        if self.work.check_mode:
            self.came_true.add(planned.signed(self.stamp) if planned.changed else planned)
            return self.came_true
        total = sum(change.changed for change in planned.changes.values())
        self._write(planned, total)
        while self.asks:
            self._go_on(total)
        return self.came_true

    def _keys(self) -> list[str]:
        return [key for ask in self.asks.values() for key in ask.depends_on]

    def _plan(self) -> Plan:
        """Return the plan, made again until all is read that it depends on: what that is, only planning tells.

        Its new numbers are those that the series would give next. Nobody has drawn them yet.
        """
        judge_numbers = self.work.check_mode or self.work.prune_limit is not None
        while True:
            numbers = next_numbers(self.asks.values(), self.snapshot.items.get)
            planned = plan(self.asks, self.snapshot.view, numbers, judge_numbers)
            if self.snapshot.missing:
                self.snapshot.load(sorted(self.snapshot.missing))
            # What is in an entry's way was read after the entry's own item, and another may have made both meanwhile.
            elif not self.snapshot.reread(self.asks[label].key for label in planned.failures):
                return planned

    def _go_on(self, total: int) -> None:
        """Do what was lost: something was in its way, or its number was given out. What is written stays written."""
        try:
            self.snapshot.reread(self._keys())
            planned = self._plan()
            self._write(planned, total)
        except (TaskError, AwsError) as error:
            self.came_true.failures.update(dict.fromkeys(self.asks, error))
            self.asks.clear()

    def _write(self, planned: Plan, total: int) -> None:
        """Write what the plan changes; leave in ``asks`` only what was lost."""
        # Who is calling is found out before a number is drawn.
        stamp = self.stamp if planned.changed else None
        planned = self._with_numbers(planned)
        if stamp:
            planned = planned.signed(stamp)
        to_write = {
            label: change for label, change in planned.changes.items() if change.changed and label not in planned.beyond
        }
        before = sum(change.changed for change in self.came_true.changes.values())
        written = write_all(self.table, to_write, lambda done: self.work.progress(before + done, total))
        unchanged = {label: change for label, change in planned.changes.items() if not change.changed}
        self.came_true.add(Plan({**unchanged, **written.changes}, {**planned.failures, **written.failures}))
        lost = {**written.lost, **{label: planned.changes[label] for label in planned.beyond}}
        self.asks = {label: ask for label, ask in self.asks.items() if label in lost}
        self._settle(lost)

    def _settle(self, lost: Mapping[Label, Change]) -> None:
        """Keep what lost only its answer, and give up what loses again and again."""
        try:
            self.snapshot.reread(action.key for change in lost.values() for action in change.actions)
        except AwsError as error:
            # What was written before is told all the same.
            self.came_true.failures.update(dict.fromkeys(lost, error))
            self.asks.clear()
            return
        for label, change in lost.items():
            item = self.snapshot.items[address_key(change.after.address)]
            if change.is_written(item):
                self.came_true.changes[label] = change
                del self.asks[label]
            elif change.before is not None or not isinstance(self.asks[label], SeriesRequest):
                self.lost[label] += 1
                if self.lost[label] == _ROUNDS:
                    self.came_true.failures[label] = too_late(AddressRecord.from_item(item) if item else change.after)
                    del self.asks[label]

    def _with_numbers(self, planned: Plan) -> Plan:
        """Draw the numbers that the plan takes; return the plan with them, if somebody else drew meanwhile."""
        for series, number in imported_numbers(self.asks.values()).items():
            api.raise_number(self.table, series, number)
        wanted = Counter(ask.name_prefix.lower() for ask, _change in self._numbered(planned))
        drawn = {}
        for series, how_many in wanted.items():
            first = api.draw_numbers(self.table, series, how_many)
            drawn[series] = range(first, first + how_many)
        if all(change.after.number in drawn[ask.name_prefix.lower()] for ask, change in self._numbered(planned)):
            return planned
        asks = {label: self.asks[label] for label in planned.changes}
        again = plan(asks, self.snapshot.view, drawn, judge_numbers=False)
        again.failures.update(planned.failures)
        return again

    def _numbered(self, planned: Plan) -> Iterator[tuple[SeriesRequest, Change]]:
        """Yield the requests of the plan that get a new number of a series, with their changes."""
        for label, change in planned.changes.items():
            ask = self.asks[label]
            if change.before is None and isinstance(ask, SeriesRequest):
                yield ask, change
