# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests of the AWS sample's function: its own callers' words in, its own answers out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from aws_lambda_powertools import Logger, Metrics
from moto import mock_aws

from ansible_collections.account_factory.email.plugins.module_utils._map import api
from forwarder import vending as functions
from tests.map_table import create_table

DOMAIN = "accounts.example.com"
# As the sample's own example of a request.
REQUEST: dict[str, Any] = {
    "OwnerAddress": "jdoe@example.com",
    "AccountType": "IT",
    "Tags": {"BusinessUnit": "Blue-Origin", "ApplicationName": "space-cube-z", "Environment": "PRODUCTION"},
    "SomeOtherKey": "ignored",
}


@pytest.fixture(name="vending")
def _vending() -> Iterator[functions.Vending]:
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-west-1")
        create_table(client)
        table = api.Table(client, "map")
        assert api.put_domain(table, DOMAIN, f"forwarder@{DOMAIN}")
        now = datetime(2026, 11, 21, tzinfo=UTC)
        yield functions.Vending(table, Logger("test"), Metrics("test", "test"), lambda: now, False, DOMAIN)


def ask(vending: functions.Vending, request: dict[str, Any], invocation: str = "1") -> dict[str, Any]:
    return functions.handle_vend(request, SimpleNamespace(aws_request_id=invocation), vending)


@pytest.mark.parametrize(
    ("more", "name", "email"),
    [
        pytest.param({}, "blue-origin-space-cube-z-prod-001", f"blue-origin-space-cube-z-prod-001@{DOMAIN}", id="tags"),
        pytest.param({"AccountName": "payroll"}, "payroll", f"payroll@{DOMAIN}", id="name"),
        pytest.param({"AccountEmail": f"pay@{DOMAIN}"}, "pay", f"pay@{DOMAIN}", id="email"),
        pytest.param({"AccountName": "payroll", "AccountEmail": f"p@{DOMAIN}"}, "payroll", f"p@{DOMAIN}", id="both"),
        pytest.param(
            {"Tags": {"BusinessUnit": "A", "ApplicationName": "B"}}, "a-b-eval-001", f"a-b-eval-001@{DOMAIN}", id="eval"
        ),
    ],
)
def test_it_vends_and_answers_as_the_sample(
    vending: functions.Vending, more: dict[str, Any], name: str, email: str
) -> None:
    answer = ask(vending, {**REQUEST, **more})
    assert answer["statusCode"] == 200
    assert answer["body"].keys() == {"AccountName", "AccountEmail", "AccountType", "EmailVerification"}
    assert (answer["body"]["AccountName"], answer["body"]["AccountEmail"]) == (name, email)
    record = api.get_record(vending.table, email)
    assert record is not None
    assert (record.owners, record.account_type) == (("jdoe@example.com",), "IT")
    assert record.tags == {**REQUEST, **more}["Tags"]
    assert record.created_by == "unproven: not said"


@pytest.mark.parametrize(
    ("first", "second", "is_same"),
    [
        pytest.param(({}, "1"), ({}, "1"), True, id="Lambda runs it again"),
        pytest.param(({}, "1"), ({}, "2"), False, id="who invokes it again does not say so"),
        pytest.param(({"RequestId": "T-1"}, "1"), ({"RequestId": "T-1"}, "2"), True, id="who invokes it again says so"),
    ],
)
def test_the_same_request_gets_the_same_address_where_that_is_known(
    vending: functions.Vending, first: tuple[dict[str, Any], str], second: tuple[dict[str, Any], str], is_same: bool
) -> None:
    emails = [
        ask(vending, {**REQUEST, **more}, invocation)["body"]["AccountEmail"] for more, invocation in (first, second)
    ]
    assert (emails[0] == emails[1]) is is_same


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        pytest.param({**REQUEST, "OwnerAddress": None}, "OwnerAddress", id="no owner"),
        pytest.param({**REQUEST, "AccountType": 1}, "AccountType", id="number"),
        pytest.param({**REQUEST, "Tags": {"BusinessUnit": "A"}}, "Tags.ApplicationName", id="no name"),
        pytest.param({**REQUEST, "Tags": {**REQUEST["Tags"], "Environment": "X"}}, "Environment", id="environment"),
        pytest.param({**REQUEST, "OwnerAddress": f"me@{DOMAIN}"}, "owners[0]", id="owner in the domain"),
        pytest.param({**REQUEST, "AccountEmail": "a@elsewhere.example"}, "domain", id="email elsewhere"),
    ],
)
def test_what_is_refused_is_told_as_the_sample_tells_it(
    vending: functions.Vending, request_: dict[str, Any], field: str
) -> None:
    answer = ask(vending, request_)
    assert answer["statusCode"] == 500
    assert answer["body"]["message"] == answer["body"]["error"]["message"]
    assert answer["body"]["error"]["field"] == field
    assert list(api.records(vending.table)) == []


def test_a_name_is_vended_once(vending: functions.Vending) -> None:
    named = {**REQUEST, "AccountName": "payroll"}
    assert ask(vending, named)["statusCode"] == 200
    again = ask(vending, named, invocation="2")
    assert (again["statusCode"], again["body"]["error"]["code"]) == (500, "Conflict")
