#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: account_root_credentials
short_description: Allow the root user of an AWS account to recover its password, or delete its credentials
version_added: 0.1.0
description:
  - Allows whoever reads the root mail of a member account to set a password for its root user, for a while. AWS calls
    that password recovery; accounts that AWS Organizations created have no root user credentials otherwise.
  - Deletes all credentials of the root user, which ends that. Password, access keys, signing certificates and MFA
    devices go, whoever made them.
  - Works from the organization's management account, or from a delegated administrator for IAM, by C(sts:AssumeRoot).
    Nothing signs in to the account.
  - What is open is noted in the map before AWS is asked, until nothing is left of it, so that what is cut off is known.
    The modules M(account_factory.email.account_root_credentials_info) and
    M(account_factory.email.account_email_drift_info) show it.
author:
  - The account_factory.email authors (@account-factory)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - account_factory.email._attributes
  - account_factory.email._map
  - account_factory.email._progress
  - account_factory.email._sides.forwarder
  - account_factory.email._sides.organization
options:
  account_id:
    description: Id of the member account, 12 digits in quotes.
    type: str
    required: true
  confirm_account_id:
    description:
      - The same id once more, as a person who confirms it writes it.
    type: str
    required: true
  state:
    description:
      - With V(recoverable), whoever reads the mail to the root user can set its password. Fails where the map shows
        that nobody would get that mail.
      - A password that is there can be reset already. It is left as it is, and its account is not noted as open.
      - With V(absent), the root user has no credentials.
    type: str
    choices: [recoverable, absent]
    required: true
  recoverable_for:
    description:
      - For how long, with O(state=recoverable), from 10 minutes to a day. Write it as V(30m), V(12h) or V(1d).
      - Nothing of AWS's ends it then. What is open for longer is overdue; O(state=absent) ends it.
    type: str
    default: 1h
  reason:
    description:
      - Why, with O(state=recoverable), such as the number of a ticket, in 200 characters at most. Kept in the map while
        the recovery is open. Required then.
    type: str
  wait:
    description:
      - With O(state=absent), whether to wait until the time of the recovery is over.
      - Where another run closes it meanwhile, this one ends with nothing changed.
    type: bool
    default: false
notes:
  - Needs C(sts:AssumeRoot) on C(arn:aws:iam::*:root) with the task policies C(IAMAuditRootUserCredentials) and, for
    O(state=recoverable), C(IAMCreateRootUserPassword), for O(state=absent) C(IAMDeleteRootUserCredentials). AWS does
    not take that call from a root user.
  - Needs C(dynamodb:GetItem), C(dynamodb:BatchGetItem) and C(dynamodb:UpdateItem) on the table, and
    C(sts:GetCallerIdentity), which every caller has.
  - Root access has to be centralized in the organization (C(aws iam enable-organizations-root-credentials-management)).
  - Needs botocore 1.35.61 or later.
  - Not verified on AWS is that C(iam:CreateLoginProfile) without a user name is what the console calls "Allow password
    recovery". The task policy that AWS has for it allows nothing else that writes.
seealso:
  - module: account_factory.email.account_root_credentials_info
  - module: account_factory.email.account_root_mail_info
"""

EXAMPLES = r"""
- name: Let the owners of an account reset its root password within two hours
  account_factory.email.account_root_credentials:
    account_id: "123456789012"
    confirm_account_id: "123456789012"
    state: recoverable
    recoverable_for: 2h
    reason: TICKET-4711, close the account's support case
    table: mail-forwarder-map

- name: End that
  account_factory.email.account_root_credentials:
    account_id: "123456789012"
    confirm_account_id: "123456789012"
    state: absent
    table: mail-forwarder-map
"""

RETURN = r"""
root_credentials:
  description: The credentials of the root user as they are, or in check mode would be.
  returned: success
  type: dict
  contains:
    account_id:
      description: Id of the account.
      returned: success
      type: str
      sample: "123456789012"
    is_present:
      description: Whether the root user has any credential.
      returned: success
      type: bool
      sample: true
    password_created_at:
      description:
        - Since when the root user has a password, or may set one by its mailbox, UTC in ISO 8601.
        - V(null) where it has none, so that AWS mails no link to reset it.
      returned: success
      type: str
      sample: "2026-11-26T09:30:00Z"
    access_keys:
      description: The access keys.
      returned: success
      type: list
      elements: dict
      sample: []
    mfa_devices:
      description: The MFA devices.
      returned: success
      type: list
      elements: dict
      sample: []
    signing_certificates:
      description: The signing certificates.
      returned: success
      type: list
      elements: dict
      sample: []
    recovery:
      description: The recovery that is open, as the map has it, or V(null).
      returned: success
      type: dict
      contains:
        address:
          description: The vended address, which AWS mails to.
          returned: success
          type: str
          sample: analytics-001@accounts.example.com
        opened_at:
          description: When it was opened, UTC in ISO 8601.
          returned: success
          type: str
          sample: "2026-11-26T09:30:00Z"
        opened_by:
          description: ARN of who opened it.
          returned: success
          type: str
          sample: arn:aws:sts::123456789012:assumed-role/account-factory/awx
        closes_at:
          description: When it is to be closed, UTC in ISO 8601.
          returned: success
          type: str
          sample: "2026-11-26T10:30:00Z"
        reason:
          description: Why it was opened.
          returned: success
          type: str
          sample: TICKET-4711
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.account_factory.email.plugins.module_utils._map.tables import (
    TABLE_SPEC,
    make_stamp,
    module_table,
)
from ansible_collections.account_factory.email.plugins.module_utils._module import Outcome, ProgressFile, run_module
from ansible_collections.account_factory.email.plugins.module_utils._root_access.changing import (
    Access,
    allow_recovery,
    close,
)
from ansible_collections.account_factory.email.plugins.module_utils._root_access.model import (
    ABSENT,
    RECOVERABLE,
    wanted_state,
)
from ansible_collections.account_factory.email.plugins.module_utils._root_access.options import sessions
from ansible_collections.account_factory.email.plugins.module_utils._sides import ORGANIZATION, side_spec
from ansible_collections.account_factory.email.plugins.module_utils._text import ACCOUNT_ID_TYPE


def work(module: AnsibleAWSModule) -> Outcome:
    wanted = wanted_state(module.params)
    progress = ProgressFile(module.params["progress_file"])
    access = Access(sessions(module), module_table(module), lambda: make_stamp(module), progress)
    change = allow_recovery if wanted.state == RECOVERABLE else close
    before, after = change(access, wanted, module.check_mode)
    return Outcome(before=before.to_dict(), after=after.to_dict())


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={
            **TABLE_SPEC,
            **side_spec(ORGANIZATION),
            "account_id": {"type": ACCOUNT_ID_TYPE, "required": True},
            "confirm_account_id": {"type": ACCOUNT_ID_TYPE, "required": True},
            "state": {"type": "str", "choices": [RECOVERABLE, ABSENT], "required": True},
            "recoverable_for": {"type": "str", "default": "1h"},
            "reason": {"type": "str"},
            "wait": {"type": "bool", "default": False},
            "progress_file": {"type": "path"},
        },
        required_if=[("state", RECOVERABLE, ("reason",))],
        supports_check_mode=True,
    )
    run_module(module, "root_credentials", lambda: work(module))


if __name__ == "__main__":
    main()
