# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The function that keeps groups of owners in step: what it reads by whose credentials, writes, tells and counts."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from ansible_collections.account_factory.email.plugins.module_utils._dynamodb import from_attributes, to_attributes
from ansible_collections.account_factory.email.plugins.module_utils._owner_group import OwnerGroup
from forwarder.owner_sync import DONE, REFUSED, handle
from tests.aws_errors import refuse
from tests.map_table import create_table

from .conftest import Context

ROLE = "arn:aws:iam::222222222222:role/read-identity-center"
MODULES = Path(__file__).parents[5] / "roles" / "mail_forwarder" / "files"


@pytest.fixture
def group(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Return the id of a group of the map that ann has joined since; its store is in another Region."""
    settings = {
        "AWS_DEFAULT_REGION": "eu-west-1",
        "IDENTITY_CENTER_REGION": "us-east-1",
        "IDENTITY_CENTER_ROLE_ARN": "",
        "IDENTITY_STORE_ID": "",
        "MAP_TABLE": "map",
        "MAX_LOSS_PERCENT": "50",
        "POWERTOOLS_METRICS_NAMESPACE": "AccountFactoryEmail",
        # A logger of a name writes for ever to where it wrote first.
        "POWERTOOLS_SERVICE_NAME": f"mail-forwarder-{uuid.uuid4()}",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    with mock_aws():
        dynamodb = boto3.client("dynamodb")
        create_table(dynamodb)
        group_id = _store().create_group(IdentityStoreId=_store_id(), DisplayName="Leads")["GroupId"]
        dynamodb.put_item(TableName="map", Item=to_attributes(OwnerGroup(group_id, "Leads").to_item()))
        _join(group_id, "ann")
        yield group_id


def _store() -> Any:
    return boto3.client("identitystore", region_name="us-east-1")


def _store_id() -> str:
    instances = boto3.client("sso-admin", region_name="us-east-1").list_instances()["Instances"]
    return str(instances[0]["IdentityStoreId"])


def _join(group_id: str, name: str) -> str:
    store = {"IdentityStoreId": _store_id()}
    full_name, emails = {"FamilyName": name, "GivenName": name}, [{"Value": f"{name}@example.org"}]
    user = _store().create_user(**store, UserName=name, DisplayName=name, Name=full_name, Emails=emails)["UserId"]
    joined = _store().create_group_membership(**store, GroupId=group_id, MemberId={"UserId": user})
    return str(joined["MembershipId"])


def mailboxes(group_id: str) -> tuple[str, ...]:
    item = boto3.client("dynamodb").get_item(TableName="map", Key={"pk": {"S": f"GROUP#{group_id}"}})["Item"]
    return OwnerGroup.from_item(from_attributes(item)).mailboxes


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_members_are_taken_over_once_and_that_is_told_and_counted(
    group: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert handle({}, Context()) == {"groups": 1, "changed": 1, "failures": []}
    assert mailboxes(group) == ("ann@example.org",)
    *_others, audit, metrics = lines(capsys)
    assert (audit["action"], audit["group"], audit["joined"]) == ("owner-sync", "Leads", ["ann@example.org"])
    assert (metrics[DONE], metrics[REFUSED]) == ([1.0], [0.0])
    assert handle({}, Context())["changed"] == 0
    assert not [line for line in lines(capsys) if line.get("message") == "audit"]


def test_what_looks_like_an_accident_is_counted_and_the_last_members_go_on(
    group: str, capsys: pytest.CaptureFixture[str]
) -> None:
    handle({}, Context())
    _store().delete_group(IdentityStoreId=_store_id(), GroupId=group)
    for _run in range(2):
        failures = handle({}, Context())["failures"]
        assert [one["refused"] for one in failures] == ["deleted"]
        told = lines(capsys)
        assert told[-1][REFUSED] == [1.0]
        assert told[-2]["refused"] == "deleted"
    assert mailboxes(group) == ("ann@example.org",)


def test_a_directory_elsewhere_is_read_by_the_role_there(group: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDENTITY_CENTER_ROLE_ARN", ROLE)
    monkeypatch.setenv("IDENTITY_STORE_ID", _store_id())
    made: list[tuple[str, str | None, bool]] = []

    def make(service: str, **options: Any) -> Any:
        made.append((service, options.get("region_name"), "aws_session_token" in options))
        # moto keeps each account's store apart.
        return boto3.client(service, **{name: value for name, value in options.items() if "aws_" not in name})

    handle({}, Context(), make)
    assert made == [("dynamodb", None, False), ("sts", None, False), ("identitystore", "us-east-1", True)]
    assert mailboxes(group) == ("ann@example.org",)


def test_what_cannot_be_read_is_raised_and_not_told_as_done(
    group: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    refuse(monkeypatch, "ListGroupMemberships", "AccessDeniedException")
    with pytest.raises(Exception, match="Failed to list the members of the group") as raised:
        handle({}, Context())
    assert isinstance(raised.value.__cause__, ClientError)
    assert not [line for line in lines(capsys) if DONE in line]
    assert mailboxes(group) == ()


def test_the_functions_that_forward_mail_load_nothing_of_it() -> None:
    loaded = "import sys, forwarder.handler; print([name for name in sys.modules if '_identity_center' in name])"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {[str(MODULES), *sys.path]!r}; {loaded}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"
