# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""held_mail and held_mail_info: their real main() against moto, and against the forwarder's own functions."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from boto3.dynamodb.types import TypeSerializer
from botocore.client import BaseClient
from moto import mock_aws

from ansible_collections.account_factory.email.plugins.module_utils import _dead_letters
from ansible_collections.account_factory.email.plugins.module_utils._mail_record import mail_key
from ansible_collections.account_factory.email.plugins.module_utils._message_tags import Tagged
from ansible_collections.account_factory.email.plugins.module_utils._record import AddressRecord
from ansible_collections.account_factory.email.plugins.modules import held_mail, held_mail_info
from forwarder import handler
from forwarder.aws.clients import Clients
from forwarder.services import build
from tests.aws_errors import aws_error, noted_calls, refuse
from tests.forwarder_environment import SETTINGS, environment
from tests.map_table import create_delivery_table, create_table

HELD, INFO = held_mail.main, held_mail_info.main
STACK, BUCKET = "mail-forwarder", SETTINGS["mail_bucket"]
MAP, DELIVERIES = SETTINGS["map_table"], SETTINGS["delivery_table"]
ADDRESS, OTHER = "payments-001@accounts.example.com", "payments-002@accounts.example.com"
ANN, BOB = "Ann@example.org", "bob@example.org"
# The outputs of the stack that name its dead-letter queues, and these.
QUEUES = {
    "DeadLetterQueueUrl": "dead-letters",
    "UndeliveredQueueUrl": "undelivered",
    "EventsDeadLetterQueueUrl": "events-dead-letters",
    "EventsUndeliveredQueueUrl": "events-undelivered",
}
RAW = b"From: a@example.org\r\nSubject: Reset\r\n\r\nThe link.\r\n"


@dataclass
class Stacks:
    """The stacks of an account, as CloudFormation describes them: that of moto needs more libraries."""

    stacks: dict[str, dict[str, Any]] = field(default_factory=dict)

    def describe_stacks(self, **request: Any) -> dict[str, Any]:
        name = request["StackName"]
        if name not in self.stacks:
            raise aws_error("ValidationError", "DescribeStacks", 400, f"Stack with id {name} does not exist")
        return {"Stacks": [self.stacks[name]]}


def forwarders_stack(urls: Mapping[str, str]) -> dict[str, Any]:
    """Return what CloudFormation says of a forwarder's stack that has these queues, by the names of its outputs."""
    given = {"MailBucket": BUCKET, "MapTable": MAP, "MailDays": "60"}
    return {
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()],
        "Outputs": [{"OutputKey": key, "OutputValue": url} for key, url in urls.items()],
    }


@dataclass
class RecordingSes:
    """An SES that takes every mail, unless it is told to fail."""

    mailboxes: list[str] = field(default_factory=list)
    failure: Exception | None = None

    def send_email(self, **request: Any) -> dict[str, str]:
        if self.failure:
            raise self.failure
        self.mailboxes += request["Destination"]["ToAddresses"]
        return {"MessageId": f"s{len(self.mailboxes)}"}


@dataclass
class Context:
    """What Lambda hands to a function."""

    aws_request_id: str = "r1"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


@dataclass
class Forwarder:
    """A forwarder's queues, bucket and tables on moto, and its functions in the place of Lambda's."""

    urls: dict[str, str]
    stacks: Stacks
    s3: Any = field(default_factory=lambda: boto3.client("s3"))
    sqs: Any = field(default_factory=lambda: boto3.client("sqs"))
    dynamodb: Any = field(default_factory=lambda: boto3.client("dynamodb"))
    ses: RecordingSes = field(default_factory=RecordingSes)
    invoked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    failure: Exception | None = None

    def invoke(self, FunctionName: str, Payload: str) -> dict[str, Any]:  # noqa: N803 - boto3's own names
        name, request = FunctionName.removeprefix(f"{STACK}-"), json.loads(Payload)
        self.invoked.append((name, request))
        if self.failure:
            raise self.failure
        if not FunctionName.startswith(f"{STACK}-"):
            raise aws_error("ResourceNotFoundException", "Invoke", 404, f"Function not found: {FunctionName}")
        routes = {self.urls[dead]: self.urls[queue] for dead, queue in ROUTES.items()}
        variables = {**environment(), "DEAD_LETTER_QUEUES": json.dumps(routes)}
        one = build(variables, Clients(self.s3, self.dynamodb, self.ses, self.sqs))
        entry = {"release": handler.handle_release, "replay": handler.handle_replay}[name]
        try:
            said: dict[str, Any] = entry(request, Context(), one)
        except Exception as error:  # noqa: BLE001 - as Lambda does
            failed = json.dumps({"errorMessage": str(error), "errorType": type(error).__name__})
            return {"FunctionError": "Unhandled", "Payload": io.BytesIO(failed.encode())}
        return {"Payload": io.BytesIO(json.dumps(said).encode())}

    def vend(self, address: str, *owners: str) -> None:
        name, _at, domain = address.partition("@")
        item = AddressRecord(address, name, domain, owners, "active").to_item()
        serialize = TypeSerializer().serialize
        self.dynamodb.put_item(TableName=MAP, Item={key: serialize(value) for key, value in item.items()})

    def store(self, message_id: str) -> None:
        self.s3.put_object(Bucket=BUCKET, Key=f"mail/{message_id}", Body=RAW)

    def receive(self, message_id: str, *recipients: str, **receipt: Any) -> None:
        """Let the function that forwards mail take a notification."""
        self.store(message_id)
        body = json.dumps(notice(message_id, *recipients, **receipt))
        record = {
            "messageId": "q1",
            "receiptHandle": "none",
            "body": body,
            "attributes": {"ApproximateReceiveCount": "7"},
        }
        one = build(environment(), Clients(self.s3, self.dynamodb, self.ses, self.sqs))
        try:
            handler.handle({"Records": [record]}, Context(), one)
        except Exception:  # noqa: BLE001 - the queue has it again
            self.put("dead-letters", body)

    def put(self, queue: str, body: Any) -> str:
        text = body if isinstance(body, str) else json.dumps(body)
        return str(self.sqs.send_message(QueueUrl=self.urls[queue], MessageBody=text)["MessageId"])

    def count(self, queue: str) -> int:
        name = "ApproximateNumberOfMessages"
        answer = self.sqs.get_queue_attributes(QueueUrl=self.urls[queue], AttributeNames=[name])
        return int(answer["Attributes"][name])


ROUTES = {
    "dead-letters": "received",
    "undelivered": "received",
    "events-dead-letters": "events",
    "events-undelivered": "events",
}


def notice(message_id: str, *recipients: str, at: str = "2026-11-20T09:14:06.123Z", **receipt: Any) -> dict[str, Any]:
    verdicts = {f"{check}Verdict": {"status": "PASS"} for check in ("spam", "virus", "spf", "dkim", "dmarc")}
    action = {"type": "S3", "bucketName": BUCKET, "objectKey": f"mail/{message_id}"}
    return {
        "notificationType": "Received",
        "mail": {"timestamp": at, "source": "a@example.org", "messageId": message_id},
        "receipt": {"recipients": list(recipients), **verdicts, "action": action, **receipt},
    }


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Iterator[Forwarder]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    # moto has one server, and would have every test wait.
    monkeypatch.setattr(_dead_letters, "WAIT_SECONDS", 0)
    with mock_aws():
        sqs, stacks = boto3.client("sqs"), Stacks()
        names = (*QUEUES.values(), "received", "events")
        urls = {name: sqs.create_queue(QueueName=f"{STACK}-{name}")["QueueUrl"] for name in names}
        stacks.stacks[STACK] = forwarders_stack({output: urls[name] for output, name in QUEUES.items()})
        forwarder = Forwarder(urls, stacks)
        place = {"LocationConstraint": "eu-west-1"}
        forwarder.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)
        create_table(forwarder.dynamodb, MAP)
        create_delivery_table(forwarder.dynamodb, DELIVERIES)
        forwarder.vend(ADDRESS, ANN, BOB)
        forwarder.vend(OTHER, BOB)
        make_call = BaseClient._make_api_call

        def call(client: Any, operation: str, request: dict[str, Any]) -> Any:
            if operation == "DescribeStacks":
                return stacks.describe_stacks(**request)
            if operation == "Invoke":
                return forwarder.invoke(**request)
            return make_call(client, operation, request)

        monkeypatch.setattr(BaseClient, "_make_api_call", call)
        yield forwarder


FAILED = {"status": "FAIL"}


def quarantine(here: Forwarder) -> None:
    here.receive("spam-1", ADDRESS, spamVerdict=FAILED)
    here.receive("virus-1", OTHER, virusVerdict=FAILED)
    here.receive("forged-1", "Payments-001+aws@accounts.example.com", dmarcVerdict=FAILED)


def fail(here: Forwarder, *message_ids: str) -> None:
    here.ses.failure = aws_error("SendingPausedException", "SendEmail", 400)
    for message_id in message_ids:
        here.receive(message_id, OTHER)
    here.ses.failure = None


def ids(result: dict[str, Any]) -> list[str]:
    return [one["message_id"] for one in result["held_mail"]]


@pytest.mark.usefixtures("here")
def test_nothing_is_held(run_module: Any) -> None:
    result = run_module(INFO)
    assert (result["held_mail"], result["missing"], result["changed"]) == ([], 0, False)
    assert result["counts"] == {"quarantined": 0, "failed": 0, "event": 0}


def test_what_is_known_of_held_mail_is_told(run_module: Any, here: Forwarder) -> None:
    quarantine(here)
    fail(here, "f1")
    result = run_module(INFO)
    assert result["counts"] == {"quarantined": 3, "failed": 1, "event": 0}
    found = {one["message_id"]: one for one in result["held_mail"]}
    midnight = (datetime.now(UTC) + timedelta(days=61)).strftime("%Y-%m-%dT00:00:00Z")
    assert found["spam-1"] == {
        "message_id": "spam-1",
        "kind": "quarantined",
        "reason": "spam",
        "addresses": [ADDRESS],
        "owners": [ANN, BOB],
        "sender": "a@example.org",
        "size": len(RAW),
        "received_at": "2026-11-20T09:14:06Z",
        "expires_at": midnight,
        "is_kept": True,
        "tries": None,
        "error": None,
    }
    assert (found["forged-1"]["reason"], found["forged-1"]["addresses"]) == ("dmarc", [ADDRESS])
    one = found["f1"]
    assert (one["kind"], one["reason"], one["tries"], one["size"]) == ("failed", "not-forwarded", 7, len(RAW))
    assert one["error"] == "SendingPausedException (SendEmail): as the test says"
    # Moto's queues keep a message for four days, as SQS does unless it is told otherwise.
    expires = datetime.fromisoformat(one["expires_at"].replace("Z", "+00:00"))
    assert abs(expires - datetime.now(UTC) - timedelta(days=4)) < timedelta(hours=1)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param({"kinds": ["quarantined"]}, {"spam-1", "virus-1", "forged-1"}, id="a kind"),
        pytest.param({"kinds": ["failed", "event"]}, {"f1"}, id="kinds"),
        pytest.param({"reasons": ["spam", "not-forwarded"]}, {"spam-1", "f1"}, id="reasons"),
        pytest.param({"address": ADDRESS.upper()}, {"spam-1", "forged-1"}, id="an address, in capitals"),
        pytest.param({"address": "payments-002+x@accounts.example.com"}, {"virus-1", "f1"}, id="an address with a tag"),
        pytest.param({"address": "nobody@accounts.example.com"}, set(), id="an address of nobody"),
        pytest.param({"owner": ANN.lower()}, {"spam-1", "forged-1"}, id="an owner"),
        pytest.param({"owner": BOB, "reasons": ["virus"]}, {"virus-1"}, id="an owner and a reason"),
        pytest.param({"message_ids": ["spam-1", "f1", "../x"]}, {"spam-1", "f1"}, id="ids"),
        pytest.param({"older_than": "1d"}, {"spam-1", "virus-1", "forged-1", "f1"}, id="old"),
        pytest.param({"newer_than": "1h"}, set(), id="new"),
        pytest.param({"older_than": "1h", "newer_than": "520w"}, {"spam-1", "virus-1", "forged-1", "f1"}, id="between"),
    ],
)
def test_mail_is_found_by_all_that_is_asked_for(
    run_module: Any, here: Forwarder, options: dict[str, Any], expected: set[str]
) -> None:
    quarantine(here)
    fail(here, "f1")
    result = run_module(INFO, **options)
    assert set(ids(result)) == expected
    assert sum(result["counts"].values()) == len(expected)


def test_the_newest_comes_first_and_a_limit_leaves_the_oldest_out(run_module: Any, here: Forwarder) -> None:
    for number, day in enumerate(("10", "12", "11")):
        here.put("dead-letters", notice(f"m{number}", OTHER, at=f"2026-11-{day}T00:00:00.000Z"))
        here.store(f"m{number}")
    result = run_module(INFO, limit=2)
    assert ids(result) == ["m1", "m2"]
    assert result["counts"]["failed"] == 3


def test_what_lies_in_each_queue(run_module: Any, here: Forwarder) -> None:
    event = {"eventType": "DeliveryDelay", "mail": {"messageId": "s1", "tags": {}}}
    here.store("m1")
    here.put("undelivered", {"Type": "Notification", "Message": json.dumps(notice("m1", OTHER))})
    here.put("events-dead-letters", event)
    foreign = f"sqs:{here.put('dead-letters', '<b>hello</b>')}"
    strange = f"sqs:{here.put('events-undelivered', '[]')}"
    found = {one["message_id"]: (one["kind"], one["reason"]) for one in run_module(INFO)["held_mail"]}
    assert found == {
        "m1": ("failed", "not-queued"),
        "s1": ("event", "deliverydelay"),
        foreign: ("failed", "unreadable"),
        strange: ("event", "unreadable"),
    }
    assert run_module(INFO, count_only=True)["counts"] == {"quarantined": 0, "failed": 2, "event": 2}


def test_what_strangers_wrote_is_safe_to_print(run_module: Any, here: Forwarder) -> None:
    hostile = notice("m1", "x\u202eyz@accounts.example.com")
    hostile["mail"]["source"] = "a\x1b[31m\r\n\u2066@example.org"
    here.put("dead-letters", hostile)
    here.put("dead-letters", {"notificationType": "\x1b[2J\u202e"})
    held = run_module(INFO)["held_mail"]
    texts = [value for one in held for value in one.values() if isinstance(value, str)]
    texts += [text for one in held for name in ("addresses", "owners") for text in one[name]]
    assert len(held) == 2
    assert "a [31m @example.org" in texts
    assert [text for text in texts if not text.isprintable()] == []


def test_an_event_that_is_nobodys_keeps_no_other_from_being_replayed(run_module: Any, here: Forwarder) -> None:
    here.put("events-dead-letters", {"eventType": "Bounce", "mail": {"messageId": "a b"}})
    here.put("events-dead-letters", {"eventType": "Bounce", "mail": {"messageId": "s1"}})
    result = run_module(HELD, state="replayed", kinds=["event"], limit=5)
    assert (result["changed"], ids(result)) == (True, ["s1"])
    assert (here.count("events"), here.count("events-dead-letters")) == (1, 1)


def test_a_bucket_that_keeps_mail_for_longer_than_there_are_dates(run_module: Any, here: Forwarder) -> None:
    quarantine(here)
    here.stacks.stacks[STACK]["Parameters"][2]["ParameterValue"] = "2147483647"
    assert {one["expires_at"] for one in run_module(INFO)["held_mail"]} == {None}


def test_a_mail_that_an_earlier_release_quarantined(run_module: Any, here: Forwarder) -> None:
    for key in ("quarantine/old", "quarantine/old.json", "quarantine/torn.json"):
        here.s3.put_object(Bucket=BUCKET, Key=key, Body=b"x")
    (one,) = run_module(INFO)["held_mail"]
    assert (one["message_id"], one["reason"], one["addresses"], one["size"]) == ("old", None, [], 1)


def test_no_object_is_asked_for_by_itself(run_module: Any, here: Forwarder, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(250):
        here.s3.put_object(Bucket=BUCKET, Key=f"quarantine/m{number}", Body=b"x")
        item = {"pk": {"S": mail_key(f"m{number}")}, "reason": {"S": "spam"}}
        here.dynamodb.put_item(TableName=DELIVERIES, Item=item)
    calls = noted_calls(monkeypatch)
    assert run_module(INFO, kinds=["quarantined"])["counts"]["quarantined"] == 250
    assert {call: calls.count(call) for call in set(calls)} == {
        "DescribeStacks": 1,
        "ListObjectsV2": 1,
        "BatchGetItem": 3,
    }


def test_after_a_teardown_the_quarantine_is_left(run_module: Any, here: Forwarder) -> None:
    quarantine(here)
    here.stacks.stacks[STACK] = forwarders_stack({})
    assert run_module(INFO)["counts"] == {"quarantined": 3, "failed": 0, "event": 0}
    assert run_module(INFO, count_only=True)["counts"] == {"quarantined": 3, "failed": 0, "event": 0}


def test_what_others_have_is_told(run_module: Any, here: Forwarder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_dead_letters, "PATIENCE_SECONDS", 0.2)
    here.put("dead-letters", notice("m1", OTHER))
    assert here.sqs.receive_message(QueueUrl=here.urls["dead-letters"], VisibilityTimeout=60)["Messages"]
    result = run_module(INFO)
    assert (result["held_mail"], result["missing"]) == ([], 1)
    assert "1 dead letters are not in the list" in str(result["warnings"])


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("options", "why"),
    [
        pytest.param({"message_ids": ["a b"]}, "message_ids: 'a b' is not the id of a message", id="no id"),
        pytest.param({"message_ids": ["\u202e"]}, "message_ids: ", id="an RTL mark"),
        pytest.param({"address": "jane"}, "address: ", id="no address"),
        pytest.param({"owner": "jane"}, "owner: 'jane' is not an email address", id="no mailbox"),
        pytest.param({"newer_than": "999999w"}, "newer_than: '999999w' is more than a hundred years", id="for ever"),
        pytest.param({"older_than": "yesterday"}, "older_than: 'yesterday' is not a period", id="no period"),
        pytest.param({"older_than": "2d", "newer_than": "1d"}, "older_than: is not less than newer_than", id="never"),
        pytest.param({"limit": -1}, "limit: -1 is less than 0", id="no limit"),
        pytest.param(
            {"stack_name": "no-such"}, "stack_name: there is no forwarder no-such in eu-west-1", id="no stack"
        ),
        pytest.param({"count_only": True, "owner": BOB}, "count_only: counts all that is held", id="count of some"),
    ],
)
def test_what_cannot_be_found_is_told(run_module: Any, options: dict[str, Any], why: str) -> None:
    assert why in run_module(INFO, **options)["msg"]


def test_a_stack_that_is_no_forwarders(run_module: Any, here: Forwarder) -> None:
    here.stacks.stacks["other"] = {"StackName": "other"}
    assert "the stack other is not a mail forwarder's" in run_module(INFO, stack_name="other")["msg"]


def test_a_queue_that_counts_looks_is_not_looked_at(run_module: Any, here: Forwarder) -> None:
    names = ["QueueArn"]
    arn = here.sqs.get_queue_attributes(QueueUrl=here.urls["events"], AttributeNames=names)["Attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 3})
    here.sqs.set_queue_attributes(QueueUrl=here.urls["dead-letters"], Attributes={"RedrivePolicy": policy})
    assert "has a redrive policy of its own" in run_module(INFO)["msg"]


def test_a_right_that_is_missing_is_named(run_module: Any, here: Forwarder, monkeypatch: pytest.MonkeyPatch) -> None:
    here.put("dead-letters", "x")
    refuse(monkeypatch, "ReceiveMessage", "AccessDenied")
    result = run_module(INFO)
    assert result["msg"].startswith("Failed to look at the dead letters in ")
    assert result["error"]["code"] == "AccessDenied"


def test_a_mail_is_released_once(run_module: Any, here: Forwarder) -> None:
    quarantine(here)
    before = len(here.ses.mailboxes)
    wanted = {"state": "released", "message_ids": ["spam-1"]}
    predicted = run_module(HELD, check_mode=True, **wanted)
    assert len(here.ses.mailboxes) == before
    released = run_module(HELD, **wanted)
    assert sorted(here.ses.mailboxes[before:]) == [ANN, BOB]
    assert predicted == released
    assert released["held_mail"] == [
        {"message_id": "spam-1", "kind": "quarantined", "state": "released", "changed": True, "deliveries": {"sent": 2}}
    ]
    assert released["diff"] == {
        "before": {"spam-1": {"quarantined": "held"}},
        "after": {"spam-1": {"quarantined": "released"}},
    }
    for check_mode in (True, False):
        again = run_module(HELD, check_mode=check_mode, **wanted)
        assert (again["changed"], again["held_mail"][0]["deliveries"]) == (False, {"already-sent": 2})
    assert ids(run_module(INFO)) == ["forged-1", "virus-1"]


def test_who_names_a_mail_needs_no_right_but_to_invoke(
    run_module: Any, here: Forwarder, monkeypatch: pytest.MonkeyPatch
) -> None:
    quarantine(here)
    fail(here, "f1")
    calls = noted_calls(monkeypatch)
    run_module(HELD, state="released", message_ids=["spam-1"])
    run_module(HELD, state="replayed", message_ids=["f1"])
    assert "DescribeStacks" not in calls
    assert [name for name, _request in here.invoked] == ["release", "replay"]
    assert {request["released_by" if name == "release" else "replayed_by"][:4] for name, request in here.invoked} == {
        "arn:"
    }


def test_what_cannot_be_released_keeps_nothing_else_from_it(run_module: Any, here: Forwarder) -> None:
    quarantine(here)
    result = run_module(HELD, state="released", message_ids=["virus-1", "no-such", "spam-1"])
    assert result["failed"]
    assert [one["message_id"] for one in result["failures"]] == ["virus-1", "no-such"]
    assert "2 of 3 mails could not be released: virus-1: virus-1 holds a virus" in result["msg"]
    assert {one["message_id"]: one["state"] for one in result["held_mail"]} == {
        "virus-1": "held",
        "no-such": "held",
        "spam-1": "released",
    }


def test_by_a_filter_a_virus_is_left_alone(run_module: Any, here: Forwarder) -> None:
    quarantine(here)
    result = run_module(HELD, state="released", owner=BOB, limit=5)
    assert sorted(ids(result)) == ["forged-1", "spam-1"]
    assert "virus-1 is left alone: it holds a virus and is never released" in str(result["warnings"])
    assert ids(run_module(INFO)) == ["virus-1"]


@pytest.mark.parametrize("check_mode", [True, False])
def test_more_than_expected_is_refused_and_nothing_done(run_module: Any, here: Forwarder, check_mode: bool) -> None:
    quarantine(here)
    result = run_module(HELD, check_mode=check_mode, state="released", kinds=["quarantined"], limit=1)
    assert "limit: 2 mails match, and at most 1 are expected, so that nothing was done" in result["msg"]
    assert here.invoked == []


def test_failed_mail_is_replayed(run_module: Any, here: Forwarder) -> None:
    fail(here, "f1", "f2", "f3")
    predicted = run_module(HELD, check_mode=True, state="replayed", limit=3)
    assert (here.count("dead-letters"), here.count("received")) == (3, 0)
    replayed = run_module(HELD, state="replayed", limit=3)
    assert (here.count("dead-letters"), here.count("received")) == (0, 3)
    assert predicted == replayed
    assert sorted(ids(replayed)) == ["f1", "f2", "f3"]
    again = run_module(HELD, state="replayed", limit=3)
    assert (again["changed"], again["held_mail"], again["failures"]) == (False, [], [])
    assert again["diff"] == {"before": {}, "after": {}}
    by_id = run_module(HELD, state="replayed", message_ids=["f1", "f2"])
    assert (by_id["changed"], len(by_id["held_mail"])) == (False, 2)
    assert "there is no dead letter about it" in run_module(HELD, state="replayed", message_ids=["no-such"])["msg"]


def test_what_cannot_be_replayed_is_left_by_a_filter_and_told_by_its_id(run_module: Any, here: Forwarder) -> None:
    here.put("dead-letters", notice("gone", OTHER))
    foreign = f"sqs:{here.put('dead-letters', 'hello')}"
    result = run_module(HELD, state="replayed", limit=5)
    assert (result["changed"], result["held_mail"]) == (False, [])
    assert "gone is left alone: it has expired" in str(result["warnings"])
    assert f"{foreign} is left alone: it is nothing that Amazon SES tells" in str(result["warnings"])
    failures = run_module(HELD, state="replayed", message_ids=["gone", foreign])["failures"]
    assert {one["message_id"] for one in failures} == {"gone", foreign}


def test_failed_mail_is_discarded_by_whoever_names_it_twice(run_module: Any, here: Forwarder) -> None:
    fail(here, "f1", "f2")
    wanted = {"state": "discarded", "message_ids": ["f1"]}
    for options in (wanted, {**wanted, "confirm": ["f2"]}, {"state": "discarded", "limit": 5, "confirm": ["f2"]}):
        assert "confirm: does not name f1, which nobody has received" in run_module(HELD, **options)["msg"]
    predicted = run_module(HELD, check_mode=True, **wanted, confirm=["f1"])
    assert here.count("dead-letters") == 2
    discarded = run_module(HELD, **wanted, confirm=["f1"])
    assert predicted == discarded
    assert here.count("dead-letters") == 1
    assert here.s3.get_object(Bucket=BUCKET, Key="mail/f1")["Body"].read() == RAW
    for check_mode in (True, False):
        assert not run_module(HELD, check_mode=check_mode, **wanted, confirm=["f1"])["changed"]
    assert "no-such: it is not held" in run_module(HELD, state="discarded", message_ids=["no-such"])["msg"]


def test_quarantined_mail_is_discarded_by_a_filter(run_module: Any, here: Forwarder) -> None:
    quarantine(here)
    wanted = {"state": "discarded", "reasons": ["spam", "virus"], "limit": 2}
    predicted = run_module(HELD, check_mode=True, **wanted)
    assert len(run_module(INFO)["held_mail"]) == 3
    assert run_module(HELD, **wanted) == predicted
    assert ids(run_module(INFO)) == ["forged-1"]
    assert not run_module(HELD, **wanted)["changed"]
    # What was discarded by mistake can still be released.
    assert run_module(HELD, state="released", message_ids=["spam-1"])["changed"]


def test_one_that_is_both_quarantined_and_failed_is_discarded_apart(run_module: Any, here: Forwarder) -> None:
    here.ses.failure = aws_error("SendingPausedException", "SendEmail", 400)
    here.receive("both", OTHER, spamVerdict=FAILED)
    here.ses.failure = None
    assert [one["kind"] for one in run_module(INFO)["held_mail"]] == ["failed", "quarantined"]
    result = run_module(HELD, state="discarded", message_ids=["both"], kinds=["failed"], confirm=["both"])
    assert result["diff"]["after"] == {"both": {"failed": "discarded"}}
    assert [one["kind"] for one in run_module(INFO)["held_mail"]] == ["quarantined"]


def test_an_event_about_a_mail_outlives_the_mail_that_is_discarded(run_module: Any, here: Forwarder) -> None:
    fail(here, "f1")
    tags = {name: [value] for name, value in Tagged("f1", "", OTHER, BOB).to_tags().items()}
    here.put("events-dead-letters", {"eventType": "Bounce", "mail": {"messageId": "s1", "tags": tags}})
    assert {one["kind"] for one in run_module(INFO, owner=BOB)["held_mail"]} == {"event", "failed"}
    wanted = {"state": "discarded", "message_ids": ["f1"], "kinds": ["failed"], "confirm": ["f1"]}
    predicted = run_module(HELD, check_mode=True, **wanted)
    assert run_module(HELD, **wanted) == predicted
    assert (here.count("dead-letters"), here.count("events-dead-letters")) == (0, 1)
    assert run_module(HELD, state="replayed", message_ids=["f1"])["changed"]
    assert (here.count("events-dead-letters"), here.count("events")) == (0, 1)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        pytest.param(
            {"state": "released", "owner": BOB}, "one of the following is required: message_ids, limit", id="all"
        ),
        pytest.param({"state": "released", "message_ids": []}, "message_ids: is empty", id="no ids"),
        pytest.param({"state": "released", "limit": 0}, "limit: 0 is less than 1", id="none at all"),
        pytest.param(
            {"state": "released", "message_ids": ["m1"], "owner": BOB},
            "mutually exclusive: message_ids|owner",
            id="both",
        ),
        pytest.param({"state": "replayed", "message_ids": ["a\nb"]}, "message_ids: ", id="no id"),
        pytest.param({"state": "discarded", "limit": 1, "confirm": ["a b"]}, "confirm: 'a b'", id="no id to confirm"),
        pytest.param(
            {"state": "released", "stack_name": "no-such", "message_ids": ["m1"]},
            "stack_name: there is no forwarder no-such",
            id="no forwarder",
        ),
    ],
)
def test_what_is_not_sure_is_refused(run_module: Any, here: Forwarder, options: dict[str, Any], why: str) -> None:
    assert why in run_module(HELD, **options)["msg"]
    assert [name for name, _request in here.invoked if name in ("release", "replay")] == []


def test_a_function_that_fails_is_told_and_the_mail_stays_held(run_module: Any, here: Forwarder) -> None:
    quarantine(here)
    here.ses.failure = aws_error("SendingPausedException", "SendEmail", 400)
    result = run_module(HELD, state="released", message_ids=["spam-1"])
    assert "the function mail-forwarder-release failed: message spam-1: 2 failed" in result["msg"]
    here.ses.failure = None
    assert "spam-1" in ids(run_module(INFO))
    assert run_module(HELD, state="released", message_ids=["spam-1"])["changed"]


def test_a_right_to_invoke_that_is_missing_is_named(run_module: Any, here: Forwarder) -> None:
    here.failure = aws_error("AccessDeniedException", "Invoke", 403)
    result = run_module(HELD, state="released", message_ids=["spam-1"])
    assert result["msg"].startswith("Failed to invoke the function mail-forwarder-release: ")
    assert result["error"]["code"] == "AccessDeniedException"


def test_what_others_look_at_is_asked_for_again(
    run_module: Any, here: Forwarder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_dead_letters, "PATIENCE_SECONDS", 0.2)
    fail(here, "f1")
    url = here.urls["dead-letters"]
    (taken,) = here.sqs.receive_message(QueueUrl=url, VisibilityTimeout=60)["Messages"]
    result = run_module(HELD, state="replayed", message_ids=["f1"])
    assert "f1: others look at the dead letters at this moment" in result["msg"]
    assert len(here.invoked) == 3
    here.sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=taken["ReceiptHandle"], VisibilityTimeout=0)
    assert run_module(HELD, state="replayed", message_ids=["f1"])["changed"]


def test_progress_is_told(run_module: Any, here: Forwarder, tmp_path: Any) -> None:
    quarantine(here)
    fail(here, "f1")
    file = tmp_path / "progress"
    options = {"state": "discarded", "limit": 4, "confirm": ["f1"], "progress_file": str(file)}
    assert run_module(HELD, **options)["changed"]
    assert file.read_text() == "1 4\n2 4\n3 4\n4 4\n"
