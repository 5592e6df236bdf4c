# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls to AWS that find what is held; errors arrive as AwsError."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._aws import DYNAMODB, Service
from ansible_collections.account_factory.email.plugins.module_utils._dead_letters import (
    COUNTS,
    CountedError,
    DeadLetter,
    Seen,
    browse,
)
from ansible_collections.account_factory.email.plugins.module_utils._dynamodb import Items, batch_get, in_batches
from ansible_collections.account_factory.email.plugins.module_utils._errors import TaskError
from ansible_collections.account_factory.email.plugins.module_utils._mail_record import MailRecord, mail_key

from .model import StoredMail

# So many objects are looked up one by one; of more than that, all mail is listed, a thousand at a time.
_FEW = 100
_AT_ONCE = 8
_RECORDS = replace(
    DYNAMODB,
    remedies={"ResourceNotFoundException": "Deploy the forwarder again, which makes the table."},
)
_S3 = Service(retried=("SlowDown", "InternalError", "ServiceUnavailable"))
_SQS = Service(
    retried=("RequestThrottled", "ThrottlingException", "RequestLimitExceeded"),
    remedies={
        "AWS.SimpleQueueService.NonExistentQueue": "Deploy the forwarder again, which makes the queue.",
        "QueueDoesNotExist": "Deploy the forwarder again, which makes the queue.",
    },
)


def find_records(dynamodb: Any, table: str, message_ids: Iterable[str]) -> dict[str, MailRecord]:
    """Return the records of mails that a table of deliveries has, by the ids of their mails."""

    def read(keys: Sequence[str]) -> Items:
        return _RECORDS.call("look up what is known of held mail", batch_get, dynamodb, table, keys)

    records = map(MailRecord.from_item, in_batches(read, map(mail_key, message_ids)).values())
    return {record.message_id: record for record in records}


def list_objects(s3: Any, bucket: str, prefix: str) -> Iterator[tuple[str, StoredMail]]:
    """Yield the keys of a prefix without it, each with what is known of its object."""
    start: dict[str, str] = {}
    while True:
        page = _list(s3, bucket, prefix, **start)
        for one in page.get("Contents", []):
            yield one["Key"][len(prefix) :], StoredMail(one["Size"], one["LastModified"])
        if not page.get("IsTruncated"):
            return
        start = {"ContinuationToken": page["NextContinuationToken"]}


def find_objects(s3: Any, bucket: str, prefix: str, keys: Iterable[str]) -> dict[str, StoredMail]:
    """Return those of the keys of a prefix, given whole, that the bucket has."""
    wanted = set(keys)
    if len(wanted) > _FEW:
        listed = ((prefix + key, stored) for key, stored in list_objects(s3, bucket, prefix))
        return {key: stored for key, stored in listed if key in wanted}
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = pool.map(lambda key: (key, _find(s3, bucket, key)), sorted(wanted))
        return {key: stored for key, stored in found if stored}


def _find(s3: Any, bucket: str, key: str) -> StoredMail | None:
    page = _list(s3, bucket, key, MaxKeys=1)
    found = (StoredMail(one["Size"], one["LastModified"]) for one in page.get("Contents", []) if one["Key"] == key)
    return next(found, None)


def _list(s3: Any, bucket: str, prefix: str, **options: Any) -> Any:
    what = f"list s3://{bucket}/{prefix}"
    return _S3.call(what, s3.list_objects_v2, Bucket=bucket, Prefix=prefix, **options)


def read_dead_letters(sqs: Any, url: str, note: Callable[[DeadLetter], None]) -> Seen:
    """Hand each message of a queue to ``note``, which may hear of one again where a call is retried."""

    def take(letter: DeadLetter) -> bool:
        note(letter)
        return False

    try:
        return _SQS.call(f"look at the dead letters in {url}", browse, sqs, url, take)
    except CountedError as error:
        raise TaskError(str(error)) from error


def count_dead_letters(sqs: Any, url: str) -> int:
    """Return how many messages a queue has, as far as SQS says."""
    attributes = _attributes(sqs, url, COUNTS)
    return sum(int(attributes[name]) for name in COUNTS)


def retention_seconds(sqs: Any, url: str) -> int:
    """Return for how many seconds a queue keeps a message."""
    name = "MessageRetentionPeriod"
    return int(_attributes(sqs, url, (name,))[name])


def _attributes(sqs: Any, url: str, names: Iterable[str]) -> dict[str, str]:
    answer = _SQS.call(f"look up the queue {url}", sqs.get_queue_attributes, QueueUrl=url, AttributeNames=list(names))
    attributes: dict[str, str] = answer["Attributes"]
    return attributes
