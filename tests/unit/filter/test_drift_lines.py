# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""drift_lines: how much was compared, then what was found, worst first, with what to run under it."""

from __future__ import annotations

from typing import Any

from ansible_collections.account_factory.email.plugins.filter.drift_lines import FilterModule, drift_lines
from ansible_collections.account_factory.email.plugins.module_utils._drift.model import KINDS, Finding, count, in_order


def finding(kind: str, address: str | None, what: str, remedy: str, severity: str | None = None) -> Finding:
    return Finding(
        kind, severity or KINDS[kind].severity, None, None, address, None, None, what, remedy, KINDS[kind].play
    )


NO_OWNER = finding("no_owner", "a@example.com", "a@example.com has no owner.", "Run: a")
FIRST = finding("unused", "b@example.com", "b@example.com was vended.", "Run: b")
SECOND = finding("unused", "c@example.com", "c@example.com was vended.", "Run: c")
MEANS = {kind: one.means for kind, one in KINDS.items()}


def result(*findings: Finding, ignored: int = 0, skipped: Any = (), accounts: int = 812) -> dict[str, Any]:
    counts = {"accounts": accounts, "addresses": 1, **count(findings), "ignored": ignored}
    return {"findings": [one.to_dict() for one in in_order(findings)], "counts": counts, "skipped": list(skipped)}


def test_nothing_is_said_in_one_line() -> None:
    assert drift_lines(result(accounts=12345)) == ["12,345 accounts and 1 address compared: no drift."]
    assert drift_lines(result(ignored=2)) == [
        "812 accounts and 1 address compared: no drift. 2 left out by what is ignored."
    ]
    assert FilterModule().filters() == {"drift_lines": drift_lines}


def test_the_worst_comes_first_and_a_kind_is_counted() -> None:
    assert drift_lines(result(SECOND, FIRST, NO_OWNER)) == [
        "812 accounts and 1 address compared: 1 high, 2 low.",
        f"HIGH no_owner: {MEANS['no_owner']}",
        "       a@example.com has no owner.",
        "       Do: Run: a",
        f"LOW  unused, 2: {MEANS['unused']}",
        "       b@example.com was vended.",
        "       Do: Run: b",
        "       c@example.com was vended.",
        "       Do: Run: c",
    ]


def test_a_remedy_of_several_is_said_once() -> None:
    findings = [
        finding("email_unknown", f"{name}@example.com", f"{name} is not in the map.", "Import") for name in "abc"
    ]
    assert drift_lines(result(*findings))[2:] == [
        "       a is not in the map.",
        "       b is not in the map.",
        "       c is not in the map.",
        "       Do: Import",
    ]


def test_so_many_of_a_kind_are_shown_and_the_others_are_counted() -> None:
    findings = [finding("unused", f"{number:04}@example.com", f"{number}.", "Retire") for number in range(1241)]
    assert drift_lines(result(*findings, NO_OWNER))[-3:] == [
        "       9.",
        "       Do: Retire",
        "       and 1,231 more",
    ]
    lines = drift_lines(result(*findings), most=1, rest_in="reports/drift.csv")
    assert lines[2:] == ["       0.", "       Do: Retire", "       and 1,240 more, see reports/drift.csv"]


def test_what_could_not_be_looked_for_is_said_before_all_others() -> None:
    skipped = [{"kind": "identity_unverified", "reason": "Failed to list the SES identities: AccessDenied."}]
    assert drift_lines(result(NO_OWNER, skipped=skipped))[1] == (
        "SKIP identity_unverified: Failed to list the SES identities: AccessDenied."
    )


def test_words_of_strangers_stay_on_their_line() -> None:
    hostile = finding("name_differs", "a@example.com", "named 'x\n\u202e\x1b[31m'.", "Do\r\nit")
    assert all(line.isprintable() for line in drift_lines(result(hostile)))
