# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A copy is claimed by one at a time, and sent once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from ansible_collections.account_factory.email.plugins.module_utils._notice import RELEASED, Notice, Verdicts
from forwarder.aws.deliveries import Claim, ClaimHeldError, DeliveryTable, Record
from forwarder.core.outcomes import Outcome
from forwarder.core.recipients import Delivery, Standing
from forwarder.core.sending_event import SendingEvent
from tests.map_table import create_delivery_table
from tests.memory_dynamodb import MemoryDynamoDb

NOW = 1_795_166_046
KEY = "m1#one@example.com#owner@example.org"
DAYS = 400
LATER = 400 * 24 * 3600
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

    def claim_of(self, message_id: str, address: str, mailbox: str, lease: float = 60, again: str = "") -> Claim | None:
        key = f"mail/{message_id}"
        notice = Notice(message_id, "a@example.org", (address,), Verdicts("PASS"), "bucket", key, again=again)
        return self.table.claim(notice, Delivery(address, address, mailbox, Standing.OWNER), lease)

    def item(self) -> dict[str, Any]:
        answer = self.table.dynamodb.get_item(TableName="deliveries", Key={"pk": {"S": KEY}})
        return {name: next(iter(value.values())) for name, value in answer.get("Item", {}).items()}


@pytest.fixture(params=["moto", "memory"])
def shelf(request: pytest.FixtureRequest) -> Iterator[Shelf]:
    """Return the table on moto, and on what stands for DynamoDB in simulations: both are to answer alike."""
    clock = Clock()
    if request.param == "memory":
        yield Shelf(DeliveryTable(MemoryDynamoDb(), "deliveries", clock, DAYS), clock)
        return
    with mock_aws():
        dynamodb = boto3.client("dynamodb", region_name="eu-west-1")
        create_delivery_table(dynamodb, "deliveries")
        yield Shelf(DeliveryTable(dynamodb, "deliveries", clock, DAYS), clock)


def test_a_copy_is_claimed_and_marked_as_sent(shelf: Shelf) -> None:
    claim = shelf.claim()
    assert claim is not None
    assert shelf.item() == {
        "pk": KEY,
        "address": "one@example.com",
        "claimed_at": str(NOW),
        "message_id": "m1",
        "mailbox": "Owner@example.org",
        "mail": MAIL,
        "status": "claimed",
        "claim_token": claim.token,
        "claim_expires_at": str(NOW + 61),
        "expires_at": str(NOW + LATER),
    }
    shelf.clock.time += 5
    shelf.table.mark_sent(claim, "s1", Outcome.SENT_TO_ADMIN, "admin@example.org")
    assert shelf.item() == {
        "pk": KEY,
        "address": "one@example.com",
        "claimed_at": str(NOW),
        "message_id": "m1",
        "mailbox": "Owner@example.org",
        "mail": MAIL,
        "status": "sent",
        "outcome": "sent-to-admin",
        "sent_at": str(NOW + 5),
        "sent_message_id": "s1",
        "sent_to": "admin@example.org",
        "expires_at": str(NOW + 5 + LATER),
    }


def test_a_copy_that_was_sent_is_never_claimed_again(shelf: Shelf) -> None:
    claim = shelf.claim()
    assert claim is not None
    shelf.table.mark_sent(claim, "s1", Outcome.KEPT, "owner@example.org")
    shelf.clock.time += LATER + 1
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
    shelf.table.mark_sent(other, "s1", Outcome.SENT, "owner@example.org")
    shelf.table.release(other)
    assert shelf.item()["status"] == "sent"


def test_copies_of_one_mail_are_told_apart(shelf: Shelf) -> None:
    assert shelf.claim() is not None
    assert shelf.claim_of("m1", "one@example.com", "second@example.org") is not None
    assert shelf.claim_of("m1", "two@example.com", "owner@example.org") is not None
    assert shelf.claim_of("m2", "one@example.com", "owner@example.org") is not None


# The forwarder itself asks no index.
@pytest.mark.parametrize("shelf", ["moto"], indirect=True)
def test_the_indexes_find_the_latest_mail_of_an_address_and_all_deliveries_of_a_mail(shelf: Shelf) -> None:
    sent = (("m1", "one@example.com", ""), ("m2", "two@example.com", ""), ("m3", "one@example.com", RELEASED))
    for message_id, address, again in sent:
        claim = shelf.claim_of(message_id, address, "owner@example.org", again=again)
        assert claim is not None
        shelf.table.mark_sent(claim, "s1", Outcome.KEPT, "owner@example.org")
        shelf.clock.time += 1

    def found(index: str, attribute: str, value: str) -> list[str]:
        answer = shelf.table.dynamodb.query(
            TableName="deliveries",
            IndexName=index,
            KeyConditionExpression=f"{attribute} = :value",
            ExpressionAttributeValues={":value": {"S": value}},
            ScanIndexForward=False,
        )
        return [item["pk"]["S"].removesuffix("#owner@example.org") for item in answer["Items"]]

    assert found("by-address", "address", "one@example.com") == ["m3#released#one@example.com", "m1#one@example.com"]
    assert found("by-message", "message_id", "m3") == ["m3#released#one@example.com"]


def test_a_recipient_without_a_name_is_claimed_all_the_same(shelf: Shelf) -> None:
    """An index takes no empty text as a key."""
    assert shelf.claim_of("m1", "", "owner@example.org") is not None


NOTICE = Notice("m1", "a@example.org", ("one@example.com",), Verdicts("PASS"), "bucket", "mail/m1")
DELIVERY = Delivery("one@example.com", "one@example.com", "owner@example.org", Standing.OWNER)
FIRST, SECOND = "2026-11-20T10:00:00.000Z", "2026-11-20T10:00:00.250Z"


def test_an_item_that_is_there_keeps_its_own_days(shelf: Shelf) -> None:
    claim = shelf.claim()
    assert claim is not None
    shelf.table.mark_sent(claim, "s1", Outcome.SENT, "owner@example.org")
    fewer = replace(shelf.table, record_days=90)
    assert fewer.claim(NOTICE, DELIVERY, 60) is None
    assert shelf.item()["expires_at"] == str(NOW + LATER)


def told(shelf: Shelf, *events: tuple[Outcome, str, str | None]) -> dict[str, str]:
    """Let SES tell of the copy, one event after the other; return what the item says of that."""
    for outcome, at, words in events:
        event = SendingEvent(outcome, "owner@example.org", at, "s1", None, words)
        shelf.table.note(Record(NOTICE, DELIVERY), event)
    return {name: value for name, value in shelf.item().items() if name.startswith(("told_", "failed_"))}


DELAYED, DELIVERED = (Outcome.DELAYED, FIRST, "421 busy"), (Outcome.DELIVERED, SECOND, None)
BOUNCED, COMPLAINED = (Outcome.BOUNCED, FIRST, "550 gone"), (Outcome.COMPLAINED, SECOND, None)


@pytest.mark.parametrize("in_order", [True, False], ids=["as they happened", "the latest first"])
def test_of_what_ses_told_the_latest_counts_in_whatever_order_it_came(shelf: Shelf, in_order: bool) -> None:
    assert shelf.claim() is not None
    events = [DELAYED, DELIVERED, BOUNCED, COMPLAINED]
    assert told(shelf, *(events if in_order else reversed(events))) == {
        "told_at": SECOND,
        "told_by": "delivered",
        "failed_at": SECOND,
        "failed_by": "complained",
    }


def test_what_was_said_of_a_copy_is_kept(shelf: Shelf) -> None:
    assert shelf.claim() is not None
    assert told(shelf, DELAYED, BOUNCED, BOUNCED) == {
        "told_at": FIRST,
        "told_by": "delayed",
        "told_because": "421 busy",
        "failed_at": FIRST,
        "failed_by": "bounced",
        "failed_because": "550 gone",
    }


@pytest.mark.parametrize(
    "later",
    ["2026-11-20T10:00:01Z", "2026-11-20T12:00:01+02:00", "2026-11-20T10:00:00.9Z"],
    ids=["no fraction", "another zone", "a short fraction"],
)
def test_times_compare_however_they_are_written(shelf: Shelf, later: str) -> None:
    assert shelf.claim() is not None
    found = told(shelf, (Outcome.DELIVERED, later, None), (Outcome.DELAYED, SECOND, None))
    assert found["told_by"] == "delivered"
    assert found["told_at"].endswith("Z")
