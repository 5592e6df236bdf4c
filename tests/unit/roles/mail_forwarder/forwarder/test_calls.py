# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a mail costs in calls to AWS: what is worked out once for a mail is done once, not for each of its owners."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from forwarder.handler import handle
from forwarder.services import build
from tests.faulty_clients import Script
from tests.forwarder_environment import environment

from .conftest import MAILS, VENDED, Context, Deployed, is_read_of_marks, ses_event, sqs_record

RAW = (MAILS / "root-password-reset.eml").read_bytes()
OWNERS = [f"{name}@example.com" for name in ("ann", "bob", "eve", "joe")]
SPAM = {"spamVerdict": {"status": "FAIL"}}
# The record of the address together with what its domain says; whether a mailbox fails, of all owners at once.
LOOKED_UP = {"batch_get_item": 2}
# Each copy is claimed, sent and marked as sent.
COPY = ("put_item", "send_email", "update_item")
# One item more, the record of the mail, is written.
QUARANTINED = {"get_object": 1, "put_object": 1, "copy_object": 1}


@pytest.mark.parametrize(
    ("verdicts", "owners", "calls"),
    [
        pytest.param({}, 1, {"get_object": 1, **dict.fromkeys(COPY, 1)}, id="a copy"),
        pytest.param({}, 4, {"get_object": 1, **dict.fromkeys(COPY, 4)}, id="four copies"),
        pytest.param(
            SPAM,
            1,
            {**QUARANTINED, **dict.fromkeys(COPY, 1), "update_item": 2},
            id="quarantined",
        ),
        pytest.param(
            SPAM,
            4,
            {**QUARANTINED, **dict.fromkeys(COPY, 4), "update_item": 5},
            id="quarantined, four owners",
        ),
    ],
)
def test_a_mail_costs_these_calls(
    deployed: Deployed, verdicts: dict[str, Any], owners: int, calls: dict[str, int]
) -> None:
    deployed.vend(VENDED, *OWNERS[:owners])
    deployed.store(RAW)
    assert take(deployed, "m1", verdicts) == {**LOOKED_UP, **calls}
    # The same notice once more: each copy is known to have been sent, and nothing is read for it.
    assert take(deployed, "m1", verdicts) == {**LOOKED_UP, "put_item": owners}


def test_an_owner_whose_mailbox_works_is_not_looked_up_for_a_minute(deployed: Deployed) -> None:
    deployed.vend(VENDED, *OWNERS)
    script, event = Script(), sqs_record("q1", json.dumps(ses_event()))
    forwarder = build(environment(), script.clients(deployed.clients), deployed.clock, deployed.clock.sleep)
    deployed.store(RAW)
    for seconds, looked_up in ((0, 1), (59, 1), (2, 2)):
        deployed.clock.time += seconds
        handle({"Records": [event]}, Context(clock=deployed.clock), forwarder)
        assert sum(is_read_of_marks(call.parameters) for call in script.calls) == looked_up


def test_an_address_with_a_tag_costs_no_call_more(deployed: Deployed) -> None:
    deployed.vend(VENDED, "ann@example.com")
    deployed.store(RAW)
    tagged = ses_event(recipients=[VENDED.replace("@", "+billing@")])
    script = Script()
    forwarder = build(environment(), script.clients(deployed.clients), deployed.clock, deployed.clock.sleep)
    handle({"Records": [sqs_record("q1", json.dumps(tagged))]}, Context(clock=deployed.clock), forwarder)
    counted = Counter(call.operation for call in script.calls)
    assert (counted["batch_get_item"], counted["get_item"], deployed.ses.mailboxes()) == (2, 0, ["ann@example.com"])


def take(deployed: Deployed, message_id: str, verdicts: dict[str, Any]) -> dict[str, int]:
    """Let a function that was just started take a notice; return its calls to S3, DynamoDB and SES."""
    script, record = Script(), sqs_record("q1", json.dumps(ses_event(message_id, **verdicts)))
    clients = script.clients(deployed.clients)
    forwarder = build(environment(), clients, deployed.clock, deployed.clock.sleep)
    assert handle({"Records": [record]}, Context(clock=deployed.clock), forwarder) == {"batchItemFailures": []}
    return dict(Counter(call.operation for call in script.calls))
