# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail that is held back: kept under its own prefix, told of, and released by a person."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError

from ansible_collections.account_factory.email.plugins.module_utils._message import HEADER_MAX
from forwarder import handler
from tests.aws_errors import aws_error

from .conftest import MAILS, SETTINGS, VENDED, Context, Deployed, ses_event

RAW = (MAILS / "root-password-reset.eml").read_bytes()
NONE_FAILED: dict[str, Any] = {"batchItemFailures": []}
SPAM = {"status": "FAIL"}


def held(deployed: Deployed) -> dict[str, Any]:
    """Return the objects of the quarantine: their bodies by key."""
    s3, bucket = deployed.clients.s3, SETTINGS.mail_bucket
    keys = [one["Key"] for one in s3.list_objects_v2(Bucket=bucket, Prefix="quarantine/").get("Contents", [])]
    return {key: s3.get_object(Bucket=bucket, Key=key) for key in keys}


def release(deployed: Deployed, message_id: Any, *, check: bool = False) -> dict[str, Any]:
    return handler.handle_release(
        {"message_id": message_id, "check": check}, Context(clock=deployed.clock), deployed.forwarder
    )


def quarantined(deployed: Deployed, **receipt: Any) -> dict[str, Any]:
    """Return the notice of a mail that two owners were told of."""
    deployed.vend(VENDED, "ann@example.com", "bob@example.com")
    deployed.store(RAW)
    event = ses_event(**receipt)
    assert deployed.handle(event) == NONE_FAILED
    return event


@pytest.mark.parametrize(
    ("receipt", "reason"),
    [
        pytest.param({"virusVerdict": SPAM, "spamVerdict": SPAM}, "virus", id="virus"),
        pytest.param({"spamVerdict": SPAM}, "spam", id="spam"),
        pytest.param({"dmarcVerdict": SPAM, "dmarcPolicy": "reject"}, "dmarc", id="dmarc"),
    ],
)
def test_what_is_held_back_is_kept_and_every_owner_told(
    deployed: Deployed, receipt: dict[str, Any], reason: str
) -> None:
    event = quarantined(deployed, **receipt)
    kept = held(deployed)
    assert kept.keys() == {"quarantine/m1", "quarantine/m1.json"}
    assert kept["quarantine/m1"]["Metadata"] == {"reason": reason}
    assert kept["quarantine/m1"]["Body"].read() == RAW
    assert json.loads(kept["quarantine/m1.json"]["Body"].read()) == event
    assert deployed.ses.mailboxes() == ["ann@example.com", "bob@example.com"]
    for request in deployed.ses.sent:
        assert b"Subject: Mail for " in request["Content"]["Raw"]["Data"]
        assert b"resetpassword" not in request["Content"]["Raw"]["Data"]
    assert {item["outcome"] for item in deployed.deliveries().values()} == {"quarantined"}
    assert deployed.handle(event) == NONE_FAILED
    assert len(deployed.ses.sent) == 2


def test_a_forgery_with_a_header_too_long_to_read_is_held_back_even_where_others_are_tagged(
    deploy: Callable[..., Deployed],
) -> None:
    deployed = deploy(spam="tag", dmarc_failure="tag")
    deployed.vend(VENDED, "ann@example.com")
    deployed.store(b"X-Long: " + b"x" * HEADER_MAX + b"\r\nFrom: no-reply@signin.aws\r\n\r\nbody\r\n")
    assert deployed.handle(ses_event(dmarcVerdict=SPAM)) == NONE_FAILED
    assert {item["outcome"] for item in deployed.deliveries().values()} == {"quarantined"}


def test_nobody_is_told_before_the_mail_is_kept(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(**_unused: object) -> None:
        raise aws_error("AccessDenied", "CopyObject")

    monkeypatch.setattr(deployed.clients.s3, "copy_object", refused)
    deployed.vend(VENDED, "ann@example.com")
    deployed.store(RAW)
    with pytest.raises(BatchProcessingError, match="AccessDenied"):
        deployed.handle(ses_event(spamVerdict=SPAM))
    assert deployed.ses.sent == []
    assert deployed.deliveries() == {}
    monkeypatch.undo()
    assert deployed.handle(ses_event(spamVerdict=SPAM)) == NONE_FAILED
    assert deployed.ses.mailboxes() == ["ann@example.com"]


def test_a_released_mail_reaches_its_owners_once(deployed: Deployed) -> None:
    quarantined(deployed, spamVerdict=SPAM, dmarcVerdict=SPAM)
    for expected in ({"sent": 2}, {"already-sent": 2}):
        for check in (True, False):
            assert release(deployed, "m1", check=check) == {"message_id": "m1", "deliveries": expected}
    copies = [request["Content"]["Raw"]["Data"] for request in deployed.ses.sent[2:]]
    assert deployed.ses.mailboxes()[2:] == ["ann@example.com", "bob@example.com"]
    for copy in copies:
        assert b"\r\nSubject: [spam] [sender not verified] Amazon Web Services Password Assistance\r\n" in copy
        assert b"\r\nX-Forwarder-Released: yes\r\n" in copy
        assert copy.partition(b"\r\n\r\n")[2] == RAW.partition(b"\r\n\r\n")[2]


def test_a_release_that_failed_half_way_is_finished_by_the_next(deployed: Deployed) -> None:
    quarantined(deployed, spamVerdict=SPAM)
    deployed.ses.failures = {"bob@example.com": aws_error("TooManyRequestsException", "SendEmail", 429)}
    with pytest.raises(Exception, match="message m1: 1 failed"):
        release(deployed, "m1")
    deployed.ses.failures = {}
    assert release(deployed, "m1")["deliveries"] == {"already-sent": 1, "sent": 1}
    assert deployed.ses.mailboxes()[2:] == ["ann@example.com", "bob@example.com"]


def test_a_virus_is_not_released(deployed: Deployed) -> None:
    quarantined(deployed, virusVerdict=SPAM)
    assert "m1 holds a virus and cannot be released" in release(deployed, "m1")["error"]
    assert len(deployed.ses.sent) == 2


@pytest.mark.parametrize("message_id", [None, "", 1, "a b", "a\n", ["m1"]])
def test_a_release_names_a_message(deployed: Deployed, message_id: Any) -> None:
    assert release(deployed, message_id) == {
        "message_id": message_id,
        "error": f"message_id is {message_id!r}, not the id of a message; the letter about it names it",
    }


def test_what_is_not_in_the_quarantine_is_not_released(deployed: Deployed) -> None:
    deployed.vend(VENDED, "ann@example.com")
    deployed.store(RAW)
    said = release(deployed, "m1")["error"]
    assert "the quarantine has no mail m1, or it cannot be read: " in said
    assert "NoSuchKey" in said
    assert deployed.ses.sent == []


def test_what_is_known_of_a_quarantined_mail_is_recorded(deployed: Deployed) -> None:
    quarantined(deployed, spamVerdict=SPAM)
    record = deployed.records()["m1"]
    assert record.pop("expires_at") == int(deployed.clock.time) + 365 * 86_400
    assert record == {
        "pk": "MAIL#m1",
        "reason": "spam",
        "recipients": [VENDED],
        "sender": "no-reply@signin.aws.example.com",
        "size": len(RAW),
        "received_at": "2026-11-20T09:14:06.123Z",
    }


@pytest.mark.parametrize(
    ("mail_days", "days"),
    [
        pytest.param(365, 380, id="longer than a mail that waited first"),
        pytest.param(0, None, id="for ever, as the mail"),
    ],
)
def test_a_record_is_kept_while_its_mail_is(deploy: Callable[..., Deployed], mail_days: int, days: int | None) -> None:
    deployed = deploy(mail_days=mail_days)
    quarantined(deployed, spamVerdict=SPAM)
    expected = None if days is None else int(deployed.clock.time) + days * 86_400
    assert deployed.records()["m1"].get("expires_at") == expected


def test_who_released_a_mail_is_recorded(deployed: Deployed) -> None:
    quarantined(deployed, spamVerdict=SPAM)
    request = {"message_id": "m1", "released_by": "arn:of:jane"}
    handler.handle_release({**request, "check": True}, Context(clock=deployed.clock), deployed.forwarder)
    assert "released_at" not in deployed.records()["m1"]
    handler.handle_release(request, Context(clock=deployed.clock), deployed.forwarder)
    assert deployed.records()["m1"]["released_by"] == "arn:of:jane"


@pytest.mark.parametrize("check", [True, False])
def test_a_mail_that_would_reach_nobody_is_not_released(deploy: Callable[..., Deployed], *, check: bool) -> None:
    deployed = deploy(catch_all=False)
    quarantined(deployed, spamVerdict=SPAM)
    deployed.vend(VENDED, "ann@example.com", status="retired")
    assert "m1 would reach nobody, so that it stays in quarantine" in release(deployed, "m1", check=check)["error"]
    assert "released_at" not in deployed.records()["m1"]
    deployed.vend(VENDED, "ann@example.com")
    assert release(deployed, "m1", check=check)["deliveries"] == {"sent": 1}


def test_a_mail_is_discarded_once_and_can_still_be_released(deployed: Deployed) -> None:
    quarantined(deployed, spamVerdict=SPAM)

    def discard(**more: Any) -> Any:
        request = {"message_id": "m1", "released_by": "arn:of:jane", "discard": True, **more}
        return handler.handle_release(request, Context(clock=deployed.clock), deployed.forwarder)

    assert discard(check=True) == {"message_id": "m1", "discarded": True}
    assert discard() == {"message_id": "m1", "discarded": True}
    assert discard() == {"message_id": "m1", "discarded": False}
    assert deployed.records()["m1"]["discarded_by"] == "arn:of:jane"
    assert held(deployed).keys() == {"quarantine/m1", "quarantine/m1.json"}
    assert len(deployed.ses.sent) == 2
    assert release(deployed, "m1")["deliveries"] == {"sent": 2}


def test_a_virus_may_be_discarded(deployed: Deployed) -> None:
    quarantined(deployed, virusVerdict=SPAM)
    request = {"message_id": "m1", "discard": True}
    said = handler.handle_release(request, Context(clock=deployed.clock), deployed.forwarder)
    assert said == {"message_id": "m1", "discarded": True}


def test_why_a_mail_failed_is_recorded_with_each_try(deployed: Deployed) -> None:
    deployed.vend(VENDED, "ann@example.com")
    deployed.store(RAW)
    deployed.ses.failures = {"ann@example.com": aws_error("SendingPausedException", "SendEmail")}
    with pytest.raises(BatchProcessingError):
        deployed.handle(ses_event())
    record = deployed.records()["m1"]
    assert (record["tries"], record["tried_at"][:2]) == (1, "20")
    assert record["error"] == "SendingPausedException (SendEmail): as the test says"


def test_that_it_cannot_be_recorded_why_a_mail_failed_changes_nothing(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(**_unused: object) -> None:
        raise aws_error("AccessDeniedException", "UpdateItem")

    deployed.vend(VENDED, "ann@example.com")
    deployed.store(RAW)
    deployed.ses.failures = {"ann@example.com": aws_error("SendingPausedException", "SendEmail")}
    monkeypatch.setattr(deployed.clients.dynamodb, "update_item", refused)
    with pytest.raises(BatchProcessingError, match="SendingPausedException"):
        deployed.handle(ses_event())
    assert deployed.records() == {}
