# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records as a zone file (RFC 1035 section 5.1), for whoever has a domain's zone elsewhere. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .model import TTL, DomainPlan, Record


def zone_file(plans: Sequence[DomainPlan]) -> str:
    """Return all records that the domains need, with what is not known yet as a comment."""
    return "".join(f"{line}\n" for plan in plans for line in _lines(plan))


def _lines(plan: DomainPlan) -> Iterator[str]:
    yield f"; {plan.domain}"
    for record in plan.records:
        yield from _record_lines(record, plan.domain)


def _record_lines(record: Record, domain: str) -> Iterator[str]:
    if not record.name:
        yield f"; {record.key} ({record.type}): SES tells it once it has the identity {domain}"
    for value in record.values:
        yield f"{record.name}. {TTL} IN {record.type} {_data(record.type, value)}"


def _data(kind: str, value: str) -> str:
    return value if kind == "TXT" else f"{value}."
