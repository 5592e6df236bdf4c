# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many addresses in one task: read what they depend on, plan all of them, then write."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from ansible_collections.account_factory.email.plugins.module_utils._record import Stamp, address_key, series_key

from . import api
from .bulk_plan import Plan, imported_numbers, new_numbers, plan, plan_prune
from .bulk_write import PARALLEL, write_all
from .changes import Item
from .edits import Edit
from .entries import Ask, Entries, Label, Upsert


@dataclass(frozen=True)
class Work:
    """How the entries are done. ``prune_limit`` None keeps what they do not name; ``progress`` hears (done, of all)."""

    stamp: Stamp
    check_mode: bool
    prune_limit: int | None
    progress: Callable[[int, int], None]


def apply_entries(table: api.Table, entries: Entries, work: Work) -> Plan:
    """Make the map hold what the entries ask for; return what became of each, in check mode what would.

    One that cannot be done does not keep the others from it. Raises InputError, nothing done, where prune is refused.
    """
    snapshot = _Snapshot(table)
    snapshot.load(ask.key for ask in entries.asks.values())
    snapshot.follow()
    numbers = _next_numbers(entries.asks, snapshot)
    planned = _plan(entries, snapshot, work.stamp, numbers)
    asks: dict[Label, Ask] = dict(entries.asks)
    if work.prune_limit is not None:
        pruned = plan_prune(api.records(table), planned, work.stamp, work.prune_limit)
        planned.changes.update(pruned)
        asks.update({address: Upsert(Edit(str(address), retire=True)) for address in pruned})
    if work.check_mode:
        return planned
    drawn = _draw(table, entries.asks, numbers)
    if drawn != numbers:
        # Somebody else drew meanwhile.
        pruned = {label: change for label, change in planned.changes.items() if isinstance(label, str)}
        planned = _plan(entries, snapshot, work.stamp, drawn)
        planned.changes.update(pruned)
    return write_all(table, asks, planned, work.stamp, work.progress)


@dataclass
class _Snapshot:
    """The items that were read, None for one that is not there, and the keys of those that were missed since.

    ``replaced`` holds what was read first of the items that were read again.
    """

    table: api.Table
    items: dict[str, Item | None] = field(default_factory=dict)
    replaced: dict[str, Item | None] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)

    def load(self, keys: Iterable[str]) -> None:
        """Read what is not read yet, consistently, many items at once."""
        unread = [key for key in dict.fromkeys(keys) if key not in self.items]
        chunks = [unread[start : start + api.BATCH_GET_MAX] for start in range(0, len(unread), api.BATCH_GET_MAX)]
        self.items.update(dict.fromkeys(unread))
        self.missing.clear()
        with ThreadPoolExecutor(PARALLEL) as pool:
            for found in pool.map(lambda chunk: api.get_items(self.table, chunk), chunks):
                self.items.update(found)

    def follow(self) -> None:
        """Read the addresses that the items lead to, also those that were not there: they may have been read before.

        Another task makes both in one transaction. What is read later of the two is there if the other is.
        """
        led_to = {address_key(item["address"]) for item in self.items.values() if item and "address" in item}
        absent = sorted(key for key in led_to if self.items.get(key) is None)
        for key in absent:
            self.items.pop(key, None)
        self.load(absent)

    def read(self, key: str) -> Item | None:
        """Return the item; one that was not read yet counts as not there, and is noted as missing."""
        if key not in self.items:
            self.missing.add(key)
        return self.items.get(key)

    def first(self, key: str) -> Item | None:
        """Return the item as it was read first."""
        return self.replaced[key] if key in self.replaced else self.items.get(key)

    def reread(self, keys: Iterable[str]) -> bool:
        """Read the items again; return whether one of them is another by now."""
        before = {key: self.items.pop(key) for key in keys}
        self.replaced = {**before, **self.replaced}
        self.load(before)
        self.follow()
        return any(self.items[key] != item for key, item in before.items())


def _plan(entries: Entries, snapshot: _Snapshot, stamp: Stamp, numbers: Mapping[str, range]) -> Plan:
    """Return the plan, made again until all is read that it depends on: what that is, only planning tells."""
    while True:
        planned = plan(entries.asks, snapshot.read, snapshot.first, stamp, numbers)
        if snapshot.missing:
            snapshot.load(sorted(snapshot.missing))
        # What is in an entry's way was read after the entry's own item, and another task may have made both meanwhile.
        elif not snapshot.reread(entries.asks[label].key for label in planned.failures):
            planned.failures.update(entries.failures)
            return planned


def _next_numbers(asks: Mapping[Label, Ask], snapshot: _Snapshot) -> dict[str, range]:
    """Return the numbers that the series would give to the new addresses, by series in lower case."""
    wanted, imported = new_numbers(asks.values(), snapshot.items.get), imported_numbers(asks.values())
    snapshot.load(series_key(series) for series in wanted)
    numbers = {}
    for series, how_many in wanted.items():
        last = int((snapshot.items[series_key(series)] or {}).get("last_number", 0))
        first = max(last, imported.get(series, 0)) + 1
        numbers[series] = range(first, first + how_many)
    return numbers


def _draw(table: api.Table, asks: Mapping[Label, Ask], numbers: Mapping[str, range]) -> dict[str, range]:
    """Let series go on after the numbers that come in, and return as many numbers as given, that nobody else gets."""
    for series, number in imported_numbers(asks.values()).items():
        api.raise_number(table, series, number)
    drawn = {}
    for series, block in numbers.items():
        first = api.draw_numbers(table, series, len(block))
        drawn[series] = range(first, first + len(block))
    return drawn
