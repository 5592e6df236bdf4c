# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The members of the groups that an address names get its mail beside its owners, each once; without any, no mail is
lost.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import boto3
import pytest

from ansible_collections.account_factory.email.plugins.module_utils._owner_group import OwnerGroup
from ansible_collections.account_factory.email.plugins.module_utils._record import AddressRecord
from ansible_collections.account_factory.email.plugins.module_utils._vended_domain import VendedDomain
from forwarder.core.recipients import Found, resolve

from .conftest import ADMIN, SETTINGS, VENDED, Deployed, ses_event
from .sending_events import bounce

LEADS, OPS = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0", "90671a2b3c-0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
ANN, BOB, EVE, DESK = "ann@example.com", "bob@example.com", "eve@example.com", "desk@example.com"
MAIL = b"From: no-reply@signin.aws.example.com\r\nTo: root\r\nSubject: s\r\n\r\nbody\r\n"


def groups(**members: tuple[str, ...]) -> dict[str, OwnerGroup]:
    ids = {"leads": LEADS, "ops": OPS}
    return {ids[name]: OwnerGroup(ids[name], name, mailboxes) for name, mailboxes in members.items()}


@pytest.mark.parametrize(
    ("owners", "named", "known", "mailboxes", "empty"),
    [
        pytest.param((ANN,), (), {}, (ANN,), (), id="owners alone"),
        pytest.param((), (LEADS,), groups(leads=(BOB, EVE)), (BOB, EVE), (), id="a group alone"),
        pytest.param((ANN,), (LEADS,), groups(leads=(BOB, EVE)), (ANN, BOB, EVE), (), id="owners come first"),
        pytest.param(
            (ANN,), (LEADS,), groups(leads=("Ann@Example.com", BOB)), (ANN, BOB), (), id="an owner is a member"
        ),
        pytest.param(
            (), (LEADS, OPS), groups(leads=(BOB, EVE), ops=(EVE, ANN)), (BOB, EVE, ANN), (), id="of two groups"
        ),
        pytest.param(
            (), (OPS, LEADS), groups(leads=(BOB,), ops=(EVE,)), (EVE, BOB), (), id="in the order of the groups"
        ),
        pytest.param((ANN,), (LEADS,), {}, (ANN,), (LEADS,), id="not in the map: its owners"),
        pytest.param((ANN,), (LEADS,), groups(leads=()), (ANN,), (LEADS,), id="without members: its owners"),
        pytest.param((), (LEADS, OPS), groups(ops=(EVE,)), (EVE,), (LEADS,), id="not in the map: the other group"),
        pytest.param((), (LEADS,), {}, (DESK,), (LEADS,), id="nobody: the fallback owners"),
        pytest.param(
            (), (LEADS,), groups(leads=("x@accounts.example.com",)), (DESK,), (LEADS,), id="in a vended domain: a loop"
        ),
    ],
)
def test_whom_an_address_with_groups_reaches(
    owners: tuple[str, ...],
    named: tuple[str, ...],
    known: dict[str, OwnerGroup],
    mailboxes: tuple[str, ...],
    empty: tuple[str, ...],
) -> None:
    record = AddressRecord(VENDED, "x", "accounts.example.com", owners, owner_groups=named, fallback_owners=(DESK,))
    found = resolve(
        VENDED, lambda _keys: Found(VendedDomain(), VENDED, record, known, ["accounts.example.com"]), SETTINGS
    )
    assert (found.mailboxes, found.empty_groups) == (mailboxes, empty)
    # Whoever is left comes after them, and the admin is the last.
    assert found.fallbacks == (((ADMIN,),) if mailboxes == (DESK,) else ((DESK,), (ADMIN,)))


def test_without_anybody_its_admin_gets_the_mail() -> None:
    record = AddressRecord(VENDED, "x", "accounts.example.com", (), owner_groups=(LEADS,))
    found = resolve(VENDED, lambda _keys: Found(VendedDomain(), VENDED, record), SETTINGS)
    assert (found.mailboxes, found.fallbacks) == ((ADMIN,), ())


def test_members_get_a_copy_each_and_a_change_of_the_group_counts_for_the_next_mail(deployed: Deployed) -> None:
    deployed.vend(VENDED, ANN, owner_groups=(LEADS, OPS))
    deployed.know_group(LEADS, BOB, ANN.upper())
    deployed.know_group(OPS, BOB, EVE)
    deployed.store(MAIL)
    deployed.handle(ses_event())
    deployed.handle(ses_event())
    assert deployed.ses.mailboxes() == [ANN, BOB, EVE]
    deployed.know_group(OPS, EVE)
    deployed.know_group(LEADS, EVE)
    deployed.store(MAIL, "m2")
    deployed.handle(ses_event("m2"))
    assert deployed.ses.mailboxes()[3:] == [ANN, EVE]


def damage(group_id: str) -> None:
    item = {**OwnerGroup(group_id, "Leads", (BOB,)).to_item(), "refused": "of a later release"}
    boto3.resource("dynamodb").Table(SETTINGS.map_table).put_item(Item=item)


@pytest.mark.parametrize(
    "make",
    [lambda _deployed: None, lambda deployed: deployed.know_group(LEADS), lambda _deployed: damage(LEADS)],
    ids=["missing", "empty", "not readable"],
)
def test_why_a_group_gets_nothing_is_said_and_its_mail_goes_to_others(
    make: Callable[[Deployed], None], deploy: Callable[..., Deployed], capsys: pytest.CaptureFixture[str]
) -> None:
    deployed = deploy()
    deployed.vend(VENDED, owner_groups=(LEADS,), fallback_owners=(DESK,))
    make(deployed)
    deployed.store(MAIL)
    assert deployed.handle(ses_event()) == {"batchItemFailures": []}
    assert deployed.ses.mailboxes() == [DESK]
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"no-members"' in line]
    said: list[dict[str, Any]] = [line for line in lines if line.get("action") == "no-members"]
    assert [(line["address"], line["owner_groups"]) for line in said] == [(VENDED, [LEADS])]


def test_a_member_whose_mailbox_fails_is_replaced_by_fallback_owners(deployed: Deployed) -> None:
    deployed.vend(VENDED, owner_groups=(LEADS,), fallback_owners=(DESK,))
    deployed.know_group(LEADS, BOB)
    deployed.store(MAIL)
    deployed.handle(ses_event())
    deployed.tell(bounce(deployed.ses.sent[0], BOB))
    assert deployed.ses.mailboxes() == [BOB, DESK]


def test_a_group_keeps_its_form_on_its_way_through_the_map() -> None:
    group = OwnerGroup(
        LEADS, "Leads", (ANN, BOB), {ANN: "2026-11-21T09:30:00Z"}, "d-1234567890", "2026-11-21T09:30:00Z"
    )
    assert OwnerGroup.from_item({**group.to_item(), "added_later": "x"}) == group
    assert OwnerGroup.from_item(replace(group, mailboxes=()).to_item()).mailboxes == ()
