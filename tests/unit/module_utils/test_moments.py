# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Moments and periods as people write them in options."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._moments import check_moment, check_period

MOMENT = datetime(2026, 11, 21, 9, 30, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        pytest.param("2026-11-21T09:30:00Z", MOMENT, id="as the modules write it"),
        pytest.param("2026-11-21T10:30:00+01:00", MOMENT, id="another time zone"),
        pytest.param("2026-11-21 09:30:00", MOMENT, id="as YAML writes it"),
        pytest.param("2026-11-21", datetime(2026, 11, 21, tzinfo=timezone.utc), id="a date"),
        pytest.param(None, None, id="not given"),
    ],
)
def test_moments(text: str | None, moment: datetime | None) -> None:
    assert check_moment("start_date", text) == moment


@pytest.mark.parametrize("text", ["yesterday", "", "21.11.2026"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"^start_date: .* write it as 2026-11-21"):
        check_moment("start_date", text)


@pytest.mark.parametrize(
    ("text", "period"),
    [
        pytest.param("30m", timedelta(minutes=30), id="minutes"),
        pytest.param(" 12 H ", timedelta(hours=12), id="hours, in capitals and with blanks"),
        pytest.param("2d", timedelta(days=2), id="days"),
        pytest.param("1w", timedelta(weeks=1), id="weeks"),
        pytest.param("0d", timedelta(0), id="none at all"),
        pytest.param(None, None, id="not given"),
    ],
)
def test_periods(text: str | None, period: timedelta | None) -> None:
    assert check_period("older_than", text) == period


@pytest.mark.parametrize("text", ["36501d", "999999w"])
def test_no_period_is_longer_than_there_are_moments(text: str) -> None:
    with pytest.raises(InputError, match=r"^older_than: .* more than a hundred years"):
        check_period("older_than", text)


@pytest.mark.parametrize("text", ["", "2", "d", "-1d", "1.5h", "1y", "2 days", "1234567d", "\u0661d"])
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"^older_than: .* write it as 30m, 12h, 2d or 1w"):
        check_period("older_than", text)
