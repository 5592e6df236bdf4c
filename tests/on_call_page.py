# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/on-call.md as tests read it: its sections, and the commands in them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "on-call.md"
# The section that is run once in a shell, and the one whose sections are the alarms'.
SETTING_UP, ALARMS = "Before you begin", "The alarms"
_FENCE = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"^(##+) (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Section:
    """A heading, the one that it is under, and the text below it."""

    title: str
    parent: str
    text: str

    @property
    def fences(self) -> list[str]:
        """Return what the fences of shell commands hold."""
        return _FENCE.findall(self.text)

    @property
    def commands(self) -> list[str]:
        """Return the commands of the fences, in one line each whatever lines they stand on."""
        return [" ".join(command.split()) for fence in self.fences for command in joined(fence)]


def joined(fence: str) -> list[str]:
    """Return the commands of a fence as a shell reads them: a line that ends in a backslash goes on in the next one."""
    return [line for line in fence.replace("\\\n", " ").splitlines() if line.strip()]


def sections(text: str) -> list[Section]:
    """Return the sections of a page, without what stands before the first of them."""
    _before, *parts = _HEADING.split(text)
    found: list[Section] = []
    parent = ""
    for marks, title, body in _threes(parts):
        parent = title if marks == "##" else parent
        found.append(Section(title, "" if title == parent else parent, body))
    return found


def _threes(parts: Sequence[str]) -> list[tuple[str, str, str]]:
    return list(zip(parts[::3], parts[1::3], parts[2::3], strict=True))


def read() -> list[Section]:
    """Return the sections of the page as it stands."""
    return sections(PAGE.read_text(encoding="utf-8"))
