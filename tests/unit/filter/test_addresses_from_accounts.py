# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which accounts of an organization come into the map, and whose they are."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.account_factory.email.plugins.filter.addresses_from_accounts import (
    FilterModule,
    addresses_from_accounts,
)

DOMAINS = ["accounts.example.com"]
OWNERS = ["team@example.org"]


def account(number: int, email: str | None = None, name: str | None = None, state: str = "ACTIVE") -> dict[str, Any]:
    return {
        "id": f"{number:012}",
        "email": email or f"a{number}@accounts.example.com",
        "name": name or f"A {number}",
        "state": state,
    }


def entry(number: int, owners: list[str] | None = None) -> dict[str, Any]:
    return {
        "address": f"a{number}@accounts.example.com",
        "account_name": f"A {number}",
        "account_id": f"{number:012}",
        "owners": owners or OWNERS,
    }


@pytest.mark.parametrize(
    ("accounts", "known", "expected"),
    [
        pytest.param([], [], [], id="none"),
        pytest.param([account(2), account(1)], [], [1, 2], id="sorted by address"),
        pytest.param([account(1), account(2)], ["A1@accounts.example.com"], [2], id="in the map, in any case"),
        pytest.param([account(1, "A1@Accounts.Example.com.")], ["a1@accounts.example.com"], [], id="case and dot"),
        pytest.param([account(1, state="SUSPENDED"), account(2, state="CLOSED")], [], [1, 2], id="closed ones"),
        pytest.param(
            [
                account(1, "a1@example.com"),
                account(2, "a@sub.accounts.example.com"),
                account(3, "a@xaccounts.example.com"),
            ],
            [],
            [],
            id="other domains",
        ),
        pytest.param([{**account(1), "email": ""}], [], [], id="AWS does not tell its email"),
    ],
)
def test_which_come_in(accounts: list[dict[str, Any]], known: list[str], expected: list[int]) -> None:
    found = addresses_from_accounts(accounts, domains=DOMAINS, known=known, owners=OWNERS)
    assert found == {"addresses": [entry(number) for number in expected], "left_out": []}


def test_a_domain_in_any_case() -> None:
    found = addresses_from_accounts([account(1)], domains=["Accounts.Example.COM. "], known=[], owners=OWNERS)
    assert found["addresses"] == [entry(1)]


def test_owners_of_an_account_go_before_those_of_all() -> None:
    found = addresses_from_accounts(
        [account(1), account(999999999999)],
        domains=DOMAINS,
        known=[],
        owners=OWNERS,
        # In YAML an id without quotes is a number.
        owners_of={"000000000001": ["jane@example.org"], 999999999999: ["joe@example.org"]},
    )
    assert found["addresses"] == [entry(1, ["jane@example.org"]), entry(999999999999, ["joe@example.org"])]


def test_an_account_without_an_owner_is_reported() -> None:
    found = addresses_from_accounts(
        [account(1), account(2)], domains=DOMAINS, known=[], owners_of={"000000000001": ["jane@example.org"]}
    )
    assert found["addresses"] == [entry(1, ["jane@example.org"])]
    [left_out] = found["left_out"]
    assert (left_out["id"], left_out["address"]) == ("000000000002", "a2@accounts.example.com")
    assert left_out["msg"].startswith("nobody is named as its owner")


def test_accounts_of_one_name_are_reported_and_the_others_come_in() -> None:
    accounts = [account(1, name="Same"), account(2, name="same"), account(3), account(4, "x@example.com", name="A 3")]
    found = addresses_from_accounts(accounts, domains=DOMAINS, known=[], owners=OWNERS)
    assert found["addresses"] == [entry(3)]
    assert [each["id"] for each in found["left_out"]] == ["000000000001", "000000000002"]
    assert all("another account is named" in each["msg"] for each in found["left_out"])


@pytest.mark.parametrize(
    ("option", "value"),
    [("domains", "accounts.example.com"), ("owners", "jane@example.org"), ("known", None), ("owners", {"a": "b"})],
)
def test_lists_are_lists(option: str, value: Any) -> None:
    options: dict[str, Any] = {"domains": DOMAINS, "known": [], "owners": OWNERS, option: value}
    with pytest.raises(AnsibleFilterError, match=f"^{option}: .* is not a list"):
        addresses_from_accounts([account(1)], **options)


def test_the_owners_of_an_account_are_a_list() -> None:
    with pytest.raises(AnsibleFilterError, match=r"^owners_of\[1\]: 'jane@example.org' is not a list"):
        addresses_from_accounts([], domains=DOMAINS, known=[], owners_of={1: "jane@example.org"})


def test_ansible_finds_it() -> None:
    assert FilterModule().filters() == {"addresses_from_accounts": addresses_from_accounts}
