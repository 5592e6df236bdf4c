# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The forwarder's own mails, read as the person reads them who gets one."""

from __future__ import annotations

import email
from email.message import EmailMessage
from email.policy import default

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._notice import Notice, Verdicts
from forwarder.core.forms import Form, Kind
from forwarder.core.letters import compose_attached, compose_letter
from forwarder.core.mail import About, Mail
from forwarder.core.outcomes import Reason
from forwarder.core.recipients import Delivery, Instead, Standing
from forwarder.core.trace import line_field
from tests.local_aws import ses_rules

from .conftest import FROM, MAILS, SETTINGS, VENDED

RAW = (MAILS / "root-password-reset.eml").read_bytes()
OWNER = "ann@example.com"
TO_OWNER = Delivery(VENDED, VENDED, OWNER, Standing.OWNER)
NOTICE = Notice(
    "0100-m1", "bounce@x.example.org", (VENDED,), Verdicts(), "bucket", "mail/0100-m1", "{}", "2026-11-20T09:14:06Z"
)


def about(raw: bytes = RAW, delivery: Delivery = TO_OWNER) -> About:
    return About(Mail.read(raw), delivery, NOTICE, SETTINGS)


def opened(data: bytes) -> EmailMessage:
    assert ses_rules.check(data, FROM, [OWNER]) == []
    return email.message_from_bytes(data, policy=default)


def text_of(mail: EmailMessage) -> str:
    return str(mail.get_content()).replace("\r\n", "\n")


def letter(why: str, mailbox: str = OWNER, instead: Instead | None = None, of: About | None = None) -> EmailMessage:
    return opened(compose_letter(Form(Kind.LETTER, mailbox, Reason(why), instead), of or about()))


@pytest.mark.parametrize(
    ("why", "subject", "said", "key"),
    [
        pytest.param("virus", "held back, virus", "found a virus in it", "quarantine/0100-m1", id="virus"),
        pytest.param("spam", "held back, spam", "takes it for spam", "quarantine/0100-m1", id="spam"),
        pytest.param("dmarc", "held back, sender not verified", "fails DMARC", "quarantine/0100-m1", id="dmarc"),
        pytest.param("too-large", "too large to forward", "larger than what", "mail/0100-m1", id="too large"),
        pytest.param("malformed", "could not be forwarded", "refuses to send it", "mail/0100-m1", id="malformed"),
    ],
)
def test_a_letter_says_who_when_why_and_where(why: str, subject: str, said: str, key: str) -> None:
    mail = letter(why)
    text = text_of(mail)
    assert mail["Subject"] == f"Mail for {VENDED}: {subject}"
    assert (mail["From"], mail["To"], mail["Auto-Submitted"]) == (f"AWS accounts <{FROM}>", VENDED, "auto-generated")
    for words in (
        f"A mail for {VENDED} was not",
        "From:            no-reply at signin[.]aws[.]example[.]com\n",
        "Envelope sender: bounce at x[.]example[.]org\n",
        "Received:        2026-11-20T09:14:06Z\n",
        f"Kept at:         s3://bucket/{key}\n",
        said,
    ):
        assert words in text


@pytest.mark.parametrize(("why", "expected"), [("spam", True), ("dmarc", True), ("virus", False), ("too-large", False)])
def test_what_can_be_released_comes_with_the_command(why: str, expected: bool) -> None:
    command = (
        "ansible-playbook account_factory.email.release_mail \\\n"
        "    -e mail_forwarder_stack_name=mail-forwarder -e aws_region=eu-west-1 \\\n"
        "    -e message_id=0100-m1\n"
    )
    assert (command in text_of(letter(why))) is expected


def test_a_letter_has_nothing_of_the_mail_that_could_do_harm() -> None:
    hostile = (
        b"From: Click http://evil.example/now <http://evil.example/a@evil.example>, <b@evil.example>\r\n"
        b"Subject: Urgent http://evil.example\r\nReply-To: c@evil.example\r\n\r\nPay at http://evil.example\r\n"
    )
    unknown = Delivery("x", "http://evil.example/y@accounts.example.com", "cloud-admin@example.com", Standing.UNKNOWN)
    mail = letter("dmarc", of=about(hostile, unknown))
    text = text_of(mail)
    assert "evil[.]example/a at evil[.]example, b at evil[.]example" in text
    for words in ("://evil", "evil.example", "Urgent", "Click", "Pay"):
        assert words not in text
        assert words not in mail["Subject"]
    assert mail["Reply-To"] is None


@pytest.mark.parametrize(
    ("instead", "said"),
    [
        pytest.param(Instead(OWNER, Reason.NOT_VERIFIED), "Amazon SES does not send to that address", id="sandbox"),
        pytest.param(Instead(OWNER, Reason.BOUNCED), "That mailbox refuses mail for good.", id="bounced"),
        pytest.param(Instead(OWNER, Reason.SUPPRESSED), "suppression list", id="suppressed"),
        pytest.param(Instead(OWNER, Reason.COMPLAINED), "marked a mail of the forwarder's as spam", id="complained"),
        pytest.param(
            Instead(OWNER, Reason.TRANSIENT, "452 4.2.2 full, see http://evil.example"),
            "Its mail server says: 452 4.2.2 full, see http evil[.]example",
            id="in words that nobody can click on",
        ),
    ],
)
def test_whoever_gets_it_is_told_in_whose_place_and_why(instead: Instead, said: str) -> None:
    text = text_of(letter("spam", "cloud-admin@example.com", instead))
    words = " ".join(text.split())
    assert f"You get this in place of {OWNER}." in words
    assert said in words


@pytest.mark.parametrize("reason", Reason)
def test_no_reason_is_without_its_words(reason: Reason) -> None:
    assert letter(reason)["Subject"] == f"Mail for {VENDED}: {reason.summary}"
    assert reason.why.endswith(".")


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(RAW, id="mail"),
        pytest.param(b"", id="nothing"),
        pytest.param(bytes(range(256)) * 300, id="any octets"),
        pytest.param(b"Subject: x\r\n\r\n" + b"x" * 200_000, id="one line"),
    ],
)
def test_what_is_attached_is_whole(raw: bytes) -> None:
    form = Form(Kind.ATTACHED, OWNER, Reason.MALFORMED)
    mail = opened(compose_attached(form, line_field(b"Subject", b"x"), about(raw)))
    text, attached = mail.iter_parts()
    assert (attached.get_filename(), attached.get_content_type()) == ("message.eml", "application/octet-stream")
    assert attached.get_content() == raw
    assert "Amazon SES does not send it as it is" in text.get_content()


def test_what_is_attached_names_no_other_recipient() -> None:
    """SES writes one recipient of the envelope into the mail, who need not be this one."""
    trace = (
        b"Return-Path: <a@x.org>\r\nReceived: from x (x [192.0.2.1])\r\n by y with SMTP id 1\r\n for %s;\r\n Fri\r\n"
    )
    rest = b"Received: from y\r\n for theirs@x.org; Thu\r\nSubject: x\r\n\r\nbody"
    raw = trace % b"other@accounts.example.com" + rest
    mail = opened(
        compose_attached(Form(Kind.ATTACHED, OWNER, Reason.MALFORMED), line_field(b"Subject", b"x"), about(raw))
    )
    _text, attached = mail.iter_parts()
    assert attached.get_content() == trace.replace(b"\r\n for %s", b"") + rest
