# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests as they travel: whom they are for, and what they ask."""

from __future__ import annotations

import pytest

from tests.local_aws.wire import AwsError, Request, query_error, query_parameters, query_result

SIGNED = "AWS4-HMAC-SHA256 Credential=AKID/20261121/eu-west-1/ses/aws4_request, SignedHeaders=host, Signature=0"


@pytest.mark.parametrize(
    ("authorization", "scope"),
    [
        pytest.param(SIGNED, ("eu-west-1", "ses"), id="signed"),
        pytest.param(SIGNED.replace(", ", ","), ("eu-west-1", "ses"), id="without spaces"),
        pytest.param("", None, id="none"),
        pytest.param("Bearer abc", None, id="another scheme"),
        pytest.param("AWS4-HMAC-SHA256 Credential=AKID/short, Signature=0", None, id="malformed"),
    ],
)
def test_the_credential_scope_says_whom_a_request_is_for(authorization: str, scope: tuple[str, str] | None) -> None:
    assert Request("POST", "/", "", {"authorization": authorization}, b"").scope == scope


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(b"Action=A&B.C=d%20e", {"Action": "A", "B": {"C": "d e"}}, id="nested"),
        pytest.param(b"L.member.1=a&L.member.2=b", {"L": ["a", "b"]}, id="list"),
        pytest.param(b"&".join(b"L.member.%d=%d" % (n, n) for n in (10, 2, 1)), {"L": ["1", "2", "10"]}, id="order"),
        pytest.param(
            b"R.Actions.member.1.S3Action.BucketName=b",
            {"R": {"Actions": [{"S3Action": {"BucketName": "b"}}]}},
            id="list of structures",
        ),
        pytest.param(b"R.Recipients=", {"R": {"Recipients": ""}}, id="empty list"),
        pytest.param(b"", {}, id="nothing"),
    ],
)
def test_query_parameters(body: bytes, expected: object) -> None:
    assert query_parameters(body) == expected


def test_text_is_escaped_in_answers() -> None:
    assert b"<Name>a&lt;b&amp;c</Name>" in query_result("X", {"Name": "a<b&c"}).body
    error = query_error(AwsError("RuleDoesNotExist", "no <rule>", Name="r&r"))
    assert error.status == 400
    assert b"<Code>RuleDoesNotExist</Code><Message>no &lt;rule&gt;</Message><Name>r&amp;r</Name>" in error.body
