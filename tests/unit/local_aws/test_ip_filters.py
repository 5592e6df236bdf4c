# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""IP address filters of local AWS: whose mail is refused at SMTP, before any rule, and what SES takes for a filter."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_aws import LocalAws
from tests.local_aws.ip_filters import MAX_FILTERS, IpFilters

BLOCKED = (550, b"5.7.1")
NO_RULE = (550, b"5.1.1")


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with LocalAws(tmp_path_factory.mktemp("aws")) as running:
        yield running


@pytest.fixture
def ses(aws: LocalAws) -> Iterator[Any]:
    client = aws.client("ses")
    yield client
    for one in client.list_receipt_filters()["Filters"]:
        client.delete_receipt_filter(FilterName=one["Name"])


def add(ses: Any, name: str, cidr: str, policy: str = "Block") -> None:
    ses.create_receipt_filter(Filter={"Name": name, "IpFilter": {"Policy": policy, "Cidr": cidr}})


def answer(aws: LocalAws) -> tuple[int, bytes]:
    """Return how SMTP answers to a recipient; there is no receipt rule."""
    host, _colon, port = aws.smtp.partition(":")
    with smtplib.SMTP(host, int(port), timeout=60) as connection:
        connection.ehlo("mail.example.org")
        connection.docmd("MAIL", "FROM:<a@example.org>")
        code, text = connection.docmd("RCPT", "TO:<b@accounts.example.com>")
    return code, text.split()[0]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        pytest.param({}, NO_RULE, id="none"),
        pytest.param({"127.0.0.1": "Block"}, BLOCKED, id="the client"),
        pytest.param({"127.0.0.7/8": "Block"}, BLOCKED, id="its range"),
        pytest.param({"10.0.0.0/8": "Block"}, NO_RULE, id="another range"),
        pytest.param({"0.0.0.0/0": "Block", "127.0.0.1/32": "Allow"}, NO_RULE, id="allow beats block"),
        pytest.param({"127.0.0.0/8": "Allow", "127.0.0.1/32": "Block"}, NO_RULE, id="allow beats block, though wider"),
        pytest.param({"0.0.0.0/0": "Block", "10.0.0.1": "Allow"}, BLOCKED, id="others are allowed"),
        pytest.param({"::/0": "Block"}, NO_RULE, id="of the other protocol"),
    ],
)
def test_a_client_is_refused_before_any_rule(
    aws: LocalAws, ses: Any, filters: dict[str, str], expected: tuple[int, bytes]
) -> None:
    for number, (cidr, policy) in enumerate(filters.items()):
        add(ses, f"filter-{number}", cidr, policy)
    assert answer(aws) == expected


def test_filters_are_listed_and_deleted(ses: Any) -> None:
    add(ses, "theirs", "192.0.2.0/24")
    found = [{"Name": "theirs", "IpFilter": {"Policy": "Block", "Cidr": "192.0.2.0/24"}}]
    assert ses.list_receipt_filters()["Filters"] == found
    ses.delete_receipt_filter(FilterName="theirs")
    ses.delete_receipt_filter(FilterName="theirs")
    assert ses.list_receipt_filters()["Filters"] == []


@pytest.mark.parametrize(
    ("name", "cidr", "policy", "code"),
    [
        pytest.param("-a", "10.0.0.1", "Block", "InvalidParameterValue", id="name"),
        pytest.param("a.b", "10.0.0.1", "Block", "InvalidParameterValue", id="name with a dot"),
        pytest.param("a" * 65, "10.0.0.1", "Block", "InvalidParameterValue", id="long name"),
        pytest.param("a", "10.0.0.1/33", "Block", "InvalidParameterValue", id="range"),
        pytest.param("a", "example.org", "Block", "InvalidParameterValue", id="host"),
        pytest.param("a", "10.0.0.1", "Drop", "ValidationError", id="policy"),
        pytest.param("there", "10.0.0.2", "Allow", "AlreadyExists", id="name of another"),
    ],
)
def test_what_ses_would_not_take_is_refused(ses: Any, name: str, cidr: str, policy: str, code: str) -> None:
    add(ses, "there", "10.0.0.1")
    with pytest.raises(ClientError) as refused:
        add(ses, name, cidr, policy)
    assert refused.value.response["Error"]["Code"] == code


def test_there_are_a_hundred_at_most(ses: Any) -> None:
    for number in range(MAX_FILTERS):
        add(ses, f"filter-{number}", f"10.0.0.{number}")
    with pytest.raises(ClientError) as refused:
        add(ses, "one-more", "10.0.1.0")
    assert refused.value.response["Error"]["Code"] == "LimitExceeded"


def test_nobody_is_refused_at_first() -> None:
    assert not IpFilters().refuses("192.0.2.1")
