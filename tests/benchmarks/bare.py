# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""python -m tests.benchmarks.bare WORK TABLE COUNT: what a module does to DynamoDB, by bare boto3 calls: the floor.

The items and the conditions are the module's; nothing is checked, planned or looked after when another is faster.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3

DOMAIN = "accounts.example.com"
# As many transactions at a time, and as many items in each, as the module has.
PARALLEL, ITEMS = 8, 100


def record(local_part: str) -> dict[str, Any]:
    texts = {
        "pk": f"ADDRESS#{local_part}@{DOMAIN}",
        "address": f"{local_part}@{DOMAIN}",
        "account_name": local_part,
        "domain": DOMAIN,
        "status": "vended",
        **dict.fromkeys(("created_at", "updated_at"), "2026-11-21T09:30:00Z"),
        **dict.fromkeys(("created_by", "updated_by"), "arn:aws:iam::123456789012:user/jane"),
    }
    return {
        **{name: {"S": text} for name, text in texts.items()},
        "owners": {"L": [{"S": "jane@example.org"}]},
        "tags": {"M": {}},
        "forwarding": {"BOOL": True},
        "version": {"N": "1"},
    }


def items(local_part: str) -> list[dict[str, Any]]:
    """Return what makes an address: its record, and the item that keeps its account's name."""
    asked = {"account_name": {"S": local_part}, "owners": {"L": [{"S": "jane@example.org"}]}, "domain": {"S": DOMAIN}}
    name = {"pk": {"S": f"NAME#{local_part}"}, "address": {"S": f"{local_part}@{DOMAIN}"}, "asked": {"M": asked}}
    return [record(local_part), name]


def put(dynamodb: Any, table: str, batch: list[dict[str, Any]]) -> None:
    condition = {"TableName": table, "ConditionExpression": "attribute_not_exists(pk)"}
    dynamodb.transact_write_items(TransactItems=[{"Put": {"Item": item, **condition}} for item in batch])


def vend(dynamodb: Any, table: str, number: int) -> None:
    put(dynamodb, table, items(f"bare-{number}"))


def edit(dynamodb: Any, table: str, number: int) -> None:
    item = {**record(f"bare-{number}"), "account_type": {"S": "sandbox"}, "version": {"N": "2"}}
    dynamodb.get_item(TableName=table, Key={"pk": item["pk"]}, ConsistentRead=True)
    condition = {"ConditionExpression": "version = :version", "ExpressionAttributeValues": {":version": {"N": "1"}}}
    dynamodb.transact_write_items(TransactItems=[{"Put": {"TableName": table, "Item": item, **condition}}])


def find(dynamodb: Any, table: str, number: int) -> None:
    key = {"pk": {"S": f"ADDRESS#bare-{number}@{DOMAIN}"}}
    assert "Item" in dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True)


def list_all(dynamodb: Any, table: str, count: int) -> None:
    pages = dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    found = sum(item["pk"]["S"].startswith("ADDRESS#") for page in pages for item in page["Items"])
    assert found >= count, found


def import_all(dynamodb: Any, table: str, count: int) -> None:
    new = [item for number in range(count) for item in items(f"bare-{number:05d}")]
    batches = [new[start : start + ITEMS] for start in range(0, len(new), ITEMS)]
    with ThreadPoolExecutor(PARALLEL) as pool:
        list(pool.map(lambda batch: put(dynamodb, table, batch), batches))


WORK: dict[str, Callable[[Any, str, int], None]] = {
    "vend": vend,
    "edit": edit,
    "find": find,
    "list": list_all,
    "import": import_all,
}

if __name__ == "__main__":
    WORK[sys.argv[1]](boto3.client("dynamodb"), sys.argv[2], int(sys.argv[3]))
