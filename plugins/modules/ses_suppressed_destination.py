#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: ses_suppressed_destination
short_description: Add addresses to the Amazon SES suppression list, or remove them
version_added: 0.1.0
description:
  - Adds email addresses to the account-level suppression list of Amazon SES, or removes them from it.
  - SES accepts mail to an address on the list and does not send it. It adds an address by itself when mail to it
    bounces for good or is reported as unwanted, and keeps it there. Remove the address of a mailbox that works again.
  - An account has a list in each region.
author:
  - "The account_factory.email authors (@account-factory)"
extends_documentation_fragment:
  - account_factory.email._attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
options:
  email_address:
    description:
      - The email address, a plain C(user@host).
      - Exactly one of O(email_address) and O(email_addresses) is required.
    type: str
  email_addresses:
    description: Several email addresses, each as O(email_address).
    type: list
    elements: str
  state:
    description:
      - With V(present), the address is on the list for the reason O(reason).
      - With V(absent), it is not on the list.
    type: str
    choices: [present, absent]
    default: present
  reason:
    description:
      - Why the address is on the list. SES sends nothing to it where the account, or the configuration set of a mail,
        suppresses for that reason.
      - Required with O(state=present). Ignored with O(state=absent).
    type: str
    choices: [BOUNCE, COMPLAINT]
notes:
  - SES keeps the case of a local part and finds an entry by exactly that, but suppresses mail whatever the case. Where
    an address is not on the list as it was given, but in another case, that entry is what is meant, and a warning says
    how SES has it. To find it, the module reads the whole list, once a task.
  - SES allows about one call a second of each kind. The module waits, so that a hundred addresses take some minutes.
  - SES adds nothing to the list while the account is in the sandbox. Removing works there, too.
  - Needs the permissions C(ses:GetSuppressedDestination) and C(ses:ListSuppressedDestinations), and to change something
    C(ses:PutSuppressedDestination) or C(ses:DeleteSuppressedDestination).
seealso:
  - module: account_factory.email.ses_suppressed_destination_info
"""

EXAMPLES = r"""
- name: Send to a mailbox again that works again
  account_factory.email.ses_suppressed_destination:
    email_address: jane.doe@example.com
    state: absent

- name: Send nothing to addresses of people who left
  account_factory.email.ses_suppressed_destination:
    email_addresses:
      - joe.bloggs@example.com
      - richard.roe@example.com
    reason: BOUNCE
"""

RETURN = r"""
suppressed_destinations:
  description:
    - The entries of the addresses as they are, or in check mode would be, after the task.
    - Empty with O(state=absent).
  returned: success
  type: list
  elements: dict
  contains:
    email_address:
      description: The email address as SES keeps it.
      returned: always
      type: str
      sample: jane.doe@example.com
    reason:
      description: Why it is on the list, V(BOUNCE) or V(COMPLAINT).
      returned: always
      type: str
      sample: BOUNCE
    last_update_time:
      description: When the entry was last changed, UTC in ISO 8601. V(null) in check mode for one that would change.
      returned: always
      type: str
      sample: "2026-11-21T09:30:00Z"
    message_id:
      description: SES's id of the mail that bounced or was complained about. V(null) where SES has none.
      returned: always
      type: str
      sample: 0100018f2e3d4c5b-01234567-89ab-cdef-0123-456789abcdef-000000
    feedback_id:
      description: The id of the bounce or complaint, as the event of SES has it. V(null) where SES has none.
      returned: always
      type: str
      sample: 0100018f2e3d4d10-fedcba98-7654-3210-fedc-ba9876543210-000000
added:
  description: The addresses that were added to the list.
  returned: success
  type: list
  elements: str
  sample: [joe.bloggs@example.com]
updated:
  description: The addresses whose reason was changed.
  returned: success
  type: list
  elements: str
  sample: []
removed:
  description: The addresses that were removed, as SES had them.
  returned: success
  type: list
  elements: str
  sample: []
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.account_factory.email.plugins.module_utils._clients import new_client
from ansible_collections.account_factory.email.plugins.module_utils._module import Outcome, run_module
from ansible_collections.account_factory.email.plugins.module_utils._suppression import api, model


def work(module: AnsibleAWSModule) -> Outcome:
    addresses = asked_for(module.params)
    client = new_client(module.client, "sesv2")
    found = api.find_entries(client, addresses)
    for address, spelled in model.other_case(found).items():
        module.warn(
            f"{address} is on the suppression list as {spelled}, which is what the task works on: SES takes no notice"
            " of case when it sends"
        )
    if module.params["state"] == "absent":
        plan = model.plan_absent(found)
    else:
        plan = model.plan_present(found, module.params["reason"])
    return outcome(plan if module.check_mode else apply(client, plan))


def asked_for(params: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the addresses of the one option that is given."""
    if params["email_address"] is not None:
        return model.check_addresses("email_address", [params["email_address"]])
    return model.check_addresses("email_addresses", params["email_addresses"])


def apply(client: Any, plan: model.Plan) -> model.Plan:
    """Do what is planned; return the plan with what SES made of it."""
    for address in plan.removed:
        api.delete_entry(client, address)
    made = {}
    for address, entry in plan.after.items():
        # In turn, because SES counts the calls of each operation for itself.
        api.put_entry(client, address, entry.reason)
        made[address] = api.read_again(client, entry)
    return replace(plan, after=made, entries=tuple(made.get(each.email_address, each) for each in plan.entries))


def outcome(plan: model.Plan) -> Outcome:
    return Outcome(
        before={address: entry.to_dict() for address, entry in plan.before.items()},
        after={address: entry.to_dict() for address, entry in plan.after.items()},
        extra={
            "suppressed_destinations": [entry.to_dict() for entry in plan.entries],
            "added": plan.added,
            "updated": plan.updated,
            "removed": plan.removed,
        },
    )


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={
            "email_address": {"type": "str"},
            "email_addresses": {"type": "list", "elements": "str"},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "reason": {"type": "str", "choices": list(model.REASONS)},
        },
        mutually_exclusive=[("email_address", "email_addresses")],
        required_one_of=[("email_address", "email_addresses")],
        required_if=[("state", "present", ["reason"])],
        supports_check_mode=True,
    )
    run_module(module, "suppressed_destinations", lambda: work(module))


if __name__ == "__main__":
    main()
