# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every time in every result has one form."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._times import utc_text

MODULES = sorted((Path(__file__).parents[3] / "plugins" / "modules").glob("*.py"))


@pytest.mark.parametrize(
    "moment",
    [
        pytest.param(datetime(2026, 11, 21, 9, 30, tzinfo=timezone.utc), id="UTC"),
        pytest.param(datetime(2026, 11, 21, 15, 0, tzinfo=timezone(timedelta(hours=5, minutes=30))), id="another zone"),
        pytest.param(datetime(2026, 11, 21, 9, 30, 0, 999_999, tzinfo=timezone.utc), id="parts of a second"),
    ],
)
def test_a_moment_has_one_text(moment: datetime) -> None:
    assert utc_text(moment) == "2026-11-21T09:30:00Z"


@pytest.mark.parametrize("module", MODULES, ids=[module.stem for module in MODULES])
def test_the_samples_in_the_documentation_have_it_too(module: Path) -> None:
    for sample in re.findall(r"\d{4}-\d\d-\d\dT\S+?(?=\")", module.read_text(encoding="utf-8")):
        # The hops of the probe are milliseconds apart.
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z", sample)
