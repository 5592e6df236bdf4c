# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""account_alternate_contact and its info module: their real main(), botocore and all, against local AWS's accounts."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.account_factory.email.plugins.modules import (
    account_alternate_contact,
    account_alternate_contact_info,
)
from tests.unit.conftest import RunModule
from tests.unit.modules.conftest import MASTER, World

CONTACT, INFO = account_alternate_contact.main, account_alternate_contact_info.main
SOC: dict[str, Any] = {
    "name": "Security operations",
    "title": "Security contact",
    "email": "app-001+security@accounts.example.com",
    "phone_number": "+49 (30) 123-456",
}
FINANCE: dict[str, Any] = {
    "name": "Finance",
    "title": "Billing",
    "email": "finance@example.com",
    "phone_number": "0800 123",
}
SECURITY: dict[str, Any] = {"contact_type": "security", **SOC}
NOT_ONE = dict.fromkeys(SECURITY)
CHANGES = {"PutAlternateContact", "DeleteAlternateContact"}


@pytest.fixture
def member(world: World) -> str:
    made = world.create("app-001", "app-001@accounts.example.com")
    world.calls.clear()
    return made


def contacts(run_module: RunModule, **options: Any) -> Any:
    return run_module(INFO, **options)["contacts"]


def changes(world: World) -> list[str]:
    """Return the changes that were made since this was last asked."""
    made = [name for name in world.calls if name in CHANGES]
    world.calls.clear()
    return made


def test_from_the_first_contact_to_none(run_module: RunModule, world: World, member: str) -> None:
    about: dict[str, Any] = {"account_id": member}
    steps: list[tuple[dict[str, Any], Any, Any, list[str]]] = [
        (SECURITY, None, SOC, ["PutAlternateContact"]),
        ({**SECURITY, "email": "SOC@example.com"}, SOC, {**SOC, "email": "SOC@example.com"}, ["PutAlternateContact"]),
        (
            {"contact_type": "security", "state": "absent"},
            {**SOC, "email": "SOC@example.com"},
            None,
            ["DeleteAlternateContact"],
        ),
    ]
    for options, before, after, made in steps:
        predicted = run_module(CONTACT, check_mode=True, **about, **options)
        assert changes(world) == []
        done = run_module(CONTACT, **about, **options)
        assert done == predicted
        assert changes(world) == made
        assert done["account_alternate_contact"] == {**about, "contacts": {"security": after}}
        assert done["diff"]["before"]["contacts"] == {"security": before}
        for check_mode in (True, False):
            again = run_module(CONTACT, check_mode=check_mode, **about, **options)
            assert (again["changed"], again["account_alternate_contact"]) == (False, done["account_alternate_contact"])
        assert changes(world) == []
        assert contacts(run_module, **about) == {"billing": None, "operations": None, "security": after}


def test_several_at_once_and_others_stay(run_module: RunModule, world: World, member: str) -> None:
    about: dict[str, Any] = {"account_id": member}
    run_module(CONTACT, **about, contact_type="operations", **FINANCE)
    both = {"billing": FINANCE, "security": {**SOC, "name": f" {SOC['name']} "}}
    assert run_module(CONTACT, **about, contacts={**both, "operations": None})["changed"]
    assert contacts(run_module, **about) == {"billing": FINANCE, "operations": FINANCE, "security": SOC}
    changes(world)
    changed = {**both, "billing": {**FINANCE, "email": "FINANCE@Example.com", "phone_number": "0800 124"}}
    assert run_module(CONTACT, **about, contacts=changed)["changed"]
    assert changes(world) == ["PutAlternateContact"]
    # The case of an email alone is no change.
    upper = {kind: {**one, "email": one["email"].upper()} for kind, one in changed.items()}
    assert not run_module(CONTACT, **about, contacts=upper)["changed"]
    gone = run_module(CONTACT, **about, contacts={"billing": {}, "security": SOC}, state="absent")
    assert gone["account_alternate_contact"]["contacts"] == {"billing": None, "security": None}
    assert contacts(run_module, **about) == {"billing": None, "operations": FINANCE, "security": None}


@pytest.mark.parametrize("named", [True, False], ids=["named", "not named"])
@pytest.mark.parametrize("caller", ["management", "member"])
def test_the_account_of_the_credentials_is_not_named_to_aws(
    run_module: RunModule, world: World, member: str, caller: str, named: bool
) -> None:
    """API Reference, parameter AccountId: the management account's own is refused."""
    world.caller = MASTER if caller == "management" else member
    about: dict[str, Any] = {"account_id": world.caller} if named else {}
    done = run_module(CONTACT, **about, **SECURITY)
    assert done["changed"]
    assert done["account_alternate_contact"]["account_id"] == about.get("account_id")
    assert contacts(run_module, **about)["security"] == SOC
    assert world.call("GetAlternateContact", AlternateContactType="SECURITY")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        pytest.param({"name": "n" * 65}, "name: 'nnn", id="name"),
        pytest.param({"name": "n" * 65}, "has 65 characters, AWS allows 64; use a shorter one", id="limit and remedy"),
        pytest.param({"title": "t" * 51}, "has 51 characters, AWS allows 50", id="title"),
        pytest.param({"email": f"{'e' * 243}@example.com"}, "has 255 characters, AWS allows 254", id="email"),
        pytest.param(
            {"email": "o/r@example.com"}, "email: 'o/r@example.com' is not what AWS takes", id="sign in email"
        ),
        pytest.param({"email": "ä@example.com"}, "email: 'ä@example.com' is not what AWS takes", id="letter in email"),
        pytest.param({"phone_number": "1" * 26}, "has 26 characters, AWS allows 25", id="phone number"),
        pytest.param({"phone_number": "ask"}, "phone_number: 'ask' is not what AWS takes; give digits", id="no number"),
        pytest.param({"title": " "}, "title: is not given; AWS wants name, title, email and phone_number", id="empty"),
        pytest.param({"title": None}, "title: is not given", id="not given"),
        pytest.param({"account_id": "123"}, "account_id: '123' is not an AWS account id", id="account id"),
        pytest.param({"contact_type": "legal"}, "value of contact_type must be one of", id="kind"),
        pytest.param({"contact_type": None}, "one of the following is required: contact_type, contacts", id="no kind"),
        pytest.param({"contacts": {"billing": FINANCE}}, "mutually exclusive: contact_type|contacts", id="both"),
        pytest.param(
            {**NOT_ONE, "contacts": {"billing": {**FINANCE, "title": ""}}},
            "contacts.billing.title: is not given",
            id="one of several",
        ),
        pytest.param({**NOT_ONE, "contacts": {}}, "contacts: is empty; name at least one", id="none"),
    ],
)
def test_what_aws_would_refuse_is_refused_before_anything_is_called(
    run_module: RunModule, world: World, member: str, options: dict[str, Any], says: str
) -> None:
    given = {name: value for name, value in {"account_id": member, **SECURITY, **options}.items() if value is not None}
    for check_mode in (True, False):
        result = run_module(CONTACT, check_mode=check_mode, **given)
        assert result["failed"]
        assert says in result["msg"]
    assert not {"GetAlternateContact", *CHANGES} & set(world.calls)


@pytest.mark.parametrize("operation", ["GetAlternateContact", "PutAlternateContact"])
def test_denied_names_the_contact_and_what_to_do(
    run_module: RunModule, world: World, member: str, operation: str
) -> None:
    world.refuse(operation, "AccessDeniedException")
    result = run_module(CONTACT, account_id=member, **SECURITY)
    verb = "look up the security contact of" if operation.startswith("Get") else "set the security contact of"
    assert result["msg"].startswith(f"Failed to {verb} account {member}")
    assert "enable-aws-service-access --service-principal account.amazonaws.com" in result["msg"]
    # Not to be told is not that there is none.
    assert ("contacts" in run_module(INFO, account_id=member)) == operation.startswith("Put")


@pytest.mark.usefixtures("world")
def test_an_account_of_another_organization_is_not_one_without_contacts(run_module: RunModule) -> None:
    result = run_module(CONTACT, account_id="999999999999", **SECURITY)
    assert "Failed to look up the security contact of account 999999999999" in result["msg"]


@pytest.mark.parametrize("code", ["TooManyRequestsException", "InternalServerException"])
def test_what_passes_by_itself_is_tried_again(run_module: RunModule, world: World, member: str, code: str) -> None:
    for operation in ("GetAlternateContact", *CHANGES):
        world.refuse(operation, code, times=3)
    assert run_module(CONTACT, account_id=member, **SECURITY)["changed"]
    assert contacts(run_module, account_id=member)["security"] == SOC
    assert run_module(CONTACT, account_id=member, contact_type="security", state="absent")["changed"]
    world.refuse("PutAlternateContact", code)
    assert run_module(CONTACT, account_id=member, **SECURITY)["error"]["code"] == code


def test_a_contact_that_another_job_deletes_at_the_same_time_is_deleted(
    run_module: RunModule, world: World, member: str
) -> None:
    """Reference Guide: deleting the same contact once more is ResourceNotFoundException."""
    run_module(CONTACT, account_id=member, **SECURITY)
    world.on["DeleteAlternateContact"] = lambda parameters: world.call("DeleteAlternateContact", **parameters) or None
    assert run_module(CONTACT, account_id=member, contact_type="security", state="absent")["changed"]
    assert contacts(run_module, account_id=member)["security"] is None
