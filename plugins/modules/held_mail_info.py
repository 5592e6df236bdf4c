#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: held_mail_info
short_description: List the mail that a forwarder holds
version_added: 0.1.0
description:
  - Lists the mail that a mail forwarder has quarantined or could not forward, as one list, newest first.
  - Without any of the options below O(stack_name), lists all of it. Mail that is listed is all that is asked for.
  - Looking at the dead letters changes nothing about them. Others cannot see them for a moment meanwhile; where others
    have some of them, the module waits for these, for ten seconds or so.
  - No mail is opened.
options:
  limit:
    description: How many mails to return at most, the newest ones.
    type: int
  count_only:
    description:
      - Whether only RV(counts) is returned, of all that is held. The dead letters are then counted and not looked at.
      - Mutually exclusive with all options that ask for some of it.
    type: bool
    default: false
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - account_factory.email._attributes
  - account_factory.email._attributes.info
  - account_factory.email._held_mail
  - account_factory.email._sides.forwarder
notes:
  - Ten thousand mails take about half a minute if they are dead letters, of which Amazon SQS hands out ten at a time,
    and a few seconds if they are quarantined.
  - Needs C(cloudformation:DescribeStacks) on the stack, C(s3:ListBucket) on the mail bucket, C(dynamodb:BatchGetItem)
    on the table of deliveries and on the map, and on the four dead-letter queues C(sqs:GetQueueAttributes),
    C(sqs:ReceiveMessage) and C(sqs:ChangeMessageVisibility).
  - Whoever may receive dead letters sees the header fields that Amazon SES puts into its notifications.
seealso:
  - module: account_factory.email.held_mail
author:
  - The account_factory.email authors (@account-factory)
"""

EXAMPLES = r"""
- name: List all mail that is held
  account_factory.email.held_mail_info:

- name: Find the mail of an account that did not arrive today
  account_factory.email.held_mail_info:
    address: analytics-001@accounts.example.com
    newer_than: 1d

- name: Fail if there is failed mail that is about to be lost
  account_factory.email.held_mail_info:
    kinds: [failed]
    older_than: 10d
  register: lost_soon
  failed_when: lost_soon is failed or lost_soon.held_mail | length > 0
"""

RETURN = r"""
held_mail:
  description: The mail, newest first. All texts are printable.
  returned: unless O(count_only)
  type: list
  elements: dict
  contains:
    message_id:
      description: The id that Amazon SES gave the message, or C(sqs:) and that of a dead letter that is about none.
      returned: always
      type: str
      sample: o3vrnil0e2ic28trm7dfhrc2v0clambda4nbp0g1
    kind:
      description: V(quarantined), V(failed) or V(event), see O(kinds).
      returned: always
      type: str
      sample: quarantined
    reason:
      description: Why it is held, see O(reasons). V(null) for mail that an earlier release quarantined.
      returned: always
      type: str
      sample: spam
    addresses:
      description: The vended addresses that it is for; an address of no account is as the envelope has it.
      returned: always
      type: list
      elements: str
      sample: [analytics-001@accounts.example.com]
    owners:
      description:
        - The owners of these addresses, as the map has them today. They get the mail once it is released or replayed,
          unless an address is suspended or retired by then.
      returned: always
      type: list
      elements: str
      sample: [analytics-leads@example.com]
    sender:
      description: The envelope sender. Empty for a bounce; V(null) where it is not known.
      returned: always
      type: str
      sample: bounce@mail.example.net
    size:
      description: The size of the message in bytes, or V(null).
      returned: always
      type: int
      sample: 20480
    received_at:
      description: When Amazon SES received it, in UTC.
      returned: always
      type: str
      sample: "2026-11-21T09:30:00Z"
    expires_at:
      description:
        - When it is gone, in UTC. Quarantined mail is deleted by the bucket. Of failed mail the dead letter or the
          message goes first, and then nobody can forward it any more.
        - V(null) where it is kept.
      returned: always
      type: str
      sample: "2026-12-05T09:30:00Z"
    is_kept:
      description: Whether the bucket still has the message. Failed mail that it has not can only be discarded.
      returned: always
      type: bool
      sample: true
    tries:
      description: How often it was tried to forward failed mail, or V(null).
      returned: always
      type: int
      sample: 48
    error:
      description: Why failed mail could not be forwarded when it was last tried, or V(null).
      returned: always
      type: str
      sample: "SendingPausedException (SendEmail): Sending paused for this account."
counts:
  description: How much mail of each kind there is, of what is asked for, whatever O(limit).
  returned: success
  type: dict
  sample: {"quarantined": 2, "failed": 1, "event": 0}
missing:
  description: How many dead letters others had all the time, so that they are not in the list. There is a warning.
  returned: unless O(count_only)
  type: int
  sample: 0
"""

from datetime import datetime, timezone
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.account_factory.email.plugins.module_utils._clients import new_client
from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._held_mail import model
from ansible_collections.account_factory.email.plugins.module_utils._held_mail.listing import count_held, find_held
from ansible_collections.account_factory.email.plugins.module_utils._held_mail.options import FILTERS, HELD_SPEC
from ansible_collections.account_factory.email.plugins.module_utils._module import run_info
from ansible_collections.account_factory.email.plugins.module_utils._sides import FORWARDER, client_maker
from ansible_collections.account_factory.email.plugins.module_utils._stack import read_stack


def work(module: AnsibleAWSModule) -> dict[str, Any]:
    wanted, limit = model.build_filters(module.params), module.params["limit"]
    if limit is not None and limit < 0:
        raise InputError(f"limit: {limit} is less than 0; give how many mails to return at most")
    make = client_maker(module, FORWARDER)
    stack = read_stack(new_client(make, "cloudformation"), module.params["stack_name"])
    if module.params["count_only"]:
        return {"counts": count_held(make, stack)}
    listing = find_held(make, stack, wanted, datetime.now(timezone.utc))
    if listing.missing:
        module.warn(
            f"{listing.missing} dead letters are not in the list, because others look at them at this moment, or have"
            " just replayed them; run again"
        )
    shown = listing.found if limit is None else listing.found[:limit]
    return {
        "held_mail": [one.to_dict() for one in shown],
        "counts": model.counts(listing.found),
        "missing": listing.missing,
    }


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={
            **HELD_SPEC,
            "limit": {"type": "int"},
            "count_only": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    given = [name for name in ("message_ids", "limit", *FILTERS) if module.params[name] is not None]
    if module.params["count_only"] and given:
        module.fail_json(msg=f"count_only: counts all that is held; omit it, or {', '.join(given)}")
    run_info(module, lambda: work(module))


if __name__ == "__main__":
    main()
