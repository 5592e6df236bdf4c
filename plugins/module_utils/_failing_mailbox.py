# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A mailbox that refuses its mail, as the map keeps it: an item for each mailbox, beside the records it is an owner in.

Pure, standard library only: the forwarder's code package carries a copy of this file under the same import path.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from ._record import PARTITION_KEY
from ._safe_text import printable
from ._times import utc_text

MAILBOX_PREFIX = "MAILBOX#"
# RFC 3463, X.1 to X.7: what is transient may work tomorrow.
TRANSIENT_FOR = timedelta(days=1)
# A mailbox that fails is still tried: nobody has to say that it works again.
TRIED_EVERY = timedelta(days=1)


class FailingReason(str, Enum):
    """Why a mailbox counts as failing. A value is what the map holds."""

    # Its mail server refuses mail for it for good.
    BOUNCED = "bounced"
    # Its mail provider reported mail for it as unwanted.
    COMPLAINED = "complained"
    # SES sends it nothing: it is on the account's suppression list.
    SUPPRESSED = "suppressed"
    # Its mail server did not take mail for it for the time being.
    TRANSIENT = "transient"


def mailbox_key(mailbox: str) -> str:
    """Return the key of the item that marks a mailbox as failing; mailboxes are told apart whatever their case."""
    return f"{MAILBOX_PREFIX}{mailbox.lower()}"


@dataclass(frozen=True)
class FailingMailbox:
    """A mailbox that is marked as failing. Times are UTC in ISO 8601.

    ``mailbox`` is as SES named it. The mark ends at ``until``, None for one that only a delivery ends. ``tried_at`` is
    when a mail was last sent to it all the same.
    """

    mailbox: str
    reason: FailingReason
    since: str
    until: str | None = None
    diagnostic: str | None = None
    tried_at: str | None = None

    @classmethod
    def found(cls, mailbox: str, reason: FailingReason, now: datetime, diagnostic: str | None = None) -> FailingMailbox:
        """Return the mark for a mailbox that was found to fail just now."""
        until = utc_text(now + TRANSIENT_FOR) if reason is FailingReason.TRANSIENT else None
        return cls(mailbox, reason, utc_text(now), until, printable(diagnostic))

    def is_failing(self, now: datetime) -> bool:
        """Return whether the mark still holds."""
        return self.until is None or utc_text(now) < self.until

    def may_be_tried(self, now: datetime) -> bool:
        """Return whether a mail may be sent to it all the same: once a day, beginning a day after it was found."""
        return max(self.since, self.tried_at or "") <= utc_text(now - TRIED_EVERY)

    def to_item(self) -> dict[str, Any]:
        """Return the mark as a DynamoDB item of Python values; a field that is not set has no attribute."""
        values = {name: value for name, value in vars(self).items() if value is not None}
        return {PARTITION_KEY: mailbox_key(self.mailbox), **values, "reason": self.reason.value}

    @classmethod
    def from_item(cls, item: Mapping[str, Any]) -> FailingMailbox:
        """Return the mark that an item of Python values holds; attributes that are not ours are left alone."""
        values = {name: item[name] for name in MAILBOX_FIELDS if name in item}
        return cls(**{**values, "reason": FailingReason(item["reason"])})


MAILBOX_FIELDS = tuple(each.name for each in fields(FailingMailbox))


def readable(items: Iterable[Mapping[str, Any]]) -> Iterator[FailingMailbox]:
    """Yield the marks that items of Python values hold; one that cannot be read, of a later release say, is none."""
    for item in items:
        with suppress(KeyError, TypeError, ValueError):
            yield FailingMailbox.from_item(item)
