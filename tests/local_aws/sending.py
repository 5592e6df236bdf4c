# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much SES sends for the account, and whether at all: state that a test sets and SES's answers derive from."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from tests.local_aws.mailboxes import is_simulated
from tests.local_aws.wire import AwsError

_DAY_SECONDS = 86_400.0
# Amazon SES Developer Guide, "Errors related to the sending quotas for your Amazon SES account".
RATE_EXCEEDED = "Maximum sending rate exceeded."
QUOTA_EXCEEDED = "Daily message quota exceeded."
# As senders report it. Whose mail AWS stops for good, hears something else, which nobody quotes.
PAUSED = (
    "Sending paused for this account. For more information, please check the inbox of the email address associated with"
    " your AWS account."
)


class Outage(StrEnum):
    """How a call to send fails where it is not refused."""

    # API v2 Reference, "Common Errors": InternalFailure and ServiceUnavailable.
    ERROR = "error 500"
    UNAVAILABLE = "error 503"
    # The connection ends before an answer: nothing was sent, or everything was. The caller cannot tell.
    DROPPED = "dropped before sending"
    UNANSWERED = "dropped after sending"


@dataclass
class Sending:
    """The limits of an account, in the terms of GetAccount; safe to use from many threads.

    ``rate`` and ``daily_quota`` count recipients, not messages (Amazon SES Developer Guide, "Service quotas in Amazon
    SES"); a quota of -1 is none (API v2 Reference, SendQuota). ``refused`` counts what was refused, by code and text.
    """

    rate: float = 10_000.0
    daily_quota: float = -1
    # PutAccountSendingAttributes: the account's own switch.
    enabled: bool = True
    # API v2 Reference, GetAccount, EnforcementStatus: HEALTHY, PROBATION, or SHUTDOWN, in which nothing can be sent.
    enforcement: str = "HEALTHY"
    # API v2 Reference, ReviewDetails: PENDING, FAILED, GRANTED or DENIED, and the support case; None where nobody has
    # asked for production access.
    review: str | None = None
    review_case: str = "1234567890"
    # SendEmail, AccountSuspendedException: sending is restricted for good.
    suspended: bool = False
    outage: Outage | None = None
    # Why addresses come onto the account's suppression list, and why mail to those on it is not sent: both, in an
    # account that has never said otherwise (Amazon SES Developer Guide, "Using the Amazon SES account-level suppression
    # list").
    suppressed_reasons: tuple[str, ...] = ("BOUNCE", "COMPLAINT")
    clock: Callable[[], float] = time.time
    refused: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _passed: float = 0.0
    _tokens: float = float("inf")
    _refilled: float = 0.0
    _sent: deque[tuple[float, int]] = field(default_factory=deque)

    def elapse(self, seconds: float) -> None:
        """Let time pass for the limits."""
        with self._lock:
            self._passed += seconds

    def check_enabled(self, configuration_set: str | None = None, set_enabled: bool = True) -> None:
        """Refuse to send where the account or the configuration set must not."""
        if self.suspended:
            raise self._refusal("AccountSuspendedException", "The account's ability to send email is restricted.")
        if not self.enabled or self.enforcement == "SHUTDOWN":
            raise self._refusal("SendingPausedException", PAUSED)
        if not set_enabled:
            text = f"Sending paused for configuration set <{configuration_set}>."
            raise self._refusal("ConfigurationSetSendingPausedException", text)

    def admit(self, recipients: Sequence[str]) -> None:
        """Count a message that is about to be sent; refuse it where that would be too many in a day or a second.

        The rate fills a bucket that holds a second's worth, and a message is taken while there is one left in it: SES
        lets bursts pass, for a short time (Developer Guide, "Errors related to the sending quotas"). The simulator
        counts for the rate only ("Using the Amazon SES mailbox simulator").
        """
        counted = sum(not is_simulated(recipient) for recipient in recipients)
        with self._lock:
            now = self.clock() + self._passed
            if self.daily_quota >= 0 and self._sent_since(now - _DAY_SECONDS) + counted > self.daily_quota:
                raise self._refusal("TooManyRequestsException", QUOTA_EXCEEDED, 429)
            room = max(1.0, self.rate)
            self._tokens = min(room, self._tokens + (now - self._refilled) * self.rate)
            self._refilled = now
            if self._tokens < 1:
                raise self._refusal("TooManyRequestsException", RATE_EXCEEDED, 429)
            self._tokens -= len(recipients)
            self._sent.append((now, counted))

    def sent_last_24_hours(self) -> int:
        """Return how many recipients counted for the daily quota."""
        with self._lock:
            return self._sent_since(self.clock() + self._passed - _DAY_SECONDS)

    def _sent_since(self, when: float) -> int:
        while self._sent and self._sent[0][0] <= when:
            self._sent.popleft()
        return sum(count for _unused, count in self._sent)

    def _refusal(self, code: str, text: str, status: int = 400) -> AwsError:
        self.refused[f"{code}: {text}"] += 1
        return AwsError(code, text, status)
