#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: deliveries_info
short_description: Look up who received the mail of an account
version_added: 0.1.0
description:
  - Looks up the copies that the mail forwarder has sent, of one mail or of all mail to an address, each with what
    became of it.
  - The record holds envelopes, ids, times and outcomes. It holds neither bodies nor subjects.
  - The forwarder keeps it for C(mail_forwarder_record_days) days, which its role sets. DynamoDB deletes an item within
    a few days after that.
author:
  - "The account_factory.email authors (@account-factory)"
extends_documentation_fragment:
  - account_factory.email._attributes
  - account_factory.email._attributes.info
  - amazon.aws.common.modules
  - amazon.aws.region.modules
options:
  stack_name:
    description: Name of the forwarder's stack.
    type: str
    default: mail-forwarder
  message_id:
    description:
      - SES's id of the mail as it was received. A notification about the mail and the forwarder's log name it.
      - Copies that were sent before the table of deliveries had the index C(by-message) are found by O(address) only.
      - Exactly one of O(message_id) and O(address) is required.
    type: str
  address:
    description:
      - The address that the mail was for, in any case; one that is not or no longer in the map, too.
      - Mail to a C(+tag) of a vended address is recorded under the address without it. An address that is given with a
        tag finds what is recorded under either.
    type: str
  start_date:
    description:
      - Only copies that the forwarder began to send at this moment or later, a date or a date and time of ISO 8601.
      - A date is its first moment. A time without a time zone is UTC.
      - Mutually exclusive with O(message_id).
    type: str
  end_date:
    description:
      - Only copies that the forwarder began to send before this moment, written as O(start_date).
      - Mutually exclusive with O(message_id).
    type: str
notes:
  - Mail that was dropped, since its address is nobody's and C(mail_forwarder_catch_all) is V(false), was sent to nobody
    and is not in the record.
  - Needs the permissions C(dynamodb:Query) on the indexes of the table C(<stack_name>-deliveries), and
    C(dynamodb:BatchGetItem) on the table.
seealso:
  - module: account_factory.email.vended_address_info
"""

EXAMPLES = r"""
- name: Find out who received the root mail of an account in March
  account_factory.email.deliveries_info:
    address: payments-001@accounts.example.com
    start_date: "2026-03-01"
    end_date: "2026-04-01"
  register: march

- name: Show who it was
  ansible.builtin.debug:
    msg: "{{ march.deliveries | selectattr('became', 'eq', 'delivered') | map(attribute='sent_to') | unique }}"

- name: Find out what became of one mail
  account_factory.email.deliveries_info:
    message_id: 0102019a7b3c5d1e-3f2b6c1a-77aa-4b1c-9f00-aabbccddeeff-000000
"""

RETURN = r"""
deliveries:
  description:
    - The copies of mail that were sent or begun, one for each mailbox, the newest first. Empty where there is none.
    - What strangers wrote, such as the sender, is without control characters and cut at 500 characters.
  returned: success
  type: list
  elements: dict
  contains:
    message_id:
      description: SES's id of the mail as it was received.
      returned: always
      type: str
      sample: 0102019a7b3c5d1e-3f2b6c1a-77aa-4b1c-9f00-aabbccddeeff-000000
    address:
      description:
        - The address that the mail was for, without a C(+tag) where it is in the map without one.
        - V(null) where the recipient has no address.
      returned: always
      type: str
      sample: payments-001@accounts.example.com
    recipient:
      description: The recipient as it stood in the envelope, or V(null) where that was not recorded.
      returned: always
      type: str
      sample: Payments-001+billing@accounts.example.com
    mailbox:
      description: The mailbox that the copy is for.
      returned: always
      type: str
      sample: jane.doe@example.org
    standing:
      description:
        - What the address was to the forwarder, which decided where its mail went. V(null) where that was not recorded.
        - V(owner), its mail goes to the owners; V(suspended), V(retired), V(reserved), V(own-address) or V(unknown), it
          goes to the admin; V(probe), it is the probe's (see M(account_factory.email.mail_forwarder_probe)), whose mail
          goes to no person.
      returned: always
      type: str
      sample: owner
    sender:
      description: The envelope sender. V(null) for the null sender of bounces, or where it was not recorded.
      returned: always
      type: str
      sample: no-reply@signin.aws.example.com
    received_at:
      description: When SES received the mail, UTC in ISO 8601, or V(null) where SES did not say.
      returned: always
      type: str
      sample: "2026-03-11T09:14:06Z"
    claimed_at:
      description:
        - When the forwarder last began to send the copy, UTC in ISO 8601.
        - O(start_date) and O(end_date) go by it.
      returned: always
      type: str
      sample: "2026-03-11T09:14:07Z"
    status:
      description: V(sent) once SES has taken the copy, V(claimed) for one that is in progress or was never finished.
      returned: always
      type: str
      sample: sent
    form:
      description:
        - In which form the copy was sent, or V(null) where it was not.
        - V(sent), the mail; V(sent-attached), the mail as an attachment; V(sent-to-fallback), the same in the place of
          another mailbox; V(sent-to-admin), the same to the admin, since SES did not send to the mailbox.
        - V(quarantined), a notification that the mail is held; V(kept), a notification of where the mail is kept.
      returned: always
      type: str
      sample: sent
    sent_at:
      description: When SES took the copy, UTC in ISO 8601, or V(null).
      returned: always
      type: str
      sample: "2026-03-11T09:14:08Z"
    sent_to:
      description:
        - The mailbox that SES was given, or V(null) where the copy was not sent.
        - It is RV(deliveries[].mailbox), or the admin's where RV(deliveries[].form=sent-to-admin).
      returned: always
      type: str
      sample: jane.doe@example.org
    sent_message_id:
      description: SES's id of the copy as it was sent, or V(null).
      returned: always
      type: str
      sample: 0102019a7b3c6f20-01234567-89ab-cdef-0123-456789abcdef-000000
    instead_of:
      description: The mailbox in whose place the copy was sent, since that could not be reached, or V(null).
      returned: always
      type: str
      sample: joe@example.org
    became:
      description:
        - What SES told of the copy last, or V(null) where it told nothing yet.
        - V(delivered), V(delayed), V(bounced), V(transient) (SES gave up), V(complained), V(suppressed) (the mailbox is
          on the suppression list) or V(rejected) (SES found a virus).
      returned: always
      type: str
      sample: delivered
    became_at:
      description: When that happened, UTC in ISO 8601, or V(null).
      returned: always
      type: str
      sample: "2026-03-11T09:14:10Z"
    diagnostic:
      description: What the mail server, or SES, said of it, or V(null) where nothing was said or recorded.
      returned: always
      type: str
      sample: smtp; 550 5.1.1 user unknown
    released:
      description: Whether the copy was sent because a person released the mail from the quarantine.
      returned: always
      type: bool
      sample: false
    released_by:
      description: Who released the mail, as the caller of the forwarder said, or V(null) where that was not recorded.
      returned: always
      type: str
      sample: arn:aws:iam::123456789012:user/jane
    released_at:
      description: When the mail was released, UTC in ISO 8601, or V(null) where that was not recorded.
      returned: always
      type: str
      sample: "2026-03-11T10:02:31Z"
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.account_factory.email.plugins.module_utils._clients import new_client
from ansible_collections.account_factory.email.plugins.module_utils._deliveries.api import find_deliveries
from ansible_collections.account_factory.email.plugins.module_utils._deliveries.model import check_query
from ansible_collections.account_factory.email.plugins.module_utils._module import run_info
from ansible_collections.account_factory.email.plugins.module_utils._stack import STACK_SPEC, delivery_table

_ASKED = ("message_id", "address", "start_date", "end_date")


def find(module: AnsibleAWSModule) -> dict[str, Any]:
    """Return the deliveries that are asked for."""
    query = check_query(*(module.params[name] for name in _ASKED))
    table = delivery_table(module.params["stack_name"])
    found = find_deliveries(new_client(module.client, "dynamodb"), table, query)
    return {"deliveries": [one.to_dict() for one in found]}


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={**STACK_SPEC, **{name: {"type": "str"} for name in _ASKED}},
        mutually_exclusive=[("message_id", name) for name in _ASKED[1:]],
        required_one_of=[("message_id", "address")],
        supports_check_mode=True,
    )
    run_info(module, lambda: find(module))


if __name__ == "__main__":
    main()
