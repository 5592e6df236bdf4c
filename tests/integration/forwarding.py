# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A deployed forwarder as its tests see it: mail in, what became of each copy, and what SES told of it afterwards."""

from __future__ import annotations

import json
import smtplib
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from email import message_from_bytes
from pathlib import Path
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from ansible_collections.account_factory.email.plugins.module_utils._failing_mailbox import FailingMailbox
from ansible_collections.account_factory.email.plugins.module_utils._mail_record import MAIL_PREFIX
from ansible_collections.account_factory.email.plugins.module_utils._record import AddressRecord
from tests.local_aws import LocalAws
from tests.local_aws.outbox import SentMail
from tests.local_aws.playbook import run_playbook
from tests.local_aws.received_mail import VERDICTS_HEADER

DOMAIN = "accounts.example.com"
STACK = "mail-forwarder"
MAP = f"{STACK}-map"
BUCKET = f"{STACK}-mail-111122223333-eu-west-1"
RECEIVED = f"arn:aws:sns:eu-west-1:111122223333:{STACK}-received"
FUNCTIONS = (STACK, f"{STACK}-events", f"{STACK}-release", f"{STACK}-replay")
# What fails comes back after twice as many seconds.
TIMEOUT = 10
_SMTP_SECONDS = 300
COPY, ATTACHED, LETTER = "copy", "attached", "letter"


@dataclass(frozen=True)
class Forwarding:
    """A forwarder in an account where every permission counts; ``noted`` has what IAM decided."""

    aws: LocalAws
    folder: Path
    noted: Path
    _clients: dict[str, Any] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        """Return a client of the account's root, the same one each time: to make one takes as long as ten calls."""
        if service not in self._clients:
            self._clients[service] = self.aws.client(service)
        return self._clients[service]

    def vend(self, address: str, owners: Sequence[str], fallback_owners: Sequence[str] = (), **fields: Any) -> None:
        """Put a record into the map, in the place of one that is there."""
        local_part, _at, domain = address.partition("@")
        record = AddressRecord(address, local_part, domain, tuple(owners), "active")
        self._put(replace(record, fallback_owners=tuple(fallback_owners), **fields).to_item())

    def mark(self, mark: FailingMailbox) -> None:
        """Put the mark of a failing mailbox into the map, in the place of one that is there."""
        self._put(mark.to_item())

    def marks(self) -> dict[str, FailingMailbox]:
        """Return the marks of failing mailboxes, by their mailboxes as they stand in the keys."""
        items = self._items(MAP)
        found = [(key.removeprefix("MAILBOX#"), item) for key, item in items.items() if key.startswith("MAILBOX#")]
        return {mailbox: FailingMailbox.from_item(item) for mailbox, item in found}

    def deliveries(self) -> dict[str, dict[str, Any]]:
        """Return the items of deliveries by their keys."""
        items = self._items(f"{STACK}-deliveries")
        return {key: item for key, item in items.items() if not key.startswith(MAIL_PREFIX)}

    def receive(self, address: str, data: bytes, verdicts: str | None = None) -> str:
        """Send a mail from outside and return SES's id of it."""
        if verdicts is not None:
            data = f"{VERDICTS_HEADER}: {verdicts}\r\n".encode() + data
        host, _unused, port = self.aws.smtp.partition(":")
        with smtplib.SMTP(host, int(port), timeout=_SMTP_SECONDS) as connection:
            connection.ehlo("mail.example.org")
            connection.docmd("MAIL", "FROM:<bounce@example.org>")
            connection.docmd("RCPT", f"TO:<{address}>")
            code, text = connection.data(data)
        assert code == 250, text
        return text.decode().rpartition(" ")[2]

    def settle(self, timeout: float = 120) -> None:
        """Return once no mail and no event is on its way; TimeoutError where something comes back again and again."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            published = len(self.aws.events.published)
            if not self.left():
                # What a function sent before its message was done with is under way by now.
                self.aws.events.settle()
                if not self.left() and len(self.aws.events.published) == published:
                    return
            time.sleep(0.1)
        raise TimeoutError(f"after {timeout:g} s there is still {self.left()}, and this was tried: {self.tried()}")

    def left(self) -> dict[str, int]:
        """Return how many messages are in which queue, or taken from it and not done."""
        sqs = self.client("sqs")
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = {}
        for url in sqs.list_queues(QueueNamePrefix=STACK)["QueueUrls"]:
            attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
            found[url.rpartition("/")[2]] = sum(int(attributes[name]) for name in names)
        return {name: count for name, count in found.items() if count}

    def tell(self, event: Mapping[str, Any]) -> None:
        """Let an event of SES come, as it comes from the topic."""
        sqs = self.client("sqs")
        url = sqs.get_queue_url(QueueName=f"{STACK}-events")["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody=json.dumps(event) + "\n")

    def release(self, message_id: str) -> dict[str, Any]:
        """Release a mail from the quarantine and return what that came to."""
        answer = self.client("lambda").invoke(
            FunctionName=f"{STACK}-release",
            Payload=json.dumps({"message_id": message_id, "released_by": "a test"}).encode(),
        )
        found: dict[str, Any] = json.loads(answer["Payload"].read())
        return found

    @contextmanager
    def configured(self, **settings: Any) -> Iterator[None]:
        """Change settings of the functions for a while, as a deploy would that is told otherwise."""
        functions = self.client("lambda")
        before = {}
        for name in FUNCTIONS:
            variables = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
            before[name] = variables
            changed = {**variables, "SETTINGS": json.dumps({**json.loads(variables["SETTINGS"]), **settings})}
            functions.update_function_configuration(FunctionName=name, Environment={"Variables": changed})
        try:
            yield
        finally:
            for name, variables in before.items():
                functions.update_function_configuration(FunctionName=name, Environment={"Variables": variables})

    def audit(self) -> list[dict[str, Any]]:
        """Return the audit lines of all functions."""
        return [line for line in self._lines() if line.get("message") == "audit"]

    def tried(self) -> list[str]:
        """Return what went wrong, in the words of the audit lines and errors."""
        return [str(line.get("error") or line.get("exception")) for line in self._lines() if _is_wrong(line)]

    def stories(self) -> dict[str, dict[str, list[str]]]:
        """Return what the audit lines say became of each mail, by its id and the mailbox: words, sorted.

        Without what depends on who comes first, where two functions are at one mail: that one of them met a copy of the
        other's, and an event that for that came again.
        """
        found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for line in self.audit():
            if "mailbox" in line and line["action"] not in ("already-sent", "in-progress"):
                words = found[str(line.get("ses_message_id"))][line["mailbox"].lower()]
                words += [line["action"]] if line["action"] not in words or line["action"].startswith("sent") else []
        return {mail: {box: sorted(words) for box, words in told.items()} for mail, told in found.items()}

    def got(self) -> dict[str, dict[str, list[str]]]:
        """Return what reached whom, by the mail's id and the mailbox: the form of each mail."""
        found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for mail in self.aws.outbox.messages():
            (mailbox,) = mail.recipients
            found[mail.tags["message_id"]][mailbox].append(form_of(mail))
        return {mail: dict(told) for mail, told in found.items()}

    def raised(self) -> set[str]:
        """Return the alarms that are raised by what the functions count so far."""
        self._publish_metrics()
        pages = self.client("cloudwatch").get_paginator("describe_alarms").paginate(StateValue="ALARM")
        return {alarm["AlarmName"].removeprefix(f"{STACK}-") for page in pages for alarm in page["MetricAlarms"]}

    def refused(self, *more: str) -> set[str]:
        """Return what IAM refused to the functions, of which there are more than those of mail by the ends of names."""
        names = (*FUNCTIONS, *(f"{STACK}-{name}" for name in more))
        noted = [json.loads(line) for line in self.noted.read_text(encoding="utf-8").splitlines()]
        # A function's session has the function's name; others have assumed its role.
        ours = [one for one in noted if one["principal"].rpartition("/")[2] in names]
        assert ours, "IAM was asked for nothing by the functions"
        return {f"{one['principal']}: {one['action']} on {one['resource']}" for one in ours if not one["allowed"]}

    def _publish_metrics(self) -> None:
        """Publish the metrics in the functions' log, as CloudWatch does (User Guide, "Embedded metric format").

        All of them as of now: what counts here is that there are some.
        """
        totals: dict[tuple[str, str], float] = defaultdict(float)
        for line in self._lines():
            for directive in line.get("_aws", {}).get("CloudWatchMetrics", []):
                assert directive["Dimensions"] == [["service"]]
                assert line["service"] == STACK
                for name in (metric["Name"] for metric in directive["Metrics"]):
                    values = line[name]
                    totals[directive["Namespace"], name] += sum(values if isinstance(values, list) else [values])
        data: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for (namespace, name), total in totals.items():
            dimensions = [{"Name": "service", "Value": STACK}]
            data[namespace].append({"MetricName": name, "Dimensions": dimensions, "Value": total})
        for namespace, together in data.items():
            self.client("cloudwatch").put_metric_data(Namespace=namespace, MetricData=together)

    def _lines(self) -> Iterator[dict[str, Any]]:
        logs = self.client("logs")
        for name in FUNCTIONS:
            pages = logs.get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/{name}")
            for text in (event["message"] for page in pages for event in page["events"]):
                if text.startswith("{"):
                    yield json.loads(text)

    def _put(self, item: Mapping[str, Any]) -> None:
        serialized = {name: TypeSerializer().serialize(value) for name, value in item.items()}
        self.client("dynamodb").put_item(TableName=MAP, Item=serialized)

    def _items(self, table: str) -> dict[str, dict[str, Any]]:
        deserialize = TypeDeserializer().deserialize
        pages = self.client("dynamodb").get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
        items = [{name: deserialize(value) for name, value in item.items()} for page in pages for item in page["Items"]]
        return {str(item["pk"]): item for item in items}


def form_of(mail: SentMail) -> str:
    """Return in which form a mail left."""
    if not mail.data.startswith(b'From: "AWS accounts" <'):
        return COPY
    parts = message_from_bytes(mail.data).walk()
    return ATTACHED if any(part.get_filename() == "message.eml" for part in parts) else LETTER


def _is_wrong(line: Mapping[str, Any]) -> bool:
    return line.get("action") in ("failed", "waiting", "in-progress") or line.get("level") == "ERROR"


def deploy_variables(admin: str, **variables: Any) -> dict[str, Any]:
    """Return the variables that a forwarder is deployed with."""
    return {
        "mail_forwarder_domain": DOMAIN,
        "mail_forwarder_admin_address": admin,
        "mail_forwarder_sender_name": "AWS accounts",
        "mail_forwarder_timeout": TIMEOUT,
        **variables,
    }


@contextmanager
def deployed(folder: Path, admin: str, **variables: Any) -> Iterator[Forwarding]:
    """Deploy a forwarder on a local AWS of its own."""
    with not_deployed(folder) as forwarding:
        given = deploy_variables(admin, **variables)
        run_playbook("deploy", given, forwarding.aws.environment, folder / "ansible.log")
        yield forwarding


@contextmanager
def not_deployed(folder: Path) -> Iterator[Forwarding]:
    """Start a local AWS in which a forwarder can be deployed, and is not yet."""
    noted = folder / "decisions.jsonl"
    with LocalAws(folder / "aws", enforce_iam=True, decisions=noted) as aws:
        # Whoever owns the domain proves it to SES once, before anything is deployed.
        aws.client("sesv2").create_email_identity(EmailIdentity=DOMAIN)
        yield Forwarding(aws, folder, noted)
