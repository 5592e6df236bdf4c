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
    "account_name_prefix": "legacy",
    "account_domain": "accounts.example.com",
    "account_owners": ["jane@example.com"],
    "account_type": "",
    "account_tags": None,
}
VEND = {"name_prefix": "legacy", "domain": "accounts.example.com", "owners": ["jane@example.com"]}


def test_one_account() -> None:
    found = READ({**COMMON, "account_id": ONE})
    assert found == {"requests": [{"account_id": ONE, "vend": {**VEND, "request_id": f"adopt-{ONE}"}}], "refused": {}}


def test_many_share_what_they_do_not_say() -> None:
    entries = [
        {"account_id": ONE, "account_owners": ["joe@example.com"], "account_request_id": "T-1"},
        {"account_id": TWO, "account_name": "Audit", "account_tags": {}},
    ]
    first, second = READ(COMMON, entries)["requests"]
    assert first["vend"] == {**VEND, "owners": ["joe@example.com"], "request_id": "T-1"}
    assert second["vend"] == {
        "account_name": "Audit",
        "domain": "accounts.example.com",
        "owners": ["jane@example.com"],
        "request_id": f"adopt-{TWO}",
        "tags": {},
    }


@pytest.mark.parametrize(
    ("entries", "refused"),
    [
        pytest.param(
            [{"account_id": "12345"}],
            {"12345": "account_id: '12345' is not an AWS account id; give its 12 digits in quotes"},
            id="no account id",
        ),
        pytest.param(
            [{"account_type": "sandbox"}],
            {"accounts[0]": "account_id: '' is not an AWS account id; give its 12 digits in quotes"},
            id="none given",
        ),
        pytest.param(
            [{"account_id": ONE}, {"account_id": ONE}],
            dict.fromkeys(
                ["accounts[0]", "accounts[1]"], f"account_id: {ONE} is in the list 2 times; name each account once"
            ),
            id="twice",
        ),
    ],
)
def test_what_cannot_be(entries: list[dict[str, Any]], refused: dict[str, str]) -> None:
    found = READ(COMMON, [*entries, {"account_id": TWO}])
    assert found["refused"] == refused
    assert [one["account_id"] for one in found["requests"]] == [TWO]


def test_a_variable_that_there_is_not() -> None:
    refused = READ(COMMON, [{"account_id": ONE, "owners": ["x@example.com"]}])["refused"]
    assert refused[ONE].startswith("owners: not known; an account has account_id, ")


@pytest.mark.parametrize(
    ("common", "accounts", "says"),
    [
        pytest.param(COMMON, "123456789012", "accounts: is not a list", id="text"),
        pytest.param(COMMON, {"account_id": ONE}, "accounts: is not a list", id="dictionary"),
        pytest.param(COMMON, [ONE], r"accounts\[0\]: is no dictionary", id="list of ids"),
        pytest.param({**COMMON, "account_id": ONE}, [{"account_id": TWO}], "account_id: is given beside", id="both"),
    ],
)
def test_what_cannot_be_read(common: dict[str, Any], accounts: Any, says: str) -> None:
    with pytest.raises(AnsibleFilterError, match=says):
        READ(common, accounts)
