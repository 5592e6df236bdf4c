# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""No header, whatever it does to its reader, keeps a mail from its owner or ends in the dead-letter queue."""

from __future__ import annotations

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError

from forwarder.core import compose, mail
from forwarder.core.letters import compose_attached
from forwarder.core.mail import About

from .conftest import MAILS, VENDED, Deployed, ses_event

RAW = (MAILS / "root-password-reset.eml").read_bytes()
# It is not copied, but attached at once.
LONG_LINE = RAW + b"x" * 2000
OWNERS = ["ann@example.com", "bob@example.com"]
ERRORS = [
    ValueError("x"),
    UnicodeEncodeError("utf-8", "\ud800", 0, 1, "x"),
    RecursionError(),
    MemoryError(),
    KeyError(),
]


def sent_for(deployed: Deployed, raw: bytes) -> list[EmailMessage]:
    """Deliver a mail and return what each of its two owners gets; nothing may be given back to the queue."""
    deployed.vend(VENDED, *OWNERS)
    deployed.store(raw)
    assert deployed.handle(ses_event()) == {"batchItemFailures": []}
    assert deployed.ses.mailboxes() == OWNERS
    return [message_from_bytes(one["Content"]["Raw"]["Data"], policy=default) for one in deployed.ses.sent]


@pytest.mark.parametrize("raw", [RAW, LONG_LINE], ids=["copy", "attached"])
@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_what_cannot_be_composed_is_attached_under_a_header_of_our_own(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch, error: Exception, raw: bytes
) -> None:

    def fail(*_arguments: Any) -> bytes:
        raise error

    def fail_if_opened(*arguments: Any) -> bytes:
        about: About = arguments[-1]
        return fail() if about.mail.is_opened else compose_attached(*arguments)

    monkeypatch.setattr(compose, "compose_copy", fail)
    monkeypatch.setattr(compose, "compose_attached", fail_if_opened)
    for sent in sent_for(deployed, raw):
        assert sent["Subject"] == f"Mail for {VENDED}, attached as it came"
        (attached,) = sent.iter_attachments()
        assert attached.get_content() == raw
    assert {item["outcome"] for item in deployed.deliveries().values()} == {"sent-attached"}


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_what_cannot_be_read_is_attached_and_marked(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_arguments: Any) -> None:
        raise error

    monkeypatch.setattr(mail, "read_authors", fail)
    for sent in sent_for(deployed, RAW):
        assert sent["Subject"] == f"[sender not verified] Mail for {VENDED}, attached as it came"
        (attached,) = sent.iter_attachments()
        assert attached.get_content() == RAW


def test_a_mail_of_our_own_that_cannot_be_composed_leaves_no_claim(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: Any) -> bytes:
        raise IndexError

    deployed.vend(VENDED, *OWNERS)
    deployed.store(RAW)
    with monkeypatch.context() as broken:
        for name in ("compose_copy", "compose_attached", "compose_letter"):
            broken.setattr(compose, name, fail)
        with pytest.raises(BatchProcessingError, match="could be composed: IndexError"):
            deployed.handle(ses_event())
    assert deployed.deliveries() == {}
    assert deployed.handle(ses_event()) == {"batchItemFailures": []}
    assert deployed.ses.mailboxes() == OWNERS


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(b"Subject: =?utf-8?Q?=", id="word begun"),
        pytest.param(b"X-A: =?utf-8?Q?=", id="word begun in a kept field"),
        pytest.param(b"Subject: =?utf-7?Q?+2AA-=07?=", id="lone surrogate"),
        pytest.param(b"Subject: =?unicode_escape?Q?=5Cud800=07?=", id="codec of Python"),
        pytest.param(b"Subject: =?punycode?Q?" + b"a" * 900_000 + b"=07?=", id="codec of quadratic time"),
        pytest.param(b"From: =?zlib?B?eJw=?= <=?rot13?Q?=00?=>", id="codecs of octets"),
        pytest.param(b"From: " + b"\r\n (" * 100_000, id="comments without end"),
        pytest.param(b"Message-ID: " + b"\xff" * 1_000_000, id="8-bit octets"),
        pytest.param(b"Subject: =?utf-16?B?2AA=?= =?utf-16?B?" + b"AA" * 9 + b"?=", id="halves of a character"),
        pytest.param(b"Subject: " + b"=?utf-8?Q?=3D=3Futf-8=3FQ=3F" * 9 + b"=0D?=", id="words within words"),
        pytest.param(b"Subject: " + b"=?" * 400_000, id="words begun without end"),
        pytest.param(b"Date: " + b"\r" * 900_000, id="CR without end"),
        pytest.param(b"Received: " + b' for "a\\"' * 100_000, id="clauses with quotes without end"),
        pytest.param(b"References: " + b"\xff(" * 400_000, id="8-bit octets in comments"),
        pytest.param(b"X: " + b"\xe9 =?utf-8?q?a?= " * 40_000, id="8-bit and encoded words"),
    ],
)
def test_no_header_keeps_a_mail_from_its_owners(deployed: Deployed, header: bytes) -> None:
    assert len(sent_for(deployed, b"To: " + VENDED.encode() + b"\r\n" + header + b"\r\n\r\nbody\r\n")) == len(OWNERS)
