# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be asked of the map, and what is refused before anything is written."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._map import model
from ansible_collections.account_factory.email.plugins.module_utils._map.record import AddressRecord

STAMP = model.Stamp("2026-11-21T09:30:00Z", "arn:aws:iam::123456789012:user/jane")
LATER = model.Stamp("2026-11-21T10:00:00Z", "arn:aws:iam::123456789012:user/joe")
VEND: dict[str, Any] = {
    "name_prefix": "App",
    "domain": "accounts.example.com",
    "request_id": "T-1",
    "counter_length": 3,
    "owners": ["jane@example.org"],
    "account_type": None,
    "tags": None,
}
EDIT: dict[str, Any] = {
    "address": "app-001@accounts.example.com",
    "owners": None,
    "account_type": None,
    "tags": None,
    "purge_tags": True,
    "account_id": None,
    "create_account_request_id": None,
}


def vended(**changes: Any) -> AddressRecord:
    return replace(model.vend_request(VEND, ()).record(1, STAMP), **changes)


def edit(**options: Any) -> model.Edit:
    return model.edit({**EDIT, **options}, ())


@pytest.mark.parametrize(
    ("number", "length", "name"),
    [(1, 3, "App-001"), (999, 3, "App-999"), (1000, 3, "App-1000"), (7, 1, "App-7")],
    ids=["filled", "full", "grows past", "one digit"],
)
def test_number_in_name_and_address(number: int, length: int, name: str) -> None:
    record = model.vend_request({**VEND, "counter_length": length}, ()).record(number, STAMP)
    assert (record.account_name, record.address) == (name, f"{name.lower()}@accounts.example.com")
    assert (record.status, record.version, record.created_by) == ("vended", 1, STAMP.by)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        pytest.param({"owners": ["jane"]}, r"owners\[0\]: 'jane' is not an email", id="owner is no address"),
        pytest.param({"owners": ["a@b.example", "x y@b.example"]}, r"owners\[1\]: ", id="second owner"),
        pytest.param({"owners": []}, "owners: is empty", id="no owner"),
        pytest.param(
            {"owners": ["x@Accounts.Example.com"]}, r"owners\[0\]: .* vended domain", id="owner in the domain"
        ),
        pytest.param({"owners": ["x@other.example.com"]}, r"owners\[0\]: .* vended domain", id="owner in another"),
        pytest.param({"domain": "localhost"}, "domain: 'localhost' is not a domain", id="domain"),
        pytest.param({"request_id": "  "}, "request_id: has 0 characters", id="blank request id"),
        pytest.param({"request_id": "x" * 257}, "request_id: has 257 characters", id="long request id"),
        pytest.param({"name_prefix": " "}, "name_prefix: is empty", id="blank prefix"),
        pytest.param({"counter_length": 0}, "counter_length: 0", id="counter length 0"),
        pytest.param({"counter_length": 11}, "counter_length: 11", id="counter length 11"),
        pytest.param({"tags": {"": "x"}}, "tags: the key ''", id="empty tag key"),
        pytest.param({"tags": {"k" * 129: "x"}}, "AWS accepts 1 to 128", id="long tag key"),
        pytest.param({"tags": {"k": "v" * 257}}, r"tags\[k\]: has 257", id="long tag value"),
        pytest.param({"tags": {str(i): "" for i in range(51)}}, "tags: there are 51", id="51 tags"),
    ],
)
def test_vend_request_refuses(options: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=says):
        model.vend_request({**VEND, **options}, {"other.example.com"})


@pytest.mark.parametrize(
    ("prefix", "says"),
    [
        pytest.param("Team Blue", "does not accept ' '", id="blank"),
        pytest.param("R&D", "does not accept '&'", id="ampersand"),
        pytest.param(".app", "begins or ends with a dot", id="leading dot"),
        pytest.param("über", "printable ASCII", id="not ASCII"),
        pytest.param("x" * 40, "has 65 characters", id="address too long"),
    ],
)
def test_a_prefix_that_makes_no_legal_account_is_refused_with_what_fits(prefix: str, says: str) -> None:
    request = model.vend_request({**VEND, "name_prefix": prefix}, ())
    with pytest.raises(InputError, match=says) as refused:
        request.record(1, STAMP)
    assert str(refused.value).startswith("name_prefix: ")
    assert "Use at most 39 letters" in str(refused.value)


def test_the_longest_prefix_that_the_message_names_fits() -> None:
    assert len(model.vend_request({**VEND, "name_prefix": "x" * 39}, ()).record(1, STAMP).address) == 64
    with pytest.raises(InputError):
        model.vend_request({**VEND, "name_prefix": "x" * 40}, ()).record(1, STAMP)


def test_owners_are_kept_once_each_in_their_order() -> None:
    request = model.vend_request({**VEND, "owners": ["B@x.example", "a@x.example", "b@X.example"]}, ())
    assert request.owners == ("B@x.example", "a@x.example")


@pytest.mark.parametrize(
    "again",
    [
        pytest.param({}, id="the same"),
        pytest.param({"owners": ["Jane@example.org"]}, id="owner in another case"),
        pytest.param({"name_prefix": "app"}, id="prefix in another case"),
        pytest.param({"owners": ["new@example.org"]}, id="the owner that it has today"),
        pytest.param({"counter_length": 4}, id="another width"),
    ],
)
def test_the_same_request_again(again: dict[str, Any]) -> None:
    asked = model.vend_request(VEND, ()).asked()
    record = vended(owners=("new@example.org",))
    model.check_same_request(model.vend_request({**VEND, **again}, ()), asked, record)


@pytest.mark.parametrize(
    ("again", "says"),
    [
        pytest.param({"name_prefix": "other"}, "name_prefix was 'App' and is 'other' here", id="prefix"),
        pytest.param({"domain": "b.example"}, "domain was 'accounts.example.com' and is 'b.example'", id="domain"),
        pytest.param({"owners": ["x@example.org"]}, "owners was", id="owners"),
        pytest.param({"owners": ["jane@example.org", "x@example.org"]}, "owners was", id="one owner more"),
        pytest.param({"account_type": "prod"}, "account_type was None and is 'prod'", id="type"),
        pytest.param({"tags": {"a": "b"}}, "tags was", id="tags"),
    ],
)
def test_a_request_id_used_for_something_else_is_refused(again: dict[str, Any], says: str) -> None:
    asked = model.vend_request(VEND, ()).asked()
    with pytest.raises(InputError, match=says) as refused:
        model.check_same_request(model.vend_request({**VEND, **again}, ()), asked, vended())
    assert "app-001@accounts.example.com" in str(refused.value)


@pytest.mark.parametrize(
    ("record", "change", "expected"),
    [
        pytest.param({}, {"owners": ["joe@example.org"]}, {"owners": ("joe@example.org",)}, id="owners"),
        pytest.param({}, {"account_type": "prod"}, {"account_type": "prod"}, id="type"),
        pytest.param({"tags": {"a": "1"}}, {"tags": {"b": "2"}}, {"tags": {"b": "2"}}, id="tags replace"),
        pytest.param(
            {"tags": {"a": "1"}},
            {"tags": {"b": "2"}, "purge_tags": False},
            {"tags": {"a": "1", "b": "2"}},
            id="tags add",
        ),
        pytest.param(
            {}, {"account_id": "123456789012"}, {"account_id": "123456789012", "status": "active"}, id="account id"
        ),
        pytest.param(
            {}, {"create_account_request_id": "car-1"}, {"create_account_request_id": "car-1"}, id="creation request"
        ),
    ],
)
def test_an_edit_changes_just_what_it_names(
    record: dict[str, Any], change: dict[str, Any], expected: dict[str, Any]
) -> None:
    before = vended(**record)
    after = model.apply_edit(before, edit(**change), LATER)
    assert after == replace(before, **expected, version=2, updated_at=LATER.at, updated_by=LATER.by)
    assert model.apply_edit(after, edit(**change), STAMP) is after


@pytest.mark.parametrize(
    ("options", "says"),
    [
        pytest.param({"address": "nobody"}, "address: 'nobody' is not an email", id="address"),
        pytest.param({"account_id": "12345"}, "account_id: '12345' is not an AWS account id", id="account id"),
        pytest.param({"owners": []}, "owners: is empty", id="no owner"),
        pytest.param(
            {"owners": ["x@accounts.example.com"]}, r"owners\[0\]: .* vended domain", id="owner in its domain"
        ),
    ],
)
def test_edit_refuses(options: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=says):
        edit(**options)


def test_an_address_belongs_to_one_account_for_life() -> None:
    record = vended(account_id="111111111111", status="active")
    with pytest.raises(InputError, match="belongs to account 111111111111 for life"):
        model.apply_edit(record, edit(account_id="222222222222"), LATER)
