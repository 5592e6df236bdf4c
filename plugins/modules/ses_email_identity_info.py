#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: ses_email_identity_info
short_description: Wait until Amazon SES has verified identities
version_added: 0.1.0
description:
  - Says how far Amazon SES is with the verification of identities, and with O(wait) waits until it has verified them.
  - Where it has not, the module says what SES says of why, and fails if it has waited. Nothing is undone, and a run of
    the same task waits on.
author:
  - The account_factory.email authors (@account-factory)
extends_documentation_fragment:
  - account_factory.email._attributes
  - account_factory.email._attributes.info
  - account_factory.email._progress
  - amazon.aws.common.modules
  - amazon.aws.region.modules
options:
  names:
    description: The identities, domains or addresses.
    type: list
    elements: str
    required: true
  wait:
    description: Whether to wait until SES has verified all of them, or has given one up.
    type: bool
    default: false
  wait_timeout:
    description: For how many seconds to wait for all of them together.
    type: int
    default: 600
notes:
  - Needs C(ses:GetEmailIdentity).
  - SES looks for DNS records for up to 72 hours.
seealso:
  - module: account_factory.email.mail_forwarder_dns_info
"""

EXAMPLES = r"""
- name: Wait until the domain is verified
  account_factory.email.ses_email_identity_info:
    names: [accounts.example.com]
    wait: true
    wait_timeout: 1800
"""

RETURN = r"""
identities:
  description: The identities, in the order given.
  returned: success, and if O(wait) was in vain
  type: list
  elements: dict
  contains:
    name:
      description: The identity.
      returned: always
      type: str
      sample: accounts.example.com
    verified:
      description: Whether SES has verified it.
      returned: always
      type: bool
      sample: false
    verification_status:
      description: SES's own word for that, V(null) if there is no such identity.
      returned: always
      type: str
      sample: PENDING
    reason:
      description: Why it is not verified as far as SES says, V(null) if it is.
      returned: always
      type: str
      sample: PENDING; HOST_NOT_FOUND (DNS does not know the name of the records), last checked 2026-11-21T12:00:00Z
"""

from collections.abc import Mapping
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.account_factory.email.plugins.module_utils._clients import new_client
from ansible_collections.account_factory.email.plugins.module_utils._dns_records.waiting import (
    read_verifications,
    wait_for_identities,
)
from ansible_collections.account_factory.email.plugins.module_utils._module import ProgressFile, run_info, summary


def work(module: AnsibleAWSModule) -> dict[str, Any]:
    params = module.params
    client = new_client(module.client, "sesv2")
    found = read_verifications(client, params["names"])
    awaited = [one["name"] for one in found if one["verification_status"] and not one["verified"]]
    if not params["wait"] or not awaited:
        return {"identities": found}
    wait_for_identities(client, awaited, params["wait_timeout"], ProgressFile(params["progress_file"]))
    return {"identities": read_verifications(client, params["names"])}


def failure(found: Mapping[str, Any], wait: bool) -> str | None:
    """Return why the task fails that has waited in vain."""
    failed = [f"{one['name']}: {one['reason']}" for one in found["identities"] if not one["verified"]]
    if not wait or not failed:
        return None
    return (
        f"{summary(failed, len(found['identities']), 'identities are not verified by SES')}. Nothing was undone: check"
        " the DKIM records and the delegation of the zone, and run it again to wait on. Of one that is FAILED, delete"
        " the identity and create it again."
    )


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={
            "names": {"type": "list", "elements": "str", "required": True},
            "wait": {"type": "bool", "default": False},
            "wait_timeout": {"type": "int", "default": 600},
            "progress_file": {"type": "path"},
        },
        supports_check_mode=True,
    )
    run_info(module, lambda: work(module), lambda found: failure(found, module.params["wait"]))


if __name__ == "__main__":
    main()
