# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""sample_account_table_info: its real main() against moto."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from moto import mock_aws

from ansible_collections.account_factory.email.plugins.modules import sample_account_table_info
from tests.unit.conftest import RunModule

INFO = sample_account_table_info.main
TABLE = "AWSAccountTable"


@pytest.fixture
def dynamodb() -> Iterator[Any]:
    """A table as the sample's stack makes it."""
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-west-1")
        names = ("AccountEmail", "AccountName", "Enum")
        client.create_table(
            TableName=TABLE,
            KeySchema=[{"AttributeName": "AccountEmail", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
            BillingMode="PAY_PER_REQUEST",
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "AccountName-Enum-Index",
                    "KeySchema": [
                        {"AttributeName": "AccountName", "KeyType": "HASH"},
                        {"AttributeName": "Enum", "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
        )
        yield client


def put(dynamodb: Any, name: str, enum: str, **more: Any) -> None:
    item = {
        "AccountEmail": {"S": f"{name}-{enum}@accounts.example.com"},
        "AccountName": {"S": name},
        "Enum": {"S": enum},
        "OwnerAddress": {"S": "jane@example.org"},
        "AccountType": {"S": "IT"},
        "Status": {"S": "NAME-ALLOCATED"},
        "LastUpdated": {"S": "2025-03-01T10:20:30.123456"},
        "Tags": {"M": {"Environment": {"S": "PRODUCTION"}, "AccountName": {"NULL": True}}},
        **more,
    }
    dynamodb.put_item(TableName=TABLE, Item=item)


def answer(monkeypatch: pytest.MonkeyPatch, answers: Any) -> list[dict[str, Any]]:
    """Let ``answers(parameters)`` answer each Scan, None the real thing; return the parameters of those that came."""
    real, calls = BaseClient._make_api_call, []

    def call(self: Any, name: str, parameters: dict[str, Any]) -> Any:
        if name != "Scan":
            return real(self, name, parameters)
        calls.append(parameters)
        return answers(parameters) or real(self, name, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    return calls


def test_the_table_is_read_and_nothing_else(run_module: RunModule, dynamodb: Any, monkeypatch: Any) -> None:
    put(dynamodb, "b-app-prod", "002")
    put(dynamodb, "a-app-prod", "010")
    put(dynamodb, "my-custom", "account", OwnerAddress={"NULL": True})
    called: list[str] = []
    real = BaseClient._make_api_call

    def call(self: Any, name: str, parameters: Any) -> Any:
        called.append(name)
        return real(self, name, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    # The map's table has nothing to do with it.
    monkeypatch.setenv("ACCOUNT_EMAIL_TABLE", "map")
    found = run_module(INFO, sample_table=TABLE)
    assert called == ["Scan"]
    assert not found["changed"]
    assert found["addresses"] == [
        {
            "address": f"{series}-{digits}@accounts.example.com",
            "account_name": f"{series}-{digits}",
            "series": series,
            "number": int(digits),
            "owners": ["jane@example.org"],
            "account_type": "IT",
            "tags": {"Environment": "PRODUCTION"},
        }
        for series, digits in (("a-app-prod", "010"), ("b-app-prod", "002"))
    ]
    assert found["left_out"] == [
        {
            "address": "my-custom-account@accounts.example.com",
            "msg": "it has no OwnerAddress, so nobody is known to get its mail",
        }
    ]
    assert "warnings" not in found
    assert run_module(INFO, check_mode=True, sample_table=TABLE) == found


@pytest.mark.usefixtures("dynamodb")
def test_an_empty_table(run_module: RunModule) -> None:
    found = run_module(INFO, sample_table=TABLE)
    assert (found["addresses"], found["left_out"]) == ([], [])


def test_every_page_is_read_consistently(run_module: RunModule, dynamodb: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """DynamoDB ends a page at 1 MB."""
    filler = {"Filler": {"S": "x" * 300_000}}
    for number in range(1, 9):
        put(dynamodb, "a", f"{number:03}", **filler)
    calls = answer(monkeypatch, lambda _parameters: None)
    assert [each["number"] for each in run_module(INFO, sample_table=TABLE)["addresses"]] == list(range(1, 9))
    assert len(calls) > 1
    assert all(call["ConsistentRead"] for call in calls)


def test_other_statuses_are_warned_of(run_module: RunModule, dynamodb: Any) -> None:
    put(dynamodb, "a", "001", Status={"S": "CLOSED"})
    [warning] = run_module(INFO, sample_table=TABLE)["warnings"]
    assert "a Status that the sample never writes: CLOSED" in str(warning)


def test_throttling_is_waited_out(run_module: RunModule, dynamodb: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    put(dynamodb, "a", "001")
    monkeypatch.setattr("time.sleep", lambda _seconds: None)

    def throttled(_parameters: dict[str, Any]) -> None:
        if len(calls) <= 3:
            raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "no"}}, "Scan")

    calls = answer(monkeypatch, throttled)
    assert len(run_module(INFO, sample_table=TABLE)["addresses"]) == 1
    assert len(calls) == 4


def test_denied_is_an_error(run_module: RunModule, dynamodb: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    put(dynamodb, "a", "001")

    def denied(_parameters: dict[str, Any]) -> None:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no kms:Decrypt"}}, "Scan")

    answer(monkeypatch, denied)
    failed = run_module(INFO, sample_table=TABLE)
    assert failed["msg"].startswith("Failed to read the sample's table: ")
    assert failed["error"]["code"] == "AccessDeniedException"


@pytest.mark.usefixtures("dynamodb")
def test_a_table_that_is_not_there(run_module: RunModule) -> None:
    failed = run_module(INFO, sample_table="AccountTable")
    assert failed["msg"].startswith("sample_table: there is no DynamoDB table 'AccountTable' in eu-west-1. ")


def test_the_map_is_not_taken_for_it(run_module: RunModule, dynamodb: Any) -> None:
    dynamodb.create_table(
        TableName="map",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    dynamodb.put_item(TableName="map", Item={"pk": {"S": "DOMAINS"}})
    assert run_module(INFO, sample_table="map")["msg"].startswith("sample_table: this is no table of the sample: ")
