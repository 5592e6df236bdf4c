# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: held_mail_lines
short_description: Write a list of held mail as a table for a terminal
version_added: 0.1.0
description:
  - Takes what M(account_factory.email.held_mail_info) returns and returns the lines of a table, two for each mail, that
    fits the terminal. Ids are never cut.
author:
  - The account_factory.email authors (@account-factory)
options:
  _input:
    description: The result of M(account_factory.email.held_mail_info).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show the mail that is held
  ansible.builtin.debug:
    msg: "{{ held | account_factory.email.held_mail_lines }}"
"""

RETURN = r"""
_value:
  description: The lines.
  type: list
  elements: str
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._safe_text import unlinked
from ansible_collections.account_factory.email.plugins.plugin_utils._table import (
    columns_of,
    shortened,
    table_lines,
    terminal_width,
    wrapped,
)

_HEAD = ("received (UTC)", "why", "size", "expires", "address")
_ADDRESS = len(_HEAD) - 1
_UNITS = ("B", "KB", "MB")
_ERROR_LINES = 3


def held_mail_lines(result: Mapping[str, Any]) -> list[str]:
    """Return the lines that show a list of held mail: its table, and before it how much there is of each kind."""
    held, width = result["held_mail"], terminal_width()
    rows = table_lines([_HEAD, *map(_row, held)], width, _ADDRESS) if held else []
    details = [[], *(_details(one, width) for one in held)]
    table = [line for row, more in zip(rows, details, strict=False) for line in (row, *more)]
    return [_summary(result), *table]


def _summary(result: Mapping[str, Any]) -> str:
    counts = result["counts"]
    total, shown = sum(counts.values()), len(result["held_mail"])
    if not total:
        return "No mail is held." if not result["missing"] else "No mail was found; others look at the dead letters."
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in counts.items() if count)
    are = "mail is" if total == 1 else "mails are"
    newest = f" The newest {shown}:" if shown < total else ""
    return f"{total:,} {are} held: {kinds}.{newest}"


def _row(one: Mapping[str, Any]) -> tuple[str, ...]:
    addresses = one["addresses"]
    more = f" (+{len(addresses) - 1})" if len(addresses) > 1 else ""
    return (
        _moment(one["received_at"]),
        # Of the other kinds the reason says which it is.
        f"event: {one['reason']}" if one["kind"] == "event" else one["reason"] or "unknown",
        _size(one["size"]),
        _moment(one["expires_at"])[:10] if one["is_kept"] else "expired",
        f"{addresses[0]}{more}" if addresses else "-",
    )


def _details(one: Mapping[str, Any], width: int) -> list[str]:
    """Return the lines below a mail's row: its id, which is never cut, who sent it, and why it failed."""
    sender = {None: "", "": "from nobody (a bounce)"}.get(one["sender"], f"from {unlinked(one['sender'] or '')}")
    first = f"  id {one['message_id']}"
    lines = [first, shortened(f"  {sender}", width)] if sender else [first]
    if len(first) + 2 + columns_of(sender) <= width:
        lines = [f"{first}  {sender}".rstrip()]
    if one["error"]:
        tries = f"after {one['tries']} tries: " if one["tries"] else ""
        lines += [f"  {line}" for line in wrapped(f"{tries}{unlinked(one['error'])}", width - 2, "")[:_ERROR_LINES]]
    return lines


def _moment(text: str | None) -> str:
    return (text or "-")[:16].replace("T", " ")


def _size(size: int | None) -> str:
    if size is None:
        return "-"
    amount, unit = float(size), 0
    while amount >= 1000 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    return f"{amount:.0f} {_UNITS[unit]}"


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"held_mail_lines": held_mail_lines}
