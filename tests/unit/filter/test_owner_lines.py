# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""owner_lines: each owner with their addresses, those whose mailbox takes no mail with why."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.account_factory.email.plugins.filter.owner_lines import FilterModule, owner_lines

JANES: dict[str, Any] = {
    "owner": "jane@example.org",
    "standing": "owner",
    "address": "app-001@accounts.example.com",
    "account_id": "111122223333",
    "forwarding": True,
    "since": "2026-02-03T09:30:00Z",
    "last_mail_at": "2026-11-20T08:00:00Z",
    "failing_reason": None,
    "failing_since": None,
    "failing_diagnostic": None,
}
FALLBACK = {**JANES, "standing": "fallback_owner", "address": "web-001@accounts.example.com", "forwarding": False}
JOES = {
    **JANES,
    "owner": "joe@example.org",
    "account_id": None,
    "since": None,
    "last_mail_at": None,
    "failing_reason": "bounced",
    "failing_since": "2026-11-20T08:00:00Z",
    "failing_diagnostic": "550 user unknown",
}


@pytest.fixture(autouse=True)
def _a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")


def result(*ownerships: dict[str, Any], failing: int = 0) -> dict[str, Any]:
    owners = {one["owner"] for one in ownerships}
    counts = {"owners": len(owners), "addresses": len(ownerships), "failing_owners": failing}
    return {"ownerships": list(ownerships), "counts": counts}


def test_owners_with_their_addresses() -> None:
    assert owner_lines(result(JANES, FALLBACK, JOES, failing=1)) == [
        "2 owners of 3 addresses; 1 of them takes no mail at present",
        "  address                       account id    since       last mail",
        "jane@example.org",
        "  app-001@accounts.example.com  111122223333  2026-02-03  2026-11-20",
        "  web-001@accounts.example.com  111122223333  2026-02-03  2026-11-20  fallback, suspended",
        "joe@example.org",
        "  takes no mail: bounced since 2026-11-20T08:00:00Z: 550 user unknown",
        "  app-001@accounts.example.com  -             -           -",
    ]


@pytest.mark.parametrize("kind", ["billing", "operations", "security"])
def test_a_contact_is_said_to_be_one(kind: str) -> None:
    lines = owner_lines(result({**JANES, "standing": f"{kind}_contact"}))
    assert lines[-1] == f"  app-001@accounts.example.com  111122223333  2026-02-03  2026-11-20  {kind} contact"


@pytest.mark.parametrize(
    ("found", "says"),
    [
        pytest.param(result(JANES), "1 owner of 1 address", id="one"),
        pytest.param(result(), "none: nobody is an owner of an address that is not retired", id="none"),
        pytest.param(result(JANES, JOES, failing=2), "2 owners of 2 addresses; 2 of them take no mail", id="failing"),
    ],
)
def test_how_many_there_are_comes_first(found: dict[str, Any], says: str) -> None:
    assert owner_lines(found)[0].startswith(says)


def test_ansible_finds_it() -> None:
    assert FilterModule().filters() == {"owner_lines": owner_lines}
