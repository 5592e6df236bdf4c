# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bytes of a mail in the form that is to be sent, within SES's limits."""

from __future__ import annotations

from forwarder.core.forms import MAIL_MAX, Form, Kind, UnsendableError
from forwarder.core.letters import compose_attached, compose_letter, subject_of_ours
from forwarder.core.mail import About
from forwarder.core.outcomes import Reason
from forwarder.core.rewrite import compose_copy, subject_field


def compose(form: Form, marks: tuple[str, ...], about: About) -> bytes:
    """Return what to send for a form; raise UnsendableError where SES is known not to take that."""
    if form.kind is Kind.LETTER:
        data = compose_letter(form, about)
    elif form.kind is Kind.ATTACHED:
        ours = subject_of_ours(about)
        data = compose_attached(form, subject_field(about.mail.message, marks, ours) or ours, about)
    elif not about.mail.can_be_copied():
        raise UnsendableError(Reason.MALFORMED)
    else:
        data = compose_copy(about, marks)
    if len(data) > MAIL_MAX:
        raise UnsendableError(Reason.TOO_LARGE)
    return data
