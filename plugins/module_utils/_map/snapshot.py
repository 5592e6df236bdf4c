# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The items of the map that a task has read, and what they were when it read them first."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from ansible_collections.account_factory.email.plugins.module_utils._dynamodb import BATCH_GET_MAX
from ansible_collections.account_factory.email.plugins.module_utils._record import address_key

from . import api
from .changes import Item
from .plan import View


@dataclass
class Snapshot:
    """The items that were read, None for one that is not there, and the keys of those that were missed since.

    ``replaced`` holds what was read first of the items that were read again.
    """

    table: api.Table
    items: dict[str, Item | None] = field(default_factory=dict)
    replaced: dict[str, Item | None] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)

    @property
    def view(self) -> View:
        return View(self._read, self.items.get, self._first)

    def load(self, keys: Iterable[str]) -> None:
        """Read what is not read yet, consistently, and then the addresses that it leads to.

        An address may have been read just before another task made it together with the item that leads to it, in one
        transaction: where it was not there it is read again.
        """
        self._load(keys)
        led_to = {address_key(item["address"]) for item in self.items.values() if item and "address" in item}
        absent = sorted(key for key in led_to if self.items.get(key) is None)
        for key in absent:
            self.items.pop(key, None)
        self._load(absent)
        self.missing.clear()

    def reread(self, keys: Iterable[str]) -> bool:
        """Read the items again; return whether one of them is another by now."""
        keys = list(dict.fromkeys(keys))
        before = {key: self.items.pop(key) for key in keys if key in self.items}
        self.replaced = {**before, **self.replaced}
        self.load(keys)
        return any(self.items[key] != item for key, item in before.items())

    def _load(self, keys: Iterable[str]) -> None:
        unread = [key for key in dict.fromkeys(keys) if key not in self.items]
        chunks = [unread[start : start + BATCH_GET_MAX] for start in range(0, len(unread), BATCH_GET_MAX)]
        if not chunks:
            return
        self.items.update(dict.fromkeys(unread))
        with ThreadPoolExecutor(api.PARALLEL) as pool:
            for found in pool.map(lambda chunk: api.get_items(self.table, chunk), chunks):
                self.items.update(found)

    def _read(self, key: str) -> Item | None:
        if key not in self.items:
            self.missing.add(key)
        return self.items.get(key)

    def _first(self, key: str) -> Item | None:
        return self.replaced[key] if key in self.replaced else self.items.get(key)
