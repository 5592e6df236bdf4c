# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many items read by their keys."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._dynamodb import (
    Items,
    batch_get,
    from_attributes,
    in_batches,
    to_attributes,
)


def test_values_come_back_as_they_went() -> None:
    item = {"text": "a", "number": Decimal(3), "none": None, "list": ["a", Decimal(1)], "truth": True}
    assert from_attributes(to_attributes(item)) == item


@pytest.mark.parametrize(("count", "sizes"), [(0, []), (1, [1]), (100, [100]), (101, [100, 1]), (250, [100, 100, 50])])
def test_keys_are_read_a_hundred_at_a_time_and_each_once(count: int, sizes: list[int]) -> None:
    read: list[int] = []

    def note(keys: Sequence[str]) -> Items:
        read.append(len(keys))
        return {key: {} for key in keys}

    keys = [f"k{number}" for number in range(count)]
    assert list(in_batches(note, [*keys, *keys])) == keys
    assert read == sizes


class _OneAtATime:
    """A client that answers for one key and leaves the others for later."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    def batch_get_item(self, **request: Any) -> dict[str, Any]:
        wanted = request["RequestItems"]["map"]
        assert wanted["ConsistentRead"] is True
        first, *later = wanted["Keys"]
        self.asked.append([key["pk"]["S"] for key in wanted["Keys"]])
        answer: dict[str, Any] = {"Responses": {"map": [first] if first["pk"]["S"] != "b" else []}}
        return {**answer, "UnprocessedKeys": {"map": {**wanted, "Keys": later}}} if later else answer


def test_what_is_left_for_later_is_asked_for_again() -> None:
    client = _OneAtATime()
    assert batch_get(client, "map", ["a", "b", "c"]) == {"a": {"pk": "a"}, "c": {"pk": "c"}}
    assert client.asked == [["a", "b", "c"], ["b", "c"], ["c"]]
