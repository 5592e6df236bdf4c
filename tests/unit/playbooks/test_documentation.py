# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/playbooks.md and the playbooks' specifications say the same of every variable."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tests.unit.playbooks.test_arguments import IN_THE_ROLE, PLAYBOOKS, ROOT, spec_of

DOCUMENT = (ROOT / "docs" / "playbooks.md").read_text(encoding="utf-8")
READ = [playbook for playbook in PLAYBOOKS if playbook.stem not in IN_THE_ROLE]
# A header with its license, what it is, an example and where to read on.
HEADER_MAX = 14


def rows(title: str) -> list[list[str]]:
    """Return the cells of the tables of a section, without their heads."""
    section = DOCUMENT.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    cells = [
        [cell.strip() for cell in line.strip("|").split(" | ")] for line in section.splitlines() if line[:1] == "|"
    ]
    return cells[2:]


def code(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def documented() -> dict[str, dict[str, bool]]:
    """Return for each playbook its variables, and whether it requires them."""
    found: dict[str, dict[str, bool]] = {}
    for names, _meaning, playbooks in rows("Variables"):
        for playbook in code(playbooks):
            required = f"**`{playbook}`**" in playbooks
            found.setdefault(playbook, {}).update(dict.fromkeys(code(names), required))
    return found


@pytest.mark.parametrize("playbook", READ, ids=lambda path: path.stem)
def test_the_variables_are_documented_and_no_others(playbook: Path) -> None:
    expected = {name: bool(option.get("required")) for name, option in spec_of(playbook).items()}
    assert documented()[playbook.stem] == expected


def test_the_entries_of_lists_are_documented() -> None:
    expected = {
        playbook.stem: {name for name, each in option["options"].items() if each.get("type") != "ignored"}
        for playbook in READ
        for option in spec_of(playbook).values()
        if option.get("elements") == "entry"
    }
    found = {code(name)[0]: set(code(entries)) for name, entries in rows("Several accounts in one run")}
    assert found == expected


def test_every_playbook_is_in_the_readme() -> None:
    section = (
        (ROOT / "README.md").read_text(encoding="utf-8").partition("\n## The playbooks\n")[2].partition("\n## ")[0]
    )
    names = [name for line in section.splitlines() if line[:1] == "|" for name in code(line.split("|")[1])]
    assert sorted(names) == [playbook.stem for playbook in PLAYBOOKS]


@pytest.mark.parametrize("playbook", PLAYBOOKS, ids=lambda path: path.stem)
def test_a_header_is_short_and_says_where_to_read_on(playbook: Path) -> None:
    header = [line for line in playbook.read_text().splitlines() if line.startswith("#")]
    assert len(header) <= HEADER_MAX
    assert any("docs/playbooks.md" in line or "ansible-doc" in line for line in header)
    named = set(re.findall(r"\b(?:account_factory|mail_forwarder)_[a-z_]+\b", "\n".join(header)))
    assert named <= spec_of(playbook).keys()


def test_what_playbooks_hand_on_is_documented() -> None:
    handed_on = set()
    for playbook in PLAYBOOKS:
        for play in yaml.safe_load(playbook.read_text()):
            for task in [*play.get("tasks", []), *play.get("post_tasks", [])]:
                handed_on |= set(task.get("ansible.builtin.set_stats", {}).get("data", {}))
    section = DOCUMENT.partition("\n## How variables are read\n")[2].partition("\n## ")[0]
    assert {name for name in code(section) if name.startswith("account_factory_")} == handed_on
