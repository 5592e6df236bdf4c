#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: organizations_account_info
short_description: List the AWS accounts of an organization
version_added: 0.1.0
description:
  - Lists the accounts of the organization, closed ones included for as long as AWS shows them.
  - Lists all of them, or those that match every option that is given. An option that is given takes a list, of which
    an account has to match one. The list of accounts is empty where none matches.
  - Needs credentials of the organization's management account or of a delegated administrator's. Organizations is
    global, so that any region will do.
author:
  - "The account_factory.email authors (@account-factory)"
extends_documentation_fragment:
  - account_factory.email._attributes
  - account_factory.email._sides.organization
  - account_factory.email._attributes.info
  - amazon.aws.common.modules
  - amazon.aws.region.modules
options:
  account_ids:
    description: Ids of accounts, each 12 digits in quotes.
    type: list
    elements: str
  emails:
    description: Email addresses of the accounts' root users, in any case.
    type: list
    elements: str
  names:
    description: Names of accounts, as they are written. Several accounts may have the same name.
    type: list
    elements: str
  states:
    description:
      - States of accounts.
      - An account that was closed is V(SUSPENDED) for 90 days, and then no longer listed. Its email address can never
        be used for another.
    type: list
    elements: str
    choices: [PENDING_ACTIVATION, ACTIVE, SUSPENDED, PENDING_CLOSURE, CLOSED]
  include_tags:
    description: Whether to list the accounts' tags, too, which takes one more call for each account.
    type: bool
    default: false
  include_parents:
    description:
      - Whether to list where the accounts are in the organization's tree, too.
      - This takes about one more call for each account where they are few of the organization's. For many, the
        organizational units (OUs) are listed instead, with two calls for each of them.
    type: bool
    default: false
notes:
  - Needs the permission C(organizations:ListAccounts), and with O(include_tags=true)
    C(organizations:ListTagsForResource).
  - With O(include_parents=true) needs C(organizations:ListRoots), C(organizations:ListOrganizationalUnitsForParent),
    C(organizations:ListAccountsForParent), C(organizations:ListParents) and
    C(organizations:DescribeOrganizationalUnit), too.
  - Where AWS limits the rate of requests, the module waits, and says so in one warning.
seealso:
  - module: account_factory.email.organizations_account
"""

EXAMPLES = r"""
- name: List all accounts
  account_factory.email.organizations_account_info:
  register: organization

- name: Show those that are open
  ansible.builtin.debug:
    msg: "{{ organization.accounts | selectattr('state', 'eq', 'ACTIVE') | map(attribute='name') }}"

- name: Find out whether an account has an address
  account_factory.email.organizations_account_info:
    emails:
      - payments-001@accounts.example.com
  register: found

- name: List all accounts with the OU that each is in
  account_factory.email.organizations_account_info:
    include_parents: true
  register: placed

- name: Show those that are in no OU
  ansible.builtin.debug:
    msg: "{{ placed.accounts | selectattr('path', 'eq', '/') | map(attribute='name') }}"

- name: List accounts that were closed in the last 90 days, with their tags
  account_factory.email.organizations_account_info:
    states: [SUSPENDED, PENDING_CLOSURE]
    include_tags: true
"""

RETURN = r"""
accounts:
  description: The accounts, sorted by name and id. Empty where none matches.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Id of the account.
      returned: always
      type: str
      sample: "123456789012"
    arn:
      description: ARN of the account.
      returned: always
      type: str
      sample: arn:aws:organizations::111122223333:account/o-exampleorg/123456789012
    email:
      description: Email address of its root user, as AWS has it.
      returned: always
      type: str
      sample: payments-001@accounts.example.com
    name:
      description: Name of the account.
      returned: always
      type: str
      sample: payments-001
    state:
      description: State of the account, one of the choices of O(states).
      returned: always
      type: str
      sample: ACTIVE
    joined_method:
      description: How it came into the organization, V(CREATED) or V(INVITED).
      returned: always
      type: str
      sample: CREATED
    joined_timestamp:
      description: When it came into the organization, UTC in ISO 8601.
      returned: always
      type: str
      sample: "2026-11-21T09:30:00Z"
    tags:
      description: Its tags.
      returned: when O(include_tags=true)
      type: dict
      sample: {"owner": "payments"}
    parent_id:
      description: Id of the root or OU that it is in. V(null) if it has left the organization meanwhile.
      returned: when O(include_parents=true)
      type: str
      sample: ou-ab12-34567890
    path:
      description:
        - Path of the OU that it is in, the names of the OUs from the root down, or V(/) for the root.
        - V(null) if it has left the organization meanwhile.
      returned: when O(include_parents=true)
      type: str
      sample: Workloads/Prod
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.account_factory.email.plugins.module_utils._module import run_info
from ansible_collections.account_factory.email.plugins.module_utils._organizations import api, model, tree
from ansible_collections.account_factory.email.plugins.module_utils._organizations.options import connected
from ansible_collections.account_factory.email.plugins.module_utils._organizations.paths import Place
from ansible_collections.account_factory.email.plugins.module_utils._sides import ORGANIZATION, side_spec
from ansible_collections.account_factory.email.plugins.module_utils._text import ACCOUNT_ID_TYPE, TEXT_TYPE


def find(module: AnsibleAWSModule) -> list[dict[str, Any]]:
    """Return the accounts that the task asks for."""
    selection = model.selection(module.params)
    with connected(module) as connection:
        listed = list(api.list_accounts(connection))
        found = [account for account in listed if selection.matches(account)]
        found.sort(key=lambda account: (account.name.lower(), account.id or ""))
        places: dict[str, Place] = {}
        if module.params["include_parents"]:
            places = tree.places_of(connection, {str(account.id) for account in found}, len(listed))
        with_tags = module.params["include_tags"]
        return [
            account.to_dict(
                api.list_tags(connection, str(account.id)) if with_tags else None, places.get(str(account.id))
            )
            for account in found
        ]


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={
            **side_spec(ORGANIZATION),
            "account_ids": {"type": "list", "elements": ACCOUNT_ID_TYPE},
            "emails": {"type": "list", "elements": "str"},
            "names": {"type": "list", "elements": TEXT_TYPE},
            "states": {"type": "list", "elements": "str", "choices": list(model.STATES)},
            "include_tags": {"type": "bool", "default": False},
            "include_parents": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    run_info(module, lambda: {"accounts": find(module)})


if __name__ == "__main__":
    main()
