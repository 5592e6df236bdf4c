# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Items of DynamoDB as Python values, and many of them read by their keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

try:
    from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
except ImportError:  # The module then ends with amazon.aws's own message about the missing library.
    TypeDeserializer = TypeSerializer = None

from ansible_collections.account_factory.email.plugins.module_utils._record import PARTITION_KEY

# BatchGetItem takes 100 keys (DynamoDB API Reference).
BATCH_GET_MAX = 100

Items = dict[str, dict[str, Any]]


def to_attributes(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return Python values as a client takes them."""
    serialize = TypeSerializer().serialize
    return {name: serialize(value) for name, value in item.items()}


def from_attributes(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a client gives as Python values."""
    deserialize = TypeDeserializer().deserialize
    return {name: deserialize(value) for name, value in attributes.items()}


def batch_get(client: Any, table: str, keys: Sequence[str]) -> Items:
    """Return the items that there are under BATCH_GET_MAX keys at most, each given once, read consistently."""
    wanted: Any = {"Keys": [to_attributes({PARTITION_KEY: key}) for key in keys], "ConsistentRead": True}
    found = {}
    while wanted:
        answer = client.batch_get_item(RequestItems={table: wanted})
        items = [from_attributes(item) for item in answer["Responses"].get(table, [])]
        found.update({str(item[PARTITION_KEY]): item for item in items})
        # An answer holds 16 MB at most. Where nothing can be answered, DynamoDB says so by an error, which is retried.
        wanted = answer.get("UnprocessedKeys", {}).get(table)
    return found


def in_batches(read: Callable[[Sequence[str]], Items], keys: Iterable[str]) -> Items:
    """Return what ``read`` finds under the keys, of which it is given as many at a time as ``batch_get`` takes."""
    unique = list(dict.fromkeys(keys))
    found: Items = {}
    for start in range(0, len(unique), BATCH_GET_MAX):
        found.update(read(unique[start : start + BATCH_GET_MAX]))
    return found
