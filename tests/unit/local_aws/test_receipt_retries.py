# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Receipt actions that fail: when they are tried again, and when they are given up."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import pytest

from tests.local_aws.receipt_retries import GIVE_UP_SECONDS, Action, Retries, delay

START = 1_000_000.0


@dataclass
class _Bucket:
    """Fails until it is mended; notes when it was tried, and what was counted."""

    mended: bool = False
    tries: list[float] = field(default_factory=list)
    counted: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.retries = Retries(self._count, lambda: START)

    def _count(self, metric: str, rule_set: str, rule: str) -> None:
        assert (rule_set, rule) == ("set", "rule")
        self.counted.append(metric)

    def store(self) -> str:
        self.tries.append(self.retries.now() - START)
        if not self.mended:
            raise PermissionError("denied")
        return "stored"

    def action(self, message_id: str = "m") -> Action:
        return Action(message_id, "set", "rule", "S3Action", self.store)


@pytest.mark.parametrize(("failures", "seconds"), [(1, 10), (2, 20), (8, 1280), (9, 1800), (5000, 1800)])
def test_delays_grow(failures: int, seconds: float) -> None:
    assert delay(failures) == seconds


def test_what_succeeds_is_done_once() -> None:
    bucket = _Bucket(mended=True)
    assert bucket.retries.carry_out(bucket.action()) == "stored"
    bucket.retries.elapse(GIVE_UP_SECONDS)
    assert (bucket.tries, bucket.counted, bucket.retries.waiting()) == ([0], [], [])


def test_a_failure_is_counted_and_tried_again_until_it_succeeds() -> None:
    bucket = _Bucket()
    assert bucket.retries.carry_out(bucket.action()) is None
    bucket.retries.elapse(29)
    assert bucket.tries == [0, 10]
    assert [action.message_id for action in bucket.retries.waiting()] == ["m"]
    bucket.mended = True
    bucket.retries.elapse(1)
    bucket.retries.elapse(GIVE_UP_SECONDS)
    assert bucket.tries == [0, 10, 30]
    assert (bucket.counted, bucket.retries.waiting()) == (["PublishFailure"] * 2, [])


def test_it_is_given_up_after_four_hours() -> None:
    bucket = _Bucket()
    bucket.retries.carry_out(bucket.action())
    bucket.retries.elapse(GIVE_UP_SECONDS - 1)
    assert "PublishExpired" not in bucket.counted
    bucket.retries.elapse(1)
    assert bucket.tries[-1] == GIVE_UP_SECONDS
    assert bucket.counted == ["PublishFailure"] * len(bucket.tries) + ["PublishExpired"]
    # What was mended too late helps nobody.
    bucket.mended = True
    before = [*bucket.tries]
    bucket.retries.elapse(GIVE_UP_SECONDS)
    assert (bucket.tries, bucket.retries.waiting()) == (before, [])


def test_the_clock_alone_brings_it_back() -> None:
    counted = threading.Event()
    passed = [0.0]
    stored = threading.Event()

    def store() -> None:
        if not counted.is_set():
            raise PermissionError("denied")
        stored.set()

    retries = Retries(lambda *_unused: counted.set(), lambda: START + passed[0])
    retries.carry_out(Action("m", "set", "rule", "S3Action", store))
    passed[0] = 10
    retries.start()
    assert stored.wait(30)
    retries.stop()
    assert retries.waiting() == []


def test_a_metric_that_cannot_be_counted_is_no_reason_to_give_up() -> None:
    bucket = _Bucket()

    def fail(*_unused: str) -> None:
        raise ConnectionError("no CloudWatch")

    retries = Retries(fail, lambda: START)
    bucket.retries = retries
    retries.carry_out(bucket.action())
    bucket.mended = True
    retries.elapse(10)
    assert bucket.tries == [0, 10]
