# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""account_root_credentials and its info twin: their real main(), botocore and all, against local AWS's root users."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from ansible_collections.account_factory.email.plugins.module_utils._dynamodb import to_attributes
from ansible_collections.account_factory.email.plugins.module_utils._failing_mailbox import (
    FailingMailbox,
    FailingReason,
)
from ansible_collections.account_factory.email.plugins.module_utils._owner_group import OwnerGroup
from ansible_collections.account_factory.email.plugins.module_utils._root_access import notes
from ansible_collections.account_factory.email.plugins.module_utils._root_recovery import RECOVERIES_KEY, Recovery
from ansible_collections.account_factory.email.plugins.module_utils._times import utc_text
from ansible_collections.account_factory.email.plugins.modules import (
    account_root_credentials,
    account_root_credentials_info,
)
from tests.local_aws.root_access import RootUser
from tests.map_table import create_table
from tests.map_work import edit_of, edit_record
from tests.unit.modules.root_world import CALLER, DOMAIN, EPOCH, MASTER, TABLE, World, root_world

MODULE, INFO = account_root_credentials.main, account_root_credentials_info.main
AUDIT = ["AssumeRoot", "GetLoginProfile", "ListAccessKeys", "ListMFADevices", "ListSigningCertificates"]
OPENS = ["AssumeRoot", "CreateLoginProfile"]


@pytest.fixture(name="world")
def _world() -> Iterator[World]:
    with root_world() as world:
        yield world


def opened(account_id: str, /, **options: Any) -> dict[str, Any]:
    given = {"account_id": account_id, "confirm_account_id": account_id, "state": "recoverable", "table": TABLE}
    reason = {"reason": "TICKET-4711"} if options.get("state", "recoverable") == "recoverable" else {}
    return {**given, **reason, **options}


def absent(account_id: str, /, **options: Any) -> dict[str, Any]:
    return opened(account_id, state="absent", **options)


def note(account_id: str, closes_in: timedelta = timedelta(hours=1)) -> Recovery:
    now = datetime.now(UTC)
    times = {"opened_at": utc_text(now - timedelta(hours=1)), "closes_at": utc_text(now + closes_in)}
    return Recovery(account_id, f"payments@{DOMAIN}", opened_by=CALLER, reason="TICKET-1", **times)


def put(world: World, one: Recovery) -> None:
    assert notes.put_note(world.table, one, None)


def test_a_recovery_is_opened_once_and_closed_once(run_module: Any, world: World) -> None:
    account_id = world.account("payments")
    predicted = run_module(MODULE, check_mode=True, **opened(account_id))
    assert [name for name in world.calls if name != "GetCallerIdentity"] == AUDIT
    assert not world.root.may_reset_password(account_id)
    changed = run_module(MODULE, **opened(account_id))
    assert changed["changed"]
    assert world.root.may_reset_password(account_id)
    found = changed["root_credentials"]
    assert found["is_present"]
    assert found["recovery"]["opened_by"] == CALLER
    assert found["recovery"]["reason"] == "TICKET-4711"
    assert {**found, "recovery": None, "password_created_at": None} == {
        **predicted["root_credentials"],
        "recovery": None,
        "password_created_at": None,
    }
    assert changed["diff"]["before"]["recovery"] is None
    for check_mode in (True, False):
        again = run_module(MODULE, check_mode=check_mode, **opened(account_id))
        assert not again["changed"]
        assert again["root_credentials"] == found
    predicted = run_module(MODULE, check_mode=True, **absent(account_id))
    assert world.root.may_reset_password(account_id)
    closed = run_module(MODULE, **absent(account_id))
    assert closed == predicted
    assert closed["changed"]
    assert not closed["root_credentials"]["is_present"]
    assert closed["root_credentials"]["recovery"] is None
    assert not world.root.may_reset_password(account_id)
    for check_mode in (True, False):
        assert not run_module(MODULE, check_mode=check_mode, **absent(account_id))["changed"]


def test_all_credentials_go_whoever_made_them(run_module: Any, world: World) -> None:
    account_id = world.account("payments")
    user = world.user(account_id)
    user.password_created_at = EPOCH
    user.access_keys = {"AKIAIOSFODNN7EXAMPLE": EPOCH, "AKIAI44QH8DHBEXAMPLE": EPOCH}
    user.mfa_devices, user.signing_certificates = (
        {"arn:aws:iam::1:mfa/a": EPOCH},
        {"TA7SMP42TDN5Z26OBPJE7EXAMPLE": EPOCH},
    )
    done = run_module(MODULE, **absent(account_id))
    assert done["diff"]["before"]["access_keys"] == [
        {"id": "AKIAI44QH8DHBEXAMPLE", "created_at": "2026-09-21T14:13:20Z"},
        {"id": "AKIAIOSFODNN7EXAMPLE", "created_at": "2026-09-21T14:13:20Z"},
    ]
    assert user == RootUser()
    assert [name for name in world.calls if name.startswith("De")] == [
        *("DeleteLoginProfile", "DeleteAccessKey", "DeleteAccessKey", "DeleteSigningCertificate", "DeactivateMFADevice")
    ]


def test_a_password_that_was_there_is_neither_noted_nor_closed(run_module: Any, world: World) -> None:
    account_id = world.account("payments")
    world.user(account_id).password_created_at = EPOCH
    found = run_module(MODULE, **opened(account_id))
    assert not found["changed"]
    assert found["root_credentials"]["recovery"] is None
    assert notes.open_recoveries(world.table) == {}


def test_a_recovery_whose_time_is_over_is_opened_anew(run_module: Any, world: World) -> None:
    account_id = world.account("payments")
    world.user(account_id).password_created_at = EPOCH
    put(world, note(account_id, timedelta(hours=-1)))
    found = run_module(MODULE, **opened(account_id))
    assert found["changed"]
    assert found["root_credentials"]["recovery"]["reason"] == "TICKET-4711"
    assert "CreateLoginProfile" not in world.calls


@pytest.mark.parametrize(
    ("options", "words"),
    [
        pytest.param({"confirm_account_id": "123456789012"}, "confirm_account_id: is not", id="another id"),
        pytest.param({"account_id": "12"}, "account_id: '12' is not an AWS account id", id="no id"),
        pytest.param({"recoverable_for": "5m"}, "recoverable_for: '5m' is not from 10m to 1d", id="too short"),
        pytest.param({"recoverable_for": "2d"}, "recoverable_for: '2d' is not from 10m to 1d", id="too long"),
        pytest.param({"recoverable_for": "soon"}, "recoverable_for: 'soon' is not a period", id="no period"),
        pytest.param({"reason": " "}, "reason: has 0 characters; give 1 to 200", id="empty reason"),
        pytest.param({"reason": "a" * 201}, "reason: has 201 characters", id="long reason"),
        pytest.param({"reason": "a\x1bb"}, "reason: has 3 characters; give 1 to 200 that can be", id="escape"),
        pytest.param({"reason": None}, "reason: has 0 characters", id="no reason"),
        pytest.param({"wait": True}, "wait: is for state=absent", id="wait to open"),
        pytest.param({"table": None}, "table: is not given; name the table of the map", id="no table"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_called(
    run_module: Any, world: World, options: dict[str, Any], words: str
) -> None:
    account_id = world.account("payments")
    failed = run_module(MODULE, **opened(account_id, **options))
    assert failed["failed"]
    assert words in failed["msg"]
    assert world.calls == []


@pytest.mark.parametrize(
    ("edits", "words"),
    [
        pytest.param({"forwarding": False}, "is held back from its owners", id="suspended"),
        pytest.param({"status": "retired"}, "is retired", id="retired"),
        pytest.param({"account_id": "999999999999"}, "the map has no address of account", id="not in the map"),
    ],
)
def test_nothing_is_opened_where_nobody_would_get_the_mail(
    run_module: Any, world: World, edits: dict[str, Any], words: str
) -> None:
    account_id = world.account("payments", **({"forwarding": False} if "forwarding" in edits else {}))
    if "status" in edits:
        edit_record(world.table, edit_of(f"payments@{DOMAIN}", status="retired"))
    asked = edits.get("account_id", account_id)
    failed = run_module(MODULE, **opened(asked))
    assert failed["failed"]
    assert words in failed["msg"]
    assert world.calls == []


def test_nothing_is_opened_where_the_owners_mailboxes_fail(run_module: Any, world: World) -> None:
    account_id = world.account("payments")
    item = {"pk": {"S": "MAILBOX#jane@example.org"}, "mailbox": {"S": "Jane@example.org"}}
    more = {"reason": {"S": "bounced"}, "since": {"S": "2026-11-01T00:00:00Z"}}
    world.table.client.put_item(TableName=TABLE, Item={**item, **more})
    failed = run_module(MODULE, **opened(account_id))
    assert "no owner of payments@accounts.example.com gets mail: jane@example.org" in failed["msg"]
    assert world.calls == []


GROUP = "906766f42a-0a1b2c3d-0000-4000-8000-000000000001"


@pytest.mark.parametrize(
    ("members", "opens"),
    [
        pytest.param(("ann@example.org", "Bob@example.org"), True, id="one gets mail"),
        pytest.param(("Bob@example.org",), False, id="all fail"),
        pytest.param((), False, id="no members"),
    ],
)
def test_members_of_groups_are_owners(run_module: Any, world: World, members: tuple[str, ...], opens: bool) -> None:
    client = world.table.client
    group = OwnerGroup(GROUP, "Platform", members)
    client.put_item(TableName=TABLE, Item=to_attributes(group.to_item()))
    account_id = world.account("payments", owner_groups=(GROUP,), owners=())
    mark = FailingMailbox.found("bob@example.org", FailingReason.BOUNCED, datetime.now(UTC))
    client.put_item(TableName=TABLE, Item=to_attributes(mark.to_item()))
    found = run_module(MODULE, **opened(account_id))
    assert found["failed"] is not opens
    assert world.root.may_reset_password(account_id) is opens


REFUSALS = [
    pytest.param("feature", id="root access is not centralized"),
    pytest.param("management", id="the management account"),
    pytest.param("root", id="called by a root user"),
]


@pytest.mark.parametrize("why", REFUSALS)
def test_a_session_that_cannot_be_had_says_what_may_be_wrong(run_module: Any, world: World, why: str) -> None:
    account_id = world.account("payments")
    if why == "feature":
        world.root.features.clear()
    elif why == "management":
        account_id = MASTER
    else:
        world.root.refuses_root = True
    failed = run_module(MODULE, **absent(account_id))
    assert failed["error"]["code"] == "AccessDenied"
    assert f"Failed to take a session of the root user of account {account_id}" in failed["msg"]
    assert failed["msg"].endswith("aws iam enable-organizations-root-credentials-management")


@pytest.mark.parametrize(
    ("code", "noted"),
    [pytest.param("AccessDenied", False, id="refused"), pytest.param("ServiceFailure", False, id="refused for long")],
)
def test_what_aws_refuses_to_open_is_not_noted_as_open(run_module: Any, world: World, code: str, noted: bool) -> None:
    account_id = world.account("payments")
    world.refused["CreateLoginProfile"] = code
    assert run_module(MODULE, **opened(account_id))["failed"]
    assert bool(notes.open_recoveries(world.table)) is noted


@pytest.mark.parametrize("after", range(1, 9))
def test_killed_after_any_call_it_is_either_closed_or_noted(run_module: Any, world: World, after: int) -> None:
    account_id = world.account("payments")
    world.killed_after = after
    with pytest.raises(KeyboardInterrupt):
        run_module(MODULE, **opened(account_id))
    world.killed_after = 0
    is_noted = account_id in notes.open_recoveries(world.table)
    assert is_noted or not world.root.may_reset_password(account_id)
    found = run_module(MODULE, **opened(account_id))
    assert found["root_credentials"]["recovery"]
    assert world.root.may_reset_password(account_id)


def test_killed_before_it_is_opened_it_is_noted(run_module: Any, world: World) -> None:
    account_id = world.account("payments")
    world.killed_before = "CreateLoginProfile"
    with pytest.raises(KeyboardInterrupt):
        run_module(MODULE, **opened(account_id))
    world.killed_before = ""
    noted = notes.open_recoveries(world.table)
    assert not world.root.may_reset_password(account_id)
    found = run_module(MODULE, **opened(account_id))
    assert found["root_credentials"]["recovery"] == noted[account_id].to_dict()
    assert world.root.may_reset_password(account_id)


@pytest.mark.parametrize("after", range(1, 12))
def test_killed_while_closing_it_is_noted_until_all_is_gone(run_module: Any, world: World, after: int) -> None:
    account_id = world.account("payments")
    user = world.user(account_id)
    run_module(MODULE, **opened(account_id))
    user.access_keys, user.mfa_devices = {"AKIAIOSFODNN7EXAMPLE": EPOCH}, {"arn:aws:iam::1:mfa/a": EPOCH}
    user.signing_certificates = {"TA7SMP42TDN5Z26OBPJE7EXAMPLE": EPOCH}
    world.killed_after = len(world.calls) + after
    try:
        run_module(MODULE, **absent(account_id))
    except KeyboardInterrupt:
        assert account_id in notes.open_recoveries(world.table)
    world.killed_after = 0
    closed = run_module(MODULE, **absent(account_id))
    assert closed["changed"] is (after < 11)
    assert user == RootUser()
    assert notes.open_recoveries(world.table) == {}


def test_waiting_ends_when_the_time_is_over(run_module: Any, world: World) -> None:
    account_id = world.account("payments")
    world.user(account_id).password_created_at = EPOCH
    put(world, note(account_id, timedelta(seconds=-1)))
    assert run_module(MODULE, **absent(account_id, wait=True))["changed"]
    assert not world.root.may_reset_password(account_id)


def test_waiting_ends_with_nothing_changed_where_somebody_else_has_closed_it(run_module: Any, world: World) -> None:
    account_id = world.account("payments")
    world.user(account_id).password_created_at = EPOCH
    found = run_module(MODULE, **absent(account_id, wait=True))
    assert not found["changed"]
    assert world.root.may_reset_password(account_id)


def test_sessions_are_taken_in_a_region(run_module: Any, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_STS_REGIONAL_ENDPOINTS", "legacy")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    account_id = world.account("payments")
    create_table(boto3.client("dynamodb", region_name="us-east-1"), TABLE)
    run_module(MODULE, **absent(account_id, region="us-east-1"))
    assert dict(zip(world.calls, world.hosts, strict=True))["AssumeRoot"] == "sts.us-east-1.amazonaws.com"


def test_who_has_credentials(run_module: Any, world: World) -> None:
    with_password, without, open_one, overdue = (world.account(name) for name in ("a-1", "a-2", "a-3", "a-4"))
    world.user(with_password).password_created_at = EPOCH
    put(world, note(open_one))
    put(world, note(overdue, timedelta(hours=-1)))

    def ids(**options: Any) -> list[str]:
        found = run_module(INFO, table=TABLE, **options)
        assert not found["changed"]
        assert not found["failures"]
        assert found["overdue"] == [overdue]
        return [one["account_id"] for one in found["root_credentials"]]

    assert ids() == sorted([with_password, without, open_one, overdue])
    assert ids(only="present") == [with_password]
    assert ids(only="open") == sorted([open_one, overdue])
    assert ids(only="overdue") == [overdue]
    assert ids(account_ids=[without, without]) == [without]
    assert ids(only="overdue", account_ids=[open_one]) == []
    # Nothing that writes was called.
    assert {name for name in world.calls if name not in AUDIT} == {"ListAccounts"}


def test_one_that_cannot_be_looked_at_keeps_nothing_from_the_others(run_module: Any, world: World) -> None:
    account_id = world.account("payments")
    found = run_module(INFO, table=TABLE, account_ids=[MASTER, account_id])
    assert found["failed"]
    assert found["msg"].startswith("1 of 2 accounts could not be looked at: Failed to take a session")
    assert [one["account_id"] for one in found["root_credentials"]] == [account_id]
    assert [one["account_id"] for one in found["failures"]] == [MASTER]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        pytest.param({"account_ids": []}, "account_ids: is empty", id="none"),
        pytest.param({"account_ids": ["1"]}, "account_ids[0]: '1' is not an AWS account id", id="no id"),
    ],
)
def test_what_cannot_be_looked_at(run_module: Any, world: World, options: dict[str, Any], words: str) -> None:
    failed = run_module(INFO, table=TABLE, **options)
    assert words in failed["msg"]
    assert world.calls == []


def test_a_note_of_a_later_release_can_be_closed(run_module: Any, world: World) -> None:
    account_id = world.account("payments")
    world.user(account_id).password_created_at = EPOCH
    later = {"opened_at": {"S": "2026-11-26T09:30:00Z"}, "region": {"S": "eu-west-1"}}
    world.table.client.put_item(TableName=TABLE, Item={"pk": {"S": RECOVERIES_KEY}, account_id: {"M": later}})
    assert run_module(MODULE, **absent(account_id))["changed"]
    assert notes.open_recoveries(world.table) == {}
