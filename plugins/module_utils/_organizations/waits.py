# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task waited for, and how it says so. Pure, standard library only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_RATE = "AWS limits how many requests it takes in a time"
# By error code, or by the reason where a code has several. What was just made and is not seen everywhere yet is waited
# for, too, but not told: it is nobody's to mend.
REASONS = {
    "ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED": "AWS limits how many accounts are being created at a time",
    "CLOSE_ACCOUNT_REQUESTS_LIMIT_EXCEEDED": "AWS limits how many accounts are being closed at a time",
    "ConcurrentModificationException": "another request was changing the same thing",
    "FinalizingOrganizationException": "the organization is new and AWS has not finished setting it up",
    "ServiceException": "AWS had a failure that passes",
    "Throttling": _RATE,
    "ThrottlingException": _RATE,
    "TooManyRequestsException": _RATE,
}


@dataclass(frozen=True)
class Wait:
    """One pause before a call was tried again: what the call does, why it had to wait (a code), how many seconds."""

    description: str
    code: str
    seconds: float


def waits_text(waits: Sequence[Wait]) -> str | None:
    """Return one sentence about all that was waited for, None if that is nothing worth telling."""
    told = [wait for wait in waits if wait.code in REASONS]
    if not told:
        return None
    parts = []
    for description, code in dict.fromkeys((wait.description, wait.code) for wait in told):
        pauses = [wait.seconds for wait in told if (wait.description, wait.code) == (description, code)]
        parts.append(f"to {description} {_times(len(pauses))}, {_seconds(sum(pauses))}, as {REASONS[code]} ({code})")
    return f"Waited {_seconds(sum(wait.seconds for wait in told))} for AWS Organizations: {'; '.join(parts)}."


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _seconds(seconds: float) -> str:
    return "1 second" if round(seconds) == 1 else f"{round(seconds)} seconds"
