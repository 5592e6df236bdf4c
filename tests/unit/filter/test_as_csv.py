# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""as_csv: tables that a spreadsheet opens, whatever strangers wrote into the cells."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.account_factory.email.plugins.filter.as_csv import FilterModule, as_csv

FORMULAS = "=+-@\uff1d\uff0b\uff0d\uff20"


def cells(text: str) -> list[list[str]]:
    """Return the rows of a table as a program reads them that knows what the mark at its beginning is."""
    return list(csv.reader(io.StringIO(text.encode().decode("utf-8-sig"), newline=""), strict=True))


def cell(value: Any) -> str:
    """Return what a value becomes."""
    return cells(as_csv([{"value": value}], ["value"]))[1][0]


def test_the_first_row_names_the_columns_and_the_text_says_that_it_is_utf_8() -> None:
    rows: list[dict[str, object]] = [
        {"address": "a@example.com", "name": "Zahlungen Köln", "more": 1},
        {"name": 'with "quotes", commas'},
    ]
    text = as_csv(rows, ["address", "name"])
    assert text == '\ufeffaddress,name\r\na@example.com,Zahlungen Köln\r\n,"with ""quotes"", commas"\r\n'
    assert as_csv([], {"address": "Address"}) == "\ufeffAddress\r\n"
    assert FilterModule().filters() == {"as_csv": as_csv}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0", id="formula"),
        pytest.param("+1-2", "'+1-2", id="plus"),
        pytest.param("-2+3", "'-2+3", id="minus"),
        pytest.param("@SUM(A1)", "'@SUM(A1)", id="at"),
        pytest.param("\uff1dcmd", "'\uff1dcmd", id="full-width"),
        pytest.param("\t=1+1", "'=1+1", id="tab"),
        pytest.param("\r=1+1", "'=1+1", id="carriage return"),
        pytest.param("\n=1+1", "'=1+1", id="line feed"),
        pytest.param("  =1+1", "'=1+1", id="blanks"),
        pytest.param("\u202e=1+1", "'=1+1", id="behind a mark"),
        pytest.param("x;=1+1;y", "x;'=1+1;y", id="behind a semicolon"),
        pytest.param('x; "=1+1"', 'x; "\'=1+1"', id="behind a semicolon and a quote"),
        pytest.param("payments-001@accounts.example.com", "payments-001@accounts.example.com", id="address"),
        pytest.param("a = b, c - d", "a = b, c - d", id="within"),
        pytest.param("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>", id="markup is text here"),
        pytest.param("two\r\nlines", "two lines", id="line break"),
        pytest.param("evil\u202egpj.exe", "evil gpj.exe", id="right to left"),
        pytest.param("\x1b[31mred\x00", "[31mred", id="control characters"),
        pytest.param("\ud800", "", id="half a character"),
        pytest.param(None, "", id="none"),
        pytest.param(True, "true", id="bool"),
        pytest.param(12, "12", id="number"),
        pytest.param("012345678901", "012345678901", id="account id"),
        pytest.param(["a@example.com", None, "b@example.com"], "a@example.com, , b@example.com", id="list"),
        pytest.param({"b": 1, "a": "ü"}, '{"a": "ü", "b": 1}', id="dictionary"),
    ],
)
def test_a_cell_is_text_on_one_line_and_never_a_formula(value: Any, expected: str) -> None:
    assert cell(value) == expected


@given(st.text(), st.text())
def test_whatever_is_in_the_cells_a_table_can_be_read_again(one: str, other: str) -> None:
    rows = cells(as_csv([{"one": one, "other": other}], ["one", "other"]))
    assert [len(row) for row in rows] == [2, 2]
    for text in rows[1]:
        assert text.isprintable()
        assert not text.lstrip(' "').startswith(tuple(FORMULAS))
        assert not any(part.lstrip(' "').startswith(tuple(FORMULAS)) for part in text.split(";"))


@pytest.mark.parametrize("columns", ["address", None, 5], ids=repr)
def test_columns_are_a_list_or_a_dictionary(columns: Any) -> None:
    with pytest.raises(AnsibleFilterError, match=r"columns: .* is neither a list of keys nor a dictionary"):
        as_csv([], columns)
