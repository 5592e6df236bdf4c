# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An account whose alternate contacts are aliases: AWS is told once, and who gets the mail is the map's affair."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.integration.forwarding import ATTACHED, COPY, DOMAIN, MAP, Forwarding, deployed
from tests.local_aws.playbook import Recap, run_playbook

ADMIN, ANN, FIN, SOC, TEAM = (f"{name}@example.org" for name in ("admin", "ann", "fin", "soc", "team"))
ADDRESS = f"app-001@{DOMAIN}"
SECURITY, BILLING = (ADDRESS.replace("@", f"+{kind}@") for kind in ("security", "billing"))
MAIL = b"From: AWS <no-reply@amazonaws.com>\r\nTo: security@example.org\r\nSubject: Your account\r\n\r\nText.\r\n"
CREATE: dict[str, Any] = {
    "account_factory_name_prefix": "app",
    "account_factory_domain": DOMAIN,
    "account_factory_request_id": "T-1",
    "account_factory_owners": ANN,
    # As a survey gives them.
    "account_factory_contacts": f"security={SOC},billing={FIN}",
    "account_factory_alternate_contacts": "name=Cloud team,phone_number=+49 (30) 123",
}


def run(forwarding: Forwarding, name: str, *options: str, **variables: Any) -> Recap:
    given = {"account_email_table": MAP, **variables}
    return run_playbook(name, given, forwarding.aws.environment, forwarding.folder / "ansible.log", *options)


def contacts(forwarding: Forwarding, account_id: str) -> dict[str, str]:
    """Return the emails of the account's contacts by their kinds, as AWS has them."""
    account = forwarding.client("account")
    found = {}
    for kind in ("BILLING", "OPERATIONS", "SECURITY"):
        contact = account.get_alternate_contact(AccountId=account_id, AlternateContactType=kind)["AlternateContact"]
        assert (contact["Name"], contact["PhoneNumber"]) == ("Cloud team", "+49 (30) 123")
        found[kind] = contact["EmailAddress"]
    return found


def reached(forwarding: Forwarding, *addresses: str) -> dict[str, dict[str, list[str]]]:
    """Send a mail to each address and return whom it reached, and in which form."""
    sent = {address: forwarding.receive(address, MAIL) for address in addresses}
    forwarding.settle()
    got = forwarding.got()
    return {address: got.get(message_id, {}) for address, message_id in sent.items()}


def test_who_gets_the_mail_of_a_contact_is_changed_in_the_map_alone(tmp_path: Path) -> None:
    with deployed(tmp_path, ADMIN) as forwarding:
        run(forwarding, "create_account", **CREATE)
        assert f"contact   {SECURITY}" in (tmp_path / "ansible.log").read_text()
        assert run(forwarding, "create_account", **CREATE).changed == 0
        assert run(forwarding, "create_account", "--check", **CREATE).changed == 0
        accounts = forwarding.client("organizations").list_accounts()["Accounts"]
        [account_id] = [one["Id"] for one in accounts if one["Email"] == ADDRESS]
        told = contacts(forwarding, account_id)
        assert told == {kind.upper(): f"app-001+{kind}@{DOMAIN}" for kind in ("billing", "operations", "security")}

        # To each contact as AWS writes to it, in any case; a kind that has none is the owner's.
        to = {"upper": SECURITY.upper(), "billing": BILLING, "operations": told["OPERATIONS"], "root": ADDRESS}
        assert reached(forwarding, *to.values()) == {
            to["upper"]: {SOC: [COPY]},
            to["billing"]: {FIN: [COPY]},
            to["operations"]: {ANN: [COPY]},
            to["root"]: {ANN: [COPY]},
        }

        # Another team, and one who leaves: no account is called.
        run(forwarding, "edit_address", account_factory_address=ADDRESS, account_factory_contacts={"security": [TEAM]})
        run(forwarding, "transfer_owner", account_factory_owner=FIN, account_factory_new_owners=TEAM)
        assert reached(forwarding, SECURITY, BILLING) == {SECURITY: {TEAM: [COPY]}, BILLING: {TEAM: [COPY]}}
        assert contacts(forwarding, account_id) == told

        # A contact whose mailbox fails: the owner gets it.
        forwarding.aws.mailboxes.bounces(TEAM)
        assert reached(forwarding, SECURITY) == {SECURITY: {ANN: [ATTACHED]}}
        assert forwarding.refused() == set()
