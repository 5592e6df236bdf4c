# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module's real main() against moto, one caller at a time; concurrency is tested on local AWS."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from ansible_collections.account_factory.email.plugins.module_utils._dynamodb import to_attributes
from ansible_collections.account_factory.email.plugins.module_utils._map import api
from ansible_collections.account_factory.email.plugins.module_utils._map.changes import Change
from ansible_collections.account_factory.email.plugins.module_utils._owner_group import OwnerGroup
from ansible_collections.account_factory.email.plugins.modules import vended_address
from tests.aws_errors import refuse
from tests.map_table import create_table
from tests.unit.conftest import RunModule

VEND: dict[str, Any] = {
    "table": "map",
    "name_prefix": "App",
    "domain": "accounts.example.com",
    "request_id": "T-1",
    "owners": ["jane@example.org"],
}
# The domains, and the name that keeps the forwarder's own address.
NOTHING = 2
TIMES = ("created_at", "updated_at", "owners_since")


@pytest.fixture
def dynamodb() -> Iterator[Any]:
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-west-1")
        create_table(client)
        for domain in ("accounts.example.com", "other.example.com", "a.example", "b.example"):
            assert api.put_domain(api.Table(client, "map"), domain, f"aws-001@{domain}")
        yield client


def items(dynamodb: Any) -> int:
    return int(dynamodb.scan(TableName="map", Select="COUNT")["Count"])


def timeless(result: dict[str, Any]) -> dict[str, Any]:
    """Return the result without the moments at which it was made."""
    address = {name: value for name, value in result["vended_address"].items() if name not in TIMES}
    return {"changed": result["changed"], "vended_address": address}


@pytest.mark.usefixtures("dynamodb")
def test_vend_in_check_mode_vend_and_again(run_module: RunModule, dynamodb: Any) -> None:
    planned = run_module(vended_address.main, check_mode=True, **VEND)
    assert items(dynamodb) == NOTHING
    vended = run_module(vended_address.main, **VEND)
    assert timeless(planned) == timeless(vended)
    assert vended["changed"]
    assert vended["vended_address"]["address"] == "app-001@accounts.example.com"
    assert vended["vended_address"]["account_name"] == "App-001"
    assert vended["vended_address"]["created_by"].startswith("arn:aws:")
    assert vended["diff"] == {"before": {}, "after": vended["vended_address"]}
    for check_mode in (True, False):
        again = run_module(vended_address.main, check_mode=check_mode, **VEND)
        assert not again["changed"]
        assert again["vended_address"] == vended["vended_address"]
        assert again["diff"]["before"] == again["diff"]["after"]


@pytest.mark.usefixtures("dynamodb")
def test_numbers_go_on_within_a_series_and_across_domains(run_module: RunModule) -> None:
    requests = [("App", "a.example"), ("App", "a.example"), ("app", "b.example"), ("Web", "a.example")]
    addresses = []
    for index, (prefix, domain) in enumerate(requests):
        request = {**VEND, "name_prefix": prefix, "domain": domain, "request_id": f"T-{index}"}
        addresses.append(run_module(vended_address.main, **request)["vended_address"]["address"])
    assert addresses == ["app-001@a.example", "app-002@a.example", "app-003@b.example", "web-001@a.example"]


@pytest.mark.parametrize("taken", ["ADDRESS#app-001@accounts.example.com", "NAME#app-001"], ids=["address", "name"])
def test_a_number_whose_address_or_name_was_given_out_is_passed_over(
    run_module: RunModule, dynamodb: Any, taken: str
) -> None:
    dynamodb.put_item(TableName="map", Item={"pk": {"S": taken}, "status": {"S": "retired"}})
    planned = run_module(vended_address.main, check_mode=True, **VEND)
    vended = run_module(vended_address.main, **VEND)
    assert timeless(planned) == timeless(vended)
    assert vended["vended_address"]["number"] == 2
    assert dynamodb.get_item(TableName="map", Key={"pk": {"S": taken}})["Item"]["status"] == {"S": "retired"}


@pytest.mark.usefixtures("dynamodb")
def test_the_forwarders_own_address_is_never_vended(run_module: RunModule) -> None:
    vended = run_module(vended_address.main, **{**VEND, "name_prefix": "aws"})
    assert vended["vended_address"]["address"] == "aws-002@accounts.example.com"


@pytest.mark.usefixtures("dynamodb")
def test_edit_owners_by_address_in_any_case(run_module: RunModule) -> None:
    vended = run_module(vended_address.main, **VEND)["vended_address"]
    edit: dict[str, Any] = {"table": "map", "address": "APP-001@Accounts.Example.com", "owners": ["joe@example.org"]}
    planned = run_module(vended_address.main, check_mode=True, **edit)
    edited = run_module(vended_address.main, **edit)
    assert timeless(planned) == timeless(edited)
    assert edited["changed"]
    assert edited["diff"]["before"] == vended
    assert edited["vended_address"]["owners"] == ["joe@example.org"]
    assert edited["vended_address"]["version"] == 2
    assert not run_module(vended_address.main, **edit)["changed"]
    assert not run_module(vended_address.main, check_mode=True, **edit)["changed"]


@pytest.mark.usefixtures("dynamodb")
def test_the_request_again_after_an_edit_returns_the_address_and_keeps_the_edit(run_module: RunModule) -> None:
    run_module(vended_address.main, **VEND)
    run_module(vended_address.main, table="map", address="app-001@accounts.example.com", owners=["joe@example.org"])
    again = run_module(vended_address.main, **VEND)
    assert not again["changed"]
    assert again["vended_address"]["owners"] == ["joe@example.org"]


@pytest.mark.usefixtures("dynamodb")
def test_recording_the_account_makes_the_address_active(run_module: RunModule) -> None:
    run_module(vended_address.main, **VEND)
    record: dict[str, Any] = {"table": "map", "address": "app-001@accounts.example.com", "account_id": "123456789012"}
    assert run_module(vended_address.main, **record)["vended_address"]["status"] == "active"
    assert not run_module(vended_address.main, **record)["changed"]
    other = run_module(vended_address.main, **{**record, "account_id": "210987654321"})
    assert "belongs to account 123456789012 for life" in other["msg"]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        pytest.param({"owners": ["jane"]}, "owners[0]: 'jane' is not an email address", id="owner is no address"),
        pytest.param({"owners": ["x@accounts.example.com"]}, "lies in the vended domain", id="owner in the domain"),
        pytest.param({"name_prefix": "R&D"}, "name_prefix: 'R&D' is not a valid beginning", id="prefix"),
        pytest.param({"domain": "typo.example.com"}, "nobody forwards mail of 'typo.example.com'", id="unknown domain"),
        pytest.param({"table": ""}, "table: is not given; name the table", id="empty table"),
        pytest.param({"tags": {"aws:x": "y"}}, "tags: 'aws:x' begins with 'aws:'", id="tag of AWS"),
        pytest.param({"table": "mapp"}, "there is no DynamoDB table 'mapp' in eu-west-1", id="missing table"),
        pytest.param({"request_id": None}, "required by 'name_prefix': request_id", id="no request id"),
        pytest.param({"address": "a@b.example"}, "mutually exclusive", id="both ways at once"),
        pytest.param({"account_id": "123456789012"}, "mutually exclusive", id="account id while vending"),
    ],
)
def test_bad_input_changes_nothing_and_says_why(
    run_module: RunModule, dynamodb: Any, options: dict[str, Any], says: str
) -> None:
    for check_mode in (True, False):
        result = run_module(vended_address.main, check_mode=check_mode, **{**VEND, **options})
        assert result["failed"]
        assert says in result["msg"]
    assert items(dynamodb) == NOTHING


def test_a_request_id_used_for_something_else_changes_nothing(run_module: RunModule, dynamodb: Any) -> None:
    run_module(vended_address.main, **VEND)
    before = items(dynamodb)
    result = run_module(vended_address.main, **{**VEND, "owners": ["mallory@example.org"]})
    assert result["msg"].startswith("request_id: 'T-1' was used for another request, which got app-001@")
    assert items(dynamodb) == before


def test_editing_an_address_that_is_not_in_the_map_makes_none(run_module: RunModule, dynamodb: Any) -> None:
    edit: dict[str, Any] = {"address": "app-01@accounts.example.com", "owners": ["joe@example.org"]}
    result = run_module(vended_address.main, table="map", **edit)
    assert "address: app-01@accounts.example.com is not in the map 'map'" in result["msg"]
    assert items(dynamodb) == NOTHING


@pytest.mark.usefixtures("dynamodb")
def test_an_owner_may_not_lie_in_any_vended_domain(run_module: RunModule) -> None:
    result = run_module(vended_address.main, **{**VEND, "owners": ["app-001@other.example.com"]})
    assert "lies in the vended domain 'other.example.com'" in result["msg"]


@pytest.mark.usefixtures("dynamodb")
def test_an_empty_address_is_no_reason_to_vend(run_module: RunModule) -> None:
    result = run_module(vended_address.main, table="map", address="", owners=["jane@example.org"])
    assert result["msg"].startswith("address: '' is not an email address")


@pytest.mark.parametrize("operation", ["BatchGetItem", "UpdateItem", "TransactWriteItems"])
@pytest.mark.usefixtures("dynamodb")
def test_throttled_then_fine(run_module: RunModule, monkeypatch: pytest.MonkeyPatch, operation: str) -> None:
    calls = refuse(monkeypatch, operation, "ThrottlingException", times=1)
    assert run_module(vended_address.main, **VEND)["changed"]
    assert calls.count(operation) > 1


@pytest.mark.usefixtures("dynamodb")
def test_an_answer_lost_after_the_write_still_counts_as_ours(
    run_module: RunModule, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(monkeypatch, "TransactWriteItems", "InternalServerError", times=1, after=True)
    result = run_module(vended_address.main, **VEND)
    assert result["changed"]
    assert result["vended_address"]["number"] == 1


@pytest.mark.usefixtures("dynamodb")
def test_an_edit_whose_answer_is_lost_still_counts_as_ours(
    run_module: RunModule, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_module(vended_address.main, **VEND)
    refuse(monkeypatch, "TransactWriteItems", "InternalServerError", times=1, after=True)
    edit: dict[str, Any] = {"address": "app-001@accounts.example.com", "owners": ["joe@example.org"]}
    result = run_module(vended_address.main, table="map", **edit)
    assert result["changed"]
    assert result["vended_address"]["version"] == 2


@pytest.mark.usefixtures("dynamodb")
def test_who_is_calling_cannot_be_found_out(run_module: RunModule, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse(monkeypatch, "GetCallerIdentity", "ExpiredToken", times=1)
    result = run_module(vended_address.main, **VEND)
    assert result["msg"].startswith("Failed to find out who is calling (sts:GetCallerIdentity): An error occurred")
    assert "sign in again" in result["msg"]


def test_denied_says_what_and_changes_nothing(
    run_module: RunModule, monkeypatch: pytest.MonkeyPatch, dynamodb: Any
) -> None:
    refuse(monkeypatch, "TransactWriteItems", "AccessDeniedException", times=1)
    result = run_module(vended_address.main, **VEND)
    assert result["msg"].startswith("Failed to write to the map: An error occurred")
    assert "permission" in result["msg"]
    assert result["error"]["code"] == "AccessDeniedException"
    assert "Item" not in dynamodb.get_item(TableName="map", Key={"pk": {"S": "ADDRESS#app-001@accounts.example.com"}})


def let_someone_be_faster(monkeypatch: pytest.MonkeyPatch, other_edit: dict[str, Any]) -> None:
    """Change the same address just before the next write."""
    real = api.write

    def someone_is_faster(table: api.Table, changes: list[Change]) -> list[str | None]:
        monkeypatch.setattr(api, "write", real)
        current = api.get_record(table, changes[0].after.address)
        assert current
        changed = replace(current, **other_edit, version=current.version + 1, updated_by="arn:eve")
        assert real(table, [Change(current, changed)]) == [None]
        return real(table, changes)

    monkeypatch.setattr(api, "write", someone_is_faster)


@pytest.mark.parametrize(
    ("other_edit", "outcome"),
    [
        pytest.param({"account_type": "prod"}, "both", id="another field: both edits stay"),
        pytest.param({"owners": ("eve@example.org",)}, "told", id="the same field: the second is told"),
        pytest.param({"owners": ("joe@example.org",)}, "agreed", id="the same field to the same value: nothing to do"),
    ],
)
@pytest.mark.usefixtures("dynamodb")
def test_two_people_edit_at_once(
    run_module: RunModule, monkeypatch: pytest.MonkeyPatch, other_edit: dict[str, Any], outcome: str
) -> None:
    run_module(vended_address.main, **VEND)
    let_someone_be_faster(monkeypatch, other_edit)
    result = run_module(
        vended_address.main, table="map", address="app-001@accounts.example.com", owners=["joe@example.org"]
    )
    if outcome == "told":
        assert "was changed by arn:eve" in result["msg"]
    else:
        assert result["changed"] == (outcome == "both")
        assert result["vended_address"]["owners"] == ["joe@example.org"]
        assert result["vended_address"]["account_type"] == other_edit.get("account_type")


@pytest.mark.usefixtures("dynamodb")
def test_what_running_again_would_not_help_is_told_before_being_too_late(
    run_module: RunModule, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = run_module(vended_address.main, **{**VEND, "request_id": "T-other"})["vended_address"]["address"]
    run_module(vended_address.main, table="map", address=theirs, account_id="222222222222")
    mine = run_module(vended_address.main, **VEND)["vended_address"]["address"]
    let_someone_be_faster(monkeypatch, {"owners": ("eve@example.org",)})
    edit: dict[str, Any] = {"address": mine, "owners": ["joe@example.org"], "account_id": "222222222222"}
    result = run_module(vended_address.main, table="map", **edit)
    assert result["msg"] == f"account_id: account 222222222222 has {theirs}; an account has one address"


EXACT: dict[str, Any] = {
    "table": "map",
    "account_name": "Log-Archive",
    "domain": "accounts.example.com",
    "owners": ["jane@example.org"],
}
ARCHIVE: dict[str, Any] = {"table": "map", "address": "log-archive@accounts.example.com"}


@pytest.mark.parametrize(
    "request_id", [pytest.param({}, id="by its name"), pytest.param({"request_id": "T-9"}, id="by its request id")]
)
@pytest.mark.usefixtures("dynamodb")
def test_an_exact_name_in_check_mode_for_real_and_again(run_module: RunModule, request_id: dict[str, str]) -> None:
    options = {**EXACT, **request_id}
    planned = run_module(vended_address.main, check_mode=True, **options)
    vended = run_module(vended_address.main, **options)
    assert timeless(planned) == timeless(vended)
    assert vended["vended_address"]["address"] == ARCHIVE["address"]
    for check_mode in (True, False):
        again = run_module(vended_address.main, check_mode=check_mode, **options)
        assert not again["changed"]
        assert again["vended_address"] == vended["vended_address"]


@pytest.mark.parametrize(
    ("other", "says"),
    [
        pytest.param({"owners": ["eve@example.org"]}, "account_name: 'Log-Archive' is vended already", id="owners"),
        pytest.param({"request_id": "T-2"}, "local_part: log-archive@accounts.example.com is active", id="request id"),
        pytest.param({"account_name": "LOG-ARCHIVE", "local_part": "x"}, "local_part was 'log-archive'", id="name"),
        pytest.param(
            {"account_name": "Other", "local_part": "Log-Archive"}, "local_part: log-archive@", id="local part"
        ),
        pytest.param({"account_name": "Tag", "local_part": "log-archive+x"}, "leave out the '+'", id="tag of another"),
        pytest.param({"account_name": "Mail", "local_part": "aws-001"}, "is the forwarder's own", id="forwarder's own"),
        pytest.param({"account_name": "a", "account_id": "123456789012"}, "account_id: account 1234", id="account id"),
    ],
)
def test_what_was_vended_is_not_vended_again(
    run_module: RunModule, dynamodb: Any, other: dict[str, Any], says: str
) -> None:
    run_module(vended_address.main, **EXACT, account_id="123456789012")
    before = items(dynamodb)
    for check_mode in (True, False):
        options = {**EXACT, "account_id": "123456789012", **other}
        assert says in run_module(vended_address.main, check_mode=check_mode, **options)["msg"]
    assert items(dynamodb) == before


@pytest.mark.usefixtures("dynamodb")
def test_retire_in_check_mode_for_real_and_again(run_module: RunModule) -> None:
    vended = run_module(vended_address.main, **EXACT)["vended_address"]
    planned = run_module(vended_address.main, check_mode=True, **ARCHIVE, state="absent")
    retired = run_module(vended_address.main, **ARCHIVE, state="absent")
    assert timeless(planned) == timeless(retired)
    assert (retired["vended_address"]["status"], retired["vended_address"]["owners"]) == ("retired", vended["owners"])
    assert retired["diff"]["before"] == vended
    for check_mode in (True, False):
        assert not run_module(vended_address.main, check_mode=check_mode, **ARCHIVE, state="absent")["changed"]


@pytest.mark.parametrize(
    ("route", "says"),
    [
        pytest.param(EXACT, "which is retired and never vended again", id="its own request"),
        pytest.param({**EXACT, "request_id": "T-2"}, "is retired already and is never vended again", id="exact name"),
        pytest.param(
            {**EXACT, "account_name": "x", "local_part": "log-archive"}, "is retired already", id="exact local part"
        ),
        pytest.param(
            {**EXACT, "account_name": "Log-Archive", "local_part": "x"},
            "is vended already, as log-archive@",
            id="exact name, other",
        ),
        pytest.param({**ARCHIVE, "owners": ["eve@example.org"]}, "Set restore to bring it back", id="edit"),
        pytest.param({**ARCHIVE, "restore": True}, "belongs to an account for life; name it", id="restore, no account"),
        pytest.param(
            {**ARCHIVE, "restore": True, "account_id": "210987654321"}, "for life", id="restore for another account"
        ),
    ],
)
def test_a_retired_address_is_never_given_to_anybody_else(
    run_module: RunModule, dynamodb: Any, route: dict[str, Any], says: str
) -> None:
    run_module(vended_address.main, **EXACT)
    run_module(vended_address.main, **ARCHIVE, account_id="123456789012")
    run_module(vended_address.main, **ARCHIVE, state="absent")
    before = items(dynamodb)
    for check_mode in (True, False):
        result = run_module(vended_address.main, check_mode=check_mode, **route)
        assert result["failed"]
        assert says in result["msg"]
    assert items(dynamodb) == before
    back = run_module(vended_address.main, **ARCHIVE, restore=True, account_id="123456789012")
    assert (back["changed"], back["vended_address"]["status"]) == (True, "active")
    assert not run_module(vended_address.main, **ARCHIVE, restore=True, account_id="123456789012")["changed"]


@pytest.mark.usefixtures("dynamodb")
def test_a_retired_number_of_a_series_stays_a_gap(run_module: RunModule) -> None:
    run_module(vended_address.main, **VEND)
    run_module(vended_address.main, table="map", address="app-001@accounts.example.com", state="absent")
    assert "which is retired and never vended again" in run_module(vended_address.main, **VEND)["msg"]
    assert run_module(vended_address.main, **{**VEND, "request_id": "T-2"})["vended_address"]["number"] == 2


@pytest.mark.usefixtures("dynamodb")
def test_an_account_has_one_address(run_module: RunModule) -> None:
    run_module(vended_address.main, **VEND)
    run_module(vended_address.main, **EXACT, account_id="123456789012")
    for check_mode in (True, False):
        second: dict[str, Any] = {"address": "app-001@accounts.example.com", "account_id": "123456789012"}
        result = run_module(vended_address.main, check_mode=check_mode, table="map", **second)
        assert result["msg"].startswith("account_id: account 123456789012 has log-archive@accounts.example.com")


@pytest.mark.usefixtures("dynamodb")
def test_suspend_and_take_up_again(run_module: RunModule) -> None:
    run_module(vended_address.main, **EXACT)
    for forwarding in (False, True):
        for check_mode, changed in ((True, True), (False, True), (True, False), (False, False)):
            result = run_module(vended_address.main, check_mode=check_mode, **ARCHIVE, forwarding=forwarding)
            assert (result["changed"], result["vended_address"]["forwarding"]) == (changed, forwarding)


@pytest.mark.parametrize(
    ("again", "calls"),
    [
        pytest.param(False, ["BatchGetItem", "GetCallerIdentity", "UpdateItem", "TransactWriteItems"], id="new"),
        pytest.param(True, ["BatchGetItem", "BatchGetItem"], id="again"),
    ],
)
@pytest.mark.usefixtures("dynamodb")
def test_the_round_trips_of_a_vend(
    run_module: RunModule, monkeypatch: pytest.MonkeyPatch, again: bool, calls: list[str]
) -> None:
    if again:
        run_module(vended_address.main, **VEND)
    made = refuse(monkeypatch, "", "", times=0)
    run_module(vended_address.main, **VEND)
    assert made == calls


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"add_owners": ["joe@example.org"]}, id="add"),
        pytest.param({"replace_owner": {"old": "Jane@example.org", "new": ["joe@example.org"]}}, id="replace"),
        pytest.param({"remove_owners": ["jane@example.org"]}, id="remove"),
    ],
)
@pytest.mark.usefixtures("dynamodb")
def test_owners_whom_another_adds_meanwhile_stay(
    run_module: RunModule, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any]
) -> None:
    run_module(vended_address.main, **{**VEND, "owners": ["jane@example.org", "ann@example.org"]})
    let_someone_be_faster(monkeypatch, {"owners": ("jane@example.org", "ann@example.org", "auditor@example.org")})
    done = run_module(vended_address.main, table="map", address="app-001@accounts.example.com", **change)
    assert "auditor@example.org" in done["vended_address"]["owners"]
    assert "ann@example.org" in done["vended_address"]["owners"]
    assert ("jane@example.org" in done["vended_address"]["owners"]) == ("add_owners" in change)
    assert not run_module(vended_address.main, table="map", address="app-001@accounts.example.com", **change)["changed"]


@pytest.mark.usefixtures("dynamodb")
def test_fallback_owners_are_part_of_the_request_and_edited(run_module: RunModule) -> None:
    options = {**VEND, "fallback_owners": ["Team@example.org"]}
    vended = run_module(vended_address.main, **options)["vended_address"]
    assert vended["fallback_owners"] == ["Team@example.org"]
    assert not run_module(vended_address.main, **options)["changed"]
    assert "fallback_owners was" in run_module(vended_address.main, **VEND)["msg"]
    edited = run_module(vended_address.main, table="map", address=vended["address"], fallback_owners=[])
    assert edited["vended_address"]["fallback_owners"] == []
    assert not run_module(vended_address.main, **VEND)["changed"]


GROUP = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({**VEND, "owners": None, "owner_groups": [GROUP]}, id="next of a series"),
        pytest.param(
            {"table": "map", "domain": "accounts.example.com", "account_name": "app", "owner_groups": [GROUP]},
            id="by name",
        ),
    ],
)
def test_a_group_of_owners_has_to_be_known_before_an_address_names_it(
    run_module: RunModule, dynamodb: Any, options: dict[str, Any]
) -> None:
    refused = run_module(vended_address.main, **options)
    assert refused["msg"].startswith(f"owner_groups[0]: the map does not know the members of the group {GROUP} yet.")
    assert refused["msg"].endswith(
        f": ansible-playbook account_factory.email.sync_owners -e account_factory_owner_groups={GROUP}"
    )
    item = OwnerGroup(GROUP, "Leads", ("jane@example.org",)).to_item()
    dynamodb.put_item(TableName="map", Item=to_attributes(item))
    planned = run_module(vended_address.main, check_mode=True, **options)
    vended = run_module(vended_address.main, **options)
    assert vended["vended_address"]["owner_groups"] == planned["vended_address"]["owner_groups"] == [GROUP]
    assert not run_module(vended_address.main, **options)["changed"]
    other = {
        "table": "map",
        "address": vended["vended_address"]["address"],
        "owner_groups": [GROUP.replace("0f", "1f")],
    }
    assert "owner_groups[0]: the map does not know" in run_module(vended_address.main, **other)["msg"]
    # What an address names already is no question of its next edit.
    dynamodb.delete_item(TableName="map", Key={"pk": {"S": f"GROUP#{GROUP}"}})
    edit = {**other, "owner_groups": [GROUP], "account_type": "prod"}
    assert run_module(vended_address.main, **edit)["changed"]


@pytest.mark.usefixtures("dynamodb")
def test_contacts_are_part_of_the_request_and_edited_kind_by_kind(run_module: RunModule) -> None:
    options = {**VEND, "contacts": {"billing": ["Fin@example.org"], "security": ["soc@example.org"]}}
    assert run_module(vended_address.main, check_mode=True, **options)["vended_address"]["contacts"]
    vended = run_module(vended_address.main, **options)["vended_address"]
    assert vended["contacts"] == {"billing": ["Fin@example.org"], "security": ["soc@example.org"]}
    # Kinds that are not named are not touched, so that a request without them is the same.
    for same in (options, VEND, {**VEND, "contacts": {"security": ["SOC@example.org"]}}):
        assert not run_module(vended_address.main, **same)["changed"]
    other = {**VEND, "contacts": {"billing": ["Fin@example.org"], "security": []}}
    assert "contacts.security was ['soc@example.org'] and is [] here" in run_module(vended_address.main, **other)["msg"]
    by_address = {"table": "map", "address": vended["address"]}
    edited = run_module(vended_address.main, **by_address, contacts={"billing": []})
    assert edited["vended_address"]["contacts"] == {"security": ["soc@example.org"]}
    # What was asked for at first is the same request, and edits that it does not know of stay.
    assert not run_module(vended_address.main, **options)["changed"]
    applied = run_module(vended_address.main, **other, on_change="apply")["vended_address"]
    assert applied["contacts"] == {}
    assert "contacts" in run_module(vended_address.main, **by_address, contacts={"legal": []})["msg"]


@pytest.mark.usefixtures("dynamodb")
def test_a_request_from_before_there_were_fallback_owners_is_known_again(run_module: RunModule, dynamodb: Any) -> None:
    run_module(vended_address.main, **VEND)
    key = {"pk": {"S": "REQUEST#T-1"}}
    dynamodb.update_item(TableName="map", Key=key, UpdateExpression="REMOVE asked.fallback_owners, asked.contacts")
    assert not run_module(vended_address.main, **VEND)["changed"]
