# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""organizations_account with rename: the name is changed once, although Organizations lists the old one for hours."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.account_factory.email.plugins.modules import organizations_account
from tests.unit.conftest import RunModule
from tests.unit.modules.conftest import MASTER, PROPAGATION_SECONDS, World

ACCOUNT = organizations_account.main
EMAIL = "payments-001@accounts.example.com"
OLD: dict[str, Any] = {"email": EMAIL, "name": "payments-001"}
NEW: dict[str, Any] = {"email": EMAIL, "name": "Payments 1", "rename": True}
ABOUT_NAMES = {"GetAccountInformation", "PutAccountName"}


@pytest.fixture
def account(run_module: RunModule, world: World) -> dict[str, Any]:
    made: dict[str, Any] = run_module(ACCOUNT, **OLD)["account"]
    world.calls.clear()
    return made


def listed_name(world: World, account: dict[str, Any]) -> str:
    name: str = world.call("DescribeAccount", AccountId=account["id"])["Account"]["Name"]
    return name


def test_an_account_is_renamed_once(run_module: RunModule, world: World, account: dict[str, Any]) -> None:
    predicted = run_module(ACCOUNT, check_mode=True, **NEW)
    assert world.name_of(account["id"]) == "payments-001"
    renamed = run_module(ACCOUNT, **NEW)
    assert renamed == predicted
    assert renamed["changed"]
    assert renamed["account"] == {**account, "name": "Payments 1"}
    assert renamed["diff"] == {"before": account, "after": renamed["account"]}
    assert world.name_of(account["id"]) == "Payments 1"
    for listed in ("payments-001", "Payments 1"):
        assert listed_name(world, account) == listed
        for check_mode in (True, False):
            again = run_module(ACCOUNT, check_mode=check_mode, **NEW)
            assert not again["changed"]
            assert again["account"] == renamed["account"]
        world.sleep(PROPAGATION_SECONDS)
    assert world.calls.count("PutAccountName") == 1
    assert not run_module(ACCOUNT, email=EMAIL, name="Payments 1")["changed"]


def test_a_name_that_is_only_still_listed_is_not_taken_for_the_name(
    run_module: RunModule, world: World, account: dict[str, Any]
) -> None:
    """Renamed, and back again within the hours in which Organizations lists the first name."""
    run_module(ACCOUNT, **NEW)
    assert listed_name(world, account) == "payments-001"
    predicted = run_module(ACCOUNT, check_mode=True, **OLD, rename=True)
    back = run_module(ACCOUNT, **OLD, rename=True)
    assert back == predicted
    assert back["changed"]
    assert (back["diff"]["before"]["name"], back["diff"]["after"]["name"]) == ("Payments 1", "payments-001")
    assert world.name_of(account["id"]) == "payments-001"


def test_a_member_is_named_by_its_id_and_the_management_account_by_none(
    run_module: RunModule, world: World, account: dict[str, Any]
) -> None:
    """API Reference, PutAccountName, AccountId: the management account cannot give its own."""
    asked: list[dict[str, Any]] = []
    world.on["PutAccountName"] = asked.append
    assert run_module(ACCOUNT, **NEW)["changed"]
    world.sleep(1)
    renamed = run_module(ACCOUNT, email="management@example.com", name="root of all", rename=True)
    assert renamed["changed"]
    assert renamed["account"]["id"] == MASTER
    assert asked == [{"AccountId": account["id"], "AccountName": "Payments 1"}, {"AccountName": "root of all"}]
    assert world.name_of(MASTER) == "root of all"
    assert not run_module(ACCOUNT, email="management@example.com", name="root of all", rename=True)["changed"]


@pytest.mark.parametrize("check_mode", [True, False], ids=["check mode", "real"])
def test_another_account_is_not_renamed_in_the_place_of_the_management_account(
    run_module: RunModule, world: World, account: dict[str, Any], check_mode: bool
) -> None:
    """A delegated administrator may list the management account, and without AccountId would rename its own."""
    world.caller = account["id"]
    wanted = {"email": "management@example.com", "name": "root of all", "rename": True}
    refused = run_module(ACCOUNT, check_mode=check_mode, **wanted)
    assert refused["failed"]
    assert refused["msg"].startswith(f"rename: the management account {MASTER} can only be renamed with credentials of")
    assert account["id"] in refused["msg"]
    assert "PutAccountName" not in world.calls


@pytest.mark.parametrize("check_mode", [True, False], ids=["check mode", "real"])
@pytest.mark.parametrize(
    ("options", "words"),
    [
        pytest.param({"name": "n" * 51}, "name: ", id="51 characters"),
        pytest.param({"name": "Zürich"}, "name: ", id="not ASCII"),
        pytest.param({"name": ""}, "name: ", id="empty"),
        pytest.param({"name": None}, "rename: needs name", id="null"),
    ],
)
def test_limits_are_checked_before_any_call(
    run_module: RunModule, world: World, options: dict[str, Any], words: str, check_mode: bool
) -> None:
    refused = run_module(ACCOUNT, check_mode=check_mode, **{**NEW, **options})
    assert refused["failed"]
    assert refused["msg"].startswith(words)
    assert world.calls == []


@pytest.mark.usefixtures("account")
def test_a_name_is_needed(run_module: RunModule) -> None:
    assert run_module(ACCOUNT, email=EMAIL, rename=True)["msg"].startswith("rename: needs name")


@pytest.mark.parametrize("check_mode", [True, False], ids=["check mode", "real"])
@pytest.mark.parametrize("name", ["a<b", "a>b"])
def test_a_name_that_aws_takes_for_new_accounts_only(
    run_module: RunModule, world: World, account: dict[str, Any], name: str, check_mode: bool
) -> None:
    """API Reference, PutAccountName, AccountName: [ -;=?-~]+, which CreateAccount's is not."""
    place = {"parent": "Workloads", "create_parents": True}
    refused = run_module(ACCOUNT, check_mode=check_mode, **{**NEW, "name": name}, **place)
    assert refused["failed"]
    assert refused["msg"].startswith(f"name: AWS does not rename an account to {name!r}")
    assert list(world.tree()) == ["/"]
    assert world.name_of(account["id"]) == "payments-001"
    created = run_module(ACCOUNT, email="b@example.com", name=name, rename=True)
    assert created["changed"]
    assert not run_module(ACCOUNT, email="b@example.com", name=name, rename=True)["changed"]


def test_a_new_account_has_its_name_already(run_module: RunModule, world: World) -> None:
    predicted = run_module(ACCOUNT, check_mode=True, **NEW)
    asked = run_module(ACCOUNT, **NEW, wait=False)
    assert asked["account"] == predicted["account"]
    assert not run_module(ACCOUNT, **NEW, wait=False)["changed"]
    # The creation is gone on with.
    assert run_module(ACCOUNT, **NEW)["account"]["name"] == "Payments 1"
    created = run_module(ACCOUNT, email="b@example.com", name="b", rename=True)
    assert created["account"]["name"] == "b"
    assert not ABOUT_NAMES & set(world.calls)


def test_an_account_that_another_job_made_meanwhile_with_another_name(run_module: RunModule, world: World) -> None:
    def theirs(parameters: dict[str, Any]) -> None:
        world.call("CreateAccount", Email=parameters["Email"], AccountName="theirs")
        world.sleep(60)

    world.on["CreateAccount"] = theirs
    renamed = run_module(ACCOUNT, **NEW)
    assert renamed["changed"]
    assert renamed["diff"]["before"]["name"] == "theirs"
    assert world.name_of(renamed["account"]["id"]) == "Payments 1"


@pytest.mark.parametrize("options", [{}, {"rename": False}], ids=["not given", "false"])
def test_nothing_is_asked_about_names_otherwise(
    run_module: RunModule, world: World, account: dict[str, Any], options: dict[str, Any]
) -> None:
    assert run_module(ACCOUNT, **OLD, **options)["account"] == account
    refused = run_module(ACCOUNT, email=EMAIL, name="Payments 1", **options)
    assert "give rename=true" in refused["msg"]
    assert not ABOUT_NAMES & set(world.calls)


def test_a_closed_account_is_not_renamed(run_module: RunModule, world: World, account: dict[str, Any]) -> None:
    world.call("CloseAccount", AccountId=account["id"])
    refused = run_module(ACCOUNT, **NEW)
    assert refused["msg"].startswith(f"email: the account {account['id']} ")
    assert not ABOUT_NAMES & set(world.calls)


def test_with_everything_else(run_module: RunModule, world: World, account: dict[str, Any]) -> None:
    wanted = {**NEW, "tags": {"a": "b"}, "parent": "Workloads", "create_parents": True}
    predicted = run_module(ACCOUNT, check_mode=True, **wanted)
    changed = run_module(ACCOUNT, **wanted)
    assert {**changed["account"], "parent_id": None} == predicted["account"]
    expected = {"name": "Payments 1", "tags": {"a": "b"}, "path": "Workloads"}
    assert expected.items() <= changed["account"].items()
    assert {"name": "payments-001", "tags": {}, "path": "/"}.items() <= changed["diff"]["before"].items()
    made = [name for name in world.calls if name in {"MoveAccount", "PutAccountName", "TagResource"}]
    assert made == ["MoveAccount", "PutAccountName", "TagResource"]
    assert world.name_of(account["id"]) == "Payments 1"
    assert not run_module(ACCOUNT, **wanted)["changed"]


def test_any_region_will_do(run_module: RunModule, world: World, account: dict[str, Any]) -> None:
    assert account["id"]
    run_module(ACCOUNT, **NEW, region="ap-southeast-2")
    assert world.hosts == {"organizations.us-east-1.amazonaws.com", "account.us-east-1.amazonaws.com"}


def as_before(world: World, account: dict[str, Any], seconds: float) -> None:
    """Let GetAccountInformation say the old name for some seconds."""
    until = world.now + seconds

    def information(_parameters: dict[str, Any]) -> Any:
        return {"AccountId": account["id"], "AccountName": "payments-001"} if world.now < until else None

    world.on["GetAccountInformation"] = information


def test_a_name_that_is_not_seen_at_once_is_waited_for(
    run_module: RunModule, world: World, account: dict[str, Any]
) -> None:
    as_before(world, account, 60)
    assert run_module(ACCOUNT, **NEW)["changed"]
    assert not run_module(ACCOUNT, **NEW)["changed"]
    assert world.calls.count("PutAccountName") == 1


def test_it_takes_too_long(run_module: RunModule, world: World, account: dict[str, Any]) -> None:
    as_before(world, account, 3600)
    before = world.now
    timed_out = run_module(ACCOUNT, **NEW, wait_timeout=60)
    assert timed_out["msg"].startswith(f"Timeout trying to see account {account['id']} with the name 'Payments 1': ")
    assert "can take up to four hours to be seen everywhere. Run again later" in timed_out["msg"]
    assert 50 <= world.now - before <= 70


def test_without_waiting(run_module: RunModule, world: World, account: dict[str, Any]) -> None:
    as_before(world, account, 3600)
    assert run_module(ACCOUNT, **NEW, wait=False)["account"]["name"] == "Payments 1"
    assert world.name_of(account["id"]) == "Payments 1"


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("code", ["TooManyRequestsException", "InternalServerException"])
@pytest.mark.parametrize("operation", sorted(ABOUT_NAMES))
def test_what_passes_is_waited_out(run_module: RunModule, world: World, operation: str, code: str) -> None:
    world.refuse(operation, code, times=6)
    assert run_module(ACCOUNT, **NEW)["changed"]


@pytest.mark.parametrize(
    ("operation", "code", "words"),
    [
        ("GetAccountInformation", "AccessDeniedException", "account:GetAccountInformation and account:PutAccountName"),
        ("PutAccountName", "AccessDeniedException", "trusted access for AWS Account Management"),
        ("PutAccountName", "TooManyRequestsException", "one new name a second"),
        ("PutAccountName", "ValidationException", "no"),
    ],
)
def test_errors_say_what_is_needed(
    run_module: RunModule, world: World, account: dict[str, Any], operation: str, code: str, words: str
) -> None:
    world.refuse(operation, code)
    failed = run_module(ACCOUNT, **NEW)
    looking = f"Failed to look up the name of account {account['id']}: "
    renaming = f"Failed to rename account {account['id']} to 'Payments 1': "
    assert failed["msg"].startswith(looking if operation.startswith("Get") else renaming)
    assert code in failed["msg"]
    assert words in failed["msg"]
    assert "email" not in failed["msg"]
    assert world.name_of(account["id"]) == "payments-001"


def test_a_botocore_that_knows_nothing_of_names(
    run_module: RunModule, world: World, account: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("botocore.__version__", "1.37.38")
    refused = run_module(ACCOUNT, **NEW)
    assert refused["failed"]
    assert "botocore>=1.38.0" in refused["msg"]
    assert "to rename an account" in refused["msg"]
    assert world.calls == []
    assert run_module(ACCOUNT, **OLD)["account"] == account
