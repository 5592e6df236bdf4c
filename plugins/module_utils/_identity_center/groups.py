# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The groups of owners in the map: the calls to DynamoDB, one function for each. How a call is made is handed in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._dynamodb import (
    batch_get,
    from_attributes,
    in_batches,
    to_attributes,
)
from ansible_collections.account_factory.email.plugins.module_utils._owner_group import (
    GROUP_FIELDS,
    GROUP_PREFIX,
    OwnerGroup,
    group_key,
    readable,
)
from ansible_collections.account_factory.email.plugins.module_utils._record import (
    DOMAINS_KEY,
    PARTITION_KEY,
    RETIRED,
    AddressRecord,
    address_key,
    vended_domains,
)

from .api import Call

# What is read of an address: enough for a record.
_ADDRESS_FIELDS = ("address", "account_name", "domain", "owners", "owner_groups", "status")
_NAMES_GROUPS = "begins_with(#pk, :addresses) AND attribute_exists(#owner_groups) AND #status <> :retired"


@dataclass(frozen=True)
class GroupTable:
    """The map's table: a DynamoDB client, the table's name, and how it is called."""

    client: Any
    name: str
    call: Call


@dataclass(frozen=True)
class MapReading:
    """The groups of the map by their ids, the addresses in use that name a group, and the vended domains."""

    groups: Mapping[str, OwnerGroup]
    records: tuple[AddressRecord, ...]
    domains: frozenset[str]

    @property
    def named(self) -> set[str]:
        """Return the ids of the groups that an address names."""
        return {group for record in self.records for group in record.owner_groups}


def read_map(table: GroupTable) -> MapReading:
    """Return what a synchronisation depends on; one scan, read consistently, that the table answers with little."""
    groups, records = [], []
    for item in _scan(table):
        if str(item[PARTITION_KEY]).startswith(GROUP_PREFIX):
            groups.append(item)
        else:
            records.append(AddressRecord.from_item(item))
    domains = get_items(table, [DOMAINS_KEY]).get(DOMAINS_KEY)
    return MapReading(_by_id(groups), tuple(records), frozenset(vended_domains(domains)))


def _by_id(items: Iterable[Mapping[str, Any]]) -> dict[str, OwnerGroup]:
    return {group.group_id: group for group in readable(items)}


def _scan(table: GroupTable) -> Iterable[dict[str, Any]]:
    names = {PARTITION_KEY, *_ADDRESS_FIELDS, *GROUP_FIELDS}
    query: dict[str, Any] = {
        "TableName": table.name,
        "ConsistentRead": True,
        "FilterExpression": f"begins_with(#pk, :groups) OR ({_NAMES_GROUPS})",
        "ProjectionExpression": ", ".join(f"#{name}" for name in sorted(names)),
        "ExpressionAttributeNames": {f"#{name}": name for name in names},
        "ExpressionAttributeValues": to_attributes(
            {":groups": GROUP_PREFIX, ":addresses": address_key(""), ":retired": RETIRED}
        ),
    }
    while True:
        page = table.call("read the map", table.client.scan, **query)
        yield from map(from_attributes, page["Items"])
        if not page.get("LastEvaluatedKey"):
            return
        query["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def get_items(table: GroupTable, keys: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return the items that there are under the keys, read consistently."""
    return in_batches(lambda some: table.call("read the map", batch_get, table.client, table.name, some), keys)


def get_groups(table: GroupTable, group_ids: Iterable[str]) -> dict[str, OwnerGroup]:
    """Return those of the groups that the map has, by their ids."""
    return _by_id(get_items(table, map(group_key, group_ids)).values())


def put_group(table: GroupTable, group: OwnerGroup, before: OwnerGroup | None) -> bool:
    """Write a group in the place of what was read of it; return False, nothing written, where it is another by now."""
    condition, values = _unchanged(before)
    parameters = {"TableName": table.name, "Item": to_attributes(group.to_item())}
    return _write(table, f"write the group {group.group_id} to the map", "put_item", condition, values, parameters)


def delete_group(table: GroupTable, before: OwnerGroup) -> bool:
    """Remove a group from the map; return False, nothing removed, where it is another than what was read."""
    condition, values = _unchanged(before)
    key = {"TableName": table.name, "Key": to_attributes({PARTITION_KEY: group_key(before.group_id)})}
    return _write(table, f"remove the group {before.group_id} from the map", "delete_item", condition, values, key)


def _unchanged(before: OwnerGroup | None) -> tuple[str, dict[str, Any]]:
    if before is None:
        return f"attribute_not_exists({PARTITION_KEY})", {}
    return "version = :version", {"ExpressionAttributeValues": to_attributes({":version": before.version})}


def _write(
    table: GroupTable, what: str, operation: str, condition: str, values: Mapping[str, Any], parameters: dict[str, Any]
) -> bool:
    def write() -> bool:
        try:
            getattr(table.client, operation)(ConditionExpression=condition, **values, **parameters)
        except table.client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    return bool(table.call(what, write))
