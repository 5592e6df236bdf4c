#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: account_alternate_contact_info
short_description: Get the alternate contacts of an AWS account
version_added: 0.1.0
description:
  - Returns whom AWS writes to and calls about an account beside its root user, its billing, operations and security
    contact.
  - Changes nothing.
author:
  - "The account_factory.email authors (@account-factory)"
extends_documentation_fragment:
  - account_factory.email._attributes
  - account_factory.email._attributes.info
  - account_factory.email._sides.organization
  - amazon.aws.common.modules
  - amazon.aws.region.modules
options:
  account_id:
    description:
      - Id of the account, 12 digits in quotes. It has to be a member account of the organization, or the account of the
        credentials.
      - The default is the account that the credentials are of.
    type: str
notes:
  - Needs C(account:GetAlternateContact), as M(account_factory.email.account_alternate_contact) says.
seealso:
  - module: account_factory.email.account_alternate_contact
"""

EXAMPLES = r"""
- name: Get the contacts of an account
  account_factory.email.account_alternate_contact_info:
    account_id: "123456789012"
  register: found

- name: Show its security contact
  ansible.builtin.debug:
    msg: "{{ found.contacts.security.email | default('none') }}"
"""

RETURN = r"""
contacts:
  description: The three contacts by their kinds, V(null) for one that the account does not have.
  returned: success
  type: dict
  sample:
    billing: null
    operations: null
    security:
      name: Security operations
      title: Security contact
      email: analytics-001+security@accounts.example.com
      phone_number: +49 30 1234567
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.account_factory.email.plugins.module_utils._alternate_contacts import api
from ansible_collections.account_factory.email.plugins.module_utils._alternate_contacts.model import shown
from ansible_collections.account_factory.email.plugins.module_utils._alternate_contacts.options import account_named
from ansible_collections.account_factory.email.plugins.module_utils._module import run_info
from ansible_collections.account_factory.email.plugins.module_utils._organizations.options import account_client_of
from ansible_collections.account_factory.email.plugins.module_utils._record import CONTACT_KINDS
from ansible_collections.account_factory.email.plugins.module_utils._sides import ORGANIZATION, side_spec
from ansible_collections.account_factory.email.plugins.module_utils._text import ACCOUNT_ID_TYPE


def work(module: AnsibleAWSModule) -> dict[str, Any]:
    account_id = account_named(module)
    return {"contacts": shown(api.get_contacts(account_client_of(module), account_id, CONTACT_KINDS))}


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={**side_spec(ORGANIZATION), "account_id": {"type": ACCOUNT_ID_TYPE}}, supports_check_mode=True
    )
    run_info(module, lambda: work(module))


if __name__ == "__main__":
    main()
