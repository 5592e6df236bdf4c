# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: owner_lines
short_description: Write who gets the mail of which accounts as lines that a person reads at once
version_added: 0.1.0
description:
  - Takes what M(account_factory.email.vended_address_owner_info) returns and returns lines, how many owners there are
    first, then each with their addresses under it.
author:
  - The account_factory.email authors (@account-factory)
options:
  _input:
    description: The result of M(account_factory.email.vended_address_owner_info).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show who gets the mail of which accounts
  ansible.builtin.debug:
    msg: "{{ reviewed | account_factory.email.owner_lines }}"
"""

RETURN = r"""
_value:
  description: The lines.
  type: list
  elements: str
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._map.ownership import CONTACTS, FALLBACK_OWNER
from ansible_collections.account_factory.email.plugins.plugin_utils._table import (
    shortened,
    table_lines,
    terminal_width,
)

_HEAD = ("address", "account id", "since", "last mail", "")
_INDENT = "  "
_STANDINGS = {FALLBACK_OWNER: "fallback", **{standing: f"{kind} contact" for kind, standing in CONTACTS.items()}}


def owner_lines(result: Mapping[str, Any]) -> list[str]:
    """Return the lines that show owners with their addresses, those who take no mail with why."""
    counts, ownerships = result["counts"], result["ownerships"]
    if not ownerships:
        return ["none: nobody is an owner of an address that is not retired"]
    width = terminal_width() - len(_INDENT)
    head, *rows = table_lines([_HEAD, *map(_row, ownerships)], width, flexible=0)
    pairs = groupby(zip(ownerships, rows, strict=True), key=lambda pair: pair[0]["owner"].lower())
    return [_summary(counts), _INDENT + head, *(line for _owner, group in pairs for line in _lines([*group], width))]


def _summary(counts: Mapping[str, int]) -> str:
    owners, addresses, failing = (counts[name] for name in ("owners", "addresses", "failing_owners"))
    told = f"{owners} owner{'' if owners == 1 else 's'} of {addresses} address{'' if addresses == 1 else 'es'}"
    return told + (f"; {failing} of them {'takes' if failing == 1 else 'take'} no mail at present" if failing else "")


def _row(one: Mapping[str, Any]) -> tuple[str, ...]:
    notes = [_STANDINGS[one["standing"]]] if one["standing"] in _STANDINGS else []
    notes += [f"through {one['group']}"] if one.get("group") else []
    notes += [] if one["forwarding"] else ["suspended"]
    return (
        one["address"],
        one["account_id"] or "-",
        (one["since"] or "-")[:10],
        (one["last_mail_at"] or "-")[:10],
        ", ".join(notes),
    )


def _lines(group: Sequence[tuple[Mapping[str, Any], str]], width: int) -> Iterator[str]:
    first = group[0][0]
    yield first["owner"]
    if first["failing_reason"]:
        said = f": {first['failing_diagnostic']}" if first["failing_diagnostic"] else ""
        told = f"takes no mail: {first['failing_reason']} since {first['failing_since']}{said}"
        yield _INDENT + shortened(told, width)
    for _one, row in group:
        yield _INDENT + row.rstrip()


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"owner_lines": owner_lines}
