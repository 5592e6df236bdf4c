# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Encoded words (RFC 2047): read as mail clients read them, broken ones too, and written.

No reader here fails, and each goes through a value once.

Pure, standard library only: the forwarder's code package carries a copy of this file under the same import path.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ansible_collections.account_factory.email.plugins.module_utils._charsets import decoder, raw_text

# RFC 2047 section 2: 75 characters in an encoded word; 45 octets become 60 of base64, and the rest of it 12.
_WORD_OCTETS = 45
_FOLD = b"\r\n "
# What lenient software decodes: longer than RFC 2047 allows, with spaces and question marks in it. One that is never
# closed takes the rest, so that no value is gone through twice.
_WORD = re.compile(rb"=\?([!->@-~]{0,64})\?([bBqQ])\?(.*?)(\?=|\Z)", re.DOTALL)
_ESCAPE = re.compile(rb"=([0-9A-Fa-f]{2})")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=]+")


@dataclass(frozen=True)
class Word:
    """An encoded word: as it is written, the name of its character set, and its octets in that."""

    written: bytes
    charset: str
    octets: bytes

    @property
    def text(self) -> str | None:
        """The word's text; None where nobody knows its character set."""
        decode = decoder(self.charset)
        return None if decode is None else decode(self.octets)


def split_words(value: bytes) -> Iterator[bytes | Word]:
    """Yield the pieces of an unfolded value in their order: encoded words, and what stands between them."""
    end = 0
    for found in _WORD.finditer(value):
        if not found[4]:
            break
        if found.start() > end:
            yield value[end : found.start()]
        octets = _from_base64(found[3]) if found[2] in b"bB" else _from_quoted(found[3])
        yield Word(found[0], found[1].decode("ascii"), octets)
        end = found.end()
    if end < len(value):
        yield value[end:]


def decode_value(value: bytes) -> str:
    """Return an unfolded value as a mail client shows it.

    Neighbouring words of one character set are one text, also where a character was cut between them. A word in a
    character set that nobody knows is read as far as its octets are ASCII.
    """
    shown: list[str] = []
    run = bytearray()
    charset = space = None
    for piece in split_words(value):
        if isinstance(piece, Word):
            if piece.charset.lower() != charset:
                shown.append(_known_text(charset, run))
                run = bytearray()
            charset, space = piece.charset.lower(), None
            run += piece.octets
        elif charset is None or piece.strip(b" \t"):
            shown += [_known_text(charset, run), raw_text(piece)]
            charset, run = None, bytearray()
        else:
            # White space between two encoded words is none of the text (RFC 2047 6.2).
            space = piece.decode("ascii")
    return "".join([*shown, _known_text(charset, run), space or ""])


def encode_text(text: str) -> bytes:
    """Return a text as encoded words in UTF-8, folded; it must hold no lone surrogates."""
    octets = text.encode("utf-8")
    words: list[bytes] = []
    begin = 0
    while begin < len(octets) or not words:
        end = begin + _WORD_OCTETS
        # RFC 2047 section 5: no character is cut.
        while end < len(octets) and octets[end] & 0xC0 == 0x80:
            end -= 1
        words.append(encode_octets(octets[begin:end], b"utf-8"))
        begin = end
    return _FOLD.join(words)


def encode_octets(octets: bytes, charset: bytes) -> bytes:
    """Return octets of a character set as one encoded word, however long."""
    return b"=?" + charset + b"?B?" + base64.b64encode(octets) + b"?="


def _known_text(charset: str | None, octets: bytearray) -> str:
    decode = decoder(charset or "")
    return octets.decode("ascii", "replace") if decode is None else decode(bytes(octets))


def _from_quoted(content: bytes) -> bytes:
    """Return what the encoding Q (RFC 2047 4.2) stands for; what is none of it stands for itself."""
    return _ESCAPE.sub(lambda found: binascii.unhexlify(found[1]), content.replace(b"_", b" "))


def _from_base64(content: bytes) -> bytes:
    """Return what base64 stands for, as much as there is of it: its end may be missing, or stand more than once."""
    made = []
    for run in re.split(rb"=+", _NOT_BASE64.sub(b"", content)):
        whole = run if len(run) % 4 != 1 else run[:-1]
        made.append(base64.b64decode(whole + b"=" * (-len(whole) % 4)))
    return b"".join(made)
