# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The groups of owners in the map: the calls to DynamoDB, one function for each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._dynamodb import from_attributes, to_attributes
from ansible_collections.account_factory.email.plugins.module_utils._map import api
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

# What is read of an address: enough for a record.
_ADDRESS_FIELDS = ("address", "account_name", "domain", "owners", "owner_groups", "status")
_NAMES_GROUPS = "begins_with(#pk, :addresses) AND attribute_exists(#owner_groups) AND #status <> :retired"


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


def read_map(table: api.Table) -> MapReading:
    """Return what a synchronisation depends on; the whole table is read for it, which answers with little."""
    found, records = [], []
    for page in api.scan_pages(table, _query()):
        for item in map(from_attributes, page["Items"]):
            if str(item[PARTITION_KEY]).startswith(GROUP_PREFIX):
                found.append(item)
            else:
                records.append(AddressRecord.from_item(item))
    domains = vended_domains(api.get_items(table, [DOMAINS_KEY]).get(DOMAINS_KEY))
    return MapReading(_by_id(found), tuple(records), frozenset(domains))


def _query() -> dict[str, Any]:
    names = {PARTITION_KEY, *_ADDRESS_FIELDS, *GROUP_FIELDS}
    return {
        "FilterExpression": f"begins_with(#pk, :groups) OR ({_NAMES_GROUPS})",
        "ProjectionExpression": ", ".join(f"#{name}" for name in sorted(names)),
        "ExpressionAttributeNames": {f"#{name}": name for name in names},
        "ExpressionAttributeValues": to_attributes(
            {":groups": GROUP_PREFIX, ":addresses": address_key(""), ":retired": RETIRED}
        ),
    }


def _by_id(items: Iterable[Mapping[str, Any]]) -> dict[str, OwnerGroup]:
    return {group.group_id: group for group in readable(items)}


def get_groups(table: api.Table, group_ids: Iterable[str]) -> dict[str, OwnerGroup]:
    """Return those of the groups that the map has, by their ids."""
    return _by_id(api.get_items(table, map(group_key, group_ids)).values())


@api.table_call("write a group of owners to the map")
def put_group(table: api.Table, group: OwnerGroup, before: OwnerGroup | None) -> bool:
    """Write a group in the place of what was read of it; return False, nothing written, where it is another by now."""
    try:
        table.client.put_item(TableName=table.name, Item=to_attributes(group.to_item()), **_unchanged(before))
    except table.client.exceptions.ConditionalCheckFailedException:
        return False
    return True


@api.table_call("remove a group of owners from the map")
def delete_group(table: api.Table, before: OwnerGroup) -> bool:
    """Remove a group from the map; return False, nothing removed, where it is another than what was read."""
    key = to_attributes({PARTITION_KEY: group_key(before.group_id)})
    try:
        table.client.delete_item(TableName=table.name, Key=key, **_unchanged(before))
    except table.client.exceptions.ConditionalCheckFailedException:
        return False
    return True


def _unchanged(before: OwnerGroup | None) -> dict[str, Any]:
    """Return the condition that a group is as it was read."""
    if before is None:
        return {"ConditionExpression": f"attribute_not_exists({PARTITION_KEY})"}
    values = to_attributes({":version": before.version})
    return {"ConditionExpression": "version = :version", "ExpressionAttributeValues": values}
