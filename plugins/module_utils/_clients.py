# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How every client of the collection is made, so that an endpoint that is not there is reported within seconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

try:
    from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, ProxyConnectionError
except ImportError:  # The module then ends with amazon.aws's own message about the missing library.
    _NOT_REACHED: tuple[type[Exception], ...] = ()
else:
    _NOT_REACHED = (ConnectTimeoutError, EndpointConnectionError, ProxyConnectionError)

# botocore waits 60 s for a connection, and tries DynamoDB ten times: ten minutes until a task says that nothing is
# there. Two seconds outlast one lost SYN, which is sent again after a second (RFC 6298 section 2.1).
CONNECT_SECONDS = 2.0
# Where nothing has ever answered, a call is tried again until so long after its first failure, with pauses that double.
# botocore's own are random up to 1, 2, 4 and 8 seconds, so that a task could end in 1 or in 15.
_TRY_SECONDS = 2.0
_FIRST_PAUSE = 0.25
_SINCE = "account_factory.email.not_reached_since"


def new_client(make: Callable[..., Any], service: str, answer_seconds: float | None = None, **options: Any) -> Any:
    """Return a client of the service, made by a module's or plugin's own ``client`` method with these options.

    A call that takes longer than a minute to be answered has ``answer_seconds``, and is not made again by itself.
    A connection has CONNECT_SECONDS. Where the endpoint has never answered, a call is tried again for a few seconds
    only; every other failure is retried as botocore does. The user's own settings win over both: ``connect_timeout``
    and ``retries`` in ``aws_config``, and a number of attempts in the environment or the profile.
    """
    config: dict[str, Any] = {"connect_timeout": CONNECT_SECONDS}
    if answer_seconds is not None:
        config |= {"read_timeout": answer_seconds, "retries": {"total_max_attempts": 1}}
    client = make(service, config=config, **options)
    if "total_max_attempts" not in client.meta.config.retries:
        # The same event as botocore registers for, first: the first handler that names a pause is the one that counts.
        event = f"needs-retry.{client.meta.service_model.service_id.hyphenize()}"
        client.meta.events.register_first(event, _FirstContact().check)
    return client


class _FirstContact:
    """Gives up on an endpoint that a client has never reached. One that it has is left to botocore's retries."""

    def __init__(self) -> None:
        self._reached = False

    def check(
        self, attempts: int, request_dict: dict[str, Any], caught_exception: Exception | None = None, **_unused: Any
    ) -> float | None:
        """Handle botocore's event ``needs-retry``, which follows each attempt.

        Return the seconds until the next attempt, or None where botocore decides; to end the call, raise its error.
        """
        if not isinstance(caught_exception, _NOT_REACHED):
            self._reached = True
        if self._reached or caught_exception is None:
            return None
        now = time.monotonic()
        since = request_dict["context"].setdefault(_SINCE, now)
        if now - since >= _TRY_SECONDS:
            raise caught_exception
        return float(_FIRST_PAUSE * 2 ** (attempts - 1))
