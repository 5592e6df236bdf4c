# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SES's rules for a message that is to be sent."""

from __future__ import annotations

import pytest

from tests.local_aws import ses_rules
from tests.local_aws.ses_rules import check

GOOD = b"From: f@example.com\r\nTo: o@example.org\r\nSubject: x\r\nMIME-Version: 1.0\r\n\r\nbody\r\n"
SENDER, RECIPIENTS = "f@example.com", ("o@example.org",)


def _with(line: bytes) -> bytes:
    return line + b"\r\n" + GOOD


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(GOOD, id="plain"),
        pytest.param(GOOD.replace(b"\r\n", b"\n"), id="LF throughout"),
        pytest.param(GOOD + b"x" * 998 + b"\r\n", id="line of 998 octets"),
        pytest.param(GOOD + b"caf\xe9\r\n.\r\n\x00", id="8-bit body"),
        pytest.param(_with(b"Received: one\r\nReceived: two"), id="a field that may repeat"),
        pytest.param(_with(b"X-Original-DKIM-Signature: a\r\nX-Original-DKIM-Signature: b"), id="repeated original"),
        pytest.param(_with(b'Reply-To: "Doe, Jane" <jane@example.org>'), id="quoted display name"),
        pytest.param(_with(b"Reply-To: =?utf-8?q?Jos=C3=A9?= <jose@example.org>"), id="encoded display name"),
        pytest.param(GOOD.replace(b"To: o@example.org", b"To: undisclosed-recipients:;"), id="empty group"),
        pytest.param(_with(b"Return-Path: <>"), id="null return path"),
        pytest.param(
            GOOD + b'Content-Disposition: attachment; filename="a.exe"\r\n', id="a file name in the body's text"
        ),
    ],
)
def test_what_ses_sends(data: bytes) -> None:
    assert check(data, SENDER, RECIPIENTS) == []


ATTACHMENT = (
    b"From: f@example.com\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: application/x\r\n"
    b'Content-Disposition: attachment; filename="%s"\r\n\r\nx\r\n--b--\r\n'
)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        pytest.param(_with(b"Subject: again"), "Duplicate header 'Subject'.", id="repeated Subject"),
        pytest.param(
            _with(b"dkim-signature: a\r\nDKIM-Signature: b"), "Duplicate header 'dkim-signature'.", id="any case"
        ),
        pytest.param(_with(b": empty"), "Empty header names are illegal.", id="empty name"),
        pytest.param(_with(b"X Y: z"), "Illegal header name", id="space in a name"),
        pytest.param(_with(b"X\xc3\xa9: z"), "Illegal header name", id="8-bit name"),
        pytest.param(_with(b"nonsense"), "Malformed header line", id="no colon"),
        pytest.param(_with(b"X-A: b\rBcc: c@example.org"), "Bare CR or LF", id="bare CR"),
        pytest.param(_with(b"X-A: b\nBcc: c@example.org"), "Bare CR or LF", id="bare LF"),
        pytest.param(_with(b"X-A: b\x00"), "Control character", id="NUL"),
        pytest.param(GOOD + b"x" * 999 + b"\r\n", "longer than 998", id="long body line"),
        pytest.param(_with(b"X-A: " + b"x" * 994), "longer than 998", id="long header line"),
        pytest.param(GOOD.replace(b"From: f@example.com\r\n", b""), "Missing required header 'From'", id="no From"),
        pytest.param(_with("Reply-To: José <jose@example.org>".encode()), "7-bit", id="8-bit display name"),
        pytest.param(_with(b"Reply-To: <@example.org>"), "Missing local name", id="no local part"),
        pytest.param(_with(b"Reply-To: jane"), "Missing final '@domain'", id="no domain"),
        pytest.param(_with(b"Reply-To: jane@exa_mple.org"), "Domain contains illegal character", id="bad domain"),
        pytest.param(ATTACHMENT % b"tool.EXE", "Illegal filename 'tool.EXE'.", id="forbidden attachment"),
    ],
)
def test_what_ses_refuses(data: bytes, problem: str) -> None:
    assert any(problem in found for found in check(data, SENDER, RECIPIENTS)), check(data, SENDER, RECIPIENTS)


@pytest.mark.parametrize(
    ("sender", "recipients", "problem"),
    [
        pytest.param(SENDER, (), "Missing required destination", id="nobody"),
        pytest.param(SENDER, tuple(f"o{n}@example.org" for n in range(51)), "Recipient count exceeds 50", id="51"),
        pytest.param(SENDER, ("josé@example.org",), "7-bit", id="8-bit recipient"),
        pytest.param("f", RECIPIENTS, "Missing final '@domain'", id="sender without a domain"),
        pytest.param(SENDER, ("a b@example.org",), "illegal character", id="space in a recipient"),
    ],
)
def test_what_ses_refuses_of_an_envelope(sender: str, recipients: tuple[str, ...], problem: str) -> None:
    assert any(problem in found for found in check(GOOD, sender, recipients))


def test_50_recipients_are_fine() -> None:
    assert check(GOOD, SENDER, tuple(f"o{n}@example.org" for n in range(50))) == []


@pytest.mark.parametrize("limit", [ses_rules.MAX_BYTES, ses_rules.MAX_BYTES_V1], ids=["40 MB", "10 MB"])
def test_the_size_limit_is_exact(limit: int) -> None:
    line = b"x" * 98 + b"\r\n"
    data = (GOOD + line * (limit // 100))[: limit - 2] + b"\r\n"
    assert check(data, SENDER, RECIPIENTS, max_bytes=limit) == []
    assert check(data + b"\n", SENDER, RECIPIENTS, max_bytes=limit) == [
        f"Message length is more than {limit} bytes long: '{limit + 1}'."
    ]


def test_the_list_of_once_only_fields_is_the_documented_one() -> None:
    assert len(ses_rules.ONCE_ONLY) == 60
    assert {
        "content-length",
        "disposition-notification-options",
        "message-id",
        "list-unsubscribe-post",
        "vbr-info",
        "acceptlanguage",
    } <= ses_rules.ONCE_ONLY
    assert "received" not in ses_rules.ONCE_ONLY
