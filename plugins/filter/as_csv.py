# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: as_csv
short_description: Write a list of dictionaries as CSV that a spreadsheet opens and runs nothing of
version_added: 0.1.0
description:
  - Takes a list of dictionaries and returns a table by RFC 4180, its first row the names of the columns.
  - The text begins with a byte order mark, by which spreadsheets know that it is UTF-8. Python reads it as
    C(utf-8-sig).
  - A cell that a spreadsheet would take for a formula begins with an apostrophe. Those are texts that begin with
    C(=), C(+), C(-), C(@) or the full-width form of one of them, and parts of texts that do after a semicolon, which
    some spreadsheets take for the end of a cell.
  - Control and formatting characters, as line breaks, tabs and marks that turn the direction of a text, become spaces.
  - A value that is not set is an empty cell. The values of a list are joined by commas, a dictionary is JSON.
  - Spreadsheets show a number of twelve digits in their own way, and leave out the zeros before it. Import the column
    of account ids as text.
author:
  - The account_factory.email authors (@account-factory)
options:
  _input:
    description: The rows.
    type: list
    elements: dict
    required: true
  columns:
    description:
      - The keys of the columns, in their order. A row that lacks one of them has an empty cell.
      - A dictionary gives each key the name of its column.
    type: raw
    required: true
"""

EXAMPLES = r"""
- name: Write the addresses as a table
  ansible.builtin.copy:
    dest: addresses.csv
    content: "{{ found.vended_addresses | account_factory.email.as_csv(['address', 'account_id', 'owners']) }}"
    mode: "0640"

- name: Write them with other names
  ansible.builtin.copy:
    dest: addresses.csv
    content: "{{ found.vended_addresses | account_factory.email.as_csv({'address': 'Address', 'owners': 'Owners'}) }}"
    mode: "0640"
"""

RETURN = r"""
_value:
  description: The table, each of its lines ended by a carriage return and a line feed.
  type: str
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.account_factory.email.plugins.module_utils._safe_text import printable

# What a spreadsheet is told that a text is UTF-8 by.
_MARK = "\ufeff"
# OWASP, "CSV Injection": what a formula begins with, also after what may be taken for the end of a cell. Tabs and
# carriage returns are gone by then. The four with codes are the full-width forms.
_FORMULA = re.compile('(^|;)[ "]*(?=[=+@\uff1d\uff0b\uff0d\uff20-])')
# A cell of a spreadsheet has 32,767 characters at most.
_CELL_MAX = 32_000


def as_csv(rows: Iterable[Mapping[str, Any]], columns: Sequence[str] | Mapping[str, str]) -> str:
    """Return the rows as a table, with a byte order mark, see the documentation above."""
    if isinstance(columns, str) or not isinstance(columns, Sequence | Mapping):
        raise AnsibleFilterError(f"columns: {columns!r} is neither a list of keys nor a dictionary of names by key")
    names = columns.values() if isinstance(columns, Mapping) else columns
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow(map(_cell, names))
    for row in rows:
        table.writerow(_cell(row.get(key)) for key in columns)
    return _MARK + text.getvalue()


def _cell(value: Any) -> str:
    return _FORMULA.sub(r"\g<0>'", printable(_text(value), _CELL_MAX) or "")


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    if isinstance(value, list | tuple):
        return ", ".join(map(_text, value))
    return str(value)


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"as_csv": as_csv}
