# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls by which the probe is sent and followed, one function each; errors arrive as AwsError."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._aws import DYNAMODB, Service
from ansible_collections.account_factory.email.plugins.module_utils._dead_letters import COUNTS
from ansible_collections.account_factory.email.plugins.module_utils._dynamodb import batch_get
from ansible_collections.account_factory.email.plugins.module_utils._mail_record import mail_key
from ansible_collections.account_factory.email.plugins.module_utils._notice import MAIL_PREFIX
from ansible_collections.account_factory.email.plugins.module_utils._probe_mail import Probe
from ansible_collections.account_factory.email.plugins.module_utils._record import PARTITION_KEY
from ansible_collections.account_factory.email.plugins.module_utils._stack import BY_ADDRESS, BY_MESSAGE, KEY_SEPARATOR

# Amazon SES API v2 Reference, SendEmail: of the codes only this one passes by itself; the mail was not sent then.
_SES = Service(
    retried=("TooManyRequestsException",),
    remedies={
        "SendingPausedException": "Mend why SES paused it, then: aws sesv2 put-account-sending-attributes"
        " --sending-enabled",
        "MessageRejected": "Have SES verify the domain of the forwarder, in its account and Region: the check identity"
        " of mail_forwarder_check says how far SES is",
    },
)
_S3, _SQS = Service(), Service()
# A table of deliveries that just this minute is looked for: more than a probe leaves there.
_LATEST = 25


def send(sesv2: Any, probe: Probe, probe_id: str, now: datetime) -> tuple[str, datetime | None]:
    """Send a mail of the probe; return SES's id of it, and what time AWS has, in whole seconds, if it says so."""
    answer = _SES.call(
        f"send a mail of the probe to {probe.address}",
        sesv2.send_email,
        **probe.request(probe_id, now),
    )
    return str(answer["MessageId"]), _date_of(answer)


def _date_of(answer: Any) -> datetime | None:
    try:
        return parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])
    except (KeyError, TypeError, ValueError):
        return None


def find_item(dynamodb: Any, table: str, address: str, recipient: str, since: float) -> dict[str, Any]:
    """Return the item of the delivery for a recipient of an address that was begun since then; {} where there is none.

    ``since`` is in seconds since 1970.
    """
    what = f"look up the mail to {address}"
    answer = DYNAMODB.call(
        what,
        dynamodb.query,
        TableName=table,
        IndexName=BY_ADDRESS,
        KeyConditionExpression="address = :address AND claimed_at >= :since",
        ExpressionAttributeValues={":address": {"S": address}, ":since": {"N": str(int(since))}},
        ScanIndexForward=False,
        Limit=_LATEST,
    )
    keys = [item[PARTITION_KEY]["S"] for item in answer["Items"]]
    found = DYNAMODB.call(what, batch_get, dynamodb, table, keys).values() if keys else ()
    return next((item for item in found if f'"{recipient}"' in item.get("mail", "").lower()), {})


def find_error(dynamodb: Any, table: str, item: dict[str, Any]) -> str | None:
    """Return why a mail could not be forwarded, as the forwarder noted it."""
    key = mail_key(str(item[PARTITION_KEY]).partition(KEY_SEPARATOR)[0])
    found = DYNAMODB.call("look up why the probe was not forwarded", batch_get, dynamodb, table, [key])
    return found.get(key, {}).get("error")


def stored_since(s3: Any, bucket: str, since: datetime) -> Iterator[tuple[str, datetime]]:
    """Yield the id of each mail that SES stored since a moment, and when it did."""
    start: dict[str, str] = {}
    while True:
        page = _S3.call(
            f"list the mail in s3://{bucket}/{MAIL_PREFIX}",
            s3.list_objects_v2,
            Bucket=bucket,
            Prefix=MAIL_PREFIX,
            **start,
        )
        for one in page.get("Contents", []):
            if one["LastModified"] >= since:
                yield one["Key"].removeprefix(MAIL_PREFIX), one["LastModified"]
        if not page.get("IsTruncated"):
            return
        start = {"ContinuationToken": page["NextContinuationToken"]}


def is_taken_up(dynamodb: Any, table: str, message_id: str) -> bool:
    """Return whether the forwarder has begun to deliver a mail."""
    answer = DYNAMODB.call(
        f"look up the mail {message_id}",
        dynamodb.query,
        TableName=table,
        IndexName=BY_MESSAGE,
        KeyConditionExpression="message_id = :id",
        ExpressionAttributeValues={":id": {"S": message_id}},
        Limit=1,
    )
    return bool(answer["Items"])


def waiting_notices(sqs: Any, url: str) -> int:
    """Return how many notices of mail wait in the queue, or were taken from it and are not done."""
    attributes = _SQS.call(
        "look up how many notices wait", sqs.get_queue_attributes, QueueUrl=url, AttributeNames=[*COUNTS]
    )["Attributes"]
    return sum(int(attributes.get(name, 0)) for name in COUNTS)
