# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Owners in the SES sandbox, where SES sends to verified mailboxes only: who is verified, and who is sent a link.

SES mails an address a link, which is good for 24 hours (Amazon SES API Reference, GetIdentityVerificationAttributes),
and does not tell when it did. So each identity that is created here has a tag with the moment of its last link.

Pure, standard library only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._address import AddressError, normalise_owner
from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._moments import read_moment
from ansible_collections.account_factory.email.plugins.module_utils._probe_mail import is_simulator
from ansible_collections.account_factory.email.plugins.module_utils._times import utc_text

SENT_TAG = "account_factory.email:link-sent"
LINK_LASTS = timedelta(hours=24)
# How soon SES says PENDING of an identity whose link it sends again is not documented. Until it surely does, what it
# says is no reason to send one more.
SETTLES = timedelta(hours=1)
# The moment of a link that could not be sent after all.
NEVER = datetime(1970, 1, 1, tzinfo=timezone.utc)

# Amazon SES API v2 Reference, VerificationStatus; the others are TEMPORARY_FAILURE and NOT_STARTED.
SES_SUCCESS, SES_PENDING, SES_FAILED = "SUCCESS", "PENDING", "FAILED"
# What becomes of an owner. Who is pending or sent has yet to follow the link.
VERIFIED, PENDING, SENT, FAILED = "verified", "pending", "sent", "failed"


@dataclass(frozen=True)
class Identity:
    """The identity of a mailbox: its name and VerificationStatus as SES has them, and when its link was sent last.

    ``sent`` is None where that is not known, as of an identity that somebody made by hand.
    """

    name: str
    status: str
    sent: datetime | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the identity as diffs show it."""
        return {"verification_status": self.status, "link_sent": utc_text(self.sent) if self.sent else None}


@dataclass(frozen=True)
class Owner:
    """What became of a mailbox, or in check mode would: its status, its identity as it was, and why, if it failed."""

    email: str
    status: str
    identity: Identity | None = None
    reason: str | None = None

    @property
    def is_waiting(self) -> bool:
        """Tell whether the owner has yet to follow the link."""
        return self.status in (PENDING, SENT)

    def to_dict(self) -> dict[str, Any]:
        """Return the owner as the module shows it."""
        sent = self.identity.sent if self.identity and self.status == PENDING else None
        since = utc_text(sent) if sent else None
        return {"email": self.email, "status": self.status, "since": since, "reason": self.reason}


def check_emails(emails: Sequence[str]) -> tuple[str, ...]:
    """Return the mailboxes as records of the map have them, each once; raise InputError for what is none."""
    return tuple(dict.fromkeys(_check_email(index, email) for index, email in enumerate(emails)))


def _check_email(index: int, email: str) -> str:
    try:
        return normalise_owner(email)
    except AddressError as error:
        raise InputError(f"emails[{index}]: {error}") from error


def is_simulated(email: str) -> bool:
    """Tell whether a mailbox is SES's own, to which it sends unverified."""
    return is_simulator(email)


def read_sent(tags: Sequence[Mapping[str, str]]) -> datetime | None:
    """Return the moment of the last link by an identity's tags; None where they do not say."""
    values = [tag.get("Value", "") for tag in tags if tag.get("Key") == SENT_TAG]
    try:
        return read_moment(values[0]) if values else None
    except ValueError:
        return None


def is_due(identity: Identity | None, now: datetime) -> bool:
    """Tell whether a mailbox that is not verified is to be sent a link, by its identity, if it has one."""
    if identity is None:
        return True
    if identity.sent is None:
        return identity.status == SES_FAILED
    return now - identity.sent >= (LINK_LASTS if identity.status == SES_PENDING else SETTLES)


def diff_sides(owners: Sequence[Owner]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the identities of the mailboxes before and after, by address; of those that are verified, none."""
    before = {one.email: one.identity.to_dict() for one in owners if one.identity and one.status != VERIFIED}
    sent = {"verification_status": SES_PENDING, "link_sent": "now"}
    return before, {**before, **{one.email: dict(sent) for one in owners if one.status == SENT}}


def warning(owners: Sequence[Owner]) -> str | None:
    """Return what to warn of, once, however many owners failed; None if none did."""
    failed = [one for one in owners if one.status == FAILED]
    if not failed:
        return None
    return (
        f"SES was not asked to verify {', '.join(one.email for one in failed)}, and sends to nobody in the sandbox that"
        f" is not verified. {failed[0].reason}"
    )
