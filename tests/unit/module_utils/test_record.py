# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A record survives its way into an item and back; what a later release adds does no harm."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._record import (
    AddressRecord,
    address_key,
    name_key,
    series_key,
)

SMALL = AddressRecord(address="a@x.example", account_name="a", domain="x.example", owners=("o@y.example",))
FULL = AddressRecord(
    address="app-001@x.example",
    account_name="App-001",
    domain="x.example",
    owners=("o@y.example", "p@y.example"),
    owner_groups=("0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",),
    fallback_owners=("q@y.example",),
    contacts={"billing": ("b@y.example", "o@y.example"), "security": ("s@y.example",)},
    owners_since={"o@y.example": "2026-11-21T09:30:00Z", "p@y.example": "2026-11-21T09:31:00Z"},
    status="active",
    account_id="123456789012",
    account_type="sandbox",
    tags={"a": "b"},
    request_id="T-1",
    series="App",
    number=1,
    create_account_request_id="car-1",
    created_at="2026-11-21T09:30:00Z",
    created_by="arn:1",
    updated_at="2026-11-21T09:31:00Z",
    updated_by="arn:2",
    version=2,
)


@pytest.mark.parametrize("record", [SMALL, FULL], ids=["small", "full"])
def test_item_round_trip(record: AddressRecord) -> None:
    assert AddressRecord.from_item(record.to_item()) == record


def test_since_when_somebody_is_an_owner_is_known_of_whom_it_is_kept_and_of_all_where_nothing_was_changed() -> None:
    assert FULL.owner_since("p@y.example") == "2026-11-21T09:31:00Z"
    assert FULL.owner_since("q@y.example") is FULL.owner_since("s@y.example") is None
    assert replace(FULL, version=1).owner_since("q@y.example") == FULL.created_at


def test_numbers_come_from_dynamodb_as_decimals_and_unknown_attributes_are_left_alone() -> None:
    item = {**FULL.to_item(), "number": Decimal(1), "version": Decimal(2), "added_later": "x"}
    assert AddressRecord.from_item(item) == FULL


def test_an_item_has_its_owners_in_lower_case_beside_what_they_were_given_as() -> None:
    item = replace(SMALL, owners=("Jane@Y.example", "joe@y.example")).to_item()
    search = {"given": ["Jane@Y.example", "joe@y.example"], "folded": ["jane@y.example", "joe@y.example"]}
    assert item["owner_search"] == search
    # It is made anew at each write.
    assert replace(AddressRecord.from_item(item), owners=("o@y.example",)).to_item() == SMALL.to_item()


def test_contacts_are_plain_lists_in_results_and_items_and_nothing_where_there_are_none() -> None:
    plain = {"billing": ["b@y.example", "o@y.example"], "security": ["s@y.example"]}
    assert FULL.to_dict()["contacts"] == FULL.to_item()["contacts"] == plain
    assert (SMALL.to_dict()["contacts"], "contacts" in SMALL.to_item()) == ({}, False)
    assert FULL.contact_mailboxes == ("b@y.example", "o@y.example", "s@y.example")
    assert FULL.has_mailbox("s@y.example")


def test_an_unset_field_has_no_attribute_but_shows_in_the_result() -> None:
    assert "account_id" not in SMALL.to_item()
    assert SMALL.to_dict()["account_id"] is None


def test_keys_cannot_meet_and_case_does_not_count() -> None:
    assert len({address_key("a"), name_key("a"), series_key("a")}) == 3
    assert name_key("App") == name_key("APP")
    assert series_key("App") == series_key("APP")
