# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every mail of the corpus through the deployed forwarder: in by SMTP, through the queue, out through SES.

The forwarder has all security variables set. What it does with mail without them the other files here are about, and
the function alone gets the same corpus in tests/unit.
"""

from __future__ import annotations

import json
import smtplib
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from tests import mail_corpus
from tests.integration.secured import ACCOUNT, READER, READS_MAIL, REGION, SECURITY, USES_KEYS, assume, prepare
from tests.local_aws import LocalAws
from tests.local_aws.outbox import SentMail
from tests.local_aws.playbook import run_playbook
from tests.local_aws.received_mail import VERDICTS_HEADER
from tests.mail_corpus import Case, Seen, cases, done_of, judge, records

FORWARDER: dict[str, Any] = {
    **SECURITY,
    "mail_forwarder_domain": mail_corpus.DOMAIN,
    "mail_forwarder_admin_address": mail_corpus.ADMIN,
    "mail_forwarder_sender_name": mail_corpus.SENDER_NAME,
}
STACK = "mail-forwarder"
BUCKET = f"{STACK}-mail-{ACCOUNT}-{REGION}"
CASES = tuple(case for case in cases() if case.runs_by_smtp)
# A mail takes a second or two. A loaded machine may take far longer, and that is no failure.
TIMEOUT = 600.0
_SMTP_SECONDS = 300


@dataclass(frozen=True)
class Ended:
    """What became of the corpus: SES's message id of each case, and what AWS holds once the queue is done with them."""

    s3: Any
    message_ids: dict[str, str]
    items: list[dict[str, Any]]
    outbox: list[SentMail]
    audit: list[dict[str, Any]]
    left_in_queues: int

    def seen(self, case: Case) -> Seen:
        message_id = self.message_ids[case.id]
        mine = [mail for mail in self.outbox if mail.tags.get("message_id") == message_id]
        return Seen(
            message_id=message_id,
            stored=self._object(f"mail/{message_id}"),
            mails={mail.name.partition("-")[2]: mail for mail in mine},
            done=done_of(message_id, self.items),
            quarantined=self._object(f"quarantine/{message_id}") if self._is_quarantined(message_id) else None,
        )

    def _is_quarantined(self, message_id: str) -> bool:
        listed = self.s3.list_objects_v2(Bucket=BUCKET, Prefix=f"quarantine/{message_id}")
        names = {one["Key"] for one in listed.get("Contents", [])}
        assert names in (set(), {f"quarantine/{message_id}", f"quarantine/{message_id}.json"})
        return bool(names)

    def _object(self, key: str) -> bytes:
        return bytes(self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())


def submit(aws: LocalAws, case: Case) -> str:
    """Send a mail as a server of the sender's would, its envelope to the letter; return SES's id of it."""
    host, _unused, port = aws.smtp.partition(":")
    wish = case.wish()
    data = case.data() if wish is None else f"{VERDICTS_HEADER}: {wish}\r\n".encode() + case.data()
    with smtplib.SMTP(host, int(port), timeout=_SMTP_SECONDS) as connection:
        connection.ehlo("mail.example.org")
        answers = [connection.docmd("MAIL", f"FROM:<{case.sender}>")]
        answers += [connection.docmd("RCPT", f"TO:<{recipient}>") for recipient in case.recipients]
        assert {code for code, _text in answers} == {250}, (case.id, answers)
        code, text = connection.data(data)
    assert code == 250, (case.id, text)
    return text.decode().rpartition(" ")[2]


class Watched:
    """The deployed forwarder, as it can be seen from outside while it works."""

    def __init__(self, aws: LocalAws) -> None:
        self._sqs, self._dynamodb, self._logs = (aws.client(name) for name in ("sqs", "dynamodb", "logs"))

    def left_in_queues(self) -> int:
        """Return how many messages are in the queue, taken from it and not done, or in the dead-letter queue."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        urls = self._sqs.list_queues()["QueueUrls"]
        counts = [self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"] for url in urls]
        return sum(int(count[name]) for count in counts for name in names)

    def deliveries(self) -> list[dict[str, Any]]:
        deserialize = TypeDeserializer().deserialize
        pages = self._dynamodb.get_paginator("scan").paginate(TableName=f"{STACK}-deliveries", ConsistentRead=True)
        items = [item for page in pages for item in page["Items"]]
        return [{name: deserialize(value) for name, value in item.items()} for item in items]

    def audit(self) -> list[dict[str, Any]]:
        pages = self._logs.get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/{STACK}")
        lines = [event["message"] for page in pages for event in page["events"] if event["message"].startswith("{")]
        return [line for line in map(json.loads, lines) if line.get("message") == "audit"]


def vend_all(aws: LocalAws) -> None:
    serialize = TypeSerializer().serialize
    dynamodb = aws.client("dynamodb")
    for record in records():
        item = {name: serialize(value) for name, value in record.to_item().items()}
        dynamodb.put_item(TableName=f"{STACK}-map", Item=item)


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ended]:
    """Deploy a forwarder, send it the whole corpus, and wait until it is done with all that can be done."""
    folder = tmp_path_factory.mktemp("corpus")
    with LocalAws(folder / "aws", enforce_iam=True) as aws:
        # Whoever owns the domain proves it to SES once, before anything is deployed.
        aws.client("sesv2").create_email_identity(EmailIdentity=mail_corpus.DOMAIN)
        prepare(aws)
        run_playbook("deploy", FORWARDER, aws.environment, folder / "ansible.log")
        vend_all(aws)
        with ThreadPoolExecutor(4) as pool:
            sent = pool.map(lambda case: submit(aws, case), CASES)
            message_ids = {case.id: message_id for case, message_id in zip(CASES, sent, strict=True)}
        watched = Watched(aws)
        wait_until_done(watched, message_ids)
        outbox = aws.outbox.messages()
        left = watched.left_in_queues()
        # The root of the account is none of those who may read mail.
        reader = assume(aws, READER, [*READS_MAIL, *USES_KEYS]).client("s3", endpoint_url=aws.endpoint_url)
        yield Ended(reader, message_ids, watched.deliveries(), outbox, watched.audit(), left)


def wait_until_done(watched: Watched, message_ids: dict[str, str]) -> None:
    """Return once every expected delivery is done and nothing is on its way but what is to come back to the queue.

    What is not done by then each case says for itself.
    """
    coming_back = {message_ids[case.id] for case in CASES if case.raised}
    wanted = {message_ids[case.id]: len(case.expect) for case in CASES}
    deadline = time.monotonic() + TIMEOUT
    while time.monotonic() < deadline:
        items = watched.deliveries()
        if watched.left_in_queues() == len(coming_back) and all(
            len(done_of(message_id, items)) >= count for message_id, count in wanted.items()
        ):
            failed = {line["ses_message_id"] for line in watched.audit() if line["action"] == "failed"}
            if coming_back <= failed:
                return
        time.sleep(1)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.topic}-{case.id}")
def test_corpus(case: Case, ended: Ended) -> None:
    seen = ended.seen(case)
    assert seen.stored.endswith(case.data()), "what arrived is not what was sent"
    assert judge(case, seen) == [], case.says
    mine = [line for line in ended.audit if line["ses_message_id"] == seen.message_id]
    errors = [line["error"] for line in mine if line["action"] == "failed"]
    assert [text for text in case.raised if not any(text in error for error in errors)] == []
    assert case.raised or not errors


def test_nothing_is_left_in_the_queues_but_what_was_raised(ended: Ended) -> None:
    assert ended.left_in_queues == sum(bool(case.raised) for case in CASES)
