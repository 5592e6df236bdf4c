# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of the CloudWatch Logs Insights language that is here, as its user guide describes it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.logs_insights import LogLine, QueryError, run

FIRST, SECOND, THIRD = (f"{name}@example.com" for name in ("a-001", "a-002", "b-001"))
LINES = [
    LogLine(1, json.dumps({"action": "sent", "address": FIRST, "size": 10, "verdicts": {"spam": "PASS"}})),
    LogLine(2, json.dumps({"action": "failed", "address": SECOND, "size": 30, "error": "Throttled: slow"})),
    LogLine(3, "START RequestId: 1"),
    LogLine(4, json.dumps({"action": "sent", "address": THIRD, "size": 20, "verdicts": {"spam": "FAIL"}})),
    LogLine(5, json.dumps({"action": "kept", "address": None, "say": 'a "quoted" word'})),
]


def times(query: str) -> list[float]:
    """Return the times of the lines that a query finds, in its order."""
    return [row["@timestamp"] for row in run(f"{query} | display @timestamp", LINES)]


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        pytest.param('action = "sent"', [1, 4], id="equal"),
        pytest.param("action = 'sent'", [1, 4], id="single quotes"),
        pytest.param('action != "sent"', [2, 5], id="unequal, and there"),
        pytest.param("size >= 20", [2, 4], id="number"),
        pytest.param('size = "20"', [], id="a number is no text"),
        pytest.param('verdicts.spam = "FAIL"', [4], id="nested"),
        pytest.param('@message like "START"', [3], id="like text"),
        pytest.param('address like "a-00."', [], id="text is no expression"),
        pytest.param("address like /a-00.@/", [1, 2], id="like an expression"),
        pytest.param("address not like /a-/", [3, 4, 5], id="not like"),
        pytest.param('action in ["failed", "kept"]', [2, 5], id="in"),
        pytest.param('action not in ["failed", "kept"]', [1, 3, 4], id="not in"),
        pytest.param('action = "failed" or action = "sent" and size > 15', [2, 4], id="and binds closer"),
        pytest.param('(action = "failed" or action = "sent") and size < 15', [1], id="parentheses"),
        pytest.param('not action = "sent"', [2, 3, 5], id="not"),
        pytest.param(r'say = "a \"quoted\" word"', [5], id="quotes in text"),
        pytest.param('nothing = "x"', [], id="no such field"),
    ],
)
def test_filter(condition: str, found: list[float]) -> None:
    assert times(f"filter {condition}") == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param("filter size > 0 | sort size desc", [2, 4, 1], id="falling"),
        pytest.param("filter size > 0 | sort size", [1, 4, 2], id="rising"),
        pytest.param("filter size > 0 | sort action asc, size desc", [2, 4, 1], id="by two"),
        pytest.param("sort size desc | limit 2", [2, 4], id="limit"),
        pytest.param("sort size", [1, 4, 2, 3, 5], id="without it last"),
    ],
)
def test_order(query: str, found: list[float]) -> None:
    assert times(query) == found


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        pytest.param("fields action, size | limit 1", [{"action": "sent", "size": 10}], id="fields"),
        pytest.param("fields action | display size | limit 1", [{"size": 10}], id="the last one counts"),
        pytest.param("fields error, size | limit 1", [{"size": 10}], id="what is not there"),
        pytest.param("filter size > 25 | limit 1", [{"@timestamp": 2, "@message": LINES[1].message}], id="by default"),
        pytest.param(
            "filter size > 0 | stats count(*) as n, max(size) as most by action | sort n desc",
            [{"action": "sent", "n": 2, "most": 20}, {"action": "failed", "n": 1, "most": 30}],
            id="stats by a field",
        ),
        pytest.param("stats count(), min(size)", [{"count(*)": 5, "min(size)": 10}], id="stats of all"),
        pytest.param("stats count(error) as errors", [{"errors": 1}], id="count of a field"),
    ],
)
def test_what_is_shown(query: str, rows: list[dict[str, Any]]) -> None:
    assert run(query, LINES) == rows


@pytest.mark.parametrize(
    "query",
    [
        "parse @message /x/",
        "filter action",
        'filter action == "x"',
        "filter action = sent",
        'filter (action = "x"',
        'filter action in "x"',
        "stats avg(size)",
        "sort size | | limit 1",
        "fields action limit 1",
        "limit ten",
        "filter action ~ 1",
    ],
)
def test_what_is_not_here_is_refused(query: str) -> None:
    with pytest.raises(QueryError):
        run(query, LINES)
