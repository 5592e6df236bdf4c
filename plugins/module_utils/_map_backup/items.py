# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The items of a map as DynamoDB types them, told apart by kind, whatever else is in them. Pure.

An item of a kind that is not known here, of a later release say, is backed up and restored like any other.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from ansible_collections.account_factory.email.plugins.module_utils._failing_mailbox import MAILBOX_PREFIX
from ansible_collections.account_factory.email.plugins.module_utils._owner_group import GROUP_PREFIX
from ansible_collections.account_factory.email.plugins.module_utils._record import (
    DOMAINS_KEY,
    PARTITION_KEY,
    account_key,
    address_key,
    name_key,
    request_key,
    series_key,
)

# Attributes as DynamoDB sends them: {"pk": {"S": "NAME#payments"}, ...}.
Item: TypeAlias = "Mapping[str, Mapping[str, Any]]"
# What leads to an address, and the address.
Pair = tuple[str, str]

ADDRESSES, NAMES, REQUESTS, ACCOUNTS = "addresses", "names", "requests", "accounts"
SERIES, DOMAINS, MAILBOXES, GROUPS, OTHERS = "series", "domains", "mailboxes", "groups", "others"
_PREFIXES = {
    address_key(""): ADDRESSES,
    name_key(""): NAMES,
    request_key(""): REQUESTS,
    account_key(""): ACCOUNTS,
    series_key(""): SERIES,
    MAILBOX_PREFIX: MAILBOXES,
    GROUP_PREFIX: GROUPS,
}
KINDS = (*_PREFIXES.values(), DOMAINS, OTHERS)
# The kinds whose items lead to the address that a name, a request or an account has.
POINTERS = frozenset({NAMES, REQUESTS, ACCOUNTS})


def key_of(item: Item) -> str:
    return str(item[PARTITION_KEY]["S"])


def kind_of(key: str) -> str:
    """Return the kind of the item under a key, one of KINDS."""
    if key == DOMAINS_KEY:
        return DOMAINS
    prefix, mark, _rest = key.partition("#")
    return _PREFIXES.get(prefix + mark, OTHERS)


def prefix_of(key: str) -> str:
    """Return what a report shows of a key whose kind is not known."""
    return "".join(key.partition("#")[:2])


def text_of(item: Item, name: str) -> str | None:
    """Return an attribute that is a text; None where the item has no such text."""
    value = item.get(name, {}).get("S")
    return None if value is None else str(value)


def number_of(item: Item, name: str) -> int | None:
    """Return an attribute that is a whole number; None where the item has no such number."""
    try:
        return int(item.get(name, {})["N"])
    except (KeyError, ValueError):
        return None


def address_of(item: Item) -> str | None:
    """Return the address that an item is of or leads to; None where there is none, as of the forwarder's own name."""
    key = key_of(item)
    kind = kind_of(key)
    if kind == ADDRESSES:
        return key.removeprefix(address_key(""))
    return text_of(item, "address") if kind in POINTERS else None


def own_keys(record: Item) -> list[str]:
    """Return the keys of the items that make a record's name, request and account unique (_map/changes.py)."""
    makers = {"account_name": name_key, "request_id": request_key, "account_id": account_key}
    values = {name: text_of(record, name) for name in makers}
    return [makers[name](value) for name, value in values.items() if value]


def pairs(item: Item) -> Iterator[Pair]:
    """Yield what the item says of which key leads to which address: a record of its own keys, a pointer of itself.

    In a map that is whole, each pair is said twice.
    """
    address = address_of(item)
    if address is None:
        return
    if kind_of(key_of(item)) == ADDRESSES:
        yield from ((key, address) for key in own_keys(item))
    else:
        yield key_of(item), address


def highest_numbers(items: Iterable[Item]) -> dict[str, int]:
    """Return for each series' key the highest number that its counter or an address shows to be given out."""
    highest: dict[str, int] = {}
    for item in items:
        key, series = key_of(item), text_of(item, "series")
        kind = kind_of(key)
        number = number_of(item, "last_number") if kind == SERIES else number_of(item, "number")
        of_series = key if kind == SERIES else series_key(series) if series and kind == ADDRESSES else None
        if of_series and number is not None:
            highest[of_series] = max(number, highest.get(of_series, 0))
    return highest


def line_of(item: Item) -> str:
    """Return the item as one line of JSON, the same whatever the order of what has none; binary values in base64."""
    ordered = {name: _ordered(value) for name, value in item.items()}
    return json.dumps(ordered, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=_base64)


def _base64(value: Any) -> str:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    raise TypeError(f"{type(value).__name__} is no value of DynamoDB's")


def is_alike(one: Item, other: Item) -> bool:
    """Return whether two items hold the same."""
    return one == other or line_of(one) == line_of(other)


def _ordered(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an attribute with the sets in it in one order, at any depth."""
    (kind, held), *_more = value.items()
    if kind in ("SS", "NS", "BS"):
        return {kind: sorted(held)}
    if kind == "L":
        return {"L": [_ordered(one) for one in held]}
    if kind == "M":
        return {"M": {name: _ordered(one) for name, one in held.items()}}
    return value


def item_of(line: str) -> Item:
    """Return the item of a line; ValueError for a line that holds none."""
    read = json.loads(line)
    if not isinstance(read, dict) or not isinstance(read.get(PARTITION_KEY), dict) or "S" not in read[PARTITION_KEY]:
        raise ValueError("it has no partition key")
    return {name: _binary(value) for name, value in read.items()}


def _binary(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an attribute with its binary values as bytes, which boto3 takes and gives, at any depth."""
    (kind, held), *_more = value.items()
    if kind == "B":
        return {"B": base64.b64decode(held)}
    if kind == "BS":
        return {"BS": [base64.b64decode(one) for one in held]}
    if kind == "L":
        return {"L": [_binary(one) for one in held]}
    if kind == "M":
        return {"M": {name: _binary(one) for name, one in held.items()}}
    return value


def group_of(item: Item) -> str:
    """Return what puts a record and all that leads to it side by side when items are sorted by it, and then by key."""
    return address_key(address_of(item) or "") if address_of(item) else key_of(item)
