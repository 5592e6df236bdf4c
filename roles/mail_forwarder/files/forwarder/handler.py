# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The entry points of the Lambda functions: what each is invoked with, and what it is told that it came to.

Several, because each has a right of its own: whoever may release or replay a mail can neither forge a notification of
one nor say that a mailbox bounced, and what sends the probe reads no mail.
"""

from __future__ import annotations

import functools
import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from botocore.exceptions import BotoCoreError, ClientError

from ansible_collections.account_factory.email.plugins.module_utils._notice import parse_notice
from ansible_collections.account_factory.email.plugins.module_utils._probe_mail import Probe
from ansible_collections.account_factory.email.plugins.module_utils._ses_message import SesMessageError
from ansible_collections.account_factory.email.plugins.module_utils._times import utc_milliseconds
from forwarder.aws.clients import connect_sesv2, connect_sqs
from forwarder.aws.dead_letters import DeadLetters
from forwarder.aws.queue import Queue
from forwarder.core.errors import drop_frames, is_hopeless
from forwarder.core.outcomes import Outcome
from forwarder.core.sending_event import parse_event
from forwarder.events import follow_up
from forwarder.forward import forward
from forwarder.probing import send_probe
from forwarder.release import release
from forwarder.replay import replay
from forwarder.services import Forwarder, Services, build

Seconds = Callable[[], float]


@functools.cache
def _standing() -> Forwarder:
    return build(os.environ)


def handle(event: dict[str, Any], context: Any, forwarder: Forwarder | None = None) -> dict[str, Any]:
    """Forward the mails that a batch of the queue of notifications is about.

    Event source: SQS with ReportBatchItemFailures; each message that failed is reported, and it raises if every one
    did. Whatever fails goes back to the queue, for longer each time, and at last to its dead-letter queue.
    """
    return _take_batch(event, context, forwarder or _standing(), _NOTICES)


def handle_events(event: dict[str, Any], context: Any, forwarder: Forwarder | None = None) -> dict[str, Any]:
    """Do what a batch of SES's sending events asks for; failures as ``handle`` reports them."""
    return _take_batch(event, context, forwarder or _standing(), _EVENTS)


def handle_release(event: dict[str, Any], context: Any, forwarder: Forwarder | None = None) -> dict[str, Any]:
    """Release one mail from the quarantine, or discard it, as a person who invokes the function asks (see release)."""
    one = forwarder or _standing()
    with _invocation(context, one) as remaining_seconds:
        return release(event, one.services, remaining_seconds)


def handle_replay(event: dict[str, Any], context: Any, forwarder: Forwarder | None = None) -> dict[str, Any]:
    """Replay dead letters, or discard them, as a person who invokes the function asks (see replay)."""
    one = forwarder or _standing()
    settings, clients = one.services.settings, one.clients
    letters = DeadLetters(clients.sqs or connect_sqs(), clients.s3, settings.mail_bucket, settings.dead_letter_queues)
    with _invocation(context, one) as remaining_seconds:
        return replay(event, one.services, letters, remaining_seconds)


def handle_probe(_event: dict[str, Any], context: Any, sesv2: Any = None) -> dict[str, str]:
    """Send a mail of the probe, as a rule of EventBridge asks for at its rate; raise where SES does not take it."""
    logger = Logger()
    logger.append_keys(function_request_id=context.aws_request_id)
    probe, probe_id = Probe(os.environ["PROBE_STACK"], os.environ["PROBE_DOMAIN"]), uuid.uuid4().hex
    sent_id = send_probe(sesv2 or connect_sesv2(), probe, probe_id, datetime.now(UTC))
    logger.info("sent a mail of the probe", extra={"sent_message_id": sent_id, "probe_id": probe_id})
    return {"message_id": sent_id}


@contextmanager
def _invocation(context: Any, one: Forwarder) -> Iterator[Seconds]:
    """Give log lines the invocation's id, hand on how many seconds it has left, and write its metrics at its end."""
    one.logger.append_keys(function_request_id=context.aws_request_id)
    try:
        yield lambda: float(context.get_remaining_time_in_millis()) / 1000
    finally:
        one.metrics.flush_metrics()


def _forward(record: SQSRecord, services: Services, remaining_seconds: Seconds) -> None:
    notice = parse_notice(record.body, services.settings.mail_bucket)
    if notice is None:
        services.audit(f"mail-{Outcome.SET_UP}", {"action": Outcome.SET_UP.value}, None)
        return
    forward(replace(notice, queued_at=_queued_at(record)), services, remaining_seconds)


def _queued_at(record: SQSRecord) -> str | None:
    """Return when a message came into its queue, as SES writes times (SQS API Reference, SentTimestamp)."""
    sent = record.attributes.get("SentTimestamp")
    return utc_milliseconds(datetime.fromtimestamp(int(sent) / 1000, UTC)) if sent else None


def _note_failed(body: str, services: Services, tries: int, error: Exception) -> None:
    """Record why a mail could not be forwarded, for whoever finds it among the dead letters."""
    with suppress(SesMessageError):
        notice = parse_notice(body, services.settings.mail_bucket)
        if notice is not None:
            services.records.note_failed(notice.message_id, tries, error)


def _follow_up(record: SQSRecord, services: Services, remaining_seconds: Seconds) -> None:
    for share in parse_event(record.body):
        follow_up(share, services, remaining_seconds)


@dataclass(frozen=True)
class _Way:
    """What is done with the messages of a queue: the metric that counts them, and what follows a try that failed."""

    metric: str
    take: Callable[[SQSRecord, Services, Seconds], None]
    note_failed: Callable[[str, Services, int, Exception], None] = lambda *_unused: None


_NOTICES = _Way("mail-notice", _forward, _note_failed)
_EVENTS = _Way("sending-event", _follow_up)


def _take_batch(event: dict[str, Any], context: Any, one: Forwarder, way: _Way) -> dict[str, Any]:
    with _invocation(context, one) as remaining_seconds:

        def take_record(record: SQSRecord) -> None:
            one.logger.append_keys(sqs_message_id=record.message_id)
            one.metrics.add_metric(name=way.metric, unit=MetricUnit.Count, value=1)
            if _tries(record) > 1:
                # A function that is killed postpones nothing any more: then, too, the next try is to come later.
                _postpone(record, one)
            try:
                way.take(record, one.services, remaining_seconds)
            except Exception as error:
                one.logger.exception("not done: the message goes back to the queue")
                _postpone(record, one, error)
                # Last of all: where it hangs and the function is killed over it, nothing is lost by that.
                with suppress(BotoCoreError, ClientError):
                    way.note_failed(record.body, one.services, _tries(record), error)
                # The processor keeps the error until the batch is done; the mail must not stay with it.
                drop_frames(error)
                raise

        processor = BatchProcessor(event_type=EventType.SQS)
        return dict(
            process_partial_response(event=event, record_handler=take_record, processor=processor, context=context)
        )


def _tries(record: SQSRecord) -> int:
    return int(record.attributes.approximate_receive_count or 1)


def _postpone(record: SQSRecord, one: Forwarder, error: Exception | None = None) -> None:
    """Keep a message away for a while after this try; without that it is away for as long as the queue says."""
    settings = one.services.settings
    queue = Queue(one.clients.sqs or connect_sqs(), settings.queue_url, settings.retry_seconds)
    with suppress(BotoCoreError, ClientError):
        hopeless = error is not None and is_hopeless(error)
        seconds = queue.postpone(record.receipt_handle, _tries(record), is_hopeless=hopeless)
        if error:
            one.logger.info("tried again later", extra={"tries": _tries(record), "seconds": seconds})
