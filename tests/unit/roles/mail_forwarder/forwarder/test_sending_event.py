# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An event of SES's becomes what happened to which mailbox's mail; whatever is not understood is for a person."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.account_factory.email.plugins.module_utils._message_tags import TAG_MAX, Tagged, delivery_of
from ansible_collections.account_factory.email.plugins.module_utils._notice import REJECTED, RELEASED, Notice, Verdicts
from forwarder.core.recipients import Delivery, Standing
from forwarder.core.sending_event import EventError, parse_event
from forwarder.core.tags import tags_of

from .conftest import SETTINGS, VENDED
from .sending_events import AT, bounce, sending_event

OWNER = "ann@example.com"
NOTICE = Notice("0vfh5", "a@example.org", (VENDED,), Verdicts(), "bucket", "mail/0vfh5")
TO_OWNER = Delivery(VENDED, VENDED, OWNER, Standing.OWNER)


def request(delivery: Delivery = TO_OWNER, notice: Notice = NOTICE) -> dict[str, Any]:
    return {
        "FromEmailAddress": SETTINGS.from_address,
        "Destination": {"ToAddresses": [delivery.mailbox]},
        "ConfigurationSetName": SETTINGS.configuration_set,
        "EmailTags": [{"Name": name, "Value": value} for name, value in tags_of(notice, delivery).items()],
    }


SENT = request()


@pytest.mark.parametrize(
    ("event", "outcome", "diagnostic"),
    [
        pytest.param(bounce(SENT), "bounced", "smtp; 550 5.1.1 gone", id="permanent bounce"),
        pytest.param(bounce(SENT, bounceType="Transient"), "transient", "smtp; 550 5.1.1 gone", id="transient bounce"),
        pytest.param(bounce(SENT, bounceType="Undetermined"), "transient", "smtp; 550 5.1.1 gone", id="undetermined"),
        pytest.param(
            bounce(SENT, bounceSubType="OnAccountSuppressionList"),
            "suppressed",
            "smtp; 550 5.1.1 gone",
            id="suppressed",
        ),
        pytest.param(
            bounce(SENT, bounceSubType="Suppressed"), "suppressed", "smtp; 550 5.1.1 gone", id="by all of SES"
        ),
        pytest.param(
            bounce(SENT, bouncedRecipients=[{"emailAddress": OWNER, "status": "5.0.0"}]),
            "bounced",
            "5.0.0",
            id="status",
        ),
        pytest.param(
            sending_event(SENT, "Complaint", complaintFeedbackType="abuse"), "complained", "abuse", id="complaint"
        ),
        pytest.param(
            sending_event(SENT, "Complaint", complaintSubType="OnAccountSuppressionList"),
            "suppressed",
            None,
            id="suppressed by a complaint",
        ),
        pytest.param(sending_event(SENT, "Delivery"), "delivered", None, id="delivery"),
        pytest.param(sending_event(SENT, "DeliveryDelay", delayType="MailboxFull"), "delayed", None, id="delay"),
        pytest.param(sending_event(SENT, "Reject"), "rejected", "Bad content", id="reject"),
        pytest.param(sending_event(SENT, "Rendering Failure"), "rejected", None, id="rendering failure"),
    ],
)
def test_what_an_event_says(event: dict[str, Any], outcome: str, diagnostic: str | None) -> None:
    (found,) = parse_event(json.dumps(event))
    assert (found.outcome, found.mailbox, found.at, found.diagnostic) == (outcome, OWNER, AT, diagnostic)
    assert found.delivery == Tagged("0vfh5", "", VENDED, OWNER)


@pytest.mark.parametrize(
    ("written", "mailbox"),
    [
        ("Ann@Example.com", "Ann@Example.com"),
        ("<ann@example.com>", OWNER),
        ('"Ann <of x@y>" <ann@example.com>', OWNER),
        (" ann@example.com ", OWNER),
    ],
)
def test_a_recipient_is_its_bare_address(written: str, mailbox: str) -> None:
    event = bounce(SENT, written)
    event["mail"]["destination"] = []
    (found,) = parse_event(json.dumps(event))
    assert found.mailbox == mailbox


@pytest.mark.parametrize("kind", ["Bounce", "Complaint", "Delivery", "DeliveryDelay"])
@pytest.mark.parametrize("written", ["ANN@EXAMPLE.COM", "forwarded-to@example.net"])
def test_a_mailbox_is_the_one_that_the_mail_was_sent_to_whatever_its_mail_server_says(kind: str, written: str) -> None:
    """Developer Guide, "Bounced recipients": of a report it is the Final-Recipient, behind whatever forwards mail."""
    (found,) = parse_event(json.dumps(sending_event(SENT, kind, written)))
    assert found.mailbox == OWNER


def test_an_event_in_an_sns_envelope_is_the_event() -> None:
    """As what SNS could not hand over may come back."""
    body = json.dumps(bounce(SENT))
    assert parse_event(json.dumps({"Type": "Notification", "Message": body})) == parse_event(body)


def test_an_event_of_several_recipients_is_one_for_each() -> None:
    recipients = [{"emailAddress": "ann@example.com"}, {"emailAddress": "bob@example.com"}]
    found = parse_event(json.dumps(bounce(SENT, bouncedRecipients=recipients)))
    assert [one.mailbox for one in found] == ["ann@example.com", "bob@example.com"]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("Successfully validated SNS topic for Amazon SES event publishing.", id="set up"),
        pytest.param(json.dumps(sending_event(SENT, "Complaint", complaintFeedbackType="not-spam")), id="no spam"),
    ],
)
def test_what_asks_for_nothing(body: str) -> None:
    assert parse_event(body) == ()


def without(event: dict[str, Any], *path: str) -> dict[str, Any]:
    *above, last = path
    part = event
    for name in above:
        part = part[name]
    del part[last]
    return event


@pytest.mark.parametrize(
    ("body", "says"),
    [
        pytest.param("what?", "is not JSON", id="no JSON"),
        pytest.param("[]", "not an object", id="a list"),
        pytest.param('{"eventType": "Open"}', "eventType is 'Open'", id="not asked for"),
        pytest.param(json.dumps(without(bounce(SENT), "mail")), "no object named mail", id="no mail"),
        pytest.param(json.dumps(without(bounce(SENT), "bounce")), "no object named bounce", id="no bounce"),
        pytest.param(json.dumps(without(bounce(SENT), "mail", "messageId")), "mail.messageId is None", id="no id"),
        pytest.param(json.dumps(bounce(SENT, timestamp="yesterday")), "timestamp is 'yesterday'", id="no time"),
        pytest.param(json.dumps(bounce(SENT, timestamp=5)), "timestamp is 5", id="a number for a time"),
        pytest.param(json.dumps(bounce(SENT, bouncedRecipients=[])), "not a list of recipients", id="nobody"),
        pytest.param(json.dumps(bounce(SENT, bouncedRecipients=[{}])), "recipient is None", id="no address"),
        pytest.param(
            json.dumps(without(sending_event(SENT, "Reject"), "mail", "destination")),
            "mail.destination is None",
            id="a reject of nobody's mail",
        ),
        pytest.param(json.dumps(bounce(SENT, "postmaster")), "recipient is 'postmaster'", id="no domain"),
    ],
)
def test_what_is_no_event_of_ours_raises(body: str, says: str) -> None:
    with pytest.raises(EventError, match=says):
        parse_event(body)


@pytest.mark.parametrize("tags", [None, "x", ["delivery"]])
def test_tags_of_no_form_that_ses_writes_name_no_delivery(tags: object) -> None:
    event = bounce(SENT)
    event["mail"]["tags"] = tags
    (found,) = parse_event(json.dumps(event))
    assert found.delivery is None


@pytest.mark.parametrize(
    "tags", [{}, {"delivery": "x"}, {"delivery": "*", "mailbox": "*"}, {"delivery": "eA", "mailbox": "eA"}]
)
def test_tags_that_are_not_ours_name_no_delivery(tags: dict[str, str]) -> None:
    assert delivery_of(tags) is None


TEXT = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=64)


@given(TEXT, st.sampled_from(["", RELEASED, REJECTED]), TEXT, TEXT)
def test_tags_say_exactly_which_delivery_they_are_of(message_id: str, again: str, address: str, mailbox: str) -> None:
    notice = Notice(message_id, "", (address,), Verdicts(), "bucket", "mail/x", again=again)
    tags = tags_of(notice, Delivery(address, address, mailbox, Standing.OWNER))
    assert [value for value in tags.values() if not re.fullmatch(rf"[A-Za-z0-9_-]{{1,{TAG_MAX}}}", value)] == []
    assert delivery_of(tags) == Tagged(message_id, again, address, mailbox)


def test_what_is_too_long_for_a_tag_is_left_out() -> None:
    tags = tags_of(NOTICE, Delivery("x" * 300, "x" * 300, OWNER, Standing.UNKNOWN))
    assert "delivery" not in tags
    assert delivery_of(tags) is None
