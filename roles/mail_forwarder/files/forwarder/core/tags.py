# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The message tags of what is sent: SES hands them back with each event, which says by them what it is about.

Source: Amazon SES API v2 Reference, MessageTag: ASCII letters, digits, underscores and dashes, 256 at most.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass

from forwarder.core.notice import Notice
from forwarder.core.recipients import Delivery

TAG_MAX = 256
_NOT_IN_TAG = re.compile(r"[^A-Za-z0-9_-]")
# None of the parts holds one.
_SEPARATOR = "\n"


@dataclass(frozen=True)
class Tagged:
    """The delivery that tags are of: the ids of its mail (see Notice), the address, and the mailbox it is for."""

    message_id: str
    again: str
    address: str
    mailbox: str


def tags_of(notice: Notice, delivery: Delivery) -> dict[str, str]:
    """Return the tags of a copy: three that people can read, and two that say exactly which delivery it is.

    What is too long for a tag is left out: no vended address is.
    """
    exact = {
        "delivery": _encoded(_SEPARATOR.join((notice.message_id, notice.again, delivery.address))),
        "mailbox": _encoded(delivery.mailbox),
    }
    return {
        "message_id": tag_value(notice.message_id),
        "address": tag_value(delivery.address),
        "reason": tag_value(delivery.standing),
        **{name: value for name, value in exact.items() if len(value) <= TAG_MAX},
    }


def delivery_of(tags: Mapping[str, str]) -> Tagged | None:
    """Return the delivery that tags of ours are of, or None where they do not say."""
    if "delivery" not in tags or "mailbox" not in tags:
        return None
    try:
        message_id, again, address = _decoded(tags["delivery"]).split(_SEPARATOR)
        return Tagged(message_id, again, address, _decoded(tags["mailbox"]))
    except (ValueError, binascii.Error):
        return None


def tag_value(value: str) -> str:
    """Return a text as SES takes it in a message tag: what it does not take is an underscore."""
    return _NOT_IN_TAG.sub("_", value)[:TAG_MAX] or "_"


def _encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode("ascii").rstrip("=")


def _decoded(tag: str) -> str:
    return base64.urlsafe_b64decode(tag + "=" * (-len(tag) % 4)).decode()
