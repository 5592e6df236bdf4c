# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The play that creates an account: once, the same again, and nothing at all where something is wrong."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._map import api
from ansible_collections.account_factory.email.plugins.module_utils._map.requests import SeriesRequest
from ansible_collections.account_factory.email.plugins.module_utils._record import AddressRecord, Stamp
from tests.integration.maps import check_map
from tests.local_aws import LocalAws
from tests.local_aws.playbook import PlaybookFailedError, Recap, run_playbook
from tests.map_work import vend


class Request:
    """One request for an account, of a series of its own, and what the map and the organization come to hold of it."""

    def __init__(self, aws: LocalAws, table: str, directory: Path) -> None:
        self.aws, self.table, self.directory = aws, table, directory
        self.prefix = f"t{uuid4().hex[:8]}"
        self.address = f"{self.prefix}-001@accounts.example.com"

    def run(self, *options: str, **variables: Any) -> Recap:
        request = {
            "account_name_prefix": self.prefix,
            "account_domain": "accounts.example.com",
            "account_request_id": "T-1",
            "account_owners": ["jane@example.org"],
            "account_email_table": self.table,
        }
        log = self.directory / "ansible.log"
        return run_playbook("create_account", {**request, **variables}, self.aws.environment, log, *options)

    def said(self) -> str:
        return (self.directory / "ansible.log").read_text()

    def record(self) -> AddressRecord | None:
        return self.records().get(self.address)

    def records(self) -> dict[str, AddressRecord]:
        return check_map(api.Table(self.aws.client("dynamodb"), self.table))

    def accounts(self) -> list[str]:
        pages = self.aws.client("organizations").get_paginator("list_accounts").paginate()
        return [one["Id"] for page in pages for one in page["Accounts"] if one["Name"].startswith(self.prefix)]

    def place(self, account_id: str | None) -> list[str]:
        """Return the names of the OUs that lead to an account, the root left away."""
        organizations = self.aws.client("organizations")
        [parent] = organizations.list_parents(ChildId=account_id)["Parents"]
        if parent["Type"] == "ROOT":
            return []
        unit = organizations.describe_organizational_unit(OrganizationalUnitId=parent["Id"])["OrganizationalUnit"]
        return [*self.place(parent["Id"]), unit["Name"]]


@pytest.fixture
def request_for_account(local_aws: LocalAws, map_table: str, tmp_path: Path) -> Request:
    return Request(local_aws, map_table, tmp_path)


def test_one_account_for_one_request(request_for_account: Request) -> None:
    one = request_for_account
    assert one.run("--check").changed == 1
    assert (one.record(), one.accounts()) == (None, [])
    assert "(to be created)" in one.said()
    wanted: dict[str, Any] = {"account_tags": {"team": "blue"}, "account_parent": f"{one.prefix}/Prod"}
    one.run(**wanted, account_create_parents=True)
    record = one.record()
    assert record
    assert [record.account_id] == one.accounts()
    assert (record.status, str(record.create_account_request_id)[:4]) == ("active", "car-")
    assert one.place(record.account_id) == [one.prefix, "Prod"]
    assert one.run(**wanted).changed == 0
    assert one.run("--check", **wanted).changed == 0
    assert one.said().rstrip().count(f"account   {record.account_id}") == 3
    assert one.record() == record
    assert len(one.accounts()) == 1


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        pytest.param({"account_tags": {"aws:x": "y"}}, "tags: 'aws:x' begins with 'aws:'", id="tag"),
        pytest.param({"account_tags": {"team": "R&D"}}, "tags: .*'R&D', holds '&'", id="tag that AWS refuses"),
        pytest.param({"account_role_name": "a b"}, "role_name: 'a b' is not valid", id="role name"),
        pytest.param({"account_wait_timeout": -1}, "wait_timeout: must be at least 1", id="timeout"),
        pytest.param({"account_owners": ["x@accounts.example.com"]}, r"owners\[0\]: ", id="owner"),
        pytest.param({"account_domain": "typo.example.com"}, "nobody forwards mail of 'typo", id="domain"),
        pytest.param({"account_domain": ""}, "required by 'name_prefix': domain", id="nothing given"),
        pytest.param({"account_parent": "No/Such"}, "parent: ", id="parent"),
        pytest.param({"account_type_parents": {"x": "/"}}, "account_type: is not given, and type_parents", id="type"),
    ],
)
def test_what_cannot_work_writes_nothing(request_for_account: Request, variables: dict[str, Any], says: str) -> None:
    with pytest.raises(PlaybookFailedError, match=says):
        request_for_account.run(**variables)
    assert (request_for_account.record(), request_for_account.accounts()) == (None, [])


def test_a_list_of_accounts_in_which_some_cannot_be_made(request_for_account: Request) -> None:
    one = request_for_account
    good = [
        {"account_request_id": "T-1", "account_type": "sandbox", "account_tags": {"team": "blue"}},
        {"account_request_id": "T-4", "account_owners": ["joe@example.org"]},
        {"account_request_id": "T-8", "account_type": "lab", "account_parent": "/"},
    ]
    bad: list[dict[str, Any]] = [
        {"account_request_id": "T-2", "account_type": "lab"},
        {"account_request_id": "T-3", "account_domain": "typo.example.com"},
        {"account_request_id": "T-5", "account_nam": "app"},
        {"account_request_id": "T-6"},
        {"account_request_id": "T-6"},
    ]
    wanted = {
        "account_request_id": "",
        "account_type_parents": {
            "sandbox": f"{one.prefix}/Sandboxes",
            "lab": "ou-zzzz-12345678",
            "default": one.prefix,
        },
        "account_create_parents": True,
        "accounts": [good[0], *bad, *good[1:]],
    }
    for options in (["--check"], []):
        with pytest.raises(PlaybookFailedError, match="5 of 8 accounts could not be created") as failed:
            one.run(*options, **wanted)
        for says in (
            r"accounts\[1\] \(T-2\): parent: ",
            r"accounts\[2\] \(T-3\): domain: nobody forwards mail of 'typo",
            r"accounts\[3\] \(T-5\): account_nam: not known",
            r"accounts\[4\] \(T-6\): request_id: is that of accounts\[5\], too",
            r"accounts\[5\] \(T-6\): request_id: is that of accounts\[4\], too",
        ):
            assert re.search(says, str(failed.value))
        if options:
            assert (one.records(), one.accounts()) == ({}, [])
            assert "3 of 3: In check mode: nothing was changed." in one.said()
            assert f"address   {one.prefix}-003@accounts.example.com" in one.said()
    made = {record.request_id: record for record in one.records().values()}
    assert made.keys() == {"T-1", "T-4", "T-8"}
    assert sorted(one.accounts()) == sorted(str(record.account_id) for record in made.values())
    assert [made[each].owners[0] for each in made] == ["jane@example.org", "joe@example.org", "jane@example.org"]
    assert [one.place(made[each].account_id) for each in ("T-1", "T-4", "T-8")] == [
        [one.prefix, "Sandboxes"],
        [one.prefix],
        [],
    ]
    assert one.run(**{**wanted, "accounts": good}).changed == 0
    assert one.said().count("3 of 3: The account is ready.") == 2


def test_a_request_that_aws_refused_is_mended_and_run_again(request_for_account: Request) -> None:
    one = request_for_account
    exact = {"account_factory_account_name": f"{one.prefix} Archive", "account_factory_local_part": one.prefix}
    wanted = {"account_name_prefix": "", **exact, "account_factory_role_name": "Admin"}
    one.aws.organizations.fail("INTERNAL_FAILURE")
    try:
        with pytest.raises(PlaybookFailedError, match="INTERNAL_FAILURE"):
            one.run(**wanted, account_factory_tags={"team": "R+D"}, account_factory_account_type="lab")
    finally:
        one.aws.organizations.fail(None)
    [first] = one.records().values()
    assert (first.account_id, first.tags, first.account_type) == (None, {"team": "R+D"}, "lab")
    mended = {**wanted, "account_factory_tags": {"team": "research"}, "account_factory_account_type": "sandbox"}
    # Somebody else's owners are not the first's to be replaced by chance.
    with pytest.raises(PlaybookFailedError, match=r"owners was .*while no account has it, its tags and account_type"):
        one.run(**mended, account_owners=["eve@example.org"])
    one.run(**mended)
    [record] = one.records().values()
    assert (record.address, record.tags, record.account_type) == (first.address, {"team": "research"}, "sandbox")
    organizations = one.aws.client("organizations")
    assert organizations.list_tags_for_resource(ResourceId=record.account_id)["Tags"] == [
        {"Key": "team", "Value": "research"}
    ]
    name = organizations.describe_account(AccountId=record.account_id)["Account"]["Name"]
    assert name == exact["account_factory_account_name"]
    # Tags that another team has put on it stay, unless told.
    organizations.tag_resource(ResourceId=record.account_id, Tags=[{"Key": "theirs", "Value": "x"}])
    assert one.run(**mended).changed == 0
    one.run(**mended, account_factory_purge_tags=True)
    assert len(organizations.list_tags_for_resource(ResourceId=record.account_id)["Tags"]) == 1
    # With an account, only on_change changes the request.
    edited = {**mended, "account_owners": ["joe@example.org"]}
    with pytest.raises(PlaybookFailedError, match="to change that one, give on_change=apply"):
        one.run(**edited)
    one.run(**edited, account_factory_on_change="apply")
    assert one.records()[record.address].owners == ("joe@example.org",)
    assert one.run(**edited, account_factory_on_change="apply").changed == 0


def test_an_account_that_is_older_than_its_address_is_left_alone(request_for_account: Request) -> None:
    one = request_for_account
    organizations = one.aws.client("organizations")
    asked = organizations.create_account(Email=one.address, AccountName=f"{one.prefix}-001")["CreateAccountStatus"]
    wait_until(lambda: one.accounts() != [])
    wanted = SeriesRequest(
        "T-1", one.prefix, "accounts.example.com", {"owners": ("jane@example.org",), "tags": {"team": "thieves"}}
    )
    later = Stamp("2099-01-01T00:00:00Z", "arn:aws:iam::123456789012:user/jane")
    vended = vend(api.Table(one.aws.client("dynamodb"), one.table), wanted, lambda: later, False).after
    for options in (("--check",), ()):
        with pytest.raises(PlaybookFailedError, match=f"had the address {one.address} before it was vended here"):
            one.run(*options, account_tags={"team": "thieves"})
        assert one.record() == vended
    status = organizations.describe_create_account_status(CreateAccountRequestId=asked["Id"])["CreateAccountStatus"]
    assert organizations.list_tags_for_resource(ResourceId=status["AccountId"])["Tags"] == []


def wait_until(holds: Callable[[], bool], timeout: float = 60) -> None:
    deadline = time.monotonic() + timeout
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)
