# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How Organizations is called: with errors of our own, with patience for what passes, and with all pages of a list."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

from .errors import (
    OrganizationsErrorHandler,
)
from .listing import Listing
from .waits import Wait

TRANSIENT = ("ServiceException", "ThrottlingException", "TooManyRequestsException")


@dataclass(frozen=True)
class Connection:
    """A client for Organizations, what its calls have waited for so far, and the accounts as they were listed."""

    client: Any
    waits: list[Wait] = field(default_factory=list)
    listing: Listing = field(default_factory=Listing)


@dataclass(frozen=True)
class Patience:
    """How often a call is tried, and the pauses between: random up to ``first`` seconds, doubled up to ``longest``."""

    codes: tuple[str, ...] = ()
    tries: int = 8
    first: float = 1
    longest: float = 20


BRIEF = Patience()


class _Pauses:
    """Full jitter: each pause is random between none and a bound that doubles. ``current`` is the one given last."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self.current = 0.0

    def __iter__(self) -> Iterator[float]:
        bound = self._patience.first
        while True:
            self.current = random.uniform(0, min(bound, self._patience.longest))
            yield self.current
            bound *= 2


def call(
    connection: Connection, description: str, operation: str, patience: Patience = BRIEF, **parameters: Any
) -> Any:
    """Call the operation (its name in Python), patiently; ``description`` completes "Failed to ..."."""
    retry = _retry(connection, description, patience)
    handler = OrganizationsErrorHandler.common_error_handler(description)
    return handler(retry(getattr(connection.client, operation)))(**parameters)


def pages(
    connection: Connection, description: str, operation: str, key: str, **parameters: Any
) -> Iterator[dict[str, Any]]:
    """Yield the items of all pages of a list operation.

    Each page is retried by itself: a large organization has hundreds, of which AWS gives about eight a second.
    """
    while True:
        page = call(connection, description, operation, **parameters)
        yield from page[key]
        # A page may be empty and still not be the last one.
        if not page.get("NextToken"):
            return
        parameters = {**parameters, "NextToken": page["NextToken"]}


def _retry(connection: Connection, description: str, patience: Patience) -> Callable[..., Any]:
    """Return a decorator that tries again after what passes by itself, and notes each pause."""
    pauses = _Pauses(patience)

    def passes(code: str, codes: list[str]) -> bool:
        if not AWSRetry.found(code, codes):
            return False
        # Whatever is found here is followed by the pause that was given last.
        connection.waits.append(Wait(description, code, pauses.current))
        return True

    decorator: Callable[..., Any] = AWSRetry.base_decorator(
        retries=patience.tries,
        found=passes,
        status_code_from_exception=_code,
        catch_extra_error_codes=[*TRANSIENT, *patience.codes],
        sleep_time_generator=pauses,
    )
    return decorator


def _code(error: Any) -> str:
    """Return the code, or where a code has reasons of which only some pass by themselves, the reason."""
    code: str = error.response["Error"]["Code"]
    return error.response.get("Reason", code) if code == "ConstraintViolationException" else code
