# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The header of a forwarded mail: from the forwarder, to the vended address, the sender's own words kept beside."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ansible_collections.account_factory.email.plugins.module_utils._map import address
from forwarder import field_rules
from forwarder.header_text import clean_name, phrase, safe_lines
from forwarder.loops import LOOP_FIELD
from forwarder.mailboxes import Mailbox, read_mailboxes
from forwarder.message import Field, Message
from forwarder.notice import Notice, Verdicts
from forwarder.recipients import Delivery
from forwarder.settings import Settings

_NAME_MAX = 80
_ADDRESS_TEXT_MAX = 120
# The clause of a trace field that names a recipient (RFC 5321 section 4.4).
_FOR_CLAUSE = re.compile(rb"(?<!\s)\s+for\s+[^\s;]+(?=\s*;)", re.IGNORECASE)
_NOT_VERDICT = re.compile(r"[^A-Za-z0-9_-]")


def compose(message: Message, delivery: Delivery, notice: Notice, settings: Settings) -> bytes:
    """Return the mail to send for one delivery: a new header, and the body's bytes as they came."""
    lines = [
        line
        for field in (*_our_fields(message, delivery, notice, settings), *_kept_fields(message.fields))
        for line in safe_lines(field.name, field.lines)
    ]
    return b"".join((b"\r\n".join(lines), b"\r\n\r\n", message.body))


def _our_fields(message: Message, delivery: Delivery, notice: Notice, settings: Settings) -> Iterator[Field]:
    yield Field(b"From", _from_lines(message, notice, settings))
    reply_to = _reply_to(message)
    if reply_to:
        yield _field(b"Reply-To", reply_to.encode("ascii"))
    yield _field(b"To", (_plain(delivery.address) or delivery.mailbox).encode("ascii"))
    yield _field(b"X-Forwarder-Recipient", delivery.recipient.encode("utf-8", "replace"))
    yield _field(b"X-Forwarder-Reason", delivery.reason.encode("ascii"))
    yield _field(b"X-Forwarder-Verdicts", _verdicts_value(notice.verdicts))
    yield _field(b"X-Forwarder-Message-ID", notice.message_id.encode("ascii"))
    for hop in (*message.values(LOOP_FIELD.lower()), settings.from_address.encode("ascii")):
        yield _field(LOOP_FIELD, hop)


def _field(name: bytes, value: bytes) -> Field:
    """Return a field of one line: whatever line ends its value holds are no folds of ours, and become spaces."""
    return Field(name, (b" " + value,))


def _from_lines(message: Message, notice: Notice, settings: Settings) -> tuple[bytes, ...]:
    """Return ``"Name (user at host) via …" <forwarder address>``: whose mail it is, without passing for them."""
    mailboxes = [one for value in message.values(b"from") for one in read_mailboxes(value)]
    sender = mailboxes[0] if mailboxes else Mailbox("", notice.sender)
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
        if len(mailboxes) == 1 and (plain := _plain(mailboxes[0].address)):
            return plain
    return None


def _plain(text: str) -> str | None:
    """Return an address that can stand in a header as it is, or None."""
    try:
        return address.normalise_owner(text)
    except address.AddressError:
        return None


def _verdicts_value(verdicts: Verdicts) -> bytes:
    found = {name: value for name, value in vars(verdicts).items() if value is not None or name != "dmarc_policy"}
    words = (f"{name}={_NOT_VERDICT.sub('_', value or 'none')[:64]}" for name, value in found.items())
    return " ".join(words).encode("ascii")


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
        yield _without_recipient(field) if key == b"received" and key not in seen else field
        seen.add(key)
        if key in field_rules.COPIED:
            yield Field(field_rules.ORIGINAL + field.name, field.lines)


def _without_recipient(field: Field) -> Field:
    """Return SES's own trace field without the one recipient that it names, who may be of another account."""
    return Field(field.name, tuple(_FOR_CLAUSE.sub(b"", b"\r\n".join(field.lines), count=1).split(b"\r\n")))
