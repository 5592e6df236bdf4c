# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The forwarder's own mails: they tell of a mail that a mailbox does not get as it is, with or without it attached.

Their text holds nothing that whoever sent that mail has a say in, except for addresses, written so that no mail program
makes a link of them.
"""

from __future__ import annotations

import base64
import textwrap
import uuid
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import SMTP

from ansible_collections.account_factory.email.plugins.module_utils._message import Field
from ansible_collections.account_factory.email.plugins.module_utils._notice import quarantine_key
from ansible_collections.account_factory.email.plugins.module_utils._safe_text import unlinked
from forwarder.core.forms import Form
from forwarder.core.header_text import clean_name, phrase, safe_lines
from forwarder.core.mail import About
from forwarder.core.outcomes import Outcome
from forwarder.core.received import without_recipient
from forwarder.core.recipients import Delivery
from forwarder.core.trace import line_field, to_field, trace_fields

_WIDTH = 76
_TEXT_MAX = 120
# RFC 2045 section 6.8: 57 octets make a line of 76 characters.
_ENCODED_IN_LINE = 57
_ENCODED_AT_ONCE = 1024 * _ENCODED_IN_LINE
_READ_IT = "Whoever runs the forwarder can read it in the bucket, for as long as the bucket keeps mail."
_RELEASE_ADVICE = (
    "If you did not expect such a mail, there is nothing to do. If you did, make sure of it in another way than by the"
    " mail itself: that it is urgent is what a forger would say."
)
_PART_FIELDS = (
    line_field(b"Content-Type", b'application/octet-stream; name="message.eml"'),
    line_field(b"Content-Disposition", b'attachment; filename="message.eml"'),
    line_field(b"Content-Transfer-Encoding", b"base64"),
)


def compose_letter(form: Form, about: About) -> bytes:
    """Return the letter about a mail that is not sent along; the form says why."""
    assert form.why is not None, "a letter tells why the mail does not come"
    subject = f"Mail for {_vended(about.delivery)}: {form.why.summary}"
    paragraphs = [form.why.why, *_instead(form), *_how_to_get_it(form, about)]
    text = _text("was not forwarded to you", paragraphs, form, about)
    return _header(line_field(b"Subject", subject.encode("ascii", "replace")), form, about) + _text_part(text)


def subject_of_ours(about: About) -> Field:
    """Return the subject of a mail that is attached and has none, or none that can be read."""
    text = "(no subject)" if about.mail.is_opened else f"Mail for {_vended(about.delivery)}, attached as it came"
    return line_field(b"Subject", text.encode("ascii", "replace"))


def compose_attached(form: Form, subject: Field, about: About) -> bytes:
    """Return a mail of our own that holds another one whole, attached so that nobody takes it apart on its way."""
    why = [] if form.instead else ["Amazon SES does not send it as it is: parts of it break the rules for mail."]
    paragraphs = [*why, *_instead(form), "It is attached as it came, as message.eml; a mail program opens it."]
    text = _text("is attached", paragraphs, form, about)
    # A line of base64 never begins with two hyphens.
    boundary = uuid.uuid4().hex.encode("ascii")
    kind = line_field(b"Content-Type", b'multipart/mixed; boundary="' + boundary + b'"')
    pieces = (
        _header(subject, form, about),
        b"\r\n".join([*safe_lines(kind.name, kind.lines), b"", b"--" + boundary, b""]),
        _text_part(text),
        b"\r\n".join([b"--" + boundary, *_lines(_PART_FIELDS), b"", b""]),
        *_encoded(*without_recipient(about.mail.raw)),
        b"--" + boundary + b"--\r\n",
    )
    return b"".join(pieces)


def _header(subject: Field, form: Form, about: About) -> bytes:
    """Return our header but for the fields of its content, and without the blank line."""
    settings = about.settings
    name = phrase(clean_name(settings.sender_name, _TEXT_MAX))
    fields = (
        line_field(b"From", name + b" <" + settings.from_address.encode("ascii") + b">"),
        to_field(about.delivery, form.mailbox),
        subject,
        # RFC 3834 section 5: nobody's absence notice answers this.
        line_field(b"Auto-Submitted", b"auto-generated"),
        *trace_fields(about),
        line_field(b"MIME-Version", b"1.0"),
    )
    return b"\r\n".join([*_lines(fields), b""])


def _lines(fields: tuple[Field, ...]) -> Iterator[bytes]:
    for field in fields:
        yield from safe_lines(field.name, field.lines)


def _text_part(text: str) -> bytes:
    """Return a text as a MIME part: its fields, a blank line, and its content."""
    part = EmailMessage(policy=SMTP)
    # Left to choose, it would write a command in quoted-printable, which nobody can read in the source of a mail.
    part.set_content(text, cte="7bit" if text.isascii() else None)
    del part["MIME-Version"]
    return part.as_bytes()


def _encoded(begin: bytes, rest: memoryview) -> Iterator[bytes]:
    """Yield a mail of two parts in base64, some lines at a time: never is there more than it and what becomes of it."""
    # As much of the rest as makes whole lines with what comes before it.
    taken = -len(begin) % _ENCODED_IN_LINE
    yield _encode(begin + rest[:taken])
    for position in range(taken, len(rest), _ENCODED_AT_ONCE):
        yield _encode(bytes(rest[position : position + _ENCODED_AT_ONCE]))


def _encode(some: bytes) -> bytes:
    return base64.encodebytes(some).replace(b"\n", b"\r\n")


def _text(became: str, paragraphs: list[str], form: Form, about: About) -> str:
    notice = about.notice
    key = quarantine_key(notice.message_id) if form.outcome is Outcome.QUARANTINED else notice.key
    first = f"A mail for {_vended(about.delivery)} {became}."
    facts = {
        "From": ", ".join(_shown(author.address) for author in about.mail.authors.mailboxes[:3]) or "nobody, it says",
        "Envelope sender": _shown(notice.sender) or "none",
        "Received": notice.received_at or "unknown",
        "SES message ID": notice.message_id,
        "Kept at": f"s3://{notice.bucket}/{key}",
    }
    table = "\n".join(f"  {name + ':':<16} {value}" for name, value in facts.items())
    told, *others = (textwrap.fill(one, _WIDTH) if not one.startswith(" ") else one for one in [first, *paragraphs])
    return "\n\n".join([told, table, *others]) + "\n"


def _vended(delivery: Delivery) -> str:
    """Return the address that a mail came for; one that is in no map is a stranger's words too."""
    return delivery.shown_address if delivery.standing.is_in_map else _shown(delivery.address)


def _shown(address: str) -> str:
    """Return an address, or words that hold some, of which no mail program makes a link."""
    return clean_name(unlinked(address), _TEXT_MAX)


def _instead(form: Form) -> list[str]:
    if form.instead is None:
        return []
    told = [f"You get this in place of {form.instead.mailbox}. {form.instead.reason.why}"]
    if form.instead.diagnostic:
        # These are the words of whoever runs that mail server.
        told.append(f"Its mail server says: {_shown(form.instead.diagnostic)}")
    return told


def _how_to_get_it(form: Form, about: About) -> list[str]:
    settings, notice = about.settings, about.notice
    if form.why is None or not form.why.is_releasable:
        return [_READ_IT]
    command = (
        "  ansible-playbook account_factory.email.release_mail \\\n"
        f"    -e mail_forwarder_stack_name={settings.stack_name} -e aws_region={settings.region} \\\n"
        f"    -e message_id={notice.message_id}"
    )
    return [_RELEASE_ADVICE, "Whoever runs the forwarder releases it to all owners of the address with", command]
