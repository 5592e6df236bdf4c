# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must be done to have alternate contacts as wanted, and a vended address' aliases as such contacts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._alternate_contacts.aliases import (
    checked_aliases,
    contacts_of,
)
from ansible_collections.account_factory.email.plugins.module_utils._alternate_contacts.model import (
    Contact,
    Contacts,
    Plan,
    plan,
    shown,
)
from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._record import CONTACT_KINDS

SOC = Contact("SOC", "Security", "soc@example.com", "112")
ADDRESS = "app-001@accounts.example.com"
DETAILS = {"name": "Cloud team", "phone_number": "+49 30 123"}


@pytest.mark.parametrize(
    ("present", "wanted", "expected"),
    [
        pytest.param({"security": None}, {"security": SOC}, {"security": SOC}, id="new"),
        pytest.param({"security": SOC}, {"security": SOC}, {}, id="there"),
        pytest.param(
            {"security": SOC}, {"security": replace(SOC, email="Soc@Example.com")}, {}, id="case of the email"
        ),
        *(
            pytest.param(
                {"security": SOC},
                {"security": replace(SOC, **{name: value})},
                {"security": replace(SOC, **{name: value})},
                id=f"another {name}",
            )
            for name, value in {"name": "soc", "title": "S", "email": "a@example.com", "phone_number": "110"}.items()
        ),
        pytest.param({"security": SOC}, {"security": None}, {"security": None}, id="deleted"),
        pytest.param({"security": None}, {"security": None}, {}, id="not there to be deleted"),
        pytest.param({"security": SOC, "billing": SOC}, {"billing": None}, {"billing": None}, id="others stay"),
    ],
)
def test_plan(present: Contacts, wanted: Contacts, expected: Contacts) -> None:
    planned = plan(present, wanted)
    assert planned.changes == expected
    assert planned.before == {kind: present[kind] for kind in wanted}
    assert {**planned.before, **planned.changes} == planned.after
    # Once it is done there is nothing left to do.
    assert plan({**present, **planned.after}, wanted) == Plan(planned.after, planned.after)


def test_contacts_are_shown_in_one_order() -> None:
    assert list(shown({"security": SOC, "billing": None})) == ["billing", "security"]
    assert shown({"security": SOC}) == {"security": vars(SOC)}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(
            DETAILS,
            {
                "billing": Contact(
                    "Cloud team", "Billing contact", "app-001+billing@accounts.example.com", "+49 30 123"
                ),
                "operations": Contact(
                    "Cloud team", "Operations contact", "app-001+operations@accounts.example.com", "+49 30 123"
                ),
                "security": Contact(
                    "Cloud team", "Security contact", "app-001+security@accounts.example.com", "+49 30 123"
                ),
            },
            id="all alike, their titles by their kinds",
        ),
        pytest.param(
            {**DETAILS, "title": "Team", "kinds": ["security"], "security": {"name": "SOC", "phone_number": "112"}},
            {"security": Contact("SOC", "Team", "app-001+security@accounts.example.com", "112")},
            id="one, with what is its own",
        ),
        pytest.param(
            {"kinds": ["billing"], "billing": {**DETAILS, "title": None}, "security": None},
            {"billing": Contact("Cloud team", "Billing contact", "app-001+billing@accounts.example.com", "+49 30 123")},
            id="nothing in common",
        ),
    ],
)
def test_aliases(given: dict[str, Any], expected: dict[str, Contact]) -> None:
    aliases = checked_aliases(given)
    assert aliases is not None
    assert contacts_of(ADDRESS, aliases) == expected


def test_no_aliases() -> None:
    assert checked_aliases(None) is None


@pytest.mark.parametrize(
    ("given", "says"),
    [
        pytest.param({}, "alternate_contacts.name: is not given; AWS wants name, title, email and", id="nothing"),
        pytest.param({"name": "n"}, "alternate_contacts.phone_number: is not given", id="no phone number"),
        pytest.param({**DETAILS, "name": "n" * 65}, "alternate_contacts.name: .* AWS allows 64", id="a long name"),
        pytest.param(
            {**DETAILS, "billing": {"title": "t" * 51}},
            r"alternate_contacts\.billing\.title: .* AWS allows 50",
            id="own",
        ),
        pytest.param({**DETAILS, "kinds": []}, "alternate_contacts.kinds: is empty; name billing", id="no kind"),
        pytest.param(
            {**DETAILS, "kinds": ["billing"], "security": {"name": "SOC"}},
            "alternate_contacts.security: is not among kinds",
            id="a kind that is not meant",
        ),
    ],
)
def test_what_aws_would_refuse(given: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=f"^{says}"):
        checked_aliases(given)


@pytest.mark.parametrize(
    ("address", "says"),
    [
        # Organizations, CreateAccount takes these, PutAlternateContact does not.
        *(
            pytest.param(f"a{sign}b@example.com", "'a.b[+]billing@example.com' is not what AWS takes", id=sign)
            for sign in "/=?^~*${}".replace("=", "")
        ),
        pytest.param("pay+roll@example.com", "pay[+]roll@example.com has a '[+]' itself", id="plus"),
    ],
)
def test_an_alias_that_cannot_be_a_contacts(address: str, says: str) -> None:
    aliases = checked_aliases(DETAILS)
    assert aliases is not None
    with pytest.raises(InputError, match=f"^alternate_contacts: {says}"):
        contacts_of(address, aliases)


def test_the_longest_address_of_an_account_has_aliases() -> None:
    """AWS Organizations API Reference, CreateAccount: an email has 64 characters at most, a contact's 254."""
    aliases = checked_aliases(DETAILS)
    assert aliases is not None
    assert contacts_of(f"{'a' * 50}@example.com", aliases).keys() == set(CONTACT_KINDS)
