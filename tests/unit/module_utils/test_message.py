# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A mail is cut in two, and its header into fields, whatever its bytes are."""

from __future__ import annotations

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._message import (
    FIELDS_MAX,
    HEADER_MAX,
    Field,
    MessageError,
    split_message,
)


@pytest.mark.parametrize(
    ("raw", "names", "body"),
    [
        pytest.param(b"A: 1\r\nB: 2\r\n\r\nbody\r\n", [b"A", b"B"], b"body\r\n", id="plain"),
        pytest.param(b"A: 1\nB: 2\n\nbody\n", [b"A", b"B"], b"body\n", id="LF only"),
        pytest.param(b"A: 1\r\n\nbody\r\n\r\nx", [b"A"], b"body\r\n\r\nx", id="mixed"),
        pytest.param(b"A: 1\r\n\r\n", [b"A"], b"", id="empty body"),
        pytest.param(b"A: 1\r\n", [b"A"], b"", id="no blank line"),
        pytest.param(b"A: 1", [b"A"], b"", id="no line end"),
        pytest.param(b"", [], b"", id="nothing at all"),
        pytest.param(b"\r\nA: 1\r\n\r\nx", [], b"A: 1\r\n\r\nx", id="blank line first"),
        pytest.param(b"A: 1\r\nHello!\r\nB: 2", [b"A"], b"Hello!\r\nB: 2", id="text and no blank line"),
        pytest.param(b"From x Fri\r\nA: 1\r\n", [b"", b"A"], b"", id="mbox line and no blank line"),
        pytest.param(b"From x@y Fri Nov 20 09:14:05\r\n\tz\r\nA: 1\r\n\r\n", [b"", b"A"], b"", id="mbox line"),
        pytest.param(b"From : x@y\r\nA: 1\r\n\r\n", [b"From", b"A"], b"", id="From with a space"),
        pytest.param(b"A: 1\r\n\r\n\x00\xff\r\r\n\n\r\n", [b"A"], b"\x00\xff\r\r\n\n\r\n", id="binary body"),
    ],
)
def test_a_mail_is_split(raw: bytes, names: list[bytes], body: bytes) -> None:
    message = split_message(raw)
    assert [field.name for field in message.fields] == names
    assert bytes(message.body) == body


@pytest.mark.parametrize(
    "doubtful",
    [
        pytest.param(b"Hello,\r\nyour code is: 123456", id="text"),
        pytest.param(b": 1", id="empty name"),
        pytest.param(b"A b: 1\r\n c", id="name with a space"),
        pytest.param(b"A\x00: 1\r\nA\xff: 1", id="names of no printable ASCII"),
        pytest.param(b"A" * 300 + b": 1", id="very long name"),
        pytest.param(b"--b\r\nContent-Type: text/plain", id="boundary"),
        pytest.param(b"--b: c\r\nContent-Type: text/plain", id="boundary with a colon"),
        pytest.param(b"C: 1\rD: 2", id="CR alone"),
        pytest.param(b"C: 1\r", id="CR CR LF"),
        pytest.param(b"format=flowed", id="parameter behind no semicolon"),
    ],
)
def test_a_header_ends_for_sure_only_before_what_may_be_text(doubtful: bytes) -> None:
    raw = b"A: 1\r\n" + doubtful + b"\r\nB: 1\r\n\r\nbody"
    message = split_message(raw)
    assert [field.name for field in message.fields] == [b"A"]
    assert b"A: 1\r\n" + bytes(message.body) == raw
    assert not message.ends_surely


@pytest.mark.parametrize(
    "landmark",
    [
        pytest.param(b"Date: Fri, 20 Nov 2026 09:14:05 +0000", id="Date"),
        pytest.param(b"From: a@x.org", id="From"),
        pytest.param(b"Message-ID: <a@x.org>", id="Message-ID"),
        pytest.param(b"MIME-Version: 1.0", id="MIME-Version"),
    ],
)
def test_a_header_goes_on_to_the_fields_that_each_mail_has(landmark: bytes) -> None:
    odd = b"A: 1\r\nwrapped\r\n: none\r\nX: 1\r2\r\n" + landmark + b"\r\n"
    message = split_message(odd + b"\r\nbody")
    assert message.ends_surely
    assert message.fields[:3] == (Field(b"A", (b" 1", b" wrapped")), Field(b"", (b": none",)), Field(b"X", (b" 1\r2",)))
    assert not split_message(landmark + b"\r\n" + odd + b"\r\nbody").ends_surely, "it is met a second time"


def test_a_parameter_that_is_not_indented_is_the_rest_of_its_field() -> None:
    message = split_message(b"Content-Type: text/plain;\r\ncharset=utf-8;\r\nformat=flowed\r\n\r\nbody")
    assert message.values(b"content-type") == [b"text/plain; charset=utf-8; format=flowed"]
    assert message.ends_surely


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param(b"A: 1\r\n\r\nFrom: b", 0, id="none"),
        pytest.param(b"From: a\r\nfrom\t: b\r\n\r\nFrom: c", 2, id="two"),
        pytest.param(b"A: 1\rFrom: a\r\n\r\n", 1, id="behind a CR"),
        pytest.param(b"From\r\n : a\r\nFrom: b\r\n\r\n", 2, id="folded before the colon"),
        pytest.param(b"\xef\xbb\xbfFrom: a\r\nFrom\x00: b\r\n\r\n", 2, id="signs that are not shown"),
        pytest.param(b"Received: x\r\n from: y\r\n\r\n", 0, id="within another"),
        pytest.param(b"A: 1\r\nHello\r\nFrom: a\r\n\r\n", 1, id="behind a doubtful end"),
        pytest.param(b"From: a\r\nb\r\n\r\n", 2, id="one that may go on"),
        pytest.param(b"From: a\r\nA b\r\nFrom: c", 2, id="no blank line"),
    ],
)
def test_all_that_may_be_a_from_field_is_counted(raw: bytes, expected: int) -> None:
    assert split_message(raw).from_lines == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        pytest.param(b"A: 1\r\n 2\r\n\t3", Field(b"A", (b" 1", b" 2", b"\t3")), id="folded"),
        pytest.param(b"A : 1", Field(b"A", (b" 1",)), id="space before the colon"),
        pytest.param(b"A:1:2", Field(b"A", (b"1:2",)), id="colon in the value"),
        pytest.param(b"A: 1\r\n  \r\n 2", Field(b"A", (b" 1", b" 2")), id="blank continuation"),
        pytest.param(b"A: 1;\r\nb=2", Field(b"A", (b" 1;", b" b=2")), id="parameter that is not indented"),
        pytest.param(b"A:", Field(b"A", (b"",)), id="empty value"),
    ],
)
def test_a_field_is_read(header: bytes, expected: Field) -> None:
    assert split_message(header + b"\r\n\r\n").fields == (expected,)


def test_values_are_unfolded_and_found_by_name() -> None:
    message = split_message(b"To: a,\r\n b\r\nSubject: x\r\nTO: c\r\n\r\n")
    assert message.values(b"to") == [b"a, b", b"c"]
    assert message.values(b"cc") == []


def test_the_body_is_not_copied() -> None:
    raw = b"A: 1\r\n\r\n" + b"x" * 1000
    assert split_message(raw).body.obj is raw


@pytest.mark.parametrize("blank", [b"\n\nbody", b""], ids=["body", "no blank line"])
def test_the_largest_header_is_read(blank: bytes) -> None:
    assert len(split_message(b"A: " + b"x" * (HEADER_MAX - 3) + blank).fields) == 1
    assert len(split_message(b"\r\n".join([b"A: 1\r\n 2"] * FIELDS_MAX) + blank).fields) == FIELDS_MAX


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        pytest.param(b"A: " + b"x" * (HEADER_MAX - 2), "more than 1048576 octets", id="one field"),
        pytest.param(b"A: 1\r\n" + b" x\r\n" * (HEADER_MAX // 4), "more than 1048576 octets", id="one folded field"),
        pytest.param(b"A:\n" * (FIELDS_MAX + 1), "more than 5000 fields", id="fields"),
    ],
)
@pytest.mark.parametrize("blank", [b"\r\n\r\nbody", b""], ids=["body", "no blank line"])
def test_a_header_beyond_the_limits_is_refused(header: bytes, reason: str, blank: bytes) -> None:
    with pytest.raises(MessageError, match=reason):
        split_message(header + blank)


def test_a_header_beyond_the_limits_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted, not timed: no line is looked at in a header that is too large, and few without a blank line."""
    seen: list[bytes] = []

    class Counting:
        def match(self, line: bytes) -> bool:
            seen.append(line)
            return True

    monkeypatch.setattr("ansible_collections.account_factory.email.plugins.module_utils._message._FIELD", Counting())
    fields = b"A: " + b"x" * 1020 + b"\n"
    for raw in (fields * 4096 + b"\n", fields * 4096):
        seen.clear()
        with pytest.raises(MessageError):
            split_message(raw)
        assert len(seen) <= HEADER_MAX // 1024 + 2
