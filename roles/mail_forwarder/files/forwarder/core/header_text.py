# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing header field values that any mail system accepts: no control characters, ASCII, lines of legal length."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import groupby

from ansible_collections.account_factory.email.plugins.module_utils._charsets import raw_text
from ansible_collections.account_factory.email.plugins.module_utils._encoded_words import (
    Word,
    decode_value,
    encode_octets,
    encode_text,
    split_words,
)
from forwarder.core import field_rules

# RFC 5322 2.1.1: 998 octets in a line, without its CRLF.
LINE_MAX = 998
# Control characters become spaces; a tab is white space already, CR and LF are what folding is made of and ours alone.
_NO_CONTROLS = bytes(32 if (code < 32 and code != 9) or code == 127 else code for code in range(256))
# Control characters as text, a tab among them: nobody encodes one for a good reason.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
# The 8-bit control characters of ISO 8859. In ISO-2022 they are none: its octets have seven bits.
_C1 = re.compile(rb"[\x80-\x9f]")
# A value beyond this is no text for people: it is not encoded word by word, which would make it many times as long.
_LONG = 16_384
# Words within words that a reader may decode one after the other; nobody writes any.
_NESTED_MAX = 4
_SPACES = re.compile(rb"([ \t]+)")
_SPACES_AND_COMMENTS = re.compile(rb"([ \t]+|[()])")
# What joins characters into one sign in Persian, Indic scripts and emoji.
_JOINERS = "\u200c\u200d"
# In a display name these end or escape something, or make it look like another address.
_UNSAFE_IN_NAME = str.maketrans({"<": None, ">": None, '"': None, "\\": None, "@": " at "})


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
    return b'"' + text.encode("ascii") + b'"' if text.isascii() else encode_text(text)


def safe_lines(name: bytes, lines: tuple[bytes, ...]) -> list[bytes]:
    """Return a field's lines (the first without its name, the others with the white space they begin with) made safe.

    Nothing that was legal is changed. Control characters become spaces, 8-bit text encoded words. Only the fields of
    MIME keep 8-bit octets: an encoded word has no meaning within their parameters (RFC 2047 section 5).
    """
    cleaned = [line.translate(_NO_CONTROLS) for line in lines]
    value = b"".join(cleaned)
    key = name.lower()
    if key.startswith(b"content-"):
        words = (_harmless(piece) if isinstance(piece, Word) else piece for piece in split_words(value))
        rewritten = _decoding_to_no_controls(b"".join(words))
    else:
        rewritten = _decoding_to_no_controls(_ascii(value, is_structured=field_rules.is_structured(key)))
    if rewritten != value:
        cleaned = rewritten.split(b"\r\n")
    legal = [piece for line in [name + b":" + cleaned[0], *cleaned[1:]] for piece in _short(line, len(name) + 2)]
    return [legal[0], *(line for line in legal[1:] if line.strip())]


def _ascii(value: bytes, *, is_structured: bool) -> bytes:
    """Return a value whose words of 8-bit octets are encoded, and whose encoded words decode to no control characters.

    Between two encoded words white space is none of the text (RFC 2047 6.2): what stands between one of ours and
    another is encoded with ours. In structured fields a comment keeps its parentheses (RFC 2047 5).
    """
    if value.isascii() and b"=?" not in value:
        return value
    separators = _SPACES_AND_COMMENTS if is_structured else _SPACES
    tokens = list(_tokens(value, separators if len(value) <= _LONG else None))
    for index in range(1, len(tokens) - 1):
        token, around = tokens[index], (tokens[index - 1], tokens[index + 1])
        is_encoded = [isinstance(one, str | Word) for one in around]
        if isinstance(token, bytes) and token.isspace() and all(is_encoded) and any(isinstance(o, str) for o in around):
            tokens[index] = token.decode("ascii")
    written: list[bytes] = []
    last: type = bytes
    for kind, run in groupby(tokens, key=type):
        if bytes not in (kind, last):
            written.append(b" ")
        pieces = list(run)
        written += [encode_text("".join(map(str, pieces)))] if kind is str else map(_harmless, pieces)
        last = kind
    return b"".join(written)


def _tokens(value: bytes, separators: re.Pattern[bytes] | None) -> Iterator[str | Word | bytes]:
    """Yield a value's pieces: 8-bit words as text, encoded words, and other words and what parts them as they are."""
    for piece in split_words(value):
        if isinstance(piece, Word):
            yield piece
            continue
        for word in separators.split(piece) if separators else [piece]:
            text = "" if word.isascii() else _CONTROL.sub(" ", raw_text(word))
            if word:
                yield text if not text.isascii() else text.encode("ascii") or word


def _harmless(token: str | Word | bytes) -> bytes:
    """Return a piece of a field as it is, unless it is an encoded word with octets that no header may have."""
    if not isinstance(token, Word):
        assert isinstance(token, bytes), "8-bit text is encoded elsewhere"
        return token
    text = token.text
    if text is None:
        # Nobody here knows the charset. What its octets stand for cannot be told, but those are no line ends.
        cleaned = token.octets.translate(_NO_CONTROLS)
        is_as_it_was = cleaned == token.octets and token.written.isascii()
        return token.written if is_as_it_was else encode_octets(cleaned, token.charset.encode("ascii"))
    # What is windows-1252 to mail programs has control characters for whoever takes the charset at its word.
    has_controls = _CONTROL.search(text) or (token.charset.lower().startswith("iso") and _C1.search(token.octets))
    return encode_text(_CONTROL.sub(" ", text)) if has_controls or not token.written.isascii() else token.written


def _decoding_to_no_controls(value: bytes) -> bytes:
    """Return a value as it is, unless decoding it again and again, as some software does, gives control characters."""
    if b"=?" not in value:
        return value
    text = decode_value(value.replace(b"\r\n", b""))
    for _time in range(_NESTED_MAX):
        again = decode_value(text.encode("utf-8"))
        if again == text or "=?" not in text:
            return value
        text = again
        if _CONTROL.search(text):
            break
    lead = value[: len(value) - len(value.lstrip(b" \t"))]
    return lead + encode_text(_CONTROL.sub(" ", text).replace("=?", "= ?").strip())


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
