# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: receipt_rules_ahead
short_description: Find the receipt rules that get a domain's mail before a rule does
version_added: 0.1.0
description:
  - Takes the rules of a rule set, in their order, as M(account_factory.email.ses_receipt_rule_set_info) returns them,
    and returns those that get all mail of a domain before a rule does.
  - Rules that are disabled, and rules for single mailboxes of the domain, are not among them.
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
  domain:
    description: The domain whose mail is meant.
    type: str
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
    fail_msg: "{{ ahead.stopping | join(', ') }}"
  vars:
    ahead: >-
      {{ rule_sets.rule_sets[0].receipt_rules
         | account_factory.email.receipt_rules_ahead(name='mail-forwarder', domain='accounts.example.com') }}
"""

RETURN = r"""
_value:
  description:
    - C(stopping) are the names of the rules that end the evaluation of the rule set, by a stop or a bounce action.
    - C(sharing) are the names of those that do not. A function that one of them calls may end it all the same.
  type: dict
  sample: {stopping: [catch-all], sharing: []}
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._receipt_rules.ahead import find_ahead


def receipt_rules_ahead(
    rules: Sequence[Mapping[str, Any]], *, name: str, domain: str, position: str | None = None, after: str | None = None
) -> dict[str, list[str]]:
    """Return the names of the rules that get the domain's mail before the rule, as ``stopping`` and ``sharing``."""
    ahead = find_ahead(rules, name, domain, position, after)
    return {"stopping": list(ahead.stopping), "sharing": list(ahead.sharing)}


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"receipt_rules_ahead": receipt_rules_ahead}
