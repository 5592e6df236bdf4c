# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dead letters, and what is recorded of held mail; errors arrive as AwsError."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
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

_RECORDS = replace(
    DYNAMODB,
    remedies={"ResourceNotFoundException": "Deploy the forwarder again, which makes the table."},
)
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
