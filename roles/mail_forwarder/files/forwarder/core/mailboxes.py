# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading the mailboxes of an address field (RFC 5322 3.4, with the obsolete forms of 4.4), whatever stands there.

The reader is in one of the states of State; each character is read once, in the state that those before it led to. It
never fails: it reads on as most mail programs do, and notes a doubt wherever one of them might read otherwise. Without
a doubt, each reader that follows RFC 5322 finds the same addresses.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from enum import Enum

from ansible_collections.account_factory.email.plugins.module_utils._encoded_words import decode_value

# Beyond this an address field has said what it has to say.
FIELD_MAX = 16_384
_NAME_MAX = 1_024
# Comments within comments: nobody needs so many, and some readers give up.
_DEPTH_MAX = 8
_TOKEN = re.compile(
    r'=\?[^?\s]+\?[bq]\?[^?\s]*\?=|"(?:[^"\\]|\\.)*"|\\.|["\\()<>,;:=]|(?:[^"\\()<>,;:=]|=(?!\?))+',
    re.DOTALL | re.IGNORECASE,
)
# Quotes mean nothing within a comment (RFC 5322 3.2.2).
_COMMENT_TOKEN = re.compile(r"\\.|[\\()]|[^\\()]+", re.DOTALL)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"?', re.DOTALL)
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\x80-\xff-]+"
_LABEL = r"[A-Za-z0-9\x80-\xff](?:[A-Za-z0-9_\x80-\xff-]*[A-Za-z0-9\x80-\xff])?"
# RFC 5322 3.4.1, of whose forms every reader knows this one: a dot-atom at a host name, in UTF-8 (RFC 6532).
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*")
# A phrase of words, as it is written in practice: dots and control characters are RFC 5322 4.1's, 8-bit text is RFC
# 6532's, and a comma, or a square bracket where nothing is quoted, stands in a name that nobody quoted (Doe, John).
_WORD_SIGNS = r"A-Za-z0-9!#$%&'*+/=?^_`{|}~.,\x00-\x09\x0b\x0c\x0e-\x20\x7f-\xff-"
_PHRASE = re.compile(rf"""(?:[{_WORD_SIGNS}]|"(?:[^"\\]|\\["\\])*")*|[\[\]{_WORD_SIGNS}]*""")
_COMMENT = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~. \t\x80-\xff()-]*")
# An encoded word that no white space parts from its neighbours is one to some readers only (RFC 2047 5).
_ENCODED_WORDS = re.compile(r"(?:=\?[a-z0-9_.:*-]+\?[bq]\?[^?\s\"\\]*\?=)+", re.IGNORECASE)
_BESIDE_A_WORD = frozenset(' \t"')
_ADDRESS_IN_TEXT = re.compile(r"[^\s@<>\"(),:;]+@[\w-]+(?:\.[\w-]+)+")


class State(Enum):
    """Where in a mailbox the reader is."""

    PHRASE = "the display name, or an address without brackets"
    ANGLE = "between < and >"
    AFTER = "behind the >, before the next mailbox"
    COMMENT = "in a comment, which may hold others"


@dataclass(frozen=True)
class Mailbox:
    """A display name (decoded, possibly empty) and an address as it was written (possibly not a valid one)."""

    name: str
    address: str


@dataclass(frozen=True)
class AddressList:
    """The mailboxes of a field in their order, those that are only named, and whether any reader could differ.

    ``named`` are the ones in brackets without a domain, such as ``Mail Delivery System <MAILER-DAEMON>``.
    """

    mailboxes: tuple[Mailbox, ...]
    named: tuple[Mailbox, ...]
    is_certain: bool


@dataclass
class _Reader:
    """What was read since the last mailbox. ``outside`` is the state that a comment interrupts."""

    state: State = State.PHRASE
    outside: State = State.PHRASE
    depth: int = 0
    phrase: str = ""
    comment: str = ""
    angle: str = ""
    has_angle: bool = False
    is_certain: bool = True
    mailboxes: list[Mailbox] = field(default_factory=list)
    named: list[Mailbox] = field(default_factory=list)

    def read(self, text: str) -> None:
        position = 0
        while position < len(text):
            pattern = _COMMENT_TOKEN if self.state is State.COMMENT else _TOKEN
            token = pattern.match(text, position)
            assert token is not None, "each pattern matches any character"
            if "\n" in token[0]:
                # Some readers end a quoted string, a comment or an address there.
                self.is_certain &= self.state in (State.PHRASE, State.AFTER) and not token[0].startswith('"')
            if taken := token[0].replace("\n", ""):
                _STEPS[self.state](self, taken)
            position = token.end()
        self.is_certain &= self.state in (State.PHRASE, State.AFTER)
        self.finish()

    def in_comment(self, token: str) -> None:
        self.depth += {"(": 1, ")": -1}.get(token, 0)
        self.is_certain &= self.depth <= _DEPTH_MAX
        if self.depth:
            self.comment += token
        else:
            self.state = self.outside

    def in_phrase(self, token: str) -> None:
        if token == "(":
            self.begin_comment()
        elif token == "<":
            self.state, self.has_angle = State.ANGLE, True
        elif token in (",", ";"):
            self.separate(token)
        elif token == ":":
            # The name of a group (RFC 5322 3.4).
            self.is_certain = False
            self.phrase = ""
        elif token in (">", ")"):
            self.is_certain = False
        else:
            self.phrase += token

    def in_angle(self, token: str) -> None:
        if token == ">":
            self.state = State.AFTER
        elif token == "(":
            self.is_certain = False
            self.begin_comment()
        elif token == "<":
            self.is_certain = False
            self.phrase += self.angle
            self.angle = ""
        elif token == ":":
            # A source route (RFC 5322 4.4): only what follows it is the address.
            self.is_certain = False
            self.angle = ""
        else:
            self.angle += token

    def after(self, token: str) -> None:
        if token == "<":
            self.is_certain = False
            self.finish()
        elif not (token.isspace() or token in ("(", ",")):
            self.is_certain = False
        self.in_phrase(token)

    def begin_comment(self) -> None:
        if self.state is not State.ANGLE:
            # A comment parts words as white space does.
            self.phrase += " "
        self.outside, self.state, self.depth = self.state, State.COMMENT, 1
        self.comment += " " if self.comment else ""

    def separate(self, separator: str) -> None:
        """End a mailbox, unless what stands before the comma is half of a name that nobody quoted (Doe, John)."""
        self.is_certain &= separator == "," and bool(self.phrase.strip() or self.has_angle)
        if not self.has_angle and "@" not in self.phrase and separator == ",":
            self.phrase += ", " if self.phrase.strip() else ""
        else:
            self.finish()

    def finish(self) -> None:
        address = self.angle if self.has_angle else self.phrase
        name = self.phrase if self.has_angle else self.comment
        found = Mailbox(_display_name(name), decode_value(_octets(address)).strip())
        self.is_certain &= _COMMENT.fullmatch(self.comment) is not None
        if "@" in address:
            self.is_certain &= _is_plain_address(address if self.has_angle else address.strip(" \t"))
            self.is_certain &= not self.has_angle or _is_plain_name(self.phrase, address)
            self.mailboxes.append(found)
        else:
            self.is_certain &= _is_plain_name(f"{self.phrase}{self.angle}", "")
            if self.has_angle:
                self.named.append(found)
        self.phrase, self.comment, self.angle, self.has_angle = "", "", "", False
        self.state = State.PHRASE


_STEPS = {
    State.PHRASE: _Reader.in_phrase,
    State.ANGLE: _Reader.in_angle,
    State.AFTER: _Reader.after,
    State.COMMENT: _Reader.in_comment,
}


def read_addresses(value: bytes) -> AddressList:
    """Return what an address field holds, as far as FIELD_MAX octets of it; beyond them is a doubt too.

    Its value is unfolded, but for a line feed where a fold was, if the caller knows.
    """
    text = value[:FIELD_MAX].decode("latin-1")
    reader = _Reader()
    reader.read(text)
    return AddressList(tuple(reader.mailboxes), tuple(reader.named), reader.is_certain and len(value) <= FIELD_MAX)


def read_mailboxes(value: bytes) -> tuple[Mailbox, ...]:
    """Return the mailboxes of an unfolded address field, in their order; what holds no ``@`` is none."""
    return read_addresses(value).mailboxes


def _is_plain_address(address: str) -> bool:
    """Return whether each reader takes an address for the same one; other forms of a letter or a dot are mapped by some
    (RFC 5895)."""
    if "=?" in address or not _ADDRESS.fullmatch(address):
        return False
    try:
        text = _octets(address).decode("utf-8")
    except UnicodeDecodeError:
        return False
    return unicodedata.normalize("NFKC", text) == text and all(
        unicodedata.category(sign)[0] in "LMN" for sign in text if not sign.isascii()
    )


def _is_plain_name(phrase: str, address: str) -> bool:
    """Return whether nobody can take a phrase for anything but the name of this address.

    Some mail programs decode encoded words before they look for addresses.
    """
    if not _PHRASE.fullmatch(phrase):
        return False
    for words in _ENCODED_WORDS.finditer(phrase):
        neighbours = phrase[max(0, words.start() - 1) : words.start()] + phrase[words.end() : words.end() + 1]
        if not _BESIDE_A_WORD.issuperset(neighbours):
            return False
    if "=?" not in phrase:
        return True
    if "=?" in _ENCODED_WORDS.sub("", phrase):
        return False
    decoded = decode_value(_octets(phrase))
    others = {found.lower() for found in _ADDRESS_IN_TEXT.findall(decoded)} - {address.lower()}
    return not others and not any(sign in decoded for sign in "<>")


def _display_name(phrase: str) -> str:
    unquoted = _QUOTED.sub(lambda quoted: re.sub(r"\\(.)", r"\1", quoted[1]), phrase[:_NAME_MAX])
    return " ".join(decode_value(_octets(unquoted)).split())


def _octets(text: str) -> bytes:
    return text.encode("latin-1")
