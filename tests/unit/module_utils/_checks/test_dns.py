# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of DNS, over a server on loopback: where all is well they say so; what is wrong is told as what it is."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._checks import dns, preflight, resolving
from ansible_collections.account_factory.email.plugins.module_utils._checks.model import (
    FAIL,
    OK,
    SKIPPED,
    WARN,
    Asked,
    Check,
    Unread,
)
from ansible_collections.account_factory.email.plugins.module_utils._checks.options import read_nameserver
from ansible_collections.account_factory.email.plugins.module_utils._checks.reading import Readings
from ansible_collections.account_factory.email.plugins.module_utils._dns_records.model import Zone
from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from tests.local_aws.name_server import SILENT, name_server

APEX, DOMAIN, STACK = "example.com", "accounts.example.com", "mail-forwarder"
ASKED = Asked(STACK, "eu-west-1", (DOMAIN,), f"aws-accounts@{DOMAIN}", DOMAIN, f"{STACK}-map", 2)
SERVERS, DKIM_ZONE = ["ns-1.awsdns-1.example.", "ns-2.awsdns-2.example."], "dkim.eu-west-1.example.net"
INBOUND, SPF = "10 inbound-smtp.eu-west-1.amazonaws.com.", '"v=spf1 include:amazonses.com ~all"'
FEEDBACK, DMARC = "10 feedback-smtp.eu-west-1.amazonses.com.", '"v=DMARC1; p=reject; adkim=s"'
ZONE = Zone("Z1", DOMAIN, records={(DOMAIN, "NS"): tuple(SERVERS)})


def records_of(domain: str) -> dict[tuple[str, str], list[str]]:
    """Return the records of a domain of which all is well."""
    return {
        (domain, "NS"): SERVERS,
        (domain, "MX"): [INBOUND],
        (f"t1._domainkey.{domain}", "CNAME"): [f"t1.{DKIM_ZONE}."],
        (f"t2._domainkey.{domain}", "CNAME"): [f"t2.{DKIM_ZONE}."],
        (f"bounce.{domain}", "MX"): [FEEDBACK],
        (f"bounce.{domain}", "TXT"): ['"google-site-verification=1"', SPF],
        (f"_dmarc.{domain}", "TXT"): [DMARC],
    }


WELL = {(APEX, "NS"): ["ns1.example.net."], **records_of(DOMAIN)}


def identity(domain: str, status: str = "SUCCESS", **more: Any) -> dict[str, Any]:
    """Return what SES says of an identity."""
    dkim = {"Status": status, "Tokens": ["t1", "t2"], "SigningHostedZone": DKIM_ZONE}
    return {"DkimAttributes": dkim, "MailFromAttributes": {"MailFromDomain": f"bounce.{domain}"}, **more}


class Read(Readings):
    """Readings of SES and Route 53 that are given, and of DNS that are made."""

    def __init__(self, asked: Asked, **values: Any) -> None:
        super().__init__(lambda *_call, **_options: None, asked)
        self._read.update(values)

    def client(self, _service: str) -> Any:
        return SimpleNamespace(meta=SimpleNamespace(endpoint_url="https://email.eu-west-1.amazonaws.com"))


def run(
    records: Mapping[tuple[str, str], list[str]],
    failing: Mapping[str, str] | None = None,
    *,
    identities: Mapping[str, Any] | Unread | None = None,
    zone: Zone | Unread | None = ZONE,
    **asked: Any,
) -> dict[str, Check]:
    """Return the checks by their ids."""
    known = {DOMAIN: identity(DOMAIN)} if identities is None else identities
    with name_server(lambda: records, failing) as address:
        given = replace(ASKED, nameservers=(read_nameserver(address),), **asked)
        read = Read(given, domain_identities=known, hosted_zone=zone)
        checks = preflight.run_checks(preflight.choose(preflight.PREFLIGHT, ["dns"], None), read)
    return {check.id: check for check in checks}


def statuses(checks: Mapping[str, Check]) -> dict[str, str]:
    return {name: check.status for name, check in checks.items() if check.status != OK}


def test_all_is_well() -> None:
    checks = run(WELL)
    assert {*checks} == {"delegation", "mx", "dkim_records", "mail_from", "dmarc"}
    assert statuses(checks) == {}


@dataclass(frozen=True)
class Case:
    """What DNS has instead (None: not at all), the check that this turns, and what that says; ``also`` turns, too."""

    check: str
    status: str
    broken: Mapping[tuple[str, str], list[str] | None]
    words: tuple[str, ...] = ()
    also: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)


TOKEN = (f"t1._domainkey.{DOMAIN}", "CNAME")
MX, MAIL_FROM_MX, MAIL_FROM_SPF = (DOMAIN, "MX"), (f"bounce.{DOMAIN}", "MX"), (f"bounce.{DOMAIN}", "TXT")
POLICY, POLICY_ABOVE = (f"_dmarc.{DOMAIN}", "TXT"), (f"_dmarc.{APEX}", "TXT")
GONE: dict[tuple[str, str], list[str] | None] = dict.fromkeys(records_of(DOMAIN))
FOREIGN, TOLD = ["10 mx.example.net."], {"accept_foreign_mx": True}
NO_ZONE = {"zone": None}
IS_CNAME = {MX: None, (DOMAIN, "NS"): None, (DOMAIN, "CNAME"): ["www.example.net."]}
PENDING = identity(DOMAIN, "PENDING", VerificationInfo={"ErrorType": "INVALID_VALUE"})
OTHERS_ZONE = Zone("Z1", DOMAIN, records={(DOMAIN, "NS"): ("ns-9.awsdns-9.example.",)})
ALL_BUT_DELEGATION = dict.fromkeys(["mx", "dkim_records", "mail_from", "dmarc"], WARN)

CASES = {
    "delegation: missing": Case(
        "delegation",
        WARN,
        GONE,
        (
            "The hosted zone Z1 (accounts.example.com) is not delegated",
            "accounts.example.com NS ns-1.awsdns-1.example, ns-2.awsdns-2.example",
        ),
        also=ALL_BUT_DELEGATION,
    ),
    "delegation: to others": Case("delegation", WARN, {}, ("ns-9.awsdns-9",), more={"zone": OTHERS_ZONE}),
    "delegation: to others, too": Case(
        "delegation", WARN, {(DOMAIN, "NS"): [*SERVERS, "ns.example.org."]}, ("and no others",)
    ),
    "delegation: in capitals": Case("delegation", OK, {(DOMAIN, "NS"): [one.upper() for one in SERVERS]}),
    "delegation: none of its own, the zone is not known": Case("delegation", OK, {(DOMAIN, "NS"): None}, more=NO_ZONE),
    "delegation: the zone must not be read": Case("delegation", OK, {}, more={"zone": Unread("AccessDenied")}),
    "delegation: no such domain": Case(
        "delegation",
        WARN,
        {**GONE, (APEX, "NS"): None},
        ("DNS knows neither accounts.example.com nor a zone above it", "Register example.com"),
        also=ALL_BUT_DELEGATION,
        more=NO_ZONE,
    ),
    "mx: elsewhere": Case(
        "mx", FAIL, {MX: FOREIGN}, ("at mx.example.net", "is not taken", "for 300 seconds more"), more=NO_ZONE
    ),
    "mx: elsewhere, accepted": Case("mx", WARN, {MX: FOREIGN}, ("mx.example.net",), more=TOLD),
    "mx: elsewhere, too": Case("mx", FAIL, {MX: [INBOUND, "20 mx.example.net."]}, ("mx.example.net", "no other MX")),
    "mx: SES in another region": Case(
        "mx", FAIL, {MX: ["10 inbound-smtp.us-east-1.amazonaws.com."]}, ("(SES in us-east-1)",)
    ),
    "mx: none": Case("mx", WARN, {MX: None}, ("has no MX record", f"Publish {DOMAIN} MX 10 inbound-smtp.eu-west-1")),
    "mx: takes no mail (RFC 7505)": Case("mx", WARN, {MX: ["0 ."]}, ("says that it takes no mail",)),
    "mx: another preference": Case("mx", OK, {MX: [INBOUND.replace("10", "5").upper()]}),
    "mx: a CNAME to mail elsewhere": Case(
        "mx",
        FAIL,
        {**IS_CNAME, ("www.example.net", "MX"): FOREIGN},
        ("is a CNAME to www.example.net", "delete the CNAME"),
        more=NO_ZONE,
    ),
    "mx: a CNAME to nothing": Case("mx", WARN, IS_CNAME, ("is a CNAME",), more=NO_ZONE),
    "dkim: another value": Case(
        "dkim_records",
        WARN,
        {TOKEN: ["t1.dkim.amazonses.com."]},
        (
            f"t1._domainkey.{DOMAIN} has CNAME t1.dkim.amazonses.com., where t1.{DKIM_ZONE} is needed",
            "SES says PENDING; INVALID_VALUE (the records are there with another value)",
        ),
        more={"identities": {DOMAIN: PENDING}},
    ),
    "dkim: one is missing": Case(
        "dkim_records", WARN, {TOKEN: None}, ("There is no CNAME record t1._domainkey", "does not know at all")
    ),
    "dkim: in capitals": Case("dkim_records", OK, {TOKEN: [f"T1.{DKIM_ZONE.upper()}."]}),
    "dkim: right by now, SES has yet to see it": Case(
        "dkim_records", OK, {}, ("SES says PENDING; INVALID_VALUE",), more={"identities": {DOMAIN: PENDING}}
    ),
    "dkim: SES has no identity": Case(
        "dkim_records",
        SKIPPED,
        {},
        ("names no DKIM records",),
        more={"identities": {}, "mail_from_subdomain": "bounce"},
    ),
    "dkim: SES does not say": Case(
        "dkim_records", SKIPPED, {}, ("AccessDenied",), more={"identities": Unread("AccessDenied")}
    ),
    "mail from: two MX": Case(
        "mail_from",
        WARN,
        {MAIL_FROM_MX: [FEEDBACK, "20 mx.example.net."]},
        ("20 mx.example.net.", f"Publish bounce.{DOMAIN} MX 10 feedback-smtp.eu-west-1.amazonses.com in its place"),
    ),
    "mail from: no SPF": Case("mail_from", WARN, {MAIL_FROM_SPF: ['"hello"']}, ("v=spf1 include:amazonses.com ~all",)),
    "mail from: two SPF": Case("mail_from", WARN, {MAIL_FROM_SPF: [SPF, '"v=spf1 -all"']}, ("v=spf1 -all",)),
    "mail from: SPF in two strings": Case("mail_from", OK, {MAIL_FROM_SPF: ['"v=spf1 include:amazo" "nses.com ~all"']}),
    "mail from: not yet, nor the identity": Case(
        "mail_from",
        OK,
        {MAIL_FROM_MX: None, MAIL_FROM_SPF: None},
        also={"dkim_records": SKIPPED},
        more={"identities": {}, "mail_from_subdomain": "bounce"},
    ),
    "mail from: two MX before there is an identity": Case(
        "mail_from",
        WARN,
        {MAIL_FROM_MX: [FEEDBACK, "20 mx.example.net."]},
        also={"dkim_records": SKIPPED},
        more={"identities": {}, "mail_from_subdomain": "bounce"},
    ),
    "dmarc: none": Case("dmarc", WARN, {POLICY: None}, ("No DMARC record", "_dmarc.accounts.example.com TXT")),
    "dmarc: the one above": Case("dmarc", OK, {POLICY: None, POLICY_ABOVE: [DMARC]}),
    "dmarc: none for those below": Case(
        "dmarc", WARN, {POLICY: None, POLICY_ABOVE: ['"v=DMARC1; p=reject; sp=none"']}, ("sp=none",)
    ),
    "dmarc: p=none": Case("dmarc", WARN, {POLICY: ['"v=DMARC1; p=none; rua=mailto:a@example.net"']}, ("p=none",)),
    "dmarc: another one": Case("dmarc", OK, {POLICY: ['"v=DMARC1;p=quarantine"']}),
    "dmarc: two": Case("dmarc", WARN, {POLICY: [DMARC, '"v=DMARC1; p=none"']}, ("2 DMARC records, of which none",)),
    "dmarc: at a service": Case(
        "dmarc", OK, {POLICY: None, (POLICY[0], "CNAME"): ["d.example.net."], ("d.example.net", "TXT"): [DMARC]}
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_one_thing_is_wrong(case: Case) -> None:
    records = {key: value for key, value in {**WELL, **case.broken}.items() if value is not None}
    checks = run(records, **case.more)
    expected = {**case.also, case.check: case.status}
    assert statuses(checks) == {name: status for name, status in expected.items() if status != OK}
    found = checks[case.check]
    assert bool(found.why) == bool(found.remedy) == (case.status in (FAIL, WARN))
    for words in case.words:
        assert words in f"{found.what} {found.remedy}"


@pytest.mark.parametrize(
    ("failing", "zone", "said"),
    [
        pytest.param({DOMAIN: "SERVFAIL"}, ZONE, "answer with an error (SERVFAIL)", id="SERVFAIL"),
        pytest.param({DOMAIN: "SERVFAIL"}, None, "answer with an error (SERVFAIL)", id="SERVFAIL, no hosted zone"),
        pytest.param({DOMAIN: "REFUSED"}, ZONE, "answer with an error (REFUSED)", id="a lame delegation"),
        pytest.param({DOMAIN: SILENT}, ZONE, "did not answer in time", id="no answer"),
    ],
)
def test_a_zone_whose_name_servers_fail_is_told_and_the_rest_is_not_guessed(
    failing: dict[str, str], zone: Zone | None, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if SILENT in failing.values():
        monkeypatch.setattr(resolving, "ask", _within(2))
    checks = run(WELL, failing, zone=zone)
    assert statuses(checks) == {
        "delegation": WARN,
        **dict.fromkeys(["mx", "dkim_records", "mail_from", "dmarc"], SKIPPED),
    }
    assert said in checks["delegation"].what
    assert "DNSSEC" in checks["delegation"].remedy
    assert "cannot be told" in checks["mx"].what


def _within(seconds: float) -> Callable[..., Any]:
    original = resolving.ask
    return lambda questions, servers: original(questions, servers, seconds)


@pytest.mark.parametrize("failing", [{"com": SILENT}, {"com": "REFUSED"}], ids=["silent", "refused"])
def test_where_no_server_answers_all_is_skipped_within_the_time_that_there_is(
    failing: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resolving, "ask", _within(0.5))
    began = time.monotonic()
    domains = tuple(f"d{number}.example.com" for number in range(100))
    checks = run(WELL, failing, domains=domains)
    assert time.monotonic() - began < 60
    assert {*statuses(checks).values()} == {SKIPPED}
    assert "no name server answers" in checks["mx"].what
    assert "mail_forwarder_nameservers" in checks["mx"].what


def test_without_dnspython_all_is_skipped_and_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolving, "HAS_DNSPYTHON", False)
    checks = run(WELL)
    assert {*statuses(checks).values()} == {SKIPPED}
    assert "pip install dnspython" in checks["dmarc"].what


DOMAINS = {"at the apex": APEX, "in capitals": "accounts.example.com", "IDN": "xn--bcher-kva.example"}


@pytest.mark.parametrize("domain", DOMAINS.values(), ids=DOMAINS)
def test_domains_of_every_kind(domain: str) -> None:
    records = {
        (name.upper() if domain == DOMAIN else name, kind): one for (name, kind), one in records_of(domain).items()
    }
    folded = {(name.lower(), kind): one for (name, kind), one in records.items()}
    zone = Zone("Z1", domain, records={(domain, "NS"): tuple(SERVERS)})
    checks = run(folded, identities={domain: identity(domain)}, zone=zone, domains=(domain,))
    assert statuses(checks) == {}


def test_of_many_domains_the_worst_is_said_with_the_domain_it_is_true_of() -> None:
    second, third = "second.example.org", "third.example.org"
    records = {**WELL, **records_of(second), **records_of(third), (second, "MX"): FOREIGN}
    del records[(third, "MX")]
    known = {name: identity(name) for name in (DOMAIN, second, third)}
    checks = run(records, identities=known, domains=(DOMAIN, second, third))
    assert statuses(checks) == {"mx": FAIL}
    assert second in checks["mx"].what
    assert third not in checks["mx"].what
    assert checks["mx"].evidence[third]["found"] == []


def test_what_strangers_wrote_is_fit_to_be_shown() -> None:
    expected = dns.expect(ASKED, {})
    answer = dns.Answer(values=('"v=DMARC1; p=none; \x1b[31m"',))
    judged = dns.judge_dmarc(ASKED, dns.Seen(expected, dns.wanted_of(ASKED), {POLICY: answer}))
    shown = Check("dmarc", "dns", **vars(judged)).to_dict()["what"]
    assert shown.isprintable()
    assert "p=none; [31m" in shown


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("192.0.2.53", ("192.0.2.53", 53)),
        (" ns.example.net:5353 ", ("ns.example.net", 5353)),
        ("2001:db8::53", ("2001:db8::53", 53)),
        ("[2001:db8::53]:5353", ("2001:db8::53", 5353)),
    ],
)
def test_name_servers_as_they_may_be_given(given: str, expected: tuple[str, int]) -> None:
    assert read_nameserver(given) == expected


@pytest.mark.parametrize("given", ["", ":53", "a b", "ns:0", "ns:65536", "ns:port", "[::1", "https://dns.example"])
def test_name_servers_that_are_none(given: str) -> None:
    with pytest.raises(InputError, match=r"^nameservers: .* is not a name server; give"):
        read_nameserver(given)
