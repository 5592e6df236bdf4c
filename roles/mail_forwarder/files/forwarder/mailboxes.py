# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading the mailboxes in an address field as a person would, whatever the sender's software wrote there.

Python's own readers either give up on what real mail holds (commas outside quotes, unknown charsets, brackets within
brackets) or take time that grows with the square of the field. This one never fails and reads each character once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.header import decode_header

from forwarder.message import Message, field_text

# Beyond this an address field has said what it has to say.
_FIELD_MAX = 16_384
_NAME_MAX = 1_024
# An encoded word is one piece, whatever it holds; a quote that is never closed is a character like any other.
_TOKEN = re.compile(
    r'=\?[^?\s]+\?[bq]\?[^?\s]*\?=|"(?:[^"\\]|\\.)*"|\\.|["\\()<>,;:=]|(?:[^"\\()<>,;:=]|=(?!\?))+',
    re.DOTALL | re.IGNORECASE,
)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"?', re.DOTALL)


@dataclass(frozen=True)
class Mailbox:
    """A display name (decoded, possibly empty) and an address as it was written (possibly not a valid one)."""

    name: str
    address: str


@dataclass
class _Reader:
    """What was read since the last mailbox; ``angle`` is None outside ``<…>``, ``address`` what the last one held."""

    phrase: str = ""
    comment: str = ""
    depth: int = 0
    angle: str | None = None
    address: str | None = None
    found: list[Mailbox] = field(default_factory=list)

    def take(self, token: str) -> None:
        if self.depth:
            self._in_comment(token)
        elif self.angle is not None:
            self._in_angle(token)
        elif token == "(":
            self.depth = 1
        elif token == "<":
            if self.address is not None:
                self.finish()
            self.angle = ""
        elif token in (",", ";"):
            self.separate(token)
        elif token == ":":
            # The name of a group (RFC 5322 3.4).
            self.phrase = ""
        elif token != ">" and token != ")":
            self.phrase += token

    def _in_comment(self, token: str) -> None:
        self.depth += {"(": 1, ")": -1}.get(token, 0)
        if self.depth:
            self.comment += token

    def _in_angle(self, token: str) -> None:
        if token == ">":
            self.address, self.angle = self.angle, None
        elif token == "(":
            self.depth = 1
        elif token == "<":
            self.phrase += self.angle or ""
            self.angle = ""
        elif token == ":":
            # A source route (RFC 5322 4.4): only what follows it is the address.
            self.angle = ""
        else:
            self.angle = (self.angle or "") + token

    def separate(self, separator: str) -> None:
        """End a mailbox, unless what stands before the comma is half of a name that nobody quoted (Doe, John)."""
        if self.address is None and "@" not in self.phrase and separator == ",":
            self.phrase += ", " if self.phrase.strip() else ""
        else:
            self.finish()

    def finish(self) -> None:
        if self.angle is not None:
            self.address = self.angle
        address = self.phrase if self.address is None else self.address
        name = self.comment if self.address is None else self.phrase
        if "@" in address:
            self.found.append(Mailbox(_display_name(name), address.strip()))
        self.phrase, self.comment, self.angle, self.address = "", "", None, None


def read_mailboxes(value: bytes) -> tuple[Mailbox, ...]:
    """Return the mailboxes of an unfolded address field, in their order; what holds no ``@`` is none."""
    reader = _Reader()
    for token in _TOKEN.findall(field_text(value[:_FIELD_MAX])):
        reader.take(token)
    reader.finish()
    return tuple(reader.found)


def authors(message: Message) -> tuple[Mailbox, ...]:
    """Return the mailboxes that a mail's From fields name, in their order; there should be one."""
    return tuple(mailbox for value in message.values(b"from") for mailbox in read_mailboxes(value))


def _display_name(phrase: str) -> str:
    unquoted = _QUOTED.sub(lambda quoted: re.sub(r"\\(.)", r"\1", quoted[1]), phrase[:_NAME_MAX])
    return " ".join(_decoded(unquoted).split())


def _decoded(text: str) -> str:
    """Return the text with its RFC 2047 encoded words decoded; where that cannot be done, as it is."""
    if "=?" not in text:
        return text
    try:
        parts = decode_header(text)
    except (HeaderParseError, ValueError):
        return text
    return "".join(_in_charset(part, charset) for part, charset in parts)


def _in_charset(part: bytes | str, charset: str | None) -> str:
    if isinstance(part, str):
        return part
    try:
        return part.decode(charset or "ascii", "replace")
    except (LookupError, ValueError):
        # A charset that nobody knows, or the name of a codec that is none.
        return part.decode("ascii", "replace")
