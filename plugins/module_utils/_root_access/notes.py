# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The notes of recoveries in the map: one read tells all that are open; each write changes one of them."""

from __future__ import annotations

from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._aws import error_with_code
from ansible_collections.account_factory.email.plugins.module_utils._dynamodb import to_attributes
from ansible_collections.account_factory.email.plugins.module_utils._map.api import Table, get_item, table_call
from ansible_collections.account_factory.email.plugins.module_utils._record import PARTITION_KEY
from ansible_collections.account_factory.email.plugins.module_utils._root_recovery import (
    RECOVERIES_KEY,
    Recovery,
    read_recoveries,
)


def open_recoveries(table: Table) -> dict[str, Recovery]:
    """Return the recoveries that are open, by account id."""
    return read_recoveries(get_item(table, RECOVERIES_KEY))


def put_note(table: Table, note: Recovery, before: Recovery | None) -> bool:
    """Note a recovery in the place of the one that was read; return False, nothing written, where that changed."""
    return _put(table, note, before)


@table_call("note the recovery in the map")
def _put(table: Table, note: Recovery, before: Recovery | None) -> bool:
    return _update(table, note.account_id, before, "SET #account = :note", {":note": note.to_dict()})


def remove_note(table: Table, note: Recovery) -> bool:
    """Remove the note of a recovery; return False, nothing removed, where it changed since it was read."""
    return _remove(table, note)


@table_call("remove the note of the recovery from the map")
def _remove(table: Table, note: Recovery) -> bool:
    return _update(table, note.account_id, note, "REMOVE #account", {})


def _update(table: Table, account_id: str, before: Recovery | None, expression: str, values: dict[str, Any]) -> bool:
    condition = "attribute_not_exists(#account)"
    if before is not None:
        # When it was opened tells one from another; of a later release it may have fields that are not known here.
        condition, values = "#account.opened_at = :opened_at", {**values, ":opened_at": before.opened_at}
    request: dict[str, Any] = {"ExpressionAttributeValues": to_attributes(values)} if values else {}
    try:
        table.client.update_item(
            TableName=table.name,
            Key=to_attributes({PARTITION_KEY: RECOVERIES_KEY}),
            UpdateExpression=expression,
            ConditionExpression=condition,
            ExpressionAttributeNames={"#account": account_id},
            **request,
        )
    except error_with_code("ConditionalCheckFailedException"):
        return False
    return True
