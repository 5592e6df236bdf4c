# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The header fields that say where a mail of the forwarder's comes from and how it came by here, whatever its form."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ansible_collections.account_factory.email.plugins.module_utils import _address as address
from ansible_collections.account_factory.email.plugins.module_utils._message import Field
from ansible_collections.account_factory.email.plugins.module_utils._notice import Verdicts
from forwarder.core.mail import About
from forwarder.core.recipients import Delivery

# Each forwarder that a mail passes adds one that names its From address.
LOOP_FIELD = b"X-Forwarder-Loop"
_NOT_VERDICT = re.compile(r"[^A-Za-z0-9_-]")


def to_field(delivery: Delivery, mailbox: str) -> Field:
    """Return the To field: the vended address, so that people see which account, or contact of it, it is about."""
    return line_field(b"To", (plain(delivery.shown_address) or mailbox).encode("ascii"))


def trace_fields(about: About) -> Iterator[Field]:
    """Yield the X-Forwarder-* fields: for whom a mail came, why it goes where it goes, what SES found, and its hops."""
    delivery, notice = about.delivery, about.notice
    yield line_field(b"X-Forwarder-Recipient", delivery.recipient.encode("utf-8", "replace"))
    yield line_field(b"X-Forwarder-Reason", delivery.standing.encode("ascii"))
    yield line_field(b"X-Forwarder-Verdicts", _verdicts_value(notice.verdicts))
    yield line_field(b"X-Forwarder-Message-ID", notice.message_id.encode("ascii"))
    if notice.is_released:
        yield line_field(b"X-Forwarder-Released", b"yes")
    for hop in (*about.mail.message.values(LOOP_FIELD.lower()), about.settings.from_address.encode("ascii")):
        yield line_field(LOOP_FIELD, hop)


def line_field(name: bytes, value: bytes) -> Field:
    """Return a field of one line: whatever line ends its value holds are no folds of ours, and become spaces."""
    return Field(name, (b" " + value,))


def plain(text: str) -> str | None:
    """Return an address that can stand in a header as it is, or None."""
    try:
        return address.normalise_owner(text)
    except address.AddressError:
        return None


def _verdicts_value(verdicts: Verdicts) -> bytes:
    found = {name: value for name, value in vars(verdicts).items() if value is not None or name != "dmarc_policy"}
    words = (f"{name}={_NOT_VERDICT.sub('_', value or 'none')[:64]}" for name, value in found.items())
    return " ".join(words).encode("ascii")
