# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever is vended, retired, backed up, lost and restored in any order: no address is vended twice, none that is
retired comes back, no counter goes down, and a second restore changes nothing."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Any

import boto3
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from moto import mock_aws

from ansible_collections.account_factory.email.plugins.module_utils._errors import TaskError
from ansible_collections.account_factory.email.plugins.module_utils._map import api
from ansible_collections.account_factory.email.plugins.module_utils._map.edits import Edit
from ansible_collections.account_factory.email.plugins.module_utils._map.requests import ExactRequest, SeriesRequest
from ansible_collections.account_factory.email.plugins.module_utils._map_backup import dump, tasks
from ansible_collections.account_factory.email.plugins.module_utils._map_backup.backup import header_of, read_map
from ansible_collections.account_factory.email.plugins.module_utils._map_backup.store import temporary_store
from ansible_collections.account_factory.email.plugins.module_utils._module import Outcome
from ansible_collections.account_factory.email.plugins.module_utils._record import RETIRED, AddressRecord
from ansible_collections.account_factory.email.plugins.module_utils._times import utc_text
from tests.integration.maps import DOMAIN, check_map, read_items
from tests.integration.watched import CutOffError, WatchedClient, cut_off
from tests.map_table import create_table
from tests.map_work import edit_record, jane, vend

ARN = "arn:aws:dynamodb:eu-west-1:123456789012:table/map"
OWNERS = ("jane@example.org",)
NAMES = st.sampled_from(["app-001", "app-003", "web", "log"])
# More than any test here vends between a backup and a loss.
SKIPPED = 100


@dataclass(frozen=True)
class Dump:
    """A backup, and what was known when it was taken."""

    data: bytes
    retired: frozenset[str]
    last_number: int
    vended: int


def back_up(table: api.Table) -> bytes:
    with temporary_store() as store:
        assert read_map(table, store, lambda _done, _of: None) == []
        file = io.BytesIO()
        dump.write(file, header_of(ARN, store, datetime(2026, 11, 26, tzinfo=timezone.utc)), store.lines())
        return file.getvalue()


def restore(table: api.Table, data: bytes, check_mode: bool = False, day: int = 1) -> Outcome:
    file = io.BytesIO(data)
    source = tasks.Source(dump.verify(file, "src"), dump.items(file, "src"))
    stamp = replace(jane(), at=utc_text(datetime(2026, 11, 26, tzinfo=timezone.utc) + timedelta(days=day)))
    how = tasks.Restoring(lambda: stamp, SKIPPED, check_mode, False, lambda _done, _of: None)
    return tasks.restore_from(table, source, how)


class InPages:
    """A client whose scans read two items at a time, so that others write between them."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def scan(self, **parameters: Any) -> Any:
        return self._client.scan(Limit=2, **parameters)


def wipe(table: api.Table) -> None:
    table.client.delete_table(TableName=table.name)
    create_table(table.client)


class Life(RuleBasedStateMachine):
    """A map and its backups; ``vended`` is every address that anybody was ever told to have got."""

    def __init__(self, client: Any) -> None:
        super().__init__()
        self.table = api.Table(client, "map")
        wipe(self.table)
        assert api.put_domain(self.table, DOMAIN, None)
        self.vended: list[str] = []
        self.requests = 0
        self.restores = 0
        self.numbered: set[str] = set()
        # Numbers that the map has lost: its series skip them, and who asks for one by its name is not refused.
        self.lost: set[str] = set()
        self.dumps: list[Dump] = []

    def records(self) -> dict[str, AddressRecord]:
        return check_map(self.table)

    def last_number(self) -> int:
        return int(read_items(self.table).get("SERIES#app", {}).get("last_number", 0))

    def retired(self) -> frozenset[str]:
        return frozenset(address for address, record in self.records().items() if record.status == RETIRED)

    @rule()
    def vend_next(self) -> None:
        self.requests += 1
        request = SeriesRequest(f"T-{self.requests}", "app", DOMAIN, {"owners": OWNERS})
        address = vend(self.table, request).after.address
        self._came(address)
        self.numbered.add(address)

    @rule(name=NAMES)
    def vend_by_name(self, name: str) -> None:
        if f"{name}@{DOMAIN}" in self.lost:
            return
        try:
            change = vend(self.table, ExactRequest(name, name, DOMAIN, {"owners": OWNERS}))
        except TaskError:
            return
        if change.before is None:
            self._came(change.after.address)

    def _came(self, address: str) -> None:
        assert address not in self.vended, f"{address} was vended twice"
        self.vended.append(address)

    @rule(data=st.data(), retire=st.booleans())
    @precondition(lambda self: self.records())
    def change_one(self, data: st.DataObject, retire: bool) -> None:
        address = data.draw(st.sampled_from(sorted(self.records())))
        edit = Edit(address, retire=True) if retire else Edit(address, {"tags": {"n": str(len(self.vended))}})
        try:
            edit_record(self.table, edit)
        except TaskError:
            assert not retire

    @rule()
    def back_up(self) -> None:
        retired, last = self.retired(), self.last_number()
        self.dumps.append(Dump(back_up(self.table), retired, last, len(self.vended)))

    @rule(call=st.integers(2, 9), by_name=st.booleans(), name=NAMES)
    def back_up_while_others_vend(self, call: int, by_name: bool, name: str) -> None:
        """The scan reads some of what a vend writes and not the rest."""
        retired, last, vended = self.retired(), self.last_number(), len(self.vended)

        def intervene(number: int) -> None:
            if number == call:
                self.vend_by_name(name) if by_name else self.vend_next()

        client = WatchedClient(InPages(self.table.client), before=intervene)
        self.dumps.append(Dump(back_up(replace(self.table, client=client)), retired, last, vended))

    @rule(data=st.data())
    @precondition(lambda self: self.dumps)
    def restore_one(self, data: st.DataObject) -> None:
        self._restore(data.draw(st.sampled_from(self.dumps)))

    @rule(data=st.data(), call=st.integers(1, 12), sent=st.booleans())
    @precondition(lambda self: self.dumps)
    def restore_one_after_a_run_that_was_cut_off(self, data: st.DataObject, call: int, sent: bool) -> None:
        one = data.draw(st.sampled_from(self.dumps))
        before = self.retired(), self.last_number()
        client = cut_off(self.table.client, call, sent)
        try:
            restore(replace(self.table, client=client), one.data)
        except CutOffError:
            # Whole at each moment, also between two writes.
            self.records()
        self._restore(one, before)

    @rule(older=st.booleans())
    @precondition(lambda self: self.dumps)
    def lose_all_and_restore(self, older: bool) -> None:
        """What was vended since by name, or in a series that began since, only the organization's accounts tell."""
        wipe(self.table)
        if older:
            self._restore(self.dumps[0])
        newest = self.dumps[-1]
        self._restore(newest)
        there = self.records()
        known = self.last_number() > 0
        self.lost |= self.numbered - there.keys()
        self.vended = [address for address in self.vended if address in there or (known and address in self.numbered)]
        # As the role's README says: a second loss would skip the same numbers.
        self.back_up()

    @rule(call=st.integers(2, 9), by_name=st.booleans(), name=NAMES, since=st.integers(0, 3), then=st.integers(1, 4))
    def disaster(self, call: int, by_name: bool, name: str, since: int, then: int) -> None:
        """By chance these would seldom follow each other."""
        self.vend_next()
        self.back_up_while_others_vend(call, by_name, name)
        for _one in range(since):
            self.vend_next()
        self.lose_all_and_restore(older=False)
        for _one in range(then):
            self.vend_next()

    def _restore(self, one: Dump, before: tuple[frozenset[str], int] | None = None) -> None:
        retired, last = before or (self.retired(), self.last_number())
        self.restores += 1
        planned = restore(self.table, one.data, True, self.restores)
        came = restore(self.table, one.data, False, self.restores)
        assert (planned.before, planned.after, planned.extra) == (came.before, came.after, came.extra)
        assert self.retired() >= retired | one.retired
        assert self.last_number() >= max(last, one.last_number)
        assert not restore(self.table, one.data).changed


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    # moto loses writes of transactions that run at the same time.
    monkeypatch.setattr(api, "PARALLEL", 1)
    monkeypatch.setattr(api, "SCAN_SEGMENTS", 1)
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-west-1")
        create_table(client)
        yield client


def test_in_any_order_no_address_is_vended_twice_and_none_comes_back(client: Any) -> None:
    run: Callable[..., None] = run_state_machine_as_test
    run(
        lambda: Life(client),
        settings=settings(
            max_examples=25,
            stateful_step_count=12,
            deadline=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
