# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A mail as it came: its header fields, and its body, which nobody touches.

Python's email package changes the bytes of some bodies under every policy, so it is not used to read or write one.

Pure, standard library only: the forwarder's code package carries a copy of this file under the same import path.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

_LINE = re.compile(rb"[^\n]*\n?")
_BLANK_LINE = re.compile(rb"\n\r?\n")
# RFC 5322 2.2 and 3.6.8, and the white space before the colon that 4.5 still lets stand. What begins with two hyphens
# is the boundary of a part (RFC 2046 5.1.1).
_FIELD = re.compile(rb"(?!--)([!-9;-~]{1,255})[ \t]*:(.*)", re.DOTALL)
# The line that parts the mails of an mbox file (RFC 4155), quoted or not; "From :" is a field.
_MBOX_LINE = re.compile(rb">?From (?![ \t]*:)")
# What some reader may take for a From field: lines end at CR alone for some, and some ignore what they cannot print.
_FROM_LINE = re.compile(rb"(?:\A|[\r\n])[^ -~\t\r\n]*from[^!-~]*:", re.IGNORECASE)
_WHITE_SPACE = (b" ", b"\t")
_BLANKS = b" \t\r\n"
# Real mail has some dozens of fields in some kilobytes. Beyond these a header is made to exhaust whoever reads it.
HEADER_MAX = 1024 * 1024
FIELDS_MAX = 5_000
# A parameter (RFC 2045 5.1) that goes on with a field whose line before ends with a semicolon, though not indented.
_PARAMETER = re.compile(rb"[A-Za-z0-9*_-]+=\S+;?[ \t]*")
# Each mail has them once (RFC 5322 3.6): a header goes on at least to where they first are.
_LANDMARKS = {
    b"from": re.compile(rb"[^@]+@[^@]+"),
    b"date": re.compile(rb"(?:[A-Za-z]{3}, ?)?\d{1,2} [A-Za-z]{3} \d{2,4} \d{1,2}:\d\d.*", re.DOTALL),
    b"mime-version": re.compile(rb"1\.0"),
    b"message-id": re.compile(rb"<[^<>@\s]+@[^<>@\s]+>"),
}


class MessageError(ValueError):
    """A mail that the forwarder does not take apart; the text says which limit it is beyond."""


@dataclass(frozen=True)
class Field:
    """One header field: its name as written, and its lines without their ends (the first is what follows the colon).

    A line that is none, such as an mbox file's, is one without a name, whole in its lines.
    """

    name: bytes
    lines: tuple[bytes, ...]

    @property
    def key(self) -> bytes:
        return self.name.lower()

    @property
    def value(self) -> bytes:
        """The field's value, unfolded (RFC 5322 2.2.3)."""
        return b"".join(self.lines).strip(_BLANKS)

    @property
    def folded(self) -> bytes:
        """The field's value with a line feed where it was folded."""
        return b"\n".join(self.lines).strip(_BLANKS)


@dataclass(frozen=True)
class Message:
    """A mail's fields in their order, and a view of its body's bytes.

    ``ends_surely`` tells that every reader sees the header end there. ``from_lines`` counts what a reader may take for
    a From field, also beyond a doubtful end.
    """

    fields: tuple[Field, ...]
    body: memoryview
    ends_surely: bool = True
    from_lines: int = 0

    def values(self, key: bytes) -> list[bytes]:
        """Return the unfolded values of the fields of a name, given in lower case."""
        return [field.value for field in self.fields if field.key == key]


def split_message(raw: bytes) -> Message:
    """Return a mail cut at its first blank line; without one, before the first line that cannot be in a header.

    A line that is neither a field nor indented is the rest of the field before it, if the header surely goes on behind
    it. If not, some readers end the header there: so does the message that is returned, and says that it is not sure.
    Raises MessageError for a header beyond HEADER_MAX octets or FIELDS_MAX fields.
    """
    blank = re.match(rb"\r?\n", raw) or _BLANK_LINE.search(raw, 0, HEADER_MAX + 4)
    end, body = blank.span() if blank else (_header_end(raw),) * 2
    if end > HEADER_MAX:
        raise MessageError(f"the mail's header has more than {HEADER_MAX} octets: it is not forwarded, but kept")
    lines = _lines(raw[:end])
    if sum(not line.startswith(_WHITE_SPACE) for line in lines) > FIELDS_MAX:
        raise MessageError(f"the mail's header has more than {FIELDS_MAX} fields: it is not forwarded, but kept")
    sure_end = _sure_end(lines)
    fields = tuple(_fields(lines[:sure_end]))
    if sure_end < len(lines):
        body = sum(len(line.group()) for line in islice(_LINE.finditer(raw), sure_end))
    from_lines = len(_FROM_LINE.findall(raw, 0, end if blank else HEADER_MAX)) + _doubtful_rests_of_from(lines)
    return Message(fields, memoryview(raw)[body:], sure_end == len(lines), from_lines)


def _lines(header: bytes) -> list[bytes]:
    return [line.removesuffix(b"\r") for line in header.removesuffix(b"\n").split(b"\n")] if header else []


def _header_end(raw: bytes) -> int:
    """Return where the header of a mail without a blank line ends, or somewhere beyond HEADER_MAX if it is too long."""
    for line in _LINE.finditer(raw):
        if not _is_of_header(line.group()) or line.start() > HEADER_MAX:
            return line.start()
    return len(raw)


def _is_of_header(line: bytes) -> bool:
    return bool(line.startswith(_WHITE_SPACE) or _FIELD.match(line) or _MBOX_LINE.match(line))


def _sure_end(lines: list[bytes]) -> int:
    """Return how many lines are of the header for every reader: all, or those before the first doubtful one.

    Doubtful is what can be a line of text, or several lines to readers that end one at CR alone, unless a field that
    each mail has is still to come.
    """
    doubtful = [number for number in range(len(lines)) if _is_doubtful(lines, number)]
    if not doubtful:
        return len(lines)
    known = _last_landmark(lines)
    return next((number for number in doubtful if number > known), len(lines))


def _is_doubtful(lines: list[bytes], number: int) -> bool:
    line = lines[number]
    if b"\r" in line or (number == 0 and line.startswith(_WHITE_SPACE)):
        return True
    is_rest = number > 0 and lines[number - 1].rstrip().endswith(b";") and _PARAMETER.fullmatch(line)
    return not (_is_of_header(line) or is_rest)


def _doubtful_rests_of_from(lines: list[bytes]) -> int:
    """Return how many lines may be of a From field or not: those that are not indented, and those with a lone CR."""
    count = 0
    name = b""
    for line in lines:
        is_indented = line.startswith(_WHITE_SPACE)
        start = None if is_indented else _FIELD.match(line)
        name = start[1].lower() if start else name
        if name == b"from":
            count += b"\r" in line or not (start or is_indented or b":" in line)
    return count


def _last_landmark(lines: list[bytes]) -> int:
    """Return the number of the last line where one of the fields that each mail has is met first, -1 if none is."""
    first: dict[bytes, int] = {}
    for number, line in enumerate(lines):
        field = None if line.startswith(_WHITE_SPACE) else _FIELD.match(line)
        form = _LANDMARKS.get(field[1].lower()) if field else None
        if field and form:
            first.setdefault(field[1].lower(), number if form.fullmatch(field[2].strip(_BLANKS)) else -1)
    return max(first.values(), default=-1)


def _fields(lines: Iterable[bytes]) -> Iterator[Field]:
    """Yield the fields that a header's lines hold.

    A line without a colon is the rest of the field before it: software that wraps long fields and forgets to indent
    writes them so. A line whose name is none (an mbox file's, an empty name) is a field without one.
    """
    name: bytes | None = None
    parts: list[bytes] = []
    for line in lines:
        is_continued = line.startswith(_WHITE_SPACE)
        start = None if is_continued or _MBOX_LINE.match(line) else _FIELD.match(line)
        if name is not None and start is None and (is_continued or (b":" not in line and not _MBOX_LINE.match(line))):
            if line.strip():
                parts.append(line if is_continued else b" " + line)
            continue
        if name is not None:
            yield Field(name, tuple(parts))
        name, parts = (start[1], [start[2]]) if start else (b"", [line])
    if name is not None:
        yield Field(name, tuple(parts))
