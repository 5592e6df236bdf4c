# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The function as it is deployed: queue messages in, mails out, and what failed given back to the queue."""

from __future__ import annotations

import copy
import json
import logging
import tracemalloc
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError

from forwarder import handler
from forwarder.aws.clients import connect
from forwarder.core.settings import SettingsError
from tests.aws_errors import aws_error

from .conftest import ADMIN, FROM, SETTINGS, VENDED, Deployed, refusal, ses_event

RAW = (Path(__file__).parents[4] / "mail" / "root-password-reset.eml").read_bytes()
BODY = RAW.partition(b"\r\n\r\n")[2]
OTHER = "aws-sandbox-0002@accounts.example.com"
HELD = "aws-sandbox-0003@accounts.example.com"
NONE_FAILED: dict[str, Any] = {"batchItemFailures": []}


def audit_lines(capsys: pytest.CaptureFixture[str]) -> tuple[list[dict[str, Any]], str]:
    """Return the audit lines, and all that was written."""
    output = capsys.readouterr().out
    lines = [json.loads(line) for line in output.splitlines()]
    return [line for line in lines if line.get("message") == "audit"], output


def test_a_mail_is_forwarded_to_its_owner(deploy: Callable[..., Deployed], capsys: pytest.CaptureFixture[str]) -> None:
    deployed = deploy()
    deployed.vend(VENDED, "owner@example.com")
    deployed.store(RAW)
    assert deployed.handle(ses_event()) == NONE_FAILED

    (sent,) = deployed.ses.sent
    data = sent["Content"]["Raw"]["Data"]
    assert {**sent, "Content": None} == {
        "FromEmailAddress": FROM,
        "Destination": {"ToAddresses": ["owner@example.com"]},
        "Content": None,
        "ConfigurationSetName": "mail-forwarder",
        "EmailTags": [
            {"Name": "message_id", "Value": "m1"},
            {"Name": "address", "Value": "aws-sandbox-0001_accounts_example_com"},
            {"Name": "reason", "Value": "owner"},
            # Base64 of the mail's ids and the address, and of the mailbox: what an event is about is read from them.
            {"Name": "delivery", "Value": "bTEKCmF3cy1zYW5kYm94LTAwMDFAYWNjb3VudHMuZXhhbXBsZS5jb20"},
            {"Name": "mailbox", "Value": "b3duZXJAZXhhbXBsZS5jb20"},
        ],
    }
    assert isinstance(data, bytes)
    assert data.partition(b"\r\n\r\n")[2] == BODY
    (delivery,) = deployed.deliveries().values()
    assert (delivery["status"], delivery["sent_message_id"]) == ("sent", "sent-1")

    (line,), output = audit_lines(capsys)
    expected = {"action": "sent", "ses_message_id": "m1", "object_key": "mail/m1", "address": VENDED}
    assert line.items() >= {**expected, "mailbox": "owner@example.com", "reason": "owner"}.items()
    assert line["verdicts"]["dmarc"] == "PASS"
    assert '"mail-sent":[1.0]' in output.replace(" ", "")
    assert "Never to be logged" not in output
    assert "Password Assistance" not in output


def test_the_same_notice_again_sends_nothing(
    deploy: Callable[..., Deployed], capsys: pytest.CaptureFixture[str]
) -> None:
    deployed = deploy()
    deployed.vend(VENDED, "owner@example.com")
    deployed.store(RAW)
    for _unused in range(3):
        assert deployed.handle(ses_event(), ses_event()) == NONE_FAILED
    assert len(deployed.ses.sent) == 1
    assert [line["action"] for line in audit_lines(capsys)[0]] == ["sent", *["already-sent"] * 5]


def test_several_recipients_each_get_their_own(deployed: Deployed) -> None:
    deployed.vend(VENDED, "ann@example.com", "bob@example.com")
    deployed.vend(OTHER, "ann@example.com")
    deployed.store(RAW)
    recipients = ["nobody@accounts.example.com", VENDED, OTHER, VENDED.upper(), VENDED.replace("@", "+tag@")]
    assert deployed.handle(ses_event(recipients=recipients)) == NONE_FAILED
    sent = [(to, data.split(b"\r\nTo: ")[1].split(b"\r\n")[0].decode()) for to, data in raw_copies(deployed)]
    assert sent == [
        (ADMIN, "nobody@accounts.example.com"),
        ("ann@example.com", VENDED),
        ("bob@example.com", VENDED),
        ("ann@example.com", OTHER),
    ]
    assert not any(OTHER.encode() in data for to, data in raw_copies(deployed)[:3])


def raw_copies(deployed: Deployed) -> list[tuple[str, bytes]]:
    return [(one["Destination"]["ToAddresses"][0], one["Content"]["Raw"]["Data"]) for one in deployed.ses.sent]


def test_what_is_not_in_the_map_can_be_dropped(
    deploy: Callable[..., Deployed], capsys: pytest.CaptureFixture[str]
) -> None:
    deployed = deploy(catch_all=False)
    deployed.vend(VENDED, "owner@example.com")
    deployed.vend(OTHER, "owner@example.com", status="retired")
    deployed.vend(HELD, "owner@example.com", forwarding=False)
    deployed.store(RAW)
    assert deployed.handle(ses_event(recipients=["nobody@accounts.example.com", OTHER, HELD, VENDED])) == NONE_FAILED
    assert deployed.ses.mailboxes() == ["owner@example.com"]
    lines, output = audit_lines(capsys)
    assert [(line["action"], line["reason"]) for line in lines] == [
        ("dropped", "unknown"),
        ("dropped", "retired"),
        ("dropped", "suspended"),
        ("sent", "owner"),
    ]
    assert '"mail-dropped":[1.0,1.0,1.0]' in output.replace(" ", "")


def test_mail_of_a_suspended_address_is_not_its_owners_until_it_is_resumed(
    deploy: Callable[..., Deployed], capsys: pytest.CaptureFixture[str]
) -> None:
    deployed = deploy()
    deployed.store(RAW)
    deployed.vend(VENDED, "owner@example.com", forwarding=False)
    assert deployed.handle(ses_event(recipients=[VENDED, VENDED.replace("@", "+tag@")])) == NONE_FAILED
    deployed.vend(VENDED, "owner@example.com")
    deployed.store(RAW, "m2")
    assert deployed.handle(ses_event("m2")) == NONE_FAILED
    assert deployed.ses.mailboxes() == [ADMIN, "owner@example.com"]
    lines, output = audit_lines(capsys)
    assert [(line["action"], line["address"], line["reason"]) for line in lines] == [
        ("sent", VENDED, "suspended"),
        ("sent", VENDED, "owner"),
    ]
    assert output.replace(" ", "").count('"mail-sent":[1.0]') == 2
    assert deployed.ses.sent[0]["EmailTags"][2] == {"Name": "reason", "Value": "suspended"}


@pytest.mark.parametrize(
    "failure",
    [
        pytest.param(refusal("TooManyRequestsException", 429), id="throttled"),
        pytest.param(refusal("SendingPausedException", 400), id="paused"),
        pytest.param(refusal("AccountSuspendedException", 400), id="suspended"),
        pytest.param(refusal("LimitExceededException", 400), id="limit"),
        pytest.param(ConnectTimeoutError(endpoint_url="https://email"), id="not reached"),
    ],
)
def test_one_owner_refused_and_another_fine(deployed: Deployed, failure: Exception) -> None:
    deployed.vend(VENDED, "ann@example.com", "bob@example.com", "eve@example.com")
    deployed.store(RAW)
    deployed.ses.failures = {"bob@example.com": failure}
    with pytest.raises(BatchProcessingError, match="message m1: 1 failed"):
        deployed.handle(ses_event())
    assert deployed.ses.mailboxes() == ["ann@example.com", "eve@example.com"]

    deployed.ses.failures = {}
    assert deployed.handle(ses_event()) == NONE_FAILED
    assert deployed.ses.mailboxes() == ["ann@example.com", "eve@example.com", "bob@example.com"]


@pytest.mark.parametrize(
    "failure",
    [
        pytest.param(ReadTimeoutError(endpoint_url="https://email"), id="no answer"),
        pytest.param(refusal("InternalFailure", 500), id="server error"),
        pytest.param(RuntimeError("whatever it is"), id="unknown error"),
    ],
)
def test_a_copy_that_may_have_been_sent_waits_for_its_claim(deployed: Deployed, failure: Exception) -> None:
    deployed.vend(VENDED, "owner@example.com")
    deployed.store(RAW)
    deployed.ses.failures = {"owner@example.com": failure}
    with pytest.raises(BatchProcessingError):
        deployed.handle(ses_event())
    deployed.ses.failures = {}
    with pytest.raises(BatchProcessingError, match="is being sent by another invocation"):
        deployed.handle(ses_event())
    assert deployed.ses.sent == []

    deployed.clock.time += 60 + 15 + 2
    assert deployed.handle(ses_event()) == NONE_FAILED
    assert deployed.ses.mailboxes() == ["owner@example.com"]


@pytest.mark.parametrize(
    "failure",
    [
        pytest.param(refusal("TooManyRequestsException", 429), id="refused"),
        pytest.param(RuntimeError("no answer"), id="unknown error"),
    ],
)
def test_mails_that_failed_leave_memory(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    """However many fail in a batch: one mail is held, and what was composed of it, and at the end none."""
    size = 2_000_000
    deployed.vend(VENDED, "ann@example.com", "bob@example.com")

    def read(**_unused: object) -> dict[str, Any]:
        return {"Body": BytesIO(RAW + (b"x" * 76 + b"\r\n") * (size // 78))}

    def send_email(**request: Any) -> None:
        try:
            raise ValueError(len(request["Content"]["Raw"]["Data"]))
        except ValueError:
            # As boto3's errors are, raised while another one is handled.
            raise copy.copy(failure)  # noqa: B904

    monkeypatch.setattr(deployed.clients.s3, "get_object", read)
    monkeypatch.setattr(deployed.ses, "send_email", send_email)
    # pytest keeps the errors of all that reaches the root logger.
    monkeypatch.setattr(logging.getLogger(deployed.forwarder.logger.service), "propagate", False)
    tracemalloc.start()
    try:
        with pytest.raises(BatchProcessingError) as raised:
            deployed.handle(*(ses_event(f"m{number}") for number in range(5)))
        held, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert str(raised.value).count("2 failed") == 5
    assert held < size
    assert peak < 4 * size


def test_a_failure_is_logged_with_where_it_came_from(
    deploy: Callable[..., Deployed], capsys: pytest.CaptureFixture[str]
) -> None:
    deployed = deploy()
    deployed.vend(VENDED, "owner@example.com")
    deployed.store(RAW)
    deployed.ses.failures = {"owner@example.com": RuntimeError("whatever it is")}
    with pytest.raises(BatchProcessingError):
        deployed.handle(ses_event())
    (line,), _unused = audit_lines(capsys)
    assert (line["action"], line["error"]) == ("failed", "RuntimeError: whatever it is")
    assert "in send_email" in line["exception"]


def test_one_message_of_a_batch_fails_alone(deployed: Deployed) -> None:
    deployed.vend(VENDED, "owner@example.com")
    deployed.store(RAW)
    answer = deployed.handle("no notice", ses_event(), ses_event("m2"))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "q1"}, {"itemIdentifier": "q3"}]}
    assert deployed.ses.mailboxes() == ["owner@example.com"]


def test_a_message_that_is_not_there_yet_is_tried_again(deployed: Deployed) -> None:
    deployed.vend(VENDED, "owner@example.com")
    with pytest.raises(BatchProcessingError, match="NoSuchKey"):
        deployed.handle(ses_event())
    assert deployed.deliveries() == {}
    deployed.store(RAW)
    assert deployed.handle(ses_event()) == NONE_FAILED
    assert deployed.ses.mailboxes() == ["owner@example.com"]


def test_one_broken_record_spares_the_other_recipients(deployed: Deployed) -> None:
    deployed.vend(VENDED, "owner@example.com")
    deployed.vend(OTHER)
    deployed.clients.dynamodb.put_item(
        TableName=SETTINGS.map_table, Item={"pk": {"S": "ADDRESS#odd@accounts.example.com"}}
    )
    deployed.store(RAW)
    with pytest.raises(BatchProcessingError, match="2 failed") as raised:
        deployed.handle(ses_event(recipients=["odd@accounts.example.com", OTHER, VENDED]))
    assert f"the map's record of {OTHER} has no owners" in str(raised.value)
    assert "the map's record of odd@accounts.example.com cannot be read" in str(raised.value)
    assert deployed.ses.mailboxes() == ["owner@example.com"]


def test_an_owner_that_is_no_address_spares_the_other_owners(deployed: Deployed) -> None:
    deployed.vend(VENDED, "nobody", "owner@example.com")
    deployed.store(RAW)
    with pytest.raises(BatchProcessingError, match="'nobody' is not an email address"):
        deployed.handle(ses_event())
    assert deployed.ses.mailboxes() == ["owner@example.com"]


def test_our_own_mail_is_not_forwarded_again(deployed: Deployed) -> None:
    deployed.vend(VENDED, "owner@example.com")
    deployed.store(RAW)
    deployed.handle(ses_event())
    deployed.store(deployed.ses.sent[0]["Content"]["Raw"]["Data"], "m2")
    with pytest.raises(BatchProcessingError, match="sent by this forwarder itself"):
        deployed.handle(ses_event("m2"))
    assert len(deployed.ses.sent) == 1


def test_set_up_messages_are_done_with(deployed: Deployed) -> None:
    event = ses_event("AMAZON_SES_SETUP_NOTIFICATION")
    assert deployed.handle(event, {"Type": "Notification", "Message": json.dumps(event)}) == NONE_FAILED
    assert deployed.ses.sent == []


@pytest.mark.filterwarnings("ignore:No application metrics")
@pytest.mark.parametrize("event", [{}, {"Records": []}, {"Records": "x"}], ids=["empty", "no records", "not a list"])
def test_an_event_that_is_no_batch_raises(deployed: Deployed, event: dict[str, Any]) -> None:
    context = SimpleNamespace(aws_request_id="r1", get_remaining_time_in_millis=lambda: 60_000)
    with pytest.raises(BatchProcessingError):
        handler.handle(event, context, deployed.forwarder)


def test_without_settings_nothing_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SETTINGS", raising=False)
    handler._standing.cache_clear()
    with pytest.raises(SettingsError, match="SETTINGS is not set"):
        handler.handle({"Records": [{}]}, SimpleNamespace())


def test_a_send_is_never_repeated_on_the_spot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    clients = connect()
    assert clients.sesv2.meta.config.retries["total_max_attempts"] == 1
    assert clients.dynamodb.meta.config.retries["total_max_attempts"] == 4


def test_access_denied_is_raised_too(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without s3:ListBucket, a key that is not there reads so."""

    def denied(**_unused: object) -> None:
        raise aws_error("AccessDenied", "GetObject")

    deployed.vend(VENDED, "owner@example.com")
    monkeypatch.setattr(deployed.clients.s3, "get_object", denied)
    with pytest.raises(BatchProcessingError, match="AccessDenied"):
        deployed.handle(ses_event())
    assert deployed.deliveries() == {}


def test_a_time_that_nobody_can_read_is_no_failure(deployed: Deployed) -> None:
    deployed.vend(VENDED, "owner@example.com")
    deployed.store(RAW)
    event = ses_event()
    event["mail"]["timestamp"] = "2026-11-20T25:61:00Z"
    assert deployed.handle(event) == NONE_FAILED
    assert deployed.ses.mailboxes() == ["owner@example.com"]
