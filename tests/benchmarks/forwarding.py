# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""python forwarding.py WAY SECONDS WARM-UP EVENT: forward a mail in one way, and say what that cost this process.

It runs on what the function has: the code package and Lambda's own libraries, nothing else. So it imports no other
module of the tests, and each way imports only what it needs. WARM-UP and EVENT are events of the queue in JSON: one
mail to start with, and one to forward until it has taken SECONDS of CPU time. The last line of output is JSON.

python forwarding.py WAY: forward what comes as events on standard input, one a line, and say READY and TAKEN.
"""

from __future__ import annotations

import base64
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

Event = dict[str, Any]
Forward = Callable[[Event], None]
_OWNER = "jane@example.org"
_FROM = "aws-accounts@accounts.example.com"
_AT_LEAST = 2
# What is written before the first event, and after each.
READY, TAKEN = "ready", "taken"


def _stored_at(event: Event) -> tuple[str, str]:
    """Return bucket and key of an event's mail."""
    action = json.loads(event["Records"][0]["body"])["receipt"]["action"]
    return action["bucketName"], action["objectKey"]


def ours() -> Forward:
    """The function as Lambda runs it: its handler, its clients, its calls to the map and the table of deliveries."""
    from forwarder import handler, services

    standing = services.build(os.environ)
    context = SimpleNamespace(aws_request_id="r1", get_remaining_time_in_millis=lambda: 60_000)

    def forward(event: Event) -> None:
        result = handler.handle(event, context, standing)
        assert result == {"batchItemFailures": []}, result

    return forward


def email_package() -> Forward:
    """The peer: the same rewrite of the header by Python's email package, read and sent by the same two calls."""
    from email.parser import BytesParser
    from email.policy import compat32

    from forwarder.core import field_rules

    # The newer policies take as long.
    parser = BytesParser(policy=compat32.clone(linesep="\r\n"))
    dropped = {name.decode() for name in field_rules.REMOVED}
    renamed = {name.decode() for name in field_rules.RENAMED}
    once = {name.decode() for name in field_rules.ONCE}

    def rewrite(raw: bytes) -> bytes:
        mail = parser.parsebytes(raw)
        fields = mail.items()
        for name in {name for name, _value in fields}:
            del mail[name]
        mail["From"] = f'"(someone) via AWS accounts" <{_FROM}>'
        mail["To"] = _OWNER
        seen: set[str] = set()
        for name, value in fields:
            key = name.lower()
            if key in dropped or key.startswith(("x-ses-", "arc-")) or (key in once and key in seen):
                continue
            seen.add(key)
            mail[f"X-Original-{name}" if key in renamed else name] = value
            if key == "from":
                mail["Reply-To"] = value
        return mail.as_bytes()

    return _read_and_send(rewrite)


def bare_calls() -> Forward:
    """The floor: the two calls that no forwarder through SES can do without, and nothing between them."""
    return _read_and_send(lambda raw: raw)


def _read_and_send(rewrite: Callable[[bytes], bytes]) -> Forward:
    import boto3

    s3, sesv2 = boto3.client("s3"), boto3.client("sesv2")

    def forward(event: Event) -> None:
        bucket, key = _stored_at(event)
        raw = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        sesv2.send_email(
            FromEmailAddress=_FROM,
            Destination={"ToAddresses": [_OWNER]},
            Content={"Raw": {"Data": rewrite(raw)}},
        )

    return forward


def same_calls() -> Forward:
    """The calls that the function makes for a mail with one owner, and nothing between them."""
    import boto3

    dynamodb, s3, sesv2 = (boto3.client(name) for name in ("dynamodb", "s3", "sesv2"))

    def forward(event: Event) -> None:
        bucket, key = _stored_at(event)
        delivery = {"pk": {"S": json.loads(event["Records"][0]["body"])["mail"]["messageId"]}}
        dynamodb.get_item(TableName="map", Key={"pk": {"S": "ADDRESS"}}, ConsistentRead=True)
        claimed = {**delivery, "status": {"S": "claimed"}}
        dynamodb.put_item(TableName="deliveries", Item=claimed, ConditionExpression="attribute_not_exists(pk)")
        raw = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        sesv2.send_email(
            FromEmailAddress=_FROM,
            Destination={"ToAddresses": [_OWNER]},
            Content={"Raw": {"Data": raw}},
        )
        dynamodb.update_item(
            TableName="deliveries",
            Key=delivery,
            UpdateExpression="SET sent = :sent",
            ExpressionAttributeValues={":sent": {"BOOL": True}},
        )

    return forward


def base64_only() -> Forward:
    """Less than the floor: the same requests without botocore, so unsigned: read, base64, write."""
    import http.client

    connection = http.client.HTTPConnection(urlsplit(os.environ["AWS_ENDPOINT_URL"]).netloc)

    def forward(event: Event) -> None:
        connection.request("GET", "/" + "/".join(_stored_at(event)))
        raw = connection.getresponse().read()
        body = b"".join((b'{"Content":{"Raw":{"Data":"', base64.b64encode(raw), b'"}}}'))
        connection.request("POST", "/v2/email/outbound-emails", body)
        connection.getresponse().read()

    return forward


# What a way imports, and what makes it ready.
WAYS: dict[str, tuple[str, Callable[[], Forward]]] = {
    "ours": ("forwarder.handler", ours),
    "email_package": ("boto3", email_package),
    "bare_calls": ("boto3", bare_calls),
    "same_calls": ("boto3", same_calls),
    "base64_only": ("http.client", base64_only),
}


def repeat(forward: Forward, event: Event, seconds: float) -> list[float]:
    """Return the CPU seconds of each time that the mail was forwarded."""
    taken: list[float] = []
    while len(taken) < _AT_LEAST or sum(taken) < seconds:
        begun = time.process_time()
        forward(event)
        taken.append(time.process_time() - begun)
    return taken


def peak_octets() -> int:
    """Return the most memory that this process has had at any time."""
    if sys.platform == "linux":
        # Linux counts what a parent had when it started this process as this one's, but not here.
        with open("/proc/self/status", encoding="ascii") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM:"))
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def main(way: str, seconds: str, warm_up: str, event: str = "") -> None:
    module, make = WAYS[way]
    begun = time.perf_counter()
    marks = [0.0, time.process_time()]
    # importlib's own function is not seen by -X importtime.
    __import__(module)
    marks.append(time.process_time())
    forward = make()
    marks.append(time.process_time())
    # The first mail pays for what is loaded with it.
    forward(json.loads(warm_up))
    marks.append(time.process_time())
    start = {"start_cpu_seconds": [later - earlier for earlier, later in pairwise(marks)]}
    start_seconds = time.perf_counter() - begun
    taken = repeat(forward, json.loads(event), float(seconds)) if event else []
    print(json.dumps({**start, "start_seconds": start_seconds, "cpu_seconds": taken, "peak_octets": peak_octets()}))


def take(way: str) -> None:
    """Be a function of Lambda's: forward one event after the other, as they come."""
    forward = WAYS[way][1]()
    print(READY, flush=True)
    for line in sys.stdin:
        forward(json.loads(line))
        print(TAKEN, flush=True)


if __name__ == "__main__":
    take(sys.argv[1]) if len(sys.argv) == 2 else main(*sys.argv[1:])
