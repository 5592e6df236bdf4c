# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read from a queue message, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._notice import NoticeError, Verdicts, parse_notice

BUCKET = "mail-bucket"


def event(**changes: Any) -> dict[str, Any]:
    """Return a notice; the keywords ``mail``, ``receipt`` and ``action`` replace members of those."""
    mail = {"source": "sender@example.org", "messageId": "m1", **changes.get("mail", {})}
    action = {"type": "S3", "bucketName": BUCKET, "objectKey": "mail/m1", **changes.get("action", {})}
    receipt = {"recipients": ["one@example.com"], "action": action, **changes.get("receipt", {})}
    return {"notificationType": "Received", "mail": mail, "receipt": receipt}


def in_sns_envelope(content: str) -> str:
    return json.dumps({"Type": "Notification", "MessageId": "n1", "TopicArn": "arn", "Message": content})


@pytest.mark.parametrize("wrap", [str, in_sns_envelope], ids=["raw delivery", "SNS envelope"])
def test_a_notice_is_read(wrap: Callable[[str], str]) -> None:
    verdicts = {"spamVerdict": {"status": "PASS"}, "dmarcVerdict": {"status": "FAIL"}, "dmarcPolicy": "reject"}
    recipients = ["one@example.com", "two@example.com"]
    notice = parse_notice(wrap(json.dumps(event(receipt={"recipients": recipients, **verdicts}))), BUCKET)
    assert notice is not None
    assert (notice.message_id, notice.sender, notice.bucket, notice.key) == (
        "m1",
        "sender@example.org",
        BUCKET,
        "mail/m1",
    )
    assert notice.recipients == ("one@example.com", "two@example.com")
    assert notice.verdicts == Verdicts(spam="PASS", dmarc="FAIL", dmarc_policy="reject")


@pytest.mark.parametrize(
    ("receipt", "expected"),
    [
        pytest.param({}, Verdicts(), id="nothing said"),
        pytest.param({"spamVerdict": {"status": "GRAY"}}, Verdicts(spam="GRAY"), id="gray"),
        pytest.param(
            {"virusVerdict": {"status": "PROCESSING_FAILED"}}, Verdicts(virus="PROCESSING_FAILED"), id="failed"
        ),
        pytest.param({"virusVerdict": {"status": "SOMETHING_NEW"}}, Verdicts(virus="SOMETHING_NEW"), id="unknown"),
        pytest.param({"spfVerdict": {}}, Verdicts(), id="object without status"),
        pytest.param({"dkimVerdict": None}, Verdicts(), id="null"),
        pytest.param({"dkimVerdict": "fail"}, Verdicts(dkim="FAIL"), id="plain word"),
        pytest.param({"dmarcPolicy": {"status": "REJECT"}}, Verdicts(dmarc_policy="reject"), id="policy as an object"),
        pytest.param({"dmarcPolicy": "quarantine"}, Verdicts(dmarc_policy="quarantine"), id="policy as a word"),
    ],
)
def test_verdicts_of_any_value_are_read(receipt: dict[str, Any], expected: Verdicts) -> None:
    notice = parse_notice(json.dumps(event(receipt=receipt)), BUCKET)
    assert notice is not None
    assert notice.verdicts == expected


@pytest.mark.parametrize("source", ["", "<>", None, "missing"])
def test_the_null_sender_is_empty(source: str | None) -> None:
    content = event(mail={"source": source})
    if source == "missing":
        del content["mail"]["source"]
    notice = parse_notice(json.dumps(content), BUCKET)
    assert notice is not None
    assert notice.sender == ""


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("Successfully validated SNS topic for Amazon SES event publishing.", id="topic validated"),
        pytest.param(
            json.dumps({"notificationType": "AmazonSnsSubscriptionSucceeded", "message": "…"}), id="subscribed"
        ),
        pytest.param(json.dumps(event(action={"objectKey": "mail/AMAZON_SES_SETUP_NOTIFICATION"})), id="set-up object"),
    ],
)
@pytest.mark.parametrize("wrap", [str, in_sns_envelope], ids=["raw delivery", "SNS envelope"])
def test_set_up_messages_are_recognised(body: str, wrap: Callable[[str], str]) -> None:
    assert parse_notice(wrap(body), BUCKET) is None


def without(*path: str) -> dict[str, Any]:
    content = event()
    inner = content
    for name in path[:-1]:
        inner = inner[name]
    del inner[path[-1]]
    return content


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param("not JSON", "not JSON", id="not JSON"),
        pytest.param([], "a JSON list, not an object", id="a list"),
        pytest.param({}, "notificationType is None", id="empty"),
        pytest.param({"notificationType": "Bounce"}, "notificationType is 'Bounce'", id="another notification"),
        pytest.param({"Type": "Notification", "Message": "hello"}, "not JSON", id="SNS envelope of something else"),
        pytest.param({"Type": "SubscriptionConfirmation"}, "notificationType", id="SNS confirmation"),
        pytest.param({"Records": []}, "notificationType", id="S3 event"),
        pytest.param(without("mail"), "no object named mail", id="no mail"),
        pytest.param(without("receipt"), "no object named receipt", id="no receipt"),
        pytest.param(without("receipt", "action"), "no object named action", id="no action"),
        pytest.param(without("receipt", "recipients"), "receipt.recipients is None", id="no recipients"),
        pytest.param(event(receipt={"recipients": []}), r"receipt.recipients is \[\]", id="empty recipients"),
        pytest.param(event(receipt={"recipients": [1]}), r"receipt.recipients is \[1\]", id="recipients of no text"),
        pytest.param(event(receipt={"recipients": ["a@x.org\r\nBcc: b@x.org"]}), "control characters", id="line end"),
        pytest.param(event(receipt={"recipients": ["a@x.org", "b\x9f@x.org"]}), "control characters", id="C1 control"),
        pytest.param(without("mail", "messageId"), "mail.messageId is None", id="no message id"),
        pytest.param(event(mail={"messageId": "a\r\nb"}), "mail.messageId", id="line end in the message id"),
        pytest.param(event(mail={"source": 5}), "mail.source is 5", id="sender of no text"),
        pytest.param(event(action={"type": "Lambda"}), "action 'Lambda'", id="another action"),
        pytest.param(event(action={"bucketName": "other"}), "bucket 'other'", id="another bucket"),
        pytest.param(event(action={"objectKey": "other/m1"}), "does not lie under mail/", id="another prefix"),
        pytest.param(event(action={"objectKey": "mail/"}), "does not lie under mail/", id="no object"),
        pytest.param(event(action={"objectKey": None}), "does not lie under mail/", id="no key"),
    ],
)
def test_unknown_shapes_raise(content: object, reason: str) -> None:
    body = content if isinstance(content, str) else json.dumps(content)
    with pytest.raises(NoticeError, match=reason):
        parse_notice(body, BUCKET)
