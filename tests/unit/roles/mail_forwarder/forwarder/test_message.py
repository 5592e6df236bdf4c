# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A mail is cut in two, and its header into fields, whatever its bytes are."""

from __future__ import annotations

import pytest

from forwarder.message import FIELDS_MAX, HEADER_MAX, Field, MessageError, field_text, split_message


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
        pytest.param(b"From x Fri\r\nA: 1\r\n", [b"A"], b"", id="mbox line and no blank line"),
        pytest.param(b"From x@y Fri Nov 20 09:14:05\r\n\tz\r\nA: 1\r\n\r\n", [b"A"], b"", id="mbox line"),
        pytest.param(b" x\r\nA: 1\r\n\r\n", [b"A"], b"", id="continuation first"),
        pytest.param(b": 1\r\nA: 1\r\n\r\n", [b"A"], b"", id="empty name"),
        pytest.param(b"A b: 1\r\n c\r\nA: 1\r\n\r\n", [b"A"], b"", id="name with a space"),
        pytest.param(b"A\x00: 1\r\nA\xff: 1\r\nA: 1\r\n\r\n", [b"A"], b"", id="names of no printable ASCII"),
        pytest.param(b"A" * 300 + b": 1\r\nA: 1\r\n\r\n", [b"A"], b"", id="very long name"),
        pytest.param(b"A: 1\r\n\r\n\x00\xff\r\r\n\n\r\n", [b"A"], b"\x00\xff\r\r\n\n\r\n", id="binary body"),
    ],
)
def test_a_mail_is_split(raw: bytes, names: list[bytes], body: bytes) -> None:
    message = split_message(raw)
    assert [field.name for field in message.fields] == names
    assert bytes(message.body) == body


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        pytest.param(b"A: 1\r\n 2\r\n\t3", Field(b"A", (b" 1", b" 2", b"\t3")), id="folded"),
        pytest.param(b"A : 1", Field(b"A", (b" 1",)), id="space before the colon"),
        pytest.param(b"A:1:2", Field(b"A", (b"1:2",)), id="colon in the value"),
        pytest.param(b"A: 1\r\n  \r\n 2", Field(b"A", (b" 1", b" 2")), id="blank continuation"),
        pytest.param(b"A: 1;\r\nb=2", Field(b"A", (b" 1;", b" b=2")), id="continuation that is not indented"),
        pytest.param(b"A: 1\r\r\n 2", Field(b"A", (b" 1\r", b" 2")), id="bare CR"),
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

    monkeypatch.setattr("forwarder.message._FIELD", Counting())
    fields = b"A: " + b"x" * 1020 + b"\n"
    for raw in (fields * 4096 + b"\n", fields * 4096):
        with pytest.raises(MessageError):
            split_message(raw)
    assert len(seen) <= HEADER_MAX // 1024 + 2


@pytest.mark.parametrize(("value", "text"), [(b"\xc3\xbc", "ü"), (b"\xfc", "ü"), (b"", "")])
def test_a_field_is_text(value: bytes, text: str) -> None:
    assert field_text(value) == text
