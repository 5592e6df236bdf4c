# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a record of the sample's table comes to, without AWS."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._sample_table import model

# As the sample's function writes it for a request that gives no name and no address.
ITEM: dict[str, Any] = {
    "AccountEmail": "payments-app-prod-007@accounts.example.com",
    "AccountName": "payments-app-prod",
    "Enum": "007",
    "OwnerAddress": "Jane@example.org",
    "AccountType": "Sales",
    "Status": "NAME-ALLOCATED",
    "LastUpdated": "2025-03-01T10:20:30.123456",
    "Tags": {
        "BusinessUnit": "Payments",
        "ApplicationName": "App",
        "Environment": "PRODUCTION",
        "AccountName": None,
        "AccountEmail": None,
    },
}
ENTRY: dict[str, Any] = {
    "address": "payments-app-prod-007@accounts.example.com",
    "account_name": "payments-app-prod-007",
    "series": "payments-app-prod",
    "number": 7,
    "owners": ["Jane@example.org"],
    "account_type": "Sales",
    "tags": {"BusinessUnit": "Payments", "ApplicationName": "App", "Environment": "PRODUCTION"},
}
NAMES = ("account_name", "series", "number")


def without(entry: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name not in names}


def test_a_record_as_the_sample_writes_it() -> None:
    assert model.entry(ITEM) == ENTRY


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        pytest.param({"Enum": "1"}, {"account_name": "payments-app-prod-1", "number": 1}, id="one digit"),
        pytest.param(
            {"Enum": "1000"}, {"account_name": "payments-app-prod-1000", "number": 1000}, id="grown past three"
        ),
        pytest.param(
            {"AccountName": "Blue-Origin", "Enum": "0042"},
            {"account_name": "Blue-Origin-0042", "series": "Blue-Origin", "number": 42},
            id="letter case and digits stay",
        ),
        pytest.param(
            {"AccountEmail": " Payments@Accounts.Example.com."},
            {"address": "payments@accounts.example.com"},
            id="address in any case",
        ),
        pytest.param({"Tags": {"k": ""}}, {"tags": {"k": ""}}, id="empty tag"),
        pytest.param(
            {"Tags": {"n": Decimal("7.50"), "b": True}}, {"tags": {"n": "7.50", "b": "True"}}, id="tag by hand"
        ),
    ],
)
def test_what_a_record_may_hold(changed: dict[str, Any], expected: dict[str, Any]) -> None:
    assert model.entry({**ITEM, **changed}) == {**ENTRY, **expected}


@pytest.mark.parametrize(
    ("changed", "account_name"),
    [
        pytest.param({"AccountName": "my-custom", "Enum": "account"}, "my-custom-account", id="a word"),
        pytest.param({"AccountName": "payments", "Enum": "2b"}, "payments-2b", id="not all digits"),
        pytest.param({"AccountName": "payments", "Enum": "٣"}, "payments-٣", id="digits of another script"),
        pytest.param({"AccountName": "payments", "Enum": "²"}, "payments-²", id="superscript"),
        pytest.param({"Enum": "000"}, "payments-app-prod-000", id="before the first of a series"),
        pytest.param({"Enum": ""}, "payments-app-prod", id="no Enum"),
        pytest.param({"Enum": None}, "payments-app-prod", id="null Enum"),
    ],
)
def test_a_name_without_a_number_is_of_no_series(changed: dict[str, Any], account_name: str) -> None:
    expected = {**without(ENTRY, "series", "number"), "account_name": account_name}
    assert model.entry({**ITEM, **changed}) == expected


@pytest.mark.parametrize(
    ("missing", "not_in_entry"),
    [
        pytest.param("AccountName", NAMES, id="AccountName"),
        pytest.param("AccountType", ("account_type",), id="AccountType"),
        pytest.param("Tags", ("tags",), id="Tags"),
        pytest.param("Status", (), id="Status"),
        pytest.param("LastUpdated", (), id="LastUpdated"),
    ],
)
@pytest.mark.parametrize("how", ["absent", "null"])
def test_what_is_missing_is_not_given(missing: str, not_in_entry: tuple[str, ...], how: str) -> None:
    item = without(ITEM, missing) if how == "absent" else {**ITEM, missing: None}
    assert model.entry(item) == without(ENTRY, *not_in_entry)


def test_a_record_made_by_hand_may_hold_address_and_owner_only() -> None:
    item = {"AccountEmail": "a@accounts.example.com", "OwnerAddress": "jane@example.org"}
    assert model.entry(item) == {"address": "a@accounts.example.com", "owners": ["jane@example.org"]}


@pytest.mark.parametrize("empty", [{"AccountName": "AccountEmail"}, {}], ids=["only the sample's own", "empty"])
def test_no_tags_are_not_given(empty: dict[str, str]) -> None:
    assert "tags" not in model.entry({**ITEM, "Tags": empty})


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        pytest.param({"OwnerAddress": None}, "it has no OwnerAddress", id="owner null"),
        pytest.param({"OwnerAddress": " "}, "it has no OwnerAddress", id="owner blank"),
        pytest.param(
            {"OwnerAddress": {"jane@example.org"}}, "its OwnerAddress is {'jane@example.org'} and not", id="set"
        ),
        pytest.param({"Enum": Decimal(7)}, "its Enum is Decimal('7') and not a text", id="Enum is a number"),
        pytest.param({"Tags": "k=v"}, "its Tags are 'k=v' and not a map", id="tags are a text"),
        pytest.param({"Tags": {"k": ["v"]}}, "its tag 'k' is ['v'] and not a text", id="tag is a list"),
        pytest.param({"AccountEmail": "payments"}, "'payments' is not an email address", id="address"),
        pytest.param({"AccountEmail": "a@localhost"}, "'localhost' is not a domain name", id="domain"),
    ],
)
def test_a_record_that_cannot_be_read_is_reported_and_the_others_come_in(changed: dict[str, Any], says: str) -> None:
    bad = {**ITEM, "AccountEmail": "bad@accounts.example.com", **changed}
    converted = model.convert([bad, ITEM])
    assert converted.addresses == [ENTRY]
    [left_out] = converted.left_out
    assert left_out["address"] == bad["AccountEmail"]
    assert left_out["msg"].startswith(says)


def named(key: str, name: str, enum: str = "001") -> dict[str, Any]:
    return {**ITEM, "AccountEmail": key, "AccountName": name, "Enum": enum}


@pytest.mark.parametrize(
    ("items", "left_out", "says"),
    [
        pytest.param(
            [named("b@a.example", "B"), named("B@a.example", "c")],
            ["B@a.example", "b@a.example"],
            "in other letter case",
            id="addresses that differ by case",
        ),
        pytest.param(
            [named("b@a.example", "same"), named("c@a.example", "Same")],
            ["b@a.example", "c@a.example"],
            "its account name",
            id="one name in two cases",
        ),
        pytest.param(
            [named("b@a.example", "a-b", "001"), named("c@a.example", "a", "b-001")],
            ["b@a.example", "c@a.example"],
            "its account name 'a-b-001', too",
            id="one name cut in two ways",
        ),
    ],
)
def test_records_that_want_the_same_are_reported_and_not_guessed_at(
    items: list[dict[str, Any]], left_out: list[str], says: str
) -> None:
    converted = model.convert([ITEM, *items])
    assert converted.addresses == [ENTRY]
    assert [each["address"] for each in converted.left_out] == left_out
    assert all(says in each["msg"] for each in converted.left_out)


def test_the_same_number_of_two_series_is_no_conflict() -> None:
    items = [named("b@a.example", "b"), named("a@a.example", "a")]
    assert [each["address"] for each in model.convert(items).addresses] == ["a@a.example", "b@a.example"]


def test_a_table_of_something_else_is_refused() -> None:
    with pytest.raises(InputError, match=r"^sample_table: this is no table of the sample"):
        model.convert([{"pk": "ADDRESS#a@accounts.example.com"}])


def test_an_empty_table_is_empty() -> None:
    assert model.convert([]) == model.Converted([], [], [])


def test_statuses_that_the_sample_never_writes_are_told() -> None:
    items = [{**ITEM, "AccountEmail": f"{n}@a.example", "Status": status} for n, status in enumerate(["X", "A", "X"])]
    assert model.convert([ITEM, without(ITEM, "Status"), *items]).statuses == ["A", "X"]
