# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Organizations, the map and SES held against each other: each kind of finding, what is almost one, any three lists."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.account_factory.email.plugins.module_utils._drift.asked import (
    DRIFT_SPEC,
    Asked,
    build_asked,
)
from ansible_collections.account_factory.email.plugins.module_utils._drift.comparing import compare
from ansible_collections.account_factory.email.plugins.module_utils._drift.model import (
    FIELDS,
    KINDS,
    SEVERITIES,
    Finding,
    count,
    failing,
    in_order,
)
from ansible_collections.account_factory.email.plugins.module_utils._drift.sides import (
    KnownAddress,
    SeenAccount,
    Sides,
    address_of,
)
from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._organizations.paths import Place
from ansible_collections.account_factory.email.plugins.module_utils._owner_group import OwnerGroup
from ansible_collections.account_factory.email.plugins.module_utils._root_recovery import Recovery
from ansible_collections.account_factory.email.plugins.module_utils._vended_domain import VendedDomain

NOW = datetime(2026, 11, 26, 12, tzinfo=timezone.utc)
DOMAIN = "accounts.example.com"
# 31 and 29 days, 8 and 6 days before.
LONG_AGO, NOT_LONG_AGO = "2026-10-26T12:00:00Z", "2026-10-28T12:00:00Z"
LAST_WEEK, THIS_WEEK = "2026-11-18T12:00:00Z", "2026-11-20T12:00:00Z"
A, B = f"a@{DOMAIN}", f"b@{DOMAIN}"
JANE, JOE, TEAM = "jane@example.org", "Joe@example.org", "team@example.org"
ONE, TWO, THREE = "111111111111", "222222222222", "333333333333"
OTHERS = "someone@elsewhere.example"


def account(id: str = ONE, email: str = A, name: str = "a", state: str | None = "ACTIVE", **more: Any) -> SeenAccount:
    return SeenAccount(id, email, address_of(email), name, state, more.get("is_management", False))


def known(address: str = A, account_id: str | None = ONE, **more: Any) -> KnownAddress:
    values: dict[str, Any] = {
        "address": address,
        "account_name": address.partition("@")[0],
        "account_id": account_id,
        "account_type": None,
        "status": "active" if account_id else "vended",
        "forwarding": True,
        "owners": (JANE,),
        "fallback_owners": (),
        "contacts": (),
        "created_at": NOT_LONG_AGO,
        "updated_at": THIS_WEEK,
    }
    return KnownAddress(**{**values, **more})


def asked(**options: Any) -> Asked:
    defaults = {name: spec.get("default") for name, spec in DRIFT_SPEC.items()}
    return build_asked({**defaults, **options}, NOW)


def sides(accounts: list[SeenAccount], records: list[KnownAddress], **more: Any) -> Sides:
    return Sides(accounts, records, **{"domains": {DOMAIN: VendedDomain()}, **more})


def found(compared: Sides, **options: Any) -> list[Finding]:
    return compare(compared, asked(**options)).findings


def said(findings: list[Finding]) -> list[tuple[str, str, str | None, str | None, str | None, str | None]]:
    """Return all of the findings but their words."""
    return [(one.kind, one.severity, one.account_id, one.address, one.expected, one.found) for one in findings]


ACCOUNTS = [
    pytest.param([account()], [known()], [], id="as it is to be"),
    pytest.param([account(email=A.upper())], [known()], [], id="capitals make no other email"),
    pytest.param(
        [account(email=OTHERS)],
        [],
        [("email_not_vended", "medium", ONE, OTHERS, None, OTHERS)],
        id="email not vended",
    ),
    pytest.param(
        [account(email=OTHERS, is_management=True)],
        [],
        [("email_not_vended", "low", ONE, OTHERS, None, OTHERS)],
        id="email of the management account not vended",
    ),
    pytest.param([account(email=OTHERS, state="SUSPENDED")], [], [], id="email of a closed account not vended"),
    pytest.param([account(email=f"a@sub.{DOMAIN}")], [], ["email_not_vended"], id="a domain below is another"),
    pytest.param([account(email="")], [], [("email_not_vended", "medium", ONE, None, None, None)], id="no email told"),
    pytest.param([account()], [], [("email_unknown", "high", ONE, A, None, None)], id="email not in the map"),
    pytest.param([account(state="CLOSED")], [], ["email_unknown"], id="email of a closed account not in the map"),
    pytest.param(
        [account(is_management=True)], [], ["email_unknown"], id="email of the management account not in the map"
    ),
    pytest.param(
        [account(), account(TWO, f"a+x@{DOMAIN}", "b")],
        [known()],
        [("email_unknown", "high", TWO, f"a+x@{DOMAIN}", None, A)],
        id="email with a tag is delivered to others",
    ),
    *(
        pytest.param(
            [account(state=state)],
            [known()],
            [("account_closed", "medium", ONE, A, "ACTIVE", state)],
            id=f"closed: {state}",
        )
        for state in ("SUSPENDED", "PENDING_CLOSURE", "CLOSED")
    ),
    pytest.param([account(state="PENDING_ACTIVATION")], [known()], [], id="not yet active"),
    pytest.param([account(state=None)], [known()], [], id="state not told"),
    pytest.param([account(state="CLOSED", name="x")], [known()], ["account_closed"], id="closed and renamed"),
    pytest.param(
        [account(state="CLOSED", email=OTHERS)], [known()], ["account_closed"], id="closed with another email"
    ),
    pytest.param([account(state="CLOSED")], [known(status="retired")], [], id="closed and retired"),
    pytest.param([], [known()], [("account_gone", "medium", ONE, A, "ACTIVE", None)], id="gone"),
    pytest.param([], [known(status="retired")], [], id="gone and retired"),
    pytest.param([], [known(account_id=None, status="active")], ["account_gone"], id="in use by no account"),
    pytest.param(
        [account()],
        [known(account_id=None, created_at=LONG_AGO)],
        [("account_id_missing", "low", ONE, A, ONE, None)],
        id="id missing",
    ),
    pytest.param(
        [account(email=OTHERS)],
        [known()],
        [("email_differs", "high", ONE, A, A, OTHERS)],
        id="email differs",
    ),
    pytest.param([account(email=B)], [known()], ["email_differs"], id="email differs and is of our domain"),
    pytest.param([account(email=OTHERS, name="x")], [known()], ["email_differs"], id="email and name differ"),
    pytest.param([account(email="")], [known()], [], id="email not told is not another"),
    pytest.param([account(email=OTHERS)], [known(status="retired")], ["email_not_vended"], id="retired, another email"),
    pytest.param(
        [account(TWO)],
        [known()],
        [("account_id_differs", "high", ONE, A, ONE, TWO)],
        id="id differs and the account is gone",
    ),
    pytest.param(
        [account(ONE, OTHERS, "x"), account(TWO)],
        [known()],
        [
            ("account_id_differs", "high", ONE, A, ONE, TWO),
            ("email_not_vended", "medium", ONE, OTHERS, None, OTHERS),
        ],
        id="id differs and the account has another email",
    ),
    pytest.param(
        [account(ONE, B, "b"), account(TWO, A, "a")],
        [known(A, ONE), known(B, TWO)],
        ["account_id_differs", "account_id_differs"],
        id="two accounts with each other's emails",
    ),
    pytest.param(
        [account(name="renamed")],
        [known()],
        [("name_differs", "low", ONE, A, "a", "renamed")],
        id="name differs",
    ),
    pytest.param([account(name="A")], [known()], ["name_differs"], id="name differs in case"),
    pytest.param([], [known(account_id=None, created_at=LONG_AGO)], ["unused"], id="unused"),
    pytest.param([], [known(account_id=None)], [], id="not yet unused"),
    pytest.param([], [known(account_id=None, created_at=LONG_AGO, status="retired")], [], id="unused and retired"),
    pytest.param(
        [account()],
        [known(status="retired")],
        [("retired_active", "high", ONE, A, "CLOSED", "ACTIVE")],
        id="retired and active",
    ),
    pytest.param(
        [account(TWO)], [known(status="retired")], [("retired_active", "high", TWO, A, "CLOSED", "ACTIVE")], id="other"
    ),
    pytest.param(
        [account(), account(TWO, B, "A")],
        [known(), known(B, TWO, account_name="A")],
        [
            ("name_not_unique", "low", ONE, A, None, f"{ONE}, {TWO}"),
            ("name_not_unique", "low", ONE, A, None, f"{A}, {B}"),
        ],
        id="one name in any case",
    ),
    pytest.param([account(), account(TWO, OTHERS, state="CLOSED")], [known()], [], id="one name, one closed"),
    pytest.param(
        [account()], [known(), known(B, TWO, account_name="a", status="retired")], [], id="one name, one retired"
    ),
]


@pytest.mark.parametrize(("accounts", "records", "expected"), ACCOUNTS)
def test_accounts_and_addresses(accounts: list[SeenAccount], records: list[KnownAddress], expected: list[Any]) -> None:
    findings = found(sides(accounts, records))
    if all(isinstance(one, str) for one in expected):
        assert [finding.kind for finding in findings] == expected
    else:
        assert said(findings) == expected


RECORDS = [
    pytest.param({"owners": ()}, {}, [("no_owner", "high", None)], id="no owner"),
    pytest.param({"owners": (), "status": "retired"}, {}, [], id="no owner and retired"),
    pytest.param(
        {"owners": (JANE,)},
        {"failing": {JANE: "bounced"}},
        [("owner_failing", "high", f"{JANE} (bounced)")],
        id="the only owner fails",
    ),
    pytest.param(
        {"owners": (JANE, JOE)},
        {"failing": {JOE.lower(): "suppressed"}},
        [("owner_failing", "medium", f"{JOE} (suppressed)")],
        id="one of two owners fails, in any case",
    ),
    pytest.param(
        {"owners": (JANE, JOE)},
        {"failing": {JANE: "bounced", JOE.lower(): "complained"}},
        [("owner_failing", "high", f"{JANE} (bounced), {JOE} (complained)")],
        id="all owners fail",
    ),
    pytest.param(
        {"fallback_owners": (TEAM,)},
        {"failing": {JANE: "bounced"}},
        [("owner_failing", "medium", f"{JANE} (bounced)")],
        id="a fallback owner works",
    ),
    pytest.param(
        {"fallback_owners": (TEAM,)},
        {"failing": {JANE: "bounced", TEAM: "bounced"}},
        [("owner_failing", "high", f"{JANE} (bounced)")],
        id="the fallback owner fails, too",
    ),
    pytest.param(
        {},
        {"failing": {JANE: "bounced"}, "domains": {DOMAIN: VendedDomain(fallback_owners=(TEAM,))}},
        [("owner_failing", "medium", f"{JANE} (bounced)")],
        id="a fallback owner of the domain works",
    ),
    pytest.param({"fallback_owners": (TEAM,)}, {"failing": {TEAM: "bounced"}}, [], id="only a fallback owner fails"),
    pytest.param(
        {"contacts": (TEAM,)},
        {"failing": {TEAM: "bounced"}},
        [("owner_failing", "medium", f"{TEAM} (bounced)")],
        id="a contact fails, whose mail the owners get",
    ),
    pytest.param(
        {"contacts": (TEAM,)},
        {"failing": {JANE: "bounced"}},
        [("owner_failing", "high", f"{JANE} (bounced)")],
        id="a contact works, who does not get the owners' mail",
    ),
    pytest.param(
        {"contacts": (f"x@{DOMAIN}",)}, {}, [("owner_in_domain", "high", f"x@{DOMAIN}")], id="contact in the domain"
    ),
    pytest.param({"status": "retired"}, {"failing": {JANE: "bounced"}}, [], id="an owner fails of a retired address"),
    pytest.param(
        {"owners": (f"x@{DOMAIN}", JANE)}, {}, [("owner_in_domain", "high", f"x@{DOMAIN}")], id="owner in the domain"
    ),
    pytest.param(
        {"fallback_owners": (f"X@{DOMAIN.upper()}",)},
        {},
        [("owner_in_domain", "high", f"X@{DOMAIN.upper()}")],
        id="fallback owner in the domain",
    ),
    pytest.param({"owners": (f"x@sub.{DOMAIN}",)}, {}, [], id="owner in a domain below"),
    pytest.param(
        {"forwarding": False, "updated_at": LAST_WEEK},
        {},
        [("forwarding_suspended", "medium", "false")],
        id="suspended for long",
    ),
    pytest.param({"forwarding": False}, {}, [], id="suspended"),
    pytest.param({"updated_at": LAST_WEEK}, {}, [], id="not changed for long"),
    pytest.param(
        {},
        {"domains": {"other.example.com": VendedDomain()}},
        [("domain_removed", "high", DOMAIN)],
        id="domain removed",
    ),
    pytest.param({"status": "retired"}, {"domains": {}}, [], id="domain of a retired address removed"),
]


@pytest.mark.parametrize(("fields", "more", "expected"), RECORDS)
def test_where_the_mail_of_an_address_goes(fields: dict[str, Any], more: dict[str, Any], expected: list[Any]) -> None:
    accounts = [account(state="CLOSED" if fields.get("status") == "retired" else "ACTIVE")]
    findings = found(sides(accounts, [known(**fields)], **more), skip=["retired_active"])
    assert [(one.kind, one.severity, one.found) for one in findings] == expected


KNOWN_OWNERS = [
    pytest.param([], (JANE,), [], id="nobody is said to be known"),
    pytest.param(["@example.org"], (JANE, JOE), [], id="a domain"),
    pytest.param([" JANE@Example.org"], (JANE,), [], id="a mailbox in any case"),
    pytest.param([JANE], (JANE, JOE), [JOE], id="a stranger"),
    pytest.param(["@example.org"], ("jane@sub.example.org",), ["jane@sub.example.org"], id="a domain below"),
    pytest.param(["@example.org"], ("jane@notexample.org",), ["jane@notexample.org"], id="a domain that ends so"),
]


@pytest.mark.parametrize(("owners", "has", "expected"), KNOWN_OWNERS)
def test_owners_who_are_not_known(owners: list[str], has: tuple[str, ...], expected: list[str]) -> None:
    findings = found(sides([account()], [known(owners=has)]), known_owners=owners)
    assert [(one.kind, one.severity, one.found) for one in findings] == [
        ("owner_unknown", "medium", one) for one in expected
    ]


def test_an_owner_in_the_domain_is_not_a_stranger_as_well() -> None:
    findings = found(sides([account()], [known(owners=(B, JOE), fallback_owners=(JOE,))]), known_owners=[JANE])
    assert [(one.kind, one.found) for one in findings] == [("owner_in_domain", B), ("owner_unknown", JOE)]


IDENTITIES = [
    pytest.param([], f"{DOMAIN}: none", id="none"),
    pytest.param([(DOMAIN, "PENDING")], f"{DOMAIN}: PENDING", id="pending"),
    pytest.param([(DOMAIN.title(), "FAILED")], f"{DOMAIN}: FAILED", id="failed"),
    pytest.param([(DOMAIN, "SUCCESS")], None, id="verified"),
    pytest.param([("example.com", "SUCCESS")], None, id="a domain above"),
    pytest.param([("com", "SUCCESS"), (f"a@{DOMAIN}", "SUCCESS")], f"{DOMAIN}: none", id="others"),
    pytest.param(None, None, id="not compared"),
]


@pytest.mark.parametrize(("identities", "state"), IDENTITIES)
def test_domains_that_ses_has_not_verified(identities: list[tuple[str, str]] | None, state: str | None) -> None:
    listed = [{"IdentityName": name, "VerificationStatus": status} for name, status in identities or ()]
    findings = found(sides([account()], [known()], identities=None if identities is None else listed))
    expected = [("identity_unverified", "high", None, None, f"{DOMAIN}: SUCCESS", state)] if state else []
    assert said(findings) == expected


SANDBOX, PROD, ROOT = Place("ou-1", "Sandboxes"), Place("ou-2", "Workloads/Prod"), Place("r-1", "/")
PLACES = [
    pytest.param("sandbox", {"sandbox": SANDBOX}, SANDBOX, [], id="there"),
    pytest.param("sandbox", {"sandbox": SANDBOX}, ROOT, [("Sandboxes", "/")], id="elsewhere"),
    pytest.param("sandbox", {"default": PROD}, SANDBOX, [("Workloads/Prod", "Sandboxes")], id="by default"),
    pytest.param(None, {"default": PROD}, SANDBOX, [("Workloads/Prod", "Sandboxes")], id="of no type"),
    pytest.param("other", {"sandbox": SANDBOX}, ROOT, [], id="nobody says where"),
    pytest.param("sandbox", {"sandbox": SANDBOX}, Place(), [], id="left meanwhile"),
]


@pytest.mark.parametrize(("kind", "wanted", "place", "expected"), PLACES)
def test_accounts_that_are_elsewhere(
    kind: str | None, wanted: dict[str, Place], place: Place, expected: list[tuple[str, str]]
) -> None:
    compared = sides([account()], [known(account_type=kind)], places={ONE: place}, type_places=wanted)
    assert [(one.kind, one.expected, one.found) for one in found(compared)] == [
        ("ou_differs", *one) for one in expected
    ]


def everything() -> Sides:
    """Return sides with some of each severity."""
    return sides(
        [account(email=OTHERS), account(TWO, B, "renamed"), account(THREE, "x@elsewhere.example", "x")],
        [known(), known(B, TWO)],
        identities=[],
    )


CHOSEN = [
    pytest.param({}, ["email_differs", "identity_unverified", "email_not_vended", "name_differs"], id="all"),
    pytest.param({"only": ["high"]}, ["email_differs", "identity_unverified"], id="a severity"),
    pytest.param({"only": ["name_differs", "unused"]}, ["name_differs"], id="kinds"),
    pytest.param({"only": ["high", "email_differs"]}, ["email_differs"], id="a kind of a severity"),
    pytest.param({"skip": ["high", "name_differs"]}, ["email_not_vended"], id="all but some"),
    pytest.param({"only": ["high"], "skip": ["email_differs"]}, ["identity_unverified"], id="both"),
]


@pytest.mark.parametrize(("options", "expected"), CHOSEN)
def test_what_is_asked_for(options: dict[str, Any], expected: list[str]) -> None:
    assert [one.kind for one in found(everything(), **options)] == expected


IGNORED = [
    pytest.param([THREE], 1, id="an account"),
    pytest.param(["X@Elsewhere.example"], 1, id="an address"),
    pytest.param([f" @{DOMAIN}"], 2, id="a domain"),
    pytest.param(["444444444444", "@none.example"], 0, id="nothing that is there"),
]


@pytest.mark.parametrize(("ignore", "count"), IGNORED)
def test_what_is_ignored_is_counted(ignore: list[str], count: int) -> None:
    compared = compare(everything(), asked(ignore=ignore))
    assert (compared.ignored, len(compared.findings)) == (count, 4 - count)


def test_a_name_that_an_ignored_account_has_as_well_is_unique() -> None:
    accounts = [account(), account(TWO, OTHERS)]
    assert [one.kind for one in found(sides(accounts, [known()]))] == ["email_not_vended", "name_not_unique"]
    assert found(sides(accounts, [known()]), ignore=[TWO]) == []


REFUSED = [
    pytest.param({"only": ["emails"]}, "only: there is no finding emails; give kinds or severities", id="only"),
    pytest.param({"skip": ["worst"]}, "skip: there is no finding worst; give kinds", id="skip"),
    pytest.param({"unused_days": -1}, "unused_days: -1 is not a number of days from 0 to 36500", id="unused_days"),
    pytest.param({"suspended_days": 36_501}, "suspended_days: 36501 is not a number", id="suspended_days"),
    pytest.param({"known_owners": ["jane"]}, "known_owners: 'jane' is neither an address, nor a domain", id="owner"),
    pytest.param({"known_owners": ["@"]}, "known_owners: '@' is neither", id="no domain"),
    pytest.param({"ignore": ["1234"]}, "ignore: '1234' is neither an address, .* the 12 digits", id="id"),
    pytest.param({"type_parents": {"x": ""}}, "type_parents: 'x' has no parent", id="no parent"),
    pytest.param({"type_parents": {"x": "a//b"}}, "type_parents: 'a//b' has an empty name", id="parent"),
]


@pytest.mark.parametrize(("options", "message"), REFUSED)
def test_what_cannot_be_asked_for(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=f"^{message}"):
        asked(**options)


def test_findings_are_counted_and_fail_by_their_severity() -> None:
    assert count(found(everything())) == {
        "by_severity": {"high": 2, "medium": 1, "low": 1},
        "by_kind": {"email_differs": 1, "email_not_vended": 1, "identity_unverified": 1, "name_differs": 1},
    }
    assert count([]) == {"by_severity": {"high": 0, "medium": 0, "low": 0}, "by_kind": {}}
    assert [failing(fail_on) for fail_on in (*SEVERITIES, "never")] == [
        ("high",),
        ("high", "medium"),
        ("high", "medium", "low"),
        (),
    ]


GROUP = "906766f42a-0a1b2c3d-0000-4000-8000-000000000001"


@pytest.mark.parametrize(
    ("members", "failing_ones", "kind", "remedy_ends"),
    [
        pytest.param(("eve@example.org",), (), None, "", id="somebody gets the mail"),
        pytest.param((), (), "no_owner", "account_factory_owners=NEW_OWNER", id="no members"),
        pytest.param(
            ("Eve@example.org",),
            ("eve@example.org",),
            "owner_failing",
            "account_factory_add_owners=NEW_OWNER",
            id="fails",
        ),
    ],
)
def test_members_of_groups_are_owners(
    members: tuple[str, ...], failing_ones: tuple[str, ...], kind: str | None, remedy_ends: str
) -> None:
    groups = {GROUP: OwnerGroup(GROUP, "Platform", members)}
    record = known(owners=(), owner_groups=(GROUP,))
    some = found(sides([account()], [record], groups=groups, failing=dict.fromkeys(failing_ones, "bounced")))
    assert [one.kind for one in some] == ([kind] if kind else [])
    assert all(one.remedy.endswith(remedy_ends) for one in some)


@pytest.mark.parametrize(("is_overdue", "severity", "ends"), [(False, "low", "is"), (True, "high", "was")])
def test_root_users_that_may_recover(is_overdue: bool, severity: str, ends: str) -> None:
    times = {"opened_at": "2026-11-26T09:30:00Z", "closes_at": "2026-11-26T10:30:00Z"}
    recovery = Recovery(ONE, A, opened_by="arn:aws:iam::111122223333:user/jane", reason="T-1", **times)
    (finding,) = found(sides([account()], [known()], recoveries=[(recovery, is_overdue)]))
    assert (finding.kind, finding.severity) == ("root_recoverable", severity)
    assert finding.what.endswith(
        f"since 2026-11-26T09:30:00Z (T-1), which {ends} to be closed at 2026-11-26T10:30:00Z."
    )
    assert finding.remedy.endswith(f"-e account_factory_account_id={ONE} -e account_factory_confirm_account_id={ONE}")


def test_each_kind_has_a_case_and_its_words() -> None:
    cased = {each for case in ACCOUNTS for each in _kinds(case.values[2])}
    cased |= {each for case in RECORDS for each in _kinds(case.values[2])}
    assert {*cased, "owner_unknown", "identity_unverified", "ou_differs", "root_recoverable"} == KINDS.keys()
    assert all(kind.means.endswith(".") and (kind.play or kind.command) for kind in KINDS.values())
    assert list(KINDS) == sorted(KINDS)


def _kinds(expected: Any) -> list[str]:
    return [one if isinstance(one, str) else one[0] for one in expected]


IDS = st.sampled_from([ONE, TWO, THREE])
EMAILS = st.sampled_from(
    [A, B, A.upper(), f"a+x@{DOMAIN}", OTHERS, "", "no address", "ü@ü.example", f"{{{{x}}}}@{DOMAIN}"]
)
NAMES = st.sampled_from(["a", "A", "b", "", "<img src=x onerror=alert(1)>", "{{ 1 }}", "\u202eevil\n", "=cmd|'x'!A1"])
MAILBOXES = st.sampled_from([JANE, JOE, TEAM, A, "o'neil{{1}}@example.org"])
ACCOUNT_LISTS = st.lists(
    st.builds(
        lambda id, email, name, state, management: account(id, email, name, state, is_management=management),
        IDS,
        EMAILS,
        NAMES,
        st.sampled_from([None, "ACTIVE", "SUSPENDED", "CLOSED", "PENDING_ACTIVATION"]),
        st.booleans(),
    ),
    max_size=4,
)
RECORD_LISTS = st.lists(
    st.builds(
        KnownAddress,
        address=st.sampled_from([A, B, "c@removed.example", OTHERS, f"{{{{x}}}}@{DOMAIN}"]),
        account_name=NAMES,
        account_id=st.none() | IDS,
        account_type=st.sampled_from([None, "sandbox"]),
        status=st.sampled_from(["vended", "active", "retired"]),
        forwarding=st.booleans(),
        owners=st.lists(MAILBOXES, max_size=2).map(tuple),
        fallback_owners=st.lists(MAILBOXES, max_size=1).map(tuple),
        created_at=st.sampled_from([LONG_AGO, NOT_LONG_AGO]),
        updated_at=st.sampled_from([LAST_WEEK, THIS_WEEK]),
    ),
    max_size=4,
)


@given(
    ACCOUNT_LISTS,
    RECORD_LISTS,
    st.lists(st.sampled_from([DOMAIN, "elsewhere.example"])),
    st.dictionaries(st.sampled_from([JANE, JOE.lower()]), st.just("bounced")),
    st.randoms(use_true_random=False),
)
def test_any_three_lists_in_any_order(
    accounts: list[SeenAccount], records: list[KnownAddress], domains: list[str], failing: dict[str, str], random: Any
) -> None:
    more: dict[str, Any] = {
        "domains": {domain: VendedDomain() for domain in domains},
        "failing": failing,
        "identities": [],
        "places": {ONE: SANDBOX, TWO: PROD},
        "type_places": {"default": SANDBOX},
    }
    compared = sides(accounts, records, **more)
    findings = found(compared, known_owners=["@example.org"])
    again = replace(
        compared,
        accounts=random.sample(accounts, len(accounts)),
        records=random.sample(records, len(records)),
        domains=dict(random.sample(sorted(more["domains"].items()), len(more["domains"]))),
    )
    assert found(again, known_owners=["@example.org"]) == findings
    assert findings == in_order(findings)
    assert len({said([one])[0] for one in findings}) == len(findings)
    ids = {None, *(one.id for one in accounts), *(one.account_id for one in records)}
    addresses = {None, *(one.address for one in accounts), *(one.address for one in records)}
    for one in findings:
        assert one.account_id in ids
        assert one.address in addresses
        assert tuple(one.to_dict()) == FIELDS
        assert one.to_dict()["what"].isprintable()
        # What is copied holds no expression of Jinja, and ends with the command.
        assert one.remedy.isprintable()
        assert one.remedy.isascii()
        assert "{{" not in one.remedy
        assert "{%" not in one.remedy
        assert "{#" not in one.remedy
        assert not one.remedy.endswith(".")
