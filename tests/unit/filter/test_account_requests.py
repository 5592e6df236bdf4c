# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the play that creates accounts is asked for: one account, or a list in which entries may be wrong."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.account_factory.email.plugins.filter.account_requests import FilterModule, account_requests

ONE = {
    "account_name_prefix": "app",
    "account_domain": "accounts.example.com",
    "account_request_id": "T-1",
    "account_owners": ["jane@example.org"],
}
VEND = {
    "name_prefix": "app",
    "domain": "accounts.example.com",
    "request_id": "T-1",
    "owners": ["jane@example.org"],
}
PARENTS = {"sandbox": "Sandboxes", "default": "/"}


def test_one_account() -> None:
    empty = dict.fromkeys(("account_type", "account_role_name", "account_wait_timeout", "account_parent"), "")
    expected = {"requests": [{"label": "T-1", "parent": "", "vend": VEND}], "refused": {}}
    assert account_requests({**ONE, **empty}) == expected
    assert FilterModule().filters() == {"account_requests": account_requests}


def test_everything_that_can_be_given() -> None:
    more = {"account_type": "sandbox", "account_tags": {}, "account_role_name": "Admin", "account_wait_timeout": "60"}
    [request] = account_requests({**ONE, **more, "account_parent": "Workloads"})["requests"]
    assert request == {
        "label": "T-1",
        "parent": "Workloads",
        "vend": {**VEND, "account_type": "sandbox", "tags": {}},
        "tags": {},
        "role_name": "Admin",
        "wait_timeout": "60",
    }


def test_what_entries_have_in_common_is_said_once() -> None:
    accounts: list[dict[str, Any]] = [
        {"account_request_id": "T-1", "account_type": ""},
        {"account_request_id": 2, "account_owners": ["joe@example.org"], "account_type": "lab"},
    ]
    requests = account_requests({**ONE, "account_type": "sandbox", "account_request_id": ""}, accounts)["requests"]
    assert [request["label"] for request in requests] == ["accounts[0] (T-1)", "accounts[1] (2)"]
    assert [request["vend"]["owners"] for request in requests] == [["jane@example.org"], ["joe@example.org"]]
    assert [request["vend"]["account_type"] for request in requests] == ["sandbox", "lab"]
    assert account_requests(ONE, []) == {"requests": [], "refused": {}}


@pytest.mark.parametrize(
    ("variables", "parents", "expected"),
    [
        pytest.param({"account_type": "sandbox"}, PARENTS, "Sandboxes", id="its type's"),
        pytest.param({"account_type": "lab"}, PARENTS, "/", id="default"),
        pytest.param({}, PARENTS, "/", id="no type"),
        pytest.param({"account_type": "sandbox", "account_parent": "Labs"}, PARENTS, "Labs", id="its own"),
        pytest.param({"account_type": "lab", "account_parent": "Labs"}, {"x": "Y"}, "Labs", id="its own, no type's"),
        pytest.param({"account_type": "sandbox"}, None, "", id="no map"),
        pytest.param({"account_type": "sandbox"}, {}, "", id="empty map"),
        pytest.param({"account_type": "sandbox"}, "", "", id="empty answer of a survey"),
        pytest.param({"account_type": 7}, {7: "Seven"}, "Seven", id="number"),
    ],
)
def test_parents(variables: dict[str, Any], parents: Any, expected: str) -> None:
    found = account_requests({**ONE, **variables}, type_parents=parents)
    assert (found["refused"], [request["parent"] for request in found["requests"]]) == ({}, [expected])


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        pytest.param({"account_owner": ["x@example.org"]}, "account_owner: not known; an account has ", id="unknown"),
        pytest.param(
            {"account_type": "lab"}, "account_type: 'lab', and account_type_parents has only sandbox;", id="type"
        ),
        pytest.param({}, "account_type: is not given, and account_type_parents has only sandbox;", id="no type"),
        pytest.param({"account_type": "sandbox", "account_role_name": "a b"}, "account_role_name, ", id="role name"),
        pytest.param({"account_type": "sandbox", "account_wait_timeout": 0}, "account_role_name, ", id="timeout"),
        pytest.param({"account_type": "sandbox", "account_wait_timeout": "1h"}, "account_role_name, ", id="unit"),
    ],
)
def test_a_bad_entry_is_refused_and_stops_no_other(entry: dict[str, Any], says: str) -> None:
    accounts = [
        {"account_request_id": "T-1", "account_type": "sandbox"},
        {"account_request_id": "T-2", **entry},
        {"account_request_id": "T-3", "account_type": "sandbox"},
    ]
    found = account_requests(ONE, accounts, type_parents={"sandbox": "Sandboxes"})
    assert [request["label"] for request in found["requests"]] == ["accounts[0] (T-1)", "accounts[2] (T-3)"]
    assert list(found["refused"]) == ["accounts[1] (T-2)"]
    assert found["refused"]["accounts[1] (T-2)"].startswith(says)


def test_what_is_missing_is_named() -> None:
    missing = {"the request": "account_domain, account_request_id: not given"}
    given = {name: ONE[name] for name in ("account_name_prefix", "account_owners")}
    assert account_requests({**given, "account_domain": ""}) == {"requests": [], "refused": missing}
    found = account_requests(given, [{"account_domain": "accounts.example.com"}])
    assert found["refused"] == {"accounts[0]": "account_request_id: not given"}


def test_two_accounts_of_one_request() -> None:
    accounts = [{"account_request_id": each} for each in ("T-1", "T-2", " T-1")]
    found = account_requests(ONE, accounts)
    assert [request["label"] for request in found["requests"]] == ["accounts[1] (T-2)"]
    assert found["refused"] == {
        "accounts[0] (T-1)": "account_request_id: is that of accounts[2] (T-1) too; each account needs one of its own",
        "accounts[2] (T-1)": "account_request_id: is that of accounts[0] (T-1) too; each account needs one of its own",
    }


@pytest.mark.parametrize(
    ("accounts", "parents", "says"),
    [
        pytest.param("T-1", None, "accounts: is not a list", id="text"),
        pytest.param({"account_request_id": "T-1"}, None, "accounts: is not a list", id="dictionary"),
        pytest.param([{}, "T-1"], None, r"accounts\[1\]: is no dictionary", id="entry"),
        pytest.param([], "Sandboxes", "account_type_parents: 'Sandboxes' is no dictionary", id="parents"),
        pytest.param([], {"lab": ""}, "account_type_parents: 'lab' has no parent", id="no parent"),
    ],
)
def test_what_is_no_list_of_accounts(accounts: Any, parents: Any, says: str) -> None:
    with pytest.raises(AnsibleFilterError, match=says):
        account_requests(ONE, accounts, type_parents=parents)
