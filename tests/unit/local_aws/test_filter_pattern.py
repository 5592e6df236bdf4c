# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter patterns of terms, as the CloudWatch Logs user guide has them ("Filter pattern syntax")."""

from __future__ import annotations

import pytest

from tests.local_aws.filter_pattern import matcher

LINES = ["[ERROR] 419", "[ERROR] of 420: Task timed out", "INFO error", '{"action":"failed"}', "mail-failed"]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        pytest.param("", LINES, id="no pattern"),
        pytest.param("ERROR", LINES[:2], id="case-sensitive"),
        pytest.param("fail", LINES[3:], id="part of a word"),
        pytest.param("ERROR Task", [LINES[1]], id="all terms"),
        pytest.param("?419 ?INFO", [LINES[0], LINES[2]], id="any term"),
        pytest.param("ERROR -Task", [LINES[0]], id="a term that must not be there"),
        pytest.param('"Task timed out"', [LINES[1]], id="a phrase"),
        pytest.param('"timed Task"', [], id="in another order"),
        pytest.param('"\\"failed\\""', [LINES[3]], id="quotation marks in a phrase"),
        pytest.param('?"[ERROR]" ?failed', [*LINES[:2], *LINES[3:]], id="any phrase"),
    ],
)
def test_lines_that_match(pattern: str, expected: list[str]) -> None:
    assert [line for line in LINES if matcher(pattern)(line)] == expected


@pytest.mark.parametrize("pattern", ["{$.action=failed}", "[ip, user]", "%ERROR%", "a-b", "?a b", '"a', '""'])
def test_what_is_not_made_of_terms_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="Invalid filter pattern"):
        matcher(pattern)
