#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: ses_receipt_rule_set_info
short_description: List Amazon SES receipt rule sets and their rules
version_added: 0.1.0
description:
  - Lists the rule sets by which Amazon SES receives mail in a region, each with its rules, and says which is active.
  - SES describes one rule set a second. Give O(name) where one is enough.
author:
  - "The account_factory.email authors (@account-factory)"
extends_documentation_fragment:
  - account_factory.email._attributes
  - account_factory.email._attributes.info
  - amazon.aws.common.modules
  - amazon.aws.region.modules
options:
  name:
    description:
      - Name of the one rule set to list. The list is empty if it does not exist.
      - If not given, all are listed.
    type: str
notes:
  - Needs the permissions C(ses:ListReceiptRuleSets), C(ses:DescribeReceiptRuleSet) and
    C(ses:DescribeActiveReceiptRuleSet).
seealso:
  - module: account_factory.email.ses_receipt_rule_set
  - module: account_factory.email.ses_receipt_rule
"""

EXAMPLES = r"""
- name: List all rule sets
  account_factory.email.ses_receipt_rule_set_info:
  register: inbound

- name: Show which is active
  ansible.builtin.debug:
    msg: "{{ inbound.active_rule_set or 'No rule set is active.' }}"

- name: List one rule set
  account_factory.email.ses_receipt_rule_set_info:
    name: inbound
"""

RETURN = r"""
active_rule_set:
  description: Name of the region's active rule set, V(null) if none is active. Does not depend on O(name).
  returned: success
  type: str
  sample: inbound
rule_sets:
  description: The rule sets, sorted by name. Empty where there is none.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the rule set.
      returned: always
      type: str
      sample: inbound
    active:
      description: Whether it is the region's active rule set.
      returned: always
      type: bool
      sample: true
    created_timestamp:
      description: When the rule set was created, UTC in ISO 8601.
      returned: always
      type: str
      sample: "2026-11-21T09:30:00Z"
    rules:
      description: Names of its rules, in order.
      returned: always
      type: list
      elements: str
      sample: [mail-forwarder]
    receipt_rules:
      description: Its rules, in order, each as M(account_factory.email.ses_receipt_rule) returns it.
      returned: always
      type: list
      elements: dict
      sample:
        - rule_set: inbound
          name: mail-forwarder
          enabled: true
          tls_policy: Require
          scan_enabled: true
          recipients: [accounts.example.com]
          actions:
            - s3_action:
                bucket_name: mail-forwarder-mail-123456789012-eu-west-1
                object_key_prefix: mail/
          after: null
          index: 1
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.account_factory.email.plugins.module_utils._clients import new_client
from ansible_collections.account_factory.email.plugins.module_utils._module import run_info
from ansible_collections.account_factory.email.plugins.module_utils._receipt_rules import api


def find(client: Any, name: str | None) -> dict[str, Any]:
    """Return the rule sets, all or the one of that name, and the name of the active one."""
    active = api.get_active_rule_set(client)
    active_name = active.name if active else None
    names = [name] if name else sorted(api.list_rule_set_names(client))
    # The active one is known already: each further call costs a second.
    found = [active if each == active_name else api.get_rule_set(client, each) for each in names]
    rule_sets = [
        {**rule_set.to_dict(rule_set.name == active_name), "receipt_rules": rule_set.receipt_rules()}
        for rule_set in found
        if rule_set
    ]
    return {"active_rule_set": active_name, "rule_sets": rule_sets}


def main() -> None:
    module = AnsibleAWSModule(argument_spec={"name": {"type": "str"}}, supports_check_mode=True)
    run_info(module, lambda: find(new_client(module.client, "ses"), module.params["name"]))


if __name__ == "__main__":
    main()
