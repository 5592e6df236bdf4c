# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documents read so that what was written is still to be seen, and laid beside what Ansible made of them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.plugin_utils._as_written import (
    UNKNOWN,
    Unquoted,
    align,
    as_text,
    document,
    plain,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a: b", {"a": "b"}, id="text"),
        pytest.param("a: '0042'\nb: \"yes\"", {"a": "0042", "b": "yes"}, id="quotes"),
        pytest.param("a: 0042", {"a": Unquoted("0042", 34)}, id="octal"),
        pytest.param("a: 1.10", {"a": Unquoted("1.10", 1.1)}, id="float"),
        pytest.param("a: yes", {"a": Unquoted("yes", True)}, id="boolean"),
        pytest.param("a: 2026-01-05", {"a": Unquoted("2026-01-05", date(2026, 1, 5))}, id="date"),
        pytest.param("a: ~\nb:\nc: null", {"a": None, "b": None, "c": None}, id="null"),
        pytest.param("[a, [0x10]]", ["a", [Unquoted("0x10", 16)]], id="lists"),
        pytest.param("0017: x", {Unquoted("0017", 15): "x"}, id="key"),
        pytest.param("a: !unsafe '0017'", {"a": "0017"}, id="unsafe text, as AWX writes it"),
        pytest.param("a: !unsafe 'yes'\nb: !unsafe ''", {"a": "yes", "b": ""}, id="unsafe texts"),
        pytest.param("a: !unsafe 15", {"a": Unquoted("15", 15)}, id="unsafe number"),
        pytest.param("a: !unsafe [!unsafe '0017']", {"a": ["0017"]}, id="unsafe list"),
        pytest.param("a: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6161", {"a": UNKNOWN}, id="vault"),
        pytest.param(
            "a: &x {b: 010}\nc: {<<: *x, d: e}",
            {"a": {"b": Unquoted("010", 8)}, "c": {"b": Unquoted("010", 8), "d": "e"}},
            id="merge",
        ),
        pytest.param(
            '{"a": 15, "b": "0017", "c": true, "d": 1.10}',
            {"a": Unquoted("15", 15), "b": "0017", "c": Unquoted("true", True), "d": Unquoted("1.10", 1.1)},
            id="JSON",
        ),
        pytest.param("{a: 0017}", {"a": Unquoted("0017", 15)}, id="YAML in braces"),
        pytest.param("", None, id="empty"),
    ],
)
def test_a_document_keeps_what_was_written(text: str, expected: Any) -> None:
    assert document(text) == expected


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("a: [", "^line [12], column [0-9]+: is not YAML: ", id="no YAML"),
        pytest.param("a: b\n\nc: d\na: e", "^line 4: the key 'a' is there twice", id="key twice in YAML"),
        pytest.param('{"a": 1, "a": 2}', "^the key 'a' is there twice", id="key twice in JSON"),
        pytest.param("a: 2026-13-01", "^line 1: '2026-13-01' cannot be read", id="no date"),
        pytest.param("a: \x07", "is not YAML", id="control character"),
    ],
)
def test_what_is_no_document(text: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        document(text)


@pytest.mark.parametrize(
    ("value", "raw", "written", "expected"),
    [
        pytest.param("rendered", "{{ x }}", "{{ x }}", "rendered", id="a template's text"),
        pytest.param(17, "{{ x }}", "{{ x }}", 17, id="a template's number"),
        pytest.param([15], "{{ x }}", "{{ x }}", [15], id="a template's list"),
        pytest.param({"a": 17}, {"a": "{{ x }}"}, {"a": "{{ x }}"}, {"a": 17}, id="a template in a dictionary"),
        pytest.param(15, 15, "0017", "0017", id="text that ansible-core 2.19 made a number of"),
        pytest.param(True, True, "yes", "yes", id="text that it made a boolean of"),
        pytest.param(None, None, "null", "null", id="text that it made null of"),
        pytest.param(15, 15, Unquoted("0017", 15), Unquoted("0017", 15), id="octal"),
        pytest.param(16, 16, Unquoted("0017", 15), 16, id="another value is not what was written"),
        pytest.param(15, 15, UNKNOWN, 15, id="what the document does not tell"),
        pytest.param([15, "x"], [15, "x"], ["0017", "x"], ["0017", "x"], id="list"),
        pytest.param({"a": 15, "b": 1}, {"a": 15, "b": 1}, {"a": "0017"}, {"a": "0017", "b": 1}, id="dictionary"),
        pytest.param({15: "x"}, {15: "x"}, {Unquoted("0017", 15): "x"}, {Unquoted("0017", 15): "x"}, id="key"),
        pytest.param(
            {"a": {"b": [34]}},
            {"a": {"b": [34]}},
            {"a": {"b": [Unquoted("0042", 34)]}},
            {"a": {"b": [Unquoted("0042", 34)]}},
            id="deep",
        ),
    ],
)
def test_what_ansible_has_is_laid_beside_what_was_written(value: Any, raw: Any, written: Any, expected: Any) -> None:
    assert align(value, raw, written) == expected


@pytest.mark.parametrize("value", ["0042", "yes", "", Unquoted("15", 15), Unquoted("854447318964", 854447318964)])
def test_what_is_text(value: Any) -> None:
    assert as_text(value) == (value.text if isinstance(value, Unquoted) else value)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        pytest.param(Unquoted("0042", 34), '^0042 is read as 34, .* in quotes: "0042"$', id="octal"),
        pytest.param(Unquoted("1.10", 1.1), '^1.10 is read as 1.1, .* in quotes: "1.10"$', id="float"),
        pytest.param(Unquoted("yes", True), '^yes is read as true, .* in quotes: "yes"$', id="boolean"),
        pytest.param(Unquoted("1_000", 1000), '^1_000 is read as 1000, .* in quotes: "1_000"$', id="underscore"),
        pytest.param(Unquoted("1.5", 1.5), "^1.5 is a number", id="float in its usual form"),
        pytest.param(15, "^15 is a number, which does not tell how it was written", id="number of nobody knows where"),
        pytest.param(["a"], r"^\['a'\] is a list", id="list"),
    ],
)
def test_what_is_no_text_says_how_to_write_it(value: Any, says: str) -> None:
    with pytest.raises(InputError, match=says):
        as_text(value)


def test_plain_values_are_ansibles_own() -> None:
    assert plain(document("a: [0017, yes, '1']\n0017: x")) == {"a": [15, True, "1"], 15: "x"}
