# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The play that creates an account: once, the same again, and nothing at all where something is wrong."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._map import api
from ansible_collections.account_factory.email.plugins.module_utils._map.record import AddressRecord, Stamp
from ansible_collections.account_factory.email.plugins.module_utils._map.requests import SeriesRequest
from ansible_collections.account_factory.email.plugins.module_utils._map.vending import vend
from tests.local_aws import LocalAws
from tests.local_aws.playbook import PlaybookFailedError, Recap, run_playbook


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
        return api.get_record(api.Table(self.aws.client("dynamodb"), self.table), self.address)

    def accounts(self) -> list[str]:
        pages = self.aws.client("organizations").get_paginator("list_accounts").paginate()
        return [one["Id"] for page in pages for one in page["Accounts"] if one["Name"].startswith(self.prefix)]


@pytest.fixture
def request_for_account(local_aws: LocalAws, map_table: str, tmp_path: Path) -> Request:
    return Request(local_aws, map_table, tmp_path)


def test_one_account_for_one_request(request_for_account: Request) -> None:
    one = request_for_account
    assert one.run("--check").changed == 2
    assert (one.record(), one.accounts()) == (None, [])
    assert "(to be created)" in one.said()
    one.run(account_tags={"team": "blue"})
    record = one.record()
    assert record
    assert [record.account_id] == one.accounts()
    assert (record.status, str(record.create_account_request_id)[:4]) == ("active", "car-")
    assert one.run(account_tags={"team": "blue"}).changed == 0
    assert one.run("--check", account_tags={"team": "blue"}).changed == 0
    assert one.said().rstrip().count(f"account   {record.account_id}") == 3
    assert one.record() == record
    assert len(one.accounts()) == 1


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        pytest.param({"account_tags": {"aws:x": "y"}}, "tags: 'aws:x' begins with 'aws:'", id="tag"),
        pytest.param({"account_role_name": "a b"}, "account_role_name, account_wait_timeout: give", id="role name"),
        pytest.param({"account_wait_timeout": -1}, "account_role_name, account_wait_timeout: give", id="timeout"),
        pytest.param({"account_owners": ["x@accounts.example.com"]}, r"owners\[0\]: ", id="owner"),
        pytest.param({"account_domain": "typo.example.com"}, "nobody forwards mail of 'typo", id="domain"),
    ],
)
def test_what_cannot_work_writes_nothing(request_for_account: Request, variables: dict[str, Any], says: str) -> None:
    with pytest.raises(PlaybookFailedError, match=says):
        request_for_account.run(**variables)
    assert (request_for_account.record(), request_for_account.accounts()) == (None, [])


def test_an_account_that_is_older_than_its_address_is_left_alone(request_for_account: Request) -> None:
    one = request_for_account
    organizations = one.aws.client("organizations")
    asked = organizations.create_account(Email=one.address, AccountName=f"{one.prefix}-001")["CreateAccountStatus"]
    wait_until(lambda: one.accounts() != [])
    wanted = SeriesRequest("T-1", one.prefix, "accounts.example.com", ("jane@example.org",), tags={"team": "thieves"})
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
