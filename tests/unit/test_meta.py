# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules, roles, playbooks and action groups that metadata, READMEs and examples name are those that there are."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
RUNTIME = yaml.safe_load((ROOT / "meta/runtime.yml").read_text())
MODULES = sorted(path.stem for path in (ROOT / "plugins/modules").glob("*.py"))
ROLES = {path.parents[1].name for path in (ROOT / "roles").glob("*/tasks/main.yml")}
PLAYBOOKS = {path.stem for path in (ROOT / "playbooks").glob("*.yml")}
READMES = ["README.md", *(str(path.relative_to(ROOT)) for path in (ROOT / "roles").glob("*/README.md"))]
_NAME = re.compile(r"(group/)?\baccount_factory\.email\.(\w+)")


def _constants(path: Path) -> dict[str, str]:
    """Return the texts that a Python file gives names to, in itself or in its class."""
    return {
        target.id: node.value.value
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _module(name: str) -> dict[str, str]:
    return _constants(ROOT / f"plugins/modules/{name}.py")


def _action_group_support(module: str) -> str:
    """Return what the module's documentation says, or else the fragment that it takes its attributes from."""
    documentation: dict[str, Any] = yaml.safe_load(_module(module)["DOCUMENTATION"])
    assert "account_factory.email._attributes" in documentation["extends_documentation_fragment"]
    fragment = yaml.safe_load(_constants(ROOT / "plugins/doc_fragments/_attributes.py")["DOCUMENTATION"])
    attribute = {**fragment["attributes"], **documentation.get("attributes", {})}["action_group"]
    return str(attribute["support"])


def _unknown(text: str) -> list[str]:
    """Return the names of this collection in a text for which there is nothing."""
    content = {*MODULES, *ROLES, *PLAYBOOKS}
    found = _NAME.findall(text)
    assert found
    return [prefix + name for prefix, name in found if name not in (RUNTIME["action_groups"] if prefix else content)]


def test_the_action_group_has_the_modules_that_say_so() -> None:
    members = [member for member in RUNTIME["action_groups"]["all"] if isinstance(member, str)]
    assert members == [module for module in MODULES if _action_group_support(module) != "none"]


@pytest.mark.parametrize(
    ("group", "fragment"),
    [("map", "account_factory.email._map"), ("organization", "account_factory.email._sides.organization")],
)
def test_an_action_group_has_the_modules_that_have_its_options(group: str, fragment: str) -> None:
    documented = {module: yaml.safe_load(_module(module)["DOCUMENTATION"]) for module in MODULES}
    having = [name for name, each in documented.items() if fragment in each.get("extends_documentation_fragment", [])]
    assert RUNTIME["action_groups"][group] == having


def test_the_readme_lists_every_module_and_no_other() -> None:
    table = (ROOT / "README.md").read_text().partition("| module |")[2].partition("\n\n")[0]
    first_cells = [row.split("|")[1] for row in table.splitlines()[2:]]
    assert sorted(re.findall(r"`(\w+)`", "".join(first_cells))) == MODULES


@pytest.mark.parametrize("module", MODULES)
def test_examples_name_what_there_is(module: str) -> None:
    assert _unknown(_module(module)["EXAMPLES"]) == []


@pytest.mark.parametrize("readme", READMES)
def test_readmes_name_what_there_is(readme: str) -> None:
    assert _unknown((ROOT / readme).read_text()) == []
