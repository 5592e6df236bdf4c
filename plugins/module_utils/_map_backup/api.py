# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls to AWS, one function each. Items go in and come out as DynamoDB types them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import IO, Any

from ansible_collections.account_factory.email.plugins.module_utils._aws import (
    DYNAMODB,
    AwsError,
    Service,
    error_with_code,
)
from ansible_collections.account_factory.email.plugins.module_utils._dynamodb import BATCH_GET_MAX
from ansible_collections.account_factory.email.plugins.module_utils._map.api import Table, scan_pages, table_call
from ansible_collections.account_factory.email.plugins.module_utils._record import PARTITION_KEY

from .items import Item, key_of
from .merge import Write

_S3 = Service(
    retried=("InternalError", "SlowDown", "ServiceUnavailable", "RequestTimeout"),
    remedies={
        "403": "Give the credentials in use s3:GetObject on the object, and check the key and expected_bucket_owner.",
        "404": "Check the bucket and the key.",
        "NoSuchBucket": "Check the name of the bucket.",
        "NoSuchKey": "Check the key.",
    },
)
# What an object of ours says of the items in it.
_ITEMS_SHA256 = "items-sha256"


@table_call("look up the table of the map")
def describe(table: Table) -> dict[str, Any]:
    """Return what DynamoDB knows of the table."""
    described: dict[str, Any] = table.client.describe_table(TableName=table.name)["Table"]
    return described


def scan(table: Table) -> Iterator[list[Item]]:
    """Yield all items, some at a time, read consistently; what is written meanwhile may be among them or not."""
    return (page["Items"] for page in scan_pages(table, {}))


@table_call("read the map")
def _batch_get(table: Table, keys: Sequence[str]) -> list[Item]:
    wanted: Any = {"Keys": [{PARTITION_KEY: {"S": key}} for key in keys], "ConsistentRead": True}
    found: list[Item] = []
    while wanted:
        answer = table.client.batch_get_item(RequestItems={table.name: wanted})
        found += answer["Responses"].get(table.name, [])
        wanted = answer.get("UnprocessedKeys", {}).get(table.name)
    return found


def get_items(table: Table, keys: Iterable[str]) -> dict[str, Item]:
    """Return the items that there are under the keys, read consistently."""
    unique = list(dict.fromkeys(keys))
    found: dict[str, Item] = {}
    for start in range(0, len(unique), BATCH_GET_MAX):
        found.update({key_of(item): item for item in _batch_get(table, unique[start : start + BATCH_GET_MAX])})
    return found


@table_call("restore items of the map")
def write(table: Table, writes: Sequence[Write]) -> bool:
    """Make the writes in one transaction, all or nothing; return False where a condition does not hold."""
    try:
        table.client.transact_write_items(TransactItems=[_action(table, one) for one in writes])
    except error_with_code("TransactionCanceledException") as error:
        if any(reason.get("Code") == "ConditionalCheckFailed" for reason in error.response["CancellationReasons"]):
            return False
        raise  # A conflict or a throttle: the same transaction may succeed a moment later.
    return True


def _action(table: Table, one: Write) -> dict[str, Any]:
    action: dict[str, Any] = {"TableName": table.name, "ConditionExpression": one.condition}
    if one.names:
        action["ExpressionAttributeNames"] = dict(one.names)
    if one.values:
        action["ExpressionAttributeValues"] = dict(one.values)
    if one.item is not None:
        return {"Put": {"Item": dict(one.item), **action}}
    return {"Update": {"Key": {PARTITION_KEY: {"S": one.key}}, "UpdateExpression": one.expression, **action}}


def object_digest(s3: Any, bucket: str, key: str, owner: Mapping[str, str]) -> str | None:
    """Return the digest of the items in an object of ours; None where there is no such object."""
    try:
        found = _S3.call(f"look up s3://{bucket}/{key}", s3.head_object, Bucket=bucket, Key=key, **owner)
    except AwsError as error:
        # Without s3:ListBucket, a key that is not there is forbidden (Amazon S3 API Reference, HeadObject).
        if error.code in ("403", "404", "NoSuchKey"):
            return None
        raise
    digest: str | None = found.get("Metadata", {}).get(_ITEMS_SHA256)
    return digest


def put_object(s3: Any, bucket: str, key: str, file: IO[bytes], items_sha256: str, owner: Mapping[str, str]) -> None:
    """Store the file, which is there wholly or not at all."""
    extra = {"Metadata": {_ITEMS_SHA256: items_sha256}, "ContentType": "application/x-ndjson", **owner}
    _S3.call(f"write s3://{bucket}/{key}", s3.upload_fileobj, file, bucket, key, ExtraArgs=extra)


def get_object(s3: Any, bucket: str, key: str, file: IO[bytes], owner: Mapping[str, str]) -> None:
    """Write the object's content to the file."""
    _S3.call(f"read s3://{bucket}/{key}", s3.download_fileobj, bucket, key, file, ExtraArgs=dict(owner))


@table_call("look up the point-in-time recovery of the map")
def point_in_time_recovery(table: Table) -> dict[str, Any]:
    """Return whether the table can be restored to a point in time, and to which."""
    found = table.client.describe_continuous_backups(TableName=table.name)["ContinuousBackupsDescription"]
    described: dict[str, Any] = found.get("PointInTimeRecoveryDescription", {})
    return described


@table_call("restore the map beside itself")
def restore_beside(table: Table, target: str) -> dict[str, Any]:
    """Begin to restore the latest state of the table as another one; return what DynamoDB says of that."""
    restored: dict[str, Any] = table.client.restore_table_to_point_in_time(
        SourceTableName=table.name, TargetTableName=target, UseLatestRestorableTime=True
    )["TableDescription"]
    return restored


@table_call("list tables")
def tables_with_prefix(table: Table, prefix: str) -> list[str]:
    """Return the names of the tables that begin with the prefix, of this account and region."""
    pages = table.client.get_paginator("list_tables").paginate()
    return [name for page in pages for name in page["TableNames"] if name.startswith(prefix)]


# A table that is being made cannot be deleted yet.
_BUSY = DYNAMODB.retrying("ResourceInUseException", tries=10)


def tag(client: Any, arn: str, tags: Mapping[str, str]) -> bool:
    """Tag a table; return False where it is still being made and cannot be tagged yet."""
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    try:
        DYNAMODB.call(f"tag {arn}", client.tag_resource, ResourceArn=arn, Tags=listed)
    except AwsError as error:
        if error.code in ("ResourceInUseException", "ResourceNotFoundException"):
            return False
        raise
    return True


def tags_of(client: Any, arn: str) -> dict[str, str]:
    answer = DYNAMODB.call(f"list the tags of {arn}", client.list_tags_of_resource, ResourceArn=arn)
    return {one["Key"]: one["Value"] for one in answer.get("Tags", [])}


def delete_table(client: Any, name: str) -> None:
    """Delete a table that may be gone already."""
    try:
        _BUSY.call(f"delete the restored table {name}", client.delete_table, TableName=name)
    except AwsError as error:
        if error.code != "ResourceNotFoundException":
            raise
