# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bytes of a mail in the form that is to be sent, within SES's limits."""

from __future__ import annotations

from forwarder.forms import Form, Kind, Refusal
from forwarder.letters import About, compose_attached, compose_letter
from forwarder.mail import Mail
from forwarder.outgoing import MAIL_MAX, UnsendableError
from forwarder.rewrite import compose_copy, subject_field
from forwarder.trace import line_field

_NO_SUBJECT = line_field(b"Subject", b"(no subject)")


def compose(form: Form, mail: Mail, marks: tuple[str, ...], about: About) -> bytes:
    """Return what to send for a form; raise UnsendableError where SES is known not to take that."""
    if form.kind is Kind.LETTER:
        data = compose_letter(form, about)
    elif form.kind is Kind.ATTACHED:
        data = compose_attached(form, mail.raw, subject_field(mail.message, marks) or _NO_SUBJECT, about)
    elif not mail.is_opened or mail.has_long_line():
        raise UnsendableError(Refusal.MALFORMED)
    else:
        data = compose_copy(mail.message, about.delivery, about.notice, about.settings, marks)
    if len(data) > MAIL_MAX:
        raise UnsendableError(Refusal.TOO_LARGE)
    return data
