#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: vended_address_restore
short_description: Restore what a map has lost, from a backup
version_added: 0.1.0
description:
  - Adds to the map what it lacks of a dump that M(account_factory.email.vended_address_backup) wrote, or of another
    table, such as one that DynamoDB restored to a point in time.
  - Nothing newer is overwritten. An address that is in both is taken from the dump only where the dump has the later
    state of the same record. One that is retired in the dump is retired in the map, unless the map's record was put
    back in use later. A counter only ever goes up. The domains are those of both.
  - What contradicts the map, as the same account name of another address, is reported in RV(conflicts) and left as the
    map has it.
  - Every write is conditioned on what was read, so that others may go on vending meanwhile. A record and what makes its
    name, request and account id unique are written together. A run that was cut off is finished by running it again.
options:
  src:
    description:
      - Path of the dump on the target, or an object as C(s3://BUCKET/KEY).
      - One that is cut off, altered, or of a format that this release does not know is refused before anything is
        written.
      - Exactly one of O(src) and O(source_table) has to be given.
    type: str
  source_table:
    description: Name of a table beside the map to restore from. DynamoDB has to have restored it from the map.
    type: str
  allow_other_map:
    description: Whether a dump of a table with another name, in another region or of another account is restored.
    type: bool
    default: false
  skipped_numbers:
    description:
      - How many numbers a series leaves out where the map's counter is missing or behind the backup's. The map has then
        lost what was vended after the backup, and would vend the same addresses a second time.
      - V(0) where nothing was vended since.
    type: int
    default: 100
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - account_factory.email._attributes
  - account_factory.email._progress
  - account_factory.email._map
  - account_factory.email._map_backup
  - account_factory.email._sides.forwarder
notes:
  - Into a map that was lost, restore the newest backup first. Then bring in the accounts that got their addresses since
    with the playbook C(import_organization_accounts), before anything is vended.
  - A mark of a mailbox that takes no mail comes back where the map has none. It ends with the next mail that the
    mailbox takes.
  - Items of kinds that this release does not know are added where they are missing, like any other.
  - Needs C(dynamodb:DescribeTable), C(dynamodb:BatchGetItem), C(dynamodb:PutItem) and C(dynamodb:UpdateItem) on the
    table, and C(s3:GetObject) on the object, or C(dynamodb:DescribeTable), C(dynamodb:Scan) and
    C(dynamodb:BatchGetItem) on O(source_table).
seealso:
  - module: account_factory.email.vended_address_backup
author:
  - The account_factory.email authors (@account-factory)
"""

EXAMPLES = r"""
- name: See what a backup would add to the map
  account_factory.email.vended_address_restore:
    table: mail-forwarder-map
    src: s3://backups-example/mail-forwarder-map/2026-11-26.jsonl
    expected_bucket_owner: "444455556666"
  check_mode: true
  diff: true

- name: Put back what was lost since a point in time to which DynamoDB has restored another table
  account_factory.email.vended_address_restore:
    table: mail-forwarder-map
    source_table: mail-forwarder-map-restored
"""

RETURN = r"""
restored:
  description:
    - The items that were added or updated, by their keys, as they are now, or in check mode would be; the first
      thousand of them.
  returned: success
  type: dict
  sample:
    NAME#payments-001: {"address": "payments-001@accounts.example.com"}
truncated:
  description: Whether there are more than RV(restored) shows.
  returned: success
  type: bool
  sample: false
counts:
  description:
    - What became of the items of each kind and of all, which is C(total). C(added) and C(updated) items were written,
      C(kept) ones are right as the map has them, C(conflicting) ones contradict the map.
  returned: success
  type: dict
  sample:
    addresses: {"added": 2, "updated": 0, "kept": 398, "conflicting": 0}
    total: {"added": 5, "updated": 1, "kept": 1397, "conflicting": 0}
kept_newer:
  description: How many items the map has in a later state than the dump, which were kept.
  returned: success
  type: int
  sample: 12
conflicts:
  description: The items that contradict the map, and how. They were left as the map has them.
  returned: success
  type: list
  elements: dict
  contains:
    key:
      description: The item's key.
      returned: always
      type: str
      sample: NAME#payments
    kind:
      description: What it is, as in RV(counts).
      returned: always
      type: str
      sample: names
    why:
      description: How it contradicts the map.
      returned: always
      type: str
      sample: in the map it leads to payments-002@accounts.example.com
source:
  description:
    - The dump, as RV(account_factory.email.vended_address_backup#module:backup) describes it, with when it was taken.
  returned: success
  type: dict
  sample: {"table": "mail-forwarder-map", "account_id": "111122223333", "region": "eu-west-1", "items": 1403}
"""

from contextlib import AbstractContextManager
from datetime import datetime, timezone

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.account_factory.email.plugins.module_utils._clients import new_client
from ansible_collections.account_factory.email.plugins.module_utils._map.tables import (
    TABLE_SPEC,
    make_stamp,
    module_table,
    named_table,
)
from ansible_collections.account_factory.email.plugins.module_utils._map_backup import places, tasks
from ansible_collections.account_factory.email.plugins.module_utils._module import Outcome, ProgressFile, run_module
from ansible_collections.account_factory.email.plugins.module_utils._sides import FORWARDER, client_maker


def work(module: AnsibleAWSModule) -> Outcome:
    params = module.params
    restoring = tasks.Restoring(
        stamp=lambda: make_stamp(module),
        skipped=params["skipped_numbers"],
        check_mode=module.check_mode,
        # A restored table has a name of its own; where it comes from is checked by what DynamoDB says of it.
        allow_other_map=params["allow_other_map"] or bool(params["source_table"]),
        progress=ProgressFile(params["progress_file"]),
    )
    with source_of(module) as source:
        if source.summary.unknown:
            module.warn(f"the dump has items that this release does not know: {', '.join(source.summary.unknown)}")
        return tasks.restore_from(module_table(module), source, restoring)


def source_of(module: AnsibleAWSModule) -> AbstractContextManager[tasks.Source]:
    make = client_maker(module, FORWARDER)
    if module.params["source_table"]:
        source = named_table(module.params["source_table"], make)
        if not module.params["allow_other_map"]:
            tasks.check_was_restored_from(source, module_table(module))
        return tasks.from_table(source, datetime.now(timezone.utc))
    place = places.parse("src", module.params["src"], module.params["expected_bucket_owner"])
    return tasks.from_place(place, lambda: new_client(make, "s3"))


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={
            **TABLE_SPEC,
            "src": {"type": "str"},
            "source_table": {"type": "str"},
            "expected_bucket_owner": {"type": "str"},
            "allow_other_map": {"type": "bool", "default": False},
            "skipped_numbers": {"type": "int", "default": 100},
            "progress_file": {"type": "path"},
        },
        mutually_exclusive=[("src", "source_table")],
        required_one_of=[("src", "source_table")],
        supports_check_mode=True,
    )
    run_module(module, "restored", lambda: work(module))


if __name__ == "__main__":
    main()
