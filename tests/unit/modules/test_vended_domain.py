# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which domains addresses are vended in: the module's real main() against moto."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from ansible_collections.account_factory.email.plugins.module_utils._map import api
from ansible_collections.account_factory.email.plugins.modules import vended_address, vended_domain
from tests.map_table import create_table
from tests.unit.conftest import RunModule

DOMAIN: dict[str, Any] = {"table": "map", "domain": "accounts.example.com"}


@pytest.fixture
def table() -> Iterator[api.Table]:
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-west-1")
        create_table(client)
        yield api.Table(client, "map")


def test_life_of_a_domain(run_module: RunModule, table: api.Table) -> None:
    steps: list[tuple[dict[str, Any], bool, str | None]] = [
        (DOMAIN, True, None),
        (DOMAIN, False, None),
        ({**DOMAIN, "domain": "Accounts.Example.com."}, False, None),
        ({**DOMAIN, "forwarder_address": "aws@accounts.example.com"}, True, "aws@accounts.example.com"),
        (DOMAIN, False, "aws@accounts.example.com"),
        ({**DOMAIN, "forwarder_address": "noreply@example.org"}, True, "noreply@example.org"),
    ]
    for options, changed, forwarder_address in steps:
        known = api.get_vended_domains(table)
        planned = run_module(vended_domain.main, check_mode=True, **options)
        assert api.get_vended_domains(table) == known
        done = run_module(vended_domain.main, **options)
        assert done == planned
        assert done["changed"] == changed
        assert done["vended_domain"] == {"domain": "accounts.example.com", "forwarder_address": forwarder_address}
        assert api.get_vended_domains(table) == {"accounts.example.com": forwarder_address}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        pytest.param({"domain": "localhost"}, "domain: 'localhost' is not a domain name", id="domain"),
        pytest.param({"forwarder_address": "aws"}, "forwarder_address: 'aws' is not an email", id="no address"),
        pytest.param({"table": " "}, "table: is not given", id="no table"),
        pytest.param(
            {"forwarder_address": "App-001@accounts.example.com"}, "was vended to an account", id="an account's address"
        ),
    ],
)
def test_bad_input_changes_nothing(run_module: RunModule, table: api.Table, options: dict[str, Any], says: str) -> None:
    table.client.put_item(TableName="map", Item={"pk": {"S": "NAME#app-001"}, "address": {"S": "app-001@…"}})
    for check_mode in (True, False):
        assert says in run_module(vended_domain.main, check_mode=check_mode, **{**DOMAIN, **options})["msg"]
    assert api.get_vended_domains(table) == {}


def test_an_account_that_takes_the_address_in_the_same_moment_keeps_it(table: api.Table) -> None:
    table.client.put_item(TableName="map", Item={"pk": {"S": "NAME#app-001"}, "address": {"S": "app-001@…"}})
    assert not api.put_domain(table, "accounts.example.com", "app-001@accounts.example.com")
    assert api.get_vended_domains(table) == {}


def test_a_domain_that_an_owner_lies_in_is_refused(run_module: RunModule, table: api.Table) -> None:
    run_module(vended_domain.main, **DOMAIN)
    vend: dict[str, Any] = {"table": "map", "account_name": "app", "domain": "accounts.example.com"}
    run_module(vended_address.main, **vend, owners=["joe@example.org", "jane@team.example.org"])
    other = {**DOMAIN, "domain": "Team.example.org"}
    for check_mode in (True, False):
        result = run_module(vended_domain.main, check_mode=check_mode, **other)
        assert result["msg"].startswith("domain: jane@team.example.org, an owner of app@accounts.example.com, lies in")
    assert set(api.get_vended_domains(table)) == {"accounts.example.com"}
    run_module(vended_address.main, table="map", address="app@accounts.example.com", state="absent")
    assert run_module(vended_domain.main, **other)["changed"]


def test_an_exact_address_of_an_account_is_not_the_forwarders(run_module: RunModule, table: api.Table) -> None:
    run_module(vended_domain.main, **DOMAIN)
    vend: dict[str, Any] = {"table": "map", "domain": "accounts.example.com", "owners": ["joe@example.org"]}
    run_module(vended_address.main, **vend, account_name="Log Archive", local_part="aws")
    for check_mode in (True, False):
        taken = {**DOMAIN, "forwarder_address": "Aws@accounts.example.com"}
        assert "was vended to an account" in run_module(vended_domain.main, check_mode=check_mode, **taken)["msg"]
    run_module(vended_domain.main, **{**DOMAIN, "forwarder_address": "mail@accounts.example.com"})
    refused = run_module(vended_address.main, **vend, account_name="Mail Room", local_part="mail")
    assert refused["msg"].startswith("local_part: mail@accounts.example.com is the forwarder's own address")
    assert api.get_record(table, "mail@accounts.example.com") is None
