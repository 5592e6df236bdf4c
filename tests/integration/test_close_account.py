# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The play that closes an account: what it checks first, what it leaves, and when it retires the address."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._map import api
from ansible_collections.account_factory.email.plugins.module_utils._map.requests import ExactRequest
from ansible_collections.account_factory.email.plugins.module_utils._record import AddressRecord, Stamp
from tests.integration.maps import check_map
from tests.local_aws import LocalAws
from tests.local_aws.playbook import PlaybookFailedError, Recap, run_playbook
from tests.map_work import vend

# No account of any organization of local AWS: their ids are drawn.
GONE = "000000000000"


class Closing:
    """An account with a vended address, in a map of its own, and the play on it."""

    def __init__(self, aws: LocalAws, table: str, directory: Path) -> None:
        self.organizations = aws.client("organizations")
        self.environment, self.log = aws.environment, directory / "ansible.log"
        self.table = api.Table(aws.client("dynamodb"), table)
        self.name = f"t{uuid4().hex[:8]}"
        self.address = f"{self.name}@accounts.example.com"

    def vend(self, name: str, account_id: str | None) -> None:
        stamp = Stamp("2026-11-21T09:30:00Z", "arn:aws:iam::123456789012:user/jane")
        owners = ("jane@example.org",)
        request = ExactRequest(name, name, "accounts.example.com", {"owners": owners}, account_id=account_id)
        vend(self.table, request, lambda: stamp, False)

    def create(self, email: str, name: str | None = None) -> str:
        # The organization is that of every test here, and some count accounts of the same name.
        asked = self.organizations.create_account(Email=email, AccountName=name or self.name)["CreateAccountStatus"]
        deadline = time.monotonic() + 60
        while asked["State"] == "IN_PROGRESS":
            assert time.monotonic() < deadline
            time.sleep(0.1)
            described = self.organizations.describe_create_account_status(CreateAccountRequestId=asked["Id"])
            asked = described["CreateAccountStatus"]
        return str(asked["AccountId"])

    def run(self, confirm: str, *options: str, **variables: Any) -> Recap:
        self.log.unlink(missing_ok=True)
        given = {"account_email": self.address, "account_close_confirm": confirm, **variables}
        given["account_email_table"] = self.table.name
        return run_playbook("close_account", given, self.environment, self.log, *options)

    def said(self) -> str:
        return self.log.read_text()

    def record(self) -> AddressRecord:
        return check_map(self.table)[self.address]

    def state(self, account_id: str) -> str:
        return str(self.organizations.describe_account(AccountId=account_id)["Account"]["State"])


@pytest.fixture
def closing(local_aws: LocalAws, map_table: str, tmp_path: Path) -> Closing:
    return Closing(local_aws, map_table, tmp_path)


def test_an_account_is_closed_and_its_mail_goes_on(closing: Closing) -> None:
    account_id = closing.create(closing.address)
    closing.vend(closing.name, account_id)
    record = closing.record()
    assert closing.run(account_id, "--check").changed == 1
    assert closing.state(account_id) == "ACTIVE"
    assert closing.run(account_id, account_email=closing.address.upper()).changed == 1
    assert closing.state(account_id) != "ACTIVE"
    assert "goes on to the owners" in closing.said()
    assert closing.run(account_id).changed == 0
    # Whoever owned it goes on getting its mail.
    assert closing.record() == record


def test_the_address_is_retired_once_the_account_is_gone(closing: Closing) -> None:
    closing.vend(closing.name, GONE)
    record = closing.record()
    assert closing.run(GONE, "--check").changed == 1
    assert closing.record() == record
    assert closing.run(GONE).changed == 1
    assert (closing.record().status, closing.record().owners) == ("retired", record.owners)
    assert "The account is gone from the organization." in closing.said()
    assert closing.run(GONE).changed == 0


def test_a_list_that_another_play_handed_on_is_moved_and_closed(closing: Closing) -> None:
    names = [f"{closing.name}-{number}" for number in range(2)]
    handed_on = []
    for name in names:
        address = f"{name}@accounts.example.com"
        account_id = closing.create(address, name)
        closing.vend(name, account_id)
        handed_on.append({"address": address, "account_id": account_id, "account_name": name, "request_id": None})
    organizations = closing.organizations
    [root] = organizations.list_roots()["Roots"]
    unit = organizations.create_organizational_unit(ParentId=root["Id"], Name=closing.name)["OrganizationalUnit"]
    listed = {"account_factory_accounts": handed_on, "account_email": "", "account_factory_close_parent": closing.name}
    assert closing.run("", **listed).changed == 1
    for each in handed_on:
        account_id = str(each["account_id"])
        assert closing.state(account_id) != "ACTIVE"
        assert organizations.list_parents(ChildId=account_id)["Parents"][0]["Id"] == unit["Id"]
        assert f"account   {account_id}  {each['account_name']}" in closing.said()
    assert closing.run("", **listed).changed == 0
    wrong = [handed_on[0], {**handed_on[1], "account_id": handed_on[0]["account_id"]}]
    with pytest.raises(PlaybookFailedError, match=f"account_id: .* is not the account of {names[1]}@"):
        closing.run("", **{**listed, "account_factory_accounts": wrong})
    found = {"account_factory_accounts": handed_on, "account_email_table": closing.table.name}
    run_playbook("list_addresses", found, closing.environment, closing.log)
    assert all(str(each["address"]) in closing.said() for each in handed_on)


def test_an_id_without_quotes_is_an_id(closing: Closing) -> None:
    account_id = closing.create(closing.address)
    closing.vend(closing.name, account_id)
    if account_id.startswith("0"):
        with pytest.raises(PlaybookFailedError, match=f'it was "{account_id}"'):
            closing.run(account_close_confirm=int(account_id), confirm="")
    else:
        assert closing.run("", "--check", account_close_confirm=int(account_id)).changed == 1


@pytest.mark.parametrize(
    ("confirm", "email", "says"),
    [
        pytest.param(
            "000000000001", None, "account_close_confirm: 000000000001 is not the account of", id="other account"
        ),
        pytest.param("jane", None, "account_close_confirm: 'jane' is not an AWS account id", id="no id"),
        pytest.param(
            "ours", "typo@accounts.example.com", "account_email: typo@.* is not in the map", id="typing error"
        ),
        pytest.param(
            "ours", "new@accounts.example.com", "account_email: the map knows no account of new@", id="no account"
        ),
        pytest.param("ours", "moved@accounts.example.com", "is no longer moved@", id="another email"),
    ],
)
def test_what_is_not_sure_closes_nothing(closing: Closing, confirm: str, email: str | None, says: str) -> None:
    account_id = closing.create(closing.address)
    if email == "moved@accounts.example.com":
        closing.vend("moved", account_id)
    else:
        closing.vend(closing.name, account_id)
        closing.vend("new", None)
    before = check_map(closing.table)
    with pytest.raises(PlaybookFailedError, match=says):
        closing.run(account_id if confirm == "ours" else confirm, account_email=email or closing.address)
    assert closing.state(account_id) == "ACTIVE"
    assert check_map(closing.table) == before
