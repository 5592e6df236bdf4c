# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mails that are forwarded here, each wholly told by its name: what it is like, and how many octets it has."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from tests.local_aws import received_mail
from tests.local_aws.received_mail import Envelope, Mail

VENDED = "aws-sandbox-0001@accounts.example.com"
BUCKET = "mail-forwarder-mail-123456789012-eu-west-1"
REGION = "eu-west-1"
# An attachment as mail programs write it, one whose base64 is a single line (more than SES sends in a copy), and a
# plain one whose copy SES refuses.
PLAIN, LONG_LINE, REFUSED = "plain", "long-line", "refused"

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


def name(kind: str, octets: int) -> str:
    """Return the name of a mail, which is its SES message id too."""
    return f"{kind}-{octets}"


def _arrived(message_id: str, content: bytes) -> Mail:
    return received_mail.arrive(message_id, _ENVELOPE, content, REGION, _RECEIVED)


def stored(message_id: str) -> bytes:
    """Return the mail of a name as SES stored it: exactly as many octets as the name says."""
    kind, _unused, octets = message_id.rpartition("-")
    begin = _arrived(message_id, _BEGIN).data
    line = _LINE.strip() if kind == LONG_LINE else _LINE
    missing = int(octets) - len(begin) - len(_END)
    return b"".join((begin, line * (missing // len(line)), line[: missing % len(line)], _END))


def event(message_id: str) -> dict[str, Any]:
    """Return the queue's event for a mail: SES's notice as the body of one record."""
    action = {"type": "S3", "bucketName": BUCKET, "objectKeyPrefix": "mail/", "objectKey": f"mail/{message_id}"}
    mail = _arrived(message_id, _BEGIN)
    notice = received_mail.notification(mail, [VENDED], action, scanned=True, now=_RECEIVED)
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
