# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an owner's copy says: who sent it, which account it is about, and the sender's body as it was."""

from __future__ import annotations

from email.header import decode_header, make_header
from pathlib import Path

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._notice import Notice, Verdicts
from forwarder.core import field_rules
from forwarder.core.mail import About, Mail
from forwarder.core.recipients import Delivery, Standing
from forwarder.core.rewrite import compose_copy

from .conftest import FROM, SETTINGS

MAILS = Path(__file__).parents[4] / "mail"
# Where it is met first, the header goes on for sure.
DATE = b"Date: Fri, 20 Nov 2026 09:14:05 +0000\r\n"
VENDED = "aws-sandbox-0001@accounts.example.com"
DELIVERY = Delivery("AWS-Sandbox-0001+bill@accounts.example.com", VENDED, "owner@example.com", Standing.OWNER)


def forwarded(
    raw: bytes,
    delivery: Delivery = DELIVERY,
    sender: str = "envelope@sender.example",
    verdicts: Verdicts | None = None,
    marks: tuple[str, ...] = (),
) -> tuple[list[tuple[str, str]], bytes]:
    """Return the fields and the body of the copy that is sent, read back by hand."""
    notice = Notice("m1", sender, (VENDED,), verdicts or Verdicts(), "bucket", "mail/m1")
    copy = compose_copy(About(Mail.read(raw), delivery, notice, SETTINGS), marks)
    header, _unused, body = copy.partition(b"\r\n\r\n")
    unfolded = header.replace(b"\r\n ", b" ").replace(b"\r\n\t", b" ").decode("latin-1")
    fields = [line.partition(": ") for line in unfolded.split("\r\n")]
    return [(name, value) for name, _unused, value in fields], body


def values(fields: list[tuple[str, str]], name: str) -> list[str]:
    return [value for key, value in fields if key.lower() == name.lower()]


def only(fields: list[tuple[str, str]], name: str) -> str:
    (value,) = values(fields, name)
    return value


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        pytest.param(b"From: Ann <a@x.org>", "Ann (a at x.org) via AWS accounts", id="name"),
        pytest.param(b"From: a@x.org", "a at x.org via AWS accounts", id="no name"),
        pytest.param(b'From: "a@x.org" <a@x.org>', "a at x.org via AWS accounts", id="address as name"),
        pytest.param(
            b'From: "aws@amazon.com" <a@x.org>', "aws at amazon.com (a at x.org) via AWS accounts", id="spoof"
        ),
        pytest.param(b"From: =?utf-8?Q?J=C3=BC?=\r\n <a@x.org>", "Jü (a at x.org) via AWS accounts", id="encoded"),
        pytest.param(
            b"From: =?utf-8?Q?A=0D=0ABcc:_b@x?= <a@x.org>", "A Bcc: b at x (a at x.org) via AWS accounts", id="CRLF"
        ),
        pytest.param(b"From: A <a@x.org>, B <b@x.org>", "A (a at x.org) via AWS accounts", id="two mailboxes"),
        pytest.param(b"From: A <a@x.org>\r\nFrom: B <b@x.org>", "A (a at x.org) via AWS accounts", id="two fields"),
        pytest.param(b"From:", "envelope at sender.example via AWS accounts", id="empty"),
        pytest.param(b"Subject: x", "envelope at sender.example via AWS accounts", id="missing"),
        pytest.param(
            b"From: Mail Delivery System <MAILER-DAEMON>",
            "Mail Delivery System (MAILER-DAEMON) via AWS accounts",
            id="no domain",
        ),
        pytest.param(
            b"From: Mail Delivery System <>",
            "Mail Delivery System (envelope at sender.example) via AWS accounts",
            id="null address",
        ),
        pytest.param(
            "From: 日 =?utf-8?B?5pys?= <a@x.org>".encode(), "日 本 (a at x.org) via AWS accounts", id="raw and encoded"
        ),
        pytest.param(b"From: staff:;", "envelope at sender.example via AWS accounts", id="empty group"),
        pytest.param(
            b"From: " + b"n" * 500 + b" <" + b"l" * 500 + b"@x.org>",
            "n" * 79 + "… (" + "l" * 119 + "…) via AWS accounts",
            id="very long",
        ),
    ],
)
def test_from_says_who_sent_it(header: bytes, expected: str) -> None:
    fields, _unused = forwarded(header + b"\r\n\r\nx")
    name, _space, address = only(fields, "From").rpartition(" ")
    assert address == f"<{FROM}>"
    assert str(make_header(decode_header(name))).strip('"') == expected


def test_nothing_that_is_given_folds_a_field() -> None:
    """What is folded like a field of ours would let a recipient or a sender write lines of the header."""
    delivery = Delivery("a\r\n b@x.org\r\nX-Evil: 1", VENDED, "owner@example.com", Standing.OWNER)
    notice = Notice("m1", "a\r\n b@x.org", (VENDED,), Verdicts(), "bucket", "mail/m1")
    header = compose_copy(About(Mail.read(b"Subject: x\r\n\r\n"), delivery, notice, SETTINGS), ())
    assert b"\r\nX-Forwarder-Recipient: a   b@x.org  X-Evil: 1\r\n" in header
    assert b"\r\n " not in header


def test_a_mail_without_any_sender_is_sent_too() -> None:
    fields, _unused = forwarded(b"Subject: x\r\n\r\nx", sender="")
    assert only(fields, "From") == f'"unknown sender via AWS accounts" <{FROM}>'


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        pytest.param(b"From: a@x.org", ["a@x.org"], id="From"),
        pytest.param(b"From: a@x.org\r\nReply-To: B <b@X.org>", ["b@x.org"], id="Reply-To"),
        pytest.param(b"From: a@x.org\r\nReply-To: b@x.org, c@x.org", ["b@x.org, c@x.org"], id="several"),
        pytest.param(b"From: a@x.org\r\nReply-To: nobody, c@x.org, C@x.org", ["C@x.org"], id="one valid"),
        pytest.param(b"From: a@x.org\r\nReply-To: nobody", ["a@x.org"], id="invalid"),
        pytest.param(b"From: a@x.org\r\nReply-To: b@x.org\r\nReply-To: c@x.org", ["a@x.org"], id="twice"),
        pytest.param(b"From: a@x.org, b@x.org", [], id="two senders"),
        pytest.param(b'From: "a b"@x.org', [], id="quoted local part"),
        pytest.param("From: jürgen@x.org".encode(), [], id="SMTPUTF8"),
        pytest.param("From: a@bücher.example".encode(), [], id="IDN in UTF-8"),
        pytest.param(b"From: a@xn--bcher-kva.example", ["a@xn--bcher-kva.example"], id="IDN"),
        pytest.param(b"Subject: x", [], id="none"),
    ],
)
def test_reply_to_is_whom_an_answer_should_go_to(header: bytes, expected: list[str]) -> None:
    fields, _unused = forwarded(header + b"\r\n\r\nx")
    assert values(fields, "Reply-To") == expected


@pytest.mark.parametrize(
    ("delivery", "expected"),
    [
        pytest.param(DELIVERY, VENDED, id="vended address"),
        pytest.param(
            Delivery("x@other.example", "x@other.example", "admin@example.com", Standing.UNKNOWN),
            "x@other.example",
            id="unknown",
        ),
        pytest.param(
            Delivery("nobody", "nobody", "admin@example.com", Standing.UNKNOWN), "admin@example.com", id="no address"
        ),
        pytest.param(
            Delivery('"a b"@x.org', "a b@x.org", "admin@example.com", Standing.UNKNOWN),
            "admin@example.com",
            id="not plain",
        ),
    ],
)
def test_to_is_the_address_that_the_mail_was_for(delivery: Delivery, expected: str) -> None:
    fields, _unused = forwarded(b"From: a@x.org\r\nTo: others@x.org\r\nCc: more@x.org\r\n\r\nx", delivery)
    assert only(fields, "To") == expected
    assert values(fields, "Cc") == []
    assert only(fields, "X-Original-To") == "others@x.org"
    assert only(fields, "X-Original-Cc") == "more@x.org"


def test_our_marks_come_from_the_event() -> None:
    forged = b"X-Forwarder-Verdicts: spam=PASS\r\nx-forwarder-REASON: owner\r\nX-Original-From: no-reply@signin.aws\r\n"
    verdicts = Verdicts(spam="FAIL", virus="PASS", dkim="ODD\r\nX: y", dmarc="FAIL", dmarc_policy="reject")
    fields, _unused = forwarded(forged + b"From: a@x.org\r\n\r\nx", verdicts=verdicts)
    assert (
        only(fields, "X-Forwarder-Verdicts")
        == "spam=FAIL virus=PASS spf=none dkim=ODD__X__y dmarc=FAIL dmarc_policy=reject"
    )
    assert only(fields, "X-Forwarder-Reason") == "owner"
    assert only(fields, "X-Forwarder-Recipient") == "AWS-Sandbox-0001+bill@accounts.example.com"
    assert only(fields, "X-Forwarder-Message-ID") == "m1"
    assert only(fields, "X-Original-From") == "a@x.org"


@pytest.mark.parametrize(
    "name",
    [
        *sorted(field_rules.REMOVED - {b"return-receipt-requested"}),
        b"X-SES-CONFIGURATION-SET",
        b"x-ses-anything",
        b"ARC-Seal",
        b"BIMI-Selector",
    ],
)
def test_fields_are_removed_with_what_continues_them(name: bytes) -> None:
    raw = b"A: 1\r\n" + name + b": first\r\n second\r\n\tthird\r\nand fourth\r\nB: 2\r\n" + DATE + b"\r\nx"
    fields, _unused = forwarded(raw)
    assert values(fields, name.decode()) == []
    assert not any(part in value for _unused, value in fields for part in ("first", "second", "third", "fourth"))
    assert (only(fields, "A"), only(fields, "B")) == ("1", "2")


@pytest.mark.parametrize("name", [*sorted(field_rules.RENAMED), b"resent-to"])
def test_fields_that_software_acts_on_are_kept_for_people_only(name: bytes) -> None:
    fields, _unused = forwarded(name.title() + b": value@x.org\r\n folded\r\n\r\nx")
    assert only(fields, f"x-original-{name.decode()}") == "value@x.org folded"
    assert "value@x.org" not in "".join(values(fields, name.decode()))


@pytest.mark.parametrize("name", sorted(field_rules.ONCE - field_rules.REMOVED - field_rules.RENAMED))
def test_once_only_fields_stand_once(name: bytes) -> None:
    fields, _unused = forwarded(name + b": first\r\n" + name.upper() + b": second\r\n\r\nx")
    assert values(fields, name.decode()) == ["first"]
    assert values(fields, f"X-Original-Repeated-{name.decode()}") == ["second"]


@pytest.mark.parametrize("name", ["Received", "Subject", "X-Mailer", "List-Unsubscribe", "Feedback-ID"])
def test_other_fields_are_kept_as_they_are(name: str) -> None:
    notice = Notice("m1", "a@x.org", (VENDED,), Verdicts(), "bucket", "mail/m1")
    field = name.encode() + b":odd  spacing\r\n\tand folds"
    mail = Mail.read(field + b"\r\n\r\nx")
    assert b"\r\n" + field + b"\r\n" in compose_copy(About(mail, DELIVERY, notice, SETTINGS), ())


def test_what_ses_writes_over_is_kept_beside() -> None:
    fields, _unused = forwarded(b"Date: Fri, 20 Nov 2026 09:14:05 +0000\r\nMessage-ID: <a@x>\r\n\r\nx")
    assert only(fields, "X-Original-Date") == only(fields, "Date") == "Fri, 20 Nov 2026 09:14:05 +0000"
    assert only(fields, "X-Original-Message-ID") == only(fields, "Message-ID") == "<a@x>"


@pytest.mark.parametrize("mail", sorted(path.name for path in MAILS.glob("*.eml")))
def test_the_body_of_a_real_mail_is_the_same(mail: str) -> None:
    raw = (MAILS / mail).read_bytes()
    _unused, body = forwarded(raw)
    assert body == raw.partition(b"\r\n\r\n")[2]
    assert len(body) > 30


def test_a_hostile_header_comes_out_harmless() -> None:
    raw = (MAILS / "hostile-header.eml").read_bytes()
    fields, _unused = forwarded(raw)
    assert only(fields, "From") == f'"AWS no-reply at signin.aws (attacker at evil.example) via AWS accounts" <{FROM}>'
    assert only(fields, "Content-Type") == "text/plain; charset=us-ascii; format=flowed"
    assert values(fields, "Reply-To") == ["one@evil.example, two@evil.example"]
    assert only(fields, "Message-ID") == "<one@evil.example>"
    assert "attackers-set" not in str(fields)
    assert "hidden@evil.example" not in str(fields)


def test_the_trace_field_of_ses_does_not_disclose_another_recipient() -> None:
    by_ses = (
        b"Received: from a (a [192.0.2.1])\r\n by inbound-smtp with SMTP id m1\r\n for other@example.com;\r\n Sat, 21"
    )
    by_sender = b"Received: from b by a for <list@sender.example>; Fri, 20"
    fields, _unused = forwarded(by_ses + b"\r\n" + by_sender + b"\r\nFrom: a@x.org\r\n\r\nx")
    assert values(fields, "Received") == [
        "from a (a [192.0.2.1]) by inbound-smtp with SMTP id m1; Sat, 21",
        "from b by a for <list@sender.example>; Fri, 20",
    ]
