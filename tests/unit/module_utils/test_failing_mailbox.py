# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the map says of a mailbox that refuses its mail: its item, how long that holds, when it is tried again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._failing_mailbox import (
    FailingMailbox,
    FailingReason,
    mailbox_key,
    readable,
)
from ansible_collections.account_factory.email.plugins.module_utils._record import account_key, address_key
from forwarder.core.outcomes import Outcome, Reason
from forwarder.core.sending_event import FAILURES

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=timezone.utc)
SINCE = "2026-11-21T09:30:00Z"
SMALL = FailingMailbox("Jane@y.example", FailingReason.SUPPRESSED, SINCE)
FULL = FailingMailbox(
    "Jane@y.example",
    FailingReason.TRANSIENT,
    SINCE,
    until="2026-11-22T09:30:00Z",
    diagnostic="smtp; 421 4.4.1 no answer",
    tried_at="2026-11-21T10:00:00Z",
)


@pytest.mark.parametrize("mark", [SMALL, FULL], ids=["small", "full"])
def test_item_round_trip(mark: FailingMailbox) -> None:
    assert FailingMailbox.from_item(mark.to_item()) == mark


def test_an_item_has_plain_values_and_no_attribute_for_what_is_not_set() -> None:
    item = SMALL.to_item()
    assert item == {
        "pk": "MAILBOX#jane@y.example",
        "mailbox": "Jane@y.example",
        "reason": "suppressed",
        "since": SINCE,
    }
    assert not isinstance(item["reason"], FailingReason)


def test_unknown_attributes_are_left_alone() -> None:
    assert FailingMailbox.from_item({**FULL.to_item(), "added_later": "x"}) == FULL


def test_keys_cannot_meet_and_case_does_not_count() -> None:
    assert mailbox_key("Jane@Y.example") == mailbox_key("jane@y.example")
    assert len({mailbox_key("a@y.example"), address_key("a@y.example"), account_key("a@y.example")}) == 3


@pytest.mark.parametrize("reason", FailingReason)
def test_every_reason_is_a_word_for_the_map_and_a_sentence_for_a_person(reason: FailingReason) -> None:
    assert FailingReason(reason.value) is reason
    assert reason.value.islower()
    # The forwarder finds both by that word: what SES told of the mailbox, and what whoever gets the mail instead reads.
    assert Outcome(reason.value) in FAILURES
    assert Reason(reason.value).why.endswith(".")


@pytest.mark.parametrize(
    ("reason", "until"),
    [
        pytest.param(FailingReason.BOUNCED, None, id="bounced"),
        pytest.param(FailingReason.COMPLAINED, None, id="complained"),
        pytest.param(FailingReason.SUPPRESSED, None, id="suppressed"),
        pytest.param(FailingReason.TRANSIENT, "2026-11-22T09:30:00Z", id="transient"),
    ],
)
def test_only_what_is_transient_ends_by_itself(reason: FailingReason, until: str | None) -> None:
    mark = FailingMailbox.found("o@y.example", reason, NOW, "smtp;\r\n 550 no")
    assert mark == FailingMailbox("o@y.example", reason, SINCE, until, "smtp; 550 no")


@pytest.mark.parametrize(
    ("until", "after", "failing"),
    [
        pytest.param(None, timedelta(), True, id="from the beginning"),
        pytest.param(None, timedelta(days=3650), True, id="for good"),
        pytest.param(FULL.until, timedelta(hours=23, minutes=59, seconds=59), True, id="until the last second"),
        pytest.param(FULL.until, timedelta(days=1), False, id="not from the end on"),
    ],
)
def test_how_long_a_mark_holds(until: str | None, after: timedelta, failing: bool) -> None:
    assert replace(SMALL, until=until).is_failing(NOW + after) is failing


@pytest.mark.parametrize(
    ("tried_at", "after", "may"),
    [
        pytest.param(None, timedelta(), False, id="the failure was a try"),
        pytest.param(None, timedelta(hours=24), True, id="a day after it"),
        pytest.param(None, timedelta(hours=24, seconds=-1), False, id="a second less"),
        pytest.param("2026-11-23T09:30:00Z", timedelta(hours=71), False, id="tried less than a day ago"),
        pytest.param("2026-11-23T09:30:00Z", timedelta(hours=72), True, id="tried a day ago"),
        pytest.param("2026-11-20T09:30:00Z", timedelta(hours=1), False, id="tried before it failed again"),
    ],
)
def test_a_failing_mailbox_is_tried_once_a_day(tried_at: str | None, after: timedelta, may: bool) -> None:
    assert replace(SMALL, tried_at=tried_at).may_be_tried(NOW + after) is may


def test_times_are_compared_in_utc() -> None:
    tokyo = timezone(timedelta(hours=9))
    assert not FULL.is_failing((NOW + timedelta(days=1)).astimezone(tokyo))
    assert FailingMailbox.found("o@y.example", FailingReason.BOUNCED, NOW.astimezone(tokyo)).since == SINCE


@pytest.mark.parametrize(
    "item", [{}, {"mailbox": "a@example.com"}, {"mailbox": "a@example.com", "since": "x", "reason": "asleep"}]
)
def test_a_mark_that_cannot_be_read_is_none(item: dict[str, str]) -> None:
    good = {"mailbox": "b@example.com", "since": "2026-11-21T09:30:00Z", "reason": "bounced"}
    assert [mark.mailbox for mark in readable([item, good])] == ["b@example.com"]
