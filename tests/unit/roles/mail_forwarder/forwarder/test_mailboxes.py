# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Address fields as they are met in real and in hostile mail."""

from __future__ import annotations

import time

import pytest

from forwarder.core.mailboxes import Mailbox, read_mailboxes


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(b"a@example.com", [("", "a@example.com")], id="bare"),
        pytest.param(b"Ann <a@example.com>", [("Ann", "a@example.com")], id="name"),
        pytest.param(b'"Doe, Ann" <a@example.com>', [("Doe, Ann", "a@example.com")], id="quoted comma"),
        pytest.param(b"Doe, Ann <a@example.com>", [("Doe, Ann", "a@example.com")], id="unquoted comma"),
        pytest.param(b'"Say \\"hi\\"" <a@example.com>', [('Say "hi"', "a@example.com")], id="escaped quotes"),
        pytest.param(b"a@example.com (Ann (the first))", [("Ann (the first)", "a@example.com")], id="nested comment"),
        pytest.param(b"A <a@x.org>, b@x.org", [("A", "a@x.org"), ("", "b@x.org")], id="two"),
        pytest.param(b"<a@x.org> <b@x.org>", [("", "a@x.org"), ("", "b@x.org")], id="two without a comma"),
        pytest.param(b"Staff: a@x.org, B <b@x.org>;", [("", "a@x.org"), ("B", "b@x.org")], id="group"),
        pytest.param(b"undisclosed-recipients:;", [], id="empty group"),
        pytest.param(b"", [], id="empty"),
        pytest.param(b"<>", [], id="null"),
        pytest.param(b"Ann", [], id="no address"),
        pytest.param(b"Ann <<a@example.com>>", [("Ann", "a@example.com")], id="nested brackets"),
        pytest.param(b"Ann <x <a@example.com>>", [("Ann x", "a@example.com")], id="brackets within brackets"),
        pytest.param(b"Ann <a@example.com", [("Ann", "a@example.com")], id="unclosed bracket"),
        pytest.param(b'"Ann <a@example.com>', [("Ann", "a@example.com")], id="unclosed quote"),
        pytest.param(b"Ann <@b.org,@c.org:a@example.com>", [("Ann", "a@example.com")], id="source route"),
        pytest.param(b"Ann <a@(> in it) example.com>", [("Ann", "a@ example.com")], id="comment in brackets"),
        pytest.param(b'"AWS <no-reply@x.org>" <e@x.org>', [("AWS <no-reply@x.org>", "e@x.org")], id="address as name"),
        pytest.param(b'"a b"@example.com', [("", '"a b"@example.com')], id="quoted local part"),
        pytest.param(b"=?utf-8?Q?J=C3=BCrgen?= <j@x.org>", [("Jürgen", "j@x.org")], id="encoded"),
        pytest.param(b"=?utf-8?Q?Doe=2C_J?= <j@x.org>", [("Doe, J", "j@x.org")], id="encoded comma"),
        pytest.param(b'"=?utf-8?Q?J=C3=BCrgen?=" <j@x.org>', [("Jürgen", "j@x.org")], id="encoded and quoted"),
        pytest.param(b"=?utf-8?B?5pel?= =?utf-8?B?5pys?= <j@x.org>", [("日本", "j@x.org")], id="two encoded words"),
        pytest.param(b"=?utf-8?B?5pel5g==?= =?utf-8?B?nKw=?= <j@x.org>", [("日本", "j@x.org")], id="split character"),
        pytest.param(b"=?cp-850?Q?J=81?= <j@x.org>", [("J\ufffd", "j@x.org")], id="unknown charset"),
        pytest.param(b"=?zlib?B?eA==?= <j@x.org>", [("x", "j@x.org")], id="codec that is no charset"),
        pytest.param(b"=?utf-8?B?A?= <j@x.org>", [("", "j@x.org")], id="broken base64"),
        pytest.param(b"=?utf-8?B?SmFuZQ?= <j@x.org>", [("Jane", "j@x.org")], id="base64 without its end"),
        pytest.param(b'("(") A <a@x.org> )(")"" <e@x.org>', [("", "e@x.org")], id="quotes in comments"),
        pytest.param("Jürgen <j@x.org>".encode(), [("Jürgen", "j@x.org")], id="raw UTF-8"),
        pytest.param("Jürgen <j@x.org>".encode("latin-1"), [("Jürgen", "j@x.org")], id="raw latin-1"),
        pytest.param(b"Ann <j@x.org> trailing", [("Ann trailing", "j@x.org")], id="text behind"),
        pytest.param(b"\\ <j@x.org>\\", [("\\ \\", "j@x.org")], id="backslashes"),
    ],
)
def test_mailboxes_are_read(value: bytes, expected: list[tuple[str, str]]) -> None:
    assert read_mailboxes(value) == tuple(Mailbox(name, address) for name, address in expected)


@pytest.mark.parametrize(
    "piece", [b"(", b"=", b"=?a?q?x", b'"', b"<", b"\\", b",", b"a@b,", b"=?", b"=?utf-8?q?", b":", b"<a@b> "]
)
def test_no_field_takes_long(piece: bytes) -> None:
    began = time.process_time()
    read_mailboxes(piece * 200_000)
    assert time.process_time() - began < 2
