# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which log lines FilterLogEvents returns for a filter pattern of terms. Pure, and imports nothing of this tree.

Amazon CloudWatch Logs User Guide, "Filter pattern syntax": terms are case-sensitive and found anywhere in a line; all
of them have to be there, or one of those that begin with a question mark, and none that begins with a hyphen. A term
that is not alphanumeric or an underscore stands in double quotation marks. Question marks do not combine with other
terms. Patterns in braces or brackets, which select fields, and regular expressions are refused here, so that no command
seems to work that was not tried.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_TERM = re.compile(r'\s*(?P<sign>[?-]?)(?:"(?P<quoted>(?:[^"\\]|\\.)+)"|(?P<bare>\w+))(?=\s|$)')


def matcher(pattern: str) -> Callable[[str], bool]:
    """Return what tells whether a line matches; ValueError for a pattern that is not made of terms."""
    signs: dict[str, list[str]] = {"": [], "?": [], "-": []}
    at, end = 0, len(pattern.rstrip())
    while at < end:
        found = _TERM.match(pattern, at)
        if found is None:
            raise ValueError(f"Invalid filter pattern: {pattern[at:]}")
        signs[found["sign"]].append(found["bare"] or re.sub(r"\\(.)", r"\1", found["quoted"]))
        at = found.end()
    if signs["?"] and (signs[""] or signs["-"]):
        raise ValueError("Invalid filter pattern: ? does not combine with other terms")

    def matches(line: str) -> bool:
        if signs["?"]:
            return any(term in line for term in signs["?"])
        return all(term in line for term in signs[""]) and not any(term in line for term in signs["-"])

    return matches
