# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""organizations_account_info: its real main(), botocore and all, against the organization of local AWS."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from moto import mock_aws

from ansible_collections.account_factory.email.plugins.modules import organizations_account, organizations_account_info
from tests.local_aws.wire import AwsError
from tests.unit.conftest import RunModule
from tests.unit.modules.conftest import World
from tests.unit.modules.test_organizations_account import warnings_of

INFO = organizations_account_info.main
ACCOUNTS = ["B-1", "a-1", "b-2", "same", "same"]


@pytest.fixture
def ids(world: World) -> list[str]:
    """Return the ids of five accounts, two of one name and one of them closed, in the order of their emails."""
    for index, name in enumerate(ACCOUNTS):
        world.call(
            "CreateAccount",
            Email=f"User{index}@Example.com",
            AccountName=name,
            Tags=[{"Key": "n", "Value": str(index)}],
        )
        world.sleep(121)
    made: list[str] = [account["Id"] for account in world.call("ListAccounts")["Accounts"][1:]]
    world.call("CloseAccount", AccountId=made[4])
    world.sleep(121)
    return made


def emails(result: dict[str, Any]) -> list[str]:
    assert not result["changed"]
    return [account["email"] for account in result["accounts"]]


def test_all_sorted_by_name_and_id(run_module: RunModule, ids: list[str]) -> None:
    same = sorted((ids[index], f"User{index}@Example.com") for index in (3, 4))
    found = run_module(INFO)
    assert emails(found) == [
        "User1@Example.com",
        "User0@Example.com",
        "User2@Example.com",
        "management@example.com",
        *(email for _id, email in same),
    ]
    assert run_module(INFO, check_mode=True) == found


def test_an_account_looks_as_the_module_shows_it(run_module: RunModule, ids: list[str]) -> None:
    cases: list[tuple[dict[str, Any], dict[str, Any]]] = [({}, {}), ({"tags": {"n": "0"}}, {"include_tags": True})]
    for options, more in cases:
        account = run_module(organizations_account.main, email="user0@example.com", **options)["account"]
        assert run_module(INFO, account_ids=[ids[0]], **more)["accounts"] == [account]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param({"emails": ["uSER1@example.COM "]}, [1], id="email in any case"),
        pytest.param({"names": ["b-2", "a-1"]}, [1, 2], id="names"),
        pytest.param({"names": ["b-1"]}, [], id="a name's case counts"),
        pytest.param({"names": ["same"], "states": ["ACTIVE"]}, [3], id="every option has to match"),
        pytest.param({"states": ["SUSPENDED", "CLOSED"]}, [4], id="closed"),
        pytest.param({"emails": ["user0@example.com", "none@example.com"]}, [0], id="some are not there"),
        pytest.param({"emails": []}, [], id="an empty list is none"),
    ],
)
@pytest.mark.usefixtures("ids")
def test_those_that_match(run_module: RunModule, options: dict[str, Any], expected: list[int]) -> None:
    assert emails(run_module(INFO, **options)) == [f"User{index}@Example.com" for index in expected]


def test_by_id(run_module: RunModule, ids: list[str]) -> None:
    assert set(emails(run_module(INFO, account_ids=[ids[0], ids[2], "000000000000"]))) == {
        "User0@Example.com",
        "User2@Example.com",
    }


@pytest.mark.parametrize("value", ["12345678901", "1234567890123", "12345678901a", ""])
def test_an_id_that_is_none_is_refused(run_module: RunModule, world: World, value: str) -> None:
    refused = run_module(INFO, account_ids=["123456789012", value])
    assert refused["msg"].startswith(f"account_ids: {value!r} is not an AWS account id; give its 12 digits in quotes")
    assert world.calls == []


def test_tags_are_listed_of_those_that_match_only(run_module: RunModule, world: World, ids: list[str]) -> None:
    found = run_module(INFO, names=["same"], include_tags=True)
    assert {account["id"]: account["tags"] for account in found["accounts"]} == {ids[3]: {"n": "3"}, ids[4]: {"n": "4"}}
    assert world.calls.count("ListTagsForResource") == 2
    assert "tags" not in run_module(INFO, names=["a-1"])["accounts"][0]


@pytest.fixture
def placed(world: World, ids: list[str]) -> dict[str, str]:
    """Return the paths of the accounts by their ids: some in OUs that are nested, one of which has none."""
    world.unit("Empty")
    paths = {ids[0]: "Workloads/Prod/EU", ids[1]: "Workloads", ids[4]: "Suspended"}
    for account_id, path in paths.items():
        unit = world.unit(path)
        world.call("MoveAccount", AccountId=account_id, SourceParentId=world.root(), DestinationParentId=unit)
    return paths


def places(result: dict[str, Any]) -> dict[str, str]:
    """Return the paths of the accounts that are in OUs, each of which has the right id."""
    return {account["id"]: account["path"] for account in result["accounts"] if account["path"] != "/"}


def test_where_all_are(run_module: RunModule, world: World, placed: dict[str, str]) -> None:
    """All: the tree is walked, and no account is asked for by itself."""
    found = run_module(INFO, include_parents=True)
    assert places(found) == placed
    for account in found["accounts"]:
        assert account["parent_id"] == (world.root() if account["path"] == "/" else world.unit(account["path"]))
    assert "ListParents" not in world.calls
    assert world.calls.count("ListOrganizationalUnitsForParent") == 6
    assert "path" not in run_module(INFO)["accounts"][0]


def test_where_a_few_are(run_module: RunModule, world: World, ids: list[str], placed: dict[str, str]) -> None:
    """A few: each is asked for, and what is above them only once."""
    found = run_module(INFO, account_ids=[ids[0], ids[1], ids[2]], include_parents=True)
    assert places(found) == {ids[0]: placed[ids[0]], ids[1]: placed[ids[1]]}
    assert world.calls.count("DescribeOrganizationalUnit") == 3
    assert "ListAccountsForParent" not in world.calls
    account = run_module(organizations_account.main, email="user0@example.com", parent="Workloads/Prod/EU")
    assert not account["changed"]
    assert run_module(INFO, account_ids=[ids[0]], include_parents=True)["accounts"] == [account["account"]]


def test_an_account_that_is_moved_past_the_walk(run_module: RunModule, world: World, placed: dict[str, str]) -> None:
    (account_id,) = [one for one, path in placed.items() if path == "Workloads"]
    source, target = world.unit("Workloads"), world.root()
    listed: list[str] = []

    def before(parameters: dict[str, Any]) -> None:
        if parameters["ParentId"] == source and target in listed:
            world.call("MoveAccount", AccountId=account_id, SourceParentId=source, DestinationParentId=target)
        listed.append(parameters["ParentId"])

    world.on["ListAccountsForParent"] = before
    assert places(run_module(INFO, include_parents=True)) == {k: v for k, v in placed.items() if k != account_id}
    assert world.calls.count("ListParents") == 1


@pytest.mark.usefixtures("placed")
def test_an_account_that_leaves_meanwhile_is_nowhere(run_module: RunModule, world: World, ids: list[str]) -> None:
    world.refuse("ListParents", "ChildNotFoundException")
    (account,) = run_module(INFO, account_ids=[ids[0]], include_parents=True)["accounts"]
    assert (account["parent_id"], account["path"]) == (None, None)
    world.refuse("ListParents", "AccessDeniedException")
    assert "permissions" in run_module(INFO, account_ids=[ids[0]], include_parents=True)["msg"]


def test_every_page_is_read_even_after_an_empty_one(run_module: RunModule, world: World) -> None:
    first = {"Id": "000000000001", "Arn": "arn:x", "Email": "a@example.com", "Name": "a", "State": "ACTIVE"}
    # AWS's reference requires neither email nor name; nor State, which older botocores do not know.
    last = {"Id": "000000000002", "Arn": "arn:y", "Status": "SUSPENDED"}
    pages: dict[str | None, dict[str, Any]] = {
        None: {"Accounts": [first], "NextToken": "2"},
        "2": {"Accounts": [], "NextToken": "3"},
        "3": {"Accounts": [last]},
    }
    world.on["ListAccounts"] = lambda parameters: pages[parameters.get("NextToken")]
    found = run_module(INFO)["accounts"]
    assert [(one["id"], one["email"], one["state"]) for one in found] == [
        ("000000000002", "", "SUSPENDED"),
        ("000000000001", "a@example.com", "ACTIVE"),
    ]


def test_throttling_on_any_page_is_waited_out(run_module: RunModule, world: World) -> None:
    """Each page has tries of its own: a long list is not begun again, nor given up, where AWS slows us down."""
    for number in range(45):
        world.call("CreateAccount", Email=f"u{number}@example.com", AccountName=f"n{number}")
        world.sleep(121)
    tokens: list[str | None] = []

    def slow(parameters: dict[str, Any]) -> None:
        tokens.append(parameters.get("NextToken"))
        if tokens.count(tokens[-1]) <= 4:
            raise AwsError("TooManyRequestsException", "no", 400)

    world.on["ListAccounts"] = slow
    assert len(run_module(INFO)["accounts"]) == 46
    assert [tokens.count(token) for token in dict.fromkeys(tokens)] == [5, 5, 5]


def test_throttling_is_not_waited_for_for_ever(run_module: RunModule, world: World) -> None:
    world.refuse("ListAccounts", "TooManyRequestsException")
    failed = run_module(INFO)
    assert failed["error"]["code"] == "TooManyRequestsException"
    assert "to list the accounts of the organization 7 times" in warnings_of(failed)[0]
    assert 3 < len(world.calls) < 50


@pytest.mark.parametrize(
    ("operation", "code", "words"),
    [
        ("ListAccounts", "AccessDeniedException", "or from a delegated administrator's account"),
        ("ListAccounts", "AWSOrganizationsNotInUseException", "in no organization"),
        ("ListTagsForResource", "AccessDeniedException", "permissions that the module's documentation lists"),
    ],
)
def test_errors_say_what_is_needed(run_module: RunModule, world: World, operation: str, code: str, words: str) -> None:
    world.refuse(operation, code)
    failed = run_module(INFO, include_tags=True)
    assert failed["failed"]
    assert failed["msg"].startswith("Failed to list the ")
    assert failed["error"]["code"] == code
    assert words in failed["msg"]


def test_any_region_will_do(run_module: RunModule, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    assert len(run_module(INFO)["accounts"]) == 1
    assert world.hosts == {"127.0.0.1"}


def test_against_an_independent_implementation(run_module: RunModule) -> None:
    with mock_aws():
        boto3.client("organizations", region_name="us-east-1").create_organization(FeatureSet="ALL")
        wanted: dict[str, Any] = {
            "email": "payments@accounts.example.com",
            "name": "payments",
            "tags": {"owner": "payments"},
        }
        account = run_module(organizations_account.main, **wanted)["account"]
        assert run_module(INFO, emails=[wanted["email"]], include_tags=True)["accounts"] == [account]
        assert len(run_module(INFO)["accounts"]) == 2
