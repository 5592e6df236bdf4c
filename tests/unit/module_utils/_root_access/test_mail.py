# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which mail counts as AWS's to a root user, and when it counts as forwarded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from ansible_collections.account_factory.email.plugins.module_utils._notice import Notice, Verdicts
from ansible_collections.account_factory.email.plugins.module_utils._root_access.mail import RootMail
from ansible_collections.account_factory.email.plugins.module_utils._stack import ForwarderStack
from forwarder.aws.deliveries import DeliveryTable
from forwarder.core.outcomes import Outcome
from forwarder.core.recipients import Delivery, Standing
from tests.local_aws.received_mail import Envelope, arrive
from tests.local_aws.reset_mail import reset_mail
from tests.map_table import create_delivery_table

ADDRESS = "payments-001@accounts.example.com"
BUCKET, STACK = "mail-forwarder-mail-111122223333-eu-west-1", "mail-forwarder"
BEGIN = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)
OWNERS = ("jane@example.org", "joe@example.org")
PASSED = "spam=PASS virus=PASS dmarc=PASS"


@dataclass
class Forwarder:
    """The bucket and the table of deliveries, in which a test says what came and what became of it."""

    now: datetime = BEGIN
    slept: list[float] = field(default_factory=list)
    comes: list[Any] = field(default_factory=list)
    # After how many looks nobody awaits it any more.
    awaited: int = 100

    def __post_init__(self) -> None:
        self.s3 = boto3.client("s3", region_name="eu-west-1")
        self.dynamodb = boto3.client("dynamodb", region_name="eu-west-1")
        self.table = DeliveryTable(self.dynamodb, f"{STACK}-deliveries", self.seconds, 365)

    def seconds(self) -> float:
        return self.now.timestamp()

    def receive(
        self, name: str, verdicts: str = PASSED, to: str = ADDRESS, data: bytes = b"", *, is_kept: bool = True
    ) -> Notice:
        sender, message = reset_mail(to, self.now.timestamp())
        raw = f"X-Local-Verdicts: {verdicts}\r\n".encode() + (data or message)
        stored = arrive(name, Envelope("mx", "192.0.2.1", sender, (ADDRESS,)), raw, "eu-west-1", self.now).data
        if is_kept:
            self.s3.put_object(Bucket=BUCKET, Key=f"mail/{name}", Body=stored)
        return Notice(name, sender, (ADDRESS,), Verdicts(), BUCKET, f"mail/{name}")

    def forward(self, notice: Notice, owners: tuple[str, ...] = OWNERS, *, is_sent: bool = True) -> None:
        for owner in owners:
            delivery = Delivery(ADDRESS, ADDRESS, owner, Standing.OWNER)
            claim = self.table.claim(notice, delivery, 60)
            assert claim
            if is_sent:
                self.table.mark_sent(claim, f"id-{owner}", Outcome.SENT, owner)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        if self.comes:
            self.comes.pop(0)()

    def found(self, seconds: float = 0) -> list[dict[str, Any]]:
        stack = ForwarderStack(STACK, {"MailBucket": BUCKET, "MapTable": "map", "MailDays": "90"}, {})
        mail = RootMail(stack, self.dynamodb, self.s3, ADDRESS, BEGIN)
        return mail.wait(seconds, lambda _done, _total: None, lambda: len(self.slept) < self.awaited)


@pytest.fixture
def forwarder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Forwarder]:
    with mock_aws():
        made = Forwarder()
        made.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        create_delivery_table(made.dynamodb, f"{STACK}-deliveries")
        monkeypatch.setattr("time.sleep", made.sleep)
        yield made


def test_a_mail_that_was_forwarded_is_told_with_whom_it_reached(forwarder: Forwarder) -> None:
    forwarder.forward(forwarder.receive("one"))
    (mail,) = forwarder.found()
    assert mail["message_id"] == "one"
    assert [(copy["mailbox"], copy["sent_to"], copy["form"]) for copy in mail["deliveries"]] == [
        (owner, owner, "sent") for owner in OWNERS
    ]
    # Nothing of what it says.
    assert "signin.example.com" not in str(mail)


FORGED = b"From: Amazon Web Services <no-reply@signin.aws>\r\nTo: payments-001@accounts.example.com\r\n\r\nHello\r\n"


@pytest.mark.parametrize(
    "received",
    [
        pytest.param({"verdicts": "spam=PASS virus=PASS dmarc=FAIL;none"}, id="forged"),
        pytest.param({"verdicts": "spam=PASS virus=PASS dmarc=GRAY"}, id="from nobody for sure"),
        pytest.param({"data": FORGED.replace(b"signin.aws", b"example.org")}, id="of somebody else"),
        pytest.param({"to": "other@accounts.example.com"}, id="to another address"),
        pytest.param({"is_kept": False}, id="in the bucket no more"),
    ],
)
def test_other_mail_is_not_it(forwarder: Forwarder, received: dict[str, Any]) -> None:
    forwarder.forward(forwarder.receive("one", **received))
    assert forwarder.found() == []


def test_mail_of_before_is_not_it(forwarder: Forwarder) -> None:
    forwarder.now = BEGIN - timedelta(seconds=5)
    forwarder.forward(forwarder.receive("one"))
    assert forwarder.found() == []


def test_a_mail_is_told_once_all_its_copies_are_sent(forwarder: Forwarder) -> None:
    notice = forwarder.receive("one")
    forwarder.forward(notice, OWNERS[:1])
    forwarder.forward(notice, OWNERS[1:], is_sent=False)
    assert forwarder.found() == []


def test_it_is_waited_for_until_it_comes(forwarder: Forwarder) -> None:
    forwarder.comes = [list, lambda: forwarder.forward(forwarder.receive("one"))]
    assert [mail["message_id"] for mail in forwarder.found(60)] == ["one"]
    assert len(forwarder.slept) == 2


def test_the_wait_ends_when_the_recovery_is_closed(forwarder: Forwarder) -> None:
    forwarder.awaited = 3
    assert forwarder.found(3600) == []
    assert len(forwarder.slept) == 3


def test_it_is_looked_once_where_nothing_is_waited_for(forwarder: Forwarder) -> None:
    assert forwarder.found() == []
    assert forwarder.slept == []
