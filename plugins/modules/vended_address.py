#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vended_address
short_description: Vend an email address for an AWS account, edit one or retire one
version_added: 0.1.0
description:
  - Vends an email address that no other AWS account has or ever had, and records who owns it.
  - Edits an address that was vended before, or retires it.
  - An address is never vended twice, not even a retired one. Many tasks may vend at the same time.
  - One O(request_id) gets one address, however often and from however many jobs it is asked for.
options:
  state:
    description:
      - V(present) vends an address or edits one.
      - V(absent) retires the O(address). Its record stays in the map for ever, with its owners, so that nobody is ever
        given the address again. Its mail is no longer forwarded to its owners.
    type: str
    choices: [present, absent]
    default: present
  address:
    description:
      - The address to edit or to retire, in any case. It has to be in the map.
      - Mutually exclusive with O(name_prefix), O(account_name) and O(local_part).
    type: str
  owners:
    description:
      - The email addresses of the people who get the mail, each a plain C(user@host).
      - The list replaces the one that is there. To change who else is in it, use O(add_owners), O(remove_owners) or
        O(replace_owner).
      - An owner may not lie in a domain that addresses are vended in, because that would create a mail loop.
      - Required to vend an address, unless O(owner_groups) are given.
    type: list
    elements: str
  add_owners:
    description:
      - Owners to add to those that the O(address) has when the change is written. Owners that it has already are not
        added again.
      - Several people may change the owners of an address at the same time; nobody is lost.
      - Mutually exclusive with O(owners). Only possible together with O(address).
    type: list
    elements: str
  remove_owners:
    description:
      - Owners to remove from those that the O(address) has when the change is written, in any case. Owners that it does
        not have are ignored.
      - Fails if nobody would be left, and no O(owner_groups) either.
      - Mutually exclusive with O(owners). Only possible together with O(address).
    type: list
    elements: str
  replace_owner:
    description:
      - An owner to replace, wherever the O(address) has it among its owners, fallback owners and contacts when the
        change is written. An owner that it does not have is ignored.
      - Mutually exclusive with O(owners). Only possible together with O(address).
    type: dict
    suboptions:
      old:
        description: The owner who leaves, in any case.
        type: str
        required: true
      new:
        description: Who takes the place, one or several.
        type: list
        elements: str
        required: true
  purge_tags:
    description: Whether tags that are not in O(tags) are removed when editing. Without O(tags) none is touched.
    type: bool
    default: true
  account_id:
    description:
      - The id of the AWS account that has the address, 12 digits in quotes.
      - Makes the address RV(vended_address.status=active). Once recorded it cannot be changed to another, and no other
        address can have it.
      - Not possible together with O(name_prefix).
    type: str
  create_account_request_id:
    description:
      - The id (C(car-...)) under which AWS Organizations makes the account of O(address), to find the account again
        when a run is cut off.
      - Only possible together with O(address).
    type: str
  status:
    description:
      - Whether the O(address) has an account already, where that is not to be told by O(account_id), which makes it
        V(active) by itself.
      - Only possible together with O(address).
    type: str
    choices: [vended, active]
  restore:
    description:
      - Whether a retired O(address) may be brought back, to the account that it belonged to.
      - Where the map knows that account, name it in O(account_id).
    type: bool
    default: false
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - account_factory.email._attributes
  - account_factory.email._map
  - account_factory.email._sides.forwarder
  - account_factory.email._request
notes:
  - Options that are text take text only. Write C(0017), C(1.10) or C(yes) in quotes, because YAML reads them as numbers
    and a boolean. A number without quotes is taken if it is an account id of 12 digits, or if Ansible tells that it was
    written in its usual form, as ansible-core does from 2.19 on.
  - In check mode the address of a new request is the one that the series would give next. Another job may get it first.
  - Needs C(dynamodb:BatchGetItem), C(dynamodb:PutItem), C(dynamodb:UpdateItem) and C(dynamodb:ConditionCheckItem) on
    the table.
author:
  - The account_factory.email authors (@account-factory)
"""

EXAMPLES = r"""
- name: Vend an address for the account that ticket 4711 asks for
  account_factory.email.vended_address:
    table: mail-forwarder-map
    name_prefix: analytics
    domain: accounts.example.com
    request_id: TICKET-4711
    owners:
      - analytics-leads@example.com
    account_type: sandbox
    tags:
      cost-center: "1234"
  register: vended

- name: Vend an address by its exact name, for an account with a name of its own
  account_factory.email.vended_address:
    table: mail-forwarder-map
    account_name: Log Archive
    local_part: log-archive
    domain: accounts.example.com
    owners:
      - security@example.com

- name: Give the account a new owner
  account_factory.email.vended_address:
    table: mail-forwarder-map
    address: analytics-001@accounts.example.com
    owners:
      - jane.doe@example.com

- name: Replace an owner who leaves, whoever the others are
  account_factory.email.vended_address:
    table: mail-forwarder-map
    address: analytics-001@accounts.example.com
    replace_owner:
      old: jane.doe@example.org
      new: [joe@example.org]

- name: Record the account that was created with the address
  account_factory.email.vended_address:
    table: mail-forwarder-map
    address: "{{ vended.vended_address.address }}"
    account_id: "123456789012"

- name: Hold back the mail of an account for the time being
  account_factory.email.vended_address:
    table: mail-forwarder-map
    address: analytics-001@accounts.example.com
    forwarding: false

- name: Retire the address of an account that was closed
  account_factory.email.vended_address:
    table: mail-forwarder-map
    address: analytics-001@accounts.example.com
    state: absent

- name: Bring it back, as the account was reopened
  account_factory.email.vended_address:
    table: mail-forwarder-map
    address: analytics-001@accounts.example.com
    account_id: "123456789012"
    restore: true
"""

RETURN = r"""
vended_address:
  description: The address as the map holds it, or in check mode would hold it.
  returned: success
  type: dict
  contains:
    address:
      description: The email address.
      returned: success
      type: str
      sample: analytics-001@accounts.example.com
    account_name:
      description: The name for the account.
      returned: success
      type: str
      sample: analytics-001
    domain:
      description: The domain that the address is vended in.
      returned: success
      type: str
      sample: accounts.example.com
    owners:
      description: The addresses that its mail is forwarded to.
      returned: success
      type: list
      elements: str
      sample:
        - analytics-leads@example.com
    status:
      description: V(vended), V(active) once the account's id is known, or V(retired).
      returned: success
      type: str
      sample: vended
    forwarding:
      description: Whether its mail is forwarded to its owners for the time being.
      returned: success
      type: bool
      sample: true
    fallback_owners:
      description: The addresses that its mail is delivered to where it cannot be delivered to any of the owners.
      returned: success
      type: list
      elements: str
      sample:
        - cloud-team@example.com
    contacts:
      description:
        - The addresses that mail for an alternate contact of the account is forwarded to, by the kind of contact.
        - A kind that is not there is the owners'.
      returned: success
      type: dict
      sample:
        billing:
          - finance@example.com
    owner_groups:
      description: The ids of groups of IAM Identity Center whose members own it beside its owners.
      returned: success
      type: list
      elements: str
      sample:
        - 90671a2b3c-0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0
    owners_since:
      description:
        - Since when each of its owners, fallback owners and contacts has been one, in UTC, by their addresses.
        - Without those of whom it is not known, since the record was changed before the map kept it.
      returned: success
      type: dict
      sample:
        analytics-leads@example.com: "2026-11-21T09:30:00Z"
    account_id:
      description: The id of the account, or V(null).
      returned: success
      type: str
      sample: "123456789012"
    account_type:
      description: What kind of account it is, or V(null).
      returned: success
      type: str
      sample: sandbox
    tags:
      description: Tags of the account.
      returned: success
      type: dict
      sample:
        cost-center: "1234"
    request_id:
      description: The request that the address was vended for.
      returned: success
      type: str
      sample: TICKET-4711
    series:
      description: The series that the number is from.
      returned: success
      type: str
      sample: analytics
    number:
      description: The number in the series.
      returned: success
      type: int
      sample: 1
    create_account_request_id:
      description: The id under which AWS Organizations makes the account, or V(null).
      returned: success
      type: str
      sample: car-0123456789abcdef0123456789abcdef
    created_at:
      description: When the address was vended, in UTC.
      returned: success
      type: str
      sample: "2026-11-21T09:30:00Z"
    created_by:
      description: ARN of who vended it; V(unproven:) and what was said, where a function that was invoked did.
      returned: success
      type: str
      sample: arn:aws:sts::123456789012:assumed-role/account-factory/awx
    updated_at:
      description: When it was last changed, in UTC.
      returned: success
      type: str
      sample: "2026-11-21T09:30:00Z"
    updated_by:
      description: ARN of who changed it last; as C(created_by) where a function did.
      returned: success
      type: str
      sample: arn:aws:sts::123456789012:assumed-role/account-factory/awx
    version:
      description: How often it was written.
      returned: success
      type: int
      sample: 1
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.account_factory.email.plugins.module_utils._map.edits import build_edit
from ansible_collections.account_factory.email.plugins.module_utils._map.engine import Work, apply_one
from ansible_collections.account_factory.email.plugins.module_utils._map.entries import Ask, Correction
from ansible_collections.account_factory.email.plugins.module_utils._map.options import (
    ADDRESS_RULES,
    ADDRESS_SPEC,
)
from ansible_collections.account_factory.email.plugins.module_utils._map.requests import build_request
from ansible_collections.account_factory.email.plugins.module_utils._map.tables import (
    TABLE_SPEC,
    make_stamp,
    module_table,
)
from ansible_collections.account_factory.email.plugins.module_utils._module import Outcome, run_module


def work(module: AnsibleAWSModule) -> Outcome:
    table = module_table(module)
    ask: Ask
    if module.params["address"] is not None:
        ask = Correction(build_edit(module.params), table.name)
    else:
        ask = build_request(module.params)
    change = apply_one(table, ask, Work(lambda: make_stamp(module), module.check_mode))
    return Outcome(before=change.before.to_dict() if change.before else None, after=change.after.to_dict())


def main() -> None:
    module = AnsibleAWSModule(argument_spec={**TABLE_SPEC, **ADDRESS_SPEC}, supports_check_mode=True, **ADDRESS_RULES)
    run_module(module, "vended_address", lambda: work(module))


if __name__ == "__main__":
    main()
