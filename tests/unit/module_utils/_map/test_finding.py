# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be asked for and what it matches; how it is read is tested with the module that asks."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._map.finding import Query, build_query
from ansible_collections.account_factory.email.plugins.module_utils._record import AddressRecord

RECORD = AddressRecord(
    address="app-001@x.example",
    account_name="App-001",
    domain="x.example",
    owners=("Jane.Doe@y.example", "joe@y.example"),
    fallback_owners=("Team@y.example",),
    contacts={"billing": ("Fin@y.example",), "security": ("soc@y.example",)},
    status="active",
    account_id="012345678901",
    account_type="sandbox",
    tags={"team": "blue", "cost-center": "1234"},
    request_id="T-1",
)
ALL = {
    "account_name": "App-001",
    "account_id": "012345678901",
    "owner": "joe@y.example",
    "fallback_owner": "team@y.example",
    "contact": "soc@y.example",
    "request_id": "T-1",
    "status": "active",
    "account_type": "sandbox",
    "tags": {"team": "blue"},
}


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({}, id="nothing"),
        pytest.param({**dict.fromkeys(ALL), "address": None}, id="options that are not given"),
        pytest.param({"account_name": "aPP-001"}, id="name in another case"),
        pytest.param({"account_id": "012345678901"}, id="account id"),
        pytest.param({"owner": "jane.doe@Y.example."}, id="first owner in another case"),
        pytest.param({"owner": "JOE@y.example"}, id="second owner in another case"),
        pytest.param({"fallback_owner": "TEAM@y.example"}, id="fallback owner in another case"),
        pytest.param({"contact": "FIN@y.example"}, id="contact in another case"),
        pytest.param({"request_id": " T-1 "}, id="request id with spaces around"),
        pytest.param({"status": "active"}, id="status"),
        pytest.param({"account_type": "sandbox"}, id="type"),
        pytest.param({"tags": {}}, id="no tags"),
        pytest.param({"tags": {"cost-center": 1234}}, id="a tag whose value is a number in YAML"),
        pytest.param({"tags": {"cost-center": "1234", "team": "blue"}}, id="all tags"),
        pytest.param(ALL, id="everything"),
    ],
)
def test_it_matches(options: dict[str, Any]) -> None:
    assert build_query(options).matches(RECORD)


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"account_name": "App-00"}, id="part of the name"),
        pytest.param({"account_id": "012345678902"}, id="account id"),
        pytest.param({"owner": "doe@y.example"}, id="part of an owner"),
        pytest.param({"fallback_owner": "joe@y.example"}, id="an owner, but no fallback owner"),
        pytest.param({"owner": "team@y.example"}, id="a fallback owner, but no owner"),
        pytest.param({"contact": "joe@y.example"}, id="an owner, but no contact"),
        pytest.param({"contact": "billing@y.example"}, id="a kind of contact"),
        pytest.param({"request_id": "t-1"}, id="request id in another case"),
        pytest.param({"status": "vended"}, id="status"),
        pytest.param({"account_type": "Sandbox"}, id="type in another case"),
        pytest.param({"tags": {"team": "red"}}, id="value of a tag"),
        pytest.param({"tags": {"Team": "blue"}}, id="tag in another case"),
        pytest.param({"tags": {"team": "blue", "stage": ""}}, id="one tag of two"),
    ],
)
def test_it_does_not_match_even_where_all_else_does(options: dict[str, Any]) -> None:
    assert not build_query({**ALL, **options}).matches(RECORD)


@pytest.mark.parametrize("name", ["account_id", "request_id", "account_type"])
def test_a_field_that_is_not_known_matches_nothing_that_is_asked_for(name: str) -> None:
    unknown = AddressRecord(address="a@x.example", account_name="a", domain="x.example", owners=("o@y.example",))
    assert not build_query({name: ALL[name]}).matches(unknown)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        pytest.param({"address": "app-001"}, "address: 'app-001' is not an email address", id="address"),
        pytest.param({"address": ""}, "address: '' is not an email address", id="empty address"),
        pytest.param({"account_name": " "}, "account_name: is empty; omit it", id="empty name"),
        pytest.param({"account_id": "12345678901"}, "account_id: '12345678901' is not an AWS account id", id="digits"),
        pytest.param({"account_id": ""}, "account_id: '' is not an AWS account id", id="empty account id"),
        pytest.param({"owner": "jane"}, "owner: 'jane' is not an email address", id="owner"),
        pytest.param({"owner": ""}, "owner: '' is not an email address", id="empty owner"),
        pytest.param({"request_id": ""}, "request_id: has 0 characters", id="empty request id"),
        pytest.param({"account_type": ""}, "account_type: is empty; omit it", id="empty type"),
        pytest.param({"tags": {"": "x"}}, "tags: the key '' has 0 characters", id="empty tag"),
    ],
)
def test_what_nothing_can_match_is_refused(options: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError) as refused:
        build_query({**ALL, **options})
    assert str(refused.value).startswith(says)


@pytest.mark.parametrize(
    ("wanted", "key"),
    [
        pytest.param({"account_name": "App-001", "status": "active"}, "NAME#app-001", id="name"),
        pytest.param({"account_id": "012345678901", "owner": "a@y.example"}, "ACCOUNT#012345678901", id="account id"),
        pytest.param({"request_id": "T-1"}, "REQUEST#T-1", id="request id"),
        pytest.param({"request_id": "Caf\u0065\u0301"}, "REQUEST#Caf\u00e9", id="request id, decomposed letters"),
        pytest.param({"owner": "a@y.example", "status": "active", "tags": {"a": "b"}}, None, id="no key"),
    ],
)
def test_a_key_is_used_where_there_is_one(wanted: dict[str, Any], key: str | None) -> None:
    assert build_query(wanted).key() == key


def test_nothing_asked_is_an_empty_query() -> None:
    assert build_query({}) == Query()
