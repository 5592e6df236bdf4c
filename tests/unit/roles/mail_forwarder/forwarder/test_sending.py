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

from ansible_collections.account_factory.email.plugins.module_utils._notice import Notice, Verdicts
from forwarder.aws.sending import certainly_not_sent, refusal_of, send
from forwarder.core.forms import UnsendableError
from forwarder.core.outcomes import Reason
from forwarder.core.recipients import Delivery, Standing
from forwarder.core.tags import tag_value
from tests.aws_errors import aws_error

from .conftest import FROM, SETTINGS


def test_a_mail_is_sent_to_one_mailbox_only() -> None:
    sesv2 = boto3.client("sesv2", region_name="eu-west-1")
    notice = Notice("m1", "a@x.org", ("one@example.com",), Verdicts(), "bucket", "mail/m1")
    with Stubber(sesv2) as stubber:
        stubber.add_response(
            "send_email",
            {"MessageId": "s1"},
            {
                "FromEmailAddress": FROM,
                "Destination": {"ToAddresses": ["owner@example.org"]},
                "Content": {"Raw": {"Data": b"To: others@example.org\r\n\r\n\xff\x00"}},
                "ConfigurationSetName": SETTINGS.configuration_set,
                "EmailTags": [
                    {"Name": "message_id", "Value": "m1"},
                    {"Name": "address", "Value": "one_example_com"},
                    {"Name": "reason", "Value": "owner"},
                    {"Name": "delivery", "Value": "bTEKCm9uZUBleGFtcGxlLmNvbQ"},
                    {"Name": "mailbox", "Value": "b3duZXJAZXhhbXBsZS5vcmc"},
                ],
            },
        )
        data = b"To: others@example.org\r\n\r\n\xff\x00"
        delivery = Delivery("one@example.com", "one@example.com", "owner@example.org", Standing.OWNER)
        assert send(sesv2, SETTINGS, data, delivery.mailbox, delivery, notice) == "s1"


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
        pytest.param(UnsendableError(Reason.TOO_LARGE), True, id="known to be refused"),
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


def said(code: str, words: str, status: int = 400) -> ClientError:
    return aws_error(code, "SendEmail", status, words)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        pytest.param(said("BadRequestException", "Duplicate header 'Subject'."), Reason.MALFORMED, id="malformed"),
        pytest.param(said("BadRequestException", "Illegal filename 'a.exe'."), Reason.MALFORMED, id="attachment"),
        pytest.param(said("MessageRejected", "Invalid content"), Reason.MALFORMED, id="rejected"),
        pytest.param(
            said("BadRequestException", "Message length is more than 41943040 bytes long: '41943041'."),
            Reason.TOO_LARGE,
            id="message length",
        ),
        pytest.param(said("RequestEntityTooLarge", "", 413), Reason.TOO_LARGE, id="request entity"),
        pytest.param(said("413", "", 413), Reason.TOO_LARGE, id="413 without a code"),
        pytest.param(
            said("MessageRejected", "Email address is not verified. …: Owner@example.org"),
            Reason.NOT_VERIFIED,
            id="sandbox",
        ),
        pytest.param(
            said("MessageRejected", f"Email address is not verified. …: {FROM}"), None, id="our own is not verified"
        ),
        pytest.param(said("MailFromDomainNotVerifiedException", "…"), None, id="MAIL FROM"),
        pytest.param(said("AccountSuspendedException", "…"), None, id="suspended"),
        pytest.param(said("SendingPausedException", "…"), None, id="paused"),
        pytest.param(said("TooManyRequestsException", "…", 429), None, id="throttled"),
        pytest.param(said("LimitExceededException", "…"), None, id="limit"),
        pytest.param(said("NotFoundException", "Configuration set <x> does not exist.", 404), None, id="not found"),
        pytest.param(said("InternalFailure", "…", 500), None, id="server error"),
        pytest.param(UnsendableError(Reason.TOO_LARGE), Reason.TOO_LARGE, id="known beforehand"),
        pytest.param(ReadTimeoutError(endpoint_url="x"), None, id="no answer"),
    ],
)
def test_what_a_refusal_means(error: Exception, expected: Reason | None) -> None:
    assert refusal_of(error, "owner@example.org") is expected
