# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tables for terminals: columns in line, and no line wider than what is shown of one."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Mapping, Sequence
from itertools import accumulate, takewhile

# What Ansible's default callback puts around a line of a message: eight spaces, two quotes, a comma.
AROUND = 11
_LEAST, _USUAL, _MOST = 60, 100, 200
_GAP = "  "


def terminal_width(environment: Mapping[str, str] | None = None) -> int:
    """Return how many columns a line of a message may have, by COLUMNS; the usual where that does not say."""
    columns = (os.environ if environment is None else environment).get("COLUMNS", "")
    width = int(columns) if columns.isascii() and columns.isdigit() and int(columns) else _USUAL
    return min(max(width, _LEAST + AROUND), _MOST) - AROUND


def columns_of(text: str) -> int:
    """Return how many columns of a terminal a text takes: East Asian signs take two, combining ones none."""
    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text
    )


def shortened(text: str, width: int) -> str:
    """Return a text that takes no more columns than ``width``, with an ellipsis where something is missing."""
    if columns_of(text) <= width:
        return text
    while text and columns_of(text) > width - 1:
        text = text[:-1]
    return text + "…"


def wrapped(text: str, width: int, indent: str) -> list[str]:
    """Return a text on lines of no more columns than ``width``, each but the first after the indent.

    A line ends between words, and within one only where that is longer than a line.
    """
    lines: list[str] = []
    line, is_empty = "", True
    for word in text.split():
        if not is_empty and columns_of(f"{line} {word}") > width:
            lines.append(line)
            line, is_empty = indent, True
        line = line + word if is_empty else f"{line} {word}"
        while columns_of(line) > width:
            head = _head(line, width)
            lines.append(head)
            line = indent + line[len(head) :]
        is_empty = False
    return [*lines, line]


def _head(text: str, width: int) -> str:
    """Return as much of a text as takes no more columns than ``width``."""
    columns = accumulate(map(columns_of, text))
    return text[: sum(1 for _unused in takewhile(lambda taken: taken <= width, columns))]


def table_lines(rows: Sequence[Sequence[str]], width: int, flexible: int) -> list[str]:
    """Return the lines of a table, its head among the rows; the column ``flexible`` has what the others leave.

    Its texts are cut where there is too little, to eight columns at least.
    """
    if not rows:
        return []
    widths = [max(map(columns_of, column)) for column in zip(*rows, strict=True)]
    others = sum(each for index, each in enumerate(widths) if index != flexible) + len(_GAP) * (len(widths) - 1)
    widths[flexible] = min(widths[flexible], max(width - others, 8))
    return [
        _GAP.join(_filled(shortened(text, each), each) for text, each in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _filled(text: str, width: int) -> str:
    return text + " " * (width - columns_of(text))
