# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Restore a dump into a map that others may be writing to: read, judge, write by condition, and judge again what lost.

A record and all that leads to it are written in one transaction, so that a run that is cut off leaves nothing half done
and is finished by running it again.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import groupby
from typing import TypeVar

from ansible_collections.account_factory.email.plugins.module_utils._errors import TaskError
from ansible_collections.account_factory.email.plugins.module_utils._map import api as map_api

from . import api
from .items import ADDRESSES, SERIES, Item, group_of, key_of, kind_of, line_of, own_keys
from .merge import ADDED, CONFLICTING, KEPT, OUTCOMES, UPDATED, Judged, Rules, judge, keys_needed, missing_counters

# TransactWriteItems takes 100 actions and 4 MB (DynamoDB API Reference), and sends more than the text of the values.
_ACTIONS_MAX = 100
_TEXT_MAX = 1_000_000
# Each round lost means that somebody else's write went through.
_ROUNDS = 10
# How many changes a result shows; the counts are of all.
SHOWN = 1000

Chunk = list[Item]
Given = TypeVar("Given")
Made = TypeVar("Made")


@dataclass
class Report:
    """What became of the items: how many of each kind, the first changes with before and after, and all conflicts."""

    counts: dict[str, Counter[str]] = field(default_factory=dict)
    changes: list[Judged] = field(default_factory=list)
    conflicts: list[Judged] = field(default_factory=list)
    kept_newer: int = 0

    def add(self, judged: Judged) -> None:
        self.counts.setdefault(kind_of(judged.key), Counter())[judged.outcome] += 1
        if judged.outcome == CONFLICTING:
            self.conflicts.append(judged)
        elif judged.outcome in (ADDED, UPDATED) and len(self.changes) < SHOWN:
            self.changes.append(judged)
        elif judged.outcome == KEPT and judged.why:
            self.kept_newer += 1

    def total(self, outcome: str) -> int:
        return sum(counted[outcome] for counted in self.counts.values())

    @property
    def changed(self) -> bool:
        return self.total(ADDED) + self.total(UPDATED) > 0

    def table(self) -> dict[str, dict[str, int]]:
        """Return the counts by kind, and of all."""
        kinds = {kind: {one: counted[one] for one in OUTCOMES} for kind, counted in sorted(self.counts.items())}
        return {**kinds, "total": {one: self.total(one) for one in OUTCOMES}}


def restore(
    table: map_api.Table, items: Iterable[Item], rules: Rules, check_mode: bool, progress: Callable[[int], None]
) -> Report:
    """Merge the items into the map and return what became of each, in check mode what would.

    ``progress`` hears how many items are done.
    """
    report, done, counters = Report(), 0, set()

    def settle(chunk: Chunk) -> tuple[int, list[Judged]]:
        return len(chunk), _settle(table, chunk, rules, check_mode)

    for size, judged in _in_parallel(settle, _chunks(items)):
        for one in judged:
            report.add(one)
            if kind_of(one.key) == SERIES:
                counters.add(one.key)
        done += size
        progress(done)
    there = api.get_items(table, rules.numbers.keys() - counters)
    for one in missing_counters(rules, counters, there.get):
        report.add(one)
        if one.write and not check_mode:
            _settle(table, [one.after or {}], rules, check_mode)
    return report


def _settle(table: map_api.Table, chunk: Chunk, rules: Rules, check_mode: bool) -> list[Judged]:
    """Write what becomes of the items, together, and return it; what came into the way is judged again."""
    for _round in range(_ROUNDS):
        there = api.get_items(table, keys_needed(chunk))
        judged = judge(chunk, there.get, rules)
        writes = [one.write for one in judged if one.write]
        if check_mode or not writes or api.write(table, writes):
            return judged
    raise TaskError(
        f"{key_of(chunk[0])} and what is beside it in the dump was changed by others {_ROUNDS} times while this task"
        " ran; what was restored before it stays; run the task again"
    )


def _chunks(items: Iterable[Item]) -> Iterator[Chunk]:
    """Cut the items into what fits into a transaction each, a record beside what leads to it. No key twice in one."""
    chunk: Chunk = []
    keys: set[str] = set()
    text = 0
    for _group, members in groupby(items, group_of):
        group = list(members)
        own, size = _keys_written(group), sum(len(line_of(item)) for item in group)
        if chunk and (len(keys) + len(own) > _ACTIONS_MAX or text + size > _TEXT_MAX or keys & own):
            yield chunk
            chunk, keys, text = [], set(), 0
        chunk += group
        keys |= own
        text += size
    if chunk:
        yield chunk


def _keys_written(group: Chunk) -> set[str]:
    records = [item for item in group if kind_of(key_of(item)) == ADDRESSES]
    return {key_of(item) for item in group} | {key for record in records for key in own_keys(record)}


def _in_parallel(work: Callable[[Given], Made], given: Iterable[Given]) -> Iterator[Made]:
    """Yield what the work makes of each, in order, a few at a time and no more held than those."""
    waiting: deque[Future[Made]] = deque()
    with ThreadPoolExecutor(map_api.PARALLEL) as pool:
        for one in given:
            waiting.append(pool.submit(work, one))
            if len(waiting) >= 2 * map_api.PARALLEL:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
