# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The doctor of a deployed forwarder: breaking one thing turns its check and no other, and its remedy mends it."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.integration.forwarding import DOMAIN, MAP, STACK, Forwarding, deploy_variables, not_deployed
from tests.integration.test_on_call import Desk, shell_before
from tests.local_aws.playbook import PlaybookFailedError, run_playbook

ADMIN, ON_CALL = "admin@example.com", "on-call@example.com"
# Local AWS has no IP address filters, nothing that it has is in the system's DNS, and the account's root looks there.
UNSEEN = ("ip_filters", "delegation", "mx", "dkim_records", "mail_from", "dmarc", "rights")
_COMMAND = re.compile(r"aws [a-z0-9-]+ [a-z-]+ --.*$")


@dataclass
class Doctor:
    """Somebody with a shell beside a deployed forwarder."""

    desk: Desk

    @property
    def forwarding(self) -> Forwarding:
        return self.desk.forwarding

    def look(self) -> dict[str, Mapping[str, Any]]:
        """Return the checks that are not well, by their ids; those of the whole forwarder, ad hoc."""
        ansible = Path(sys.executable).parent / "ansible"
        options = json.dumps({"deployed": True, "skip": UNSEEN})
        printed = self.desk.run(f"{ansible} localhost -m account_factory.email.mail_forwarder_check -a '{options}'")
        result = json.JSONDecoder().raw_decode(printed.partition("=> ")[2])[0]
        return {one["id"]: one for one in result["checks"] if one["status"] != "ok"}

    def deploy(self) -> None:
        given = {**deploy_variables(ADMIN), "mail_forwarder_alarm_address": ON_CALL}
        run_playbook("deploy", given, self.forwarding.aws.environment, self.log)

    def play(self, **variables: Any) -> str:
        """Run the playbook and return what it printed since."""
        before = len(self.log.read_text())
        # Of the mail that goes the whole way tells test_probe.py.
        run_playbook("doctor", {"mail_forwarder_probe": False, **variables}, self.forwarding.aws.environment, self.log)
        return self.log.read_text()[before:]

    @property
    def log(self) -> Path:
        return self.forwarding.folder / "ansible.log"


@pytest.fixture(scope="module")
def doctor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doctor]:
    folder = tmp_path_factory.mktemp("doctor")
    with not_deployed(folder) as forwarding:
        shell = {**shell_before(forwarding, folder), **forwarding.aws.environment}
        found = Doctor(Desk(forwarding, shell, "", folder, ""))
        found.deploy()
        yield found


def pause(forwarding: Forwarding) -> None:
    forwarding.aws.sending.enabled = False


def stop(forwarding: Forwarding) -> None:
    forwarding.client("lambda").put_function_concurrency(FunctionName=STACK, ReservedConcurrentExecutions=0)


def cut_off(forwarding: Forwarding) -> None:
    functions = forwarding.client("lambda")
    [source] = functions.list_event_source_mappings(FunctionName=STACK)["EventSourceMappings"]
    functions.update_event_source_mapping(UUID=source["UUID"], Enabled=False)


def silence(forwarding: Forwarding) -> None:
    forwarding.client("cloudwatch").disable_alarm_actions(AlarmNames=[f"{STACK}-dead-letters"])


def unprotect(forwarding: Forwarding) -> None:
    forwarding.client("dynamodb").update_table(TableName=MAP, DeletionProtectionEnabled=False)


def end_backups(forwarding: Forwarding) -> None:
    off = {"PointInTimeRecoveryEnabled": False}
    forwarding.client("dynamodb").update_continuous_backups(
        TableName=f"{STACK}-deliveries", PointInTimeRecoverySpecification=off
    )


def mend(forwarding: Forwarding) -> None:
    """Undo what was broken, so that one remedy that does not do what it says fails one test."""
    forwarding.aws.sending.enabled = True
    functions, dynamodb = (forwarding.client(name) for name in ("lambda", "dynamodb"))
    functions.delete_function_concurrency(FunctionName=STACK)
    [source] = functions.list_event_source_mappings(FunctionName=STACK)["EventSourceMappings"]
    functions.update_event_source_mapping(UUID=source["UUID"], Enabled=True)
    forwarding.client("cloudwatch").enable_alarm_actions(AlarmNames=[f"{STACK}-dead-letters"])
    dynamodb.update_table(TableName=MAP, DeletionProtectionEnabled=True)
    on = {"PointInTimeRecoveryEnabled": True}
    dynamodb.update_continuous_backups(TableName=f"{STACK}-deliveries", PointInTimeRecoverySpecification=on)


# What is done to the forwarder, and how the check says it; the remedy is a command.
BROKEN: dict[str, tuple[str, Callable[[Forwarding], None]]] = {
    "sending": ("fail", pause),
    "function_states": ("fail", stop),
    "event_sources": ("fail", cut_off),
    "alarms": ("warn", silence),
    "map_protection": ("warn", unprotect),
    "delivery_recovery": ("warn", end_backups),
}


@pytest.mark.parametrize("check", BROKEN)
def test_breaking_one_thing_turns_its_check_and_the_remedy_as_printed_mends_it(doctor: Doctor, check: str) -> None:
    status, break_it = BROKEN[check]
    assert doctor.look() == {}
    break_it(doctor.forwarding)
    found = doctor.look()
    assert {name: one["status"] for name, one in found.items()} == {check: status}
    command = _COMMAND.search(found[check]["remedy"])
    assert command, found[check]["remedy"]
    try:
        doctor.desk.run(command[0])
        assert doctor.look() == {}
    finally:
        mend(doctor.forwarding)


def test_another_team_activates_a_rule_set_of_its_own(doctor: Doctor) -> None:
    ses = doctor.forwarding.client("ses")
    ses.create_receipt_rule_set(RuleSetName="theirs")
    ses.set_active_receipt_rule_set(RuleSetName="theirs")
    found = doctor.look()
    assert {name: one["status"] for name, one in found.items()} == {"active_rule": "fail"}
    assert "run the playbook deploy" in found["active_rule"]["remedy"]
    with pytest.raises(PlaybookFailedError, match=r"active_rule: what to do is said above"):
        doctor.play()
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
