# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mail with which a root user's password is reset, as a person who chose "Forgot password?" has AWS send it.

AWS documents neither its words nor its sender; that it comes from signin.aws is what its mail with a code does.
"""

from __future__ import annotations

import email.utils
import secrets
from datetime import UTC, datetime

SENDER = "no-reply@signin.aws"
_MESSAGE = """\
From: Amazon Web Services <{sender}>
To: {recipient}
Message-ID: <{unique}-000000@us-east-1.amazonses.com>
Subject: Amazon Web Services Password Assistance
Date: {date}
MIME-Version: 1.0
Content-Type: text/plain; charset=UTF-8

Hello,

We received a request to reset the password of the root user of the AWS account with this email address. To set a new \
password, follow this link within two hours:

https://signin.example.com/resetpassword?token={token}

If you did not ask for this, you can ignore this message.
"""


def reset_mail(recipient: str, now: float) -> tuple[str, bytes]:
    """Return the envelope sender and the message."""
    message = _MESSAGE.format(
        sender=SENDER,
        recipient=recipient,
        unique=secrets.token_hex(16),
        date=email.utils.format_datetime(datetime.fromtimestamp(now, UTC)),
        token=secrets.token_hex(32),
    )
    return f"{secrets.token_hex(12)}@signin.aws", message.replace("\n", "\r\n").encode("utf-8")
