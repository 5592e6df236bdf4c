# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which form follows which, and that every way comes to an end."""

from __future__ import annotations

from itertools import product

import pytest

from forwarder.core.forms import Form, Kind, first_form, next_form
from forwarder.core.outcomes import Reason
from forwarder.core.recipients import Delivery, Instead, Standing

ADMIN = "cloud-admin@example.com"
OWNER = "ann@example.com"
FALLBACK = "deputy@example.com"
COPY = Form(Kind.COPY, OWNER)
ATTACHED = Form(Kind.ATTACHED, OWNER, Reason.MALFORMED)
TOO_LARGE = Form(Kind.LETTER, OWNER, Reason.TOO_LARGE)
SPAM = Form(Kind.LETTER, OWNER, Reason.SPAM)
NOT_OWNER = Instead(OWNER, Reason.NOT_VERIFIED)
TO_ADMIN = Form(Kind.ATTACHED, ADMIN, Reason.NOT_VERIFIED, NOT_OWNER)
BOUNCED = Instead(OWNER, Reason.BOUNCED, "550 no such user")
TO_FALLBACK = Form(Kind.ATTACHED, FALLBACK, Reason.BOUNCED, BOUNCED)
# Why SES refuses a mail.
REFUSALS = (Reason.MALFORMED, Reason.TOO_LARGE, Reason.NOT_VERIFIED)


def delivery(mailbox: str = OWNER, instead: Instead | None = None) -> Delivery:
    return Delivery("a@accounts.example.com", "a@accounts.example.com", mailbox, Standing.OWNER, instead)


@pytest.mark.parametrize(
    ("one", "no_mail", "expected"),
    [
        pytest.param(delivery(), None, COPY, id="copy"),
        pytest.param(delivery(), Reason.SPAM, SPAM, id="a quarantined one is told of"),
        pytest.param(delivery(FALLBACK, BOUNCED), None, TO_FALLBACK, id="attached, in another's place"),
        pytest.param(
            delivery(FALLBACK, BOUNCED),
            Reason.SPAM,
            Form(Kind.LETTER, FALLBACK, Reason.SPAM, BOUNCED),
            id="told of, in another's place",
        ),
    ],
)
def test_the_first_form(one: Delivery, no_mail: Reason | None, expected: Form) -> None:
    assert first_form(one, no_mail) == expected


@pytest.mark.parametrize(
    ("form", "refusal", "expected"),
    [
        pytest.param(COPY, Reason.MALFORMED, ATTACHED, id="copy, malformed"),
        pytest.param(COPY, Reason.TOO_LARGE, TOO_LARGE, id="copy, too large"),
        pytest.param(COPY, Reason.NOT_VERIFIED, TO_ADMIN, id="copy, not verified"),
        pytest.param(ATTACHED, Reason.MALFORMED, Form(Kind.LETTER, OWNER, Reason.MALFORMED), id="attached, malformed"),
        pytest.param(ATTACHED, Reason.TOO_LARGE, TOO_LARGE, id="attached, too large"),
        pytest.param(
            ATTACHED,
            Reason.NOT_VERIFIED,
            Form(Kind.ATTACHED, ADMIN, Reason.MALFORMED, NOT_OWNER),
            id="attached, not verified",
        ),
        pytest.param(
            TO_ADMIN,
            Reason.TOO_LARGE,
            Form(Kind.LETTER, ADMIN, Reason.TOO_LARGE, NOT_OWNER),
            id="to the admin, too large",
        ),
        pytest.param(TO_ADMIN, Reason.NOT_VERIFIED, None, id="admin, not verified"),
        pytest.param(
            SPAM, Reason.NOT_VERIFIED, Form(Kind.LETTER, ADMIN, Reason.SPAM, NOT_OWNER), id="letter, not verified"
        ),
        pytest.param(SPAM, Reason.MALFORMED, None, id="letter, malformed"),
        pytest.param(Form(Kind.COPY, ADMIN.upper()), Reason.NOT_VERIFIED, None, id="the admin's own copy"),
    ],
)
def test_what_follows_a_refusal(form: Form, refusal: Reason, expected: Form | None) -> None:
    assert next_form(form, refusal, ADMIN) == expected


@pytest.mark.parametrize(
    ("form", "outcome"),
    [
        (TO_FALLBACK, "sent-to-fallback"),
        (Form(Kind.ATTACHED, ADMIN, Reason.BOUNCED, NOT_OWNER), "sent-to-admin"),
        (COPY, "sent"),
        (ATTACHED, "sent-attached"),
        (TO_ADMIN, "sent-to-admin"),
        (TOO_LARGE, "kept"),
        (Form(Kind.LETTER, ADMIN, Reason.TOO_LARGE, NOT_OWNER), "kept"),
        (SPAM, "quarantined"),
        (Form(Kind.LETTER, ADMIN, Reason.VIRUS, NOT_OWNER), "quarantined"),
    ],
)
def test_what_a_form_comes_to(form: Form, outcome: str) -> None:
    assert form.outcome == outcome


@pytest.mark.parametrize("refusals", list(product(REFUSALS, repeat=5)))
@pytest.mark.parametrize("reason", [None, Reason.VIRUS])
def test_every_way_ends(refusals: tuple[Reason, ...], reason: Reason | None) -> None:
    form: Form | None = first_form(delivery(), reason)
    seen = []
    for refusal in refusals:
        if form is None:
            break
        seen.append(form)
        form = next_form(form, refusal, ADMIN)
    assert form is None
    assert len(set(seen)) == len(seen)
