# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which receipt rules get a domain's mail before the forwarder's does, and which keep it."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.account_factory.email.plugins.filter.receipt_rules_ahead import receipt_rules_ahead

DOMAIN, OURS = "accounts.example.com", "mail-forwarder"
STOP: dict[str, Any] = {"stop_action": {"scope": "RuleSet", "topic_arn": None}}
STORE: dict[str, Any] = {"s3_action": {"bucket_name": "theirs"}}


def rule(name: str, *recipients: str, actions: tuple[dict[str, Any], ...] = (STORE,), enabled: bool = True) -> Any:
    return {"name": name, "enabled": enabled, "recipients": list(recipients), "actions": list(actions)}


@pytest.mark.parametrize(
    ("theirs", "stopping", "sharing"),
    [
        pytest.param(rule("all", actions=(STORE, STOP)), ["all"], [], id="no recipients, stop"),
        pytest.param(rule("all"), [], ["all"], id="no recipients"),
        pytest.param(rule("up", ".example.com", actions=(STOP,)), ["up"], [], id="parent domain, stop"),
        pytest.param(rule("up", ".EXAMPLE.com"), [], ["up"], id="parent domain in another case"),
        pytest.param(rule("back", DOMAIN, actions=({"bounce_action": {}},)), ["back"], [], id="bounce"),
        pytest.param(rule("apex", "example.com", actions=(STOP,)), [], [], id="the apex only"),
        pytest.param(rule("other", ".other.example", actions=(STOP,)), [], [], id="another domain"),
        pytest.param(rule("like", ".s.example.com", actions=(STOP,)), [], [], id="the end of a label"),
        pytest.param(rule("box", f"abuse@{DOMAIN}", actions=(STOP,)), [], [], id="a single mailbox"),
        pytest.param(rule("off", actions=(STOP,), enabled=False), [], [], id="disabled"),
    ],
)
def test_who_gets_the_mail(theirs: Any, stopping: list[str], sharing: list[str]) -> None:
    expected = {"stopping": stopping, "sharing": sharing}
    assert receipt_rules_ahead([theirs, rule(OURS, DOMAIN)], name=OURS, domain=DOMAIN) == expected


@pytest.mark.parametrize(
    ("order", "place", "ahead"),
    [
        pytest.param("aob", {}, ["a"], id="where it is"),
        pytest.param("ab", {}, ["a", "b"], id="a new one goes last"),
        pytest.param("aob", {"position": "first"}, [], id="first"),
        pytest.param("oab", {"position": "last"}, ["a", "b"], id="last"),
        pytest.param("oab", {"after": "a"}, ["a"], id="moved behind one"),
        pytest.param("abo", {"after": "a"}, ["a"], id="moved to the front"),
        pytest.param("abo", {"after": "nowhere"}, ["a", "b"], id="behind one that is not there"),
    ],
)
def test_where_the_rule_is_or_will_be(order: str, place: dict[str, str], ahead: list[str]) -> None:
    rules = [rule(OURS, DOMAIN) if name == "o" else rule(name) for name in order]
    assert receipt_rules_ahead(rules, name=OURS, domain=DOMAIN, **place)["sharing"] == ahead
