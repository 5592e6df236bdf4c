# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls to DynamoDB about the record of who received what; errors arrive as AwsError."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._aws import DYNAMODB
from ansible_collections.account_factory.email.plugins.module_utils._dynamodb import Items, batch_get, in_batches
from ansible_collections.account_factory.email.plugins.module_utils._record import PARTITION_KEY
from ansible_collections.account_factory.email.plugins.module_utils._stack import BY_ADDRESS

from .model import Delivery, Query, deliveries_of, keys_to_read, last_mails_of

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

    asked = query.to_api()
    found = (entry[PARTITION_KEY]["S"] for one in asked for entry in _entries(what, client.query, table, one))
    return deliveries_of(in_batches(read, keys_to_read(found)))


def find_last_mails(client: Any, table: str, addresses: Collection[str] | None) -> dict[tuple[str, str], str]:
    """Return when mail for each address was last sent to each mailbox, in lower case; of all where none are given.

    That is when the forwarder began to send it, UTC in ISO 8601. Reads the keys of the index by-address only.
    """
    what = "look up when each owner was last sent mail"
    if addresses is None:
        entries = _entries(what, client.scan, table, {"IndexName": BY_ADDRESS})
    else:
        asked = Query(addresses=tuple(addresses)).to_api()
        entries = (entry for one in asked for entry in _entries(what, client.query, table, one))
    return last_mails_of(entries)


def _entries(
    what: str, read: Callable[..., Any], table: str, parameters: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """Yield the entries of an index as DynamoDB gives them, page by page."""
    start: dict[str, Any] = {}
    while True:
        page = _RECORD.call(what, read, TableName=table, **parameters, **start)
        yield from page["Items"]
        if "LastEvaluatedKey" not in page:
            return
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
