# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is to get a mail that is held: those who get it once it is released."""

from __future__ import annotations

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._held_mail.model import HeldMail, with_owners
from ansible_collections.account_factory.email.plugins.module_utils._record import AddressRecord, address_key

ADDRESS = "app-001@accounts.example.com"
RECORD = AddressRecord(
    ADDRESS, "app-001", "accounts.example.com", ("ann@example.org",), contacts={"security": ("soc@example.org",)}
)


@pytest.mark.parametrize(
    ("recipients", "owners"),
    [
        pytest.param((ADDRESS,), ("ann@example.org",), id="the address"),
        pytest.param(("App-001+Security@accounts.example.com",), ("soc@example.org",), id="a contact"),
        pytest.param(("app-001+billing@accounts.example.com",), ("ann@example.org",), id="a kind without contacts"),
        pytest.param(
            (ADDRESS, "app-001+security@accounts.example.com"), ("ann@example.org", "soc@example.org"), id="both"
        ),
    ],
)
def test_of_a_mail_for_a_contact_they_are_the_contacts(recipients: tuple[str, ...], owners: tuple[str, ...]) -> None:
    found = with_owners(HeldMail("m1", "quarantined", recipients=recipients), {address_key(ADDRESS): RECORD})
    assert (found.addresses, found.owners) == ((ADDRESS,), owners)
