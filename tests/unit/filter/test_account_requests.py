# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the play that creates accounts is asked for: one account, or a list in which entries may be wrong."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.account_factory.email.plugins.filter.account_requests import FilterModule, account_requests

ONE = {
    "name_prefix": "app",
    "domain": "accounts.example.com",
    "request_id": "T-1",
    "owners": ["jane@example.org"],
}
PARENTS = {"sandbox": "Sandboxes", "default": "/"}
NAMED = {"request_id": "account_factory_request_id", "domain": "account_domain"}


def test_one_account() -> None:
    expected = {"requests": [{"label": "T-1", "parent": "", "vend": ONE}], "refused": {}}
    assert account_requests({**ONE, "named": NAMED}) == expected
    assert FilterModule().filters() == {"account_requests": account_requests}


def test_everything_that_can_be_given() -> None:
    more = {"account_type": "sandbox", "tags": {}, "on_change": "apply"}
    create = {"tags": {}, "role_name": "Admin", "wait_timeout": 60}
    [request] = account_requests({**ONE, **more, **create, "parent": "Workloads", "aws_region": "x"})["requests"]
    assert request == {"label": "T-1", "parent": "Workloads", "vend": {**ONE, **more}, **create}


def test_what_entries_have_in_common_is_said_once() -> None:
    accounts: list[dict[str, Any]] = [
        {"request_id": "T-1"},
        {"request_id": "T-2", "owners": ["joe@example.org"], "account_type": "lab"},
        {"request_id": "T-3", "account_name": "Log-Archive"},
    ]
    requests = account_requests({**ONE, "account_type": "sandbox", "accounts": accounts})["requests"]
    assert [request["label"] for request in requests] == [
        "accounts[0] (T-1)",
        "accounts[1] (T-2)",
        "accounts[2] (T-3)",
    ]
    assert [request["vend"]["owners"] for request in requests[:2]] == [["jane@example.org"], ["joe@example.org"]]
    assert [request["vend"]["account_type"] for request in requests[:2]] == ["sandbox", "lab"]
    # A name of its own takes the place of the series.
    assert "name_prefix" not in requests[2]["vend"]
    assert account_requests({**ONE, "accounts": []}) == {"requests": [], "refused": {}}


@pytest.mark.parametrize(
    ("arguments", "parents", "expected"),
    [
        pytest.param({"account_type": "sandbox"}, PARENTS, "Sandboxes", id="its type's"),
        pytest.param({"account_type": "lab"}, PARENTS, "/", id="default"),
        pytest.param({}, PARENTS, "/", id="no type"),
        pytest.param({"account_type": "sandbox", "parent": "Labs"}, PARENTS, "Labs", id="its own"),
        pytest.param({"account_type": "lab", "parent": "Labs"}, {"x": "Y"}, "Labs", id="its own, no type's"),
        pytest.param({"account_type": "sandbox"}, {}, "", id="empty map"),
    ],
)
def test_parents(arguments: dict[str, Any], parents: dict[str, str], expected: str) -> None:
    found = account_requests({**ONE, **arguments, "type_parents": parents})
    assert (found["refused"], [request["parent"] for request in found["requests"]]) == ({}, [expected])


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        pytest.param({"refused": "owners: 15 is no list"}, "owners: 15 is no list", id="read already"),
        pytest.param({"account_type": "lab"}, "account_type: 'lab', and type_parents has only sandbox;", id="type"),
        pytest.param({"account_type": "sandbox", "role_name": "a b"}, "role_name: give 1 to 64", id="role name"),
        pytest.param({"account_type": "sandbox", "wait_timeout": 0}, "wait_timeout: give a number", id="timeout"),
    ],
)
def test_a_bad_entry_is_refused_and_stops_no_other(entry: dict[str, Any], says: str) -> None:
    accounts = [
        {"request_id": "T-1", "account_type": "sandbox"},
        {"request_id": "T-2", **entry},
        {"request_id": "T-3", "account_type": "sandbox"},
    ]
    found = account_requests({**ONE, "accounts": accounts, "type_parents": {"sandbox": "Sandboxes"}})
    assert [request["label"] for request in found["requests"]] == ["accounts[0] (T-1)", "accounts[2] (T-3)"]
    assert list(found["refused"]) == ["accounts[1] (T-2)"]
    assert found["refused"]["accounts[1] (T-2)"].startswith(says)


@pytest.mark.parametrize(
    ("left_out", "says"),
    [
        pytest.param(("domain", "request_id"), "account_domain, account_factory_request_id: not given", id="two"),
        pytest.param(("name_prefix",), "name_prefix: is not given, nor is an exact name", id="no name"),
    ],
)
def test_what_is_missing_is_named_as_it_would_be_given(left_out: tuple[str, ...], says: str) -> None:
    given = {name: value for name, value in ONE.items() if name not in left_out}
    assert list(account_requests({**given, "named": NAMED})["refused"].values()) == [says]


def test_two_accounts_of_one_request() -> None:
    found = account_requests({**ONE, "accounts": [{"request_id": each} for each in ("T-1", "T-2", "T-1")]})
    assert [request["label"] for request in found["requests"]] == ["accounts[1] (T-2)"]
    assert found["refused"] == {
        "accounts[0] (T-1)": "request_id: is that of accounts[2] (T-1) too; each account needs one of its own",
        "accounts[2] (T-1)": "request_id: is that of accounts[0] (T-1) too; each account needs one of its own",
    }


def test_a_type_without_a_parent() -> None:
    with pytest.raises(AnsibleFilterError, match="type_parents: 'lab' has no parent"):
        account_requests({**ONE, "type_parents": {"lab": None}})
