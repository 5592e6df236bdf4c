# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may ask for what address, and what is refused before anything is written."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._map import requests
from ansible_collections.account_factory.email.plugins.module_utils._map.changes import Change
from ansible_collections.account_factory.email.plugins.module_utils._map.edits import Edit
from ansible_collections.account_factory.email.plugins.module_utils._record import AddressRecord, Stamp

STAMP = Stamp("2026-11-21T09:30:00Z", "arn:aws:iam::123456789012:user/jane")
LATER = Stamp("2026-11-21T10:00:00Z", "arn:aws:iam::123456789012:user/joe")
DOMAINS = ("accounts.example.com", "other.example.com", "b.example")
VEND: dict[str, Any] = {
    "name_prefix": "App",
    "domain": "accounts.example.com",
    "request_id": "T-1",
    "counter_length": 3,
    "owners": ["jane@example.org"],
    "owner_groups": None,
    "fallback_owners": None,
    "contacts": None,
    "account_type": None,
    "tags": None,
    "account_name": None,
    "local_part": None,
    "account_id": None,
    "forwarding": None,
    "on_change": "refuse",
}
EXACT: dict[str, Any] = {
    **VEND,
    "name_prefix": None,
    "request_id": None,
    "account_name": "Log-Archive",
}


def vended(**changes: Any) -> AddressRecord:
    return replace(numbered(), **changes)


def built(options: dict[str, Any]) -> requests.VendRequest:
    made = requests.build_request(options)
    made.check_domains(DOMAINS)
    return made


def request(**options: Any) -> requests.VendRequest:
    return built({**VEND, **options})


def numbered(number: int = 1, **options: Any) -> AddressRecord:
    series = request(**options)
    assert isinstance(series, requests.SeriesRequest)
    return Change(None, series.record(number)).signed(STAMP).after


def exact(**options: Any) -> AddressRecord:
    one = built({**EXACT, **options})
    assert isinstance(one, requests.ExactRequest)
    return one.record()


@pytest.mark.parametrize(
    ("number", "length", "name"),
    [(1, 3, "App-001"), (999, 3, "App-999"), (1000, 3, "App-1000"), (7, 1, "App-7")],
    ids=["filled", "full", "grows past", "one digit"],
)
def test_number_in_name_and_address(number: int, length: int, name: str) -> None:
    record = numbered(number, counter_length=length)
    assert (record.account_name, record.address) == (name, f"{name.lower()}@accounts.example.com")
    assert (record.status, record.version, record.created_by) == ("vended", 1, STAMP.by)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        pytest.param({"owners": ["jane"]}, r"owners\[0\]: 'jane' is not an email", id="owner is no address"),
        pytest.param({"owners": ["a@z.example", "x y@z.example"]}, r"owners\[1\]: ", id="second owner"),
        pytest.param({"owners": []}, "owners: is empty", id="no owner"),
        pytest.param(
            {"owners": ["x@Accounts.Example.com"]}, r"owners\[0\]: .* vended domain", id="owner in the domain"
        ),
        pytest.param({"owners": ["x@other.example.com"]}, r"owners\[0\]: .* vended domain", id="owner in another"),
        pytest.param({"domain": "localhost"}, "domain: 'localhost' is not a domain", id="domain"),
        pytest.param({"domain": "gmail.example"}, "domain: nobody forwards .* has accounts.ex", id="unknown domain"),
        pytest.param({"account_type": " "}, "account_type: is empty", id="blank type"),
        pytest.param({"request_id": "  "}, "request_id: has 0 characters", id="blank request id"),
        pytest.param({"request_id": "x" * 257}, "request_id: has 257 characters", id="long request id"),
        *[
            pytest.param({"name_prefix": prefix}, "name_prefix: .* is not a valid beginning", id=f"prefix {prefix!r}")
            for prefix in ("", " ", "Team Blue", "R&D", ".app", "app.", "über", "app-001+x", "-app")
        ],
        pytest.param({"counter_length": 0}, "counter_length: 0", id="counter length 0"),
        pytest.param({"counter_length": 11}, "counter_length: 11", id="counter length 11"),
        pytest.param({"tags": {"aws:x": "y"}}, "tags: 'aws:x' begins with 'aws:'", id="tag of AWS"),
    ],
)
def test_vend_request_refuses(options: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=says):
        request(**options)


def test_a_prefix_that_is_too_long_is_refused_with_what_fits() -> None:
    with pytest.raises(InputError, match=r"^name_prefix: .* has 65 characters.* Use at most 39 letters"):
        numbered(name_prefix="x" * 40)


def test_the_longest_prefix_that_the_message_names_fits() -> None:
    assert len(numbered(name_prefix="x" * 39).address) == 64
    with pytest.raises(InputError):
        numbered(name_prefix="x" * 40)


def test_owners_are_kept_once_each_in_their_order() -> None:
    made = request(owners=["B@x.example", "a@x.example", "b@X.example"])
    assert made.values["owners"] == ("B@x.example", "a@x.example")


@pytest.mark.parametrize(
    "again",
    [
        pytest.param({}, id="the same"),
        pytest.param({"owners": ["Jane@example.org"]}, id="owner in another case"),
        pytest.param({"name_prefix": "app"}, id="prefix in another case"),
        pytest.param({"owners": ["new@example.org"]}, id="the owner that it has today"),
        pytest.param({"counter_length": 4}, id="another width"),
        pytest.param({"forwarding": True}, id="forwarding, said in words"),
        pytest.param({"name_prefix": None, "account_name": "App-001"}, id="by the name that it got"),
    ],
)
def test_the_same_request_again(again: dict[str, Any]) -> None:
    asked = request().asked()
    record = vended(owners=("new@example.org",))
    assert requests.change_asked_for(request(**again), asked, record) is None


@pytest.mark.parametrize(
    ("again", "says"),
    [
        pytest.param({"name_prefix": "other"}, "name_prefix was 'App' and is 'other' here", id="prefix"),
        pytest.param({"domain": "b.example"}, "domain was 'accounts.example.com' and is 'b.example'", id="domain"),
        pytest.param({"owners": ["x@example.org"]}, "owners was", id="owners"),
        pytest.param({"owners": ["jane@example.org", "x@example.org"]}, "owners was", id="one owner more"),
        pytest.param({"forwarding": False}, "forwarding was True and is False", id="forwarding"),
        pytest.param({"name_prefix": None, "account_name": "X"}, "account_name was None", id="an exact name"),
    ],
)
def test_a_request_id_used_for_something_else_is_refused(again: dict[str, Any], says: str) -> None:
    asked = request().asked()
    with pytest.raises(InputError, match=says) as refused:
        requests.change_asked_for(request(**again), asked, vended())
    assert "app-001@accounts.example.com" in str(refused.value)
    assert "while no account has it, its tags and account_type may be others" in str(refused.value)


WITH_ACCOUNT: dict[str, Any] = {"status": "active", "account_id": "123456789012"}
TAGGED: dict[str, Any] = {"tags": {"team": "blue"}, "account_type": "prod"}


@pytest.mark.parametrize(
    ("again", "changes"),
    [
        pytest.param({"tags": {"team": "R+D"}}, {"tags": {"team": "R+D"}}, id="tags"),
        pytest.param({"account_type": "sandbox"}, {"account_type": "sandbox"}, id="type"),
        pytest.param(
            {"tags": {"a": "b"}, "account_type": "sandbox"}, {"tags": {"a": "b"}, "account_type": "sandbox"}, id="both"
        ),
    ],
)
def test_a_request_is_mended_while_no_account_has_its_address(again: dict[str, Any], changes: dict[str, Any]) -> None:
    asked = request(**TAGGED).asked()
    change = requests.change_asked_for(request(**{**TAGGED, **again}), asked, vended(**TAGGED))
    assert change == Edit("app-001@accounts.example.com", changes)
    with pytest.raises(InputError, match=r"to change that one, give on_change=apply$"):
        requests.change_asked_for(request(**{**TAGGED, **again}), asked, vended(**TAGGED, **WITH_ACCOUNT))


@pytest.mark.parametrize(
    ("again", "says"),
    [
        pytest.param({"tags": None}, "tags was {'team': 'blue'} and is {} here.*give on_change=apply", id="no tags"),
        pytest.param({"account_type": None}, "account_type was 'prod' and is None here.*edit it", id="no type"),
        pytest.param(
            {"tags": {"a": "b"}, "owners": ["x@example.org"]}, "owners was.*give on_change", id="an owner, too"
        ),
    ],
)
def test_what_may_be_forgetfulness_or_somebody_elses_mends_nothing(again: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=says):
        requests.change_asked_for(request(**{**TAGGED, **again}), request(**TAGGED).asked(), vended(**TAGGED))


@pytest.mark.parametrize("record", [pytest.param({}, id="no account"), pytest.param(WITH_ACCOUNT, id="account")])
@pytest.mark.parametrize(
    ("again", "changes"),
    [
        pytest.param({"owners": ["x@example.org"]}, {"owners": ("x@example.org",)}, id="owners"),
        pytest.param({"forwarding": False}, {"forwarding": False}, id="forwarding"),
        pytest.param({"tags": None}, {"tags": {}}, id="no tags"),
    ],
)
def test_on_change_apply_edits_what_differs(
    record: dict[str, Any], again: dict[str, Any], changes: dict[str, Any]
) -> None:
    # What was edited since and is not asked to be different stays.
    holds = vended(**{**TAGGED, "account_type": "edited", **record})
    change = requests.change_asked_for(
        request(**{**TAGGED, "on_change": "apply", **again}), request(**TAGGED).asked(), holds
    )
    assert change == Edit("app-001@accounts.example.com", changes)


@pytest.mark.parametrize(
    ("again", "says"),
    [
        pytest.param({"name_prefix": "other"}, "name_prefix was", id="prefix"),
        pytest.param({"domain": "b.example"}, "domain was", id="domain"),
        pytest.param({"name_prefix": None, "account_name": "X"}, "account_name was", id="an exact name"),
    ],
)
def test_names_never_change(again: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=f"{says}.*to change that one, edit it by its address"):
        requests.change_asked_for(request(on_change="apply", **again), request().asked(), vended())


def test_one_text_written_in_two_ways_is_one_request_id() -> None:
    ids = {request(request_id=text).request_id for text in ("T-\u00e9", "T-e\u0301")}
    assert len(ids) == 1


@pytest.mark.parametrize(
    ("names", "name", "address"),
    [
        pytest.param({}, "Log-Archive", "log-archive@accounts.example.com", id="name alone"),
        pytest.param(
            {"account_name": "Log Archive", "local_part": "Logs"}, "Log Archive", "logs@accounts.example.com", id="both"
        ),
        pytest.param(
            {"account_name": None, "local_part": "Logs"}, "Logs", "logs@accounts.example.com", id="local part"
        ),
        pytest.param(
            {"account_name": None, "local_part": "a+b"}, "a+b", "a+b@accounts.example.com", id="local part with a +"
        ),
    ],
)
def test_an_exact_name_or_local_part(names: dict[str, Any], name: str, address: str) -> None:
    record = exact(**names)
    assert (record.account_name, record.address, record.status) == (name, address, "vended")
    assert (record.request_id, record.series, record.number) == (None, None, None)


def test_an_exact_request_for_an_account_that_is_there_is_active() -> None:
    record = exact(account_id="123456789012", forwarding=False)
    assert (record.account_id, record.status, record.forwarding) == ("123456789012", "active", False)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        pytest.param(
            {"account_name": "Log Archive"}, "account_name: .* cannot be the local part", id="space, no local part"
        ),
        pytest.param({"account_name": "a+b"}, "account_name: .* cannot be the local part", id="+ by the name"),
        pytest.param({"account_name": ""}, "account_name: '' has 0 characters", id="empty name"),
        pytest.param({"account_name": "x" * 51}, "account_name: .* has 51 characters", id="long name"),
        pytest.param({"account_name": "Größe", "local_part": "g"}, "account_name: .* printable ASCII", id="name"),
        pytest.param({"local_part": "x" * 44}, "local_part: .* has 65 characters", id="long local part"),
        pytest.param({"local_part": "a%b"}, "local_part: AWS does not accept '%'", id="character"),
        pytest.param({"local_part": "postmaster"}, "local_part: .* never vended", id="postmaster"),
        pytest.param({"local_part": ""}, "local_part: ", id="empty local part"),
        pytest.param({"account_id": "1"}, "account_id: '1' is not an AWS account id", id="account id"),
        pytest.param({"owners": None}, "owners: is empty", id="no owner"),
    ],
)
def test_an_exact_request_refuses(options: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=f"^{says}"):
        exact(**options)


@pytest.mark.parametrize(
    ("again", "says"),
    [
        pytest.param({"owners": ["eve@example.org"]}, "owners was", id="owners"),
        pytest.param({"domain": "b.example"}, "domain was", id="domain"),
        pytest.param({"local_part": "logs"}, "local_part was 'log-archive' and is 'logs' here", id="local part"),
        pytest.param({"account_id": "123456789012"}, "account_id was None", id="account id"),
    ],
)
def test_a_name_that_is_vended_already_is_not_vended_otherwise(again: dict[str, Any], says: str) -> None:
    first = built(EXACT)
    with pytest.raises(InputError, match=f"account_name: 'Log-Archive' is vended already, as log-archive@.*{says}"):
        requests.change_asked_for(built({**EXACT, **again}), first.asked(), exact())
