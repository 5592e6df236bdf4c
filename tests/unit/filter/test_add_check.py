# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""add_check: a check among others."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.account_factory.email.plugins.filter.add_check import add_check


def check(name: str, status: str) -> dict[str, Any]:
    return {"id": name, "topic": "t", "status": status, "what": "w", "why": "", "remedy": "", "evidence": {"a": 1}}


@pytest.mark.parametrize(
    ("status", "order"),
    [
        pytest.param("fail", ["bad", "probe", "odd", "good"], id="after those that fail"),
        pytest.param("skipped", ["bad", "odd", "probe", "good"], id="before those that are well"),
        pytest.param("ok", ["bad", "odd", "good", "probe"], id="last"),
    ],
)
def test_it_has_its_place_and_is_counted(status: str, order: list[str]) -> None:
    checks = [check("bad", "fail"), check("odd", "warn"), check("good", "ok")]
    result = {"checks": checks, "counts": {"fail": 1, "warn": 1, "skipped": 0, "ok": 1}, "changed": False}
    added = add_check(result, check("probe", status))
    assert [one["id"] for one in added["checks"]] == order
    assert check("probe", status) in added["checks"]
    assert added["counts"][status] == result["counts"][status] + 1  # type: ignore[index]
    assert added["changed"] is False
    assert len(checks) == 3
