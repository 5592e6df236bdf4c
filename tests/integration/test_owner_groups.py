# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Root mail for the members of a group of IAM Identity Center, from the first vend to the group that somebody empties.

One forwarder, in the order in which a company comes to it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.integration.forwarding import COPY, DOMAIN, MAP, STACK, Forwarding, deployed
from tests.local_aws.identity_center import STORE_ID
from tests.local_aws.playbook import PlaybookFailedError, Recap, run_playbook

ADMIN, ANN, BOB, EVE = "admin@example.com", "ann@example.org", "bob@example.org", "eve@example.org"
ADDRESS = f"payments-001@{DOMAIN}"
MAIL = b"From: AWS <no-reply@aws.example>\r\nTo: you\r\nSubject: Reset\r\n\r\nYour link is here.\r\n"


@dataclass(frozen=True)
class Company:
    """A forwarder, and the directory of the company whose mail it forwards."""

    forwarding: Forwarding
    group_id: str

    def play(self, name: str, *options: str, **variables: Any) -> Recap:
        given = {"account_email_table": MAP, **variables}
        return run_playbook(name, given, self.forwarding.aws.environment, self.log, *options)

    @property
    def log(self) -> Any:
        return self.forwarding.folder / "ansible.log"

    def join(self, mailbox: str) -> None:
        client, name = self.forwarding.client("identitystore"), mailbox.partition("@")[0]
        full_name = {"FamilyName": name, "GivenName": name}
        store = {"IdentityStoreId": STORE_ID}
        user = client.create_user(**store, UserName=name, DisplayName=name, Name=full_name, Emails=[{"Value": mailbox}])
        client.create_group_membership(**store, GroupId=self.group_id, MemberId={"UserId": user["UserId"]})

    def leave(self, mailbox: str) -> None:
        client, store = self.forwarding.client("identitystore"), {"IdentityStoreId": STORE_ID}
        wanted = {"UniqueAttribute": {"AttributePath": "userName", "AttributeValue": mailbox.partition("@")[0]}}
        user = client.get_user_id(**store, AlternateIdentifier=wanted)["UserId"]
        member = {**store, "GroupId": self.group_id, "MemberId": {"UserId": user}}
        membership = client.get_group_membership_id(**member)["MembershipId"]
        client.delete_group_membership(**store, MembershipId=membership)

    def sync_at_the_rate(self) -> dict[str, Any]:
        """Invoke the function as its rule does."""
        answer = self.forwarding.client("lambda").invoke(FunctionName=f"{STACK}-owner-sync", Payload=b"{}")
        found: dict[str, Any] = json.loads(answer["Payload"].read())
        return found

    def counted(self, metric: str) -> list[Any]:
        """Return what the function has written of a metric, in order."""
        group = f"/aws/lambda/{STACK}-owner-sync"
        events = self.forwarding.client("logs").filter_log_events(logGroupName=group)["events"]
        lines = [json.loads(event["message"]) for event in events if event["message"].startswith("{")]
        return [line[metric] for line in lines if metric in line]

    def reached(self) -> dict[str, list[str]]:
        """Send a mail to the address and return whom it reached, and in which forms."""
        message_id = self.forwarding.receive(ADDRESS, MAIL)
        self.forwarding.settle()
        return self.forwarding.got().get(message_id, {})


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    # Once a day: it is not called by itself while a test looks.
    with deployed(tmp_path_factory.mktemp("groups"), ADMIN, mail_forwarder_owner_sync_minutes=1440) as forwarding:
        store = forwarding.client("identitystore")
        group = store.create_group(IdentityStoreId=STORE_ID, DisplayName="Payments leads")
        one = Company(forwarding, str(group["GroupId"]))
        for mailbox in (ANN, BOB, EVE):
            one.join(mailbox)
        yield one


def test_a_company_moves_its_owners_to_a_group(company: Company) -> None:
    vend = {
        "account_factory_name_prefix": "payments",
        "account_factory_domain": DOMAIN,
        "account_factory_request_id": "T-1",
        "account_factory_owner_groups": company.group_id,
    }
    with pytest.raises(PlaybookFailedError, match="the map does not know the members of the group"):
        company.play("vend_address", **vend)
    assert company.play("sync_owners", account_factory_owner_groups=company.group_id).changed == 1
    assert company.play("vend_address", **vend).changed == 1
    assert company.reached() == {ANN: [COPY], BOB: [COPY], EVE: [COPY]}
    # Who leaves the group gets none of the next mail, once the function has run at its rate.
    company.leave(BOB)
    assert company.play("sync_owners", "--check").changed == 1
    assert f'"leaves      {BOB}"' in company.log.read_text()
    assert company.reached().keys() == {ANN, BOB, EVE}
    assert company.sync_at_the_rate() == {"groups": 1, "changed": 1, "failures": []}
    assert company.sync_at_the_rate()["changed"] == 0
    assert company.reached() == {ANN: [COPY], EVE: [COPY]}


def test_a_directory_that_lost_its_members_takes_no_mail_from_anybody(company: Company) -> None:
    for mailbox in (ANN, EVE):
        company.leave(mailbox)
    (failure,) = company.sync_at_the_rate()["failures"]
    assert failure["refused"] == "emptied"
    assert company.reached() == {ANN: [COPY], EVE: [COPY]}
    with pytest.raises(PlaybookFailedError, match="has no member in IAM Identity Center that gets mail; the last 2"):
        company.play("sync_owners")
    assert company.counted("owner-group-refused")[-1] == [1.0]
    # Whoever meant it says so, with the command that stands under the group; its mail then goes to the admin.
    assert company.play("sync_owners", account_factory_accept_loss=company.group_id).changed == 1
    assert company.reached() == {ADMIN: [COPY]}
    assert {line["action"] for line in company.forwarding.audit()} >= {"no-members", "sent"}


def test_nothing_is_refused_to_the_functions(company: Company) -> None:
    assert company.forwarding.refused() == set()
    noted = company.forwarding.noted.read_text(encoding="utf-8").splitlines()
    ours = [one for one in map(json.loads, noted) if one["principal"].endswith(f"/{STACK}-owner-sync")]
    used = {one["action"] for one in ours}
    assert used >= {"dynamodb:PutItem", "dynamodb:Scan", "identitystore:ListGroupMemberships", "sso:ListInstances"}
    assert [one for one in ours if not one["allowed"]] == []
