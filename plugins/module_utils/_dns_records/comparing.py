# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A record that is needed beside those that a zone has. Pure, standard library only.

Mail that a domain receives elsewhere is never taken, and no record is changed that is not the forwarder's own: one with
the value that is needed is used, another DMARC record is left, and whatever else is in the way is a conflict.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from .model import (
    CONFLICT,
    CREATE,
    DMARC,
    LEFT,
    MAIL_FROM_MX,
    MAIL_FROM_SPF,
    MANAGED,
    MANUAL,
    MX,
    PRESENT,
    Record,
    Wanted,
    Zone,
    plain_name,
)

_REMEDIES = {
    MAIL_FROM_MX: "SES needs exactly one MX record there; give another mail_from_subdomain",
    MAIL_FROM_SPF: "SES needs one SPF record with include:amazonses.com there; give another mail_from_subdomain",
    MX: (
        "mail that the domain receives elsewhere is not taken; give a domain that receives none, as a subdomain, or"
        " delete that record if nobody needs it; with accept_foreign_mx it is left, and the forwarder gets no mail"
    ),
}
_OTHERWISE = "SES does not find its own there; delete that record"


def compare(record: Record, zone: Zone | None, is_owned: bool, wanted: Wanted) -> Record:
    """Return the record with its state in the zone, and with what is there."""
    if zone is None:
        return replace(record, state=MANUAL)
    found = (zone.values(record.name, record.type) if record.name else None) or ()
    # The values for MAIL FROM domains never change: what differs is another's, and has the name that is now wanted.
    is_moved = bool(found) and record.key in (MAIL_FROM_MX, MAIL_FROM_SPF) and {*found} != {*record.values}
    if is_owned and not is_moved:
        return replace(record, state=MANAGED, found=found)
    if record.name and (clashing := _clashing(record, zone)):
        return replace(record, state=LEFT if record.key == DMARC else CONFLICT, found=clashing)
    if not record.name or zone.values(record.name, record.type) is None:
        return replace(record, state=CREATE)
    return replace(record, state=_state(record, found, wanted), found=found)


def _clashing(record: Record, zone: Zone) -> tuple[str, ...]:
    """Return what another type of record says, where DNS lets only one of them be (RFC 1034 section 3.6.2)."""
    types = zone.types(record.name)
    if record.type == "CNAME":
        return tuple(kind for kind in types if kind != "CNAME")
    return tuple(f"CNAME {value}" for value in zone.values(record.name, "CNAME") or ()) if "CNAME" in types else ()


def _state(record: Record, found: Sequence[str], wanted: Wanted) -> str:
    """Return the state of a record that others have made."""
    if record.key == DMARC:
        return PRESENT if {*found} == {*record.values} else LEFT
    if record.key == MX:
        elsewhere = LEFT if wanted.accept_foreign_mx else CONFLICT
        return PRESENT if hosts(found) == {wanted.inbound} else elsewhere
    if record.key == MAIL_FROM_MX:
        is_right = len(found) == 1 and hosts(found) == {wanted.feedback}
    elif record.key == MAIL_FROM_SPF:
        spf = [value.lower() for value in found if is_spf(value)]
        is_right = len(spf) == 1 and "include:amazonses.com" in spf[0]
    else:
        is_right = {*map(plain_name, found)} == {*map(plain_name, record.values)}
    return PRESENT if is_right else CONFLICT


def hosts(values: Sequence[str]) -> set[str]:
    """Return the hosts of MX records; that of a domain that takes no mail (RFC 7505) is empty."""
    return {plain_name(value.split()[-1]) for value in values}


def is_spf(value: str) -> bool:
    return value.strip('"').lower().startswith("v=spf1")


def delegation_problems(domain: str, zone: Zone) -> Iterator[str]:
    """Yield what is wrong where the domain is in a zone below this one."""
    if name := zone.delegated(domain):
        yield (
            f"hosted_zone_id: the zone {zone.name} delegates {name} to other name servers, so that nobody would find"
            f" the records of {domain} in it; give the zone of {name}"
        )


def conflicts(domain: str, records: Sequence[Record], zone: Zone) -> Iterator[str]:
    """Yield what is in the way of each record."""
    for record in records:
        if record.state == CONFLICT:
            yield (
                f"domains: {domain}: the hosted zone {zone.name} has {record.name} {', '.join(record.found)} already,"
                f" where {record.type} {', '.join(record.values)} is needed; {_REMEDIES.get(record.key, _OTHERWISE)}"
            )


def left(domain: str, records: Sequence[Record]) -> Iterator[str]:
    """Yield what is left as it is."""
    for record in records:
        if record.state == LEFT and record.key == MX:
            yield f"{domain} receives its mail elsewhere ({', '.join(record.found)}): the forwarder gets none of it."
        elif record.state == LEFT:
            yield f"The record {record.name} {', '.join(record.found)} is there and is left as it is."
        elif record.state == MANAGED and record.name and not record.found:
            yield (
                f"The record {record.name} {record.type} is the forwarder's, and somebody has deleted it; create it"
                f" again: {', '.join(record.values)}"
            )
