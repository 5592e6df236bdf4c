# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How Organizations is called: what is waited for is noted, and a list comes with all of its pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._aws import Service

from .errors import REMEDIES
from .listing import Listing
from .waits import Wait

TRANSIENT = ("ServiceException", "ThrottlingException", "TooManyRequestsException")
ORGANIZATIONS = Service(retried=TRANSIENT, remedies=REMEDIES)


@dataclass(frozen=True)
class Connection:
    """A client for Organizations, what its calls have waited for so far, and the accounts as they were listed."""

    client: Any
    waits: list[Wait] = field(default_factory=list)
    listing: Listing = field(default_factory=Listing)


def call(
    connection: Connection, description: str, operation: str, service: Service = ORGANIZATIONS, **parameters: Any
) -> Any:
    """Call the operation (its name in Python) and note each pause; ``description`` completes "Failed to ..."."""

    def note(code: str, seconds: float) -> None:
        connection.waits.append(Wait(description, code, seconds))

    return replace(service, on_pause=note).call(description, getattr(connection.client, operation), **parameters)


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
