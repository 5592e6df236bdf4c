# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: receipt_rules_taking
short_description: Find the receipt rules of others that receive mail for some domains
version_added: 0.1.0
description:
  - Takes the rules of a rule set, as M(account_factory.email.ses_receipt_rule_set_info) returns them, and returns those
    of others that name one of some domains among their recipients.
  - Rules that are disabled, and rules for single mailboxes, for whatever lies below a domain or for all mail, are not
    among them.
author:
  - The account_factory.email authors (@account-factory)
options:
  _input:
    description: The rules.
    type: list
    elements: dict
    required: true
  ours:
    description: The rules that are not those of others.
    type: list
    elements: dict
    required: true
  domains:
    description: The domains whose mail is meant.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Check that no other rule receives the mail
  ansible.builtin.assert:
    that: not taking
  vars:
    taking: >-
      {{ rule_sets.rule_sets[0].receipt_rules
         | account_factory.email.receipt_rules_taking(ours=[], domains=['accounts.example.com']) }}
"""

RETURN = r"""
_value:
  description: The rules, each with its name and those of the domains that it receives mail for.
  type: list
  elements: dict
  sample:
    - {name: their-forwarder, domains: [accounts.example.com]}
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._receipt_rules.ahead import find_taking


def receipt_rules_taking(
    rules: Sequence[Mapping[str, Any]], *, ours: Sequence[Mapping[str, Any]], domains: Sequence[str]
) -> list[dict[str, Any]]:
    """Return the rules of others that receive mail for domains, and for which."""
    return [{"name": each.name, "domains": list(each.domains)} for each in find_taking(rules, ours, domains)]


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"receipt_rules_taking": receipt_rules_taking}
