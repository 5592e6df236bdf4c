# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of a mail as Python's email package finds them where it does, and an end to every mail that has none."""

from __future__ import annotations

import email
import email.policy
import tracemalloc
from email.message import EmailMessage, Message

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.account_factory.email.plugins.module_utils._held_mail.parts import (
    DEPTH_MAX,
    Part,
    find_parts,
)
from ansible_collections.account_factory.email.plugins.module_utils._message import split_message

MIXED = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"


def parts_of(raw: bytes) -> list[Part]:
    return list(find_parts(raw, split_message(raw)))


def brief(raw: bytes) -> list[tuple[int, str, int | None]]:
    return [(part.depth, part.content_type, part.size) for part in parts_of(raw)]


# What the parts of the tables below are made of.
PLAIN, HTML, MIX, MAIL = "text/plain", "text/html", "multipart/mixed", "message/rfc822"


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        pytest.param(b"A: b\r\n\r\nabc", [(0, PLAIN, 3)], id="no type"),
        pytest.param(b"Content-Type: text/html; charset=x\r\n\r\nabc", [(0, HTML, 3)], id="no multipart"),
        pytest.param(b"Content-Type: nonsense\r\n\r\nabc", [(0, PLAIN, 3)], id="a type that is none"),
        pytest.param(b"Content-Type: multipart/mixed\r\n\r\n--\r\nabc", [(0, MIX, 7)], id="no boundary"),
        pytest.param(
            MIXED + b"preamble\r\n--b\r\n\r\nabc\r\n--b\r\nContent-Type: text/html\r\n\r\nx\r\ny\r\n--b--\r\n--b\r\nz",
            [(0, MIX, None), (1, PLAIN, 3), (1, HTML, 4)],
            id="parts, and what is around them",
        ),
        pytest.param(MIXED + b"no part", [(0, MIX, None)], id="no part"),
        pytest.param(
            MIXED.replace(b"\r", b"") + b"--b\n\nabc\n--b \t\n\nde\n--b--",
            [(0, MIX, None), (1, PLAIN, 3), (1, PLAIN, 2)],
            id="LF only, blanks behind a boundary",
        ),
        pytest.param(
            MIXED + b"--b\r\n--b\r\nContent-Type: text/html\r\n--b\r\n\r\n--bc\r\n--c--\r\n--b",
            [(0, MIX, None), (1, PLAIN, 0), (1, HTML, 0), (1, PLAIN, 11), (1, PLAIN, 0)],
            id="parts without contents, boundaries of nobody",
        ),
        pytest.param(
            MIXED + b"--b\r\nContent-Type: text/html\r\n--b\r\nContent-Type: a/b\r\nMIME-Version: 1.0\r\n\r\nx",
            [(0, MIX, None), (1, HTML, 0), (1, "a/b", 1)],
            id="a header without an end",
        ),
        pytest.param(
            MIXED
            + b'--b\r\nContent-Type: multipart/x; boundary="c d"\r\n\r\n--c d\r\n\r\na\r\n--c d--\r\n'
            + b"--b\r\n\r\nabc",
            [(0, MIX, None), (1, "multipart/x", None), (2, PLAIN, 1), (1, PLAIN, 3)],
            id="nested",
        ),
        pytest.param(
            MIXED
            + b"--b\r\nContent-Type: multipart/x; boundary=c\r\n\r\n--c\r\n\r\na\r\n--b\r\n\r\nabc\r\n--c\r\n\r\n",
            [(0, MIX, None), (1, "multipart/x", None), (2, PLAIN, 1), (1, PLAIN, 12)],
            id="the outer one ends the inner one",
        ),
        pytest.param(
            MIXED
            + b"--b\r\nContent-Type: message/rfc822\r\n\r\n"
            + MIXED.replace(b"=b", b"=c")
            + b"--c\r\n\r\na\r\n--b--",
            [(0, MIX, None), (1, MAIL, None), (2, MIX, None), (3, PLAIN, 1)],
            id="a mail within",
        ),
        pytest.param(
            b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nQTogYg==",
            [(0, MAIL, 4)],
            id="a mail within that is encoded",
        ),
    ],
)
def test_the_parts_of_a_mail(raw: bytes, found: list[tuple[int, str, int | None]]) -> None:
    assert brief(raw) == found


@pytest.mark.parametrize(
    ("header", "disposition", "filename"),
    [
        pytest.param(b'Content-Disposition: attachment; filename="a b.pdf"', "attachment", "a b.pdf", id="quoted"),
        pytest.param(b"Content-Disposition: INLINE", "inline", None, id="none"),
        pytest.param(b'Content-Type: a/b; name="x.zip"', None, "x.zip", id="of the type"),
        pytest.param(b"Content-Disposition: a; filename*=utf-8''%E2%82%AC.txt", "a", "\u20ac.txt", id="RFC 2231"),
        pytest.param(
            b"Content-Disposition: a; filename*0*=iso-8859-1''%E9; filename*1=.txt", "a", "\xe9.txt", id="in pieces"
        ),
        pytest.param(b"Content-Disposition: a; filename*=zlib''%E9a", "a", "\ufffda", id="a codec that is no charset"),
        pytest.param(b'Content-Disposition: a; filename="=?utf-8?q?=E2=82=AC?="', "a", "\u20ac", id="RFC 2047"),
        pytest.param(b'Content-Disposition: a; filename="\xe2\x82\xac"', "a", "\u20ac", id="UTF-8 as it is"),
        pytest.param(b"Content-Disposition: a; filename*" + b"9" * 9_000 + b"=x", "a", None, id="a number without end"),
        pytest.param(
            b"Content-Disposition: a\r\nContent-Disposition: b; filename=c", "a", None, id="the first of two counts"
        ),
    ],
)
def test_what_a_part_says_that_it_is(header: bytes, disposition: str | None, filename: str | None) -> None:
    (part,) = parts_of(header + b"\r\n\r\n")
    assert (part.disposition, part.filename) == (disposition, filename)


@pytest.mark.parametrize(
    ("encoding", "content", "size"),
    [
        pytest.param(b"base64", b"YWJj\r\nZA==\r\n", 4, id="base64"),
        pytest.param(b"BASE64 ", b"Y!W J\x00j", 3, id="base64 with what is none"),
        pytest.param(b"quoted-printable", b"a=3D=\r\nb=zz", 6, id="quoted-printable"),
        pytest.param(b"8bit", b"\xff\xfe", 2, id="8bit"),
        pytest.param(b"rot13", b"abc", 3, id="one that nobody knows"),
    ],
)
def test_sizes_are_those_of_what_is_decoded(encoding: bytes, content: bytes, size: int) -> None:
    (part,) = parts_of(b"Content-Transfer-Encoding: " + encoding + b"\r\n\r\n" + content)
    assert part.size == size


def _walk(mail: Message, depth: int = 0) -> list[tuple[int, str, int | None]]:
    kind, payload = mail.get_content_type(), mail.get_payload(decode=True)
    if isinstance(payload, bytes):
        return [(depth, kind, len(payload))]
    within = [one for one in mail.get_payload() if isinstance(one, Message)]
    return [(depth, kind, None), *(found for one in within for found in _walk(one, depth + 1))]


CONTENTS = st.binary(max_size=200) | st.text(max_size=200)


def _made(tree: list[bytes | str | list[bytes]]) -> EmailMessage:
    """Return a mail with the contents attached; a list of some is a mail within it."""
    made = EmailMessage()
    made.set_content("text")
    for one in tree:
        if isinstance(one, bytes):
            made.add_attachment(one, "application", "pdf", filename="a.pdf")
        elif isinstance(one, str):
            made.add_attachment(one.encode("utf-8", "replace").decode(), filename="a.txt")
        else:
            made.add_attachment(_made(list(one)))
    return made


@given(st.lists(CONTENTS | st.lists(st.binary(max_size=50), max_size=3), max_size=5), st.sampled_from(["\n", "\r\n"]))
def test_the_email_package_finds_the_same(tree: list[bytes | str | list[bytes]], line_end: str) -> None:
    raw = _made(tree).as_bytes(policy=email.policy.default.clone(linesep=line_end))
    assert brief(raw) == _walk(email.message_from_bytes(raw))


def _level(number: int) -> bytes:
    return b"Content-Type: multipart/x; boundary=b%d\n\n--b%d\n" % (number, number)


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"".join(map(_level, range(10_000))), id="multiparts"),
        pytest.param(b"Content-Type: multipart/x; boundary=b\n\n--b\n" * 10_000, id="multiparts of one boundary"),
        pytest.param(b"Content-Type: message/rfc822\n\n" * 10_000, id="mails"),
    ],
)
def test_ten_thousand_levels_come_to_an_end(raw: bytes) -> None:
    assert max(part.depth for part in parts_of(raw)) == DEPTH_MAX


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"\n" * 40_000_000, id="empty lines"),
        pytest.param(b"--b\nContent-Transfer-Encoding: base64\n\n" + b"YWJj\n" * 8_000_000, id="base64"),
        pytest.param(b"--b\nContent-Transfer-Encoding: quoted-printable\n\n" + b"=41=\n" * 8_000_000, id="quoted"),
    ],
)
def test_a_mail_of_forty_megabytes_takes_no_gigabytes(content: bytes) -> None:
    raw = MIXED + content
    tracemalloc.start()
    try:
        parts_of(raw)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 3 * len(raw)
