# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The doctor of a deployed forwarder: breaking one thing turns its check and no other, and its remedy mends it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.account_factory.email.plugins.modules.mail_forwarder_check import main
from tests.integration.broken_forwarder import ADDRESS, BROKEN, NEW_OWNER, OWNER, Undo
from tests.integration.forwarding import DOMAIN, STACK, Forwarding, deploy_variables, not_deployed
from tests.integration.test_on_call import Desk, shell_before
from tests.local_aws.name_server import name_server
from tests.local_aws.playbook import PlaybookFailedError, run_playbook
from tests.local_aws.ses_identities import PENDING, Verification
from tests.local_aws.stack_identities import SIGNING_HOSTED_ZONE, dkim_tokens
from tests.module_run import models_read_once, run_module

ADMIN, ON_CALL = "admin@example.com", "on-call@example.com"
BOUNCES = f"bounce.{DOMAIN}"
_COMMAND = re.compile(r"(aws [a-z0-9-]+ [a-z-]+ -|ansible-playbook account_|ansible localhost -).*$")
_PUBLISH = re.compile(r"[Pp]ublish (\S+) ([A-Z]+) (.+?)(?:, and no other|\.(?= |$))")
# The records that a check cannot do without.
RECORDS = {
    "mx": re.compile(rf"^{re.escape(DOMAIN)} MX"),
    "dkim_records": re.compile("_domainkey.* CNAME"),
    "mail_from": re.compile(rf"^{re.escape(BOUNCES)} "),
    "dmarc": re.compile("^_dmarc.* TXT"),
}


@dataclass
class Doctor:
    """Somebody with a shell beside a deployed forwarder; ``records`` are what DNS has."""

    desk: Desk
    nameserver: str
    records: dict[tuple[str, str], list[str]]

    @property
    def forwarding(self) -> Forwarding:
        return self.desk.forwarding

    def look(self, *only: str) -> dict[str, Mapping[str, Any]]:
        """Return the checks that are not well, by their ids; those of the whole forwarder unless some are named."""
        given = self.forwarding.aws.environment
        credentials: dict[str, Any] = {
            "access_key": given["AWS_ACCESS_KEY_ID"],
            "secret_key": given["AWS_SECRET_ACCESS_KEY"],
            "endpoint_url": given["AWS_ENDPOINT_URL"],
            "region": given["AWS_REGION"],
        }
        chosen: dict[str, Any] = {"only": list(only)} if only else {"skip": ["rights"]}
        result = run_module(main, deployed=True, nameservers=[self.nameserver], **chosen, **credentials)
        return {one["id"]: one for one in result["checks"] if one["status"] != "ok"}

    def obey(self, command: str) -> None:
        """Run a command as it is printed, for somebody in the place of NEW_OWNER."""
        # Version 1 of the AWS CLI takes an endpoint of its own for SQS, whatever AWS_ENDPOINT_URL says.
        of_sqs = f"aws --endpoint-url {self.forwarding.aws.environment['AWS_ENDPOINT_URL']} sqs "
        self.desk.run(command.replace("NEW_OWNER", NEW_OWNER).replace("aws sqs ", of_sqs))

    def deploy(self) -> None:
        more = {
            "mail_forwarder_alarm_address": ON_CALL,
            "mail_forwarder_kms_key": "create",
            "mail_forwarder_manage_identity": True,
            "mail_forwarder_nameservers": [self.nameserver],
        }
        given = {**deploy_variables(ADMIN), **more}
        run_playbook("deploy", given, self.forwarding.aws.environment, self.log)

    def play(self, **variables: Any) -> str:
        """Run the playbook and return what it printed since."""
        before = len(self.log.read_text())
        # Of the mail that goes the whole way tells test_probe.py.
        given = {"mail_forwarder_nameservers": [self.nameserver], "mail_forwarder_probe": False, **variables}
        run_playbook("doctor", given, self.forwarding.aws.environment, self.log)
        return self.log.read_text()[before:]

    @property
    def log(self) -> Path:
        return self.forwarding.folder / "ansible.log"


@pytest.fixture(scope="module")
def doctor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doctor]:
    folder, records = tmp_path_factory.mktemp("doctor"), dict[tuple[str, str], list[str]]()
    with not_deployed(folder) as forwarding, name_server(lambda: records) as nameserver, models_read_once():
        shell = {**shell_before(forwarding, folder), **forwarding.aws.environment}
        found = Doctor(Desk(forwarding, shell, "", folder, ""), nameserver, records)
        forwarding.client("sesv2").delete_email_identity(EmailIdentity=DOMAIN)
        records.update(NEEDED)
        found.deploy()
        forwarding.vend(ADDRESS, [OWNER])
        yield found


# What DNS has to have of the domain, whose identity the stack creates.
NEEDED = {
    (DOMAIN, "NS"): ["ns.example.net."],
    (DOMAIN, "MX"): ["10 inbound-smtp.eu-west-1.amazonaws.com."],
    (BOUNCES, "MX"): ["10 feedback-smtp.eu-west-1.amazonses.com."],
    (BOUNCES, "TXT"): ['"v=spf1 include:amazonses.com ~all"'],
    (f"_dmarc.{DOMAIN}", "TXT"): ['"v=DMARC1; p=reject"'],
    **{(f"{one}._domainkey.{DOMAIN}", "CNAME"): [f"{one}.{SIGNING_HOSTED_ZONE}."] for one in dkim_tokens(DOMAIN)},
}


def enter_sandbox(doctor: Doctor) -> Undo:
    aws = doctor.forwarding.aws
    aws.enter_sandbox(rate=14)
    return aws.leave_sandbox


def slow_down(doctor: Doctor) -> Undo:
    sending = doctor.forwarding.aws.sending
    before, sending.rate = sending.rate, 1
    return lambda: setattr(sending, "rate", before)


def sign_no_more(doctor: Doctor) -> Undo:
    verifications = doctor.forwarding.aws.verifications
    verifications.set(DOMAIN, Verification(dkim=PENDING))
    return lambda: verifications.set(DOMAIN)


def take_twice(doctor: Doctor) -> Undo:
    ses = doctor.forwarding.client("ses")
    active = ses.describe_active_receipt_rule_set()
    ours = {"RuleSetName": active["Metadata"]["Name"]}
    rule = {"Name": "theirs", "Enabled": True, "Recipients": [DOMAIN], "Actions": []}
    ses.create_receipt_rule(**ours, Rule=rule, After=STACK)
    return lambda: ses.delete_receipt_rule(**ours, RuleName="theirs")


def lose_the_domain(doctor: Doctor) -> Undo:
    """Let DNS know no name server of the domain, nor of what is above it."""
    records = doctor.records
    before = records.pop((DOMAIN, "NS"))
    return lambda: records.update({(DOMAIN, "NS"): before})


# What a person has to do: the remedy says what, and the check is well again once that is done. What is not here cannot
# be broken on local AWS, or not alone: without the stack, a table, a bucket or our rule, all that rests on it turns as
# well, and so do identity and receiving_domains together; a rule that is ahead of ours receives for the domain, too; a
# stack is never in another state; other options have to be given for access_log_bucket, kms_key, kms_key_policy and
# replaced_rule; the clock is this machine's; every Region receives mail. function_code is the deployment's.
BY_HAND: dict[str, tuple[str, str, Callable[[Doctor], Undo]]] = {
    "sandbox": ("warn", "Request production access", enter_sandbox),
    "dkim": ("warn", "Publish these records", sign_no_more),
    "quota": ("warn", "request a higher rate", slow_down),
    "other_rules": ("fail", "disable that rule", take_twice),
    "delegation": ("warn", "delegate it to its name servers", lose_the_domain),
}


def test_all_is_well_with_a_forwarder_that_was_just_deployed(doctor: Doctor) -> None:
    assert doctor.look() == {}


@pytest.mark.parametrize("what", BROKEN)
def test_breaking_one_thing_turns_its_check_and_the_remedy_as_printed_mends_it(doctor: Doctor, what: str) -> None:
    check, status, break_it = BROKEN[what]
    undo = break_it(doctor.forwarding)
    try:
        found = doctor.look()
        assert {name: one["status"] for name, one in found.items()} == {check: status}
        command = _COMMAND.search(found[check]["remedy"])
        assert command, found[check]["remedy"]
        doctor.obey(command[0])
        assert doctor.look(check) == {}
    finally:
        undo()


@pytest.mark.parametrize("check", RECORDS)
def test_a_record_that_is_missing_turns_its_check_and_publishing_what_it_says_mends_it(
    doctor: Doctor, check: str
) -> None:
    before = dict(doctor.records)
    for name, kind in [one for one in before if RECORDS[check].search(f"{one[0]} {one[1]}")]:
        del doctor.records[name, kind]
    try:
        found = doctor.look()
        assert {name: one["status"] for name, one in found.items()} == {check: "warn"}
        published = _PUBLISH.findall(found[check]["remedy"])
        assert published, found[check]["remedy"]
        doctor.records.update({(name, kind): [value] for name, kind, value in published})
        assert doctor.look(check) == {}
    finally:
        doctor.records.clear()
        doctor.records.update(before)


@pytest.mark.parametrize("check", BY_HAND)
def test_breaking_what_no_command_mends_turns_its_check_alone(doctor: Doctor, check: str) -> None:
    status, says, break_it = BY_HAND[check]
    undo = break_it(doctor)
    try:
        found = doctor.look()
        assert {name: one["status"] for name, one in found.items()} == {check: status}
        assert says in found[check]["remedy"]
    finally:
        undo()
    assert doctor.look(check) == {}


def test_another_team_activates_a_rule_set_of_its_own(doctor: Doctor) -> None:
    ses = doctor.forwarding.client("ses")
    ses.create_receipt_rule_set(RuleSetName="theirs")
    ses.set_active_receipt_rule_set(RuleSetName="theirs")
    found = doctor.look()
    assert {name: one["status"] for name, one in found.items()} == {"active_rule": "fail"}
    assert "run the playbook deploy" in found["active_rule"]["remedy"]
    # Whoever reads the report is told of what the play fails by.
    folder = doctor.forwarding.folder / "report"
    with pytest.raises(PlaybookFailedError, match=r"active_rule: what to do is said above"):
        doctor.play(mail_forwarder_report_folder=str(folder), mail_forwarder_report_date="2026-11-26")
    page = (folder / "doctor.html").read_text(encoding="utf-8")
    assert "Mail forwarder: 1 failed" in page
    assert f"{STACK}, 2026-11-26" in page
    assert json.loads((folder / "doctor.json").read_text(encoding="utf-8"))["counts"]["fail"] == 1
    doctor.deploy()
    assert doctor.look() == {}


@pytest.fixture
def held(doctor: Doctor) -> Iterator[None]:
    """Let there be a mail that could not be forwarded, for a while."""
    doctor.desk.failed()
    yield
    sqs = doctor.forwarding.client("sqs")
    sqs.purge_queue(QueueUrl=sqs.get_queue_url(QueueName=f"{STACK}-dead-letters")["QueueUrl"])


@pytest.mark.usefixtures("held")
def test_what_is_held_is_told_and_fails_nothing_unless_it_is_to(doctor: Doctor) -> None:
    said = doctor.play()
    assert "WARN held_mail: Mail is held: 1 failed." in said
    assert "Do: See which: ansible-playbook account_factory.email.list_held_mail" in said
    with pytest.raises(PlaybookFailedError, match=r"held_mail: what to do is said above"):
        doctor.play(mail_forwarder_fail_on="warn")
    only = {"mail_forwarder_checks": "functions,alarms", "mail_forwarder_domains": DOMAIN}
    assert "4 checks: 4 ok." in doctor.play(mail_forwarder_fail_on="warn", **only)
