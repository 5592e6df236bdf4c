#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: ses_suppressed_destination_info
short_description: List the Amazon SES suppression list
version_added: 0.1.0
description:
  - Lists the account-level suppression list of Amazon SES, which accepts mail to the addresses on it and does not send
    it.
  - Looks up O(email_addresses), or lists all addresses; of these only those that are on the list for one of O(reasons)
    or were last changed between O(start_date) and O(end_date), where they are given.
  - An account has a list in each region.
author:
  - "The account_factory.email authors (@account-factory)"
extends_documentation_fragment:
  - account_factory.email._attributes
  - account_factory.email._attributes.info
  - amazon.aws.common.modules
  - amazon.aws.region.modules
options:
  email_addresses:
    description:
      - The email addresses to look up, each a plain C(user@host). One that is not on the list is not in the result.
      - An address that is on the list in another case is found, too. To find it, the whole list is read.
      - Mutually exclusive with the options below.
    type: list
    elements: str
  reasons:
    description: Why an address is on the list. By default whatever the reason.
    type: list
    elements: str
    choices: [BOUNCE, COMPLAINT]
  start_date:
    description:
      - List entries that were last changed after this moment, a date or a date and time of ISO 8601.
      - A date is its first moment. A time without a time zone is UTC.
    type: str
  end_date:
    description: List entries that were last changed before this moment, written as O(start_date).
    type: str
notes:
  - SES allows about one call a second of each kind. The module waits, so that a hundred O(email_addresses) take some
    minutes.
  - Needs the permission C(ses:ListSuppressedDestinations), and with O(email_addresses) C(ses:GetSuppressedDestination).
seealso:
  - module: account_factory.email.ses_suppressed_destination
"""

EXAMPLES = r"""
- name: Find out whether SES sends to somebody
  account_factory.email.ses_suppressed_destination_info:
    email_addresses:
      - jane.doe@example.com
  register: suppressed

- name: Say so
  ansible.builtin.debug:
    msg: "{{ 'SES sends her nothing.' if suppressed.suppressed_destinations else 'SES sends to her.' }}"

- name: List all that bounced this month
  account_factory.email.ses_suppressed_destination_info:
    reasons:
      - BOUNCE
    start_date: "2026-11-01"
"""

RETURN = r"""
suppressed_destinations:
  description: The entries, sorted by address. Empty where there is none.
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
      description: When the entry was last changed, UTC in ISO 8601.
      returned: always
      type: str
      sample: "2026-11-21T09:30:00Z"
    message_id:
      description:
        - SES's id of the mail that bounced or was complained about. V(null) where SES has none.
        - SES tells it of one address at a time only.
      returned: with O(email_addresses)
      type: str
      sample: 0100018f2e3d4c5b-01234567-89ab-cdef-0123-456789abcdef-000000
    feedback_id:
      description: The id of the bounce or complaint, as the event of SES has it. V(null) where SES has none.
      returned: with O(email_addresses)
      type: str
      sample: 0100018f2e3d4d10-fedcba98-7654-3210-fedc-ba9876543210-000000
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.account_factory.email.plugins.module_utils._clients import new_client
from ansible_collections.account_factory.email.plugins.module_utils._module import run_info
from ansible_collections.account_factory.email.plugins.module_utils._moments import check_moment
from ansible_collections.account_factory.email.plugins.module_utils._suppression import api, model


def find(new: Callable[[], Any], params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the entries that are asked for, sorted by address; ``new`` makes the client."""
    if params["email_addresses"] is not None:
        addresses = model.check_addresses("email_addresses", params["email_addresses"])
        found = {
            entry.email_address: entry.to_dict()
            for entries in api.find_entries(new(), addresses).values()
            for entry in entries
        }
    else:
        filters = model.Filters(
            tuple(params["reasons"] or ()),
            check_moment("start_date", params["start_date"]),
            check_moment("end_date", params["end_date"]),
        )
        found = {entry.email_address: entry.summary() for entry in api.list_entries(new(), filters)}
    return {"suppressed_destinations": [found[address] for address in sorted(found)]}


def main() -> None:
    filters = ("reasons", "start_date", "end_date")
    module = AnsibleAWSModule(
        argument_spec={
            "email_addresses": {"type": "list", "elements": "str"},
            "reasons": {"type": "list", "elements": "str", "choices": list(model.REASONS)},
            "start_date": {"type": "str"},
            "end_date": {"type": "str"},
        },
        mutually_exclusive=[("email_addresses", name) for name in filters],
        supports_check_mode=True,
    )
    run_info(module, lambda: find(lambda: new_client(module.client, "sesv2"), module.params))


if __name__ == "__main__":
    main()
