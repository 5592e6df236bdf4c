# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a resource policy lets an AWS service in."""

from __future__ import annotations

from typing import Any

import pytest

from tests.local_aws.service_policy import allows

CONTEXT = {
    "aws:SourceAccount": "111122223333",
    "aws:SourceArn": "arn:aws:ses:eu-west-1:111122223333:receipt-rule-set/s:receipt-rule/r",
    "aws:SecureTransport": "true",
}
STATEMENT: dict[str, Any] = {
    "Effect": "Allow",
    "Principal": {"Service": "ses.amazonaws.com"},
    "Action": "s3:PutObject",
    "Resource": "arn:aws:s3:::mail/mail/*",
}


def _allows(*statements: dict[str, Any]) -> bool:
    policy = {"Statement": list(statements)}
    return allows(policy, "ses.amazonaws.com", "s3:PutObject", "arn:aws:s3:::mail/mail/1", CONTEXT)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, True, id="plain"),
        pytest.param({"Principal": {"Service": "sns.amazonaws.com"}}, False, id="another service"),
        pytest.param({"Principal": "*"}, True, id="everyone"),
        pytest.param({"Action": ["s3:GetObject", "s3:Put*"]}, True, id="action by pattern"),
        pytest.param({"Action": "s3:GetObject"}, False, id="another action"),
        pytest.param({"Resource": "arn:aws:s3:::mail"}, False, id="the bucket only"),
        pytest.param({"Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}}, True, id="source account"),
        pytest.param(
            {"Condition": {"StringEquals": {"aws:sourceaccount": ["1", "111122223333"]}}}, True, id="one of several"
        ),
        pytest.param(
            {"Condition": {"StringEquals": {"aws:SourceAccount": "444455556666"}}}, False, id="another account"
        ),
        pytest.param(
            {
                "Condition": {
                    "ArnLike": {"aws:SourceArn": "arn:aws:ses:*:111122223333:receipt-rule-set/s:receipt-rule/*"}
                }
            },
            True,
            id="source ARN by pattern",
        ),
        pytest.param(
            {"Condition": {"ArnEquals": {"aws:SourceArn": "arn:aws:ses:eu-west-1:1:x"}}}, False, id="another ARN"
        ),
        pytest.param({"Condition": {"StringEquals": {"aws:Referer": "1"}}}, False, id="a key that SES does not send"),
        pytest.param({"Condition": {"StringEqualsIfExists": {"aws:Referer": "1"}}}, True, id="…, if it exists"),
        pytest.param({"Condition": {"StringNotEquals": {"aws:SourceAccount": "111122223333"}}}, False, id="negated"),
        pytest.param({"Condition": {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}}, False, id="unknown operator"),
    ],
)
def test_an_allowing_statement(changes: dict[str, Any], expected: bool) -> None:
    assert _allows({**STATEMENT, **changes}) is expected


@pytest.mark.parametrize(
    ("denial", "expected"),
    [
        pytest.param({"Condition": {"Bool": {"aws:SecureTransport": "false"}}}, True, id="only without TLS"),
        pytest.param({}, False, id="always"),
        pytest.param({"Action": "s3:DeleteObject"}, True, id="something else"),
    ],
)
def test_a_denying_statement_is_stronger(denial: dict[str, Any], expected: bool) -> None:
    everyone = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}
    assert _allows(STATEMENT, {**everyone, **denial}) is expected


def test_no_statement_allows_nothing() -> None:
    assert _allows() is False
