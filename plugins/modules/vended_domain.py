#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: vended_domain
short_description: Let addresses be vended in a domain
version_added: 0.1.0
description:
  - Makes a domain known to the map as one whose mail is forwarded. Addresses are vended in such domains only, so that a
    typing error cannot give an account an address that nobody forwards or that somebody else owns.
  - A domain can have an admin, a catch-all and fallback owners of its own, in place of the forwarder's or beside them.
    The forwarder reads them with each mail, so that they count at once.
  - No owner of an address may lie in one of these domains, nor may the admin or a fallback owner of one. A domain that
    one lies in already is refused.
  - The role P(account_factory.email.mail_forwarder#role) does this for its own domains, by
    M(account_factory.email.vended_domains), and takes back what was set here and is not among its variables.
options:
  domain:
    description: The domain. An internationalized one is given in its ASCII form, which begins with C(xn--).
    type: str
    required: true
  forwarder_address:
    description:
      - The forwarder's own address. If it lies in O(domain), it is never vended.
      - If not given, the one that is known stays.
    type: str
  state:
    description:
      - Whether addresses are vended in the domain.
      - V(absent) removes the domain from the map. It is refused while an address in it is not retired. The records of
        retired addresses stay, so that none of them is ever vended again if the domain comes back.
    type: str
    choices: [present, absent]
    default: present
  admin_address:
    description:
      - Who gets the mail of the domain that no owner is known for.
      - If not given, it is not changed. Empty, it is the forwarder's own.
    type: str
  catch_all:
    description:
      - Whether mail to addresses in the domain that are not in the map, are retired or are suspended goes to its admin.
        V(false) drops it.
      - If not given, it is not changed; see O(purge_overrides).
    type: bool
  fallback_owners:
    description:
      - Who gets the mail of owners in the domain that cannot be reached, after the fallback owners of the address and
        before those of the forwarder.
      - If not given, they are not changed. An empty list removes them.
    type: list
    elements: str
  purge_overrides:
    description:
      - Whether what is not given of O(admin_address), O(catch_all) and O(fallback_owners) is removed, so that what the
        forwarder has itself applies.
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
  - module: account_factory.email.vended_domains
  - module: account_factory.email.vended_address
author:
  - The account_factory.email authors (@account-factory)
"""

EXAMPLES = r"""
- name: Let addresses be vended in accounts.example.com
  account_factory.email.vended_domain:
    table: mail-forwarder-map
    domain: accounts.example.com
    forwarder_address: aws-accounts@accounts.example.com

- name: Send what is nobody's there to another team
  account_factory.email.vended_domain:
    table: mail-forwarder-map
    domain: accounts.example.com
    admin_address: payments-team@example.com

- name: Remove a domain in which every address is retired
  account_factory.email.vended_domain:
    table: mail-forwarder-map
    domain: old.example.com
    state: absent
"""

RETURN = r"""
vended_domain:
  description: The domain as the map holds it, or in check mode would hold it. Empty where it is absent.
  returned: success
  type: dict
  contains:
    domain:
      description: The domain.
      returned: O(state=present)
      type: str
      sample: accounts.example.com
    forwarder_address:
      description: The forwarder's own address, or V(null).
      returned: O(state=present)
      type: str
      sample: aws-accounts@accounts.example.com
    admin_address:
      description: The domain's own admin, or V(null) for the forwarder's.
      returned: O(state=present)
      type: str
      sample: payments-team@example.com
    catch_all:
      description: Whether mail that is nobody's goes to the admin, or V(null) for what holds for the forwarder.
      returned: O(state=present)
      type: bool
      sample: true
    fallback_owners:
      description: The domain's own fallback owners.
      returned: O(state=present)
      type: list
      elements: str
      sample: [payments-deputy@example.com]
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._map import api
from ansible_collections.account_factory.email.plugins.module_utils._map.changing_domains import apply_plan
from ansible_collections.account_factory.email.plugins.module_utils._map.domains import (
    DOMAIN_SPEC,
    build_wanted,
    described,
    plan_domains,
)
from ansible_collections.account_factory.email.plugins.module_utils._map.tables import TABLE_SPEC, module_table
from ansible_collections.account_factory.email.plugins.module_utils._module import Outcome, run_module


def work(module: AnsibleAWSModule) -> Outcome:
    absent = module.params["state"] == "absent"
    given = [name for name in DOMAIN_SPEC if name != "domain" and module.params[name] is not None]
    if absent and given:
        raise InputError(f"{given[0]}: has no place beside state absent; omit it")
    wanted = build_wanted(module.params, exact=module.params["purge_overrides"])
    table = module_table(module)
    before = api.get_domains(table)
    plan = plan_domains(before, [], [wanted.domain]) if absent else plan_domains(before, [wanted])
    apply_plan(table, plan, check_mode=module.check_mode)
    return Outcome(described(plan.before).get(wanted.domain), described(plan.after).get(wanted.domain))


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={
            **TABLE_SPEC,
            **DOMAIN_SPEC,
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "purge_overrides": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    run_module(module, "vended_domain", lambda: work(module))


if __name__ == "__main__":
    main()
