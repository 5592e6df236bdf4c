# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each operation of SES is called once a second at most."""

from __future__ import annotations

import boto3
import pytest
from moto import mock_aws

from ansible_collections.account_factory.email.plugins.module_utils._pacing import pace


class Clock:
    """A clock that sleeping moves on, and nothing else but the test."""

    now = 1000.0

    def __init__(self) -> None:
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 3))
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    module = "ansible_collections.account_factory.email.plugins.module_utils._pacing.time"
    monkeypatch.setattr(module, clock)
    return clock


@mock_aws
def test_the_second_call_of_an_operation_waits_and_other_operations_do_not(clock: Clock) -> None:
    ses = pace(boto3.client("sesv2", region_name="eu-west-1"))
    ses.list_email_identities()
    ses.list_configuration_sets()
    assert clock.slept == []
    clock.now += 0.25
    ses.list_email_identities()
    assert clock.slept == [0.75]
    clock.now += 5
    ses.list_email_identities()
    assert clock.slept == [0.75, 0.0]
