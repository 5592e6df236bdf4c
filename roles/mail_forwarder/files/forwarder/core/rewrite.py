# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The header of a forwarded mail: from the forwarder, to the vended address, the sender's own words kept beside."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.account_factory.email.plugins.module_utils._message import Field, Message
from forwarder.core import field_rules
from forwarder.core.authors import Authors
from forwarder.core.header_text import clean_name, phrase, safe_lines
from forwarder.core.mail import About
from forwarder.core.mailboxes import Mailbox, read_mailboxes
from forwarder.core.received import without_for_clause
from forwarder.core.trace import line_field, plain, to_field, trace_fields

_NAME_MAX = 80
_ADDRESS_TEXT_MAX = 120
# Beyond so many addresses nobody means an answer.
_REPLY_TO_MAX = 50


def compose_copy(about: About, marks: tuple[str, ...]) -> bytes:
    """Return the copy to send for one delivery: a new header, its subject marked, and the body's bytes as they came."""
    message = about.mail.message
    lines = [
        line
        for field in (*_our_fields(about, marks), *_kept_fields(message.fields))
        for line in safe_lines(field.name, field.lines)
    ]
    return b"".join((b"\r\n".join(lines), b"\r\n\r\n", message.body))


def subject_field(message: Message, marks: tuple[str, ...], otherwise: Field | None = None) -> Field | None:
    """Return a mail's first Subject with marks before it, each in brackets; None if it has none and there are none.

    ``otherwise`` takes the place of a Subject that is not there.
    """
    subject = next((field for field in message.fields if field.key == b"subject"), otherwise)
    if not marks:
        return subject
    first, *others = subject.lines if subject else (b"",)
    marked = "".join(f" [{mark}]" for mark in marks).encode("ascii")
    return Field(b"Subject", (marked + (first if first[:1] in (b" ", b"\t") else b" " + first), *others))


def _our_fields(about: About, marks: tuple[str, ...]) -> Iterator[Field]:
    message, authors = about.mail.message, about.mail.authors
    yield Field(b"From", _from_lines(authors, about))
    reply_to = _reply_to(message, authors)
    if reply_to:
        yield line_field(b"Reply-To", ", ".join(reply_to).encode("ascii"))
    yield to_field(about.delivery, about.delivery.mailbox)
    subject = subject_field(message, marks)
    if subject:
        yield subject
    yield from trace_fields(about)


def _from_lines(authors: Authors, about: About) -> tuple[bytes, ...]:
    """Return ``"Name (user at host) via …" <forwarder address>``: whose mail it is, without passing for them."""
    sender = next(iter((*authors.mailboxes, *authors.named)), Mailbox("", ""))
    name = clean_name(sender.name, _NAME_MAX)
    written = clean_name(sender.address or about.notice.sender, _ADDRESS_TEXT_MAX) or "unknown sender"
    who = f"{name} ({written})" if name and name != written else written
    # Folded by the phrase itself: no name or address that was cleaned holds a line end.
    first, *others = phrase(f"{who} via {clean_name(about.settings.sender_name, _NAME_MAX)}").split(b"\r\n")
    own = b" <" + about.settings.from_address.encode("ascii") + b">"
    return (b" " + first, *others, own) if others else (b" " + first + own,)


def _reply_to(message: Message, authors: Authors) -> list[str]:
    """Return the valid addresses that an answer should go to: Reply-To's (RFC 5322 3.6.2), else From's only one."""
    fields = message.values(b"reply-to")
    found = [plain(mailbox.address) for value in fields[:1] for mailbox in read_mailboxes(value)[:_REPLY_TO_MAX]]
    valid = list({one.lower(): one for one in found if one}.values())
    if len(fields) == 1 and valid:
        return valid
    only = plain(authors.addresses[0]) if len(authors.addresses) == 1 else None
    return [only] if only else []


def _kept_fields(fields: tuple[Field, ...]) -> Iterator[Field]:
    """Yield the fields that stay, those under another name that only people should read, and lines that are none."""
    seen: set[bytes] = set()
    for field in fields:
        key = field.key
        if not key:
            yield Field(field_rules.ORIGINAL_LINE, (b" " + field.lines[0], *field.lines[1:]))
        elif field_rules.is_removed(key):
            continue
        elif key in field_rules.RENAMED or key.startswith(field_rules.RENAMED_PREFIXES):
            yield Field(field_rules.ORIGINAL + field.name, field.lines)
        elif key in field_rules.ONCE and key in seen:
            yield Field(field_rules.REPEATED + field.name, field.lines)
        elif key != b"subject":
            yield Field(field.name, without_for_clause(field.lines)) if _is_ses_trace(key, seen) else field
            if key in field_rules.COPIED:
                yield Field(field_rules.ORIGINAL + field.name, field.lines)
        seen.add(key)


def _is_ses_trace(key: bytes, seen: set[bytes]) -> bool:
    return key == b"received" and key not in seen
