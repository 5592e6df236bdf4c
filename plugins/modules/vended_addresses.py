#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vended_addresses
short_description: Vend, import, edit and retire many addresses at once
version_added: 0.1.0
description:
  - Makes the map hold what a list asks for. Everything is planned before anything is written; check mode shows the
    plan.
  - An entry that cannot be done is reported with its index and keeps no other from being done.
  - A run that was cut off is finished by running it again.
options:
  addresses:
    description:
      - What is asked for, each entry a dictionary with the options of M(account_factory.email.vended_address), but for
        O(table).
      - An entry with C(address) edits that address as the module would, and brings it in where it is not in the map
        yet. Then C(owners) are needed, its domain has to be one that addresses are vended in, and C(account_name) names
        the account, which else is named like the local part. An account's name is not changed any more.
      - With C(address), C(series) and C(number) say which number the account has in which series, so that the series
        goes on after it.
      - An entry without C(address) asks for a new one, by C(name_prefix), C(account_name) or C(local_part).
      - An address, and a request, may be asked for once in the list.
    type: list
    elements: dict
    required: true
  prune:
    description:
      - Whether every address of the map that the list does not name is retired.
      - Nothing at all is done where an entry of the list cannot be done, for it may name one of them.
    type: bool
    default: false
  prune_limit:
    description:
      - How many percent of the addresses that are not retired O(prune) may retire, 0 to 100. Where it would retire
        more, nothing at all is done.
    type: int
    default: 10
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - account_factory.email._attributes
  - account_factory.email._progress
  - account_factory.email._map
  - account_factory.email._sides.forwarder
notes:
  - Options that are text take text only. Write C(0017), C(1.10) or C(yes) in quotes, because YAML reads them as numbers
    and a boolean. A number without quotes is taken if it is an account id of 12 digits, or if Ansible tells that it was
    written in its usual form, as ansible-core does from 2.19 on.
  - In check mode the addresses of new requests are the ones that the series would give next. Another job may get them
    first.
  - Needs C(dynamodb:BatchGetItem), C(dynamodb:PutItem), C(dynamodb:UpdateItem) and C(dynamodb:ConditionCheckItem) on
    the table; with O(prune) also C(dynamodb:Scan).
author:
  - The account_factory.email authors (@account-factory)
"""

EXAMPLES = r"""
- name: Bring in accounts that have addresses already, and vend two new ones
  account_factory.email.vended_addresses:
    table: mail-forwarder-map
    addresses:
      - address: payments-007@accounts.example.com
        account_name: payments-007
        account_id: "123456789012"
        owners: [payments@example.com]
        series: payments
        number: 7
      - name_prefix: analytics
        domain: accounts.example.com
        request_id: TICKET-4711
        owners: [analytics-leads@example.com]
      - account_name: log-archive
        domain: accounts.example.com
        owners: [security@example.com]

- name: Make the map what a file says, and retire what it no longer names
  account_factory.email.vended_addresses:
    table: mail-forwarder-map
    addresses: "{{ lookup('ansible.builtin.file', 'addresses.yml') | ansible.builtin.from_yaml }}"
    prune: true
    prune_limit: 5
"""

RETURN = r"""
vended_addresses:
  description:
    - What the map holds for each entry, or in check mode would hold, in the order of O(addresses), as
      M(account_factory.email.vended_address) returns it. An empty dictionary for an entry that failed.
  returned: when the entries were tried
  type: list
  elements: dict
  sample:
    - address: analytics-001@accounts.example.com
      account_name: analytics-001
      status: vended
vended:
  description: The addresses that are new in the map.
  returned: when the entries were tried
  type: list
  elements: str
  sample: [analytics-001@accounts.example.com]
edited:
  description: The addresses that were changed.
  returned: when the entries were tried
  type: list
  elements: str
  sample: [payments-007@accounts.example.com]
retired:
  description: The addresses that were retired.
  returned: when the entries were tried
  type: list
  elements: str
  sample: [payments-003@accounts.example.com]
failures:
  description: The entries that could not be done, and why. The task fails where there is one.
  returned: when the entries were tried
  type: list
  elements: dict
  contains:
    index:
      description: The entry's place in O(addresses), from 0 on; V(null) for an address that was to be pruned.
      returned: always
      type: int
      sample: 3
    address:
      description: The address, as far as the entry or the prune names it, or V(null).
      returned: always
      type: str
      sample: payments-007@accounts.example.com
    msg:
      description: Why it could not be done.
      returned: always
      type: str
      sample: "owners[0]: 'jane' is not an email address: it needs a local part, one '@' and a domain"
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._map.engine import Work, apply_entries
from ansible_collections.account_factory.email.plugins.module_utils._map.entries import read_entries
from ansible_collections.account_factory.email.plugins.module_utils._map.entry_options import entry_options
from ansible_collections.account_factory.email.plugins.module_utils._map.results import outcome
from ansible_collections.account_factory.email.plugins.module_utils._map.tables import (
    TABLE_SPEC,
    make_stamp,
    module_table,
)
from ansible_collections.account_factory.email.plugins.module_utils._module import Outcome, ProgressFile, run_module


def work(module: AnsibleAWSModule) -> Outcome:
    limit = module.params["prune_limit"]
    if not 0 <= limit <= 100:
        raise InputError(f"prune_limit: {limit} is not between 0 and 100 percent")
    how = Work(
        stamp=lambda: make_stamp(module),
        check_mode=module.check_mode,
        prune_limit=limit if module.params["prune"] else None,
        progress=ProgressFile(module.params["progress_file"]),
    )
    entries = read_entries(module.params["addresses"], entry_options)
    return outcome(module.params["addresses"], apply_entries(module_table(module), entries, how))


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={
            **TABLE_SPEC,
            "addresses": {"type": "list", "elements": "dict", "required": True},
            "prune": {"type": "bool", "default": False},
            "prune_limit": {"type": "int", "default": 10},
            "progress_file": {"type": "path"},
        },
        supports_check_mode=True,
    )
    run_module(module, "vended_addresses", lambda: work(module))


if __name__ == "__main__":
    main()
