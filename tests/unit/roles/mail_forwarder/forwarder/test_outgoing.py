# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The request that SES gets, checked against its service model, and what its failures mean."""

from __future__ import annotations

import boto3
import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)
from botocore.stub import Stubber

from forwarder.notice import Notice, Verdicts
from forwarder.outgoing import certainly_not_sent, send, tag_value
from forwarder.recipients import Delivery
from forwarder.settings import Settings
from tests.aws_errors import aws_error

SETTINGS = Settings("map", "deliveries", "bucket", "from@example.com", "AWS", "admin@example.com", True, "set", "space")


def test_a_mail_is_sent_to_one_mailbox_only() -> None:
    sesv2 = boto3.client("sesv2", region_name="eu-west-1")
    notice = Notice("m1", "a@x.org", ("one@example.com",), Verdicts(), "bucket", "mail/m1")
    with Stubber(sesv2) as stubber:
        stubber.add_response(
            "send_email",
            {"MessageId": "s1"},
            {
                "FromEmailAddress": "from@example.com",
                "Destination": {"ToAddresses": ["owner@example.org"]},
                "Content": {"Raw": {"Data": b"To: others@example.org\r\n\r\n\xff\x00"}},
                "ConfigurationSetName": "set",
                "EmailTags": [
                    {"Name": "message_id", "Value": "m1"},
                    {"Name": "address", "Value": "one_example_com"},
                    {"Name": "reason", "Value": "owner"},
                ],
            },
        )
        delivery = Delivery("one@example.com", "one@example.com", "owner@example.org", "owner")
        assert send(sesv2, SETTINGS, b"To: others@example.org\r\n\r\n\xff\x00", delivery, notice) == "s1"


@pytest.mark.parametrize(
    ("value", "expected"),
    [("a-b_C9", "a-b_C9"), ("a+b@x.org", "a_b_x_org"), ("ü", "_"), ("", "_"), ("x" * 300, "x" * 256)],
)
def test_tags_hold_what_ses_takes(value: str, expected: str) -> None:
    assert tag_value(value) == expected


def answer(status: int | None) -> ClientError:
    return aws_error("X", "SendEmail", status)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        pytest.param(answer(400), True, id="refused"),
        pytest.param(answer(429), True, id="throttled"),
        pytest.param(answer(500), False, id="server error"),
        pytest.param(answer(503), False, id="unavailable"),
        pytest.param(answer(None), False, id="no status"),
        pytest.param(ConnectTimeoutError(endpoint_url="x"), True, id="connection timed out"),
        pytest.param(EndpointConnectionError(endpoint_url="x"), True, id="no connection"),
        pytest.param(ReadTimeoutError(endpoint_url="x"), False, id="no answer"),
        pytest.param(ConnectionClosedError(endpoint_url="x"), False, id="closed"),
        pytest.param(RuntimeError("x"), False, id="anything else"),
    ],
)
def test_only_a_proof_counts_as_not_sent(error: Exception, expected: bool) -> None:
    assert certainly_not_sent(error) is expected
