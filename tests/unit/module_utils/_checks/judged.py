# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of judges share: what was read in the place of Readings, and a case of one thing that is broken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._checks.model import FAIL, OK, WARN, Asked, Check


@dataclass
class Read:
    """What was read, in the place of Readings."""

    values: Mapping[str, Any]
    asked: Asked

    def get(self, name: str) -> Any:
        return self.values[name]


@dataclass(frozen=True)
class Case:
    """One thing that is not as where all is well (or in ``base``), the check that it turns, and what that says.

    ``asked`` is asked for otherwise. ``also`` are further checks that the same thing turns.
    """

    check: str
    status: str
    broken: Mapping[str, Any]
    words: tuple[str, ...]
    base: Mapping[str, Any] | None = None
    asked: Mapping[str, Any] = field(default_factory=dict)
    also: Mapping[str, str] = field(default_factory=dict)


def hold(case: Case, checks: Iterable[Check]) -> None:
    """Fail unless the case has turned its check, with its words, and no other that it does not name."""
    expected = {case.check: case.status, **case.also}
    by_id = {check.id: check for check in checks}
    turned = {name: check.status for name, check in by_id.items() if check.status != OK}
    assert turned == {name: status for name, status in expected.items() if status != OK}
    check = by_id[case.check]
    said = f"{check.what} {check.why} {check.remedy}"
    assert [words for words in case.words if words not in said] == []
    assert bool(check.why and check.remedy) == (case.status in (FAIL, WARN)), check
