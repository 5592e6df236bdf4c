# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The clients of the AWS services that the forwarder calls, and how long each call may take."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config

# No answer need not mean not sent, so a send is never repeated on the spot. SES may take a while over 40 MB, but not as
# long as the function has by default: being stopped would spoil the rest of the batch.
SEND_SECONDS = 50
_SEND_CONFIG = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=SEND_SECONDS)
# Four dead-letter queues are looked at side by side, each by some readers (see _dead_letters.py).
_QUEUE_CONNECTIONS = 32
_CONFIG = Config(retries={"total_max_attempts": 4, "mode": "standard"}, connect_timeout=5, read_timeout=30)


@dataclass(frozen=True)
class Clients:
    """The clients; ``sqs`` is made when a message has to wait, which most never have."""

    s3: Any
    dynamodb: Any
    sesv2: Any
    sqs: Any = None


def connect() -> Clients:
    """Return clients for the function's own region, with its own role."""
    return Clients(
        s3=boto3.client("s3", config=_CONFIG),
        dynamodb=connect_dynamodb(),
        sesv2=connect_sesv2(),
    )


def connect_dynamodb() -> Any:
    """Return a client for the tables."""
    return boto3.client("dynamodb", config=_CONFIG)


def connect_sesv2() -> Any:
    """Return a client for sending."""
    return boto3.client("sesv2", config=_SEND_CONFIG)


@functools.cache
def connect_sqs() -> Any:
    """Return a client for the queues."""
    return boto3.client("sqs", config=_CONFIG.merge(Config(max_pool_connections=_QUEUE_CONNECTIONS)))
