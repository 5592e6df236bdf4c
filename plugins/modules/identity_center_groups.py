#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: identity_center_groups
short_description: Keep groups of owners in step with IAM Identity Center
version_added: 0.1.0
description:
  - Reads the members of groups of IAM Identity Center and writes their mailboxes into the map. The forwarder delivers
    the mail of an address to its owners and to the members of the groups that it names (C(owner_groups) of
    M(account_factory.email.vended_address)), each once.
  - A group is one item of the map, so that a change of its members is one write, however many addresses name it.
  - A change that looks like an accident is not taken over. The last members then go on getting the mail, and the task
    fails once all other groups are done. A group is refused that has nobody left who gets mail, that lost more than
    O(max_loss_percent) of its members at once, that does not exist any more, or that has more than 50 members.
  - A member gets no mail who has no email in Identity Center, is disabled there, or whose email lies in a domain that
    addresses are vended in, which would create a mail loop. RV(identity_center_groups[].skipped) names them.
author:
  - The account_factory.email authors (@account-factory)
extends_documentation_fragment:
  - account_factory.email._attributes
  - account_factory.email._map
  - account_factory.email._sides.forwarder
  - account_factory.email._sides.identity_center
  - amazon.aws.common.modules
  - amazon.aws.region.modules
options:
  groups:
    description:
      - The ids of groups to take into the map, beside those that are in it or that an address names.
      - An address can name a group once the map has it.
    type: list
    elements: str
    default: []
  max_loss_percent:
    description:
      - How many percent of its members a group may lose at once. A group that loses more is not taken over.
      - Who is replaced by somebody else is lost, too.
    type: int
    default: 50
  accept:
    description:
      - The ids of groups whose loss of members is meant, however many they are. The members of a group that does not
        exist any more get no more mail then.
    type: list
    elements: str
    default: []
  purge:
    description: Whether groups are removed from the map that no address names and that are not in O(groups).
    type: bool
    default: false
  identity_store_id:
    description:
      - The id of the identity store that the groups are in.
      - The default is that of the only instance of IAM Identity Center in the Region.
    type: str
  identity_center_region:
    description: The Region that IAM Identity Center is enabled in. The default is that of the forwarder.
    type: str
notes:
  - Identity Center allows 20 requests a second, all callers together. The module keeps to that. It makes one call for
    each group, and for groups and users one for each, or one for each hundred that there are, whichever is less. With
    5,000 users and 500 groups that is about 560 calls, and half a minute.
  - Of a group with more than 100 members only the first page is read.
  - What Identity Center has as C(UserStatus) of users from before it had one could not be verified. A user without it
    is taken as enabled.
  - Needs C(dynamodb:Scan), C(dynamodb:BatchGetItem), C(dynamodb:PutItem) and, for O(purge), C(dynamodb:DeleteItem) on
    the table, and C(sso:ListInstances) unless O(identity_store_id) is given, C(identitystore:ListGroupMemberships),
    C(identitystore:ListGroups), C(identitystore:ListUsers), C(identitystore:DescribeGroup) and
    C(identitystore:DescribeUser).
seealso:
  - module: account_factory.email.vended_address
"""

EXAMPLES = r"""
- name: Take a group into the map, for addresses to name it
  account_factory.email.identity_center_groups:
    table: mail-forwarder-map
    groups: [90671a2b3c-0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0]

- name: Keep all groups of the map in step, with IAM Identity Center in another account and Region
  account_factory.email.identity_center_groups:
    table: mail-forwarder-map
    identity_center_region: us-east-1
    identity_center_role_arn: arn:aws:iam::123456789012:role/read-identity-center
  register: synced

- name: Show who would join and who would leave
  ansible.builtin.debug:
    var: synced.addresses
"""

RETURN = r"""
identity_center_groups:
  description: The groups as the map holds them, or in check mode would hold them, and what was new, by their names.
  returned: success or not all groups taken over
  type: list
  elements: dict
  contains:
    group_id:
      description: The id of the group.
      returned: always
      type: str
      sample: 90671a2b3c-0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0
    name:
      description: Its name in Identity Center, or V(null).
      returned: always
      type: str
      sample: Analytics leads
    mailboxes:
      description: Who gets the mail of addresses that name it.
      returned: always
      type: list
      elements: str
      sample: [jane@example.com, joe@example.com]
    joined:
      description:
        - Who is a member in Identity Center and was none in the map.
        - If RV(identity_center_groups[].refused) says why, they were not added to the map.
      returned: always
      type: list
      elements: str
      sample: [joe@example.com]
    left:
      description:
        - Who was a member in the map and is none in Identity Center.
        - If RV(identity_center_groups[].refused) says why, they go on getting mail.
      returned: always
      type: list
      elements: str
      sample: []
    refused:
      description: Why the members were not taken over, or V(null).
      returned: always
      type: str
      choices: [emptied, shrunk, deleted, too-large]
      sample: null
    refused_at:
      description: Since when, in UTC, or V(null).
      returned: always
      type: str
      sample: null
    skipped:
      description:
        - Members who get no mail, and why. V(no-email), V(disabled), V(in-vended-domain), V(not-an-address) or
          V(unknown-user).
      returned: always
      type: list
      elements: dict
      sample: [{user: eve, reason: disabled}]
addresses:
  description: Who begins and who ceases to get the mail of which address, by the address.
  returned: success or not all groups taken over
  type: list
  elements: dict
  sample:
    - address: analytics-001@accounts.example.com
      joins: [joe@example.com]
      leaves: []
purged:
  description: The ids of groups that were removed from the map.
  returned: success or not all groups taken over
  type: list
  elements: str
  sample: []
failures:
  description: The groups that were not taken over, each with what to say of it and a command that helps.
  returned: success or not all groups taken over
  type: list
  elements: dict
  sample: []
"""

from datetime import datetime, timezone
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.account_factory.email.plugins.module_utils._clients import new_client
from ansible_collections.account_factory.email.plugins.module_utils._identity_center.api import (
    SECONDS_A_CALL,
    Directory,
)
from ansible_collections.account_factory.email.plugins.module_utils._identity_center.options import (
    SYNC_SPEC,
    build_asked,
    checked_store_id,
)
from ansible_collections.account_factory.email.plugins.module_utils._identity_center.plan import plan_addresses
from ansible_collections.account_factory.email.plugins.module_utils._identity_center.reading import find_store
from ansible_collections.account_factory.email.plugins.module_utils._identity_center.results import (
    described,
    failures_of,
)
from ansible_collections.account_factory.email.plugins.module_utils._identity_center.syncing import Synced, sync
from ansible_collections.account_factory.email.plugins.module_utils._map.tables import TABLE_SPEC, module_table
from ansible_collections.account_factory.email.plugins.module_utils._module import Outcome, run_module, summary
from ansible_collections.account_factory.email.plugins.module_utils._pacing import pace
from ansible_collections.account_factory.email.plugins.module_utils._sides import client_maker, side_spec

IDENTITY_CENTER = "identity_center"


def directory_of(module: AnsibleAWSModule) -> Directory:
    """Return the identity store that the options name, or the only one that there is."""
    store_id = checked_store_id(module.params["identity_store_id"])
    make = client_maker(module, IDENTITY_CENTER)
    region = (module.params["identity_center_region"] or "").strip()
    options: dict[str, Any] = {"region": region} if region else {}
    if store_id is None:
        store_id = find_store(new_client(make, "sso-admin", **options))
    client = pace(new_client(make, "identitystore", **options), SECONDS_A_CALL, lambda _operation: "all")
    return Directory(client, store_id)


def work(module: AnsibleAWSModule) -> Outcome:
    asked = build_asked(module.params, check_mode=module.check_mode)
    table = module_table(module)
    synced = sync(table, directory_of(module), asked, lambda: datetime.now(timezone.utc))
    return outcome_of(synced)


def outcome_of(synced: Synced) -> Outcome:
    plans = sorted(synced.plans.values(), key=lambda plan: (plan.name.lower(), plan.group_id))
    failures = failures_of(plans)
    purged = [synced.map.groups[group_id] for group_id in synced.purged]
    result: dict[str, Any] = {
        "identity_center_groups": [plan.to_dict() for plan in plans],
        "addresses": plan_addresses(synced.map.records, plans),
        "purged": synced.purged,
        "failures": failures,
    }
    whys = [str(each["msg"]) for each in failures]
    return Outcome(
        before=described([*(plan.before for plan in plans), *purged]),
        after=described(plan.after for plan in plans),
        extra=result,
        failure=summary(whys, len(plans), "groups were not taken over") if failures else None,
    )


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={**TABLE_SPEC, **side_spec(IDENTITY_CENTER), **SYNC_SPEC}, supports_check_mode=True
    )
    run_module(module, "identity_center_groups", lambda: work(module))


if __name__ == "__main__":
    main()
