# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one call that the sample's table gets. It is only ever read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._aws import DYNAMODB, AwsError, error_with_code

try:
    from boto3.dynamodb.types import TypeDeserializer
except ImportError:  # The module then ends with amazon.aws's own message about the missing library.
    TypeDeserializer = None


def items(client: Any, table: str) -> Iterator[dict[str, Any]]:
    """Yield every item of the table as Python values, as each page arrives."""
    deserialize = TypeDeserializer().deserialize
    start: dict[str, Any] = {}
    while True:
        page = _scan_page(client, table, start)
        for item in page["Items"]:
            yield {name: deserialize(value) for name, value in item.items()}
        if not page.get("LastEvaluatedKey"):
            return
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


def _scan_page(client: Any, table: str, start: dict[str, Any]) -> Any:
    try:
        return DYNAMODB.call("read the sample's table", client.scan, TableName=table, ConsistentRead=True, **start)
    except error_with_code("ResourceNotFoundException") as error:
        raise AwsError(
            f"sample_table: there is no DynamoDB table {table!r} in {client.meta.region_name}. Check the name, the"
            " region and the account; the sample's cdk.json names it as ACCOUNT_TABLE_NAME"
        ) from error
