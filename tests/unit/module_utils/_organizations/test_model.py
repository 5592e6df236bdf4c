# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an account is and may be, without AWS."""

from __future__ import annotations

from typing import Any

import botocore.session
import pytest

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._organizations import model

GIVEN: dict[str, Any] = {
    "email": "A@Example.com",
    "name": "a",
    "role_name": None,
    "iam_user_access_to_billing": None,
    "tags": None,
    "purge_tags": True,
    "create_account_request_id": None,
    "parent": None,
    "create_parents": False,
    "rename": False,
    "close_parent": None,
}


def test_the_email_is_in_lower_case_and_the_name_as_given() -> None:
    wanted = model.wanted_account({**GIVEN, "name": "Payments 1 "})
    assert (wanted.email, wanted.name) == ("a@example.com", "Payments 1 ")


@pytest.mark.parametrize(
    "options",
    [
        {"name": "n" * 50},
        {"role_name": "r" * 64},
        {"role_name": "Org_+=,.@-Role"},
        {"create_account_request_id": "car-" + "0" * 8},
        {"create_account_request_id": "car-" + "f" * 32},
        {"tags": {"k" * 128: "v" * 256}},
        {"tags": {f"k{number}": None for number in range(50)}},
    ],
    ids=str,
)
def test_the_limits_themselves_are_allowed(options: dict[str, Any]) -> None:
    wanted = model.wanted_account({**GIVEN, **options})
    assert wanted != model.wanted_account(GIVEN)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("name", "n" * 51),
        ("role_name", "r" * 65),
        ("role_name", ""),
        ("role_name", "rôle"),
        ("create_account_request_id", "car-" + "0" * 7),
        ("create_account_request_id", "car-" + "0" * 33),
        ("create_account_request_id", "car-ABCDEFGH"),
        ("tags", {"": "v"}),
        ("tags", {"aws:createdBy": "v"}),
    ],
)
def test_beyond_the_limits(option: str, value: Any) -> None:
    with pytest.raises(InputError, match=f"^{option}: "):
        model.wanted_account({**GIVEN, option: value})


def test_tags_are_text() -> None:
    wanted = model.wanted_account({**GIVEN, "tags": {"cost": "0042", "none": None}})
    assert wanted.tags == {"cost": "0042", "none": ""}
    with pytest.raises(InputError, match=r"^tags: the value of 'cost': 34 is a number"):
        model.wanted_account({**GIVEN, "tags": {"cost": 0o42}})


def account_states() -> list[str]:
    service = botocore.session.get_session().get_service_model("organizations")
    states: list[str] = service.shape_for("AccountState").enum
    return states


@pytest.mark.parametrize("state", account_states())
def test_only_a_living_account_is_accepted(state: str) -> None:
    account = model.Account("a@example.com", "a", id="123456789012", state=state)
    wanted = model.Wanted("a@example.com", "a")
    if state in ("ACTIVE", "PENDING_ACTIVATION"):
        assert model.accept(account, wanted) is account
    else:
        with pytest.raises(InputError, match=f"^email: .* is {state}"):
            model.accept(account, wanted)


def test_every_state_of_the_service_can_be_asked_for() -> None:
    assert set(model.STATES) == set(account_states())


ACCOUNT = model.Account("A@Example.com", "Name", id="123456789012", state="ACTIVE")
NOTHING_GIVEN = dict.fromkeys(("account_ids", "emails", "names", "states"))


@pytest.mark.parametrize(
    ("given", "matches"),
    [
        pytest.param({}, True, id="all"),
        pytest.param({"account_ids": ["123456789012", "000000000000"]}, True, id="id"),
        pytest.param({"account_ids": ["000000000000"]}, False, id="another id"),
        pytest.param({"emails": [" a@EXAMPLE.com"]}, True, id="email in another case"),
        pytest.param({"emails": ["b@example.com"]}, False, id="another email"),
        pytest.param({"names": ["Name"]}, True, id="name"),
        pytest.param({"names": ["name"]}, False, id="name in another case"),
        pytest.param({"states": ["SUSPENDED", "ACTIVE"]}, True, id="state"),
        pytest.param({"states": ["SUSPENDED"]}, False, id="another state"),
        pytest.param({"names": ["Name"], "states": ["SUSPENDED"]}, False, id="one of two"),
        pytest.param({"names": []}, False, id="nothing"),
    ],
)
def test_a_selection(given: dict[str, Any], matches: bool) -> None:
    assert model.selection({**NOTHING_GIVEN, **given}).matches(ACCOUNT) is matches
