# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: adoption_requests
short_description: Read what the play adopt_account is asked for, one account or a list
version_added: 0.1.0
description:
  - Takes the arguments of the play C(account_factory.email.adopt_account), as M(account_factory.email.play_arguments)
    returns them, and returns the accounts that they ask for, each with the options for the module that vends its
    address.
  - A request without an id of its own is called C(adopt-) and the id of the account.
author:
  - The account_factory.email authors (@account-factory)
options:
  _input:
    description:
      - The arguments C(account_id), C(name_prefix), C(account_name), C(local_part), C(domain), C(request_id),
        C(owners), C(account_type), C(tags) and C(on_change), which are those of the one account.
      - With C(accounts), a list of dictionaries, what an entry does not say is as in the arguments. An entry with a
        name is not in the series that the arguments name. One with C(address) is given that address, which is in the
        map already, and nothing that the arguments say.
      - C(named) says what the arguments are called in messages.
    type: dict
    required: true
seealso:
  - plugin: account_factory.email.vended_addresses
    plugin_type: module
  - plugin: account_factory.email.account_primary_email
    plugin_type: module
"""

EXAMPLES = r"""
- name: Sort the requests
  ansible.builtin.set_fact:
    requests: "{{ asked | account_factory.email.adoption_requests }}"
  vars:
    asked:
      name_prefix: legacy
      domain: accounts.example.com
      owners: [jane@example.com]
      accounts:
        - account_id: "123456789012"
        - account_id: "210987654321"
          owners: [joe@example.com]
        - account_id: "321098765432"
          address: legacy-007@accounts.example.com
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

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

_NAMES = ("name_prefix", "account_name", "local_part")
# What an entry of vended_addresses says.
_VEND = (*_NAMES, "domain", "request_id", "owners", "account_type", "tags", "on_change")
# Of an address that is in the map, what others hand on with it.
_KNOWN = ("account_id", "address", "account_name", "request_id")


def adoption_requests(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return the accounts that are asked for as ``requests``, and as ``refused`` why others cannot be."""
    named = asked.get("named", {})
    shared = {name: value for name, value in asked.items() if name in ("account_id", *_VEND)}
    accounts = asked.get("accounts")
    if accounts is not None and "account_id" in shared:
        raise AnsibleFilterError(
            f"{named.get('account_id', 'account_id')}: is given beside {named.get('accounts', 'accounts')}; give one of"
            " them, or put the id in the list"
        )
    each = [shared] if accounts is None else [_merged(shared, entry) for entry in accounts]
    times = Counter(one.get("account_id", "") for one in each)
    found: dict[str, Any] = {"requests": [], "refused": {}}
    for index, one in enumerate(each):
        account_id = one.get("account_id", "")
        why = _why_not(one, times[account_id], named)
        if why:
            label = account_id if account_id and times[account_id] == 1 else f"accounts[{index}]"
            found["refused"][label if accounts is not None else account_id or "account_id"] = why
        else:
            found["requests"].append({"account_id": account_id, "vend": _vend(one)})
    return found


def _why_not(one: Mapping[str, Any], times: int, named: Mapping[str, str]) -> str | None:
    if "refused" in one:
        return str(one["refused"])
    if "account_id" not in one:
        return (
            f"{named.get('account_id', 'account_id')}: is not given; give the 12 digits of the account's id in quotes"
        )
    if times > 1:
        return f"account_id: {one['account_id']} is in the list {times} times; name each account once"
    beside = sorted(one.keys() - set(_KNOWN))
    if "address" in one and beside:
        return (
            f"{', '.join(beside)}: has no place beside address, which is in the map already; change what the map says"
            " of it first, or leave it out"
        )
    return None


def _merged(shared: Mapping[str, Any], entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry with what it shares; a name of its own takes the place of the shared one."""
    if "address" in entry:
        return dict(entry)
    named = any(name in entry for name in _NAMES)
    return {**{name: value for name, value in shared.items() if not (named and name in _NAMES)}, **entry}


def _vend(one: Mapping[str, Any]) -> dict[str, Any]:
    if "address" in one:
        return {name: one[name] for name in ("address", "account_name") if name in one}
    given = {"request_id": f"adopt-{one['account_id']}", **one}
    return {name: given[name] for name in _VEND if name in given}


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"adoption_requests": adoption_requests}
