# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The message tags of what is sent: three that people can read, and two that say exactly which delivery it is."""

from __future__ import annotations

import re

from ansible_collections.account_factory.email.plugins.module_utils._message_tags import TAG_MAX, Tagged
from ansible_collections.account_factory.email.plugins.module_utils._notice import Notice
from forwarder.core.recipients import Delivery

_NOT_IN_TAG = re.compile(r"[^A-Za-z0-9_-]")


def tags_of(notice: Notice, delivery: Delivery) -> dict[str, str]:
    """Return the tags of a copy."""
    return {
        "message_id": tag_value(notice.message_id),
        "address": tag_value(delivery.address),
        "reason": tag_value(delivery.standing),
        **Tagged(notice.message_id, notice.again, delivery.address, delivery.mailbox).to_tags(),
    }


def tag_value(value: str) -> str:
    """Return a text as SES takes it in a message tag: what it does not take is an underscore."""
    return _NOT_IN_TAG.sub("_", value)[:TAG_MAX] or "_"
