# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which stored mail brings the code for a new primary email, and which code it is: whole mails as bytes."""

from __future__ import annotations

import base64
import quopri
import string
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.account_factory.email.plugins.module_utils._account.code_mail import (
    CodeError,
    find_code,
    is_mail_of_aws,
)
from tests.local_aws.code_mail import code_mail
from tests.local_aws.received_mail import Envelope, arrive

TO = "vended-001@accounts.example.com"
CODE = "a7K2pQ"


def mail(body: str, kind: str = "text/plain", encoding: str = "8bit", charset: str = "utf-8") -> bytes:
    data = body.encode(charset)
    if encoding == "base64":
        data = base64.encodebytes(data)
    elif encoding == "quoted-printable":
        data = quopri.encodestring(data)
    header = f"Content-Type: {kind}; charset={charset}\nContent-Transfer-Encoding: {encoding}\n\n"
    return b"From: a@example.org\nMIME-Version: 1.0\n" + header.encode() + data


def parts(*given: bytes) -> bytes:
    """Return a multipart mail of mails."""
    inner = b"".join(b"--b\n" + one.partition(b"MIME-Version: 1.0\n")[2] + b"\n" for one in given)
    return b'Content-Type: multipart/alternative; boundary="b"\n\n' + inner + b"--b--\n"


WORDS = "Please verify within thirty minutes. Return to the Amazon console. Your change needs a second person.\n"


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        pytest.param(mail(f"{WORDS}\n{CODE}\n\nThanks\n"), CODE, id="alone on a line"),
        pytest.param(mail(f"Verification code: {CODE}\n{WORDS}"), CODE, id="after a label"),
        pytest.param(mail(f"Verification code:{CODE}\r\n{WORDS}".replace("\n", "\r\n")), CODE, id="no blank, CRLF"),
        pytest.param(mail(f"Verification code:\n\n  {CODE}\n\n{WORDS}"), CODE, id="below a label"),
        pytest.param(mail(f"Your one-time password is {CODE}.\n{WORDS}"), CODE, id="in a sentence"),
        pytest.param(mail(f"Your code - {CODE} - ends soon.\n"), CODE, id="between dashes"),
        pytest.param(mail(f"OTP: **{CODE}**\n"), CODE, id="in stars"),
        pytest.param(mail(f"Verification code: {CODE} (valid for ten minutes)\n"), CODE, id="with words after it"),
        pytest.param(mail("Verification code: qwerty\n"), "qwerty", id="small letters by a label"),
        pytest.param(mail("Verification code:\nPlease\n"), "Please", id="like a word, by a label"),
        pytest.param(mail("Verification code:\nQWXZKP\n\nThanks\n"), "QWXZKP", id="capital letters"),
        pytest.param(mail("Enter this code.\n\nAmazon\n\nCode: abCdef\n"), "abCdef", id="one is no word"),
        pytest.param(mail(f"{WORDS}\n012345\n"), "012345", id="digits"),
        pytest.param(mail(f"Verification code: please use it.\n\n{CODE}\n"), CODE, id="a word after the label"),
        pytest.param(mail(f"Code: https://example.org/?code=zZ9zZ9\n{CODE}\n"), CODE, id="a link"),
        pytest.param(mail(f"abc123@example.org\n{CODE}\n"), CODE, id="an address"),
        pytest.param(mail(f"{CODE}\n{CODE}\n"), CODE, id="twice the same"),
        pytest.param(mail(f"<p>{WORDS}</p><p><b>{CODE}</b></p>", "text/html"), CODE, id="HTML only"),
        pytest.param(
            mail(f"<table><tr><td>Verification code</td><td>{CODE}</td></tr></table>", "text/html"), CODE, id="cells"
        ),
        pytest.param(
            mail(
                f"<style>.c1 {{ color:\n#a1b2c3 }}</style><div\n>{CODE[:3]}<span>{CODE[3:]}</span></div>", "text/html"
            ),
            CODE,
            id="HTML with style, split by a tag",
        ),
        pytest.param(
            mail(f"<html><head><title>B4dOne</title><body>code:&nbsp;<b>{CODE}</b>", "text/html"), CODE, id="poor HTML"
        ),
        pytest.param(mail(f"Code: {CODE}\n", encoding="base64"), CODE, id="base64"),
        pytest.param(mail(f"{WORDS * 2}Code: {CODE} é\n", encoding="quoted-printable"), CODE, id="quoted-printable"),
        pytest.param(mail(f"Code: {CODE} é\n", charset="iso-8859-1"), CODE, id="Latin-1"),
        pytest.param(mail(f"Code: {CODE}\n").replace(b"utf-8", b"x-none"), CODE, id="a charset that there is not"),
        pytest.param(
            parts(mail(f"Code: {CODE}\n"), mail(f"<p>Your code</p><h1>{CODE}</h1>", "text/html")), CODE, id="both"
        ),
        pytest.param(
            parts(mail(f"Code: {CODE}\n"), mail("Code: B4dOne\n", "application/octet-stream")), CODE, id="not a text"
        ),
        pytest.param(code_mail(TO, "Please", 0)[1], "Please", id="local AWS's, like a word"),
    ],
)
def test_the_code(raw: bytes, code: str) -> None:
    assert find_code(raw) == code


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(mail(WORDS), id="words"),
        pytest.param(mail("Thanks\n\nAmazon\n"), id="words alone on lines"),
        pytest.param(mail("Code: a7K2pQ9\n\nxa7K2pQ\n"), id="seven characters"),
        pytest.param(mail("Code: a7K2p-\n"), id="another character"),
        pytest.param(mail(""), id="nothing"),
        pytest.param(b"", id="no bytes"),
        pytest.param(mail("<script>\na7K2pQ\n</script>", "text/html"), id="not shown"),
    ],
)
def test_no_code(raw: bytes) -> None:
    with pytest.raises(CodeError, match="no word"):
        find_code(raw)


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(mail(f"Code: {CODE}\nCode: B4dOne\n"), id="by labels"),
        pytest.param(mail(f"{CODE}\n\nB4dOne\n"), id="alone"),
        pytest.param(parts(mail(f"Code: {CODE}\n"), mail("<p>Code: B4dOne</p>", "text/html")), id="in two parts"),
    ],
)
def test_two_codes_are_none(raw: bytes) -> None:
    with pytest.raises(CodeError, match="more than one") as raised:
        find_code(raw)
    assert CODE not in str(raised.value)


@settings(deadline=None)
@given(st.text(string.ascii_letters + string.digits, min_size=6, max_size=6))
def test_every_code_is_found_in_local_awss_mail(code: str) -> None:
    assert find_code(code_mail(TO, code, 1_790_000_000.0)[1]) == code


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_whatever_it_is_there_is_an_answer(raw: bytes) -> None:
    assert not is_mail_of_aws(raw, TO)
    try:
        assert len(find_code(b"Content-Type: text/html\n\n" + raw)) == 6
    except CodeError:
        return


def stored(data: bytes, sender: str = "x@verify.signin.aws", verdict: str = "") -> bytes:
    """Return a mail as SES stores it."""
    if verdict:
        data = f"X-Local-Verdicts: {verdict}\r\n".encode() + data
    return arrive("id", Envelope("mx", "192.0.2.1", sender, (TO,)), data, "eu-west-1", datetime.now(UTC)).data


REAL = code_mail(TO, CODE, 1_790_000_000.0)[1]
FORGED_RESULT = b"Authentication-Results: amazonses.com; dmarc=pass header.from=verify.signin.aws;\r\n"


def changed(old: str, new: str) -> bytes:
    assert old.encode() in REAL
    return REAL.replace(old.encode(), new.encode(), 1)


FROM = "From: Amazon Web Services <no-reply@verify.signin.aws>\r\n"


def test_the_real_one_is_taken() -> None:
    assert is_mail_of_aws(stored(REAL), TO)
    assert is_mail_of_aws(stored(changed(f"To: {TO}", f"To: <{TO.upper()}>")), TO)
    assert is_mail_of_aws(stored(changed("no-reply@verify.signin.aws", "a@amazon.com"), "x@amazon.com"), TO)


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(REAL, id="nothing of SES's"),
        pytest.param(FORGED_RESULT.replace(b"amazonses.com", b"example.org") + REAL, id="another server's result"),
        pytest.param(stored(REAL, verdict="dmarc=FAIL"), id="DMARC failed"),
        pytest.param(stored(REAL, verdict="dmarc=GRAY"), id="no DMARC"),
        pytest.param(stored(FORGED_RESULT + REAL, verdict="dmarc=FAIL"), id="forged below SES's own"),
        pytest.param(stored(REAL, "x@evil.example"), id="another domain passed"),
        pytest.param(
            stored(REAL, '"; dmarc=pass header.from=verify.signin.aws; "@evil.example'), id="forged in the envelope"
        ),
        pytest.param(
            stored(REAL, '"; dmarc=pass header.from=verify.signin.aws; "@evil.example', "dmarc=FAIL"),
            id="forged in the envelope, failed",
        ),
        pytest.param(stored(changed(TO, "vended-002@accounts.example.com")), id="to another"),
        pytest.param(stored(changed(TO, f"{TO}, b@example.org")), id="to two"),
        pytest.param(stored(changed(f"To: {TO}\r\n", f"To: {TO}\r\nTo: b@example.org\r\n")), id="two To fields"),
        pytest.param(stored(changed(f"To: {TO}\r\n", "")), id="to nobody"),
        pytest.param(stored(changed(FROM, "")), id="from nobody"),
        pytest.param(stored(changed(FROM, FROM + "From: a@evil.example\r\n")), id="two From fields"),
        pytest.param(
            stored(changed("no-reply@verify.signin.aws", "a@signin.aws.evil.example"), "x@signin.aws.evil.example"),
            id="a domain that begins like it",
        ),
        pytest.param(
            stored(changed("no-reply@verify.signin.aws", "a@evilsignin.aws"), "x@evilsignin.aws"),
            id="a domain that ends like it",
        ),
        pytest.param(
            stored(changed("no-reply@verify.signin.aws", "a@evil.example"), "x@evil.example"), id="not from AWS"
        ),
    ],
)
def test_no_other_is(raw: bytes) -> None:
    assert not is_mail_of_aws(raw, TO)
