# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module's real main() against moto: what it finds, by which calls, and its errors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import datetime, timedelta, timezone
from typing import Any

import boto3
import pytest
import yaml
from botocore.client import BaseClient
from moto import mock_aws

from ansible_collections.account_factory.email.plugins.module_utils._failing_mailbox import (
    FailingMailbox,
    FailingReason,
)
from ansible_collections.account_factory.email.plugins.module_utils._record import (
    AddressRecord,
    account_key,
    name_key,
    request_key,
)
from ansible_collections.account_factory.email.plugins.modules import vended_address, vended_address_info
from tests.aws_errors import noted_calls, refuse
from tests.map_table import create_table
from tests.unit.conftest import RunModule

INFO = vended_address_info.main
APP = AddressRecord(
    address="app-001@accounts.example.com",
    account_name="App-001",
    domain="accounts.example.com",
    owners=("Jane@example.org", "joe@example.org"),
    status="active",
    account_id="111122223333",
    account_type="sandbox",
    tags={"team": "blue", "cost-center": "1"},
    request_id="T-1",
    series="App",
    number=1,
)
WEB = AddressRecord(
    address="web-001@accounts.example.com",
    account_name="web-001",
    domain="accounts.example.com",
    owners=("jane@example.org",),
    account_type="prod",
    tags={"cost-center": "1"},
    request_id="T-2",
)
# Was there before this collection, and nobody asked for it.
OPS = replace(
    APP, address="ops@x.example", account_name="Operations", request_id=None, account_id=None, status="vended"
)
LEGAL = replace(OPS, address="ops+legal@x.example", account_name="Legal", owners=("joe@example.org",), status="retired")
RECORDS = [WEB, APP, OPS, LEGAL]


def put(table: Any, record: AddressRecord) -> None:
    """Write the record and the items that lead to it, as the map holds them."""
    keys = [name_key(record.account_name)]
    keys += [account_key(record.account_id)] if record.account_id else []
    keys += [request_key(record.request_id)] if record.request_id else []
    for item in [record.to_item(), *({"pk": key, "address": record.address} for key in keys)]:
        table.put_item(Item=item)


@pytest.fixture
def table() -> Iterator[Any]:
    with mock_aws():
        dynamodb = boto3.resource("dynamodb", region_name="eu-west-1")
        create_table(dynamodb.meta.client)
        yield dynamodb.Table("map")


@pytest.fixture
def map_table(table: Any) -> Any:
    """Return the table with the records and all else that a map holds."""
    for record in RECORDS:
        put(table, record)
    table.put_item(Item={"pk": "DOMAINS", "accounts.example.com": {"forwarder_address": "aws@accounts.example.com"}})
    table.put_item(Item={"pk": "NAME#aws", "forwarder_address": "aws@accounts.example.com"})
    table.put_item(Item={"pk": "SERIES#app", "last_number": 1})
    # Nobody's owner: all that it must do is be in nobody's way.
    table.put_item(Item=mark("left@example.org", FailingReason.BOUNCED).to_item())
    return table


def mark(mailbox: str, reason: FailingReason, hours_ago: int = 1, diagnostic: str | None = None) -> FailingMailbox:
    """Return the mark of a mailbox that was found to fail some hours ago."""
    return FailingMailbox.found(mailbox, reason, datetime.now(timezone.utc) - timedelta(hours=hours_ago), diagnostic)


def shown(mark: FailingMailbox, mailbox: str | None = None) -> dict[str, Any]:
    """Return a mark as it is returned, of the mailbox as the record has it."""
    return {
        "mailbox": mailbox or mark.mailbox,
        "reason": mark.reason.value,
        "since": mark.since,
        "until": mark.until,
        "diagnostic": mark.diagnostic,
    }


def found(result: dict[str, Any]) -> list[str]:
    return [address["account_name"] for address in result["vended_addresses"]]


@pytest.mark.parametrize(
    ("options", "names"),
    [
        pytest.param({"address": "app-001@accounts.example.com"}, ["App-001"], id="address"),
        pytest.param({"address": '"APP-001"@Accounts.Example.com.'}, ["App-001"], id="address as in an envelope"),
        pytest.param({"address": "app-001+x+y@accounts.example.com"}, ["App-001"], id="address with a tag"),
        pytest.param({"address": "ops+legal@x.example"}, ["Legal"], id="the address with the tag itself first"),
        pytest.param({"address": "OPS+other@x.example"}, ["Operations"], id="else the one without"),
        pytest.param({"address": "app@accounts.example.com"}, [], id="unknown address"),
        pytest.param(
            {"address": "ops+legal@x.example", "owner": "jane@example.org"}, [], id="address of another owner"
        ),
        pytest.param({"account_name": "APP-001"}, ["App-001"], id="name in any case"),
        pytest.param({"account_name": "app"}, [], id="unknown name"),
        pytest.param({"account_name": "aws"}, [], id="the forwarder's own name"),
        pytest.param({"account_name": "app-001", "status": "vended"}, [], id="name with another status"),
        pytest.param({"account_id": "111122223333"}, ["App-001"], id="account id"),
        pytest.param({"account_id": "333322221111"}, [], id="unknown account id"),
        pytest.param({"request_id": "T-2"}, ["web-001"], id="request id"),
        pytest.param({"request_id": "T-3"}, [], id="unknown request id"),
        pytest.param({"request_id": "T-2", "account_id": "111122223333"}, [], id="two keys that do not agree"),
    ],
)
@pytest.mark.usefixtures("map_table")
def test_find_one_by_its_key(
    run_module: RunModule, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], names: list[str]
) -> None:
    calls = noted_calls(monkeypatch)
    result = run_module(INFO, table="map", **options)
    assert found(result) == names
    assert result["changed"] is False
    # The marks of its mailboxes are read only where there is one that they are about.
    assert set(calls) == {"GetItem", *(["BatchGetItem"] if names else [])}
    assert calls.count("BatchGetItem") == len(names)


@pytest.mark.parametrize(
    ("options", "names"),
    [
        pytest.param({}, ["App-001", "Legal", "Operations", "web-001"], id="all, by address"),
        pytest.param({"owner": "JANE@example.org"}, ["App-001", "Operations", "web-001"], id="owner in any case"),
        pytest.param({"owner": "nobody@example.org"}, [], id="unknown owner"),
        pytest.param({"status": "retired"}, ["Legal"], id="status"),
        pytest.param({"account_type": "prod"}, ["web-001"], id="type"),
        pytest.param({"tags": {"cost-center": 1}}, ["App-001", "Legal", "Operations", "web-001"], id="tag"),
        pytest.param({"tags": {"cost-center": 1, "team": "blue"}, "status": "active"}, ["App-001"], id="several"),
    ],
)
@pytest.mark.usefixtures("map_table")
def test_find_among_all(run_module: RunModule, options: dict[str, Any], names: list[str]) -> None:
    for check_mode in (True, False):
        result = run_module(INFO, check_mode=check_mode, table="map", **options)
        assert found(result) == names
        assert result["changed"] is False


@pytest.mark.usefixtures("map_table")
def test_it_returns_records_as_they_are_in_order(run_module: RunModule, monkeypatch: pytest.MonkeyPatch) -> None:
    # moto scans by key; DynamoDB in an order of its own.
    real = BaseClient._make_api_call

    def call(self: Any, name: str, parameters: Any) -> Any:
        answer = real(self, name, parameters)
        return {**answer, "Items": answer["Items"][::-1]}

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    expected = [{**each.to_dict(), "owners_failing": []} for each in (APP, LEGAL, OPS, WEB)]
    assert run_module(INFO, table="map")["vended_addresses"] == expected


@pytest.mark.usefixtures("table")
def test_an_empty_map_is_an_empty_list(run_module: RunModule) -> None:
    assert run_module(INFO, table="map")["vended_addresses"] == []


def test_a_map_of_several_pages_is_read_to_its_end(
    run_module: RunModule, monkeypatch: pytest.MonkeyPatch, table: Any
) -> None:
    # A page of a scan holds 1 MB (DynamoDB Developer Guide, "Scanning tables"), an item 400 KB.
    for number in range(7):
        put(table, replace(WEB, address=f"web-{number}@x.example", tags={"filler": "x" * 380_000}))
    calls = noted_calls(monkeypatch)
    result = run_module(INFO, table="map", owner="jane@example.org")
    assert [each["address"] for each in result["vended_addresses"]] == [f"web-{n}@x.example" for n in range(7)]
    assert calls.count("Scan") >= 3


@pytest.mark.parametrize(
    ("options", "says"),
    [
        pytest.param({"account_id": "1234"}, "account_id: '1234' is not an AWS account id", id="account id"),
        pytest.param({"owner": ""}, "owner: '' is not an email address", id="empty owner"),
        pytest.param({"status": "closed"}, "value of status must be one of: vended, active, retired", id="status"),
        pytest.param({"table": ""}, "table: is not given; name the table", id="empty table"),
        pytest.param({"table": "mapp"}, "there is no DynamoDB table 'mapp' in eu-west-1", id="missing table"),
    ],
)
@pytest.mark.usefixtures("map_table")
def test_bad_input_says_why(run_module: RunModule, options: dict[str, Any], says: str) -> None:
    result = run_module(INFO, **{"table": "map", **options})
    assert result["failed"]
    assert says in result["msg"]


def test_a_map_that_has_lost_a_record_is_not_taken_for_one_without_it(run_module: RunModule, map_table: Any) -> None:
    map_table.delete_item(Key={"pk": f"ADDRESS#{APP.address}"})
    result = run_module(INFO, table="map", request_id="T-1")
    assert result["msg"].startswith(f"the map is damaged: REQUEST#T-1 leads to {APP.address}, which is not there")


@pytest.mark.parametrize(("operation", "options"), [("Scan", {}), ("GetItem", {"account_name": "app-001"})])
@pytest.mark.usefixtures("map_table")
def test_denied_is_an_error_and_not_an_empty_list(
    run_module: RunModule, monkeypatch: pytest.MonkeyPatch, operation: str, options: dict[str, Any]
) -> None:
    refuse(monkeypatch, operation, "AccessDeniedException")
    result = run_module(INFO, table="map", **options)
    assert result["msg"].startswith("Failed to read the map: An error occurred (AccessDeniedException)")
    assert "permission" in result["msg"]
    assert "vended_addresses" not in result


@pytest.mark.parametrize(("operation", "options"), [("Scan", {}), ("GetItem", {"account_name": "app-001"})])
@pytest.mark.usefixtures("map_table")
def test_throttled_then_fine(
    run_module: RunModule, monkeypatch: pytest.MonkeyPatch, operation: str, options: dict[str, Any]
) -> None:
    calls = refuse(monkeypatch, operation, "ThrottlingException", times=3)
    assert "App-001" in found(run_module(INFO, table="map", **options))
    assert calls.count(operation) > 3


def test_what_is_returned_is_documented_as_what_vended_address_returns() -> None:
    documented = yaml.safe_load(vended_address_info.RETURN)["vended_addresses"]["contains"]
    failing = documented.pop("owners_failing")
    assert list(failing["contains"]) == ["mailbox", "reason", "since", "until", "diagnostic"]
    assert all(f"V({reason.value})" in str(failing["contains"]["reason"]) for reason in FailingReason)
    assert documented == yaml.safe_load(vended_address.RETURN)["vended_address"]["contains"]
    assert list(documented) == [each.name for each in fields(AddressRecord)]


# How an address is found, and by which calls.
WAYS = [
    pytest.param({"address": WEB.address}, {"GetItem", "BatchGetItem"}, id="by address"),
    pytest.param({"addresses": [WEB.address, APP.address]}, {"GetItem", "BatchGetItem"}, id="by addresses"),
    pytest.param({"request_id": "T-2"}, {"GetItem", "BatchGetItem"}, id="by key"),
    pytest.param({"account_type": "prod"}, {"Scan"}, id="among all"),
    pytest.param({"owner": "jane@example.org"}, {"Scan"}, id="by owner"),
    pytest.param({}, {"Scan"}, id="all"),
]


def failing(result: dict[str, Any], record: AddressRecord = WEB) -> list[dict[str, Any]]:
    """Return what the result says of the mailboxes of the record."""
    (of_record,) = (each for each in result["vended_addresses"] if each["address"] == record.address)
    owners_failing: list[dict[str, Any]] = of_record["owners_failing"]
    return owners_failing


@pytest.mark.parametrize(("options", "calls"), WAYS)
def test_it_says_which_mailboxes_fail_however_an_address_is_found(
    run_module: RunModule, monkeypatch: pytest.MonkeyPatch, map_table: Any, options: dict[str, Any], calls: set[str]
) -> None:
    contacts = {"billing": ("team@example.org", "ann@example.org")}
    record = replace(WEB, owners=("Jane@example.org", "joe@example.org"), contacts=contacts)
    put(map_table, record)
    # As SES named it, which need not be as the record has it.
    bounced = mark("JANE@example.org", FailingReason.BOUNCED, 1000, "smtp; 550 5.1.1 user unknown")
    transient = mark("team@example.org", FailingReason.TRANSIENT, 23)
    for each in (bounced, transient):
        map_table.put_item(Item=each.to_item())
    noted = noted_calls(monkeypatch)
    result = run_module(INFO, table="map", **options)
    assert failing(result) == [shown(bounced, "Jane@example.org"), shown(transient)]
    assert set(noted) == calls
    assert noted.count("BatchGetItem") <= 1


@pytest.mark.parametrize(("options", "calls"), WAYS)
@pytest.mark.parametrize(
    "marked",
    [
        pytest.param(mark("joe@example.org", FailingReason.BOUNCED), id="another's"),
        pytest.param(mark("jane@example.org", FailingReason.TRANSIENT, 25), id="over"),
    ],
)
def test_what_does_not_fail_is_not_said(
    run_module: RunModule, map_table: Any, options: dict[str, Any], calls: set[str], marked: FailingMailbox
) -> None:
    assert calls
    map_table.put_item(Item=marked.to_item())
    assert failing(run_module(INFO, table="map", **options)) == []


def test_a_mailbox_of_many_records_is_asked_for_once(
    run_module: RunModule, monkeypatch: pytest.MonkeyPatch, map_table: Any
) -> None:
    addresses = [f"web-{number}@x.example" for number in range(60)]
    for number, address in enumerate(addresses):
        put(map_table, replace(WEB, address=address, owners=("jane@example.org", f"{number}@example.org")))
    map_table.put_item(Item=mark("jane@example.org", FailingReason.SUPPRESSED).to_item())
    noted = noted_calls(monkeypatch)
    found_all = run_module(INFO, table="map", addresses=addresses)["vended_addresses"]
    assert [each["owners_failing"][0]["reason"] for each in found_all] == ["suppressed"] * len(addresses)
    assert noted.count("BatchGetItem") == 1
