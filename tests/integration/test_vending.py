# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An address is never vended twice, however many vend at once.

On local AWS, whose transactions hold under concurrency.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier, local

from ansible_collections.account_factory.email.plugins.module_utils._map import api
from ansible_collections.account_factory.email.plugins.module_utils._map.editing import edit_record
from ansible_collections.account_factory.email.plugins.module_utils._map.edits import Edit
from ansible_collections.account_factory.email.plugins.module_utils._map.record import AddressRecord, Stamp
from ansible_collections.account_factory.email.plugins.module_utils._map.requests import SeriesRequest
from ansible_collections.account_factory.email.plugins.module_utils._map.vending import vend
from tests.local_aws import LocalAws

WORKERS = 16
REQUEST = SeriesRequest("T", "app", "accounts.example.com", ("jane@example.org",))


def stamp() -> Stamp:
    return Stamp("2026-11-21T09:30:00Z", "arn:aws:iam::123456789012:user/jane")


def test_each_of_many_requests_asked_for_twice_at_once_gets_one_address(local_aws: LocalAws, map_table: str) -> None:
    requests = [replace(REQUEST, request_id=f"T-{number}") for number in range(100)]

    # One client for a thread: making one takes longer than vending.
    own = local()

    def ask(request: SeriesRequest) -> tuple[str, bool, AddressRecord]:
        if not hasattr(own, "table"):
            own.table = api.Table(local_aws.client("dynamodb"), map_table)
        change = vend(own.table, request, stamp, False)
        return request.request_id, change.before is None, change.after

    with ThreadPoolExecutor(WORKERS) as pool:
        answers = list(pool.map(ask, [request for request in requests for _twice in range(2)]))

    assert len({record.address for _request_id, _new, record in answers}) == len(requests)
    assert len({record.number for _request_id, _new, record in answers}) == len(requests)
    for request in requests:
        mine = [(new, record.address) for request_id, new, record in answers if request_id == request.request_id]
        assert len({address for _new, address in mine}) == 1
        assert sorted(new for new, _address in mine) == [False, True]


def test_one_request_from_many_jobs_at_the_same_moment(local_aws: LocalAws, map_table: str) -> None:
    start = Barrier(WORKERS)

    def ask(_worker: int) -> tuple[bool, str]:
        table = api.Table(local_aws.client("dynamodb"), map_table)
        start.wait(60)
        change = vend(table, REQUEST, stamp, False)
        return change.before is None, change.after.address

    with ThreadPoolExecutor(WORKERS) as pool:
        answers = list(pool.map(ask, range(WORKERS)))
    assert len({address for _new, address in answers}) == 1
    assert [new for new, _address in answers].count(True) == 1


def test_edits_of_different_fields_at_the_same_moment_all_stay(local_aws: LocalAws, map_table: str) -> None:
    table = api.Table(local_aws.client("dynamodb"), map_table)
    record = vend(table, REQUEST, stamp, False).after
    edits = [
        Edit(record.address, owners=("joe@example.org",)),
        Edit(record.address, account_type="sandbox"),
        Edit(record.address, tags={"a": "b"}),
        Edit(record.address, account_id="123456789012"),
        Edit(record.address, create_account_request_id="car-1"),
    ]
    start = Barrier(len(edits))

    def apply(edit: Edit) -> None:
        mine = api.Table(local_aws.client("dynamodb"), map_table)
        start.wait(60)
        edit_record(mine, edit, stamp, False)

    with ThreadPoolExecutor(len(edits)) as pool:
        list(pool.map(apply, edits))
    assert api.get_record(table, record.address) == replace(
        record,
        owners=("joe@example.org",),
        account_type="sandbox",
        tags={"a": "b"},
        account_id="123456789012",
        status="active",
        create_account_request_id="car-1",
        version=1 + len(edits),
    )
