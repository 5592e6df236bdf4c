# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: account_requests
short_description: Read what the play create_account is asked for, one account or a list
version_added: 0.1.0
description:
  - Takes the variables of the play C(account_factory.email.create_account) and returns the accounts that they ask for,
    each with the options for the modules that vend its address and create it.
  - What can be said without asking AWS is checked here. A request that cannot work is refused, and keeps no other from
    being done.
  - A variable that is empty, as a survey leaves it, is not given.
author:
  - The account_factory.email authors (@account-factory)
options:
  _input:
    description:
      - The play's own variables C(account_name_prefix), C(account_domain), C(account_request_id), C(account_owners),
        C(account_type), C(account_tags), C(account_role_name), C(account_wait_timeout) and C(account_parent).
    type: dict
    required: true
  accounts:
    description:
      - The accounts, each a dictionary of the same variables. What an entry does not say is as in the input.
      - If not given, the input is the one account.
    type: list
    elements: dict
  type_parents:
    description:
      - The parent of an account by its C(account_type), for those that C(account_parent) is not given for. The one of
        C(default) is for every other type and for those without one.
    type: dict
seealso:
  - plugin: account_factory.email.vended_addresses
    plugin_type: module
  - plugin: account_factory.email.organizations_account
    plugin_type: module
"""

EXAMPLES = r"""
- name: Read the requests
  ansible.builtin.set_fact:
    asked: "{{ common | account_factory.email.account_requests(accounts=accounts, type_parents=parents) }}"
  vars:
    common:
      account_domain: accounts.example.com
      account_owners: [jane@example.com]
    accounts:
      - account_name_prefix: analytics
        account_request_id: TICKET-4711
        account_type: sandbox
    parents:
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
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

_NEEDED = ("account_name_prefix", "account_domain", "account_request_id", "account_owners")
_VARIABLES = (*_NEEDED, "account_type", "account_tags", "account_role_name", "account_wait_timeout", "account_parent")
# Variable -> the option of vended_addresses that it becomes.
_VEND = {
    "account_name_prefix": "name_prefix",
    "account_domain": "domain",
    "account_request_id": "request_id",
    "account_owners": "owners",
    "account_type": "account_type",
    "account_tags": "tags",
}
_CREATE = {"account_tags": "tags", "account_role_name": "role_name", "account_wait_timeout": "wait_timeout"}
_DEFAULT = "default"
# AWS Organizations API Reference, CreateAccount, RoleName.
_ROLE_NAME = re.compile(r"[A-Za-z0-9_+=,.@-]{1,64}")
_SECONDS = re.compile(r"0*[1-9][0-9]*")


def account_requests(
    common: Mapping[str, Any],
    accounts: Iterable[Mapping[str, Any]] | None = None,
    type_parents: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the accounts that are asked for as ``requests``, and as ``refused`` by label why others cannot be."""
    parents = _parents(type_parents)
    asked = [common] if accounts is None else [{**common, **_given(entry)} for entry in _dictionaries(accounts)]
    given = [_given(variables) for variables in asked]
    labelled = {_label(None if accounts is None else index, each): each for index, each in enumerate(given)}
    same: dict[str, list[str]] = {}
    for label, variables in labelled.items():
        same.setdefault(_request_id(variables), []).append(label)
    found: dict[str, Any] = {"requests": [], "refused": {}}
    for label, variables in labelled.items():
        others = [other for other in same[_request_id(variables)] if other != label]
        why = _why_not(variables, parents) or _shared(others)
        if why:
            found["refused"][label] = why
        else:
            found["requests"].append({"label": label, **_options(variables, parents)})
    return found


def _why_not(variables: Mapping[str, Any], parents: Mapping[str, str]) -> str | None:
    unknown = sorted(str(name) for name in variables.keys() - set(_VARIABLES))
    if unknown:
        return f"{', '.join(unknown)}: not known; an account has {', '.join(_VARIABLES)}"
    missing = [name for name in _NEEDED if name not in variables]
    if missing:
        return f"{', '.join(missing)}: not given"
    role_name, timeout = str(variables.get("account_role_name", "role")), str(variables.get("account_wait_timeout", 1))
    if not _ROLE_NAME.fullmatch(role_name) or not _SECONDS.fullmatch(timeout):
        return (
            "account_role_name, account_wait_timeout: give a role name of 1 to 64 letters, digits and _+=,.@- and a"
            " number of seconds from 1 on"
        )
    if parents and _parent(variables, parents) is None:
        kind = variables.get("account_type")
        known = ", ".join(sorted(parents))
        return (
            f"account_type: {'is not given' if kind is None else repr(kind)}, and account_type_parents has only"
            f" {known}; use one of them, or add it there, or a {_DEFAULT!r}"
        )
    return None


def _shared(labels: list[str]) -> str | None:
    if not labels:
        return None
    return f"account_request_id: is that of {', '.join(labels)} too; each account needs one of its own"


def _options(variables: Mapping[str, Any], parents: Mapping[str, str]) -> dict[str, Any]:
    return {
        "parent": _parent(variables, parents) or "",
        "vend": {option: variables[name] for name, option in _VEND.items() if name in variables},
        **{option: variables[name] for name, option in _CREATE.items() if name in variables},
    }


def _parent(variables: Mapping[str, Any], parents: Mapping[str, str]) -> str | None:
    """Return the parent that is given, or that of the account's type; None where there is none."""
    by_type = parents.get(str(variables.get("account_type", _DEFAULT)), parents.get(_DEFAULT))
    given = variables.get("account_parent")
    return by_type if given is None else str(given)


def _parents(type_parents: Any) -> dict[str, str]:
    if type_parents is None or type_parents == "":
        return {}
    if not isinstance(type_parents, Mapping):
        raise AnsibleFilterError(
            f"account_type_parents: {type_parents!r} is no dictionary of parents by account type, such as sandbox:"
            " Sandboxes"
        )
    empty = sorted(str(kind) for kind, parent in type_parents.items() if parent in (None, ""))
    if empty:
        raise AnsibleFilterError(
            f"account_type_parents: {empty[0]!r} has no parent; give an id, a path or / for the root"
        )
    return {str(kind): str(parent) for kind, parent in type_parents.items()}


def _dictionaries(accounts: Iterable[Any]) -> list[Mapping[str, Any]]:
    entries = [] if isinstance(accounts, str | Mapping) or not isinstance(accounts, Iterable) else list(accounts)
    wrong = [index for index, entry in enumerate(entries) if not isinstance(entry, Mapping)]
    if wrong:
        raise AnsibleFilterError(f"accounts[{wrong[0]}]: is no dictionary of an account's variables")
    if not entries and accounts != []:
        raise AnsibleFilterError("accounts: is not a list; give one, each entry a dictionary of an account's variables")
    return entries


def _given(variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables that are given: a survey leaves the others empty. ``{}`` and ``[]`` are meant."""
    return {str(name): value for name, value in variables.items() if value is not None and value != ""}


def _label(index: int | None, variables: Mapping[str, Any]) -> str:
    request_id = _request_id(variables)
    if index is None:
        return request_id or "the request"
    return f"accounts[{index}]" + (f" ({request_id})" if request_id else "")


def _request_id(variables: Mapping[str, Any]) -> str:
    return str(variables.get("account_request_id", "")).strip()


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"account_requests": account_requests}
