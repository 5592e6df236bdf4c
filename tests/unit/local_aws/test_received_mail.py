# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What SES makes of a mail that arrives."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.local_aws.received_mail import EICAR, GTUBE, Envelope, Mail, arrive, notification

RECEIVED = datetime(2026, 11, 21, 9, 30, 0, 123000, tzinfo=UTC)
ENVELOPE = Envelope("mail.example.org", "192.0.2.1", "sender@example.org", ("a@example.com", "b@example.com"))
ALL_PASS = dict.fromkeys(("spam", "virus", "spf", "dkim", "dmarc"), "PASS")
ACTION = {"type": "S3", "topicArn": "arn:topic", "bucketName": "b", "objectKeyPrefix": "mail/", "objectKey": "mail/id"}


def _arrive(data: bytes) -> Mail:
    return arrive("id", ENVELOPE, data, "eu-west-1", RECEIVED)


def _notice(mail: Mail, scanned: bool = True) -> dict[str, Any]:
    return notification(mail, ["a@example.com"], ACTION, scanned=scanned, now=RECEIVED + timedelta(milliseconds=42))


@pytest.mark.parametrize(
    ("wish", "statuses", "policy"),
    [
        pytest.param("", ALL_PASS, None, id="nothing asked for"),
        pytest.param(
            "spam=FAIL virus=PASS dmarc=FAIL;reject",
            {**ALL_PASS, "spam": "FAIL", "dmarc": "FAIL"},
            "reject",
            id="several",
        ),
        pytest.param("dmarc=FAIL", {**ALL_PASS, "dmarc": "FAIL"}, "none", id="DMARC failed, policy not given"),
        pytest.param("dmarc=FAIL;QUARANTINE", {**ALL_PASS, "dmarc": "FAIL"}, "quarantine", id="policy in lower case"),
        pytest.param("dmarc=FAIL;MISSING", {**ALL_PASS, "dmarc": "FAIL"}, None, id="DMARC failed without a policy"),
        pytest.param("dmarc=PASS;reject", ALL_PASS, None, id="no policy unless DMARC failed"),
        pytest.param(
            "spam=GRAY spf=PROCESSING_FAILED",
            {**ALL_PASS, "spam": "GRAY", "spf": "PROCESSING_FAILED"},
            None,
            id="others",
        ),
        pytest.param("dkim=SOMETHING_NEW", {**ALL_PASS, "dkim": "SOMETHING_NEW"}, None, id="anything goes"),
        pytest.param("virus=MISSING", {name: "PASS" for name in ALL_PASS if name != "virus"}, None, id="left out"),
        pytest.param("color=FAIL", ALL_PASS, None, id="an unknown name does nothing"),
    ],
)
def test_verdicts_that_a_mail_asks_for(wish: str, statuses: dict[str, str], policy: str | None) -> None:
    mail = _arrive(f"X-Local-Verdicts: {wish}\r\nSubject: x\r\n\r\nbody\r\n".encode())
    receipt = _notice(mail)["receipt"]
    told = {key.removesuffix("Verdict"): value["status"] for key, value in receipt.items() if key.endswith("Verdict")}
    assert told == statuses
    assert receipt.get("dmarcPolicy") == policy
    assert b"local-verdicts" not in mail.data.lower()


@pytest.mark.parametrize(
    ("data", "name"),
    [
        pytest.param(b"Subject: x\r\n\r\n" + GTUBE + b"\r\n", "spam", id="GTUBE"),
        pytest.param(b"Subject: x\r\n\r\n" + EICAR + b"\r\n", "virus", id="EICAR"),
        pytest.param(
            b"Subject: x\r\n\r\n" + base64.encodebytes(EICAR).replace(b"\n", b"\r\n"), "virus", id="EICAR in base64"
        ),
    ],
)
def test_test_strings_are_recognised(data: bytes, name: str) -> None:
    assert _arrive(data).verdicts.statuses == {**ALL_PASS, name: "FAIL"}


def test_an_explicit_wish_is_stronger_than_the_content() -> None:
    assert _arrive(b"X-Local-Verdicts: spam=PASS\r\n\r\n" + GTUBE).verdicts.statuses == ALL_PASS


def test_everything_but_the_wish_arrives_byte_for_byte_below_the_headers_of_ses() -> None:
    before, after = (
        b"Subject: =?utf-8?q?x?=\r\nX-Odd:\t caf\xe9 \r\n folded\r\n",
        b"To: a@example.com\r\n\r\n.dot\r\n\xff\n\r\n",
    )
    mail = _arrive(before + b"X-Local-Verdicts: spam=FAIL\r\n dkim=FAIL\r\n" + after)
    assert mail.data.endswith(before + after)
    assert mail.data.startswith(b"Return-Path: <sender@example.org>\r\nReceived: from mail.example.org")
    assert b"\r\nX-SES-Spam-Verdict: FAIL\r\n" in mail.data
    assert mail.verdicts.statuses["dkim"] == "FAIL"


def test_the_notification_has_the_shape_of_the_documentation() -> None:
    data = (
        b"From: Jane Doe <janedoe@example.org>\r\nTo: a@example.com, Other <o@example.net>\r\nCc: c@example.com\r\n"
        b"Date: Sat, 21 Nov 2026 09:29:00 +0000\r\nMessage-ID: <1@example.org>\r\nSubject: =?utf-8?b?w6k=?= x\r\n\r\n"
    )
    notice = _notice(_arrive(data))
    headers = notice["mail"].pop("headers")
    assert [header["name"] for header in headers][:2] == ["Return-Path", "Received"]
    assert {"name": "Message-ID", "value": "<1@example.org>"} in headers
    assert notice == {
        "mail": {
            "timestamp": "2026-11-21T09:30:00.123Z",
            "source": "sender@example.org",
            "messageId": "id",
            "destination": ["a@example.com", "Other <o@example.net>", "c@example.com"],
            "headersTruncated": False,
            "commonHeaders": {
                "returnPath": "sender@example.org",
                "from": ["Jane Doe <janedoe@example.org>"],
                "to": ["a@example.com", "Other <o@example.net>"],
                "cc": ["c@example.com"],
                "date": "Sat, 21 Nov 2026 09:29:00 +0000",
                "messageId": "<1@example.org>",
                "subject": "é x",
            },
        },
        "receipt": {
            "timestamp": "2026-11-21T09:30:00.123Z",
            "processingTimeMillis": 42,
            "recipients": ["a@example.com"],
            **{f"{name}Verdict": {"status": "PASS"} for name in ALL_PASS},
            "action": ACTION,
        },
    }
    assert json.loads(json.dumps(notice)) == notice


def test_headers_are_truncated_at_10_kb() -> None:
    mail = _arrive(b"".join(b"X-%d: %s\r\n" % (number, b"x" * 900) for number in range(20)) + b"\r\nbody")
    told = _notice(mail)["mail"]
    assert told["headersTruncated"] is True
    assert 0 < sum(len(header["name"]) + len(header["value"]) for header in told["headers"]) <= 10 * 1024


def test_without_scanning_there_is_no_verdict_on_content() -> None:
    receipt = _notice(_arrive(b"\r\n" + GTUBE), scanned=False)["receipt"]
    assert [receipt[f"{name}Verdict"]["status"] for name in ALL_PASS] == [
        "DISABLED",
        "DISABLED",
        "PASS",
        "PASS",
        "PASS",
    ]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"no header at all", id="no header"),
        pytest.param(b"From: \xff\xfe <\r\nSubject: =?x-unknown?q?a?=\r\nTo: ,,\r\n\r\n", id="malformed"),
        pytest.param(b"Subject: =?utf-8?b?====?=\r\n\r\n", id="bad encoded word"),
        pytest.param("From: D\u00f6rte <d\u00f6rte@example.org>\r\n\r\n".encode(), id="SMTPUTF8"),
    ],
)
def test_an_odd_mail_is_still_a_mail(data: bytes) -> None:
    mail = _arrive(data)
    assert mail.data.endswith(data)
    assert _notice(mail)["mail"]["messageId"] == "id"
