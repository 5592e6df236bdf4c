# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of the record of deliveries, and of which items: the module's tests have the rest."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._deliveries.model import (
    check_query,
    deliveries_of,
    keys_to_read,
)

ADDRESS = "a@example.com"
# 2026-11-21T12:00:00Z
NOON = 1_795_262_400


def test_a_mail_is_asked_for_by_its_id() -> None:
    assert check_query(" m1 ", None, None, None).to_api() == [
        {
            "IndexName": "by-message",
            "KeyConditionExpression": "message_id = :key",
            "ExpressionAttributeValues": {":key": {"S": "m1"}},
        }
    ]


@pytest.mark.parametrize(
    ("period", "bounds"),
    [
        pytest.param((None, None), ("0", "1000000000000"), id="ever"),
        pytest.param(("2026-11-21T12:00:00Z", None), (str(NOON), "1000000000000"), id="from"),
        pytest.param((None, "2026-11-21T12:00:00Z"), ("0", str(NOON - 1)), id="before"),
        pytest.param(
            ("2026-11-21T12:00:00.001Z", "2026-11-21T12:00:02.500Z"), (str(NOON + 1), str(NOON + 2)), id="both"
        ),
    ],
)
def test_an_address_is_asked_for_within_a_period(period: tuple[Any, Any], bounds: tuple[str, str]) -> None:
    (asked,) = check_query(None, ADDRESS.upper(), *period).to_api()
    assert asked == {
        "IndexName": "by-address",
        "KeyConditionExpression": "address = :key AND claimed_at BETWEEN :first AND :last",
        "ExpressionAttributeValues": {":key": {"S": ADDRESS}, ":first": {"N": bounds[0]}, ":last": {"N": bounds[1]}},
    }


def test_a_period_without_a_whole_second_asks_nothing() -> None:
    """DynamoDB refuses bounds in the wrong order."""
    assert check_query(None, ADDRESS, "2026-11-21T12:00:00.200Z", "2026-11-21T12:00:00.800Z").to_api() == []


def test_with_a_release_the_mail_is_read() -> None:
    keys = ["m1#a@example.com#b@example.org", "m2#released#a@example.com#b@example.org", "MAIL#m3"]
    assert keys_to_read(iter(keys)) == [*keys[:2], "MAIL#m2"]


def item(message_id: str, claimed_at: int, mailbox: str = "b@example.org") -> dict[str, Any]:
    key = f"{message_id}#{ADDRESS}#{mailbox}"
    return {"pk": key, "address": ADDRESS, "mailbox": mailbox, "claimed_at": claimed_at, "status": "claimed"}


def test_the_newest_come_first_and_those_of_the_same_second_in_one_order() -> None:
    items = [item("m1", NOON), item("m3", NOON + 1, "c@example.org"), item("m3", NOON + 1), item("m2", NOON)]
    for order in (items, items[::-1]):
        found = deliveries_of({one["pk"]: one for one in order})
        assert [(one.message_id, one.mailbox) for one in found] == [
            ("m3", "b@example.org"),
            ("m3", "c@example.org"),
            ("m1", "b@example.org"),
            ("m2", "b@example.org"),
        ]


@pytest.mark.parametrize(
    ("told", "failed", "became"),
    [
        pytest.param("2026-11-21T12:00:00.000Z", "2026-11-21T12:00:00.001Z", "bounced", id="failed last"),
        pytest.param("2026-11-21T12:00:00.001Z", "2026-11-21T12:00:00.000Z", "delivered", id="delivered last"),
        pytest.param("2026-11-21T12:00:00.000Z", "2026-11-21T12:00:00.000Z", "bounced", id="at once"),
        pytest.param("whenever", "2026-11-21T12:00:00.000Z", "bounced", id="one cannot be read"),
    ],
)
def test_what_was_told_last_counts(told: str, failed: str, became: str) -> None:
    one = {**item("m1", NOON), "told_at": told, "told_by": "delivered", "failed_at": failed, "failed_by": "bounced"}
    (found,) = deliveries_of({one["pk"]: one})
    assert found.became == became
