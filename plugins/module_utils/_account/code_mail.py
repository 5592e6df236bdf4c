# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mail with which AWS sends the code for a new primary email: which it is, and the code in it.

Pure, standard library only. AWS documents who sends it (no-reply@verify.signin.aws, AWS Account Management Reference
Guide, "Update the root user email address") and the form of the code (six letters and digits), and not its words.
"""

from __future__ import annotations

import email
import email.message
import email.parser
import re
from email.utils import getaddresses
from html.parser import HTMLParser

# AWS sends from these and from below them.
AWS_DOMAINS = ("signin.aws", "amazon.com", "amazonaws.com", "awsapps.com")
# What SES calls itself in the Authentication-Results that it puts on top (RFC 8601 section 2.2).
_SES = "amazonses.com"
_DMARC = re.compile(r"\bdmarc\s*=\s*(\w+)(?:\s*\([^()]*\))*(?:\s+header\.from\s*=\s*([^\s;]+))?", re.IGNORECASE)

_NO_WORDS = re.compile(r"\b[a-z]+://\S+|\bwww\.\S+|[^\s@]{1,64}@\S+", re.IGNORECASE)
_LABELS = r"\b(?:code|otp|pass ?code|one[- ]time (?:password|pin))\b"
_ENDS_IN_LABEL = re.compile(_LABELS + r"(?:\s+is|\s+below)?\W*\Z", re.IGNORECASE)
_AFTER_LABEL = re.compile(
    _LABELS + r"(?:[\"'*_)]*\s*:|\s+is:?|\s+[-\u2013])[\s\"'*_(]*([a-z0-9]{6})(?![a-z0-9])", re.IGNORECASE | re.ASCII
)
_ALONE = re.compile(r"\W*([A-Za-z0-9]{6})\W*", re.ASCII)
# As words are written: in small letters, perhaps with a capital one in front.
_WORD = re.compile(r"[A-Za-z]?[a-z]+", re.ASCII)
# Within a line; every other tag begins a new one.
_INLINE = frozenset({"a", "b", "big", "code", "em", "font", "i", "mark", "small", "span", "strong", "tt", "u", "wbr"})
_NOT_SHOWN = frozenset({"script", "style", "title"})


class CodeError(ValueError):
    """A mail without a code, or with more than one; the text does not show them."""


def is_mail_of_aws(raw: bytes, recipient: str) -> bool:
    """Tell whether a stored mail is from AWS to exactly this address, as SES itself has found it to be.

    What SES found stands in the first Authentication-Results field: it puts its own on top of what a sender wrote. An
    envelope sender may be written so as to look like a result of its own, which makes two of them: that is none.
    """
    header = email.parser.BytesHeaderParser().parsebytes(raw)
    to, authors = _addresses(header, "To"), _addresses(header, "From")
    results = [str(value) for value in header.get_all("Authentication-Results", [])]
    if to != [recipient.lower()] or len(authors) != 1 or not results:
        return False
    domain = authors[0].rpartition("@")[2]
    if not any(domain == aws or domain.endswith(f".{aws}") for aws in AWS_DOMAINS):
        return False
    server, _unused, found = " ".join(results[0].split()).partition(";")
    return server.strip().lower() == _SES and [
        (result.lower(), author.lower()) for result, author in _DMARC.findall(found)
    ] == [("pass", domain)]


def _addresses(header: email.message.Message, name: str) -> list[str]:
    """Return the addresses of all fields of a name, in lower case."""
    return [address.lower() for _unused, address in getaddresses([str(value) for value in header.get_all(name, [])])]


def find_code(raw: bytes) -> str:
    """Return the code in a mail; CodeError if there is none, or no telling which of several it is.

    What stands by a label ("verification code: ...", or a line by itself below one) goes before what stands alone on a
    line, and what does not look like a word goes before what does: codes have capitals and digits anywhere.
    """
    labelled: set[str] = set()
    alone: set[str] = set()
    for text in _texts(raw):
        by_label, by_itself = _candidates(text)
        labelled |= by_label
        alone |= by_itself
    for found in (_no_words(labelled), labelled, _no_words(alone)):
        if len(found) > 1:
            raise CodeError("it holds more than one word that could be the code")
        if found:
            return found.pop()
    raise CodeError("it holds no word that could be the code")


def _no_words(candidates: set[str]) -> set[str]:
    return {candidate for candidate in candidates if not _WORD.fullmatch(candidate)}


def _candidates(text: str) -> tuple[set[str], set[str]]:
    """Return the words of a text that may be a code: those by a label, and those alone on a line."""
    lines = [line for line in (_NO_WORDS.sub(" ", line).strip() for line in text.splitlines()) if line]
    labelled: set[str] = set()
    alone: set[str] = set()
    for above, line in zip(["", *lines], lines, strict=False):
        if match := _ALONE.fullmatch(line):
            (labelled if _ENDS_IN_LABEL.search(above) else alone).add(match[1])
        for match in _AFTER_LABEL.finditer(line):
            # A sentence that goes on after a word goes on about the code: "Verification code: please enter it".
            goes_on = line[match.end() :].strip(" .,;)*")
            if not (goes_on and _WORD.fullmatch(match[1])):
                labelled.add(match[1])
    return labelled, alone


def _texts(raw: bytes) -> list[str]:
    """Return what a mail shows, part by part: its plain text, and its HTML without markup."""
    texts = []
    for part in email.message_from_bytes(raw).walk():
        kind = part.get_content_type()
        if kind not in ("text/plain", "text/html") or part.get_content_disposition() == "attachment":
            continue
        text = _decoded(part)
        texts.append(_shown(text) if kind == "text/html" else text)
    return texts


def _decoded(part: email.message.Message) -> str:
    payload = part.get_payload(decode=True)
    octets = payload if isinstance(payload, bytes) else b""
    try:
        return octets.decode(part.get_content_charset("utf-8"), "replace")
    except LookupError:
        return octets.decode("utf-8", "replace")


class _Shown(HTMLParser):
    """Gathers the text of an HTML document, each block on lines of its own."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 its signature
        self._hidden += tag in _NOT_SHOWN
        self._break(tag)

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in _NOT_SHOWN and self._hidden > 0
        self._break(tag)

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            # Line ends of the source are mere blanks.
            self.text.append(" ".join(re.split(r"\s+", data)))

    def _break(self, tag: str) -> None:
        if tag not in _INLINE:
            self.text.append("\n")


def _shown(html: str) -> str:
    parser = _Shown()
    parser.feed(html)
    parser.close()
    return "".join(parser.text)
