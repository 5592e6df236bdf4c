# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is kept of a map while it is read, for the checks of owners; and the clock by an answer of AWS."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._checks.api import get_caller
from ansible_collections.account_factory.email.plugins.module_utils._checks.owners import Owned, collect
from ansible_collections.account_factory.email.plugins.module_utils._failing_mailbox import (
    FailingMailbox,
    FailingReason,
)
from ansible_collections.account_factory.email.plugins.module_utils._record import AddressRecord

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=timezone.utc)


def record(name: str, status: str = "active", **contacts: tuple[str, ...]) -> AddressRecord:
    owners = ("ann@example.org",)
    return AddressRecord(
        f"{name}@accounts.example.com", name, "accounts.example.com", owners, status, contacts=contacts
    )


def mark(mailbox: str, reason: FailingReason, age: timedelta) -> FailingMailbox:
    return FailingMailbox.found(mailbox, reason, NOW - age)


def test_a_map_is_kept_as_far_as_checks_look_at_it() -> None:
    day = timedelta(days=1)
    found: list[AddressRecord | FailingMailbox] = [
        mark("Ann@example.org", FailingReason.BOUNCED, 90 * day),
        record("b"),
        record("retired", "retired"),
        # A mark that ends of itself, a day after.
        mark("bob@example.org", FailingReason.TRANSIENT, 2 * day),
        record("a", "vended", billing=("fin@example.org",), security=("soc@example.org", "fin@example.org")),
    ]
    owners = collect(iter(found), {}, ["team@example.org"], NOW)
    contacts = {"a": ("fin@example.org", "soc@example.org"), "b": ()}
    expected = [Owned(f"{name}@accounts.example.com", ("ann@example.org",), (), contacts[name]) for name in "ab"]
    assert list(owners.addresses) == expected
    assert [*owners.failing] == ["ann@example.org"]
    assert owners.fallback_owners == ("team@example.org",)


class Sts:
    """Answers GetCallerIdentity, with headers of HTTP."""

    def __init__(self, **headers: str) -> None:
        self._headers = headers

    def get_caller_identity(self) -> dict[str, Any]:
        metadata = {"HTTPHeaders": self._headers}
        return {"Account": "1", "Arn": "arn:aws:iam::1:user/a", "ResponseMetadata": metadata}


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_the_clock_is_held_against_the_date_of_an_answer(seconds: int) -> None:
    told = datetime.now(timezone.utc) - timedelta(seconds=seconds)
    ahead = get_caller(Sts(date=told.strftime("%a, %d %b %Y %H:%M:%S GMT"))).ahead
    assert ahead is not None
    assert abs(ahead - seconds) < 30


@pytest.mark.parametrize("headers", [{}, {"date": "yesterday"}])
def test_a_date_that_cannot_be_read_is_none(headers: dict[str, str]) -> None:
    assert get_caller(Sts(**headers)).ahead is None
