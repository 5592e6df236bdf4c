# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables for terminals."""

from __future__ import annotations

import pytest

from ansible_collections.account_factory.email.plugins.plugin_utils._table import (
    columns_of,
    shortened,
    table_lines,
    terminal_width,
    wrapped,
)

ROWS = [
    ("when", "address", "id"),
    ("2026-11-21", "analytics-001@accounts.example.com", "m1"),
    ("2026-11-22", "b@c", "m22"),
]


@pytest.mark.parametrize(
    ("width", "lines"),
    [
        pytest.param(
            80,
            [
                "when        address                             id",
                "2026-11-21  analytics-001@accounts.example.com  m1",
                "2026-11-22  b@c                                 m22",
            ],
            id="there is room",
        ),
        pytest.param(
            35,
            [
                "when        address             id",
                "2026-11-21  analytics-001@acc\u2026  m1",
                "2026-11-22  b@c                 m22",
            ],
            id="too little room",
        ),
        pytest.param(
            10,
            ["when        address   id", "2026-11-21  analyti\u2026  m1", "2026-11-22  b@c       m22"],
            id="no room at all",
        ),
    ],
)
def test_a_table_fits(width: int, lines: list[str]) -> None:
    assert table_lines(ROWS, width, flexible=1) == lines


def test_no_rows_make_no_lines() -> None:
    assert table_lines([], 80, 0) == []


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        pytest.param("abc", 3, id="ASCII"),
        pytest.param("\u6f22\u5b57", 4, id="wide"),
        pytest.param("e\u0301", 1, id="combining"),
    ],
)
def test_columns(text: str, columns: int) -> None:
    assert columns_of(text) == columns


def test_what_is_too_wide_is_cut_by_columns() -> None:
    assert shortened("\u6f22\u5b57\u6f22", 4) == "\u6f22\u2026"
    assert shortened("abc", 3) == "abc"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param("ab cd", ["ab cd"], id="one line"),
        pytest.param("ab cd efgh i", ["ab cd", "  efgh", "  i"], id="between words"),
        pytest.param("ab cdefghijkl m", ["ab", "  cdef", "  ghij", "  kl m"], id="a long word"),
        pytest.param("\u6f22\u5b57\u6f22\u5b57 a", ["\u6f22\u5b57\u6f22", "  \u5b57 a"], id="by columns"),
        pytest.param("abcdef gh", ["abcdef", "  gh"], id="a word as long as a line"),
        pytest.param("", [""], id="nothing"),
    ],
)
def test_a_long_text_is_wrapped(text: str, lines: list[str]) -> None:
    assert wrapped(text, 6, "  ") == lines


@pytest.mark.parametrize(
    ("columns", "width"),
    [
        pytest.param("120", 109, id="as the terminal says"),
        pytest.param("20", 60, id="not less than can be read"),
        pytest.param("999", 189, id="not more"),
        pytest.param("wide", 89, id="no number"),
        pytest.param(None, 89, id="nothing said"),
    ],
)
def test_the_width_of_a_terminal(columns: str | None, width: int) -> None:
    assert terminal_width({} if columns is None else {"COLUMNS": columns}) == width
