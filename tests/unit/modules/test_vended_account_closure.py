# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""vended_account_closure: closes what the task, the map and AWS agree on, and retires the addresses of what is gone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from ansible_collections.account_factory.email.plugins.module_utils._aws import AwsError
from ansible_collections.account_factory.email.plugins.module_utils._map import api
from ansible_collections.account_factory.email.plugins.module_utils._map.requests import ExactRequest
from ansible_collections.account_factory.email.plugins.module_utils._record import AddressRecord
from ansible_collections.account_factory.email.plugins.modules import vended_account_closure
from tests.map_table import create_table
from tests.map_work import vend
from tests.unit.conftest import RunModule
from tests.unit.modules.conftest import MASTER, World

DOMAIN, OWNERS = "accounts.example.com", ("jane@example.org",)
GONE, OTHER = "000000000000", "000000000001"
CHANGES = {"MoveAccount", "CloseAccount"}
DAY = 24 * 3600


class Closures(World):
    """An organization beside the map."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.table = api.Table(boto3.client("dynamodb", region_name="eu-west-1"), "map")

    def member(self, name: str, email: str | None = None) -> str:
        """Return the id of a new account."""
        return self.create(name, email or f"{name}@{DOMAIN}")

    def vend(self, name: str, account_id: str | None) -> dict[str, Any]:
        """Vend the address and return the entry that closes its account."""
        request = ExactRequest(name, name, DOMAIN, {"owners": OWNERS}, account_id=account_id)
        vend(self.table, request)
        return {"address": f"{name}@{DOMAIN}", "account_id": account_id}

    def account(self, name: str) -> dict[str, Any]:
        """Return the entry of a new account that has a vended address."""
        return self.vend(name, self.member(name))

    def state(self, entry: dict[str, Any]) -> str:
        return str(self.call("DescribeAccount", AccountId=entry["account_id"])["Account"]["State"])

    def records(self) -> dict[str, AddressRecord]:
        return {record.address.partition("@")[0]: record for record in api.records(self.table)}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[Closures]:
    # moto loses writes of transactions that run at the same time.
    monkeypatch.setattr(api, "PARALLEL", 1)
    with mock_aws(config={"core": {"passthrough": {"services": ["organizations"]}}}):
        made = Closures()
        monkeypatch.setattr("time.sleep", made.sleep)
        monkeypatch.setattr("botocore.httpsession.URLLib3Session.send", lambda _session, request: made.send(request))
        create_table(made.table.client)
        assert api.put_domain(made.table, DOMAIN, f"aws@{DOMAIN}")
        yield made


def close(run_module: RunModule, *entries: Any, check_mode: bool = False, **options: Any) -> dict[str, Any]:
    main = vended_account_closure.main
    return run_module(main, check_mode=check_mode, table="map", accounts=list(entries), **options)


def without_times(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_times(each) for name, each in value.items() if name not in ("updated_at", "updated_by")}
    return [without_times(each) for each in value] if isinstance(value, list) else value


def test_closed_in_check_mode_for_real_and_again_and_retired_when_it_is_gone(
    run_module: RunModule, world: Closures
) -> None:
    entries = [world.account("a"), world.account("b")]
    before = world.records()
    planned = close(run_module, *entries, check_mode=True)
    assert [world.state(entry) for entry in entries] == ["ACTIVE", "ACTIVE"]
    done = close(run_module, *entries)
    assert done == planned
    assert done["changed"]
    assert [world.state(entry) for entry in entries] == ["SUSPENDED", "SUSPENDED"]
    assert done["closed"] == [entry["address"] for entry in entries]
    assert done["retired"] == []
    assert [each["account"]["state"] for each in done["vended_account_closure"]] == ["SUSPENDED", "SUSPENDED"]
    assert [each["account"]["state"] for each in done["diff"]["before"].values()] == ["ACTIVE", "ACTIVE"]
    assert [each["account_name"] for each in done["accounts"]] == ["a", "b"]
    # Their mail goes on.
    assert world.records() == before
    for check_mode in (True, False):
        again = close(run_module, *entries, check_mode=check_mode)
        assert not again["changed"]
        assert again["diff"] == {"before": {}, "after": {}}
        assert again["vended_account_closure"] == done["vended_account_closure"]

    world.sleep(90 * DAY)
    planned = close(run_module, *entries, check_mode=True)
    assert world.records() == before
    gone = close(run_module, *entries)
    assert without_times(gone) == without_times(planned)
    assert (gone["changed"], gone["closed"], gone["retired"]) == (True, [], done["closed"])
    assert [each["account"] for each in gone["vended_account_closure"]] == [None, None]
    assert {record.status for record in world.records().values()} == {"retired"}
    assert {record.owners for record in world.records().values()} == {OWNERS}
    again = close(run_module, *entries)
    assert (again["changed"], again["retired"]) == (False, [])
    assert world.calls.count("CloseAccount") == 2


def test_an_account_that_a_list_leaves_out_is_closed_and_keeps_its_mail(run_module: RunModule, world: Closures) -> None:
    entry = world.account("a")
    world.on["ListAccounts"] = lambda _parameters: {"Accounts": []}
    done = close(run_module, entry)
    assert (done["closed"], done["retired"]) == ([entry["address"]], [])
    assert world.records()["a"].status == "active"


def test_what_it_asks_of_organizations(run_module: RunModule, world: Closures) -> None:
    entries = [world.account("a"), world.account("b"), world.vend("gone", GONE)]
    close(run_module, *entries, check_mode=True)
    assert world.calls == ["ListAccounts", "DescribeAccount", "DescribeAccount", "DescribeAccount"]
    world.calls.clear()
    close(run_module, *entries)
    assert world.calls.count("ListAccounts") == 1
    assert set(world.calls) == {"ListAccounts", "DescribeAccount", "CloseAccount"}


def test_accounts_are_moved_before_they_are_closed(run_module: RunModule, world: Closures) -> None:
    entry = world.account("a")
    unit = world.unit("Old/Closed")
    planned = close(run_module, entry, check_mode=True, close_parent="Old/Closed")
    assert not CHANGES & set(world.calls)
    done = close(run_module, entry, close_parent="Old/Closed")
    assert done == planned
    account = done["vended_account_closure"][0]["account"]
    assert (account["parent_id"], account["path"], account["state"]) == (unit, "Old/Closed", "SUSPENDED")
    assert [name for name in world.calls if name in CHANGES] == ["MoveAccount", "CloseAccount"]
    assert not close(run_module, entry, close_parent="Old/Closed")["changed"]


def test_an_entry_as_it_is_handed_on_and_one_that_is_there_twice(run_module: RunModule, world: Closures) -> None:
    entry = world.account("a")
    handed_on = {"address": entry["address"].upper(), "account_name": "a", "request_id": None}
    done = close(run_module, entry, {**handed_on, "account_id": entry["account_id"]})
    assert done["vended_account_closure"][0] == done["vended_account_closure"][1]
    assert done["closed"] == [entry["address"]]
    assert world.calls.count("CloseAccount") == 1


@pytest.mark.parametrize("check_mode", [True, False], ids=["check mode", "real"])
@pytest.mark.parametrize(
    ("address", "account_id", "says"),
    [
        pytest.param("typo", "own", "accounts[1].address: typo@accounts.example.com is not in the map", id="typo"),
        pytest.param("new", "own", "accounts[1].address: the map knows no account of new@", id="no account"),
        pytest.param("a", OTHER, f"accounts[1].account_id: {OTHER} is not the account of a@", id="other account"),
        pytest.param("a", "jane", "accounts[1].account_id: 'jane' is not an AWS account id", id="no id"),
        pytest.param("a b", "own", "accounts[1].address: ", id="no address"),
        pytest.param("moved", "moved", "is no longer moved@accounts.example.com, but else@example.com", id="moved"),
        pytest.param("reused", GONE, f"the account {GONE} is gone, but the account ", id="address of another"),
    ],
)
def test_where_one_is_not_sure_nothing_is_done(
    run_module: RunModule, world: Closures, address: str, account_id: str, says: str, check_mode: bool
) -> None:
    sure = world.account("a")
    world.vend("new", None)
    moved = world.vend("moved", world.member("else", "else@example.com"))
    world.vend("reused", GONE)
    world.member("other", f"reused@{DOMAIN}")
    ids = {"own": sure["account_id"], "moved": moved["account_id"]}
    before = world.records()
    entry = {"address": f"{address}@{DOMAIN}", "account_id": ids.get(account_id, account_id)}
    refused = close(run_module, sure, entry, check_mode=check_mode)
    assert refused["failed"]
    assert says in refused["msg"]
    assert set(world.calls) <= {"ListAccounts"}
    assert world.state(sure) == "ACTIVE"
    assert world.records() == before


def test_all_that_is_wrong_is_told_by_the_names_that_are_given(run_module: RunModule, world: Closures) -> None:
    entry = world.account("a")
    names = {"address": "my_address", "account_id": "my_id"}
    refused = close(run_module, {**entry, "account_id": OTHER}, option_names=names)
    assert refused["msg"].startswith(f"my_id: {OTHER} is not the account of a@{DOMAIN}; to close that account, give ")
    both = close(run_module, {**entry, "address": f"b@{DOMAIN}"}, {**entry, "account_id": OTHER})
    assert "accounts[0].address: b@" in both["msg"]
    assert "accounts[1].account_id: " in both["msg"]


def test_one_that_cannot_be_closed_keeps_no_other(run_module: RunModule, world: Closures) -> None:
    kept, closed, gone = world.account("a"), world.account("b"), world.vend("gone", GONE)
    management = world.vend("m", MASTER)
    world.organization._nodes[MASTER].public["Email"] = f"m@{DOMAIN}"

    def refuse_the_first(parameters: dict[str, Any]) -> None:
        if parameters["AccountId"] == kept["account_id"]:
            world.refuse("CloseAccount", "ConstraintViolationException", 1, "CLOSE_ACCOUNT_QUOTA_EXCEEDED")
            world.on.pop("CloseAccount")(parameters)

    world.on["CloseAccount"] = refuse_the_first
    failed = close(run_module, kept, management, closed, gone)
    assert failed["failed"]
    assert failed["changed"]
    assert failed["msg"].startswith("2 of 4 entries could not be done: accounts[0]: Failed to close account ")
    assert [(each["index"], each["account_id"]) for each in failed["failures"]] == [
        (0, kept["account_id"]),
        (1, MASTER),
    ]
    assert "is the management account" in failed["failures"][1]["msg"]
    assert failed["failures"][0]["label"] == f"{kept['account_id']} ({kept['address']})"
    assert (failed["closed"], failed["retired"]) == ([closed["address"]], [gone["address"]])
    assert failed["vended_account_closure"][:2] == [{}, {}]
    assert [world.state(kept), world.state(closed)] == ["ACTIVE", "SUSPENDED"]


@pytest.mark.parametrize(
    ("email", "says"),
    [
        pytest.param("new@example.com", "accounts[1].address: the email address of the account ", id="another email"),
        pytest.param(None, "has left the organization meanwhile", id="gone"),
    ],
)
def test_what_changes_while_others_are_closed(
    run_module: RunModule, world: Closures, email: str | None, says: str
) -> None:
    first, second = world.account("a"), world.account("b")

    def meanwhile(_parameters: dict[str, Any]) -> None:
        if email:
            world.organization.set_primary_email(second["account_id"], email)
        else:
            world.organization._nodes.pop(second["account_id"])

    world.on["CloseAccount"] = meanwhile
    failed = close(run_module, first, second)
    assert failed["closed"] == [first["address"]]
    assert [each["index"] for each in failed["failures"]] == [1]
    assert says in failed["failures"][0]["msg"]
    assert world.calls.count("CloseAccount") == 1


def test_an_address_that_cannot_be_retired_is_told_beside_what_was_closed(
    run_module: RunModule, world: Closures, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed, gone = world.account("a"), world.vend("gone", GONE)

    def no_session(_module: Any) -> None:
        raise AwsError("Failed to ask AWS who is calling")

    monkeypatch.setattr(vended_account_closure, "make_stamp", no_session)
    failed = close(run_module, closed, gone)
    assert failed["closed"] == [closed["address"]]
    assert [(each["address"], each["msg"]) for each in failed["failures"]] == [
        (gone["address"], "Failed to ask AWS who is calling")
    ]
    assert world.records()["gone"].status == "active"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        pytest.param({"wait_timeout": 0}, "wait_timeout: must be at least 1 second", id="no time"),
        pytest.param({"close_parent": "a//b"}, "close_parent: ", id="no path"),
    ],
)
def test_options_that_cannot_work(run_module: RunModule, world: Closures, options: dict[str, Any], says: str) -> None:
    refused = close(run_module, world.account("a"), **options)
    assert refused["msg"].startswith(says)
    assert world.calls == []


def test_a_place_that_is_not_there_closes_nothing(run_module: RunModule, world: Closures) -> None:
    entry = world.account("a")
    failed = close(run_module, entry, close_parent="Closed")
    assert failed["failures"][0]["msg"].startswith("close_parent: ")
    assert world.state(entry) == "ACTIVE"


def test_how_far_it_is(run_module: RunModule, world: Closures, tmp_path: Any) -> None:
    entries = [world.account("a"), world.account("b")]
    close(run_module, *entries, progress_file=str(tmp_path / "progress"))
    lines = (tmp_path / "progress").read_text().splitlines()
    assert lines[0] == f"0 2 closing account {entries[0]['account_id']}"
    assert lines[-1] == "2 2"
