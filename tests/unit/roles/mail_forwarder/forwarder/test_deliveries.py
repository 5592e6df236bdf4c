# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A copy is claimed by one at a time, and sent once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from moto import mock_aws

from ansible_collections.account_factory.email.plugins.module_utils._notice import Notice, Verdicts
from forwarder.aws.deliveries import RETENTION_SECONDS, Claim, ClaimHeldError, DeliveryTable
from forwarder.core.outcomes import Outcome
from forwarder.core.recipients import Delivery, Standing
from tests.map_table import create_delivery_table
from tests.memory_dynamodb import MemoryDynamoDb

NOW = 1_795_166_046
KEY = "m1#one@example.com#owner@example.org"
# What is needed to deliver the mail once more.
MAIL = json.dumps(
    {
        "key": "mail/m1",
        "sender": "a@example.org",
        "recipient": "one@example.com",
        "standing": "owner",
        "verdicts": {"spam": "PASS", "virus": None, "spf": None, "dkim": None, "dmarc": None, "dmarc_policy": None},
    }
)


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
        return self.claim_of("m1", "one@example.com", "Owner@example.org", lease)

    def claim_of(self, message_id: str, address: str, mailbox: str, lease: float = 60) -> Claim | None:
        notice = Notice(message_id, "a@example.org", (address,), Verdicts("PASS"), "bucket", f"mail/{message_id}")
        return self.table.claim(notice, Delivery(address, address, mailbox, Standing.OWNER), lease)

    def item(self) -> dict[str, Any]:
        answer = self.table.dynamodb.get_item(TableName="deliveries", Key={"pk": {"S": KEY}})
        return {name: next(iter(value.values())) for name, value in answer.get("Item", {}).items()}


@pytest.fixture(params=["moto", "memory"])
def shelf(request: pytest.FixtureRequest) -> Iterator[Shelf]:
    """Return the table on moto, and on what stands for DynamoDB in simulations: both are to answer alike."""
    clock = Clock()
    if request.param == "memory":
        yield Shelf(DeliveryTable(MemoryDynamoDb(), "deliveries", clock), clock)
        return
    with mock_aws():
        dynamodb = boto3.client("dynamodb", region_name="eu-west-1")
        create_delivery_table(dynamodb, "deliveries")
        yield Shelf(DeliveryTable(dynamodb, "deliveries", clock), clock)


def test_a_copy_is_claimed_and_marked_as_sent(shelf: Shelf) -> None:
    claim = shelf.claim()
    assert claim is not None
    assert shelf.item() == {
        "pk": KEY,
        "address": "one@example.com",
        "claimed_at": str(NOW),
        "mailbox": "Owner@example.org",
        "mail": MAIL,
        "status": "claimed",
        "claim_token": claim.token,
        "claim_expires_at": str(NOW + 61),
        "expires_at": str(NOW + RETENTION_SECONDS),
    }
    shelf.table.mark_sent(claim, "s1", Outcome.KEPT)
    assert shelf.item() == {
        "pk": KEY,
        "address": "one@example.com",
        "claimed_at": str(NOW),
        "mailbox": "Owner@example.org",
        "mail": MAIL,
        "status": "sent",
        "outcome": "kept",
        "sent_at": str(NOW),
        "sent_message_id": "s1",
        "expires_at": str(NOW + RETENTION_SECONDS),
    }


def test_a_copy_that_was_sent_is_never_claimed_again(shelf: Shelf) -> None:
    claim = shelf.claim()
    assert claim is not None
    shelf.table.mark_sent(claim, "s1", Outcome.KEPT)
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
    shelf.table.mark_sent(other, "s1", Outcome.SENT)
    shelf.table.release(other)
    assert shelf.item()["status"] == "sent"


def test_copies_of_one_mail_are_told_apart(shelf: Shelf) -> None:
    assert shelf.claim() is not None
    assert shelf.claim_of("m1", "one@example.com", "second@example.org") is not None
    assert shelf.claim_of("m1", "two@example.com", "owner@example.org") is not None
    assert shelf.claim_of("m2", "one@example.com", "owner@example.org") is not None


# The forwarder itself asks no index.
@pytest.mark.parametrize("shelf", ["moto"], indirect=True)
def test_the_latest_mail_of_an_address_is_found_by_the_index(shelf: Shelf) -> None:
    for message_id, address in (("m1", "one@example.com"), ("m2", "two@example.com"), ("m3", "one@example.com")):
        claim = shelf.claim_of(message_id, address, "owner@example.org")
        assert claim is not None
        shelf.table.mark_sent(claim, "s1", Outcome.KEPT)
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
    assert shelf.claim_of("m1", "", "owner@example.org") is not None
