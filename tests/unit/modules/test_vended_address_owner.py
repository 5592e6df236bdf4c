# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module's real main() against moto: an owner is replaced everywhere, and nobody else is lost by that."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from moto import mock_aws

from ansible_collections.account_factory.email.plugins.module_utils._map import api
from ansible_collections.account_factory.email.plugins.module_utils._map.edits import Edit, OwnerChange
from ansible_collections.account_factory.email.plugins.module_utils._map.requests import ExactRequest
from ansible_collections.account_factory.email.plugins.modules import vended_address_owner
from tests.aws_errors import noted_calls, refuse
from tests.map_table import create_table
from tests.map_work import edit_record, vend
from tests.unit.conftest import RunModule

DOMAIN = "accounts.example.com"
JANE, JOE, TEAM, AUDITOR = (f"{name}@example.org" for name in ("Jane.Doe", "joe", "team", "auditor"))
# Account name -> its owners and fallback owners.
ADDRESSES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "alone": ((JANE,), ()),
    "between": ((JOE, JANE.lower(), AUDITOR), ()),
    "fallback": ((JOE,), (AUDITOR, JANE)),
    "others": ((JOE,), (AUDITOR,)),
    "retired": ((JANE,), ()),
}
TRANSFER: dict[str, Any] = {"table": "map", "owner": JANE.upper(), "replaced_by": [TEAM]}


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Iterator[api.Table]:
    # moto loses writes of transactions that run at the same time.
    monkeypatch.setattr(api, "PARALLEL", 1)
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-west-1")
        create_table(client)
        table = api.Table(client, "map")
        assert api.put_domain(table, DOMAIN, None)
        for name, (owners, fallback) in ADDRESSES.items():
            values = {"owners": owners, "fallback_owners": fallback}
            vend(
                table, ExactRequest(name, name, DOMAIN, {**values, "account_type": "prod" if name == "alone" else None})
            )
        edit_record(table, Edit(f"retired@{DOMAIN}", retire=True))
        yield table


def owners(table: api.Table) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    return {record.account_name: (record.owners, record.fallback_owners) for record in api.records(table)}


def test_in_check_mode_for_real_and_again(run_module: RunModule, table: api.Table) -> None:
    planned = run_module(vended_address_owner.main, check_mode=True, **TRANSFER)
    assert owners(table) == ADDRESSES
    done = run_module(vended_address_owner.main, **TRANSFER)
    wanted = {
        **ADDRESSES,
        "alone": ((TEAM,), ()),
        "between": ((JOE, TEAM, AUDITOR), ()),
        "fallback": ((JOE,), (AUDITOR, TEAM)),
    }
    assert owners(table) == wanted
    changed = [f"{name}@{DOMAIN}" for name in ("alone", "between", "fallback")]
    for result in (planned, done):
        assert result["changed"]
        assert [record["address"] for record in result["before"]] == changed
        assert [record["address"] for record in result["vended_address_owner"]] == changed
        assert result["diff"]["before"][changed[0]]["owners"] == [JANE]
        assert result["diff"]["after"][changed[0]]["owners"] == [TEAM]
        assert (result["retired"], result["failures"]) == ([f"retired@{DOMAIN}"], [])
    for check_mode in (True, False):
        again = run_module(vended_address_owner.main, check_mode=check_mode, **TRANSFER)
        assert (again["changed"], again["vended_address_owner"]) == (False, [])
    assert owners(table) == wanted


def test_a_contact_is_replaced_who_owns_nothing(run_module: RunModule, table: api.Table) -> None:
    address = f"others@{DOMAIN}"
    edit_record(table, Edit(address, {"contacts": {"billing": (JANE, JOE), "security": (JOE,)}}))
    done = run_module(vended_address_owner.main, **TRANSFER)
    [record] = [one for one in done["vended_address_owner"] if one["address"] == address]
    assert record["contacts"] == {"billing": [TEAM, JOE], "security": [JOE]}
    assert not run_module(vended_address_owner.main, **TRANSFER)["changed"]


def test_only_what_is_asked_for(run_module: RunModule, table: api.Table) -> None:
    run_module(vended_address_owner.main, **TRANSFER, account_type="prod")
    assert owners(table) == {**ADDRESSES, "alone": ((TEAM,), ())}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        pytest.param({"owner": "jane"}, "owner: 'jane' is not an email address", id="owner"),
        pytest.param({"replaced_by": []}, "replaced_by: is empty", id="nobody"),
        pytest.param({"replaced_by": [TEAM, JANE]}, "replaced_by: 'JANE.DOE@example.org' is who", id="the same"),
        pytest.param({"replaced_by": [TEAM, f"x@{DOMAIN}"]}, "replaced_by[1]: ", id="a mail loop"),
        pytest.param({"account_type": " "}, "account_type: is empty", id="type"),
    ],
)
def test_what_cannot_work_changes_nothing(
    run_module: RunModule, table: api.Table, options: dict[str, Any], says: str
) -> None:
    for check_mode in (True, False):
        result = run_module(vended_address_owner.main, check_mode=check_mode, **{**TRANSFER, **options})
        assert result["msg"].startswith(says)
    assert owners(table) == ADDRESSES


@pytest.mark.usefixtures("table")
def test_denied_is_told_of_each_address(run_module: RunModule, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse(monkeypatch, "TransactWriteItems", "AccessDeniedException")
    result = run_module(vended_address_owner.main, **TRANSFER)
    assert result["failed"]
    assert [each["address"] for each in result["failures"]] == [
        f"{name}@{DOMAIN}" for name in ("alone", "between", "fallback")
    ]
    assert result["msg"].startswith(
        f"3 of 3 addresses could not be changed: alone@{DOMAIN}: Failed to write to the map"
    )


def add_before(monkeypatch: pytest.MonkeyPatch, table: api.Table, number: int) -> list[str]:
    """Let another operator add an owner to every address before the call of this number; return the calls as made."""
    real = BaseClient._make_api_call
    calls: list[str] = []

    def call(self: Any, name: str, parameters: dict[str, Any]) -> Any:
        calls.append(name)
        if len(calls) == number:
            monkeypatch.setattr(BaseClient, "_make_api_call", real)
            for name_of in ("alone", "between", "fallback"):
                edit_record(table, Edit(f"{name_of}@{DOMAIN}", owner_change=OwnerChange(added=("new@example.org",))))
            monkeypatch.setattr(BaseClient, "_make_api_call", call)
        return real(self, name, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    return calls


def test_an_owner_who_is_added_at_any_point_of_the_run_stays(run_module: RunModule, table: api.Table) -> None:
    """Each run begins with the map as it was; who was added is there at its end."""
    with pytest.MonkeyPatch.context() as patch:
        calls = noted_calls(patch)
        run_module(vended_address_owner.main, **TRANSFER)
    assert calls.count("TransactWriteItems") == 1
    for number in range(1, len(calls) + 1):
        back = OwnerChange(removed=("new@example.org",), replaced=TEAM, replacements=(JANE,))
        for name in ("alone", "between", "fallback"):
            edit_record(table, Edit(f"{name}@{DOMAIN}", owner_change=back))
        with pytest.MonkeyPatch.context() as patch:
            made = add_before(patch, table, number)
            result = run_module(vended_address_owner.main, **TRANSFER)
        assert len(made) >= number
        assert result["failures"] == []
        now = owners(table)
        for name in ("alone", "between", "fallback"):
            everybody = {owner for mailboxes in now[name] for owner in mailboxes}
            assert {"new@example.org", TEAM} <= everybody, f"before call {number}, {made[number - 1]}"
            assert JANE.lower() not in {owner.lower() for owner in everybody}
