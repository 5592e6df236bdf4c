# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every mail of the corpus through the handler: as its case says, and once only, however often its notice comes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import boto3
import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from moto import mock_aws

from forwarder.aws.clients import Clients
from forwarder.services import build
from tests import mail_corpus
from tests.forwarder_environment import environment
from tests.local_aws.outbox import SentMail
from tests.mail_corpus import Case, Done, Expected, Seen, arrival, cases, done_of, judge, records
from tests.map_table import create_delivery_table, create_table

from .conftest import SETTINGS, Clock, Deployed, RecordingSes

BUCKET = SETTINGS.mail_bucket
OF_CORPUS = {
    "admin_address": mail_corpus.ADMIN,
    "from_address": mail_corpus.FROM,
    "sender_name": mail_corpus.SENDER_NAME,
}


def error_texts(error: BaseException) -> Iterator[str]:
    """Yield the text of an error, and of all errors within it."""
    yield f"{type(error).__name__}: {error}"
    for _kind, child, _traceback in getattr(error, "child_exceptions", None) or ():
        yield from error_texts(child)
    for child in getattr(error, "exceptions", ()):
        yield from error_texts(child)


def run(deployed: Deployed, notice: dict[str, Any]) -> list[str]:
    """Give the function a notice; return the texts of what it raised."""
    try:
        answer = deployed.handle(notice)
    except BatchProcessingError as error:
        return list(error_texts(error))
    assert answer == {"batchItemFailures": []}
    return []


def sent_mails(deployed: Deployed) -> dict[str, SentMail]:
    """Return what was sent, by the ids that the recording SES gave."""
    return {
        f"sent-{number}": SentMail(
            name=f"sent-{number}",
            data=request["Content"]["Raw"]["Data"],
            sender=request["FromEmailAddress"],
            recipients=tuple(address for kind in request["Destination"].values() for address in kind),
            configuration_set=request["ConfigurationSetName"],
            tags={tag["Name"]: tag["Value"] for tag in request["EmailTags"]},
        )
        for number, request in enumerate(deployed.ses.sent, 1)
    }


@dataclass(frozen=True)
class Services:
    """S3 and DynamoDB with an empty bucket, the map, and a table of deliveries."""

    s3: Any
    dynamodb: Any

    def done(self, message_id: str) -> tuple[Done, ...]:
        deserialize = TypeDeserializer().deserialize
        pages = self.dynamodb.get_paginator("scan").paginate(
            TableName=SETTINGS.delivery_table,
            FilterExpression="begins_with(pk, :id)",
            ExpressionAttributeValues={":id": {"S": f"{message_id}#"}},
        )
        items = [item for page in pages for item in page["Items"]]
        return done_of(message_id, [{name: deserialize(value) for name, value in item.items()} for item in items])

    def take_quarantined(self, message_id: str) -> bytes | None:
        """Return the message in the quarantine, if it and its notice are there, and empty the bucket."""
        names = {one["Key"] for one in self.s3.list_objects_v2(Bucket=BUCKET)["Contents"]}
        key = f"quarantine/{message_id}"
        held = names & {key, f"{key}.json"}
        assert len(held) in (0, 2)
        found = bytes(self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()) if held else None
        for name in names:
            self.s3.delete_object(Bucket=BUCKET, Key=name)
        return found


@pytest.fixture(scope="module")
def services() -> Iterator[Services]:
    """All cases share them: to make them takes longer than what happens to a mail."""
    serialize = TypeSerializer().serialize
    with mock_aws():
        s3, dynamodb = (boto3.client(name, region_name=mail_corpus.REGION) for name in ("s3", "dynamodb"))
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": mail_corpus.REGION})
        create_table(dynamodb, SETTINGS.map_table)
        create_delivery_table(dynamodb, SETTINGS.delivery_table)
        for record in records():
            item = {name: serialize(value) for name, value in record.to_item().items()}
            dynamodb.put_item(TableName=SETTINGS.map_table, Item=item)
        yield Services(s3, dynamodb)


@pytest.mark.parametrize("case", cases(), ids=lambda case: f"{case.topic}-{case.id}")
def test_corpus(
    case: Case, services: Services, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # A logger of a name writes for ever to where it wrote first.
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", f"mail-forwarder-{case.id}")
    ses, clock = RecordingSes(), Clock()
    clients = Clients(services.s3, services.dynamodb, ses)
    deployed = Deployed(
        build(environment(**OF_CORPUS, **case.settings), clients, clock, clock.sleep), clients, ses, clock
    )
    stored, notice = arrival(case, case.id, BUCKET)
    deployed.store(stored, case.id)

    raised = run(deployed, notice)
    assert [text for text in case.raised if not any(text in one for one in raised)] == []
    assert case.raised or not raised, raised
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    dropped = [mail_corpus.Dropped(one["address"], one["reason"]) for one in lines if one.get("action") == "dropped"]
    assert dropped == list(case.dropped)
    mails = sent_mails(deployed)

    run(deployed, notice)
    assert len(ses.sent) == len(case.expect)
    seen = Seen(case.id, stored, mails, services.done(case.id), services.take_quarantined(case.id))
    assert judge(case, seen) == [], case.says


def test_the_corpus_is_whole() -> None:
    """Every message in a folder of the corpus is that of a case."""
    used = {(case.topic, case.mail) for case in cases()}
    there = {(path.parent.name, path.name) for path in mail_corpus.ROOT.glob("*/*.eml")}
    assert there - used == set()


HEADER = b"From: AWS accounts <aws-accounts@accounts.example.com>\r\nTo: team-001@accounts.example.com\r\n"
ORIGINAL = (
    b"From: jane@example.org\r\nSubject: The numbers of May\r\n\r\nThe numbers of May are at https://example.org/x\r\n"
)
CASE = Case("a-case", "headers", "", ("team-001@accounts.example.com",), ())
COPY = SentMail(
    "1", HEADER + b"\r\n" + ORIGINAL.partition(b"\r\n\r\n")[2], mail_corpus.FROM, ("ann@example.com",), None, {}
)


def with_header(line: bytes) -> SentMail:
    return replace(COPY, data=line + b"\r\n" + COPY.data)


# What was sent, what the case expects of it, and what is to be said of the two.
FAULTS: dict[str, tuple[SentMail | None, dict[str, Any], str]] = {
    "nothing sent": (None, {}, "not delivered"),
    "another byte": (replace(COPY, data=COPY.data + b" "), {}, "the body is not the original's"),
    "another recipient": (replace(COPY, recipients=("ann@example.com", "bob@example.com")), {}, "it was sent to"),
    "another sender": (replace(COPY, sender="jane@accounts.example.com"), {}, "it was sent by"),
    "another outcome": (COPY, {"outcome": "kept"}, "delivered, and nobody expects it"),
    "another reason": (COPY, {"reason": "unknown"}, "delivered, and nobody expects it"),
    "another address": (COPY, {"address": "team-002@accounts.example.com"}, "delivered, and nobody expects it"),
    "two authors": (replace(COPY, data=COPY.data.replace(b"From: ", b"From: a@b.example, ", 1)), {}, "From is"),
    "against the rules": (with_header(b"From: x@accounts.example.com"), {}, "Duplicate header"),
    "a field for SES": (with_header(b"X-SES-Source-ARN: arn"), {}, "it has a field X-SES-Source-ARN"),
    "an octet": (with_header(b"X-Name: \xe4"), {}, "holds 8-bit octets"),
    "a control": (with_header(b"X-Name: \x07"), {}, "holds control characters"),
    "a hidden line end": (with_header(b"X-Name: =?utf-8?q?a=0D=0Ab?="), {}, "decodes to control characters"),
    "another's address": (with_header(b"X-Other: team-002@accounts.example.com"), {}, "discloses team-002@"),
    "another owner": (with_header(b"X-Other: <Bob@example.com>"), {}, "discloses bob@"),
    "another value": (COPY, {"header": {"To": "ann@example.com"}}, "To is ["),
    "another reading": (COPY, {"reads": {"To": "Ann"}}, "To reads ["),
    "a name too many": (COPY, {"absent": ("to",)}, "to is ["),
    "not attached": (COPY, {"outcome": "sent-attached"}, "no attachment is the whole original"),
    "told in a letter": (COPY, {"outcome": "quarantined"}, "the letter holds b'https"),
    "not in the quarantine": (COPY, {"outcome": "quarantined"}, "the quarantine does not hold the message"),
}


@pytest.mark.parametrize(("sent", "changes", "says"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_is_found(
    sent: SentMail | None, changes: dict[str, Any], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Case, "data", lambda _case: ORIGINAL)
    one = Expected(**{"to": "ann@example.com", "address": "team-001@accounts.example.com", **changes})
    outcome = "sent" if "outcome" in says or "nobody expects" in says else one.outcome
    done = (Done("team-001@accounts.example.com", "ann@example.com", outcome, "1"),) if sent else ()
    mails = {"1": replace(sent, tags={"reason": "owner"})} if sent else {}
    found = judge(replace(CASE, expect=(one,)), Seen("m", ORIGINAL, mails, done))
    assert any(says in problem for problem in found), found


def test_a_copy_as_it_should_be_has_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Case, "data", lambda _case: ORIGINAL)
    one = Expected("ann@example.com", "team-001@accounts.example.com", header={"To": "team-001@accounts.example.com"})
    done = (Done(one.address, one.to, "sent", "1"),)
    mails = {"1": replace(COPY, tags={"reason": "owner"})}
    assert judge(replace(CASE, expect=(one,)), Seen("m", ORIGINAL, mails, done)) == []
    assert judge(replace(CASE, expect=(one,)), Seen("m", ORIGINAL, {**mails, "2": COPY}, done))
