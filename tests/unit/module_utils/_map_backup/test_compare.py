# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a restored map lacks of the live one is told apart from what cannot be explained by later writes."""

from __future__ import annotations

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._map_backup.compare import compare
from ansible_collections.account_factory.email.plugins.module_utils._map_backup.items import Item

ADDRESS, NAME, SERIES, MARK = "ADDRESS#a@example.com", "NAME#a", "SERIES#a", "MAILBOX#jane@example.org"
GROUP = "GROUP#0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"


def item(key: str, **values: str) -> Item:
    return {"pk": {"S": key}, **{name: {"N" if value.isdigit() else "S": value} for name, value in values.items()}}


CASES: dict[str, tuple[list[Item], list[Item], str, str]] = {
    "the same": ([item(NAME)], [item(NAME)], "names", "same"),
    "vended since": ([], [item(ADDRESS)], "addresses", "since"),
    "edited since": ([item(ADDRESS, version="1")], [item(ADDRESS, version="2")], "addresses", "changed"),
    "a number drawn since": ([item(SERIES, last_number="9")], [item(SERIES, last_number="10")], "series", "changed"),
    "a domain added since": ([item("DOMAINS")], [item("DOMAINS", **{"example.com": "x"})], "domains", "changed"),
    "a mailbox that works again": ([item(MARK)], [], "mailboxes", "changed"),
    "a group synced since": ([item(GROUP, version="1")], [item(GROUP, version="2")], "groups", "changed"),
    "a group that nobody names any more": ([item(GROUP)], [], "groups", "changed"),
    "a group set back": ([item(GROUP, version="2")], [item(GROUP, version="1")], "groups", "different"),
    "an address that the map lost": ([item(ADDRESS)], [], "addresses", "lost"),
    "an item of a later release that the map lost": ([item("LATER#1")], [], "others", "lost"),
    "a record set back": ([item(ADDRESS, version="2")], [item(ADDRESS, version="1")], "addresses", "different"),
    "a counter set back": ([item(SERIES, last_number="9")], [item(SERIES, last_number="8")], "series", "different"),
    "a name that leads elsewhere": ([item(NAME, address="a")], [item(NAME, address="b")], "names", "different"),
}


@pytest.mark.parametrize(("restored", "live", "kind", "verdict"), CASES.values(), ids=CASES.keys())
def test_an_item_is(restored: list[Item], live: list[Item], kind: str, verdict: str) -> None:
    before, after = item("ACCOUNT#1"), item("Z")
    comparison = compare([before, *restored, after], [before, *live, after])
    assert {name for name, count in comparison.table()[kind].items() if count} - {"same"} <= {verdict}
    assert comparison.total(verdict) >= 1
    assert sum(comparison.table()["total"].values()) == 3
    assert bool(comparison.unexplained) == (verdict in ("lost", "different"))
