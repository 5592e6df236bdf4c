#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: held_mail
short_description: Release, replay or discard mail that a forwarder holds
version_added: 0.1.0
description:
  - Releases mail from the quarantine, has failed mail forwarded after all, or takes either from the list of what is
    held.
  - Works on the mails that O(message_ids) names, or on all that match the other options, if they are no more than
    O(limit).
  - Every owner gets a mail once, however often it is released or replayed, and whoever else does so at the same time.
  - A mail that cannot be done is reported in RV(failures) and keeps no other from being done.
options:
  state:
    description:
      - V(released) sends quarantined mail to the owners of its addresses, its subject marked with what is wrong with
        it. Mail with a virus is never released.
      - V(replayed) sends the notification of failed mail back to the queue that it comes from, and then deletes it from
        the dead letters. The forwarder tries again at once. Mend the cause first.
      - V(discarded) takes mail from the list. The message stays in the bucket for as long as the bucket keeps mail, and
        quarantined mail can still be released. Failed mail has to be named in O(confirm), too.
    type: str
    choices: [released, replayed, discarded]
    required: true
  limit:
    description:
      - How many mails may match. Where more do, nothing at all is done.
      - Required without O(message_ids).
    type: int
  confirm:
    description: The ids of failed mails that are to be discarded. What nobody has received has to be named twice.
    type: list
    elements: str
    default: []
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - account_factory.email._attributes
  - account_factory.email._progress
  - account_factory.email._held_mail
  - account_factory.email._sides.forwarder
notes:
  - The forwarder's own functions do all of it, so that nobody needs the right to send to the queue, which would be the
    right to have any mail delivered to any address.
  - V(released) needs C(lambda:InvokeFunction) on the function C(STACK-release), V(replayed) on C(STACK-replay), and
    V(discarded) on both. With O(message_ids), V(released) and V(replayed) need nothing else. Without them, and to
    discard, it needs what M(account_factory.email.held_mail_info) needs.
  - Who asked is kept with the mail, as the ARN of the caller.
seealso:
  - module: account_factory.email.held_mail_info
author:
  - The account_factory.email authors (@account-factory)
"""

EXAMPLES = r"""
- name: Release a mail from the quarantine
  account_factory.email.held_mail:
    state: released
    message_ids: [o3vrnil0e2ic28trm7dfhrc2v0clambda4nbp0g1]

- name: Forward everything that failed, which should be about 25 mails
  account_factory.email.held_mail:
    state: replayed
    kinds: [failed]
    limit: 30

- name: Discard old spam
  account_factory.email.held_mail:
    state: discarded
    reasons: [spam]
    older_than: 1w
    limit: 100

- name: Discard a mail that nobody has received
  account_factory.email.held_mail:
    state: discarded
    message_ids: [o3vrnil0e2ic28trm7dfhrc2v0clambda4nbp0g1]
    confirm: [o3vrnil0e2ic28trm7dfhrc2v0clambda4nbp0g1]
"""

RETURN = r"""
held_mail:
  description: What became of each mail, or in check mode would become of it.
  returned: when something was tried
  type: list
  elements: dict
  contains:
    message_id:
      description: The id of the message.
      returned: always
      type: str
      sample: o3vrnil0e2ic28trm7dfhrc2v0clambda4nbp0g1
    kind:
      description:
        - V(quarantined), V(failed) or V(event). Of a dead letter that was named, without being looked up, it is
          V(failed).
        - V(null) for mail that was not held.
      returned: always
      type: str
      sample: quarantined
    state:
      description: What it is now, V(released), V(replayed) or V(discarded), or V(held) where that could not be done.
      returned: always
      type: str
      sample: released
    changed:
      description: Whether it became that by this task.
      returned: always
      type: bool
      sample: true
    deliveries:
      description: How many copies of a released mail came to what, as the role's README lists it.
      returned: always
      type: dict
      sample: {"sent": 2}
failures:
  description: The mails that could not be done, and why. The task fails where there is one.
  returned: when something was tried
  type: list
  elements: dict
  contains:
    message_id:
      description: The id of the message.
      returned: always
      type: str
      sample: o3vrnil0e2ic28trm7dfhrc2v0clambda4nbp0g1
    msg:
      description: Why it could not be done.
      returned: always
      type: str
      sample: there is no dead letter about it
"""

from datetime import datetime, timezone

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.account_factory.email.plugins.module_utils._clients import new_client
from ansible_collections.account_factory.email.plugins.module_utils._held_mail import deciding, model
from ansible_collections.account_factory.email.plugins.module_utils._held_mail.deciding import Decided, Request, Target
from ansible_collections.account_factory.email.plugins.module_utils._held_mail.functions import Functions
from ansible_collections.account_factory.email.plugins.module_utils._held_mail.listing import find_discarded, find_held
from ansible_collections.account_factory.email.plugins.module_utils._held_mail.options import FILTERS, HELD_SPEC
from ansible_collections.account_factory.email.plugins.module_utils._held_mail.results import outcome
from ansible_collections.account_factory.email.plugins.module_utils._map.tables import make_stamp
from ansible_collections.account_factory.email.plugins.module_utils._module import Outcome, ProgressFile, run_module
from ansible_collections.account_factory.email.plugins.module_utils._sides import FORWARDER, client_maker
from ansible_collections.account_factory.email.plugins.module_utils._stack import delivery_table, read_stack


def work(module: AnsibleAWSModule) -> Outcome:
    params = module.params
    confirm = frozenset(model.check_ids("confirm", params["confirm"]) or ())
    request = Request(params["state"], model.build_filters(params), params["limit"], confirm)
    deciding.check_request(request)
    targets, settled = look_up(module, request) if request.needs_listing else (deciding.named(request), [])
    by = make_stamp(module).by
    make = client_maker(module, FORWARDER)
    functions = Functions.of_stack(make, params["stack_name"], by, check_mode=module.check_mode)
    progress = ProgressFile(params["progress_file"])
    return outcome(request.state, [*deciding.decide(request, targets, functions, progress), *settled])


def look_up(module: AnsibleAWSModule, request: Request) -> tuple[list[Target], list[Decided]]:
    """Return the mails that are meant, and what is settled without anything being done."""
    make, name = client_maker(module, FORWARDER), module.params["stack_name"]
    stack = read_stack(new_client(make, "cloudformation"), name)
    listing = find_held(make, stack, request.wanted, datetime.now(timezone.utc))
    targets, why_not = deciding.chosen(request, listing.found)
    for message_id, why in why_not.items():
        module.warn(f"{message_id} is left alone: it {why}")
    absent = {*(request.filters.message_ids or ())} - {one.message_id for one in listing.found}
    discarded = find_discarded(make, delivery_table(name), absent) if absent else set()
    return targets, [deciding.absent(each, each in discarded, listing.missing) for each in sorted(absent)]


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={
            **HELD_SPEC,
            "state": {"type": "str", "choices": list(deciding.STATES), "required": True},
            "limit": {"type": "int"},
            "confirm": {"type": "list", "elements": "str", "default": []},
            "progress_file": {"type": "path"},
        },
        mutually_exclusive=[("message_ids", name) for name in (*FILTERS, "limit") if name != "kinds"],
        required_one_of=[("message_ids", "limit")],
        supports_check_mode=True,
    )
    run_module(module, "held_mail", lambda: work(module))


if __name__ == "__main__":
    main()
