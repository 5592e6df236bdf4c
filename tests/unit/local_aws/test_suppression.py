# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The account-level suppression list as boto3 sees it, through a gateway, and as sending asks it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.local_aws.gateway import Gateway
from tests.local_aws.suppression import PAGE_SIZE, SuppressionList
from tests.local_aws.wire import Request

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


class _Account:
    """The time, and whether the account is in the sandbox."""

    def __init__(self) -> None:
        self.now = NOW.timestamp()
        self.sandbox = False


@pytest.fixture
def account() -> _Account:
    return _Account()


@pytest.fixture
def suppression(account: _Account) -> SuppressionList:
    return SuppressionList(lambda: account.sandbox, lambda: account.now)


@pytest.fixture
def ses(suppression: SuppressionList) -> Iterator[Any]:
    gateway = Gateway({"ses": suppression.handle})
    gateway.start()
    url = f"http://127.0.0.1:{gateway.port}"
    yield boto3.client(
        "sesv2", endpoint_url=url, region_name="eu-west-1", config=Config(retries={"total_max_attempts": 1})
    )
    gateway.stop()


def _refusal(call: Any, **request: Any) -> tuple[int, str, str]:
    with pytest.raises(ClientError) as caught:
        call(**request)
    answer = caught.value.response
    return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"], answer["Error"]["Message"]


def _listed(ses: Any, **filters: Any) -> list[str]:
    page = ses.list_suppressed_destinations(**filters)
    assert "NextToken" not in page
    return [each["EmailAddress"] for each in page["SuppressedDestinationSummaries"]]


def test_an_entry_that_a_bounce_made_has_the_ids_of_the_mail(ses: Any, suppression: SuppressionList) -> None:
    suppression.put("o@example.org", "BOUNCE", "m-1", "f-1")
    entry = ses.get_suppressed_destination(EmailAddress="o@example.org")["SuppressedDestination"]
    assert entry == {
        "EmailAddress": "o@example.org",
        "Reason": "BOUNCE",
        "LastUpdateTime": NOW,
        "Attributes": {"MessageId": "m-1", "FeedbackId": "f-1"},
    }


def test_an_entry_that_somebody_made_has_none(ses: Any) -> None:
    ses.put_suppressed_destination(EmailAddress="o@example.org", Reason="COMPLAINT")
    entry = ses.get_suppressed_destination(EmailAddress="o@example.org")["SuppressedDestination"]
    assert entry == {"EmailAddress": "o@example.org", "Reason": "COMPLAINT", "LastUpdateTime": NOW}


def test_a_second_put_updates_the_entry(ses: Any, account: _Account) -> None:
    ses.put_suppressed_destination(EmailAddress="o@example.org", Reason="COMPLAINT")
    account.now += 60
    ses.put_suppressed_destination(EmailAddress="o@example.org", Reason="BOUNCE")
    (entry,) = ses.list_suppressed_destinations()["SuppressedDestinationSummaries"]
    assert (entry["Reason"], entry["LastUpdateTime"]) == ("BOUNCE", datetime(2026, 11, 21, 9, 31, tzinfo=UTC))


def test_the_list_keeps_the_local_part_and_folds_the_domain(ses: Any) -> None:
    for address in ("Foo.Bar@Example.ORG", " Foo.Bar@example.org ", "foo.bar@example.org"):
        ses.put_suppressed_destination(EmailAddress=address, Reason="BOUNCE")
    assert _listed(ses) == ["Foo.Bar@example.org", "foo.bar@example.org"]
    ses.delete_suppressed_destination(EmailAddress="Foo.Bar@EXAMPLE.org")
    assert _listed(ses) == ["foo.bar@example.org"]
    assert _refusal(ses.get_suppressed_destination, EmailAddress="Foo.Bar@example.org")[1] == "NotFoundException"


@pytest.mark.parametrize(
    ("listed", "asked", "reason"),
    [
        pytest.param({"o@example.org": "BOUNCE"}, "o@example.org", "BOUNCE", id="as it is listed"),
        pytest.param({"O@example.org": "COMPLAINT"}, "o@Example.org", "COMPLAINT", id="in another case"),
        pytest.param(
            {"O@example.org": "BOUNCE", "o@example.org": "COMPLAINT"}, "o@example.org", "COMPLAINT", id="both"
        ),
        pytest.param({"o@example.org": "BOUNCE"}, "p@example.org", None, id="not listed"),
        pytest.param({}, "o@example.org", None, id="an empty list"),
    ],
)
def test_sending_takes_no_notice_of_case(
    suppression: SuppressionList, listed: dict[str, str], asked: str, reason: str | None
) -> None:
    for address, listed_reason in listed.items():
        suppression.put(address, listed_reason)
    assert suppression.reason(asked) == reason


@pytest.mark.parametrize("operation", ["get_suppressed_destination", "delete_suppressed_destination"])
def test_what_is_not_on_the_list_is_not_found(ses: Any, operation: str) -> None:
    text = "Email address O@example.org does not exist on your suppression list."
    refusal = _refusal(getattr(ses, operation), EmailAddress="O@Example.org")
    assert refusal == (404, "NotFoundException", text)


@pytest.mark.parametrize("operation", ["get_suppressed_destination", "delete_suppressed_destination"])
def test_no_path_names_an_address_with_a_slash(ses: Any, operation: str) -> None:
    ses.put_suppressed_destination(EmailAddress="a/b@example.org", Reason="BOUNCE")
    assert _listed(ses) == ["a/b@example.org"]
    assert _refusal(getattr(ses, operation), EmailAddress="a/b@example.org")[:2] == (400, "BadRequestException")


def test_an_address_may_have_every_other_sign(ses: Any) -> None:
    address = "!#$%&'*+=?^_`{|}~-@example.org"
    ses.put_suppressed_destination(EmailAddress=address, Reason="BOUNCE")
    found = ses.get_suppressed_destination(EmailAddress=address)["SuppressedDestination"]
    assert found["EmailAddress"] == address


@pytest.mark.parametrize(
    ("operation", "request_", "text"),
    [
        pytest.param("put_suppressed_destination", {"EmailAddress": " "}, "EmailAddress is required", id="no address"),
        pytest.param("put_suppressed_destination", {"Reason": "SPAM"}, "enum value set", id="an unknown reason"),
        pytest.param("list_suppressed_destinations", {"Reasons": ["SPAM"]}, "at 'reasons'", id="… to list by"),
    ],
)
def test_a_bad_request(ses: Any, operation: str, request_: dict[str, Any], text: str) -> None:
    whole = {"EmailAddress": "o@example.org", "Reason": "BOUNCE"} if operation.startswith("put") else {}
    status, code, message = _refusal(getattr(ses, operation), **{**whole, **request_})
    assert (status, code) == (400, "BadRequestException")
    assert text in message


def test_nothing_is_added_in_the_sandbox_but_entries_can_be_lifted(
    ses: Any, suppression: SuppressionList, account: _Account
) -> None:
    suppression.put("o@example.org", "BOUNCE")
    account.sandbox = True
    refusal = _refusal(ses.put_suppressed_destination, EmailAddress="p@example.org", Reason="BOUNCE")
    assert refusal[1] == "BadRequestException"
    ses.delete_suppressed_destination(EmailAddress="o@example.org")
    assert _listed(ses) == []


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        pytest.param({}, ["a@x.org", "b@x.org", "c@x.org"], id="all"),
        pytest.param({"Reasons": ["BOUNCE"]}, ["a@x.org", "c@x.org"], id="a reason"),
        pytest.param({"Reasons": ["BOUNCE", "COMPLAINT"]}, ["a@x.org", "b@x.org", "c@x.org"], id="both reasons"),
        pytest.param({"StartDate": datetime(2026, 11, 21, 9, 30, 30, tzinfo=UTC)}, ["b@x.org", "c@x.org"], id="after"),
        pytest.param({"EndDate": datetime(2026, 11, 21, 9, 30, 30, tzinfo=UTC)}, ["a@x.org"], id="before"),
        pytest.param(
            {"StartDate": datetime(2026, 11, 21, 9, 31, 30, tzinfo=UTC), "Reasons": ["COMPLAINT"]}, [], id="none"
        ),
    ],
)
def test_filters(
    ses: Any, suppression: SuppressionList, account: _Account, filters: dict[str, Any], expected: list[str]
) -> None:
    for address, reason in {"a@x.org": "BOUNCE", "b@x.org": "COMPLAINT", "c@x.org": "BOUNCE"}.items():
        suppression.put(address, reason)
        account.now += 60
    assert _listed(ses, **filters) == expected


def test_pages(ses: Any, suppression: SuppressionList) -> None:
    addresses = [f"o{number}@example.org" for number in range(PAGE_SIZE + 1)]
    for address in addresses:
        suppression.put(address, "BOUNCE")
    first = ses.list_suppressed_destinations(PageSize=60)
    second = ses.list_suppressed_destinations(PageSize=60, NextToken=first["NextToken"])
    pages = [page["SuppressedDestinationSummaries"] for page in (first, second)]
    assert [each["EmailAddress"] for page in pages for each in page] == addresses
    assert "NextToken" not in second
    assert len(ses.list_suppressed_destinations()["SuppressedDestinationSummaries"]) == PAGE_SIZE
    for request in ({"NextToken": "x"}, {"NextToken": first["NextToken"], "Reasons": ["BOUNCE"]}):
        assert _refusal(ses.list_suppressed_destinations, **request)[1] == "InvalidNextTokenException"


def test_a_rate_is_that_of_each_operation(ses: Any, suppression: SuppressionList, account: _Account) -> None:
    suppression.rate = 1
    ses.list_suppressed_destinations()
    ses.put_suppressed_destination(EmailAddress="o@example.org", Reason="BOUNCE")
    assert _refusal(ses.list_suppressed_destinations)[:2] == (429, "TooManyRequestsException")
    account.now += 1
    assert _listed(ses) == ["o@example.org"]


@pytest.mark.parametrize(
    ("method", "path", "query"),
    [
        pytest.param("GET", "/v2/email/account", "", id="another resource"),
        pytest.param("POST", "/v2/email/suppression/addresses", "", id="another method"),
        pytest.param("GET", "/v2/email/suppression/addresses", "TenantName=t", id="a tenant's list"),
    ],
)
def test_other_requests_are_left_to_others(suppression: SuppressionList, method: str, path: str, query: str) -> None:
    assert suppression.handle(Request(method, path, query, {}, b"")) is None


def test_an_unknown_reason_is_the_tests_mistake(suppression: SuppressionList) -> None:
    with pytest.raises(ValueError, match="BOUNCE, COMPLAINT"):
        suppression.put("o@example.org", "bounce")
