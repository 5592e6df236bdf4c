# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses as the suppression list keeps them, what is asked for, and what must be done."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._suppression.model import (
    Entry,
    Filters,
    check_addresses,
    other_case,
    plan_absent,
    plan_present,
    same_mailbox,
)

THEN = "2026-11-20T09:30:00Z"
BOUNCED = Entry("Jane@y.example", "BOUNCE", THEN, "m-1", "f-1")
COMPLAINED = Entry("jane@y.example", "COMPLAINT", THEN)
MOMENT = datetime(2026, 11, 21, 9, 30, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        pytest.param(["Jane@Y.Example"], ("Jane@y.example",), id="the domain is folded, the local part kept"),
        pytest.param([" jane@y.example. "], ("jane@y.example",), id="blanks and the last dot"),
        pytest.param(["a@y.example", "A@y.example", "a@Y.example"], ("a@y.example", "A@y.example"), id="each once"),
        pytest.param(["a..b.@y.example", "a/b@y.example"], ("a..b.@y.example", "a/b@y.example"), id="odd ones"),
        pytest.param([], (), id="none"),
    ],
)
def test_addresses(given: list[str], kept: tuple[str, ...]) -> None:
    assert check_addresses("email_addresses", given) == kept


@pytest.mark.parametrize(
    "given",
    [
        pytest.param("jane", id="no domain"),
        pytest.param("", id="empty"),
        pytest.param("Jane Doe <jane@y.example>", id="a display name"),
        pytest.param("a@y.example, b@y.example", id="two in one"),
        pytest.param("jane@y_example", id="no domain name"),
    ],
)
def test_what_is_no_address_is_refused(given: str) -> None:
    with pytest.raises(InputError, match=r"^email_addresses: "):
        check_addresses("email_addresses", ["o@y.example", given])


def test_filters_name_only_what_is_asked_for() -> None:
    assert Filters().to_api() == {}
    assert Filters(("BOUNCE",), end=MOMENT).to_api() == {"Reasons": ["BOUNCE"], "EndDate": MOMENT}
    with pytest.raises(InputError, match="start_date"):
        Filters(start=MOMENT, end=MOMENT)


def test_a_mailbox_is_the_same_in_any_case() -> None:
    entries = (BOUNCED, COMPLAINED, Entry("joe@y.example", "BOUNCE"))
    assert same_mailbox("JANE@y.example", entries) == (BOUNCED, COMPLAINED)


@pytest.mark.parametrize(
    ("found", "added", "updated", "entries"),
    [
        pytest.param(
            {"o@y.example": ()}, ["o@y.example"], [], (Entry("o@y.example", "BOUNCE"),), id="not on the list yet"
        ),
        pytest.param({"Jane@y.example": (BOUNCED,)}, [], [], (BOUNCED,), id="there for the reason"),
        pytest.param(
            {"jane@y.example": (COMPLAINED,)},
            [],
            ["jane@y.example"],
            (Entry("jane@y.example", "BOUNCE"),),
            id="there for another",
        ),
        pytest.param({"jane@y.example": (BOUNCED,)}, [], [], (BOUNCED,), id="there in another case"),
        pytest.param(
            {"Jane@y.example": (BOUNCED,), "JANE@y.example": (BOUNCED,)}, [], [], (BOUNCED,), id="asked twice"
        ),
    ],
)
def test_present(
    found: dict[str, tuple[Entry, ...]], added: list[str], updated: list[str], entries: tuple[Entry, ...]
) -> None:
    plan = plan_present(found, "BOUNCE")
    assert (plan.added, plan.updated, plan.removed, plan.entries) == (added, updated, [], entries)


def test_absent() -> None:
    plan = plan_absent({"JANE@y.example": (BOUNCED, COMPLAINED), "jane@y.example": (COMPLAINED,), "o@y.example": ()})
    assert plan.removed == ["Jane@y.example", "jane@y.example"]
    assert (plan.after, plan.entries) == ({}, ())


def test_what_is_found_in_another_case_is_told_with_how_the_list_has_it() -> None:
    found = {
        "Jane@y.example": (BOUNCED,),
        "JANE@y.example": (BOUNCED, COMPLAINED),
        "o@y.example": (),
    }
    assert other_case(found) == {"JANE@y.example": "Jane@y.example, jane@y.example"}
