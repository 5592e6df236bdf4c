#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: account_alternate_contact
short_description: Set the alternate contacts of an AWS account
version_added: 0.1.0
description:
  - Sets whom AWS writes to and calls about an account beside its root user, or deletes that - its billing, operations
    and security contact. One of them, or several at once.
  - The option O(account_factory.email.vended_account#module:alternate_contacts) of
    M(account_factory.email.vended_account) does that with addresses whose mail the map decides about, so that a contact
    who changes is an edit of the map and no call to any account.
author:
  - "The account_factory.email authors (@account-factory)"
extends_documentation_fragment:
  - account_factory.email._attributes
  - account_factory.email._sides.organization
  - amazon.aws.common.modules
  - amazon.aws.region.modules
options:
  account_id:
    description:
      - Id of the account, 12 digits in quotes. It has to be a member account of the organization, or the account of the
        credentials.
      - The default is the account that the credentials are of. The management account has its own contacts set so.
    type: str
  state:
    description: V(absent) deletes the contacts that are named.
    type: str
    choices: [present, absent]
    default: present
  contact_type:
    description: Which contact. Mutually exclusive with O(contacts).
    type: str
    choices: [billing, operations, security]
  name:
    description: The contact's name, up to 64 characters. Required with O(contact_type) where O(state=present).
    type: str
  title:
    description: The contact's title, up to 50 characters. Required with O(contact_type) where O(state=present).
    type: str
  email:
    description:
      - The contact's email address, up to 254 characters. Required with O(contact_type) where O(state=present).
      - What stands before the C(@) may have ASCII letters, digits and C(+=.#|!&-_). Case does not count.
    type: str
  phone_number:
    description:
      - The contact's phone number, up to 25 digits, spaces and C(+-\(\)). Required with O(contact_type) where
        O(state=present).
    type: str
  contacts:
    description:
      - Several contacts, each as O(name), O(title), O(email) and O(phone_number) say one.
      - A contact that is not named is not touched. Where O(state=absent), those that are named are deleted, whatever is
        said of them.
    type: dict
    suboptions:
      billing:
        description: The billing contact.
        type: dict
        suboptions: &contact
          name:
            description: As O(name).
            type: str
          title:
            description: As O(title).
            type: str
          email:
            description: As O(email).
            type: str
          phone_number:
            description: As O(phone_number).
            type: str
      operations:
        description: The operations contact.
        type: dict
        suboptions: *contact
      security:
        description: The security contact.
        type: dict
        suboptions: *contact
notes:
  - Needs credentials of the organization's management account, or of a delegated administrator for AWS Account
    Management, with C(account:GetAlternateContact), C(account:PutAlternateContact) and
    C(account:DeleteAlternateContact); for the account's own contacts, credentials of it with these.
  - For a member account the organization needs all features, and trusted access for AWS Account Management.
  - Where AWS limits the rate of requests, the module waits.
seealso:
  - module: account_factory.email.account_alternate_contact_info
  - module: account_factory.email.vended_account
  - name: Update the alternate contacts for your AWS account
    description: AWS Account Management Reference Guide
    link: https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-update-contact-alternate.html
"""

EXAMPLES = r"""
- name: Set the security contact of an account
  account_factory.email.account_alternate_contact:
    account_id: "123456789012"
    contact_type: security
    name: Security operations
    title: Security contact
    email: analytics-001+security@accounts.example.com
    phone_number: +49 30 1234567

- name: Set two contacts of the management account, with credentials of its own
  account_factory.email.account_alternate_contact:
    contacts:
      billing:
        name: Finance
        title: Billing contact
        email: finance@example.com
        phone_number: +49 30 1234568
      security:
        name: Security operations
        title: Security contact
        email: soc@example.com
        phone_number: +49 30 1234567

- name: Delete the operations contact of an account
  account_factory.email.account_alternate_contact:
    account_id: "123456789012"
    contact_type: operations
    state: absent
"""

RETURN = r"""
account_alternate_contact:
  description: The contacts that the task names, or in check mode what they would be.
  returned: success
  type: dict
  contains:
    account_id:
      description: The O(account_id), V(null) where it was not given.
      returned: success
      type: str
      sample: "123456789012"
    contacts:
      description: By its kind each contact that was asked for, V(null) for one that the account does not have.
      returned: success
      type: dict
      sample:
        security:
          name: Security operations
          title: Security contact
          email: analytics-001+security@accounts.example.com
          phone_number: +49 30 1234567
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.account_factory.email.plugins.module_utils._alternate_contacts import api
from ansible_collections.account_factory.email.plugins.module_utils._alternate_contacts.model import plan, shown
from ansible_collections.account_factory.email.plugins.module_utils._alternate_contacts.options import (
    CONTACTS_RULES,
    CONTACTS_SPEC,
    account_named,
    wanted_contacts,
)
from ansible_collections.account_factory.email.plugins.module_utils._module import Outcome, run_module
from ansible_collections.account_factory.email.plugins.module_utils._organizations.options import account_client_of
from ansible_collections.account_factory.email.plugins.module_utils._sides import ORGANIZATION, side_spec
from ansible_collections.account_factory.email.plugins.module_utils._text import ACCOUNT_ID_TYPE


def work(module: AnsibleAWSModule) -> Outcome:
    wanted = wanted_contacts(module.params)
    account_id, client = account_named(module), account_client_of(module)
    planned = plan(api.get_contacts(client, account_id, wanted), wanted)
    if not module.check_mode:
        api.apply(client, account_id, planned)
    about = {"account_id": module.params["account_id"]}
    return Outcome(
        before={**about, "contacts": shown(planned.before)}, after={**about, "contacts": shown(planned.after)}
    )


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={**side_spec(ORGANIZATION), "account_id": {"type": ACCOUNT_ID_TYPE}, **CONTACTS_SPEC},
        supports_check_mode=True,
        **CONTACTS_RULES,
    )
    run_module(module, "account_alternate_contact", lambda: work(module))


if __name__ == "__main__":
    main()
