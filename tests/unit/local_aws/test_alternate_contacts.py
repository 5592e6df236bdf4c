# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Alternate contacts as local AWS keeps them: rules of the API Reference and Reference Guide of Account Management."""

from __future__ import annotations

from typing import Any

import pytest

from tests.local_aws.alternate_contacts import KINDS
from tests.unit.local_aws.test_account import MASTER, _Caller

BILLING = {"AlternateContactType": "BILLING"}
CONTACT = {
    "Name": "Finance",
    "Title": "Billing contact",
    "EmailAddress": "app-001+billing@accounts.example.com",
    "PhoneNumber": "+49 (30) 123-456",
}
DENIED, INVALID, THROTTLED = "AccessDeniedException", "ValidationException", "TooManyRequestsException"
NOT_FOUND = "ResourceNotFoundException"


@pytest.fixture
def call() -> _Caller:
    return _Caller()


@pytest.mark.parametrize("kind", KINDS)
def test_a_contact_from_its_beginning_to_its_end(call: _Caller, kind: str) -> None:
    """API Reference, Errors: what is not set is not found. Reference Guide: deleting once more finds none."""
    about = {"AccountId": call.member(), "AlternateContactType": kind}
    other = {"AlternateContactType": kind}
    assert call("GetAlternateContact", **about) == NOT_FOUND
    assert call("PutAlternateContact", **about, **CONTACT) == {}
    assert call("GetAlternateContact", **about) == {"AlternateContact": {**CONTACT, "AlternateContactType": kind}}
    assert call("PutAlternateContact", **about, **{**CONTACT, "Name": "Other"}) == {}
    assert call("GetAlternateContact", **about)["AlternateContact"]["Name"] == "Other"
    # That of another account is another one.
    assert call("GetAlternateContact", **other) == NOT_FOUND
    assert [call("DeleteAlternateContact", **about) for _unused in range(2)] == [{}, NOT_FOUND]


@pytest.mark.parametrize(
    "given",
    [
        *(pytest.param({name: None}, id=f"no {name}") for name in CONTACT),
        *(pytest.param({name: ""}, id=f"empty {name}") for name in CONTACT),
        pytest.param({"Name": "n" * 65}, id="name of 65"),
        pytest.param({"Title": "t" * 51}, id="title of 51"),
        pytest.param({"EmailAddress": f"{'e' * 243}@example.com"}, id="email of 255"),
        pytest.param({"EmailAddress": "a/b@example.com"}, id="a sign that no email may have"),
        pytest.param({"EmailAddress": "a@example"}, id="a domain without a dot"),
        pytest.param({"PhoneNumber": "1" * 26}, id="phone number of 26"),
        pytest.param({"PhoneNumber": "0800 ABC"}, id="letters in a phone number"),
        pytest.param({"AlternateContactType": "LEGAL"}, id="another kind"),
        pytest.param({"AlternateContactType": "billing"}, id="a kind in lower case"),
        pytest.param({"AlternateContactType": None}, id="no kind"),
    ],
)
def test_what_is_not_valid(call: _Caller, given: dict[str, Any]) -> None:
    """API Reference, PutAlternateContact: lengths and patterns; all four are required."""
    assert call("PutAlternateContact", **{**BILLING, **CONTACT, **given}) == INVALID
    assert call("GetAlternateContact", **BILLING) == NOT_FOUND


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({"Name": "n" * 64, "Title": "t" * 50, "PhoneNumber": "1" * 25}, id="the longest"),
        pytest.param({"EmailAddress": f"{'e' * 242}@example.com"}, id="the longest email"),
        pytest.param({"EmailAddress": " A_b+=.#|!&-1@Example.co.uk "}, id="signs, and space around"),
    ],
)
def test_what_is_valid(call: _Caller, given: dict[str, Any]) -> None:
    assert call("PutAlternateContact", **{**BILLING, **CONTACT, **given}) == {}


def test_the_account_that_is_meant(call: _Caller) -> None:
    """API Reference, parameter AccountId: without it the caller's own account; the management account's own is refused.
    Reference Guide, "Understanding API modes of operation": a delegated administrator may do what it may do.
    """
    member, administrator = call.member(), call.member("b@example.com")
    assert call("PutAlternateContact", key=member, **BILLING, **CONTACT) == {}
    assert call("GetAlternateContact", **BILLING, AccountId=member)["AlternateContact"]["Name"] == "Finance"
    assert call("GetAlternateContact", **BILLING, AccountId=MASTER) == DENIED
    assert call("GetAlternateContact", **BILLING, AccountId="999999999999") == DENIED
    assert call("GetAlternateContact", **BILLING, AccountId="12345") == INVALID
    assert call("DeleteAlternateContact", key=administrator, **BILLING, AccountId=member) == DENIED
    call.organizations.delegate(administrator)
    assert call("DeleteAlternateContact", key=administrator, **BILLING, AccountId=member) == {}


@pytest.mark.parametrize(
    ("operation", "given", "burst", "rate"),
    [
        pytest.param("GetAlternateContact", {}, 15, 10, id="get"),
        pytest.param("PutAlternateContact", CONTACT, 8, 5, id="put"),
        pytest.param("DeleteAlternateContact", {}, 6, 1, id="delete"),
    ],
)
def test_rates_are_those_of_each_account(
    call: _Caller, operation: str, given: dict[str, str], burst: int, rate: int
) -> None:
    """Reference Guide, "Quotas": 10 a second, burst to 15, of GetAlternateContact; 5 and 8; 1 and 6."""
    call.pause = 0
    about = {"AccountId": call.member(), **BILLING, **given}
    assert [call(operation, **about) == THROTTLED for _unused in range(burst + 1)] == [False] * burst + [True]
    assert call(operation, **{**about, "AccountId": call.member("b@example.com")}) != THROTTLED
    call.now += 1
    assert [call(operation, **about) == THROTTLED for _unused in range(rate + 1)] == [False] * rate + [True]
