# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that a mail meets on its way, as one object that is handed on: the forwarder does nothing past it."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from ansible_collections.account_factory.email.plugins.module_utils._notice import Notice
from forwarder.aws import sending
from forwarder.aws.address_map import map_reader
from forwarder.aws.clients import Clients, connect
from forwarder.aws.deliveries import DeliveryTable
from forwarder.aws.failing_mailboxes import FailingMailboxes
from forwarder.aws.mail_bucket import read_mail
from forwarder.aws.mail_records import MailRecords
from forwarder.aws.quarantine import Quarantine
from forwarder.core.recipients import Delivery, LookUp
from forwarder.core.settings import Settings, read_settings

# What a line says beside: the seconds from SES's receipt of a mail to its acceptance of a copy.
SECONDS_TO_SEND = "seconds-to-send"


@dataclass(frozen=True)
class Services:
    """What a mail meets, with ``now`` in seconds since 1970 and ``sleep``.

    ``look_up`` finds a recipient in the map; ``read`` returns the object of a bucket and key; ``send`` sends bytes for
    a delivery to a mailbox and returns SES's id; ``audit`` takes the name of a metric to count, the fields of an audit
    line and the error to show with its traceback.
    """

    settings: Settings
    look_up: LookUp
    table: DeliveryTable
    records: MailRecords
    failing: FailingMailboxes
    quarantine: Quarantine
    read: Callable[[str, str], bytes]
    send: Callable[[bytes, str, Delivery, Notice], str]
    audit: Callable[[str, dict[str, Any], Exception | None], None]
    now: Callable[[], float]
    sleep: Callable[[float], None]


@dataclass(frozen=True)
class Forwarder:
    """All that lives from one invocation to the next."""

    services: Services
    clients: Clients
    logger: Logger
    metrics: Metrics


def build(
    environment: Mapping[str, str],
    clients: Clients | None = None,
    now: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
) -> Forwarder:
    """Return a forwarder for an environment; raise SettingsError where that does not work."""
    settings = read_settings(environment)
    aws = clients or connect()
    logger = Logger()
    metrics = Metrics(namespace=settings.metrics_namespace)

    def audit(metric: str, line: dict[str, Any], error: Exception | None) -> None:
        metrics.add_metric(name=metric, unit=MetricUnit.Count, value=1)
        if "seconds_to_send" in line:
            metrics.add_metric(name=SECONDS_TO_SEND, unit=MetricUnit.Seconds, value=line["seconds_to_send"])
        logger.info("audit", extra=line, exc_info=error)

    services = Services(
        settings=settings,
        look_up=map_reader(aws.dynamodb, settings.map_table),
        table=DeliveryTable(aws.dynamodb, settings.delivery_table, now, settings.record_days),
        records=MailRecords(aws.dynamodb, settings.delivery_table, now, settings.record_days, settings.mail_days),
        failing=FailingMailboxes(aws.dynamodb, settings.map_table, now),
        quarantine=Quarantine(aws.s3, settings.mail_bucket),
        read=functools.partial(read_mail, aws.s3),
        send=functools.partial(sending.send, aws.sesv2, settings),
        audit=audit,
        now=now,
        sleep=sleep,
    )
    return Forwarder(services, aws, logger, metrics)
