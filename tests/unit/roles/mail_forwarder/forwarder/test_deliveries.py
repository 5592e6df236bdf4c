# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A copy is claimed by one at a time, and sent once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from moto import mock_aws

from forwarder.deliveries import RETENTION_SECONDS, Claim, ClaimHeldError, DeliveryTable
from tests.map_table import create_delivery_table

NOW = 1_795_166_046
KEY = "m1#one@example.com#owner@example.org"


@dataclass
class Clock:
    time: float = NOW + 0.9

    def __call__(self) -> float:
        return self.time


@dataclass
class Shelf:
    table: DeliveryTable
    clock: Clock

    def claim(self, lease: float = 60) -> Claim | None:
        return self.table.claim("m1", "one@example.com", "Owner@example.org", lease)

    def item(self) -> dict[str, Any]:
        answer = self.table.dynamodb.get_item(TableName="deliveries", Key={"pk": {"S": KEY}})
        return {name: next(iter(value.values())) for name, value in answer.get("Item", {}).items()}


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    with mock_aws():
        dynamodb = boto3.client("dynamodb", region_name="eu-west-1")
        create_delivery_table(dynamodb, "deliveries")
        clock = Clock()
        yield Shelf(DeliveryTable(dynamodb, "deliveries", clock), clock)


def test_a_copy_is_claimed_and_marked_as_sent(shelf: Shelf) -> None:
    claim = shelf.claim()
    assert claim is not None
    assert shelf.item() == {
        "pk": KEY,
        "address": "one@example.com",
        "claimed_at": str(NOW),
        "status": "claimed",
        "claim_token": claim.token,
        "claim_expires_at": str(NOW + 61),
        "expires_at": str(NOW + RETENTION_SECONDS),
    }
    shelf.table.mark_sent(claim, "s1", "kept")
    assert shelf.item() == {
        "pk": KEY,
        "address": "one@example.com",
        "claimed_at": str(NOW),
        "status": "sent",
        "outcome": "kept",
        "sent_at": str(NOW),
        "sent_message_id": "s1",
        "expires_at": str(NOW + RETENTION_SECONDS),
    }


def test_a_copy_that_was_sent_is_never_claimed_again(shelf: Shelf) -> None:
    claim = shelf.claim()
    assert claim is not None
    shelf.table.mark_sent(claim, "s1", "kept")
    shelf.clock.time += RETENTION_SECONDS + 1
    assert shelf.claim() is None


def test_a_held_claim_is_held_until_it_expires(shelf: Shelf) -> None:
    first = shelf.claim()
    shelf.clock.time += 61
    with pytest.raises(ClaimHeldError, match=f"until {NOW + 61}"):
        shelf.claim()
    shelf.clock.time += 1
    second = shelf.claim()
    assert first is not None
    assert second is not None
    assert first.token != second.token


def test_a_claim_whose_answer_was_lost_is_ones_own(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    put_item = shelf.table.dynamodb.put_item

    def put_twice(**request: Any) -> Any:
        put_item(**request)
        return put_item(**request)

    monkeypatch.setattr(shelf.table.dynamodb, "put_item", put_twice)
    claim = shelf.claim()
    assert claim is not None
    assert shelf.item()["claim_token"] == claim.token


def test_a_released_claim_can_be_made_again(shelf: Shelf) -> None:
    claim = shelf.claim()
    assert claim is not None
    shelf.table.release(claim)
    assert shelf.item() == {}
    assert shelf.claim() is not None


def test_the_claim_of_another_is_not_released(shelf: Shelf) -> None:
    mine = shelf.claim()
    shelf.clock.time += 120
    other = shelf.claim()
    assert mine is not None
    assert other is not None
    shelf.table.release(mine)
    assert shelf.item()["claim_token"] == other.token
    shelf.table.mark_sent(other, "s1", "sent")
    shelf.table.release(other)
    assert shelf.item()["status"] == "sent"


def test_copies_of_one_mail_are_told_apart(shelf: Shelf) -> None:
    assert shelf.claim() is not None
    assert shelf.table.claim("m1", "one@example.com", "second@example.org", 60) is not None
    assert shelf.table.claim("m1", "two@example.com", "owner@example.org", 60) is not None
    assert shelf.table.claim("m2", "one@example.com", "owner@example.org", 60) is not None


def test_the_latest_mail_of_an_address_is_found_by_the_index(shelf: Shelf) -> None:
    for message_id, address in (("m1", "one@example.com"), ("m2", "two@example.com"), ("m3", "one@example.com")):
        claim = shelf.table.claim(message_id, address, "owner@example.org", 60)
        assert claim is not None
        shelf.table.mark_sent(claim, "s1", "kept")
        shelf.clock.time += 1
    found = shelf.table.dynamodb.query(
        TableName="deliveries",
        IndexName="by-address",
        KeyConditionExpression="address = :address",
        ExpressionAttributeValues={":address": {"S": "one@example.com"}},
        ScanIndexForward=False,
    )
    assert [item["pk"]["S"].partition("#")[0] for item in found["Items"]] == ["m3", "m1"]


def test_a_recipient_without_a_name_is_claimed_all_the_same(shelf: Shelf) -> None:
    """An index takes no empty text as a key."""
    assert shelf.table.claim("m1", "", "owner@example.org", 60) is not None
