# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the table of deliveries keeps of a mail as a whole: why it is held, and what a person decided about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from ansible_collections.account_factory.email.plugins.module_utils._mail_record import MailRecord, mail_key
from ansible_collections.account_factory.email.plugins.module_utils._notice import Notice
from ansible_collections.account_factory.email.plugins.module_utils._record import PARTITION_KEY
from ansible_collections.account_factory.email.plugins.module_utils._safe_text import printable
from ansible_collections.account_factory.email.plugins.module_utils._times import utc_text
from forwarder.core.outcomes import Reason

_DAY_SECONDS = 86_400
# The expiry that S3 rounds up, and what a mail may have waited in the queue before it was quarantined.
_YOUNGER_DAYS = 15


@dataclass(frozen=True)
class MailRecords:
    """The records of mails in the table of deliveries; ``now`` gives the time in seconds since 1970.

    A record is kept for ``record_days``, and never less long than the bucket keeps the mail, which is ``mail_days`` or,
    where that is 0, for ever: a mail that was released and of which that is forgotten would be held again.
    """

    dynamodb: Any
    table: str
    now: Callable[[], float]
    record_days: int
    mail_days: int

    def note_quarantined(self, notice: Notice, reason: Reason, size: int) -> None:
        """Record why a mail of so many bytes is in quarantine, and its envelope."""
        facts = {
            "reason": reason.value,
            "recipients": [_encodable(recipient) for recipient in notice.recipients],
            "sender": _encodable(notice.sender),
            "size": size,
            "received_at": notice.received_at,
        }
        self._set(notice.message_id, {name: value for name, value in facts.items() if value is not None})

    def note_failed(self, message_id: str, tries: int, error: Exception) -> None:
        """Record why a mail could not be forwarded this time."""
        words = _encodable(printable(_first_cause(error)) or type(error).__name__)
        self._set(message_id, {"tries": tries, "tried_at": self._moment(), "error": words})

    def note_decided(self, message_id: str, decision: str, by: str) -> None:
        """Record that a mail was ``released``, ``replayed`` or ``discarded``, when, and who says so."""
        self._set(message_id, {f"{decision}_at": self._moment(), f"{decision}_by": by})

    def find(self, message_id: str) -> MailRecord | None:
        """Return the record of a mail, None where there is none."""
        answer = self.dynamodb.get_item(TableName=self.table, Key=self._key(message_id), ConsistentRead=True)
        if "Item" not in answer:
            return None
        deserialize = TypeDeserializer().deserialize
        return MailRecord.from_item({name: deserialize(value) for name, value in answer["Item"].items()})

    def _set(self, message_id: str, facts: Mapping[str, Any]) -> None:
        values = {**facts, **self._expiry()}
        serialize, assignments = TypeSerializer().serialize, ", ".join(f"#{name} = :{name}" for name in values)
        self.dynamodb.update_item(
            TableName=self.table,
            Key=self._key(message_id),
            UpdateExpression=f"SET {assignments}" + ("" if "expires_at" in values else " REMOVE expires_at"),
            ExpressionAttributeNames={f"#{name}": name for name in values},
            ExpressionAttributeValues={f":{name}": serialize(value) for name, value in values.items()},
        )

    def _expiry(self) -> dict[str, int]:
        """Return when DynamoDB may delete a record. A copy in quarantine is younger than the mail, by days at most."""
        if not self.mail_days:
            return {}
        days = max(self.record_days, self.mail_days + _YOUNGER_DAYS)
        return {"expires_at": int(self.now()) + days * _DAY_SECONDS}

    def _key(self, message_id: str) -> dict[str, Any]:
        return {PARTITION_KEY: {"S": mail_key(message_id)}}

    def _moment(self) -> str:
        return utc_text(datetime.fromtimestamp(self.now(), timezone.utc))


def _encodable(text: str) -> str:
    """Return a text as DynamoDB takes it: JSON may hold half a character."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _first_cause(error: BaseException) -> str:
    """Return what a person should read of an error: of a group the first within, of ours what AWS said."""
    within = getattr(error, "exceptions", ())
    if within:
        return _first_cause(within[0])
    if isinstance(error.__cause__, ClientError):
        error = error.__cause__
    if isinstance(error, ClientError):
        said = error.response.get("Error", {})
        return f"{said.get('Code')} ({error.operation_name}): {said.get('Message')}"
    return f"{type(error).__name__}: {error}"
