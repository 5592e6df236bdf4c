# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: vended_address
short_description: Look up an account's email address, or something else that the map knows of it
version_added: 0.1.0
description:
  - Returns one field of one vended address, its email address by default, to be written where it is needed.
  - Reads the map when it is evaluated, in check mode too, and changes nothing.
  - Retired addresses are found as well; see O(field=status).
options:
  _terms:
    description: What is known of each address, such as O(by) says. Each term gives one result, in the same order.
    type: list
    elements: str
    required: true
  by:
    description:
      - What the terms are. All but V(request_id) in any case.
      - The default is the account's name, because that is what people call an account by.
      - By V(address), one with a C(+tag) that is not in the map itself finds the address without.
    type: str
    choices:
      - account_name
      - account_id
      - address
      - request_id
    default: account_name
  field:
    description: What to return, as M(account_factory.email.vended_address) describes it.
    type: str
    choices:
      - address
      - account_name
      - domain
      - owners
      - status
      - forwarding
      - fallback_owners
      - contacts
      - owner_groups
      - owners_since
      - account_id
      - account_type
      - tags
      - request_id
      - series
      - number
      - create_account_request_id
      - created_at
      - created_by
      - updated_at
      - updated_by
      - version
    default: address
  on_missing:
    description:
      - What to do where nothing is found or O(field) is not known yet, such as the id of an account that is still to be
        created.
      - V(error) fails.
      - V(warn) warns and V(skip) is silent. The result is then V(null), which the filter
        P(ansible.builtin.default#filter) replaces where its second parameter is V(true).
    type: str
    choices:
      - error
      - warn
      - skip
    default: error
  table:
    description:
      - Name of the DynamoDB table that holds the map from addresses to owners.
      - One of option, variable and environment variable has to be given; they count in this order.
    type: str
    vars:
      - name: account_email_table
    env:
      - name: ACCOUNT_EMAIL_TABLE
extends_documentation_fragment:
  - amazon.aws.common.plugins
  - amazon.aws.region.plugins
notes:
  - Runs on the controller, with its credentials. C(module_defaults) do not reach lookup plugins.
  - Needs C(dynamodb:GetItem) on the table.
seealso:
  - module: account_factory.email.vended_address_info
author:
  - The account_factory.email authors (@account-factory)
"""

EXAMPLES = r"""
- name: Create the account with the address that was vended for its name
  account_factory.email.organizations_account:
    email: "{{ lookup('account_factory.email.vended_address', 'analytics-001') }}"
    name: analytics-001

- name: Show the address that a ticket got
  ansible.builtin.debug:
    msg: "{{ lookup('account_factory.email.vended_address', 'TICKET-4711', by='request_id') }}"

- name: Show who gets the mail of an account
  ansible.builtin.debug:
    msg: "{{ lookup('account_factory.email.vended_address', '123456789012', by='account_id', field='owners') }}"

- name: Show the ids of accounts, some of which may not be there yet
  ansible.builtin.debug:
    msg: "{{ item | default('(not yet)', true) }}"
  loop: "{{ query('account_factory.email.vended_address', names, field='account_id', on_missing='skip') }}"
  vars:
    names:
      - analytics-001
      - analytics-002
"""

RETURN = r"""
_raw:
  description:
    - For each term the O(field) of its address, or V(null) where it is missing and O(on_missing) lets it.
    - A list for O(field=owners), O(field=owner_groups) and O(field=fallback_owners), a dictionary for O(field=tags) and
      O(field=contacts), else a text, a number or a boolean.
  type: list
  elements: raw
"""

import os
from collections.abc import Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleLookupError
from ansible_collections.amazon.aws.plugins.plugin_utils.lookup import AWSLookupBase

from ansible_collections.account_factory.email.plugins.module_utils._map import api
from ansible_collections.account_factory.email.plugins.module_utils._map.finding import build_query, find
from ansible_collections.account_factory.email.plugins.module_utils._map.tables import named_table
from ansible_collections.account_factory.email.plugins.module_utils._module import FAILURES, failure


class LookupModule(AWSLookupBase):
    def run(self, terms: Sequence[Any], variables: Mapping[str, Any] | None = None, **kwargs: Any) -> list[Any]:
        """Return a value for each term, in order; raise AnsibleLookupError where one is missing and may not be."""
        try:
            super().run(terms, variables, **kwargs)
            # A survey that leaves account_email_table empty does not mean that there is none.
            table = named_table(self.get_option("table") or os.environ.get("ACCOUNT_EMAIL_TABLE"), self.client)
            return [self._value(table, str(term)) for term in self._flatten(terms)]
        except FAILURES as error:
            raise AnsibleLookupError(failure(error)["msg"]) from error

    def _value(self, table: api.Table, term: str) -> Any:
        known, field = self.get_option("by"), self.get_option("field")
        found = find(table, build_query({known: term}))
        if not found:
            return self._missing(f"{known}: no address of the map {table.name!r} has {term!r}. Check its spelling")
        value = getattr(found[0], field)
        if value is None:
            return self._missing(f"{field}: {found[0].address} has none yet")
        return found[0].to_dict()[field]

    def _missing(self, message: str) -> None:
        on_missing = self.get_option("on_missing")
        if on_missing == "error":
            raise AnsibleLookupError(f"{message}, or set on_missing=skip where that is all right")
        if on_missing == "warn":
            self.warn(message)
