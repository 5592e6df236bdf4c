#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: sample_account_table_info
short_description: Read the account table of the AWS sample that this collection replaces
version_added: 0.1.0
description:
  - Reads the whole table of U(https://github.com/aws-samples/aws-account-factory-email), and never writes to it.
  - Returns its records as entries for M(account_factory.email.vended_addresses), so that one task brings them into the
    map. The playbook C(account_factory.email.import_sample_table) does both.
  - Nothing is renamed. An account whose name ends in a number keeps it, digit by digit, and the series of its name goes
    on after the highest number.
  - A record that says too little, and one that has the name or the address of another, is left out and reported.
author:
  - "The account_factory.email authors (@account-factory)"
extends_documentation_fragment:
  - account_factory.email._attributes
  - account_factory.email._attributes.info
  - amazon.aws.common.modules
  - amazon.aws.region.modules
options:
  sample_table:
    description:
      - Name of the sample's DynamoDB table, which its C(cdk.json) has as C(ACCOUNT_TABLE_NAME).
      - This is not the map's table, and E(ACCOUNT_EMAIL_TABLE) has nothing to do with it.
    type: str
    required: true
notes:
  - Needs the permission C(dynamodb:Scan) on the table and, as the sample encrypts it with a key of its own,
    C(kms:Decrypt) on the key.
  - The sample's C(LastUpdated) is in the local time of its function and is left away. So is C(Status), which the sample
    sets to V(NAME-ALLOCATED) and never changes. Of any other the module warns.
seealso:
  - module: account_factory.email.vended_addresses
"""

EXAMPLES = r"""
- name: Read the sample's table
  account_factory.email.sample_account_table_info:
    sample_table: AWSAccountTable
  register: sample

- name: Show what cannot be brought in as it is
  ansible.builtin.debug:
    msg: "{{ sample.left_out }}"

- name: Bring in the rest
  account_factory.email.vended_addresses:
    table: mail-forwarder-map
    addresses: "{{ sample.addresses }}"
"""

RETURN = r"""
addresses:
  description:
    - The records as O(account_factory.email.vended_addresses#module:addresses) takes them, sorted by address.
    - What a record does not say is not in its entry.
  returned: success
  type: list
  elements: dict
  contains:
    address:
      description: The record's C(AccountEmail), in lower case.
      returned: always
      type: str
      sample: payments-app-prod-001@accounts.example.com
    account_name:
      description: Its C(AccountName), a hyphen and its C(Enum).
      returned: if the record has an C(AccountName)
      type: str
      sample: payments-app-prod-001
    series:
      description: Its C(AccountName).
      returned: if its C(Enum) is a number from 1 on
      type: str
      sample: payments-app-prod
    number:
      description: Its C(Enum) as a number.
      returned: if its C(Enum) is a number from 1 on
      type: int
      sample: 1
    owners:
      description: Its C(OwnerAddress).
      returned: always
      type: list
      elements: str
      sample: [jane@example.com]
    account_type:
      description: Its C(AccountType).
      returned: if the record has one
      type: str
      sample: Sales
    tags:
      description: Its C(Tags), less those that are null and the sample's own C(AccountName) and C(AccountEmail).
      returned: if the record has any
      type: dict
      sample: {"BusinessUnit": "Payments", "ApplicationName": "App", "Environment": "PRODUCTION"}
left_out:
  description: The records that are not in RV(addresses), sorted by address. Empty where every record could be read.
  returned: success
  type: list
  elements: dict
  contains:
    address:
      description: The record's C(AccountEmail), as the table has it.
      returned: always
      type: str
      sample: orphan@accounts.example.com
    msg:
      description: Why it is left out.
      returned: always
      type: str
      sample: it has no OwnerAddress, so nobody is known to get its mail
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.account_factory.email.plugins.module_utils._clients import new_client
from ansible_collections.account_factory.email.plugins.module_utils._module import run_info
from ansible_collections.account_factory.email.plugins.module_utils._sample_table import api, model


def find(module: AnsibleAWSModule) -> dict[str, Any]:
    """Return what the table holds, in the map's words, and what could not be read."""
    converted = model.convert(api.items(new_client(module.client, "dynamodb"), module.params["sample_table"]))
    if converted.statuses:
        module.warn(
            f"Some records have a Status that the sample never writes: {', '.join(converted.statuses)}. Status is not"
            " brought in: look at what these records mean"
        )
    return {"addresses": converted.addresses, "left_out": converted.left_out}


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={"sample_table": {"type": "str", "required": True}},
        supports_check_mode=True,
    )
    run_info(module, lambda: find(module))


if __name__ == "__main__":
    main()
