# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module's real main() against moto: owners with their addresses, by which calls, and its errors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest
import yaml
from moto import mock_aws

from ansible_collections.account_factory.email.plugins.module_utils._failing_mailbox import (
    FailingMailbox,
    FailingReason,
)
from ansible_collections.account_factory.email.plugins.module_utils._map import api
from ansible_collections.account_factory.email.plugins.module_utils._map.ownership import Ownership
from ansible_collections.account_factory.email.plugins.module_utils._owner_group import OwnerGroup
from ansible_collections.account_factory.email.plugins.module_utils._record import AddressRecord
from ansible_collections.account_factory.email.plugins.modules import vended_address_info, vended_address_owner_info
from tests.aws_errors import noted_calls, refuse
from tests.map_table import create_delivery_table, create_table
from tests.unit.conftest import RunModule

INFO = vended_address_owner_info.main
DELIVERIES = "mail-forwarder-deliveries"
APP = AddressRecord(
    address="app-001@accounts.example.com",
    account_name="App-001",
    domain="accounts.example.com",
    owners=("Jane@example.org", "joe#1@example.org"),
    status="active",
    account_id="111122223333",
    created_at="2026-02-03T09:30:00Z",
)
WEB = replace(
    APP,
    address="web-001@accounts.example.com",
    account_name="web-001",
    account_id="444455556666",
    owners=("desk@example.org",),
    fallback_owners=("jane@example.org",),
)
PROBE = replace(
    WEB,
    address="forwarder-probe@accounts.example.com",
    request_id="forwarder-probe accounts.example.com",
    account_id=None,
)
GONE = replace(APP, address="old-001@accounts.example.com", status="retired")
NOON = 1_795_262_400  # 2026-11-21T12:00:00Z


@pytest.fixture
def aws() -> Iterator[Any]:
    with mock_aws():
        dynamodb = boto3.resource("dynamodb", region_name="eu-west-1")
        create_table(dynamodb.meta.client)
        create_delivery_table(dynamodb.meta.client, DELIVERIES)
        mark = FailingMailbox("JOE#1@example.org", FailingReason.BOUNCED, "2026-11-20T12:00:00Z")
        for item in (APP.to_item(), WEB.to_item(), PROBE.to_item(), GONE.to_item(), mark.to_item()):
            dynamodb.Table("map").put_item(Item=item)
        yield dynamodb


def sent(aws: Any, key: str, address: str, claimed_at: int) -> None:
    aws.Table(DELIVERIES).put_item(Item={"pk": f"{key}", "address": address, "claimed_at": claimed_at})


@pytest.mark.usefixtures("aws")
def test_each_owner_with_what_they_have(run_module: RunModule) -> None:
    found = run_module(INFO, table="map")
    assert found["changed"] is False
    assert found["counts"] == {"owners": 3, "addresses": 2, "failing_owners": 1}
    assert [(one["owner"], one["address"], one["standing"]) for one in found["ownerships"]] == [
        ("desk@example.org", WEB.address, "owner"),
        ("Jane@example.org", APP.address, "owner"),
        ("jane@example.org", WEB.address, "fallback_owner"),
        ("joe#1@example.org", APP.address, "owner"),
    ]
    assert [one["failing_reason"] for one in found["ownerships"]] == [None, None, None, "bounced"]


@pytest.mark.usefixtures("aws")
def test_one_owner_be_it_of_mail_that_others_cannot_get(run_module: RunModule) -> None:
    found = run_module(INFO, table="map", owner="JANE@EXAMPLE.ORG", last_mail=False)
    assert [one["address"] for one in found["ownerships"]] == [APP.address, WEB.address]
    assert run_module(INFO, table="map", owner="nobody@example.org")["ownerships"] == []


def test_members_of_a_group_are_shown_with_it_and_found_by_themselves(run_module: RunModule, aws: Any) -> None:
    group_id = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
    since = {"eve@example.org": "2026-11-01T00:00:00Z"}
    group = OwnerGroup(group_id, "Leads", ("eve@example.org", "JANE@example.org"), since)
    for item in (replace(WEB, owner_groups=(group_id,)).to_item(), group.to_item()):
        aws.Table("map").put_item(Item=item)
    (eve,) = run_module(INFO, table="map", owner="Eve@example.org", last_mail=False)["ownerships"]
    assert (eve["address"], eve["standing"], eve["group"], eve["since"]) == (
        WEB.address,
        "group_member",
        "Leads",
        "2026-11-01T00:00:00Z",
    )
    everybody = run_module(INFO, table="map", last_mail=False)["ownerships"]
    assert {one["group"] for one in everybody if one["owner"] == "JANE@example.org"} == {"Leads"}
    both: list[dict[str, Any]] = [{}, {"address": WEB.address}]
    for asked in both:
        found = run_module(vended_address_info.main, table="map", owner="EVE@example.org", **asked)
        assert [one["address"] for one in found["vended_addresses"]] == [WEB.address]
        nobody = run_module(vended_address_info.main, table="map", owner="x@example.org", **asked)
        assert nobody["vended_addresses"] == []


def test_the_last_mail_to_each_is_found(run_module: RunModule, aws: Any) -> None:
    sent(aws, f"m1#{APP.address}#jane@example.org", APP.address, NOON)
    sent(aws, f"m2#{APP.address}#jane@example.org", APP.address, NOON - 3600)
    sent(aws, f"m3#released#{APP.address}#joe#1@example.org", APP.address, NOON + 60)
    sent(aws, f"m4#{GONE.address}#desk@example.org", GONE.address, NOON)
    found = run_module(INFO, table="map")["ownerships"]
    assert {one["owner"]: one["last_mail_at"] for one in found if one["last_mail_at"]} == {
        "Jane@example.org": "2026-11-21T12:00:00Z",
        "joe#1@example.org": "2026-11-21T12:01:00Z",
    }


@pytest.mark.parametrize(
    ("most", "calls"),
    [
        pytest.param(100, ["Query", "Query"], id="few addresses are looked up"),
        pytest.param(1, ["Scan"], id="of many the whole index is read"),
    ],
)
def test_the_last_mail_to_one_owner(
    run_module: RunModule, aws: Any, monkeypatch: pytest.MonkeyPatch, most: int, calls: list[str]
) -> None:
    monkeypatch.setattr(vended_address_owner_info, "_LOOKED_UP_MAX", most)
    sent(aws, f"m1#{WEB.address}#jane@example.org", WEB.address, NOON)
    noted = noted_calls(monkeypatch)
    found = run_module(INFO, table="map", owner="jane@example.org")["ownerships"]
    assert [one["last_mail_at"] for one in found] == [None, "2026-11-21T12:00:00Z"]
    # The map itself is read in segments.
    assert noted[-len(calls) :] == calls
    assert len(noted) == api.SCAN_SEGMENTS + len(calls)


@pytest.mark.usefixtures("aws")
def test_without_the_last_mail_the_record_of_deliveries_is_not_read(
    run_module: RunModule, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = noted_calls(monkeypatch)
    run_module(INFO, table="map", last_mail=False)
    assert set(calls) == {"Scan"}


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    ("options", "says"),
    [
        pytest.param({"owner": "nobody"}, "owner: 'nobody' is not an email", id="owner"),
        pytest.param({"owner": ""}, "owner: '' is not an email", id="empty owner"),
        pytest.param({"stack_name": "other"}, "There is no such forwarder here: give stack_name", id="stack"),
    ],
)
def test_what_cannot_work_names_the_option(run_module: RunModule, options: dict[str, Any], says: str) -> None:
    failed = run_module(INFO, table="map", **options)
    assert failed["failed"]
    assert says in failed["msg"]


@pytest.mark.usefixtures("aws")
def test_a_refusal_of_aws_says_what_it_was_for(run_module: RunModule, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse(monkeypatch, "Query", "AccessDeniedException")
    failed = run_module(INFO, table="map", owner="jane@example.org")
    assert "look up when each owner was last sent mail" in failed["msg"]


def test_the_documentation_has_every_field() -> None:
    documented = yaml.safe_load(vended_address_owner_info.RETURN)["ownerships"]["contains"]
    assert list(documented) == list(Ownership.__dataclass_fields__)
