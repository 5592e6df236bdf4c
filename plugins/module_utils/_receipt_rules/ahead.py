# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The receipt rules that get domains' mail before a rule does, or beside it. Pure, standard library only.

Source: Amazon SES Developer Guide, "Receipt rules" (recipient conditions, order of rules, stop and bounce actions).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Rule = Mapping[str, Any]

# After these no later rule is evaluated.
_ENDING = ("bounce_action", "stop_action")


@dataclass(frozen=True)
class Getting:
    """A rule, and those of the domains in question whose mail it gets."""

    name: str
    domains: tuple[str, ...]


@dataclass(frozen=True)
class Ahead:
    """The enabled rules that get all mail of domains before ours.

    ``stopping`` keep it from the rules after them. ``sharing`` do not, unless a function that they call says so.
    """

    stopping: tuple[Getting, ...]
    sharing: tuple[Getting, ...]


def find_ahead(
    rules: Sequence[Rule], name: str, domains: Sequence[str], position: str | None, after: str | None
) -> Ahead:
    """Return what is ahead of the rule of that name where it is, or where ``position`` or ``after`` put it.

    ``rules`` are those of the rule set in their order, as ses_receipt_rule_set_info returns them. A new rule goes last.
    """
    enabled = [rule for rule in _before(rules, name, position, after) if rule["enabled"]]
    return Ahead(
        tuple(_getting((rule for rule in enabled if _ends(rule)), domains)),
        tuple(_getting((rule for rule in enabled if not _ends(rule)), domains)),
    )


def find_taking(rules: Iterable[Rule], ours: Collection[Rule], domains: Sequence[str]) -> tuple[Getting, ...]:
    """Return the enabled rules of others that have domains among their recipients.

    SES gives a mail to every rule that it fits: another forwarder, with a map of its own, would take it for unknown. A
    rule for whatever lies below a domain, or for all mail, may be there for another purpose (see ``find_ahead``).
    """
    found = []
    for rule in rules:
        recipients = {recipient.lower() for recipient in rule["recipients"]}
        taken = tuple(domain for domain in domains if domain.lower() in recipients)
        if taken and rule["enabled"] and rule not in ours:
            found.append(Getting(rule["name"], taken))
    return tuple(found)


def _getting(rules: Iterable[Rule], domains: Sequence[str]) -> Iterator[Getting]:
    for rule in rules:
        got = tuple(domain for domain in domains if _is_for(rule, domain))
        if got:
            yield Getting(rule["name"], got)


def _ends(rule: Rule) -> bool:
    return any(kind in action for action in rule["actions"] for kind in _ENDING)


def _before(rules: Sequence[Rule], name: str, position: str | None, after: str | None) -> list[Rule]:
    others = [rule for rule in rules if rule["name"] != name]
    names = [rule["name"] for rule in others]
    if position == "first":
        return []
    if after in names:
        return others[: names.index(after) + 1]
    if position is None and len(others) < len(rules):
        return others[: [rule["name"] for rule in rules].index(name)]
    return others


def _is_for(rule: Rule, domain: str) -> bool:
    """Return whether the rule is for every address of the domain. One for a single mailbox of it may be meant so."""
    recipients = [recipient.lower() for recipient in rule["recipients"]]
    wanted = domain.lower()
    return not recipients or any(
        wanted == recipient or (recipient.startswith(".") and wanted.endswith(recipient)) for recipient in recipients
    )
