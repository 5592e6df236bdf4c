# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read a whole map while others write to it.

A scan is no snapshot: a name may be read after a vend whose address was read before it. Every write to the map is one
transaction of a record and what leads to it, so where one does not agree with the other, both are read again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ansible_collections.account_factory.email.plugins.module_utils._map.api import Table
from ansible_collections.account_factory.email.plugins.module_utils._record import address_key
from ansible_collections.account_factory.email.plugins.module_utils._times import utc_text

from . import api
from .dump import Header, items_digest
from .items import ADDRESSES, SERIES, Pair, key_of, kind_of, own_keys
from .store import Store

# What does not agree after so many readings is not being written: the map is damaged there.
_ROUNDS = 5


def read_map(table: Table, store: Store, progress: Callable[[int, int], None]) -> list[Pair]:
    """Put all items of the map into the store.

    ``progress`` hears (read, of about). Returns the keys and addresses that lead to each other one way only: damage.
    """
    about, read = int(api.describe(table).get("ItemCount") or 0), 0
    for page in api.scan(table):
        store.put(page)
        read += len(page)
        progress(read, max(read, about, 1))
    return _settle(table, store)


def _settle(table: Table, store: Store) -> list[Pair]:
    # A number is drawn before its address is written: read after all addresses, each counter is beyond their numbers.
    store.put(api.get_items(table, store.keys_of_kind(SERIES)).values())
    before: list[Pair] = []
    for _round in range(_ROUNDS):
        torn = store.contradictions()
        if not torn or torn == before:
            return torn
        keys = {key for key, _address in torn} | {address_key(address) for _key, address in torn}
        found = api.get_items(table, sorted(keys))
        records = [item for item in found.values() if kind_of(key_of(item)) == ADDRESSES]
        others = {key for record in records for key in own_keys(record)} - keys
        found.update(api.get_items(table, sorted(others)))
        store.remove(keys | others)
        store.put(found.values())
        before = torn
    return store.contradictions()


def header_of(arn: str, store: Store, now: datetime) -> Header:
    """Return the header of a dump of the store, which holds the items of the table of that ARN."""
    _arn, _partition, _service, region, account_id, name = arn.split(":", 5)
    count, digest = items_digest(store.lines())
    return Header(name.removeprefix("table/"), account_id, region, utc_text(now), count, digest)
