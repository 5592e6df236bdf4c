# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The queue, the functions that take from it and SES, in simulated time: days pass in a moment, and always alike.

The handler is the real one, with the stack's numbers. Its calls take no time but for SendEmail.
"""

from __future__ import annotations

import heapq
import itertools
import json
import threading
from collections import Counter, deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Any

import yaml
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError
from boto3.dynamodb.types import TypeSerializer
from jinja2 import Environment, StrictUndefined

from ansible_collections.account_factory.email.plugins.module_utils._record import AddressRecord
from forwarder.aws.clients import Clients
from forwarder.handler import handle
from forwarder.services import Forwarder, build
from tests.faulty_clients import DiedError
from tests.forwarder_environment import SETTINGS, environment
from tests.local_aws.sending import Sending
from tests.local_aws.wire import AwsError
from tests.memory_dynamodb import MemoryDynamoDb
from tests.unit.roles.mail_forwarder.test_stack import ROLE, parsed

from .conftest import MAILS, Clock, Context, refusal, ses_event, sqs_record

HOUR, DAY = 3600.0, 86_400.0
RAW = (MAILS / "root-password-reset.eml").read_bytes()
# What SES takes to answer.
_SEND_SECONDS = 0.1
# AWS Lambda Developer Guide, "Using Lambda with Amazon SQS": a poller waits for messages for so long.
_POLL_SECONDS = 20.0


@dataclass(frozen=True)
class Numbers:
    """What the role deploys by default: seconds, and how many functions run at once."""

    timeout: float
    visibility: float
    tries: int
    concurrency: int
    settings: dict[str, Any]


def deployed_numbers(**given_options: Any) -> Numbers:
    """Return what the stack's template and the role's defaults come to, with some options in the place of defaults."""
    defaults = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text())
    options = {name.removeprefix("mail_forwarder_"): value for name, value in defaults.items()} | given_options
    variables = yaml.safe_load((ROLE / "vars" / "main.yml").read_text())
    jinja = Environment(undefined=StrictUndefined, autoescape=False)
    jinja.filters |= {"bool": bool, "to_json": json.dumps}
    names = {f"__mail_forwarder_{name}": SETTINGS[name] for name in ("map_table", "mail_bucket", "from_address")}
    given = {"__mail_forwarder": {**options, "admin_address": SETTINGS["admin_address"]}, **names}

    def value(text: str) -> Any:
        return json.loads(jinja.from_string(text).render(given))

    def parameter(reference: Any) -> float:
        return float(value(variables["__mail_forwarder_stack_parameters"][reference["Ref"]]))

    resources = parsed()["Resources"]
    queue, source = (resources[key]["Properties"] for key in ("Queue", "FunctionSource"))
    return Numbers(
        timeout=parameter(resources["Function"]["Properties"]["Timeout"]),
        visibility=parameter(queue["VisibilityTimeout"]),
        tries=int(parameter(queue["RedrivePolicy"]["maxReceiveCount"])),
        concurrency=int(parameter(source["ScalingConfig"]["MaximumConcurrency"])),
        settings=value(variables["__mail_forwarder_settings"]),
    )


@dataclass
class Timeline(Clock):
    """A time that several threads live in: one of them runs, until it sleeps or ends, and then the next to wake."""

    _turns: list[tuple[float, int, threading.Semaphore]] = field(default_factory=list)
    _numbers: itertools.count[int] = field(default_factory=itertools.count)
    _given_back: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def _turn(self, seconds: float) -> threading.Semaphore:
        turn = threading.Semaphore(0)
        heapq.heappush(self._turns, (self.time + seconds, next(self._numbers), turn))
        return turn

    def sleep(self, seconds: float) -> None:
        turn = self._turn(seconds)
        self._given_back.release()
        turn.acquire()

    def run(self, works: Sequence[Callable[[], None]]) -> None:
        """Run some works beside each other until all have ended; raise what one of them raised."""

        def begin(work: Callable[[], None], turn: threading.Semaphore) -> None:
            turn.acquire()
            try:
                work()
            finally:
                self._given_back.release()

        with ThreadPoolExecutor(len(works)) as pool:
            begun = [pool.submit(begin, work, self._turn(0)) for work in works]
            while self._turns:
                self.time, _number, turn = heapq.heappop(self._turns)
                turn.release()
                self._given_back.acquire()
        for one in begun:
            one.result()


@dataclass
class Message:
    """A message of the queue: when it was sent, when it can be received next, and when it was, each time."""

    id: str
    body: str
    sent_at: float
    visible_at: float
    received_at: list[float] = field(default_factory=list)
    done_at: float | None = None
    dead_at: float | None = None


@dataclass
class SimulatedQueue:
    """A queue as Amazon SQS describes it.

    What is received is away until its visibility timeout has passed. What was received ``max_receives`` times goes to
    the dead-letter queue instead of being received once more.
    """

    clock: Clock
    visibility: float
    max_receives: int
    messages: dict[str, Message] = field(default_factory=dict)
    # Those of them that are neither done nor dead, by their ids.
    left: dict[str, Message] = field(default_factory=dict)

    def send(self, message_id: str, body: str, at: float) -> None:
        self.messages[message_id] = self.left[message_id] = Message(message_id, body, at, at)

    @property
    def dead(self) -> list[Message]:
        return [message for message in self.messages.values() if message.dead_at is not None]

    def receive(self) -> Message | None:
        """Return the message that has been there for the longest time, if one is."""
        now = self.clock()
        for message in sorted(self.left.values(), key=lambda one: one.visible_at):
            if message.visible_at > now:
                return None
            if len(message.received_at) < self.max_receives:
                message.received_at.append(now)
                message.visible_at = now + self.visibility
                return message
            message.dead_at = now
            del self.left[message.id]
        return None

    def seconds_to_next(self) -> float:
        return min((one.visible_at for one in self.left.values()), default=0.0) - self.clock()

    def change_message_visibility(self, **request: Any) -> None:
        assert request["QueueUrl"] == environment()["QUEUE_URL"]
        # Amazon SQS API Reference, ChangeMessageVisibility.
        assert 0 <= request["VisibilityTimeout"] <= 43_200
        self.messages[request["ReceiptHandle"]].visible_at = self.clock() + request["VisibilityTimeout"]

    def delete(self, message: Message) -> None:
        message.done_at = self.clock()
        del self.left[message.id]


@dataclass(frozen=True)
class Trouble:
    """What befalls a call to send where SES is not well: the seconds until it fails, and whether SES has the mail."""

    error: Callable[[], Exception]
    seconds: float = _SEND_SECONDS
    was_sent: bool = False


@dataclass(frozen=True)
class Copy:
    """A mail that SES took: when, of which message, for whom; and whether the caller was told that it did."""

    at: float
    message_id: str
    mailbox: str
    was_told: bool = True


@dataclass
class World:
    """All that is there beside the functions. ``trouble`` says what befalls the next call to SES, if anything does."""

    numbers: Numbers
    timeline: Timeline = field(default_factory=Timeline)
    trouble: Callable[[], Trouble | None] = lambda: None
    copies: list[Copy] = field(default_factory=list)
    # Each count of a metric that reached CloudWatch, with the time.
    counted: list[tuple[float, str]] = field(default_factory=list)
    dynamodb: MemoryDynamoDb = field(default_factory=MemoryDynamoDb)
    killed: int = 0
    queue: SimulatedQueue = field(init=False)
    sending: Sending = field(init=False)

    def __post_init__(self) -> None:
        self.queue = SimulatedQueue(self.timeline, self.numbers.visibility, self.numbers.tries)
        self.sending = Sending(clock=self.timeline)

    def vend(self, address: str, *owners: str) -> None:
        name, _at, domain = address.partition("@")
        record = AddressRecord(address, name, domain, owners, "active", True)
        item = {name: TypeSerializer().serialize(value) for name, value in record.to_item().items()}
        self.dynamodb.put_item(TableName=self.numbers.settings["map_table"], Item=item)

    def receive_mail(self, message_id: str, address: str, at: float) -> None:
        """Let SES publish the notice of a mail, so many seconds from now."""
        self.receive_notice(message_id, json.dumps(ses_event(message_id, [address])), at)

    def receive_notice(self, message_id: str, body: str, at: float = 0.0) -> None:
        self.queue.send(message_id, body, self.timeline() + at)

    def run(self, *events: Callable[[], None]) -> None:
        """Let functions take from the queue until nothing is in it; ``events`` happen beside, and may sleep."""
        functions = [Function(self) for _unused in range(self.numbers.concurrency)]
        self.timeline.run([*(one.poll for one in functions), *events])

    def counts(self, until: float) -> Counter[str]:
        return Counter(metric for at, metric in self.counted if at <= until)


@dataclass
class _Bucket:
    """An S3 in which every key holds the same mail."""

    def get_object(self, **request: Any) -> dict[str, Any]:
        assert request["Bucket"] == SETTINGS["mail_bucket"]
        assert request["Key"].startswith("mail/")
        return {"Body": BytesIO(RAW)}


@dataclass
class Function:
    """One environment of the function: it takes a message at a time, and is killed when its time is up."""

    world: World
    killed_at: float = float("inf")
    is_killed: bool = False
    pending: list[str] = field(default_factory=list)
    forwarder: Forwarder = field(init=False)

    def __post_init__(self) -> None:
        world = self.world
        clients = Clients(_Bucket(), world.dynamodb, self, world.queue)
        built = build(environment(**world.numbers.settings), clients, world.timeline, self.sleep)
        services = replace(built.services, audit=lambda metric, _line, _error: self.pending.append(metric))
        metrics: Any = self
        self.forwarder = Forwarder(services, clients, Logger(), metrics)

    def add_metric(self, **_metric: Any) -> None:
        """Take a metric that the handler counts by itself."""

    def flush_metrics(self) -> None:
        """Write the metrics; a function that is killed does not come to that."""
        if not self.is_killed:
            self.world.counted += [(self.world.timeline(), metric) for metric in self.pending]
        self.pending.clear()

    def sleep(self, seconds: float) -> None:
        left = self.killed_at - self.world.timeline()
        self.world.timeline.sleep(max(0.0, min(seconds, left)))
        if seconds > left:
            self.is_killed = True
            self.world.killed += 1
            raise DiedError

    def send_email(self, **request: Any) -> dict[str, str]:
        (mailbox,) = request["Destination"]["ToAddresses"]
        trouble = self.world.trouble()
        self.sleep(trouble.seconds if trouble else _SEND_SECONDS)
        if trouble and not trouble.was_sent:
            raise trouble.error()
        try:
            self.world.sending.check_enabled()
            self.world.sending.admit([mailbox])
        except AwsError as error:
            raise refusal(error.code, error.status, error.message) from None
        copies, message_id = self.world.copies, request["EmailTags"][0]["Value"]
        copies.append(Copy(self.world.timeline(), message_id, mailbox, was_told=trouble is None))
        if trouble:
            raise trouble.error()
        return {"MessageId": f"sent-{len(copies)}"}

    def poll(self) -> None:
        """Take messages until none is left in the queue."""
        queue, timeline = self.world.queue, self.world.timeline
        while queue.left:
            message = queue.receive()
            if message is None:
                timeline.sleep(max(0.0, min(_POLL_SECONDS, queue.seconds_to_next())))
            elif self._invoke(message):
                queue.delete(message)

    def _invoke(self, message: Message) -> bool:
        """Return whether the function says that it is done with a message."""
        timeline, timeout = self.world.timeline, self.world.numbers.timeout
        record = {**sqs_record(message.id, message.body), "receiptHandle": message.id}
        record["attributes"] = {"ApproximateReceiveCount": str(len(message.received_at))}
        self.killed_at, self.is_killed = timeline() + timeout, False
        try:
            answer = handle(
                {"Records": [record]}, Context(remaining=int(1000 * timeout), clock=timeline), self.forwarder
            )
        except (BatchProcessingError, DiedError):
            return False
        return not answer["batchItemFailures"]


def alternating(*troubles: Trouble) -> Callable[[], Trouble]:
    """Return what gives one after the other, over and over."""
    left = deque(troubles)

    def following() -> Trouble:
        left.rotate(-1)
        return left[-1]

    return following
