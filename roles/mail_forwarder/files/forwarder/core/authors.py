# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom a mail says it is from, and whether everybody who reads it reads the same.

The owner goes by what a mail program shows, SES's DMARC verdict by what SES read. Where the two can differ, the verdict
says nothing of whom the owner sees.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from ansible_collections.account_factory.email.plugins.module_utils._encoded_words import decode_value
from ansible_collections.account_factory.email.plugins.module_utils._message import Message
from forwarder.core.mailboxes import FIELD_MAX, Mailbox, read_addresses

_QUOTED_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
# What no From field of one author holds outside of quoted strings (RFC 5322 3.4).
_NOT_WELL_FORMED = re.compile(rb"[^\t -~]|[\[\],]|(?:\A|[\t \")])\.|\.<")


@dataclass(frozen=True)
class Authors:
    """The authors of a mail in their order; there should be one.

    ``named`` are those without a domain. ``is_certain`` says that nobody can read another author. ``is_confirmed`` says
    that SES read this very one. ``text`` is all that the From fields say, for those of whom nothing is certain.
    """

    mailboxes: tuple[Mailbox, ...] = ()
    named: tuple[Mailbox, ...] = ()
    is_certain: bool = True
    is_confirmed: bool = False
    text: str = ""

    @property
    def addresses(self) -> tuple[str, ...]:
        return tuple(mailbox.address for mailbox in self.mailboxes)


def read_authors(message: Message, read_by_ses: tuple[str, ...] | None) -> Authors:
    """Return the authors of a message; ``read_by_ses`` are commonHeaders.from of its notification, None without it.

    The fields are read up to FIELD_MAX octets, all together.
    """
    mailboxes: list[Mailbox] = []
    named: list[Mailbox] = []
    texts: list[bytes] = []
    left = FIELD_MAX
    values = [field.folded for field in message.fields if field.key == b"from"]
    is_certain = message.from_lines <= len(values)
    for value in values:
        found = read_addresses(value[: max(left, 0)])
        is_certain &= found.is_certain and len(value) <= left
        mailboxes += found.mailboxes
        named += found.named
        texts.append(value[: max(left, 0)])
        left -= len(value)
    # Of authors at several domains nobody can tell which one DMARC was passed for (RFC 7489 6.6.1).
    is_certain &= len({_domain(mailbox.address) for mailbox in mailboxes}) <= 1
    is_certain &= _may_be_read_by_ses(mailboxes, read_by_ses)
    raw = b" ".join(texts).replace(b"\n", b"")
    return Authors(
        tuple(mailboxes),
        tuple(named),
        is_certain,
        is_confirmed=is_certain
        and len(values) == len(mailboxes) == 1
        and raw.isascii()
        and not _NOT_WELL_FORMED.search(_QUOTED_STRING.sub(b'""', raw))
        and _is_read_by_ses(mailboxes[0], read_by_ses),
        text=unicodedata.normalize("NFKC", f"{raw.decode('latin-1')} {decode_value(raw)}"),
    )


def _may_be_read_by_ses(mailboxes: list[Mailbox], read_by_ses: tuple[str, ...] | None) -> bool:
    """Return whether SES read no other address than these, as far as its words tell; how it writes them is not said.

    Source: Amazon SES Developer Guide, "Contents of notifications for Amazon SES email receiving", commonHeaders.
    """
    if read_by_ses is None:
        return True
    words = "\n".join(read_by_ses).lower()
    # A domain in its own characters may be there in another form (RFC 5890).
    return all(mailbox.address.lower() in words for mailbox in mailboxes if mailbox.address.isascii())


def _is_read_by_ses(mailbox: Mailbox, read_by_ses: tuple[str, ...] | None) -> bool:
    """Return whether SES read this one address: alone, or in brackets at the end, whatever it makes of the name."""
    if read_by_ses is None or len(read_by_ses) != 1:
        return False
    entry, address = read_by_ses[0].strip().lower(), mailbox.address.lower()
    if entry == address or entry.endswith(f"<{address}>"):
        return True
    found = read_addresses(entry.encode("utf-8", "replace"))
    return found.is_certain and [one.address.lower() for one in found.mailboxes] == [address]


def _domain(address: str) -> str:
    return address.rpartition("@")[2].strip(" .>").lower()
