# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write many changes to the map: transactions of many, a few at a time.

Where something came into an entry's way since it was planned, its transaction is written without it, and it goes the
way that a single address goes, which knows how to plan anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._module import failure
from ansible_collections.account_factory.email.plugins.module_utils._record import Stamp

from . import api
from .bulk_plan import Plan
from .changes import Change, refusal
from .editing import edit_record
from .entries import Ask, Label, Upsert
from .vending import vend

PARALLEL = 8
# TransactWriteItems takes 100 actions and 4 MB (DynamoDB API Reference), and sends more than the text of the values.
_ACTIONS_MAX = 100
_TEXT_MAX = 1_000_000

_Batch = list[tuple[Label, Change]]


@dataclass
class _Written:
    """What became of a batch: written, in somebody's way, or failed with a text."""

    changes: dict[Label, Change] = field(default_factory=dict)
    lost: dict[Label, Change] = field(default_factory=dict)
    failures: dict[Label, str] = field(default_factory=dict)


def write_all(
    table: api.Table, asks: Mapping[Label, Ask], planned: Plan, stamp: Stamp, progress: Callable[[int, int], None]
) -> Plan:
    """Write what the plan changes; return the plan as it came true. ``progress`` hears how many of all are done."""
    came_true = Plan(failures=dict(planned.failures))
    came_true.changes.update({label: change for label, change in planned.changes.items() if not change.changed})
    to_write = [(label, change) for label, change in planned.changes.items() if change.changed]
    single = {label: change for label, change in to_write if label in planned.beyond}
    done = 0
    with ThreadPoolExecutor(PARALLEL) as pool:
        for written in pool.map(partial(_write, table), _batches([pair for pair in to_write if pair[0] not in single])):
            came_true.changes.update(written.changes)
            came_true.failures.update(written.failures)
            single.update(written.lost)
            done += len(written.changes) + len(written.failures)
            progress(done, len(to_write))
    order = {label: place for place, label in enumerate(planned.changes)}
    for label in sorted(single, key=order.__getitem__):
        try:
            came_true.changes[label] = _write_one(table, asks[label], single[label], stamp)
        except (InputError, AnsibleAWSError) as error:
            came_true.failures[label] = _text(error)
        done += 1
        progress(done, len(to_write))
    return came_true


def _batches(changes: _Batch) -> Iterator[_Batch]:
    """Cut the changes into what fits into a transaction each; no item may stand in one twice."""
    batch: _Batch = []
    keys: set[str] = set()
    text = 0
    for label, change in changes:
        actions = change.actions()
        own, size = {action.key for action in actions}, sum(len(str(action.item)) for action in actions)
        if batch and (len(keys) + len(own) > _ACTIONS_MAX or text + size > _TEXT_MAX or keys & own):
            yield batch
            batch, keys, text = [], set(), 0
        batch.append((label, change))
        keys |= own
        text += size
    if batch:
        yield batch


def _write(table: api.Table, batch: _Batch) -> _Written:
    """Write the batch, without those that something is in the way of."""
    written = _Written()
    while batch:
        try:
            keys = api.write(table, [change for _label, change in batch])
        except AnsibleAWSError as error:
            written.failures.update({label: _text(error) for label, _change in batch})
            break
        if not any(keys):
            written.changes.update(batch)
            break
        written.lost.update(pair for pair, key in zip(batch, keys, strict=True) if key is not None)
        batch = [pair for pair, key in zip(batch, keys, strict=True) if key is None]
    return written


def _write_one(table: api.Table, ask: Ask, planned: Change, stamp: Stamp) -> Change:
    """Do what was asked for as a task of its own would."""
    current = api.get_record(table, planned.after.address)
    # An answer lost on its way makes the call again, which then meets what it wrote itself.
    if current == planned.after:
        return planned
    if not isinstance(ask, Upsert):
        return vend(table, ask, lambda: stamp, False)
    change = ask.plan(current, stamp)
    if change.before is not None:
        return edit_record(table, ask.edit, lambda: stamp, False, planned.before)
    key = api.write(table, [change])[0]
    if key is not None:
        raise refusal(change, key, partial(api.get_item, table))
    return change


def _text(error: InputError | AnsibleAWSError) -> str:
    return str(error) if isinstance(error, InputError) else str(failure(error)["msg"])
