# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The header of a forwarded mail: from the forwarder, to the vended address, the sender's own words kept beside."""

from __future__ import annotations

from collections.abc import Iterator

from forwarder import field_rules
from forwarder.header_text import clean_name, phrase, safe_lines
from forwarder.mailboxes import Mailbox, authors, read_mailboxes
from forwarder.message import Field, Message
from forwarder.notice import Notice
from forwarder.received import without_for_clause
from forwarder.recipients import Delivery
from forwarder.settings import Settings
from forwarder.trace import line_field, plain, to_field, trace_fields

_NAME_MAX = 80
_ADDRESS_TEXT_MAX = 120


def compose_copy(
    message: Message, delivery: Delivery, notice: Notice, settings: Settings, marks: tuple[str, ...]
) -> bytes:
    """Return the copy to send for one delivery: a new header, its subject marked, and the body's bytes as they came."""
    lines = [
        line
        for field in (*_our_fields(message, delivery, notice, settings, marks), *_kept_fields(message.fields))
        for line in safe_lines(field.name, field.lines)
    ]
    return b"".join((b"\r\n".join(lines), b"\r\n\r\n", message.body))


def subject_field(message: Message, marks: tuple[str, ...]) -> Field | None:
    """Return a mail's first Subject with marks before it, each in brackets; None if it has none and there are none."""
    subject = next((field for field in message.fields if field.key == b"subject"), None)
    if not marks:
        return subject
    first, *others = subject.lines if subject else (b"",)
    marked = "".join(f" [{mark}]" for mark in marks).encode("ascii")
    return Field(b"Subject", (marked + (first if first[:1] in (b" ", b"\t") else b" " + first), *others))


def _our_fields(
    message: Message, delivery: Delivery, notice: Notice, settings: Settings, marks: tuple[str, ...]
) -> Iterator[Field]:
    yield Field(b"From", _from_lines(message, notice, settings))
    reply_to = _reply_to(message)
    if reply_to:
        yield line_field(b"Reply-To", reply_to.encode("ascii"))
    yield to_field(delivery, delivery.mailbox)
    subject = subject_field(message, marks)
    if subject:
        yield subject
    yield from trace_fields(message, delivery, notice, settings)


def _from_lines(message: Message, notice: Notice, settings: Settings) -> tuple[bytes, ...]:
    """Return ``"Name (user at host) via …" <forwarder address>``: whose mail it is, without passing for them."""
    sender = next(iter(authors(message)), Mailbox("", notice.sender))
    name = clean_name(sender.name, _NAME_MAX)
    written = clean_name(sender.address, _ADDRESS_TEXT_MAX) or "unknown sender"
    who = f"{name} ({written})" if name and name != written else written
    # Folded by the phrase itself: no name or address that was cleaned holds a line end.
    first, *others = phrase(f"{who} via {clean_name(settings.sender_name, _NAME_MAX)}").split(b"\r\n")
    own = b" <" + settings.from_address.encode("ascii") + b">"
    return (b" " + first, *others, own) if others else (b" " + first + own,)


def _reply_to(message: Message) -> str | None:
    """Return the one valid address that an answer should go to: Reply-To's, else From's, else none."""
    for key in (b"reply-to", b"from"):
        mailboxes = [one for value in message.values(key) for one in read_mailboxes(value)]
        if len(mailboxes) == 1 and (found := plain(mailboxes[0].address)):
            return found
    return None


def _kept_fields(fields: tuple[Field, ...]) -> Iterator[Field]:
    seen: set[bytes] = set()
    for field in fields:
        key = field.key
        if key in field_rules.REMOVED or key in field_rules.OURS or key.startswith(field_rules.REMOVED_PREFIXES):
            continue
        if key in field_rules.RENAMED or key.startswith(field_rules.RENAMED_PREFIXES):
            yield Field(field_rules.ORIGINAL + field.name, field.lines)
            continue
        if key in field_rules.ONCE and key in seen:
            continue
        is_ses_trace = key == b"received" and key not in seen
        yield Field(field.name, without_for_clause(field.lines)) if is_ses_trace else field
        seen.add(key)
        if key in field_rules.COPIED:
            yield Field(field_rules.ORIGINAL + field.name, field.lines)
