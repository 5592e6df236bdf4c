# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SES allows each of its operations about once a second, for whoever calls it in the account: others are left some.

Source: Amazon SES Developer Guide, "Service quotas in Amazon SES", quotas of the API.
"""

from __future__ import annotations

import time
from typing import Any

_SECONDS = 1.0


def pace(client: Any) -> Any:
    """Return the client, which from now on waits where an operation was called less than a second ago."""
    called: dict[str, float] = {}

    def wait(model: Any, **_event: Any) -> None:
        if model.name in called:
            time.sleep(max(0.0, called[model.name] + _SECONDS - time.monotonic()))
        called[model.name] = time.monotonic()

    client.meta.events.register("before-call", wait)
    return client
