# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""IAM Identity Center as local AWS gives it: what moto does not know or allows, and AWS does."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.local_aws.identity_center import RATE, STORE_ID, IdentityCenter
from tests.local_aws.wire import Request

REGION, MANAGEMENT, MEMBER = "eu-west-1", "111122223333", "222222222222"
SIGNED = "AWS4-HMAC-SHA256 Credential={}/20261121/{}/{}/aws4_request, SignedHeaders=host, Signature=0"


class _Caller:
    """Calls operations by name, each a second after the one before unless ``pause`` says otherwise."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pause = 1.0
        self.center = IdentityCenter(
            REGION, MANAGEMENT, lambda one: one == MANAGEMENT, lambda key: key, lambda: self.now
        )

    def __call__(self, operation: str, *, key: str = MANAGEMENT, region: str = REGION, **given: Any) -> Any:
        """Return the answer's body, or the code of the error with the kind of resource that it is about."""
        self.now += self.pause
        service, prefix = (
            ("sso", "SWBExternalService") if operation == "ListInstances" else ("identitystore", "AWSIdentityStore")
        )
        headers = {
            "authorization": SIGNED.format(key, region, service),
            "content-type": "application/x-amz-json-1.1",
            "x-amz-target": f"{prefix}.{operation}",
        }
        body = json.dumps(given if service == "sso" else {"IdentityStoreId": STORE_ID, **given}).encode()
        request = Request("POST", "/", "", headers, body)
        answer = self.center.handle_instances(request) if service == "sso" else self.center.handle(request)
        assert answer is not None
        said = json.loads(answer.body)
        return said if answer.status == 200 else (said["__type"], said.get("ResourceType"))

    def user(self, name: str, **changes: Any) -> Any:
        emails = [{"Value": f"{name}@example.org"}]
        given = {"UserName": name, "DisplayName": name, "Name": {"FamilyName": name, "GivenName": name}}
        return self("CreateUser", **{**given, "Emails": emails, **changes})


@pytest.fixture
def call() -> _Caller:
    return _Caller()


def test_groups_have_members_by_their_users(call: _Caller) -> None:
    group_id = call("CreateGroup", DisplayName="Leads")["GroupId"]
    user_id = call.user("ann")["UserId"]
    call("CreateGroupMembership", GroupId=group_id, MemberId={"UserId": user_id})
    (member,) = call("ListGroupMemberships", GroupId=group_id)["GroupMemberships"]
    assert member["MemberId"] == {"UserId": user_id}
    assert call("DescribeGroup", GroupId=group_id)["DisplayName"] == "Leads"
    assert [one["DisplayName"] for one in call("ListGroups")["Groups"]] == ["Leads"]


def test_a_user_is_enabled_until_it_is_disabled(call: _Caller) -> None:
    user_id, other = call.user("ann")["UserId"], call.user("bob")["UserId"]
    call.center.disable(user_id)
    assert call("DescribeUser", UserId=user_id)["UserStatus"] == "DISABLED"
    assert {one["UserId"]: one["UserStatus"] for one in call("ListUsers")["Users"]} == {
        user_id: "DISABLED",
        other: "ENABLED",
    }


def test_a_user_has_one_email_at_most(call: _Caller) -> None:
    two = [{"Value": "a@example.org"}, {"Value": "b@example.org"}]
    assert call.user("ann", Emails=two) == ("ValidationException", None)
    assert "UserId" in call.user("ann", Emails=[])


@pytest.mark.parametrize("operation", ["DescribeGroup", "ListGroupMemberships"])
def test_a_group_that_is_deleted_is_not_found(call: _Caller, operation: str) -> None:
    group_id = call("CreateGroup", DisplayName="Leads")["GroupId"]
    call("DeleteGroup", GroupId=group_id)
    code, resource = call(operation, GroupId=group_id)
    assert (code, resource) == ("ResourceNotFoundException", "GROUP")


def test_all_calls_together_are_limited_in_a_second(call: _Caller) -> None:
    call.pause = 0.0
    answers = [call("ListUsers" if number % 2 else "ListGroups") for number in range(RATE + 1)]
    assert [answer == ("ThrottlingException", None) for answer in answers] == [False] * RATE + [True]
    call.pause = 1.0
    assert "Users" in call("ListUsers")


def test_only_accounts_that_administer_the_organization_read_it(call: _Caller) -> None:
    assert call("ListGroups", key=MEMBER) == ("AccessDeniedException", None)
    assert call("ListInstances", key=MEMBER) == {"Instances": []}


def test_an_instance_is_in_one_region(call: _Caller) -> None:
    (instance,) = call("ListInstances")["Instances"]
    assert (instance["IdentityStoreId"], instance["OwnerAccountId"]) == (STORE_ID, MANAGEMENT)
    assert call("ListInstances", region="us-east-1") == {"Instances": []}
    missing = ("ResourceNotFoundException", "IDENTITY_STORE")
    assert call("ListGroups", region="us-east-1") == missing
    assert call("ListGroups", IdentityStoreId="d-0987654321") == missing
