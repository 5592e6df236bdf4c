# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of a play as its arguments: where they come from, what they are called, and what was written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.action.reading import Play, awx

TEXT = {"x": {"type": "str", "aliases": ["old"]}}
ID = {"x": {"type": "account_id"}}
TAGS = {"x": {"type": "tags"}}


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> Play:
    return Play(monkeypatch)


@pytest.mark.parametrize(
    ("spec", "answer", "expected"),
    [
        pytest.param(ID, "854447318964", "854447318964", id="account id"),
        pytest.param(ID, "012345670123", "012345670123", id="account id that could be octal"),
        pytest.param(TEXT, "0017", "0017", id="octal"),
        pytest.param(TEXT, "15", "15", id="number"),
        pytest.param(TEXT, "1.10", "1.10", id="float"),
        pytest.param(TEXT, "yes", "yes", id="boolean"),
        pytest.param(TEXT, "null", "null", id="null"),
        pytest.param(TEXT, "2026-01-05", "2026-01-05", id="date"),
        pytest.param(TEXT, "1_000", "1_000", id="underscore"),
        pytest.param(TEXT, "{{ 1 + 1 }}", "{{ 1 + 1 }}", id="no template"),
        pytest.param(TAGS, "cost-center=0042", {"cost-center": "0042"}, id="tags"),
    ],
)
def test_the_answer_of_a_survey_is_what_was_typed(
    play: Play, tmp_path: Path, spec: dict[str, Any], answer: str, expected: Any
) -> None:
    (tmp_path / "extravars").write_text(awx([("x", answer)]))
    assert play.values(spec, f"@{tmp_path}/extravars") == {"x": expected}


@pytest.mark.parametrize(
    ("spec", "extra", "expected"),
    [
        pytest.param(ID, '{"x": 854447318964}', {"x": "854447318964"}, id="number in JSON"),
        pytest.param(TEXT, '{"x": 4711}', {"x": "4711"}, id="text that is a number in JSON"),
        pytest.param(TEXT, "{x: 4711}", {"x": "4711"}, id="number in YAML"),
        pytest.param(TEXT, "x=0017", {"x": "0017"}, id="key=value"),
        pytest.param(TAGS, "x=n=0042", {"x": {"n": "0042"}}, id="key=value, tags"),
        pytest.param(TAGS, "{x: {n: 4711}}", {"x": {"n": "4711"}}, id="number in a dictionary"),
        pytest.param(
            TEXT,
            "{x: 0017}",
            {"msg": 'x: 0017 is read as 15, for it has no quotes; write it in quotes: "0017"'},
            id="octal",
        ),
        pytest.param(
            TAGS,
            "{x: {v: 1.10}}",
            {"msg": "x: the value of 'v': 1.10 is read as 1.1, for it has no quotes; write it in quotes: \"1.10\""},
            id="float in a dictionary",
        ),
    ],
)
def test_what_is_written_on_the_command_line(play: Play, spec: dict[str, Any], extra: str, expected: Any) -> None:
    assert play.values(spec, extra) == expected


def test_a_number_of_nobody_knows_where_is_refused_and_an_account_id_is_not(play: Play) -> None:
    assert play.values(TEXT, inventory={"x": 15})["msg"].startswith("x: 15 is a number, which does not tell how")
    assert play.values(ID, inventory={"x": 854447318964}) == {"x": "854447318964"}
    assert 'it was "012345670123"' in play.values(ID, inventory={"x": 0o12345670123})["msg"]


def test_the_last_of_several_extra_variables_counts(play: Play) -> None:
    assert play.values(TEXT, '{"x": 1}', "x=0017", "y=1") == {"x": "0017"}


def test_templates_are_rendered(play: Play) -> None:
    assert play.values(TEXT, '{"x": "{{ y }}-z"}', inventory={"y": "a"}) == {"x": "a-z"}
    assert play.values({"x": {"type": "list"}}, inventory={"x": "{{ [y, y] }}", "y": "a"}) == {"x": ["a", "a"]}
    # Never the template itself, and never a number that it made.
    assert play.values(TEXT, '{"x": "{{ y }}", "y": 17}')["x"] == "17"
    assert "17 is a number" in play.values(TEXT, '{"x": "{{ 17 }}"}')["msg"]
    assert play.values(ID, '{"x": "{{ y[0].id }}"}', inventory={"y": [{"id": 854447318964}]}) == {"x": "854447318964"}
    assert play.values(TEXT, '{"x": "{{ omit }}"}') == {}
    assert play.values(TEXT, '{"x": "{{ nowhere }}"}')["msg"].startswith("x: cannot be read: ")


def test_what_an_earlier_job_handed_on_is_what_it_was_there(play: Play, tmp_path: Path) -> None:
    spec = {"x": {"type": "list", "elements": "entry", "options": {"id": {"type": "account_id"}}}}
    handed_on = "y: !unsafe [{!unsafe 'id': !unsafe '012345670123'}]\n"
    (tmp_path / "extravars").write_text(f"x: '{{{{ y }}}}'\n{handed_on}")
    assert play.values(spec, f"@{tmp_path}/extravars") == {"x": [{"id": "012345670123"}]}


def test_a_file_that_cannot_be_read_twice_is_taken_as_ansible_has_it(play: Play, tmp_path: Path) -> None:
    file = tmp_path / "extra.yml"
    file.write_text("x: 4711\n")
    read = play.read
    (tmp_path / "gone.yml").write_text("y: 1\n")
    assert read(TEXT, f"@{file}", f"@{tmp_path}/gone.yml")["x"] == "4711"


@pytest.mark.parametrize(
    ("extra", "inventory", "own", "expected", "deprecations", "warnings"),
    [
        pytest.param(["old=a"], {}, {}, {"x": "a"}, 1, 0, id="extra variable"),
        pytest.param([], {}, {"old": "a"}, {"x": "a"}, 1, 0, id="variable of the play"),
        pytest.param([], {"old": "a"}, {}, {}, 0, 1, id="inventory"),
        pytest.param(["x=b"], {"old": "a"}, {}, {"x": "b"}, 0, 0, id="inventory, and the new name"),
        pytest.param([], {"x": "a"}, {}, {"x": "a"}, 0, 0, id="new name in the inventory"),
        pytest.param(["old="], {"x": "a"}, {}, {"x": "a"}, 0, 0, id="old name left empty"),
        pytest.param(
            ["x=a", "old=b"], {}, {}, {"msg": "x, old: are the same; give one of them, x at best"}, 0, 0, id="both"
        ),
    ],
)
def test_former_names(
    play: Play,
    extra: list[str],
    inventory: dict[str, Any],
    own: dict[str, Any],
    expected: dict[str, Any],
    deprecations: int,
    warnings: int,
) -> None:
    assert play.values(TEXT, *extra, inventory=inventory, own=own) == expected
    assert (len(play.said.deprecations), len(play.said.warnings)) == (deprecations, warnings)


def test_a_variable_that_is_not_ours_is_not_evaluated(play: Play) -> None:
    assert play.values(TEXT, "x=a", inventory={"old": "{{ nowhere }}"}) == {"x": "a"}


def test_messages_and_the_result_name_a_variable_as_it_was_given(play: Play) -> None:
    result = play.read({"p_x": {"type": "int", "aliases": ["old"]}, "p_y": {"type": "str"}}, "old=7", prefix="p_")
    assert (result["x"], result["named"]) == (7, {"x": "old", "y": "p_y"})
    assert play.values({"x": {"type": "int", "aliases": ["old"]}}, "old=z") == {"msg": "old: 'z' is not a whole number"}
    assert play.values({"x": {"type": "int", "required": True}}) == {"msg": "x: is not given"}


def test_what_an_earlier_job_hands_on_counts_where_nothing_is_given(play: Play) -> None:
    spec = {"table": {"type": "str", "fallback": "deployed"}}
    assert play.values(spec, json.dumps({"deployed": "map"})) == {"table": "map"}
    assert play.values(spec, json.dumps({"deployed": "map", "table": "mine"})) == {"table": "mine"}
    assert play.values(spec, json.dumps({"deployed": "map", "table": ""})) == {"table": "map"}
    assert play.values(spec) == {}


def test_what_the_entries_of_a_list_have_in_common(play: Play) -> None:
    entry = {"owners": {"type": "list", "elements": "str"}, "account_name": {"type": "ignored"}}
    spec = {
        "a_accounts": {"type": "list", "elements": "entry", "options": entry},
        "a_owners": {"type": "list", "elements": "str"},
        "a_account_name": {"type": "str"},
        "a_region": {"type": "str"},
    }
    result = play.read(spec, '{"a_owners": "x,y", "a_region": "r", "a_account_name": "n"}', prefix="a_")
    assert result["shared"] == {"owners": ["x", "y"]}


def test_common_variables_are_read_as_if_the_specification_had_them(play: Play) -> None:
    given = {"aws_region": "eu-west-1", "account_factory_deployed_table": "map", "x": "y"}
    given["account_factory_organization_profile"] = " management "
    without = play.read(TEXT, inventory=given, prefix="account_factory_")
    assert (without["x"], "aws_region" in without) == ("y", False)
    common = ("region", "map", "organization")
    found = play.read(TEXT, inventory=given, prefix="account_factory_", common=common)
    assert (found["x"], found["aws_region"], found["account_email_table"]) == ("y", "eu-west-1", "map")
    assert found["organization_profile"] == "management"
    assert found["named"]["organization_role_arn"] == "account_factory_organization_role_arn"
    assert not any(name.startswith("forwarder") for name in found["named"])
    # What the specification says itself is what counts.
    required = {**TEXT, "aws_region": {"type": "str", "required": True}}
    assert play.values(required, inventory={}, common=common) == {"msg": "aws_region: is not given"}


def test_what_entries_have_in_common_is_given_beside_their_list(play: Play) -> None:
    owners = {"type": "list", "elements": "str", "aliases": ["old_owners"]}
    entries = {
        "type": "list",
        "elements": "entry",
        "beside": ["owners"],
        "options": {"id": {"type": "str"}, "owners": owners},
    }
    given = {"p_accounts": [{"id": "a"}], "p_owners": "jane,joe", "p_id": "b"}
    found = play.read({"p_accounts": entries}, inventory=given, prefix="p_")
    assert found["shared"] == {"owners": ["jane", "joe"]}
    assert (found["accounts"], "id" in found) == ([{"id": "a"}], False)
    old = play.read({"p_accounts": entries}, "old_owners=jane", prefix="p_")
    assert (old["owners"], old["named"]["owners"]) == (["jane"], "old_owners")
