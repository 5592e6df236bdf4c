# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What state a CloudWatch alarm has: M out of N periods of its own metric, with what is made of missing ones. Pure.

Amazon CloudWatch User Guide, "Alarm evaluation": a period is a data point; DatapointsToAlarm of the last
EvaluationPeriods have to breach the threshold; TreatMissingData says what a period without data is. AWS looks a few
periods further back than that where data is missing; this does not, so an alarm is over here a little earlier.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

_BREACHES: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": lambda value, threshold: value > threshold,
    "GreaterThanOrEqualToThreshold": lambda value, threshold: value >= threshold,
    "LessThanThreshold": lambda value, threshold: value < threshold,
    "LessThanOrEqualToThreshold": lambda value, threshold: value <= threshold,
}


def evaluate(
    alarm: Mapping[str, Any],
    points: Sequence[Mapping[str, Any]],
    statistic: Callable[[Sequence[Mapping[str, Any]]], float],
    now: float,
) -> str | None:
    """Return the alarm's state at a time, or None where it keeps the one that it has.

    ``points`` are those of its metric and dimensions; ``statistic`` works out its statistic of those of a period. A
    test need not wait: data of the future moves the time of evaluation on to it.
    """
    period, periods = int(alarm["Period"]), int(alarm["EvaluationPeriods"])
    last = int(max([now, *(point["Timestamp"] for point in points)]) // period)
    by_period: dict[int, list[Mapping[str, Any]]] = {}
    for point in points:
        by_period.setdefault(int(point["Timestamp"] // period), []).append(point)
    found = [by_period.get(number) for number in range(last - periods + 1, last + 1)]
    breaches = _BREACHES[alarm["ComparisonOperator"]]
    threshold = float(alarm["Threshold"])
    known = [breaches(statistic(within), threshold) for within in found if within]
    treatment = alarm.get("TreatMissingData") or "missing"
    if not known and treatment in ("ignore", "missing"):
        return None if treatment == "ignore" else "INSUFFICIENT_DATA"
    breaching = sum(known) + (periods - len(known) if treatment == "breaching" else 0)
    needed = int(alarm.get("DatapointsToAlarm") or periods)
    if treatment in ("ignore", "missing"):
        # Fewer are needed where there are fewer: what is not there does not speak against the alarm.
        needed = min(needed, len(known))
    return "ALARM" if breaching >= needed else "OK"
