# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The benchmark takes every message once, by two functions, and compares what is alike."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from tests.benchmarks import forwarding
from tests.benchmarks.bench_forwarder import Bench, bench
from tests.benchmarks.bench_queue import WAYS, LocalQueue, check, events, forward_all, function, measure, say_ratios

COUNT = 6


@pytest.fixture(scope="module")
def here() -> Iterator[Bench]:
    with bench() as found:
        yield found


def _message_id(event: dict[str, Any]) -> str:
    return str(json.loads(event["Records"][0]["body"])["mail"]["messageId"])


def test_every_mail_has_an_id_of_its_own_and_the_same_octets() -> None:
    made = [*events(0, COUNT), *events(COUNT, COUNT)]
    assert [_message_id(event) for event in made] == [f"mail{number}" for number in range(2 * COUNT)]
    assert len({forwarding._stored_at(event) for event in made}) == 1


def test_two_functions_share_the_messages_of_a_queue(here: Bench) -> None:
    queue = LocalQueue(events(0, COUNT))
    with function(here, "ours") as one, function(here, "ours") as other:
        assert forward_all(queue, [one, other]) > 0
    assert (queue.taken, queue.outcomes) == (COUNT, Counter(sent=COUNT))


def test_each_way_is_measured_in_turns(here: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    rates = measure(here, COUNT, COUNT // 2)
    assert rates.keys() == WAYS.keys()
    assert min(rates.values()) > 0
    assert [line.partition(" mails")[0] for line in capsys.readouterr().out.splitlines()] == [
        "bench: 3 of 6",
        "bench: 6 of 6",
    ]


def test_a_function_that_fails_ends_the_benchmark(here: Bench) -> None:
    broken = iter([{"Records": [{"body": "no notice"}]}])
    with function(here, "bare_calls") as one, pytest.raises(SystemExit, match="a function ended"):
        forward_all(LocalQueue(broken), [one])


@pytest.mark.parametrize(
    ("taken", "outcomes"),
    [(COUNT - 1, {"sent": COUNT}), (COUNT, {"sent": COUNT - 1, "failed": 1}), (COUNT, {"sent": COUNT + 1})],
    ids=["a message is left", "one failed", "one was sent twice"],
)
def test_another_end_than_what_is_measured_ends_the_benchmark(taken: int, outcomes: dict[str, int]) -> None:
    queue = LocalQueue(iter(()), taken, Counter(outcomes))
    with pytest.raises(SystemExit, match=f"{taken} of {COUNT} messages taken"):
        check(queue, "ours", COUNT)


def test_ratios_are_of_ours_to_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    say_ratios({"ours": 50.0, "same_calls": 100.0, "bare_calls": 200.0})
    ours, *others = capsys.readouterr().out.splitlines()
    assert "ours / this" not in ours
    assert [line.split()[-1] for line in others] == ["0.50", "0.25"]


def test_the_bare_calls_are_those_of_a_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    """As tests/unit/roles/mail_forwarder/forwarder/test_calls.py has them, but for what is asked once a minute."""
    calls: list[str] = []

    class Recorder:
        def __getattr__(self, name: str) -> Any:
            calls.append(name)
            return lambda **_request: {"Body": io.BytesIO(b"x")}

    monkeypatch.setattr(boto3, "client", lambda _name: Recorder())
    (event,) = events(0, 1)
    forwarding.same_calls()(event)
    assert calls == ["get_item", "put_item", "get_object", "send_email", "update_item"]
