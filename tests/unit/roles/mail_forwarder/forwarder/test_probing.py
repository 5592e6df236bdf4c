# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A mail of the probe reaches SES's simulator and no person, whatever the map, SES or a stranger does."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from ansible_collections.account_factory.email.plugins.module_utils._probe_mail import (
    Probe,
    is_from_probe,
    probe_id_of,
)
from ansible_collections.account_factory.email.plugins.module_utils._record import RETIRED, AddressRecord
from forwarder.handler import handle_probe

from .conftest import ADMIN, SETTINGS, VENDED, Context, Deployed, RecordingSes, refusal, ses_event
from .sending_events import sending_event

PROBE = Probe(SETTINGS.stack_name, "accounts.example.com")
ID = "0123456789abcdef" * 2
ANN = "ann@example.com"
BOUNCE = "bounce@simulator.amazonses.com"
NONE_FAILED: dict[str, Any] = {"batchItemFailures": []}


def put_record(**changes: Any) -> None:
    values: dict[str, Any] = {"owners": (PROBE.owner,), "request_id": PROBE.request_id, **changes}
    record = AddressRecord(PROBE.address, PROBE.account_name, PROBE.domain, **values)
    boto3.resource("dynamodb").Table(SETTINGS.map_table).put_item(Item=record.to_item())


def receive(deployed: Deployed, *recipients: str, author: str = PROBE.sender, **receipt: Any) -> None:
    """Let a mail of the probe come, or another one; nothing of it goes back to the queue."""
    deployed.store(PROBE.message(ID, datetime(2026, 11, 20, 9, 14, 6, tzinfo=timezone.utc)))
    event = ses_event("m1", [*recipients] or [PROBE.recipient(ID)], **receipt)
    event["mail"]["commonHeaders"]["from"] = [author]
    assert deployed.handle(event) == NONE_FAILED


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    written = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    return [line for line in written if line.get("message") == "audit"]


def counted(capsys: pytest.CaptureFixture[str]) -> dict[str, float]:
    written = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    metrics = [line for line in written if "_aws" in line]
    return {name: sum(line[name]) for line in metrics for name in line if isinstance(line[name], list)}


def test_it_goes_to_the_simulator_and_is_counted_apart(
    deploy: Callable[..., Deployed], capsys: pytest.CaptureFixture[str]
) -> None:
    deployed = deploy()
    put_record()
    receive(deployed)
    assert deployed.ses.mailboxes() == [PROBE.owner]
    # What SES mails of a bounce it mails to the probe's address, whose mail is dropped.
    assert deployed.ses.sent[0]["FeedbackForwardingEmailAddress"] == PROBE.address
    assert counted(capsys) == {"mail-notice": 1, "probe-sent": 1}
    (item,) = deployed.deliveries().values()
    facts = json.loads(item["mail"])
    assert (facts["standing"], facts["recipient"], item["status"]) == ("probe", PROBE.recipient(ID), "sent")


def test_the_same_notice_again_sends_nothing_more(deployed: Deployed) -> None:
    put_record()
    receive(deployed)
    receive(deployed)
    assert deployed.ses.mailboxes() == [PROBE.owner]


@pytest.mark.parametrize(
    ("record", "mailboxes"),
    [
        pytest.param(None, [], id="never vended, or its record is gone"),
        pytest.param({"status": RETIRED}, [], id="retired"),
        pytest.param({"forwarding": False}, [], id="suspended"),
        pytest.param({"owners": (ANN,)}, [], id="a person is its owner"),
        pytest.param({"owners": (ANN, PROBE.owner)}, [PROBE.owner], id="a person is an owner, too"),
        pytest.param({"fallback_owners": (ANN,)}, [PROBE.owner], id="a person is its fallback"),
    ],
)
def test_it_reaches_no_person_whatever_the_map_says(
    deploy: Callable[..., Deployed],
    capsys: pytest.CaptureFixture[str],
    record: dict[str, Any] | None,
    mailboxes: list[str],
) -> None:
    deployed = deploy(fallback_owners=[ANN], catch_all=True)
    if record is not None:
        put_record(**record)
    receive(deployed)
    assert deployed.ses.mailboxes() == mailboxes
    (line,) = lines(capsys)
    assert (line["action"], line["probe"]) == ("probe", "sent" if mailboxes else "dropped")


@pytest.mark.parametrize(
    ("recipients", "author"),
    [
        pytest.param([PROBE.address], "spam@example.org", id="to the address"),
        pytest.param([PROBE.recipient(ID)], "spam@example.org", id="to a mail's recipient"),
        pytest.param([PROBE.address], PROBE.sender, id="as the probe, without an id"),
        pytest.param([PROBE.recipient(ID), PROBE.recipient(ID[::-1])], PROBE.sender, id="to two at once"),
        pytest.param([f"Forwarder-Probe@{PROBE.domain}."], "spam@example.org", id="in other letters"),
    ],
)
def test_what_a_stranger_sends_to_the_address_causes_nothing(
    deploy: Callable[..., Deployed], capsys: pytest.CaptureFixture[str], recipients: list[str], author: str
) -> None:
    deployed = deploy(catch_all=True)
    put_record()
    receive(deployed, *recipients, author=author, spamVerdict={"status": "FAIL"}, virusVerdict={"status": "FAIL"})
    assert deployed.ses.sent == []
    assert deployed.deliveries() == deployed.records() == {}
    assert counted(capsys) == {"mail-notice": 1, "probe-dropped": len(recipients)}


@pytest.mark.parametrize("recipient", [PROBE.address, f"forwarder-probe+billing@{PROBE.domain}"])
def test_while_the_address_is_not_vended_what_others_send_there_is_as_any_mail_to_an_unknown_address(
    deploy: Callable[..., Deployed], recipient: str
) -> None:
    deployed = deploy(catch_all=True)
    receive(deployed, recipient, author="no-reply@signin.aws.example.com")
    assert deployed.ses.mailboxes() == [ADMIN]


def test_an_owner_who_is_written_to_with_it_gets_the_mail_and_the_probe_does_not(deployed: Deployed) -> None:
    put_record()
    deployed.vend(VENDED, ANN)
    receive(deployed, VENDED, PROBE.recipient(ID))
    assert deployed.ses.mailboxes() == [ANN]


def test_the_mail_of_an_account_that_has_such_an_address_is_its_owners(deployed: Deployed) -> None:
    put_record(owners=(ANN,), account_id="111122223333")
    receive(deployed, author="no-reply@signin.aws.example.com")
    assert deployed.ses.mailboxes() == [ANN]


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(refusal("MessageRejected", message=f"Email address is not verified: {PROBE.owner}"), id="sandbox"),
        pytest.param(refusal("SendingPausedException"), id="paused"),
        pytest.param(refusal("BadRequestException"), id="malformed"),
        pytest.param(RuntimeError("no idea"), id="whatever else"),
    ],
)
def test_what_ses_does_not_take_is_for_nobody_else_and_not_tried_again(
    deploy: Callable[..., Deployed], capsys: pytest.CaptureFixture[str], error: Exception
) -> None:
    deployed = deploy()
    deployed.ses.failures[PROBE.owner] = error
    put_record(fallback_owners=(ANN,))
    receive(deployed)
    assert deployed.ses.sent == []
    assert counted(capsys) == {"mail-notice": 1, "probe-failed": 1}
    # What SES said is kept for whoever waits for the probe.
    (record,) = deployed.records().values()
    assert record["error"]


def test_what_is_quarantined_of_others_is_only_marked_by_its_verdicts_here(deployed: Deployed) -> None:
    put_record()
    receive(deployed, dmarcVerdict={"status": "FAIL"}, dmarcPolicy="reject")
    assert deployed.ses.mailboxes() == [PROBE.owner]
    (item,) = deployed.deliveries().values()
    assert json.loads(item["mail"])["verdicts"]["dmarc"] == "FAIL"


@pytest.mark.parametrize(
    ("kind", "part", "metric"),
    [
        pytest.param("Delivery", {}, "probe-delivered", id="delivered"),
        pytest.param("Bounce", {"bounceType": "Permanent"}, "probe-bounced", id="bounced"),
        pytest.param("Complaint", {}, "probe-complained", id="complained"),
        pytest.param("Reject", {}, "probe-rejected", id="rejected"),
    ],
)
@pytest.mark.parametrize("is_known", [True, False], ids=["", "the record of deliveries is gone"])
def test_what_ses_tells_of_it_marks_nobody_and_sends_nothing(
    deploy: Callable[..., Deployed],
    capsys: pytest.CaptureFixture[str],
    kind: str,
    part: dict[str, Any],
    metric: str,
    is_known: bool,
) -> None:
    deployed = deploy(fallback_owners=[ANN])
    put_record(owners=(BOUNCE,))
    receive(deployed)
    (request,) = deployed.ses.sent
    if not is_known:
        boto3.resource("dynamodb").Table(SETTINGS.delivery_table).delete_item(
            Key={"pk": next(iter(deployed.deliveries()))}
        )
    capsys.readouterr()
    assert deployed.tell(sending_event(request, kind, **part)) == NONE_FAILED
    assert deployed.ses.mailboxes() == [BOUNCE]
    assert deployed.marks() == {}
    assert counted(capsys) == {"sending-event": 1, metric: 1}
    assert ADMIN not in deployed.ses.mailboxes()
    if is_known:
        (item,) = deployed.deliveries().values()
        assert metric.removeprefix("probe-") in (item.get("told_by"), item.get("failed_by"))


def test_the_function_of_the_schedule_sends_one_mail_to_the_forwarder_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROBE_STACK", PROBE.stack_name)
    monkeypatch.setenv("PROBE_DOMAIN", PROBE.domain)
    ses = RecordingSes()
    assert handle_probe({}, Context(), ses) == {"message_id": "sent-1"}
    handle_probe({}, Context(), ses)
    recipients = ses.mailboxes()
    # Each has an id of its own, by which the forwarder knows it.
    assert len({probe_id_of(recipient) for recipient in recipients} - {None}) == 2
    assert all(
        is_from_probe([request["FromEmailAddress"]], request["Destination"]["ToAddresses"][0]) for request in ses.sent
    )
    assert "ConfigurationSetName" not in ses.sent[0]


def test_a_schedule_that_ses_does_not_serve_fails_and_so_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROBE_STACK", PROBE.stack_name)
    monkeypatch.setenv("PROBE_DOMAIN", PROBE.domain)

    class Paused:
        def send_email(self, **_request: Any) -> None:
            raise refusal("SendingPausedException")

    with pytest.raises(ClientError, match="SendingPausedException"):
        handle_probe({}, Context(), Paused())
