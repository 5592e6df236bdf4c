# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a restored map lacks of the live one, and what it has besides. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from .items import ADDRESSES, GROUPS, MAILBOXES, SERIES, Item, is_alike, key_of, kind_of, number_of

# The same in both · only in the map, so written since · changed in the map since · only in the backup, so lost by the
# map · different, and not by a later change in the map.
SAME, SINCE, CHANGED, LOST, DIFFERENT = "same", "since", "changed", "lost", "different"
VERDICTS = (SAME, SINCE, CHANGED, LOST, DIFFERENT)
# How many keys a result names.
SHOWN = 100


@dataclass
class Comparison:
    """How many items of each kind are what, and the first keys of those that are not explained by later writes."""

    counts: dict[str, Counter[str]] = field(default_factory=dict)
    unexplained: list[str] = field(default_factory=list)

    def add(self, key: str, verdict: str) -> None:
        self.counts.setdefault(kind_of(key), Counter())[verdict] += 1
        if verdict in (LOST, DIFFERENT) and len(self.unexplained) < SHOWN:
            self.unexplained.append(key)

    def total(self, verdict: str) -> int:
        return sum(counted[verdict] for counted in self.counts.values())

    def table(self) -> dict[str, dict[str, int]]:
        """Return the counts by kind, and of all."""
        kinds = {kind: {one: counted[one] for one in VERDICTS} for kind, counted in sorted(self.counts.items())}
        return {**kinds, "total": {one: self.total(one) for one in VERDICTS}}


def compare(restored: Iterable[Item], live: Iterable[Item]) -> Comparison:
    """Compare two maps, each sorted by key."""
    comparison = Comparison()
    for key, backed_up, there in _side_by_side(iter(restored), iter(live)):
        comparison.add(key, _verdict(key, backed_up, there))
    return comparison


def _side_by_side(one: Iterator[Item], other: Iterator[Item]) -> Iterator[tuple[str, Item | None, Item | None]]:
    left, right = next(one, None), next(other, None)
    while left is not None or right is not None:
        keys = [key_of(item) for item in (left, right) if item is not None]
        key = min(keys)
        at_left, at_right = (item is not None and key_of(item) == key for item in (left, right))
        yield key, left if at_left else None, right if at_right else None
        left = next(one, None) if at_left else left
        right = next(other, None) if at_right else right


def _verdict(key: str, backed_up: Item | None, there: Item | None) -> str:
    if backed_up is None:
        return SINCE
    kind = kind_of(key)
    if there is None:
        # The mark of a mailbox goes when the mailbox takes mail again, a group when no address names it any more.
        return CHANGED if kind in (MAILBOXES, GROUPS) else LOST
    if is_alike(backed_up, there):
        return SAME
    counted = {ADDRESSES: "version", GROUPS: "version", SERIES: "last_number"}.get(kind)
    if counted is None:
        # Names, requests and account ids are for ever; the domains and marks are written anew.
        return DIFFERENT if kind in ("names", "requests", "accounts") else CHANGED
    return CHANGED if (number_of(there, counted) or 0) > (number_of(backed_up, counted) or 0) else DIFFERENT
