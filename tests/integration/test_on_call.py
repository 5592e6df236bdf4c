# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each command of docs/on-call.md does what the page says: from a shell, as it is written, for one deployed forwarder.

What a command needs is prepared, and put in the place of its placeholders, by the rule that it matches in RULES. A
command that matches none fails.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import pytest
import yaml

from tests.checks.environment import BIN
from tests.integration.environments import environment
from tests.integration.forwarding import BUCKET, COPY, DOMAIN, STACK, Forwarding, deploy_variables, not_deployed
from tests.integration.test_create_account import wait_until
from tests.local_aws.playbook import environment_of_user
from tests.local_aws.sending import Outage
from tests.on_call_page import SETTING_UP, joined, read

# Version 1 is on the package index; version 2, which most people have, is not. The page uses what both have.
AWS_CLI = "1.46.3"
PROFILE = "mail-operations"
ADMIN = "admin@example.com"
GROUP = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
ADDRESS, OWNER, NEW_OWNER = f"payments-001@{DOMAIN}", "ann@example.org", "cat@example.org"
TROUBLE = {"failing": "bob@example.org", "rejecting": "dan@example.org", "bouncing": "eve@example.org"}
SPAM, FORGED = "spam=FAIL virus=PASS dmarc=PASS", "spam=PASS virus=PASS dmarc=FAIL;reject"
MAIL = b"From: AWS <no-reply@aws.example>\r\nTo: you\r\nSubject: Password reset\r\n\r\nThe link.\r\n"
NOW = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
_PLACEHOLDERS = re.compile(r"\b(?:ID|ADDRESS|OWNER|NEW_OWNER|MAPPING_ID|GROUP)\b")
_SECONDS = 120


@dataclass
class Desk:
    """The person on call at a shell that is set up as the page says, and what lies before that person.

    ``delivered`` is the id of a mail that arrived, ``deploying`` what the deployment printed.
    """

    forwarding: Forwarding
    shell: dict[str, str]
    delivered: str
    folder: Path
    deploying: str
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def run(self, command: str) -> str:
        """Run a command in a shell; return what it printed, and fail where it fails."""
        ended = subprocess.run(
            ["sh", "-c", command],
            env=self.shell,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=_SECONDS,
        )
        assert ended.returncode == 0, f"{command}\nended with {ended.returncode}:\n{ended.stdout}"
        return ended.stdout

    def failed(self, queue: str = "dead-letters") -> str:
        """Let there be one more mail that could not be forwarded; return its id."""
        message_id = f"failed-{next(self._numbers)}-{uuid4().hex[:12]}"
        self.forwarding.client("s3").put_object(Bucket=BUCKET, Key=f"mail/{message_id}", Body=MAIL)
        self._send(queue, notification(message_id))
        return message_id

    def event(self) -> str:
        """Let there be one more event that could not be handled; return its id."""
        message_id = f"event-{next(self._numbers)}-{uuid4().hex[:12]}"
        mail = {"messageId": message_id, "timestamp": NOW, "destination": [OWNER]}
        delivery = {"timestamp": NOW, "recipients": [OWNER], "smtpResponse": "250 2.0.0 ok"}
        self._send("events-dead-letters", {"eventType": "Delivery", "mail": mail, "delivery": delivery})
        return message_id

    def quarantined(self, verdicts: str = SPAM) -> str:
        """Let one more mail be held back; return its id."""
        message_id = self.forwarding.receive(ADDRESS, MAIL, verdicts)
        wait_until(lambda: message_id in self.forwarding.got())
        return message_id

    def _send(self, queue: str, body: Mapping[str, object]) -> None:
        sqs = self.forwarding.client("sqs")
        url = sqs.get_queue_url(QueueName=f"{STACK}-{queue}")["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody=json.dumps(body))


def notification(message_id: str) -> dict[str, object]:
    """Return SES's notification of a mail to the address."""
    return {
        "notificationType": "Received",
        "mail": {"messageId": message_id, "source": "x@example.org", "timestamp": NOW},
        "receipt": {
            "recipients": [ADDRESS],
            "action": {"type": "S3", "bucketName": BUCKET, "objectKey": f"mail/{message_id}"},
        },
    }


def have_trouble(forwarding: Forwarding) -> None:
    """Let the functions log what the alarms about single mails and about errors are raised by."""
    for name, mailbox in TROUBLE.items():
        forwarding.vend(f"{name}-001@{DOMAIN}", [mailbox])
    forwarding.aws.sending.outage = Outage.ERROR
    forwarding.receive(f"failing-001@{DOMAIN}", MAIL)
    wait_until(lambda: any(line["action"] == "failed" for line in forwarding.audit()))
    forwarding.aws.sending.outage = None
    # It would be tried again in minutes, and only after that nothing would be on its way.
    sqs = forwarding.client("sqs")
    sqs.purge_queue(QueueUrl=sqs.get_queue_url(QueueName=f"{STACK}-received")["QueueUrl"])
    forwarding.aws.mailboxes.rejects(TROUBLE["rejecting"])
    for mailbox in (TROUBLE["bouncing"], ADMIN):
        forwarding.aws.mailboxes.bounces(mailbox)
    for name in ("rejecting", "bouncing"):
        forwarding.receive(f"{name}-001@{DOMAIN}", MAIL)
    forwarding.settle()
    forwarding.aws.mailboxes.works(ADMIN)
    add_log_lines(forwarding)


def add_log_lines(forwarding: Forwarding) -> None:
    """Let the log have lines that take long to come by: a function that Lambda ended, and an error about an event."""
    logs, stream, now = forwarding.client("logs"), "added", int(time.time() * 1000)
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/{STACK}", filterPattern="ERROR")
    error = next(event["message"] for page in pages for event in page["events"])
    for name, line in ((STACK, "Task timed out after 60.00 seconds"), (f"{STACK}-events", error)):
        group = f"/aws/lambda/{name}"
        logs.create_log_stream(logGroupName=group, logStreamName=stream)
        event = {"timestamp": now, "message": line}
        logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=[event])


def shell_before(forwarding: Forwarding, folder: Path) -> dict[str, str]:
    """Return the environment of a shell of somebody who has a profile of the account, Ansible and the AWS CLI."""
    tools = folder / "bin"
    tools.mkdir()
    (tools / "aws").symlink_to(environment("aws-cli", AWS_CLI, [f"awscli=={AWS_CLI}"]) / "bin" / "aws")
    given, config = forwarding.aws.environment, folder / "config"
    keys = [f"{name.lower()} = {given[name]}" for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")]
    config.write_text("\n".join([f"[profile {PROFILE}]", *keys, ""]))
    endpoint = {"AWS_ENDPOINT_URL": given["AWS_ENDPOINT_URL"], "AWS_CONFIG_FILE": str(config)}
    shell = environment_of_user(endpoint, folder)
    return {**shell, "PATH": os.pathsep.join([str(tools), str(BIN), shell.get("PATH", os.defpath)])}


def setting_up() -> tuple[str, str]:
    """Return what the page says is to be done once, and of that what needs no deployed forwarder."""
    (section,) = [section for section in read() if section.title == SETTING_UP]
    once, *_looks = section.fences
    return once, "".join(f"{line}\n" for line in once.splitlines() if line.startswith("export "))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Deploy by the page's own command: that takes as long as all others together."""
    folder = tmp_path_factory.mktemp("on-call")
    work = folder / "work"
    work.mkdir()
    (work / "forwarder.yml").write_text(yaml.safe_dump(deploy_variables(ADMIN, mail_forwarder_vending="lambda")))
    with not_deployed(folder) as forwarding:
        before, (once, exports) = shell_before(forwarding, folder), setting_up()
        deploying = Desk(forwarding, before, "", work, "").run(f"{exports}{DEPLOY}")
        forwarding.vend(ADDRESS, [OWNER])
        have_trouble(forwarding)
        delivered = forwarding.receive(ADDRESS, MAIL)
        forwarding.settle()
        # As in a shell that stays, what is set is there for the commands after it.
        script = ["sh", "-c", f"set -ae\n{once}\nenv -0"]
        done = subprocess.run(script, env=before, cwd=work, capture_output=True, text=True, check=True)
        shell = dict(one.split("=", 1) for one in done.stdout.split("\0") if one)
        yield Desk(forwarding, shell, delivered, work, deploying)


Values = Mapping[str, str]


@dataclass(frozen=True)
class Rule:
    """How commands are prepared that begin so: what stands for their placeholders, and what has to come of them.

    ``says`` is a pattern of what they print, with the placeholders of the command.
    """

    begins: str
    says: str = ""
    prepare: Callable[[Desk], Values] = lambda _desk: {}
    comes_of_it: Callable[[Desk, Values], bool] = lambda _desk, _values: True


def failed(desk: Desk) -> Values:
    return {"ID": desk.failed()}


def undelivered(desk: Desk) -> Values:
    return {"ID": desk.failed("undelivered")}


def an_event(desk: Desk) -> Values:
    return {"ID": desk.event()}


def spam(desk: Desk) -> Values:
    return {"ID": desk.quarantined()}


def forged(desk: Desk) -> Values:
    return {"ID": desk.quarantined(FORGED)}


def delivered(desk: Desk) -> Values:
    return {"ID": desk.delivered}


def known(_desk: Desk) -> Values:
    return {"ADDRESS": ADDRESS, "OWNER": OWNER, "NEW_OWNER": NEW_OWNER}


def failing(desk: Desk) -> Values:
    desk.forwarding.aws.suppression.put(TROUBLE["bouncing"], "BOUNCE")
    return {"OWNER": TROUBLE["bouncing"], "NEW_OWNER": NEW_OWNER}


def source(desk: Desk) -> Values:
    mappings = desk.forwarding.client("lambda").list_event_source_mappings(FunctionName=STACK)
    return {"MAPPING_ID": mappings["EventSourceMappings"][0]["UUID"]}


def an_alarm(desk: Desk) -> Values:
    cloudwatch = desk.forwarding.client("cloudwatch")
    cloudwatch.set_alarm_state(AlarmName=f"{STACK}-dead-letters", StateValue="ALARM", StateReason="a test")
    return {}


def decided(desk: Desk) -> Values:
    """Let the log have that somebody replayed and released a mail."""
    if not {"replay", "release"} <= {line["action"] for line in desk.forwarding.audit()}:
        release, replayed = desk.forwarding.release(desk.quarantined()), desk.failed()
        assert release["deliveries"]
        payload = json.dumps({"message_ids": [replayed], "replayed_by": "a test"}).encode()
        desk.forwarding.client("lambda").invoke(FunctionName=f"{STACK}-replay", Payload=payload)
    return {}


def asked_wrongly(desk: Desk) -> Values:
    desk.forwarding.client("lambda").invoke(FunctionName=f"{STACK}-vend", Payload=b"{}")
    return {}


def arrived(desk: Desk, values: Values) -> bool:
    """Tell whether the owner has got the mail itself, once, whatever was sent about it before."""
    return desk.forwarding.got().get(values["ID"], {}).get(OWNER, []).count(COPY) == 1


def is_fetched(desk: Desk, values: Values) -> bool:
    return (desk.folder / f"{values['ID']}.eml").read_bytes().endswith(MAIL)


def is_lifted(desk: Desk, values: Values) -> bool:
    return desk.forwarding.aws.suppression.reason(values["OWNER"]) is None


DEPLOY = "ansible-playbook account_factory.email.deploy -e @forwarder.yml"
PLAY, MODULE = "ansible-playbook account_factory.email.", "ansible localhost -m account_factory.email."
LOG = f"aws logs filter-log-events --log-group-name /aws/lambda/{STACK}"
# The first that a command begins with.
RULES = (
    Rule(f"{PLAY}doctor", r"\d+ checks: [\s\S]*(WARN|FAIL) failing_owners: ", failing),
    Rule(f"{PLAY}list_held_mail -e mail_forwarder_reason=not-queued", "ID", undelivered),
    Rule(f"{PLAY}list_held_mail -e mail_forwarder_kind=failed", "ID", failed),
    Rule(f"{PLAY}list_held_mail -e mail_forwarder_kind=event", "ID", an_event),
    Rule(f"{PLAY}list_held_mail -e mail_forwarder_kind=quarantined", "ID", spam),
    Rule(f"{PLAY}list_held_mail -e mail_forwarder_address=", "ID", lambda desk: {**known(desk), **failed(desk)}),
    Rule(f"{PLAY}list_held_mail", "ID", spam),
    Rule(f"{PLAY}show_held_mail", "Password reset", failed),
    Rule(f"{PLAY}list_deliveries -e mail_forwarder_message_id=", "delivered", delivered),
    Rule(f"{PLAY}list_deliveries -e mail_forwarder_address=", "delivered", known),
    Rule(f"{PLAY}replay_mail -e mail_forwarder_kind=event", "ID  replayed", an_event),
    Rule(f"{PLAY}replay_mail -e mail_forwarder_limit=50 --check", "ID  replayed", failed),
    Rule(f"{PLAY}replay_mail", "ID  replayed", failed, arrived),
    Rule(f"{PLAY}release_mail -e mail_forwarder_reason=dmarc", "ID  released", forged, arrived),
    Rule(f"{PLAY}release_mail", "ID  released", spam, arrived),
    Rule(f"{PLAY}discard_mail -e mail_forwarder_reason=spam", "ID  discarded", spam),
    Rule(f"{PLAY}discard_mail", "ID  discarded", failed),
    Rule(DEPLOY, f"Forwards the mail of {DOMAIN}"),
    Rule(f"{PLAY}list_addresses -e account_factory_owner=", "gets no mail: OWNER, bounced", failing),
    Rule(f"{PLAY}list_addresses -e account_factory_address=", "ADDRESS +active", known),
    Rule(f"{PLAY}list_addresses -e account_factory_owner_group=", "none: no address", lambda _desk: {"GROUP": GROUP}),
    Rule(f"{PLAY}sync_owners", "In check mode: nothing was changed."),
    Rule(f"{PLAY}list_addresses", "gets no mail: .*, bounced"),
    Rule(f"{PLAY}transfer_owner", "1 of OWNER:", failing),
    Rule(f"{PLAY}edit_address", "NEW_OWNER", known),
    Rule(f"{MODULE}ses_suppressed_destination_info", '"email_address": "OWNER"', failing),
    Rule(f"{MODULE}ses_suppressed_destination ", '"changed": true', failing, is_lifted),
    Rule(f"{LOG}-events --filter-pattern ERROR", '"level":"ERROR"'),
    Rule(f"{LOG}-events --filter-pattern undeliverable", '"action":"undeliverable"'),
    Rule(f"{LOG}-events --filter-pattern rejected", '"action":"rejected"'),
    Rule(f"{LOG}-vend --filter-pattern refused", '"message":"refused"', asked_wrongly),
    Rule(f"{LOG} --filter-pattern ERROR", '"level":"ERROR"'),
    Rule(f"{LOG} --filter-pattern failed", '"action":"failed"'),
    Rule(f'{LOG} --filter-pattern \'?"Task timed out"', "Task timed out after"),
    Rule(f"{LOG} --filter-pattern '\"ADDRESS\"'", '"address":"ADDRESS"', known),
    Rule(f"{LOG}-replay --filter-pattern", '"action":"replay"', decided),
    Rule(f"{LOG}-release --filter-pattern", '"action":"release"', decided),
    Rule("aws cloudwatch describe-alarms", f"{STACK}-dead-letters", an_alarm),
    Rule("aws ses describe-active-receipt-rule-set", f"{STACK}\tTrue"),
    Rule("aws s3api get-bucket-policy", '"Sid": "OurReceiptRule"'),
    Rule("aws sns get-topic-attributes", '"Sid": "OurReceiptRule"'),
    Rule("aws cloudtrail lookup-events"),
    Rule("aws cloudformation detect-stack-drift", "StackDriftDetectionId"),
    Rule("aws cloudformation describe-stack-resource-drifts"),
    Rule("aws s3 cp", "download: .*ID", delivered, is_fetched),
    Rule("aws lambda list-event-source-mappings", "\tEnabled\t"),
    Rule("aws lambda get-function-concurrency"),
    Rule("aws lambda get-account-settings", '"UnreservedConcurrentExecutions": '),
    Rule("aws lambda update-event-source-mapping", '"State": "Enabl', source),
    Rule("aws lambda put-function-concurrency", '"ReservedConcurrentExecutions": 2'),
    Rule("aws lambda delete-function-concurrency"),
    Rule("aws sesv2 get-account --query EnforcementStatus", '"HEALTHY"'),
    Rule("aws sesv2 get-account", '"Max24HourSend"'),
    Rule("aws sesv2 get-configuration-set", '"SendingEnabled": true'),
    Rule("aws sesv2 put-account-sending-attributes"),
    Rule("aws sesv2 put-configuration-set-sending-options"),
    Rule("aws sesv2 list-suppressed-destinations", '"Reason": "BOUNCE"', failing),
)
# What is written in several sections is run once.
COMMANDS = list(
    dict.fromkeys(
        " ".join(command.split())
        for section in read()
        for fence in (section.fences[1:] if section.title == SETTING_UP else section.fences)
        for command in joined(fence)
    )
)


def rule_of(command: str) -> Rule | None:
    return next((rule for rule in RULES if command.startswith(rule.begins)), None)


def filled(text: str, values: Values, escape: Callable[[str], str] = str) -> str:
    """Return a text with its placeholders replaced; KeyError for one that has no value."""
    return _PLACEHOLDERS.sub(lambda found: escape(values[found[0]]), text)


def test_each_command_has_a_rule_and_each_rule_a_command() -> None:
    ruled = {command: rule_of(command) for command in COMMANDS}
    assert [command for command, rule in ruled.items() if rule is None] == [], "say in RULES what these need and print"
    assert [rule.begins for rule in RULES if rule not in ruled.values()] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_does_what_the_page_says(desk: Desk, command: str) -> None:
    rule = rule_of(command)
    assert rule is not None
    values = rule.prepare(desk)
    printed = desk.deploying if command == DEPLOY else desk.run(filled(command, values))
    assert re.search(filled(rule.says, values, re.escape), printed), printed
    wait_until(lambda: rule.comes_of_it(desk, values))


def test_nothing_is_refused_to_the_functions(desk: Desk) -> None:
    assert desk.forwarding.refused() == set()
