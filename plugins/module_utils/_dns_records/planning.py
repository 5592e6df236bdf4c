# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which identity and which records a domain needs, compared with what is there. Pure, standard library only."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from ansible_collections.account_factory.email.plugins.module_utils._address import domains_above

from .changing import Made, is_made
from .comparing import compare, conflicts, delegation_problems, hosts, is_spf, left
from .model import (
    COVERED,
    CREATED,
    DKIM,
    DMARC,
    EXISTING,
    IDENTITY,
    MAIL_FROM_MX,
    MAIL_FROM_SPF,
    MX,
    OURS,
    DomainPlan,
    Identity,
    Record,
    Wanted,
    Zone,
    is_within,
    owned_keys,
    plain_name,
    quoted_strings,
)

# A stack has 500 resources at most (AWS CloudFormation User Guide, quotas), of which each domain takes eight.
IN_STACK_MAX = 50


@dataclass(frozen=True)
class Situation:
    """What plans rest on: the identities of SES by their names, the zone if there is one, and the logical ids of
    the resources that the stack has, and what was made in a zone that no stack keeps the records of.
    """

    domains: Sequence[str]
    wanted: Wanted
    identities: Mapping[str, Identity]
    zone: Zone | None = None
    resources: Collection[str] = ()
    made: Made | None = None

    def has(self, domain: str) -> frozenset[str]:
        """Return what the stack has of a domain. Records are in the zone, or not the stack's any longer."""
        has = owned_keys(domain, self.resources)
        return has if self.zone_of(domain) and self.made is None else has & {IDENTITY}

    def zone_of(self, domain: str) -> Zone | None:
        return self.zone if self.zone and self.zone.holds(domain) else None

    def covering(self, domain: str) -> str | None:
        """Return the nearest verified identity of a domain above, of those that are not the stack's own."""
        names = (name for name in domains_above(domain) if name in self.identities and IDENTITY not in self.has(name))
        return next((name for name in names if self.identities[name].is_verified), None)


def plan_domains(situation: Situation) -> list[DomainPlan]:
    """Return what each domain needs."""
    return [_plan(domain, situation) for domain in situation.domains]


def zone_problems(situation: Situation) -> Iterator[str]:
    """Yield what makes the zone useless for all of the domains."""
    zone = situation.zone
    if zone and zone.is_private:
        yield (
            f"hosted_zone_id: {zone.id} ({zone.name}) is a private hosted zone, which neither SES nor those who send"
            " mail can see; give the public one"
        )
    if zone and situation.domains and not any(map(zone.holds, situation.domains)):
        yield (
            f"hosted_zone_id: {zone.id} is the zone of {zone.name}, which {', '.join(situation.domains)} is not in;"
            " give the zone of the domain, or none"
        )
    if zone and len(situation.domains) > IN_STACK_MAX:
        yield (
            f"domains: the records of {len(situation.domains)} domains do not fit into a stack; give {IN_STACK_MAX}"
            " at most with a hosted zone, and the others to another stack, or publish the records yourself"
        )


def _plan(domain: str, situation: Situation) -> DomainPlan:
    has, known, zone = situation.has(domain), situation.identities.get(domain), situation.zone_of(domain)
    covering = None if known or IDENTITY in has else situation.covering(domain)
    kind = OURS if IDENTITY in has else EXISTING if known else COVERED if covering else CREATED
    counts = known or (situation.identities[covering] if covering else None)
    mail_from = _mail_from(domain, kind, known, situation.wanted)
    all_needed = [*needed_records(domain, kind, known, mail_from, situation.wanted)]
    owned = has | {record.key for record in all_needed if is_made(record, zone, situation.made or {})}
    harm = None if DMARC in owned else _harm_of_dmarc(domain, kind, situation)
    needed = [record for record in all_needed if not harm or record.key != DMARC]
    records = tuple(compare(record, zone, record.key in owned, situation.wanted) for record in needed)
    return DomainPlan(
        domain=domain,
        identity=kind,
        covered_by=covering,
        verification_status=counts.verification_status if counts else None,
        mail_from_domain=mail_from,
        records=records,
        notes=tuple(_notes(domain, situation, harm, records)),
        problems=tuple(_problems(domain, situation, kind, records)),
    )


def _mail_from(domain: str, kind: str, known: Identity | None, wanted: Wanted) -> str:
    """Return the MAIL FROM domain that needs records; an identity of others has the one that they gave it."""
    name = f"{wanted.mail_from_subdomain}.{domain}" if wanted.mail_from_subdomain else ""
    if kind in (CREATED, OURS):
        return name
    return name if kind == EXISTING and known and plain_name(known.mail_from_domain) == name else ""


def needed_records(domain: str, kind: str, known: Identity | None, mail_from: str, wanted: Wanted) -> Iterator[Record]:
    """Yield the records that a domain needs; those of DKIM have no name where SES has no identity yet."""
    yield Record(MX, domain, "MX", (f"10 {wanted.inbound}",))
    if kind == COVERED:
        return
    yield from _dkim(domain, known, kind != EXISTING)
    if mail_from:
        yield Record(MAIL_FROM_MX, mail_from, "MX", (f"10 {wanted.feedback}",))
        yield Record(MAIL_FROM_SPF, mail_from, "TXT", ('"v=spf1 include:amazonses.com ~all"',))
    if wanted.dmarc:
        yield Record(DMARC, f"_dmarc.{domain}", "TXT", (quoted_strings(wanted.dmarc),))


def _dkim(domain: str, known: Identity | None, is_own: bool) -> Iterator[Record]:
    """Yield the records of DKIM; an identity that others have made may do without them."""
    tokens, zone = (known.dkim_tokens, known.signing_hosted_zone) if known else ((), "")
    for key, token in zip(DKIM, tokens, strict=False):
        yield Record(key, f"{token}._domainkey.{domain}", "CNAME", (f"{token}.{zone}",))
    if not tokens and is_own:
        yield from (Record(key, "", "CNAME", ()) for key in DKIM)


def _harm_of_dmarc(domain: str, kind: str, situation: Situation) -> str | None:
    """Return why a new DMARC record could have others reject mail that is sent elsewhere as the domain, if so."""
    zone, wanted = situation.zone_of(domain), situation.wanted
    if not wanted.dmarc or kind == COVERED:
        return None
    if kind == EXISTING:
        return "its identity was there before, so that others may send as it"
    ours = {name for one in situation.domains for name in (one, f"{wanted.mail_from_subdomain}.{one}")} - {domain}
    if zone is None:
        return None
    ours |= {f"{wanted.mail_from_subdomain}.{domain}"}
    names = sorted({name for name, _type in zone.records if is_within(name, domain) and name not in ours})
    other = next(filter(partial(_is_of_mail, zone, wanted), names), None)
    return f"{other} has records of other mail" if other else None


def _is_of_mail(zone: Zone, wanted: Wanted, name: str) -> bool:
    """Tell whether a name receives or sends mail without the forwarder."""
    receives, said = zone.values(name, "MX"), zone.values(name, "TXT") or ()
    # An SPF record that lets nobody send is no sign of mail, nor is the MX of RFC 7505, which has no host.
    sends = any(is_spf(value) and value.strip('"').lower() != "v=spf1 -all" for value in said)
    return sends or bool(hosts(receives or ()) - {wanted.inbound, ""})


def _notes(domain: str, situation: Situation, harm: str | None, records: Sequence[Record]) -> Iterator[str]:
    zone = situation.zone
    if zone and not zone.holds(domain):
        yield f"{domain} is not in the hosted zone {zone.name}: you must create its records."
    if harm:
        yield f"No DMARC record is made for {domain}: {harm}."
    yield from left(domain, records)


def _problems(domain: str, situation: Situation, kind: str, records: Sequence[Record]) -> Iterator[str]:
    zone = situation.zone_of(domain)
    if kind == OURS and domain not in situation.identities:
        yield (
            f"domains: the stack has the SES identity {domain}, and somebody has deleted it in SES; create it again"
            f" (aws sesv2 create-email-identity --email-identity {domain}) and publish the DKIM records that this"
            " returns"
        )
    if zone:
        yield from delegation_problems(domain, zone)
        yield from conflicts(domain, records, zone)
