# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/on-call.md and the alarms of the stack say the same; tests/integration/test_on_call.py runs its commands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.on_call_page import ALARMS, PAGE, SETTING_UP, Section, read
from tests.unit.roles.mail_forwarder.test_alarms import ALARMS as RESOURCES
from tests.unit.roles.mail_forwarder.test_alarms import NAMES, name

ROOT = PAGE.parents[1]
TEXT = PAGE.read_text(encoding="utf-8")
SECTIONS = read()
OF_ALARMS = [section for section in SECTIONS if section.parent == ALARMS]
BY_NAME: dict[str, dict[str, Any]] = {name(properties): properties for properties in RESOURCES.values()}
PARTS = ("**What it means.**", "**See.**", "**Mend.**", "**Over when** ")
# A terminal of usual width, and what the shell prints before a command.
WIDTH = 110
# How a command begins in the text of an alarm, and what ends it.
IN_TEXT = re.compile(r"(?:ansible-playbook|ansible localhost|aws) .+?(?=\. |, |$)")


def section_of(alarm: str) -> Section:
    (found,) = [section for section in OF_ALARMS if alarm in section.title.split(", ")]
    return found


def commands_of(alarm: str) -> list[str]:
    """Return the commands in the text of an alarm, for a stack that is called mail-forwarder."""
    text = BY_NAME[alarm]["AlarmDescription"]
    text = text["Fn::Sub"] if isinstance(text, dict) else text
    return IN_TEXT.findall(text.replace("${AWS::StackName}", "mail-forwarder"))


def anchor(title: str) -> str:
    """Return the anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def test_each_alarm_has_a_section_and_no_other_has() -> None:
    titled = [alarm for section in OF_ALARMS for alarm in section.title.split(", ")]
    assert sorted(titled) == sorted(NAMES)


def test_the_table_names_each_alarm_and_links_to_its_section() -> None:
    table = TEXT.partition("| Urgency |")[2].partition("\n\n")[0]
    rows = re.findall(r"\[(`[^\]]+`)\]\(#([\w-]+)\)", table)
    listed = {alarm: link for names, link in rows for alarm in re.findall(r"`([\w-]+)`", names)}
    assert listed == {alarm: anchor(section_of(alarm).title) for alarm in NAMES}


@pytest.mark.parametrize("section", OF_ALARMS, ids=lambda section: section.title)
def test_a_section_says_what_it_means_what_to_run_and_when_it_is_over(section: Section) -> None:
    places = [section.text.find(part) for part in PARTS]
    assert -1 not in places, "a part is missing"
    assert places == sorted(places)
    assert [section.text.count(part) for part in PARTS] == [1, 1, 1, 1]
    meaning, see = section.text[: places[1]], section.text[places[1] : places[2]]
    assert "```" not in meaning
    assert "```sh\n" in see, "nothing to run"


@pytest.mark.parametrize("alarm", NAMES)
def test_a_section_says_whether_the_end_of_the_alarm_is_told(alarm: str) -> None:
    section = section_of(alarm)
    over = " ".join(section.text.partition(PARTS[3])[2].split())
    is_told = "OKActions" in BY_NAME[alarm]
    of_some = re.search(r"`([\w-]+)` does so without a message", over)
    untold = {of_some[1]} if of_some else set(section.title.split(", ")) if "without a message" in over else set()
    assert (alarm in untold) is not is_told


@pytest.mark.parametrize("alarm", NAMES)
def test_the_commands_of_an_alarm_are_in_its_section(alarm: str) -> None:
    """What is asked for beside may differ, as by which variables; the command goes on after it only."""
    commands = commands_of(alarm)
    assert commands
    here = section_of(alarm).commands
    assert [one for one in commands if not any(f"{each} ".startswith(f"{one} ") for each in here)] == []


def test_all_commands_of_an_alarm_are_found() -> None:
    found = {alarm: commands_of(alarm) for alarm in NAMES}
    text = " ".join(str(properties["AlarmDescription"]) for properties in BY_NAME.values())
    assert sum(map(len, found.values())) == len(
        re.findall(r"ansible-playbook |ansible localhost |aws [a-z0-9]+ ", text)
    )
    assert found["owner-suppressed"] == [
        "ansible-playbook account_factory.email.list_addresses",
        "ansible localhost -m account_factory.email.ses_suppressed_destination -a 'state=absent email_address=OWNER'",
    ]
    assert found["undeliverable"] == [
        "aws logs filter-log-events --log-group-name /aws/lambda/mail-forwarder-events --filter-pattern undeliverable",
        "ansible-playbook account_factory.email.deploy",
    ]


def test_links_resolve() -> None:
    for document in (PAGE, ROOT / "README.md", ROOT / "roles" / "mail_forwarder" / "README.md"):
        text = document.read_text(encoding="utf-8")
        links = [link for link in re.findall(r"\]\(\s*([^)\s]+)\)", text) if not link.startswith("https://")]
        assert document != PAGE or len(links) > 20
        for link in links:
            path, _hash, part = link.partition("#")
            target = (document.parent / path).resolve() if path else document
            assert target.exists(), f"{document}: {link}"
            if part:
                assert part in anchors(target), f"{document}: {link}"


def anchors(document: Path) -> set[str]:
    return {anchor(title) for title in re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)}


def test_people_find_the_page() -> None:
    for document in ("README.md", "roles/mail_forwarder/README.md", "CONTRIBUTING.md"):
        assert "docs/on-call.md" in (ROOT / document).read_text(encoding="utf-8"), document


def test_commands_fit_a_terminal_and_stand_in_fences_that_are_run() -> None:
    lines = [line for section in SECTIONS for fence in section.fences for line in fence.splitlines()]
    assert len(lines) > 50
    assert [line for line in lines if len(line) > WIDTH] == []
    assert re.findall(r"^```(?!sh$|$).*", TEXT, re.MULTILINE) == []
    assert [section.title for section in SECTIONS if any("export " in fence for fence in section.fences)] == [
        SETTING_UP
    ]


def test_playbooks_and_modules_of_the_page_exist() -> None:
    plays = set(re.findall(r"ansible-playbook account_factory\.email\.(\w+)", TEXT))
    modules = set(re.findall(r"ansible localhost -m account_factory\.email\.(\w+)", TEXT))
    assert [play for play in plays if not (ROOT / "playbooks" / f"{play}.yml").exists()] == []
    assert [module for module in modules if not (ROOT / "plugins" / "modules" / f"{module}.py").exists()] == []
