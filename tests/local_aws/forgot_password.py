# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Choose "Forgot password" as a person: ``python -m tests.local_aws.forgot_password ADDRESS``, with LOCAL_SMTP set.

The mail goes to local AWS's SMTP side. Whether AWS would send it is not looked at.
"""

from __future__ import annotations

import os
import smtplib
import sys
import time

from tests.local_aws.received_mail import VERDICTS_HEADER
from tests.local_aws.reset_mail import reset_mail

_VERDICTS = "spam=PASS virus=PASS spf=PASS dkim=PASS dmarc=PASS"


def main(recipient: str) -> None:
    """Send the mail with which a password is reset to the address."""
    sender, message = reset_mail(recipient, time.time())
    host, _unused, port = os.environ["LOCAL_SMTP"].partition(":")
    with smtplib.SMTP(host, int(port), timeout=60) as connection:
        connection.sendmail(sender, [recipient], f"{VERDICTS_HEADER}: {_VERDICTS}\r\n".encode() + message)
    print(f"AWS's mail to {recipient} is sent.")


if __name__ == "__main__":
    main(sys.argv[1])
