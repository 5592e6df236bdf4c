# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One forwarder with three domains: mail through each of them, one added by a deploy, one given up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._map import api
from ansible_collections.account_factory.email.plugins.module_utils._vended_domain import VendedDomain
from tests.integration.forwarding import ATTACHED, COPY, DOMAIN, MAP, Forwarding, not_deployed
from tests.local_aws.playbook import PlaybookFailedError, Recap, run_playbook

SUB, THEIRS = f"eu.{DOMAIN}", "payments.example.net"
ADMIN, TEAM, DEPUTY = "admin@example.com", "team@example.org", "deputy@example.org"
FROM = f"aws-accounts@{DOMAIN}"
MAIL = b"From: AWS <no-reply@aws.example>\r\nTo: you\r\nSubject: Reset\r\n\r\nYour link is here.\r\n"
# As an inventory may give them, and what is the same as text of a survey.
OURS: list[Any] = [f"{DOMAIN.upper()}.", {"domain": "EU.Accounts.example.com", "fallback_owners": [DEPUTY]}]
OURS_IN_JSON = json.dumps([DOMAIN, {"domain": SUB, "fallback_owners": DEPUTY}])
WITH_THEIRS = [*OURS, {"domain": THEIRS, "admin_address": TEAM, "catch_all": False}]


@dataclass(frozen=True)
class Domains:
    """A forwarder that is deployed with some domains, and later with others."""

    forwarding: Forwarding

    def deploy(self, domains: Any, *options: str) -> Recap:
        variables = {"mail_forwarder_domains": domains, "mail_forwarder_admin_address": ADMIN}
        variables |= {"mail_forwarder_sender_name": "AWS accounts", "mail_forwarder_timeout": 10}
        return run_playbook("deploy", variables, self.forwarding.aws.environment, self.log, *options)

    @property
    def log(self) -> Path:
        return self.forwarding.folder / "ansible.log"

    def recipients(self) -> list[str]:
        """Return what the one rule receives for."""
        (rule,) = self.forwarding.client("ses").describe_active_receipt_rule_set()["Rules"]
        return sorted(rule["Recipients"])

    def known(self) -> dict[str, VendedDomain]:
        return api.get_domains(api.Table(self.forwarding.client("dynamodb"), MAP))

    def reached(self, *addresses: str) -> dict[str, dict[str, list[str]]]:
        """Send a mail to each address and return whom it reached, and in which form."""
        sent = {address: self.forwarding.receive(address, MAIL) for address in addresses}
        self.forwarding.settle()
        got = self.forwarding.got()
        return {address: got.get(message_id, {}) for address, message_id in sent.items()}


@pytest.fixture
def domains(tmp_path: Path) -> Iterator[Domains]:
    with not_deployed(tmp_path) as forwarding:
        forwarding.client("sesv2").create_email_identity(EmailIdentity=THEIRS)
        yield Domains(forwarding)


def test_the_life_of_three_domains(domains: Domains) -> None:
    forwarding = domains.forwarding
    domains.deploy(OURS)
    assert domains.recipients() == [DOMAIN, SUB]

    # One more is a deploy, which changes the map and the rule; what is said in another way is the same.
    assert domains.deploy(WITH_THEIRS).changed == 2
    assert domains.deploy([json.loads(OURS_IN_JSON)[0], *WITH_THEIRS[1:]]).changed == 0
    assert domains.recipients() == [DOMAIN, SUB, THEIRS]
    assert domains.known() == {
        DOMAIN: VendedDomain(FROM),
        SUB: VendedDomain(FROM, fallback_owners=(DEPUTY,)),
        THEIRS: VendedDomain(FROM, TEAM, catch_all=False),
    }
    assert f"Forwards the mail of {DOMAIN}, {SUB}, {THEIRS} (account" in domains.log.read_text().replace("\n", " ")

    for domain, owner in {DOMAIN: "ann@example.org", SUB: "bob@example.org", THEIRS: "eve@example.org"}.items():
        forwarding.vend(f"app-1@{domain}", [owner])
    forwarding.aws.mailboxes.bounces("bob@example.org")
    forwarding.aws.mailboxes.bounces("eve@example.org")
    names = [f"{name}@{domain}" for name in ("app-1", "nobody") for domain in (DOMAIN, SUB, THEIRS)]
    assert domains.reached(*names) == {
        f"app-1@{DOMAIN}": {"ann@example.org": [COPY]},
        f"app-1@{SUB}": {DEPUTY: [ATTACHED]},
        f"app-1@{THEIRS}": {TEAM: [ATTACHED]},
        f"nobody@{DOMAIN}": {ADMIN: [COPY]},
        f"nobody@{SUB}": {ADMIN: [COPY]},
        f"nobody@{THEIRS}": {},
    }

    # A domain that has an address in use is kept, and nothing else is changed either.
    before = domains.recipients(), domains.known()
    with pytest.raises(PlaybookFailedError, match=rf"{THEIRS} has 1 that is not retired: app-1@{THEIRS}\. Retire"):
        domains.deploy([DOMAIN])
    assert (domains.recipients(), domains.known()) == before
    forwarding.vend(f"app-1@{THEIRS}", ["eve@example.org"], status="retired")
    assert domains.deploy(OURS_IN_JSON, "--check").changed == 2
    assert (domains.recipients(), domains.known()) == before
    assert domains.deploy(OURS_IN_JSON).changed == 2
    assert domains.recipients() == [DOMAIN, SUB]
    assert {*domains.known()} == {DOMAIN, SUB}
    assert domains.reached(f"app-1@{DOMAIN}") == {f"app-1@{DOMAIN}": {"ann@example.org": [COPY]}}
    assert forwarding.refused() == set()
