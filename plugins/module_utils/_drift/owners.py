# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who gets the mail of an address, by what the map says of it alone. Pure, no AWS."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .asked import Asked
from .finding import about_record
from .model import HIGH, KINDS, MEDIUM, MEMBER, Finding
from .sides import KnownAddress, Sides


def compare_owners(sides: Sides, record: KnownAddress, asked: Asked) -> Iterator[Finding]:
    """Yield what is wrong with where the mail of an address goes; nothing of a retired one."""
    if record.is_retired:
        return
    inside = [one for one in _mailboxes(record) if _domain(one) in sides.domains]
    if inside:
        what = f"Mail for {record.address} to {', '.join(inside)} would come back to the forwarder."
        yield about_record("owner_in_domain", record, what, found=", ".join(inside), owner=inside[0])
    if not sides.owners_of(record):
        yield about_record("no_owner", record, f"{record.address} has no owner.")
    yield from _failing(sides, record)
    yield from _strangers(record, asked, inside)
    if not record.forwarding and record.updated_at < asked.suspended_before:
        what = f"Forwarding of {record.address} has been suspended for long."
        yield about_record("forwarding_suspended", record, what, expected="true", found="false")
    if record.domain not in sides.domains:
        what = f"{record.address} is in {record.domain}, which the map does not vend in any more."
        yield about_record("domain_removed", record, what, found=record.domain, domains=_with(sides, record.domain))


def _failing(sides: Sides, record: KnownAddress) -> Iterator[Finding]:
    owners = sides.owners_of(record)
    told_first = dict.fromkeys((*owners, *record.contacts))
    failing = [owner for owner in told_first if owner.lower() in sides.failing]
    if not failing:
        return
    domain = sides.domains.get(record.domain)
    others = (*owners, *record.fallback_owners, *(domain.fallback_owners if domain else ()))
    is_reached = any(one.lower() not in sides.failing and _domain(one) not in sides.domains for one in others)
    told = ", ".join(f"{owner} ({sides.failing[owner.lower()]})" for owner in failing)
    whom = "and others get it" if is_reached else "and nobody else whom the map names gets it"
    is_member = failing[0] not in (*record.owners, *record.contacts)
    yield about_record(
        "owner_failing",
        record,
        f"Mail for {record.address} is refused by {told}, {whom}.",
        severity=MEDIUM if is_reached else HIGH,
        found=told,
        owner=failing[0],
        table=MEMBER if is_member else KINDS["owner_failing"],
    )


def _strangers(record: KnownAddress, asked: Asked, inside: Sequence[str]) -> Iterator[Finding]:
    if asked.known_owners is None:
        return
    unknown = [one for one in _mailboxes(record) if one not in inside and not asked.known_owners.has(one)]
    if unknown:
        what = f"Mail for {record.address} goes to {', '.join(unknown)}, who is not known."
        yield about_record("owner_unknown", record, what, found=", ".join(unknown), owner=unknown[0])


def _mailboxes(record: KnownAddress) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*record.owners, *record.fallback_owners, *record.contacts)))


def _domain(mailbox: str) -> str:
    return mailbox.rpartition("@")[2].lower()


def _with(sides: Sides, domain: str) -> str:
    """Return the domains of the map and one more, that of the forwarder's address first, as the role takes them."""
    own = {_domain(one.forwarder_address) for one in sides.domains.values() if one.forwarder_address}
    return " ".join(sorted({*sides.domains, domain}, key=lambda name: (name not in own, name)))
