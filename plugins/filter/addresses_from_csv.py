# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: addresses_from_csv
short_description: Turn CSV text into the list that vended_addresses takes
version_added: 0.1.0
description:
  - Reads the text of a CSV file, as spreadsheets write it, and returns a list of dictionaries for
    O(account_factory.email.vended_addresses#module:addresses).
  - The first row names the columns, each after an option of an entry there. Every further row is one entry.
  - An empty cell is an option that is not given. Empty rows are passed over.
  - Several owners are separated by semicolons in one cell, C(jane@example.com;joe@example.com), and so are tags,
    C(cost-center=1234;stage=prod), and contacts, C(billing=finance@example.com;security=soc@example.com), of which a
    kind may have several.
  - Cells are text, so that an account id keeps its leading zeros, unless the option is a number or a boolean.
  - A column that is no option, a row with too few or too many cells, and a cell that cannot be read are errors that
    say in which line.
author:
  - The account_factory.email authors (@account-factory)
positional: delimiter
options:
  _input:
    description: The text, with or without a byte order mark, with line ends of any system.
    type: str
    required: true
  delimiter:
    description:
      - The character between cells. Spreadsheets of some countries write C(;).
      - A cell with that character in it is quoted in the file, as spreadsheets do by themselves.
    type: str
    default: ","
seealso:
  - plugin: account_factory.email.vended_addresses
    plugin_type: module
"""

EXAMPLES = r"""
# addresses.csv:
#
#   address,owners,account_id,account_type,tags
#   payments-001@accounts.example.com,jane@example.com;joe@example.com,012345678901,prod,cost-center=1234;stage=prod
#   payments-002@accounts.example.com,jane@example.com,,,

- name: Bring the addresses of a CSV file into the map
  account_factory.email.vended_addresses:
    table: mail-forwarder-map
    addresses: "{{ lookup('ansible.builtin.file', 'addresses.csv') | account_factory.email.addresses_from_csv }}"
"""

RETURN = r"""
_value:
  description: One entry for each row, with the options that its cells give.
  type: list
  elements: dict
  sample:
    - address: payments-001@accounts.example.com
      owners: [jane@example.com, joe@example.com]
      account_id: "012345678901"
      account_type: prod
      tags: {"cost-center": "1234", "stage": "prod"}
    - address: payments-002@accounts.example.com
      owners: [jane@example.com]
"""

import csv
import io
from collections.abc import Callable, Iterator
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._map.options import ENTRY_SPEC
from ansible_collections.account_factory.email.plugins.module_utils._record import CONTACT_KINDS


class _CellError(ValueError):
    """A cell, a row or a header that cannot be read."""


def _number(cell: str) -> int:
    if not (cell.isascii() and cell.isdigit()):
        raise _CellError(f"{cell!r} is not a whole number")
    return int(cell)


def _boolean(cell: str) -> bool:
    value = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}.get(cell.lower())
    if value is None:
        raise _CellError(f"{cell!r} is neither true nor false")
    return value


def _list(cell: str) -> list[str]:
    return [entry.strip() for entry in cell.split(";") if entry.strip()]


def _tags(cell: str) -> dict[str, str]:
    tags: dict[str, str] = {}
    for entry in _list(cell):
        key, sign, value = (part.strip() for part in entry.partition("="))
        if not sign or not key:
            raise _CellError(f"{entry!r} is no tag; write key=value, and a semicolon between two")
        if key in tags:
            raise _CellError(f"the key {key!r} is there twice")
        tags[key] = value
    return tags


def _contacts(cell: str) -> dict[str, list[str]]:
    contacts: dict[str, list[str]] = {}
    for entry in _list(cell):
        kind, sign, mailbox = (part.strip() for part in entry.partition("="))
        if not sign or kind not in CONTACT_KINDS:
            raise _CellError(
                f"{entry!r} is no contact; write kind=mailbox, of the kinds {', '.join(CONTACT_KINDS)}, and a semicolon"
                " between two"
            )
        contacts.setdefault(kind, []).extend([mailbox] if mailbox else [])
    return contacts


_CELLS: dict[str, Callable[[str], Any]] = {"int": _number, "bool": _boolean, "list": _list, "dict": _tags}
_OPTION_CELLS: dict[str, Callable[[str], Any]] = {"contacts": _contacts}
# The options of an entry of vended_addresses, and what a cell of each is. Others with options of their own are none.
COLUMNS: dict[str, Callable[[str], Any]] = {
    name: _OPTION_CELLS.get(name, _CELLS.get(spec["type"], str))
    for name, spec in sorted(ENTRY_SPEC.items())
    if "options" not in spec or name in _OPTION_CELLS
}


def addresses_from_csv(text: Any, delimiter: Any = ",") -> list[dict[str, Any]]:
    """Return the rows of a CSV text as entries of vended_addresses."""
    if not isinstance(text, str):
        raise AnsibleFilterError(f"addresses_from_csv takes the text of a CSV file, not {type(text).__name__}")
    try:
        return [entry for _line, entry in rows_of_csv(text, delimiter)]
    except InputError as error:
        # ansible-core would say the cause once more.
        raise AnsibleFilterError(str(error)) from None


def rows_of_csv(text: str, delimiter: Any, delimiter_option: str = "delimiter") -> list[tuple[int, dict[str, Any]]]:
    """Return each entry with the line that it begins in; raise InputError, which names the line or the delimiter."""
    if not isinstance(delimiter, str) or len(delimiter) != 1 or delimiter in '"\r\n':
        raise InputError(f"{delimiter_option}: {delimiter!r} is not one character that can stand between cells")
    rows = _rows(text.removeprefix("\ufeff"), delimiter)
    first = next(rows, None)
    if first is None:
        raise InputError("line 1: there is no header row; the first row names the columns, as address,owners")
    header = _located(_header, *first, delimiter_option)
    return [(line, _located(_entry, line, row, header)) for line, row in rows]


def _located(read: Callable[..., Any], line: int, *args: Any) -> Any:
    """Return what is read of the row that begins in that line, which an error then names."""
    try:
        return read(*args)
    except _CellError as error:
        raise InputError(f"line {line}: {error}") from error


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row that is not empty with the number of the line that it begins in; a cell may hold line ends."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise InputError(f"line {line}: {error}; is a quotation mark missing or too many?") from error
        cells = [cell.strip() for cell in row]
        if any(cells):
            yield line, cells


def _header(row: list[str], delimiter_option: str) -> list[str]:
    names = _without_empty_end(row)
    unknown = [name for name in names if name not in COLUMNS]
    if unknown:
        raise _CellError(
            f"{unknown[0]!r} is no column that can be read; there are {', '.join(COLUMNS)}. If cells are not separated"
            f" by commas in this file, give {delimiter_option}"
        )
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise _CellError(f"the column {twice[0]!r} is there twice")
    return names


def _entry(row: list[str], header: list[str]) -> dict[str, Any]:
    cells = row if len(row) <= len(header) else _without_empty_end(row)
    if len(row) < len(header) or len(cells) > len(header):
        raise _CellError(f"has {len(row)} cells, and the header has {len(header)} columns")
    entry = {}
    for name, cell in zip(header, cells, strict=False):
        if not cell:
            continue
        try:
            entry[name] = COLUMNS[name](cell)
        except _CellError as error:
            raise _CellError(f"{name}: {error}") from error
    return entry


def _without_empty_end(cells: list[str]) -> list[str]:
    """Return the cells less the empty ones at the end, which spreadsheets add."""
    while cells and not cells[-1]:
        cells = cells[:-1]
    return cells


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"addresses_from_csv": addresses_from_csv}
