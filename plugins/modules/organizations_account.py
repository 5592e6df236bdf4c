#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: organizations_account
short_description: Create, move, rename and close AWS accounts in an organization, one for each email address
version_added: 0.1.0
description:
  - Makes sure that the organization has an account with an email address, and creates it if it has not.
  - The email address, whatever its case, is what makes it the same account. Running again, or in several jobs at once,
    never makes a second one.
  - A creation that was cut off is gone on with. It is found by its O(create_account_request_id), or by O(name) among
    the creations in progress.
  - Moves the account to O(parent), if that is given, from wherever it is.
  - Renames the account only with O(rename). Without it, an account with the email but another name is an error.
  - Closes the account with O(state=absent), if its id is confirmed, and with O(close_parent) moves it before. The
    options that say what an account is to be are then not used.
  - Never gives an account another email; M(account_factory.email.account_primary_email) does. A closed account with the
    email is an error.
  - Needs credentials of the organization's management account. Organizations is global, so that any region will do.
author:
  - "The account_factory.email authors (@account-factory)"
extends_documentation_fragment:
  - account_factory.email._attributes
  - account_factory.email._sides.organization
  - amazon.aws.common.modules
  - amazon.aws.region.modules
options:
  state:
    description:
      - V(present) makes sure that there is an account with O(email), as the other options say.
      - V(absent) closes it. Needs O(confirm_close). Nothing is done if the account is closed already, or if the
        organization has none with O(email).
    type: str
    choices: [present, absent]
    default: present
  confirm_close:
    description:
      - Id of the account to close, 12 digits in quotes. An account is closed only if it is the one with O(email)
        and has this id.
      - Required with O(state=absent) if the account is still open. Has no effect with O(state=present).
    type: str
  close_parent:
    description:
      - The root or OU to move the account to before it is closed, by id or by path as in O(parent).
      - The account is moved once all else has been checked, O(confirm_close) too. If AWS then refuses to close it, as
        beyond its quota, it stays there, and the error says so. Running again closes it.
      - An account that is closed already, or being closed, is not moved.
      - For O(state=absent) only. It is an error with O(state=present).
    type: str
  email:
    description:
      - Email address of the account's root user, of 6 to 64 characters, as the AWS Organizations API Reference has it
        for C(CreateAccount). It is checked before anything is done, because an account with an address that is not
        valid can neither be used as root nor be removed.
      - It is created in lower case.
    type: str
    required: true
  name:
    description:
      - Name of the account, 1 to 50 printable ASCII characters.
      - Required if the account must be created.
      - With O(state=absent), if given, it must be the account's name.
    type: str
  rename:
    description:
      - Whether to rename an account that has O(email) but another name than O(name). If V(false), that is an error.
      - AWS takes up to four hours to list the new name everywhere. The module asks AWS Account Management for the name,
        which has the new one, so that running again changes nothing. A task without O(rename), and
        M(account_factory.email.organizations_account_info), see the old name as long as Organizations lists it.
      - AWS accepts V(<) and V(>) in the name of a new account, but renames none to a name with one of them.
      - Needs O(name), and C(botocore) 1.38.0 or newer. Has no effect with O(state=absent).
    type: bool
    default: false
  role_name:
    description:
      - Name of the role in the new account that the management account may assume.
      - Only used when the account is created. By default AWS names it C(OrganizationAccountAccessRole).
    type: str
  iam_user_access_to_billing:
    description:
      - Whether IAM users and roles of the new account may be given access to its billing information.
      - Only used when the account is created. By default AWS allows it.
    type: str
    choices: [ALLOW, DENY]
  tags:
    description:
      - Tags of the account, at most 50.
      - If not given, they are left as they are.
    type: dict
  purge_tags:
    description:
      - Whether tags of the account that are not in O(tags) are removed. Has no effect if O(tags) is not given.
    type: bool
    default: true
  parent:
    description:
      - The root or organizational unit (OU) that the account is to be in, by id (V(r-...) or V(ou-...)) or by path.
      - A path is the names of the OUs from the root down, as V(Workloads/Prod); V(/) is the root. AWS nests OUs five
        levels deep at most. Names are compared exactly, with upper and lower case. An OU that has a V(/) in its name
        can only be given by its id.
      - If not given, an account is left where it is, and a new one comes into the root.
      - An account that is still being made when the task ends (O(wait=false)) is not moved. The next run does it.
    type: str
  create_parents:
    description:
      - Whether to make the OUs of the path O(parent), or with O(state=absent) O(close_parent), that do not exist. If
        V(false), that is an error.
      - An OU that would differ from one beside it in upper and lower case only is not made.
    type: bool
    default: false
  create_account_request_id:
    description:
      - Id (V(car-...)) of the creation to go on with, as this module returned it earlier.
      - A creation that failed, or made the account of another email, is not gone on with. The account is looked for
        by its email, and asked for if there is none.
      - Not needed in most cases. It tells two creations apart that have the same O(name).
    type: str
  wait:
    description:
      - Whether to wait until the account is there, and shows its new name, or with O(state=absent) until it is closed.
      - If V(false), the account is only asked for. Run again with V(true) to wait for it and have its id.
    type: bool
    default: true
  wait_timeout:
    description:
      - How many seconds to wait for the account at most.
      - If it takes longer, the task fails. The creation or closure goes on, and running the task again waits on.
    type: int
    default: 900
notes:
  - Options that are text take text only. Write C(0017), C(1.10) or C(yes) in quotes, because YAML reads them as numbers
    and a boolean. A number without quotes is taken if it is an account id of 12 digits, or if Ansible tells that it was
    written in its usual form, as ansible-core does from 2.19 on.
  - Needs the permissions C(organizations:ListAccounts), C(organizations:ListCreateAccountStatus),
    C(organizations:CreateAccount), C(organizations:DescribeCreateAccountStatus) and C(organizations:DescribeAccount),
    and with O(tags) C(organizations:TagResource), C(organizations:UntagResource) and
    C(organizations:ListTagsForResource).
  - With O(parent) needs C(organizations:ListRoots), C(organizations:ListOrganizationalUnitsForParent),
    C(organizations:ListParents), C(organizations:DescribeOrganizationalUnit) and C(organizations:MoveAccount), too, and
    with O(create_parents) C(organizations:CreateOrganizationalUnit).
  - With O(rename) needs C(account:GetAccountInformation) and C(account:PutAccountName), too. To rename a member
    account, the organization needs all features, and trusted access for AWS Account Management. The management account
    is renamed with credentials of its own only.
  - With O(state=absent) needs only C(organizations:ListAccounts), C(organizations:CloseAccount) and
    C(organizations:DescribeAccount), and with O(close_parent) the permissions for O(parent).
  - A closed account is V(SUSPENDED) for 90 days, in which AWS Support can open it again, and then gone. It counts in
    the organization's quota of accounts until then, and its email address can never be used for another account. Mail
    still comes to the address.
  - AWS closes three accounts of an organization at a time, and within 30 days 20 percent of its member accounts, but at
    least 250 and at most 1000.
  - AWS allows about one creation in ten seconds, and five at a time. The module waits for its turn for some minutes,
    as it does where AWS limits the rate of requests, or where another request changes the same thing. It then says so
    in one warning.
  - AWS tells the email of a creation only at its end. Until then a creation in progress with the same O(name) is taken
    to be the one of this account. That is checked at its end, by the task that waits for it or by the next one that is
    given its id, and if it was another's, the account is created.
  - Only the task that asks for the account is C(changed). One that goes on with a creation, or finds that another job
    was quicker, is not. So keep the RV(create_account_request_id) of a task that did not wait only if it is C(changed).
seealso:
  - module: account_factory.email.organizations_account_info
  - module: account_factory.email.account_primary_email
  - module: account_factory.email.vended_address
"""

EXAMPLES = r"""
- name: Create an account with an address that was vended for it
  account_factory.email.organizations_account:
    email: "{{ vended.vended_address.address }}"
    name: "{{ vended.vended_address.account_name }}"
    tags:
      owner: payments
  register: created

- name: Show its id
  ansible.builtin.debug:
    msg: "{{ created.account.id }}"

- name: Create an account in an OU, which is made if need be
  account_factory.email.organizations_account:
    email: payments-001@accounts.example.com
    name: payments-001
    parent: Workloads/Prod
    create_parents: true

- name: Move an account to the OU that has an id
  account_factory.email.organizations_account:
    email: payments-001@accounts.example.com
    parent: ou-ab12-34567890

- name: Rename an account
  account_factory.email.organizations_account:
    email: payments-001@accounts.example.com
    name: billing-001
    rename: true

- name: Close an account
  account_factory.email.organizations_account:
    email: payments-001@accounts.example.com
    state: absent
    confirm_close: "123456789012"

- name: Move an account to an OU for closed ones and close it there
  account_factory.email.organizations_account:
    email: payments-001@accounts.example.com
    state: absent
    confirm_close: "123456789012"
    close_parent: Closed
    create_parents: true

- name: Ask for an account, and do something else meanwhile
  account_factory.email.organizations_account:
    email: payments-001@accounts.example.com
    name: payments-001
    wait: false
  register: asked

- name: Wait for it
  account_factory.email.organizations_account:
    email: payments-001@accounts.example.com
    name: payments-001
    create_account_request_id: "{{ asked.create_account_request_id }}"

- name: Find the account that has an address (fails if there is none)
  account_factory.email.organizations_account:
    email: payments-001@accounts.example.com
"""

RETURN = r"""
account:
  description:
    - The account.
    - In check mode, for one that would be created, and with O(wait=false), what AWS has still to assign is V(null).
    - V(null) with O(state=absent) if the organization has no account with O(email).
  returned: success
  type: dict
  contains:
    id:
      description: Id of the account.
      returned: success
      type: str
      sample: "123456789012"
    arn:
      description: ARN of the account.
      returned: success
      type: str
      sample: arn:aws:organizations::111122223333:account/o-exampleorg/123456789012
    email:
      description: Email address of its root user.
      returned: success
      type: str
      sample: payments-001@accounts.example.com
    name:
      description:
        - Name of the account.
        - With O(rename) the one that it has now, even if Organizations still lists another.
      returned: success
      type: str
      sample: payments-001
    state:
      description:
        - State of the account, as V(ACTIVE) or V(PENDING_ACTIVATION).
        - With O(state=absent) V(SUSPENDED), or V(PENDING_CLOSURE) with O(wait=false).
      returned: success
      type: str
      sample: ACTIVE
    joined_method:
      description: How it came into the organization, V(CREATED) or V(INVITED).
      returned: success
      type: str
      sample: CREATED
    joined_timestamp:
      description: When it came into the organization, UTC in ISO 8601.
      returned: success
      type: str
      sample: "2026-11-21T09:30:00Z"
    tags:
      description: Its tags.
      returned: when O(tags) is given
      type: dict
      sample: {"owner": "payments"}
    parent_id:
      description:
        - Id of the root or OU that it is in.
        - V(null) in check mode for an OU that would be made, and with O(wait=false) for an account that is being made.
      returned: when O(parent) is given, or with O(state=absent) O(close_parent)
      type: str
      sample: ou-ab12-34567890
    path:
      description:
        - Path of the OU that it is in, V(/) for the root.
        - V(null) with O(wait=false) for an account that is being made.
      returned: when O(parent) is given, or with O(state=absent) O(close_parent)
      type: str
      sample: Workloads/Prod
created_parents:
  description: Paths of the OUs that were made, from the top down. In check mode, of those that would be.
  returned: with O(state=present) when O(parent) is given, with O(state=absent) when O(close_parent) is given
  type: list
  elements: str
  sample: [Workloads, Workloads/Prod]
create_account_request_id:
  description:
    - Id of the creation that made the account or is making it.
    - With O(wait=false), and if the task is not C(changed), it may be another account's with the same O(name).
    - For an account that was there already, O(create_account_request_id) as given, or V(null).
  returned: with O(state=present)
  type: str
  sample: car-0123456789abcdef0123456789abcdef
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._module import Outcome, run_module
from ansible_collections.account_factory.email.plugins.module_utils._organizations import model
from ansible_collections.account_factory.email.plugins.module_utils._organizations.closing import ensure_closed
from ansible_collections.account_factory.email.plugins.module_utils._organizations.options import (
    account_client_of,
    connected,
)
from ansible_collections.account_factory.email.plugins.module_utils._organizations.presence import How, ensure_present
from ansible_collections.account_factory.email.plugins.module_utils._sides import ORGANIZATION, side_spec
from ansible_collections.account_factory.email.plugins.module_utils._text import ACCOUNT_ID_TYPE, TEXT_TYPE

# The first that knows PutAccountName and GetAccountInformation (its changelog).
RENAMING_BOTOCORE = "1.38.0"


def work(module: AnsibleAWSModule) -> Outcome:
    if module.params["wait_timeout"] < 1:
        raise InputError("wait_timeout: must be at least 1 second; give wait=false not to wait")
    timeout = module.params["wait_timeout"] if module.params["wait"] else None
    return close(module, timeout) if module.params["state"] == "absent" else ensure(module, timeout)


def ensure(module: AnsibleAWSModule, timeout: int | None) -> Outcome:
    """Make the account be there as the task asks for it."""
    wanted = model.wanted_account(module.params)
    if wanted.rename:
        module.require_botocore_at_least(RENAMING_BOTOCORE, reason="to rename an account")
    account_client = account_client_of(module) if wanted.rename else None
    with connected(module) as connection:
        present = ensure_present(connection, wanted, How(timeout, module.check_mode, account_client))
    extra: dict[str, Any] = {"create_account_request_id": present.request_id}
    if wanted.parent:
        extra["created_parents"] = present.made_units
    return Outcome(before=present.before, after=present.after, extra=extra)


def close(module: AnsibleAWSModule, timeout: int | None) -> Outcome:
    """Make the account be closed. The result has ``account`` as null, not empty, where there is none."""
    wanted = model.closing_account(module.params)
    with connected(module) as connection:
        absent = ensure_closed(connection, wanted, timeout, module.check_mode)
    extra: dict[str, Any] = {"account": None} if absent.after is None else {}
    if wanted.parent:
        extra["created_parents"] = absent.made_units
    return Outcome(before=absent.before, after=absent.after, extra=extra)


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={
            **side_spec(ORGANIZATION),
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "email": {"type": "str", "required": True},
            "confirm_close": {"type": ACCOUNT_ID_TYPE},
            "name": {"type": TEXT_TYPE},
            "rename": {"type": "bool", "default": False},
            "role_name": {"type": TEXT_TYPE},
            "iam_user_access_to_billing": {"type": "str", "choices": ["ALLOW", "DENY"]},
            "tags": {"type": "dict"},
            "purge_tags": {"type": "bool", "default": True},
            "create_account_request_id": {"type": TEXT_TYPE},
            "parent": {"type": TEXT_TYPE},
            "close_parent": {"type": TEXT_TYPE},
            "create_parents": {"type": "bool", "default": False},
            "wait": {"type": "bool", "default": True},
            "wait_timeout": {"type": "int", "default": 900},
        },
        supports_check_mode=True,
    )
    run_module(module, "account", lambda: work(module))


if __name__ == "__main__":
    main()
