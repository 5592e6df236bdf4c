# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The forms in which a mail can reach a mailbox, and which one is tried when SES does not take another."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from forwarder.core.outcomes import Outcome, Reason
from forwarder.core.recipients import Delivery, Instead

# Amazon SES Developer Guide, "Service quotas in Amazon SES": API v2, the whole message.
MAIL_MAX = 40 * 1024 * 1024


class Kind(Enum):
    """A copy is the mail with our header; attached, it lies whole in a mail of ours; a letter only tells of it."""

    COPY = "copy"
    ATTACHED = "attached"
    LETTER = "letter"


class UnsendableError(RuntimeError):
    """A mail that SES would refuse, found before it was asked."""

    def __init__(self, refusal: Reason) -> None:
        super().__init__(f"the mail is {refusal}: Amazon SES would not send it")
        self.refusal = refusal


@dataclass(frozen=True)
class Form:
    """One way to reach a mailbox: ``why`` it is not a plain copy, and whom it is sent ``instead`` of."""

    kind: Kind
    mailbox: str
    why: Reason | None = None
    instead: Instead | None = None

    @property
    def outcome(self) -> Outcome:
        """Return what the delivery came to once this form was sent."""
        if self.kind is Kind.LETTER:
            return Outcome.QUARANTINED if self.why and self.why.is_held else Outcome.KEPT
        if self.instead is not None:
            is_sandbox = self.instead.reason is Reason.NOT_VERIFIED
            return Outcome.SENT_TO_ADMIN if is_sandbox else Outcome.SENT_TO_FALLBACK
        return Outcome.SENT_ATTACHED if self.kind is Kind.ATTACHED else Outcome.SENT


def first_form(delivery: Delivery, no_mail: Reason | None) -> Form:
    """Return the form to begin with: a copy, or a letter where ``no_mail`` says why the mail itself is not sent.

    Whoever gets a mail in another's place gets it attached, so that he sees first why it comes to him.
    """
    if no_mail is not None:
        return Form(Kind.LETTER, delivery.mailbox, no_mail, delivery.instead)
    if delivery.instead is not None:
        return Form(Kind.ATTACHED, delivery.mailbox, delivery.instead.reason, delivery.instead)
    return Form(Kind.COPY, delivery.mailbox)


def next_form(form: Form, refusal: Reason, admin: str) -> Form | None:
    """Return the form to try after SES refused this one, or None if there is none left.

    A mailbox that SES may not send to yet (the sandbox) is replaced by the admin's, once.
    """
    if refusal is Reason.NOT_VERIFIED:
        if form.mailbox.lower() == admin.lower():
            return None
        kind = Kind.ATTACHED if form.kind is Kind.COPY else form.kind
        return replace(form, kind=kind, mailbox=admin, instead=Instead(form.mailbox, refusal), why=form.why or refusal)
    if form.kind is Kind.LETTER:
        return None
    if form.kind is Kind.COPY and refusal is Reason.MALFORMED:
        return replace(form, kind=Kind.ATTACHED, why=refusal)
    return replace(form, kind=Kind.LETTER, why=refusal)
