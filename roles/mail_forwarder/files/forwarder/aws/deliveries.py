# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was delivered: each copy is claimed before it is sent, so that a notice that comes twice sends once.

A claim that nobody finished (the function was cut off) expires, and the copy is tried again. Between a send and its
mark lies the one window in which a copy can be sent twice; sending none would be worse.

The items are also the record of who received what, which the module deliveries_info reads.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._message_tags import Tagged
from ansible_collections.account_factory.email.plugins.module_utils._notice import Notice, Verdicts
from ansible_collections.account_factory.email.plugins.module_utils._record import PARTITION_KEY
from ansible_collections.account_factory.email.plugins.module_utils._times import utc_milliseconds
from forwarder.aws.dynamodb import read_items
from forwarder.core.outcomes import Outcome
from forwarder.core.recipients import Delivery, Standing
from forwarder.core.sending_event import FAILURES, SendingEvent

_DAY_SECONDS = 24 * 3600
CLAIMED = "claimed"
SENT = "sent"
# What SES read in From, beyond which it is left out of the record: it is a stranger's words, and an item has an end.
_AUTHORS_MAX = 2_000


class ClaimHeldError(RuntimeError):
    """Somebody else is sending this copy at this moment; the queue asks again later."""


@dataclass(frozen=True)
class Claim:
    """The right to send one copy, until it expires; the token tells it from a later claim to the same copy."""

    key: str
    token: str


@dataclass(frozen=True)
class Record:
    """One delivery as the table has it: what it is of, so that it can be done again, and whether it failed since."""

    notice: Notice
    delivery: Delivery


@dataclass(frozen=True)
class DeliveryTable:
    """The table of deliveries; ``now`` gives the time in seconds since 1970.

    An item is kept for ``record_days`` from its last claim or from when it was sent.
    """

    dynamodb: Any
    name: str
    now: Callable[[], float]
    record_days: int

    def claim(self, notice: Notice, delivery: Delivery, lease_seconds: float) -> Claim | None:
        """Return the claim to a copy, or None if it was sent; raise ClaimHeldError if another one holds it."""
        address = delivery.address
        claim = Claim(_key(notice.delivery_id, address, delivery.mailbox), uuid.uuid4().hex)
        now = int(self.now())
        try:
            self.dynamodb.put_item(
                TableName=self.name,
                Item={
                    PARTITION_KEY: {"S": claim.key},
                    # The keys of the index by-address, which finds the latest mail of an address; no key may be empty.
                    **({"address": {"S": address}} if address else {}),
                    "claimed_at": {"N": str(now)},
                    # The key of the index by-message: all deliveries of a mail, those of its release too.
                    "message_id": {"S": notice.message_id},
                    "mailbox": {"S": delivery.mailbox},
                    "mail": {"S": _mail_facts(notice, delivery)},
                    "status": {"S": CLAIMED},
                    "claim_token": {"S": claim.token},
                    # Rounded up: a claim must outlast the invocation that holds it.
                    "claim_expires_at": {"N": str(now + int(lease_seconds) + 1)},
                    "expires_at": {"N": str(self._expires_at(now))},
                },
                ConditionExpression="attribute_not_exists(#pk) OR (#status = :claimed AND #lease < :now)",
                ExpressionAttributeNames={"#pk": PARTITION_KEY, "#status": "status", "#lease": "claim_expires_at"},
                ExpressionAttributeValues={":claimed": {"S": CLAIMED}, ":now": {"N": str(now)}},
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self.dynamodb.exceptions.ConditionalCheckFailedException as error:
            held = error.response.get("Item", {})
            if held.get("status") == {"S": SENT}:
                return None
            if held.get("claim_token") == {"S": claim.token}:
                # The answer to our own write was lost, and the client's second try met the first.
                return claim
            until = held.get("claim_expires_at", {}).get("N", "an unknown time")
            raise ClaimHeldError(f"{claim.key} is being sent by another invocation, until {until} at most") from error
        return claim

    def is_sent(self, notice: Notice, delivery: Delivery) -> bool:
        """Return whether a copy was sent, without claiming it."""
        item = self._item(_key(notice.delivery_id, delivery.address, delivery.mailbox)) or {}
        return bool(item.get("status") == {"S": SENT})

    def find(self, tagged: Tagged, bucket: str) -> Record | None:
        """Return the delivery that an event is about, or None where the table does not have it (any more)."""
        delivery_id = f"{tagged.message_id}#{tagged.again}" if tagged.again else tagged.message_id
        item = self._item(_key(delivery_id, tagged.address, tagged.mailbox))
        return _record(item, tagged, bucket) if item and "mail" in item else None

    def note(self, record: Record, event: SendingEvent) -> None:
        """Record what became of a delivery after SES took it, and what was said of it; the latest of each kind counts.

        Events come in any order. One that is older than what is recorded changes nothing.
        """
        kind = "failed" if event.outcome in FAILURES else "told"
        # Nothing is said of most; what was said of an earlier one must not stay beside the later.
        said = "SET #at = :at, #what = :what" + (", #why = :why" if event.diagnostic else " REMOVE #why")
        values = {":at": _sortable(event.at), ":what": event.outcome.value, ":why": event.diagnostic}
        with suppress(self.dynamodb.exceptions.ConditionalCheckFailedException):
            self.dynamodb.update_item(
                TableName=self.name,
                Key={
                    PARTITION_KEY: {
                        "S": _key(record.notice.delivery_id, record.delivery.address, record.delivery.mailbox)
                    }
                },
                UpdateExpression=said,
                ConditionExpression="attribute_not_exists(#at) OR #at <= :at",
                ExpressionAttributeNames={"#at": f"{kind}_at", "#what": f"{kind}_by", "#why": f"{kind}_because"},
                ExpressionAttributeValues={name: {"S": value} for name, value in values.items() if value},
            )

    def standings(self, record: Record, mailboxes: Collection[str]) -> tuple[dict[str, str], set[str]]:
        """Return which mailboxes, in lower case, were sent a mail of an address and have it, and which have not.

        With the first of them it says in whose place each has it, in lower case, and nothing for a copy of its own. One
        that was only claimed is neither: whoever claimed it may have died over it.
        """
        notice, address = record.notice, record.delivery.address
        keys = {_key(notice.delivery_id, address, one): one.lower() for one in mailboxes}
        asked = [{PARTITION_KEY: {"S": key}} for key in keys]
        items = {item[PARTITION_KEY]["S"]: item for item in read_items(self.dynamodb, self.name, asked)}
        failed = {keys[key] for key, item in items.items() if "failed_at" in item}
        sent = {keys[key]: item for key, item in items.items() if item.get("status") == {"S": SENT}}
        return {mailbox: _instead_of(item) for mailbox, item in sent.items() if mailbox not in failed}, failed

    def _item(self, key: str) -> dict[str, Any] | None:
        answer = self.dynamodb.get_item(TableName=self.name, Key={PARTITION_KEY: {"S": key}}, ConsistentRead=True)
        found: dict[str, Any] | None = answer.get("Item")
        return found

    def mark_sent(self, claim: Claim, sent_message_id: str, outcome: Outcome, sent_to: str) -> None:
        """Record that SES took the mail, for whom, and what the delivery came to; whoever holds the claim by now.

        ``sent_to`` is the mailbox that SES was given, which is the admin's where SES does not send to the owner yet.
        """
        now = int(self.now())
        self.dynamodb.update_item(
            TableName=self.name,
            Key={PARTITION_KEY: {"S": claim.key}},
            UpdateExpression="SET #status = :sent, outcome = :outcome, sent_at = :now, sent_message_id = :id,"
            " sent_to = :to, expires_at = :expires REMOVE claim_expires_at, claim_token",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues={
                ":sent": {"S": SENT},
                ":now": {"N": str(now)},
                ":id": {"S": sent_message_id},
                ":to": {"S": sent_to},
                ":outcome": {"S": outcome.value},
                ":expires": {"N": str(self._expires_at(now))},
            },
        )

    def release(self, claim: Claim) -> None:
        """Give up a claim to a copy that was certainly not sent, so that the next try need not wait."""
        # A claim that is another's by now is not ours to give up.
        with suppress(self.dynamodb.exceptions.ConditionalCheckFailedException):
            self.dynamodb.delete_item(
                TableName=self.name,
                Key={PARTITION_KEY: {"S": claim.key}},
                ConditionExpression="#status = :claimed AND claim_token = :token",
                ExpressionAttributeNames={"#status": "status"},
                ExpressionAttributeValues={":claimed": {"S": CLAIMED}, ":token": {"S": claim.token}},
            )

    def _expires_at(self, now: int) -> int:
        return now + self.record_days * _DAY_SECONDS


def _sortable(at: str) -> str:
    """Return a time in ISO 8601 as SES writes most of them, so that times compare as texts."""
    return utc_milliseconds(datetime.fromisoformat(at))


def _key(delivery_id: str, address: str, mailbox: str) -> str:
    return f"{delivery_id}#{address}#{mailbox.lower()}"


def _mail_facts(notice: Notice, delivery: Delivery) -> str:
    """Return what has to be known of a mail to deliver it once more, as JSON."""
    authors = notice.authors if notice.authors and sum(map(len, notice.authors)) <= _AUTHORS_MAX else None
    facts = {
        "key": notice.key,
        "sender": notice.sender,
        "recipient": delivery.recipient,
        "standing": delivery.standing,
        "contact": delivery.contact,
        "verdicts": vars(notice.verdicts),
        "received_at": notice.received_at,
        "authors": authors,
        "instead_of": delivery.instead.mailbox if delivery.instead else None,
        "queued_at": notice.queued_at if delivery.standing is Standing.PROBE else None,
    }
    return json.dumps({name: value for name, value in facts.items() if value is not None})


def _instead_of(item: Mapping[str, Any]) -> str:
    """Return in whose place, in lower case, a delivery was made; nothing for a copy of the mailbox's own."""
    return str(json.loads(item["mail"]["S"]).get("instead_of", "")).lower() if "mail" in item else ""


def _record(item: Mapping[str, Any], tagged: Tagged, bucket: str) -> Record:
    facts = json.loads(item["mail"]["S"])
    authors = facts.get("authors")
    notice = Notice(
        message_id=tagged.message_id,
        sender=facts["sender"],
        recipients=(facts["recipient"],),
        verdicts=Verdicts(**facts["verdicts"]),
        bucket=bucket,
        key=facts["key"],
        received_at=facts.get("received_at"),
        authors=None if authors is None else tuple(authors),
        again=tagged.again,
    )
    delivery = Delivery(
        facts["recipient"],
        tagged.address,
        item["mailbox"]["S"],
        Standing(facts["standing"]),
        contact=facts.get("contact"),
    )
    return Record(notice, delivery)
