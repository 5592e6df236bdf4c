# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which form follows which, and that every way comes to an end."""

from __future__ import annotations

from itertools import product

import pytest

from forwarder.forms import Form, Kind, Refusal, first_form, next_form

ADMIN = "cloud-admin@example.com"
OWNER = "ann@example.com"
COPY = Form(Kind.COPY, OWNER)
ATTACHED = Form(Kind.ATTACHED, OWNER, "malformed")
TOO_LARGE = Form(Kind.LETTER, OWNER, "too-large")
SPAM = Form(Kind.LETTER, OWNER, "spam")
TO_ADMIN = Form(Kind.ATTACHED, ADMIN, "not-verified", OWNER)


@pytest.mark.parametrize(("reason", "expected"), [(None, COPY), ("spam", SPAM)])
def test_a_mail_is_first_sent_as_a_copy_and_a_quarantined_one_is_told_of(reason: str | None, expected: Form) -> None:
    assert first_form(OWNER, reason) == expected


@pytest.mark.parametrize(
    ("form", "refusal", "expected"),
    [
        pytest.param(COPY, Refusal.MALFORMED, ATTACHED, id="copy, malformed"),
        pytest.param(COPY, Refusal.TOO_LARGE, TOO_LARGE, id="copy, too large"),
        pytest.param(COPY, Refusal.NOT_VERIFIED, TO_ADMIN, id="copy, not verified"),
        pytest.param(ATTACHED, Refusal.MALFORMED, Form(Kind.LETTER, OWNER, "malformed"), id="attached, malformed"),
        pytest.param(ATTACHED, Refusal.TOO_LARGE, TOO_LARGE, id="attached, too large"),
        pytest.param(
            ATTACHED, Refusal.NOT_VERIFIED, Form(Kind.ATTACHED, ADMIN, "malformed", OWNER), id="attached, not verified"
        ),
        pytest.param(
            TO_ADMIN, Refusal.TOO_LARGE, Form(Kind.LETTER, ADMIN, "too-large", OWNER), id="to the admin, too large"
        ),
        pytest.param(TO_ADMIN, Refusal.NOT_VERIFIED, None, id="admin, not verified"),
        pytest.param(SPAM, Refusal.NOT_VERIFIED, Form(Kind.LETTER, ADMIN, "spam", OWNER), id="letter, not verified"),
        pytest.param(SPAM, Refusal.MALFORMED, None, id="letter, malformed"),
        pytest.param(Form(Kind.COPY, ADMIN.upper()), Refusal.NOT_VERIFIED, None, id="the admin's own copy"),
    ],
)
def test_what_follows_a_refusal(form: Form, refusal: Refusal, expected: Form | None) -> None:
    assert next_form(form, refusal, ADMIN) == expected


@pytest.mark.parametrize(
    ("form", "outcome"),
    [
        (COPY, "sent"),
        (ATTACHED, "sent-attached"),
        (TO_ADMIN, "sent-to-admin"),
        (TOO_LARGE, "kept"),
        (Form(Kind.LETTER, ADMIN, "too-large", OWNER), "kept"),
        (SPAM, "quarantined"),
        (Form(Kind.LETTER, ADMIN, "virus", OWNER), "quarantined"),
    ],
)
def test_what_a_form_comes_to(form: Form, outcome: str) -> None:
    assert form.outcome == outcome


@pytest.mark.parametrize("refusals", list(product(Refusal, repeat=5)))
@pytest.mark.parametrize("reason", [None, "virus"])
def test_every_way_ends(refusals: tuple[Refusal, ...], reason: str | None) -> None:
    form: Form | None = first_form(OWNER, reason)
    seen = []
    for refusal in refusals:
        if form is None:
            break
        seen.append(form)
        form = next_form(form, refusal, ADMIN)
    assert form is None
    assert len(set(seen)) == len(seen)
