# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Held mail as a person sees it in a terminal."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.account_factory.email.plugins.filter.held_mail_lines import FilterModule, held_mail_lines

ID = "o3vrnil0e2ic28trm7dfhrc2v0clambda4nbp0g1"
SPAM: dict[str, Any] = {
    "message_id": ID,
    "kind": "quarantined",
    "reason": "spam",
    "addresses": ["analytics-001@accounts.example.com"],
    "owners": ["jane@example.org"],
    "sender": "bounce@mail.example.net",
    "size": 20480,
    "received_at": "2026-11-21T09:30:00Z",
    "expires_at": "2027-01-21T00:00:00Z",
    "is_kept": True,
    "tries": None,
    "error": None,
}
FAILED = {
    **SPAM,
    "message_id": "m2",
    "kind": "failed",
    "reason": "not-forwarded",
    "addresses": ["a@accounts.example.com", "b@accounts.example.com"],
    "sender": "",
    "size": None,
    "tries": 48,
    "error": "SendingPausedException (SendEmail): Sending paused.",
}


def result(*held: dict[str, Any], missing: int = 0, **counts: int) -> dict[str, Any]:
    return {
        "held_mail": list(held),
        "counts": {"quarantined": 0, "failed": 0, "event": 0, **counts},
        "missing": missing,
    }


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")


def test_a_list_is_a_table_with_the_ids_below() -> None:
    assert held_mail_lines(result(SPAM, FAILED, quarantined=1, failed=1)) == [
        "2 mails are held: 1 quarantined, 1 failed.",
        "received (UTC)    why            size   expires     address",
        "2026-11-21 09:30  spam           20 KB  2027-01-21  analytics-001@accounts.example.com",
        f"  id {ID}  from bounce@mail[.]example[.]net",
        "2026-11-21 09:30  not-forwarded  -      2027-01-21  a@accounts.example.com (+1)",
        "  id m2  from nobody (a bounce)",
        "  after 48 tries: SendingPausedException (SendEmail): Sending paused.",
    ]


@pytest.mark.parametrize("columns", ["20", "80", "100"])
def test_nothing_is_wider_than_the_terminal_but_an_id(monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    long = {**FAILED, "addresses": ["x" * 64 + "@accounts.example.com"], "sender": "y" * 200, "error": "z " * 300}
    lines = held_mail_lines(result(long, {**SPAM, "message_id": "i" * 120}, failed=2))
    width = max(60, int(columns) - 11)
    assert all(len(line) <= max(width, 62) for line in lines if "iii" not in line)
    assert "  id " + "i" * 120 in lines


@pytest.mark.parametrize(
    ("found", "summary"),
    [
        pytest.param(result(), "No mail is held.", id="nothing"),
        pytest.param(result(missing=3), "No mail was found; others look at the dead letters.", id="nothing to be seen"),
        pytest.param(result({**SPAM, "kind": "event"}, event=1), "1 mail is held: 1 event.", id="an event"),
        pytest.param(result(SPAM, quarantined=1), "1 mail is held: 1 quarantined.", id="one"),
        pytest.param(
            result(SPAM, quarantined=12_000, event=1),
            "12,001 mails are held: 12,000 quarantined, 1 event. The newest 1:",
            id="more than is shown",
        ),
    ],
)
def test_the_first_line_says_how_much_it_is(found: dict[str, Any], summary: str) -> None:
    assert held_mail_lines(found)[0] == summary


def test_what_is_not_known_is_told_so() -> None:
    bare = {
        **SPAM,
        "reason": None,
        "addresses": [],
        "sender": None,
        "size": None,
        "expires_at": None,
        "received_at": None,
    }
    assert held_mail_lines(result(bare, {**FAILED, "is_kept": False}, failed=2))[2:4] == [
        "-                 unknown        -     -        -",
        f"  id {ID}",
    ]
    assert "  expired  " in held_mail_lines(result({**FAILED, "is_kept": False}, failed=1))[2]


def test_it_is_what_ansible_finds() -> None:
    assert FilterModule().filters() == {"held_mail_lines": held_mail_lines}
