# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every variable of every play, as its own specification names it: empty means not given, and nothing goes round it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.account_factory.email.plugins.plugin_utils._common_variables import whole_spec
from tests.unit.action.reading import Play, awx

ROOT = Path(__file__).resolve().parents[3]
PLAYBOOKS = sorted((ROOT / "playbooks").glob("*.yml"))
ROLE = ROOT / "roles" / "mail_forwarder"
READER = "account_factory.email.play_arguments"
# The plays that leave the reading to the role, and the entry point of the role that does it.
IN_THE_ROLE = {"deploy": "main", "teardown": "teardown"}
# A value of each type, for variables that a play cannot do without, and the ways of writing it.
SAMPLES: dict[str, tuple[Any, list[str]]] = {
    "account_id": ("123456789012", ["123456789012", " 123456789012\n"]),
    "bool": (True, ["true", "yes", "True", " true "]),
    "character": (";", [";"]),
    "dict": ({"a": "b", "c": "d"}, ["a=b,c=d", "a=b\nc=d\n", "a=b; c=d;", '{"a": "b", "c": "d"}', "a: b\nc: d"]),
    "int": (30, ["30", " 30"]),
    "list": (["a", "b"], ["a,b", "a\nb\n", "a\r\nb", "a; b;", '["a", "b"]', "[a, b]", "- a\n- b\n", ", a,,b,"]),
    "str": ("a", ["a", " a ", "a\n"]),
    "tags": ({"a": "b", "c": "d"}, ["a=b,c=d", "a=b\nc=d\n", "a=b; c=d;", '{"a": "b", "c": "d"}', "a: b\nc: d"]),
}  # fmt: skip


def tasks_of(node: Any) -> Iterator[dict[str, Any]]:
    """Yield the tasks of a play, those in blocks too."""
    for task in node or []:
        yield task
        for part in ("block", "rescue", "always"):
            yield from tasks_of(task.get(part))


def spec_of(playbook: Path) -> dict[str, dict[str, Any]]:
    """Return the specification that the playbook reads its variables by."""
    if playbook.stem in IN_THE_ROLE:
        specs = yaml.safe_load((ROLE / "meta/argument_specs.yml").read_text())["argument_specs"]
        [task] = yaml.safe_load((ROLE / "tasks/arguments.yml").read_text())
        return {**specs[IN_THE_ROLE[playbook.stem]]["options"], **task["vars"]["__more"]}
    reads = [
        whole_spec(task[READER]["argument_spec"], task[READER]["common"], task[READER]["prefix"])
        for play in yaml.safe_load(playbook.read_text())
        for task in tasks_of(play.get("tasks"))
        if READER in task
    ]
    [spec] = reads
    return {name: dict(option) for name, option in spec.items()}


SPECS = {playbook.stem: spec_of(playbook) for playbook in PLAYBOOKS}
VARIABLES = [
    pytest.param(play, name, id=f"{play}-{name}") for play, spec in SPECS.items() for name in spec
]  # fmt: skip


def sample(option: dict[str, Any]) -> tuple[Any, list[str]]:
    """Return a value that the variable can have, and texts that mean it."""
    kind = option.get("type", "str")
    if option.get("choices"):
        return option["choices"][0], [str(option["choices"][0])]
    if kind == "list" and option.get("elements") == "entry":
        entry = {name: sample(each)[0] for name, each in option["options"].items() if each["type"] != "ignored"}
        return [entry], [yaml.safe_dump([entry]), yaml.safe_dump([entry], default_flow_style=True)]
    if kind == "dict" and option.get("elements") == "list":
        return {"a": ["b", "c"], "d": ["e"]}, ["a=b,c\nd=e", "a=b;c;d=e", "{a: [b, c], d: [e]}"]
    return SAMPLES[kind]


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> Play:
    return Play(monkeypatch)


@pytest.mark.parametrize(("name", "variable"), VARIABLES)
def test_empty_means_not_given(play: Play, tmp_path: Path, name: str, variable: str) -> None:
    spec = SPECS[name]
    needed = {each: sample(option)[0] for each, option in spec.items() if option.get("required") and each != variable}
    without = play.values(spec, inventory=needed)
    assert ("msg" in without) == bool(spec[variable].get("required"))
    for each in (variable, *spec[variable].get("aliases", ())):
        file = tmp_path / "extravars"
        file.write_text(awx([(each, "")]))
        for extra in (f"@{file}", f"{each}=", f'{{"{each}": ""}}', f'{{"{each}": null}}'):
            assert play.values(spec, extra, inventory=needed) == without
        assert play.values(spec, inventory={**needed, each: None}) == without
        assert play.values(spec, inventory={**needed, each: ""}) == without


@pytest.mark.parametrize(("name", "variable"), VARIABLES)
def test_every_way_of_writing_a_value_means_it(play: Play, name: str, variable: str) -> None:
    option = SPECS[name][variable]
    value, texts = sample(option)
    spec = {variable: option}
    for written in (value, *texts):
        assert play.values(spec, inventory={variable: written}) == {variable: value}
        assert play.values(spec, yaml.safe_dump({variable: written}, default_flow_style=True)) == {variable: value}


@pytest.mark.parametrize("variable", sorted({variable for spec in SPECS.values() for variable in spec}))
def test_a_name_is_not_one_that_an_inventory_has_by_chance(variable: str) -> None:
    # aws_region is the field's own name for just this.
    assert variable.startswith(("account_factory_", "mail_forwarder_")) or variable in (
        "aws_region",
        "account_email_table",
    )
    # What is handed on to other jobs has names of its own, as artifacts of a workflow win over a job's own answers.
    assert variable not in HANDED_ON


HANDED_ON = {
    name
    for playbook in PLAYBOOKS
    for play in yaml.safe_load(playbook.read_text())
    for task in [*tasks_of(play.get("tasks")), *tasks_of(play.get("post_tasks"))]
    for name in task.get("ansible.builtin.set_stats", {}).get("data", {})
}


def test_what_is_handed_on() -> None:
    assert {
        "account_factory_adopted",
        "account_factory_created",
        "account_factory_deployed_table",
        "account_factory_found",
        "account_factory_transferred",
        "account_factory_vended",
    } == HANDED_ON


def _used(node: Any) -> Iterator[str]:
    """Yield the texts of a play that Ansible evaluates, which are all but the specification's."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key != "argument_spec":
                yield from _used(value)
    elif isinstance(node, list):
        for each in node:
            yield from _used(each)
    elif isinstance(node, str):
        yield node


FILES = [
    *PLAYBOOKS,
    *(ROOT / "playbooks/tasks").glob("*.yml"),
    *(ROLE / "tasks").glob("*.yml"),
    *(ROLE / "vars").glob("*.yml"),
]
TEMPLATE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)


@pytest.mark.parametrize("file", [pytest.param(file, id=str(file.relative_to(ROOT))) for file in FILES])
def test_nothing_uses_a_variable_but_as_it_was_read(file: Path) -> None:
    names = {
        each for spec in SPECS.values() for name, option in spec.items() for each in (name, *option.get("aliases", ()))
    }
    # Conditions are expressions without braces.
    conditions = re.findall(r"^\s*(?:when|that|failed_when|changed_when): (.*)$", file.read_text(), re.MULTILINE)
    expressions = [found for text in _used(yaml.safe_load(file.read_text())) for found in TEMPLATE.findall(text)]
    words = {
        word
        for text in [*conditions, *expressions]
        # What stands in quotes is text, and what follows a dot or comes before a colon or an equals sign a name.
        for word in re.findall(r"(?<![.\w])\w+(?![\w=:])", re.sub(r"'[^']*'|\"[^\"]*\"", "''", text))
    }
    assert not words & names - LOCAL


# Names of modules' options and of loops that are a former variable's, too.
LOCAL = {"accounts"}
