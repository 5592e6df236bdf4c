# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""account_email_drift_info: its real main() against the organization of local AWS, a map and SES."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import boto3
import pytest
from moto import mock_aws

from ansible_collections.account_factory.email.plugins.module_utils._drift.model import FIELDS, KINDS
from ansible_collections.account_factory.email.plugins.module_utils._dynamodb import to_attributes
from ansible_collections.account_factory.email.plugins.module_utils._failing_mailbox import (
    FailingMailbox,
    FailingReason,
)
from ansible_collections.account_factory.email.plugins.module_utils._map import api
from ansible_collections.account_factory.email.plugins.module_utils._record import AddressRecord
from ansible_collections.account_factory.email.plugins.module_utils._root_access.notes import put_note
from ansible_collections.account_factory.email.plugins.module_utils._root_recovery import Recovery
from ansible_collections.account_factory.email.plugins.module_utils._times import utc_text
from ansible_collections.account_factory.email.plugins.modules import account_email_drift_info
from tests.aws_errors import refuse
from tests.map_table import create_table
from tests.unit.conftest import RunModule
from tests.unit.modules.conftest import MASTER, World

MAIN = account_email_drift_info.main
DOMAIN, NEW_DOMAIN, OLD_DOMAIN = "accounts.example.com", "new.example.net", "old.example.com"
JANE, LEAVER, STRANGER = "jane@example.org", "leaver@example.org", "eve@elsewhere.example"
GONE = "000000000000"
NOW = datetime.now(timezone.utc)
LONG_AGO = utc_text(NOW - timedelta(days=40))
HOSTILE = "<img src=x onerror=alert(1)>"


class Sides(World):
    """An organization beside a map and SES."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.table = api.Table(boto3.client("dynamodb", region_name="eu-west-1"), "map")

    def member(self, name: str, email: str | None = None) -> str:
        """Return the id of a new account."""
        return self.create(name, email or f"{name}@{DOMAIN}")

    def record(self, name: str, account_id: str | None = None, **fields: Any) -> str:
        """Put a record into the map, whatever it says, and return its address."""
        domain = fields.pop("domain", DOMAIN)
        values = {
            "account_name": name,
            "owners": (JANE,),
            "status": "active" if account_id else "vended",
            "created_at": LONG_AGO,
            "updated_at": LONG_AGO,
        }
        record = AddressRecord(f"{name}@{domain}", domain=domain, account_id=account_id, **{**values, **fields})
        self.put(record.to_item())
        return record.address

    def put(self, item: dict[str, Any]) -> None:
        self.table.client.put_item(TableName="map", Item=to_attributes(item))

    def known(self, name: str, **fields: Any) -> str:
        """Create an account that has the address that the map says, and return its id."""
        account_id = self.member(name)
        self.record(name, account_id, **fields)
        return account_id


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sides]:
    with mock_aws(config={"core": {"passthrough": {"services": ["organizations"]}}}):
        made = Sides()
        monkeypatch.setattr("time.sleep", made.sleep)
        monkeypatch.setattr("botocore.httpsession.URLLib3Session.send", lambda _session, request: made.send(request))
        create_table(made.table.client)
        assert api.put_domain(made.table, DOMAIN, f"aws@{DOMAIN}")
        boto3.client("sesv2", region_name="eu-west-1").create_email_identity(EmailIdentity="example.com")
        yield made


def drift(run_module: RunModule, **options: Any) -> dict[str, Any]:
    """Return what is found, apart from the management account, whose email nobody vends."""
    return run_module(MAIN, **{"table": "map", "ignore": [MASTER], **options})


def kinds(found: dict[str, Any]) -> list[str]:
    return [one["kind"] for one in found["findings"]]


def every_kind(world: Sides) -> dict[str, Any]:
    """Break one thing of each kind; return the options that all of it is found by."""
    assert api.put_domain(world.table, NEW_DOMAIN, None)
    world.unit("Sandboxes")
    world.call("CloseAccount", AccountId=world.known("closed"))
    world.now += 200
    world.record("gone", GONE)
    world.member("other", f"taken@{DOMAIN}")
    world.record("taken", world.known("moved"))
    world.member("nameless", f"id-missing@{DOMAIN}")
    world.record("id-missing")
    world.record("removed", world.member("removed", f"removed@{OLD_DOMAIN}"), domain=OLD_DOMAIN)
    world.record("email-differs", world.member("email-differs", "someone@elsewhere.example"))
    world.member(HOSTILE, "nobody@elsewhere.example")
    world.member("unknown")
    world.known("suspended", forwarding=False)
    world.record("renamed", world.member("New name", f"renamed@{DOMAIN}"))
    world.member("Suspended", "twin@elsewhere.example")
    world.known("ownerless", owners=())
    world.known("misplaced", account_type="sandbox")
    world.known("left", owners=(LEAVER,))
    world.put(FailingMailbox.found(LEAVER, FailingReason.BOUNCED, NOW).to_item())
    world.known("looping", owners=(f"left@{DOMAIN}",))
    world.known("strange", owners=(STRANGER, JANE))
    world.record("retired", world.member("retired"), status="retired")
    world.record("unused")
    times = {"opened_at": "2026-11-20T09:30:00Z", "closes_at": "2026-11-20T10:30:00Z"}
    recovery = Recovery(GONE, f"gone@{DOMAIN}", opened_by=MASTER, reason="T-1", **times)
    assert put_note(world.table, recovery, None)
    return {"known_owners": ["@example.org"], "type_parents": {"sandbox": "Sandboxes"}}


def test_nothing_where_all_agree(run_module: RunModule, world: Sides) -> None:
    world.known("payments-001")
    world.put(FailingMailbox.found(JANE, FailingReason.TRANSIENT, NOW - timedelta(days=2)).to_item())
    found = drift(run_module, fail_on="low")
    assert found == run_module(MAIN, check_mode=True, table="map", ignore=[MASTER], fail_on="low")
    counts = {"by_severity": {"high": 0, "medium": 0, "low": 0}, "by_kind": {}, "ignored": 1}
    assert (found["findings"], found["skipped"]) == ([], [])
    assert found["counts"] == {"accounts": 2, "addresses": 1, **counts}
    assert not found["failed"]
    assert not found["changed"]


def test_each_kind_is_found_once_where_it_is(run_module: RunModule, world: Sides) -> None:
    options = every_kind(world)
    found = drift(run_module, **options)
    # The account that has the name of another one has a root email of elsewhere as well.
    assert found["counts"]["by_kind"] == {**dict.fromkeys(sorted(KINDS), 1), "email_not_vended": 2}
    assert [tuple(one) for one in found["findings"]] == [FIELDS] * (len(KINDS) + 1)
    named = {one["kind"]: one["address"] for one in found["findings"]}
    expected = {"account_id_differs": "taken", "email_differs": "email-differs", "retired_active": "retired"}
    assert {kind: named[kind] for kind in expected} == {kind: f"{name}@{DOMAIN}" for kind, name in expected.items()}
    hostile = next(one for one in found["findings"] if one["account_name"] == HOSTILE)
    assert hostile["what"].endswith(f"({HOSTILE}) has a root email that was not vended: nobody@elsewhere.example.")
    assert drift(run_module, **options) == found


def test_the_same_where_other_accounts_came_first(run_module: RunModule, world: Sides) -> None:
    """AWS lists accounts in no order that it documents."""
    options = every_kind(world)
    first = drift(run_module, **options)
    world.organization._nodes = dict(reversed(world.organization._nodes.items()))
    assert drift(run_module, **options) == first


@pytest.mark.parametrize(
    ("fail_on", "failed"), [("high", False), ("medium", True), ("low", True), ("never", False)], ids=str
)
def test_when_the_task_fails(run_module: RunModule, world: Sides, fail_on: str, failed: bool) -> None:
    account_id = world.member("outside", "outside@elsewhere.example")
    found = drift(run_module, fail_on=fail_on)
    assert (found["failed"], kinds(found)) == (failed, ["email_not_vended"])
    if failed:
        assert found["msg"] == (
            f"1 of 1 findings are a reason to fail: email_not_vended: Account {account_id} (outside) has a root email"
            " that was not vended: outside@elsewhere.example."
        )


@pytest.mark.usefixtures("world")
def test_the_management_account_is_told_as_what_it_is(run_module: RunModule) -> None:
    [found] = drift(run_module, ignore=[])["findings"]
    assert (found["kind"], found["severity"], found["account_id"]) == ("email_not_vended", "low", MASTER)


def test_ses_is_told_where_it_cannot_be_read_and_the_rest_is_compared(
    run_module: RunModule, world: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.member("unknown")
    refuse(monkeypatch, "ListEmailIdentities", "AccessDeniedException")
    found = drift(run_module)
    assert kinds(found) == ["email_unknown"]
    [skipped] = found["skipped"]
    assert skipped["kind"] == "identity_unverified"
    assert skipped["reason"].startswith("Failed to list the SES identities: An error occurred (AccessDeniedException)")
    assert drift(run_module, skip=["identity_unverified"])["skipped"] == []


REFUSED = [
    pytest.param("ListAccounts", "AccessDeniedException", "list the accounts of the organization", id="organization"),
    pytest.param("Scan", "AccessDeniedException", "read the map", id="map"),
    pytest.param("GetItem", "AccessDeniedException", "read the map", id="domains"),
]


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(("operation", "code", "doing"), REFUSED)
def test_a_side_that_cannot_be_read_ends_the_run(
    run_module: RunModule, monkeypatch: pytest.MonkeyPatch, operation: str, code: str, doing: str
) -> None:
    refuse(monkeypatch, operation, code)
    found = drift(run_module)
    assert found["failed"]
    assert found["msg"].startswith(f"Failed to {doing}: ")
    assert "findings" not in found


def test_an_organization_of_nobody_is_refused(run_module: RunModule, world: Sides) -> None:
    world.on["ListAccounts"] = lambda _parameters: {"Accounts": []}
    assert drift(run_module)["msg"].startswith("AWS Organizations listed no account, though each organization has its")


def test_a_page_that_is_throttled_is_asked_for_again(run_module: RunModule, world: Sides) -> None:
    world.organization.grow(45)
    world.refuse("ListAccounts", "TooManyRequestsException", times=2)
    found = drift(run_module)
    assert found["counts"]["accounts"] == 45
    assert world.calls == ["ListAccounts"] * (2 + 3)


def test_what_jobs_do_meanwhile_is_no_drift(run_module: RunModule, world: Sides) -> None:
    """An account is created, another one recorded, and a third one retired once the map was read."""
    missing = world.member("late")
    world.record("late")
    world.record("retired-late", GONE)

    def meanwhile(_parameters: Any) -> None:
        if "new" not in dict(world.accounts()).values():
            world.known("new")
            world.record("late", missing)
            world.record("retired-late", GONE, status="retired")

    world.on["ListAccounts"] = meanwhile
    found = drift(run_module)
    assert found["findings"] == []
    assert found["counts"]["addresses"] == 3


def test_places_are_read_only_where_they_are_asked_for(run_module: RunModule, world: Sides) -> None:
    world.known("placed", account_type="sandbox")
    world.unit("Sandboxes")
    world.calls.clear()
    assert drift(run_module)["findings"] == []
    assert set(world.calls) == {"ListAccounts"}
    assert drift(run_module, type_parents={"default": "Sandboxes"}, skip=["ou_differs"])["findings"] == []
    assert set(world.calls) == {"ListAccounts"}
    assert kinds(drift(run_module, type_parents={"other": "Sandboxes"})) == []
    assert "ListParents" not in world.calls
    [found] = drift(run_module, type_parents={"default": "Sandboxes"})["findings"]
    assert (found["kind"], found["expected"], found["found"]) == ("ou_differs", "Sandboxes", "/")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param({"only": ["emails"]}, "only: there is no finding emails;", id="only"),
        pytest.param({"ignore": [12]}, "ignore", id="ignore"),
        pytest.param({"type_parents": {"x": "None"}}, "type_parents: the organization has no OU 'None'", id="no OU"),
        pytest.param({"table": ""}, "table: is not given", id="table"),
    ],
)
def test_bad_input_is_refused_before_the_accounts_are_listed(
    run_module: RunModule, world: Sides, options: dict[str, Any], message: str
) -> None:
    found = drift(run_module, **options)
    assert found["failed"]
    assert message in found["msg"]
    assert "ListAccounts" not in world.calls


def test_the_address_of_the_probe_has_no_account_and_is_not_unused(run_module: RunModule, world: Sides) -> None:
    world.record("forwarder-probe", request_id=f"forwarder-probe {DOMAIN}")
    found = drift(run_module)
    assert (found["findings"], found["counts"]["addresses"]) == ([], 0)
