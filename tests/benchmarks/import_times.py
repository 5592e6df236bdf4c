# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What python -X importtime writes, read."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass

_LINE = re.compile(r"import time: +(\d+) \| +(\d+) \| ( *)(\S+)")


@dataclass(frozen=True)
class Import:
    """A module, who imported it first, the time of its own code, and with that the time of what it imported."""

    name: str
    importer: str | None
    own_seconds: float
    seconds: float

    @property
    def package(self) -> str:
        return package_of(self.name)


def package_of(module: str) -> str:
    """Return the package that a module is of; all of Python's own are one."""
    package = module.partition(".")[0]
    return "Python's own" if package in sys.stdlib_module_names else package


def read_import_times(text: str) -> list[Import]:
    """Return the imports in what Python wrote, each after the one that it was imported by."""
    found: list[Import] = []
    path: list[str] = []
    # Python writes a module when it is done, so after all that it imported.
    for match in reversed([match for match in map(_LINE.match, text.splitlines()) if match]):
        own, seconds, indent, name = match.groups()
        path[len(indent) // 2 :] = [name]
        found.append(Import(name, path[-2] if len(path) > 1 else None, int(own) / 1e6, int(seconds) / 1e6))
    return found
