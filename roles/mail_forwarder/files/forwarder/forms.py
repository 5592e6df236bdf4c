# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The forms in which a mail can reach a mailbox, and which one is tried when SES does not take another."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

# What a delivery came to, in the audit line, in the metrics and in the table of deliveries.
SENT = "sent"
SENT_ATTACHED = "sent-attached"
SENT_TO_ADMIN = "sent-to-admin"
QUARANTINED = "quarantined"
KEPT = "kept"


class Kind(Enum):
    """A copy is the mail with our header; attached, it lies whole in a mail of ours; a letter only tells of it."""

    COPY = "copy"
    ATTACHED = "attached"
    LETTER = "letter"


class Refusal(Enum):
    """Why SES does not take what it was given, where another form may help; every other error is raised."""

    MALFORMED = "malformed"
    TOO_LARGE = "too-large"
    NOT_VERIFIED = "not-verified"


@dataclass(frozen=True)
class Form:
    """One way to reach a mailbox: ``why`` it is not a plain copy, and the owner that it should have reached."""

    kind: Kind
    mailbox: str
    why: str | None = None
    instead_of: str | None = None

    @property
    def outcome(self) -> str:
        """Return what the delivery came to once this form was sent."""
        if self.kind is Kind.LETTER:
            return KEPT if self.why in {refusal.value for refusal in Refusal} else QUARANTINED
        if self.instead_of is not None:
            return SENT_TO_ADMIN
        return SENT_ATTACHED if self.kind is Kind.ATTACHED else SENT


def first_form(mailbox: str, quarantined_for: str | None) -> Form:
    """Return the form to begin with: a copy, or a letter about a mail that is quarantined."""
    return Form(Kind.COPY, mailbox) if quarantined_for is None else Form(Kind.LETTER, mailbox, quarantined_for)


def next_form(form: Form, refusal: Refusal, admin: str) -> Form | None:
    """Return the form to try after SES refused this one, or None if there is none left.

    A mailbox that SES may not send to yet (the sandbox) is replaced by the admin's, once.
    """
    if refusal is Refusal.NOT_VERIFIED:
        if form.mailbox.lower() == admin.lower():
            return None
        kind = Kind.ATTACHED if form.kind is Kind.COPY else form.kind
        return replace(form, kind=kind, mailbox=admin, instead_of=form.mailbox, why=form.why or refusal.value)
    if form.kind is Kind.LETTER:
        return None
    if form.kind is Kind.COPY and refusal is Refusal.MALFORMED:
        return replace(form, kind=Kind.ATTACHED, why=refusal.value)
    return replace(form, kind=Kind.LETTER, why=refusal.value)
