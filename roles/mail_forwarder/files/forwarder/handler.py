# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Lambda function's entry point: a batch of queue messages, each a notice of one received mail."""

from __future__ import annotations

import functools
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from botocore.config import Config

from forwarder import outgoing
from forwarder.deliveries import DeliveryTable
from forwarder.errors import drop_frames
from forwarder.forward import Services, forward
from forwarder.map_lookup import record_finder
from forwarder.notice import parse_notice
from forwarder.quarantine import Quarantine
from forwarder.release import release
from forwarder.settings import read_settings

# No answer need not mean not sent, so a send is never repeated on the spot. SES may take a while over 40 MB, but not as
# long as the function has by default: being stopped would spoil the rest of the batch.
_SEND_CONFIG = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=50)
_CONFIG = Config(retries={"total_max_attempts": 4, "mode": "standard"}, connect_timeout=5, read_timeout=30)


@dataclass(frozen=True)
class Clients:
    """The clients of the AWS services that the forwarder calls."""

    s3: Any
    dynamodb: Any
    sesv2: Any


@dataclass(frozen=True)
class Forwarder:
    """All that lives from one invocation to the next."""

    services: Services
    logger: Logger
    metrics: Metrics


def connect() -> Clients:
    """Return clients for the function's own region, with its own role."""
    return Clients(
        s3=boto3.client("s3", config=_CONFIG),
        dynamodb=boto3.client("dynamodb", config=_CONFIG),
        sesv2=boto3.client("sesv2", config=_SEND_CONFIG),
    )


def build(
    environment: Mapping[str, str], clients: Clients | None = None, now: Callable[[], float] = time.time
) -> Forwarder:
    """Return a forwarder for an environment; raise SettingsError where that does not work."""
    settings = read_settings(environment)
    aws = clients or connect()
    logger = Logger()
    metrics = Metrics(namespace=settings.metrics_namespace)

    def audit(line: dict[str, Any], error: Exception | None) -> None:
        metrics.add_metric(name=f"mail-{line['action']}", unit=MetricUnit.Count, value=1)
        logger.info("audit", extra=line, exc_info=error)

    services = Services(
        settings=settings,
        find=record_finder(aws.dynamodb, settings.map_table),
        table=DeliveryTable(aws.dynamodb, settings.delivery_table, now),
        quarantine=Quarantine(aws.s3, settings.mail_bucket),
        read=functools.partial(_read_object, aws.s3),
        send=functools.partial(outgoing.send, aws.sesv2, settings),
        audit=audit,
    )
    return Forwarder(services, logger, metrics)


def _read_object(s3: Any, bucket: str, key: str) -> bytes:
    """Return an object's bytes. One that is not there yet reads as 404, or as 403: both raise, and are tried again."""
    return bytes(s3.get_object(Bucket=bucket, Key=key)["Body"].read())


@functools.cache
def _standing() -> Forwarder:
    return build(os.environ)


def _parse_and_forward(body: str, services: Services, remaining_seconds: Callable[[], float]) -> None:
    notice = parse_notice(body, services.settings.mail_bucket)
    if notice is None:
        services.audit({"action": "set-up"}, None)
        return
    forward(notice, services, remaining_seconds)


def handle(event: dict[str, Any], context: Any, forwarder: Forwarder | None = None) -> dict[str, Any]:
    """Do what an event asks for: forward the mails of an SQS batch, or release one mail from the quarantine.

    Event source: SQS with ReportBatchItemFailures; each message that failed is reported, and it raises if every one
    did. Whatever fails goes back to the queue and at last to its dead-letter queue. A release, ``{"release":
    {"message_id": …}}``, is what a person invokes the function with; it returns how many deliveries came to what.
    """
    one = forwarder or _standing()
    one.logger.append_keys(function_request_id=context.aws_request_id)

    def remaining_seconds() -> float:
        return float(context.get_remaining_time_in_millis()) / 1000

    try:
        if "release" in event:
            one.metrics.add_metric(name="mail-release", unit=MetricUnit.Count, value=1)
            return release(event["release"], one.services, remaining_seconds)
        return _take_batch(event, context, one, remaining_seconds)
    finally:
        one.metrics.flush_metrics()


def _take_batch(
    event: dict[str, Any], context: Any, one: Forwarder, remaining_seconds: Callable[[], float]
) -> dict[str, Any]:
    def take(record: SQSRecord) -> None:
        one.logger.append_keys(sqs_message_id=record.message_id)
        one.metrics.add_metric(name="mail-notice", unit=MetricUnit.Count, value=1)
        try:
            _parse_and_forward(record.body, one.services, remaining_seconds)
        except Exception as error:
            one.logger.exception("not forwarded: the message goes back to the queue")
            # The processor keeps the error until the batch is done; the mail must not stay with it.
            drop_frames(error)
            raise

    processor = BatchProcessor(event_type=EventType.SQS)
    return dict(process_partial_response(event=event, record_handler=take, processor=processor, context=context))
