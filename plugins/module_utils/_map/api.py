# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The map's calls to AWS, one function each. Items go in and come out as Python values."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

try:
    from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
except ImportError:  # The module then ends with amazon.aws's own message about the missing library.
    TypeDeserializer = TypeSerializer = None

from .record import DOMAINS_KEY, PARTITION_KEY, AddressRecord, address_key, name_key, request_key, series_key

# What DynamoDB says when the same call may succeed a moment later (DynamoDB Developer Guide, "Error handling").
RETRIED_ERRORS = [
    "InternalServerError",
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "TransactionCanceledException",
    "TransactionConflictException",
    "TransactionInProgressException",
]
# BatchGetItem takes 100 keys (DynamoDB API Reference).
_BATCH_GET_MAX = 100
_CONDITION_FAILED = "ConditionalCheckFailed"

Result = TypeVar("Result")


class MapError(AnsibleAWSError):
    """A call for the map that failed."""


class MapErrorHandler(AWSErrorHandler):
    _CUSTOM_EXCEPTION = MapError


@dataclass(frozen=True)
class Table:
    """The map's table: a DynamoDB client and the table's name."""

    client: Any
    name: str


def _call(description: str) -> Callable[[Callable[..., Result]], Callable[..., Result]]:
    """Retry what DynamoDB asks to have retried; say of anything else what failed, and of a missing table where."""

    def decorate(function: Callable[..., Result]) -> Callable[..., Result]:
        retrying = AWSRetry.jittered_backoff(retries=8, delay=0.2, max_delay=5, catch_extra_error_codes=RETRIED_ERRORS)

        @MapErrorHandler.common_error_handler(description)
        @functools.wraps(function)
        def call(table: Table, *args: Any) -> Result:
            try:
                return retrying(function)(table, *args)
            except is_boto3_error_code("ResourceNotFoundException") as error:
                raise MapError(
                    f"table: there is no DynamoDB table {table.name!r} in {table.client.meta.region_name}. Check the"
                    " name and the region; the role mail_forwarder makes the table"
                ) from error

        return call

    return decorate


@_call("read the map")
def get_item(table: Table, key: str) -> dict[str, Any] | None:
    """Return the item under the key, read consistently, or None."""
    answer = table.client.get_item(TableName=table.name, Key=_to_attributes({PARTITION_KEY: key}), ConsistentRead=True)
    return _from_attributes(answer["Item"]) if "Item" in answer else None


@_call("read the map")
def _batch_get(table: Table, keys: Sequence[str]) -> dict[str, dict[str, Any]]:
    wanted: Any = {"Keys": [_to_attributes({PARTITION_KEY: key}) for key in keys], "ConsistentRead": True}
    found = {}
    while wanted:
        answer = table.client.batch_get_item(RequestItems={table.name: wanted})
        items = [_from_attributes(item) for item in answer["Responses"].get(table.name, [])]
        found.update({str(item[PARTITION_KEY]): item for item in items})
        # An answer holds 16 MB at most. Where nothing can be answered, DynamoDB says so by an error, which is retried.
        wanted = answer.get("UnprocessedKeys", {}).get(table.name)
    return found


def get_items(table: Table, keys: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return the items that there are under the keys, read consistently."""
    unique = list(dict.fromkeys(keys))
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(unique), _BATCH_GET_MAX):
        found.update(_batch_get(table, unique[start : start + _BATCH_GET_MAX]))
    return found


def get_records(table: Table, addresses: Iterable[str]) -> dict[str, AddressRecord]:
    """Return the records that there are of normalised addresses, by address."""
    items = get_items(table, (address_key(address) for address in addresses))
    records = (AddressRecord.from_item(item) for item in items.values())
    return {record.address: record for record in records}


@_call("read the map")
def _scan_page(table: Table, start: Mapping[str, Any] | None) -> dict[str, Any]:
    answer: dict[str, Any] = table.client.scan(
        TableName=table.name,
        ConsistentRead=True,
        FilterExpression="begins_with(#key, :addresses)",
        ExpressionAttributeNames={"#key": PARTITION_KEY},
        ExpressionAttributeValues=_to_attributes({":addresses": address_key("")}),
        **({"ExclusiveStartKey": start} if start else {}),
    )
    return answer


def records(table: Table) -> Iterator[AddressRecord]:
    """Return every record of the map, in no order, as each page of the table arrives."""
    start = None
    while True:
        page = _scan_page(table, start)
        for item in page["Items"]:
            yield AddressRecord.from_item(_from_attributes(item))
        start = page.get("LastEvaluatedKey")
        if not start:
            return


def get_record(table: Table, address: str) -> AddressRecord | None:
    """Return the record of a normalised address, or None."""
    item = get_item(table, address_key(address))
    return None if item is None else AddressRecord.from_item(item)


def vended_domains(table: Table) -> dict[str, str | None]:
    """Return the domains in which the map vends addresses, each with the forwarder's own address, if that is known."""
    item = get_item(table, DOMAINS_KEY) or {}
    return {domain: value.get("forwarder_address") for domain, value in item.items() if domain != PARTITION_KEY}


def last_number(table: Table, series: str) -> int:
    """Return the number of the series that was drawn last; 0 where none was."""
    return int((get_item(table, series_key(series)) or {}).get("last_number", 0))


def is_free_for_forwarder(table: Table, domain: str, forwarder_address: str | None) -> bool:
    """Return whether the forwarder may have an address in the domain: it is not an account's."""
    key = _forwarder_key(domain, forwarder_address)
    item = get_item(table, key) if key else None
    return item is None or "forwarder_address" in item


def _forwarder_key(domain: str, forwarder_address: str | None) -> str | None:
    """Return the key that keeps the forwarder's address in the domain from being vended, None where it lies elsewhere.

    An account's name is the local part of its address, so taking the name takes the address.
    """
    local_part, _at, its_domain = (forwarder_address or "").rpartition("@")
    return name_key(local_part) if its_domain == domain else None


@_call("write the vended domain to the map")
def put_domain(table: Table, domain: str, forwarder_address: str | None) -> bool:
    """Let addresses be vended in a domain, and keep the forwarder's own address there from being vended.

    Returns False, nothing written, where that address is an account's already.
    """
    value = {"forwarder_address": forwarder_address} if forwarder_address else {}
    actions: list[dict[str, Any]] = [
        {
            "Update": {
                "TableName": table.name,
                "Key": _to_attributes({PARTITION_KEY: DOMAINS_KEY}),
                "UpdateExpression": "SET #domain = :value",
                "ExpressionAttributeNames": {"#domain": domain},
                "ExpressionAttributeValues": _to_attributes({":value": value}),
            }
        }
    ]
    key = _forwarder_key(domain, forwarder_address)
    if key:
        actions.append(
            {
                "Put": {
                    "TableName": table.name,
                    "Item": _to_attributes({PARTITION_KEY: key, "forwarder_address": forwarder_address}),
                    "ConditionExpression": "attribute_not_exists(#key) OR attribute_exists(forwarder_address)",
                    "ExpressionAttributeNames": {"#key": PARTITION_KEY},
                }
            }
        )
    try:
        table.client.transact_write_items(TransactItems=actions)
    except is_boto3_error_code("TransactionCanceledException") as error:
        if any(reason.get("Code") == _CONDITION_FAILED for reason in error.response["CancellationReasons"]):
            return False
        raise
    return True


@_call("draw the next number of the series")
def draw_number(table: Table, series: str) -> int:
    """Return a number of the series that nobody else ever gets: DynamoDB serialises updates of one item."""
    answer = table.client.update_item(
        TableName=table.name,
        Key=_to_attributes({PARTITION_KEY: series_key(series)}),
        UpdateExpression="ADD last_number :one",
        ExpressionAttributeValues=_to_attributes({":one": 1}),
        ReturnValues="UPDATED_NEW",
    )
    return int(_from_attributes(answer["Attributes"])["last_number"])


@_call("write the new address to the map")
def put_new(table: Table, record: AddressRecord, asked: Mapping[str, Any]) -> str | None:
    """Write a new record and the items that make it unique, all or nothing.

    Returns None when it is written, else the key of the first item that was there already; nothing was written then.
    """
    items = [
        {PARTITION_KEY: request_key(str(record.request_id)), "address": record.address, "asked": dict(asked)},
        record.to_item(),
        {PARTITION_KEY: name_key(record.account_name), "address": record.address},
    ]
    condition = {
        "ConditionExpression": "attribute_not_exists(#key)",
        "ExpressionAttributeNames": {"#key": PARTITION_KEY},
    }
    puts = [{"Put": {"TableName": table.name, "Item": _to_attributes(item), **condition}} for item in items]
    try:
        table.client.transact_write_items(TransactItems=puts)
    except is_boto3_error_code("TransactionCanceledException") as error:
        reasons = error.response["CancellationReasons"]
        taken = [item for item, reason in zip(items, reasons, strict=True) if reason.get("Code") == _CONDITION_FAILED]
        if not taken:  # A conflict or a throttle: the same transaction may succeed a moment later.
            raise
        return str(taken[0][PARTITION_KEY])
    return None


@_call("write the changed address to the map")
def replace_record(table: Table, record: AddressRecord, version: int) -> bool:
    """Write a record over the version given; return False, nothing written, where the map holds another version.

    Only the fields of the record are set: attributes that a later release keeps there are left alone.
    """
    fields = record.to_dict()
    names = {f"#{name}": name for name in fields}
    values = {f":{name}": value for name, value in fields.items() if value is not None}
    removed = [name for name, value in fields.items() if value is None]
    expression = "SET " + ", ".join(f"#{name[1:]} = {name}" for name in values)
    if removed:
        expression += " REMOVE " + ", ".join(f"#{name}" for name in removed)
    try:
        table.client.update_item(
            TableName=table.name,
            Key=_to_attributes({PARTITION_KEY: address_key(record.address)}),
            UpdateExpression=expression,
            ConditionExpression="#version = :expected_version",
            ExpressionAttributeNames=names,
            ExpressionAttributeValues=_to_attributes({**values, ":expected_version": version}),
        )
    except is_boto3_error_code("ConditionalCheckFailedException"):
        return False
    return True


@MapErrorHandler.common_error_handler("find out who is calling (sts:GetCallerIdentity)")
@AWSRetry.jittered_backoff()
def caller_arn(sts: Any) -> str:
    """Return the ARN of the credentials in use."""
    return str(sts.get_caller_identity()["Arn"])


def _to_attributes(item: Mapping[str, Any]) -> dict[str, Any]:
    serialize = TypeSerializer().serialize
    return {name: serialize(value) for name, value in item.items()}


def _from_attributes(attributes: Mapping[str, Any]) -> dict[str, Any]:
    deserialize = TypeDeserializer().deserialize
    return {name: deserialize(value) for name, value in attributes.items()}
