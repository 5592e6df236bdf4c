# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: addresses_from_accounts
short_description: Turn accounts of an organization into the list that vended_addresses takes
version_added: 0.1.0
description:
  - Takes the accounts that M(account_factory.email.organizations_account_info) lists, and returns those whose email
    address lies in one of the domains and is not in the map yet, as entries for
    O(account_factory.email.vended_addresses#module:addresses).
  - Closed accounts are among them. Their mail goes on for months, and their addresses must never be vended.
  - An account that has the same name as another of them, and one that nobody is named as the owner of, is left out and
    reported.
author:
  - The account_factory.email authors (@account-factory)
options:
  _input:
    description: The accounts.
    type: list
    elements: dict
    required: true
  domains:
    description: The domains whose addresses are meant. Subdomains are domains of their own.
    type: list
    elements: str
    required: true
  known:
    description: The addresses that are in the map already.
    type: list
    elements: str
    required: true
  owners:
    description: The owners of each account that O(owners_of) does not name.
    type: list
    elements: str
    default: []
  owners_of:
    description: Owners by the id of their account, as C({"123456789012":) C(["jane@example.com"]}).
    type: dict
    default: {}
seealso:
  - plugin: account_factory.email.vended_addresses
    plugin_type: module
  - plugin: account_factory.email.organizations_account_info
    plugin_type: module
"""

EXAMPLES = r"""
- name: List the accounts of the organization
  account_factory.email.organizations_account_info:
  register: organization

- name: List the map
  account_factory.email.vended_address_info:
    table: mail-forwarder-map
  register: map

- name: Bring in what is missing
  account_factory.email.vended_addresses:
    table: mail-forwarder-map
    addresses: "{{ missing.addresses }}"
  vars:
    missing: >-
      {{ organization.accounts | account_factory.email.addresses_from_accounts(
           domains=['accounts.example.com'],
           known=map.vended_addresses | map(attribute='address'),
           owners=['cloud-team@example.com'],
           owners_of={'123456789012': ['jane@example.com']}) }}
"""

RETURN = r"""
_value:
  description:
    - C(addresses) are the entries, sorted by address; C(left_out) are the accounts that are none, each with its C(id),
      C(address) and C(msg).
  type: dict
  sample:
    addresses:
      - address: payments-001@accounts.example.com
        account_name: payments-001
        account_id: "123456789012"
        owners: [jane@example.com]
    left_out: []
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError


def addresses_from_accounts(
    accounts: Iterable[Mapping[str, Any]],
    *,
    domains: Iterable[str],
    known: Iterable[str],
    owners: Iterable[str] = (),
    owners_of: Mapping[Any, Iterable[str]] | None = None,
) -> dict[str, list[dict[str, Any]]]:
    """Return the accounts that are to come into the map as ``addresses``, and as ``left_out`` those that cannot."""
    in_domains = {domain.strip().rstrip(".").lower() for domain in _texts("domains", domains)}
    in_map = {address.lower() for address in _texts("known", known)}
    everyone = _texts("owners", owners)
    by_id = {str(account): _texts(f"owners_of[{account}]", theirs) for account, theirs in (owners_of or {}).items()}
    missing = sorted(
        (
            account
            for account in accounts
            if _address(account) not in in_map and _address(account).rpartition("@")[2] in in_domains
        ),
        key=_address,
    )
    names = Counter(account["name"].lower() for account in missing)
    found: dict[str, list[dict[str, Any]]] = {"addresses": [], "left_out": []}
    for account in missing:
        entry = {
            "address": _address(account),
            "account_name": account["name"],
            "account_id": account["id"],
            "owners": by_id.get(account["id"], everyone),
        }
        why = _why_not(entry, names)
        if why:
            found["left_out"].append({"id": account["id"], "address": entry["address"], "msg": why})
        else:
            found["addresses"].append(entry)
    return found


def _why_not(entry: Mapping[str, Any], names: Mapping[str, int]) -> str | None:
    if names[entry["account_name"].lower()] > 1:
        return (
            f"another account is named {entry['account_name']!r}, too, whatever their case, and the map keeps names"
            " apart; rename one of them in AWS, or bring them in by vended_addresses, each with an account_name"
        )
    if not entry["owners"]:
        return "nobody is named as its owner; name somebody for it or for all"
    return None


def _address(account: Mapping[str, Any]) -> str:
    return str(account["email"]).lower().rstrip(".")


def _texts(option: str, values: Any) -> list[str]:
    """Return the values as a list; a single text would be taken for its letters."""
    if isinstance(values, str | Mapping) or not isinstance(values, Iterable):
        raise AnsibleFilterError(f"{option}: {values!r} is not a list")
    return [str(value) for value in values]


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"addresses_from_accounts": addresses_from_accounts}
