#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: ses_receipt_rule_set
short_description: Manage Amazon SES receipt rule sets
version_added: 0.1.0
description:
  - Creates, activates, deactivates and deletes the rule sets by which Amazon SES receives mail.
  - A region has one active rule set at most. This module never takes another one out of use unless told so with
    O(force=true).
  - The rules in a set are managed with M(account_factory.email.ses_receipt_rule).
author:
  - "The account_factory.email authors (@account-factory)"
extends_documentation_fragment:
  - account_factory.email._attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
options:
  name:
    description:
      - Name of the rule set, of at most 64 ASCII letters, digits, V(_) and V(-).
    type: str
    required: true
  state:
    description:
      - With V(present), the rule set is created where it does not exist.
      - With V(absent), the rule set is deleted. Needs O(force=true) if it is active or has rules.
    type: str
    choices: [present, absent]
    default: present
  active:
    description:
      - With V(true), makes the rule set the active one. Needs O(force=true) if another one is active.
      - With V(false), makes sure that it is not the active one. If it was, no rule set is active afterwards, and the
        region receives no mail.
      - If not given, it stays as it is; a new rule set is not active.
      - Has no effect with O(state=absent).
    type: bool
  force:
    description:
      - Allows O(active=true) to take another active rule set out of use.
      - Allows O(state=absent) to delete the rule set even if it is active or has rules.
    type: bool
    default: false
notes:
  - Needs the permissions C(ses:DescribeReceiptRuleSet) and C(ses:DescribeActiveReceiptRuleSet), and to change something
    C(ses:CreateReceiptRuleSet), C(ses:SetActiveReceiptRuleSet) and C(ses:DeleteReceiptRuleSet).
seealso:
  - module: account_factory.email.ses_receipt_rule_set_info
  - module: account_factory.email.ses_receipt_rule
"""

EXAMPLES = r"""
- name: Make a rule set, and activate it if none is active
  account_factory.email.ses_receipt_rule_set:
    name: inbound
    active: true

- name: Activate it in place of whichever is active
  account_factory.email.ses_receipt_rule_set:
    name: inbound
    active: true
    force: true

- name: Delete a rule set with all of its rules, even if it is active
  account_factory.email.ses_receipt_rule_set:
    name: inbound
    state: absent
    force: true
"""

RETURN = r"""
rule_set:
  description: The rule set as it is, or in check mode would be, after the task. Empty where it is absent.
  returned: success
  type: dict
  contains:
    name:
      description: Name of the rule set.
      returned: when the rule set is present
      type: str
      sample: inbound
    active:
      description: Whether it is the region's active rule set.
      returned: when the rule set is present
      type: bool
      sample: true
    created_timestamp:
      description: When it was created, UTC in ISO 8601. V(null) in check mode for a rule set that is still to be made.
      returned: when the rule set is present
      type: str
      sample: "2026-11-21T09:30:00Z"
    rules:
      description: Names of its rules, in order.
      returned: when the rule set is present
      type: list
      elements: str
      sample: [mail-forwarder]
"""

from dataclasses import replace
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.account_factory.email.plugins.module_utils._clients import new_client
from ansible_collections.account_factory.email.plugins.module_utils._module import Outcome, run_module
from ansible_collections.account_factory.email.plugins.module_utils._receipt_rules import api, model
from ansible_collections.account_factory.email.plugins.module_utils._text import TEXT_TYPE


def work(module: AnsibleAWSModule) -> Outcome:
    name = model.check_rule_set_name("name", module.params["name"])
    client = new_client(module.client, "ses")
    existing = api.get_rule_set(client, name)
    active = api.get_active_rule_set(client)
    active_name = active.name if active else None
    if module.params["state"] == "absent":
        plan = model.plan_set_absent(existing, active_name, module.params["force"])
    else:
        plan = model.plan_set_present(name, existing, active_name, module.params["active"], module.params["force"])
    if not module.check_mode:
        plan = apply(client, name, plan)
    return Outcome(plan.before, plan.after)


def apply(client: Any, name: str, plan: model.SetPlan) -> model.SetPlan:
    """Do what is planned; return the plan with what AWS decided."""
    if plan.create:
        api.create_rule_set(client, name)
        created = api.get_rule_set(client, name)
        timestamp = created.created_timestamp if created else None
        plan = replace(plan, after={**(plan.after or {}), "created_timestamp": timestamp})
    if plan.activate:
        api.activate_rule_set(client, name)
    elif plan.activate is False:
        api.deactivate_rule_set(client, name)
    if plan.delete:
        api.delete_rule_set(client, name)
    return plan


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={
            "name": {"type": TEXT_TYPE, "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "active": {"type": "bool"},
            "force": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    run_module(module, "rule_set", lambda: work(module))


if __name__ == "__main__":
    main()
