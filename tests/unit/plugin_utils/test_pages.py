# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages, as text and as a browser shows them: words of strangers are shown and do nothing."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from ansible_collections.account_factory.email.plugins.filter.check_page import check_page
from ansible_collections.account_factory.email.plugins.filter.drift_page import drift_page
from ansible_collections.account_factory.email.plugins.filter.owner_page import owner_page
from ansible_collections.account_factory.email.plugins.module_utils._drift.model import KINDS
from tests.browser import show

# What people may name an account, and what a mail server may say.
HOSTILE = "<img src=x onerror=alert(1)></script><script>alert(2)</script> \u202egnp.exe \"quoted\" 'q' {{ 1 }} \x1b[2J"
# What is left of it to be read.
READ = "<img src=x onerror=alert(1)></script><script>alert(2)</script> gnp.exe \"quoted\" 'q' {{ 1 }} [2J"
CHECK = {"id": "sending", "topic": "account", "status": "fail", "what": HOSTILE, "why": HOSTILE, "remedy": HOSTILE}
HOPS = [{"name": "sent", "seconds": 0.0}, {"name": HOSTILE, "seconds": 1.5}]
CHECKED = {
    "checks": [
        {**CHECK, "evidence": {"said": HOSTILE, "all": [HOSTILE, None, 1, True, {HOSTILE: 2}]}},
        {
            **CHECK,
            "id": "probe",
            "status": "ok",
            "evidence": {"hops": HOPS},
        },
        {**CHECK, "id": "stack", "status": "ok", "what": "The stack is there.", "evidence": {}},
    ],
    "counts": {"fail": 1, "warn": 0, "skipped": 0, "ok": 2},
}
OWNERSHIP = {
    "owner": "jane@example.org",
    "standing": "owner",
    "address": "app-001@accounts.example.com",
    "account_id": "123456789012",
    "account_name": "app-001",
    "status": "active",
    "forwarding": True,
    "since": "2026-02-03T09:30:59Z",
    "last_mail_at": None,
    "failing_reason": None,
    "failing_since": None,
    "failing_diagnostic": None,
}
REVIEWED = {
    "ownerships": [
        OWNERSHIP,
        {**OWNERSHIP, "owner": "Jane@example.org", "account_name": HOSTILE, "address": "app-002@accounts.example.com"},
        {
            **OWNERSHIP,
            "owner": '"<b>"@example.org',
            "account_id": None,
            "since": None,
            "failing_reason": "bounced",
            "failing_since": "2026-11-21T09:30:00Z",
            "failing_diagnostic": HOSTILE,
        },
    ],
    "counts": {"owners": 2, "addresses": 2, "failing_owners": 1},
}
FINDING = {
    "kind": "email_differs",
    "severity": "high",
    "account_id": "123456789012",
    "account_name": HOSTILE,
    "address": "app-001@accounts.example.com",
    "expected": "app-001@accounts.example.com",
    "found": HOSTILE,
    "what": HOSTILE,
    "remedy": HOSTILE,
    "play": "adopt_account",
}
BY_SEVERITY = {"high": 2, "medium": 0, "low": 1}
COMPARED = {
    "findings": [
        FINDING,
        {**FINDING, "kind": "no_owner", "account_name": None, "expected": None},
        {**FINDING, "severity": "low", "kind": "of_a_later_release"},
    ],
    "counts": {"accounts": 3, "addresses": 2, "by_severity": BY_SEVERITY, "by_kind": {}, "ignored": 1},
    "skipped": [{"kind": "identity_unverified", "reason": HOSTILE}],
}
PAGES: dict[str, Callable[[], str]] = {
    "doctor": lambda: check_page(CHECKED, HOSTILE),
    "drift": lambda: drift_page(COMPARED, HOSTILE),
    "owners": lambda: owner_page(REVIEWED, HOSTILE),
}
EMPTY: dict[str, Callable[[], str]] = {
    "doctor": lambda: check_page({"checks": [], "counts": {}}),
    "drift": lambda: drift_page(
        {"findings": [], "counts": {"accounts": 0, "addresses": 0, "by_severity": {}}, "skipped": []},
    ),
    "owners": lambda: owner_page(
        {"ownerships": [], "counts": {"owners": 0, "addresses": 0, "failing_owners": 0}},
    ),
}
# How often the words of strangers stand in each.
TIMES = {"doctor": 7, "drift": 10, "owners": 3}


def text_of(page: str) -> str:
    """Return what a page has between its tags, outside of its style and script."""
    body = re.sub(r"(?s)<(style|script)>.*?</\1>", "", page)
    return html.unescape(re.sub(r"<[^>]*>", "\n", body))


@pytest.mark.parametrize("name", PAGES)
def test_words_of_strangers_are_shown_as_they_are_and_without_what_disguises_them(name: str) -> None:
    page = PAGES[name]()
    assert text_of(page).count(READ) == TIMES[name]
    assert page.isprintable() or all(sign.isprintable() or sign == "\n" for sign in page)
    assert "<img" not in page
    assert page.count("<script>") == page.count("</script>") == 1


@pytest.mark.parametrize("made", [*PAGES.values(), *EMPTY.values()], ids=[*PAGES, *(f"no {name}" for name in EMPTY)])
def test_a_browser_shows_it_without_an_error_or_a_request(made: Callable[[], str], tmp_path: Path) -> None:
    page = made()
    assert "http" not in page.replace('http-equiv="Content-Security-Policy"', "")
    shown = show(page, tmp_path)
    assert shown.console == ()
    assert "<h1>" in shown.document


def test_a_page_that_asks_for_something_or_runs_something_else_is_found_out(tmp_path: Path) -> None:
    page = PAGES["owners"]().replace("</main>", '<img src="x.png" onerror="alert(1)"><script>alert(2)</script></main>')
    # The image, the handler of its error, and the script.
    assert len(show(page, tmp_path).console) == 3


def test_a_page_is_complete_without_scripts() -> None:
    page = PAGES["owners"]()
    assert text_of(page).count("app-002@accounts.example.com") == 1
    # What would do nothing is not there.
    assert '<div class="search" role="search" hidden>' in page
    assert "<button" not in page


def hidden(document: str) -> int:
    return document.count('<tr data-row="" hidden="">')


def test_a_page_is_searched_by_all_the_words_that_its_address_ends_with(tmp_path: Path) -> None:
    # One of them stands in the heading.
    shown = show(PAGES["owners"](), tmp_path, search="JANE%20owner%20app-001@")
    assert '<output for="search">1 of 4 shown</output>' in shown.document
    assert hidden(shown.document) == 3
    # Those of whom nothing is left are not shown either.
    assert shown.document.count('<section class="part" aria-labelledby="failing" hidden="">') == 1


def test_checks_come_worst_first_and_what_is_well_last() -> None:
    said = text_of(PAGES["doctor"]())
    assert said.index("What needs someone") < said.index("The way of a mail") < said.index("What is well")
    assert "Mail forwarder: 1 failed" in said
    assert "Mail forwarder: all is well" in text_of(EMPTY["doctor"]())


def test_findings_come_by_kind_worst_first_with_what_the_kind_means() -> None:
    said = text_of(PAGES["drift"]())
    assert "Accounts and addresses: 2 high, 1 low" in said
    assert said.rindex("Email differs") < said.rindex("No owner") < said.rindex("Of a later release")
    assert KINDS["email_differs"].means in said
    assert "1 finding is left out" in said
    assert "identity_unverified could not be looked for" in said
    assert "agree in all that was compared" in text_of(EMPTY["drift"]())


def test_an_owner_whose_address_is_written_in_two_ways_is_one_with_all_that_they_have() -> None:
    said = text_of(PAGES["owners"]())
    assert re.findall(r"\d address(?:es)?", said) == ["2 addresses", "1 address"]
    assert "2026-02-03 09:30" in said
    assert "not known" in said
