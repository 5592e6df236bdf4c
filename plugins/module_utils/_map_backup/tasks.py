# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules do: back a map up, restore one, and what they return of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._dynamodb import from_attributes
from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._map.api import Table
from ansible_collections.account_factory.email.plugins.module_utils._module import Outcome
from ansible_collections.account_factory.email.plugins.module_utils._record import PARTITION_KEY, Stamp

from . import api, dump, places
from .backup import header_of, read_map
from .dump import Header, Summary
from .items import OTHERS, Item, highest_numbers, key_of, kind_of, prefix_of
from .merge import Judged, Rules
from .places import Place
from .restore import SHOWN, Report, restore
from .store import Store, temporary_store

Progress = Callable[[int, int], None]


def back_up(
    table: Table, place: Place, s3: Callable[[], Any], now: datetime, check_mode: bool, progress: Progress
) -> Outcome:
    """Write all of the map to the place, unless it holds just that already."""
    arn = _arn_of_map(table, "table")
    with temporary_store() as store:
        damaged = read_map(table, store, progress)
        header = header_of(arn, store, now)
        is_there = places.holds(place, header, s3)
        if not is_there and not check_mode:
            places.write(place, header, store, s3)
        after = {"dest": place.text, **_described(_summary_of(store, header))}
    return Outcome(
        before=after if is_there else {},
        after=after,
        extra={"damaged": [{"key": key, "address": address} for key, address in damaged]},
    )


def _described(summary: Summary) -> dict[str, Any]:
    header = summary.header
    return {
        "table": header.table,
        "account_id": header.account_id,
        "region": header.region,
        "items": header.items,
        "items_sha256": header.items_sha256,
        "counts": summary.counts,
        "unknown": summary.unknown,
    }


def _summary_of(store: Store, header: Header) -> Summary:
    """Return of a store what ``dump.verify`` does of a dump."""
    numbers: dict[str, int] = {}
    unknown: set[str] = set()
    for item in store.by_key():
        if kind_of(key_of(item)) == OTHERS:
            unknown.add(prefix_of(key_of(item)))
        for series, highest in highest_numbers([item]).items():
            numbers[series] = max(highest, numbers.get(series, 0))
    return Summary(header, store.counts(), sorted(unknown), numbers)


@dataclass(frozen=True)
class Source:
    """Where a map is restored from, once it is known to be whole."""

    summary: Summary
    items: Iterable[Item]


@contextmanager
def from_place(place: Place, s3: Callable[[], Any]) -> Iterator[Source]:
    """Yield what a dump holds; InputError for one that cannot be trusted."""
    with places.opened(place, s3) as file:
        yield Source(dump.verify(file, place.option), dump.items(file, place.option))


@contextmanager
def from_table(source: Table, now: datetime) -> Iterator[Source]:
    """Yield what another table holds, as one that DynamoDB restored to a point in time."""
    arn = _arn_of_map(source, "source_table")
    with temporary_store() as store:
        read_map(source, store, lambda _done, _total: None)
        yield Source(_summary_of(store, header_of(arn, store, now)), store.by_group())


@dataclass(frozen=True)
class Restoring:
    """How a map is restored. ``skipped`` numbers of a series are left out where the map has lost its counter."""

    stamp: Callable[[], Stamp]
    skipped: int
    check_mode: bool
    allow_other_map: bool
    progress: Progress


def restore_from(table: Table, source: Source, restoring: Restoring) -> Outcome:
    """Add to the map what it lacks of the source."""
    if not 0 <= restoring.skipped <= 1_000_000:
        raise InputError(f"skipped_numbers: {restoring.skipped} is not between 0 and 1000000")
    if not restoring.allow_other_map:
        _check_is_of_this_map(source.summary.header, _arn_of_map(table, "table"))
    header = source.summary.header
    rules = Rules(source.summary.numbers, restoring.stamp(), restoring.skipped)
    report = restore(
        table, source.items, rules, restoring.check_mode, lambda done: restoring.progress(done, max(header.items, 1))
    )
    changes = {one.key: one for one in report.changes}
    return Outcome(
        before={key: _shown(one.before) for key, one in changes.items()},
        after={key: _shown(one.after) for key, one in changes.items()},
        extra={
            "source": {**_described(source.summary), "taken_at": header.taken_at},
            "counts": report.table(),
            "conflicts": [_conflict(one) for one in report.conflicts],
            "kept_newer": report.kept_newer,
            "truncated": _changes(report) > SHOWN,
        },
    )


def _changes(report: Report) -> int:
    return report.total("added") + report.total("updated")


def _conflict(one: Judged) -> dict[str, Any]:
    return {"key": one.key, "kind": kind_of(one.key), "why": one.why}


def _shown(item: Item | None) -> Mapping[str, Any] | None:
    """Return an item as plain values that a result can hold; what only a later release knows by its types."""
    if item is None:
        return None
    if kind_of(key_of(item)) == OTHERS:
        return {name: str(value) for name, value in item.items() if name != PARTITION_KEY}
    values: Mapping[str, Any] = _plain(from_attributes(item))
    return {name: value for name, value in values.items() if name != PARTITION_KEY}


def _plain(value: Any) -> Any:
    """Return a value of boto3's with whole numbers for decimals."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value if value is None or isinstance(value, (str, bool)) else int(value)


def _arn_of_map(table: Table, option: str) -> str:
    """Return the table's ARN; InputError where it is no table of a map."""
    described = api.describe(table)
    if [(key["AttributeName"], key["KeyType"]) for key in described["KeySchema"]] != [(PARTITION_KEY, "HASH")]:
        raise InputError(f"{option}: {table.name} is no map, its key is another; give the name of the map's table")
    return str(described["TableArn"])


def check_was_restored_from(source: Table, table: Table) -> None:
    """Raise InputError unless DynamoDB restored the source from the table."""
    restored_from = api.describe(source).get("RestoreSummary", {}).get("SourceTableArn")
    arn = _arn_of_map(table, "table")
    if restored_from != arn:
        raise InputError(
            f"source_table: DynamoDB did not restore {source.name} from {table.name}, so that it may be another map;"
            " give allow_other_map if it is this one"
        )


def _check_is_of_this_map(header: Header, arn: str) -> None:
    region, account_id, name = arn.split(":")[3], arn.split(":")[4], arn.rpartition("/")[2]
    wrong = [
        f"{what} {theirs} instead of {mine}"
        for what, theirs, mine in (
            ("table", header.table, name),
            ("account", header.account_id, account_id),
            ("region", header.region, region),
        )
        if theirs != mine
    ]
    if wrong:
        raise InputError(
            f"allow_other_map: the dump is of another map, of the {' and the '.join(wrong)}; give the dump of this map,"
            " or allow_other_map if the map was moved here"
        )
