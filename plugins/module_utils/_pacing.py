# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls no faster than a service allows them for whoever calls it in the account: others are left some.

Standard library only: the forwarder's code package carries a copy of this file under the same import path.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any


def _by_operation(model: Any) -> str:
    return str(model.name)


def pace(client: Any, seconds: float = 1.0, of: Callable[[Any], str] = _by_operation) -> Any:
    """Return the client, which from now on waits where a call came less than so many seconds after the last one.

    ``of`` tells which calls are counted together, by botocore's model of the operation. The default is each operation
    by itself, once a second (Amazon SES Developer Guide, "Service quotas in Amazon SES", quotas of the API).
    """
    called: dict[str, float] = {}

    def wait(model: Any, **_event: Any) -> None:
        which = of(model)
        if which in called:
            time.sleep(max(0.0, called[which] + seconds - time.monotonic()))
        called[which] = time.monotonic()

    client.meta.events.register("before-call", wait)
    return client
