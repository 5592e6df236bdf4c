# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A message is split and joined without a byte changing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.local_aws import message


@given(st.lists(st.sampled_from([b"A: b", b" folded", b"\r\n", b"\n", b"\r", b":", b"\xe9", b"\x00"])).map(b"".join))
def test_joining_what_was_split_gives_the_message_back(data: bytes) -> None:
    assert message.join(*message.split(data)) == data


def test_a_field_keeps_its_continuation_lines() -> None:
    fields, rest = message.split(b"Subject: one\r\n two\r\n\tthree\r\nTo: x\r\n\r\nSubject: body\r\n")
    assert [(field.name, field.value) for field in fields] == [("Subject", "one two\tthree"), ("To", "x")]
    assert rest == b"\r\nSubject: body\r\n"


def test_values_are_found_in_any_case_and_in_order() -> None:
    fields, _unused = message.split(b"X-a: 1\r\nx-A: 2\r\nX-B: 3\r\n\r\n")
    assert message.values(fields, "X-A") == ["1", "2"]


def test_a_line_without_a_colon_is_a_field_without_a_name() -> None:
    fields, _unused = message.split(b"garbage\r\nA: b\r\n\r\n")
    assert [field.name for field in fields] == ["", "A"]
