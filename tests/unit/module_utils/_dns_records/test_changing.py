# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records in a zone that no stack keeps: ours are what was noted and is as it was made, or as it is needed now."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._dns_records.changing import (
    plan_changes,
    read_made,
)
from ansible_collections.account_factory.email.plugins.module_utils._dns_records.model import (
    IDENTITY,
    Identity,
    Wanted,
    Zone,
    resource_id,
)
from ansible_collections.account_factory.email.plugins.module_utils._dns_records.planning import (
    Situation,
    plan_domains,
)
from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError

DOMAIN = "accounts.example.com"
MX = f"{DOMAIN} MX 10 inbound-smtp.eu-west-1.amazonaws.com"
MAIL_FROM = f"bounce.{DOMAIN} MX 10 feedback-smtp.eu-west-1.amazonses.com"
SPF = f'bounce.{DOMAIN} TXT "v=spf1 include:amazonses.com ~all"'
DMARC = f'_dmarc.{DOMAIN} TXT "v=DMARC1; p=reject"'
DKIM = f"t1._domainkey.{DOMAIN} CNAME t1.dkim.example.net"
ALL = (MX, DKIM, MAIL_FROM, SPF, DMARC)
OLD_DMARC, THEIR_DMARC = DMARC.replace("reject", "quarantine"), DMARC.replace("reject", "none")
OLD_MAIL_FROM = MAIL_FROM.replace("bounce", "return")
FOREIGN_MX = f"{DOMAIN} MX 10 mx.example.net"


def plan(there: tuple[str, ...], made: tuple[str, ...], wanted: bool = True) -> tuple[list[str], set[str], list[str]]:
    """Return the changes, the records that are noted as ours, and the problems."""
    records: Mapping[tuple[str, str], tuple[str, ...]] = {key: (value,) for key, value in read_made(there).items()}
    zone, noted = Zone("Z1", "example.com", records=records), read_made(["\n".join(made)])
    identity = Identity(DOMAIN, "PENDING", ("t1",), "dkim.example.net", f"bounce.{DOMAIN}")
    # The identity is the stack's own.
    domains, owned = (DOMAIN,) if wanted else (), {resource_id(DOMAIN, IDENTITY)}
    plans = plan_domains(
        Situation(domains, Wanted("eu-west-1", "bounce", "v=DMARC1; p=reject"), {DOMAIN: identity}, zone, owned, noted)
    )
    changes = [
        f"{one['action']} {one['name']} {one['type']} {one['values'][0]}" for one in plan_changes(plans, zone, noted)
    ]
    ours = {
        f"{record.name} {record.type} {record.values[0]}"
        for found in plans
        for record in found.records
        if record.is_managed
    }
    return changes, ours, [text for found in plans for text in found.problems]


def created(*records: str) -> list[str]:
    return [f"create {record}" for record in records]


CASES = {
    "nothing is there": ((), (), created(*ALL), ALL),
    "noted, and not created yet": ((), ALL, created(*ALL), ALL),
    "all is ours": (ALL, ALL, [], ALL),
    "written in another way": ((f"{MX.upper().replace(DOMAIN.upper(), DOMAIN)}.", *ALL[1:]), ALL, [], ALL),
    "all is others'": (ALL, (), [], ()),
    "some is others'": (ALL, (MX,), [], (MX,)),
    "the policy is another by now": ((*ALL[:4], OLD_DMARC), (*ALL[:4], OLD_DMARC), [f"replace {DMARC}"], ALL),
    "the policy was replaced, and that not noted": (ALL, (*ALL[:4], OLD_DMARC), [], ALL),
    "the policy is others'": ((*ALL[:4], THEIR_DMARC), ALL[:4], [], ALL[:4]),
    "the policy has been others' since": ((*ALL[:4], THEIR_DMARC), ALL, [], ALL[:4]),
    "another MAIL FROM domain": ((*ALL, OLD_MAIL_FROM), (*ALL, OLD_MAIL_FROM), [f"delete {OLD_MAIL_FROM}"], ALL),
    "another MAIL FROM domain, that was changed": (
        (*ALL, f"return.{DOMAIN} MX 10 mx.example.net"),
        (*ALL, OLD_MAIL_FROM),
        [],
        ALL,
    ),
    "somebody deleted one": (ALL[1:], ALL, created(MX), ALL),
}


@pytest.mark.parametrize(("there", "made", "changes", "ours"), CASES.values(), ids=CASES)
def test_what_is_changed_and_what_is_noted(
    there: tuple[str, ...], made: tuple[str, ...], changes: list[str], ours: tuple[str, ...]
) -> None:
    assert plan(there, made) == (changes, set(ours), [])


def test_an_mx_that_was_ours_and_leads_elsewhere_is_not_taken() -> None:
    changes, ours, problems = plan((FOREIGN_MX, *ALL[1:]), ALL)
    assert (changes, ours) == ([], set(ALL[1:]))
    assert "mail that the domain receives elsewhere is not taken" in problems[0]


@pytest.mark.parametrize(
    ("there", "gone"),
    [
        pytest.param(ALL, ALL, id="as they were made"),
        pytest.param((FOREIGN_MX, *ALL[1:4], THEIR_DMARC), ALL[1:4], id="others have changed some"),
        pytest.param((), (), id="none is there"),
    ],
)
def test_a_teardown_deletes_what_is_as_it_was_made(there: tuple[str, ...], gone: tuple[str, ...]) -> None:
    assert plan(there, ALL, wanted=False) == ([f"delete {one}" for one in gone], set(), [])


def test_what_was_noted_is_read_as_lines() -> None:
    assert read_made([f"{MX}\n{SPF}\n", ""]) == {
        (DOMAIN, "MX"): "10 inbound-smtp.eu-west-1.amazonaws.com",
        (f"bounce.{DOMAIN}", "TXT"): '"v=spf1 include:amazonses.com ~all"',
    }
    with pytest.raises(InputError, match=r"^made: 'a MX' is not a record"):
        read_made(["a MX"])
