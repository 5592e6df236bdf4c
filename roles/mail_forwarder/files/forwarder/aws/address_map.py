# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading the map of vended addresses, and what it says of their domains."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

from ansible_collections.account_factory.email.plugins.module_utils import _address as address
from ansible_collections.account_factory.email.plugins.module_utils import _record as record
from ansible_collections.account_factory.email.plugins.module_utils._owner_group import (
    OwnerGroup,
    group_key,
    readable,
)
from ansible_collections.account_factory.email.plugins.module_utils._vended_domain import VendedDomain
from forwarder.aws.dynamodb import Item, read_items
from forwarder.core.recipients import Found, LookUp, RecordError

_deserialize = TypeDeserializer().deserialize


def map_reader(dynamodb: Any, table: str) -> LookUp:
    """Return the function that looks up the forms of a recipient, in order, and their domain.

    It reads all of them at once, as they were written last: what was changed a moment ago counts. The groups of owners
    that a record names are read after it.
    """

    def look_up(keys: Sequence[str]) -> Found:
        found = read([record.DOMAINS_KEY, *map(record.address_key, keys)])
        domains = found.get(record.DOMAINS_KEY, {})
        domain = _domain(address.split(keys[0])[1], domains)
        for key in keys:
            if item := found.get(record.address_key(key)):
                vended = _record(key, item)
                groups = _groups(read([group_key(one) for one in vended.owner_groups]).values())
                return Found(domain, key, vended, groups, domains.keys() if groups else ())
        return Found(domain)

    def read(keys: Sequence[str]) -> dict[str, Item]:
        items = read_items(dynamodb, table, [{record.PARTITION_KEY: {"S": key}} for key in keys])
        return {item[record.PARTITION_KEY]["S"]: item for item in items}

    return look_up


def _groups(items: Iterable[Item]) -> dict[str, OwnerGroup]:
    values = ({name: _deserialize(value) for name, value in item.items()} for item in items)
    return {group.group_id: group for group in readable(values)}


def _domain(name: str, item: Mapping[str, Any]) -> VendedDomain:
    """Return what the map says of a domain; of one that it does not know, nothing is said."""
    if name not in item:
        return VendedDomain()
    try:
        return VendedDomain.from_attribute(_deserialize(item[name]))
    except (TypeError, ValueError) as error:
        raise RecordError(f"what the map says of the domain {name} cannot be read: {error}") from error


def _record(key: str, item: Item) -> record.AddressRecord:
    try:
        return record.AddressRecord.from_item({name: _deserialize(value) for name, value in item.items()})
    except (KeyError, TypeError, ValueError) as error:
        raise RecordError(f"the map's record of {key} cannot be read: {error!r}") from error
