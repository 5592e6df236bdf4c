# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was delivered: each copy is claimed before it is sent, so that a notice that comes twice sends once.

A claim that nobody finished (the function was cut off) expires, and the copy is tried again. Between a send and its
mark lies the one window in which a copy can be sent twice; sending none would be worse.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._record import PARTITION_KEY

# Longer than a notice can live: 14 days in the queue, 14 in the dead-letter queue, and both again after a redrive.
RETENTION_SECONDS = 90 * 24 * 3600
CLAIMED = "claimed"
SENT = "sent"


class ClaimHeldError(RuntimeError):
    """Somebody else is sending this copy at this moment; the queue asks again later."""


@dataclass(frozen=True)
class Claim:
    """The right to send one copy, until it expires; the token tells it from a later claim to the same copy."""

    key: str
    token: str


@dataclass(frozen=True)
class DeliveryTable:
    """The table of deliveries; ``now`` gives the time in seconds since 1970."""

    dynamodb: Any
    name: str
    now: Callable[[], float]

    def claim(self, message_id: str, address: str, mailbox: str, lease_seconds: float) -> Claim | None:
        """Return the claim to a copy, or None if it was sent; raise ClaimHeldError if another one holds it."""
        claim = Claim(_key(message_id, address, mailbox), uuid.uuid4().hex)
        now = int(self.now())
        try:
            self.dynamodb.put_item(
                TableName=self.name,
                Item={
                    PARTITION_KEY: {"S": claim.key},
                    # The keys of the index by-address, which finds the latest mail of an address; no key may be empty.
                    **({"address": {"S": address}} if address else {}),
                    "claimed_at": {"N": str(now)},
                    "status": {"S": CLAIMED},
                    "claim_token": {"S": claim.token},
                    # Rounded up: a claim must outlast the invocation that holds it.
                    "claim_expires_at": {"N": str(now + int(lease_seconds) + 1)},
                    "expires_at": {"N": str(now + RETENTION_SECONDS)},
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

    def is_sent(self, message_id: str, address: str, mailbox: str) -> bool:
        """Return whether a copy was sent, without claiming it."""
        key = {PARTITION_KEY: {"S": _key(message_id, address, mailbox)}}
        item = self.dynamodb.get_item(TableName=self.name, Key=key, ConsistentRead=True).get("Item", {})
        return bool(item.get("status") == {"S": SENT})

    def mark_sent(self, claim: Claim, sent_message_id: str, outcome: str) -> None:
        """Record that SES took the mail, and what the delivery came to by that; whoever holds the claim by now."""
        now = int(self.now())
        self.dynamodb.update_item(
            TableName=self.name,
            Key={PARTITION_KEY: {"S": claim.key}},
            UpdateExpression="SET #status = :sent, outcome = :outcome, sent_at = :now, sent_message_id = :id,"
            " expires_at = :expires REMOVE claim_expires_at, claim_token",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues={
                ":sent": {"S": SENT},
                ":now": {"N": str(now)},
                ":id": {"S": sent_message_id},
                ":outcome": {"S": outcome},
                ":expires": {"N": str(now + RETENTION_SECONDS)},
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


def _key(message_id: str, address: str, mailbox: str) -> str:
    return f"{message_id}#{address}#{mailbox.lower()}"
