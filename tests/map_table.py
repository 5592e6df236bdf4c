# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The forwarder's tables as its stack makes them: one key, ``pk``, a string."""

from __future__ import annotations

from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._record import PARTITION_KEY

TABLE: dict[str, Any] = {
    "BillingMode": "PAY_PER_REQUEST",
    "KeySchema": [{"AttributeName": PARTITION_KEY, "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": PARTITION_KEY, "AttributeType": "S"}],
}


def create_table(dynamodb: Any, name: str = "map") -> None:
    """Make a table, of the map unless another one is named, with a DynamoDB client."""
    dynamodb.create_table(TableName=name, **TABLE)
    dynamodb.get_waiter("table_exists").wait(TableName=name)
