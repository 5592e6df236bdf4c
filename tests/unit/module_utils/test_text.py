# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is meant as text is taken as it was written, or refused: never stored as something else."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
import yaml

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._text import account_id, checked_account_id, text


@pytest.mark.parametrize("value", ["", "0042", "1.10", "yes", "null", "[a]", "2026-01-05"])
def test_text_stays_as_it_is(value: str) -> None:
    assert text(value) == value


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        pytest.param(yaml.safe_load("0017"), '15 is a number.*YAML reads 017.*in quotes: "15"', id="octal"),
        pytest.param(15, '15 is a number.*in quotes: "15"', id="number"),
        pytest.param(1.1, '1.1 is a number.*in quotes: "1.1"', id="float"),
        pytest.param(yaml.safe_load("yes"), 'true is a boolean.*in quotes: "yes"', id="boolean"),
        pytest.param(date(2026, 1, 5), '2026-01-05 is a date.*in quotes: "2026-01-05"', id="date"),
        pytest.param(datetime(2026, 1, 5), "2026-01-05 00:00:00 is a date", id="time"),
        pytest.param(["a"], r"\['a'\] is a list, and one text", id="list"),
        pytest.param({"a": "b"}, "{'a': 'b'} is a dictionary, and one text", id="dictionary"),
        pytest.param(None, "is null", id="null"),
    ],
)
def test_what_is_not_text_is_refused_with_how_to_write_it(value: Any, reason: str) -> None:
    with pytest.raises(InputError, match=f"^{reason}"):
        text(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("012345678901", "012345678901", id="text"),
        pytest.param(854447318964, "854447318964", id="number of 12 digits"),
        pytest.param(100000000000, "100000000000", id="least number of 12 digits"),
        pytest.param("Log", "Log", id="what it says is for checked_account_id to judge"),
    ],
)
def test_account_ids(value: Any, expected: str) -> None:
    assert account_id(value) == expected


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        pytest.param(yaml.safe_load("001234567012"), 'it was "001234567012"$', id="octal"),
        pytest.param(yaml.safe_load("012345670123"), 'it was "012345670123"$', id="octal of one zero"),
        pytest.param(12345678901, 'it was "012345678901"$', id="one zero dropped"),
        pytest.param(1234567890123, "is not an AWS account id; give its 12 digits in quotes$", id="13 digits"),
        pytest.param(-5, "is not an AWS account id; give its 12 digits in quotes$", id="negative"),
        pytest.param(True, "is a boolean", id="boolean"),
        pytest.param(1.23e11, "is a number", id="float of a spreadsheet"),
    ],
)
def test_numbers_that_are_no_sure_account_ids(value: Any, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        account_id(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("012345678901", "012345678901", id="id"),
        pytest.param(" 012345678901\n", "012345678901", id="space around it"),
    ],
)
def test_texts_that_are_account_ids(value: str, expected: str) -> None:
    assert checked_account_id("account_id", value) == expected


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        pytest.param("12345678901", "^confirm: '12345678901' is not an AWS.*it was \"012345678901\"$", id="lost zero"),
        pytest.param("1.23457E+11", "^confirm: '1.23457E.11' is not an AWS account id.*in quotes$", id="spreadsheet"),
        pytest.param("15", "^confirm: '15' is not an AWS account id; give its 12 digits in quotes$", id="short"),
        pytest.param("", "^confirm: '' is not", id="empty"),
        pytest.param("١٢٣٤٥٦٧٨٩٠١٢", "is not an AWS account id; give its 12 digits in quotes$", id="other digits"),
    ],
)
def test_texts_that_are_no_account_ids(value: str, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        checked_account_id("confirm", value)
