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
  - No owner of an address may lie in one of these domains. A domain that one lies in already is refused.
  - The role P(account_factory.email.mail_forwarder#role) does this for its own domain.
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
"""

RETURN = r"""
vended_domain:
  description: The domain as the map holds it, or in check mode would hold it.
  returned: success
  type: dict
  contains:
    domain:
      description: The domain.
      returned: success
      type: str
      sample: accounts.example.com
    forwarder_address:
      description: The forwarder's own address, or V(null).
      returned: success
      type: str
      sample: aws-accounts@accounts.example.com
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.account_factory.email.plugins.module_utils import _address as address
from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._map import api
from ansible_collections.account_factory.email.plugins.module_utils._map.options import TABLE_SPEC
from ansible_collections.account_factory.email.plugins.module_utils._map.tables import module_table
from ansible_collections.account_factory.email.plugins.module_utils._module import Outcome, run_module
from ansible_collections.account_factory.email.plugins.module_utils._record import RETIRED


def work(module: AnsibleAWSModule) -> Outcome:
    domain, given = module.params["domain"], module.params["forwarder_address"]
    try:
        domain = address.normalise_domain(domain)
    except address.AddressError as error:
        raise InputError(f"domain: {error}") from error
    try:
        forwarder_address = None if given is None else address.normalise_owner(given)
    except address.AddressError as error:
        raise InputError(f"forwarder_address: {error}") from error
    table = module_table(module)
    known = api.get_vended_domains(table)
    if domain not in known:
        _check_owners(table, domain)
    before = {"domain": domain, "forwarder_address": known[domain]} if domain in known else None
    after = {"domain": domain, "forwarder_address": forwarder_address or known.get(domain)}
    outcome = Outcome(before=before, after=after)
    free = api.is_free_for_forwarder(table, domain, after["forwarder_address"])
    if free and outcome.changed and not module.check_mode:
        free = api.put_domain(table, domain, after["forwarder_address"])
    if not free:
        raise InputError(f"forwarder_address: {forwarder_address} was vended to an account; give the forwarder another")
    return outcome


def _check_owners(table: api.Table, domain: str) -> None:
    """Raise InputError where an owner lies in the domain: mail for that address would come back to the forwarder."""
    for record in api.records(table):
        mailboxes = (*record.owners, *record.fallback_owners)
        owners = [owner for owner in mailboxes if address.split(owner)[1] == domain]
        if owners and record.status != RETIRED:
            raise InputError(
                f"domain: {owners[0]}, an owner of {record.address}, lies in {domain!r}, so its mail would create a"
                " mail loop; give that address an owner in another domain first"
            )


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={
            **TABLE_SPEC,
            "domain": {"type": "str", "required": True},
            "forwarder_address": {"type": "str"},
        },
        supports_check_mode=True,
    )
    run_module(module, "vended_domain", lambda: work(module))


if __name__ == "__main__":
    main()
