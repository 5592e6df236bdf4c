# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long it is until a period after a moment is over."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.account_factory.email.plugins.filter.seconds_left import seconds_left


@pytest.mark.parametrize(
    ("ago", "expected"),
    [
        pytest.param(3600, range(1), id="long over"),
        pytest.param(-3600, range(120, 121), id="still to come, by a clock that is behind"),
        # The test itself takes a while.
        pytest.param(30, range(30, 91), id="under way"),
    ],
)
def test_what_is_left_of_two_minutes(ago: int, expected: range) -> None:
    moment = datetime.now(timezone.utc) - timedelta(seconds=ago)
    assert seconds_left(moment.isoformat(), 120) in expected
    assert seconds_left(moment.strftime("%Y-%m-%dT%H:%M:%SZ"), 120) in expected


def test_what_never_happened_is_not_waited_for() -> None:
    assert seconds_left("", 120) == 0


def test_what_is_no_moment_is_an_error() -> None:
    with pytest.raises(AnsibleFilterError, match="seconds_left: 'yesterday' is not a date"):
        seconds_left("yesterday", 120)
