# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: held_mail_content_lines
short_description: Lay out the header and the parts of a held mail for a terminal
version_added: 0.1.0
description:
  - Takes a mail as M(account_factory.email.held_mail_content_info) returns it, and returns the lines to print.
  - These are the fields of its header, wrapped to the width of the terminal, and its parts as a table.
author:
  - The account_factory.email authors (@account-factory)
options:
  _input:
    description: The mail.
    type: dict
    required: true
  width:
    description: How many columns a line may have. By default as many as the terminal leaves for a message of Ansible.
    type: int
"""

EXAMPLES = r"""
- name: Show the mail
  ansible.builtin.debug:
    msg: "{{ held.held_mail_content | account_factory.email.held_mail_content_lines }}"
"""

RETURN = r"""
_value:
  description: The lines.
  type: list
  elements: str
  sample:
    - "quarantine/o3vrnil0e2ic28trm7dfhrc2v0clambda4nbp0g1: quarantined, 48,211 bytes"
    - ""
    - "From: Jane Doe <jane.doe@example[.]com>"
    - "Subject: Your invoice"
    - ""
    - "part               disposition  size    filename"
    - "multipart/mixed    -            -       -"
    - "  text/plain       -            412     -"
    - "  application/pdf  attachment   34,113  invoice[.]pdf"
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.account_factory.email.plugins.plugin_utils._table import (
    columns_of,
    shortened,
    table_lines,
    terminal_width,
    wrapped,
)

_INDENT = "    "
_HEAD = ("part", "disposition", "size")
# How deep a part is shown to lie at most, and what of a line is for names of files.
_DEPTH_MAX = 5
_DISPOSITION_MAX = len("disposition")
_FILENAME_MIN = 20
_GAP = 2


def held_mail_content_lines(mail: Mapping[str, Any], width: int | None = None) -> list[str]:
    """Return the lines that show a mail: where it lies, its header, its parts, and what of these is not shown."""
    columns = width or terminal_width()
    lines = wrapped(f"{mail['key']}: {mail['kind']}, {mail['size']:,} bytes", columns, _INDENT)
    if not mail["is_readable"]:
        return [*lines, *wrapped(f"It cannot be shown: {mail['problem']}", columns, _INDENT)]
    lines.append("")
    for field in mail["header_fields"]:
        lines += wrapped(f"{field['name']}: {field['value']}" if field["name"] else field["value"], columns, _INDENT)
    if mail["header_fields_omitted"]:
        lines.append(f"({mail['header_fields_omitted']:,} more fields)")
    lines += ["", *_part_lines(mail["parts"], columns)]
    return [*lines, "(more parts)"] if mail["has_more_parts"] else lines


def _part_lines(parts: Sequence[Mapping[str, Any]], columns: int) -> list[str]:
    """Return the table of the parts. Names of files are never cut: what a file is, its end says."""
    rows = table_lines([_HEAD, *map(_row, parts)], columns - _FILENAME_MIN - _GAP, flexible=0)
    begin = max(map(columns_of, rows)) + _GAP
    lines = []
    for row, filename in zip(rows, ["filename", *(part["filename"] or "-" for part in parts)], strict=True):
        first, *others = wrapped(filename, columns - begin, "")
        lines += [row + " " * (begin - columns_of(row)) + first, *(" " * begin + other for other in others)]
    return lines


def _row(part: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        "  " * min(part["depth"], _DEPTH_MAX) + part["content_type"],
        shortened(part["disposition"] or "-", _DISPOSITION_MAX),
        "-" if part["size"] is None else f"{part['size']:,}",
    )


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"held_mail_content_lines": held_mail_content_lines}
