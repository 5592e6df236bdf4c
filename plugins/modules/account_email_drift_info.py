#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: account_email_drift_info
short_description: Find where AWS Organizations, the map and Amazon SES disagree
version_added: 0.1.0
description:
  - Holds the accounts of the organization, the addresses of the map and the identities of Amazon SES against each
    other, and says of each difference how bad it is, which account and address it is about, what was expected and
    found, and what mends it.
  - Changes nothing.
  - One cause is one finding. The findings come in an order of their own and hold no times, so that two runs that find
    the same return the same.
  - Fails where the organization or the map cannot be read, for half a comparison would look as if all were well. What
    Amazon SES does not tell is in RV(skipped).
author:
  - The account_factory.email authors (@account-factory)
extends_documentation_fragment:
  - account_factory.email._attributes
  - account_factory.email._attributes.info
  - account_factory.email._map
  - account_factory.email._sides.forwarder
  - account_factory.email._sides.organization
  - amazon.aws.common.modules
  - amazon.aws.region.modules
options:
  unused_days:
    description: After how many days an address that was vended and that no account has is V(unused).
    type: int
    default: 30
  suspended_days:
    description:
      - After how many days suspended forwarding is V(forwarding_suspended).
      - They count from the last change of the address, whatever was changed.
    type: int
    default: 7
  known_owners:
    description:
      - Who may own addresses; mailboxes, as V(jane@example.com), and domains, as V(@example.com), in any case.
      - Owners and fallback owners that are neither are V(owner_unknown). If not given, they are not looked at.
    type: list
    elements: str
    default: []
  type_parents:
    description:
      - Where accounts are to be, a root or OU by id or path for each account type that the map has. C(default) is for
        all other types.
      - Accounts that are elsewhere are V(ou_differs). If not given, that is not looked at.
    type: dict
    default: {}
  ignore:
    description:
      - Accounts that are known to be outside; their ids, their addresses, or domains of addresses as V(@example.com).
      - What is found of them is left out, and counted in RV(counts).
    type: list
    elements: str
    default: []
  only:
    description: The findings to look for, by their kinds or severities, see RV(findings). The default is all.
    type: list
    elements: str
  skip:
    description: The findings to leave out, by their kinds or severities.
    type: list
    elements: str
  fail_on:
    description:
      - When the module fails, with the same result; where there is a finding of that severity or of a worse one, or
        V(never).
    type: str
    choices: [high, medium, low, never]
    default: never
notes:
  - Needs C(organizations:ListAccounts), on the table C(dynamodb:Scan), C(dynamodb:GetItem) and
    C(dynamodb:BatchGetItem), and C(ses:ListEmailIdentities).
  - With O(type_parents) needs C(organizations:ListRoots), C(organizations:ListOrganizationalUnitsForParent),
    C(organizations:ListAccountsForParent), C(organizations:ListParents) and
    C(organizations:DescribeOrganizationalUnit), too.
  - AWS gives 20 accounts a page and about eight pages a second, so that 50,000 accounts take five minutes or so, and
    twice that with O(type_parents). Where AWS limits the rate of requests, the module waits, and says so in one
    warning.
  - The map is read before the organization, and what findings rest on is read again after it, so that accounts that
    are being created, adopted or closed by others are not taken for drift.
seealso:
  - plugin: account_factory.email.drift_lines
    plugin_type: filter
  - module: account_factory.email.mail_forwarder_check
  - module: account_factory.email.organizations_account_info
  - module: account_factory.email.vended_address_info
"""

EXAMPLES = r"""
- name: Find where the organization and the map disagree
  account_factory.email.account_email_drift_info:
    table: mail-forwarder-map
  register: drift

- name: Show the worst of it
  ansible.builtin.debug:
    msg: "{{ drift.findings[0].what }}"
  when: drift.findings

- name: Fail in a pipeline where mail is lost or goes to the wrong people
  account_factory.email.account_email_drift_info:
    table: mail-forwarder-map
    fail_on: high

- name: Look at owners and places, too
  account_factory.email.account_email_drift_info:
    table: mail-forwarder-map
    known_owners: ["@example.com", cloud-team@partner.example.net]
    type_parents:
      sandbox: Sandboxes
      default: Workloads/Prod
    ignore: ["123456789012"]
    organization_role_arn: arn:aws:iam::111122223333:role/organization-reader
"""

RETURN = r"""
findings:
  description: The findings, worst first, then by kind, address and account.
  returned: success, and if O(fail_on) is why it fails
  type: list
  elements: dict
  contains:
    kind:
      description:
        - What it is. V(account_closed) - the account is closed and its address not retired.
        - V(account_gone) - the organization does not list the account any more.
        - V(account_id_differs) - another account has the address than the map says.
        - V(account_id_missing) - an account has the address, and the map does not know which.
        - V(domain_removed) - the address is in a domain that the map does not vend in any more.
        - V(email_differs) - the account has another root email than the map says.
        - V(email_not_vended) - the root email is not of the map.
        - V(email_unknown) - the root email is in a domain of the map, and not in the map.
        - V(forwarding_suspended) - forwarding has been suspended for O(suspended_days).
        - V(identity_unverified) - SES has not verified a domain of the map.
        - V(name_differs) - the account has another name than the map says.
        - V(name_not_unique) - several accounts, or several addresses, have one name, in any case.
        - V(no_owner) - the address has no owner.
        - V(ou_differs) - the account is not where O(type_parents) says.
        - V(owner_failing) - mailboxes of owners refuse their mail.
        - V(owner_in_domain) - an owner is in a domain of the map, whose mail would come back.
        - V(owner_unknown) - an owner is not one of O(known_owners).
        - V(retired_active) - the address is retired, and an account that is not closed has it.
        - V(root_recoverable) - a recovery of the root user is open, see
          M(account_factory.email.account_root_credentials); V(high) once its time is over.
        - V(unused) - the address was vended O(unused_days) ago, and no account has it.
      returned: always
      type: str
      sample: email_differs
    severity:
      description:
        - V(high) where mail of an account is lost or goes to the wrong people, V(medium) where it may be, V(low) where
          the map says something that is not so.
      returned: always
      type: str
      sample: high
    account_id:
      description: Id of the account, or V(null).
      returned: always
      type: str
      sample: "123456789012"
    account_name:
      description: Name of the account, of an address that of the map, or V(null).
      returned: always
      type: str
      sample: payments-001
    address:
      description: The address, in lower case, or V(null).
      returned: always
      type: str
      sample: payments-001@accounts.example.com
    expected:
      description: What was expected, or V(null).
      returned: always
      type: str
      sample: payments-001@accounts.example.com
    found:
      description: What was found, or V(null).
      returned: always
      type: str
      sample: jane.doe@example.com
    what:
      description: What it is, as a sentence.
      returned: always
      type: str
      sample: >-
        Account 123456789012 (payments-001) has the root email jane.doe@example.com, and
        payments-001@accounts.example.com in the map.
    remedy:
      description:
        - What mends it, ended by the command. Words in capitals are to be filled in.
        - No name or address that a shell or Ansible could take for more than a text is part of it.
      returned: always
      type: str
      sample: >-
        ansible-playbook account_factory.email.edit_address -e account_factory_address=payments-001@accounts.example.com
        -e account_factory_forwarding=true
    play:
      description: The playbook in it, or V(null).
      returned: always
      type: str
      sample: edit_address
counts:
  description:
    - How many accounts and addresses were compared, how many findings there are by severity and by kind, and how many
      O(ignore) left out.
  returned: success, and if O(fail_on) is why it fails
  type: dict
  sample:
    accounts: 812
    addresses: 790
    by_severity: {high: 1, medium: 0, low: 0}
    by_kind: {email_differs: 1}
    ignored: 0
skipped:
  description: The kinds that could not be looked for, each with its C(kind) and the C(reason).
  returned: success, and if O(fail_on) is why it fails
  type: list
  elements: dict
  sample: []
"""

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.account_factory.email.plugins.module_utils._clients import new_client
from ansible_collections.account_factory.email.plugins.module_utils._drift import model
from ansible_collections.account_factory.email.plugins.module_utils._drift.asked import DRIFT_SPEC, build_asked
from ansible_collections.account_factory.email.plugins.module_utils._drift.reading import Sources, find_drift
from ansible_collections.account_factory.email.plugins.module_utils._map.tables import TABLE_SPEC, module_table
from ansible_collections.account_factory.email.plugins.module_utils._module import run_info, summary
from ansible_collections.account_factory.email.plugins.module_utils._organizations.options import connected
from ansible_collections.account_factory.email.plugins.module_utils._sides import (
    FORWARDER,
    ORGANIZATION,
    client_maker,
    side_spec,
)


def work(module: AnsibleAWSModule) -> dict[str, Any]:
    now = datetime.now(timezone.utc)
    asked = build_asked(module.params, now)
    table = module_table(module)
    with connected(module) as connection:
        sources = Sources(table, connection, lambda: new_client(client_maker(module, FORWARDER), "sesv2"))
        drift = find_drift(sources, asked, now)
    return {
        "findings": [finding.to_dict() for finding in drift.compared.findings],
        "counts": {
            "accounts": drift.accounts,
            "addresses": drift.addresses,
            **model.count(drift.compared.findings),
            "ignored": drift.compared.ignored,
        },
        "skipped": drift.skipped,
    }


def failure(found: Mapping[str, Any], fail_on: str) -> str | None:
    """Return why the task is to fail, if it is."""
    failing = model.failing(fail_on)
    named = [f"{one['kind']}: {one['what']}" for one in found["findings"] if one["severity"] in failing]
    return summary(named, len(found["findings"]), "findings are a reason to fail") if named else None


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={**TABLE_SPEC, **side_spec(ORGANIZATION), **DRIFT_SPEC}, supports_check_mode=True
    )
    run_info(module, lambda: work(module), lambda found: failure(found, module.params["fail_on"]))


if __name__ == "__main__":
    main()
