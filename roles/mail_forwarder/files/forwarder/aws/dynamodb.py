# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading many items at once, for which boto3 has no ready call."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

# Amazon DynamoDB API Reference, BatchGetItem: items at once. It leaves some unread where it is throttled or at 16 MB.
_AT_ONCE = 100
# How often in a row nothing may come: the client has waited and tried again by itself before that.
_EMPTY_ANSWERS_MAX = 5

Item = dict[str, Any]


class UnreadError(RuntimeError):
    """Items that DynamoDB left unread, however often it was asked."""


def read_items(dynamodb: Any, table: str, keys: Sequence[Item]) -> Iterator[Item]:
    """Yield the items of these keys that there are, as they were written last."""
    left, empty = list(keys), 0
    while left:
        asked = {"Keys": left[:_AT_ONCE], "ConsistentRead": True}
        answer = dynamodb.batch_get_item(RequestItems={table: asked})
        yield from answer["Responses"].get(table, [])
        unread = answer.get("UnprocessedKeys", {}).get(table, {}).get("Keys", [])
        empty = empty + 1 if len(unread) == len(left[:_AT_ONCE]) else 0
        if empty >= _EMPTY_ANSWERS_MAX:
            raise UnreadError(f"DynamoDB has not read {len(unread)} items of {table}, asked {empty} times")
        left = unread + left[_AT_ONCE:]
