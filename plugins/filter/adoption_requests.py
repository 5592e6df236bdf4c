# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: adoption_requests
short_description: Read what the play adopt_account is asked for, one account or a list
version_added: 0.1.0
description:
  - Takes the variables of the play C(account_factory.email.adopt_account) and returns the accounts that they ask for,
    each with the options for the module that vends its address.
  - A request without an id of its own is called C(adopt-) and the id of the account.
  - A variable that is empty, as a survey leaves it, is not given.
author:
  - The account_factory.email authors (@account-factory)
options:
  _input:
    description:
      - The play's own variables C(account_id), C(account_name_prefix), C(account_name), C(account_local_part),
        C(account_domain), C(account_request_id), C(account_owners), C(account_type) and C(account_tags).
    type: dict
    required: true
  accounts:
    description:
      - The accounts, each a dictionary of the same variables. What an entry does not say is as in the input. An entry
        with a name is not in the series that the input names.
      - If not given, the input is the one account.
    type: list
    elements: dict
seealso:
  - plugin: account_factory.email.vended_addresses
    plugin_type: module
  - plugin: account_factory.email.account_primary_email
    plugin_type: module
"""

EXAMPLES = r"""
- name: Read the requests
  ansible.builtin.set_fact:
    asked: "{{ common | account_factory.email.adoption_requests(accounts=accounts) }}"
  vars:
    common:
      account_name_prefix: legacy
      account_domain: accounts.example.com
      account_owners: [jane@example.com]
    accounts:
      - account_id: "123456789012"
      - account_id: "210987654321"
        account_owners: [joe@example.com]
"""

RETURN = r"""
_value:
  description:
    - C(requests) are the accounts to adopt, each with its C(account_id) and the options C(vend) of an entry of
      M(account_factory.email.vended_addresses).
    - C(refused) says by its id, or by its place in the list, why an account cannot be adopted.
  type: dict
  sample:
    requests:
      - account_id: "123456789012"
        vend:
          name_prefix: legacy
          domain: accounts.example.com
          request_id: adopt-123456789012
          owners: [jane@example.com]
    refused: {}
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

_NAMES = ("account_name_prefix", "account_name", "account_local_part")
# Variable -> the option of vended_addresses that it becomes.
_VEND = {
    "account_name_prefix": "name_prefix",
    "account_name": "account_name",
    "account_local_part": "local_part",
    "account_domain": "domain",
    "account_request_id": "request_id",
    "account_owners": "owners",
    "account_type": "account_type",
    "account_tags": "tags",
}
_VARIABLES = ("account_id", *_VEND)
_ACCOUNT_ID = re.compile(r"[0-9]{12}")


def adoption_requests(common: Mapping[str, Any], accounts: Iterable[Any] | None = None) -> dict[str, Any]:
    """Return the accounts that are asked for as ``requests``, and as ``refused`` why others cannot be."""
    shared = _given(common)
    if accounts is not None and "account_id" in shared:
        raise AnsibleFilterError("account_id: is given beside accounts; give one of them, or put the id in the list")
    asked = [shared] if accounts is None else [_merged(shared, entry) for entry in _entries(accounts)]
    times = Counter(str(each.get("account_id", "")) for each in asked)
    found: dict[str, Any] = {"requests": [], "refused": {}}
    for index, each in enumerate(asked):
        account_id = str(each.get("account_id", ""))
        why = _why_not(each, account_id, times[account_id])
        if why:
            label = account_id if times[account_id] == 1 and account_id else f"accounts[{index}]"
            found["refused"][label if accounts is not None else account_id or "account_id"] = why
        else:
            given = {"account_request_id": f"adopt-{account_id}", **each}
            vend = {option: given[name] for name, option in _VEND.items() if name in given}
            found["requests"].append({"account_id": account_id, "vend": vend})
    return found


def _why_not(each: Mapping[str, Any], account_id: str, times: int) -> str | None:
    unknown = sorted(name for name in each if name not in _VARIABLES)
    if unknown:
        return f"{', '.join(unknown)}: not known; an account has {', '.join(_VARIABLES)}"
    if not _ACCOUNT_ID.fullmatch(account_id):
        return f"account_id: {account_id!r} is not an AWS account id; give its 12 digits in quotes"
    if times > 1:
        return f"account_id: {account_id} is in the list {times} times; name each account once"
    return None


def _merged(shared: Mapping[str, Any], entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry with what it shares; a name of its own takes the place of the shared one."""
    own = _given(entry)
    named = any(name in own for name in _NAMES)
    return {**{name: value for name, value in shared.items() if not (named and name in _NAMES)}, **own}


def _entries(accounts: Any) -> list[Mapping[str, Any]]:
    if isinstance(accounts, (str, Mapping)) or not isinstance(accounts, Iterable):
        raise AnsibleFilterError("accounts: is not a list; give one, each entry a dictionary of an account's variables")
    entries = list(accounts)
    wrong = [index for index, entry in enumerate(entries) if not isinstance(entry, Mapping)]
    if wrong:
        raise AnsibleFilterError(f"accounts[{wrong[0]}]: is no dictionary of an account's variables")
    return entries


def _given(variables: Mapping[str, Any]) -> dict[str, Any]:
    return {str(name): value for name, value in variables.items() if value is not None and value != ""}


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"adoption_requests": adoption_requests}
