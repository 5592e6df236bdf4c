# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where readers of From differ on the author, ours is in doubt; nobody passes for AWS whom one of them reads otherwise.

Beside ours: the two readers of Python's email package, which share no code.
"""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Callable
from email.utils import getaddresses

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ansible_collections.account_factory.email.plugins.module_utils._message import split_message
from ansible_collections.account_factory.email.plugins.module_utils._notice import Verdicts
from forwarder.core.authors import read_authors
from forwarder.core.verdict_policy import QUARANTINE, judge

AWS = "no-reply@amazon.com"
OTHER = "x@attacker.example"
PASSED = Verdicts(spam="FAIL", virus="PASS", spf="PASS", dkim="PASS", dmarc="PASS")


def read_default(field: bytes) -> tuple[str, ...]:
    """Return the addresses that email.policy.default reads, none where it fails."""
    try:
        header = email.message_from_bytes(field + b"\r\n\r\n", policy=email.policy.default)["From"]
        return tuple(one.addr_spec for one in header.addresses if "@" in one.addr_spec)
    except Exception:  # noqa: BLE001 - this reader raises all kinds of errors over what it does not know
        return ()


def read_compat32(field: bytes) -> tuple[str, ...]:
    """Return the addresses that email.utils reads in what email.policy.compat32 takes for From."""
    header = email.message_from_bytes(field + b"\r\n\r\n", policy=email.policy.compat32)["From"]
    return tuple(address for _name, address in getaddresses([str(header)]) if "@" in address)


def comparable(addresses: tuple[str, ...]) -> tuple[str, ...]:
    """Return addresses without what is not ASCII: these readers have no way to give it back (RFC 6532)."""
    return tuple(re.sub(r"[^\x00-\x7f]+", "?", address) for address in addresses)


READERS: tuple[Callable[[bytes], tuple[str, ...]], ...] = (read_default, read_compat32)
SIGNS = st.sampled_from([bytes([octet]) for octet in b'"\\()<>@,;:[]. \t=?\x00\x0b\x1b\x7f\xe9'])
PIECES = st.sampled_from(
    [
        AWS.encode(),
        OTHER.encode(),
        b"<" + AWS.encode() + b">",
        b"<" + OTHER.encode() + b">",
        b"@amazon.com",
        b"@attacker.example",
        b"Amazon Web Services",
        b'"Amazon"',
        b'"a, b"',
        b"(a comment)",
        b"(a (nested) one)",
        b'("(")',
        b'\\"',
        b"\r\n ",
        b"\r\n\t",
        b"=?utf-8?Q?Amazon?=",
        b"=?utf-8?B?PG5vLXJlcGx5QGFtYXpvbi5jb20+?=",
        b"=?utf-8?Q?=22=2C?=",
        b"Amazon:",
        "日本".encode(),
        b", ",
    ]
)
MADE_UP = st.lists(PIECES | SIGNS, min_size=1, max_size=8).map(b"".join)
LEGAL = st.sampled_from(
    [
        b"Amazon Web Services <no-reply@amazon.com>",
        b'"Amazon Web Services, Inc." <no-reply@amazon.com>',
        b"=?utf-8?Q?Amazon?= <no-reply@amazon.com>",
        b"no-reply@amazon.com (Amazon)",
        b"x@attacker.example",
        b"Doe, John <x@attacker.example>",
        b'"Say \\"hi\\"" <x@attacker.example>',
    ]
)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """Return a legal value with some pieces put in, or put in the place of others."""
    value = draw(LEGAL)
    for _time in range(draw(st.integers(1, 3))):
        begin = draw(st.integers(0, len(value)))
        end = draw(st.sampled_from([begin, begin, min(begin + 1, len(value))]))
        value = value[:begin] + draw(PIECES | SIGNS) + value[end:]
    return value


FIELDS = (MADE_UP | mutated() | LEGAL).map(lambda value: b"From: " + value)


def check(field: bytes) -> str:
    """Check what ours makes of a field beside the others; return in a word what that was."""
    message = split_message(field + b"\r\n\r\n")
    read = [comparable(reader(field)) for reader in READERS]
    authors = read_authors(message, None)
    ours = comparable(authors.addresses)
    if authors.is_certain:
        assert all(found in ((), ours) for found in read), (authors, read)
    confirmed = read_authors(message, (AWS,))
    if confirmed.is_confirmed:
        assert read == [(AWS,)] * len(read), (confirmed, read)
    judged = judge(PASSED, confirmed, QUARANTINE, QUARANTINE)
    assert (judged.quarantined_for is None) == confirmed.is_confirmed
    if any(found != ours and found for found in read):
        assert "sender not verified" in judge(PASSED, authors, QUARANTINE, QUARANTINE).marks
    return "confirmed" if confirmed.is_confirmed else "certain" if authors.is_certain else "doubtful"


def test_readers_that_differ_leave_a_doubt() -> None:
    seen: set[str] = set()

    @settings(deadline=None, derandomize=True, max_examples=200, suppress_health_check=[HealthCheck.too_slow])
    @given(FIELDS)
    @example(b'From: ("(") Amazon Web Services <no-reply@amazon.com> )(")"" <x@attacker.example>')
    @example(b'From: "no-reply@amazon.com' + b"\r\n" + b" " * 990 + b"." + b'" <x@attacker.example>')
    @example(b'From: x@attacker.example"@amazon.com')
    @example(b"From: =?utf-8?B?PG5vLXJlcGx5QGFtYXpvbi5jb20+?= <x@attacker.example>")
    def holds(field: bytes) -> None:
        seen.add(check(field))

    holds()
    assert seen == {"confirmed", "certain", "doubtful"}, "what was not seen was not tested"


@pytest.mark.parametrize(
    "field",
    [
        pytest.param(b"From: Jane Roe <jane@example.org>", id="name"),
        pytest.param(b"From: jane@example.org", id="bare"),
        pytest.param(b'From: "Roe, Jane" <jane@example.org>', id="quoted comma"),
        pytest.param(b"From: Roe, Jane <jane@example.org>", id="unquoted comma"),
        pytest.param(b"From: Jane (HR) <jane@example.org>", id="comment"),
        pytest.param(b"From: jane@example.org (Jane Roe)", id="comment as name"),
        pytest.param(b"From: =?utf-8?Q?Roe=2C_J=C3=B6rg?=\r\n <jane@example.org>", id="encoded and folded"),
        pytest.param("From: Jörg <jane@example.org>".encode(), id="raw UTF-8"),
        pytest.param(b"From: J\xf6rg <jane@example.org>", id="raw latin-1"),
        pytest.param(b"From: Jane A. Roe <jane.o'roe+x=y@mail-1.example.org>", id="odd atoms"),
        pytest.param(b"From: [Build] Jane <jane@example.org>", id="square brackets"),
        pytest.param(b"From: Jane <jane@example.org>, Joe <joe@example.org>", id="two of one domain"),
        pytest.param(b"From: Mail Delivery System <MAILER-DAEMON>", id="no domain"),
    ],
)
def test_what_real_mail_holds_leaves_none(field: bytes) -> None:
    assert read_authors(split_message(field + b"\r\n\r\n"), None).is_certain


@pytest.mark.parametrize(
    ("read_by_ses", "expected"),
    [
        pytest.param(["Amazon Web Services <no-reply@amazon.com>"], (True, True), id="as it is"),
        pytest.param(["NO-REPLY@amazon.com"], (True, True), id="the address"),
        pytest.param(['"Amazon Web Services" <no-reply@amazon.com>'], (True, True), id="quoted"),
        pytest.param(None, (True, False), id="not told"),
        pytest.param([], (False, False), id="nobody"),
        pytest.param(["x@attacker.example"], (False, False), id="another"),
        pytest.param(["no-reply@amazon.com", "x@attacker.example"], (True, False), id="another beside"),
        pytest.param(["no-reply@amazon.com <x@attacker.example>"], (True, False), id="as another's name"),
        pytest.param(["no-reply@amazon.com.attacker.example"], (True, False), id="another that begins so"),
    ],
)
def test_what_ses_read_counts(read_by_ses: list[str] | None, expected: tuple[bool, bool]) -> None:
    message = split_message(b"From: Amazon Web Services <no-reply@amazon.com>\r\n\r\n")
    authors = read_authors(message, None if read_by_ses is None else tuple(read_by_ses))
    assert (authors.is_certain, authors.is_confirmed) == expected


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(b"From : x@attacker.example\r\nFrom: no-reply@amazon.com", id="space before the colon"),
        pytest.param(b'From: "no-reply@amazon.com' + (b"\r\n" + b" " * 990 + b".") * 17 + b'" <x@y.org>', id="cut"),
        pytest.param(b"From: a@b.org\r\n" * 40 + b"From: no-reply@amazon.com", id="many"),
        pytest.param(b"X: 1\rFrom: x@attacker.example\r\nFrom: no-reply@amazon.com", id="behind a CR"),
        pytest.param(b"From: no-reply@amazon.com\r\nHello\r\nFrom: x@attacker.example", id="behind a doubtful end"),
        pytest.param("From: no-reply@amazon\N{IDEOGRAPHIC FULL STOP}com".encode(), id="another dot"),
        pytest.param(
            "From: no-reply\N{FULLWIDTH COMMERCIAL AT}amazon.com <x@a.org>, y@b.org".encode(), id="another at"
        ),
        pytest.param(b"From: Amazon <no-reply@amazon.com> x@attacker.example", id="text behind"),
        pytest.param(b"From: no-reply@amazon.com <x@attacker.example>", id="address as name"),
        pytest.param(b"From: Amazon: no-reply@amazon.com;", id="group"),
        pytest.param(b"From: <@attacker.example:no-reply@amazon.com>", id="source route"),
        pytest.param(b"From: no-reply@amazon.com(@attacker.example)", id="address in a comment"),
        pytest.param(b"From: " + b"(" * 60 + b")" * 60 + b"no-reply@amazon.com", id="deep comment"),
    ],
)
def test_what_readers_can_differ_on_is_nobodys(header: bytes) -> None:
    authors = read_authors(split_message(header + b"\r\n\r\n"), (AWS,))
    assert not authors.is_certain
    assert judge(PASSED, authors, QUARANTINE, QUARANTINE).quarantined_for == "spam"
    assert "sender not verified" in judge(PASSED, authors, QUARANTINE, QUARANTINE).marks
