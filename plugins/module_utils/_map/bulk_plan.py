# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many addresses in one task: the changes that they come to, before any is made. Pure but for what ``read`` does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._record import RETIRED, AddressRecord, Stamp

from .changes import Change, Item, Read, refusal, unmet
from .edits import Edit, apply_edit, is_too_late, too_late
from .entries import Ask, Label, Upsert
from .requests import ExactRequest, SeriesRequest
from .vending import known_request


@dataclass(frozen=True)
class Plan:
    """What becomes of each entry, or why it cannot be.

    ``beyond`` are the entries whose number was given out by another route: theirs is one that is yet to be drawn.
    """

    changes: dict[Label, Change] = field(default_factory=dict)
    failures: dict[Label, str] = field(default_factory=dict)
    beyond: set[Label] = field(default_factory=set)


def imported_numbers(asks: Iterable[Ask]) -> dict[str, int]:
    """Return the highest number that comes in with the entries, by series in lower case."""
    highest: dict[str, int] = {}
    for ask in asks:
        if isinstance(ask, Upsert) and ask.series is not None and ask.number is not None:
            series = ask.series.lower()
            highest[series] = max(ask.number, highest.get(series, 0))
    return highest


def new_numbers(asks: Iterable[Ask], read: Read) -> Counter[str]:
    """Return how many numbers the entries need that are new, by series in lower case."""
    return Counter(ask.name_prefix.lower() for ask in asks if isinstance(ask, SeriesRequest) and read(ask.key) is None)


def plan(asks: Mapping[Label, Ask], read: Read, first: Read, stamp: Stamp, numbers: Mapping[str, range]) -> Plan:
    """Return the changes that the entries come to, judged as the table will judge them.

    ``first`` reads items as they were read first, where ``read`` reads them again. ``numbers`` are the ones for the new
    addresses of each series, by series in lower case.
    """
    made = Plan()
    planner = _Planner(
        read,
        first,
        stamp,
        numbers={series: iter(block) for series, block in numbers.items()},
        beyond={series: count(block.stop) for series, block in numbers.items()},
    )
    for index, ask in asks.items():
        try:
            made.changes[index] = planner.change(ask)
        except InputError as error:
            made.failures[index] = str(error)
            continue
        if planner.is_beyond:
            made.beyond.add(index)
        writes = [action for action in made.changes[index].actions() if action.writes]
        planner.claimed.update({action.key: (index, action.item) for action in writes})
    return made


@dataclass
class _Planner:
    read: Read
    first: Read
    stamp: Stamp
    numbers: Mapping[str, Iterator[int]]
    beyond: Mapping[str, Iterator[int]]
    # The entries whose changes write the items under these keys, and what they write.
    claimed: dict[str, tuple[Label, Item]] = field(default_factory=dict)
    is_beyond: bool = False

    def change(self, ask: Ask) -> Change:
        self.is_beyond = False
        if isinstance(ask, SeriesRequest):
            return self._next_of_series(ask)
        change = self._exact(ask)
        key = unmet(change, self.read)
        if key is not None:
            raise refusal(change, key, self.read)
        self._check_claims(change)
        if isinstance(ask, Upsert):
            self._check_since_first(ask, change)
        return change

    def _exact(self, ask: ExactRequest | Upsert) -> Change:
        if isinstance(ask, Upsert):
            item = self.read(ask.key)
            return ask.plan(AddressRecord.from_item(item) if item else None, self.stamp)
        return self._again(ask) or Change(None, ask.record(self.stamp), ask.asked())

    def _again(self, ask: ExactRequest | SeriesRequest) -> Change | None:
        """Return what a request comes to that came before, None where it is new."""
        known = known_request(ask, self.read)
        if known is None:
            return None
        return Change(known.record, apply_edit(known.record, known.edit, self.stamp) if known.edit else known.record)

    def _next_of_series(self, ask: SeriesRequest) -> Change:
        known = self._again(ask)
        if known:
            self._check_claims(known)
            return known
        series = ask.name_prefix.lower()
        number = next(self.numbers[series])
        while True:
            change = Change(None, ask.record(number, self.stamp), ask.asked())
            if unmet(change, self.read) is None and not self._claims(change):
                return change
            self.is_beyond = True
            number = next(self.beyond[series])

    def _check_since_first(self, ask: Upsert, change: Change) -> None:
        item = self.first(ask.key)
        if item and change.before and is_too_late(ask.edit, AddressRecord.from_item(item), change.before, change.after):
            raise too_late(change.before)

    def _claims(self, change: Change) -> list[Label]:
        """Return the entries that write what the change's conditions would then not hold of."""
        met = [(action, *self.claimed[action.key]) for action in change.actions() if action.key in self.claimed]
        return [label for action, label, item in met if not action.condition.holds(item)]

    def _check_claims(self, change: Change) -> None:
        claims = self._claims(change)
        if claims:
            raise InputError(
                f"address: {change.after.address}, its name or its account is what addresses[{claims[0]}] asks for;"
                " keep one of them"
            )


def plan_prune(records: Iterable[AddressRecord], kept: Plan, stamp: Stamp, limit: int) -> dict[Label, Change]:
    """Return the changes that retire every address that the entries do not name, by address.

    ``limit`` is how many of a hundred may go. InputError beyond it, and where an entry failed: it may name one of them.
    """
    if kept.failures:
        index, text = next(iter(kept.failures.items()))
        raise InputError(f"prune: nothing was changed, as not every entry can be done. addresses[{index}]: {text}")
    named = {change.after.address for change in kept.changes.values()}
    there = [record for record in records if record.status != RETIRED]
    gone = sorted((record for record in there if record.address not in named), key=lambda record: record.address)
    if len(gone) * 100 > limit * len(there):
        raise InputError(
            f"prune: {len(gone)} of {len(there)} addresses would be retired ({len(gone) * 100 / len(there):.1f} %),"
            f" more than the {limit} % of prune_limit; nothing was changed. Check that the list is whole, or raise"
            " prune_limit"
        )
    return {
        record.address: Change(record, apply_edit(record, Edit(record.address, retire=True), stamp)) for record in gone
    }
