# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The forwarder's tables as its stack makes them: one key, ``pk``, a string, and the indexes of the deliveries."""

from __future__ import annotations

from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._record import PARTITION_KEY

TABLE: dict[str, Any] = {
    "BillingMode": "PAY_PER_REQUEST",
    "KeySchema": [{"AttributeName": PARTITION_KEY, "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": PARTITION_KEY, "AttributeType": "S"}],
}

_DELIVERIES: dict[str, Any] = {
    **TABLE,
    "AttributeDefinitions": [
        *TABLE["AttributeDefinitions"],
        {"AttributeName": "address", "AttributeType": "S"},
        {"AttributeName": "claimed_at", "AttributeType": "N"},
        {"AttributeName": "message_id", "AttributeType": "S"},
    ],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "by-address",
            "KeySchema": [
                {"AttributeName": "address", "KeyType": "HASH"},
                {"AttributeName": "claimed_at", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "KEYS_ONLY"},
        },
        {
            "IndexName": "by-message",
            "KeySchema": [{"AttributeName": "message_id", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "KEYS_ONLY"},
        },
    ],
}


def create_table(dynamodb: Any, name: str = "map") -> None:
    """Make a table, of the map unless another one is named, with a DynamoDB client."""
    dynamodb.create_table(TableName=name, **TABLE)
    dynamodb.get_waiter("table_exists").wait(TableName=name)


def create_delivery_table(dynamodb: Any, name: str) -> None:
    """Make a table of deliveries with a DynamoDB client."""
    dynamodb.create_table(TableName=name, **_DELIVERIES)
    dynamodb.get_waiter("table_exists").wait(TableName=name)
