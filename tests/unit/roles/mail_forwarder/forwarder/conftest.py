# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A forwarder as it is deployed, on moto's S3 and DynamoDB, with an SES that keeps what it is given byte for byte,
and refuses what SES's documented rules do not allow.

moto's SES reads raw mail as UTF-8, so it cannot take every mail; its DynamoDB is only ever used by one thread here.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from ansible_collections.account_factory.email.plugins.module_utils._failing_mailbox import MAILBOX_PREFIX
from ansible_collections.account_factory.email.plugins.module_utils._mail_record import MAIL_PREFIX
from ansible_collections.account_factory.email.plugins.module_utils._owner_group import OwnerGroup
from ansible_collections.account_factory.email.plugins.module_utils._record import AddressRecord
from forwarder.aws.clients import Clients
from forwarder.core.settings import read_settings
from forwarder.handler import handle, handle_events
from forwarder.services import Forwarder, build
from tests.aws_errors import aws_error
from tests.forwarder_environment import environment
from tests.local_aws import ses_rules
from tests.map_table import create_delivery_table, create_table

ADMIN = "cloud-admin@example.com"
FROM = "aws-accounts@accounts.example.com"
VENDED = "aws-sandbox-0001@accounts.example.com"
# What a pure part of the forwarder is given.
SETTINGS = read_settings(environment())
MAILS = Path(__file__).parents[4] / "mail"


def ses_event(message_id: str = "m1", recipients: list[str] | None = None, **changes: Any) -> dict[str, Any]:
    """Return a notice as the S3 action publishes it; ``changes`` replace members of its receipt."""
    passed = {f"{check}Verdict": {"status": "PASS"} for check in ("spam", "virus", "spf", "dkim", "dmarc")}
    return {
        "notificationType": "Received",
        "mail": {
            "timestamp": "2026-11-20T09:14:06.123Z",
            "source": "no-reply@signin.aws.example.com",
            "messageId": message_id,
            "destination": [VENDED],
            "headersTruncated": False,
            "headers": [{"name": "Subject", "value": "Never to be logged"}],
            "commonHeaders": {"subject": "Never to be logged"},
        },
        "receipt": {
            "timestamp": "2026-11-20T09:14:06.123Z",
            "processingTimeMillis": 312,
            "recipients": [VENDED] if recipients is None else recipients,
            **passed,
            "action": {
                "type": "S3",
                "topicArn": "arn:aws:sns:eu-west-1:123456789012:mail-forwarder-received",
                "bucketName": SETTINGS.mail_bucket,
                "objectKeyPrefix": "mail/",
                "objectKey": f"mail/{message_id}",
            },
            **changes,
        },
    }


def is_read_of_marks(request: Mapping[str, Any]) -> bool:
    """Return whether a call reads whether mailboxes fail: by the operation that also reads whose an address is."""
    keys = request.get("RequestItems", {}).get(SETTINGS.map_table, {}).get("Keys", [])
    return bool(keys) and all(key["pk"]["S"].startswith(MAILBOX_PREFIX) for key in keys)


def refusal(code: str, status: int = 400, message: str = "as the test says") -> ClientError:
    """Return what boto3 raises when SES answers so."""
    return aws_error(code, "SendEmail", status, message)


@dataclass
class RecordingSes:
    """An SES that keeps each request it accepts, and fails for a mailbox as it was told to."""

    sent: list[dict[str, Any]] = field(default_factory=list)
    failures: dict[str, Exception] = field(default_factory=dict)

    def send_email(self, **request: Any) -> dict[str, str]:
        (mailbox,) = request["Destination"]["ToAddresses"]
        if mailbox in self.failures:
            raise self.failures[mailbox]
        problems = ses_rules.check(request["Content"]["Raw"]["Data"], request["FromEmailAddress"], [mailbox])
        if problems:
            raise refusal("BadRequestException", 400, " ".join(problems))
        self.sent.append(request)
        return {"MessageId": f"sent-{len(self.sent)}"}

    def mailboxes(self) -> list[str]:
        return [request["Destination"]["ToAddresses"][0] for request in self.sent]


@dataclass
class Clock:
    """The time, as the test sets it."""

    time: float = field(default_factory=time.time)

    def __call__(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


@dataclass
class Context:
    """What Lambda hands to a function: the id of the invocation, and the milliseconds that it has left by a clock."""

    aws_request_id: str = "r1"
    remaining: int = 60_000
    clock: Clock | None = None
    begun: float = field(init=False)

    def __post_init__(self) -> None:
        self.begun = self.clock() if self.clock else 0.0

    def get_remaining_time_in_millis(self) -> int:
        return self.remaining - int(1000 * (self.clock() - self.begun)) if self.clock else self.remaining


@dataclass
class RecordingSqs:
    """A queue of which only the delays of messages are seen, in seconds."""

    delays: list[int] = field(default_factory=list)

    def change_message_visibility(self, **request: Any) -> None:
        self.delays.append(request["VisibilityTimeout"])


@dataclass
class Deployed:
    """A forwarder with all it talks to."""

    forwarder: Forwarder
    clients: Clients
    ses: RecordingSes
    clock: Clock

    def vend(
        self,
        address: str,
        *owners: str,
        status: str = "active",
        forwarding: bool = True,
        fallback_owners: tuple[str, ...] = (),
        contacts: Mapping[str, tuple[str, ...]] | None = None,
        owner_groups: tuple[str, ...] = (),
    ) -> None:
        name, _at, domain = address.partition("@")
        more: dict[str, Any] = {"owner_groups": owner_groups, "contacts": contacts or {}}
        record = AddressRecord(
            address, name, domain, owners, status, forwarding, fallback_owners=fallback_owners, **more
        )
        self._put(record.to_item())

    def know_group(self, group_id: str, *mailboxes: str) -> None:
        """Let the map hold a group of owners."""
        self._put(OwnerGroup(group_id, "Leads", mailboxes).to_item())

    def _put(self, item: dict[str, Any]) -> None:
        boto3.resource("dynamodb").Table(SETTINGS.map_table).put_item(Item=item)

    def store(self, raw: bytes, message_id: str = "m1") -> None:
        self.clients.s3.put_object(Bucket=SETTINGS.mail_bucket, Key=f"mail/{message_id}", Body=raw)

    def deliveries(self) -> dict[str, dict[str, Any]]:
        return {key: item for key, item in self._items().items() if not key.startswith(MAIL_PREFIX)}

    def records(self) -> dict[str, dict[str, Any]]:
        """Return what the table of deliveries has of mails as a whole, by their ids."""
        found = {key: item for key, item in self._items().items() if key.startswith(MAIL_PREFIX)}
        return {key.removeprefix(MAIL_PREFIX): item for key, item in found.items()}

    def _items(self) -> dict[str, dict[str, Any]]:
        items = boto3.resource("dynamodb").Table(SETTINGS.delivery_table).scan()["Items"]
        return {str(item["pk"]): item for item in items}

    def marks(self) -> dict[str, dict[str, Any]]:
        """Return the marks of mailboxes that fail, by mailbox."""
        items = boto3.resource("dynamodb").Table(SETTINGS.map_table).scan()["Items"]
        return {str(item["mailbox"]): item for item in items if str(item["pk"]).startswith("MAILBOX#")}

    def handle(self, *events: dict[str, Any] | str) -> dict[str, Any]:
        return handle(batch(*events), Context(clock=self.clock), self.forwarder)

    def tell(self, *events: dict[str, Any] | str) -> dict[str, Any]:
        """Let the function of events take what SES tells of mails that it was given."""
        return handle_events(batch(*events), Context(clock=self.clock), self.forwarder)


def batch(*events: dict[str, Any] | str) -> dict[str, Any]:
    """Return what the queue hands to a function at once."""
    bodies = [event if isinstance(event, str) else json.dumps(event) for event in events]
    return {"Records": [sqs_record(f"q{number}", body) for number, body in enumerate(bodies, 1)]}


def sqs_record(message_id: str, body: str) -> dict[str, Any]:
    return {
        "messageId": message_id,
        "receiptHandle": "handle",
        "body": body,
        "attributes": {"ApproximateReceiveCount": "1"},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:mail-forwarder-received",
        "awsRegion": "eu-west-1",
    }


@pytest.fixture
def deploy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Deployed]]:
    """Return the function that deploys a forwarder; its keywords replace settings."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    # A logger of a name writes for ever to where it wrote first: a test that reads the output deploys by itself.
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", f"mail-forwarder-{uuid.uuid4()}")
    with mock_aws():
        s3, dynamodb = boto3.client("s3"), boto3.client("dynamodb")
        s3.create_bucket(Bucket=SETTINGS.mail_bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        create_table(dynamodb, SETTINGS.map_table)
        create_delivery_table(dynamodb, SETTINGS.delivery_table)

        def make(**settings: Any) -> Deployed:
            ses = RecordingSes()
            clients = Clients(s3, dynamodb, ses, RecordingSqs())
            clock = Clock()
            return Deployed(build(environment(**settings), clients, clock, clock.sleep), clients, ses, clock)

        yield make


@pytest.fixture
def deployed(deploy: Callable[..., Deployed]) -> Deployed:
    return deploy()
