# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the map says of a domain, on its way through the whole forwarder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import boto3
import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError

from ansible_collections.account_factory.email.plugins.module_utils._vended_domain import VendedDomain

from .conftest import ADMIN, FROM, MAILS, SETTINGS, VENDED, Deployed, refusal, ses_event

RAW = (MAILS / "root-password-reset.eml").read_bytes()
OWNER, TEAM = "owner@example.com", "team@example.org"
DOMAIN = "accounts.example.com"
NOBODY = f"nobody@{DOMAIN}"


def say(domains: Mapping[str, Any]) -> None:
    """Put what is said of domains into the map, in the place of what was said before."""
    table = boto3.resource("dynamodb").Table(SETTINGS.map_table)
    table.put_item(Item={"pk": "DOMAINS", **domains})


def said(**fields: Any) -> dict[str, Any]:
    return VendedDomain(**fields).to_attribute()


@pytest.mark.parametrize(
    ("recipient", "mailbox"),
    [
        pytest.param(NOBODY, TEAM, id="the domain"),
        pytest.param("Nobody@ACCOUNTS.example.com.", TEAM, id="in capitals, with a dot"),
        pytest.param("nobody@eu.accounts.example.com", "eu@example.org", id="a domain below it"),
        pytest.param("nobody@us.accounts.example.com", ADMIN, id="a domain below it that the map does not know"),
        pytest.param("nobody@example.com", ADMIN, id="the domain above it"),
    ],
)
def test_each_domain_is_one_of_its_own(deployed: Deployed, recipient: str, mailbox: str) -> None:
    say({DOMAIN: said(admin_address=TEAM), f"eu.{DOMAIN}": said(admin_address="eu@example.org")})
    deployed.store(RAW)
    deployed.handle(ses_event(recipients=[recipient]))
    assert deployed.ses.mailboxes() == [mailbox]


def test_a_domain_that_says_otherwise_counts_with_the_next_mail(deployed: Deployed) -> None:
    for number, (admin, mailbox) in enumerate({None: ADMIN, TEAM: TEAM, "new@example.org": "new@example.org"}.items()):
        say({DOMAIN: said(admin_address=admin)})
        deployed.store(RAW, f"m{number}")
        deployed.handle(ses_event(f"m{number}", [NOBODY]))
        assert deployed.ses.mailboxes()[-1] == mailbox


@pytest.mark.parametrize("recipient", [VENDED, NOBODY], ids=["an owner's", "nobody's"])
@pytest.mark.parametrize(
    "damaged",
    [
        "text",
        {"catch_all": "false"},
        {"admin_address": ["a@example.org"]},
        {"admin_address": "nobody"},
        {"fallback_owners": "a@example.org"},
        {"fallback_owners": [7]},
    ],
    ids=str,
)
def test_a_domain_that_cannot_be_read_sends_its_mail_to_nobody_and_keeps_it(
    deployed: Deployed, damaged: Any, recipient: str
) -> None:
    deployed.vend(VENDED, OWNER)
    say({DOMAIN: damaged})
    deployed.store(RAW)
    with pytest.raises(BatchProcessingError, match=f"what the map says of the domain {DOMAIN} cannot be read"):
        deployed.handle(ses_event(recipients=[recipient]))
    assert deployed.ses.mailboxes() == []
    # Another domain's mail is none the worse, and once it is mended, its own comes.
    deployed.handle(ses_event(recipients=["nobody@other.example.com"]))
    say({DOMAIN: said(admin_address=TEAM, catch_all=True)})
    deployed.handle(ses_event(recipients=[recipient]))
    assert deployed.ses.mailboxes() == [ADMIN, OWNER if recipient == VENDED else TEAM]


def test_in_the_sandbox_the_admin_of_the_domain_gets_an_owners_mail(deployed: Deployed) -> None:
    deployed.vend(VENDED, OWNER)
    say({DOMAIN: said(admin_address=TEAM)})
    deployed.ses.failures[OWNER] = refusal("MessageRejected", 400, f"Email address is not verified: {OWNER}")
    deployed.store(RAW)
    deployed.handle(ses_event())
    assert deployed.ses.mailboxes() == [TEAM]
    (delivery,) = deployed.deliveries().values()
    assert delivery["outcome"] == "sent-to-admin"


def test_a_bounce_of_the_admin_is_a_loop_only_for_the_admin_that_it_is_about(deployed: Deployed) -> None:
    deployed.store((MAILS / "bounce-of-the-admin.eml").read_bytes())
    say({DOMAIN: said(admin_address=TEAM)})
    deployed.handle(ses_event(recipients=[FROM]))
    assert deployed.ses.mailboxes() == [TEAM]
    say({})
    with pytest.raises(BatchProcessingError, match=f"{ADMIN} could not be reached"):
        deployed.handle(ses_event(recipients=[FROM]))
