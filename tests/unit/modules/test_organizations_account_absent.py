# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""organizations_account with state=absent: the account that is confirmed is closed, once, and no other."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from moto import mock_aws

from ansible_collections.account_factory.email.plugins.modules import organizations_account
from tests.unit.conftest import RunModule
from tests.unit.modules.conftest import World
from tests.unit.modules.test_organizations_account import warnings_of

ACCOUNT = organizations_account.main
EMAIL = "payments-001@accounts.example.com"
WANTED: dict[str, Any] = {"email": EMAIL, "name": "payments-001"}
DAY = 24 * 3600


@pytest.fixture
def account(run_module: RunModule, world: World) -> dict[str, Any]:
    made: dict[str, Any] = run_module(ACCOUNT, **WANTED)["account"]
    world.calls.clear()
    return made


def absent(account: dict[str, Any]) -> dict[str, Any]:
    return {"state": "absent", "email": account["email"], "confirm_close": account["id"]}


def state_of(world: World, account: dict[str, Any]) -> str:
    state: str = world.call("DescribeAccount", AccountId=account["id"])["Account"]["State"]
    return state


def test_an_account_is_closed_once(run_module: RunModule, world: World, account: dict[str, Any]) -> None:
    predicted = run_module(ACCOUNT, check_mode=True, **absent(account))
    assert state_of(world, account) == "ACTIVE"
    closed = run_module(ACCOUNT, **absent(account))
    assert closed == predicted
    assert closed["changed"]
    assert closed["account"] == {**account, "state": "SUSPENDED"}
    assert closed["diff"] == {"before": account, "after": closed["account"]}
    assert state_of(world, account) == "SUSPENDED"
    for check_mode in (True, False):
        again = run_module(ACCOUNT, check_mode=check_mode, **absent(account))
        assert not again["changed"]
        assert again["account"] == closed["account"]
    assert not run_module(ACCOUNT, state="absent", email=EMAIL)["changed"]
    assert world.calls.count("CloseAccount") == 1

    world.sleep(90 * DAY)
    for check_mode in (True, False):
        gone = run_module(ACCOUNT, check_mode=check_mode, **absent(account))
        assert not gone["changed"]
        assert gone["account"] is None


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("check_mode", [True, False], ids=["check mode", "real"])
def test_an_account_that_never_was(run_module: RunModule, check_mode: bool) -> None:
    for options in ({}, {"confirm_close": "123456789012"}):
        nothing = run_module(ACCOUNT, check_mode=check_mode, state="absent", email=EMAIL, **options)
        assert not nothing["changed"]
        assert nothing["account"] is None
        assert nothing["diff"] == {"before": {}, "after": {}}


def test_without_waiting_and_then_with(run_module: RunModule, world: World, account: dict[str, Any]) -> None:
    predicted = run_module(ACCOUNT, check_mode=True, **absent(account), wait=False)
    asked = run_module(ACCOUNT, **absent(account), wait=False)
    assert asked == predicted
    assert asked["changed"]
    assert asked["account"]["state"] == "PENDING_CLOSURE"
    assert not run_module(ACCOUNT, **absent(account), wait=False)["changed"]
    predicted = run_module(ACCOUNT, check_mode=True, **absent(account))
    waited = run_module(ACCOUNT, **absent(account))
    assert waited == predicted
    assert not waited["changed"]
    assert waited["account"]["state"] == state_of(world, account) == "SUSPENDED"
    assert world.calls.count("CloseAccount") == 1


@pytest.mark.parametrize("check_mode", [True, False], ids=["check mode", "real"])
@pytest.mark.parametrize(
    ("options", "words"),
    [
        pytest.param(
            {}, ", named 'payments-001', is ACTIVE and would be closed. To close it, give confirm_close=", id="-"
        ),
        pytest.param({"confirm_close": "000000000000"}, "confirm_close: the account ", id="another id"),
        pytest.param({"confirm_close": "payments-001"}, "is not an AWS account id; give its 12 digits", id="no id"),
        pytest.param({"name": "payments-002"}, "name: the account ", id="another name"),
    ],
)
def test_only_the_account_that_is_confirmed(
    run_module: RunModule,
    world: World,
    account: dict[str, Any],
    options: dict[str, Any],
    words: str,
    check_mode: bool,
) -> None:
    given = {"confirm_close": account["id"]} if "name" in options else {}
    refused = run_module(ACCOUNT, check_mode=check_mode, state="absent", email=EMAIL, **given, **options)
    assert refused["failed"]
    assert words in refused["msg"]
    assert account["id"] in refused["msg"] or "12 digits" in refused["msg"]
    assert set(world.calls) <= {"ListAccounts"}
    assert state_of(world, account) == "ACTIVE"


def test_an_account_whose_email_was_changed_is_not_taken_for_gone(
    run_module: RunModule, world: World, account: dict[str, Any]
) -> None:
    world.organization.set_primary_email(account["id"], "new@example.com")
    refused = run_module(ACCOUNT, **absent(account))
    assert refused["msg"].startswith(f"email: the account {account['id']}, which is to be closed, has the email new@")
    assert run_module(ACCOUNT, **{**absent(account), "email": "new@example.com"})["changed"]


@pytest.mark.parametrize("check_mode", [True, False], ids=["check mode", "real"])
def test_the_management_account_is_not_closed(run_module: RunModule, world: World, check_mode: bool) -> None:
    wanted = {"state": "absent", "email": "management@example.com", "confirm_close": "111122223333"}
    refused = run_module(ACCOUNT, check_mode=check_mode, **wanted)
    assert refused["failed"]
    assert "is the management account" in refused["msg"]
    assert world.calls == ["ListAccounts"]


@pytest.mark.parametrize("closed", [False, True], ids=["in progress", "closed"])
def test_another_job_was_quicker(run_module: RunModule, world: World, account: dict[str, Any], closed: bool) -> None:
    def theirs(_parameters: dict[str, Any]) -> None:
        world.call("CloseAccount", AccountId=account["id"])
        world.sleep(121 if closed else 0)

    world.on["CloseAccount"] = theirs
    found = run_module(ACCOUNT, **absent(account))
    assert found["failed"] is False
    assert not found["changed"]
    assert found["account"]["state"] == state_of(world, account) == "SUSPENDED"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("ConcurrentModificationException", None),
        ("TooManyRequestsException", None),
        ("ServiceException", None),
        ("ConstraintViolationException", "CLOSE_ACCOUNT_REQUESTS_LIMIT_EXCEEDED"),
    ],
)
def test_what_passes_is_waited_out_and_told(
    run_module: RunModule, world: World, account: dict[str, Any], code: str, reason: str | None
) -> None:
    world.refuse("CloseAccount", code, times=8, reason=reason)
    closed = run_module(ACCOUNT, **absent(account))
    assert closed["changed"]
    (warning,) = warnings_of(closed)
    assert f": to close account {account['id']} " in warning
    assert (reason or code) in warning


def test_a_fourth_closure_waits_for_its_turn(run_module: RunModule, world: World, account: dict[str, Any]) -> None:
    """Three others are being closed, which takes them two minutes."""
    others = []
    for number in range(3):
        world.call("CreateAccount", Email=f"n{number}@example.com", AccountName=f"n{number}")
        world.sleep(121)
        others.append(world.call("ListAccounts")["Accounts"][-1]["Id"])
    for other in others:
        world.call("CloseAccount", AccountId=other)
    closed = run_module(ACCOUNT, **absent(account))
    assert closed["changed"]
    assert "CLOSE_ACCOUNT_REQUESTS_LIMIT_EXCEEDED" in warnings_of(closed)[0]
    assert state_of(world, account) == "SUSPENDED"


def test_a_state_that_is_not_seen_at_once(run_module: RunModule, world: World, account: dict[str, Any]) -> None:
    """DescribeAccount may still say ACTIVE, or nothing, just after CloseAccount."""
    world.refuse("DescribeAccount", "AccountNotFoundException", times=2)
    assert run_module(ACCOUNT, **absent(account))["changed"]
    assert state_of(world, account) == "SUSPENDED"


@pytest.mark.parametrize(
    ("operation", "code", "reason", "words"),
    [
        ("ListAccounts", "AccessDeniedException", None, "management account only"),
        ("CloseAccount", "AccessDeniedException", None, "management account only"),
        ("DescribeAccount", "AccessDeniedException", None, "management account only"),
        ("CloseAccount", "ConflictException", None, "Run again in some minutes"),
        ("CloseAccount", "ConcurrentModificationException", None, "run again later"),
        ("CloseAccount", "ConstraintViolationException", "CLOSE_ACCOUNT_QUOTA_EXCEEDED", "30 days old"),
        ("CloseAccount", "ConstraintViolationException", "CLOSE_ACCOUNT_REQUESTS_LIMIT_EXCEEDED", "in some minutes"),
        ("CloseAccount", "ConstraintViolationException", "CANNOT_CLOSE_MANAGEMENT_ACCOUNT", "does not help"),
        ("CloseAccount", "ConstraintViolationException", "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE", "all features"),
    ],
)
def test_errors_say_whether_running_again_helps(
    run_module: RunModule,
    world: World,
    account: dict[str, Any],
    operation: str,
    code: str,
    reason: str | None,
    words: str,
) -> None:
    world.refuse(operation, code, reason=reason)
    before = world.now
    failed = run_module(ACCOUNT, **absent(account))
    assert failed["failed"]
    assert failed["msg"].startswith("Failed to ")
    assert code in failed["msg"]
    assert words in failed["msg"]
    assert world.now - before < 900


def test_it_takes_too_long(run_module: RunModule, world: World, account: dict[str, Any]) -> None:
    world.organization._creation_seconds = 10_000
    before = world.now
    timed_out = run_module(ACCOUNT, **absent(account), wait_timeout=60)
    assert timed_out["msg"].startswith(f"Timeout trying to close account {account['id']}: ")
    assert "run again to wait on" in timed_out["msg"]
    assert 60 <= world.now - before <= 70
    world.organization._creation_seconds = 0
    assert not run_module(ACCOUNT, **absent(account))["changed"]


def test_against_an_independent_implementation(run_module: RunModule) -> None:
    with mock_aws():
        boto3.client("organizations", region_name="us-east-1").create_organization(FeatureSet="ALL")
        made = run_module(ACCOUNT, **WANTED)["account"]
        predicted = run_module(ACCOUNT, check_mode=True, **absent(made))
        closed = run_module(ACCOUNT, **absent(made))
        assert closed == predicted
        assert closed["changed"]
        assert not run_module(ACCOUNT, **absent(made))["changed"]
