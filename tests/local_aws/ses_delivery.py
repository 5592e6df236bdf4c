# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of a message after SES accepted it: recipient by recipient, with the events that tell of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, Protocol

from tests.local_aws import ses_events
from tests.local_aws.mailboxes import Fate, Mailboxes, Outcome, is_simulated
from tests.local_aws.outbox import Outbox
from tests.local_aws.received_mail import has_virus
from tests.local_aws.sending import Sending
from tests.local_aws.ses_events import Accepted, Event

# Amazon SES Developer Guide, "Contents of event data", bounce types. operations-facts.md, section 8: sources differ,
# one emulator says General; a record of a real account, of 2025-03-20, says this, with the diagnostic of ses_events.py.
SUPPRESSED_SUBTYPE = "OnAccountSuppressionList"


class Suppressions(Protocol):
    """The account's suppression list; a reason is BOUNCE or COMPLAINT."""

    def reason(self, address: str) -> str | None: ...

    def put(
        self, address: str, reason: str, message_id: str | None = None, feedback_id: str | None = None
    ) -> object: ...


class Publisher(Protocol):
    """What publishes the events of a message, once it is called upon."""

    def prepare(self, configuration_set: str, events: Sequence[Event]) -> Callable[[], None]: ...


class Inbound(Protocol):
    """SES's own receiving side, to which what is sent to a domain of its comes back."""

    def is_ours(self, recipient: str) -> bool: ...
    def bring(self, accepted: Accepted, recipients: Sequence[str]) -> None: ...


@dataclass(frozen=True)
class _Message:
    """An accepted message, why mail of its kind is suppressed, and for how many seconds SES tries."""

    accepted: Accepted
    reasons: frozenset[str]
    max_seconds: int


@dataclass
class SesDelivery:
    """Decides, puts into the outbox what reaches a mailbox, and keeps the suppression list.

    ``suppressed_subtype`` is what a bounce of a suppressed address says; where ``complaint_if_suppressed``, one that is
    on the list for a complaint gets the event Complaint instead (API v2 Reference, Complaint, ComplaintSubType).
    """

    outbox: Outbox
    mailboxes: Mailboxes
    suppressions: Suppressions
    publisher: Publisher
    sending: Sending = field(default_factory=Sending)
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    suppressed_subtype: str = SUPPRESSED_SUBTYPE
    complaint_if_suppressed: bool = False
    inbound: Inbound | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _delayed: list[tuple[_Message, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.mailboxes.on_change(self._settle)

    def take(self, accepted: Accepted, configuration: Mapping[str, Any]) -> Callable[[], None]:
        """Take on a message with the options of its configuration set; return what publishes its events."""
        message = _Message(accepted, self._reasons(configuration), _max_seconds(configuration))
        outcomes = [(recipient, self._outcome(message, recipient)) for recipient in accepted.recipients]
        if has_virus(accepted.data) or any(outcome.fate is Fate.REJECTED for _unused, outcome in outcomes):
            events = [ses_events.send(accepted), ses_events.reject(accepted)]
        else:
            events = [ses_events.send(accepted), *self._carry_out(message, outcomes)]
        return self._publishing(accepted, events)

    def delayed(self) -> list[tuple[str, str]]:
        """Return (message id, recipient) of what SES could not deliver yet."""
        with self._lock:
            return [(message.accepted.message_id, recipient) for message, recipient in self._delayed]

    def _reasons(self, configuration: Mapping[str, Any]) -> frozenset[str]:
        """Return why addresses are suppressed for a message: the configuration set's reasons stand in for the
        account's.

        API v2 Reference, PutConfigurationSetSuppressionOptions; an empty list is none at all, which is something else
        than saying nothing.
        """
        options = configuration.get("SuppressionOptions") or {}
        return frozenset(options.get("SuppressedReasons", self.sending.suppressed_reasons))

    def _outcome(self, message: _Message, recipient: str) -> Outcome:
        """Return what becomes of the message for one recipient; what is suppressed never reaches a mail server."""
        if is_simulated(recipient):
            return self.mailboxes.outcome(recipient)
        reason = self.suppressions.reason(recipient)
        if reason not in message.reasons:
            return self.mailboxes.outcome(recipient)
        if reason == "COMPLAINT" and self.complaint_if_suppressed:
            return Outcome(Fate.SUPPRESSED, "Complaint", SUPPRESSED_SUBTYPE)
        text = ses_events.SUPPRESSED_DIAGNOSTIC
        return Outcome(Fate.SUPPRESSED, "Permanent", self.suppressed_subtype, "5.1.1", text)

    def _carry_out(self, message: _Message, outcomes: Sequence[tuple[str, Outcome]]) -> list[Event]:
        """Do what the outcomes say and return the events, those of recipients of one domain that fare alike in one."""
        own, arrived = self._arrived(outcomes)
        if own and self.inbound:
            self.inbound.bring(message.accepted, own)
        if arrived:
            accepted = message.accepted
            self.outbox.add(
                accepted.message_id,
                accepted.data,
                accepted.sender,
                arrived,
                configuration_set=accepted.configuration_set,
                tags=accepted.tags,
            )
        with self._lock:
            self._delayed += [(message, recipient) for recipient, outcome in outcomes if outcome.fate is Fate.DELAYED]
        return [
            event for outcome, recipients in _alike(outcomes) for event in self._events(message, outcome, recipients)
        ]

    def _arrived(self, outcomes: Sequence[tuple[str, Outcome]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the recipients whose mail comes back to SES, and those whose mail reaches the world outside."""
        arrived = [recipient for recipient, outcome in outcomes if _arrives(outcome)]
        own = tuple(one for one in arrived if self.inbound and self.inbound.is_ours(one))
        return own, tuple(one for one in arrived if one not in own)

    def _events(self, message: _Message, outcome: Outcome, recipients: list[str]) -> Iterator[Event]:
        accepted, now = message.accepted, self.clock()
        match outcome.fate:
            case Fate.DELIVERED:
                yield ses_events.delivery(accepted, recipients, now)
            case Fate.COMPLAINED:
                yield ses_events.delivery(accepted, recipients, now)
                # Providers hide who complained: all recipients of the same domain are named (Developer Guide).
                domain = recipients[0].rpartition("@")[2].lower()
                named = [one for one in accepted.recipients if one.rpartition("@")[2].lower() == domain]
                event = ses_events.complaint(accepted, outcome, named, now)
                self._suppress(message, outcome, recipients, "COMPLAINT", event["complaint"]["feedbackId"])
                yield event
            case Fate.BOUNCED:
                event = ses_events.bounce(accepted, outcome, recipients, now)
                if outcome.kind == "Permanent":
                    self._suppress(message, outcome, recipients, "BOUNCE", event["bounce"]["feedbackId"])
                yield event
            case Fate.SUPPRESSED if outcome.kind == "Complaint":
                yield ses_events.complaint(accepted, outcome, recipients, now)
            case Fate.SUPPRESSED:
                yield ses_events.bounce(accepted, outcome, recipients, now)
            case Fate.DELAYED:
                yield ses_events.delay(accepted, outcome, recipients, now, message.max_seconds)

    def _suppress(
        self, message: _Message, outcome: Outcome, recipients: list[str], reason: str, feedback_id: str
    ) -> None:
        """Put addresses onto the account's list, where that is to happen; those of the simulator never are.

        API v2 Reference, SuppressionOptions: the reasons for which addresses are automatically added.
        """
        if outcome.simulated or reason not in message.reasons:
            return
        for recipient in recipients:
            self.suppressions.put(recipient, reason, message.accepted.message_id, feedback_id)

    def _settle(self, mailbox: str) -> None:
        """Deliver or bounce what was delayed for a mailbox, now that it was decided about."""
        with self._lock:
            due = [one for one in self._delayed if one[1].lower() == mailbox]
            self._delayed = [one for one in self._delayed if one[1].lower() != mailbox]
        for message, recipient in due:
            events = self._carry_out(message, [(recipient, self.mailboxes.outcome(recipient))])
            self._publishing(message.accepted, events)()

    def _publishing(self, accepted: Accepted, events: Sequence[Event]) -> Callable[[], None]:
        if accepted.configuration_set:
            return self.publisher.prepare(accepted.configuration_set, events)
        return lambda: None


def _arrives(outcome: Outcome) -> bool:
    return outcome.fate in (Fate.DELIVERED, Fate.COMPLAINED) and not outcome.simulated


def _max_seconds(configuration: Mapping[str, Any]) -> int:
    """Return for how many seconds SES tries to deliver (API v2 Reference, DeliveryOptions, MaxDeliverySeconds)."""
    options = configuration.get("DeliveryOptions") or {}
    return int(options.get("MaxDeliverySeconds") or ses_events.MAX_DELIVERY_SECONDS)


def _alike(outcomes: Sequence[tuple[str, Outcome]]) -> Iterator[tuple[Outcome, list[str]]]:
    """Yield each outcome with the recipients of one domain that it is the same for, in the order of the recipients.

    What a notification names instead of the recipient is its own, so such a recipient stands alone.
    """
    for group in ses_events.by_domain([recipient for recipient, _unused in outcomes]):
        by_recipient = dict(outcomes)
        ordered = sorted(group, key=lambda recipient: repr(by_recipient[recipient]))
        for outcome, alike in groupby(ordered, key=by_recipient.__getitem__):
            if outcome.reported:
                yield from ((replace(outcome), [recipient]) for recipient in alike)
            else:
                yield outcome, [*alike]
