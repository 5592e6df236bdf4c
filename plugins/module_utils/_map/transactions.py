# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write a plan's changes to the map: transactions of many, a few at a time.

Where something came into a change's way since it was planned, its transaction is written without it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

from ansible_collections.account_factory.email.plugins.module_utils._aws import AwsError

from . import api
from .changes import Change
from .entries import Label

# TransactWriteItems takes 100 actions and 4 MB (DynamoDB API Reference), and sends more than the text of the values.
_ACTIONS_MAX = 100
_TEXT_MAX = 1_000_000

_Batch = list[tuple[Label, Change]]


@dataclass
class Written:
    """What became of the changes: written, lost because something is in the way, or refused by AWS."""

    changes: dict[Label, Change] = field(default_factory=dict)
    lost: dict[Label, Change] = field(default_factory=dict)
    failures: dict[Label, Exception] = field(default_factory=dict)

    @property
    def done(self) -> int:
        return len(self.changes) + len(self.failures)


def write_all(table: api.Table, changes: Mapping[Label, Change], progress: Callable[[int], None]) -> Written:
    """Write the changes; ``progress`` hears how many of them are done, one way or the other."""
    all_written = Written()
    with ThreadPoolExecutor(api.PARALLEL) as pool:
        for written in pool.map(partial(_write, table), _batches(changes)):
            all_written.changes.update(written.changes)
            all_written.lost.update(written.lost)
            all_written.failures.update(written.failures)
            progress(all_written.done)
    return all_written


def _batches(changes: Mapping[Label, Change]) -> Iterator[_Batch]:
    """Cut the changes into what fits into a transaction each; no item may stand in one twice."""
    batch: _Batch = []
    keys: set[str] = set()
    text = 0
    for label, change in changes.items():
        actions = change.actions
        own, size = {action.key for action in actions}, sum(len(str(action.item)) for action in actions)
        if batch and (len(keys) + len(own) > _ACTIONS_MAX or text + size > _TEXT_MAX or keys & own):
            yield batch
            batch, keys, text = [], set(), 0
        batch.append((label, change))
        keys |= own
        text += size
    if batch:
        yield batch


def _write(table: api.Table, batch: _Batch) -> Written:
    """Write the batch, without those that something is in the way of."""
    written = Written()
    while batch:
        try:
            keys = api.write(table, [change for _label, change in batch])
        except AwsError as error:
            written.failures.update(dict.fromkeys((label for label, _change in batch), error))
            break
        if not any(keys):
            written.changes.update(batch)
            break
        written.lost.update(pair for pair, key in zip(batch, keys, strict=True) if key is not None)
        batch = [pair for pair, key in zip(batch, keys, strict=True) if key is None]
    return written
