# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the play adopt_account is asked for, as the accounts that it adopts."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.account_factory.email.plugins.filter.adoption_requests import FilterModule

READ = FilterModule().filters()["adoption_requests"]
ONE, TWO = "123456789012", "210987654321"
COMMON: dict[str, Any] = {
    "name_prefix": "legacy",
    "domain": "accounts.example.com",
    "owners": ["jane@example.com"],
}


def test_one_account() -> None:
    found = READ({**COMMON, "account_id": ONE, "rename": True, "named": {}})
    assert found == {"requests": [{"account_id": ONE, "vend": {**COMMON, "request_id": f"adopt-{ONE}"}}], "refused": {}}


def test_many_share_what_they_do_not_say() -> None:
    entries = [
        {"account_id": ONE, "owners": ["joe@example.com"], "request_id": "T-1"},
        {"account_id": TWO, "account_name": "Audit", "tags": {}},
    ]
    first, second = READ({**COMMON, "accounts": entries})["requests"]
    assert first["vend"] == {**COMMON, "owners": ["joe@example.com"], "request_id": "T-1"}
    assert second["vend"] == {
        "account_name": "Audit",
        "domain": "accounts.example.com",
        "owners": ["jane@example.com"],
        "request_id": f"adopt-{TWO}",
        "tags": {},
    }


def test_what_another_play_hands_on_keeps_its_address_and_its_owners() -> None:
    handed_on = {
        "account_id": ONE,
        "address": "app-001@accounts.example.com",
        "account_name": "app-001",
        "request_id": "T-1",
    }
    [request] = READ({**COMMON, "accounts": [handed_on]})["requests"]
    assert request["vend"] == {"address": "app-001@accounts.example.com", "account_name": "app-001"}


@pytest.mark.parametrize(
    ("entries", "refused"),
    [
        pytest.param(
            [{"account_id": ONE, "refused": "owners: 15 is no list"}], {ONE: "owners: 15 is no list"}, id="read already"
        ),
        pytest.param([{"refused": "account_id: no"}], {"accounts[0]": "account_id: no"}, id="read already, no id"),
        pytest.param(
            [{"account_type": "sandbox"}],
            {"accounts[0]": "account_id: is not given; give the 12 digits of the account's id in quotes"},
            id="none given",
        ),
        pytest.param(
            [{"account_id": ONE}, {"account_id": ONE}],
            dict.fromkeys(
                ["accounts[0]", "accounts[1]"], f"account_id: {ONE} is in the list 2 times; name each account once"
            ),
            id="twice",
        ),
        pytest.param(
            [{"account_id": ONE, "address": "a@accounts.example.com", "owners": ["x@example.com"]}],
            {
                ONE: "owners: has no place beside address, which is in the map already; change what the map says of it"
                " first, or leave it out"
            },
            id="owners beside an address",
        ),
    ],
)
def test_what_cannot_be(entries: list[dict[str, Any]], refused: dict[str, str]) -> None:
    found = READ({**COMMON, "accounts": [*entries, {"account_id": TWO}]})
    assert found["refused"] == refused
    assert [one["account_id"] for one in found["requests"]] == [TWO]


def test_an_account_beside_a_list() -> None:
    named = {"account_id": "account_id", "accounts": "account_factory_accounts"}
    with pytest.raises(AnsibleFilterError, match="account_id: is given beside account_factory_accounts"):
        READ({**COMMON, "account_id": ONE, "accounts": [{"account_id": TWO}], "named": named})
