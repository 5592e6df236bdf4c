#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: vended_address_backup
short_description: Back up the map from addresses to owners
version_added: 0.1.0
description:
  - Writes everything that the map holds to a file or to an object of S3, as a line of JSON for each item - the
    addresses, those that are retired among them, what makes account names, requests and account ids unique, the
    counters of the series, the domains, the groups of owners, and the mailboxes that take no mail.
  - Others may go on vending meanwhile. What they write while the map is read may be in the dump or not, but no address
    is in it without its name, or the other way round.
  - The dump ends with its SHA-256, by which M(account_factory.email.vended_address_restore) finds out whether it is
    whole.
options:
  dest:
    description:
      - Path of the file on the target, which only its owner can read, or an object as C(s3://BUCKET/KEY).
      - It is there wholly or not at all. One that is there is replaced, unless it holds the same items already.
    type: str
    required: true
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - account_factory.email._attributes
  - account_factory.email._progress
  - account_factory.email._map
  - account_factory.email._map_backup
  - account_factory.email._sides.forwarder
notes:
  - The dump names every owner of every root mailbox. Keep it where only those who may read the map can.
  - The digest is no signature. Who can write to the dump can write another one.
  - Uses the disk for about twice the size of the dump, in the place of memory.
  - Needs C(dynamodb:DescribeTable), C(dynamodb:Scan) and C(dynamodb:BatchGetItem) on the table; for S3 also
    C(s3:GetObject) and C(s3:PutObject) on the object.
seealso:
  - module: account_factory.email.vended_address_restore
author:
  - The account_factory.email authors (@account-factory)
"""

EXAMPLES = r"""
- name: Back up the map to a file
  account_factory.email.vended_address_backup:
    table: mail-forwarder-map
    dest: /srv/backups/mail-forwarder-map.jsonl

- name: Back up the map to a bucket of another account
  account_factory.email.vended_address_backup:
    table: mail-forwarder-map
    dest: s3://backups-example/mail-forwarder-map/{{ now().strftime('%Y-%m-%d') }}.jsonl
    expected_bucket_owner: "444455556666"
"""

RETURN = r"""
backup:
  description: The dump that there is, or in check mode would be.
  returned: success
  type: dict
  contains:
    dest:
      description: Where it is.
      returned: always
      type: str
      sample: s3://backups-example/mail-forwarder-map/2026-11-26.jsonl
    table:
      description: The table that it is of.
      returned: always
      type: str
      sample: mail-forwarder-map
    account_id:
      description: The account of the table.
      returned: always
      type: str
      sample: "111122223333"
    region:
      description: The region of the table.
      returned: always
      type: str
      sample: eu-west-1
    items:
      description: How many items it has.
      returned: always
      type: int
      sample: 1403
    items_sha256:
      description: The SHA-256 of the items, the same for the same items.
      returned: always
      type: str
      sample: 3a7bd3e2360a3d29eea436fcfb7e44c735d117c42d1c1835420b6b9942dd4f1b
    counts:
      description: How many items of each kind it has.
      returned: always
      type: dict
      sample: {"accounts": 350, "addresses": 400, "domains": 1, "names": 400, "requests": 240, "series": 10}
    unknown:
      description: What the keys of items begin with that this release does not know. They are in the dump, too.
      returned: always
      type: list
      elements: str
      sample: []
damaged:
  description:
    - Names, requests and account ids that lead to an address without being its own, or addresses that lack them. In a
      map that is whole there is none.
  returned: success
  type: list
  elements: dict
  contains:
    key:
      description: The key of the name, request or account id.
      returned: always
      type: str
      sample: NAME#payments
    address:
      description: The address.
      returned: always
      type: str
      sample: payments@accounts.example.com
"""

from datetime import datetime, timezone

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.account_factory.email.plugins.module_utils._clients import new_client
from ansible_collections.account_factory.email.plugins.module_utils._map.tables import TABLE_SPEC, module_table
from ansible_collections.account_factory.email.plugins.module_utils._map_backup import places
from ansible_collections.account_factory.email.plugins.module_utils._map_backup.tasks import back_up
from ansible_collections.account_factory.email.plugins.module_utils._module import Outcome, ProgressFile, run_module
from ansible_collections.account_factory.email.plugins.module_utils._sides import FORWARDER, client_maker


def work(module: AnsibleAWSModule) -> Outcome:
    place = places.parse("dest", module.params["dest"], module.params["expected_bucket_owner"])
    make = client_maker(module, FORWARDER)
    outcome = back_up(
        module_table(module),
        place,
        lambda: new_client(make, "s3"),
        datetime.now(timezone.utc),
        module.check_mode,
        ProgressFile(module.params["progress_file"]),
    )
    for one in outcome.extra["damaged"]:
        module.warn(f"the map is damaged: {one['key']} and {one['address']} do not lead to each other")
    return outcome


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={
            **TABLE_SPEC,
            "dest": {"type": "str", "required": True},
            "expected_bucket_owner": {"type": "str"},
            "progress_file": {"type": "path"},
        },
        supports_check_mode=True,
    )
    run_module(module, "backup", lambda: work(module))


if __name__ == "__main__":
    main()
