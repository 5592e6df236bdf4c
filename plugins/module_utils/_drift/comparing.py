# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Organizations, the map and SES held against each other. Pure, no AWS."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from ansible_collections.account_factory.email.plugins.module_utils._checks.identity import (
    verified_identity,
    verified_names,
)

from .accounts import Joined, compare_account, compare_names, compare_record
from .asked import Asked
from .finding import about_domain, about_recovery
from .model import HIGH, LOW, Finding, in_order
from .owners import compare_owners
from .sides import Sides

_VERIFIED, _MISSING = "SUCCESS", "none"


@dataclass(frozen=True)
class Compared:
    """What the sides disagree on, worst first, and how much of it is of what is known to be outside."""

    findings: list[Finding]
    ignored: int = 0


def compare(sides: Sides, asked: Asked) -> Compared:
    """Return what the sides disagree on, of what is asked for. The order of the sides' lists does not matter."""
    wanted = in_order(filter(asked.wants, _findings(sides, asked)))
    shown = [one for one in wanted if not asked.ignores(one.account_id, one.address)]
    return Compared(shown, len(wanted) - len(shown))


def _findings(sides: Sides, asked: Asked) -> Iterator[Finding]:
    joined = Joined(sides)
    records = joined.records.values()
    told: set[str] = set()
    for finding in chain.from_iterable(compare_record(joined, record, asked) for record in records):
        if finding.kind == "email_differs":
            told.add(str(finding.account_id))
        yield finding
    yield from chain.from_iterable(compare_owners(sides, record, asked) for record in records)
    yield from chain.from_iterable(compare_account(joined, one, told) for one in joined.by_id.values())
    yield from compare_names(joined, asked)
    yield from _identities(sides)
    yield from _recoveries(sides)


def _recoveries(sides: Sides) -> Iterator[Finding]:
    for one, is_overdue in sides.recoveries:
        ends = f"{'was' if is_overdue else 'is'} to be closed at {one.closes_at}"
        since = f"The root user of account {one.account_id} has been able to recover since {one.opened_at}"
        what = f"{since} ({one.reason}), which {ends}."
        yield about_recovery("root_recoverable", one, what, HIGH if is_overdue else LOW)


def _identities(sides: Sides) -> Iterator[Finding]:
    """Yield the domains that SES has not verified, by themselves or by a domain above."""
    if sides.identities is None:
        return
    verified = verified_names(sides.identities)
    states = {one["IdentityName"].lower(): one.get("VerificationStatus") for one in sides.identities}
    for domain in sides.domains:
        if verified_identity(domain, verified) is None:
            state = states.get(domain) or _MISSING
            seen = "has no identity" if state == _MISSING else f"is {state}"
            what = f"The domain {domain} {seen} in SES, so that it takes no mail for its addresses."
            yield about_domain("identity_unverified", what, f"{domain}: {_VERIFIED}", f"{domain}: {state}")
