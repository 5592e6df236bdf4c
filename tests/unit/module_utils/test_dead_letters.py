# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking through a dead-letter queue: all of it, for everybody at once, and without a trace."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from botocore.config import Config
from moto import mock_aws

from ansible_collections.account_factory.email.plugins.module_utils import _dead_letters
from ansible_collections.account_factory.email.plugins.module_utils._dead_letters import (
    Content,
    CountedError,
    DeadLetter,
    Seen,
    browse,
    read_content,
)
from ansible_collections.account_factory.email.plugins.module_utils._message_tags import Tagged

BUCKET = "mail-forwarder-mail-123456789012-eu-west-1"
MAIL: dict[str, Any] = {
    "notificationType": "Received",
    "mail": {"messageId": "m1", "source": "no-reply@signin.aws", "timestamp": "2026-11-20T09:14:06.123Z"},
    "receipt": {
        "recipients": ["a@accounts.example.com"],
        "action": {"type": "S3", "bucketName": BUCKET, "objectKey": "mail/m1"},
    },
}
TAGGED = Tagged("m1", "released", "a@accounts.example.com", "jane@example.com")
EVENT: dict[str, Any] = {
    "eventType": "Bounce",
    "mail": {"messageId": "s1", "tags": {name: [value] for name, value in TAGGED.to_tags().items()}},
}


# What somebody else's tags of the same names may hold.
FOREIGN_TAGS = {name: [value] for name, value in Tagged("m\x1b1", "", "a@b.example", "c@d.example").to_tags().items()}


def wrapped(body: str) -> str:
    """Return what SNS makes of a message without raw message delivery."""
    return json.dumps({"Type": "Notification", "MessageId": "n1", "Message": body})


def letter(body: str) -> DeadLetter:
    return DeadLetter("q1", "handle", body, 0)


@pytest.mark.parametrize("wrap", [pytest.param(str, id="raw"), pytest.param(wrapped, id="in SNS's envelope")])
def test_a_notice_and_an_event_are_known_by_the_id_of_the_mail(wrap: Any) -> None:
    notice = read_content(letter(wrap(json.dumps(MAIL))), BUCKET)
    assert (notice.message_id, notice.problem, notice.event) == ("m1", None, None)
    assert notice.notice is not None
    assert notice.notice.recipients == ("a@accounts.example.com",)
    event = read_content(letter(wrap(json.dumps(EVENT))), BUCKET)
    assert (event.message_id, event.problem, event.notice) == ("m1", None, None)
    assert event.event is not None
    assert (event.event.event_type, event.event.sent_message_id, event.event.delivery) == ("Bounce", "s1", TAGGED)


def test_an_event_without_our_tags_is_known_by_the_id_of_what_was_sent() -> None:
    content = read_content(letter(json.dumps({"eventType": "Bounce", "mail": {"messageId": "s1"}})), BUCKET)
    assert (content.message_id, content.event and content.event.delivery) == ("s1", None)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        pytest.param("hello", "the notice is not JSON", id="no JSON"),
        pytest.param("[]", "the notice is a JSON list", id="no object"),
        pytest.param("[" * 100_000, "recursion", id="nested beyond all reading"),
        pytest.param("{}", "notificationType is None", id="nothing of SES's"),
        pytest.param('{"eventType": "Bounce"}', "the event has no object named mail", id="no mail in an event"),
        pytest.param(
            '{"eventType": "Bounce", "mail": {"messageId": 1}}', "mail.messageId is 1", id="no id in an event"
        ),
        pytest.param(
            '{"eventType": "Bounce", "mail": {"messageId": "a b"}}', "messageId is 'a b'", id="no id to ask for"
        ),
        pytest.param(
            json.dumps({**EVENT, "mail": {**EVENT["mail"], "tags": FOREIGN_TAGS}}),
            "the event's tags name 'm\\x1b1', which is not",
            id="no id to ask for in the tags",
        ),
        pytest.param(json.dumps(MAIL).replace(BUCKET, "another"), "bucket 'another'", id="another forwarder's"),
        pytest.param(json.dumps(MAIL).replace("mail/m1", "../x"), "does not lie under mail/", id="a key elsewhere"),
        pytest.param(
            '{"notificationType": "AmazonSnsSubscriptionSucceeded"}', "it is about no mail", id="SES's set-up message"
        ),
    ],
)
def test_what_is_foreign_is_known_by_the_id_of_sqs_and_says_why(body: str, problem: str) -> None:
    content = read_content(letter(body), BUCKET)
    assert content == Content("sqs:q1", problem=content.problem)
    assert problem in str(content.problem)


def test_what_is_said_of_a_foreign_message_is_short_and_printable() -> None:
    body = json.dumps({"notificationType": "\u202e\x1b" + "x" * 100_000})
    problem = read_content(letter(body), BUCKET).problem
    assert problem is not None
    assert problem.isprintable()
    assert len(problem) <= 500


@dataclass
class Queue:
    """A queue of moto's, and a client of it."""

    sqs: Any
    url: str
    seen: list[str] = field(default_factory=list)

    def send(self, count: int) -> None:
        for first in range(0, count, 10):
            numbers = range(first, min(first + 10, count))
            entries = [{"Id": str(number), "MessageBody": f"body {number}"} for number in numbers]
            self.sqs.send_message_batch(QueueUrl=self.url, Entries=entries)

    def visible(self) -> int:
        name = "ApproximateNumberOfMessages"
        return int(self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=[name])["Attributes"][name])

    def note(self, one: DeadLetter) -> bool:
        self.seen.append(one.body)
        return False


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> Iterator[Queue]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    # moto has one server, and would have every test wait.
    monkeypatch.setattr(_dead_letters, "WAIT_SECONDS", 0)
    # Nor does it lock a queue: of two calls at once one is lost now and then. Local AWS has several readers.
    monkeypatch.setattr(_dead_letters, "_READERS", 1)
    with mock_aws():
        sqs = boto3.client("sqs", config=Config(max_pool_connections=20))
        yield Queue(sqs, sqs.create_queue(QueueName="dead-letters")["QueueUrl"])


@pytest.mark.parametrize("count", [0, 1, 25, 250])
def test_each_message_is_seen_once_and_nothing_stays_hidden(
    queue: Queue, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue.send(count)
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    assert browse(queue.sqs, queue.url, queue.note) == Seen(count, 0)
    assert sorted(queue.seen) == sorted(f"body {number}" for number in range(count))
    assert queue.visible() == count
    assert not pauses, "it waited for what was there"


def test_when_a_message_was_sent_is_told(queue: Queue) -> None:
    queue.send(1)
    times: list[float] = []

    def take(one: DeadLetter) -> bool:
        times.append(one.sent_at)
        return False

    browse(queue.sqs, queue.url, take)
    assert abs(times[0] - time.time()) < 60


def test_what_was_dealt_with_is_not_shown_again(queue: Queue) -> None:
    queue.send(12)

    def take(one: DeadLetter) -> bool:
        if one.body in ("body 3", "body 11"):
            queue.sqs.delete_message(QueueUrl=queue.url, ReceiptHandle=one.receipt_handle)
            return True
        return False

    assert browse(queue.sqs, queue.url, take) == Seen(12, 0)
    assert queue.visible() == 10


def test_what_somebody_else_has_is_waited_for(queue: Queue) -> None:
    queue.send(5)
    taken = queue.sqs.receive_message(QueueUrl=queue.url, MaxNumberOfMessages=10, VisibilityTimeout=60)["Messages"]
    assert len(taken) == 5
    assert browse(queue.sqs, queue.url, queue.note, patience=0.5) == Seen(0, 5)

    def give_back() -> None:
        for one in taken:
            queue.sqs.change_message_visibility(
                QueueUrl=queue.url, ReceiptHandle=one["ReceiptHandle"], VisibilityTimeout=0
            )

    timer = threading.Timer(1.0, give_back)
    timer.start()
    assert browse(queue.sqs, queue.url, queue.note, patience=20) == Seen(5, 0)
    timer.join()


def test_readers_at_once_all_see_everything(queue: Queue) -> None:
    queue.send(40)
    readers = [Queue(queue.sqs, queue.url) for _unused in range(3)]
    found: list[Seen] = []
    threads = [
        threading.Thread(target=lambda one=one: found.append(browse(one.sqs, one.url, one.note, patience=30)))
        for one in readers
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [Seen(40, 0)] * 3
    assert {len(set(one.seen)) for one in readers} == {40}
    assert queue.visible() == 40


def test_a_queue_that_counts_looks_is_not_looked_at(queue: Queue) -> None:
    other = queue.sqs.create_queue(QueueName="other")["QueueUrl"]
    arn = queue.sqs.get_queue_attributes(QueueUrl=other, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 3})
    queue.sqs.set_queue_attributes(QueueUrl=queue.url, Attributes={"RedrivePolicy": policy})
    queue.send(1)
    with pytest.raises(CountedError, match="redrive policy of its own"):
        browse(queue.sqs, queue.url, queue.note)
    assert queue.seen == []


def test_it_ends_when_it_is_told_to(queue: Queue) -> None:
    queue.send(30)
    seen = browse(queue.sqs, queue.url, queue.note, is_over=lambda: len(queue.seen) >= 10)
    assert seen.count == len(queue.seen) < 30
    assert seen.missing == 30 - seen.count
    assert queue.visible() == 30


def test_what_is_shown_again_is_so_after_an_error_too(queue: Queue) -> None:
    queue.send(3)

    def fail(_one: DeadLetter) -> bool:
        raise RuntimeError("as the test says")

    with pytest.raises(RuntimeError, match="as the test says"):
        browse(queue.sqs, queue.url, fail)
    assert queue.visible() == 3
