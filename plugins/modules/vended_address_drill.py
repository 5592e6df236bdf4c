#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: vended_address_drill
short_description: Test whether the map can be restored to a point in time
version_added: 0.1.0
description:
  - Has DynamoDB restore the latest point-in-time backup of the map as another table beside it, compares the two item by
    item, and deletes the restored table, whatever came of the comparison.
  - Says how long that took, which is how long one would wait after a loss, and how much newer the map is, which is what
    would be lost.
  - The map itself is only read.
  - Tables that an earlier drill of this map has left, because it was cut off, are deleted, too, if they carry the tag
    that drills give. Others with such a name are reported.
options:
  wait_timeout:
    description: How many seconds the restored table is waited for. A restore takes minutes, of a large table hours.
    type: int
    default: 3600
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - account_factory.email._attributes
  - account_factory.email._progress
  - account_factory.email._map
  - account_factory.email._sides.forwarder
attributes:
  check_mode:
    details:
      - Restores nothing, and says what point in time it would restore and which tables it would delete.
  diff_mode:
    support: none
    description: Returns what has changed, or in check mode would change, when in diff mode.
  idempotent:
    details:
      - What the drill makes it deletes, so that it only changes something where there is a table of an earlier drill.
notes:
  - The table of a drill is named like the map, with C(-drill-) and the time behind it. It costs what DynamoDB charges
    for a restore and for a table on demand as long as it is there.
  - Needs C(dynamodb:DescribeTable), C(dynamodb:DescribeContinuousBackups), C(dynamodb:RestoreTableToPointInTime),
    C(dynamodb:Scan) and C(dynamodb:BatchGetItem) on the table, C(dynamodb:ListTables), and on C(TABLE-drill-*) what
    DynamoDB asks of who restores to it, and C(dynamodb:DescribeTable), C(dynamodb:TagResource),
    C(dynamodb:ListTagsOfResource) and C(dynamodb:DeleteTable).
seealso:
  - module: account_factory.email.vended_address_restore
author:
  - The account_factory.email authors (@account-factory)
"""

EXAMPLES = r"""
- name: Test whether the map can be restored
  account_factory.email.vended_address_drill:
    table: mail-forwarder-map
  register: tested

- name: Fail if the backup lacks something that the map had
  ansible.builtin.assert:
    that: tested.drill.is_complete
"""

RETURN = r"""
drill:
  description: What the drill showed.
  returned: success
  type: dict
  contains:
    restored_table:
      description: Name of the table that was restored, and deleted again.
      returned: always
      type: str
      sample: mail-forwarder-map-drill-20261126T093000Z
    restorable_until:
      description: The latest point in time that the map can be restored to, in UTC.
      returned: always
      type: str
      sample: "2026-11-26T09:25:12Z"
    rpo_seconds:
      description: How long before the drill that was. What is written in so many seconds before a loss is lost.
      returned: always
      type: int
      sample: 288
    restore_seconds:
      description: How long the restore took.
      returned: when not in check mode
      type: float
      sample: 412.7
    compare_seconds:
      description: How long the comparison took.
      returned: when not in check mode
      type: float
      sample: 3.1
    counts:
      description:
        - How many items of each kind, and of all, which is C(total), are what. C(same) in both, C(since) only in the
          map because they are newer, C(changed) in the map since, C(lost) only in the backup, C(different) without the
          map's being newer.
      returned: when not in check mode
      type: dict
      sample:
        addresses: {"same": 398, "since": 2, "changed": 0, "lost": 0, "different": 0}
        total: {"same": 1397, "since": 6, "changed": 1, "lost": 0, "different": 0}
    unexplained:
      description: The keys of the first hundred items that are C(lost) or C(different).
      returned: when not in check mode
      type: list
      elements: str
      sample: []
    is_complete:
      description: Whether there are none of those, so that the backup lacks only what was written after it.
      returned: when not in check mode
      type: bool
      sample: true
    leftovers_removed:
      description: Tables of earlier drills that were deleted.
      returned: always
      type: list
      elements: str
      sample: []
    leftovers_kept:
      description: Tables with the name of a drill that were left alone, because they do not carry its tag.
      returned: always
      type: list
      elements: str
      sample: []
"""

from datetime import datetime, timezone

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.account_factory.email.plugins.module_utils._map.tables import TABLE_SPEC, module_table
from ansible_collections.account_factory.email.plugins.module_utils._map_backup import drill
from ansible_collections.account_factory.email.plugins.module_utils._module import Outcome, ProgressFile, run_module


def work(module: AnsibleAWSModule) -> Outcome:
    how = drill.Drill(
        begun=datetime.now(timezone.utc),
        wait_timeout=module.params["wait_timeout"],
        check_mode=module.check_mode,
        progress=ProgressFile(module.params["progress_file"]),
    )
    found = drill.run(module_table(module), how)
    for name in found["leftovers_kept"]:
        module.warn(f"the table {name} has the name of a drill and not its tag; delete it if nobody needs it")
    # The drill itself leaves nothing behind.
    before = {**found, "leftovers_removed": []}
    return Outcome(before=before, after=found)


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={
            **TABLE_SPEC,
            "wait_timeout": {"type": "int", "default": 3600},
            "progress_file": {"type": "path"},
        },
        supports_check_mode=True,
    )
    run_module(module, "drill", lambda: work(module))


if __name__ == "__main__":
    main()
