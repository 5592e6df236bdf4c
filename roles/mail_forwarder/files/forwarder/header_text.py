# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing header field values that any mail system accepts: no control characters, ASCII, lines of legal length."""

from __future__ import annotations

import base64
import re
import unicodedata
from email.errors import HeaderParseError
from email.header import decode_header
from itertools import groupby

from forwarder.message import field_text

# RFC 5322 2.1.1: 998 octets in a line, without its CRLF.
LINE_MAX = 998
# RFC 2047 section 2: 75 characters in an encoded word; 45 octets become 60 of base64, and the rest of it 12.
_WORD_OCTETS = 45
_FOLD = b"\r\n "
# Control characters become spaces; a tab is white space already, CR and LF are what folding is made of and ours alone.
_NO_CONTROLS = bytes(32 if (code < 32 and code != 9) or code == 127 else code for code in range(256))
# Control characters as text, a tab among them: nobody encodes one for a good reason.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
# Those among them that are 8-bit text.
_WIDE_CONTROL = re.compile("[\x80-\x9f\u2028\u2029]")
# What lenient software decodes: longer than RFC 2047 allows, with spaces and question marks in it. One that is never
# closed takes the rest, so that no value is gone through twice.
_ENCODED_WORD = re.compile(rb"=\?[!->@-~]{0,64}\?[bBqQ]\?.*?(?:\?=|\Z)")
# What joins characters into one sign in Persian, Indic scripts and emoji.
_JOINERS = "\u200c\u200d"
# In a display name these end or escape something, or make it look like another address.
_UNSAFE_IN_NAME = str.maketrans({"<": None, ">": None, '"': None, "\\": None, "@": " at "})


def encoded_words(text: str) -> bytes:
    """Return a text as RFC 2047 encoded words in UTF-8, folded; it must hold no lone surrogates."""
    words: list[bytes] = []
    chunk = b""
    for character in text:
        octets = character.encode("utf-8")
        if len(chunk) + len(octets) > _WORD_OCTETS:
            words.append(chunk)
            chunk = b""
        chunk += octets
    words.append(chunk)
    return _FOLD.join(_word(word, b"utf-8") for word in words)


def _word(octets: bytes, charset: bytes) -> bytes:
    return b"=?" + charset + b"?B?" + base64.b64encode(octets) + b"?="


def clean_name(text: str, limit: int) -> str:
    """Return a text fit to stand in a display name: no controls, invisible signs, quotes, brackets or ``@``."""
    visible = "".join(_visible(character) for character in text.translate(_UNSAFE_IN_NAME))
    words = " ".join(visible.split())
    return words if len(words) <= limit else words[: limit - 1].rstrip() + "…"


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Cc", "Zl", "Zp"):
        return " "
    return "" if category.startswith("C") and character not in _JOINERS else character


def phrase(text: str) -> bytes:
    """Return a display name as it stands before ``<address>``: a quoted string, or encoded words where it must be."""
    return b'"' + text.encode("ascii") + b'"' if text.isascii() else encoded_words(text)


def safe_lines(name: bytes, lines: tuple[bytes, ...]) -> list[bytes]:
    """Return a field's lines (the first without its name, the others with the white space they begin with) made safe.

    Nothing that was legal is changed. Control characters become spaces, 8-bit text encoded words. Only the fields of
    MIME keep 8-bit octets: an encoded word has no meaning within their parameters (RFC 2047 section 5).
    """
    cleaned = _decodable([line.translate(_NO_CONTROLS) for line in lines])
    if not all(line.isascii() for line in cleaned) and not name.lower().startswith(b"content-"):
        cleaned = _ascii(b"".join(cleaned)).split(b"\r\n")
    legal = [piece for line in [name + b":" + cleaned[0], *cleaned[1:]] for piece in _short(line, len(name) + 2)]
    return [legal[0], *(line for line in legal[1:] if line.strip())]


def _decodable(lines: list[bytes]) -> list[bytes]:
    """Return a field's lines, those of a single one if an encoded word in them decoded to control characters."""
    value = b"".join(lines)
    safe = _ENCODED_WORD.sub(_without_controls, value)
    return lines if safe == value else safe.split(b"\r\n")


def _without_controls(word: re.Match[bytes]) -> bytes:
    """Return an encoded word as it is, unless it decodes to control characters: then those are spaces."""
    if not word[0].endswith(b"?="):
        return word[0]
    try:
        ((octets, charset),) = decode_header(word[0].decode("ascii"))
    except (HeaderParseError, ValueError):
        # It cannot be decoded, and shall not be by software that tries harder.
        return word[0].replace(b"=?", b"= ?")
    try:
        text = octets.decode(str(charset))
    except (LookupError, ValueError):
        # Half of a character, or of a charset that nobody here knows.
        cleaned = octets.translate(_NO_CONTROLS)
        return word[0] if cleaned == octets else _word(cleaned, str(charset).encode("ascii", "replace"))
    return encoded_words(_CONTROL.sub(" ", text)) if _CONTROL.search(text) else word[0]


def _ascii(value: bytes) -> bytes:
    """Return a value whose words of 8-bit octets are encoded; neighbours with the space between them (RFC 2047 6.2)."""
    pieces = re.split(r"([ \t]+)", _WIDE_CONTROL.sub(" ", field_text(value)))
    words = [(piece, not piece.isascii()) for piece in pieces if piece]
    for index in range(1, len(words) - 1):
        if words[index][0].isspace() and words[index - 1][1] and words[index + 1][1]:
            words[index] = (words[index][0], True)
    written: list[bytes] = []
    for is_encoded, run in groupby(words, key=lambda word: word[1]):
        text = "".join(piece for piece, _unused in run)
        written.append(encoded_words(text) if is_encoded else text.encode("ascii"))
    return b"".join(written)


def _short(line: bytes, start: int) -> list[bytes]:
    """Return a line, folded where it is beyond LINE_MAX: at white space, else after ``;`` or ``,``, else anywhere."""
    if len(line) <= LINE_MAX:
        return [line]
    line = re.sub(rb"[ \t]+", b" ", line).rstrip()
    pieces: list[bytes] = []
    begin = 0
    while len(line) - begin >= LINE_MAX:
        end = begin + LINE_MAX - 1
        cut = line.rfind(b" ", begin + start, end)
        if cut < 0:
            cut = max(line.rfind(b";", begin + start, end), line.rfind(b",", begin + start, end)) + 1 or end
        pieces.append(line[begin:cut])
        begin, start = cut, 1
    pieces.append(line[begin:])
    return [pieces[0], *(b" " + piece.lstrip() for piece in pieces[1:])]
