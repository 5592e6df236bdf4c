# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""python -m tests.benchmarks.bare WORK TABLE COUNT: what a module does to DynamoDB, by bare boto3 calls: the floor.

The items and the conditions are the module's; nothing is checked, planned or looked after when another is faster.
"""

from __future__ import annotations

import sys
import time
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


def list_both(dynamodb: Any, table: str, count: int) -> None:
    """List the accounts of the organization and the addresses of the map, and keep neither."""
    pages = boto3.client("organizations", region_name="us-east-1").get_paginator("list_accounts").paginate()
    found = sum(len(page["Accounts"]) for page in pages)
    assert found >= count, found
    list_all(dynamodb, table, count)


def import_all(dynamodb: Any, table: str, count: int) -> None:
    new = [item for number in range(count) for item in items(f"bare-{number:05d}")]
    batches = [new[start : start + ITEMS] for start in range(0, len(new), ITEMS)]
    with ThreadPoolExecutor(PARALLEL) as pool:
        list(pool.map(lambda batch: put(dynamodb, table, batch), batches))


def accounts(dynamodb: Any, table: str, count: int) -> None:
    """Create accounts with addresses of their own: ``table`` is the name of the series, the table is ``map``."""
    organizations = boto3.client("organizations", region_name="us-east-1")
    pages = organizations.get_paginator("list_accounts").paginate()
    there = {account["Email"].lower() for page in pages for account in page["Accounts"]}
    root = organizations.list_roots()["Roots"][0]["Id"]
    units = organizations.list_organizational_units_for_parent(ParentId=root)["OrganizationalUnits"]

    def create(number: int) -> None:
        name = f"{table}-{number:03}"
        assert f"{name}@{DOMAIN}" not in there
        put(dynamodb, "map", items(name))
        status = organizations.create_account(Email=f"{name}@{DOMAIN}", AccountName=name)["CreateAccountStatus"]
        while status["State"] == "IN_PROGRESS":
            time.sleep(0.5)
            asked = {"CreateAccountRequestId": status["Id"]}
            status = organizations.describe_create_account_status(**asked)["CreateAccountStatus"]
        place = {"SourceParentId": root, "DestinationParentId": units[0]["Id"]}
        organizations.move_account(AccountId=status["AccountId"], **place)
        dynamodb.update_item(
            TableName="map",
            Key={"pk": {"S": f"ADDRESS#{name}@{DOMAIN}"}},
            UpdateExpression="SET account_id = :id",
            ExpressionAttributeValues={":id": {"S": status["AccountId"]}},
        )

    with ThreadPoolExecutor(5) as pool:
        list(pool.map(create, range(1, count + 1)))


WORK: dict[str, Callable[[Any, str, int], None]] = {
    "vend": vend,
    "edit": edit,
    "find": find,
    "list": list_all,
    "list-both": list_both,
    "import": import_all,
    "accounts": accounts,
}

if __name__ == "__main__":
    WORK[sys.argv[1]](boto3.client("dynamodb"), sys.argv[2], int(sys.argv[3]))
