# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module's real main() against moto's Identity Store and DynamoDB."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from moto import mock_aws

from ansible_collections.account_factory.email.plugins.module_utils._dynamodb import from_attributes, to_attributes
from ansible_collections.account_factory.email.plugins.module_utils._identity_center import api as directory_api
from ansible_collections.account_factory.email.plugins.module_utils._identity_center import groups
from ansible_collections.account_factory.email.plugins.module_utils._map import api
from ansible_collections.account_factory.email.plugins.module_utils._owner_group import OwnerGroup
from ansible_collections.account_factory.email.plugins.module_utils._record import AddressRecord
from ansible_collections.account_factory.email.plugins.modules import identity_center_groups
from tests.aws_errors import aws_error, noted_calls, refuse
from tests.map_table import create_table
from tests.unit.conftest import RunModule

STORE = "d-1234567890"
SYNC: dict[str, Any] = {"table": "map", "identity_store_id": STORE}
UNKNOWN = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"


@dataclass
class World:
    """An identity store and a map."""

    store: Any
    dynamodb: Any

    def group(self, name: str, *users: str) -> str:
        group_id = str(self.store.create_group(IdentityStoreId=STORE, DisplayName=name)["GroupId"])
        for user in users:
            self.join(group_id, user)
        return group_id

    def join(self, group_id: str, name: str) -> None:
        self.store.create_group_membership(
            IdentityStoreId=STORE, GroupId=group_id, MemberId={"UserId": self.user(name)}
        )

    def user(self, name: str) -> str:
        wanted = {"UniqueAttribute": {"AttributePath": "userName", "AttributeValue": name}}
        try:
            return str(self.store.get_user_id(IdentityStoreId=STORE, AlternateIdentifier=wanted)["UserId"])
        except self.store.exceptions.ResourceNotFoundException:
            emails = [{"Value": f"{name}@example.org", "Type": "work", "Primary": True}]
            more = {"DisplayName": name, "Name": {"FamilyName": name, "GivenName": name}}
            return str(self.store.create_user(IdentityStoreId=STORE, UserName=name, Emails=emails, **more)["UserId"])

    def leave(self, group_id: str, *names: str) -> None:
        for name in names:
            member = {"IdentityStoreId": STORE, "GroupId": group_id, "MemberId": {"UserId": self.user(name)}}
            membership = self.store.get_group_membership_id(**member)["MembershipId"]
            self.store.delete_group_membership(IdentityStoreId=STORE, MembershipId=membership)

    def vend(self, name: str, *owner_groups: str, **changes: Any) -> str:
        record = AddressRecord(f"{name}@accounts.example.com", name, "accounts.example.com", ())
        record = replace(record, owner_groups=owner_groups, **changes)
        self.dynamodb.put_item(TableName="map", Item=to_attributes(record.to_item()))
        return record.address

    def groups(self) -> dict[str, OwnerGroup]:
        items = map(from_attributes, self.dynamodb.scan(TableName="map")["Items"])
        return {item["group_id"]: OwnerGroup.from_item(item) for item in items if str(item["pk"]).startswith("GROUP#")}

    def mailboxes(self, group_id: str) -> list[str]:
        return [mailbox.partition("@")[0] for mailbox in self.groups()[group_id].mailboxes]


@pytest.fixture
def world() -> Iterator[World]:
    with mock_aws():
        dynamodb = boto3.client("dynamodb", region_name="eu-west-1")
        create_table(dynamodb)
        assert api.put_domain(api.Table(dynamodb, "map"), "accounts.example.com", "aws@accounts.example.com")
        yield World(boto3.client("identitystore", region_name="eu-west-1"), dynamodb)


def timeless(result: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in result.items() if name not in ("invocation", "diff")}


def test_in_check_mode_for_real_and_again(run_module: RunModule, world: World) -> None:
    group_id = world.group("Leads", "ann", "bob")
    address = world.vend("one", group_id)
    options = {**SYNC, "groups": [group_id.upper()], "_ansible_diff": True}
    planned = run_module(identity_center_groups.main, check_mode=True, **options)
    assert world.groups() == {}
    done = run_module(identity_center_groups.main, **options)
    assert timeless(planned) == timeless(done)
    assert done["changed"]
    assert done["diff"]["before"] == {}
    assert done["diff"]["after"][group_id]["mailboxes"] == ["ann@example.org", "bob@example.org"]
    joined = ["ann@example.org", "bob@example.org"]
    assert done["addresses"] == [{"address": address, "joins": joined, "leaves": []}]
    assert world.mailboxes(group_id) == ["ann", "bob"]
    again = run_module(identity_center_groups.main, **SYNC)
    assert (again["changed"], again["addresses"], again["failures"]) == (False, [], [])


def test_a_group_that_an_address_names_and_a_group_of_the_map_need_not_be_given(
    run_module: RunModule, world: World
) -> None:
    named, kept = world.group("Named", "ann"), world.group("Kept", "bob")
    world.vend("one", named)
    world.vend("gone", world.group("Of a retired one", "eve"), status="retired")
    run_module(identity_center_groups.main, **SYNC, groups=[kept])
    assert world.groups().keys() == {named, kept}
    world.join(kept, "ann")
    done = run_module(identity_center_groups.main, **SYNC)
    assert [one["joined"] for one in done["identity_center_groups"] if one["joined"]] == [["ann@example.org"]]


def test_what_looks_like_an_accident_fails_and_the_rest_is_done(run_module: RunModule, world: World) -> None:
    lost, fine = world.group("Leads", "ann", "bob"), world.group("Ops", "ann")
    address = world.vend("one", lost)
    run_module(identity_center_groups.main, **SYNC, groups=[lost, fine])
    world.leave(lost, "ann", "bob")
    world.join(fine, "eve")
    planned = run_module(identity_center_groups.main, check_mode=True, **SYNC)
    done = run_module(identity_center_groups.main, **SYNC)
    assert (planned["failed"], done["failed"], done["changed"]) == (True, True, True)
    assert done["msg"].startswith(f"1 of 2 groups were not taken over: the group Leads ({lost}) has no member")
    assert [one["refused"] for one in done["failures"]] == ["emptied"]
    assert (world.mailboxes(lost), world.mailboxes(fine)) == (["ann", "bob"], ["ann", "eve"])
    assert world.groups()[lost].refused_at
    again = run_module(identity_center_groups.main, **SYNC)
    assert (again["failed"], again["changed"]) == (True, False)
    accepted = run_module(identity_center_groups.main, **SYNC, accept=[lost])
    assert (accepted["failed"], accepted["changed"], world.mailboxes(lost)) == (False, True, [])
    leaves = ["ann@example.org", "bob@example.org"]
    assert accepted["addresses"] == [{"address": address, "joins": [], "leaves": leaves}]


def test_a_group_that_nobody_names_goes_only_where_that_is_asked_for(run_module: RunModule, world: World) -> None:
    unnamed, named = world.group("Old", "ann"), world.group("New", "bob")
    world.vend("one", named)
    run_module(identity_center_groups.main, **SYNC, groups=[unnamed])
    assert run_module(identity_center_groups.main, **SYNC)["purged"] == []
    planned = run_module(identity_center_groups.main, check_mode=True, purge=True, **SYNC)
    assert (planned["purged"], planned["changed"], {*world.groups()}) == ([unnamed], True, {unnamed, named})
    # What is asked for is not removed in the same breath.
    assert run_module(identity_center_groups.main, purge=True, groups=[unnamed], **SYNC)["purged"] == []
    done = run_module(identity_center_groups.main, purge=True, **SYNC)
    assert (done["purged"], done["changed"], {*world.groups()}) == ([unnamed], True, {named})
    assert not run_module(identity_center_groups.main, purge=True, **SYNC)["changed"]


def test_a_group_that_is_named_while_it_is_removed_stays(
    run_module: RunModule, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    group_id = world.group("Leads", "ann")
    run_module(identity_center_groups.main, **SYNC, groups=[group_id])
    real = groups.delete_group

    def delete(*args: Any) -> bool:
        world.vend("late", group_id)
        return real(*args)

    monkeypatch.setattr(groups, "delete_group", delete)
    assert run_module(identity_center_groups.main, purge=True, **SYNC)["purged"] == []
    assert world.mailboxes(group_id) == ["ann"]


def test_nothing_older_overwrites_what_another_run_wrote(
    run_module: RunModule, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    group_id = world.group("Leads", "ann", "bob")
    run_module(identity_center_groups.main, **SYNC, groups=[group_id])
    world.join(group_id, "eve")
    real: Callable[..., bool] = groups.put_group
    written: list[OwnerGroup] = []

    def put(table: Any, group: OwnerGroup, before: OwnerGroup | None) -> bool:
        if not written:
            # Joe joins and another run takes it over, between this one's look at the directory and its write.
            world.join(group_id, "joe")
            newer = replace(group, mailboxes=(*group.mailboxes, "joe@example.org"), version=group.version)
            written.append(newer)
            assert real(table, newer, before)
        return real(table, group, before)

    monkeypatch.setattr(groups, "put_group", put)
    assert not run_module(identity_center_groups.main, **SYNC)["failed"]
    assert world.mailboxes(group_id) == ["ann", "bob", "eve", "joe"]


def calls_of(run_module: RunModule, world: World, monkeypatch: pytest.MonkeyPatch) -> int:
    with monkeypatch.context() as patch:
        noted = noted_calls(patch)
        run_module(identity_center_groups.main, check_mode=False, **SYNC)
    assert world.groups()
    return len(noted)


def test_a_run_that_is_cut_off_leaves_every_group_whole_and_the_next_ends_the_same(
    run_module: RunModule, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [world.group(name, "ann", "bob") for name in ("a", "b", "c")]
    run_module(identity_center_groups.main, **SYNC, groups=ids)
    table = {item["pk"]["S"]: item for item in world.dynamodb.scan(TableName="map")["Items"]}
    for group_id in ids:
        world.leave(group_id, "bob")
        world.join(group_id, "eve")
    total = calls_of(run_module, world, monkeypatch)
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    for killed_at in range(1, total + 1):
        for item in table.values():
            world.dynamodb.put_item(TableName="map", Item=item)
        with monkeypatch.context() as patch:
            kill_after(patch, killed_at)
            with pytest.raises(KeyboardInterrupt):
                run_module(identity_center_groups.main, **SYNC)
        assert {tuple(world.mailboxes(one)) for one in ids} <= {("ann", "bob"), ("ann", "eve")}
        assert not run_module(identity_center_groups.main, **SYNC)["failed"]
        assert [world.mailboxes(one) for one in ids] == [["ann", "eve"]] * 3


def kill_after(patch: pytest.MonkeyPatch, number: int) -> None:
    """Let the run end at once after so many calls had their effect."""
    real, made = BaseClient._make_api_call, []

    def call(self: Any, name: str, parameters: dict[str, Any]) -> Any:
        answer = real(self, name, parameters)
        made.append(name)
        if len(made) == number:
            raise KeyboardInterrupt
        return answer

    patch.setattr(BaseClient, "_make_api_call", call)


def test_few_groups_are_asked_for_one_by_one_and_many_by_their_lists(
    run_module: RunModule, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = [world.group(f"few{number}", "ann", "bob") for number in range(2)]
    noted = noted_calls(monkeypatch)
    run_module(identity_center_groups.main, **SYNC, groups=few)
    assert [name for name in noted if name in ("ListGroups", "ListUsers")] == []
    assert (noted.count("DescribeGroup"), noted.count("DescribeUser")) == (2, 2)
    many = [world.group(f"many{number}", f"user{number}") for number in range(20)]
    noted.clear()
    run_module(identity_center_groups.main, **SYNC, groups=many)
    assert (noted.count("ListGroups"), noted.count("ListUsers"), noted.count("ListGroupMemberships")) == (1, 1, 22)
    assert noted.count("DescribeGroup") == noted.count("DescribeUser") == 0


@pytest.mark.parametrize(
    ("options", "says"),
    [
        pytest.param({"groups": ["Leads"]}, "groups[0]: 'Leads' is not the id of a group", id="a name"),
        pytest.param({"accept": [UNKNOWN]}, f"accept: {UNKNOWN} is no group of the map", id="accept"),
        pytest.param({"max_loss_percent": 101}, "max_loss_percent: 101 is no share", id="percent"),
        pytest.param({"identity_store_id": "x"}, "identity_store_id: 'x' is not the id", id="store"),
        pytest.param({"identity_center_external_id": "x"}, "identity_center_external_id: is for a role", id="side"),
        pytest.param(
            {"identity_store_id": None, "identity_center_region": "eu-north-1"},
            "identity_center_region: IAM Identity Center has no instance in eu-north-1",
            id="no instance",
        ),
        pytest.param({"groups": [UNKNOWN]}, "is not in this identity store", id="no such group"),
    ],
)
@pytest.mark.usefixtures("world")
def test_it_says_what_cannot_be(
    run_module: RunModule, world: World, options: dict[str, Any], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory_api, "list_instances", _no_instance_elsewhere(directory_api.list_instances))
    refused = run_module(identity_center_groups.main, **{**SYNC, **options})
    assert says in refused["msg"]
    assert world.groups() == {}


def _no_instance_elsewhere(real: Callable[[Any], list[Any]]) -> Callable[[Any], list[Any]]:
    """Return the list of instances, of which there is one in one Region: moto has one in every Region."""
    return lambda sso_admin: [] if sso_admin.meta.region_name == "eu-north-1" else real(sso_admin)


def test_the_only_instance_is_found(run_module: RunModule, world: World) -> None:
    store = boto3.client("sso-admin", region_name="eu-west-1").list_instances()["Instances"][0]["IdentityStoreId"]
    world.vend("one", UNKNOWN)
    found = run_module(identity_center_groups.main, table="map")
    assert [one["refused"] for one in found["failures"]] == ["deleted"]
    assert store.startswith("d-")


def test_throttling_is_waited_out_and_denied_access_is_told(
    run_module: RunModule, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    group_id = world.group("Leads", "ann")
    with monkeypatch.context() as patch:
        refuse(patch, "ListGroupMemberships", "ThrottlingException", times=3)
        assert run_module(identity_center_groups.main, **SYNC, groups=[group_id])["changed"]
    with monkeypatch.context() as patch:
        refuse(patch, "DescribeGroup", "AccessDeniedException")
        denied = run_module(identity_center_groups.main, **SYNC)
    assert denied["msg"].startswith(f"Failed to read the group {group_id} of IAM Identity Center")
    assert "identity_center_role_arn" in denied["msg"]
    assert aws_error("AccessDeniedException", "DescribeGroup").response["Error"]["Code"] == denied["error"]["code"]
