# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SES takes nothing for a day and more, or one mail a second: every mail arrives all the same, once and in good time.

The queue, the functions and SES are simulated, with the numbers of the stack; the handler is the real one.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest
from botocore.exceptions import (
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)
from hypothesis import given
from hypothesis import strategies as st

from forwarder.aws.queue import LONGEST_SECONDS, delay

from .conftest import refusal
from .simulation import DAY, HOUR, Trouble, World, alternating, deployed_numbers

NUMBERS = deployed_numbers()
# What the role takes for mail_forwarder_timeout, the least and the most, and the default.
TIMEOUTS = (10, 60, 900)
SOLE, SHARED = "aws-sandbox-0001@accounts.example.com", "aws-sandbox-0002@accounts.example.com"
OWNERS = {SOLE: ("ann@example.com",), SHARED: ("ann@example.com", "bob@example.com")}
MAIL_EVERY = HOUR
# The longest time from one try to the next: an hour and a tenth.
LONGEST_DELAY = 1.1 * LONGEST_SECONDS
# The backlog goes out as fast as two functions send.
DRAINING = 120.0

UNREACHABLE = (
    Trouble(lambda: EndpointConnectionError(endpoint_url="https://email")),
    # What the client is configured with: see aws/clients.py.
    Trouble(lambda: ConnectTimeoutError(endpoint_url="https://email"), seconds=5),
)
SERVER_ERRORS = (
    Trouble(lambda: refusal("InternalFailure", 500)),
    Trouble(lambda: refusal("ServiceUnavailable", 503)),
    Trouble(lambda: ConnectionClosedError(endpoint_url="https://email")),
)
SILENCE = (Trouble(lambda: ReadTimeoutError(endpoint_url="https://email"), seconds=50),)


@pytest.fixture(autouse=True)
def same_every_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("POWERTOOLS_LOG_LEVEL", "CRITICAL")
    random.seed(13)


@pytest.fixture
def world() -> World:
    made = World(NUMBERS)
    for address, owners in OWNERS.items():
        made.vend(address, *owners)
    return made


def pause(world: World) -> Callable[[], None]:
    world.sending.enabled = False
    return lambda: setattr(world.sending, "enabled", True)


def use_the_quota_up(world: World) -> Callable[[], None]:
    world.sending.daily_quota = 0
    return lambda: setattr(world.sending, "daily_quota", 50_000)


def trouble(*troubles: Trouble) -> Callable[[World], Callable[[], None]]:
    def begin(world: World) -> Callable[[], None]:
        world.trouble = alternating(*troubles)
        return lambda: setattr(world, "trouble", lambda: None)

    return begin


def days_of(begin: Callable[[World], Callable[[], None]], days: float, world: World) -> float:
    """Let mail arrive every hour while SES takes none, and for two hours more; return when SES does."""
    began = world.timeline()
    arrivals = [number * MAIL_EVERY for number in range(int((days * DAY + 2 * HOUR) / MAIL_EVERY))]
    for number, at in enumerate(arrivals):
        world.receive_mail(f"m{number}", (SOLE, SHARED)[number % 2], at)
    end = begin(world)

    def turn() -> None:
        world.timeline.sleep(days * DAY)
        end()

    world.run(turn)
    return began + days * DAY


TROUBLES = {
    "paused": (pause, "mail-waiting"),
    "the daily quota used up": (use_the_quota_up, "mail-waiting"),
    "not reached": (trouble(*UNREACHABLE), "mail-waiting"),
    "server errors": (trouble(*SERVER_ERRORS), "mail-failed"),
    "no answer": (trouble(*SILENCE), "mail-failed"),
    "all of it in turn": (trouble(*UNREACHABLE, *SERVER_ERRORS, *SILENCE), "mail-waiting"),
}


@pytest.mark.parametrize("days", [1.0, 1.5])
@pytest.mark.parametrize(("begin", "metric"), TROUBLES.values(), ids=TROUBLES)
def test_all_mail_arrives_after_a_day_on_which_ses_takes_none(
    world: World, begin: Callable[[World], Callable[[], None]], metric: str, days: float
) -> None:
    began = world.timeline()
    ended = days_of(begin, days, world)

    assert world.queue.dead == []
    expected = {(one.id, owner) for one in world.queue.messages.values() for owner in OWNERS[_address(one.body)]}
    assert Counter((copy.message_id, copy.mailbox) for copy in world.copies) == Counter(expected)

    # In order of receipt within reason: whatever waited is there within the longest delay of the end, and what came
    # after that overtook nothing.
    for message in world.queue.messages.values():
        assert message.done_at is not None
        assert message.done_at <= max(ended + LONGEST_DELAY, message.sent_at) + DRAINING

    tries = [len(message.received_at) for message in world.queue.messages.values()]
    print(f"{days} days: {max(tries)} tries of {NUMBERS.tries} at most, {sum(tries) / len(tries):.1f} on average")
    assert max(tries) <= days * 24 + 8
    # An alarm is raised by the first try already.
    assert world.counts(began + NUMBERS.timeout)[metric] >= 1


def test_what_ses_took_without_saying_so_leaves_once_more_and_nothing_else_does(world: World) -> None:
    """Nobody can know that it left; each such answer costs a copy, and none is lost."""
    sent = replace(SERVER_ERRORS[0], was_sent=True)
    days_of(trouble(*SERVER_ERRORS, sent), 1.0, world)
    assert world.queue.dead == []
    told = Counter((copy.message_id, copy.mailbox) for copy in world.copies if copy.was_told)
    expected = {(one.id, owner) for one in world.queue.messages.values() for owner in OWNERS[_address(one.body)]}
    assert told == Counter(expected)
    assert len(world.copies) > len(expected)


def test_one_owner_for_whom_ses_does_not_answer_is_enough_for_a_try(world: World) -> None:
    """With a second one it would be killed, and neither count what waits nor postpone the message."""
    world.trouble = alternating(*SILENCE)
    began = world.timeline()
    world.receive_mail("m1", SHARED, 0.0)

    def turn() -> None:
        world.timeline.sleep(HOUR)
        world.trouble = lambda: None

    world.run(turn)
    assert world.killed == 0
    assert world.counts(began + NUMBERS.timeout) == {"mail-failed": 1, "mail-waiting": 1}
    assert [copy.mailbox for copy in world.copies] == list(OWNERS[SHARED])


def _address(body: str) -> str:
    (recipient,) = json.loads(body)["receipt"]["recipients"]
    return str(recipient)


def at_one_a_second(world: World, mails: int, owners: int) -> None:
    """Send so many mails to so many owners, and check that each gets each once and nothing fails."""
    address = "aws-team-0001@accounts.example.com"
    everybody = [f"owner-{number}@example.com" for number in range(owners)]
    world.vend(address, *everybody)
    world.sending.rate = 1.0
    for number in range(mails):
        world.receive_mail(f"m{number}", address, 0.0)
    world.run()
    assert world.queue.dead == []
    copies = Counter((copy.message_id, copy.mailbox) for copy in world.copies)
    assert copies == Counter((f"m{number}", owner) for number in range(mails) for owner in everybody)


@pytest.mark.parametrize("seed", range(3))
def test_a_rate_costs_time_and_no_try(world: World, seed: int) -> None:
    random.seed(seed)
    began = world.timeline()
    at_one_a_second(world, mails=200, owners=5)
    taken = world.copies[-1].at - began
    print(f"{taken:.0f} s, {taken / 1000:.2f} of the floor; refused {world.sending.refused}")
    assert [len(message.received_at) for message in world.queue.messages.values()] == [1] * 200
    assert world.counts(until=float("inf")) == {"mail-sent": 1000}
    # A bucket of one holds no more than one: while both functions wait, what SES would take is lost.
    assert taken < 1.5 * 1000


def test_a_mail_of_more_owners_than_there_is_time_for_goes_on_in_its_next_try(world: World) -> None:
    at_one_a_second(world, mails=1, owners=150)
    (message,) = world.queue.messages.values()
    tries = len(message.received_at)
    print(f"{tries} tries")
    assert 3 <= tries <= 6
    sent = [sum(copy.at < until for copy in world.copies) for until in (*message.received_at[1:], float("inf"))]
    # Each went on from where the one before it stopped.
    assert sent == sorted({*sent})
    assert world.killed == 0
    # That there is no time left is no failure, and raises no alarm as if it were one.
    assert world.counts(until=float("inf"))["mail-failed"] == 0


@pytest.mark.parametrize("timeout", TIMEOUTS)
def test_what_nobody_understands_is_a_dead_letter_soon(timeout: int) -> None:
    """However long the function may take for a mail."""
    world = World(deployed_numbers(timeout=timeout))
    world.receive_notice("poison", "no notice")
    world.run()
    (dead,) = world.queue.dead
    assert dead.dead_at is not None
    assert len(dead.received_at) == NUMBERS.tries
    assert dead.dead_at - dead.sent_at < 2 * HOUR


def test_mail_of_an_address_without_owners_is_kept_for_nearly_two_days(world: World) -> None:
    world.vend("aws-odd-0001@accounts.example.com")
    world.receive_mail("m1", "aws-odd-0001@accounts.example.com", 0.0)
    world.run()
    (dead,) = world.queue.dead
    assert dead.dead_at is not None
    print(f"{(dead.dead_at - dead.sent_at) / HOUR:.1f} hours")
    assert 1.5 * DAY < dead.dead_at - dead.sent_at <= 2 * DAY


SEEDS = st.integers(0, 2**32)


@given(SEEDS, st.integers(1, 10**6), st.integers(1, LONGEST_SECONDS))
def test_no_delay_is_longer_than_an_hour_and_a_tenth_or_none(seed: int, tries: int, first_seconds: int) -> None:
    random.seed(seed)
    assert 1 <= delay(tries, first_seconds) <= LONGEST_DELAY


@given(SEEDS, st.integers(1, 96))
def test_delays_grow(seed: int, tries: int) -> None:
    """Each is longer than the one before it, until they are an hour, give or take a tenth."""
    random.seed(seed)
    before, after = (delay(one, NUMBERS.settings["retry_seconds"]) for one in (tries, tries + 1))
    assert before < after or after >= 0.9 * LONGEST_SECONDS


RETRY_SECONDS = {timeout: deployed_numbers(timeout=timeout).settings["retry_seconds"] for timeout in TIMEOUTS}


@given(SEEDS, st.sampled_from(TIMEOUTS))
def test_the_tries_last_for_a_day_and_a_half_at_least(seed: int, timeout: int) -> None:
    random.seed(seed)
    delays = [delay(tries, RETRY_SECONDS[timeout]) for tries in range(1, NUMBERS.tries)]
    assert sum(delays) >= 1.5 * DAY
    # A message that is postponed before its try must not come back while that lasts.
    assert min(delays) > timeout
