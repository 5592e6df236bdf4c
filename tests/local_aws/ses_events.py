# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The records that SES publishes about a mail that it was given to send (all pure).

Source: Amazon SES Developer Guide, "Contents of event data that Amazon SES publishes to Amazon SNS" and "Examples of
event data that Amazon SES publishes to Amazon SNS". Where real records of public repositories say more than these
pages, such as the names of SES's own tags and the text about a suppressed address, they are followed.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.local_aws import message
from tests.local_aws.mailboxes import Outcome
from tests.local_aws.received_mail import common_headers, headers, timestamp

# Type of an event in the record, by its name in an event destination (API v2 Reference, EventDestination).
EVENT_TYPES = {
    "SEND": "Send",
    "REJECT": "Reject",
    "BOUNCE": "Bounce",
    "COMPLAINT": "Complaint",
    "DELIVERY": "Delivery",
    "DELIVERY_DELAY": "DeliveryDelay",
    "RENDERING_FAILURE": "Rendering Failure",
}
# How long SES goes on trying where the configuration set says nothing (API v2 Reference, DeliveryOptions,
# MaxDeliverySeconds: 50,400 at most).
MAX_DELIVERY_SECONDS = 50_400
_REPORTING_MTA = "a6-115.smtp-out.eu-west-1.amazonses.com"
_OUTGOING_IP = "54.240.6.115"
SUPPRESSED_DIAGNOSTIC = (
    "Amazon SES did not send the message to this address because it is on the suppression list for your account. For"
    " more information about removing addresses from the suppression list, see the Amazon SES Developer Guide at"
    " https://docs.aws.amazon.com/ses/latest/DeveloperGuide/sending-email-suppression-list.html"
)

Event = dict[str, Any]


@dataclass(frozen=True)
class Accepted:
    """A message that SES accepted, as its events tell of it; ``operation`` is the API's."""

    message_id: str
    sent: datetime
    data: bytes
    sender: str
    recipients: tuple[str, ...]
    configuration_set: str | None
    tags: Mapping[str, str]
    account_id: str
    region: str
    operation: str = "SendEmail"

    @property
    def domain(self) -> str:
        """Return the domain that it is from."""
        return self.sender.rpartition("@")[2].lower()


def send(accepted: Accepted) -> Event:
    """Return the event that SES will try to deliver, which is there for suppressed recipients as well."""
    return _record("Send", accepted, {"send": {}})


def reject(accepted: Accepted) -> Event:
    """Return the event that SES found a virus and delivers nothing."""
    return _record("Reject", accepted, {"reject": {"reason": "Bad content"}})


def delivery(accepted: Accepted, recipients: Sequence[str], now: datetime) -> Event:
    """Return the event that the mail server of these recipients took the mail."""
    details = {
        "timestamp": timestamp(now),
        "processingTimeMillis": max(0, round((now - accepted.sent).total_seconds() * 1000)),
        "recipients": [*recipients],
        "smtpResponse": "250 2.6.0 Message received",
        "reportingMTA": _REPORTING_MTA,
    }
    return _record("Delivery", accepted, {"delivery": details}, {"ses:outgoing-ip": [_OUTGOING_IP]})


def bounce(accepted: Accepted, outcome: Outcome, recipients: Sequence[str], now: datetime) -> Event:
    """Return the event that the mail for these recipients, all alike, will not be delivered.

    Status, diagnostic and reporting MTA are those of a delivery status notification, and missing where there was none.
    """
    details: dict[str, Any] = {
        "feedbackId": _feedback_id(now),
        "bounceType": outcome.kind,
        "bounceSubType": outcome.subtype,
        "bouncedRecipients": [_recipient(address, outcome, action="failed") for address in recipients],
        "timestamp": timestamp(now),
    }
    if outcome.diagnostic:
        details["reportingMTA"] = f"dns; {'amazonses.com' if _is_suppression(outcome) else _REPORTING_MTA}"
    return _record("Bounce", accepted, {"bounce": details})


def complaint(accepted: Accepted, outcome: Outcome, recipients: Sequence[str], now: datetime) -> Event:
    """Return the event that one of these recipients complained: most providers hide which one it was."""
    details = {
        "feedbackId": _feedback_id(now),
        # Null, or OnAccountSuppressionList (API v2 Reference, Complaint).
        "complaintSubType": outcome.subtype or None,
        "complainedRecipients": [{"emailAddress": address} for address in recipients],
        "timestamp": timestamp(now),
    }
    if not outcome.subtype:
        details |= {"complaintFeedbackType": "abuse", "arrivalDate": timestamp(now), "userAgent": "local AWS"}
    return _record("Complaint", accepted, {"complaint": details})


def delay(
    accepted: Accepted, outcome: Outcome, recipients: Sequence[str], now: datetime, seconds: int = MAX_DELIVERY_SECONDS
) -> Event:
    """Return the event that SES could not deliver yet and goes on trying for so many seconds since it was sent."""
    details = {
        "timestamp": timestamp(now),
        "delayType": outcome.kind,
        "expirationTime": timestamp(accepted.sent + timedelta(seconds=seconds)),
        "delayedRecipients": [_recipient(address, outcome) for address in recipients],
        "reportingMTA": _REPORTING_MTA,
    }
    return _record("DeliveryDelay", accepted, {"deliveryDelay": details})


def by_domain(addresses: Sequence[str]) -> list[list[str]]:
    """Return addresses in groups of one domain: mail for one domain is handed over at once and told of together."""
    groups: dict[str, list[str]] = {}
    for address in addresses:
        groups.setdefault(address.rpartition("@")[2].lower(), []).append(address)
    return [*groups.values()]


def _recipient(address: str, outcome: Outcome, **action: str) -> dict[str, str]:
    told = {"emailAddress": outcome.reported or address}
    if not outcome.diagnostic:
        return told
    return {**told, **action, "status": outcome.status, "diagnosticCode": outcome.diagnostic}


def _is_suppression(outcome: Outcome) -> bool:
    return outcome.diagnostic == SUPPRESSED_DIAGNOSTIC


def _record(kind: str, accepted: Accepted, details: Event, more_tags: Mapping[str, list[str]] | None = None) -> Event:
    return {"eventType": kind, "mail": _mail(accepted, more_tags or {}), **details}


def _mail(accepted: Accepted, more_tags: Mapping[str, list[str]]) -> dict[str, Any]:
    fields, _unused = message.split(accepted.data)
    listed, truncated = headers(fields)
    tags = {
        "ses:source-tls-version": ["TLSv1.3"],
        "ses:operation": [accepted.operation],
        "ses:configuration-set": [accepted.configuration_set],
        "ses:source-ip": ["127.0.0.1"],
        "ses:from-domain": [accepted.domain],
        # The name of the user or role that called; who that was, is not looked up here.
        "ses:caller-identity": ["local-aws"],
        **more_tags,
    }
    return {
        "timestamp": timestamp(accepted.sent),
        "source": accepted.sender,
        "sourceArn": f"arn:aws:ses:{accepted.region}:{accepted.account_id}:identity/{accepted.domain}",
        "sendingAccountId": accepted.account_id,
        "messageId": accepted.message_id,
        "destination": [*accepted.recipients],
        "headersTruncated": truncated,
        "headers": listed,
        "commonHeaders": {"messageId": accepted.message_id, **common_headers(fields)},
        "tags": {**tags, **{name: [value] for name, value in accepted.tags.items()}},
    }


def _feedback_id(now: datetime) -> str:
    return f"0100{int(now.timestamp() * 1000):012x}-{uuid.uuid4()}-000000"
