# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of each item of a dump, by what the map has: nothing newer is touched, and a tombstone stays one."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._dynamodb import to_attributes
from ansible_collections.account_factory.email.plugins.module_utils._map_backup.items import Item, key_of
from ansible_collections.account_factory.email.plugins.module_utils._map_backup.merge import (
    Rules,
    judge,
    missing_counters,
)
from ansible_collections.account_factory.email.plugins.module_utils._record import AddressRecord, Stamp

STAMP = Stamp("2026-11-26T09:30:00Z", "arn:aws:iam::111122223333:user/jane")
ADDRESS = "a@accounts.example.com"


def record(**values: Any) -> Item:
    given = {"account_name": "a", "domain": "accounts.example.com", "owners": ("jane@example.org",), **values}
    given = {"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z", **given}
    return to_attributes(AddressRecord(address=ADDRESS, **given).to_item())


def pointer(key: str, address: str = ADDRESS, **values: str) -> Item:
    return to_attributes({"pk": key, "address": address, **values})


def other(key: str, **values: Any) -> Item:
    return to_attributes({"pk": key, **values})


EARLIER, LATER = "2026-02-01T00:00:00Z", "2026-02-02T00:00:00Z"
RETIRED = {"status": "retired", "version": 3, "updated_at": LATER}
FORWARDERS = other("NAME#a", forwarder_address="a@accounts.example.com")

# What the dump has, what the map has, and what becomes of the first item of the dump.
CASES: dict[str, tuple[list[Item], list[Item], str]] = {
    "an address that is missing": ([record()], [], "added"),
    "an address that is the same": ([record()], [record()], "kept"),
    "an address that was edited in the map since": ([record()], [record(version=2, updated_at=LATER)], "kept"),
    "an address whose map was set back": ([record(version=2, updated_at=LATER)], [record()], "updated"),
    "an address that both edited": (
        [record(version=3, updated_at="2026-01-02T00:00:00Z")],
        [record(version=2, updated_at=LATER)],
        "conflicting",
    ),
    "an address that both edited once": (
        [record(version=2, tags={"a": "1"})],
        [record(version=2, tags={"b": "1"})],
        "conflicting",
    ),
    "an address that another got": ([record()], [record(created_at=LATER)], "conflicting"),
    "a tombstone that the map forgot": ([record(**RETIRED)], [record(version=2)], "updated"),
    "a tombstone that the map edited at the same time": ([record(**RETIRED)], [record(version=3)], "updated"),
    "a tombstone of an address that another got": ([record(**RETIRED)], [record(created_at=LATER)], "updated"),
    "an address that was retired since": ([record(version=2)], [record(**RETIRED)], "kept"),
    "an address that was retired, in a dump that is newer": ([record(version=9)], [record(**RETIRED)], "kept"),
    "a tombstone that was put back in use since": ([record(**RETIRED)], [record(version=4)], "kept"),
    "a name that is missing": ([pointer("NAME#a"), record()], [record()], "added"),
    "a name that leads to the same": ([pointer("NAME#a", asked="x")], [pointer("NAME#a")], "kept"),
    "a name that another has": ([pointer("NAME#a")], [pointer("NAME#a", "b@accounts.example.com")], "conflicting"),
    "a name that the forwarder has": ([pointer("NAME#a")], [FORWARDERS], "conflicting"),
    "the forwarder's name that an account has": ([FORWARDERS], [pointer("NAME#a")], "conflicting"),
    "a request that the map's record does not have": ([pointer("REQUEST#T-1")], [record()], "conflicting"),
    "a counter that is missing": ([other("SERIES#app", last_number=3)], [], "added"),
    "a counter that is behind": (
        [other("SERIES#app", last_number=3)],
        [other("SERIES#app", last_number=2)],
        "updated",
    ),
    "a counter that is ahead": ([other("SERIES#app", last_number=3)], [other("SERIES#app", last_number=4)], "kept"),
    "domains that are missing": ([other("DOMAINS", **{"a.example": {}})], [], "added"),
    "a domain that is missing": ([other("DOMAINS", **{"a.example": {}})], [other("DOMAINS", b={})], "updated"),
    "a domain with other settings": (
        [other("DOMAINS", a={"forwarder_address": "x@a"})],
        [other("DOMAINS", a={})],
        "conflicting",
    ),
    "a mark that the map has otherwise": (
        [other("MAILBOX#x", since="1")],
        [other("MAILBOX#x", since="2")],
        "kept",
    ),
    "an item of a later release": ([other("LATER#1", x={"y": "z"})], [], "added"),
    "an item of a later release that is another": ([other("LATER#1", x="1")], [other("LATER#1", x="2")], "conflicting"),
}


@pytest.mark.parametrize(("dumped", "live", "outcome"), CASES.values(), ids=CASES.keys())
def test_what_becomes_of(dumped: list[Item], live: list[Item], outcome: str) -> None:
    there = {key_of(item): item for item in live}
    judged = {one.key: one for one in judge(dumped, there.get, Rules({}, STAMP))}
    one = judged[key_of(dumped[0])]
    assert one.outcome == outcome
    assert (one.write is not None) == (outcome in ("added", "updated"))
    assert (one.before != one.after) == (one.write is not None)
    # A second time there is nothing to do.
    there = {key: each.after for key, each in judged.items() if each.after} | {
        key: item for key, item in there.items() if key not in judged
    }
    assert not [each for each in judge(dumped, there.get, Rules({}, STAMP)) if each.write]


def test_what_an_address_needs_is_added_with_it() -> None:
    dumped = [record(request_id="T-1", account_id="123456789012")]
    added = {one.key for one in judge(dumped, lambda _key: None, Rules({}, STAMP)) if one.outcome == "added"}
    assert added == {f"ADDRESS#{ADDRESS}", "NAME#a", "REQUEST#T-1", "ACCOUNT#123456789012"}


def test_a_tombstone_changes_nothing_but_the_status_and_who_did_it() -> None:
    live = record(version=2, owners=("joe@example.org",), tags={"a": "1"})
    (one, *_more) = judge([record(**RETIRED)], {f"ADDRESS#{ADDRESS}": live}.get, Rules({}, STAMP))
    newer = record(**RETIRED)
    assert one.after == newer  # the dump's is the later state of the same record
    lost = record(version=2, created_at=LATER, tags={"a": "1"})
    (one, *_more) = judge([record(**RETIRED)], {f"ADDRESS#{ADDRESS}": lost}.get, Rules({}, STAMP))
    changed = {"status": "retired", "version": 3, "updated_at": STAMP.at, "updated_by": STAMP.by}
    assert one.after == {**lost, **to_attributes(changed)}


@pytest.mark.parametrize(
    ("last", "live", "skipped", "after"),
    [
        pytest.param(3, None, 100, 107, id="lost, with all that was given out since"),
        pytest.param(3, None, 0, 7, id="lost, and nothing was given out since"),
        pytest.param(3, 5, 100, 107, id="behind an address of the dump"),
        pytest.param(3, 7, 100, None, id="as far as the dump"),
        pytest.param(9, 8, 1, 10, id="behind the dump's counter"),
    ],
)
def test_a_series_goes_on_after_all_that_is_known(last: int, live: int | None, skipped: int, after: int | None) -> None:
    rules = Rules({"SERIES#app": 7}, STAMP, skipped)
    there = {} if live is None else {"SERIES#app": other("SERIES#app", last_number=live)}
    (one,) = judge([other("SERIES#app", last_number=last)], there.get, rules)
    assert (one.after or {})["last_number"] == {"N": str(after or live)}
    (demanded,) = missing_counters(Rules({"SERIES#app": max(last, 7)}, STAMP, skipped), [], there.get)
    assert demanded.after == one.after
    assert missing_counters(rules, ["SERIES#app"], there.get) == []


@pytest.mark.parametrize(
    ("dumped", "live", "after"),
    [
        pytest.param({"last_number": 102, "skipped_at": EARLIER}, 102, 202, id="a newer backup than the one before"),
        pytest.param({"last_number": 50}, 102, 150, id="a newer backup of a map that was never restored"),
        pytest.param({"last_number": 102, "skipped_at": LATER}, 102, None, id="a backup of what the restore has left"),
        pytest.param({"last_number": 2}, 102, None, id="the same backup again"),
        pytest.param({"last_number": 40}, 103, None, id="a number was given out since"),
    ],
)
def test_a_counter_that_a_restore_has_set_tells_nothing_of_what_was_given_out_after_a_newer_backup(
    dumped: dict[str, Any], live: int, after: int | None
) -> None:
    there = other("SERIES#app", last_number=live, skipped_from=2, skipped_to=102, skipped_at=LATER)
    (one,) = judge([other("SERIES#app", **dumped)], {"SERIES#app": there}.get, Rules({}, STAMP, 100))
    skips = {"skipped_from": dumped["last_number"], "skipped_to": after, "skipped_at": STAMP.at}
    assert one.after == (there if after is None else other("SERIES#app", last_number=after, **skips))
    again = judge([other("SERIES#app", **dumped)], {"SERIES#app": one.after}.get, Rules({}, STAMP, 100))
    assert again[0].outcome == "kept"
