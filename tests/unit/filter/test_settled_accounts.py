# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which accounts the play that creates them has nothing to do for."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.account_factory.email.plugins.filter.settled_accounts import FilterModule, settled_accounts

RECORD = {"address": "app-001@accounts.example.com", "account_name": "app-001", "account_id": "123456789012"}
ACCOUNT = {
    "id": "123456789012",
    "email": "App-001@accounts.example.com",
    "name": "app-001",
    "state": "ACTIVE",
    "tags": {"team": "blue", "theirs": "x"},
    "parent_id": "ou-ab12-34567890",
    "path": "Workloads/Prod",
}


@pytest.mark.parametrize(
    ("request_", "purge_tags", "settled"),
    [
        pytest.param({"parent": ""}, True, True, id="nothing asked for"),
        pytest.param({"parent": "", "tags": {"team": "blue"}}, False, True, id="tags among others"),
        pytest.param({"parent": "", "tags": {"team": "blue"}}, True, False, id="tags of others that are to go"),
        pytest.param({"parent": "", "tags": {"team": "red"}}, False, False, id="another tag"),
        pytest.param({"parent": "", "tags": {}}, False, True, id="no tags"),
        pytest.param({"parent": "Workloads/Prod"}, False, True, id="path"),
        pytest.param({"parent": "/Workloads/Prod/"}, False, True, id="path with slashes"),
        pytest.param({"parent": "ou-ab12-34567890"}, False, True, id="id of a parent"),
        pytest.param({"parent": "Workloads"}, False, False, id="another place"),
        pytest.param({"parent": "/"}, False, False, id="root"),
    ],
)
def test_what_is_asked_for(request_: dict[str, Any], purge_tags: bool, settled: bool) -> None:
    found = settled_accounts([(request_, RECORD)], [ACCOUNT], purge_tags)
    done: dict[str, Any] = {"settled": [{"record": RECORD, "account": ACCOUNT}], "others": []}
    assert found == (done if settled else {"settled": [], "others": [[request_, RECORD]]})


@pytest.mark.parametrize(
    ("record", "account"),
    [
        pytest.param({"account_id": None}, {}, id="no account yet"),
        pytest.param({"account_id": "210987654321"}, {}, id="not in the organization"),
        pytest.param({}, {"state": "SUSPENDED"}, id="closed"),
        pytest.param({}, {"email": "other@example.com"}, id="another email"),
        pytest.param({}, {"name": "App-001"}, id="another name"),
    ],
)
def test_what_is_not_as_in_the_map(record: dict[str, Any], account: dict[str, Any]) -> None:
    pair = ({"parent": ""}, {**RECORD, **record})
    assert settled_accounts([pair], [{**ACCOUNT, **account}])["settled"] == []


def test_it_is_found() -> None:
    assert FilterModule().filters() == {"settled_accounts": settled_accounts}
