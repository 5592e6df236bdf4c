# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: settled_accounts
short_description: Tell the accounts that are as they were asked for from those that need something done
version_added: 0.1.0
description:
  - The play C(account_factory.email.create_account) has nothing to do for an account that is active, has the address
    and the name that the map has for it, and the tags and the place that were asked for.
author:
  - The account_factory.email authors (@account-factory)
options:
  _input:
    description:
      - Pairs of a request, as P(account_factory.email.account_requests#filter) returns it, and of the record of its
        address, as M(account_factory.email.vended_addresses) returns it.
    type: list
    elements: list
    required: true
  accounts:
    description:
      - Accounts of the organization, as M(account_factory.email.organizations_account_info) lists them, with their tags
        and their places where requests name some.
    type: list
    elements: dict
    required: true
  purge_tags:
    description: Whether an account with tags that were not asked for needs something done.
    type: bool
    default: false
seealso:
  - plugin: account_factory.email.organizations_account_info
    plugin_type: module
"""

EXAMPLES = r"""
- name: See which accounts need nothing
  ansible.builtin.set_fact:
    sorted_out: "{{ requests | zip(records) | account_factory.email.settled_accounts(organization.accounts) }}"
"""

RETURN = r"""
_value:
  description:
    - C(settled) are those that need nothing, each with its C(record) and its C(account). C(others) are the other pairs.
  type: dict
  sample:
    settled:
      - record: {address: analytics-001@accounts.example.com, account_id: "123456789012"}
        account: {id: "123456789012", state: ACTIVE}
    others: []
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any


def settled_accounts(
    pairs: Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]],
    accounts: Iterable[Mapping[str, Any]],
    purge_tags: bool = False,
) -> dict[str, list[Any]]:
    """Return the accounts that are as they were asked for as ``settled``, and the pairs of all others as ``others``."""
    there = {account["id"]: account for account in accounts}
    found: dict[str, list[Any]] = {"settled": [], "others": []}
    for request, record in pairs:
        account = there.get(record["account_id"])
        if account and _is_settled(request, record, account, purge_tags):
            found["settled"].append({"record": record, "account": account})
        else:
            found["others"].append([request, record])
    return found


def _is_settled(
    request: Mapping[str, Any], record: Mapping[str, Any], account: Mapping[str, Any], purge_tags: bool
) -> bool:
    return (
        account["state"] == "ACTIVE"
        and (account["email"].lower(), account["name"]) == (record["address"], record["account_name"])
        and ("tags" not in request or _has_tags(account, request["tags"], purge_tags))
        and (not request["parent"] or _is_in(account, request["parent"]))
    )


def _has_tags(account: Mapping[str, Any], tags: Mapping[str, str], purge_tags: bool) -> bool:
    present = account.get("tags", {})
    return present == tags if purge_tags else {**present, **tags} == present


def _is_in(account: Mapping[str, Any], parent: str) -> bool:
    return parent == account.get("parent_id") or parent.strip("/") == str(account.get("path")).strip("/")


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"settled_accounts": settled_accounts}
