# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The latest mail of the probe that got through, as the record of deliveries has it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._deliveries.api import find_deliveries
from ansible_collections.account_factory.email.plugins.module_utils._deliveries.model import Query

_DELIVERED = "delivered"


def latest_arrival(dynamodb: Any, table: str, address: str, since: datetime) -> str | None:
    """Return when the latest mail that was sent on since then arrived, UTC in ISO 8601; None where none did."""
    found = find_deliveries(dynamodb, table, Query(addresses=(address,), start=since))
    return max((one.became_at for one in found if one.became == _DELIVERED and one.became_at), default=None)
