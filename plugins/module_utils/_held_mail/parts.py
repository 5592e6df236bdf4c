# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The MIME parts of a mail (RFC 2045, 2046), whoever wrote it: what each says that it is, and how large it is.

Python's email package keeps a mail in objects line by line, and calls itself for each level of parts: a mail of 40 MB
can be written so that it takes gigabytes, or does not come to an end. Here a mail is gone through once, as it lies in
memory, and the package reads single fields only.

Pure, standard library only.
"""

from __future__ import annotations

import binascii
import email.message
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ansible_collections.account_factory.email.plugins.module_utils._charsets import decoder
from ansible_collections.account_factory.email.plugins.module_utils._encoded_words import decode_value
from ansible_collections.account_factory.email.plugins.module_utils._message import (
    Field,
    Message,
    MessageError,
    split_message,
)

# Nobody packs a mail into more levels; what lies deeper is content of the part that holds it.
DEPTH_MAX = 20
# What is read of the header of a part, and of one field of it.
_HEADER_MAX = 65_536
_FIELD_MAX = 4_096
_MIME_FIELDS = (b"content-type", b"content-disposition", b"content-transfer-encoding")
# RFC 2046 section 5.2.1, RFC 6532 section 3.7: a mail within a mail. No such part has an encoding.
_MESSAGE_TYPES = ("message/rfc822", "message/global")
_AS_IT_IS = ("", "7bit", "8bit", "binary")
_NOT_BASE64 = bytes(
    octet for octet in range(256) if octet not in b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
)


@dataclass(frozen=True)
class Part:
    """One part: what its header says, in the words of whoever wrote it, and how deep it lies in others.

    ``size`` is that of its decoded content in octets; None for a part that holds others.
    """

    content_type: str
    disposition: str | None
    filename: str | None
    depth: int
    size: int | None = None


@dataclass(frozen=True)
class _Begun:
    """A part whose header was read: its fields, where its content begins, and how deep it lies."""

    fields: tuple[Field, ...]
    begin: int
    depth: int


@dataclass(frozen=True)
class _Multipart:
    """A multipart that has not ended yet: what its parts are parted by, and how deep they lie."""

    boundary: bytes
    depth: int


@dataclass(frozen=True)
class _Delimiter:
    """A line between parts: where the content before it ends, and where what is behind it begins.

    ``level`` is how many multiparts are still open behind it; ``is_last`` tells that it ends the one it belongs to.
    """

    end: int
    begin: int
    level: int
    is_last: bool


def find_parts(raw: bytes, message: Message) -> Iterator[Part]:
    """Yield the parts of a mail in their order: the mail itself, and each that holds others before these.

    The mail is gone through no further than for what is asked of the iterator.
    """
    begun: _Begun | None = _Begun(message.fields, len(raw) - len(message.body), 0)
    opened: list[_Multipart] = []
    while begun:
        header = _mime_header(begun.fields)
        holds_any = begun.depth < DEPTH_MAX
        if holds_any and _is_message(header):
            yield _part(header, begun.depth)
            begun = _begin_part(raw, begun.begin, opened, begun.depth + 1)
            continue
        boundary = _boundary(header) if holds_any else b""
        if boundary:
            opened = [*opened, _Multipart(boundary, begun.depth + 1)]
        found = _next_delimiter(raw, begun.begin, opened)
        end = found.end if found else len(raw)
        yield _part(header, begun.depth, None if boundary else _decoded_size(raw, begun.begin, end, header))
        while found and found.is_last:
            opened = opened[: found.level]
            found = _next_delimiter(raw, found.begin, opened)
        opened = opened[: found.level] if found else []
        begun = _begin_part(raw, found.begin, opened, opened[-1].depth) if found else None


def _next_delimiter(
    raw: bytes, begin: int, opened: Sequence[_Multipart], until: int | None = None
) -> _Delimiter | None:
    """Return the next line that parts one of the open multiparts, None where there is none (RFC 2046 section 5.1.1)."""
    if not opened:
        return None
    boundaries = b"|".join(re.escape(one.boundary) for one in reversed(opened))
    delimiter = re.compile(rb"\n--(" + boundaries + rb")(--)?[ \t]*\r?(?:\n|\Z)")
    # The line end before such a line belongs to it, so the one before the content may, too.
    found = delimiter.search(raw, max(begin - 1, 0), len(raw) if until is None else until)
    if found is None:
        return None
    end = found.start() - (raw[found.start() - 1 : found.start()] == b"\r")
    level = max(number for number, one in enumerate(opened, 1) if one.boundary == found[1])
    is_last = found[2] is not None
    return _Delimiter(max(end, begin), found.end(), level - is_last, is_last)


def _begin_part(raw: bytes, begin: int, opened: Sequence[_Multipart], depth: int) -> _Begun:
    """Return the part whose header begins there; the header ends before a line that parts an open multipart."""
    until = min(begin + _HEADER_MAX, len(raw))
    cut = _next_delimiter(raw, begin, opened, until)
    header = raw[begin : cut.end if cut else until]
    try:
        message = split_message(header)
    except MessageError:
        return _Begun((), begin, depth)
    return _Begun(message.fields, begin + len(header) - len(message.body), depth)


def _mime_header(fields: Sequence[Field]) -> email.message.Message:
    """Return the fields that say what a part is, the first of each name; octets that are not ASCII as Latin-1."""
    header = email.message.Message()
    for field in fields:
        name = field.key.decode("ascii", "replace")
        if field.key in _MIME_FIELDS and name not in header:
            header[name] = field.value[:_FIELD_MAX].decode("latin-1")
    return header


def _part(header: email.message.Message, depth: int, size: int | None = None) -> Part:
    filename = _parameter(header, "filename", "content-disposition") or _parameter(header, "name", "content-type")
    return Part(header.get_content_type(), header.get_content_disposition(), filename, depth, size)


def _parameter(header: email.message.Message, name: str, field: str) -> str | None:
    """Return a parameter of a field as mail programs read it: encoded by RFC 2231, or against it by RFC 2047."""
    value = header.get_param(name, header=field)
    if value is None:
        return None
    if isinstance(value, tuple):
        charset, _language, text = value
        decode = decoder(charset or "utf-8") or (lambda octets: octets.decode("ascii", "replace"))
        return decode(text.encode("latin-1", "replace"))
    return decode_value(str(value).encode("latin-1", "replace"))


def _boundary(header: email.message.Message) -> bytes:
    """Return the boundary of a multipart; nothing of what is none, or does not say how its parts are parted."""
    if header.get_content_maintype() != "multipart":
        return b""
    boundary = header.get_param("boundary")
    text = boundary[2] if isinstance(boundary, tuple) else boundary
    return str(text or "").encode("latin-1", "replace").rstrip()


def _is_message(header: email.message.Message) -> bool:
    return header.get_content_type() in _MESSAGE_TYPES and _encoding(header) in _AS_IT_IS


def _encoding(header: email.message.Message) -> str:
    return str(header.get("content-transfer-encoding", "")).partition(";")[0].strip().lower()


def _decoded_size(raw: bytes, begin: int, end: int, header: email.message.Message) -> int:
    """Return how many octets a content has, decoded (RFC 2045 section 6); what is no base64 in it is ignored."""
    encoding = _encoding(header)
    if encoding == "base64":
        return len(raw[begin:end].translate(None, _NOT_BASE64)) * 3 // 4
    if encoding == "quoted-printable":
        return len(binascii.a2b_qp(raw[begin:end]))
    return end - begin
