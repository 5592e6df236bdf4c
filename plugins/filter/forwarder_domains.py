# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: forwarder_domains
short_description: Read the domains of a mail forwarder
version_added: 0.1.0
description:
  - Reads the domains that the variables of the role P(account_factory.email.mail_forwarder#role) name, and checks them.
  - Names are in lower case and without a dot at their end in the result.
author:
  - The account_factory.email authors (@account-factory)
options:
  _input:
    description:
      - The domains, each a name, several names separated by spaces, or a dictionary of C(domain), C(admin_address),
        C(catch_all) and C(fallback_owners).
    type: list
    elements: raw
    required: true
  domain:
    description: The domain where there is only one.
    type: str
  from_address:
    description: The address that the forwarder sends from, if it is given.
    type: str
"""

EXAMPLES = r"""
- name: Check the domains
  ansible.builtin.assert:
    that: not domains.problem
    fail_msg: "{{ domains.problem }}"
  vars:
    domains: "{{ ['accounts.example.com', 'EU.accounts.example.com'] | account_factory.email.forwarder_domains }}"
"""

RETURN = r"""
_value:
  description:
    - C(domains) are dictionaries, each of C(domain) and what was given of the others.
    - C(names) are the names of the domains, in the order given.
    - C(problem) is what is wrong with them, and the others are empty then; empty where nothing is.
  type: dict
  sample:
    domains:
      - {domain: accounts.example.com}
      - {domain: payments.example.com, admin_address: payments-team@example.org, catch_all: true}
    names: [accounts.example.com, payments.example.com]
    problem: ""
"""

from collections.abc import Callable, Sequence
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.plugin_utils._forwarder_domains import read_domains


def forwarder_domains(
    domains: Sequence[Any], *, domain: str | None = None, from_address: str | None = None
) -> dict[str, Any]:
    """Return the domains with what is their own, their names, and what is wrong with them."""
    try:
        read = read_domains(domain, domains, from_address)
    except InputError as error:
        return {"domains": [], "names": [], "problem": str(error)}
    return {"domains": read, "names": [each["domain"] for each in read], "problem": ""}


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"forwarder_domains": forwarder_domains}
