# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a mail that left through SES is of the one that came: its copy, a mail that holds it, or a letter about it."""

from __future__ import annotations

from dataclasses import dataclass
from email import message_from_bytes
from typing import Any

from forwarder.core.forms import Kind
from forwarder.core.outcomes import Outcome

from .conftest import FROM, SETTINGS

# The forms in which a delivery of an outcome leaves.
KINDS = {
    Outcome.SENT: Kind.COPY,
    Outcome.SENT_ATTACHED: Kind.ATTACHED,
    Outcome.SENT_TO_ADMIN: Kind.ATTACHED,
    Outcome.QUARANTINED: Kind.LETTER,
    Outcome.KEPT: Kind.LETTER,
}
# How a mail of the forwarder's own begins; a copy says "… via AWS accounts".
_OWN = f'From: "{SETTINGS.sender_name}" <{FROM}>\r\n'.encode("ascii")


@dataclass(frozen=True)
class Sent:
    """One mail that SES took, by what its request says."""

    message_id: str
    address: str
    mailbox: str
    data: bytes

    @property
    def header(self) -> bytes:
        return self.data.partition(b"\r\n\r\n")[0]

    @property
    def body(self) -> bytes:
        return self.data.partition(b"\r\n\r\n")[2]


def read_request(request: dict[str, Any]) -> Sent:
    """Return the mail that a SendEmail request holds; an address as it stands in a message tag."""
    tags = {tag["Name"]: tag["Value"] for tag in request["EmailTags"]}
    (mailbox,) = request["Destination"]["ToAddresses"]
    assert request["Destination"].keys() == {"ToAddresses"}
    return Sent(tags["message_id"], tags["address"], mailbox, request["Content"]["Raw"]["Data"])


def kind_of(sent: Sent, raw: bytes) -> Kind:
    """Return in which form a mail was sent; AssertionError where an attachment is not that mail, octet for octet."""
    if not sent.data.startswith(_OWN):
        return Kind.COPY
    parts = message_from_bytes(sent.data).walk()
    attached = [part.get_payload(decode=True) for part in parts if part.get_filename() == "message.eml"]
    assert attached in ([], [raw])
    return Kind.ATTACHED if attached else Kind.LETTER
