#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vended_address_info
short_description: Find vended addresses, or list them all
version_added: 0.1.0
description:
  - Finds addresses by what is known of them. An address that is found is all that is asked for.
  - Without any of the options, lists every address of the map, retired ones too.
  - The list is empty where nothing matches.
  - Says of each address which of the mailboxes that are to get its mail do not take it at present.
options:
  address:
    description:
      - The address, in any case.
      - One with a C(+tag) that is not in the map itself finds the address without, as its mail does.
    type: str
  addresses:
    description: Several addresses, each as O(address). Those that are not in the map are not in the result.
    type: list
    elements: str
  account_name:
    description: The name of the account, in any case.
    type: str
  account_id:
    description: The id of the AWS account, 12 digits in quotes.
    type: str
  owner:
    description:
      - The email address of somebody who gets the mail, alone or with others, in any case; also as a member of a group
        that owns the address.
    type: str
  owner_group:
    description: The id of a group of IAM Identity Center whose members get the mail.
    type: str
  fallback_owner:
    description: The email address of somebody who gets the mail that cannot be delivered to any owner, in any case.
    type: str
  contact:
    description: The email address of somebody who gets the mail for an alternate contact of the account, in any case.
    type: str
  request_id:
    description: The request that the address was vended for, a ticket number for example. Letter case counts.
    type: str
  status:
    description: What the address is. V(vended) is one whose account's id is not known yet.
    type: str
    choices:
      - vended
      - active
      - retired
  account_type:
    description: What kind of account it is. Letter case counts.
    type: str
  tags:
    description: Tags that the account has, each with its value. It may have others besides.
    type: dict
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - account_factory.email._attributes
  - account_factory.email._attributes.info
  - account_factory.email._map
  - account_factory.email._sides.forwarder
notes:
  - With O(address), O(addresses), O(account_name), O(account_id) or O(request_id) it reads what it needs by key and
    needs C(dynamodb:GetItem) and C(dynamodb:BatchGetItem) on the table. That is a read or two for each address and one
    for each of its mailboxes, whatever the size of the map.
  - Otherwise it reads the whole table, with strong consistency, and needs C(dynamodb:Scan). DynamoDB charges for all
    that is read, whatever is found. 100,000 addresses are 80 MB or so, which is 20,000 read request units.
  - Reading them takes a few seconds where O(owner), O(fallback_owner), O(contact), O(status) or O(account_type) leaves
    few to be returned, and half a minute where most are. DynamoDB throttles it where the table has little capacity
    left, and the module then tries again.
seealso:
  - module: account_factory.email.vended_address
  - module: account_factory.email.ses_suppressed_destination
  - plugin: account_factory.email.vended_address
    plugin_type: lookup
author:
  - The account_factory.email authors (@account-factory)
"""

EXAMPLES = r"""
- name: Find the account that a mail was for
  account_factory.email.vended_address_info:
    table: mail-forwarder-map
    address: Analytics-001+billing@accounts.example.com

- name: Find the accounts of somebody who leaves
  account_factory.email.vended_address_info:
    table: mail-forwarder-map
    owner: jane.doe@example.com
  register: hers

- name: Give them to the team
  account_factory.email.vended_address:
    table: mail-forwarder-map
    address: "{{ item.address }}"
    replace_owner:
      old: jane.doe@example.com
      new: [team@example.com]
  loop: "{{ hers.vended_addresses | rejectattr('status', 'eq', 'retired') }}"
  loop_control:
    label: "{{ item.address }}"

- name: List the sandboxes in use of a cost center
  account_factory.email.vended_address_info:
    table: mail-forwarder-map
    status: active
    account_type: sandbox
    tags:
      cost-center: "1234"

- name: List all
  account_factory.email.vended_address_info:
    table: mail-forwarder-map
"""

RETURN = r"""
vended_addresses:
  description:
    - The addresses, sorted; each as M(account_factory.email.vended_address) returns it, with C(owners_failing) beside.
    - Empty where nothing matches.
  returned: success
  type: list
  elements: dict
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
    owners_failing:
      description:
        - Those of its owners and fallback owners whose mailbox does not take mail at present, as the forwarder found
          out when it last sent to them. Mail for them goes to the others.
        - Empty where all is well.
      returned: success
      type: list
      elements: dict
      contains:
        mailbox:
          description: The email address, as it is among the owners or fallback owners.
          returned: success
          type: str
          sample: analytics-leads@example.com
        reason:
          description:
            - V(bounced) where its mail server refuses mail for it for good, V(transient) where it did not take mail for
              the time being, V(complained) where its provider reported mail as unwanted, and V(suppressed) where Amazon
              SES sends it nothing, because it is on the account's suppression list.
            - See M(account_factory.email.ses_suppressed_destination) for how to take it off that list.
          returned: success
          type: str
          sample: bounced
        since:
          description: When that was found out, in UTC.
          returned: success
          type: str
          sample: "2026-11-21T09:30:00Z"
        until:
          description: When it counts as well again by itself, in UTC. V(null) where only mail that it takes ends it.
          returned: success
          type: str
          sample: "2026-11-22T09:30:00Z"
        diagnostic:
          description: What its mail server said, on one line, or V(null).
          returned: success
          type: str
          sample: "smtp; 550 5.1.1 user unknown"
accounts:
  description:
    - The address, the account's id and name, and the request of each, for whatever is done with them next.
  returned: success
  type: list
  elements: dict
  sample:
    - address: analytics-001@accounts.example.com
      account_id: "123456789012"
      account_name: analytics-001
      request_id: TICKET-4711
"""

from datetime import datetime, timezone
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.account_factory.email.plugins.module_utils._map.finding import (
    accounts_of,
    build_query,
    find_with_failing,
)
from ansible_collections.account_factory.email.plugins.module_utils._map.options import FIND_RULES, FIND_SPEC
from ansible_collections.account_factory.email.plugins.module_utils._map.tables import TABLE_SPEC, module_table
from ansible_collections.account_factory.email.plugins.module_utils._module import run_info


def work(module: AnsibleAWSModule) -> dict[str, Any]:
    wanted = build_query(module.params)
    found = find_with_failing(module_table(module), wanted, datetime.now(timezone.utc))
    return {"vended_addresses": found, "accounts": accounts_of(found)}


def main() -> None:
    module = AnsibleAWSModule(argument_spec={**TABLE_SPEC, **FIND_SPEC}, supports_check_mode=True, **FIND_RULES)
    run_info(module, lambda: work(module))


if __name__ == "__main__":
    main()
