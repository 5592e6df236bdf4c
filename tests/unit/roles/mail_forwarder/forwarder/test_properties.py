# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for any mail at all."""

from __future__ import annotations

import re

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from forwarder.message import split_message
from forwarder.notice import Notice, Verdicts
from forwarder.recipients import Delivery
from forwarder.rewrite import compose_copy
from tests.local_aws import ses_rules

from .conftest import FROM, SETTINGS

VENDED = "aws-sandbox-0001@accounts.example.com"
DELIVERY = Delivery(VENDED, VENDED, "owner@example.com", "owner")
BLANK_LINE = re.compile(rb"\A\r?\n|\n\r?\n")

NAMES = st.sampled_from(
    [
        b"From",
        b"To",
        b"Subject",
        b"Reply-To",
        b"X-SES-Source-ARN",
        b"Sender",
        b"Bcc",
        b"DKIM-Signature",
        b"Content-Type",
        *[
            b"Message-ID",
            b"Date",
            b"X-Forwarder-Loop",
            b"X-Original-From",
            b"Return-Path",
            b"Received",
            b"",
            b"odd name",
        ],
    ]
)
PIECES = st.sampled_from(
    [
        *[
            b"a@x.org",
            b"<",
            b">",
            b'"',
            b"\\",
            b"(",
            b")",
            b",",
            b";",
            b":",
            b" ",
            b"\t",
            b"\r",
            b"\n",
            b"\r\n ",
            b"\r\n\t",
        ],
        b"\x00",
        b"\x07",
        b"\x7f",
        b"\xff",
        "日本".encode(),
        b"=?utf-8?Q?=0D=0ABcc:_x?=",
        b"=?x?b?A?=",
        b"x" * 1100,
        b"word",
    ]
)
VALUES = st.lists(st.one_of(PIECES, st.binary(max_size=8)), max_size=12).map(b"".join)
LINES = st.tuples(NAMES, st.sampled_from([b":", b": ", b" :", b""]), VALUES, st.sampled_from([b"\r\n", b"\n"]))
HEADERS = st.lists(LINES.map(b"".join), max_size=12).map(b"".join)
BODIES = st.lists(st.one_of(PIECES, st.binary(max_size=64)), max_size=8).map(b"".join)
MAILS = st.builds(
    lambda header, blank, body: header + blank + body, HEADERS, st.sampled_from([b"\r\n", b"\n", b""]), BODIES
)


# No limit on wall-clock time: a busy machine is no defect.
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(raw=MAILS, sender=st.one_of(st.just(""), st.text(max_size=20)))
@example(raw=b"", sender="\ud800")
@example(raw=b"From: a@x.org\r\nX-SES-CONFIGURATION-SET:\r\n x\r\n\r\nX-SES-A: body\r\n", sender="a@x.org")
def test_any_mail_is_forwarded_whole_and_harmless(raw: bytes, sender: str) -> None:
    notice = Notice("m1", sender, (VENDED,), Verdicts(), "bucket", "mail/m1")
    header, blank, body = compose_copy(split_message(raw), DELIVERY, notice, SETTINGS, ()).partition(b"\r\n\r\n")

    assert blank
    cut = BLANK_LINE.search(raw)
    assert body == raw[cut.end() :] if cut else raw.endswith(body)

    lines = header.split(b"\r\n")
    assert all(len(line) <= 998 and line.strip() for line in lines)
    assert not re.search(rb"[\x00-\x08\x0a-\x1f\x7f]", b"".join(lines))
    names = [line.partition(b":")[0].lower() for line in lines if line[:1] not in b" \t"]
    assert all(re.fullmatch(rb"[!-9;-~]+", name) for name in names)
    assert not [name for name in names if name.startswith(b"x-ses-") or name in (b"bcc", b"sender", b"return-path")]
    assert all(names.count(name) == 1 for name in (b"from", b"to", b"x-forwarder-reason"))
    assert all(names.count(name) <= 1 for name in (b"subject", b"message-id", b"date", b"content-type", b"reply-to"))
    others = [line for line in lines if not line.lower().startswith((b"content-type", b" ", b"\t"))]
    assert all(line.isascii() for line in others)
    assert ses_rules.check(header + b"\r\n\r\n", FROM, [DELIVERY.mailbox]) == []
    assert header.split(b"\r\nX-Forwarder-")[0].count(f"<{FROM}>".encode()) == 1
