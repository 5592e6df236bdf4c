# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""python -m tests.benchmarks.bench_held: listing 10,000 held mails beside the bare calls that list them.

Once all of them are quarantined, once all are dead letters. Both ways run in this process against the same local AWS,
in turns: ours is what held_mail_info does, with records, owners and filters; the floor reads the same pages and
messages one after the other and looks at nothing.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from ansible_collections.account_factory.email.plugins.module_utils._held_mail.listing import find_held
from ansible_collections.account_factory.email.plugins.module_utils._held_mail.model import FAILED, QUARANTINED, Filters
from ansible_collections.account_factory.email.plugins.module_utils._mail_record import mail_key
from ansible_collections.account_factory.email.plugins.module_utils._stack import ForwarderStack, read_stack
from tests.benchmarks.bare import DOMAIN
from tests.local_aws import LocalAws
from tests.local_aws.playbook import run_playbook

COUNT, ROUNDS, AT_ONCE = 10_000, 3, 8
STACK = "mail-forwarder"
DEPLOYED = {"mail_forwarder_domain": DOMAIN, "mail_forwarder_admin_address": "cloud-team@example.com"}


def in_parallel(work: Callable[[int], object], numbers: range) -> None:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(work, numbers))


def fill_quarantine(make: Callable[..., Any], stack: ForwarderStack) -> None:
    """Quarantine mail as the forwarder does: two objects and a record each."""
    s3, dynamodb = make("s3"), make("dynamodb")
    facts = {"reason": {"S": "spam"}, "recipients": {"L": [{"S": f"a@{DOMAIN}"}]}, "sender": {"S": "b@example.net"}}

    def put(number: int) -> None:
        for ending in ("", ".json"):
            s3.put_object(Bucket=stack.mail_bucket, Key=f"quarantine/mail{number:05}{ending}", Body=b"x")
        dynamodb.put_item(TableName=stack.delivery_table, Item={"pk": {"S": mail_key(f"mail{number:05}")}, **facts})

    in_parallel(put, range(COUNT))


def fill_dead_letters(make: Callable[..., Any], stack: ForwarderStack) -> None:
    sqs, url = make("sqs"), stack.outputs["DeadLetterQueueUrl"]

    def put(first: int) -> None:
        entries = [{"Id": str(number), "MessageBody": notice(stack, number)} for number in range(first, first + 10)]
        sqs.send_message_batch(QueueUrl=url, Entries=entries)

    in_parallel(put, range(0, COUNT, 10))


def notice(stack: ForwarderStack, number: int) -> str:
    action = {"type": "S3", "bucketName": stack.mail_bucket, "objectKey": f"mail/mail{number:05}"}
    return json.dumps(
        {
            "notificationType": "Received",
            "mail": {"messageId": f"mail{number:05}", "source": "b@example.net"},
            "receipt": {"recipients": [f"a@{DOMAIN}"], "action": action},
        }
    )


def bare_quarantine(make: Callable[..., Any], stack: ForwarderStack) -> int:
    """List the objects, and read the records by a hundred; return how many mails there are."""
    pages = make("s3").get_paginator("list_objects_v2").paginate(Bucket=stack.mail_bucket, Prefix="quarantine/")
    ids = [one["Key"].removeprefix("quarantine/") for page in pages for one in page.get("Contents", [])]
    ids = [one for one in ids if not one.endswith(".json")]
    dynamodb = make("dynamodb")
    for first in range(0, len(ids), 100):
        keys = [{"pk": {"S": mail_key(one)}} for one in ids[first : first + 100]]
        dynamodb.batch_get_item(RequestItems={stack.delivery_table: {"Keys": keys, "ConsistentRead": True}})
    return len(ids)


def bare_dead_letters(make: Callable[..., Any], stack: ForwarderStack) -> int:
    """Receive each message and show it again; return how many there are."""
    sqs, url = make("sqs"), stack.outputs["DeadLetterQueueUrl"]
    handles: dict[str, str] = {}
    while len(handles) < COUNT:
        answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=120)
        handles.update({one["MessageId"]: one["ReceiptHandle"] for one in answer.get("Messages", [])})
    given = list(handles.values())
    for first in range(0, len(given), 10):
        entries = [
            {"Id": str(number), "ReceiptHandle": handle, "VisibilityTimeout": 0}
            for number, handle in enumerate(given[first : first + 10])
        ]
        sqs.change_message_visibility_batch(QueueUrl=url, Entries=entries)
    return len(handles)


def seconds(work: Callable[[], int]) -> float:
    """Return how long it takes to find all mails; end the benchmark where it does not."""
    begun = time.perf_counter()
    found = work()
    if found != COUNT:
        raise SystemExit(f"bench: {found} of {COUNT} mails found")
    return time.perf_counter() - begun


def compare(name: str, ours: Callable[[], int], bare: Callable[[], int]) -> None:
    """Print the least seconds of either way, in turns."""
    times = [(seconds(ours), seconds(bare)) for _round in range(ROUNDS)]
    least, floor = (min(each) for each in zip(*times, strict=True))
    ratio = f"ours / bare {least / floor:5.2f}"
    print(f"bench: {COUNT:,} {name:<13} ours {least:6.2f} s   bare calls {floor:6.2f} s   {ratio}", flush=True)


def main() -> None:
    print(f"bench: listing held mail on local AWS, the least of {ROUNDS}", flush=True)
    with tempfile.TemporaryDirectory(prefix="bench-held-") as folder, LocalAws(Path(folder, "aws")) as aws:
        aws.client("sesv2").create_email_identity(EmailIdentity=DOMAIN)
        run_playbook("deploy", DEPLOYED, aws.environment, Path(folder, "deploy.log"))
        session = boto3.Session(
            aws.environment["AWS_ACCESS_KEY_ID"], aws.environment["AWS_SECRET_ACCESS_KEY"], region_name=aws.region
        )

        def make(service: str, config: dict[str, Any] | None = None) -> Any:
            return session.client(
                service, endpoint_url=aws.environment["AWS_ENDPOINT_URL"], config=Config(**(config or {}))
            )

        stack = read_stack(make("cloudformation"), STACK)

        def ours(kind: str) -> Callable[[], int]:
            return lambda: len(find_held(make, stack, Filters(kinds=(kind,)), datetime.now(UTC)).found)

        fill_quarantine(make, stack)
        compare(QUARANTINED, ours(QUARANTINED), lambda: bare_quarantine(make, stack))
        fill_dead_letters(make, stack)
        compare("dead letters", ours(FAILED), lambda: bare_dead_letters(make, stack))


if __name__ == "__main__":
    main()
