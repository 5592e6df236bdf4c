# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A mail as it came: its header fields, and its body, which nobody touches.

Python's email package changes the bytes of some bodies under every policy, so it is not used to read or write one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

_LINE = re.compile(rb"[^\n]*\n?")
_BLANK_LINE = re.compile(rb"\A\r?\n|\n\r?\n")
# RFC 5322 2.2 and 3.6.8, and the white space before the colon that 4.5 still lets stand.
_FIELD = re.compile(rb"([!-9;-~]{1,255})[ \t]*:(.*)", re.DOTALL)
_MBOX_LINE = (b"From ", b">From ")
_WHITE_SPACE = (b" ", b"\t")
# Real mail has some dozens of fields in some kilobytes. Beyond these a header is made to exhaust whoever reads it.
HEADER_MAX = 1024 * 1024
FIELDS_MAX = 5_000


class MessageError(ValueError):
    """A mail that the forwarder does not take apart; the text says which limit it is beyond."""


@dataclass(frozen=True)
class Field:
    """One header field: its name as written, and its lines without their ends (the first is what follows the colon)."""

    name: bytes
    lines: tuple[bytes, ...]

    @property
    def key(self) -> bytes:
        return self.name.lower()

    @property
    def value(self) -> bytes:
        """The field's value, unfolded (RFC 5322 2.2.3)."""
        return b"".join(self.lines).strip()


@dataclass(frozen=True)
class Message:
    """A mail's fields in their order, and a view of its body's bytes."""

    fields: tuple[Field, ...]
    body: memoryview

    def values(self, key: bytes) -> list[bytes]:
        """Return the unfolded values of the fields of a name, given in lower case."""
        return [field.value for field in self.fields if field.key == key]


def split_message(raw: bytes) -> Message:
    """Return a mail cut at its first blank line; without one, before the first line that cannot be in a header.

    Raises MessageError for a header beyond HEADER_MAX octets or FIELDS_MAX fields.
    """
    blank = _BLANK_LINE.search(raw)
    end, body = blank.span() if blank else (_header_end(raw),) * 2
    if end > HEADER_MAX:
        raise MessageError(f"the mail's header has more than {HEADER_MAX} octets: it is not forwarded, but kept")
    fields = tuple(islice(_fields(_lines(raw[:end])), FIELDS_MAX + 1))
    if len(fields) > FIELDS_MAX:
        raise MessageError(f"the mail's header has more than {FIELDS_MAX} fields: it is not forwarded, but kept")
    return Message(fields, memoryview(raw)[body:])


def field_text(value: bytes) -> str:
    """Return a header field's bytes as text: UTF-8 (RFC 6532) if they are that, else one character for each byte."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _lines(header: bytes) -> Iterator[bytes]:
    for line in header.split(b"\n"):
        yield line.removesuffix(b"\r")


def _header_end(raw: bytes) -> int:
    """Return where the header of a mail without a blank line ends, or somewhere beyond HEADER_MAX if it is too long."""
    for number, line in enumerate(_LINE.finditer(raw)):
        text = line.group()
        is_mbox_line = number == 0 and text.startswith(_MBOX_LINE)
        in_header = text.startswith(_WHITE_SPACE) or _FIELD.match(text) or is_mbox_line
        if not in_header or line.start() > HEADER_MAX:
            return line.start()
    return len(raw)


def _fields(lines: Iterable[bytes]) -> Iterator[Field]:
    """Yield the fields that a header's lines hold.

    A line without a colon is the rest of the field before it: software that wraps long fields and forgets to indent
    writes them so. A line whose name is none (an mbox "From " line, an empty name) goes, with what continues it.
    """
    name = b""
    parts: list[bytes] = []
    for line in lines:
        start = None if line.startswith((*_WHITE_SPACE, *_MBOX_LINE)) else _FIELD.match(line)
        if start is None and (line.startswith(_WHITE_SPACE) or b":" not in line) and not line.startswith(_MBOX_LINE):
            if line.strip():
                parts.append(line if line.startswith(_WHITE_SPACE) else b" " + line)
            continue
        if name:
            yield Field(name, tuple(parts))
        name, parts = (start[1], [start[2]]) if start else (b"", [])
    if name:
        yield Field(name, tuple(parts))
