# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mail with which AWS sends a verification code to what is to become an account's email.

It comes from no-reply@verify.signin.aws (AWS Account Management Reference Guide, "Update the root user email address").
Its words are ours, its make is that of AWS's mails: signed, text and HTML, words of six letters all around the code.
"""

from __future__ import annotations

import email.utils
import quopri
import secrets
from datetime import UTC, datetime

SENDER = "no-reply@verify.signin.aws"

_HEADER = """\
DKIM-Signature: v=1; a=rsa-sha256; q=dns/txt; c=relaxed/simple;
 s=3jqkzrmxqhw5nlsbeosgtnxuvwxzabcd; d=verify.signin.aws; t={seconds};
 h=From:To:Message-ID:Subject:MIME-Version:Content-Type:Date;
 bh=o0xY8Dq2y0n0s6u3m9cJ1v5k7w2e4r6t8y0u2i4o6p8=;
 b=VGhpcyBpcyBubyByZWFsIHNpZ25hdHVyZSwgb25seSB0aGUgc2hhcGUgb2Ygb25lLg==
From: Amazon Web Services <{sender}>
To: {recipient}
Message-ID: <{unique}-000000@us-east-1.amazonses.com>
Subject: AWS Email Verification Code
MIME-Version: 1.0
Content-Type: multipart/alternative;
 boundary="----=_Part_{unique}"
Date: {date}
X-SES-Outgoing: {day}-192.0.2.12
Feedback-ID: ::1.us-east-1.SkPaq1xZ0Z1=:AmazonSES
"""
_TEXT = """\
Verify your new AWS account email address

Hello,

An administrator of your organization asked to change the root user email address of an AWS account to this address. \
To finish the change, please return to the console or to the program that asked for it, and enter the following code.

Verification code:

{code}

This code is valid for a short time only. Amazon Web Services will never email you and ask you to disclose or verify \
your password, credit card, or banking account number. If you didn\u2019t ask for this, you can safely \
ignore this message.

Thanks
Amazon Web Services
"""
_HTML = """\
<html><head><meta charset="utf-8"><title>Verify</title><style>.title {{ color: #232f3e }} td {{ border: 0 }}</style>
</head><body bgcolor="#ffffff">
<table width="600"><tr><td class="title"><h1>Verify your new AWS account email address</h1></td></tr>
<tr><td><p>Hello,</p><p>An administrator of your organization asked to change the root user email address of an AWS \
account to this address. To finish the change, please return to the console or to the program that asked for it, and \
enter the following code.</p></td></tr>
<tr><td align="center" style="color: #444444"><div>Verification code</div>
<div style="font-size: 36px; font-weight: bold; color: #000000">{code}</div>
<div>(This code is valid for a short time only)</div></td></tr>
<tr><td><p>Amazon Web Services will never email you and ask you to disclose or verify your password, credit card, or \
banking account number.</p></td></tr></table>
</body></html>
"""


def code_mail(recipient: str, code: str, now: float) -> tuple[str, bytes]:
    """Return the envelope sender and the message of the mail that brings a code."""
    moment = datetime.fromtimestamp(now, UTC)
    header = _HEADER.format(
        sender=SENDER,
        recipient=recipient,
        seconds=int(now),
        unique=secrets.token_hex(16),
        date=email.utils.format_datetime(moment),
        day=f"{moment:%Y.%m.%d}",
    )
    boundary = header.partition('boundary="')[2].partition('"')[0]
    lines = [header]
    for kind, text in (("plain", _TEXT), ("html", _HTML)):
        body = quopri.encodestring(text.format(code=code).encode("utf-8")).decode("ascii")
        lines += [
            f"--{boundary}",
            f"Content-Type: text/{kind}; charset=UTF-8",
            "Content-Transfer-Encoding: quoted-printable",
            "",
            body,
        ]
    message = "\n".join([*lines, f"--{boundary}--", ""])
    # The envelope sender is in the same domain, so that SPF is aligned too.
    return f"{secrets.token_hex(12)}@verify.signin.aws", message.replace("\n", "\r\n").encode("utf-8")
