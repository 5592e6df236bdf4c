#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: account_root_credentials_info
short_description: Show which AWS accounts have root user credentials, and which recoveries are open
version_added: 0.1.0
description:
  - Shows whether the root users of member accounts have a password, access keys, signing certificates or MFA devices.
  - Shows the recoveries that M(account_factory.email.account_root_credentials) opened and nobody has closed yet.
  - Works from the organization's management account, or from a delegated administrator for IAM, by C(sts:AssumeRoot)
    with the task policy C(IAMAuditRootUserCredentials), which allows nothing that writes.
author:
  - The account_factory.email authors (@account-factory)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - account_factory.email._attributes
  - account_factory.email._attributes.info
  - account_factory.email._map
  - account_factory.email._progress
  - account_factory.email._sides.forwarder
  - account_factory.email._sides.organization
options:
  account_ids:
    description:
      - Ids of the accounts, each 12 digits in quotes.
      - If omitted, all active member accounts of the organization.
    type: list
    elements: str
  only:
    description:
      - Which accounts are shown.
      - V(present), those whose root users have any credential; V(open), those of which a recovery is noted in the map;
        V(overdue), those of which it should have been closed by now.
      - With V(open) and V(overdue) no other account is looked at.
    type: str
    choices: [all, present, open, overdue]
    default: all
notes:
  - Needs C(sts:AssumeRoot) on C(arn:aws:iam::*:root) with the task policy C(IAMAuditRootUserCredentials),
    C(organizations:ListAccounts) unless O(account_ids) says which, and C(dynamodb:GetItem) on the table.
  - Root access has to be centralized in the organization (C(aws iam enable-organizations-root-credentials-management)).
  - Needs botocore 1.35.61 or later.
seealso:
  - module: account_factory.email.account_root_credentials
"""

EXAMPLES = r"""
- name: Find the accounts whose root users can sign in
  account_factory.email.account_root_credentials_info:
    table: mail-forwarder-map
    only: present
  register: root

- name: Show them
  ansible.builtin.debug:
    msg: "{{ root.root_credentials | map(attribute='account_id') }}"
"""

RETURN = r"""
root_credentials:
  description:
    - The accounts, by their ids.
    - Each as M(account_factory.email.account_root_credentials) returns one.
  returned: always
  type: list
  elements: dict
  sample:
    - account_id: "123456789012"
      is_present: false
      password_created_at:
      access_keys: []
      mfa_devices: []
      signing_certificates: []
      recovery:
accounts:
  description: How many accounts were looked at.
  returned: always
  type: int
  sample: 120
overdue:
  description: Ids of the accounts of which a recovery should have been closed by now.
  returned: always
  type: list
  elements: str
  sample: []
failures:
  description:
    - The accounts that could not be looked at, each with the reason. The task fails if there is one, with the same
      result.
  returned: always
  type: list
  elements: dict
  contains:
    account_id:
      description: Id of the account.
      returned: always
      type: str
      sample: "123456789012"
    msg:
      description: Why, and what to do.
      returned: always
      type: str
      sample: Failed to take a session of the root user of account 123456789012.
"""

from datetime import datetime, timezone
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.account_factory.email.plugins.module_utils._map.tables import TABLE_SPEC, module_table
from ansible_collections.account_factory.email.plugins.module_utils._module import ProgressFile, run_info, summary
from ansible_collections.account_factory.email.plugins.module_utils._organizations import api as organizations_api
from ansible_collections.account_factory.email.plugins.module_utils._organizations.options import connected
from ansible_collections.account_factory.email.plugins.module_utils._root_access.auditing import (
    ALL,
    ONLY,
    PRESENT,
    accounts_to_audit,
    asked_ids,
    audit,
)
from ansible_collections.account_factory.email.plugins.module_utils._root_access.notes import open_recoveries
from ansible_collections.account_factory.email.plugins.module_utils._root_access.options import sessions
from ansible_collections.account_factory.email.plugins.module_utils._sides import ORGANIZATION, side_spec
from ansible_collections.account_factory.email.plugins.module_utils._text import ACCOUNT_ID_TYPE


def find(module: AnsibleAWSModule) -> dict[str, Any]:
    """Return what is asked for."""
    asked, only = asked_ids(module.params["account_ids"]), module.params["only"]
    table, now = module_table(module), datetime.now(timezone.utc)
    recoveries = open_recoveries(table)
    with connected(module) as connection:
        ids = accounts_to_audit(asked, only, recoveries, now, lambda: organizations_api.list_accounts(connection))
    audited = audit(sessions(module), ids, ProgressFile(module.params["progress_file"])) if ids else []
    noted = {account_id: one.to_dict() for account_id, one in recoveries.items()}
    found = [{**one.found, "recovery": noted.get(one.account_id)} for one in audited if one.found]
    return {
        "root_credentials": [one for one in found if only != PRESENT or one["is_present"]],
        "accounts": len(audited),
        "overdue": [account_id for account_id, one in recoveries.items() if one.is_overdue(now)],
        "failures": [{"account_id": one.account_id, "msg": one.error} for one in audited if one.error],
    }


def failure_of(found: Any) -> str | None:
    """Return what the task fails with, if an account could not be looked at."""
    texts = [one["msg"] for one in found["failures"]]
    return summary(texts, found["accounts"], "accounts could not be looked at") if texts else None


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={
            **TABLE_SPEC,
            **side_spec(ORGANIZATION),
            "account_ids": {"type": "list", "elements": ACCOUNT_ID_TYPE},
            "only": {"type": "str", "choices": list(ONLY), "default": ALL},
            "progress_file": {"type": "path"},
        },
        supports_check_mode=True,
    )
    run_info(module, lambda: find(module), failure_of)


if __name__ == "__main__":
    main()
