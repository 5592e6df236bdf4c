# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An alarm's state by its periods, as the CloudWatch user guide says ("Alarm evaluation")."""

from __future__ import annotations

from typing import Any

import pytest

from tests.local_aws.alarm_evaluation import evaluate

NOW = 6030.0
ALARM: dict[str, Any] = {
    "Period": 60,
    "EvaluationPeriods": 3,
    "Threshold": 0,
    "ComparisonOperator": "GreaterThanThreshold",
    "TreatMissingData": "notBreaching",
}


def state(points: list[tuple[float, float]], **changed: Any) -> str | None:
    """Return the state by points of (seconds before now, value), of which the statistic is the sum."""
    data = [{"Timestamp": NOW - before, "Value": value} for before, value in points]
    return evaluate({**ALARM, **changed}, data, lambda within: sum(point["Value"] for point in within), NOW)


@pytest.mark.parametrize(
    ("points", "changed", "expected"),
    [
        pytest.param([(0, 1), (60, 1), (120, 1)], {}, "ALARM", id="3 of 3"),
        pytest.param([(0, 1), (120, 1)], {}, "OK", id="2 of 3, of which 3 are needed"),
        pytest.param([(0, 1), (120, 1)], {"DatapointsToAlarm": 2}, "ALARM", id="2 of 3, of which 2 are needed"),
        pytest.param([(0, 1), (20, 1)], {"DatapointsToAlarm": 2}, "OK", id="two in one period are one"),
        pytest.param(
            [(0, 1), (20, 1)], {"DatapointsToAlarm": 1, "Threshold": 1}, "ALARM", id="a statistic of a period"
        ),
        pytest.param([(180, 1)], {"DatapointsToAlarm": 1}, "OK", id="older than the periods"),
        pytest.param([(180, 1), (0, 0)], {"DatapointsToAlarm": 1}, "OK", id="over"),
        pytest.param([(-300, 0), (0, 1)], {"DatapointsToAlarm": 1}, "OK", id="data of the future moves the time on"),
        pytest.param([], {}, "OK", id="no data is no breach"),
        pytest.param([], {"TreatMissingData": "breaching"}, "ALARM", id="no data is a breach"),
        pytest.param([], {"TreatMissingData": "ignore"}, None, id="no data is no news"),
        pytest.param([], {"TreatMissingData": "missing"}, "INSUFFICIENT_DATA", id="no data is not enough"),
        pytest.param([(60, 1)], {"TreatMissingData": "ignore"}, "ALARM", id="what there is, is judged"),
        pytest.param([(0, 2)], {"EvaluationPeriods": 1, "Threshold": 2}, "OK", id="not beyond"),
        pytest.param(
            [(0, 2)],
            {"EvaluationPeriods": 1, "Threshold": 2, "ComparisonOperator": "GreaterThanOrEqualToThreshold"},
            "ALARM",
            id="at least",
        ),
    ],
)
def test_state(points: list[tuple[float, float]], changed: dict[str, Any], expected: str | None) -> None:
    assert state(points, **changed) == expected
