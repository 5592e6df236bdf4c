# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""organizations_account: its real main(), botocore and all, against the organization of local AWS in this process."""

from __future__ import annotations

import re
from typing import Any

import boto3
import pytest
from moto import mock_aws

from ansible_collections.account_factory.email.plugins.module_utils._organizations.model import FAILURE_REASONS
from ansible_collections.account_factory.email.plugins.modules import organizations_account
from tests.unit.modules.conftest import World

ACCOUNT = organizations_account.main
EMAIL = "payments-001@accounts.example.com"
WANTED: dict[str, Any] = {"email": EMAIL, "name": "payments-001"}


def warnings_of(result: dict[str, Any]) -> list[str]:
    """Return the texts of a result's warnings, which ansible-core 2.19 keeps in a structure."""
    return [one if isinstance(one, str) else one["event"]["msg"] for one in result.get("warnings", [])]


ASSIGNED = ("id", "arn", "state", "joined_method", "joined_timestamp")


def test_an_account_is_created_once(run_module: Any, world: World) -> None:
    predicted = run_module(ACCOUNT, check_mode=True, **WANTED)
    assert world.accounts() == []
    created = run_module(ACCOUNT, **WANTED)
    assert world.accounts() == [(EMAIL, "payments-001")]
    assert created["changed"]
    assert predicted["changed"]
    account = created["account"]
    assert account == {
        "id": account["id"],
        "arn": f"arn:aws:organizations::111122223333:account/{account['arn'].split('/')[1]}/{account['id']}",
        "email": EMAIL,
        "name": "payments-001",
        "state": "ACTIVE",
        "joined_method": "CREATED",
        "joined_timestamp": account["joined_timestamp"],
    }
    assert len(account["id"]) == 12
    assert re.fullmatch(r"2026-09-21T14:15:\d\dZ", account["joined_timestamp"])
    assert predicted["account"] == {**account, **dict.fromkeys(ASSIGNED)}
    assert predicted["diff"] == {"before": {}, "after": predicted["account"]}
    assert created["create_account_request_id"].startswith("car-")
    assert predicted["create_account_request_id"] is None

    for check_mode in (True, False):
        again = run_module(ACCOUNT, check_mode=check_mode, email=EMAIL.upper(), name="payments-001")
        assert not again["changed"]
        assert again["account"] == account
        assert again["create_account_request_id"] is None
    assert len(world.accounts()) == 1


def test_what_is_asked_for_is_asked_for(run_module: Any, world: World) -> None:
    asked: list[dict[str, Any]] = []
    world.on["CreateAccount"] = asked.append
    run_module(
        ACCOUNT,
        email=EMAIL.upper(),
        name="Payments 1",
        role_name="Admin",
        iam_user_access_to_billing="DENY",
        tags={"owner": "payments"},
    )
    run_module(ACCOUNT, email="b@example.com", name="b")
    assert asked == [
        {
            "Email": EMAIL,
            "AccountName": "Payments 1",
            "RoleName": "Admin",
            "IamUserAccessToBilling": "DENY",
            "Tags": [{"Key": "owner", "Value": "payments"}],
        },
        {"Email": "b@example.com", "AccountName": "b"},
    ]


def test_found_on_a_later_page_and_in_any_case(run_module: Any, world: World) -> None:
    for number in range(45):
        world.call("CreateAccount", Email=f"User{number}@Example.com", AccountName=f"n{number}")
        world.sleep(121)
    found = run_module(ACCOUNT, email="user44@example.com")
    assert not found["changed"]
    assert found["account"]["name"] == "n44"
    assert world.calls == ["ListAccounts"] * 3


def test_any_region_will_do(run_module: Any, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    run_module(ACCOUNT, **WANTED, region="ap-southeast-2")
    assert world.hosts == {"organizations.us-east-1.amazonaws.com"}
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    assert not run_module(ACCOUNT, **WANTED)["changed"]
    assert "127.0.0.1" in world.hosts


def test_the_first_second_is_polled_faster(run_module: Any, world: World) -> None:
    world.organization._creation_seconds = 0.5
    before = world.now
    run_module(ACCOUNT, **WANTED)
    assert world.now - before <= 1


def test_without_waiting_and_then_with(run_module: Any, world: World) -> None:
    asked = run_module(ACCOUNT, **WANTED, wait=False)
    assert asked["changed"]
    assert asked["account"]["id"] is None
    request_id = asked["create_account_request_id"]
    assert request_id.startswith("car-")
    for options in ({"check_mode": True}, {"wait": False}, {"create_account_request_id": request_id, "wait": False}):
        again = run_module(ACCOUNT, **WANTED, **options)
        assert not again["changed"]
        assert again["create_account_request_id"] == request_id
        assert again["account"] == asked["account"]
    waited = run_module(ACCOUNT, **WANTED)
    assert not waited["changed"]
    assert waited["account"]["id"]
    assert waited["create_account_request_id"] == request_id
    assert world.calls.count("CreateAccount") == 1


@pytest.mark.parametrize("by", ["id", "name", "id alone"])
def test_a_creation_that_was_cut_off_is_gone_on_with(run_module: Any, world: World, by: str) -> None:
    request_id = world.call("CreateAccount", Email=EMAIL, AccountName="payments-001")["CreateAccountStatus"]["Id"]
    given = {"email": EMAIL} if by == "id alone" else dict(WANTED)
    if by != "name":
        given["create_account_request_id"] = request_id
    resumed = run_module(ACCOUNT, **given)
    assert not resumed["changed"]
    assert resumed["account"]["id"]
    assert resumed["create_account_request_id"] == request_id
    assert "CreateAccount" not in world.calls


def test_a_creation_of_another_account_with_the_name_is_not_ours(run_module: Any, world: World) -> None:
    world.call("CreateAccount", Email="other@example.com", AccountName="payments-001")
    created = run_module(ACCOUNT, **WANTED)
    assert created["changed"]
    assert created["account"]["email"] == EMAIL
    assert world.accounts() == [("other@example.com", "payments-001"), (EMAIL, "payments-001")]


def test_a_creation_of_another_name_is_not_waited_for(run_module: Any, world: World) -> None:
    world.call("CreateAccount", Email="other@example.com", AccountName="other")
    asked = run_module(ACCOUNT, **WANTED, wait=False)
    assert asked["changed"]
    assert world.calls.count("CreateAccount") == 1


def test_a_creation_that_failed_is_not_gone_on_with(run_module: Any, world: World) -> None:
    failed = {"Id": "car-0123456789abcdef", "AccountName": "payments-001", "State": "FAILED"}

    def describe(parameters: dict[str, Any]) -> Any:
        return {"CreateAccountStatus": failed} if parameters["CreateAccountRequestId"] == failed["Id"] else None

    world.on["DescribeCreateAccountStatus"] = describe
    created = run_module(ACCOUNT, **WANTED, create_account_request_id=failed["Id"])
    assert created["changed"]
    assert created["create_account_request_id"] != failed["Id"]


def test_a_request_id_of_another_name(run_module: Any, world: World) -> None:
    request = world.call("CreateAccount", Email="other@example.com", AccountName="other")["CreateAccountStatus"]
    refused = run_module(ACCOUNT, **WANTED, create_account_request_id=request["Id"])
    assert refused["failed"]
    assert refused["msg"].startswith("create_account_request_id: ")
    assert "is for an account named 'other', not 'payments-001'" in refused["msg"]
    assert "CreateAccount" not in world.calls


@pytest.mark.parametrize("settled", [True, False], ids=["settled", "in progress"])
def test_a_request_that_was_taken_for_ours_is_no_dead_end(run_module: Any, world: World, settled: bool) -> None:
    """Without waiting, only the name tells whose it is; that it was another's shows at its end."""
    request = world.call("CreateAccount", Email="other@example.com", AccountName="payments-001")["CreateAccountStatus"]
    taken = run_module(ACCOUNT, **WANTED, wait=False)
    assert taken["create_account_request_id"] == request["Id"]
    assert not taken["changed"]
    if settled:
        world.sleep(121)
    created = run_module(ACCOUNT, **WANTED, create_account_request_id=request["Id"])
    assert created["changed"]
    assert created["account"]["email"] == EMAIL
    assert created["create_account_request_id"] != request["Id"]
    again = run_module(ACCOUNT, **WANTED, create_account_request_id=request["Id"])
    assert not again["changed"]
    assert again["account"] == created["account"]
    assert world.accounts() == [("other@example.com", "payments-001"), (EMAIL, "payments-001")]


def test_another_emails_request_alone_does_not_create(run_module: Any, world: World) -> None:
    request = world.call("CreateAccount", Email="other@example.com", AccountName="other")["CreateAccountStatus"]
    refused = run_module(ACCOUNT, email=EMAIL, create_account_request_id=request["Id"])
    assert refused["msg"].startswith("name: no account of the organization has the email")
    assert "CreateAccount" not in world.calls


def test_a_fresh_request_id_may_not_be_seen_at_once(run_module: Any, world: World) -> None:
    request = world.call("CreateAccount", Email=EMAIL, AccountName="payments-001")["CreateAccountStatus"]
    world.refuse("DescribeCreateAccountStatus", "CreateAccountStatusNotFoundException", times=2)
    resumed = run_module(ACCOUNT, **WANTED, create_account_request_id=request["Id"])
    assert not resumed["changed"]
    assert resumed["account"]["id"]


def test_a_request_id_that_aws_does_not_know(run_module: Any, world: World) -> None:
    refused = run_module(ACCOUNT, **WANTED, create_account_request_id="car-00000000")
    assert refused["error"]["code"] == "CreateAccountStatusNotFoundException"
    assert "leave it away" in refused["msg"]
    assert "CreateAccount" not in world.calls


@pytest.mark.parametrize("ahead", [0, 60, 119], ids=["just before", "a minute before", "two minutes before"])
def test_another_job_was_quicker(run_module: Any, world: World, ahead: float) -> None:
    """Between our look and our request another job asks for the same account under another request."""

    def theirs(parameters: dict[str, Any]) -> None:
        world.call("CreateAccount", Email=parameters["Email"], AccountName=parameters["AccountName"])
        world.sleep(ahead)

    world.on["CreateAccount"] = theirs
    found = run_module(ACCOUNT, **WANTED)
    assert found["failed"] is False
    assert not found["changed"]
    assert found["account"]["id"]
    assert world.accounts() == [(EMAIL, "payments-001")]


@pytest.mark.parametrize("reason", ["EMAIL_ALREADY_EXISTS", "CONCURRENT_ACCOUNT_MODIFICATION"])
def test_the_quicker_job_is_waited_for(run_module: Any, world: World, reason: str) -> None:
    """AWS refuses our request at once while the other one is in progress."""
    refused = {"Id": "car-0123456789abcdef", "AccountName": "payments-001", "State": "FAILED", "FailureReason": reason}

    def theirs(parameters: dict[str, Any]) -> Any:
        world.call("CreateAccount", Email=parameters["Email"], AccountName=parameters["AccountName"])
        return {"CreateAccountStatus": refused}

    world.on["CreateAccount"] = theirs
    found = run_module(ACCOUNT, **WANTED)
    assert found["failed"] is False
    assert not found["changed"]
    assert found["account"]["id"]
    assert found["create_account_request_id"] != refused["Id"]


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("EMAIL_ALREADY_EXISTS", "Running again does not help"),
        ("ACCOUNT_LIMIT_EXCEEDED", "quota"),
        ("INTERNAL_FAILURE", "Run again later"),
        ("INVALID_EMAIL", "use another address"),
        ("A_NEW_REASON", "AWS gives no more detail"),
    ],
)
def test_a_creation_fails(run_module: Any, world: World, reason: str, words: str) -> None:
    world.fail_creation(reason)
    failed = run_module(ACCOUNT, **WANTED)
    assert failed["failed"]
    assert (
        f"Failed to create account payments-001 with the email {EMAIL} (car-0123456789abcdef): {reason}: "
        in failed["msg"]
    )
    assert words in failed["msg"]


def test_every_reason_of_the_service_has_a_meaning() -> None:
    client = boto3.client("organizations", region_name="us-east-1")
    assert set(client.meta.service_model.shape_for("CreateAccountFailureReason").enum) == set(FAILURE_REASONS)


def test_it_takes_too_long(run_module: Any, world: World) -> None:
    world.organization._creation_seconds = 10_000
    before = world.now
    timed_out = run_module(ACCOUNT, **WANTED, wait_timeout=60)
    assert timed_out["failed"]
    assert timed_out["msg"].startswith("Timeout trying to create an account (car-")
    assert "run again to wait on, with create_account_request_id=car-" in timed_out["msg"]
    assert 60 <= world.now - before <= 70
    assert world.calls.count("DescribeCreateAccountStatus") < 40
    world.organization._creation_seconds = 0
    assert not run_module(ACCOUNT, **WANTED)["changed"]


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("check_mode", [True, False], ids=["check mode", "real"])
def test_a_name_is_not_changed_unless_that_is_asked_for(run_module: Any, check_mode: bool) -> None:
    run_module(ACCOUNT, **WANTED)
    refused = run_module(ACCOUNT, check_mode=check_mode, email=EMAIL, name="Payments-001")
    assert refused["failed"]
    assert "is named 'payments-001', not 'Payments-001'" in refused["msg"]
    assert "give rename=true to have it renamed" in refused["msg"]
    assert "go on with name='payments-001' or without name" in refused["msg"]
    assert not run_module(ACCOUNT, check_mode=check_mode, email=EMAIL)["changed"]


@pytest.mark.parametrize("check_mode", [True, False], ids=["check mode", "real"])
def test_a_closed_account(run_module: Any, world: World, check_mode: bool) -> None:
    account_id = run_module(ACCOUNT, **WANTED)["account"]["id"]
    world.call("CloseAccount", AccountId=account_id)
    for state in ("PENDING_CLOSURE", "SUSPENDED"):
        refused = run_module(ACCOUNT, check_mode=check_mode, **WANTED)
        assert refused["failed"]
        assert f"email: the account {account_id} " in refused["msg"]
        assert f", and is {state}." in refused["msg"]
        world.sleep(121)


@pytest.mark.parametrize("check_mode", [True, False], ids=["check mode", "real"])
def test_a_name_is_needed_to_create(run_module: Any, world: World, check_mode: bool) -> None:
    refused = run_module(ACCOUNT, check_mode=check_mode, email=EMAIL)
    assert refused["failed"]
    assert refused["msg"].startswith("name: no account of the organization has the email")
    assert world.accounts() == []


@pytest.mark.parametrize("check_mode", [True, False], ids=["check mode", "real"])
@pytest.mark.parametrize(
    ("options", "words"),
    [
        pytest.param({"email": "payments"}, "email: ", id="no address"),
        pytest.param({"email": "a&b@example.com"}, "email: AWS does not accept '&'", id="character"),
        pytest.param({"email": ".a@example.com"}, "email: ", id="leading dot"),
        pytest.param({"email": "a" * 60 + "@example.com"}, "email: ", id="long email"),
        pytest.param({"name": "n" * 51}, "name: ", id="long name"),
        pytest.param({"name": "Zürich"}, "name: ", id="not ASCII"),
        pytest.param({"name": ""}, "name: ", id="empty name"),
        pytest.param({"role_name": "a b"}, "role_name: 'a b'", id="role name"),
        pytest.param({"create_account_request_id": "4711"}, "create_account_request_id: '4711'", id="request id"),
        pytest.param({"tags": {f"k{i}": "v" for i in range(51)}}, "tags: 51 given", id="51 tags"),
        pytest.param({"tags": {"k" * 129: "v"}}, "tags: ", id="long key"),
        pytest.param({"tags": {"k": "v" * 257}}, "tags: ", id="long value"),
        pytest.param({"tags": {"AWS:x": "v"}}, "tags: 'AWS:x'", id="reserved tag"),
        pytest.param({"wait_timeout": 0}, "wait_timeout: ", id="no time"),
    ],
)
def test_limits_are_checked_before_any_call(
    run_module: Any, world: World, options: dict[str, Any], words: str, check_mode: bool
) -> None:
    refused = run_module(ACCOUNT, check_mode=check_mode, **{**WANTED, **options})
    assert refused["failed"]
    assert refused["msg"].startswith(words)
    assert world.calls == []


def test_tags(run_module: Any, world: World) -> None:
    created = run_module(ACCOUNT, **WANTED, tags={"owner": "payments", "cost": "7"})
    assert created["account"]["tags"] == {"owner": "payments", "cost": "7"}
    assert not {"TagResource", "ListTagsForResource"} & set(world.calls)
    assert "tags" not in run_module(ACCOUNT, **WANTED)["account"]
    assert not run_module(ACCOUNT, **WANTED, tags={"owner": "payments", "cost": "7"})["changed"]
    assert not run_module(ACCOUNT, **WANTED, tags={"cost": "7"}, purge_tags=False)["changed"]

    change: dict[str, Any] = {"tags": {"owner": "billing", "stage": "dev"}}
    steps: list[tuple[dict[str, Any], dict[str, str]]] = [
        ({"purge_tags": False}, {"owner": "billing", "cost": "7", "stage": "dev"}),
        ({}, {"owner": "billing", "stage": "dev"}),
        ({"tags": {}}, {}),
    ]
    for options, expected in steps:
        predicted = run_module(ACCOUNT, check_mode=True, **WANTED, **{**change, **options})
        changed = run_module(ACCOUNT, **WANTED, **{**change, **options})
        assert changed == predicted
        assert changed["changed"]
        assert changed["account"]["tags"] == expected
        stored = world.call("ListTagsForResource", ResourceId=created["account"]["id"])["Tags"]
        assert {tag["Key"]: tag["Value"] for tag in stored} == expected
        assert not run_module(ACCOUNT, **WANTED, **{**change, **options})["changed"]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("TooManyRequestsException", None),
        ("ConcurrentModificationException", None),
        ("FinalizingOrganizationException", None),
        ("ServiceException", None),
        ("ThrottlingException", None),
        ("ConstraintViolationException", "ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED"),
    ],
)
def test_what_passes_is_waited_out_and_told(run_module: Any, world: World, code: str, reason: str | None) -> None:
    # botocore tries again by itself four times where AWS limits the rate; what is told is the waiting beyond that.
    world.refuse("CreateAccount", code, times=15, reason=reason)
    created = run_module(ACCOUNT, **WANTED)
    assert created["changed"]
    assert world.accounts() == [(EMAIL, "payments-001")]
    (warning,) = warnings_of(created)
    assert re.match(r"Waited \d+ seconds for AWS Organizations: to create account payments-001 \d+ times, ", warning)
    assert warning.endswith(f" ({reason or code}).")


def test_nothing_is_told_where_nothing_was_waited_for(run_module: Any, world: World) -> None:
    world.refuse("DescribeAccount", "AccountNotFoundException", times=2)
    assert "warnings" not in run_module(ACCOUNT, **WANTED)


def test_one_warning_tells_of_all_waits_even_where_the_task_fails(run_module: Any, world: World) -> None:
    world.refuse("ListAccounts", "ConcurrentModificationException")
    failed = run_module(ACCOUNT, **WANTED)
    assert failed["failed"]
    assert "warnings" not in failed
    world.refuse("ListAccounts", "ServiceException", times=3)
    world.refuse("CreateAccount", "ConcurrentModificationException")
    failed = run_module(ACCOUNT, **WANTED)
    assert failed["failed"]
    (warning,) = warnings_of(failed)
    assert "; to create account payments-001 15 times, " in warning
    assert "run again later" in failed["msg"]


@pytest.mark.parametrize(
    "operation", ["ListAccounts", "ListCreateAccountStatus", "DescribeCreateAccountStatus", "DescribeAccount"]
)
def test_throttled_reading_is_waited_out(run_module: Any, world: World, operation: str) -> None:
    world.refuse(operation, "TooManyRequestsException", times=3)
    assert run_module(ACCOUNT, **WANTED)["changed"]


def test_what_was_just_made_may_not_be_seen_at_once(run_module: Any, world: World) -> None:
    world.refuse("DescribeCreateAccountStatus", "CreateAccountStatusNotFoundException", times=2)
    world.refuse("DescribeAccount", "AccountNotFoundException", times=2)
    assert run_module(ACCOUNT, **WANTED)["changed"]


def test_it_does_not_try_for_ever(run_module: Any, world: World) -> None:
    world.refuse("CreateAccount", "TooManyRequestsException")
    before = world.now
    failed = run_module(ACCOUNT, **WANTED)
    assert failed["error"]["code"] == "TooManyRequestsException"
    assert failed["msg"].startswith("Failed to create account payments-001: ")
    assert world.now - before < 900


@pytest.mark.parametrize(
    ("operation", "code", "reason", "words"),
    [
        ("ListAccounts", "AWSOrganizationsNotInUseException", None, "in no organization"),
        ("ListAccounts", "AccessDeniedException", None, "management account only"),
        ("CreateAccount", "AccessDeniedException", None, "management account only"),
        ("DescribeCreateAccountStatus", "AccessDeniedException", None, "management account only"),
        ("CreateAccount", "FinalizingOrganizationException", None, "run again in an hour"),
        ("CreateAccount", "ConstraintViolationException", "ACCOUNT_NUMBER_LIMIT_EXCEEDED", "quota"),
    ],
)
def test_errors_say_what_is_needed(
    run_module: Any, world: World, operation: str, code: str, reason: str | None, words: str
) -> None:
    world.refuse(operation, code, reason=reason)
    failed = run_module(ACCOUNT, **WANTED)
    assert failed["failed"]
    assert failed["msg"].startswith("Failed to ")
    assert code in failed["msg"]
    assert failed["error"]["code"] == code
    assert words in failed["msg"]
    assert world.calls.count(operation) == 1 or "Finalizing" in code or operation.startswith("Describe")


def test_limits_that_do_not_pass_are_not_waited_for(run_module: Any, world: World) -> None:
    world.refuse("CreateAccount", "ConstraintViolationException", reason="ACCOUNT_NUMBER_LIMIT_EXCEEDED")
    run_module(ACCOUNT, **WANTED)
    assert world.calls.count("CreateAccount") == 1


def test_against_an_independent_implementation(run_module: Any) -> None:
    with mock_aws():
        assert "in no organization" in run_module(ACCOUNT, **WANTED)["msg"]
        boto3.client("organizations", region_name="us-east-1").create_organization(FeatureSet="ALL")
        predicted = run_module(ACCOUNT, check_mode=True, **WANTED, tags={"owner": "payments"})
        created = run_module(ACCOUNT, **WANTED, tags={"owner": "payments"})
        assert created["changed"]
        assert predicted["account"] == {**created["account"], **dict.fromkeys(ASSIGNED)}
        again = run_module(ACCOUNT, **WANTED, tags={"owner": "payments"})
        assert not again["changed"]
        assert again["account"] == created["account"]
        assert run_module(ACCOUNT, **WANTED, tags={"owner": "billing"})["changed"]
