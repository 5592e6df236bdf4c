# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The benchmark measures what it says: mails of their size, forwarded in the form that is asked for, in each way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.benchmarks import received
from tests.benchmarks.bench_forwarder import MB, WAYS, Bench, bench

SIZE = 20_000


@pytest.fixture(scope="module")
def here() -> Iterator[Bench]:
    with bench() as found:
        # Each mail twice, however fast that is.
        yield replace(found, seconds=0.0)


@pytest.mark.parametrize("kind", [received.PLAIN, received.LONG_LINE, received.REFUSED])
def test_a_mail_has_the_octets_that_its_name_says(kind: str) -> None:
    mail = received.stored(received.name(kind, SIZE))
    assert len(mail) == SIZE
    assert (max(map(len, mail.split(b"\r\n"))) > 998) == (kind == received.LONG_LINE)


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [(received.PLAIN, "sent"), (received.LONG_LINE, "sent-attached"), (received.REFUSED, "sent-attached")],
    ids=["plain", "long line", "refused"],
)
def test_the_forwarder_brings_each_mail_to_its_form(here: Bench, kind: str, outcome: str) -> None:
    assert here.forward("ours", received.name(kind, SIZE)).outcomes == {outcome}


def test_another_outcome_than_what_is_measured_ends_the_benchmark(here: Bench) -> None:
    with pytest.raises(SystemExit, match=r"came to \{'sent'\}, not to kept"):
        here.forward_ours(received.name(received.PLAIN, SIZE), "kept")


@pytest.mark.parametrize("way", WAYS)
def test_each_way_says_what_it_cost(here: Bench, way: str) -> None:
    cost = here.forward(way, received.name(received.PLAIN, SIZE))
    assert len(cost.cpu_seconds) == 2
    assert len(cost.start_cpu_seconds) == 4
    assert 10 * MB < cost.peak_octets < 200 * MB
