# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What SES tells of a copy after it took it: a mailbox that failed is marked, and its mail goes to the next, once."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError

from tests.aws_errors import aws_error

from .conftest import ADMIN, MAILS, SETTINGS, VENDED, Deployed, refusal, ses_event
from .sending_events import AT, bounce, sending_event
from .sent_forms import kind_of, read_request

RAW = (MAILS / "root-password-reset.eml").read_bytes()
ANN, BOB, DEPUTY, OTHERS = (f"{name}@example.com" for name in ("ann", "bob", "deputy", "others"))
NONE_FAILED: dict[str, Any] = {"batchItemFailures": []}
DAY = 86_400
BOUNCED_AT = datetime.fromisoformat(AT).timestamp()


def forwarded(deployed: Deployed, *owners: str, message_id: str = "m1", **vended: Any) -> dict[str, dict[str, Any]]:
    """Forward a mail to owners; return the request that each mailbox's copy was sent with."""
    deployed.vend(VENDED, *owners, **vended)
    return forwarded_again(deployed, message_id)


def forwarded_again(deployed: Deployed, message_id: str, **receipt: Any) -> dict[str, dict[str, Any]]:
    before = len(deployed.ses.sent)
    deployed.store(RAW, message_id)
    assert deployed.handle(ses_event(message_id, **receipt)) == NONE_FAILED
    return latest(deployed, before)


def latest(deployed: Deployed, before: int) -> dict[str, dict[str, Any]]:
    return {request["Destination"]["ToAddresses"][0]: request for request in deployed.ses.sent[before:]}


def told(deployed: Deployed, *events: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Let SES tell of mails, one event after the other; return the requests that followed, by mailbox."""
    before = len(deployed.ses.sent)
    for event in events:
        assert deployed.tell(event) == NONE_FAILED
    return latest(deployed, before)


def text_of(request: dict[str, Any]) -> str:
    return " ".join(request["Content"]["Raw"]["Data"].split(b"message.eml")[0].decode().split())


@pytest.mark.parametrize(
    ("kind", "part", "reason", "said"),
    [
        pytest.param(
            "Bounce", {"bounceType": "Permanent"}, "bounced", "That mailbox refuses mail for good", id="bounce"
        ),
        pytest.param(
            "Bounce", {"bounceType": "Transient"}, "transient", "could not be reached for as long", id="transient"
        ),
        pytest.param(
            "Bounce",
            {"bounceType": "Permanent", "bounceSubType": "OnAccountSuppressionList"},
            "suppressed",
            "suppression list",
            id="suppressed",
        ),
        pytest.param("Complaint", {}, "complained", "marked a mail of the forwarder's as spam", id="complaint"),
    ],
)
def test_a_mail_that_did_not_arrive_goes_to_the_next_and_says_why(
    deployed: Deployed, kind: str, part: dict[str, Any], reason: str, said: str
) -> None:
    sent = forwarded(deployed, ANN, fallback_owners=(DEPUTY,))
    event = sending_event(sent[ANN], kind, **part)
    again = told(deployed, event, event, event)
    assert again.keys() == {DEPUTY}
    copy = read_request(again[DEPUTY])
    assert kind_of(copy, RAW).value == "attached"
    assert f"You get this in place of {ANN}." in text_of(again[DEPUTY])
    assert said in text_of(again[DEPUTY])
    assert deployed.marks()[ANN].items() >= {"reason": reason, "since": "2026-11-20T10:00:00Z"}.items()
    assert deployed.deliveries()[f"m1#{VENDED}#{DEPUTY}"]["outcome"] == "sent-to-fallback"


def test_what_the_mail_server_says_can_be_read_and_not_clicked(deployed: Deployed) -> None:
    sent = forwarded(deployed, ANN)
    words = "smtp; 550 see http://evil.example\r\nBcc: x@evil.example"
    again = told(deployed, bounce(sent[ANN], bouncedRecipients=[{"emailAddress": ANN, "diagnosticCode": words}]))
    assert "Its mail server says: smtp; 550 see http evil[.]example Bcc: x at evil[.]example" in text_of(again[ADMIN])
    assert b"evil.example" not in again[ADMIN]["Content"]["Raw"]["Data"].split(b"message.eml")[0]


CHAIN = (ANN, BOB, DEPUTY, OTHERS, ADMIN)


@pytest.mark.parametrize("order", [range(10), range(9, -1, -1)], ids=["as they come", "the latest first"])
def test_every_mailbox_fails_and_nothing_goes_round(
    deploy: Callable[..., Deployed], capsys: pytest.CaptureFixture[str], order: range
) -> None:
    """Whoever is left gets it, each of them once; that nobody is left is told."""
    deployed = deploy(fallback_owners=[OTHERS])
    forwarded(deployed, ANN, BOB, fallback_owners=(DEPUTY,))
    for _round in range(2 * len(CHAIN)):
        events = [bounce(request) for request in deployed.ses.sent]
        for number in order:
            if number < len(events):
                assert deployed.tell(events[number]) == NONE_FAILED
    assert Counter(deployed.ses.mailboxes()) == dict.fromkeys(CHAIN, 1)
    assert deployed.marks().keys() == set(CHAIN)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    undeliverable = [line for line in lines if line.get("action") == "undeliverable"]
    assert {(line["address"], line["mailbox"], line["why"]) for line in undeliverable} >= {(VENDED, ADMIN, "bounced")}
    assert [one for one in lines if "mail-undeliverable" in one]


CONTACT = VENDED.replace("@", "+Billing@")


def test_mail_for_a_contact_that_bounces_goes_to_the_owners_then_to_whoever_gets_theirs(
    deploy: Callable[..., Deployed], capsys: pytest.CaptureFixture[str]
) -> None:
    deployed = deploy()
    deployed.vend(VENDED, ANN, fallback_owners=(DEPUTY,), contacts={"billing": (BOB, OTHERS)})
    sent = forwarded_again(deployed, "m1", recipients=[CONTACT])
    assert sent.keys() == {BOB, OTHERS}
    assert b"\r\nTo: " + CONTACT.lower().encode() + b"\r\n" in sent[BOB]["Content"]["Raw"]["Data"]
    again = told(deployed, bounce(sent[BOB]))
    assert again.keys() == {ANN}
    assert f"A mail for {CONTACT.lower()} is attached." in text_of(again[ANN])
    # The other contact bounces, too: an owner has it by now.
    assert told(deployed, bounce(sent[OTHERS])) == {}
    assert told(deployed, bounce(again[ANN])).keys() == {DEPUTY}
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    audited = {(line["action"], line["mailbox"], line["contact"]) for line in lines if line.get("mailbox")}
    assert audited == {
        ("sent", BOB, "billing"),
        ("sent", OTHERS, "billing"),
        ("bounced", BOB, "billing"),
        ("bounced", OTHERS, "billing"),
        ("sent-to-fallback", ANN, "billing"),
        ("bounced", ANN, "billing"),
        ("sent-to-fallback", DEPUTY, "billing"),
    }
    # Contacts that fail are tried once a day, and the owners get the mail at once; of those, Ann fails as well.
    assert forwarded_again(deployed, "m2", recipients=[CONTACT]).keys() == {DEPUTY, BOB, OTHERS}


def test_a_contact_that_is_another_by_the_time_its_mail_bounces(deployed: Deployed) -> None:
    deployed.vend(VENDED, ANN, contacts={"billing": (BOB,)})
    sent = forwarded_again(deployed, "m1", recipients=[CONTACT])
    deployed.vend(VENDED, ANN, contacts={"billing": (OTHERS,)})
    assert told(deployed, bounce(sent[BOB])).keys() == {OTHERS}


def test_two_owners_bounce_and_the_fallback_gets_one_mail(deployed: Deployed) -> None:
    sent = forwarded(deployed, ANN, BOB, fallback_owners=(DEPUTY,))
    assert told(deployed, bounce(sent[ANN]), bounce(sent[BOB])).keys() == {DEPUTY}


def test_one_event_about_two_mailboxes(deployed: Deployed) -> None:
    sent = forwarded(deployed, ANN, BOB)
    both = [{"emailAddress": ANN}, {"emailAddress": BOB}]
    assert told(deployed, bounce(sent[ANN], bouncedRecipients=both)).keys() == {ADMIN}
    assert deployed.marks().keys() == {ANN, BOB}


@pytest.mark.parametrize("written", ["Ann@Example.COM", '"Ann" <ann@example.com>'], ids=["case", "display name"])
def test_the_mailbox_as_a_mail_server_writes_it(deployed: Deployed, written: str) -> None:
    sent = forwarded(deployed, ANN)
    assert told(deployed, bounce(sent[ANN], written), bounce(sent[ANN])).keys() == {ADMIN}


def test_an_event_before_the_mail_is_marked_as_sent(deployed: Deployed) -> None:
    sent = forwarded(deployed, ANN)
    table, key = SETTINGS.delivery_table, {"pk": {"S": f"m1#{VENDED}#{ANN}"}}
    deployed.clients.dynamodb.update_item(
        TableName=table,
        Key=key,
        UpdateExpression="SET #s = :claimed REMOVE sent_message_id, outcome, sent_at",
        ExpressionAttributeNames={"#s": "status"},
        ExpressionAttributeValues={":claimed": {"S": "claimed"}},
    )
    assert told(deployed, bounce(sent[ANN])).keys() == {ADMIN}


def test_an_owner_that_was_replaced_meanwhile(deployed: Deployed) -> None:
    """Whoever owns the account now gets it; nobody who does not."""
    sent = forwarded(deployed, ANN, fallback_owners=(DEPUTY,))
    deployed.vend(VENDED, BOB, fallback_owners=(DEPUTY,))
    assert told(deployed, bounce(sent[ANN])).keys() == {BOB}
    # Once more it is as if it had not come.
    assert told(deployed, bounce(sent[ANN], ANN.upper()), bounce(sent[ANN])) == {}
    # But who got it then may bounce, too.
    again = [request for request in deployed.ses.sent if request["Destination"]["ToAddresses"] == [BOB]]
    assert told(deployed, bounce(again[0]), bounce(sent[ANN])).keys() == {DEPUTY}


def test_an_address_that_was_retired_meanwhile(deployed: Deployed, capsys: pytest.CaptureFixture[str]) -> None:
    sent = forwarded(deployed, ANN, BOB, fallback_owners=(DEPUTY,))
    deployed.vend(VENDED, ANN, status="retired")
    assert told(deployed, bounce(sent[ANN])).keys() == {ADMIN}
    assert told(deployed, bounce(sent[BOB]), bounce(sent[ANN])) == {}
    assert "undeliverable" not in capsys.readouterr().out


def test_a_letter_about_a_quarantined_mail_goes_to_the_next_as_a_letter(deployed: Deployed) -> None:
    deployed.vend(VENDED, ANN)
    sent = forwarded_again(deployed, "m1", dmarcVerdict={"status": "FAIL"})
    again = told(deployed, bounce(sent[ANN]))
    assert kind_of(read_request(again[ADMIN]), RAW).value == "letter"
    assert "held back, sender not verified" in text_of(again[ADMIN])


def test_a_mail_that_the_bucket_let_go_of_is_told_of(deployed: Deployed) -> None:
    sent = forwarded(deployed, ANN)
    deployed.clients.s3.delete_object(Bucket=SETTINGS.mail_bucket, Key="mail/m1")
    again = told(deployed, bounce(sent[ANN]))
    assert "The bucket does not hold it any more" in text_of(again[ADMIN])


def test_what_ses_took_and_then_rejects_is_told_to_its_owner_once(deployed: Deployed) -> None:
    sent = forwarded(deployed, ANN)
    event = sending_event(sent[ANN], "Reject")
    again = told(deployed, event, event)
    assert again.keys() == {ANN}
    assert "Amazon SES accepted it for sending and then found a virus in it" in text_of(again[ANN])
    assert told(deployed, sending_event(again[ANN], "Reject")) == {}
    assert deployed.marks() == {}
    assert told(deployed, bounce(again[ANN])).keys() == {ADMIN}


def test_a_delay_and_a_delivery_send_nothing(deployed: Deployed, capsys: pytest.CaptureFixture[str]) -> None:
    sent = forwarded(deployed, ANN)
    assert told(deployed, sending_event(sent[ANN], "DeliveryDelay"), sending_event(sent[ANN], "Delivery")) == {}
    item = deployed.deliveries()[f"m1#{VENDED}#{ANN}"]
    assert (item["told_by"], item["told_at"]) == ("delivered", "2026-11-20T10:00:00.000Z")
    output = capsys.readouterr().out
    assert "Never to be logged" not in output
    assert '"copy-delayed":[1.0]' in output.replace(" ", "")


def test_a_failing_owner_is_tried_once_a_day_and_others_get_each_mail_at_once(deployed: Deployed) -> None:
    sent = forwarded(deployed, ANN, fallback_owners=(DEPUTY,))
    told(deployed, bounce(sent[ANN]))
    deployed.clock.time = BOUNCED_AT + DAY / 2  # Half a day after the bounce.
    assert forwarded_again(deployed, "m2").keys() == {DEPUTY}
    deployed.clock.time += DAY
    third = forwarded_again(deployed, "m3")
    assert list(third) == [ANN, DEPUTY]
    assert kind_of(read_request(third[ANN]), RAW).value == "copy"
    assert forwarded_again(deployed, "m4").keys() == {DEPUTY}
    # That it bounces again gives nobody a second mail.
    assert told(deployed, bounce(third[ANN])) == {}


def test_the_mail_of_the_day_comes_from_the_queue_again(deployed: Deployed) -> None:
    """It goes on being that one try, whatever failed with it."""
    sent = forwarded(deployed, ANN)
    told(deployed, bounce(sent[ANN]))
    deployed.clock.time = BOUNCED_AT + 2 * DAY
    deployed.store(RAW, "m2")
    deployed.ses.failures = {ANN: RuntimeError("no answer")}
    with pytest.raises(BatchProcessingError):
        deployed.handle(ses_event("m2"))
    deployed.ses.failures = {}
    deployed.clock.time += 600
    before = len(deployed.ses.sent)
    assert deployed.handle(ses_event("m2")) == NONE_FAILED
    assert latest(deployed, before).keys() == {ANN}


def test_a_mailbox_that_works_again_is_no_longer_marked(deployed: Deployed) -> None:
    sent = forwarded(deployed, ANN)
    told(deployed, bounce(sent[ANN]))
    earlier = sending_event(sent[ANN], "Delivery", timestamp="2026-11-20T09:59:59.000Z")
    told(deployed, earlier)
    assert deployed.marks().keys() == {ANN}
    told(deployed, sending_event(sent[ANN], "Delivery", timestamp="2026-11-21T10:00:00.000Z"))
    assert deployed.marks() == {}


def test_a_transient_mark_ends_by_itself_and_never_hides_one_for_good(deployed: Deployed) -> None:
    sent = forwarded(deployed, ANN)
    deployed.clock.time = BOUNCED_AT + 60
    told(deployed, bounce(sent[ANN], bounceType="Transient"))
    assert forwarded_again(deployed, "m2").keys() == {ADMIN}
    deployed.clock.time += DAY
    third = forwarded_again(deployed, "m3")
    assert third.keys() == {ANN}
    told(deployed, bounce(third[ANN]), bounce(third[ANN], bounceType="Transient"))
    assert deployed.marks()[ANN]["reason"] == "bounced"


@pytest.mark.parametrize(
    "mark",
    [{}, {"mailbox": {"S": ANN}, "since": {"S": "2026-11-20T10:00:00Z"}, "reason": {"S": "asleep"}}],
    ids=["nothing in it", "an unknown reason"],
)
def test_a_mark_that_cannot_be_read_keeps_nobody_from_his_mail(deployed: Deployed, mark: dict[str, Any]) -> None:
    item = {"pk": {"S": f"MAILBOX#{ANN}"}, **mark}
    deployed.clients.dynamodb.put_item(TableName=SETTINGS.map_table, Item=item)
    assert forwarded(deployed, ANN).keys() == {ANN}


@pytest.mark.parametrize("operation", ["batch_get_item", "update_item"])
def test_marks_that_cannot_be_read_or_changed_keep_nobody_from_his_mail(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], operation: str
) -> None:
    sent = forwarded(deployed, ANN)
    told(deployed, bounce(sent[ANN]))
    deployed.clock.time = BOUNCED_AT + 2 * DAY
    call = getattr(deployed.clients.dynamodb, operation)

    def denied(**request: Any) -> Any:
        if "MAILBOX#" in str(request):
            raise aws_error("AccessDeniedException", operation)
        return call(**request)

    monkeypatch.setattr(deployed.clients.dynamodb, operation, denied)
    assert ANN in forwarded_again(deployed, "m2")
    assert '"mail-failed":[1.0]' in capsys.readouterr().out.replace(" ", "")


def test_a_mark_that_cannot_be_written_does_not_keep_the_mail_from_the_next(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = forwarded(deployed, ANN)
    put_item = deployed.clients.dynamodb.put_item

    def denied(**request: Any) -> Any:
        if request["TableName"] == SETTINGS.map_table:
            raise aws_error("AccessDeniedException", "put_item")
        return put_item(**request)

    monkeypatch.setattr(deployed.clients.dynamodb, "put_item", denied)
    for _try in range(2):
        with pytest.raises(BatchProcessingError, match="AccessDeniedException"):
            deployed.tell(bounce(sent[ANN]))
    assert deployed.ses.mailboxes() == [ANN, ADMIN]


def test_an_only_owner_that_is_the_admin_is_always_tried(deployed: Deployed) -> None:
    """There is nobody to get it in his place."""
    sent = forwarded(deployed, ADMIN)
    assert told(deployed, bounce(sent[ADMIN])) == {}
    assert forwarded_again(deployed, "m2").keys() == {ADMIN}


def test_nobodys_mail_that_the_admin_does_not_get(deployed: Deployed, capsys: pytest.CaptureFixture[str]) -> None:
    sent = forwarded_again(deployed, "m1", recipients=["nobody@accounts.example.com"])
    assert told(deployed, bounce(sent[ADMIN])) == {}
    assert '"mail-undeliverable":[1.0]' in capsys.readouterr().out.replace(" ", "")


def test_a_mail_in_the_sandbox_whose_admin_cannot_be_reached_goes_to_the_fallback(deployed: Deployed) -> None:
    """It went to the admin in the owner's place: who failed is the admin, and the owner was not reached either."""
    refused = "Email address is not verified. The following identities failed the check in region EU-WEST-1: "
    deployed.ses.failures = {ANN: refusal("MessageRejected", 400, refused + ANN)}
    sent = forwarded(deployed, ANN, fallback_owners=(DEPUTY,))
    assert sent.keys() == {ADMIN}
    assert told(deployed, bounce(sent[ADMIN])).keys() == {DEPUTY}
    assert deployed.marks().keys() == {ADMIN}


@pytest.mark.parametrize("kind", ["Bounce", "Reject"])
def test_an_event_of_an_unknown_mail_is_for_a_person(deployed: Deployed, kind: str) -> None:
    sent = forwarded(deployed, ANN)
    deployed.clients.dynamodb.delete_item(TableName=SETTINGS.delivery_table, Key={"pk": {"S": f"m1#{VENDED}#{ANN}"}})
    event = bounce(sent[ANN]) if kind == "Bounce" else sending_event(sent[ANN], kind)
    with pytest.raises(BatchProcessingError, match="does not know it"):
        deployed.tell(event)
    assert deployed.clients.sqs.delays
    assert deployed.tell(sending_event(sent[ANN], "Delivery")) == NONE_FAILED
