# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of a map when a dump is restored into it: what is missing is added, and nothing newer is touched. Pure.

Each write is conditioned on what was read, said to DynamoDB as it is judged here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._record import (
    PARTITION_KEY,
    RETIRED,
    Stamp,
    address_key,
)

from .items import (
    ADDRESSES,
    DOMAINS,
    OTHERS,
    POINTERS,
    SERIES,
    Item,
    address_of,
    is_alike,
    key_of,
    kind_of,
    number_of,
    own_keys,
    text_of,
)

# What a restore notes of a counter: the number that it knew to be given out, the one that it skipped to, and when.
_SKIPPED_FROM, _SKIPPED_TO, _SKIPPED_AT = "skipped_from", "skipped_to", "skipped_at"
ADDED, UPDATED, KEPT, CONFLICTING = "added", "updated", "kept", "conflicting"
OUTCOMES = (ADDED, UPDATED, KEPT, CONFLICTING)
# Returns the item of the map that lies under a key, None where there is none.
Read = Callable[[str], "Item | None"]


@dataclass(frozen=True)
class Write:
    """One action of a transaction: a Put of ``after``, or an Update by ``expression``, under its condition."""

    key: str
    condition: str
    item: Item | None = None
    expression: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Judged:
    """What becomes of one item of the dump, and why where that is not plain; ``before`` and ``after`` are the map's."""

    key: str
    outcome: str
    before: Item | None
    after: Item | None
    write: Write | None = None
    why: str = ""


@dataclass(frozen=True)
class Rules:
    """How a dump is merged: how far each series is to be, by the key of its counter, and who writes when."""

    numbers: Mapping[str, int]
    stamp: Stamp
    # Numbers that a series skips where the map is behind the dump: those given out after the dump was taken.
    skipped: int = 0


def judge(items: Sequence[Item], read: Read, rules: Rules) -> list[Judged]:
    """Return what becomes of the items, of which a record comes with all that leads to it."""
    judged, by_address = [], {key_of(item): item for item in items if kind_of(key_of(item)) == ADDRESSES}
    after: dict[str, Item | None] = {}
    for key, item in by_address.items():
        judged.append(_record(item, read(key), rules.stamp))
        after[key] = judged[-1].after
    pointers = {key_of(item): item for item in items if kind_of(key_of(item)) in POINTERS}
    for item in items:
        kind = kind_of(key_of(item))
        if kind == SERIES:
            judged.append(_series(item, read(key_of(item)), rules))
        elif kind == DOMAINS:
            judged.append(_domains(item, read(key_of(item))))
        elif kind in POINTERS:
            record = _record_of(item, after, read)
            judged.append(_pointer(item, read(key_of(item)), record))
        elif kind != ADDRESSES:
            judged.append(_other(item, read(key_of(item))))
    for key in by_address:
        judged += _missing_pointers(after[key], pointers, read)
    return judged


def missing_counters(rules: Rules, seen: Iterable[str], read: Read) -> list[Judged]:
    """Return what becomes of the counters that the dump's addresses demand and that the dump itself does not have."""
    demanded = sorted(rules.numbers.keys() - {*seen})
    return [_series({PARTITION_KEY: {"S": key}}, read(key), rules) for key in demanded]


def keys_needed(items: Iterable[Item]) -> list[str]:
    """Return the keys of the items of the map that decide what becomes of these."""
    needed: dict[str, None] = {}
    for item in items:
        needed[key_of(item)] = None
        if address := address_of(item):
            needed[address_key(address)] = None
        if kind_of(key_of(item)) == ADDRESSES:
            needed.update(dict.fromkeys(own_keys(item)))
    return list(needed)


def _added(item: Item) -> Judged:
    write = Write(key_of(item), "attribute_not_exists(#key)", item=item, names={"#key": PARTITION_KEY})
    return Judged(key_of(item), ADDED, None, item, write)


def _kept(item: Item, there: Item, why: str = "") -> Judged:
    return Judged(key_of(item), KEPT, there, there, why=why)


def _conflict(item: Item, there: Item | None, why: str) -> Judged:
    return Judged(key_of(item), CONFLICTING, there, there, why=why)


def _record(item: Item, there: Item | None, stamp: Stamp) -> Judged:
    """Judge an address: a tombstone stays one, and of two states of one record the later is right."""
    if there is None:
        return _added(item)
    if is_alike(there, item):
        return _kept(item, there)
    is_same = _lineage(item) == _lineage(there)
    mine, theirs = number_of(item, "version") or 0, number_of(there, "version") or 0
    is_later = is_same and mine > theirs and _changed_at(item) >= _changed_at(there)
    is_retired, was_retired = (text_of(each, "status") == RETIRED for each in (item, there))
    if was_retired and not is_retired:
        return _kept(item, there, "it is retired") if is_same else _conflict(item, there, _OTHER)
    if is_later:
        return _replaced(item, there)
    if is_same and theirs > mine:
        return _kept(item, there, "the map's is newer")
    if is_retired and not was_retired:
        return _retired(item, there, stamp)
    return _conflict(item, there, _DIVERGED if is_same else _OTHER)


def _changed_at(record: Item) -> str:
    return text_of(record, "updated_at") or ""


_OTHER = "the address was vended another time in the map"
_DIVERGED = "the map's was changed apart from the dump's"


def _lineage(record: Item) -> tuple[str | None, ...]:
    """Return what stays the same in all states of one vended address."""
    return tuple(text_of(record, name) for name in ("account_name", "request_id", "created_at", "created_by"))


def _replaced(item: Item, there: Item) -> Judged:
    """Put the later state of the record: the map itself was set back."""
    condition, values = _unchanged(there)
    write = Write(key_of(item), condition, item=item, names={"#version": "version"}, values=values)
    return Judged(key_of(item), UPDATED, there, item, write, "the dump's is newer")


def _retired(item: Item, there: Item, stamp: Stamp) -> Judged:
    condition, values = _unchanged(there)
    version = (number_of(there, "version") or 0) + 1
    changed: dict[str, Mapping[str, Any]] = {
        "status": {"S": RETIRED},
        "version": {"N": str(version)},
        "updated_at": {"S": stamp.at},
        "updated_by": {"S": stamp.by},
    }
    write = Write(
        key_of(item),
        condition,
        expression="SET " + ", ".join(f"#{name} = :{name}" for name in changed),
        names={f"#{name}": name for name in changed},
        values={**values, **{f":{name}": value for name, value in changed.items()}},
    )
    return Judged(key_of(item), UPDATED, there, {**there, **changed}, write, "the dump's is retired, which is for ever")


def _unchanged(there: Item) -> tuple[str, dict[str, Mapping[str, Any]]]:
    """Return the condition that a record is as it was read."""
    if "version" not in there:
        return "attribute_not_exists(#version)", {}
    return "#version = :was", {":was": there["version"]}


def _record_of(pointer: Item, after: Mapping[str, Item | None], read: Read) -> Item | None:
    """Return the record that a pointer leads to, as the map will have it."""
    key = address_key(address_of(pointer) or "")
    return after[key] if key in after else read(key)


def _pointer(item: Item, there: Item | None, record: Item | None) -> Judged:
    """Judge what makes a name, request or account unique: it comes with the record that it is of, or not at all."""
    if there is not None:
        if is_alike(there, item) or (address_of(there) and address_of(there) == address_of(item)):
            return _kept(item, there)
        return _conflict(item, there, f"in the map it leads to {address_of(there) or 'the forwarder'}")
    if record is not None and address_of(item) and key_of(item) not in own_keys(record):
        return _conflict(item, None, f"the map's record of {address_of(item)} does not have it")
    return _added(item)


def _missing_pointers(record: Item | None, pointers: Mapping[str, Item], read: Read) -> list[Judged]:
    """Return the pointers of a record that neither the map nor the dump has: the address needs them all the same."""
    if record is None:
        return []
    lost = [key for key in own_keys(record) if key not in pointers and read(key) is None]
    address: Mapping[str, Any] = {"S": address_of(record)}
    return [_added({PARTITION_KEY: {"S": key}, "address": address}) for key in lost]


def _series(item: Item, there: Item | None, rules: Rules) -> Judged:
    """Judge a counter: it goes on after every number that the dump or the map knows to be given out."""
    key = key_of(item)
    known = max(rules.numbers.get(key, 0), number_of(item, "last_number") or 0)
    if there is not None and not _is_behind(item, there, known, rules.skipped):
        return _kept(item, there)
    # A map that is behind its backup was lost or set back, and with it the numbers that were given out since.
    number = {"N": str(known + rules.skipped)}
    changed: dict[str, Mapping[str, Any]] = {"last_number": number}
    if rules.skipped:
        changed |= {_SKIPPED_FROM: {"N": str(known)}, _SKIPPED_TO: number, _SKIPPED_AT: {"S": rules.stamp.at}}
    if there is None:
        return _added({**item, **changed})
    write = Write(
        key,
        "attribute_not_exists(#last_number) OR #last_number < :last_number",
        expression="SET " + ", ".join(f"#{name} = :{name}" for name in changed),
        names={f"#{name}": name for name in changed},
        values={f":{name}": value for name, value in changed.items()},
    )
    return Judged(key, UPDATED, there, {**there, **changed}, write, "the series goes on after the dump's")


def _is_behind(item: Item, there: Item, known: int, skipped: int) -> bool:
    """Return whether the map's counter is behind the number that is known.

    So is one that an earlier restore has set, of an older backup perhaps, and that gave out no number since: what it
    skipped are those that were given out after that backup, and not those after this one. A backup of the map as that
    restore has left it knows no more.
    """
    last = number_of(there, "last_number")
    if last is None or known > last:
        return True
    if last != number_of(there, _SKIPPED_TO) or text_of(item, _SKIPPED_AT) == text_of(there, _SKIPPED_AT):
        return False
    return known > (number_of(there, _SKIPPED_FROM) or 0) and known + skipped > last


def _domains(item: Item, there: Item | None) -> Judged:
    """Judge the vended domains: those of both, each as the map has it."""
    if there is None:
        return _added(item)
    missing = {name: value for name, value in item.items() if name not in there}
    differing = sorted(
        name for name, value in item.items() if name in there and not is_alike({name: there[name]}, {name: value})
    )
    why = f"the map has other settings of {', '.join(differing)}, which are kept" if differing else ""
    if not missing:
        return _conflict(item, there, why) if differing else _kept(item, there)
    names = {f"#domain{number}": name for number, name in enumerate(sorted(missing))}
    values = {f":value{number}": missing[name] for number, name in enumerate(sorted(missing))}
    write = Write(
        key_of(item),
        " AND ".join(f"attribute_not_exists({alias})" for alias in names),
        expression="SET " + ", ".join(f"#domain{number} = :value{number}" for number in range(len(missing))),
        names=names,
        values=values,
    )
    return Judged(key_of(item), UPDATED, there, {**there, **missing}, write, why)


def _other(item: Item, there: Item | None) -> Judged:
    """Judge the mark of a mailbox, a group of owners, or an item that only a later release knows: the map's is right
    where it has one.
    """
    if there is None:
        return _added(item)
    if is_alike(there, item) or kind_of(key_of(item)) != OTHERS:
        return _kept(item, there)
    return _conflict(item, there, "the map has another content")
