# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of a message after SES accepted it: its events, the outbox, and the suppression list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.local_aws import ses_events
from tests.local_aws.mailboxes import SIMULATOR, Mailboxes
from tests.local_aws.outbox import Outbox
from tests.local_aws.received_mail import EICAR
from tests.local_aws.sending import Sending
from tests.local_aws.ses_delivery import SesDelivery
from tests.local_aws.ses_events import Accepted
from tests.local_aws.suppression import SuppressionList

SENT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
RAW = b"From: F <f@example.com>\r\nTo: o@example.org\r\nMessage-ID: <m@example.com>\r\nSubject: x\r\n\r\nbody\r\n"
OWNER, OTHER = "Owner@example.org", "other@example.org"


@dataclass
class _Publisher:
    """Keeps what is to be published."""

    events: list[dict[str, Any]] = field(default_factory=list)

    def prepare(self, configuration_set: str, events: Sequence[dict[str, Any]]) -> Callable[[], None]:
        assert configuration_set == "forwarder"
        return lambda: self.events.extend(events)


@dataclass
class _World:
    """SES behind its door: everything that a message may meet there."""

    outbox: Outbox
    mailboxes: Mailboxes = field(default_factory=Mailboxes)
    suppressed: SuppressionList = field(default_factory=SuppressionList)
    publisher: _Publisher = field(default_factory=_Publisher)
    sending: Sending = field(default_factory=Sending)

    def __post_init__(self) -> None:
        self.delivery = SesDelivery(
            self.outbox,
            self.mailboxes,
            self.suppressed,
            self.publisher,
            self.sending,
            clock=lambda: SENT + timedelta(seconds=2),
        )

    def send(self, *recipients: str, data: bytes = RAW, **options: Any) -> list[dict[str, Any]]:
        """Send a message and return its events."""
        accepted = Accepted(
            "m-1", SENT, data, "f@example.com", recipients, "forwarder", {"message_id": "r-1"}, "1", "eu-west-1"
        )
        self.publisher.events.clear()
        self.delivery.take(accepted, options)()
        return [*self.publisher.events]

    def delivered(self) -> list[tuple[str, ...]]:
        """Return the recipients of each mail that left."""
        return [mail.recipients for mail in self.outbox.messages()]


@pytest.fixture
def world(tmp_path: Path) -> _World:
    return _World(Outbox(tmp_path))


def _types(events: list[dict[str, Any]]) -> list[str]:
    return [event["eventType"] for event in events]


def test_a_mail_that_arrives(world: _World) -> None:
    sent, delivery = world.send(OWNER)
    assert sent["send"] == {}
    assert delivery["delivery"] == {
        "timestamp": "2026-11-21T09:30:02.000Z",
        "processingTimeMillis": 2000,
        "recipients": [OWNER],
        "smtpResponse": "250 2.6.0 Message received",
        "reportingMTA": delivery["delivery"]["reportingMTA"],
    }
    mail = sent["mail"]
    assert (mail["timestamp"], mail["source"], mail["messageId"], mail["destination"], mail["headersTruncated"]) == (
        "2026-11-21T09:30:00.000Z",
        "f@example.com",
        "m-1",
        [OWNER],
        False,
    )
    assert {"name": "Subject", "value": "x"} in mail["headers"]
    # Whatever message id stands in the header is the message's own.
    assert mail["commonHeaders"] == {
        "messageId": "<m@example.com>",
        "from": ["F <f@example.com>"],
        "to": ["o@example.org"],
        "subject": "x",
    }
    assert (mail["tags"]["message_id"], mail["tags"]["ses:configuration-set"]) == (["r-1"], ["forwarder"])
    assert mail["tags"]["ses:from-domain"] == ["example.com"]
    assert world.delivered() == [(OWNER,)]


def test_a_permanent_bounce_suppresses_the_next_mail(world: _World) -> None:
    world.mailboxes.bounces(OWNER, diagnostic="smtp; 550 5.1.1 gone")
    _unused, bounce = world.send(OWNER)
    told = bounce["bounce"]
    assert (told["bounceType"], told["bounceSubType"]) == ("Permanent", "General")
    assert told["bouncedRecipients"] == [
        {"emailAddress": OWNER, "action": "failed", "status": "5.1.1", "diagnosticCode": "smtp; 550 5.1.1 gone"}
    ]
    assert told["reportingMTA"].startswith("dns; ")
    assert world.suppressed.reason(OWNER) == "BOUNCE"
    world.mailboxes.works(OWNER)
    sent, bounce = world.send(OWNER)
    assert (sent["eventType"], bounce["bounce"]["bounceSubType"]) == ("Send", "OnAccountSuppressionList")
    assert bounce["bounce"]["bouncedRecipients"][0]["diagnosticCode"] == ses_events.SUPPRESSED_DIAGNOSTIC
    assert world.delivered() == []


@pytest.mark.parametrize(
    ("reason", "account", "options", "suppressed"),
    [
        pytest.param("BOUNCE", ("BOUNCE", "COMPLAINT"), {}, True, id="by the account"),
        pytest.param("BOUNCE", ("COMPLAINT",), {}, False, id="the account looks for complaints only"),
        pytest.param("BOUNCE", ("BOUNCE",), {"SuppressedReasons": []}, False, id="switched off by the set"),
        pytest.param("BOUNCE", ("BOUNCE",), {"SuppressedReasons": ["COMPLAINT"]}, False, id="set, other reason"),
        pytest.param("COMPLAINT", (), {"SuppressedReasons": ["COMPLAINT"]}, True, id="switched on by the set"),
        pytest.param("BOUNCE", ("BOUNCE",), {"ValidationOptions": {}}, True, id="the set says nothing about it"),
    ],
)
def test_whether_the_list_counts(
    world: _World, reason: str, account: tuple[str, ...], options: dict[str, Any], suppressed: bool
) -> None:
    world.sending.suppressed_reasons = account
    world.suppressed.put(OWNER, reason)
    events = world.send(OWNER, SuppressionOptions=options)
    assert _types(events) == ["Send", "Bounce" if suppressed else "Delivery"]
    assert world.delivered() == ([] if suppressed else [(OWNER,)])


def test_a_set_without_reasons_puts_nobody_on_the_list(world: _World) -> None:
    world.mailboxes.bounces(OWNER)
    world.send(OWNER, SuppressionOptions={"SuppressedReasons": []})
    assert world.suppressed.reason(OWNER) is None


def test_what_a_suppressed_address_is_told_as(world: _World) -> None:
    world.suppressed.put(OWNER, "COMPLAINT")
    world.delivery.suppressed_subtype = "General"
    assert world.send(OWNER)[1]["bounce"]["bounceSubType"] == "General"
    world.delivery.complaint_if_suppressed = True
    assert world.send(OWNER)[1]["complaint"]["complaintSubType"] == "OnAccountSuppressionList"


def test_a_complaint_names_all_of_the_domain_and_suppresses_who_complained(world: _World) -> None:
    world.mailboxes.complains(OWNER)
    events = world.send(OWNER, OTHER, "third@example.net")
    (complaint,) = (event["complaint"] for event in events if event["eventType"] == "Complaint")
    assert complaint["complainedRecipients"] == [{"emailAddress": OWNER}, {"emailAddress": OTHER}]
    assert (complaint["complaintSubType"], complaint["complaintFeedbackType"]) == (None, "abuse")
    assert [world.suppressed.reason(one) for one in (OWNER, OTHER)] == ["COMPLAINT", None]
    assert world.delivered() == [(OWNER, OTHER, "third@example.net")]


@pytest.mark.parametrize(
    ("kind", "subtype", "details"),
    [
        pytest.param("Transient", "MailboxFull", True, id="transient"),
        pytest.param("Undetermined", "Undetermined", False, id="undetermined, without a notification"),
    ],
)
def test_other_bounces_are_final_and_suppress_nobody(world: _World, kind: str, subtype: str, details: bool) -> None:
    world.mailboxes.bounces(OWNER, kind, subtype)
    bounce = world.send(OWNER)[1]["bounce"]
    assert (bounce["bounceType"], bounce["bounceSubType"]) == (kind, subtype)
    assert ("diagnosticCode" in bounce["bouncedRecipients"][0], "reportingMTA" in bounce) == (details, details)
    assert (world.suppressed.reason(OWNER), world.delivered()) == (None, [])


def test_recipients_of_one_domain_that_fare_alike_share_an_event(world: _World) -> None:
    for mailbox in (OWNER, OTHER, "third@example.net"):
        world.mailboxes.bounces(mailbox)
    events = world.send(OWNER, "third@example.net", OTHER, "fine@example.org")
    assert [
        [one["emailAddress"] for one in event["bounce"]["bouncedRecipients"]] for event in events if "bounce" in event
    ] == [[OWNER, OTHER], ["third@example.net"]]
    assert world.delivered() == [("fine@example.org",)]


def test_a_notification_may_name_another_address(world: _World) -> None:
    world.mailboxes.bounces(OWNER, reported="forwarded@example.net")
    assert world.send(OWNER)[1]["bounce"]["bouncedRecipients"][0]["emailAddress"] == "forwarded@example.net"


def test_delayed_mail_waits_until_its_mailbox_works(world: _World) -> None:
    world.mailboxes.delays(OWNER)
    sent, delay = world.send(OWNER, OTHER, DeliveryOptions={"MaxDeliverySeconds": 300})[:2]
    assert (sent["eventType"], delay["eventType"]) == ("Send", "DeliveryDelay")
    assert delay["deliveryDelay"]["delayType"] == "TransientCommunicationFailure"
    assert delay["deliveryDelay"]["expirationTime"] == "2026-11-21T09:35:00.000Z"
    assert delay["deliveryDelay"]["delayedRecipients"][0]["status"] == "4.4.1"
    assert (world.delivered(), world.delivery.delayed()) == ([(OTHER,)], [("m-1", OWNER)])
    world.publisher.events.clear()
    world.mailboxes.works(OWNER.lower())
    assert (_types(world.publisher.events), world.delivered()) == (["Delivery"], [(OTHER,), (OWNER,)])


def test_delayed_mail_bounces_when_it_is_given_up(world: _World) -> None:
    world.mailboxes.delays(OWNER)
    world.send(OWNER)
    world.publisher.events.clear()
    world.mailboxes.bounces(OWNER, "Transient")
    assert (_types(world.publisher.events), world.delivered()) == (["Bounce"], [])
    assert world.delivery.delayed() == []


@pytest.mark.parametrize("infected", [True, False])
def test_a_virus_reaches_nobody(world: _World, infected: bool) -> None:
    if not infected:
        world.mailboxes.rejects(OWNER)
    _unused, reject = world.send(OWNER, OTHER, data=RAW + EICAR if infected else RAW)
    assert (reject["eventType"], reject["reject"]) == ("Reject", {"reason": "Bad content"})
    assert world.delivered() == []


@pytest.mark.parametrize(
    ("name", "events"),
    [
        ("success", ["Send", "Delivery"]),
        ("success+label", ["Send", "Delivery"]),
        ("ooto", ["Send", "Delivery"]),
        ("bounce", ["Send", "Bounce"]),
        ("Bounce+Label", ["Send", "Bounce"]),
        ("suppressionlist", ["Send", "Bounce"]),
        ("complaint", ["Send", "Delivery", "Complaint"]),
    ],
)
def test_the_simulator_answers_and_nobody_gets_its_mail(world: _World, name: str, events: list[str]) -> None:
    address = f"{name}@{SIMULATOR}"
    assert _types(world.send(address)) == events
    assert (world.delivered(), world.suppressed.reason(address)) == ([], None)


def test_a_mail_without_a_configuration_set_has_no_events(world: _World) -> None:
    world.mailboxes.bounces(OWNER)
    accepted = Accepted("m-1", SENT, RAW, "f@example.com", (OWNER,), None, {}, "1", "eu-west-1")
    world.delivery.take(accepted, {})()
    assert (world.publisher.events, world.suppressed.reason(OWNER)) == ([], "BOUNCE")


@pytest.mark.parametrize(
    "decide",
    [
        pytest.param(lambda boxes: boxes.bounces(OWNER, "Permanent", "MailboxFull"), id="no such subtype"),
        pytest.param(lambda boxes: boxes.delays(OWNER, "Holiday"), id="no such delay"),
        pytest.param(lambda boxes: boxes.works(f"bounce@{SIMULATOR}"), id="simulator"),
    ],
)
def test_what_ses_never_says_is_refused(decide: Any) -> None:
    with pytest.raises(ValueError, match="SES"):
        decide(Mailboxes())


def test_mail_to_a_domain_that_ses_receives_for_comes_back_in_and_does_not_leave(tmp_path: Path) -> None:
    world = _World(Outbox(tmp_path))
    brought: list[tuple[bytes, Sequence[str]]] = []

    class Inbound:
        def is_ours(self, recipient: str) -> bool:
            return recipient.endswith("@accounts.example.com")

        def bring(self, accepted: Accepted, recipients: Sequence[str]) -> None:
            brought.append((accepted.data, recipients))

    world.delivery.inbound = Inbound()
    events = world.send("a@accounts.example.com", OTHER)
    assert brought == [(RAW, ("a@accounts.example.com",))]
    assert [mail.recipients for mail in world.outbox.messages()] == [(OTHER,)]
    assert [event["eventType"] for event in events] == ["Send", "Delivery", "Delivery"]
