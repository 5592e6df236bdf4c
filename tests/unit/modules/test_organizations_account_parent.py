# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""organizations_account and the tree: in which OU an account is made, and moving it."""

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
ASSIGNED = ("id", "arn", "state", "joined_method", "joined_timestamp")
CHANGES = {"CreateAccount", "CreateOrganizationalUnit", "MoveAccount", "TagResource", "UntagResource"}


def test_created_in_an_ou_and_moved_about(run_module: RunModule, world: World) -> None:
    unit = world.unit("Workloads/Prod")
    wanted = {**WANTED, "parent": "Workloads/Prod"}
    predicted = run_module(ACCOUNT, check_mode=True, **wanted)
    assert not CHANGES & set(world.calls)
    created = run_module(ACCOUNT, **wanted)
    assert created["changed"]
    assert predicted["changed"]
    assert (created["account"]["parent_id"], created["account"]["path"]) == (unit, "Workloads/Prod")
    assert predicted["account"] == {**created["account"], **dict.fromkeys(ASSIGNED)}
    assert created["created_parents"] == predicted["created_parents"] == []
    assert world.tree() == {"/": ["management"], "Workloads": [], "Workloads/Prod": ["payments-001"]}
    for check_mode in (True, False):
        again = run_module(ACCOUNT, check_mode=check_mode, **wanted)
        assert not again["changed"]
        assert again["account"] == created["account"]
    assert run_module(ACCOUNT, **WANTED)["changed"] is False

    root = world.root()
    for parent, place in (("Workloads", "Workloads"), ("/", "/"), (unit, "Workloads/Prod"), (root, "/")):
        predicted = run_module(ACCOUNT, check_mode=True, email=EMAIL, parent=parent)
        moved = run_module(ACCOUNT, email=EMAIL, parent=parent)
        assert moved == predicted
        assert moved["changed"]
        assert moved["account"]["path"] == place
        assert moved["diff"]["before"]["path"] != place
        assert {**moved["diff"]["before"], "parent_id": 0, "path": 0} == {**moved["account"], "parent_id": 0, "path": 0}
        assert world.tree()[place][-1] == "payments-001"
        assert not run_module(ACCOUNT, email=EMAIL, parent=parent)["changed"]
    assert "path" not in run_module(ACCOUNT, **WANTED)["account"]


def test_missing_ous_are_made(run_module: RunModule, world: World) -> None:
    run_module(ACCOUNT, **WANTED)
    world.unit("Workloads")
    wanted = {**WANTED, "parent": "Workloads/Prod/EU", "create_parents": True}
    predicted = run_module(ACCOUNT, check_mode=True, **wanted)
    assert list(world.tree()) == ["/", "Workloads"]
    moved = run_module(ACCOUNT, **wanted)
    assert moved["changed"]
    assert predicted["changed"]
    assert moved["created_parents"] == predicted["created_parents"] == ["Workloads/Prod", "Workloads/Prod/EU"]
    assert predicted["account"] == {**moved["account"], "parent_id": None}
    assert moved["account"]["parent_id"].startswith("ou-")
    assert moved["diff"]["before"] == predicted["diff"]["before"]
    assert world.tree()["Workloads/Prod/EU"] == ["payments-001"]
    again = run_module(ACCOUNT, **wanted)
    assert not again["changed"]
    assert again["created_parents"] == []
    assert again["account"] == moved["account"]


def test_a_new_account_in_new_ous(run_module: RunModule, world: World) -> None:
    wanted = {**WANTED, "parent": "a/b/c/d/e", "create_parents": True, "tags": {"owner": "payments"}}
    predicted = run_module(ACCOUNT, check_mode=True, **wanted)
    created = run_module(ACCOUNT, **wanted)
    assert predicted["account"] == {**created["account"], **dict.fromkeys((*ASSIGNED, "parent_id"))}
    assert predicted["created_parents"] == created["created_parents"] == ["a", "a/b", "a/b/c", "a/b/c/d", "a/b/c/d/e"]
    assert world.tree()["a/b/c/d/e"] == ["payments-001"]
    assert not run_module(ACCOUNT, **wanted)["changed"]


def test_what_is_not_waited_for_is_placed_by_the_next_run(run_module: RunModule, world: World) -> None:
    wanted = {**WANTED, "parent": "Workloads", "create_parents": True}
    predicted = run_module(ACCOUNT, check_mode=True, **wanted, wait=False)
    asked = run_module(ACCOUNT, **wanted, wait=False)
    assert asked["account"] == predicted["account"]
    assert (asked["account"]["parent_id"], asked["account"]["path"], asked["created_parents"]) == (None, None, [])
    again = run_module(ACCOUNT, **wanted, wait=False)
    assert not again["changed"]
    resuming = run_module(ACCOUNT, check_mode=True, **wanted)
    assert resuming["changed"]
    assert (resuming["account"]["path"], resuming["diff"]["before"]["path"]) == ("Workloads", "/")
    assert resuming["created_parents"] == ["Workloads"]
    assert list(world.tree()) == ["/"]
    placed = run_module(ACCOUNT, **wanted)
    assert placed["changed"]
    assert placed["created_parents"] == ["Workloads"]
    assert world.tree()["Workloads"] == ["payments-001"]


@pytest.mark.parametrize("check_mode", [True, False], ids=["check mode", "real"])
@pytest.mark.parametrize(
    ("options", "words"),
    [
        pytest.param(
            {"parent": "Workloads/Prd/EU"},
            "parent: the organization has no OU 'Workloads/Prd/EU'. 'Workloads' exists, and these OUs are directly"
            " below it: 'Dev', 'Prod'. Correct the path",
            id="no such path",
        ),
        pytest.param({"parent": "workloads"}, "The root exists, and these OUs are directly below it: 'W", id="case"),
        pytest.param({"parent": "ou-ab12-34567890"}, "parent: the organization has no OU ou-ab12-34567890", id="id"),
        pytest.param({"parent": "r-zzzzzz"}, "parent: the organization's root is r-", id="root"),
        pytest.param(
            {"parent": "Workloads/prod/EU", "create_parents": True},
            "parent: 'Workloads/prod' would be made beside the OU 'Prod'",
            id="differs in case only",
        ),
    ],
)
def test_a_parent_that_is_not_there(
    run_module: RunModule, world: World, options: dict[str, Any], words: str, check_mode: bool
) -> None:
    world.unit("Workloads/Prod")
    world.unit("Workloads/Dev")
    refused = run_module(ACCOUNT, check_mode=check_mode, **WANTED, **options)
    assert refused["failed"]
    assert words in refused["msg"]
    assert not CHANGES & set(world.calls)


def test_two_jobs_make_the_same_ous(run_module: RunModule, world: World) -> None:
    """Between our look and our change the other job makes the first OU; between ours and our next, the second."""
    run_module(ACCOUNT, **WANTED)

    def theirs(_parameters: dict[str, Any]) -> None:
        world.unit("Workloads" if world.calls.count("CreateOrganizationalUnit") == 1 else "Workloads/Prod")

    world.on["CreateOrganizationalUnit"] = theirs
    moved = run_module(ACCOUNT, **WANTED, parent="Workloads/Prod/EU", create_parents=True)
    assert moved["changed"]
    assert moved["created_parents"] == ["Workloads/Prod/EU"]
    assert world.tree()["Workloads/Prod/EU"] == ["payments-001"]


def test_a_duplicate_that_is_not_to_be_found(run_module: RunModule, world: World) -> None:
    world.refuse("CreateOrganizationalUnit", "DuplicateOrganizationalUnitException")
    refused = run_module(ACCOUNT, **WANTED, parent="Workloads", create_parents=True)
    assert refused["msg"].startswith("Failed to make the OU Workloads below r-")
    assert "run again" in refused["msg"]
    assert "CreateAccount" not in world.calls


def test_another_job_moved_it_to_the_same_place(run_module: RunModule, world: World) -> None:
    account_id = run_module(ACCOUNT, **WANTED)["account"]["id"]
    unit = world.unit("Workloads")

    def theirs(_parameters: dict[str, Any]) -> None:
        world.call("MoveAccount", AccountId=account_id, SourceParentId=world.root(), DestinationParentId=unit)

    world.on["MoveAccount"] = theirs
    assert run_module(ACCOUNT, **WANTED, parent="Workloads")["failed"] is False
    assert world.tree()["Workloads"] == ["payments-001"]


def test_another_job_moved_it_elsewhere(run_module: RunModule, world: World) -> None:
    account_id = run_module(ACCOUNT, **WANTED)["account"]["id"]
    world.unit("Workloads")
    other = world.unit("Other")

    def theirs(parameters: dict[str, Any]) -> None:
        if parameters["SourceParentId"] == world.root():
            world.call("MoveAccount", AccountId=account_id, SourceParentId=world.root(), DestinationParentId=other)

    world.on["MoveAccount"] = theirs
    assert run_module(ACCOUNT, **WANTED, parent="Workloads")["changed"]
    assert world.tree()["Workloads"] == ["payments-001"]
    assert world.calls.count("MoveAccount") == 2


def test_two_that_do_not_agree_are_told(run_module: RunModule, world: World) -> None:
    account_id = run_module(ACCOUNT, **WANTED)["account"]["id"]
    world.unit("Workloads")
    others = [world.unit("A"), world.unit("B")]

    def theirs(parameters: dict[str, Any]) -> None:
        source = parameters["SourceParentId"]
        elsewhere = next(other for other in others if other != source)
        world.call("MoveAccount", AccountId=account_id, SourceParentId=source, DestinationParentId=elsewhere)

    world.on["MoveAccount"] = theirs
    refused = run_module(ACCOUNT, **WANTED, parent="Workloads")
    assert refused["msg"].startswith(f"parent: others moved account {account_id} again and again; it is in ou-")
    assert world.calls.count("MoveAccount") == 5


@pytest.mark.parametrize("operation", ["MoveAccount", "CreateOrganizationalUnit"])
@pytest.mark.parametrize("code", ["ConcurrentModificationException", "TooManyRequestsException"])
def test_what_passes_is_waited_out(run_module: RunModule, world: World, operation: str, code: str) -> None:
    world.refuse(operation, code, times=5)
    assert run_module(ACCOUNT, **WANTED, parent="Workloads", create_parents=True)["changed"]
    assert world.tree()["Workloads"] == ["payments-001"]


@pytest.mark.parametrize("operation", ["ListParents", "MoveAccount", "CreateOrganizationalUnit"])
def test_what_was_just_made_may_not_be_seen_at_once(run_module: RunModule, world: World, operation: str) -> None:
    codes = {
        "ListParents": "ChildNotFoundException",
        "MoveAccount": "DestinationParentNotFoundException",
        "CreateOrganizationalUnit": "ParentNotFoundException",
    }
    world.refuse(operation, codes[operation], times=2)
    created = run_module(ACCOUNT, **WANTED, parent="Workloads/Prod", create_parents=True)
    assert created["changed"]
    assert world.tree()["Workloads/Prod"] == ["payments-001"]
    assert "warnings" not in created


@pytest.mark.parametrize(
    ("operation", "code", "reason", "words"),
    [
        ("ListRoots", "AccessDeniedException", None, "Failed to find the organization's root: "),
        ("MoveAccount", "AccessDeniedException", None, "Failed to move account "),
        ("MoveAccount", "SourceParentNotFoundException", None, "Failed to move account "),
        ("MoveAccount", "ConcurrentModificationException", None, "run again later"),
        ("CreateOrganizationalUnit", "AccessDeniedException", None, "Failed to make the OU Workloads below r-"),
        ("CreateOrganizationalUnit", "ConstraintViolationException", "OU_NUMBER_LIMIT_EXCEEDED", "quota"),
        ("CreateOrganizationalUnit", "ConstraintViolationException", "OU_DEPTH_LIMIT_EXCEEDED", "five levels"),
    ],
)
def test_errors_say_what_is_needed(
    run_module: RunModule, world: World, operation: str, code: str, reason: str | None, words: str
) -> None:
    world.refuse(operation, code, reason=reason)
    failed = run_module(ACCOUNT, **WANTED, parent="Workloads", create_parents=True)
    assert failed["failed"]
    assert code in failed["msg"]
    assert words in failed["msg"]
    made = "CreateAccount" in world.calls
    assert made == (operation == "MoveAccount")


def test_an_account_whose_place_cannot_be_looked_up_is_not_moved(run_module: RunModule, world: World) -> None:
    run_module(ACCOUNT, **WANTED)
    world.refuse("ListParents", "AccessDeniedException")
    failed = run_module(ACCOUNT, **WANTED, parent="/")
    assert "AccessDeniedException" in failed["msg"]
    assert "management account only" in failed["msg"]
    assert "MoveAccount" not in world.calls


def test_an_account_is_moved_before_it_is_tagged(run_module: RunModule, world: World) -> None:
    """Guardrails hang on the OU: an account is not kept out of it by tags that AWS refuses."""
    run_module(ACCOUNT, **WANTED)
    world.unit("Workloads")
    world.refuse("TagResource", "ConstraintViolationException", reason="TAG_POLICY_VIOLATION")
    assert run_module(ACCOUNT, **WANTED, parent="Workloads", tags={"a": "b"})["failed"]
    assert world.tree()["Workloads"] == ["payments-001"]


def test_against_an_independent_implementation(run_module: RunModule) -> None:
    with mock_aws():
        organizations = boto3.client("organizations", region_name="us-east-1")
        organizations.create_organization(FeatureSet="ALL")
        wanted = {**WANTED, "parent": "Workloads/Prod", "create_parents": True}
        created = run_module(ACCOUNT, **wanted)
        assert created["created_parents"] == ["Workloads", "Workloads/Prod"]
        parent = organizations.list_parents(ChildId=created["account"]["id"])["Parents"][0]["Id"]
        assert parent == created["account"]["parent_id"]
        assert not run_module(ACCOUNT, **wanted)["changed"]
        assert run_module(ACCOUNT, email=EMAIL, parent="Workloads")["changed"]
