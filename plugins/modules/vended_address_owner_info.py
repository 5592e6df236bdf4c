#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: vended_address_owner_info
short_description: List who gets the mail of which accounts
version_added: 0.1.0
description:
  - Lists every owner, fallback owner and contact with each of their addresses and accounts, since when they have it,
    when mail for it was last sent to them, and whether their mailbox takes mail, as a review of access asks for it.
  - A retired address is nobody's and is left out, and so is the address of the forwarder's probe.
  - Changes nothing.
author:
  - The account_factory.email authors (@account-factory)
extends_documentation_fragment:
  - account_factory.email._attributes
  - account_factory.email._attributes.info
  - account_factory.email._map
  - account_factory.email._sides.forwarder
  - amazon.aws.common.modules
  - amazon.aws.region.modules
options:
  owner:
    description:
      - The email address of one owner, fallback owner or contact, in any case.
      - The default is all of them.
    type: str
  last_mail:
    description:
      - Whether to look up when mail was last sent to each, in the forwarder's record of deliveries.
      - It keeps a delivery for C(mail_forwarder_record_days) days, which the role C(mail_forwarder) sets.
    type: bool
    default: true
  stack_name:
    description: Name of the forwarder's stack, whose record of deliveries is looked at.
    type: str
    default: mail-forwarder
notes:
  - Reads the whole map, and with O(last_mail) the keys of all deliveries of the record; of one O(owner) who has up to
    100 addresses, only theirs. DynamoDB charges for all that is read.
  - Needs C(dynamodb:Scan) on the table, and for O(last_mail) C(dynamodb:Scan) and C(dynamodb:Query) on the index
    C(by-address) of the table C(<stack_name>-deliveries).
seealso:
  - module: account_factory.email.vended_address_info
  - module: account_factory.email.vended_address_owner
  - module: account_factory.email.deliveries_info
"""

EXAMPLES = r"""
- name: List who gets the mail of which accounts
  account_factory.email.vended_address_owner_info:
    table: mail-forwarder-map
  register: reviewed

- name: Show who was never sent any
  ansible.builtin.debug:
    msg: "{{ reviewed.ownerships | rejectattr('last_mail_at') | map(attribute='owner') | unique }}"

- name: List what somebody has who is about to leave
  account_factory.email.vended_address_owner_info:
    table: mail-forwarder-map
    owner: jane.doe@example.com
    last_mail: false
"""

RETURN = r"""
ownerships:
  description: One for each owner of each address, by owner and then by address.
  returned: success
  type: list
  elements: dict
  contains:
    owner:
      description: The email address that gets the mail.
      returned: always
      type: str
      sample: jane.doe@example.com
    standing:
      description:
        - V(owner), or V(fallback_owner) for one who gets mail that cannot be delivered to any owner.
        - V(group_member) for one who gets it as a member of a group of IAM Identity Center that owns the address.
        - V(billing_contact), V(operations_contact) or V(security_contact) for one who gets the mail for that alternate
          contact of the account.
      returned: always
      type: str
      sample: owner
    address:
      description: The vended address.
      returned: always
      type: str
      sample: analytics-001@accounts.example.com
    account_id:
      description: The id of the account, or V(null).
      returned: always
      type: str
      sample: "123456789012"
    account_name:
      description: The name of the account.
      returned: always
      type: str
      sample: analytics-001
    status:
      description: V(vended), or V(active) once the account's id is known.
      returned: always
      type: str
      sample: active
    forwarding:
      description: Whether the mail of the address is forwarded for the time being.
      returned: always
      type: bool
      sample: true
    since:
      description:
        - Since when the mailbox has been an owner, fallback owner or contact of the address, in UTC.
        - V(null) where that is not known, since the record was changed before the map kept it.
      returned: always
      type: str
      sample: "2026-11-21T09:30:00Z"
    last_mail_at:
      description:
        - When the forwarder last began to send mail for the address to this mailbox, in UTC.
        - V(null) where the record of deliveries has none, or with O(last_mail=false).
      returned: always
      type: str
      sample: "2026-11-24T08:01:12Z"
    failing_reason:
      description:
        - Why the mailbox takes no mail at present, as C(owners_failing) of
          M(account_factory.email.vended_address_info) has it.
        - V(null) where it does, as far as is known.
      returned: always
      type: str
      sample: bounced
    failing_since:
      description: When that was found out, in UTC, or V(null).
      returned: always
      type: str
      sample: "2026-11-24T08:01:14Z"
    failing_diagnostic:
      description: What its mail server said, on one line, or V(null).
      returned: always
      type: str
      sample: "smtp; 550 5.1.1 user unknown"
    group:
      description: The name of the group that the mailbox gets the mail by, or V(null).
      returned: always
      type: str
      sample: null
counts:
  description: How many owners and addresses were found, and how many of the owners take no mail at present.
  returned: success
  type: dict
  sample: {owners: 12, addresses: 340, failing_owners: 1}
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.account_factory.email.plugins.module_utils._clients import new_client
from ansible_collections.account_factory.email.plugins.module_utils._deliveries.api import find_last_mails
from ansible_collections.account_factory.email.plugins.module_utils._failing_mailbox import FailingMailbox
from ansible_collections.account_factory.email.plugins.module_utils._map import api
from ansible_collections.account_factory.email.plugins.module_utils._map.fields import checked_mailbox
from ansible_collections.account_factory.email.plugins.module_utils._map.ownership import LastMails, ownerships_of
from ansible_collections.account_factory.email.plugins.module_utils._map.tables import TABLE_SPEC, module_table
from ansible_collections.account_factory.email.plugins.module_utils._module import run_info
from ansible_collections.account_factory.email.plugins.module_utils._owner_group import OwnerGroup, members_of
from ansible_collections.account_factory.email.plugins.module_utils._probe_mail import is_probe_record
from ansible_collections.account_factory.email.plugins.module_utils._record import RETIRED, AddressRecord
from ansible_collections.account_factory.email.plugins.module_utils._sides import FORWARDER, client_maker
from ansible_collections.account_factory.email.plugins.module_utils._stack import STACK_SPEC, delivery_table

# Of more addresses the whole index is read, which takes fewer requests.
_LOOKED_UP_MAX = 100


def last_mails(module: AnsibleAWSModule, records: Sequence[AddressRecord]) -> LastMails:
    """Return when mail was last sent, for these addresses at least."""
    if not module.params["last_mail"]:
        return {}
    is_few = module.params["owner"] is not None and len(records) <= _LOOKED_UP_MAX
    few = [record.address for record in records] if is_few else None
    dynamodb = new_client(client_maker(module, FORWARDER), "dynamodb")
    return find_last_mails(dynamodb, delivery_table(module.params["stack_name"]), few)


def _is_owned(record: AddressRecord) -> bool:
    return record.status != RETIRED and not is_probe_record(record)


def _mailboxes(record: AddressRecord, groups: Mapping[str, OwnerGroup]) -> set[str]:
    """Return all that get mail of an address, in lower case."""
    return {one.lower() for one in (*record.mailboxes, *members_of(record.owner_groups, groups))}


def work(module: AnsibleAWSModule) -> dict[str, Any]:
    given = module.params["owner"]
    wanted = checked_mailbox("owner", given).lower() if given is not None else None
    everything, now = list(api.records_and_beside(module_table(module), {})), datetime.now(timezone.utc)
    groups = {one.group_id: one for one in everything if isinstance(one, OwnerGroup)}
    marks = [one for one in everything if isinstance(one, FailingMailbox) and one.is_failing(now)]
    owned = (one for one in everything if isinstance(one, AddressRecord) and _is_owned(one))
    records = [one for one in owned if wanted is None or wanted in _mailboxes(one, groups)]
    failing = {mark.mailbox.lower(): mark for mark in marks}
    found = ownerships_of(records, failing, last_mails(module, records), groups)
    found = [one for one in found if wanted in (None, one.owner.lower())]
    owners = {one.owner.lower(): one.failing_reason for one in found}
    counts = {
        "owners": len(owners),
        "addresses": len({one.address for one in found}),
        "failing_owners": sum(reason is not None for reason in owners.values()),
    }
    return {"ownerships": [one.to_dict() for one in found], "counts": counts}


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={
            **TABLE_SPEC,
            **STACK_SPEC,
            "owner": {"type": "str"},
            "last_mail": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    run_info(module, lambda: work(module))


if __name__ == "__main__":
    main()
