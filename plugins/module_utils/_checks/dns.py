# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judges of what DNS says of the domains, beside what they need. Pure, standard library only.

What a record has to be, and what becomes of one beside another, is said in ``_dns_records``: the answers are compared
as the records of a hosted zone are. Sources: RFC 1034 section 4.2.2 (delegation), RFC 5321 section 5.1 (MX), RFC 7489
section 6.6.3 (DMARC), and those of ``_dns_records``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._address import domains_above
from ansible_collections.account_factory.email.plugins.module_utils._dns_records.comparing import compare, hosts
from ansible_collections.account_factory.email.plugins.module_utils._dns_records.model import (
    CREATE,
    CREATED,
    DKIM,
    EXISTING,
    MAIL_FROM_MX,
    MAIL_FROM_SPF,
    MX,
    PRESENT,
    Identity,
    Record,
    Wanted,
    Zone,
    plain_name,
)
from ansible_collections.account_factory.email.plugins.module_utils._dns_records.planning import needed_records

from .identity import describe_verification
from .model import FAIL, OK, SKIPPED, STATUSES, WARN, Asked, Judgement, Unread, join, skipped

NOERROR, NXDOMAIN, TIMEOUT = "NOERROR", "NXDOMAIN", "TIMEOUT"
Question = tuple[str, str]
# Of what is said of many domains.
_SHOWN = 5
_UNREACHED = "Nobody finds the records of the domain, so that SES neither verifies it nor gets its mail."
_ELSEWHERE = "Mail for the root users of AWS accounts would go to whoever runs those hosts, and not to the forwarder."
_UNSIGNED = "SES verifies a domain, and signs its mail, by these records only."
_ENVELOPE = "While they are not right, SES sends with a MAIL FROM domain of its own."
_UNPROTECTED = "Anybody's mail may claim to be from the domain, and owners would take it for mail from AWS."
_SES_HOST = re.compile(r"inbound-smtp\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?")


@dataclass(frozen=True)
class Answer:
    """What DNS answers a question.

    ``code`` is its RCODE by its name, or TIMEOUT where there is no answer; ``values`` are those of the records as
    Route 53 has them; ``leads_to`` is the name that CNAME records lead to, if they do; ``ttl`` is in seconds.
    """

    code: str = NOERROR
    values: tuple[str, ...] = ()
    leads_to: str = ""
    ttl: int = 0

    @property
    def is_known(self) -> bool:
        """Tell whether the answer says what there is; a server's failure to answer does not."""
        return self.code in (NOERROR, NXDOMAIN)


@dataclass(frozen=True)
class Expected:
    """A domain with its own identity, if SES has one, and the records that it needs and whose names are known."""

    domain: str
    identity: Identity | None
    records: tuple[Record, ...]

    def of(self, *keys: str) -> list[Record]:
        return [record for record in self.records if record.key in keys]


@dataclass(frozen=True)
class Seen:
    """What the domains need, and what DNS answers."""

    expected: tuple[Expected, ...]
    wanted: Wanted
    answers: Mapping[Question, Answer]

    def answer(self, name: str, kind: str) -> Answer:
        return self.answers.get((name, kind), Answer(TIMEOUT))

    def compared(self, record: Record) -> Record | None:
        """Return a record with its state in DNS, None where DNS does not say."""
        answer = self.answer(record.name, record.type)
        if not answer.is_known:
            return None
        found: dict[Question, tuple[str, ...]] = {(record.name, record.type): answer.values} if answer.values else {}
        if answer.leads_to:
            found[(record.name, "CNAME")] = (answer.leads_to,)
        return compare(record, Zone("", "", records=found), False, self.wanted)


@dataclass(frozen=True)
class Finding:
    """What is said of one domain; ``what`` and ``remedy`` are sentences, ``evidence`` what DNS said."""

    status: str
    what: str
    remedy: str = ""
    evidence: Any = field(default_factory=dict)


def wanted_of(asked: Asked) -> Wanted:
    return Wanted(asked.region, asked.mail_from_subdomain, "", asked.accept_foreign_mx)


def expect(asked: Asked, identities: Mapping[str, Identity]) -> tuple[Expected, ...]:
    """Return what each domain needs, by the identities that SES has of the domains themselves."""
    return tuple(_expect(domain, identities.get(domain), asked) for domain in asked.domains)


def _expect(domain: str, identity: Identity | None, asked: Asked) -> Expected:
    planned = f"{asked.mail_from_subdomain}.{domain}" if asked.mail_from_subdomain else ""
    mail_from = plain_name(identity.mail_from_domain) if identity else planned
    kind = EXISTING if identity else CREATED
    needed = needed_records(domain, kind, identity, mail_from, wanted_of(asked))
    return Expected(domain, identity, tuple(record for record in needed if record.name))


def questions(expected: Sequence[Expected]) -> list[Question]:
    """Return all that DNS has to be asked, each once."""
    return list(dict.fromkeys(question for one in expected for question in _questions(one)))


def _questions(one: Expected) -> Iterator[Question]:
    for name in _upward(one.domain):
        yield name, "NS"
        yield f"_dmarc.{name}", "TXT"
    for record in one.records:
        yield record.name, record.type


def _upward(domain: str) -> list[str]:
    return [domain, *domains_above(domain)]


def judge_delegation(asked: Asked, seen: Seen, zone: Zone | Unread | None) -> Judgement:
    """Whether DNS finds the zones of the domains, and the hosted zone by its own name servers."""
    hosted = zone if isinstance(zone, Zone) else None

    def judge(one: Expected) -> Finding:
        if hosted and hosted.holds(one.domain):
            return _hosted(hosted, seen.answer(hosted.name, "NS"))
        return _delegated(one.domain, seen)

    return _of_each(judge, seen, _UNREACHED, f"DNS finds the zone of {join(asked.domains)}.")


def _hosted(zone: Zone, answer: Answer) -> Finding:
    """Judge the delegation of a hosted zone by the name servers that its own NS record names."""
    own = sorted(map(plain_name, zone.values(zone.name, "NS") or ()))
    named = sorted(map(plain_name, answer.values)) if not answer.leads_to else []
    told = {"name_servers": named, "of_the_zone": own, "code": answer.code}
    remedy = f"In the zone above publish: {zone.name} NS {', '.join(own)}; and no others."
    if answer.is_known and named == own:
        return Finding(OK, "", evidence=told)
    if not answer.is_known:
        return Finding(WARN, f"The name servers of {zone.name} {_failure(answer)}.", f"{remedy} {_BROKEN}", told)
    if not named:
        what = f"The hosted zone {zone.id} ({zone.name}) is not delegated: DNS has no NS record of it"
        return Finding(WARN, f"{what}{' and no such name' if answer.code == NXDOMAIN else ''}.", remedy, told)
    what = f"DNS has {zone.name} at {join(named)}, and not at {join(own)} where the hosted zone {zone.id} is."
    return Finding(WARN, what, remedy, told)


_BROKEN = (
    "A delegation that leads to servers that do not know the zone, or a DNSSEC signature (DS record) that is not"
    " the zone's, look like this."
)


def _delegated(domain: str, seen: Seen) -> Finding:
    """Judge by the nearest name servers that DNS has for a domain or one above it."""
    names = _upward(domain)
    own = seen.answer(domain, "NS")
    if not own.is_known:
        remedy = f"Check the NS records of {domain} in the zone above it. {_BROKEN}"
        return Finding(WARN, f"The name servers of {domain} {_failure(own)}.", remedy, {"code": own.code})
    answers = ((name, seen.answer(name, "NS")) for name in names)
    found = next(((name, one) for name, one in answers if one.values and not one.leads_to), None)
    if found is None:
        what = f"DNS knows neither {domain} nor a zone above it."
        return Finding(WARN, what, f"Register {names[-1]}, or delegate it to its name servers.", {"code": own.code})
    return Finding(OK, "", evidence={"zone": found[0], "name_servers": sorted(map(plain_name, found[1].values))})


def _failure(answer: Answer) -> str:
    return "did not answer in time" if answer.code == TIMEOUT else f"answer with an error ({answer.code})"


def judge_mx(_asked: Asked, seen: Seen) -> Judgement:
    """Whether the domains' mail goes to SES, and to nobody else."""
    judgement = _of_each(
        lambda one: _judge_mx(one.of(MX)[0], seen),
        seen,
        _ELSEWHERE,
        f"Mail for the domains goes to {seen.wanted.inbound}.",
    )
    if judgement.status != WARN or seen.wanted.accept_foreign_mx:
        return judgement
    return Judgement(WARN, judgement.what, "No mail reaches the forwarder.", judgement.remedy, judgement.evidence)


def _judge_mx(record: Record, seen: Seen) -> Finding:
    compared, answer = seen.compared(record), seen.answer(record.name, record.type)
    told = {"found": list(answer.values), "leads_to": answer.leads_to or None, "ttl": answer.ttl, "code": answer.code}
    if compared is None:
        return _unknown(record, answer, told)
    if compared.state == PRESENT:
        return Finding(OK, "", evidence=told)
    found = hosts(answer.values) - {""}
    publish = f"Publish {_text(record)}, and no other MX record there."
    if answer.leads_to:
        what = f"{record.name} is a CNAME to {plain_name(answer.leads_to)}, beside which no MX record can be"
        remedy = f"Give {record.name} records of its own: delete the CNAME. {publish}"
    elif found:
        what = f"{record.name} receives its mail at {join(map(_host, sorted(found)))}"
        remedy = (
            f"{publish} Mail that the domain receives elsewhere is not taken: if it is needed, give another domain, as"
            f" a subdomain. A record that was just changed may be answered for {answer.ttl} seconds more."
        )
    else:
        what = f"{record.name} has no MX record" if not answer.values else f"{record.name} says that it takes no mail"
        return Finding(WARN, f"{what}.", publish, told)
    is_lost = bool(found - {seen.wanted.inbound}) and not seen.wanted.accept_foreign_mx
    return Finding(FAIL if is_lost else WARN, f"{what}.", remedy, told)


def _host(host: str) -> str:
    ses = _SES_HOST.fullmatch(host)
    return f"{host} (SES in {ses[1]})" if ses else host


def judge_dkim_records(_asked: Asked, seen: Seen, identities: Mapping[str, Mapping[str, Any]]) -> Judgement:
    """Whether DNS has the DKIM records of SES; what SES saw is told beside it."""
    known = [one for one in seen.expected if one.of(*DKIM)]
    if not known:
        return skipped("SES names no DKIM records of the domains yet.")
    part = Seen(tuple(known), seen.wanted, seen.answers)
    fine = f"DNS has the DKIM records of {join(one.domain for one in known)}."
    return _of_each(lambda one: _judge_dkim(one, seen, identities.get(one.domain) or {}), part, _UNSIGNED, fine)


def _judge_dkim(one: Expected, seen: Seen, said: Mapping[str, Any]) -> Finding:
    records = one.of(*DKIM)
    findings = [_judge_record(record, seen, WARN) for record in records]
    status = (said.get("DkimAttributes") or {}).get("Status")
    saw = f"SES says {status}{describe_verification(said)}"
    told = {
        "ses": saw,
        "records": {record.name: found.evidence for record, found in zip(records, findings, strict=True)},
    }
    worst = _worst(findings)
    if worst == OK:
        return Finding(OK, f"{saw}." if status != "SUCCESS" else "", evidence=told)
    wrong = [found for found in findings if found.status == worst]
    what = f"{' '.join(found.what for found in wrong)} {saw}."
    return Finding(worst, what, " ".join(found.remedy for found in wrong if found.remedy), told)


def judge_mail_from(_asked: Asked, seen: Seen) -> Judgement:
    """Whether each MAIL FROM domain has the one MX record and the one SPF record that SES wants."""
    keys = (MAIL_FROM_MX, MAIL_FROM_SPF)
    known = tuple(one for one in seen.expected if one.of(*keys))
    if not known:
        return Judgement(OK, "The domains have no MAIL FROM domains of their own.")
    fine = f"Nothing is wrong with the MAIL FROM domains of {join(one.domain for one in known)}."

    def judge(one: Expected) -> Finding:
        missing = WARN if one.identity else OK
        findings = {record.name + " " + record.type: _judge_record(record, seen, missing) for record in one.of(*keys)}
        worst = _worst(findings.values())
        wrong = [found for found in findings.values() if found.status == worst != OK]
        return Finding(
            worst,
            " ".join(found.what for found in wrong),
            " ".join(found.remedy for found in wrong if found.remedy),
            {name: found.evidence for name, found in findings.items()},
        )

    return _of_each(judge, Seen(known, seen.wanted, seen.answers), _ENVELOPE, fine)


def _judge_record(record: Record, seen: Seen, missing: str) -> Finding:
    """Judge a record that nobody else's mail depends on; ``missing`` is the status of one that is not there."""
    compared, answer = seen.compared(record), seen.answer(record.name, record.type)
    told = {"wanted": list(record.values), "found": list(answer.values), "code": answer.code}
    if compared is None:
        return _unknown(record, answer, told)
    if compared.state == PRESENT:
        return Finding(OK, "", evidence=told)
    remedy = f"Publish {_text(record)}"
    if compared.state == CREATE:
        other = ", which DNS does not know at all" if answer.code == NXDOMAIN else ""
        return Finding(missing, f"There is no {record.type} record {record.name}{other}.", f"{remedy}.", told)
    what = f"{record.name} has {record.type} {'; '.join(compared.found)}, where {'; '.join(record.values)} is needed."
    return Finding(WARN, what, f"{remedy} in its place.", told)


def _unknown(record: Record, answer: Answer, told: Mapping[str, Any]) -> Finding:
    return Finding(
        SKIPPED, f"{record.name} {record.type} cannot be told: its name servers {_failure(answer)}.", "", told
    )


def _text(record: Record) -> str:
    return f"{record.name} {record.type} {', '.join(record.values)}"


def judge_dmarc(asked: Asked, seen: Seen) -> Judgement:
    """Whether a DMARC policy protects the domains: their own, or that of the nearest domain above which has one.

    RFC 7489 knows the organizational domain's; its successor looks at each domain above, which comes to the same here.
    """
    fine = f"A DMARC policy protects {join(asked.domains)}."
    return _of_each(lambda one: _judge_dmarc(one.domain, seen), seen, _UNPROTECTED, fine)


def _judge_dmarc(domain: str, seen: Seen) -> Finding:
    answers = {name: seen.answer(f"_dmarc.{name}", "TXT") for name in _upward(domain)}
    unknown = answers[domain]
    if not unknown.is_known:
        return Finding(SKIPPED, f"_dmarc.{domain} cannot be told: its name servers {_failure(unknown)}.")
    policies = {name: [one.strip('"') for one in answer.values if _is_dmarc(one)] for name, answer in answers.items()}
    name = next((name for name, found in policies.items() if found), domain)
    found = policies[name]
    told = {"name": f"_dmarc.{name}", "found": found}
    add = f'_dmarc.{domain} TXT "v=DMARC1; p=reject; adkim=s; sp=reject"'
    if not found:
        return Finding(
            WARN, f"No DMARC record is for {domain}.", f"If only the forwarder sends as it, publish {add}.", told
        )
    if len(found) > 1:
        what = f"_dmarc.{name} has {len(found)} DMARC records, of which none counts: {'; '.join(found)}."
        return Finding(WARN, what, f"Delete all of _dmarc.{name} but one.", told)
    policy = _policy(found[0], domain != name)
    if policy in ("quarantine", "reject"):
        return Finding(OK, "", evidence=told)
    what = f"The DMARC record _dmarc.{name} rejects nothing for {domain} ({found[0]})."
    return Finding(WARN, what, f"If only the forwarder sends as {domain}, publish {add}.", told)


def _is_dmarc(value: str) -> bool:
    return value.strip('"').replace(" ", "").lower().startswith("v=dmarc1")


def _policy(value: str, is_above: bool) -> str:
    """Return the policy that a record has for its domain, or for those below it (``sp``, else ``p``)."""
    tags = {key.strip(): text.strip() for key, _is, text in (tag.partition("=") for tag in value.lower().split(";"))}
    return (tags.get("sp") if is_above else None) or tags.get("p", "none")


def _of_each(judge: Callable[[Expected], Finding], seen: Seen, why: str, fine: str) -> Judgement:
    """Return one judgement of all domains: what is worst, said of each that it is true of."""
    findings = {one.domain: judge(one) for one in seen.expected}
    evidence = {domain: finding.evidence for domain, finding in findings.items()}
    status = _worst(findings.values())
    said = list(dict.fromkeys(found.what for found in findings.values() if found.status == status and found.what))
    remedies = list(dict.fromkeys(found.remedy for found in findings.values() if found.status == status))
    what = " ".join([*([fine] if status == OK else []), _some(said)]).strip()
    if status in (OK, SKIPPED):
        return Judgement(status, what, evidence=evidence)
    return Judgement(status, what, why, _some(remedies), evidence)


def _worst(findings: Any) -> str:
    return min((found.status for found in findings), key=STATUSES.index)


def _some(sentences: Sequence[str]) -> str:
    more = f" And {len(sentences) - _SHOWN} more." if len(sentences) > _SHOWN else ""
    return " ".join(sentences[:_SHOWN]) + more
