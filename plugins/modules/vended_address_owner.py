#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vended_address_owner
short_description: Replace an owner of vended email addresses by others
version_added: 0.1.0
description:
  - Replaces somebody, who leaves for example, wherever the map has that person among the owners, the fallback owners
    or the contacts of an address. Others stay.
  - Each list of owners is changed as it is when it is written, so an owner whom somebody else adds meanwhile stays too.
  - Retired addresses keep what their records say.
options:
  owner:
    description: The email address of the owner to replace, in any case.
    type: str
    required: true
  replaced_by:
    description: The email addresses of those who take the place, each a plain C(user@host).
    type: list
    elements: str
    required: true
  status:
    description: Replaces the owner only in addresses of this status.
    type: str
    choices: [vended, active]
  account_type:
    description: Replaces the owner only in addresses of accounts of this type. Letter case counts.
    type: str
  tags:
    description: Replaces the owner only in addresses of accounts that have these tags, each with its value.
    type: dict
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - account_factory.email._attributes
  - account_factory.email._map
  - account_factory.email._sides.forwarder
notes:
  - Reads the whole table, as M(account_factory.email.vended_address_info) does without a key.
  - Needs C(dynamodb:GetItem), C(dynamodb:Scan), C(dynamodb:BatchGetItem) and C(dynamodb:PutItem) on the table.
seealso:
  - module: account_factory.email.vended_address
author:
  - The account_factory.email authors (@account-factory)
"""

EXAMPLES = r"""
- name: Transfer the addresses of an owner who leaves to her team
  account_factory.email.vended_address_owner:
    table: mail-forwarder-map
    owner: jane.doe@example.com
    replaced_by:
      - team@example.com

- name: Transfer only the sandboxes
  account_factory.email.vended_address_owner:
    table: mail-forwarder-map
    owner: jane.doe@example.com
    replaced_by:
      - sandboxes@example.com
    account_type: sandbox
"""

RETURN = r"""
vended_address_owner:
  description:
    - The addresses in which the owner was replaced, or in check mode would be, as
      M(account_factory.email.vended_address) returns them, sorted.
  returned: when the addresses were tried
  type: list
  elements: dict
  sample:
    - address: analytics-001@accounts.example.com
      owners: [team@example.com]
before:
  description: The same addresses as they were before, in the same order.
  returned: when the addresses were tried
  type: list
  elements: dict
  sample:
    - address: analytics-001@accounts.example.com
      owners: [jane.doe@example.com]
retired:
  description: The retired addresses that name the owner, which are left as they are.
  returned: when the addresses were tried
  type: list
  elements: str
  sample: [analytics-000@accounts.example.com]
failures:
  description: The addresses that could not be changed, and why. The task fails where there is one.
  returned: when the addresses were tried
  type: list
  elements: dict
  contains:
    address:
      description: The address.
      returned: always
      type: str
      sample: payments-007@accounts.example.com
    msg:
      description: Why it could not be changed.
      returned: always
      type: str
      sample: payments-007@accounts.example.com is retired
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.account_factory.email.plugins.module_utils._map import api
from ansible_collections.account_factory.email.plugins.module_utils._map.edits import Edit, build_replacement
from ansible_collections.account_factory.email.plugins.module_utils._map.engine import Work, apply_entries
from ansible_collections.account_factory.email.plugins.module_utils._map.entries import Ask, Correction, Entries, Label
from ansible_collections.account_factory.email.plugins.module_utils._map.fields import check_outside
from ansible_collections.account_factory.email.plugins.module_utils._map.finding import build_query
from ansible_collections.account_factory.email.plugins.module_utils._map.options import SEARCH_SPEC
from ansible_collections.account_factory.email.plugins.module_utils._map.tables import (
    TABLE_SPEC,
    make_stamp,
    module_table,
)
from ansible_collections.account_factory.email.plugins.module_utils._module import Outcome, failure, run_module, summary
from ansible_collections.account_factory.email.plugins.module_utils._record import ACTIVE, RETIRED, VENDED


def work(module: AnsibleAWSModule) -> Outcome:
    replacement = build_replacement("owner", module.params["owner"], "replaced_by", module.params["replaced_by"])
    filters = build_query({name: module.params[name] for name in ("status", "account_type", "tags")})
    table = module_table(module)
    check_outside("replaced_by", replacement.replacements, api.get_vended_domains(table))
    found = [
        record for record in api.records(table, filters.values) if filters.matches(record) and replacement.is_in(record)
    ]
    edits: dict[Label, Ask] = {
        record.address: Correction(Edit(record.address, owner_change=replacement), table.name)
        for record in sorted(found, key=lambda record: record.address)
        if record.status != RETIRED
    }
    done = apply_entries(table, Entries(edits, {}), Work(lambda: make_stamp(module), module.check_mode))
    changes = [done.changes[address] for address in edits if address in done.changes]
    changed = [change for change in changes if change.changed]
    failures = [{"address": address, **failure(error)} for address, error in done.failures.items()]
    named = [f"{each['address']}: {each['msg']}" for each in failures]
    before = [change.before.to_dict() for change in changed if change.before]
    return Outcome(
        before={record["address"]: record for record in before},
        after={change.after.address: change.after.to_dict() for change in changed},
        extra={
            "vended_address_owner": [change.after.to_dict() for change in changed],
            "before": before,
            "retired": sorted(record.address for record in found if record.status == RETIRED),
            "failures": failures,
        },
        failure=summary(named, len(edits), "addresses could not be changed") if failures else None,
    )


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={
            **TABLE_SPEC,
            "owner": {"type": "str", "required": True},
            "replaced_by": {"type": "list", "elements": "str", "required": True},
            "status": {"type": "str", "choices": [VENDED, ACTIVE]},
            "account_type": SEARCH_SPEC["account_type"],
            "tags": SEARCH_SPEC["tags"],
        },
        supports_check_mode=True,
    )
    run_module(module, "vended_address_owner", lambda: work(module))


if __name__ == "__main__":
    main()
