# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The play that creates an account, killed wherever it can be and run again; and ten of them at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._map import api
from tests.integration.killed_plays import FOREVER, Play, WatchedAws, points_of
from tests.integration.maps import check_map, new_map
from tests.local_aws import LocalAws

COMMON: dict[str, Any] = {
    "account_domain": "accounts.example.com",
    "account_owners": ["jane@example.org"],
    "account_create_parents": True,
    "account_factory_alternate_contacts": {"kinds": ["security"], "name": "Cloud team", "phone_number": "112"},
}
_AT_ONCE = 3


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[WatchedAws]:
    """An organization of its own, in which creations end when the test says so."""
    with LocalAws(tmp_path / "aws", account_creation_seconds=FOREVER) as aws:
        yield WatchedAws(aws)


@pytest.fixture
def table(watched: WatchedAws) -> api.Table:
    return new_map(watched.aws.client("dynamodb"))


def request(prefix: str) -> dict[str, Any]:
    return {
        "account_name_prefix": prefix,
        "account_request_id": f"T-{prefix}",
        "account_tags": {"team": prefix},
        "account_parent": f"{prefix}/Prod",
    }


def accounts(watched: WatchedAws) -> dict[str, dict[str, Any]]:
    """Return the accounts by email, each with its place and tags; nothing here has one twice."""
    organizations = watched.aws.client("organizations")
    pages = organizations.get_paginator("list_accounts").paginate()
    found = [one for page in pages for one in page["Accounts"] if one["Id"] != watched.aws.account_id]
    assert len(found) == len({one["Email"] for one in found})
    for one in found:
        [parent] = organizations.list_parents(ChildId=one["Id"])["Parents"]
        one["Place"] = organizations.describe_organizational_unit(OrganizationalUnitId=parent["Id"])[
            "OrganizationalUnit"
        ]["Name"]
        one["Above"] = organizations.list_parents(ChildId=parent["Id"])["Parents"][0]["Id"]
        one["Tags"] = {
            tag["Key"]: tag["Value"] for tag in organizations.list_tags_for_resource(ResourceId=one["Id"])["Tags"]
        }
    return {one["Email"]: one for one in found}


def check_accounts(watched: WatchedAws, table: api.Table, prefixes: Sequence[str], found_by_email: Set[str]) -> None:
    """Check that each request has one address and one account, placed, tagged and recorded, and that that is all.

    Those that were found by their emails were asked for by a run that died before it recorded the id of the creation.
    """
    records = check_map(table)
    assert sorted(record.request_id or "" for record in records.values()) == sorted(f"T-{each}" for each in prefixes)
    there = accounts(watched)
    assert there.keys() == records.keys()
    above = Counter(one["Above"] for one in there.values())
    for address, record in records.items():
        account = there[address]
        assert (record.status, record.account_id) == ("active", account["Id"])
        assert (record.create_account_request_id is None) == (record.series in found_by_email)
        assert account["Name"] == record.account_name
        assert (account["Place"], above[account["Above"]]) == ("Prod", 1)
        assert account["Tags"] == {"team": record.series}
        about = {"AccountId": account["Id"], "AlternateContactType": "SECURITY"}
        contact = watched.aws.client("account").get_alternate_contact(**about)["AlternateContact"]
        assert contact["EmailAddress"] == address.replace("@", "+security@")


def test_killed_anywhere_and_run_again(watched: WatchedAws, table: api.Table, tmp_path: Path) -> None:
    given = {**COMMON, "account_email_table": table.name}
    # The creation of the first ends once it was waited for, so that there is a wait to be killed in.
    clean = Play(tmp_path / "clean")
    watched.on_request = _end_creations_after(watched, "DescribeCreateAccountStatus", 3)
    watched.run(clean, "create_account", {**given, **request("clean")})
    points = points_of(clean)
    assert {point.request[0] for point in points if point.request} >= {
        "TransactWriteItems",
        "CreateAccount",
        "MoveAccount",
        "PutAlternateContact",
    }
    assert [point.name for point in points if point.waits] == ["while waiting in DescribeCreateAccountStatus"]
    killed_at = {f"k{number}": point for number, point in enumerate(points)}

    def kill(prefix: str) -> None:
        watched.run(Play(tmp_path / prefix, killed_at[prefix]), "create_account", {**given, **request(prefix)})

    watched.creations_take(FOREVER)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(kill, [prefix for prefix, point in killed_at.items() if point.waits]))
        watched.creations_take(0.1)
        list(pool.map(kill, [prefix for prefix, point in killed_at.items() if not point.waits]))

        def run_again(part: int) -> None:
            again = [request(prefix) for prefix in list(killed_at)[part::_AT_ONCE]]
            watched.run(Play(tmp_path / f"again-{part}"), "create_account", {**given, "accounts": again})

        list(pool.map(run_again, range(_AT_ONCE)))
    asked = [point.name for point in points].index("after CreateAccount 1")
    recorded = next(number for number in range(asked, len(points)) if "TransactWriteItems" in points[number].name)
    unrecorded = {f"k{number}" for number in range(asked, recorded)}
    check_accounts(watched, table, ["clean", *killed_at], unrecorded)


def test_a_list_killed_between_its_accounts(watched: WatchedAws, table: api.Table, tmp_path: Path) -> None:
    given = {**COMMON, "account_email_table": table.name}
    watched.creations_take(0.1)

    def two(prefix: str) -> dict[str, Any]:
        return {**given, "accounts": [request(f"{prefix}{one}") for one in "ab"]}

    clean = Play(tmp_path / "clean")
    watched.run(clean, "create_account", two("clean"))
    # By the second write of its kind one of the accounts is done with it and the other is not.
    points = [point for point in points_of(clean) if point.request and point.request[1] == 2]
    assert {point.request[0] for point in points if point.request} >= {
        "CreateAccount",
        "MoveAccount",
        "TransactWriteItems",
    }
    killed_at = {f"k{number}": point for number, point in enumerate(points)}

    def kill_and_run_again(prefix: str) -> None:
        watched.run(Play(tmp_path / prefix, killed_at[prefix]), "create_account", two(prefix))
        watched.run(Play(tmp_path / f"{prefix}-again"), "create_account", two(prefix))

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(kill_and_run_again, killed_at))
    # The two are made side by side: of either the creation may have been asked for, and its id not been recorded, until
    # what comes next of both is done.
    names = [point.name for point in points]
    asked = names.index("after CreateAccount 2")
    recorded = next(number for number in range(asked, len(names)) if names[number].startswith("after TransactWrite"))
    unrecorded = {str(record.series) for record in check_map(table).values() if not record.create_account_request_id}
    assert set() < unrecorded <= {f"k{number}{one}" for number in range(asked, recorded + 1) for one in "ab"}
    check_accounts(watched, table, [f"{prefix}{one}" for prefix in ["clean", *killed_at] for one in "ab"], unrecorded)


def test_five_of_a_list_are_made_side_by_side(watched: WatchedAws, table: api.Table, tmp_path: Path) -> None:
    # None of the first five is finished before the fifth was asked for.
    watched.on_request = _end_creations_after(watched, "CreateAccount", 5)
    asked = {**COMMON, "account_email_table": table.name, "account_wait_timeout": 60}
    prefixes = [f"p{number}" for number in range(6)]
    play = Play(tmp_path / "list")
    watched.run(play, "create_account", {**asked, "accounts": [request(prefix) for prefix in prefixes]})
    check_accounts(watched, table, prefixes, set())


def test_ten_at_once(watched: WatchedAws, table: api.Table, tmp_path: Path) -> None:
    # Five are made at a time. None is finished before the sixth was refused for once.
    watched.on_request = _end_creations_after(watched, "CreateAccount", 6)

    def run(number: int) -> None:
        wanted = {**COMMON, "account_request_id": f"T-{number}", "account_name_prefix": "app", "account_parent": "Prod"}
        watched.run(Play(tmp_path / str(number)), "create_account", {**wanted, "account_email_table": table.name})

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(run, range(10)))
    records = check_map(table)
    assert sorted(record.request_id or "" for record in records.values()) == [f"T-{number}" for number in range(10)]
    there = accounts(watched)
    assert {email: one["Id"] for email, one in there.items()} == {
        address: record.account_id for address, record in records.items()
    }
    assert len(there) == 10
    assert {one["Place"] for one in there.values()} == {"Prod"}


def _end_creations_after(watched: WatchedAws, operation: str, requests: int) -> Any:
    seen: Counter[str] = Counter()

    def on_request(asked: str) -> None:
        seen[asked] += 1
        if seen[operation] == requests:
            watched.creations_take(0.1)

    return on_request
