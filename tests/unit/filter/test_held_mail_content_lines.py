# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A held mail as a person on call sees it, in terminals of every width."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.account_factory.email.plugins.filter.held_mail_content_lines import held_mail_content_lines
from ansible_collections.account_factory.email.plugins.module_utils._held_mail.content import describe
from ansible_collections.account_factory.email.plugins.plugin_utils._table import columns_of

PLAIN = b"""\
From: Jane <jane@example.com>
Subject: A subject that is longer than a line of this terminal, so that it goes on in the next one
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: multipart/alternative; boundary=c

--c

Hello
--c--
--b
Content-Type: application/vnd.openxmlformats-officedocument.spreadsheetml.sheet
Content-Disposition: attachment; filename="invoice of 2026-11.xlsx"
Content-Transfer-Encoding: base64

""" + b"AAAA" * 4_000  # fmt: skip


def shown(data: bytes, width: int = 76, **more: Any) -> list[str]:
    mail = {"message_id": "m1", "kind": "quarantined", "key": "quarantine/m1", "size": len(data)}
    return held_mail_content_lines({**mail, **describe(data, len(data)), **more}, width)


def test_header_and_parts_are_shown() -> None:
    assert shown(PLAIN) == [
        "quarantine/m1: quarantined, 16,429 bytes",
        "",
        "From: Jane <jane@example[.]com>",
        "Subject: A subject that is longer than a line of this terminal, so that it",
        "    goes on in the next one",
        "Content-Type: multipart/mixed; boundary=b",
        "",
        "part                               disposition  size    filename",
        "multipart/mixed                    -            -       -",
        "  multipart/alternative            -            -       -",
        "    text/plain                     -            5       -",
        "  application/vnd[.]openxmlforma\u2026  attachment   12,000  invoice of",
        "                                                        2026-11[.]xlsx",
    ]


def test_what_is_left_out_is_said() -> None:
    lines = shown(PLAIN, header_fields_omitted=1_234, has_more_parts=True)
    assert "(1,234 more fields)" in lines
    assert lines[-1] == "(more parts)"


def test_a_mail_that_cannot_be_taken_apart() -> None:
    assert shown(b"\xff", 90) == [
        "quarantine/m1: quarantined, 1 bytes",
        "It cannot be shown: it has no header: it is empty, or is no mail",
    ]


def test_a_line_without_a_name_is_shown_as_it_is() -> None:
    assert "From x Mon" in shown(b"From x Mon\nA: b\n\n")


HOSTILE = (
    b"Subject: " + "\u6f22".encode() * 400 + b"\nX: " + b"a." * 900 + b"\n"
    b"Content-Type: " + b"x" * 150 + b"/" + b"y" * 150 + b'; name="' + "\u6f22".encode() * 300 + b'"\n'
    b"Content-Disposition: " + b"z" * 300 + b"\n\n"
)  # fmt: skip


@pytest.mark.parametrize("width", [60, 89, 189])
@pytest.mark.parametrize("data", [HOSTILE, PLAIN], ids=["hostile", "plain"])
def test_no_line_is_wider_than_the_terminal(data: bytes, width: int) -> None:
    assert max(map(columns_of, shown(data, width))) <= width
