# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Header text that every mail system takes."""

from __future__ import annotations

import pytest

from forwarder.core.header_text import LINE_MAX, clean_name, phrase, safe_lines


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Ann Doe", "Ann Doe", id="plain"),
        pytest.param("  Ann \t Doe ", "Ann Doe", id="spaces"),
        pytest.param('Ann "the" <a@b> \\', "Ann the a at b", id="quotes, brackets, at"),
        pytest.param("a\r\nBcc: x", "a Bcc: x", id="line end"),
        pytest.param("a\x00\x07b\u2028c", "a b c", id="controls"),
        pytest.param("moc\u202eexe\u200b", "mocexe", id="bidirectional override and zero width space"),
        pytest.param("👩\u200d🚀", "👩\u200d🚀", id="joined emoji"),
        pytest.param("日本語", "日本語", id="CJK"),
        pytest.param("x" * 50, "x" * 19 + "…", id="long"),
        pytest.param("", "", id="empty"),
    ],
)
def test_names_are_cleaned(text: str, expected: str) -> None:
    assert clean_name(text, 20) == expected


def test_a_phrase_is_quoted_or_encoded() -> None:
    assert phrase("Ann (a at b), via X") == b'"Ann (a at b), via X"'
    assert phrase("Jürgen") == b"=?utf-8?B?SsO8cmdlbg==?="


@pytest.mark.parametrize(
    ("name", "lines", "expected"),
    [
        pytest.param(b"Subject", (b" hello",), [b"Subject: hello"], id="legal"),
        pytest.param(b"X-A", (b" a;", b"\tb", b" c"), [b"X-A: a;", b"\tb", b" c"], id="folds stay"),
        pytest.param(b"X-A", (b" a\x00b\x7fc\rd\te",), [b"X-A: a b c d\te"], id="controls"),
        pytest.param(b"X-A", (b" a", b" \x01 "), [b"X-A: a"], id="line of controls only"),
        pytest.param(b"X-A", (b"",), [b"X-A:"], id="empty"),
        pytest.param(b"Subject", (b" a \xc3\xbc b",), [b"Subject: a =?utf-8?B?w7w=?= b"], id="UTF-8"),
        pytest.param(b"Subject", (b" \xfc",), [b"Subject: =?utf-8?B?w7w=?="], id="latin-1"),
        pytest.param(b"Subject", (b" a\x85b",), [b"Subject: =?utf-8?B?YeKApmI=?="], id="windows-1252"),
        pytest.param(b"Subject", (b" a\x81b",), [b"Subject: a b"], id="8-bit control character"),
        pytest.param(
            b"Subject", (b" It\x92s 5 \x80",), [b"Subject: =?utf-8?B?SXTigJlz?= 5 =?utf-8?B?4oKs?="], id="8-bit words"
        ),
        pytest.param(
            b"Subject", (b" \xfc =?utf-8?q?a?=",), [b"Subject: =?utf-8?B?w7wg?= =?utf-8?q?a?="], id="before a word"
        ),
        pytest.param(
            b"Subject", (b" =?utf-8?q?a?= \xfc",), [b"Subject: =?utf-8?q?a?= =?utf-8?B?IMO8?="], id="behind a word"
        ),
        pytest.param(
            b"Subject", (b" \xfc=?utf-8?q?a?=",), [b"Subject: =?utf-8?B?w7w=?= =?utf-8?q?a?="], id="at a word"
        ),
        pytest.param(b"Received", (b" from x (\xfc) by",), [b"Received: from x (=?utf-8?B?w7w=?=) by"], id="comment"),
        pytest.param(b"Subject", (b" (\xfc)",), [b"Subject: =?utf-8?B?KMO8KQ==?="], id="parentheses in plain text"),
        pytest.param(b"Subject", (" a\u2028b".encode(),), [b"Subject: a b"], id="line separator"),
        pytest.param(b"Subject", (b" \xfc", b" \xfc"), [b"Subject: =?utf-8?B?w7wgw7w=?="], id="two words, folded"),
        pytest.param(b"Content-Type", (b' x; name="\xfc"',), [b'Content-Type: x; name="\xfc"'], id="MIME stays"),
        pytest.param(b"X-A", (b" " + b"x" * 993,), [b"X-A: " + b"x" * 993], id="just short enough"),
    ],
)
def test_lines_are_made_safe(name: bytes, lines: tuple[bytes, ...], expected: list[bytes]) -> None:
    assert safe_lines(name, lines) == expected


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(b"<id@example.com> " * 5_000, id="spaces"),
        pytest.param(b"name=value;" * 500, id="semicolons"),
        pytest.param(b"x" * 5_000, id="one word"),
        pytest.param(b"x" * 994, id="one too long"),
        pytest.param(b"x " + b" " * 5_000 + b" x", id="blanks"),
        pytest.param(b"x" * 997 + b" " * 3, id="blank end"),
        pytest.param("日".encode() * 3_000, id="8-bit"),
    ],
)
def test_long_lines_are_folded_without_loss(value: bytes) -> None:
    lines = safe_lines(b"X-Long", (b" " + value,))
    assert all(len(line) <= LINE_MAX and line.strip() for line in lines)
    assert all(line[:1] == b" " for line in lines[1:])
    if value.isascii():
        assert b"".join(b"".join(lines).split()) == b"X-Long:" + b"".join(value.split())


def test_many_words_are_joined_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Adding piece by piece copies all that was written before, each time."""

    class Word(bytes):
        def __radd__(self, _before: bytes) -> bytes:
            raise AssertionError("a piece was added to what stands before it")

    monkeypatch.setattr("forwarder.core.header_text.encode_text", lambda _text: Word(b"="))
    assert safe_lines(b"X-A", (b" \xfc a \xfc",)) == [b"X-A: = a ="]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param((b" =?utf-8?Q?a=C3=BC?= b",), None, id="no control"),
        pytest.param((b" =?utf-8?Q?a=0D=0ABcc:_x?= b",), b" =?utf-8?B?YSBCY2M6IHg=?= b", id="CR and LF, Q"),
        pytest.param((b" =?utf-8?B?YQ0KYg==?=",), b" =?utf-8?B?YSBi?=", id="CR and LF, B"),
        pytest.param((b" =?UTF-8?q?a=00=7F=E2=80=A8b?=",), b" =?utf-8?B?YSBi?=", id="NUL, DEL, line separator"),
        pytest.param((b" =?utf-8*en?Q?a=0D?=",), b" =?utf-8?B?YSA=?=", id="language"),
        pytest.param((b" =?utf-7?Q?+2AA-=07?=",), b" =?utf-8?B?77+9IA==?=", id="lone surrogate"),
        pytest.param(
            (b" =?unicode_escape?Q?=5Cud800=07?=",), b" =?unicode_escape?B?XHVkODAwIA==?=", id="codec of Python"
        ),
        pytest.param((b" =?ISO-2022-JP?B?GyRCLSEbKEI=?=",), None, id="characters that NEC added"),
        pytest.param((b" =?iso-8859-1?Q?Gr\xfc=DFe?=",), b" =?utf-8?B?R3LDvMOfZQ==?=", id="8-bit octet in it"),
        pytest.param((b" =?iso-8859-1?Q?=92?=",), b" =?utf-8?B?4oCZ?=", id="windows-1252 called ISO 8859-1"),
        pytest.param(
            (b" =?utf-8?Q?=3D=3Futf-8=3FQ=3Fa=3D0D=3D0Ab=3F=3D?=",), b" =?utf-8?B?YSBi?=", id="word within a word"
        ),
        pytest.param((b" =?utf-8?Q?=?utf-8?Q?a=0D=0Ab?=",), b" =?utf-8?B?PT91dGYtOD9RP2EgYg==?=", id="begun twice"),
        pytest.param((b" =?x-unknown?Q?a=0D?=",), b" =?x-unknown?B?YSA=?=", id="unknown charset"),
        pytest.param((b" =?x-unknown?Q?=FC?=",), None, id="unknown charset, no control"),
        pytest.param((b" =?utf-16?B?AGEADQ==?=",), None, id="octets of controls that are none in their charset"),
        pytest.param((b" =?utf-8?Q?=C3?= =?utf-8?Q?=BC?=",), None, id="a character in halves"),
        pytest.param((b" =?iso-2022-jp?B?GyRCJCIbKEI=?=",), None, id="escapes of a charset"),
        pytest.param((b" =?utf-8?q?a", b" b=0A?= c"), b" =?utf-8?B?YSBiIA==?= c", id="over a fold"),
        pytest.param((b" =?utf-8?q?a?b=0D?=",), b" =?utf-8?B?YT9iIA==?=", id="question mark in it"),
        pytest.param((b" =?utf-8?B?a?=",), None, id="base64 of no octet"),
        pytest.param((b" =?utf-8?Q?=",), None, id="begun at the end"),
        pytest.param((b" =?utf-8?q?a=0D",), None, id="never closed"),
    ],
)
def test_no_encoded_word_decodes_to_controls(lines: tuple[bytes, ...], expected: bytes | None) -> None:
    value = b"\r\n".join(lines) if expected is None else expected
    assert b"\r\n".join(safe_lines(b"Subject", lines)) == b"Subject:" + value
