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

from forwarder.notice import Notice
from forwarder.recipients import Delivery
from forwarder.settings import Settings

# SES API v2, MessageTag: ASCII letters, digits, underscores and dashes, 256 at most.
_NOT_IN_TAG = re.compile(r"[^A-Za-z0-9_-]")
_NEVER_ARRIVED = (ConnectTimeoutError, EndpointConnectionError, NoCredentialsError, ParamValidationError)


def send(sesv2: Any, settings: Settings, data: bytes, delivery: Delivery, notice: Notice) -> str:
    """Send a mail to the delivery's mailbox and nobody else, whatever its header says; return SES's id for it."""
    tags = {"message_id": notice.message_id, "address": delivery.address, "reason": delivery.reason}
    answer = sesv2.send_email(
        FromEmailAddress=settings.from_address,
        Destination={"ToAddresses": [delivery.mailbox]},
        Content={"Raw": {"Data": data}},
        ConfigurationSetName=settings.configuration_set,
        EmailTags=[{"Name": name, "Value": tag_value(value)} for name, value in tags.items()],
    )
    return str(answer["MessageId"])


def tag_value(value: str) -> str:
    """Return a text as SES takes it in a message tag: what it does not take is an underscore."""
    return _NOT_IN_TAG.sub("_", value)[:256] or "_"


def certainly_not_sent(error: Exception) -> bool:
    """Return whether an error of ``send`` proves that SES has not taken the mail: it refused it, or was not reached."""
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500)
        return 400 <= int(status) < 500
    return isinstance(error, _NEVER_ARRIVED)
