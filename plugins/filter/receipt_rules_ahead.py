# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: receipt_rules_ahead
short_description: Find the receipt rules that get domains' mail before a rule does
version_added: 0.1.0
description:
  - Takes the rules of a rule set, in their order, as M(account_factory.email.ses_receipt_rule_set_info) returns them,
    and returns those that get all mail of one of some domains before a rule does.
  - Rules that are disabled, and rules for single mailboxes of a domain, are not among them.
author:
  - The account_factory.email authors (@account-factory)
options:
  _input:
    description: The rules.
    type: list
    elements: dict
    required: true
  name:
    description: The name of the rule that others are ahead of. It need not be there yet.
    type: str
    required: true
  domains:
    description: The domains whose mail is meant.
    type: list
    elements: str
    required: true
  position:
    description: Where the rule is to be. If not given, it stays where it is, and a new one goes last.
    type: str
    choices: [first, last]
  after:
    description: The name of the rule that it is to be directly behind.
    type: str
"""

EXAMPLES = r"""
- name: Check that no rule keeps the mail from the forwarder
  ansible.builtin.assert:
    that: not ahead.stopping
    fail_msg: "{{ ahead.stopping | map(attribute='name') | join(', ') }}"
  vars:
    ahead: >-
      {{ rule_sets.rule_sets[0].receipt_rules
         | account_factory.email.receipt_rules_ahead(name='mail-forwarder', domains=['accounts.example.com']) }}
"""

RETURN = r"""
_value:
  description:
    - C(stopping) are the rules that end the evaluation of the rule set, by a stop or a bounce action, each with those
      of the domains that it gets the mail of.
    - C(sharing) are those that do not. A function that one of them calls may end it all the same.
  type: dict
  sample:
    stopping:
      - {name: catch-all, domains: [accounts.example.com]}
    sharing: []
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._receipt_rules.ahead import find_ahead


def receipt_rules_ahead(
    rules: Sequence[Mapping[str, Any]],
    *,
    name: str,
    domains: Sequence[str],
    position: str | None = None,
    after: str | None = None,
) -> dict[str, list[dict[str, Any]]]:
    """Return the rules that get the domains' mail before the rule, and of which, as ``stopping`` and ``sharing``."""
    ahead = find_ahead(rules, name, domains, position, after)
    kinds = {"stopping": ahead.stopping, "sharing": ahead.sharing}
    return {
        kind: [{"name": each.name, "domains": list(each.domains)} for each in getting]
        for kind, getting in kinds.items()
    }


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"receipt_rules_ahead": receipt_rules_ahead}
