# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mails that are forwarded here, each wholly told by its name: what it is like, and how many octets it has."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from tests.local_aws import received_mail
from tests.local_aws.received_mail import Envelope, Mail

VENDED = "aws-sandbox-0001@accounts.example.com"
# The same with two owners.
SHARED = "aws-shared-0001@accounts.example.com"
BUCKET = "mail-forwarder-mail-123456789012-eu-west-1"
REGION = "eu-west-1"
# An attachment as mail programs write it, one whose base64 is a single line (more than SES sends in a copy), and a
# plain one whose copy SES refuses.
PLAIN, LONG_LINE, REFUSED = "plain", "long-line", "refused"
# Almost all of these is header: one folded field; fields with no blank line after them; 100,000 fields; 62 From fields,
# for two owners; a Message-ID of 8-bit octets; an encoded word in the Subject.
ENDLESS_FIELD, NO_BLANK_LINE, MANY_FIELDS = "endless-field", "no-blank-line", "many-fields"
MANY_FROMS, MESSAGE_ID, PUNYCODE = "many-froms", "message-id", "punycode"

_RECEIVED = datetime(2026, 11, 20, 9, 14, 6, tzinfo=UTC)
_ENVELOPE = Envelope("mail.example.org", "192.0.2.12", "billing@example.org", (VENDED,))
_BEGIN = (
    "Received: from app.example.org (app.example.org [192.0.2.7]) by mail.example.org with ESMTPS id 4Tq2Zc0Gz9z1;"
    "\r\n Fri, 20 Nov 2026 09:14:05 +0000 (UTC)\r\n"
    "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/simple; d=example.org; s=mail; t=1795166045;\r\n"
    " h=From:To:Subject:Date; bh=o0xY8Dq2y0n0s6u3m9cJ1v5k7w2e4r6t8y0u2i4o6p8=;\r\n"
    " b=Qm9keSBieXRlcyBhcmUgdGhlIG9yaWdpbmFsJ3MuIFRoaXMgaXMgbm8gcmVhbCBzaWduYXR1\r\n"
    "From: Example Billing <billing@example.org>\r\n"
    f"To: {VENDED}\r\n"
    "Cc: archive@example.org\r\n"
    "Subject: =?utf-8?B?UmVjaG51bmcgZsO8ciBOb3ZlbWJlcg==?=\r\n"
    "Date: Fri, 20 Nov 2026 09:14:05 +0000\r\n"
    "Message-ID: <0102019a7b3c5d1e@mail.example.org>\r\n"
    "MIME-Version: 1.0\r\n"
    'Content-Type: multipart/mixed; boundary="part-of-the-bill"\r\n'
    "\r\n"
    "--part-of-the-bill\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n"
    "\r\n"
    "The bill is attached.\r\n"
    "\r\n"
    "--part-of-the-bill\r\n"
    "Content-Type: application/pdf\r\n"
    'Content-Disposition: attachment; filename="bill.pdf"\r\n'
    "Content-Transfer-Encoding: base64\r\n"
    "\r\n"
).encode("ascii")
_END = b"\r\n--part-of-the-bill--\r\n"
_LINE = b"JVBERi0xLjcKJeLjz9MKMSAwIG9iago8PC9UeXBlL0NhdGFsb2cvUGFnZXMgMiAwIFI+PgplbmRv\r\n"


# The whole header of that mail, and what follows it.
_FIELDS, _BODY = (_BEGIN + _END).split(b"\r\n\r\n", 1)


def name(kind: str, octets: int) -> str:
    """Return the name of a mail, which is its SES message id too."""
    return f"{kind}-{octets}"


def _filled(octets: int, begin: bytes, piece: bytes, end: bytes) -> bytes:
    """Return so many octets: the piece as often as it fits, before it as many x as are still missing."""
    count, missing = divmod(octets - len(begin) - len(end), len(piece))
    return b"".join((begin, b"x" * missing, piece * count, end))


def _repeated(octets: int, count: int, begin: bytes, piece: bytes, end: bytes) -> bytes:
    """Return so many octets of so many fields, which differ by an octet at most."""
    length, longer = divmod(octets, count)
    fields = (_filled(length + more, begin, piece, end) * times for more, times in ((1, longer), (0, count - longer)))
    return b"".join(fields)


@dataclass(frozen=True)
class _Header:
    """A header that fills a mail: what makes it of so many octets, the field that it is there for, what follows."""

    make: Callable[[int], bytes]
    instead_of: bytes = b""
    rest: bytes = b"\r\n" + _BODY


_ADDRESSES = (b"@example.org,\r\n jane.doe", b"@example.org\r\n")
_HEADERS = {
    ENDLESS_FIELD: _Header(lambda octets: _filled(octets, b"X-Endless: ", b"\r\n " + b"x" * 76, b"\r\n"), rest=b"\r\n"),
    NO_BLANK_LINE: _Header(
        lambda octets: _filled(octets, b"X-Field: ", b"\r\nX-Field: " + b"x" * 68, b"\r\n"), rest=b""
    ),
    MANY_FIELDS: _Header(lambda octets: _repeated(octets, 100_000, b"X-Field: ", b"x", b"\r\n")),
    MANY_FROMS: _Header(lambda octets: _repeated(octets, 62, b"From: jane.doe", *_ADDRESSES), b"From"),
    MESSAGE_ID: _Header(lambda octets: _filled(octets, b"Message-ID: <", b"\xff", b"@x>\r\n"), b"Message-ID"),
    PUNYCODE: _Header(lambda octets: _filled(octets, b"Subject: =?punycode?q?", b"a", b"?=\r\n"), b"Subject"),
}


def _recipient(kind: str) -> str:
    return SHARED if kind == MANY_FROMS else VENDED


def _arrived(message_id: str, content: bytes) -> Mail:
    envelope = replace(_ENVELOPE, recipients=(_recipient(message_id.rpartition("-")[0]),))
    return received_mail.arrive(message_id, envelope, content, REGION, _RECEIVED)


def stored(message_id: str) -> bytes:
    """Return the mail of a name as SES stored it: exactly as many octets as the name says."""
    by_ses = _arrived(message_id, b"").data
    return by_ses + _sent(message_id, len(by_ses))


def _sent(message_id: str, octets_of_ses: int) -> bytes:
    kind, _unused, octets = message_id.rpartition("-")
    room = int(octets) - octets_of_ses
    if header := _HEADERS.get(kind):
        kept = [line for line in _FIELDS.splitlines(True) if not line.startswith(header.instead_of + b":")]
        others = b"".join(kept) + b"\r\n"
        return b"".join((others, header.make(room - len(others) - len(header.rest)), header.rest))
    line = _LINE.strip() if kind == LONG_LINE else _LINE
    missing = room - len(_BEGIN) - len(_END)
    return b"".join((_BEGIN, line * (missing // len(line)), line[: missing % len(line)], _END))


def event(message_id: str) -> dict[str, Any]:
    """Return the queue's event for a mail: SES's notice as the body of one record."""
    action = {"type": "S3", "bucketName": BUCKET, "objectKeyPrefix": "mail/", "objectKey": f"mail/{message_id}"}
    kind = message_id.rpartition("-")[0]
    # A notice tells of the header only.
    content = _sent(message_id, len(_arrived(message_id, b"").data)) if kind in _HEADERS else _BEGIN
    mail = _arrived(message_id, content)
    notice = received_mail.notification(mail, [_recipient(kind)], action, scanned=True, now=_RECEIVED)
    record = {
        "messageId": "059f36b4-87a3-44ab-83d2-661975830a7d",
        "receiptHandle": "handle",
        "body": json.dumps({"notificationType": "Received", **notice}),
        "attributes": {"ApproximateReceiveCount": "1"},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:{REGION}:123456789012:mail-forwarder",
        "awsRegion": REGION,
    }
    return {"Records": [record]}
