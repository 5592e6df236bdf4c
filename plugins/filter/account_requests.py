# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: account_requests
short_description: Read what the play create_account is asked for, one account or a list
version_added: 0.1.0
description:
  - Takes the arguments of the play C(account_factory.email.create_account), as M(account_factory.email.play_arguments)
    returns them, and returns the accounts that they ask for, each with the options for the modules that vend its
    address and create it.
  - What can be said without asking AWS is checked here. A request that cannot work is refused, and keeps no other from
    being done.
author:
  - The account_factory.email authors (@account-factory)
options:
  _input:
    description:
      - The arguments C(name_prefix), C(account_name), C(local_part), C(domain), C(request_id), C(owners),
        C(account_type), C(tags), C(on_change), C(role_name), C(wait_timeout) and C(parent), which are those of the one
        account.
      - With C(accounts), a list of dictionaries, what an entry does not say is as in the arguments. An entry with a
        name is not in the series that the arguments name.
      - C(type_parents) is a dictionary of the parent of an account by its C(account_type), for those that C(parent) is
        not given for. The one of C(default) is for every other type and for those without one.
      - C(named) says what the arguments are called in messages.
    type: dict
    required: true
seealso:
  - plugin: account_factory.email.vended_addresses
    plugin_type: module
  - plugin: account_factory.email.organizations_account
    plugin_type: module
"""

EXAMPLES = r"""
- name: Sort the requests
  ansible.builtin.set_fact:
    requests: "{{ asked | account_factory.email.account_requests }}"
  vars:
    asked:
      domain: accounts.example.com
      owners: [jane@example.com]
      accounts:
        - name_prefix: analytics
          request_id: TICKET-4711
          account_type: sandbox
      type_parents:
        sandbox: Sandboxes
        default: Workloads
"""

RETURN = r"""
_value:
  description:
    - C(requests) are the accounts to make. Each has its C(label), its C(parent), which is empty where it stays where it
      is, the options C(vend) of an entry of M(account_factory.email.vended_addresses), and where they are given
      C(tags), C(role_name) and C(wait_timeout).
    - C(refused) says by its label why a request cannot work.
  type: dict
  sample:
    requests:
      - label: accounts[0] (TICKET-4711)
        parent: Sandboxes
        vend:
          name_prefix: analytics
          domain: accounts.example.com
          request_id: TICKET-4711
          owners: [jane@example.com]
          account_type: sandbox
    refused: {}
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

_NAMES = ("name_prefix", "account_name", "local_part")
_NEEDED = ("domain", "request_id", "owners")
# What an entry of vended_addresses says, and what organizations_account is told.
_VEND = (*_NAMES, *_NEEDED, "account_type", "tags", "on_change")
_CREATE = ("tags", "role_name", "wait_timeout")
_DEFAULT = "default"
# AWS Organizations API Reference, CreateAccount, RoleName.
_ROLE_NAME = re.compile(r"[A-Za-z0-9_+=,.@-]{1,64}")


def account_requests(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return the accounts that are asked for as ``requests``, and as ``refused`` by label why others cannot be."""
    named = asked.get("named", {})
    parents = _parents(asked.get("type_parents", {}), named)
    shared = {name: value for name, value in asked.items() if name not in ("accounts", "type_parents", "named")}
    accounts = asked.get("accounts")
    each = [shared] if accounts is None else [_merged(shared, entry) for entry in accounts]
    labelled = {_label(None if accounts is None else index, one): one for index, one in enumerate(each)}
    same: dict[str, list[str]] = {}
    for label, one in labelled.items():
        same.setdefault(one.get("request_id", label), []).append(label)
    found: dict[str, Any] = {"requests": [], "refused": {}}
    for label, one in labelled.items():
        others = [other for other in same[one.get("request_id", label)] if other != label]
        why = _why_not(one, parents, named) or _shared(others, named)
        if why:
            found["refused"][label] = why
        else:
            found["requests"].append({"label": label, **_options(one, parents)})
    return found


def _merged(shared: Mapping[str, Any], entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry with what it shares; a name of its own takes the place of the shared one."""
    own_name = any(name in entry for name in _NAMES)
    return {**{name: value for name, value in shared.items() if not (own_name and name in _NAMES)}, **entry}


def _why_not(one: Mapping[str, Any], parents: Mapping[str, str], named: Mapping[str, str]) -> str | None:
    if "refused" in one:
        return str(one["refused"])
    if not any(name in one for name in _NAMES):
        return f"{named.get('name_prefix', 'name_prefix')}: is not given, nor is an exact name"
    missing = [named.get(name, name) for name in _NEEDED if name not in one]
    if missing:
        return f"{', '.join(missing)}: not given"
    if not _ROLE_NAME.fullmatch(one.get("role_name", "role")):
        return f"{named.get('role_name', 'role_name')}: give 1 to 64 ASCII letters, digits and _+=,.@-"
    if one.get("wait_timeout", 1) < 1:
        return f"{named.get('wait_timeout', 'wait_timeout')}: give a number of seconds from 1 on"
    if parents and _parent(one, parents) is None:
        kind = one.get("account_type")
        return (
            f"{named.get('account_type', 'account_type')}: {'is not given' if kind is None else repr(kind)}, and"
            f" {named.get('type_parents', 'type_parents')} has only {', '.join(sorted(parents))}; use one of them, or"
            f" add it there, or a {_DEFAULT!r}"
        )
    return None


def _shared(labels: list[str], named: Mapping[str, str]) -> str | None:
    if not labels:
        return None
    name = named.get("request_id", "request_id")
    return f"{name}: is that of {', '.join(labels)} too; each account needs one of its own"


def _options(one: Mapping[str, Any], parents: Mapping[str, str]) -> dict[str, Any]:
    return {
        "parent": _parent(one, parents) or "",
        "vend": {name: one[name] for name in _VEND if name in one},
        **{name: one[name] for name in _CREATE if name in one},
    }


def _parent(one: Mapping[str, Any], parents: Mapping[str, str]) -> str | None:
    """Return the parent that is given, or that of the account's type; None where there is none."""
    by_type = parents.get(one.get("account_type", _DEFAULT), parents.get(_DEFAULT))
    given: str | None = one.get("parent")
    return by_type if given is None else given


def _parents(type_parents: Mapping[str, Any], named: Mapping[str, str]) -> dict[str, str]:
    empty = sorted(kind for kind, parent in type_parents.items() if not parent)
    if empty:
        raise AnsibleFilterError(
            f"{named.get('type_parents', 'type_parents')}: {empty[0]!r} has no parent; give an id, a path or / for the"
            " root"
        )
    return dict(type_parents)


def _label(index: int | None, one: Mapping[str, Any]) -> str:
    request_id = one.get("request_id", "")
    if index is None:
        return request_id or "the request"
    return f"accounts[{index}]" + (f" ({request_id})" if request_id else "")


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"account_requests": account_requests}
