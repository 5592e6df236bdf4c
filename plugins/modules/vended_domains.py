#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: vended_domains
short_description: Say in which domains addresses are vended
version_added: 0.1.0
description:
  - Makes domains known to the map as those whose mail is forwarded, all of them in one task, and on request the only
    ones.
  - M(account_factory.email.vended_domain) does this for one domain, and says what a domain is.
  - The role P(account_factory.email.mail_forwarder#role) does this for its own domains.
options:
  domains:
    description:
      - The domains. Each says all of its overrides; what it does not say of O(domains[].admin_address),
        O(domains[].catch_all) and O(domains[].fallback_owners) is removed, so that what the forwarder has itself
        applies.
      - A domain may be there once, whatever its case.
    type: list
    elements: dict
    required: true
    suboptions:
      domain:
        description: The domain. An internationalized one is given in its ASCII form, which begins with C(xn--).
        type: str
        required: true
      admin_address:
        description: Who gets the mail of the domain that no owner is known for.
        type: str
      catch_all:
        description:
          - Whether mail to addresses in the domain that are not in the map, are retired or are suspended goes to its
            admin. V(false) drops it.
        type: bool
      fallback_owners:
        description:
          - Who gets the mail of owners in the domain that cannot be reached, after the fallback owners of the address
            and before those of the forwarder.
        type: list
        elements: str
  forwarder_address:
    description:
      - The forwarder's own address. If it lies in one of O(domains), it is never vended.
      - If not given, the one that is known of each stays.
    type: str
  purge:
    description:
      - Whether domains that are not among O(domains) are removed from the map. That is refused while an address in one
        of them is not retired, and then nothing is changed.
      - The records of retired addresses stay, so that none of them is ever vended again if the domain comes back.
    type: bool
    default: false
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - account_factory.email._attributes
  - account_factory.email._map
  - account_factory.email._sides.forwarder
notes:
  - Needs C(dynamodb:GetItem), C(dynamodb:BatchGetItem), C(dynamodb:Scan), C(dynamodb:PutItem), C(dynamodb:UpdateItem)
    and C(dynamodb:ConditionCheckItem) on the table.
seealso:
  - module: account_factory.email.vended_domain
author:
  - The account_factory.email authors (@account-factory)
"""

EXAMPLES = r"""
- name: Vend in two domains and no other, one of them another team's
  account_factory.email.vended_domains:
    table: mail-forwarder-map
    purge: true
    forwarder_address: aws-accounts@accounts.example.com
    domains:
      - domain: accounts.example.com
      - domain: payments.example.com
        admin_address: payments-team@example.org
        catch_all: true
"""

RETURN = r"""
vended_domains:
  description:
    - All domains that the map holds, or in check mode would hold, sorted, as M(account_factory.email.vended_domain)
      returns one.
  returned: success
  type: list
  elements: dict
  sample:
    - domain: accounts.example.com
      forwarder_address: aws-accounts@accounts.example.com
      admin_address: null
      catch_all: null
      fallback_owners: []
removed:
  description: The domains that were removed.
  returned: success
  type: list
  elements: str
  sample: [old.example.com]
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._map import api
from ansible_collections.account_factory.email.plugins.module_utils._map.changing_domains import apply_plan
from ansible_collections.account_factory.email.plugins.module_utils._map.domains import (
    OVERRIDE_SPEC,
    Wanted,
    build_wanted,
    described,
    plan_domains,
)
from ansible_collections.account_factory.email.plugins.module_utils._map.fields import checked_mailbox
from ansible_collections.account_factory.email.plugins.module_utils._map.tables import TABLE_SPEC, module_table
from ansible_collections.account_factory.email.plugins.module_utils._module import Outcome, run_module


def work(module: AnsibleAWSModule) -> Outcome:
    own = module.params["forwarder_address"]
    forwarder_address = None if own is None else checked_mailbox("forwarder_address", own)
    wanted = [_wanted(index, domain, forwarder_address) for index, domain in enumerate(module.params["domains"])]
    table = module_table(module)
    plan = plan_domains(api.get_domains(table), wanted, purge=module.params["purge"])
    apply_plan(table, plan, check_mode=module.check_mode)
    after = described(plan.after)
    return Outcome(
        before=described(plan.before),
        after=after,
        extra={"vended_domains": list(after.values()), "removed": sorted(plan.removed)},
    )


def _wanted(index: int, domain: dict[str, object], forwarder_address: str | None) -> Wanted:
    try:
        return build_wanted({**domain, "forwarder_address": forwarder_address}, exact=True)
    except InputError as error:
        raise InputError(f"domains[{index}]: {error}") from error


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={
            **TABLE_SPEC,
            "domains": {"type": "list", "elements": "dict", "required": True, "options": OVERRIDE_SPEC},
            "forwarder_address": {"type": "str"},
            "purge": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    run_module(module, "vended_domains", lambda: work(module))


if __name__ == "__main__":
    main()
