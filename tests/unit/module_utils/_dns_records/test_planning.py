# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which records a domain needs: what is made, what is used, what is left, and what is in the way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._dns_records.model import (
    KEYS,
    DomainPlan,
    Identity,
    Wanted,
    Zone,
    resource_id,
)
from ansible_collections.account_factory.email.plugins.module_utils._dns_records.planning import (
    Situation,
    plan_domains,
    zone_problems,
)
from ansible_collections.account_factory.email.plugins.module_utils._dns_records.zone_file import zone_file

DOMAIN, DMARC = "accounts.example.com", "v=DMARC1; p=reject; adkim=s"
INBOUND, FEEDBACK = "inbound-smtp.eu-west-1.amazonaws.com", "feedback-smtp.eu-west-1.amazonses.com"
DKIM_ZONE = "dkim.eu-west-1.example.net"
WANTED = Wanted("eu-west-1", "bounce", DMARC)
SPF = '"v=spf1 include:amazonses.com ~all"'
# A letter for each of KEYS.
ALL = "i123mfsd"
LETTERS = dict(zip(KEYS, ALL, strict=True))


def identity(name: str = DOMAIN, status: str = "SUCCESS", mail_from: str = "") -> Identity:
    return Identity(name, status, ("abc", "def", "ghi"), DKIM_ZONE, mail_from)


def zone(records: Mapping[str, Any], name: str = "example.com", is_private: bool = False) -> Zone:
    """Return a zone of records given as "name TYPE": values."""
    found = {tuple(key.split()): tuple(values) for key, values in records.items()}
    apex = {(name, "NS"): ("ns.example.net.",), (name, "SOA"): ("...",)}
    return Zone("Z1", name, is_private, {**apex, **found})  # type: ignore[dict-item]


def plan(
    records: Mapping[str, Any] | None = None,
    identities: tuple[Identity, ...] = (),
    owned: str = "",
    wanted: Wanted = WANTED,
    domains: tuple[str, ...] = (DOMAIN,),
) -> DomainPlan:
    """Return the plan of the first domain."""
    seen = None if records is None else zone(records)
    names = {one.name: one for one in identities}
    return plan_domains(Situation(domains, wanted, names, seen, resources(owned)))[0]


def resources(owned: str) -> set[str]:
    """Return the logical ids of what a stack has, given as "domain=letters"."""
    domain, _unused, letters = owned.partition("=")
    return {resource_id(domain, key) for key, letter in LETTERS.items() if letter in letters}


def written(found: DomainPlan) -> str:
    return f"{found.domain}={''.join(LETTERS[key] for key in KEYS if key in found.owned)}"


def states(found: DomainPlan) -> dict[str, str]:
    """Return the states of records, each named by its letter."""
    return {LETTERS[record.key]: record.state for record in found.records}


def is_all(state: str, letters: str = "123mfsd", **others: str) -> dict[str, str]:
    return {**dict.fromkeys(letters, state), **others}


TOKENS = {f"{token}._domainkey.{DOMAIN} CNAME": [f"{token}.{DKIM_ZONE}."] for token in ("abc", "def", "ghi")}
MX = f"{DOMAIN} MX"
MAIL_FROM = f"bounce.{DOMAIN}"


@pytest.mark.parametrize(
    ("records", "identities", "owned", "kind", "expected"),
    [
        pytest.param({}, (), "", "create", is_all("create"), id="nothing is there"),
        pytest.param(None, (), "", "create", is_all("manual"), id="no zone"),
        pytest.param({}, (identity(),), f"{DOMAIN}={ALL}", "managed", is_all("managed"), id="all is the stack's"),
        pytest.param(None, (identity(),), f"{DOMAIN}=i", "managed", is_all("manual"), id="identity is the stack's"),
        pytest.param(
            {},
            (identity(),),
            f"{DOMAIN}=i123m",
            "managed",
            is_all("managed", f="create", s="create", d="create"),
            id="part of it",
        ),
        pytest.param({}, (identity(),), "", "existing", is_all("create", "123m"), id="somebody else's identity"),
        pytest.param(
            TOKENS, (identity(),), "", "existing", is_all("present", "123", m="create"), id="their DKIM records"
        ),
        pytest.param(
            {},
            (identity(mail_from=MAIL_FROM.upper()),),
            "",
            "existing",
            is_all("create", "123mfs"),
            id="their MAIL FROM domain",
        ),
        pytest.param({}, (identity("example.com"),), "", "covered", {"m": "create"}, id="a domain above is verified"),
        pytest.param(
            {}, (identity("example.com", "PENDING"),), "", "create", is_all("create"), id="a domain above is not"
        ),
        pytest.param(
            {}, (identity("example.com"),), "example.com=i", "create", is_all("create"), id="the one above is ours"
        ),
        pytest.param(
            {},
            (identity("example.com"), identity()),
            f"{DOMAIN}=i",
            "managed",
            is_all("create"),
            id="one above since the stack has one",
        ),
        pytest.param(
            {MX: [f"10 {INBOUND.upper()}."]}, (), "", "create", is_all("create", m="present"), id="MX is SES's"
        ),
        pytest.param(
            {MX: [f"1 {INBOUND}"], f"{DOMAIN} TXT": ['"v=spf1 -all"', '"google-site-verification=1"']},
            (),
            "",
            "create",
            is_all("create", m="present"),
            id="MX of another priority, and texts that are not of mail",
        ),
        pytest.param(
            {MX: ["10 mx.example.net."]}, (), "", "create", is_all("create", "123fs", m="conflict"), id="foreign MX"
        ),
        pytest.param(
            {MX: [f"10 {INBOUND}", "20 mx.example.net"]},
            (),
            "",
            "create",
            is_all("create", "123fs", m="conflict"),
            id="a foreign MX beside SES's",
        ),
        pytest.param(
            {MX: ["10 inbound-smtp.us-east-1.amazonaws.com"]},
            (),
            "",
            "create",
            is_all("create", "123fs", m="conflict"),
            id="SES in another region",
        ),
        pytest.param({MX: ["0 ."]}, (), "", "create", is_all("create", m="conflict"), id="takes no mail (RFC 7505)"),
        pytest.param(
            {f"{DOMAIN} CNAME": ["www.example.net"]}, (), "", "create", is_all("create", m="conflict"), id="a CNAME"
        ),
        pytest.param(
            {f"_dmarc.{DOMAIN} TXT": ['"v=DMARC1; p=none"']}, (), "", "create", is_all("create", d="left"), id="DMARC"
        ),
        pytest.param(
            {f"_dmarc.{DOMAIN} TXT": [f'"{DMARC}"']}, (), "", "create", is_all("create", d="present"), id="our DMARC"
        ),
        pytest.param(
            {f"_dmarc.{DOMAIN} CNAME": ["dmarc.example.net"]},
            (),
            "",
            "create",
            is_all("create", d="left"),
            id="DMARC elsewhere",
        ),
        pytest.param(
            {f"{MAIL_FROM} MX": [f"10 {FEEDBACK}", f"20 {INBOUND}"]},
            (),
            "",
            "create",
            is_all("create", f="conflict"),
            id="two MX of the MAIL FROM domain",
        ),
        pytest.param(
            {f"{MAIL_FROM} MX": [f"5 {FEEDBACK}."], f"{MAIL_FROM} TXT": [SPF]},
            (),
            "",
            "create",
            is_all("create", f="present", s="present"),
            id="MAIL FROM domain is there",
        ),
        pytest.param(
            {f"{MAIL_FROM} TXT": ['"v=spf1 include:spf.example.net -all"']},
            (),
            "",
            "create",
            is_all("create", s="conflict"),
            id="another SPF of the MAIL FROM domain",
        ),
        pytest.param(
            {**TOKENS, f"abc._domainkey.{DOMAIN} CNAME": ["abc.dkim.amazonses.com"]},
            (identity(),),
            "",
            "existing",
            is_all("present", "123m", m="create", **{"1": "conflict"}),
            id="a wrong DKIM CNAME",
        ),
        pytest.param(
            {f"team.{DOMAIN} MX": ["10 mx.example.net"]}, (), "", "create", is_all("create", "123mfs"), id="mail below"
        ),
        pytest.param(
            {f"{DOMAIN} TXT": ['"v=spf1 include:spf.example.net ~all"']},
            (),
            "",
            "create",
            is_all("create", "123mfs"),
            id="somebody else sends as the domain",
        ),
    ],
)
def test_what_a_domain_needs(
    records: Mapping[str, Any] | None, identities: tuple[Identity, ...], owned: str, kind: str, expected: dict[str, str]
) -> None:
    found = plan(records, identities, owned)
    assert (found.identity, states(found)) == (kind, expected)
    assert bool(found.problems) is ("conflict" in expected.values())
    # What is planned is what the stack has from then on, and nothing of it changes in the next run.
    made = written(found)
    if not found.problems:
        after = plan(records, identities or ((identity(),) if kind == "create" else ()), made)
        kept = {letter: "managed" if state == "create" else state for letter, state in expected.items()}
        assert (states(after), written(after)) == (kept, made)


@pytest.mark.parametrize(
    ("records", "identities", "owned", "text"),
    [
        pytest.param({MX: ["10 mx.example.net."]}, (), "", "mail that the domain receives elsewhere", id="foreign MX"),
        pytest.param(
            {f"{MAIL_FROM} MX": [f"10 {FEEDBACK}", f"20 {FEEDBACK}"]}, (), "", "exactly one MX record", id="two MX"
        ),
        pytest.param({f"{DOMAIN} NS": ["ns.example.org"]}, (), "", "delegates accounts.example.com", id="delegated"),
        pytest.param({}, (), f"{DOMAIN}=i", "somebody has deleted it in SES", id="identity is gone"),
        pytest.param(
            {f"abc._domainkey.{DOMAIN} CNAME": ["x.example.net"]}, (identity(),), "", "delete that record", id="DKIM"
        ),
    ],
)
def test_problems_say_what_to_do(
    records: Mapping[str, Any], identities: tuple[Identity, ...], owned: str, text: str
) -> None:
    (problem,) = plan(records, identities, owned).problems
    assert text in problem
    assert DOMAIN in problem


@pytest.mark.parametrize(
    ("seen", "text"),
    [
        pytest.param(zone({}, "example.com", is_private=True), "private hosted zone", id="private"),
        pytest.param(zone({}, "example.org"), "which accounts.example.com is not in", id="of another domain"),
        pytest.param(zone({}, "s.example.com"), "which accounts.example.com is not in", id="of one that ends like it"),
        pytest.param(zone({}, DOMAIN), None, id="of the domain itself"),
    ],
)
def test_a_zone_that_is_of_no_use(seen: Zone, text: str | None) -> None:
    found = [*zone_problems(Situation((DOMAIN,), WANTED, {}, seen))]
    assert (text is None and not found) or (text is not None and text in found[0])


def test_an_mx_elsewhere_is_never_changed() -> None:
    found = plan({MX: ["10 mx.example.net."]}, wanted=Wanted("eu-west-1", "bounce", DMARC, accept_foreign_mx=True))
    assert states(found)["m"] == "left"
    assert not found.problems
    assert found.notes == (
        f"No DMARC record is made for {DOMAIN}: {DOMAIN} has records of other mail.",
        f"{DOMAIN} receives its mail elsewhere (10 mx.example.net.): the forwarder gets none of it.",
    )


def test_a_domain_outside_of_the_zone_is_left_to_its_owner() -> None:
    found = plan(
        {}, (identity("accounts.example.org"),), "accounts.example.org=i1m", domains=("accounts.example.org", DOMAIN)
    )
    assert states(found) == is_all("manual")
    assert found.owned == {"identity"}
    assert found.notes == ("accounts.example.org is not in the hosted zone example.com: you must create its records.",)


def test_domains_of_one_forwarder_are_no_other_mail() -> None:
    below = f"eu.{DOMAIN}"
    records = {f"{below} MX": [f"10 {INBOUND}"], f"bounce.{below} MX": [f"10 {FEEDBACK}"], f"bounce.{below} TXT": [SPF]}
    assert states(plan(records, domains=(DOMAIN, below)))["d"] == "create"


def test_a_record_of_ours_that_was_deleted_is_told() -> None:
    found = plan({**TOKENS}, (identity(),), f"{DOMAIN}=i123m")
    assert found.notes == (
        f"The record {DOMAIN} MX is the forwarder's, and somebody has deleted it; create it again: 10 {INBOUND}",
    )


def test_the_zone_file_has_what_is_known() -> None:
    assert zone_file([plan()]) == (
        f"; {DOMAIN}\n"
        f"{DOMAIN}. 300 IN MX 10 {INBOUND}.\n"
        + "".join(f"; dkim{number} (CNAME): SES tells it once it has the identity {DOMAIN}\n" for number in (1, 2, 3))
        + f"{MAIL_FROM}. 300 IN MX 10 {FEEDBACK}.\n"
        f"{MAIL_FROM}. 300 IN TXT {SPF}\n"
        f'_dmarc.{DOMAIN}. 300 IN TXT "{DMARC}"\n'
    )
    known = zone_file([plan(None, (identity(),), f"{DOMAIN}=i")])
    assert f"abc._domainkey.{DOMAIN}. 300 IN CNAME abc.{DKIM_ZONE}.\n" in known
    long = zone_file([plan(wanted=Wanted("eu-west-1", "", f"{DMARC}; rua=mailto:{'x' * 300}@example.com"))])
    (line,) = (line for line in long.splitlines() if line.startswith("_dmarc"))
    assert max(map(len, line.split('"')[1::2])) == 255


def test_a_change_of_the_mail_from_domain_does_not_take_what_is_there() -> None:
    taken = {f"{MAIL_FROM} MX": ["10 mx.example.net"]}
    assert states(plan(taken, (identity(),), f"{DOMAIN}={ALL}")) == is_all("managed", f="conflict")


def test_a_stack_has_resources_for_so_many_domains() -> None:
    domains = tuple(f"d{number}.example.com" for number in range(51))
    (problem,) = zone_problems(Situation(domains, WANTED, {}, zone({})))
    assert "give 50 at most" in problem
    assert not [*zone_problems(Situation(domains, WANTED, {}))]


def test_logical_ids_are_of_letters_and_digits_and_differ() -> None:
    ids = [resource_id(domain, key) for domain in (DOMAIN, f"eu.{DOMAIN}") for key in KEYS]
    assert all(one.isalnum() for one in ids)
    assert len({*ids}) == len(ids)
