# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which receipt rules of others receive mail for the forwarder's domains."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.account_factory.email.plugins.filter.receipt_rules_taking import receipt_rules_taking

PARENT, CHILD, OTHER = "example.com", "eu.example.com", "other.example"


def rule(name: str, *recipients: str, enabled: bool = True) -> dict[str, Any]:
    return {"name": name, "enabled": enabled, "recipients": list(recipients), "actions": []}


@pytest.mark.parametrize(
    ("theirs", "taken"),
    [
        pytest.param(rule("t", "EU.Example.com", "else.example"), [CHILD], id="one of them, in capitals"),
        pytest.param(rule("t", OTHER, CHILD), [CHILD, OTHER], id="two of them"),
        pytest.param(rule("t", ".example.com"), [], id="what lies below one, and is another's"),
        pytest.param(rule("t", f"abuse@{CHILD}"), [], id="a single mailbox"),
        pytest.param(rule("t"), [], id="all mail"),
        pytest.param(rule("t", CHILD, enabled=False), [], id="disabled"),
    ],
)
def test_which_domains_others_receive(theirs: Any, taken: list[str]) -> None:
    ours = rule("ours", PARENT, CHILD)
    found = receipt_rules_taking([ours, theirs], ours=[ours], domains=[PARENT, CHILD, OTHER])
    assert found == ([{"name": "t", "domains": taken}] if taken else [])
    assert receipt_rules_taking([theirs], ours=[theirs], domains=[PARENT, CHILD, OTHER]) == []
