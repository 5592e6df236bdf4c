#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: mail_forwarder_probe_info
short_description: Show when a mail of the probe last got through a mail forwarder
version_added: 0.1.0
description:
  - Shows when the latest mail of M(account_factory.email.mail_forwarder_probe), or of a probe at a rate, arrived.
  - Sends nothing. Fails where none arrived lately, so that what relies on the forwarder is not begun.
author:
  - The account_factory.email authors (@account-factory)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - account_factory.email._attributes
  - account_factory.email._attributes.info
  - account_factory.email._sides.forwarder
options:
  stack_name:
    description: Name of the forwarder's stack.
    type: str
    default: mail-forwarder
  newer_than:
    description: How long ago it may have arrived at most. Write it as V(30m), V(12h) or V(1d).
    type: str
    default: 1d
notes:
  - Needs C(cloudformation:DescribeStacks) on the stack, C(dynamodb:GetItem) on the table of the map, C(dynamodb:Query)
    on the index C(by-address) of the table of deliveries and C(dynamodb:BatchGetItem) on it.
seealso:
  - module: account_factory.email.mail_forwarder_probe
"""

EXAMPLES = r"""
- name: Fail unless mail got through today
  account_factory.email.mail_forwarder_probe_info:
    newer_than: 1d
"""

RETURN = r"""
probe:
  description: The latest mail of the probe that arrived.
  returned: success
  type: dict
  contains:
    address:
      description: The vended address that it was sent to.
      returned: success
      type: str
      sample: forwarder-probe@accounts.example.com
    arrived_at:
      description: When SES told that it arrived, UTC in ISO 8601.
      returned: success
      type: str
      sample: "2026-11-26T09:30:00Z"
"""

from datetime import datetime, timedelta, timezone
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.account_factory.email.plugins.module_utils._clients import new_client
from ansible_collections.account_factory.email.plugins.module_utils._errors import TaskError
from ansible_collections.account_factory.email.plugins.module_utils._map.api import get_domains
from ansible_collections.account_factory.email.plugins.module_utils._map.tables import named_table
from ansible_collections.account_factory.email.plugins.module_utils._module import run_info
from ansible_collections.account_factory.email.plugins.module_utils._moments import check_period
from ansible_collections.account_factory.email.plugins.module_utils._probe.latest import latest_arrival
from ansible_collections.account_factory.email.plugins.module_utils._probe.model import probe_of
from ansible_collections.account_factory.email.plugins.module_utils._sides import FORWARDER, client_maker, side_spec
from ansible_collections.account_factory.email.plugins.module_utils._stack import STACK_SPEC, read_stack


def find(module: AnsibleAWSModule) -> dict[str, Any]:
    """Return when the latest mail of the probe arrived; raise TaskError where that is too long ago."""
    asked = module.params["newer_than"]
    newer_than = check_period("newer_than", asked) or timedelta()
    make = client_maker(module, FORWARDER)
    stack = read_stack(new_client(make, "cloudformation"), module.params["stack_name"])
    address = probe_of(stack, get_domains(named_table(stack.map_table, make))).address
    since = datetime.now(timezone.utc) - newer_than
    arrived_at = latest_arrival(new_client(make, "dynamodb"), stack.delivery_table, address, since)
    if arrived_at is None:
        raise TaskError(
            f"newer_than: no mail of the probe has got through the forwarder {stack.name} for {asked}, so that nobody"
            " knows whether mail to root users does. Send one:"
            f" ansible-playbook account_factory.email.doctor -e mail_forwarder_stack_name={stack.name}"
        )
    return {"probe": {"address": address, "arrived_at": arrived_at}}


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={**STACK_SPEC, **side_spec(FORWARDER), "newer_than": {"type": "str", "default": "1d"}},
        supports_check_mode=True,
    )
    run_info(module, lambda: find(module))


if __name__ == "__main__":
    main()
