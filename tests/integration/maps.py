# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Maps on local AWS, and what has to hold of every one, whatever was done to it and whoever did it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from boto3.dynamodb.types import TypeDeserializer

from ansible_collections.account_factory.email.plugins.module_utils._map import api
from ansible_collections.account_factory.email.plugins.module_utils._map.requests import SeriesRequest
from ansible_collections.account_factory.email.plugins.module_utils._record import (
    AddressRecord,
    account_key,
    address_key,
    name_key,
    request_key,
    series_key,
)

DOMAIN = "accounts.example.com"


def new_map(dynamodb: Any, *domains: str) -> api.Table:
    """Make the table of a new map that knows its domains and nothing else."""
    name = f"map-{uuid4().hex[:8]}"
    dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    dynamodb.get_waiter("table_exists").wait(TableName=name)
    table = api.Table(dynamodb, name)
    for domain in domains or (DOMAIN,):
        assert api.put_domain(table, domain, None)
    return table


def read_items(table: api.Table) -> dict[str, dict[str, Any]]:
    """Return everything that the table holds, by key; read with boto3 alone."""
    deserialize = TypeDeserializer().deserialize
    pages = table.client.get_paginator("scan").paginate(TableName=table.name, ConsistentRead=True)
    found = ({name: deserialize(value) for name, value in item.items()} for page in pages for item in page["Items"])
    return {item["pk"]: item for item in found}


def check_map(table: api.Table) -> dict[str, AddressRecord]:
    """Return the records by address, after a check that each is whole, and that nothing is shared that is one's own."""
    items = read_items(table)
    records = [AddressRecord.from_item(item) for key, item in items.items() if key.startswith("ADDRESS#")]
    assert {address_key(record.address) for record in records} == {key for key in items if key.startswith("ADDRESS#")}
    _check_pointers(items, records)
    _check_numbers(items, records)
    return {record.address: record for record in records}


def _check_pointers(items: dict[str, dict[str, Any]], records: list[AddressRecord]) -> None:
    """No account's name, request or account id is that of two addresses, and none leads nowhere or is missing."""
    wanted = [(key, record.address) for record in records for key in _own_keys(record)]
    assert not _repeated(key for key, _address in wanted)
    there = {
        key: item["address"]
        for key, item in items.items()
        if key.startswith(("NAME#", "REQUEST#", "ACCOUNT#")) and "forwarder_address" not in item
    }
    assert there == dict(wanted)


def _own_keys(record: AddressRecord) -> list[str]:
    return [
        name_key(record.account_name),
        *([request_key(record.request_id)] if record.request_id is not None else []),
        *([account_key(record.account_id)] if record.account_id is not None else []),
    ]


def _check_numbers(items: dict[str, dict[str, Any]], records: list[AddressRecord]) -> None:
    """No number of a series was given twice, and each series goes on after the highest."""
    numbered = [(record.series, record.number) for record in records if record.series and record.number is not None]
    assert not _repeated((series.lower(), number) for series, number in numbered)
    for series, number in numbered:
        assert number <= items[series_key(series)]["last_number"]


def _repeated(values: Iterable[object]) -> list[object]:
    return [value for value, count in Counter(values).items() if count > 1]


@dataclass(frozen=True)
class Answer:
    """What one vend returned: whether the address is new, and its record."""

    request_id: str
    is_new: bool
    record: AddressRecord


def check_vended(
    table: api.Table, requests: Sequence[SeriesRequest], answers: Iterable[Answer], times_new: Collection[int]
) -> None:
    """Check that each request, asked for twice or more, has one address, its own, and that the map holds it as told.

    ``times_new`` is how often an address may have been told to be new: once, or never where whoever was told is dead.
    """
    records = check_map(table)
    by_request: dict[str, list[Answer]] = {request.request_id: [] for request in requests}
    for answer in answers:
        by_request[answer.request_id].append(answer)
    assert len(records) == len(requests)
    assert len({record.number for record in records.values()}) == len(requests)
    for request_id, mine in by_request.items():
        assert len(mine) >= 2
        assert {answer.record.address for answer in mine} == {mine[0].record.address}
        assert mine[0].record.request_id == request_id
        # Each worker signs with a name of its own, so a record that was written over is not what its vend returned.
        assert all(answer.record == records[mine[0].record.address] for answer in mine)
        assert sum(answer.is_new for answer in mine) in times_new
    assert len({mine[0].record.address for mine in by_request.values()}) == len(requests)
