# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The alternate contacts of accounts, as AWS Account Management has them.

Sources: AWS Account Management API Reference (PutAlternateContact, GetAlternateContact, DeleteAlternateContact) and AWS
Account Management Reference Guide ("Update the alternate contacts for your AWS account", "Quotas"). Which account a
request is about, and who may ask, is decided in account.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.local_aws.wire import AwsError

KINDS = ("BILLING", "OPERATIONS", "SECURITY")
# Members of PutAlternateContact: the greatest length, and the pattern if there is one. All are required.
_MEMBERS: dict[str, tuple[int, re.Pattern[str] | None]] = {
    "Name": (64, None),
    "Title": (50, None),
    "EmailAddress": (254, re.compile(r"\s*[\w+=.#|!&-]+@[\w.-]+\.\w+\s*", re.ASCII)),
    "PhoneNumber": (25, re.compile(r"[\s0-9()+-]+", re.ASCII)),
}
# Reference Guide, "Quotas", of an account: requests a second, and how many in a burst.
_RATES = {
    "/getAlternateContact": (10.0, 15.0),
    "/putAlternateContact": (5.0, 8.0),
    "/deleteAlternateContact": (1.0, 6.0),
}


@dataclass
class _Bucket:
    """How many requests an account has left of a kind, as it was at a moment."""

    left: float
    at: float


class AlternateContacts:
    """The contacts of all accounts by account and kind; ``clock`` gives the time in seconds."""

    OPERATIONS = frozenset(_RATES)

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._contacts: dict[tuple[str, str], dict[str, str]] = {}
        self._buckets: dict[tuple[str, str], _Bucket] = {}

    def answer(self, path: str, given: dict[str, Any]) -> dict[str, Any]:
        """Answer a request that is about the account ``AccountId``; raise AwsError as AWS does."""
        account_id = given["AccountId"]
        self._take(path, account_id)
        kind = given.get("AlternateContactType")
        if kind not in KINDS:
            raise _invalid("alternateContactType", f"Member must satisfy enum value set: [{', '.join(KINDS)}]")
        key = (account_id, str(kind))
        if path == "/putAlternateContact":
            self._contacts[key] = {**_checked(given), "AlternateContactType": str(kind)}
            return {}
        if key not in self._contacts:
            raise AwsError("ResourceNotFoundException", "No contact of the inputted alternate contact type found.", 404)
        if path == "/deleteAlternateContact":
            del self._contacts[key]
            return {}
        return {"AlternateContact": self._contacts[key]}

    def _take(self, path: str, account_id: str) -> None:
        """Take one of the requests that the account has left; raise where it has none."""
        rate, burst = _RATES[path]
        now = self._clock()
        bucket = self._buckets.setdefault((path, account_id), _Bucket(burst, now))
        bucket.left, bucket.at = min(burst, bucket.left + (now - bucket.at) * rate), now
        if bucket.left < 1:
            raise AwsError("TooManyRequestsException", f"Rate exceeded: {rate:g} a second.", 429)
        bucket.left -= 1


def _checked(given: dict[str, Any]) -> dict[str, str]:
    for name, (longest, pattern) in _MEMBERS.items():
        value, member = given.get(name), f"{name[0].lower()}{name[1:]}"
        if not isinstance(value, str) or not 1 <= len(value) <= longest:
            raise _invalid(member, f"Member must have length 1 to {longest}")
        if pattern and not pattern.fullmatch(value):
            raise _invalid(member, "Member must satisfy its pattern")
    return {name: given[name] for name in _MEMBERS}


def _invalid(member: str, constraint: str) -> AwsError:
    return AwsError("ValidationException", f"Value at '{member}' failed to satisfy constraint: {constraint}")
