# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""organizations_account with close_parent: an open account is moved first, and then closed."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from moto import mock_aws

from ansible_collections.account_factory.email.plugins.modules import organizations_account
from tests.unit.conftest import RunModule
from tests.unit.modules.conftest import World

ACCOUNT = organizations_account.main
EMAIL = "payments-001@accounts.example.com"
WANTED: dict[str, Any] = {"email": EMAIL, "name": "payments-001"}
CHANGES = {"CreateOrganizationalUnit", "MoveAccount", "CloseAccount"}


@pytest.fixture
def account(run_module: RunModule, world: World) -> dict[str, Any]:
    made: dict[str, Any] = run_module(ACCOUNT, **WANTED)["account"]
    world.calls.clear()
    return made


def absent(account: dict[str, Any], **options: Any) -> dict[str, Any]:
    wanted = {"state": "absent", "email": EMAIL, "confirm_close": account["id"], "close_parent": "Closed"}
    return {**wanted, **options}


def state_of(world: World, account: dict[str, Any]) -> str:
    state: str = world.call("DescribeAccount", AccountId=account["id"])["Account"]["State"]
    return state


@pytest.mark.parametrize("by", ["path", "id"])
def test_an_account_is_moved_and_closed_once(
    run_module: RunModule, world: World, account: dict[str, Any], by: str
) -> None:
    unit = world.unit("Old/Closed")
    wanted = absent(account, close_parent=unit if by == "id" else "Old/Closed")
    predicted = run_module(ACCOUNT, check_mode=True, **wanted)
    assert not CHANGES & set(world.calls)
    assert world.tree()["/"] == ["management", "payments-001"]
    closed = run_module(ACCOUNT, **wanted)
    assert closed == predicted
    assert closed["changed"]
    place = {"parent_id": unit, "path": "Old/Closed"}
    assert closed["account"] == {**account, "state": "SUSPENDED", **place}
    assert closed["diff"]["before"] == {**account, "parent_id": world.root(), "path": "/"}
    assert closed["created_parents"] == []
    assert world.tree()["Old/Closed"] == ["payments-001"]
    assert [name for name in world.calls if name in CHANGES] == ["MoveAccount", "CloseAccount"]
    for check_mode in (True, False):
        again = run_module(ACCOUNT, check_mode=check_mode, **wanted)
        assert not again["changed"]
        assert again["account"] == closed["account"]
    assert [name for name in world.calls if name in CHANGES] == ["MoveAccount", "CloseAccount"]


def test_missing_ous_are_made(run_module: RunModule, world: World, account: dict[str, Any]) -> None:
    wanted = absent(account, close_parent="Old/Closed", create_parents=True)
    predicted = run_module(ACCOUNT, check_mode=True, **wanted)
    assert list(world.tree()) == ["/"]
    closed = run_module(ACCOUNT, **wanted)
    assert closed["created_parents"] == predicted["created_parents"] == ["Old", "Old/Closed"]
    assert {**closed["account"], "parent_id": None} == predicted["account"]
    assert world.tree()["Old/Closed"] == ["payments-001"]
    again = run_module(ACCOUNT, **wanted)
    assert not again["changed"]
    assert again["created_parents"] == []


def test_an_account_that_is_there_is_only_closed(run_module: RunModule, world: World, account: dict[str, Any]) -> None:
    world.unit("Closed")
    run_module(ACCOUNT, **WANTED, parent="Closed")
    world.calls.clear()
    closed = run_module(ACCOUNT, **absent(account))
    assert closed["changed"]
    assert closed["diff"]["before"]["path"] == closed["account"]["path"] == "Closed"
    assert [name for name in world.calls if name in CHANGES] == ["CloseAccount"]


@pytest.mark.parametrize("check_mode", [True, False], ids=["check mode", "real"])
@pytest.mark.parametrize("seconds", [0, 121], ids=["in progress", "closed"])
def test_a_closed_account_is_left_where_it_is(
    run_module: RunModule, world: World, account: dict[str, Any], seconds: float, check_mode: bool
) -> None:
    """The place need not even exist."""
    world.call("CloseAccount", AccountId=account["id"])
    world.sleep(seconds)
    for options in ({}, {"create_parents": True}):
        found = run_module(ACCOUNT, check_mode=check_mode, **absent(account, **options))
        assert found["failed"] is False
        assert not found["changed"]
        assert (found["account"]["state"], found["account"]["path"]) == ("SUSPENDED", "/")
        assert found["created_parents"] == []
    assert not CHANGES & set(world.calls)
    assert list(world.tree()) == ["/"]


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("check_mode", [True, False], ids=["check mode", "real"])
def test_an_account_that_never_was(run_module: RunModule, check_mode: bool) -> None:
    nothing = run_module(ACCOUNT, check_mode=check_mode, state="absent", email=EMAIL, close_parent="Closed")
    assert not nothing["changed"]
    assert nothing["account"] is None
    assert nothing["created_parents"] == []


def test_without_waiting(run_module: RunModule, world: World, account: dict[str, Any]) -> None:
    world.unit("Closed")
    predicted = run_module(ACCOUNT, check_mode=True, **absent(account), wait=False)
    asked = run_module(ACCOUNT, **absent(account), wait=False)
    assert asked == predicted
    assert (asked["account"]["state"], asked["account"]["path"]) == ("PENDING_CLOSURE", "Closed")
    assert world.tree()["Closed"] == ["payments-001"]


@pytest.mark.parametrize("check_mode", [True, False], ids=["check mode", "real"])
@pytest.mark.parametrize(
    ("options", "words"),
    [
        pytest.param({"confirm_close": None}, "confirm_close: the account ", id="not confirmed"),
        pytest.param({"confirm_close": "000000000000"}, "confirm_close: the account ", id="another id"),
        pytest.param({"name": "payments-002"}, "name: the account ", id="another name"),
        pytest.param({"email": "management@example.com", "confirm_close": "111122223333"}, "email: ", id="management"),
        pytest.param({"email": "other@example.com"}, "email: the account ", id="another email"),
        pytest.param({"close_parent": "a//b"}, "close_parent: 'a//b' has an empty name", id="no path"),
        pytest.param({"close_parent": "ou-x"}, "close_parent: 'ou-x' is not the id of an OU", id="no id"),
        pytest.param({"close_parent": "a/b/c/d/e/f"}, "close_parent: 'a/b/c/d/e/f' is 6 levels deep", id="depth"),
        pytest.param({"close_parent": "n" * 129}, "close_parent: the name 'nnn", id="long name"),
    ],
)
def test_nothing_is_done_before_every_check_has_passed(
    run_module: RunModule,
    world: World,
    account: dict[str, Any],
    options: dict[str, Any],
    words: str,
    check_mode: bool,
) -> None:
    refused = run_module(ACCOUNT, check_mode=check_mode, **{**absent(account, create_parents=True), **options})
    assert refused["failed"]
    assert refused["msg"].startswith(words)
    assert set(world.calls) <= {"ListAccounts"}


@pytest.mark.parametrize("check_mode", [True, False], ids=["check mode", "real"])
@pytest.mark.parametrize(
    ("options", "words"),
    [
        pytest.param({}, "close_parent: the organization has no OU 'Closed'. The root exists, and no", id="path"),
        pytest.param({"close_parent": "ou-ab12-34567890"}, "close_parent: the organization has no OU ou-", id="id"),
        pytest.param({"close_parent": "r-zzzzzz"}, "close_parent: the organization's root is r-", id="root"),
    ],
)
def test_a_place_that_is_not_there(
    run_module: RunModule,
    world: World,
    account: dict[str, Any],
    options: dict[str, Any],
    words: str,
    check_mode: bool,
) -> None:
    refused = run_module(ACCOUNT, check_mode=check_mode, **absent(account, **options))
    assert refused["failed"]
    assert refused["msg"].startswith(words)
    assert not CHANGES & set(world.calls)


def test_an_ou_that_differs_in_case_only_is_not_made(
    run_module: RunModule, world: World, account: dict[str, Any]
) -> None:
    world.unit("closed")
    refused = run_module(ACCOUNT, **absent(account, create_parents=True))
    assert refused["msg"].startswith("close_parent: 'Closed' would be made beside the OU 'closed'")
    assert not CHANGES & set(world.calls)


@pytest.mark.parametrize("check_mode", [True, False], ids=["check mode", "real"])
@pytest.mark.parametrize("state", [{}, {"state": "present"}], ids=["by default", "given"])
def test_it_is_for_closing_only(run_module: RunModule, world: World, state: dict[str, str], check_mode: bool) -> None:
    refused = run_module(ACCOUNT, check_mode=check_mode, **WANTED, **state, close_parent="Closed")
    assert refused["failed"]
    assert refused["msg"].startswith("close_parent: is for state=absent only")
    assert world.calls == []


@pytest.mark.parametrize(
    ("operation", "code", "reason", "words"),
    [
        ("CloseAccount", "ConstraintViolationException", "CLOSE_ACCOUNT_QUOTA_EXCEEDED", "30 days old"),
        ("CloseAccount", "AccessDeniedException", None, "management account only"),
        ("DescribeAccount", "AccessDeniedException", None, "management account only"),
    ],
)
def test_a_closure_that_is_refused_says_that_the_account_was_moved(
    run_module: RunModule,
    world: World,
    account: dict[str, Any],
    operation: str,
    code: str,
    reason: str | None,
    words: str,
) -> None:
    world.unit("Old/Closed")
    world.refuse(operation, code, reason=reason)
    refused = run_module(ACCOUNT, **absent(account, close_parent="Old/Closed"))
    moved = f"Failed to close account {account['id']}, which has been moved to 'Old/Closed': "
    assert refused["msg"].startswith(moved)
    assert code in refused["msg"]
    assert words in refused["msg"]
    assert world.tree()["Old/Closed"] == ["payments-001"]
    if operation == "CloseAccount":
        again = run_module(ACCOUNT, **absent(account, close_parent="Old/Closed"))
        assert again["msg"].startswith(f"Failed to close account {account['id']}: ")
    del world.on[operation]
    assert run_module(ACCOUNT, **absent(account, close_parent="Old/Closed"))["account"]["state"] == "SUSPENDED"
    assert world.calls.count("MoveAccount") == 1


def test_it_takes_too_long(run_module: RunModule, world: World, account: dict[str, Any]) -> None:
    world.unit("Closed")
    world.organization._creation_seconds = 10_000
    timed_out = run_module(ACCOUNT, **absent(account), wait_timeout=60)
    moved = f"Timeout trying to close account {account['id']}, which has been moved to 'Closed': "
    assert timed_out["msg"].startswith(moved)
    assert "run again to wait on" in timed_out["msg"]


def test_a_move_that_is_refused_closes_nothing(run_module: RunModule, world: World, account: dict[str, Any]) -> None:
    world.unit("Closed")
    world.refuse("MoveAccount", "AccessDeniedException")
    assert run_module(ACCOUNT, **absent(account))["msg"].startswith(f"Failed to move account {account['id']} to ou-")
    assert state_of(world, account) == "ACTIVE"


def test_others_that_move_it_again_and_again(run_module: RunModule, world: World, account: dict[str, Any]) -> None:
    world.unit("Closed")
    others = [world.unit("A"), world.unit("B")]

    def theirs(parameters: dict[str, Any]) -> None:
        source = parameters["SourceParentId"]
        elsewhere = next(other for other in others if other != source)
        world.call("MoveAccount", AccountId=account["id"], SourceParentId=source, DestinationParentId=elsewhere)

    world.on["MoveAccount"] = theirs
    assert run_module(ACCOUNT, **absent(account))["msg"].startswith("close_parent: others moved account ")
    assert "CloseAccount" not in world.calls


def test_another_job_closed_it_after_the_move(run_module: RunModule, world: World, account: dict[str, Any]) -> None:
    world.unit("Closed")
    world.on["CloseAccount"] = lambda _parameters: world.call("CloseAccount", AccountId=account["id"]) or None
    found = run_module(ACCOUNT, **absent(account))
    assert found["changed"]
    before, after = found["diff"]["before"], found["diff"]["after"]
    assert (before["state"], before["path"]) == ("SUSPENDED", "/")
    assert (after["state"], after["path"]) == ("SUSPENDED", "Closed")


def test_against_an_independent_implementation(run_module: RunModule) -> None:
    with mock_aws():
        organizations = boto3.client("organizations", region_name="us-east-1")
        organizations.create_organization(FeatureSet="ALL")
        made = run_module(ACCOUNT, **WANTED)["account"]
        wanted = absent(made, create_parents=True)
        predicted = run_module(ACCOUNT, check_mode=True, **wanted)
        closed = run_module(ACCOUNT, **wanted)
        assert {**closed["account"], "parent_id": None} == predicted["account"]
        parent = organizations.list_parents(ChildId=made["id"])["Parents"][0]["Id"]
        assert parent == closed["account"]["parent_id"]
        assert not run_module(ACCOUNT, **wanted)["changed"]
