# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An address is never vended twice, however many vend at once and whichever of them are killed.

On local AWS, whose transactions hold under concurrency.
"""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from botocore.config import Config

from ansible_collections.account_factory.email.plugins.module_utils._map import api
from ansible_collections.account_factory.email.plugins.module_utils._map.edits import Edit
from ansible_collections.account_factory.email.plugins.module_utils._map.requests import SeriesRequest
from ansible_collections.account_factory.email.plugins.module_utils._record import Stamp, series_key
from tests.integration.killed_workers import Job, Workers
from tests.integration.maps import Answer, check_map, check_vended
from tests.integration.watched import CutOffError, WatchedClient, cut_off
from tests.local_aws import LocalAws
from tests.map_work import edit_of, edit_record, vend

REQUEST = SeriesRequest("T", "app", "accounts.example.com", {"owners": ("jane@example.org",)})
REQUESTS = [replace(REQUEST, request_id=f"T-{number}") for number in range(1000)]
WORKERS = 32
PROCESSES = 8
KILLS = 24


def stamp() -> Stamp:
    return Stamp("2026-11-21T09:30:00Z", "arn:aws:iam::123456789012:user/jane")


def test_a_thousand_vends_of_one_prefix_each_asked_for_by_two_workers_at_once(
    local_aws: LocalAws, map_table: str
) -> None:
    # Threads race harder than processes do: a pair goes through the calls of a vend in step, so that nearly every
    # request is drawn for twice; between processes on two cores it is one in two.
    dynamodb = local_aws.client("dynamodb", config=Config(max_pool_connections=WORKERS))
    table = api.Table(dynamodb, map_table)
    pairs = WORKERS // 2
    together = [Barrier(2) for _pair in range(pairs)]

    def work(worker: int) -> list[Answer]:
        mine = replace(stamp(), by=f"arn:aws:iam::123456789012:user/{worker}")
        answers = []
        for request in REQUESTS[worker % pairs :: pairs]:
            together[worker % pairs].wait(60)
            change = vend(table, request, lambda: mine, False)
            answers.append(Answer(request.request_id, change.before is None, change.after))
        return answers

    with ThreadPoolExecutor(WORKERS) as pool:
        answers = [answer for mine in pool.map(work, range(WORKERS)) for answer in mine]
    assert len(answers) == 2 * len(REQUESTS)
    check_vended(table, REQUESTS, answers, times_new={1})
    counter = api.get_item(table, series_key("app"))
    assert counter is not None
    assert counter["last_number"] > len(REQUESTS), "no two ever vended at once, so this has shown nothing"


def test_a_thousand_vends_by_workers_that_are_killed_and_run_again(local_aws: LocalAws, map_table: str) -> None:
    threads = WORKERS // PROCESSES
    halves = PROCESSES // 2
    jobs = []
    for process in range(PROCESSES):
        # The second half of the processes does the same as the first.
        lists = [REQUESTS[process % halves + halves * thread :: WORKERS // 2] for thread in range(threads)]
        jobs.append(Job(f"worker-{process}", lists, map_table, local_aws.environment))
    chance = random.Random(KILLS)
    workers = Workers(jobs)
    answers = list(workers.run(sorted(chance.sample(range(len(REQUESTS)), KILLS)), chance))
    table = api.Table(local_aws.client("dynamodb"), map_table)
    # Who was told that an address is new may have been killed with what it was told.
    check_vended(table, REQUESTS, answers, times_new={0, 1})
    assert workers.killed > KILLS / 2


@pytest.mark.parametrize("sent", [pytest.param(False, id="before"), pytest.param(True, id="after")])
@pytest.mark.parametrize("call", [1, 2, 3])
def test_a_vend_cut_off_at_any_of_its_calls_is_finished_by_another(
    local_aws: LocalAws, map_table: str, call: int, sent: bool
) -> None:
    table = api.Table(local_aws.client("dynamodb"), map_table)
    dying = cut_off(table.client, call, sent)
    with pytest.raises(CutOffError):
        vend(api.Table(dying, map_table), REQUEST, stamp, False)
    left = check_map(table)
    other = vend(table, replace(REQUEST, request_id="U"), stamp, False).after
    change = vend(table, REQUEST, stamp, False)
    assert change.before == left.get(change.after.address)
    assert check_map(table) == {record.address: record for record in (change.after, other)}


def test_a_vend_has_the_calls_at_which_it_is_cut_off(local_aws: LocalAws, map_table: str) -> None:
    client = WatchedClient(local_aws.client("dynamodb"))
    vend(api.Table(client, map_table), REQUEST, stamp, False)
    assert client.calls == 3


def test_one_request_from_many_jobs_at_the_same_moment(local_aws: LocalAws, map_table: str) -> None:
    start = Barrier(16)

    def ask(_worker: int) -> tuple[bool, str]:
        table = api.Table(local_aws.client("dynamodb"), map_table)
        start.wait(60)
        change = vend(table, REQUEST, stamp, False)
        return change.before is None, change.after.address

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(ask, range(16)))
    assert len({address for _new, address in answers}) == 1
    assert [new for new, _address in answers].count(True) == 1


def test_edits_of_different_fields_at_the_same_moment_all_stay(local_aws: LocalAws, map_table: str) -> None:
    table = api.Table(local_aws.client("dynamodb"), map_table)
    record = vend(table, REQUEST, stamp, False).after
    edits = [
        edit_of(record.address, owners=("joe@example.org",)),
        edit_of(record.address, account_type="sandbox"),
        edit_of(record.address, tags={"a": "b"}),
        edit_of(record.address, account_id="123456789012"),
        edit_of(record.address, create_account_request_id="car-1"),
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
        owners_since={"joe@example.org": stamp().at},
        account_type="sandbox",
        tags={"a": "b"},
        account_id="123456789012",
        status="active",
        create_account_request_id="car-1",
        version=1 + len(edits),
    )
