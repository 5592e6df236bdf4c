# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The environment of the forwarder's functions, as its stack makes it."""

from __future__ import annotations

import json
from typing import Any

SETTINGS: dict[str, Any] = {
    "map_table": "mail-forwarder-map",
    "delivery_table": "mail-forwarder-deliveries",
    "mail_bucket": "mail-forwarder-mail-123456789012-eu-west-1",
    "from_address": "aws-accounts@accounts.example.com",
    "sender_name": "AWS accounts",
    "admin_address": "cloud-admin@example.com",
    "fallback_owners": [],
    "catch_all": True,
    "spam": "quarantine",
    "dmarc_failure": "quarantine",
    "retry_seconds": 120,
    "record_days": 365,
    "mail_days": 60,
    "stack_name": "mail-forwarder",
    "configuration_set": "mail-forwarder",
}


def environment(*, region: str = "eu-west-1", **settings: Any) -> dict[str, str]:
    """Return the variables of a function whose settings differ in these from SETTINGS."""
    return {
        "SETTINGS": json.dumps({**SETTINGS, **settings}),
        "AWS_REGION": region,
        "POWERTOOLS_METRICS_NAMESPACE": "AccountEmail",
        "QUEUE_URL": f"https://sqs.{region}.amazonaws.com/123456789012/mail-forwarder-received",
    }
