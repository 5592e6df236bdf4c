# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls to Amazon SES that verify a mailbox, one function for each; errors arrive as AwsError.

SES allows each of them about once a second, so every call waits out throttling.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._aws import Service, error_with_code
from ansible_collections.account_factory.email.plugins.module_utils._checks import api as checks
from ansible_collections.account_factory.email.plugins.module_utils._times import utc_text

from .model import SENT_TAG, SES_PENDING, Identity, read_sent

_SES = Service(
    retried=(
        "ConcurrentModificationException",
        "RequestLimitExceeded",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    ),
    remedies={
        "LimitExceededException": (
            "SES has 10,000 identities a Region: delete some, verify the owners' domain in the place of each mailbox,"
            " or request production access, with which owners need not be verified."
        )
    },
)


def get_identity(sesv2: Any, name: str) -> Identity | None:
    """Return the identity of a mailbox, None if there is none of exactly this name."""
    said = checks.get_identity(sesv2, name)
    if said is None:
        return None
    return Identity(name, said.get("VerificationStatus") or SES_PENDING, read_sent(said.get("Tags") or []))


def create_identity(sesv2: Any, email: str, moment: datetime) -> bool:
    """Create the identity of a mailbox, which SES then sends a link; return False where somebody else just has."""
    try:
        _SES.call(
            f"create the SES identity {email}",
            sesv2.create_email_identity,
            EmailIdentity=email,
            Tags=[{"Key": SENT_TAG, "Value": utc_text(moment)}],
        )
    except error_with_code("AlreadyExistsException"):
        return False
    return True


def note_sent(sesv2: Any, arn: str, moment: datetime) -> None:
    """Note on an identity when its link was sent last."""
    _SES.call(
        f"tag the SES identity {arn}",
        sesv2.tag_resource,
        ResourceArn=arn,
        Tags=[{"Key": SENT_TAG, "Value": utc_text(moment)}],
    )


def send_link(ses: Any, email: str) -> None:
    """Send a mailbox that has an identity its link once more.

    API v2 has no operation for that but to delete the identity and create it again, which could hit one that its owner
    has just verified. VerifyEmailIdentity of API v1 sends the link each time (Amazon SES API Reference).
    """
    _SES.call(f"send {email} the link of SES", ses.verify_email_identity, EmailAddress=email)
