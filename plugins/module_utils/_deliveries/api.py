# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls to DynamoDB about the record of who received what; errors arrive as AwsError."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._aws import DYNAMODB
from ansible_collections.account_factory.email.plugins.module_utils._dynamodb import Items, batch_get, in_batches
from ansible_collections.account_factory.email.plugins.module_utils._record import PARTITION_KEY

from .model import Delivery, Query, deliveries_of, keys_to_read

_RECORD = replace(
    DYNAMODB,
    remedies={
        "ResourceNotFoundException": "There is no such forwarder here: give stack_name the name of its stack, and check"
        " the region.",
        # The table does not have the index that is asked for; or it has, and DynamoDB is still filling it.
        "ValidationException": "A forwarder of an earlier release has no such index: deploy it again. While an index is"
        " new, try again later.",
    },
)


def find_deliveries(client: Any, table: str, query: Query) -> list[Delivery]:
    """Return the deliveries that are asked for, the newest first."""
    what = f"look up who received {query.what}"

    def read(keys: Sequence[str]) -> Items:
        return _RECORD.call(what, batch_get, client, table, keys)

    found = (key for parameters in query.to_api() for key in _keys(what, client, table, parameters))
    return deliveries_of(in_batches(read, keys_to_read(found)))


def _keys(what: str, client: Any, table: str, parameters: Mapping[str, Any]) -> Iterator[str]:
    """Yield the keys that an index has, page by page."""
    start: dict[str, Any] = {}
    while True:
        page = _RECORD.call(what, client.query, TableName=table, **parameters, **start)
        yield from (item[PARTITION_KEY]["S"] for item in page["Items"])
        if "LastEvaluatedKey" not in page:
            return
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
