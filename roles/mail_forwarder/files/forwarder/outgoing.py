# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sending a finished mail through SES, and telling what a failure to do so means."""

from __future__ import annotations

import re
from typing import Any

from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
)

from forwarder.forms import Form, Refusal
from forwarder.notice import Notice
from forwarder.recipients import Delivery
from forwarder.settings import Settings

# SES API v2, MessageTag: ASCII letters, digits, underscores and dashes, 256 at most.
_NOT_IN_TAG = re.compile(r"[^A-Za-z0-9_-]")
_NEVER_ARRIVED = (ConnectTimeoutError, EndpointConnectionError, NoCredentialsError, ParamValidationError)


# Amazon SES Developer Guide, "Service quotas in Amazon SES": API v2, the whole message.
MAIL_MAX = 40 * 1024 * 1024
# SES's words where a code stands for several reasons.
_TOO_LARGE = re.compile(
    r"message length|(message|mail).{0,40}too (large|big|long)|(maximum|max).{0,20}size", re.IGNORECASE
)
_NOT_VERIFIED = re.compile(r"not verified", re.IGNORECASE)


class UnsendableError(RuntimeError):
    """A mail that SES would refuse, found before it was asked."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(f"the mail is {refusal.value}: Amazon SES would not send it")
        self.refusal = refusal


class UncomposableError(RuntimeError):
    """A form that a mail could not be brought into, and so was not sent in.

    ``kind`` is the kind of the error behind it, whose text may hold words of the mail, which no log is to have.
    """

    def __init__(self, form: Form, error: Exception) -> None:
        super().__init__(f"no {form.kind.value} could be composed: {type(error).__name__}")
        self.kind = type(error).__name__


def send(sesv2: Any, settings: Settings, data: bytes, mailbox: str, delivery: Delivery, notice: Notice) -> str:
    """Send a mail to a mailbox and nobody else, whatever its header says; return SES's id for it."""
    tags = {"message_id": notice.message_id, "address": delivery.address, "reason": delivery.reason}
    answer = sesv2.send_email(
        FromEmailAddress=settings.from_address,
        Destination={"ToAddresses": [mailbox]},
        Content={"Raw": {"Data": data}},
        ConfigurationSetName=settings.configuration_set,
        EmailTags=[{"Name": name, "Value": tag_value(value)} for name, value in tags.items()],
    )
    return str(answer["MessageId"])


def refusal_of(error: Exception, mailbox: str) -> Refusal | None:
    """Return why SES refused a mail, where another form of it may be taken; None for all that is to be tried again.

    Source: Amazon SES API v2 Reference, SendEmail. That an address is not verified is said of ours as well as of the
    recipient's; of ours it is for a person to mend.
    """
    if isinstance(error, UnsendableError):
        return error.refusal
    if not isinstance(error, ClientError):
        return None
    code, words = (str(error.response.get("Error", {}).get(key, "")) for key in ("Code", "Message"))
    if code == "MessageRejected" and _NOT_VERIFIED.search(words):
        return Refusal.NOT_VERIFIED if mailbox.lower() in words.lower() else None
    if code == "RequestEntityTooLarge" or error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == 413:
        return Refusal.TOO_LARGE
    if code not in ("BadRequestException", "MessageRejected"):
        return None
    return Refusal.TOO_LARGE if _TOO_LARGE.search(words) else Refusal.MALFORMED


def tag_value(value: str) -> str:
    """Return a text as SES takes it in a message tag: what it does not take is an underscore."""
    return _NOT_IN_TAG.sub("_", value)[:256] or "_"


def certainly_not_sent(error: Exception) -> bool:
    """Return whether an error proves that SES has not taken the mail: it refused it, or was not reached."""
    if isinstance(error, UnsendableError | UncomposableError):
        return True
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500)
        return 400 <= int(status) < 500
    return isinstance(error, _NEVER_ARRIVED)
