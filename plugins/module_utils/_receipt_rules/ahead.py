# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The receipt rules that get a domain's mail before a rule does. Pure, standard library only.

Source: Amazon SES Developer Guide, "Receipt rules" (recipient conditions, order of rules, stop and bounce actions).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# After these no later rule is evaluated.
_ENDING = ("bounce_action", "stop_action")


@dataclass(frozen=True)
class Ahead:
    """The names of the enabled rules that get all mail of the domain before ours.

    ``stopping`` keep it from the rules after them. ``sharing`` do not, unless a function that they call says so.
    """

    stopping: tuple[str, ...]
    sharing: tuple[str, ...]


def find_ahead(
    rules: Sequence[Mapping[str, Any]], name: str, domain: str, position: str | None, after: str | None
) -> Ahead:
    """Return what is ahead of the rule of that name where it is, or where ``position`` or ``after`` put it.

    ``rules`` are those of the rule set in their order, as ses_receipt_rule_set_info returns them. A new rule goes last.
    """
    getting = [rule for rule in _before(rules, name, position, after) if rule["enabled"] and _is_for(rule, domain)]
    stopping = tuple(
        rule["name"] for rule in getting if any(kind in action for action in rule["actions"] for kind in _ENDING)
    )
    return Ahead(stopping, tuple(rule["name"] for rule in getting if rule["name"] not in stopping))


def _before(
    rules: Sequence[Mapping[str, Any]], name: str, position: str | None, after: str | None
) -> list[Mapping[str, Any]]:
    others = [rule for rule in rules if rule["name"] != name]
    names = [rule["name"] for rule in others]
    if position == "first":
        return []
    if after in names:
        return others[: names.index(after) + 1]
    if position is None and len(others) < len(rules):
        return others[: [rule["name"] for rule in rules].index(name)]
    return others


def _is_for(rule: Mapping[str, Any], domain: str) -> bool:
    """Return whether the rule is for every address of the domain. One for a single mailbox of it may be meant so."""
    recipients = [recipient.lower() for recipient in rule["recipients"]]
    wanted = domain.lower()
    return not recipients or any(
        wanted == recipient or (recipient.startswith(".") and wanted.endswith(recipient)) for recipient in recipients
    )
