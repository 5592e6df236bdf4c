# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the mailboxes of the outside world do with mail from SES: as a test decides, and SES's mailbox simulator."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

SIMULATOR = "simulator.amazonses.com"
# Amazon SES Developer Guide, "Contents of event data that Amazon SES publishes to Amazon SNS", bounce types.
SUBTYPES = {
    "Permanent": ("General", "NoEmail", "Suppressed", "OnAccountSuppressionList"),
    "Transient": ("General", "MailboxFull", "MessageTooLarge", "ContentRejected", "AttachmentRejected"),
    "Undetermined": ("Undetermined",),
}
# The same page, delay types.
DELAY_TYPES = frozenset(
    {
        "InternalFailure",
        "General",
        "MailboxFull",
        "SpamDetected",
        "RecipientServerError",
        "IPFailure",
        "TransientCommunicationFailure",
        "BYOIPHostNameLookupUnavailable",
        "Undetermined",
        "SendingDeferral",
    }
)


class Fate(StrEnum):
    """What becomes of a mail to one recipient."""

    DELIVERED = "delivered"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    DELAYED = "delayed"
    REJECTED = "rejected"
    SUPPRESSED = "suppressed"


@dataclass(frozen=True)
class Outcome:
    """A fate with what an event says about it; ``kind`` is a bounce's type or a delay's.

    Without a diagnostic there was no delivery status notification. ``reported`` is the address that it names, where
    that is another one than was written to. Nothing of the simulator reaches a person or a list.
    """

    fate: Fate
    kind: str = ""
    subtype: str = ""
    status: str = ""
    diagnostic: str = ""
    reported: str | None = None
    simulated: bool = False


WORKS = Outcome(Fate.DELIVERED)


class Mailboxes:
    """All mailboxes work until a test says otherwise; safe to use from many threads. Case does not count."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._outcomes: dict[str, Outcome] = {}
        self._listeners: list[Callable[[str], None]] = []

    def works(self, mailbox: str) -> None:
        """Deliver to a mailbox again; mail that was delayed for it arrives now."""
        self._decide(mailbox, WORKS)

    def bounces(
        self,
        mailbox: str,
        kind: str = "Permanent",
        subtype: str = "",
        *,
        diagnostic: str | None = None,
        reported: str | None = None,
    ) -> None:
        """Let mail to a mailbox bounce; mail that was delayed for it bounces now, as when SES gives it up.

        An undetermined bounce has no delivery status notification and so neither status nor diagnostic; nor has another
        one with an empty ``diagnostic``.
        """
        subtype = subtype or SUBTYPES[kind][0]
        if subtype not in SUBTYPES[kind]:
            raise ValueError(f"SES has no bounce of type {kind} and subtype {subtype}")
        if diagnostic is None:
            diagnostic = _DIAGNOSTICS[kind]
        status = {"Permanent": "5.1.1", "Transient": "4.4.7"}.get(kind, "") if diagnostic else ""
        self._decide(mailbox, Outcome(Fate.BOUNCED, kind, subtype, status, diagnostic, reported))

    def complains(self, mailbox: str) -> None:
        """Let a mailbox take mail and complain about it."""
        self._decide(mailbox, Outcome(Fate.COMPLAINED))

    def delays(self, mailbox: str, kind: str = "TransientCommunicationFailure") -> None:
        """Let mail to a mailbox wait in SES until it works or bounces."""
        if kind not in DELAY_TYPES:
            raise ValueError(f"SES has no delay of type {kind}")
        diagnostic = "smtp; 421 4.4.1 Unable to connect to remote host"
        self._decide(mailbox, Outcome(Fate.DELAYED, kind, "", "4.4.1", diagnostic))

    def rejects(self, mailbox: str) -> None:
        """Let SES find a virus in each mail to a mailbox, as it does where there is one: nobody gets that mail."""
        self._decide(mailbox, Outcome(Fate.REJECTED))

    def outcome(self, mailbox: str) -> Outcome:
        """Return what becomes of a mail to this mailbox."""
        if simulated := _simulated(mailbox):
            return simulated
        with self._lock:
            return self._outcomes.get(mailbox.lower(), WORKS)

    def on_change(self, listener: Callable[[str], None]) -> None:
        """Call a listener with each mailbox, in lower case, that a test decides about."""
        self._listeners.append(listener)

    def _decide(self, mailbox: str, outcome: Outcome) -> None:
        if is_simulated(mailbox):
            raise ValueError(f"{mailbox} is SES's simulator, which does what its name says")
        with self._lock:
            self._outcomes[mailbox.lower()] = outcome
        for listener in self._listeners:
            listener(mailbox.lower())


_DIAGNOSTICS = {
    "Permanent": "smtp; 550 5.1.1 user unknown",
    "Transient": "smtp; 451 4.4.7 Message expired: unable to deliver in 840 minutes.<421 4.4.1 Unable to connect>",
    "Undetermined": "",
}
_BOUNCE = Outcome(Fate.BOUNCED, "Permanent", "General", "5.1.1", _DIAGNOSTICS["Permanent"])
# Amazon SES Developer Guide, "Using the Amazon SES mailbox simulator". That suppressionlist@ gives an ordinary bounce
# is not on the page: operations-facts.md, section 2.1, cites one who tried it. What ooto@ answers is not sent here.
_SIMULATIONS = {
    "success": WORKS,
    "ooto": WORKS,
    "bounce": _BOUNCE,
    "suppressionlist": _BOUNCE,
    "complaint": Outcome(Fate.COMPLAINED),
}


def is_simulated(mailbox: str) -> bool:
    """Tell whether a mailbox is one of SES's simulator."""
    return mailbox.lower().endswith(f"@{SIMULATOR}")


def _simulated(mailbox: str) -> Outcome | None:
    """Return what the simulator does with mail to this address, None for one of another domain; labels may be added."""
    if not is_simulated(mailbox):
        return None
    name = mailbox.lower().partition("@")[0].partition("+")[0]
    return replace(_SIMULATIONS.get(name, _BOUNCE), simulated=True)
