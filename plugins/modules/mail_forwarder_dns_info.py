#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: mail_forwarder_dns_info
short_description: Plan the SES identities and DNS records of a mail forwarder
version_added: 0.1.0
description:
  - Says which Amazon SES identity and which DNS records each domain of a mail forwarder needs, DKIM, MX, MAIL FROM, SPF
    and DMARC, and compares them with what Amazon SES has and with what is in a hosted zone of Amazon Route 53.
  - The role P(account_factory.email.mail_forwarder#role) makes of it what is missing.
  - An identity that is there already is used as it is, and so is the verified one of a domain above. No record is
    planned over one that is there. An MX record of the domain that leads elsewhere is a problem, for mail that the
    domain receives elsewhere must not be taken. Another DMARC record is left.
  - Changes nothing.
author:
  - The account_factory.email authors (@account-factory)
extends_documentation_fragment:
  - account_factory.email._attributes
  - account_factory.email._attributes.info
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - account_factory.email._sides.hosted_zone
options:
  domains:
    description: The domains that the forwarder receives mail for. Empty only with O(made).
    type: list
    elements: str
    required: true
  hosted_zone_id:
    description:
      - The hosted zone that the records are compared with, a public one that holds the domains.
      - Without it RV(domains[].records[].state) is V(manual).
    type: str
  mail_from_subdomain:
    description:
      - The label before each domain that makes its MAIL FROM domain, which is in the envelope of what is sent.
      - Empty for none.
    type: str
    default: ""
  dmarc:
    description:
      - The value of the DMARC record that each domain gets that has none. Empty for none.
      - It is given only to a domain whose identity the stack makes, and for which there are no signs of other mail in
        the hosted zone.
    type: str
    default: ""
  accept_foreign_mx:
    description: Whether an MX record that leads elsewhere is left as it is, instead of being a problem.
    type: bool
    default: false
  resources:
    description:
      - The logical ids of the resources that the forwarder's stack has already. Those of identities and records are
        RV(domains[].resource) and RV(domains[].records[].resource).
    type: list
    elements: str
    default: []
  made:
    description:
      - The records that were made in the hosted zone before, as C(NAME TYPE VALUE), one a line; a text may have several
        lines. Given where no stack keeps the records, and be it empty, it makes RV(changes).
      - One of them is the forwarder's own as long as it has this value, or the one that is needed now. With another it
        is somebody else's, and is left, as is what was made by others.
      - Without O(domains) all of them are to go.
    type: list
    elements: str
notes:
  - Needs C(ses:ListEmailIdentities), C(ses:GetEmailIdentity), and for a hosted zone C(route53:GetHostedZone) and
    C(route53:ListResourceRecordSets) on it, C(sts:AssumeRole) on O(hosted_zone_role_arn) if that is given.
  - The values of DKIM records are known only with a botocore that knows C(SigningHostedZone), 1.43 or later.
seealso:
  - module: amazon.aws.route53
"""

EXAMPLES = r"""
- name: Plan the records of a domain whose zone is elsewhere
  account_factory.email.mail_forwarder_dns_info:
    domains: [accounts.example.com]
    mail_from_subdomain: bounce
    dmarc: v=DMARC1; p=reject; adkim=s
  register: dns

- name: Write them for whoever has the zone
  ansible.builtin.copy:
    dest: accounts.example.com.zone
    content: "{{ dns.zone_file }}"
    mode: "0644"
"""

RETURN = r"""
domains:
  description: The domains, in the order given.
  returned: success
  type: list
  elements: dict
  contains:
    domain:
      description: The domain.
      returned: always
      type: str
      sample: accounts.example.com
    resource:
      description: The logical id of its identity in the stack.
      returned: always
      type: str
      sample: Identity2f6d6c0a5b1e
    identity:
      description:
        - V(create) where the stack is to create the identity, V(managed) where it has, V(existing) where there is one
          that is not the stack's, V(covered) where there is none and a verified one of a domain above counts.
      returned: always
      type: str
      sample: create
    managed:
      description: Whether the identity is the stack's, or will be.
      returned: always
      type: bool
      sample: true
    covered_by:
      description: The domain above that counts, V(null) if none has to.
      returned: always
      type: str
      sample: null
    verification_status:
      description: What SES says of the identity that counts, V(null) if there is none yet.
      returned: always
      type: str
      sample: SUCCESS
    mail_from_domain:
      description: The MAIL FROM domain. Empty where it has none that is known here.
      returned: always
      type: str
      sample: bounce.accounts.example.com
    awaited:
      description: Whether SES can verify the identity without anybody's doing anything.
      returned: always
      type: bool
      sample: true
    records:
      description: The records that the domain needs.
      returned: always
      type: list
      elements: dict
      contains:
        key:
          description: V(mx), V(dkim1), V(dkim2), V(dkim3), V(mail_from_mx), V(mail_from_spf) or V(dmarc).
          returned: always
          type: str
          sample: mx
        resource:
          description: Its logical id in the stack.
          returned: always
          type: str
          sample: RecordMx2f6d6c0a5b1e
        name:
          description: Its name, empty where SES tells it only once it has the identity.
          returned: always
          type: str
          sample: accounts.example.com
        type:
          description: Its type.
          returned: always
          type: str
          sample: MX
        ttl:
          description: For how many seconds others may keep it.
          returned: always
          type: int
          sample: 300
        values:
          description: Its values as Route 53 takes them, empty where they are not known yet.
          returned: always
          type: list
          elements: str
          sample: ["10 inbound-smtp.eu-west-1.amazonaws.com"]
        state:
          description:
            - V(create) where it is to be created, V(managed) where it is the forwarder's, V(present) where somebody
              else has made it as it is needed, V(left) where another one is there and stays, V(conflict) where another
              one is in the way, V(manual) where you must create it.
          returned: always
          type: str
          sample: create
        managed:
          description: Whether it is the forwarder's, or will be.
          returned: always
          type: bool
          sample: true
        found:
          description: The values that are there.
          returned: always
          type: list
          elements: str
          sample: []
changes:
  description: What to change in the hosted zone, in this order, with O(made); else empty.
  returned: success
  type: list
  elements: dict
  contains:
    action:
      description:
        - V(create), V(replace) where it is the forwarder's own and has another value than it is to have, or V(delete)
          where it is not needed any longer.
      returned: always
      type: str
      sample: create
    name:
      description: Its name.
      returned: always
      type: str
      sample: accounts.example.com
    type:
      description: Its type.
      returned: always
      type: str
      sample: MX
    ttl:
      description: For how many seconds others may keep it.
      returned: always
      type: int
      sample: 300
    values:
      description: The values that it is to have, or of one to delete those that it has.
      returned: always
      type: list
      elements: str
      sample: ["10 inbound-smtp.eu-west-1.amazonaws.com"]
notes:
  description: What is left as it is, or has to be done by hand.
  returned: success
  type: list
  elements: str
  sample: ["The record _dmarc.accounts.example.com \"v=DMARC1; p=none\" is there and is left as it is."]
problems:
  description: What keeps the records from being made. Nothing may be changed while there are any.
  returned: success
  type: list
  elements: str
  sample: []
zone:
  description: The hosted zone, V(null) if none is given.
  returned: success
  type: dict
  sample: {id: Z0123456789ABCDEFGHIJ, name: example.com}
zone_file:
  description: All records as a zone file.
  returned: success
  type: str
  sample: |
    ; accounts.example.com
    accounts.example.com. 300 IN MX 10 inbound-smtp.eu-west-1.amazonaws.com.
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.account_factory.email.plugins.module_utils._clients import new_client
from ansible_collections.account_factory.email.plugins.module_utils._dns_records import api
from ansible_collections.account_factory.email.plugins.module_utils._dns_records.changing import (
    plan_changes,
    read_made,
)
from ansible_collections.account_factory.email.plugins.module_utils._dns_records.model import Zone
from ansible_collections.account_factory.email.plugins.module_utils._dns_records.planning import (
    Situation,
    plan_domains,
    zone_problems,
)
from ansible_collections.account_factory.email.plugins.module_utils._dns_records.reading import (
    DNS_SPEC,
    read_domains,
    read_identities,
    read_wanted,
)
from ansible_collections.account_factory.email.plugins.module_utils._dns_records.zone_file import zone_file
from ansible_collections.account_factory.email.plugins.module_utils._module import run_info
from ansible_collections.account_factory.email.plugins.module_utils._sides import client_maker, side_spec

ZONE_SIDE = "hosted_zone"


def work(module: AnsibleAWSModule) -> dict[str, Any]:
    params = module.params
    made = None if params["made"] is None else read_made(params["made"])
    domains = read_domains(params["domains"], may_be_none=made is not None)
    wanted = read_wanted(params, domains, module.region)
    zone = find_zone(module)
    identities = read_identities(new_client(module.client, "sesv2"), domains) if domains else {}
    situation = Situation(domains, wanted, identities, zone, params["resources"], made)
    plans = plan_domains(situation)
    return {
        "domains": [plan.to_dict() for plan in plans],
        "changes": [*plan_changes(plans, zone, made)] if zone and made is not None else [],
        "notes": [note for plan in plans for note in plan.notes],
        "problems": [*zone_problems(situation), *(text for plan in plans for text in plan.problems)],
        "zone": {"id": zone.id, "name": zone.name} if zone else None,
        "zone_file": zone_file(plans),
    }


def find_zone(module: AnsibleAWSModule) -> Zone | None:
    zone_id = (module.params["hosted_zone_id"] or "").strip().removeprefix("/hostedzone/")
    if not zone_id:
        return None
    return api.get_zone(new_client(client_maker(module, ZONE_SIDE), "route53"), zone_id)


def main() -> None:
    module = AnsibleAWSModule(argument_spec={**DNS_SPEC, **side_spec(ZONE_SIDE)}, supports_check_mode=True)
    run_info(module, lambda: work(module))


if __name__ == "__main__":
    main()
