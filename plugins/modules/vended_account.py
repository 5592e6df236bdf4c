#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vended_account
short_description: Create an AWS account with an email address of its own, or give one to an existing account
version_added: 0.1.0
description:
  - Vends an email address, creates the AWS account that has it, moves it to its organizational unit, tags it, and
    records whose account it is. All of it is checked before anything is changed.
  - The same request again changes nothing. Where a run was cut off, the next one resumes it; there is never a second
    address or account.
  - With O(account_id), an account that exists already is adopted. Its root user's email is changed to the address,
    without a person - AWS mails a code there, which the module reads where Amazon SES puts the mail.
  - The code is in no result, diff, error or log of Ansible's.
  - For several accounts use M(account_factory.email.vended_accounts), which makes five at a time.
options:
  wait_timeout:
    description:
      - How many seconds to wait at most for the account, or for the mail with the code.
      - If it takes longer, the task fails. AWS goes on with a creation, and running the task again waits on.
    type: int
    default: 900
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - account_factory.email._attributes
  - account_factory.email._map
  - account_factory.email._sides.forwarder
  - account_factory.email._sides.organization
  - account_factory.email._request
  - account_factory.email._vended_account
  - account_factory.email._vended_account.progress
  - account_factory.email._verification_mail
  - account_factory.email._vended_account.account
seealso:
  - module: account_factory.email.vended_accounts
  - module: account_factory.email.vended_address
  - module: account_factory.email.organizations_account
author:
  - The account_factory.email authors (@account-factory)
"""

EXAMPLES = r"""
- name: Create the account that ticket 4711 asks for
  account_factory.email.vended_account:
    table: mail-forwarder-map
    name_prefix: analytics
    domain: accounts.example.com
    request_id: TICKET-4711
    owners:
      - analytics-leads@example.com
    parent: Workloads/Prod
    tags:
      cost-center: "1234"
    contacts:
      security: [soc@example.com]
    alternate_contacts:
      name: Cloud team
      phone_number: +49 30 1234567
  register: created

- name: Show its id
  ansible.builtin.debug:
    var: created.vended_account.account_id

- name: Give an existing account a vended address as its root user's email
  account_factory.email.vended_account:
    table: mail-forwarder-map
    account_id: "123456789012"
    name_prefix: legacy
    domain: accounts.example.com
    owners:
      - analytics-leads@example.com
    mail_bucket: mail-forwarder-mail-111122223333-eu-west-1
    delivery_table: mail-forwarder-deliveries
"""

RETURN = r"""
vended_account:
  description:
    - The address as the map holds it, or in check mode would hold it, as M(account_factory.email.vended_address)
      returns it, and with it the C(account) in AWS.
    - In check mode, and with O(wait=false), what AWS has still to assign is V(null).
  returned: success
  type: dict
  contains:
    address:
      description: The email address of the account's root user.
      returned: success
      type: str
      sample: analytics-001@accounts.example.com
    account_id:
      description: The id of the account.
      returned: success
      type: str
      sample: "123456789012"
    account_name:
      description: The name that the map has for the account.
      returned: success
      type: str
      sample: analytics-001
    request_id:
      description: The request that the address was vended for.
      returned: success
      type: str
      sample: TICKET-4711
    account:
      description: The account in AWS, as M(account_factory.email.organizations_account) returns it.
      returned: success
      type: dict
      sample:
        id: "123456789012"
        name: analytics-001
        email: analytics-001@accounts.example.com
        state: ACTIVE
        path: Workloads/Prod
    alternate_contacts:
      description:
        - By its kind each alternate contact that the account has, or in check mode would have, V(null) for one that an
          account has not got yet, as M(account_factory.email.account_alternate_contact) returns them.
      returned: with O(alternate_contacts)
      type: dict
      sample:
        security:
          name: Cloud team
          title: Security contact
          email: analytics-001+security@accounts.example.com
          phone_number: +49 30 1234567
created_parents:
  description: Paths of the OUs that were created, from the top down. In check mode, of those that would be.
  returned: success
  type: list
  elements: str
  sample: [Workloads, Workloads/Prod]
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.account_factory.email.plugins.module_utils._map.tables import TABLE_SPEC
from ansible_collections.account_factory.email.plugins.module_utils._module import Outcome, run_module
from ansible_collections.account_factory.email.plugins.module_utils._vended_account.model import build_account_request
from ansible_collections.account_factory.email.plugins.module_utils._vended_account.options import (
    ACCOUNT_RULES,
    ACCOUNT_SPEC,
    TASK_SPEC,
    WAIT_TIMEOUT,
)
from ansible_collections.account_factory.email.plugins.module_utils._vended_account.tasks import run_requests


def work(module: AnsibleAWSModule) -> Outcome:
    timeout = module.params["wait_timeout"] if module.params["wait"] else None
    done = run_requests(module, {0: build_account_request(module.params, timeout)})
    if 0 in done.failures:
        raise done.failures[0]
    came = done.outcomes[0]
    return Outcome(before=came.before, after=came.after, extra={"created_parents": done.made_units})


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={
            **TABLE_SPEC,
            **ACCOUNT_SPEC,
            **TASK_SPEC,
            "wait_timeout": {"type": "int", "default": WAIT_TIMEOUT},
        },
        supports_check_mode=True,
        **ACCOUNT_RULES,
    )
    run_module(module, "vended_account", lambda: work(module))


if __name__ == "__main__":
    main()
