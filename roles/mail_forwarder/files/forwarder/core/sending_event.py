# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What SES tells of a mail after it took it: delivered, delayed, bounced, complained about, rejected.

Source: Amazon SES Developer Guide, "Contents of event data that Amazon SES publishes to Amazon SNS". The names of types
differ by channel; these are those that SNS gets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._message_tags import (
    Tagged,
    delivery_of,
    tags_in_event,
)
from ansible_collections.account_factory.email.plugins.module_utils._safe_text import printable
from ansible_collections.account_factory.email.plugins.module_utils._ses_message import (
    SesMessageError,
    json_object,
    part,
    unwrapped,
)
from forwarder.core.outcomes import Outcome

# What SES publishes to see whether it may.
_SETUP_TEXT = "Successfully validated SNS topic for Amazon SES event publishing."
# The names of a mailbox that SES did not try to reach. The account-level list and the one for all of SES.
_SUPPRESSED = ("OnAccountSuppressionList", "Suppressed")
_ANGLE_ADDRESS = re.compile(r"<([^<>]*)>")
# The outcomes after which a mailbox has not got the mail.
FAILURES = (Outcome.BOUNCED, Outcome.TRANSIENT, Outcome.COMPLAINED, Outcome.SUPPRESSED)


class EventError(SesMessageError):
    """A message that is no event of a mail of ours; the text says what is missing or wrong."""

    what = "event"


@dataclass(frozen=True)
class SendingEvent:
    """One mailbox's share of an event: what became of which mail, when (ISO 8601, UTC), and what was said of it.

    ``delivery`` is None where the tags do not say whose mail it was.
    """

    outcome: Outcome
    mailbox: str
    at: str
    sent_message_id: str
    delivery: Tagged | None
    diagnostic: str | None = None


def parse_event(body: str) -> tuple[SendingEvent, ...]:
    """Return what an event says of each mailbox: nothing for a set-up message, or a report that a mail is no spam.

    Raises EventError for anything else: an event that nobody understands may be about a mail that nobody got.
    """
    text = unwrapped(body)
    if text.strip() == _SETUP_TEXT:
        return ()
    event = json_object(text, EventError)
    read = _READERS.get(str(event.get("eventType")))
    if read is None:
        raise EventError(f"eventType is {event.get('eventType')!r}, not one of {', '.join(_READERS)}")
    mail = part(event, "mail", EventError)
    sent_message_id = mail.get("messageId")
    if not isinstance(sent_message_id, str):
        raise EventError(f"mail.messageId is {sent_message_id!r}, not the id of a mail")
    delivery = delivery_of(tags_in_event(mail))
    shares = tuple(
        SendingEvent(outcome, _mailbox(mailbox), at, sent_message_id, delivery, printable(words))
        for outcome, mailbox, at, words in read(event, mail)
    )
    sent_to = mail.get("destination")
    if len(shares) == 1 and isinstance(sent_to, list) and len(sent_to) == 1:
        # A mail server may forward a mail, and then names in its report whom it could not reach, and not whom we wrote
        # to (Developer Guide, "Bounced recipients": emailAddress is the Final-Recipient of the report).
        return (replace(shares[0], mailbox=_mailbox(sent_to[0])),)
    return shares


# Outcome, mailbox as it is given, time, words.
_Share = tuple[Outcome, Any, str, str | None]


def _bounces(event: Mapping[str, Any], mail: Mapping[str, Any]) -> Iterator[_Share]:
    bounce = part(event, "bounce", EventError)
    if bounce.get("bounceSubType") in _SUPPRESSED:
        outcome = Outcome.SUPPRESSED
    else:
        outcome = Outcome.BOUNCED if bounce.get("bounceType") == "Permanent" else Outcome.TRANSIENT
    for one in _list(bounce, "bouncedRecipients"):
        yield (
            outcome,
            one.get("emailAddress"),
            _at(bounce, mail),
            _words(one.get("diagnosticCode") or one.get("status")),
        )


def _complaints(event: Mapping[str, Any], mail: Mapping[str, Any]) -> Iterator[_Share]:
    complaint = part(event, "complaint", EventError)
    if complaint.get("complaintFeedbackType") == "not-spam":
        return
    is_suppressed = complaint.get("complaintSubType") in _SUPPRESSED
    outcome = Outcome.SUPPRESSED if is_suppressed else Outcome.COMPLAINED
    for one in _list(complaint, "complainedRecipients"):
        yield outcome, one.get("emailAddress"), _at(complaint, mail), _words(complaint.get("complaintFeedbackType"))


def _deliveries(event: Mapping[str, Any], mail: Mapping[str, Any]) -> Iterator[_Share]:
    delivery = part(event, "delivery", EventError)
    for mailbox in delivery.get("recipients") or mail.get("destination") or []:
        yield Outcome.DELIVERED, mailbox, _at(delivery, mail), None


def _delays(event: Mapping[str, Any], mail: Mapping[str, Any]) -> Iterator[_Share]:
    delay = part(event, "deliveryDelay", EventError)
    for one in _list(delay, "delayedRecipients"):
        yield Outcome.DELAYED, one.get("emailAddress"), _at(delay, mail), _words(one.get("diagnosticCode"))


def _rejections(event: Mapping[str, Any], mail: Mapping[str, Any]) -> Iterator[_Share]:
    reject, sent_to = event.get("reject"), mail.get("destination")
    if not isinstance(sent_to, list) or not sent_to:
        raise EventError(f"mail.destination is {sent_to!r}, not a list of addresses")
    for mailbox in sent_to:
        yield (
            Outcome.REJECTED,
            mailbox,
            _at({}, mail),
            _words(reject.get("reason") if isinstance(reject, dict) else None),
        )


_READERS = {
    "Bounce": _bounces,
    "Complaint": _complaints,
    "Delivery": _deliveries,
    "DeliveryDelay": _delays,
    "Reject": _rejections,
    "Rendering Failure": _rejections,
}


def _list(content: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = content.get(name)
    if not isinstance(found, list) or not found or not all(isinstance(one, dict) for one in found):
        raise EventError(f"the event's {name} is {found!r}, not a list of recipients")
    return found


def _at(share: Mapping[str, Any], mail: Mapping[str, Any]) -> str:
    at = share.get("timestamp") or mail.get("timestamp")
    try:
        datetime.fromisoformat(at)  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        raise EventError(f"the event's timestamp is {at!r}, not a time in ISO 8601") from error
    return str(at)


def _mailbox(value: object) -> str:
    """Return the bare address of a recipient, which may come with a display name and in brackets."""
    if not isinstance(value, str) or "@" not in value:
        raise EventError(f"the event's recipient is {value!r}, not an address")
    bracketed = _ANGLE_ADDRESS.findall(value)
    return (bracketed[-1] if bracketed else value).strip()


def _words(value: object) -> str | None:
    return value if isinstance(value, str) else None
