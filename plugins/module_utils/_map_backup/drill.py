# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Restore a map's point-in-time backup beside it, compare the two, time it, and remove what was restored."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.waiter import BaseWaiterFactory

from ansible_collections.account_factory.email.plugins.module_utils._aws import DYNAMODB, AwsError
from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._map.api import Table
from ansible_collections.account_factory.email.plugins.module_utils._times import utc_text

from . import api
from .backup import read_map
from .compare import DIFFERENT, LOST, Comparison, compare
from .store import temporary_store

# What a table of a drill is known by, with the map's name as its value.
DRILL_TAG = "account_factory.email:drill"
_POLL_SECONDS = 10
_NAME_MAX = 255
# botocore's event before each look of the waiter.
_LOOKED_UP = "before-call.dynamodb.DescribeTable"

Progress = Callable[[int, int], None]


class _WaiterFactory(BaseWaiterFactory):
    @property
    def _waiter_model_data(self) -> dict[str, Any]:
        def status(expected: str, state: str) -> dict[str, str]:
            return {"state": state, "matcher": "path", "expected": expected, "argument": "Table.TableStatus"}

        return {
            "table_restored": {
                "operation": "DescribeTable",
                "delay": _POLL_SECONDS,
                "maxAttempts": 360,
                "acceptors": [
                    status("ACTIVE", "success"),
                    status("CREATING", "retry"),
                    # What was just made is not seen everywhere at once.
                    {"state": "retry", "matcher": "error", "expected": "ResourceNotFoundException"},
                ],
            }
        }


@dataclass(frozen=True)
class Drill:
    """How a drill is done: ``begun`` now, waiting ``wait_timeout`` seconds at most for the restored table."""

    begun: datetime
    wait_timeout: int
    check_mode: bool
    progress: Progress


@dataclass
class Leftovers:
    """Tables of earlier drills that were cut off: removed, and left alone because they do not carry the map's tag."""

    removed: list[str]
    left: list[str]


def run(table: Table, drill: Drill) -> dict[str, Any]:
    """Do the drill and return what it showed; in check mode only what is there to be restored."""
    if drill.wait_timeout < 1:
        raise InputError(f"wait_timeout: {drill.wait_timeout} is not a number of seconds from 1 on")
    recovery = api.point_in_time_recovery(table)
    latest = recovery.get("LatestRestorableDateTime")
    if recovery.get("PointInTimeRecoveryStatus") != "ENABLED" or latest is None:
        raise InputError(
            f"table: {table.name} has no point-in-time recovery, so that there is nothing to restore; run the playbook"
            " deploy, which enables it, or enable it by the table's settings"
        )
    name = f"{table.name}-drill-{drill.begun:%Y%m%dT%H%M%SZ}"
    if len(name) > _NAME_MAX:
        raise InputError(f"table: {name} would have more than {_NAME_MAX} characters, DynamoDB's limit of a name")
    leftovers = _leftovers(table, drill.check_mode)
    found: dict[str, Any] = {
        "restored_table": name,
        "restorable_until": utc_text(latest),
        "rpo_seconds": max(0, round((drill.begun - latest).total_seconds())),
        "leftovers_removed": leftovers.removed,
        "leftovers_kept": leftovers.left,
    }
    return found if drill.check_mode else {**found, **_restored(table, name, drill)}


def _leftovers(table: Table, check_mode: bool) -> Leftovers:
    """Remove the tables of earlier drills of this map."""
    leftovers = Leftovers([], [])
    for name in sorted(api.tables_with_prefix(table, f"{table.name}-drill-")):
        arn = str(api.describe(Table(table.client, name))["TableArn"])
        is_ours = api.tags_of(table.client, arn).get(DRILL_TAG) == table.name
        (leftovers.removed if is_ours else leftovers.left).append(name)
        if is_ours and not check_mode:
            api.delete_table(table.client, name)
    return leftovers


def _restored(table: Table, name: str, drill: Drill) -> dict[str, Any]:
    arn = str(api.restore_beside(table, name)["TableArn"])
    try:
        found = _measured(table, Table(table.client, name), arn, drill)
    except Exception:
        # The first error says more. What cannot be deleted now carries the tag, by which the next drill removes it.
        with contextlib.suppress(AwsError):
            api.delete_table(table.client, name)
        raise
    api.delete_table(table.client, name)
    return found


def _measured(table: Table, restored: Table, arn: str, drill: Drill) -> dict[str, Any]:
    begun = time.monotonic()
    tags = {DRILL_TAG: table.name}
    # Where DynamoDB does not tag a table that is being made, it is tagged once it is there.
    is_tagged = api.tag(table.client, arn, tags)
    _wait(table, restored.name, drill)
    seconds = time.monotonic() - begun
    if not is_tagged:
        api.tag(table.client, arn, tags)
    comparison = _compared(table, restored)
    return {
        "restore_seconds": round(seconds, 1),
        "compare_seconds": round(time.monotonic() - begun - seconds, 1),
        "counts": comparison.table(),
        "unexplained": comparison.unexplained,
        "is_complete": comparison.total(LOST) + comparison.total(DIFFERENT) == 0,
    }


def _wait(table: Table, name: str, drill: Drill) -> None:
    """Return once the table can be read; ``progress`` hears seconds, of those it may take, as it is looked up."""
    begun = time.monotonic()
    delay = min(_POLL_SECONDS, max(1, drill.wait_timeout // 10))
    waiter = _WaiterFactory().get_waiter(table.client, "table_restored")

    def tell(**_event: Any) -> None:
        drill.progress(min(round(time.monotonic() - begun), drill.wait_timeout), drill.wait_timeout)

    config = {"Delay": delay, "MaxAttempts": math.ceil(drill.wait_timeout / delay)}
    events = table.client.meta.events
    events.register(_LOOKED_UP, tell)
    try:
        DYNAMODB.call(f"restore the map as {name}", waiter.wait, TableName=name, WaiterConfig=config)
    except AwsError as error:
        raise error.but(
            remedy=f"It is deleted once it can be. A restore takes minutes to hours: give wait_timeout more than"
            f" {drill.wait_timeout} seconds."
        ) from error.exception
    finally:
        events.unregister(_LOOKED_UP, tell)


def _compared(live: Table, restored: Table) -> Comparison:
    def silent(_read: int, _of: int) -> None:
        """Reading takes seconds, where the restore took minutes."""

    with temporary_store() as mine, temporary_store() as theirs:
        read_map(restored, mine, silent)
        read_map(live, theirs, silent)
        return compare(mine.by_key(), theirs.by_key())
