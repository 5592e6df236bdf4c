# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the variables of a play say, in every way in which people write them."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.plugin_utils._arguments import read_arguments, read_value
from ansible_collections.account_factory.email.plugins.plugin_utils._as_written import Unquoted, document

TWO = ["jane@example.org", "joe@example.org"]
LIST = {"type": "list", "elements": "str"}
TAGS = {"type": "tags"}
PARENTS = {"type": "dict", "elements": "str"}
OWNERS_OF = {"type": "dict", "elements": "list"}


@pytest.mark.parametrize(
    "option", [{"type": kind} for kind in ("str", "list", "dict", "tags", "bool", "int", "account_id")]
)
@pytest.mark.parametrize("value", [pytest.param(each, id=repr(each)) for each in (None, "", "  ", "\n")])
def test_empty_is_not_given(option: dict[str, Any], value: Any) -> None:
    assert read_value("x", option, value) is None


@pytest.mark.parametrize(
    ("option", "value", "expected"),
    [
        pytest.param(LIST, TWO, TWO, id="list"),
        pytest.param(LIST, "jane@example.org,joe@example.org", TWO, id="commas"),
        pytest.param(LIST, "jane@example.org; joe@example.org", TWO, id="semicolons"),
        pytest.param(LIST, "jane@example.org\njoe@example.org\n", TWO, id="line ends of a textarea"),
        pytest.param(LIST, "jane@example.org\r\n joe@example.org\r\n\r\n", TWO, id="line ends of a browser"),
        pytest.param(LIST, "jane@example.org, joe@example.org,", TWO, id="separator at the end"),
        pytest.param(LIST, '["jane@example.org", "joe@example.org"]', TWO, id="JSON"),
        pytest.param(LIST, "[jane@example.org, joe@example.org]", TWO, id="YAML in one line"),
        pytest.param(LIST, "- jane@example.org\n- joe@example.org\n", TWO, id="YAML"),
        pytest.param(LIST, "jane@example.org", ["jane@example.org"], id="one"),
        pytest.param(LIST, [" jane@example.org ", "", None, "joe@example.org"], TWO, id="empty entries"),
        pytest.param(LIST, [], [], id="empty list"),
        pytest.param(LIST, "[]", [], id="empty list as text"),
        pytest.param(LIST, " , ;\n", None, id="nothing but separators"),
        pytest.param({"type": "list", "elements": "account_id"}, 123456789012, ["123456789012"], id="one id, a number"),
        pytest.param(PARENTS, {"sandbox": "Sandboxes"}, {"sandbox": "Sandboxes"}, id="dictionary"),
        pytest.param(
            PARENTS,
            "sandbox=Sandboxes\ndefault = Workloads/Prod\n",
            {"sandbox": "Sandboxes", "default": "Workloads/Prod"},
            id="key=value lines",
        ),
        pytest.param(
            PARENTS, "sandbox=Sandboxes, default=/", {"sandbox": "Sandboxes", "default": "/"}, id="key=value, commas"
        ),
        pytest.param(PARENTS, '{"sandbox": "Sandboxes"}', {"sandbox": "Sandboxes"}, id="JSON dictionary"),
        pytest.param(
            PARENTS, "sandbox: Sandboxes\ndefault: /", {"sandbox": "Sandboxes", "default": "/"}, id="YAML dictionary"
        ),
        pytest.param(PARENTS, document("7: Seven"), {"7": "Seven"}, id="key that is a number"),
        pytest.param(TAGS, "team=blue;cost-center=0042", {"team": "blue", "cost-center": "0042"}, id="tags as text"),
        pytest.param(TAGS, "query=a=b", {"query": "a=b"}, id="equals sign in a value"),
        pytest.param(TAGS, "url: a=b", {"url": "a=b"}, id="YAML whose value has an equals sign"),
        pytest.param(TAGS, "empty=", {"empty": ""}, id="empty value"),
        pytest.param(TAGS, document("a: ~"), {"a": ""}, id="null as a tag's value"),
        pytest.param(TAGS, "{}", {}, id="no tags, meant"),
        pytest.param(TAGS, {}, {}, id="no tags at all, meant"),
        pytest.param(TAGS, document("n: 4711"), {"n": "4711"}, id="number in its usual form"),
        pytest.param(TAGS, document("n: '0042'"), {"n": "0042"}, id="number in quotes"),
        pytest.param(
            OWNERS_OF,
            "123456789012=jane@example.org,joe@example.org\n210987654321=joe@example.org",
            {"123456789012": TWO, "210987654321": ["joe@example.org"]},
            id="lists by key",
        ),
        pytest.param(
            OWNERS_OF,
            document("123456789012: [jane@example.org]"),
            {"123456789012": ["jane@example.org"]},
            id="lists by a number",
        ),
        pytest.param({"type": "bool"}, "yes", True, id="yes"),
        pytest.param({"type": "bool"}, "False ", False, id="False"),
        pytest.param({"type": "bool"}, Unquoted("on", True), True, id="on"),
        pytest.param({"type": "int"}, "030", 30, id="number of a survey"),
        pytest.param({"type": "int"}, Unquoted("010", 8), 10, id="what a person means by 010"),
        pytest.param({"type": "int"}, 30, 30, id="number"),
        pytest.param({"type": "str"}, " text \n", "text", id="space around text"),
        pytest.param({"type": "str"}, Unquoted("4711", 4711), "4711", id="number that is text"),
        pytest.param(
            {"type": "account_id"}, Unquoted("854447318964", 854447318964), "854447318964", id="id without quotes"
        ),
        pytest.param({"type": "account_id"}, 854447318964, "854447318964", id="id that came as a number"),
        pytest.param({"type": "account_id"}, "012345678901", "012345678901", id="id with a zero"),
        pytest.param({"type": "character"}, "\t", "\t", id="tab"),
        pytest.param({"type": "character"}, "\\t", "\t", id="tab in words"),
        pytest.param({"type": "str", "choices": ["a", "b"]}, "b", "b", id="choice"),
    ],
)
def test_values(option: dict[str, Any], value: Any, expected: Any) -> None:
    assert read_value("x", option, value) == expected


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        pytest.param({"type": "str"}, Unquoted("0017", 15), 'x: 0017 is read as 15, .* in quotes: "0017"', id="octal"),
        pytest.param({"type": "str"}, 15, "x: 15 is a number, which does not tell", id="number of nobody knows where"),
        pytest.param({"type": "str"}, ["a"], r"x: \['a'\] is a list, and one text is needed", id="list for text"),
        pytest.param(
            {"type": "account_id"}, Unquoted("012345670123", 1402433619), 'it was "012345670123"', id="octal id"
        ),
        pytest.param(
            {"type": "account_id"}, "12345678901", 'x: .12345678901. is not .* it was "012345678901"', id="lost"
        ),
        pytest.param({"type": "account_id"}, "jane", "x: 'jane' is not an AWS account id", id="no id"),
        pytest.param(TAGS, document("v: 1.10"), "x: the value of .v.: 1.10 is read as 1.1", id="tag, float"),
        pytest.param(TAGS, document("v: yes"), "x: the value of .v.: yes is read as true", id="tag, boolean"),
        pytest.param(TAGS, document("v: [a]"), "x: the value of .v.: .* is a list", id="tag, list"),
        pytest.param(TAGS, {"team": "R&D"}, "x: the value of .team., .R&D., holds '&'", id="tag, character"),
        pytest.param(TAGS, "a=b, c", "x: 'c' is not key=value", id="half a tag"),
        pytest.param(TAGS, "a=b, a=c", "x: the key 'a' is there twice", id="tag twice"),
        pytest.param(TAGS, "just words", "x: 'just words' is not a dictionary; give key=value", id="no dictionary"),
        pytest.param(LIST, {"a": "b"}, "x: .* is not a list; give one", id="dictionary for a list"),
        pytest.param(LIST, '{"a": "b"}', "x: .* is not a list; give one", id="JSON dictionary for a list"),
        pytest.param(LIST, "[a", "x: line [12], column [0-9]: is not YAML", id="half a list"),
        pytest.param(LIST, ["a", ["b"]], r"x\[1\]: \['b'\] is a list, and one text", id="list in a list"),
        pytest.param({"type": "int"}, "1h", "x: '1h' is not a whole number", id="unit"),
        pytest.param({"type": "int"}, "1.5", "x: '1.5' is not a whole number", id="fraction"),
        pytest.param({"type": "int"}, True, "x: 'True' is not a whole number", id="boolean for a number"),
        pytest.param({"type": "bool"}, "maybe", "x: 'maybe' is neither true nor false", id="no boolean"),
        pytest.param(
            {"type": "str", "choices": ["a", "b"]}, "c", "value of x must be one of: a, b, got: c", id="no choice"
        ),
    ],
)
def test_what_cannot_be(option: dict[str, Any], value: Any, says: str) -> None:
    with pytest.raises(InputError, match=f"^{says}" if says.startswith("x") else says):
        read_value("x", option, value)


ENTRIES = {
    "type": "list",
    "elements": "entry",
    "options": {
        "account_id": {"type": "account_id"},
        "owners": {**LIST, "aliases": ["account_owners"]},
        "tags": TAGS,
    },
}


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        pytest.param({"account_id": 854447318964, "tags": ""}, {"account_id": "854447318964"}, id="as in a variable"),
        pytest.param(
            {"account_owners": "a@x.example, b@x.example"}, {"owners": ["a@x.example", "b@x.example"]}, id="alias"
        ),
        pytest.param(
            {"owner": "x"}, {"refused": "owner: not known; an entry has account_id, owners, tags"}, id="unknown"
        ),
        pytest.param({"owner": ""}, {}, id="unknown and empty"),
        pytest.param(
            {"owners": "a@x.example", "account_owners": "b@x.example"},
            {"refused": "owners: is given by two names; keep one of them"},
            id="by two names",
        ),
        pytest.param(
            {"account_id": "123456789012", "tags": {"a": 34}},
            {
                "account_id": "123456789012",
                "refused": "tags: the value of 'a': 34 is a number, which does not tell how it was written (YAML reads"
                ' 042 as the same); write it in quotes: "34"',
            },
            id="wrong, and still known by its id",
        ),
    ],
)
def test_an_entry_is_read_by_itself(entry: dict[str, Any], expected: dict[str, Any]) -> None:
    assert read_value("x", ENTRIES, [entry, {}]) == [expected, {}]


@pytest.mark.parametrize(
    ("value", "says"),
    [
        pytest.param("one", r"x\[0\]: 'one' is not a dictionary", id="text"),
        pytest.param([{}, 7], r"x\[1\]: 7 is not a dictionary", id="number"),
    ],
)
def test_what_is_no_list_of_entries(value: Any, says: str) -> None:
    with pytest.raises(InputError, match=f"^{says}"):
        read_value("x", ENTRIES, value)


def test_all_that_is_wrong_is_said_at_once_by_the_names_that_were_used() -> None:
    spec: dict[str, dict[str, Any]] = {
        "new": {"type": "int", "required": True},
        "needed": {"type": "str", "required": True},
        "given": {"type": "bool"},
    }
    with pytest.raises(
        InputError, match=r"^old: 'x' is not a whole number; needed: is not given; given: 'maybe' is neither"
    ):
        read_arguments(spec, {"new": "x", "given": "maybe"}, {"new": "old"})


def test_defaults() -> None:
    spec: dict[str, dict[str, Any]] = {
        "a": {"type": "int", "default": 7},
        "b": {"type": "dict", "default": {}},
        "c": {"type": "str"},
    }
    assert read_arguments(spec, {"a": "", "b": None}, {}) == {"a": 7, "b": {}}


def test_a_strict_list_names_every_entry_that_cannot_be_read() -> None:
    option = {"type": "list", "elements": "entry", "options": {"address": {"type": "str", "required": True}}}
    entries = [{"address": "a"}, {"adress": "b"}, {}]
    assert [sorted(entry) for entry in read_value("x", option, entries)] == [["address"], ["refused"], ["refused"]]
    strict = {**option, "strict": True}
    with pytest.raises(InputError) as refused:
        read_value("x", strict, entries)
    assert str(refused.value) == ("x[1]: adress: not known; an entry has address; x[2]: address: is not given")
    assert read_value("x", strict, entries[:1]) == [{"address": "a"}]
