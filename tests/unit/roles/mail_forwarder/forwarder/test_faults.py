# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""No call that fails, however it fails, loses a mail, and none sends one twice but where nobody can know that it left.

Each scenario is run once as it should go, which tells its calls; then again for every call and every way in which that
can fail. What the function does not finish is delivered to it again, as the queue does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ansible_collections.account_factory.email.plugins.module_utils._mail_record import MAIL_PREFIX
from forwarder.core.outcomes import Outcome
from forwarder.handler import handle_events
from forwarder.services import build
from tests.faulty_clients import Call, DiedError, Fault, Script, faults_of
from tests.forwarder_environment import environment

from .conftest import ADMIN, MAILS, VENDED, Context, Deployed, batch, is_read_of_marks, refusal, ses_event
from .plays import Scenario, Stage
from .sending_events import bounce

RAW = (MAILS / "root-password-reset.eml").read_bytes()
FORBIDDEN = (
    b"From: a@example.org\r\nContent-Type: text/plain; name=run.exe\r\n"
    b"Content-Disposition: attachment; filename=run.exe\r\n\r\nMZ\r\n"
)
LARGE = RAW + b"x" * 70 + (b"\r\n" + b"x" * 70) * 400
OTHER = "aws-sandbox-0002@accounts.example.com"
DEPUTY = "deputy@example.com"
DMARC_FAILED = {"dmarcVerdict": {"status": "FAIL"}, "dmarcPolicy": "reject"}
# The one window in which a mail can leave twice: SES has it, and the delivery table does not say so yet.
WINDOW = {
    ("send_email", "server error after"),
    ("send_email", "timeout after"),
    ("send_email", "death after"),
    ("update_item", "ThrottlingException"),
    ("update_item", "ProvisionedThroughputExceededException"),
    ("update_item", "AccessDeniedException"),
    ("update_item", "server error before"),
    ("update_item", "timeout before"),
    ("update_item", "death before"),
}
# Proof that SES has not sent, and will in a moment.
WAITED_OUT = {("send_email", "TooManyRequestsException")}


def is_unread_mark(call: Call, fault: Fault) -> bool:
    """Return whether it is the marks of mailboxes that cannot be read: then nobody's mailbox fails."""
    return is_read_of_marks(call.parameters) and not fault.name.startswith("death")


def is_in_the_window(call: Call, fault: Fault) -> bool:
    """Return whether a mail has left, and the item of its copy does not say so."""
    if call.operation == "update_item" and call.parameters["Key"]["pk"]["S"].startswith(MAIL_PREFIX):
        return False
    return call.took_effect and (call.operation, fault.name) in WINDOW


def too_large(request: dict[str, Any], _before: int) -> ClientError | None:
    size = len(request["Content"]["Raw"]["Data"])
    if size <= 20_000:
        return None
    return refusal("BadRequestException", 400, f"Message length is more than 20000 bytes long: '{size}'.")


def not_verified(request: dict[str, Any], _before: int) -> ClientError | None:
    (mailbox,) = request["Destination"]["ToAddresses"]
    if mailbox == ADMIN:
        return None
    words = "Email address is not verified. The following identities failed the check in region EU-WEST-1: "
    return refusal("MessageRejected", 400, words + mailbox)


def throttled_once(_request: dict[str, Any], before: int) -> ClientError | None:
    return None if before else refusal("TooManyRequestsException", 429, "Maximum sending rate exceeded.")


OWNER = (VENDED, "owner@example.com")
NOBODY = "nobody@accounts.example.com"
SCENARIOS = {
    "a copy": Scenario({OWNER: Outcome.SENT}, RAW),
    "two owners and two addresses": Scenario(
        {
            (VENDED, "ann@example.com"): Outcome.SENT,
            (VENDED, "bob@example.com"): Outcome.SENT,
            (OTHER, "ann@example.com"): Outcome.SENT,
        },
        RAW,
        recipients=(VENDED, OTHER),
    ),
    "an unknown address": Scenario({(NOBODY, ADMIN): Outcome.SENT}, RAW, recipients=(NOBODY,)),
    "quarantined": Scenario({OWNER: Outcome.QUARANTINED}, RAW, verdicts=DMARC_FAILED),
    "released": Scenario({OWNER: Outcome.SENT}, RAW, verdicts=DMARC_FAILED, is_release=True),
    "refused as malformed": Scenario({OWNER: Outcome.SENT_ATTACHED}, FORBIDDEN),
    "refused as too large": Scenario({OWNER: Outcome.KEPT}, LARGE, refuse=too_large),
    "not verified": Scenario({OWNER: Outcome.SENT_TO_ADMIN}, RAW, refuse=not_verified),
    "throttled at first": Scenario({OWNER: Outcome.SENT}, RAW, refuse=throttled_once),
}


def stage_of(scenario: Scenario, deployed: Deployed) -> Stage:
    owners: dict[str, list[str]] = {}
    for address, owner in scenario.outcomes:
        owners.setdefault(address, []).append(owner)
    for address in owners.keys() - {NOBODY}:
        deployed.vend(address, *owners[address])
    return Stage(scenario, deployed)


@pytest.mark.parametrize("name", SCENARIOS)
def test_no_call_that_fails_loses_a_mail_or_sends_it_twice_but_in_the_window(deployed: Deployed, name: str) -> None:
    stage = stage_of(SCENARIOS[name], deployed)
    clean = stage.play(Script())
    assert stage.check(clean) == 0
    assert stage.play_again(clean) == []
    twice = set()
    for number, call in enumerate(clean.script.calls):
        for fault in faults_of(call.operation):
            print(f"call {number}, {call.operation}: {fault.name}")
            play = stage.play(Script(number, fault))
            assert play.script.calls[number].operation == call.operation
            # What failed is told, never passed over: the queue must know. But for a rate, which costs no try.
            assert play.failed_try is not None
            is_done = (call.operation, fault.name) in WAITED_OUT or is_unread_mark(call, fault)
            assert play.tries[play.failed_try] is is_done
            # What SES refused anyway has not left.
            is_in_window = is_in_the_window(call, fault)
            assert stage.check(play) == is_in_window
            twice |= {(call.operation, fault.name)} if is_in_window else set()
    assert twice == WINDOW


@dataclass
class BouncedStage:
    """A forwarder whose owners' mailboxes refuse their mail, one message of an owner's own after the other."""

    deployed: Deployed
    played: int = 0

    def play(self, script: Script) -> tuple[bool, list[str]]:
        """Forward a mail, let it bounce until that is done with; return whether a try failed, and who got the mail."""
        self.played += 1
        message_id, owner = f"m{self.played}", f"owner-{self.played}@example.com"
        self.deployed.vend(VENDED, owner, fallback_owners=(DEPUTY,))
        self.deployed.store(RAW, message_id)
        self.deployed.handle(ses_event(message_id))
        before = len(self.deployed.ses.sent)
        event = bounce(self.deployed.ses.sent[-1])
        tries: list[bool] = []
        while not any(tries):
            assert len(tries) < 5
            tries.append(self._is_taken(event, script))
            self.deployed.clock.time += 120
        assert owner in self.deployed.marks()
        return not tries[0], self.deployed.ses.mailboxes()[before:]

    def _is_taken(self, event: dict[str, Any], script: Script) -> bool:
        clock = self.deployed.clock
        clients = script.clients(self.deployed.clients)
        try:
            answer = handle_events(
                batch(event), Context(clock=clock), build(environment(), clients, clock, clock.sleep)
            )
        except (Exception, DiedError):  # noqa: BLE001 - whatever it raises, the event is delivered again
            return False
        return not answer["batchItemFailures"]


def test_no_call_that_fails_loses_a_mail_that_bounced_or_sends_it_twice_but_in_the_window(deployed: Deployed) -> None:
    stage = BouncedStage(deployed)
    clean = Script()
    assert stage.play(clean) == (False, [DEPUTY])
    marking = max(number for number, call in enumerate(clean.calls) if is_read_of_marks(call.parameters))
    twice = set()
    for number, call in enumerate(clean.calls):
        for fault in faults_of(call.operation):
            print(f"call {number}, {call.operation}: {fault.name}")
            has_failed, reached = stage.play(Script(number, fault))
            # A mail that the bucket let go of is told of.
            is_done = (call.operation, fault.name) in {*WAITED_OUT, ("get_object", "NoSuchKey")}
            # The last read of marks is of the one that is to be written.
            assert has_failed is not (is_done or (number < marking and is_unread_mark(call, fault)))
            assert set(reached) == {DEPUTY}
            assert len(reached) == 1 or (len(reached) == 2 and (call.operation, fault.name) in WINDOW)
            twice |= {(call.operation, fault.name)} if len(reached) == 2 else set()
    # The answer of a call that is lost before the mail is sent, or marked, has no second mail follow.
    assert twice == WINDOW
