# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which receipt rules get domains' mail before the forwarder's does, which keep it, which have it, too."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._receipt_rules.ahead import find_ahead, find_taking

DOMAIN, OURS = "accounts.example.com", "mail-forwarder"
STOP: dict[str, Any] = {"stop_action": {"scope": "RuleSet", "topic_arn": None}}
STORE: dict[str, Any] = {"s3_action": {"bucket_name": "theirs"}}


def rule(name: str, *recipients: str, actions: tuple[dict[str, Any], ...] = (STORE,), enabled: bool = True) -> Any:
    return {"name": name, "enabled": enabled, "recipients": list(recipients), "actions": list(actions)}


def ahead(
    rules: list[Any], domains: list[str], position: str | None = None, after: str | None = None
) -> tuple[list[tuple[str, tuple[str, ...]]], list[tuple[str, tuple[str, ...]]]]:
    """Return the rules ahead of ours that stop its mail and those that share it, each with the domains in question."""
    found = find_ahead(rules, OURS, domains, position, after)
    stopping, sharing = ([(one.name, one.domains) for one in which] for which in (found.stopping, found.sharing))
    return stopping, sharing


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
    found = ahead([theirs, rule(OURS, DOMAIN)], [DOMAIN])
    assert found == tuple([(name, (DOMAIN,)) for name in names] for names in (stopping, sharing))


@pytest.mark.parametrize(
    ("order", "place", "names"),
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
def test_where_the_rule_is_or_will_be(order: str, place: dict[str, str], names: list[str]) -> None:
    rules = [rule(OURS, DOMAIN) if name == "o" else rule(name) for name in order]
    _stopping, sharing = ahead(rules, [DOMAIN], **place)
    assert [name for name, _domains in sharing] == names


PARENT, CHILD, OTHER = "example.com", "eu.example.com", "other.example"


@pytest.mark.parametrize(
    ("theirs", "gets"),
    [
        pytest.param(rule("t", actions=(STOP,)), [PARENT, CHILD, OTHER], id="all mail"),
        pytest.param(rule("t", "EXAMPLE.com", actions=(STOP,)), [PARENT], id="the parent only"),
        pytest.param(rule("t", ".example.com", actions=(STOP,)), [CHILD], id="what lies below the parent only"),
        pytest.param(rule("t", CHILD, f"a@{PARENT}", actions=(STOP,)), [CHILD], id="the subdomain only"),
        pytest.param(rule("t", ".eu.example.com", actions=(STOP,)), [], id="what lies below the subdomain"),
        pytest.param(rule("t", OTHER, CHILD, actions=(STOP,)), [CHILD, OTHER], id="two of them"),
    ],
)
def test_of_which_domains_a_rule_gets_the_mail(theirs: Any, gets: list[str]) -> None:
    assert ahead([theirs, rule(OURS)], [PARENT, CHILD, OTHER]) == ([("t", tuple(gets))] if gets else [], [])


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
    domains = [PARENT, CHILD, OTHER]
    found = [(one.name, one.domains) for one in find_taking([ours, theirs], [ours], domains)]
    assert found == ([("t", tuple(taken))] if taken else [])
    assert not find_taking([theirs], [theirs], domains)
