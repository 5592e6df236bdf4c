# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What SES says about a message that it received and stored in S3: who it is for, and what SES found.

Source: Amazon SES Developer Guide, "Contents of notifications for Amazon SES email receiving".

Pure, standard library only: the forwarder's code package carries a copy of this file under the same import path.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ._ses_message import SesMessageError, json_object, part, unwrapped

MAIL_PREFIX = "mail/"
QUARANTINE_PREFIX = "quarantine/"
# Why a mail is delivered again.
RELEASED = "released"
REJECTED = "rejected"
# Amazon SES Developer Guide, "Deliver to S3 bucket action": written when a rule with the action is made.
_SETUP_OBJECT = "AMAZON_SES_SETUP_NOTIFICATION"
# What SES publishes to a topic to see whether it may; none of them is about a mail.
_SETUP_TYPE = "AmazonSnsSubscriptionSucceeded"
_SETUP_TEXT = "Successfully validated SNS topic for Amazon SES event publishing."
_CHECKS = ("spam", "virus", "spf", "dkim", "dmarc")
_MESSAGE_ID = re.compile(r"[!-~]{1,256}")
_TIMESTAMP = re.compile(r"[0-9TZ:.+-]{10,40}", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class NoticeError(SesMessageError):
    """A queue message that is no notice of a received mail; the text says what is missing or wrong."""

    what = "notice"


@dataclass(frozen=True)
class Verdicts:
    """What SES found, in its own words (PASS, FAIL, GRAY, PROCESSING_FAILED, …); None where it said nothing."""

    spam: str | None = None
    virus: str | None = None
    spf: str | None = None
    dkim: str | None = None
    dmarc: str | None = None
    dmarc_policy: str | None = None


@dataclass(frozen=True)
class Notice:
    """One received message: its SES id, its envelope (an empty sender is the null sender), and where it lies.

    ``text`` is the notice as SES published it, ``received_at`` the time that it gives (ISO 8601, UTC), if it gives one.
    ``authors`` are the entries of commonHeaders.from, which are SES's own reading of From; None where it gives none.
    ``again`` says why a mail is delivered once more to those who were sent it or told of it, if it is: RELEASED, or
    REJECTED where SES took it and then would not send it. ``queued_at`` is when the notice came into the queue (as
    ``received_at``), where that is known.
    """

    message_id: str
    sender: str
    recipients: tuple[str, ...]
    verdicts: Verdicts
    bucket: str
    key: str
    text: str = ""
    received_at: str | None = None
    authors: tuple[str, ...] | None = None
    again: str = ""
    queued_at: str | None = None

    @property
    def delivery_id(self) -> str:
        """Return what tells the deliveries of this notice from others of the same mail."""
        return f"{self.message_id}#{self.again}" if self.again else self.message_id

    @property
    def is_released(self) -> bool:
        """Whether a person released the mail from the quarantine."""
        return self.again == RELEASED


def parse_notice(body: str, mail_bucket: str) -> Notice | None:
    """Return the notice that the body of an SQS message holds, or None for one of SES's documented set-up messages.

    Accepts raw message delivery and the SNS envelope. Anything else raises NoticeError: a message that nobody
    understands may be somebody's mail.
    """
    text = unwrapped(body)
    if text.strip() == _SETUP_TEXT:
        return None
    content = json_object(text, NoticeError)
    if content.get("notificationType") == _SETUP_TYPE:
        return None
    if content.get("notificationType") != "Received":
        raise NoticeError(f"notificationType is {content.get('notificationType')!r}, not 'Received'")
    bucket, key = _stored_at(content, mail_bucket)
    if key.rpartition("/")[2] == _SETUP_OBJECT:
        return None
    return Notice(
        message_id=_message_id(content),
        sender=_envelope_sender(part(content, "mail", NoticeError)),
        recipients=_envelope_recipients(part(content, "receipt", NoticeError)),
        verdicts=_verdicts(part(content, "receipt", NoticeError)),
        bucket=bucket,
        key=key,
        text=text,
        received_at=_timestamp(part(content, "mail", NoticeError)),
        authors=_authors(part(content, "mail", NoticeError)),
    )


def _stored_at(content: Mapping[str, Any], mail_bucket: str) -> tuple[str, str]:
    """Return bucket and key of the message; only our own bucket's mail is ours to read."""
    action = part(part(content, "receipt", NoticeError), "action", NoticeError)
    bucket, key = action.get("bucketName"), action.get("objectKey")
    if action.get("type") != "S3" or bucket != mail_bucket:
        raise NoticeError(f"the notice is of action {action.get('type')!r} and bucket {bucket!r}, not S3 {mail_bucket}")
    if not isinstance(key, str) or not key.startswith(MAIL_PREFIX) or key == MAIL_PREFIX:
        raise NoticeError(f"the notice's objectKey {key!r} does not lie under {MAIL_PREFIX}")
    return mail_bucket, key


def _message_id(content: Mapping[str, Any]) -> str:
    message_id = part(content, "mail", NoticeError).get("messageId")
    if not is_message_id(message_id):
        raise NoticeError(f"mail.messageId is {message_id!r}, not the id of a message")
    return str(message_id)


def quarantine_key(message_id: str) -> str:
    """Return the key of a message in the quarantine; the notice to release it by lies beside it, under ``.json``."""
    return f"{QUARANTINE_PREFIX}{message_id}"


def is_message_id(value: object) -> bool:
    """Return whether a value can be the id that SES gives a message."""
    return isinstance(value, str) and _MESSAGE_ID.fullmatch(value) is not None


def _timestamp(mail: Mapping[str, Any]) -> str | None:
    timestamp = mail.get("timestamp")
    return timestamp if isinstance(timestamp, str) and _TIMESTAMP.fullmatch(timestamp) else None


def _authors(mail: Mapping[str, Any]) -> tuple[str, ...] | None:
    common = mail.get("commonHeaders")
    entries = common.get("from") if isinstance(common, dict) else None
    if isinstance(entries, str):
        return (entries,)
    return tuple(str(entry) for entry in entries) if isinstance(entries, list) else None


def _envelope_sender(mail: Mapping[str, Any]) -> str:
    """Return the envelope sender; the null sender (RFC 5321 4.5.5) is empty however it is written or left out."""
    source = mail.get("source")
    if source is not None and not isinstance(source, str):
        raise NoticeError(f"mail.source is {source!r}, not a text")
    return (source or "").strip().removeprefix("<").removesuffix(">")


def _envelope_recipients(receipt: Mapping[str, Any]) -> tuple[str, ...]:
    recipients = receipt.get("recipients")
    if not isinstance(recipients, list) or not recipients or not all(isinstance(one, str) for one in recipients):
        raise NoticeError(f"receipt.recipients is {recipients!r}, not a list of addresses")
    if any(_CONTROL.search(one) for one in recipients):
        raise NoticeError(f"receipt.recipients is {recipients!r}: no address holds control characters (RFC 5321 4.1.2)")
    return tuple(recipients)


def _verdicts(receipt: Mapping[str, Any]) -> Verdicts:
    found = {check: _word(receipt.get(f"{check}Verdict")) for check in _CHECKS}
    policy = _word(receipt.get("dmarcPolicy"))
    return Verdicts(**found, dmarc_policy=policy.lower() if policy else None)


def _word(value: object) -> str | None:
    """Return a verdict, given as ``{"status": …}`` or, as dmarcPolicy is in real notices, as the word itself."""
    status = value.get("status") if isinstance(value, dict) else value
    return None if status is None or status == "" else str(status).upper()
