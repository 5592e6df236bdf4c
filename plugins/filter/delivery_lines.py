# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: delivery_lines
short_description: Show who received which mail as lines for a terminal
version_added: 0.1.0
description:
  - Takes the deliveries that M(account_factory.email.deliveries_info) returns, and returns lines that show them mail by
    mail, with a line for each copy. A mail is where the first of its copies is among the deliveries.
  - The lines fit a terminal of E(COLUMNS), 100 where that is not set. Ids are never cut; mailboxes, addresses and what
    a mail server said may be.
author:
  - The account_factory.email authors (@account-factory)
options:
  _input:
    description: The deliveries.
    type: list
    elements: dict
    required: true
seealso:
  - plugin: account_factory.email.deliveries_info
    plugin_type: module
"""

EXAMPLES = r"""
- name: Look up who received the mail of an account
  account_factory.email.deliveries_info:
    address: payments-001@accounts.example.com
  register: found

- name: Show them
  ansible.builtin.debug:
    msg: "{{ found.deliveries | account_factory.email.delivery_lines }}"
"""

RETURN = r"""
_value:
  description: The lines. Empty where there are no deliveries.
  type: list
  elements: str
  sample:
    - "  mailbox               sent                  form  became"
    - 0102019a7b3c5d1e-3f2b6c1a-77aa-4b1c-9f00-aabbccddeeff-000000
    - "  2026-03-11T09:14:06Z  payments-001@accounts.example.com  from no-reply@signin.aws.example.com"
    - "  jane.doe@example.org  2026-03-11T09:14:08Z  sent  delivered"
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.account_factory.email.plugins.plugin_utils._table import (
    shortened,
    table_lines,
    terminal_width,
)

_HEAD = ("mailbox", "sent", "form", "became")
_INDENT = "  "


def delivery_lines(deliveries: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the lines that show deliveries mail by mail; nothing where there are none."""
    if not deliveries:
        return []
    width = terminal_width() - len(_INDENT)
    head, *rows = table_lines([_HEAD, *map(_row, deliveries)], width, flexible=0)
    mails: dict[tuple[str, str | None], list[tuple[Mapping[str, Any], str]]] = {}
    for delivery, row in zip(deliveries, rows, strict=True):
        mails.setdefault((delivery["message_id"], delivery["address"]), []).append((delivery, row))
    return [_INDENT + head, *(line for copies in mails.values() for line in _mail_lines(copies, width))]


def _row(delivery: Mapping[str, Any]) -> tuple[str, ...]:
    became = delivery["became"] or "-"
    if delivery["status"] != "sent":
        return delivery["mailbox"], "not sent", "-", became
    return delivery["sent_to"], delivery["sent_at"], delivery["form"] or "-", became


def _mail_lines(copies: Sequence[tuple[Mapping[str, Any], str]], width: int) -> Iterator[str]:
    """Yield the lines of a mail to an address: its id, what holds for all of its copies, and each of these."""
    yield copies[0][0]["message_id"]
    for text in _of_all([delivery for delivery, _row in copies]):
        yield _INDENT + shortened(text, width)
    for delivery, row in copies:
        yield _INDENT + row
        for text in _of_one(delivery):
            yield 2 * _INDENT + shortened(text, width - len(_INDENT))


def _of_all(copies: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield when a mail came, for which address, what that was to the forwarder, from whom; and who released it."""
    first = copies[0]
    standing = "" if first["standing"] in (None, "owner") else f" ({first['standing']})"
    yield f"{first['received_at'] or '-'}  {first['address'] or '-'}{standing}  from {first['sender'] or '<>'}"
    for released in [one for one in copies if one["released"]][:1]:
        when = f" {released['released_at']}" if released["released_at"] else ""
        yield f"released{when} by {released['released_by'] or 'somebody'}"


def _of_one(delivery: Mapping[str, Any]) -> Iterator[str]:
    """Yield in whose place a copy was sent, and what was said of it."""
    instead_of = delivery["instead_of"] or delivery["mailbox"]
    if instead_of != (delivery["sent_to"] or delivery["mailbox"]):
        yield f"in place of {instead_of}"
    if delivery["diagnostic"]:
        yield delivery["diagnostic"]


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"delivery_lines": delivery_lines}
