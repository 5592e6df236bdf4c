# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fresh domain in a hosted zone: one command until its mail is forwarded, and nothing of others is changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tests.integration.forwarding import COPY, DOMAIN, STACK, Forwarding, not_deployed
from tests.integration.permissions import documented, filled, make_role
from tests.local_aws.playbook import PlaybookFailedError, Recap, run_playbook
from tests.local_aws.stack_identities import SIGNING_HOSTED_ZONE, dkim_tokens

ADMIN, OWNER, ADDRESS = "cloud-team@example.org", "jane@example.net", f"payments-001@{DOMAIN}"
MAIL = b"From: AWS <no-reply@aws.example>\r\nTo: you\r\nSubject: Reset\r\n\r\nYour link is here.\r\n"
# What others have in the zone.
THEIRS = {
    ("example.com.", "MX"): ["10 mx.example.net."],
    ("example.com.", "TXT"): ['"v=spf1 include:spf.example.net -all"'],
    (f"www.{DOMAIN}.", "CNAME"): ["www.example.net."],
}
THEIR_POLICY = {(f"_dmarc.{DOMAIN}.", "TXT"): ['"v=DMARC1; p=none"']}
OURS = {
    (f"{DOMAIN}.", "MX"): ["10 inbound-smtp.eu-west-1.amazonaws.com"],
    (f"bounce.{DOMAIN}.", "MX"): ["10 feedback-smtp.eu-west-1.amazonses.com"],
    (f"bounce.{DOMAIN}.", "TXT"): ['"v=spf1 include:amazonses.com ~all"'],
    (f"_dmarc.{DOMAIN}.", "TXT"): ['"v=DMARC1; p=reject; adkim=s; sp=reject"'],
    **{(f"{token}._domainkey.{DOMAIN}.", "CNAME"): [f"{token}.{SIGNING_HOSTED_ZONE}"] for token in dkim_tokens(DOMAIN)},
}


@dataclass(frozen=True)
class Fresh:
    """An account with a hosted zone, whose domain SES does not know."""

    forwarding: Forwarding
    zone_id: str
    nameserver: str
    # Whose the zone is, if it is another's.
    zone_account: str = ""

    def deploy(self, *options: str, **variables: Any) -> Recap:
        given = {"mail_forwarder_domain": DOMAIN, "mail_forwarder_admin_address": ADMIN, "mail_forwarder_timeout": 10}
        managed = {"mail_forwarder_manage_identity": True, "mail_forwarder_hosted_zone_id": self.zone_id}
        dns = {"mail_forwarder_nameservers": [self.nameserver]}
        return self.play("deploy", {**given, **managed, **dns, **variables}, *options)

    def play(self, name: str, variables: dict[str, Any], *options: str) -> Recap:
        return run_playbook(name, variables, self.forwarding.aws.environment, self.log, *options)

    @property
    def log(self) -> Path:
        return self.forwarding.folder / "ansible.log"

    @property
    def route53(self) -> Any:
        aws = self.forwarding.aws
        return aws.client("route53", self.zone_account) if self.zone_account else self.forwarding.client("route53")

    def change(self, action: str, name: str, kind: str, values: list[str]) -> None:
        record = {"Name": name, "Type": kind, "TTL": 300, "ResourceRecords": [{"Value": value} for value in values]}
        batch = {"Changes": [{"Action": action, "ResourceRecordSet": record}]}
        self.route53.change_resource_record_sets(HostedZoneId=self.zone_id, ChangeBatch=batch)

    def records(self) -> dict[tuple[str, str], list[str]]:
        """Return the records of the zone, but for those that every zone has."""
        pages = self.route53.get_paginator("list_resource_record_sets")
        found = pages.paginate(HostedZoneId=self.zone_id).build_full_result()["ResourceRecordSets"]
        return {
            (one["Name"], one["Type"]): [value["Value"] for value in one["ResourceRecords"]]
            for one in found
            if one["Type"] not in ("NS", "SOA")
        }

    def identities(self) -> dict[str, str]:
        listed = self.forwarding.client("sesv2").list_email_identities()["EmailIdentities"]
        return {one["IdentityName"]: one["VerificationStatus"] for one in listed}

    def stacks(self) -> list[str]:
        found = self.forwarding.client("cloudformation").describe_stacks()["Stacks"]
        return [one["StackName"] for one in found if "DELETE" not in one["StackStatus"]]


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fresh]:
    with not_deployed(tmp_path_factory.mktemp("identity")) as forwarding, forwarding.aws.name_server() as nameserver:
        for name in forwarding.client("ses").list_identities()["Identities"]:
            forwarding.client("ses").delete_identity(Identity=name)
        for one in forwarding.client("sesv2").list_email_identities()["EmailIdentities"]:
            forwarding.client("sesv2").delete_email_identity(EmailIdentity=one["IdentityName"])
        forwarding.aws.verify_by_records()
        made = forwarding.client("route53").create_hosted_zone(Name="example.com", CallerReference="test")
        found = Fresh(forwarding, made["HostedZone"]["Id"].rpartition("/")[2], nameserver)
        for (name, kind), values in THEIRS.items():
            found.change("CREATE", name, kind, values)
        yield found


def test_mail_that_a_domain_receives_elsewhere_refuses_the_deploy(fresh: Fresh) -> None:
    elsewhere = ["10 mx.example.net."]
    fresh.change("CREATE", DOMAIN, "MX", elsewhere)
    # Before anything else, by what DNS says, with a hosted zone or without one; and then by what the hosted zone has.
    with pytest.raises(PlaybookFailedError, match=r"receives its mail at mx\.example\.net"):
        fresh.deploy(mail_forwarder_hosted_zone_id="", mail_forwarder_manage_identity=False)
    with pytest.raises(PlaybookFailedError, match="mail that the domain receives elsewhere is not taken"):
        fresh.deploy(mail_forwarder_preflight="warn")
    fresh.change("DELETE", DOMAIN, "MX", elsewhere)
    assert (fresh.stacks(), fresh.identities(), fresh.records()) == ([], {}, THEIRS)


def test_without_a_zone_the_records_are_shown_and_written(fresh: Fresh) -> None:
    zone_file = fresh.forwarding.folder / "example.zone"
    fresh.deploy("--check", "--diff", mail_forwarder_hosted_zone_id="", mail_forwarder_zone_file=str(zone_file))
    assert "you must create it" in fresh.log.read_text()
    assert f"+{DOMAIN}. 300 IN MX 10 inbound-smtp.eu-west-1.amazonaws.com." in fresh.log.read_text()
    assert (fresh.stacks(), fresh.identities(), fresh.records()) == ([], {}, THEIRS)


def test_one_command_takes_a_fresh_domain_to_a_forwarded_mail(fresh: Fresh) -> None:
    assert fresh.deploy("--check").changed
    assert (fresh.stacks(), fresh.identities(), fresh.records()) == ([], {}, THEIRS)
    fresh.deploy()
    assert fresh.records() == {**THEIRS, **OURS}
    assert fresh.identities() == {DOMAIN: "SUCCESS"}
    fresh.forwarding.vend(ADDRESS, [OWNER])
    received = fresh.forwarding.receive(ADDRESS, MAIL)
    fresh.forwarding.settle()
    assert fresh.forwarding.got()[received] == {OWNER: [COPY]}
    fresh.log.unlink()
    assert not fresh.deploy().changed
    # The rights of the root user are not simulated; whatever DNS is asked for is as it should be.
    assert "22 checks: 1 skipped, 21 ok." in fresh.log.read_text()
    # Whoever changes the record of DKIM loses the identity, and is told so by the next deploy, which undoes nothing.
    token = dkim_tokens(DOMAIN)[0]
    name, right = f"{token}._domainkey.{DOMAIN}", [f"{token}.{SIGNING_HOSTED_ZONE}"]
    fresh.change("UPSERT", name, "CNAME", [f"{token}.dkim.example.net"])
    with pytest.raises(PlaybookFailedError, match="INVALID_VALUE"):
        fresh.deploy(mail_forwarder_verification_timeout=1)
    fresh.change("UPSERT", name, "CNAME", right)
    # Without the zone the MX record would go, and with it all mail.
    with pytest.raises(PlaybookFailedError, match="give mail_forwarder_hosted_zone_id as before"):
        fresh.deploy(mail_forwarder_hosted_zone_id="")
    assert fresh.records() == {**THEIRS, **OURS}


def test_teardown_removes_exactly_our_records_and_keeps_the_identity(fresh: Fresh) -> None:
    fresh.play("teardown", {})
    assert fresh.records() == THEIRS
    assert [*fresh.identities()] == [DOMAIN]
    assert fresh.stacks() == [STACK]
    fresh.play("teardown", {"mail_forwarder_delete_identity": True})
    assert (fresh.records(), fresh.identities()) == (THEIRS, {})


@pytest.fixture
def elsewhere(fresh: Fresh) -> Iterator[Fresh]:
    """Return the account with its hosted zone in another one, whose role may do what is documented and nothing else."""
    account = "222222222222"
    zones = fresh.forwarding.aws.client("route53", account)
    made = zones.create_hosted_zone(Name="example.com", CallerReference="test")
    found = replace(fresh, zone_id=made["HostedZone"]["Id"].rpartition("/")[2], zone_account=account)
    for (name, kind), values in {**THEIRS, **THEIR_POLICY}.items():
        found.change("CREATE", name, kind, values)
    policy = filled(documented()["A hosted zone in another account"], {"hosted_zone": found.zone_id})
    make_role(fresh.forwarding.aws, "dns", policy, account, "111122223333")
    fresh.forwarding.aws.verify_by_records(account)
    yield found
    fresh.forwarding.aws.verify_by_records()


def test_in_a_zone_of_another_account_exactly_our_records_come_and_go(elsewhere: Fresh) -> None:
    role = {"mail_forwarder_hosted_zone_role_arn": f"arn:aws:iam::{elsewhere.zone_account}:role/dns"}
    theirs = {**THEIRS, **THEIR_POLICY}
    elsewhere.change("CREATE", DOMAIN, "MX", ["10 mx.example.net."])
    with pytest.raises(PlaybookFailedError, match="mail that the domain receives elsewhere is not taken"):
        elsewhere.deploy("--check", mail_forwarder_preflight="warn", **role)
    elsewhere.change("DELETE", DOMAIN, "MX", ["10 mx.example.net."])
    assert elsewhere.deploy("--check", "--diff", **role).changed
    assert elsewhere.records() == theirs
    elsewhere.deploy(**role)
    # The policy that was there is left.
    assert elsewhere.records() == {**OURS, **theirs}
    assert elsewhere.identities() == {DOMAIN: "SUCCESS"}
    assert not elsewhere.deploy(**role).changed
    # What somebody has changed is theirs.
    spf = {(f"bounce.{DOMAIN}.", "TXT"): ['"v=spf1 include:amazonses.com include:spf.example.net ~all"']}
    elsewhere.change("UPSERT", f"bounce.{DOMAIN}", "TXT", *spf.values())
    elsewhere.play("teardown", {"mail_forwarder_delete_identity": True})
    assert elsewhere.records() == {**theirs, **spf}
