# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Dead letters that a person has tried again, or takes away: nothing is lost on the way, and nothing made up."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from ansible_collections.account_factory.email.plugins.module_utils import _dead_letters
from ansible_collections.account_factory.email.plugins.module_utils._message_tags import Tagged
from forwarder.handler import handle_replay
from forwarder.services import build
from tests.aws_errors import aws_error
from tests.forwarder_environment import environment

from .conftest import MAILS, VENDED, Context, Deployed, ses_event

RAW = (MAILS / "root-password-reset.eml").read_bytes()
GONE = "the mail has expired: the bucket does not hold it any more, so that nobody can forward it; discard it"


@dataclass
class Letters:
    """A forwarder's queues on moto: two of dead letters, and those whose messages they have."""

    deployed: Deployed
    sqs: Any
    urls: dict[str, str]
    log: list[str] = field(default_factory=list)

    def put(self, body: Any, queue: str = "dead-letters") -> str:
        text = body if isinstance(body, str) else json.dumps(body)
        return str(self.sqs.send_message(QueueUrl=self.urls[queue], MessageBody=text)["MessageId"])

    def bodies(self, queue: str) -> list[str]:
        """Return what is in a queue, and leave it there."""
        found: list[str] = []

        def note(one: _dead_letters.DeadLetter) -> bool:
            found.append(one.body)
            return False

        _dead_letters.browse(self.sqs, self.urls[queue], note)
        return found

    def replay(self, *message_ids: str, remaining: int = 60_000, **request: Any) -> dict[str, Any]:
        routes = {
            self.urls["dead-letters"]: self.urls["received"],
            self.urls["events-dead-letters"]: self.urls["events"],
        }
        variables = {**environment(), "DEAD_LETTER_QUEUES": json.dumps(routes)}
        clients = replace(self.deployed.clients, sqs=self)
        one = build(variables, clients, self.deployed.clock, self.deployed.clock.sleep)
        asked = {"message_ids": list(message_ids), "replayed_by": "arn:of:jane", **request}
        return handle_replay(asked, Context(remaining=remaining, clock=self.deployed.clock), one)

    def __getattr__(self, name: str) -> Any:
        self.log.append(name)
        return getattr(self.sqs, name)


@pytest.fixture
def letters(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> Letters:
    # moto has one server, and would have every test wait.
    monkeypatch.setattr(_dead_letters, "WAIT_SECONDS", 0)
    sqs = boto3.client("sqs")
    names = ("dead-letters", "received", "events-dead-letters", "events")
    return Letters(deployed, sqs, {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in names})


def answer(**said: Any) -> dict[str, Any]:
    return {"done": [], "before": [], "left": [], "errors": {}, **said}


def test_a_mail_is_sent_to_the_queue_and_then_deleted_from_the_dead_letters(letters: Letters) -> None:
    letters.deployed.store(RAW)
    body = json.dumps(ses_event())
    letters.put(body)
    letters.put("hello")
    assert letters.replay("m1", check=True) == answer(done=["m1"])
    assert letters.bodies("received") == []
    letters.log.clear()
    assert letters.replay("m1") == answer(done=["m1"])
    assert letters.bodies("received") == [body]
    assert letters.bodies("dead-letters") == ["hello"]
    assert letters.log.index("send_message") < letters.log.index("delete_message")
    record = letters.deployed.records()["m1"]
    assert (record["replayed_by"], record["replayed_at"][:4].isdigit()) == ("arn:of:jane", True)
    # Whoever asks once more is told that it was done.
    assert letters.replay("m1") == answer(before=["m1"])


def test_what_sns_wrapped_goes_back_as_it_came_and_every_letter_about_a_mail(letters: Letters) -> None:
    letters.deployed.store(RAW)
    wrapped = json.dumps({"Type": "Notification", "Message": json.dumps(ses_event())})
    letters.put(wrapped)
    letters.put(ses_event())
    assert letters.replay("m1") == answer(done=["m1"])
    assert sorted(letters.bodies("received")) == sorted([wrapped, json.dumps(ses_event())])
    assert letters.bodies("dead-letters") == []


def test_an_event_goes_back_to_the_queue_of_events(letters: Letters) -> None:
    event = json.dumps({"eventType": "Bounce", "mail": {"messageId": "s1"}})
    letters.put(event, "events-dead-letters")
    assert letters.replay("s1") == answer(done=["s1"])
    assert (letters.bodies("events"), letters.bodies("events-dead-letters")) == ([event], [])


def test_what_cannot_be_forwarded_is_told_and_stays(letters: Letters) -> None:
    letters.put(ses_event("gone"))
    foreign = f"sqs:{letters.put('hello')}"
    said = letters.replay("gone", foreign, "no-such")
    assert (
        said["errors"].pop(foreign).startswith("it is nothing that Amazon SES tells of a mail (the notice is not JSON")
    )
    assert said == answer(errors={"gone": GONE, "no-such": "there is no dead letter about it"})
    assert letters.bodies("received") == []
    assert len(letters.bodies("dead-letters")) == 2


def test_a_key_that_begins_as_another_is_not_that(letters: Letters) -> None:
    letters.deployed.store(RAW, "m10")
    letters.put(ses_event("m1"))
    assert letters.replay("m1")["errors"] == {"m1": GONE}


def test_what_is_discarded_is_deleted_and_the_mail_stays(letters: Letters) -> None:
    letters.deployed.store(RAW)
    letters.put(ses_event())
    foreign = f"sqs:{letters.put('hello')}"
    assert letters.replay("m1", foreign, discard=True, check=True) == answer(done=sorted(["m1", foreign]))
    assert len(letters.bodies("dead-letters")) == 2
    assert letters.replay("m1", foreign, discard=True) == answer(done=sorted(["m1", foreign]))
    assert (letters.bodies("dead-letters"), letters.bodies("received")) == ([], [])
    assert letters.deployed.records()["m1"]["letter_discarded_by"] == "arn:of:jane"
    assert letters.replay("m1", discard=True) == answer(before=["m1"])


@pytest.mark.parametrize(
    ("kinds", "left"),
    [
        pytest.param(["failed"], (0, 1), id="the mail"),
        pytest.param(["event"], (1, 0), id="what became of it"),
        pytest.param(["failed", "event"], (0, 0), id="both"),
    ],
)
def test_only_what_is_meant_of_a_mail_is_discarded(letters: Letters, kinds: list[str], left: tuple[int, int]) -> None:
    tags = {name: [value] for name, value in Tagged("m1", "", VENDED, "jane@example.com").to_tags().items()}
    letters.put(ses_event())
    letters.put({"eventType": "Bounce", "mail": {"messageId": "s1", "tags": tags}}, "events-dead-letters")
    assert letters.replay("m1", discard=True, kinds=kinds) == answer(done=["m1"])
    assert (len(letters.bodies("dead-letters")), len(letters.bodies("events-dead-letters"))) == left


def test_where_the_queue_takes_nothing_the_dead_letter_stays(letters: Letters, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(**_unused: object) -> None:
        raise aws_error("AccessDenied", "SendMessage")

    letters.deployed.store(RAW)
    letters.put(ses_event())
    monkeypatch.setattr(letters.sqs, "send_message", refused)
    said = letters.replay("m1")
    assert (said["done"], list(said["errors"])) == ([], ["m1"])
    assert "AccessDenied" in said["errors"]["m1"]
    assert len(letters.bodies("dead-letters")) == 1


def test_where_it_cannot_be_deleted_it_is_replayed_again_which_does_no_harm(
    letters: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(**_unused: object) -> None:
        raise aws_error("InternalError", "DeleteMessage", 500)

    letters.deployed.vend(VENDED, "jane@example.com")
    letters.deployed.store(RAW)
    letters.put(ses_event())
    with monkeypatch.context() as patch:
        patch.setattr(letters.sqs, "delete_message", refused)
        assert "InternalError" in letters.replay("m1")["errors"]["m1"]
    assert letters.replay("m1") == answer(done=["m1"])
    bodies = letters.bodies("received")
    assert len(bodies) == 2
    for body in bodies:
        letters.deployed.handle(body)
    assert letters.deployed.ses.mailboxes() == ["jane@example.com"]


def test_what_others_have_at_this_moment_is_left(letters: Letters, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_dead_letters, "PATIENCE_SECONDS", 0.2)
    letters.put(ses_event())
    url = letters.urls["dead-letters"]
    assert letters.sqs.receive_message(QueueUrl=url, VisibilityTimeout=60)["Messages"]
    assert letters.replay("m1") == answer(left=["m1"])


def test_what_there_is_no_time_for_is_left(letters: Letters) -> None:
    letters.deployed.store(RAW)
    letters.put(ses_event())
    assert letters.replay("m1", remaining=2_000) == answer(left=["m1"])
    assert letters.bodies("received") == []


@pytest.mark.parametrize("ids", [None, "m1", [], [1], ["a b"], ["m1", ""]])
def test_a_request_names_messages(letters: Letters, ids: Any) -> None:
    assert letters.replay(message_ids=ids) == {"error": f"message_ids is {ids!r}, not a list of ids of messages"}


def test_it_tells_whose_decision_it_was(letters: Letters, caplog: pytest.LogCaptureFixture) -> None:
    letters.deployed.store(RAW)
    letters.put(ses_event())
    letters.replay("m1", replayed_by="jane\x1b[31m\n")
    told = [vars(record) for record in caplog.records if record.getMessage() == "audit"]
    assert [(line["action"], line["ses_message_id"], line["replayed_by"]) for line in told] == [
        ("replay", "m1", "jane [31m")
    ]


CALLS = {
    "get_queue_attributes": "sqs",
    "receive_message": "sqs",
    "list_objects_v2": "s3",
    "send_message": "sqs",
    "delete_message": "sqs",
    "update_item": "dynamodb",
    "change_message_visibility_batch": "sqs",
}


@pytest.mark.parametrize("when", ["before it took effect", "after it took effect"])
@pytest.mark.parametrize("operation", CALLS)
def test_no_call_that_fails_loses_a_dead_letter(
    letters: Letters, monkeypatch: pytest.MonkeyPatch, operation: str, when: str
) -> None:
    monkeypatch.setattr(_dead_letters, "HIDDEN_SECONDS", 1)
    letters.deployed.store(RAW)
    letters.put(ses_event())
    letters.put("hello")
    client = letters.sqs if CALLS[operation] == "sqs" else getattr(letters.deployed.clients, CALLS[operation])
    real = getattr(client, operation)
    failed: list[str] = []

    def fail(**request: Any) -> Any:
        answer = real(**request) if when.startswith("after") else None
        if failed:
            return real(**request) if answer is None else answer
        failed.append(operation)
        raise aws_error("InternalError", operation, 500)

    with monkeypatch.context() as patch:
        patch.setattr(client, operation, fail)
        # It says of the mail that it failed, or fails as a whole.
        with suppress(ClientError):
            assert letters.replay("m1")["done"] == []
    assert failed == [operation]
    assert len(letters.bodies("dead-letters")) + len(letters.bodies("received")) >= 2
    said = letters.replay("m1")
    assert said["done"] + said["before"] == ["m1"]
    assert letters.bodies("dead-letters") == ["hello"]
    assert set(letters.bodies("received")) == {json.dumps(ses_event())}
