# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""check_lines: what is not well, worst first, with the remedy under it."""

from __future__ import annotations

from typing import Any

from ansible_collections.account_factory.email.plugins.filter.check_lines import FilterModule, check_lines
from ansible_collections.account_factory.email.plugins.module_utils._checks.model import (
    FAIL,
    OK,
    SKIPPED,
    WARN,
    Check,
    count,
    worst_first,
)

PAUSED = Check("sending", "account", FAIL, "Sending is paused.", "No mail would be forwarded.", "Resume it.")
SANDBOX = Check("sandbox", "account", WARN, "The account is in the sandbox.", "Few get mail.", "Request access.")
RIGHTS = Check("rights", "rights", SKIPPED, "Failed to ask IAM: AccessDenied.")
STACK = Check("stack", "names", OK, "There is no stack mail-forwarder yet.")


def result(*checks: Check) -> dict[str, Any]:
    return {"checks": [check.to_dict() for check in worst_first(checks)], "counts": count(checks)}


def test_what_is_well_is_only_counted() -> None:
    assert check_lines(result(STACK, STACK)) == ["2 checks: 2 ok."]
    assert check_lines(result(STACK)) == ["1 check: 1 ok."]
    assert check_lines(result(STACK), all=True)[1:] == ["ok   stack: There is no stack mail-forwarder yet."]
    assert check_lines(result()) == ["0 checks: none made."]


def test_the_worst_comes_first_each_on_one_line_with_why_and_what_to_do_under_it() -> None:
    assert check_lines(result(STACK, RIGHTS, SANDBOX, PAUSED)) == [
        "4 checks: 1 failed, 1 to look at, 1 skipped, 1 ok.",
        "FAIL sending: Sending is paused.",
        "       Why: No mail would be forwarded.",
        "       Do: Resume it.",
        "WARN sandbox: The account is in the sandbox.",
        "       Why: Few get mail.",
        "       Do: Request access.",
        "SKIP rights: Failed to ask IAM: AccessDenied.",
    ]


def test_of_which_the_same_is_said_share_a_line() -> None:
    denied = [Check(name, "account", SKIPPED, "Failed to look up the SES account: AccessDenied.") for name in "abc"]
    assert check_lines(result(*denied, RIGHTS))[1:] == [
        "SKIP a, b, c: Failed to look up the SES account: AccessDenied.",
        "SKIP rights: Failed to ask IAM: AccessDenied.",
    ]


def test_hostile_text_stays_on_its_line() -> None:
    hostile = "ns\n\x1b[2J\u202eFAIL all: <img onerror=x>"
    lines = check_lines({"checks": [{**PAUSED.to_dict(), "what": hostile}], "counts": {FAIL: 1}})
    assert all(line.isprintable() for line in lines)
    assert lines[1] == "FAIL sending: ns [2J FAIL all: <img onerror=x>"


def test_ansible_finds_it() -> None:
    assert FilterModule().filters() == {"check_lines": check_lines}
