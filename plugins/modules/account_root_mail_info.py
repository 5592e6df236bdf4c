#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: account_root_mail_info
short_description: Wait for mail of AWS's to the root user of an account, and say to whom it was forwarded
version_added: 0.1.0
description:
  - Shows the mail of AWS's to a vended address that the forwarder sent on, and to whom, or waits for the first.
  - That a mail is AWS's is read from its header as Amazon SES stored it, which found it to be from a domain of AWS's
    (DMARC). What is in the mail, its subject and its links among that, is in no result and in no log.
author:
  - The account_factory.email authors (@account-factory)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - account_factory.email._attributes
  - account_factory.email._attributes.info
  - account_factory.email._progress
  - account_factory.email._sides.forwarder
options:
  stack_name:
    description: Name of the forwarder's stack.
    type: str
    default: mail-forwarder
  address:
    description: The vended address, in any case.
    type: str
    required: true
  start_date:
    description:
      - Only mail that was sent on from then on, a date or time in ISO 8601, in UTC where it does not say.
    type: str
    required: true
  wait_until:
    description:
      - Until when to wait for a mail, a date or time in ISO 8601, in UTC where it does not say, a day from now at most.
      - If omitted, it is looked once.
    type: str
  account_id:
    description:
      - Id of the account, 12 digits in quotes, of which a recovery is open. The wait then ends, too, when somebody
        closes it.
    type: str
notes:
  - Needs C(cloudformation:DescribeStacks) on the stack, C(dynamodb:Query) on the index C(by-address) of the table of
    deliveries and C(dynamodb:BatchGetItem) on it, and C(s3:GetObject) on C(mail/*) in the bucket. With O(account_id)
    also C(dynamodb:GetItem) on the table of the map.
seealso:
  - module: account_factory.email.account_root_credentials
  - module: account_factory.email.deliveries_info
"""

EXAMPLES = r"""
- name: Wait for the mail with which the password is reset
  account_factory.email.account_root_mail_info:
    address: analytics-001@accounts.example.com
    start_date: "2026-11-26T09:30:00Z"
    wait_until: "2026-11-26T10:30:00Z"
  register: mail
"""

RETURN = r"""
root_mails:
  description: The mails, the oldest first. Empty where there is none.
  returned: always
  type: list
  elements: dict
  contains:
    message_id:
      description: SES's id of the mail as it was received.
      returned: always
      type: str
      sample: 0102019a7b3c5d1e-3f2b6c1a-77aa-4b1c-9f00-aabbccddeeff-000000
    received_at:
      description: When SES received it, UTC in ISO 8601, or V(null) where SES did not say.
      returned: always
      type: str
      sample: "2026-11-26T09:34:06Z"
    deliveries:
      description:
        - Its copies, by mailbox. For what each says see
          RV(account_factory.email.deliveries_info#module:deliveries).
      returned: always
      type: list
      elements: dict
      sample:
        - mailbox: jane.doe@example.org
          sent_to: jane.doe@example.org
          sent_at: "2026-11-26T09:34:08Z"
          form: sent
          became: delivered
          became_at: "2026-11-26T09:34:10Z"
          diagnostic:
"""

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.account_factory.email.plugins.module_utils._clients import new_client
from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._map.fields import checked_address
from ansible_collections.account_factory.email.plugins.module_utils._map.tables import named_table
from ansible_collections.account_factory.email.plugins.module_utils._module import ProgressFile, run_info
from ansible_collections.account_factory.email.plugins.module_utils._moments import check_moment
from ansible_collections.account_factory.email.plugins.module_utils._root_access.mail import RootMail
from ansible_collections.account_factory.email.plugins.module_utils._root_access.notes import open_recoveries
from ansible_collections.account_factory.email.plugins.module_utils._sides import FORWARDER, client_maker, side_spec
from ansible_collections.account_factory.email.plugins.module_utils._stack import STACK_SPEC, ForwarderStack, read_stack
from ansible_collections.account_factory.email.plugins.module_utils._text import ACCOUNT_ID_TYPE, checked_account_id

LONGEST = timedelta(days=1)


def find(module: AnsibleAWSModule) -> dict[str, Any]:
    """Return the mails, once there is one or the time is over."""
    address, now = checked_address(module.params["address"]), datetime.now(timezone.utc)
    since = check_moment("start_date", module.params["start_date"]) or now
    until = check_moment("wait_until", module.params["wait_until"]) or now
    if until - now > LONGEST:
        raise InputError("wait_until: is more than a day from now; give a moment before that")
    make = client_maker(module, FORWARDER)
    stack = read_stack(new_client(make, "cloudformation"), module.params["stack_name"])
    mail = RootMail(stack, new_client(make, "dynamodb"), new_client(make, "s3"), address, since)
    seconds, progress = max(0.0, (until - now).total_seconds()), ProgressFile(module.params["progress_file"])
    return {"root_mails": mail.wait(seconds, progress, is_awaited(stack, make, module.params["account_id"]))}


def is_awaited(stack: ForwarderStack, make: Callable[..., Any], account_id: str | None) -> Callable[[], bool]:
    """Return what tells whether the recovery of the account is open, if one is given."""
    if account_id is None:
        return lambda: True
    wanted, table = checked_account_id("account_id", account_id), named_table(stack.map_table, make)
    return lambda: wanted in open_recoveries(table)


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={
            **STACK_SPEC,
            **side_spec(FORWARDER),
            "address": {"type": "str", "required": True},
            "start_date": {"type": "str", "required": True},
            "wait_until": {"type": "str"},
            "account_id": {"type": ACCOUNT_ID_TYPE},
            "progress_file": {"type": "path"},
        },
        supports_check_mode=True,
    )
    run_info(module, lambda: find(module))


if __name__ == "__main__":
    main()
