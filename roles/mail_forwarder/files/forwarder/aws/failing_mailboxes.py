# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The map's marks of mailboxes that fail: read before a mail is sent, written when SES tells that it did not arrive."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from ansible_collections.account_factory.email.plugins.module_utils._failing_mailbox import (
    FailingMailbox,
    FailingReason,
    mailbox_key,
    readable,
)
from ansible_collections.account_factory.email.plugins.module_utils._record import PARTITION_KEY
from ansible_collections.account_factory.email.plugins.module_utils._times import utc_text
from forwarder.aws.dynamodb import read_items

# A mailbox that did not fail is not looked up again for so long: what bounces meanwhile is delivered once more anyway.
_BELIEVED_SECONDS = 60.0
# The mail that the try of the day belongs to: however often that mail comes from the queue, it is one try.
_TRIED_FOR = "tried_for"


@dataclass(frozen=True)
class FailingMailboxes:
    """The marks in the table of the map; ``now`` gives the time in seconds since 1970."""

    dynamodb: Any
    table: str
    now: Callable[[], float]
    _working_until: dict[str, float] = field(default_factory=dict)

    def among(self, mailboxes: Iterable[str]) -> dict[str, FailingMailbox]:
        """Return the marks that hold now, by the mailbox in lower case."""
        now = self.now()
        asked = sorted({one.lower() for one in mailboxes if self._working_until.get(one.lower(), 0.0) <= now})
        found = {mark.mailbox.lower(): mark for mark in self._read(asked) if mark.is_failing(self._time())}
        self._working_until.update({one: now + _BELIEVED_SECONDS for one in asked if one not in found})
        return found

    def may_be_tried(self, mark: FailingMailbox, message_id: str) -> bool:
        """Return whether a mail may be sent to a failing mailbox all the same: one mail a day, which this then is."""
        now = utc_text(self._time())
        if not mark.may_be_tried(self._time()):
            return self._was_tried_for(mark, message_id)
        with suppress(self.dynamodb.exceptions.ConditionalCheckFailedException):
            self.dynamodb.update_item(
                TableName=self.table,
                Key=_key(mark.mailbox),
                UpdateExpression=f"SET tried_at = :now, {_TRIED_FOR} = :id",
                ConditionExpression="attribute_exists(pk) AND (attribute_not_exists(tried_at) OR tried_at = :before)",
                ExpressionAttributeValues={
                    ":now": {"S": now},
                    ":id": {"S": message_id},
                    ":before": {"S": mark.tried_at or ""},
                },
            )
            return True
        return self._was_tried_for(mark, message_id)

    def mark(self, mailbox: str, reason: FailingReason, at: datetime, diagnostic: str | None) -> None:
        """Mark a mailbox as failing since it did first; one for good outlives one for a day."""
        found = FailingMailbox.found(mailbox, reason, at, diagnostic)
        before = next(iter(self._read([mailbox.lower()])), None)
        if before is not None and before.is_failing(self._time()):
            if before.until is None and found.until is not None:
                return
            found = replace(found, since=min(before.since, found.since), tried_at=before.tried_at)
        serialize = TypeSerializer().serialize
        self._working_until.pop(mailbox.lower(), None)
        self.dynamodb.put_item(
            TableName=self.table, Item={name: serialize(value) for name, value in found.to_item().items()}
        )

    def clear(self, mailbox: str, delivered_at: datetime) -> None:
        """Remove the mark of a mailbox that a mail was delivered to after it failed, if it has one."""
        with suppress(self.dynamodb.exceptions.ConditionalCheckFailedException):
            self.dynamodb.delete_item(
                TableName=self.table,
                Key=_key(mailbox),
                ConditionExpression="attribute_exists(pk) AND since < :at",
                ExpressionAttributeValues={":at": {"S": utc_text(delivered_at)}},
            )

    def _was_tried_for(self, mark: FailingMailbox, message_id: str) -> bool:
        item = self.dynamodb.get_item(TableName=self.table, Key=_key(mark.mailbox), ConsistentRead=True).get("Item", {})
        return bool(item.get(_TRIED_FOR) == {"S": message_id})

    def _read(self, mailboxes: list[str]) -> Iterable[FailingMailbox]:
        deserialize = TypeDeserializer().deserialize
        items = read_items(self.dynamodb, self.table, [_key(one) for one in mailboxes])
        return readable({name: deserialize(value) for name, value in item.items()} for item in items)

    def _time(self) -> datetime:
        return datetime.fromtimestamp(self.now(), UTC)


def _key(mailbox: str) -> dict[str, dict[str, str]]:
    return {PARTITION_KEY: {"S": mailbox_key(mailbox)}}
