# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be asked of the map, and what is refused before anything is written."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._map import model
from ansible_collections.account_factory.email.plugins.module_utils._map.record import AddressRecord, Stamp

STAMP = Stamp("2026-11-21T09:30:00Z", "arn:aws:iam::123456789012:user/jane")
LATER = Stamp("2026-11-21T10:00:00Z", "arn:aws:iam::123456789012:user/joe")
DOMAINS = ("accounts.example.com", "other.example.com", "b.example")
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
    return replace(model.vend_request(VEND, DOMAINS).record(1, STAMP), **changes)


def edit(**options: Any) -> model.Edit:
    return model.edit({**EDIT, **options}, ())


@pytest.mark.parametrize(
    ("number", "length", "name"),
    [(1, 3, "App-001"), (999, 3, "App-999"), (1000, 3, "App-1000"), (7, 1, "App-7")],
    ids=["filled", "full", "grows past", "one digit"],
)
def test_number_in_name_and_address(number: int, length: int, name: str) -> None:
    record = model.vend_request({**VEND, "counter_length": length}, DOMAINS).record(number, STAMP)
    assert (record.account_name, record.address) == (name, f"{name.lower()}@accounts.example.com")
    assert (record.status, record.version, record.created_by) == ("vended", 1, STAMP.by)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        pytest.param({"owners": ["jane"]}, r"owners\[0\]: 'jane' is not an email", id="owner is no address"),
        pytest.param({"owners": ["a@z.example", "x y@z.example"]}, r"owners\[1\]: ", id="second owner"),
        pytest.param({"owners": []}, "owners: is empty", id="no owner"),
        pytest.param(
            {"owners": ["x@Accounts.Example.com"]}, r"owners\[0\]: .* vended domain", id="owner in the domain"
        ),
        pytest.param({"owners": ["x@other.example.com"]}, r"owners\[0\]: .* vended domain", id="owner in another"),
        pytest.param({"domain": "localhost"}, "domain: 'localhost' is not a domain", id="domain"),
        pytest.param({"domain": "gmail.example"}, "domain: nobody forwards .* has accounts.ex", id="unknown domain"),
        pytest.param({"account_type": " "}, "account_type: is empty", id="blank type"),
        pytest.param({"request_id": "  "}, "request_id: has 0 characters", id="blank request id"),
        pytest.param({"request_id": "x" * 257}, "request_id: has 257 characters", id="long request id"),
        *[
            pytest.param({"name_prefix": prefix}, "name_prefix: .* makes no legal account", id=f"prefix {prefix!r}")
            for prefix in ("", " ", "Team Blue", "R&D", ".app", "app.", "über", "app-001+x", "-app")
        ],
        pytest.param({"counter_length": 0}, "counter_length: 0", id="counter length 0"),
        pytest.param({"counter_length": 11}, "counter_length: 11", id="counter length 11"),
        pytest.param({"tags": {"aws:x": "y"}}, "tags: 'aws:x' begins with 'aws:'", id="tag of AWS"),
    ],
)
def test_vend_request_refuses(options: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=says):
        model.vend_request({**VEND, **options}, DOMAINS)


def test_a_prefix_that_is_too_long_is_refused_with_what_fits() -> None:
    request = model.vend_request({**VEND, "name_prefix": "x" * 40}, DOMAINS)
    with pytest.raises(InputError, match=r"^name_prefix: .* has 65 characters.* Use at most 39 letters"):
        request.record(1, STAMP)


def test_the_longest_prefix_that_the_message_names_fits() -> None:
    assert len(model.vend_request({**VEND, "name_prefix": "x" * 39}, DOMAINS).record(1, STAMP).address) == 64
    with pytest.raises(InputError):
        model.vend_request({**VEND, "name_prefix": "x" * 40}, DOMAINS).record(1, STAMP)


def test_owners_are_kept_once_each_in_their_order() -> None:
    request = model.vend_request({**VEND, "owners": ["B@x.example", "a@x.example", "b@X.example"]}, DOMAINS)
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
    asked = model.vend_request(VEND, DOMAINS).asked()
    record = vended(owners=("new@example.org",))
    model.check_same_request(model.vend_request({**VEND, **again}, DOMAINS), asked, record)


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
    asked = model.vend_request(VEND, DOMAINS).asked()
    with pytest.raises(InputError, match=says) as refused:
        model.check_same_request(model.vend_request({**VEND, **again}, DOMAINS), asked, vended())
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
            {},
            {"create_account_request_id": "car-0123456789"},
            {"create_account_request_id": "car-0123456789"},
            id="creation request",
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
        pytest.param({"address": ""}, "address: '' is not an email", id="empty address"),
        pytest.param({"account_id": "١٢٣٤٥٦٧٨٩٠١٢"}, "is not an AWS account id", id="other digits"),
        pytest.param({"create_account_request_id": "x"}, "'x' is not the id of an account's creation", id="car id"),
        pytest.param({"account_type": ""}, "account_type: is empty", id="empty type"),
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


def test_a_retired_address_stays_as_it_is() -> None:
    with pytest.raises(InputError, match="is retired"):
        model.apply_edit(vended(status="retired"), edit(account_id="222222222222"), LATER)


def test_one_text_written_in_two_ways_is_one_request_id() -> None:
    ids = {model.vend_request({**VEND, "request_id": text}, DOMAINS).request_id for text in ("T-\u00e9", "T-e\u0301")}
    assert len(ids) == 1
