# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail from SES to SES: with which envelope and verdicts it arrives."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest

from tests.local_aws.own_mail import OwnMail
from tests.local_aws.received_mail import Envelope, arrive
from tests.local_aws.ses_events import Accepted
from tests.local_aws.ses_identities import FAILED, PENDING, Verification

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
DOCTOR, RECIPIENT = "doctor@accounts.example.com", "a@accounts.example.com"
RAW = f"From: {DOCTOR}\r\nTo: {RECIPIENT}\r\n\r\nbody\r\n".encode()
SENT = Accepted("0100-1", NOW, RAW, DOCTOR, (RECIPIENT,), None, {}, "111122223333", "eu-west-1")
PASSED = {"spf": "PASS", "dkim": "PASS", "dmarc": "PASS"}


class _Receiving:
    def __init__(self) -> None:
        self.got: list[tuple[Envelope, bytes]] = []
        self.arrived = threading.Event()

    def accepts(self, recipient: str) -> bool:
        return recipient == RECIPIENT

    def receive(self, envelope: Envelope, data: bytes) -> str:
        self.got.append((envelope, data))
        self.arrived.set()
        return "m1"


@pytest.mark.parametrize(
    ("verification", "wish", "expected"),
    [
        pytest.param(Verification(), None, PASSED, id="a verified identity"),
        pytest.param(Verification(PENDING), None, {"spf": "PASS", "dkim": "GRAY", "dmarc": "FAIL"}, id="not verified"),
        pytest.param(Verification(dkim=FAILED), None, {**PASSED, "dkim": "GRAY", "dmarc": "FAIL"}, id="not signed"),
        pytest.param(Verification(), "spf=FAIL", {**PASSED, "spf": "FAIL"}, id="as a test wants it"),
    ],
)
def test_it_arrives_with_ses_own_envelope_and_the_verdicts_of_its_identity(
    verification: Verification, wish: str | None, expected: dict[str, str]
) -> None:
    receiving = _Receiving()
    own = OwnMail(receiving, lambda _domain: verification, verdicts=wish)
    assert own.is_ours(RECIPIENT)
    assert not own.is_ours("a@example.org")
    own.bring(SENT, [RECIPIENT])
    assert receiving.arrived.wait(30)
    [(envelope, data)] = receiving.got
    assert (envelope.sender, envelope.recipients) == ("0100-1@eu-west-1.amazonses.com", (RECIPIENT,))
    mail = arrive("m1", envelope, data, "eu-west-1", NOW)
    assert {name: mail.verdicts.statuses[name] for name in expected} == expected
    assert mail.data.endswith(RAW)


def test_what_is_lost_on_its_way_never_arrives() -> None:
    receiving = _Receiving()
    OwnMail(receiving, lambda _domain: Verification(), lost=True).bring(SENT, [RECIPIENT])
    assert receiving.got == []
