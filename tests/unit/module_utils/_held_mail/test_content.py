# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is shown of a mail, whoever wrote it: the bytes of hostile mails, and any bytes at all."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._held_mail import content
from ansible_collections.account_factory.email.plugins.module_utils._held_mail.content import (
    FIELDS_MAX,
    PARTS_MAX,
    VALUE_MAX,
    check_message_id,
    not_kept,
)
from tests.mail_corpus import Case, cases

MIXED = b"From: a@b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
# What terminals, mail programs and web pages make links of.
_LINK = re.compile(r"://|\w\.[^\W\d]|\b(mailto|tel|javascript|data):\S|\\\\", re.IGNORECASE)


def describe(data: bytes) -> dict[str, Any]:
    return content.describe(data, len(data))


def texts(node: Any) -> list[str]:
    """Return all texts of a result."""
    if isinstance(node, dict):
        return [text for each in node.values() for text in texts(each)]
    if isinstance(node, list):
        return [text for each in node for text in texts(each)]
    return [node] if isinstance(node, str) else []


def assert_harmless(result: dict[str, Any]) -> None:
    json.dumps(result).encode("ascii")
    for text in texts(result):
        # isprintable is false of control and formatting characters, and so of escapes, line ends and bidi marks.
        assert text.isprintable(), ascii(text)
        assert not _LINK.search(text), text


def only_value(data: bytes) -> str:
    (field,) = describe(data)["header_fields"]
    return str(field["value"])


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        pytest.param(b"Jane <jane@evil.example>", "Jane <jane@evil[.]example>", id="an address"),
        pytest.param(
            b"\x1b[2J\x1b]8;;https://evil.example\x07click\x1b\\", "[2J ]8;;https evil[.]example click \\", id="ANSI"
        ),
        pytest.param(b"a\x00b\x7fc\x08d", "a b c d", id="control characters"),
        pytest.param("invoice\u202efdp.exe".encode(), "invoice fdp[.]exe", id="right-to-left override"),
        pytest.param("a\u2066b\u200fc\u200bd\ufeffe".encode(), "a b c d e", id="marks that nobody sees"),
        pytest.param(b'<a href="http://evil.example">x</a>', '<a href="http evil[.]example">x</a>', id="HTML"),
        pytest.param(b"=?utf-8?q?=1B[31mred=0D=0ABcc:_x?=", "[31mred Bcc: x", id="encoded controls"),
        pytest.param(b"=?utf-8?b?aHR0cHM6Ly9ldmlsLmV4YW1wbGUvYQ==?=", "https evil[.]example/a", id="an encoded link"),
        pytest.param(b"https:=?utf-8?q?//evil?=", "https evil", id="a link in two halves"),
        pytest.param(b"=?utf-8?q?https:/?= =?us-ascii?q?/evil?=", "https evil", id="in two words"),
        pytest.param("evil\u3002example evil\uff0eexample".encode(), "evil[.]example evil[.]example", id="IDN dots"),
        pytest.param(b"<mailto:x@evil?subject=y>", "<mailto x@evil?subject=y>", id="mailto"),
        pytest.param(b"=?utf-8?b?4oKs?= =?iso-8859-1?q?=E9?=", "\u20ac\xe9", id="encoded words"),
        pytest.param(b"=?no-such?q?a=E9b?= =?utf-8?b?!?=", "a\ufffdb", id="charsets and base64 that are none"),
        pytest.param(b"\xe9t\xe9 \x9b31m", "\xe9t\xe9 \u203a31m", id="Latin-1, and what is a control in it"),
        pytest.param(b"{{ 7 * 7 }} {% x %}", "{{ 7 * 7 }} {% x %}", id="a template"),
        pytest.param(b"a\r\n\t b\r\n c", "a b c", id="folded"),
        pytest.param(b"x" * 5_000, "x" * VALUE_MAX + "\u2026", id="long"),
        pytest.param(b"=?utf-8?q?=00?= " * 9_000, "\u2026", id="long, and nothing"),
        pytest.param(b"", "", id="empty"),
    ],
)
def test_a_header_field_does_no_harm(value: bytes, shown: str) -> None:
    assert only_value(b"Subject: " + value + b"\r\n\r\n") == shown
    assert_harmless(describe(b"Subject: " + value + b"\r\n\r\n"))


def test_fields_are_shown_in_their_order_whatever_their_names() -> None:
    shown = describe(b"From evil@x Mon\r\nSubject: a\r\nwww.evil.example: b\r\nsubject : c\r\n\r\n")["header_fields"]
    assert [(field["name"], field["value"]) for field in shown] == [
        ("", "From evil@x Mon"),
        ("Subject", "a"),
        ("www[.]evil[.]example", "b"),
        ("subject", "c"),
    ]


def test_what_is_too_much_is_counted() -> None:
    found = describe(b"A: 1\r\n" * (FIELDS_MAX + 3) + b"\r\n")
    assert (len(found["header_fields"]), found["header_fields_omitted"]) == (FIELDS_MAX, 3)
    hidden = describe(b"A: 1\r\n" * FIELDS_MAX + b"B: 2\r\nFROM: 3\r\n" + b"Subject: 4\r\n" * 30 + b"\r\n")
    behind = [field["value"] for field in hidden["header_fields"][FIELDS_MAX:]]
    assert (behind, hidden["header_fields_omitted"]) == (["3", *"4" * 19], 12)


def test_parts_that_are_too_many_are_left_out() -> None:
    many = describe(MIXED + b"--b\r\n\r\nx\r\n" * PARTS_MAX)
    assert (len(many["parts"]), many["has_more_parts"]) == (PARTS_MAX, True)
    assert not describe(MIXED + b"--b\r\n\r\nx\r\n" * (PARTS_MAX - 1))["has_more_parts"]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        pytest.param(b"", "it has no header", id="nothing"),
        pytest.param(bytes(range(256)) * 100, "it has no header", id="binary"),
        pytest.param(b"\r\nSubject: a\r\n", "it has no header", id="a blank line first"),
        pytest.param(b"A: b\r\n" * 6_000, "more than 5000 fields", id="too many fields"),
        pytest.param(b"A: " + b"b" * 2_000_000, "more than 1048576 octets", id="too long a field"),
    ],
)
def test_what_is_no_mail_is_said_to_be_none(data: bytes, problem: str) -> None:
    found = describe(data)
    assert not found["is_readable"]
    assert problem in found["problem"]
    assert found.keys() == describe(b"A: b\r\n\r\n").keys()
    assert (found["header_fields"], found["parts"]) == ([], [])


def test_what_is_too_large_was_not_read() -> None:
    found = content.describe(None, 99_000_000)
    assert not found["is_readable"]
    assert found["problem"].startswith("it has 99000000 bytes, more than")


def test_a_header_without_an_end_is_read() -> None:
    found = describe(b"Subject: a\r\nTo: b")
    assert found["is_readable"]
    assert [field["name"] for field in found["header_fields"]] == ["Subject", "To"]
    assert found["parts"][0]["size"] == 0


CORPUS = [pytest.param(case, id=f"{case.topic}-{case.id}") for case in cases() if not case.large]


@pytest.mark.parametrize("case", CORPUS)
def test_every_mail_of_the_corpus_does_no_harm(case: Case) -> None:
    assert_harmless(describe(case.data()))


PIECES = st.sampled_from(
    [
        *(b"From: ", b"Subject: ", b"\r\n", b"\n", b"\r", b" ", b"\r\n\r\n", b"--b", b"--b--", b"--c"),
        *(b"=?utf-8?q?", b"=?utf-16?b?", b"?=", b'; name="', b"; filename*99999999=", b'"', b"=", b"\x00"),
        b"Content-Type: multipart/mixed; boundary=b",
        b"Content-Type: multipart/x; boundary*=utf-8''c",
        b"Content-Type: message/rfc822",
        b"Content-Transfer-Encoding: base64",
        b"Content-Transfer-Encoding: quoted-printable",
        b"Content-Disposition: attachment; filename*0*=utf-8''%1B; filename*1=",
        *(b"://", b"evil.example", b"mailto:", b"file:", b"\\\\", b"\x1b[31m", "\u202e\u3002\uff0e".encode()),
    ]
)


@given(st.lists(PIECES | st.binary(max_size=8)).map(b"".join))
def test_no_bytes_do_harm_or_make_it_fail(data: bytes) -> None:
    assert_harmless(describe(data))


@given(st.text())
def test_no_encoded_text_does_harm(text: str) -> None:
    encoded = "".join(f"={octet:02X}" for octet in text.encode("utf-8", "replace")).encode()
    mail = b"Subject: =?utf-8?q?" + encoded + b"?=\r\nContent-Disposition: attachment; filename*=utf-8''"
    assert_harmless(describe(mail + encoded.replace(b"=", b"%") + b"\r\n\r\n"))


@pytest.mark.parametrize("value", ["o3vrnil0e2ic28trm7dfhrc2v0clambda4nbp0g1", "0102-m1.x_y", "a" * 256, "!~", "..a"])
def test_an_id_of_a_mail(value: str) -> None:
    assert check_message_id("message_id", value) == value


@pytest.mark.parametrize(
    "value",
    ["", " ", "a b", "a\n", "a/b", "../mail/a", "/", ".", "..", "a" * 257, "\u00e9", "a\x1b[31m", "a\u202e"],
)
def test_what_is_no_id_of_a_mail(value: str) -> None:
    with pytest.raises(InputError, match=r"^message_id: .* is not the id of a mail.*no slash") as raised:
        check_message_id("message_id", value)
    assert str(raised.value).isprintable()


def test_what_is_said_of_a_mail_that_is_not_there() -> None:
    assert "it came more than 90 days ago, for which mail is kept, or there was none" in not_kept("m1", 90)
    assert "it was deleted, or there was none" in not_kept("m1", None)
