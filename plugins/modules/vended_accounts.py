#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vended_accounts
short_description: Create AWS accounts with email addresses of their own, or give some to existing accounts
version_added: 0.1.0
description:
  - Does for a list of accounts what M(account_factory.email.vended_account) does for one, five accounts at a time. The
    accounts of the organization are listed once, however long the list is.
  - All entries are checked before anything is changed. An entry that cannot be done is reported with its index and
    keeps no other from being done.
  - A run that was cut off is resumed by running it again.
options:
  accounts:
    description:
      - The accounts, each a dictionary with the options O(ignore:name_prefix), O(ignore:counter_length),
        O(ignore:account_name), O(ignore:local_part), O(ignore:domain), O(ignore:request_id), O(ignore:address),
        O(ignore:owners), O(ignore:owner_groups), O(ignore:fallback_owners), O(ignore:contacts), O(ignore:account_type),
        O(ignore:tags), O(ignore:forwarding), O(ignore:on_change), O(ignore:account_id), O(ignore:parent),
        O(ignore:create_parents), O(ignore:role_name), O(ignore:iam_user_access_to_billing), O(ignore:purge_tags),
        O(ignore:rename), O(ignore:alternate_contacts) and O(ignore:wait_timeout) of
        M(account_factory.email.vended_account).
      - A request, an address and an account may be named once in the list.
      - An entry with C(refused) is one that M(account_factory.email.play_arguments) could not read; it fails with that
        text.
    type: list
    elements: dict
    required: true
  defaults:
    description:
      - Options that every entry has which does not give them itself.
      - An entry that gives a name of its own (C(name_prefix), C(account_name), C(local_part)) has none of the names
        here. An entry that gives C(address) or C(account_id) has only those that are possible beside it.
    type: dict
    default: {}
  type_parents:
    description:
      - The C(parent) of an entry that gives none, by its C(account_type). C(default) is for all other types.
      - Without C(default), an entry of a type that is not there is an error.
    type: dict
    default: {}
  wait_timeout:
    description:
      - How many seconds to wait at most for each account, or for the mail with its code, where the entry does not say.
      - If it takes longer, that entry fails. AWS goes on with a creation, and running the task again waits on.
    type: int
    default: 900
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - account_factory.email._attributes
  - account_factory.email._map
  - account_factory.email._sides.forwarder
  - account_factory.email._sides.organization
  - account_factory.email._vended_account
  - account_factory.email._vended_account.progress
  - account_factory.email._verification_mail
seealso:
  - module: account_factory.email.vended_account
author:
  - The account_factory.email authors (@account-factory)
"""

EXAMPLES = r"""
- name: Create two accounts, each in the OU of its type
  account_factory.email.vended_accounts:
    table: mail-forwarder-map
    defaults:
      name_prefix: analytics
      domain: accounts.example.com
      owners: [analytics-leads@example.com]
    type_parents:
      sandbox: Sandboxes
      default: Workloads/Prod
    accounts:
      - request_id: TICKET-4711
        account_type: sandbox
      - request_id: TICKET-4712

- name: Adopt existing accounts
  account_factory.email.vended_accounts:
    table: mail-forwarder-map
    mail_bucket: mail-forwarder-mail-111122223333-eu-west-1
    delivery_table: mail-forwarder-deliveries
    defaults:
      name_prefix: legacy
      domain: accounts.example.com
    accounts:
      - account_id: "123456789012"
        owners: [analytics-leads@example.com]
      - account_id: "210987654321"
        owners: [jane.doe@example.com]
        account_name: Log-Archive
"""

RETURN = r"""
vended_accounts:
  description:
    - What became of each entry, or in check mode would, in the order of O(accounts), as
      M(account_factory.email.vended_account) returns it. An empty dictionary for an entry that failed.
  returned: when the entries were tried
  type: list
  elements: dict
  sample:
    - address: analytics-001@accounts.example.com
      account_id: "123456789012"
      account_name: analytics-001
accounts:
  description:
    - The address, the id, the name and the request of every account in RV(vended_accounts), for whatever is done with
      them next.
  returned: when the entries were tried
  type: list
  elements: dict
  sample:
    - address: analytics-001@accounts.example.com
      account_id: "123456789012"
      account_name: analytics-001
      request_id: TICKET-4711
created:
  description: The addresses of the accounts that were created.
  returned: when the entries were tried
  type: list
  elements: str
  sample: [analytics-001@accounts.example.com]
adopted:
  description: The addresses of the accounts that were adopted.
  returned: when the entries were tried
  type: list
  elements: str
  sample: [legacy-001@accounts.example.com]
created_parents:
  description: Paths of the OUs that were created. In check mode, of those that would be.
  returned: when the entries were tried
  type: list
  elements: str
  sample: [Sandboxes]
failures:
  description: The entries that could not be done, and why. The task fails where there is one.
  returned: when the entries were tried
  type: list
  elements: dict
  contains:
    index:
      description: The entry's place in O(accounts), from 0 on.
      returned: always
      type: int
      sample: 3
    label:
      description: What to call the entry - its place, and its request if it names one.
      returned: always
      type: str
      sample: accounts[3] (TICKET-4714)
    request_id:
      description: The request that the entry names, or V(null).
      returned: always
      type: str
      sample: TICKET-4714
    account_id:
      description: The account that the entry names, or V(null).
      returned: always
      type: str
      sample: "123456789012"
    msg:
      description: Why it could not be done, and what to do about it.
      returned: always
      type: str
      sample: "owners[0]: 'jane' is not an email address: it needs a local part, one '@' and a domain"
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._map.tables import TABLE_SPEC
from ansible_collections.account_factory.email.plugins.module_utils._module import Outcome, run_module
from ansible_collections.account_factory.email.plugins.module_utils._vended_account.entries import read_entries
from ansible_collections.account_factory.email.plugins.module_utils._vended_account.options import (
    TASK_SPEC,
    WAIT_TIMEOUT,
)
from ansible_collections.account_factory.email.plugins.module_utils._vended_account.tasks import outcome, run_requests


def work(module: AnsibleAWSModule) -> Outcome:
    params = module.params
    if params["wait_timeout"] < 1:
        raise InputError("wait_timeout: must be at least 1 second; give wait=false not to wait")
    timeout = params["wait_timeout"] if params["wait"] else None
    read = read_entries(params["accounts"], params["defaults"], params["type_parents"], timeout)
    done = run_requests(module, read.requests)
    done.failures.update(read.failures)
    return outcome(read.entries, read.requests, done)


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={
            **TABLE_SPEC,
            **TASK_SPEC,
            "accounts": {"type": "list", "elements": "dict", "required": True},
            "defaults": {"type": "dict", "default": {}},
            "type_parents": {"type": "dict", "default": {}},
            "wait_timeout": {"type": "int", "default": WAIT_TIMEOUT},
        },
        supports_check_mode=True,
    )
    run_module(module, "vended_accounts", lambda: work(module))


if __name__ == "__main__":
    main()
