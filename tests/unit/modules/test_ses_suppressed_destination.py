# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""ses_suppressed_destination and its _info: their real main() against the list of local AWS, for moto has none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.account_factory.email.plugins.modules import (
    ses_suppressed_destination,
    ses_suppressed_destination_info,
)
from tests.aws_errors import noted_calls, refuse
from tests.local_aws.gateway import Gateway
from tests.local_aws.suppression import PAGE_SIZE, SuppressionList

ENTRY = ses_suppressed_destination.main
INFO = ses_suppressed_destination_info.main
NOON = 1795262400.0  # 2026-11-21T12:00:00Z
GET, LIST, PUT, DELETE = (
    f"{verb}SuppressedDestination{ending}" for verb, ending in (("Get", ""), ("List", "s"), ("Put", ""), ("Delete", ""))
)


class _Account:
    def __init__(self) -> None:
        self.now = NOON
        self.sandbox = False


@pytest.fixture
def account() -> _Account:
    return _Account()


@pytest.fixture
def listed(account: _Account, monkeypatch: pytest.MonkeyPatch) -> Iterator[SuppressionList]:
    suppression = SuppressionList(lambda: account.sandbox, lambda: account.now)
    gateway = Gateway({"ses": suppression.handle})
    gateway.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{gateway.port}")
    yield suppression
    gateway.stop()


def entry(address: str, reason: str = "BOUNCE", **more: Any) -> dict[str, Any]:
    known = {"last_update_time": "2026-11-21T12:00:00Z", "message_id": None, "feedback_id": None}
    return {"email_address": address, "reason": reason, **known, **more}


def addresses(result: dict[str, Any]) -> list[str]:
    return [each["email_address"] for each in result["suppressed_destinations"]]


def test_an_address_is_added_changed_and_removed(run_module: Any, listed: SuppressionList, account: _Account) -> None:
    wanted = {"email_address": "Jane@Y.example", "reason": "COMPLAINT"}
    predicted = run_module(ENTRY, check_mode=True, **wanted)
    assert listed.reason("Jane@y.example") is None
    added = run_module(ENTRY, **wanted)
    assert added["suppressed_destinations"] == [entry("Jane@y.example", "COMPLAINT")]
    assert predicted["suppressed_destinations"] == [entry("Jane@y.example", "COMPLAINT", last_update_time=None)]
    assert added["diff"] == {"before": {}, "after": {"Jane@y.example": entry("Jane@y.example", "COMPLAINT")}}
    for result in (predicted, added):
        assert result["changed"]
        assert (result["added"], result["updated"], result["removed"]) == (["Jane@y.example"], [], [])
    for check_mode in (True, False):
        again = run_module(ENTRY, check_mode=check_mode, **wanted)
        assert not again["changed"]
        assert again["suppressed_destinations"] == added["suppressed_destinations"]

    account.now += 60
    change = {**wanted, "reason": "BOUNCE"}
    assert run_module(ENTRY, check_mode=True, **change)["updated"] == ["Jane@y.example"]
    assert listed.reason("Jane@y.example") == "COMPLAINT"
    changed = run_module(ENTRY, **change)
    assert changed["updated"] == ["Jane@y.example"]
    assert changed["suppressed_destinations"] == [entry("Jane@y.example", last_update_time="2026-11-21T12:01:00Z")]

    removal = {"email_address": "Jane@y.example", "state": "absent"}
    predicted = run_module(ENTRY, check_mode=True, **removal)
    assert listed.reason("Jane@y.example") == "BOUNCE"
    assert run_module(ENTRY, **removal) == predicted
    assert predicted["changed"]
    assert predicted["removed"] == ["Jane@y.example"]
    assert predicted["suppressed_destinations"] == []
    assert listed.reason("Jane@y.example") is None
    for check_mode in (True, False):
        again = run_module(ENTRY, check_mode=check_mode, **removal)
        assert (again["changed"], again["removed"]) == (False, [])


def test_several_at_once(run_module: Any, listed: SuppressionList) -> None:
    listed.put("a@y.example", "BOUNCE", "m-1", "f-1")
    listed.put("b@y.example", "COMPLAINT")
    result = run_module(ENTRY, email_addresses=["a@y.example", "b@y.example", "c@y.example"], reason="BOUNCE")
    assert (result["added"], result["updated"]) == (["c@y.example"], ["b@y.example"])
    assert sorted(addresses(result)) == ["a@y.example", "b@y.example", "c@y.example"]
    assert entry("a@y.example", message_id="m-1", feedback_id="f-1") in result["suppressed_destinations"]
    assert "a@y.example" not in {**result["diff"]["before"], **result["diff"]["after"]}


def test_the_exact_entry_costs_two_calls(
    run_module: Any, listed: SuppressionList, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed.put("Jane@y.example", "BOUNCE")
    noted = noted_calls(monkeypatch)
    assert "warnings" not in run_module(ENTRY, email_address="Jane@y.example", state="absent")
    assert noted == [GET, DELETE]


@pytest.mark.parametrize("state", ["absent", "present"])
def test_an_entry_in_another_case_is_what_is_meant(
    run_module: Any, listed: SuppressionList, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    for number in range(PAGE_SIZE):
        listed.put(f"{number}@y.example", "BOUNCE")
    listed.put("Jane.Doe@y.example", "BOUNCE", "m-1")
    noted = noted_calls(monkeypatch)
    wanted = {"email_addresses": ["jane.doe@Y.example", "joe@y.example"], "state": state, "reason": "BOUNCE"}
    result = run_module(ENTRY, **wanted)
    assert "jane.doe@y.example is on the suppression list as Jane.Doe@y.example, which is " in str(result["warnings"])
    assert len(result["warnings"]) == 1
    # The list is read once, whatever the number of addresses that are not on it as they were given.
    assert noted[:5] == [GET, GET, LIST, LIST, GET]
    if state == "absent":
        assert result["removed"] == ["Jane.Doe@y.example"]
        assert listed.reason("jane.doe@y.example") is None
    else:
        assert result["added"] == ["joe@y.example"]
        assert entry("Jane.Doe@y.example", message_id="m-1") in result["suppressed_destinations"]


def test_an_address_with_a_slash_is_found_but_cannot_be_removed(run_module: Any, listed: SuppressionList) -> None:
    wanted = {"email_address": "a/b@y.example", "reason": "BOUNCE"}
    assert run_module(ENTRY, **wanted)["added"] == ["a/b@y.example"]
    assert listed.reason("a/b@y.example") == "BOUNCE"
    again = run_module(ENTRY, **wanted)
    assert not again["changed"]
    assert "warnings" not in again
    failed = run_module(ENTRY, email_address="a/b@y.example", state="absent")
    assert failed["failed"]
    assert failed["msg"].startswith("Failed to remove a/b@y.example from the suppression list: ")
    assert failed["msg"].endswith("The API of SES cannot remove an address with a slash: remove it in the SES console.")


def test_in_the_sandbox_nothing_is_added_but_an_address_is_removed(
    run_module: Any, listed: SuppressionList, account: _Account
) -> None:
    listed.put("o@y.example", "BOUNCE")
    account.sandbox = True
    failed = run_module(ENTRY, email_address="p@y.example", reason="BOUNCE")
    assert failed["failed"]
    assert failed["error"]["code"] == "BadRequestException"
    assert "If the account is in the SES sandbox, request production access first" in failed["msg"]
    assert run_module(ENTRY, email_address="o@y.example", state="absent")["removed"] == ["o@y.example"]


@pytest.mark.parametrize("operation", [GET, LIST, PUT])
def test_what_ses_throttles_is_tried_again(
    run_module: Any, listed: SuppressionList, monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    noted = refuse(monkeypatch, operation, "TooManyRequestsException", times=3)
    assert run_module(ENTRY, email_address="o@y.example", reason="BOUNCE")["added"] == ["o@y.example"]
    assert noted.count(operation) >= 4
    assert listed.reason("o@y.example") == "BOUNCE"


@pytest.mark.parametrize(
    ("operation", "says"),
    [
        pytest.param(GET, "Failed to look up o@y.example on the suppression list", id="look up"),
        pytest.param(LIST, "Failed to list the suppression list", id="list"),
        pytest.param(PUT, "Failed to add o@y.example to the suppression list", id="add"),
    ],
)
def test_what_is_denied_is_said(
    run_module: Any,
    listed: SuppressionList,
    monkeypatch: pytest.MonkeyPatch,
    operation: str,
    says: str,
) -> None:
    refuse(monkeypatch, operation, "AccessDeniedException")
    failed = run_module(ENTRY, email_address="o@y.example", reason="BOUNCE")
    assert failed["failed"]
    assert listed.reason("o@y.example") is None
    assert failed["msg"].startswith(says)
    assert failed["msg"].endswith("Give the credentials in use the permission that the message names, or use others.")


def test_what_somebody_else_removed_meanwhile_is_absent(
    run_module: Any, listed: SuppressionList, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed.put("o@y.example", "BOUNCE")
    refuse(monkeypatch, DELETE, "NotFoundException")
    assert run_module(ENTRY, email_address="o@y.example", state="absent")["removed"] == ["o@y.example"]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        pytest.param({"email_address": "o@y.example"}, "state is present but all of the following", id="no reason"),
        pytest.param({"state": "absent"}, "one of the following is required", id="no address"),
        pytest.param(
            {"email_address": "jane", "state": "absent"},
            "email_address: 'jane' is not an email address",
            id="no domain",
        ),
        pytest.param(
            {"email_addresses": ["Jane <j@y.example>"], "state": "absent"},
            "email_addresses: 'Jane <j@y.example>' is not a plain email address: give only user@host",
            id="a display name",
        ),
    ],
)
def test_bad_options_call_nothing(
    run_module: Any, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], says: str
) -> None:
    noted = noted_calls(monkeypatch)
    failed = run_module(ENTRY, **options)
    assert failed["failed"]
    assert says in failed["msg"]
    assert noted == []


@pytest.fixture
def three(listed: SuppressionList, account: _Account) -> SuppressionList:
    for address, reason in {"c@y.example": "BOUNCE", "a@y.example": "COMPLAINT", "B@y.example": "BOUNCE"}.items():
        listed.put(address, reason, f"m-{address[0]}", f"f-{address[0]}")
        account.now += 3600
    return listed


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param({}, ["B@y.example", "a@y.example", "c@y.example"], id="all"),
        pytest.param({"reasons": ["BOUNCE"]}, ["B@y.example", "c@y.example"], id="a reason"),
        pytest.param({"start_date": "2026-11-21T12:30:00Z"}, ["B@y.example", "a@y.example"], id="after"),
        pytest.param({"end_date": "2026-11-21 12:30"}, ["c@y.example"], id="before"),
        pytest.param({"start_date": "2026-11-22"}, [], id="none"),
        pytest.param({"email_addresses": ["a@y.example", "z@y.example"]}, ["a@y.example"], id="by address"),
        pytest.param({"email_addresses": ["b@Y.example"]}, ["B@y.example"], id="in another case"),
        pytest.param({"email_addresses": ["B@y.example", "b@y.example"]}, ["B@y.example"], id="the same twice"),
        pytest.param({"email_addresses": []}, [], id="no address"),
    ],
)
def test_info(run_module: Any, three: SuppressionList, options: dict[str, Any], expected: list[str]) -> None:
    assert three.reason("c@y.example")
    results = [run_module(INFO, check_mode=check_mode, **options) for check_mode in (True, False)]
    assert results[0] == results[1]
    assert addresses(results[0]) == expected
    assert results[0]["changed"] is False


def test_info_shows_of_which_mail_an_entry_is_where_it_is_looked_up(run_module: Any, three: SuppressionList) -> None:
    assert three.reason("c@y.example")
    (by_address,) = run_module(INFO, email_addresses=["c@y.example"])["suppressed_destinations"]
    assert by_address == entry("c@y.example", message_id="m-c", feedback_id="f-c")
    (in_list,) = run_module(INFO, end_date="2026-11-21T12:30:00Z")["suppressed_destinations"]
    assert in_list == {key: by_address[key] for key in ("email_address", "reason", "last_update_time")}


def test_info_reads_every_page(run_module: Any, listed: SuppressionList) -> None:
    for number in range(2 * PAGE_SIZE + 1):
        listed.put(f"{number:03}@y.example", "BOUNCE")
    assert addresses(run_module(INFO)) == [f"{number:03}@y.example" for number in range(2 * PAGE_SIZE + 1)]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        pytest.param({"start_date": "yesterday"}, "start_date: 'yesterday' is not a date or time", id="no date"),
        pytest.param({"start_date": "2026-11-22", "end_date": "2026-11-21"}, "start_date: is not before", id="order"),
        pytest.param({"email_addresses": ["o@y.example"], "reasons": ["BOUNCE"]}, "mutually exclusive", id="both"),
    ],
)
def test_info_with_bad_options_calls_nothing(
    run_module: Any, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], says: str
) -> None:
    noted = noted_calls(monkeypatch)
    failed = run_module(INFO, **options)
    assert failed["failed"]
    assert says in failed["msg"]
    assert noted == []
