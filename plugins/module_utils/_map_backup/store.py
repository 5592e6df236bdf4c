# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The items of a map in a temporary file: put in as they come, read sorted, so that memory does not grow with them."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from .items import Item, Pair, group_of, item_of, key_of, kind_of, line_of, pairs


class Store:
    """Items by their key; one that is put in again takes the place of the one before."""

    def __init__(self, path: str) -> None:
        self._database = sqlite3.connect(path)
        # What is in it is read once and thrown away: nothing has to survive a crash.
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.execute("CREATE TABLE items (pk TEXT PRIMARY KEY, grp TEXT, line TEXT) WITHOUT ROWID")
        self._database.execute("CREATE TABLE pairs (pk TEXT, key TEXT, address TEXT)")

    def put(self, items: Iterable[Item]) -> None:
        for item in items:
            self.remove([key_of(item)])
            self._database.execute("INSERT INTO items VALUES (?, ?, ?)", (key_of(item), group_of(item), line_of(item)))
            self._database.executemany(
                "INSERT INTO pairs VALUES (?, ?, ?)", [(key_of(item), *pair) for pair in pairs(item)]
            )

    def remove(self, keys: Iterable[str]) -> None:
        for key in keys:
            if self._database.execute("DELETE FROM items WHERE pk = ?", (key,)).rowcount:
                self._database.execute("DELETE FROM pairs WHERE pk = ?", (key,))

    def contradictions(self) -> list[Pair]:
        """Return which key leads to which address by one item's word only: read while it changed, or damaged."""
        counted = "SELECT key, address FROM pairs GROUP BY key, address HAVING COUNT(*) <> 2 ORDER BY key, address"
        return [(str(key), str(address)) for key, address in self._database.execute(counted)]

    def counts(self) -> dict[str, int]:
        """Return how many items there are of each kind, none of it left out but those of which there is none."""
        counted = Counter(kind_of(str(key)) for (key,) in self._database.execute("SELECT pk FROM items"))
        return dict(sorted(counted.items()))

    def keys_of_kind(self, kind: str) -> list[str]:
        keys = (str(key) for (key,) in self._database.execute("SELECT pk FROM items ORDER BY pk"))
        return [key for key in keys if kind_of(key) == kind]

    def lines(self) -> Iterator[str]:
        """Yield the items as lines, a record beside what leads to it; the same items always in the same order."""
        return (str(line) for (line,) in self._database.execute("SELECT line FROM items ORDER BY grp, pk"))

    def by_group(self) -> Iterator[Item]:
        """Yield the items as ``lines`` does."""
        return map(item_of, self.lines())

    def by_key(self) -> Iterator[Item]:
        return (item_of(str(line)) for (line,) in self._database.execute("SELECT line FROM items ORDER BY pk"))

    def close(self) -> None:
        self._database.close()


@contextmanager
def temporary_store() -> Iterator[Store]:
    """Yield a store that nobody else can read, and that is gone afterwards."""
    handle, path = tempfile.mkstemp(prefix="map-", suffix=".items")  # mode 0600
    os.close(handle)
    store = Store(path)
    try:
        yield store
    finally:
        store.close()
        os.unlink(path)
