# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading the dead letters of a forwarder, which Amazon SQS has no call for but to receive them.

Who receives a message hides it from everybody else. Here that is for a moment: all are shown again at the end, and
whenever others seem to be reading, too. Nothing is deleted by a count, because a queue that counts is not read at all.

Standard library only: the forwarder's code package carries a copy of this file under the same import path.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from ._message_tags import Tagged, delivery_of, tags_in_event
from ._notice import Notice, is_message_id, parse_notice
from ._safe_text import printable
from ._ses_message import SesMessageError, part, unwrapped

# A reader that is killed hides what it has received for so long.
HIDDEN_SECONDS = 30
# How long to wait for what others read at this moment, since something new was last seen.
PATIENCE_SECONDS = 10.0
# With a wait SQS asks all of its servers, and answers at once where there is something (Amazon SQS Developer Guide,
# "Short and long polling").
WAIT_SECONDS = 1
# Amazon SQS API Reference, ReceiveMessage and the batch operations: messages at once.
_AT_ONCE = 10
# Answers from a queue come one at a time to each who asks. More than one asks where many messages are left.
_MANY = 200
_READERS = 8
_PAUSES = (0.1, 0.6)
# The two counts that are all messages of a queue; the forwarder's queues delay none.
COUNTS = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
_FOREIGN = "sqs:"


class CountedError(RuntimeError):
    """A dead-letter queue that deletes what was received too often, so that looking at it would be a loss."""


@dataclass(frozen=True)
class DeadLetter:
    """A message of a dead-letter queue; ``sent_at`` is when it was first sent to a queue, in seconds since 1970."""

    sqs_message_id: str
    receipt_handle: str
    body: str
    sent_at: float


@dataclass(frozen=True)
class SendingTold:
    """What an event of SES's is about: its type, SES's id of what was sent, and the delivery that its tags name."""

    event_type: str
    sent_message_id: str
    delivery: Tagged | None

    @property
    def message_id(self) -> str:
        """Return SES's id of the mail as received, or where the tags do not say it that of what was sent."""
        return self.delivery.message_id if self.delivery else self.sent_message_id


@dataclass(frozen=True)
class Content:
    """What a dead letter holds: a notice of a mail, an event about one, or neither and what is wrong with it."""

    message_id: str
    notice: Notice | None = None
    event: SendingTold | None = None
    problem: str | None = None


@dataclass(frozen=True)
class Seen:
    """How many messages were seen, and how many more the queue counts that nobody showed."""

    count: int
    missing: int


def read_content(letter: DeadLetter, mail_bucket: str) -> Content:
    """Return what a dead letter holds. Its id is SES's of the mail as received, that of SQS where it holds no mail."""
    foreign = f"{_FOREIGN}{letter.sqs_message_id}"
    try:
        event = _event(letter.body)
        if event is not None:
            return Content(event.message_id, event=event)
        notice = parse_notice(letter.body, mail_bucket)
    except (SesMessageError, RecursionError) as error:
        # These are a stranger's words, and may be as long as a message.
        return Content(foreign, problem=printable(str(error)) or type(error).__name__)
    if notice is None:
        return Content(foreign, problem="SES published it when it was set up; it is about no mail")
    return Content(notice.message_id, notice=notice)


class _EventError(SesMessageError):
    what = "event"


def _event(body: str) -> SendingTold | None:
    """Return the event that a body holds, None where it holds something else."""
    try:
        content = json.loads(unwrapped(body))
    except ValueError:
        return None
    if not isinstance(content, dict) or "eventType" not in content:
        return None
    mail = part(content, "mail", _EventError)
    sent_message_id = mail.get("messageId")
    if not is_message_id(sent_message_id):
        raise _EventError(f"mail.messageId is {sent_message_id!r}, not the id of a mail")
    told = SendingTold(str(content["eventType"]), str(sent_message_id), delivery_of(tags_in_event(mail)))
    if not is_message_id(told.message_id):
        raise _EventError(f"the event's tags name {told.message_id!r}, which is not the id of a mail")
    return told


def browse(
    sqs: Any,
    url: str,
    take: Callable[[DeadLetter], bool],
    patience: float | None = None,
    is_over: Callable[[], bool] = lambda: False,
) -> Seen:
    """Hand each message of a queue to ``take`` once; a message that this has dealt with, by True, is not shown again.

    ``take`` is called for one at a time. Ends early once ``is_over``. Raises CountedError, before anything is received,
    for a queue that must not be read.
    """
    reading = _Reading(sqs, url, take, is_over)
    patience = PATIENCE_SECONDS if patience is None else patience
    deadline = time.monotonic() + patience
    left, to_confirm = reading.left(), 1
    try:
        while True:
            before = len(reading.known)
            _together(reading.sweep, [None] * (_READERS if left > _MANY else 1))
            if len(reading.known) > before:
                deadline = time.monotonic() + patience
            left = reading.left()
            missing = left - (len(reading.known) - reading.taken)
            # Where others read, too, the counts change all the time: one that fits is then not yet the truth.
            to_confirm = 2 if missing > 0 else to_confirm - 1
            if to_confirm <= 0 or time.monotonic() >= deadline or is_over():
                return Seen(len(reading.known), max(missing, 0))
            # Somebody else has them. Whoever that is waits for those that we have.
            reading.show()
            time.sleep(random.uniform(*_PAUSES))
    finally:
        reading.show()


def _together(work: Callable[[Any], None], on: Sequence[Any]) -> None:
    """Do work on each of some, up to _READERS at a time; raise the first error, once all of it has ended."""
    if len(on) == 1:
        return work(on[0])
    with ThreadPoolExecutor(_READERS) as pool:
        for done in [pool.submit(work, each) for each in on]:
            done.result()
    return None


@dataclass
class _Reading:
    """One look at a queue: the messages that are known, how many were taken, and the handles of those we hide."""

    sqs: Any
    url: str
    take: Callable[[DeadLetter], bool]
    is_over: Callable[[], bool]
    known: set[str] = field(default_factory=set)
    taken: int = 0
    hidden: dict[str, str] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def left(self) -> int:
        """Return how many messages the queue counts, hidden or not.

        SQS says that it is about right. A message that is shown or hidden meanwhile may be in neither of the counts, so
        two looks are better than one.
        """
        return max(self._left() for _unused in range(2))

    def _left(self) -> int:
        names = [*COUNTS, "RedrivePolicy"]
        attributes = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=names)["Attributes"]
        if attributes.get("RedrivePolicy"):
            raise CountedError(
                f"{self.url} has a redrive policy of its own, so that each look at its messages counts towards their"
                " removal; remove that policy"
            )
        return sum(int(attributes[name]) for name in COUNTS)

    def sweep(self, _unused: object = None) -> None:
        """Receive until nothing more comes, or only what came before."""
        stale = 0
        while stale <= len(self.known) // _AT_ONCE + 1 and not self.is_over():
            messages = self._receive()
            if not messages:
                return
            with self.lock:
                stale = 0 if self._note(messages) else stale + 1

    def _note(self, messages: Sequence[dict[str, Any]]) -> bool:
        """Take up what was received; return whether anything of it was new."""
        self.hidden.update({message["MessageId"]: message["ReceiptHandle"] for message in messages})
        new = [message for message in messages if message["MessageId"] not in self.known]
        for message in new:
            message_id, handle = message["MessageId"], message["ReceiptHandle"]
            self.known.add(message_id)
            sent_at = int(message.get("Attributes", {}).get("SentTimestamp", 0)) / 1000
            if self.take(DeadLetter(message_id, handle, message["Body"], sent_at)):
                self.taken += 1
                del self.hidden[message_id]
        return bool(new)

    def _receive(self) -> list[dict[str, Any]]:
        try:
            answer = self.sqs.receive_message(
                QueueUrl=self.url,
                MaxNumberOfMessages=_AT_ONCE,
                VisibilityTimeout=HIDDEN_SECONDS,
                WaitTimeSeconds=WAIT_SECONDS,
                AttributeNames=["SentTimestamp"],
            )
        except self.sqs.exceptions.OverLimit:
            # So many are hidden that SQS gives no more.
            return []
        messages: list[dict[str, Any]] = answer.get("Messages", [])
        return messages

    def show(self) -> None:
        """Show everybody again what was received."""
        entries = [
            {"Id": str(number), "ReceiptHandle": handle, "VisibilityTimeout": 0}
            for number, handle in enumerate(self.hidden.values())
        ]
        self.hidden = {}
        _together(self._show, [entries[start : start + _AT_ONCE] for start in range(0, len(entries), _AT_ONCE)])

    def _show(self, entries: Sequence[dict[str, Any]]) -> None:
        # One that cannot be shown any more was shown by itself, or is deleted.
        self.sqs.change_message_visibility_batch(QueueUrl=self.url, Entries=list(entries))
