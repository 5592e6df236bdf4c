# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which domains addresses are vended in: the module's real main() against moto."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from ansible_collections.account_factory.email.plugins.module_utils._dynamodb import to_attributes
from ansible_collections.account_factory.email.plugins.module_utils._map import api
from ansible_collections.account_factory.email.plugins.module_utils._record import AddressRecord
from ansible_collections.account_factory.email.plugins.module_utils._vended_domain import VendedDomain
from ansible_collections.account_factory.email.plugins.modules import vended_address, vended_domain, vended_domains
from tests.map_table import create_table
from tests.unit.conftest import RunModule

DOMAIN: dict[str, Any] = {"table": "map", "domain": "accounts.example.com"}
NOTHING_OF_ITS_OWN: dict[str, Any] = {
    "domain": "accounts.example.com",
    "forwarder_address": None,
    "admin_address": None,
    "catch_all": None,
    "fallback_owners": [],
}
VEND: dict[str, Any] = {"table": "map", "domain": "accounts.example.com", "owners": ["joe@example.org"]}


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
        assert done["vended_domain"] == {**NOTHING_OF_ITS_OWN, "forwarder_address": forwarder_address}
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


def test_a_domain_has_what_is_its_own_until_that_is_taken_back(run_module: RunModule, table: api.Table) -> None:
    steps: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"admin_address": "Team@Example.org."}, {"admin_address": "Team@example.org"}),
        ({"catch_all": False}, {"admin_address": "Team@example.org", "catch_all": False}),
        (
            {"fallback_owners": ["a@example.org", "A@example.org"], "catch_all": True},
            {"admin_address": "Team@example.org", "catch_all": True, "fallback_owners": ["a@example.org"]},
        ),
        ({"admin_address": "", "fallback_owners": []}, {"catch_all": True}),
        ({"admin_address": "b@example.org"}, {"catch_all": True, "admin_address": "b@example.org"}),
        ({"purge_overrides": True, "catch_all": False}, {"catch_all": False}),
        ({"purge_overrides": True}, {}),
    ]
    run_module(vended_domain.main, **DOMAIN, forwarder_address="aws@accounts.example.com")
    for options, expected in steps:
        planned = run_module(vended_domain.main, check_mode=True, **DOMAIN, **options)
        done = run_module(vended_domain.main, **DOMAIN, **options)
        assert done == planned
        own = {**NOTHING_OF_ITS_OWN, "forwarder_address": "aws@accounts.example.com", **expected}
        assert (done["changed"], done["vended_domain"]) == (True, own)
        assert run_module(vended_domain.main, **DOMAIN, **options)["changed"] is False
        kept = api.get_domains(table)["accounts.example.com"]
        assert {"domain": "accounts.example.com", **kept.to_dict()} == own


@pytest.mark.parametrize(
    ("options", "says"),
    [
        pytest.param(
            {"admin_address": "jane@ACCOUNTS.example.com"},
            "admin_address: jane@accounts.example.com, of the domain eu.example.com, lies in the vended domain acc",
            id="admin in another vended domain",
        ),
        pytest.param(
            {"fallback_owners": ["a@example.org", "jane@eu.example.com"]},
            "fallback_owners: jane@eu.example.com, of the domain eu.example.com, lies in the vended domain eu.example",
            id="fallback owner in the domain itself",
        ),
        pytest.param({"admin_address": "AWS@sender.example"}, "is the forwarder's own address", id="admin is ours"),
        pytest.param({"admin_address": "jane"}, "admin_address: 'jane' is not an email address", id="no address"),
        pytest.param(
            {"domain": "example.org"},
            "admin_address: team@example.org, of the domain accounts.example.com, lies in the vended domain exa",
            id="a domain that another's admin lies in",
        ),
        pytest.param(
            {"state": "absent", "catch_all": True}, "catch_all: has no place beside state absent", id="absent with more"
        ),
    ],
)
def test_what_would_create_a_loop_changes_nothing(
    run_module: RunModule, table: api.Table, options: dict[str, Any], says: str
) -> None:
    run_module(vended_domain.main, **DOMAIN, admin_address="team@example.org", forwarder_address="aws@sender.example")
    before = api.get_domains(table)
    for check_mode in (True, False):
        refused = run_module(
            vended_domain.main, check_mode=check_mode, **{**DOMAIN, "domain": "eu.example.com", **options}
        )
        assert says in refused["msg"]
    assert api.get_domains(table) == before


def test_an_admin_may_lie_in_a_parent_or_a_subdomain_of_a_vended_domain(
    run_module: RunModule, table: api.Table
) -> None:
    for admin in ("jane@example.com", "jane@mail.accounts.example.com"):
        run_module(vended_domain.main, **DOMAIN, admin_address=admin)
        assert api.get_domains(table)["accounts.example.com"].admin_address == admin


def test_a_domain_is_removed_once_its_addresses_are_retired_and_none_of_them_comes_back(
    run_module: RunModule, table: api.Table
) -> None:
    sub = {**DOMAIN, "domain": "eu.accounts.example.com"}
    run_module(vended_domain.main, **DOMAIN, admin_address="team@example.org")
    run_module(vended_domain.main, **sub)
    for number in range(5):
        run_module(vended_address.main, **VEND, account_name=f"app-{number}")
    # An address in a domain below it is none of its own.
    run_module(vended_address.main, **{**VEND, "domain": sub["domain"]}, account_name="other")
    before = api.get_domains(table)
    gone = {**DOMAIN, "state": "absent"}
    left = {
        5: "5 that are not retired: app-0@{0}, app-1@{0}, app-2@{0} and 2 more. Retire",
        3: "3 that are not retired: app-2@{0}, app-3@{0}, app-4@{0}. Retire",
        1: "1 that is not retired: app-4@{0}. Retire",
    }
    for count, says in left.items():
        for number in range(5 - count):
            run_module(vended_address.main, table="map", address=f"app-{number}@accounts.example.com", state="absent")
        for check_mode in (True, False):
            said = run_module(vended_domain.main, check_mode=check_mode, **gone)["msg"]
            assert f"accounts.example.com has {says.format('accounts.example.com')}" in said
        assert api.get_domains(table) == before
    run_module(vended_address.main, table="map", address="app-4@accounts.example.com", state="absent")
    planned = run_module(vended_domain.main, check_mode=True, **gone)
    done = run_module(vended_domain.main, **gone)
    assert done == planned
    assert (done["changed"], done["vended_domain"]) == (True, {})
    assert run_module(vended_domain.main, **gone)["changed"] is False
    assert {*api.get_domains(table)} == {"eu.accounts.example.com"}
    # Neither vended nor brought back while nobody forwards its mail, and never vended again after that.
    assert "nobody forwards mail" in run_module(vended_address.main, **VEND, account_name="new")["msg"]
    back: dict[str, Any] = {"table": "map", "address": "app-1@accounts.example.com", "restore": True}
    assert "nobody forwards mail" in run_module(vended_address.main, **back)["msg"]
    run_module(vended_domain.main, **DOMAIN)
    assert api.get_domains(table)["accounts.example.com"].admin_address is None
    again: tuple[dict[str, Any], ...] = ({"account_name": "app-1"}, {"account_name": "New", "local_part": "app-1"})
    for options in again:
        assert "retired" in run_module(vended_address.main, **VEND, **options)["msg"]
    assert run_module(vended_address.main, **back)["changed"]


def test_an_address_that_is_vended_while_its_domain_is_removed_keeps_it(
    run_module: RunModule, table: api.Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_module(vended_domain.main, **DOMAIN, catch_all=False)
    before = api.get_domains(table)
    late = AddressRecord("late@accounts.example.com", "late", "accounts.example.com", ("joe@example.org",))
    remove = api.remove_domain

    def removed_a_moment_too_early(*args: Any) -> None:
        remove(*args)
        table.client.put_item(TableName="map", Item=to_attributes(late.to_item()))

    monkeypatch.setattr(api, "remove_domain", removed_a_moment_too_early)
    said = run_module(vended_domain.main, **DOMAIN, state="absent")["msg"]
    assert "has 1 that is not retired: late@accounts.example.com. Retire" in said
    assert api.get_domains(table) == before


def test_several_domains_are_said_at_once(run_module: RunModule, table: api.Table) -> None:
    def domains(*entries: dict[str, Any], check_mode: bool = False, **options: Any) -> dict[str, Any]:
        more = {"table": "map", "forwarder_address": "Aws@accounts.example.com.", **options}
        return run_module(vended_domains.main, check_mode=check_mode, domains=list(entries), **more)

    ours = {"domain": "accounts.example.com"}
    theirs = {"domain": "EU.accounts.example.com", "admin_address": "team@example.org", "catch_all": False}
    planned = domains(ours, theirs, check_mode=True)
    assert api.get_domains(table) == {}
    done = domains(ours, theirs)
    assert done == planned
    assert (done["changed"], done["removed"]) == (True, [])
    assert [each["domain"] for each in done["vended_domains"]] == ["accounts.example.com", "eu.accounts.example.com"]
    assert domains(theirs, ours, purge=True)["changed"] is False
    # What an entry no longer says of its own is taken back; what is not an entry stays without purge.
    assert domains({"domain": "eu.accounts.example.com"})["changed"]
    assert api.get_domains(table) == {
        "accounts.example.com": VendedDomain("Aws@accounts.example.com"),
        "eu.accounts.example.com": VendedDomain("Aws@accounts.example.com"),
    }
    run_module(vended_address.main, **{**VEND, "domain": "eu.accounts.example.com"}, account_name="app")
    for check_mode in (True, False):
        refused = domains(ours, {"domain": "new.example.com"}, purge=True, check_mode=check_mode)
        assert "eu.accounts.example.com has 1 that is not retired: app@eu.accounts" in refused["msg"]
        twice = domains(ours, theirs, {"domain": "eu.accounts.example.com."}, check_mode=check_mode)
        assert twice["msg"].startswith("domains: eu.accounts.example.com is there more than once")
        no_address = domains(ours, {**theirs, "admin_address": "jane"}, check_mode=check_mode)
        assert no_address["msg"].startswith("domains[1]: admin_address: 'jane' is not an email address")
        no_sender = domains(ours, forwarder_address="aws", check_mode=check_mode)
        assert no_sender["msg"].startswith("forwarder_address: 'aws' is not an email address")
    assert {*api.get_domains(table)} == {"accounts.example.com", "eu.accounts.example.com"}
    run_module(vended_address.main, table="map", address="app@eu.accounts.example.com", state="absent")
    done = domains(ours, purge=True)
    assert (done["changed"], done["removed"]) == (True, ["eu.accounts.example.com"])
    assert {*api.get_domains(table)} == {"accounts.example.com"}


def test_a_domain_that_cannot_be_read_is_told_of(run_module: RunModule, table: api.Table) -> None:
    damaged = {"pk": "DOMAINS", "accounts.example.com": {"catch_all": "no"}}
    table.client.put_item(TableName="map", Item=to_attributes(damaged))
    said = run_module(vended_domain.main, **DOMAIN)["msg"]
    assert said.startswith("the map's item DOMAINS is damaged: catch_all 'no' is neither true nor false")


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
