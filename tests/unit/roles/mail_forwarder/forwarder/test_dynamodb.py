# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many items are read in turns, what DynamoDB left unread once more, and never for ever."""

from __future__ import annotations

from typing import Any

import pytest

from forwarder.aws.dynamodb import Item, UnreadError, read_items

KEYS: list[Item] = [{"pk": {"S": str(number)}} for number in range(250)]


class Sparing:
    """A DynamoDB that reads no more than so many items of each request."""

    def __init__(self, reads: int) -> None:
        self.reads, self.asked = reads, 0

    def batch_get_item(self, **asked: Any) -> dict[str, Any]:
        self.asked += 1
        [(table, request)] = asked["RequestItems"].items()
        assert request["ConsistentRead"]
        keys = request["Keys"]
        assert len(keys) <= 100
        unread = {table: {"Keys": keys[self.reads :]}} if keys[self.reads :] else {}
        return {"Responses": {table: keys[: self.reads]}, "UnprocessedKeys": unread}


@pytest.mark.parametrize(("reads", "asked"), [(100, 3), (60, 5), (1, 250)])
def test_every_item_is_read_once(reads: int, asked: int) -> None:
    dynamodb = Sparing(reads)
    found = list(read_items(dynamodb, "table", KEYS))
    assert sorted(found, key=str) == sorted(KEYS, key=str)
    assert dynamodb.asked == asked


def test_none_asked_for_is_none_read() -> None:
    dynamodb = Sparing(100)
    assert list(read_items(dynamodb, "table", [])) == []
    assert dynamodb.asked == 0


def test_what_is_never_read_raises() -> None:
    dynamodb = Sparing(0)
    with pytest.raises(UnreadError, match="has not read 100 items of table"):
        list(read_items(dynamodb, "table", KEYS))
    assert dynamodb.asked == 5
