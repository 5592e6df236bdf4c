# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the checks are: each stage is a few commands, run from the root of the checkout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.checks.environment import BIN, LINK, ROOT

Command = tuple[str, ...]


@dataclass(frozen=True)
class Stage:
    """Commands that all have to end with 0. One with ``tests`` is pytest's: no test file there, nothing to run."""

    name: str
    commands: tuple[Command, ...]
    tests: str | None = None

    @property
    def is_empty(self) -> bool:
        return self.tests is not None and not any((ROOT / self.tests).rglob("test_*.py"))


def stages(pytest_options: Sequence[str]) -> tuple[Stage, ...]:
    """Return all stages, the longest first: two run at a time."""
    return (
        # A file's tests share what they deploy, so they stay together. By default the files with the fewest tests come
        # last; those are the longest.
        _pytest("integration", ("--numprocesses=2", "--dist=loadfile", "--no-loadscope-reorder", *pytest_options)),
        Stage("sanity", (_copied("ansible-test", "sanity", "--color", "no"),)),
        _pytest("unit", pytest_options),
        Stage("lint", LINT),
        Stage("types", (TYPES,)),
    )


def _tool(*words: str) -> Command:
    return (str(BIN / words[0]), *words[1:])


def _copied(*words: str) -> Command:
    return (*_tool("python", "-m", "tests.checks.copied"), *_tool(*words))


def _pytest(name: str, options: Sequence[str]) -> Stage:
    folder = f"tests/{name}"
    return Stage(name, ((*_tool("python", "-m", "pytest", "--color=no", folder), *options),), tests=folder)


LINT = (
    _tool("ruff", "format", "--check", "--quiet"),
    _tool("ruff", "check"),
    _tool("yamllint", "--strict", "."),
    _tool("ansible-lint", "--offline", "--strict", "--nocolor"),
    _tool("reuse", "lint", "--lines"),
    _tool("antsibull-changelog", "lint"),
    _copied("antsibull-docs", "lint-collection-docs", "--plugin-docs", "."),
)

# The collection is named by the path it is imported by, so that a file is one module and not two.
TYPES = _tool("mypy", "--no-color-output", f"{LINK}/plugins", "roles/mail_forwarder/files/forwarder", "tests")
