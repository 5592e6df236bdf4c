# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A message played to the end: delivered to the forwarder, and again as the queue does, until it is done with."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from forwarder.aws.clients import Clients
from forwarder.core.outcomes import Outcome
from forwarder.core.tags import tag_value
from forwarder.handler import handle, handle_release
from forwarder.services import Forwarder, build
from tests.faulty_clients import DiedError, Script
from tests.forwarder_environment import environment

from .conftest import ADMIN, SETTINGS, VENDED, Context, Deployed, RecordingSes, ses_event, sqs_record
from .sent_forms import KINDS, Sent, kind_of, read_request

# Told a request, and how many came before it about the same message; returns what SES says, or None if it sends.
Refuse = Callable[[dict[str, Any], int], ClientError | None]
# Longer than a claim lasts.
_LATER = 120
_TRIES_MAX = 5


def _never(_request: dict[str, Any], _before: int) -> None:
    return None


@dataclass
class RefusingSes(RecordingSes):
    """An SES that may have a reason to refuse."""

    refuse: Refuse = _never
    asked: Counter[str] = field(default_factory=Counter)

    def send_email(self, **request: Any) -> dict[str, str]:
        message_id = request["EmailTags"][0]["Value"]
        error = self.refuse(request, self.asked[message_id])
        self.asked[message_id] += 1
        if error:
            raise error
        return super().send_email(**request)


@dataclass(frozen=True)
class Scenario:
    """A mail with its envelope and verdicts, what SES refuses, and what each (address, owner) is to come to."""

    outcomes: dict[tuple[str, str], str]
    raw: bytes
    recipients: tuple[str, ...] = (VENDED,)
    verdicts: dict[str, Any] = field(default_factory=dict)
    refuse: Refuse = _never
    is_release: bool = False

    def event(self, message_id: str) -> dict[str, Any]:
        return ses_event(message_id, list(self.recipients), **self.verdicts)

    def mails(self) -> dict[tuple[str, str], str]:
        """Return the outcomes by (address as in a tag, mailbox that is sent to)."""
        return {
            (tag_value(address), ADMIN if outcome == Outcome.SENT_TO_ADMIN else mailbox): outcome
            for (address, mailbox), outcome in self.outcomes.items()
        }


@dataclass
class Play:
    """How one message was played: of each try, whether the function said that it was done; and what was sent."""

    message_id: str
    script: Script
    tries: list[bool] = field(default_factory=list)
    failed_try: int | None = None
    sent: list[Sent] = field(default_factory=list)


@dataclass
class Stage:
    """A forwarder of a scenario's own, for as many messages as are to be played."""

    scenario: Scenario
    deployed: Deployed
    ses: RefusingSes = field(init=False)
    played: int = 0

    def __post_init__(self) -> None:
        self.ses = RefusingSes(refuse=self.scenario.refuse)

    def play(self, script: Script) -> Play:
        """Play a new message until the function is done with it."""
        self.played += 1
        play = Play(f"m{self.played}", script)
        self.deployed.store(self.scenario.raw, play.message_id)
        if self.scenario.is_release:
            assert self._try(self._notice(play.message_id), Script())
        event = self._event(play.message_id)
        before = len(self.ses.sent)
        while not any(play.tries):
            assert len(play.tries) < _TRIES_MAX, f"not done after {_TRIES_MAX} tries"
            play.tries.append(self._try(event, script))
            if script.has_failed and play.failed_try is None:
                play.failed_try = len(play.tries) - 1
            self.deployed.clock.time += _LATER
        play.sent = [read_request(request) for request in self.ses.sent[before:]]
        return play

    def play_again(self, play: Play) -> list[Sent]:
        """Deliver a message that the function was done with once more, as the queue may; return what it sends."""
        before = len(self.ses.sent)
        assert self._try(self._event(play.message_id), Script())
        return [read_request(request) for request in self.ses.sent[before:]]

    def _notice(self, message_id: str) -> dict[str, Any]:
        return {"Records": [sqs_record("q1", json.dumps(self.scenario.event(message_id)))]}

    def _event(self, message_id: str) -> dict[str, Any]:
        return {"message_id": message_id} if self.scenario.is_release else self._notice(message_id)

    def _try(self, event: dict[str, Any], script: Script) -> bool:
        """Invoke a function that was just started; return whether it says that it is done."""
        try:
            entry = handle if "Records" in event else handle_release
            answer = entry(event, Context(clock=self.deployed.clock), self._forwarder(script))
        except (Exception, DiedError):  # noqa: BLE001 - whatever it raises, the message is delivered again
            return False
        return not answer.get("batchItemFailures") and "error" not in answer

    def _forwarder(self, script: Script) -> Forwarder:
        clients = Clients(self.deployed.clients.s3, self.deployed.clients.dynamodb, self.ses)
        return build(environment(), script.clients(clients), self.deployed.clock, self.deployed.clock.sleep)

    def check(self, play: Play) -> int:
        """Check that a message reached whom it was for, in the right form; return how many mails were too many."""
        expected = self.scenario.mails()
        copies = Counter((sent.address, sent.mailbox) for sent in play.sent)
        assert copies.keys() == expected.keys()
        assert max(copies.values()) <= 2
        for sent in play.sent:
            assert sent.message_id == play.message_id
            assert kind_of(sent, self.scenario.raw) is KINDS[Outcome(expected[sent.address, sent.mailbox])]
        self._check_records(play)
        if Outcome.QUARANTINED in expected.values():
            self._check_quarantine(play)
        return sum(copies.values()) - len(copies)

    def _check_records(self, play: Play) -> None:
        delivery_id = f"{play.message_id}#released" if self.scenario.is_release else play.message_id
        for (address, mailbox), outcome in self.scenario.outcomes.items():
            key = {"pk": {"S": f"{delivery_id}#{address}#{mailbox}"}}
            item = self.deployed.clients.dynamodb.get_item(TableName=SETTINGS.delivery_table, Key=key)["Item"]
            assert (item["status"]["S"], item["outcome"]["S"]) == ("sent", outcome)

    def _check_quarantine(self, play: Play) -> None:
        key = f"quarantine/{play.message_id}"
        assert self._object(key) == self.scenario.raw
        assert json.loads(self._object(f"{key}.json")) == self.scenario.event(play.message_id)

    def _object(self, key: str) -> bytes:
        found = self.deployed.clients.s3.get_object(Bucket=SETTINGS.mail_bucket, Key=key)
        return bytes(found["Body"].read())
