# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sending through SES as boto3 does it: what is refused, with which code, and what lands in the outbox."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError

from tests.local_aws.gateway import Gateway
from tests.local_aws.mailboxes import Mailboxes
from tests.local_aws.outbox import Outbox
from tests.local_aws.sending import PAUSED, QUOTA_EXCEEDED, RATE_EXCEEDED, Outage, Sending
from tests.local_aws.ses_account import SesAccount
from tests.local_aws.ses_delivery import SesDelivery
from tests.local_aws.ses_sending import SesSending
from tests.local_aws.suppression import SuppressionList
from tests.local_aws.wire import Request, Response

RAW = b"From: F <f@example.com>\r\nTo: o@example.org\r\nSubject: x\r\n\r\ncaf\xe9\r\n.\r\n"


@dataclass
class _Account:
    account_id: str = "111122223333"
    region: str = "eu-west-1"
    sandbox: bool = False
    options: dict[str, Any] = field(default_factory=dict)

    def verified_identities(self) -> frozenset[str]:
        return frozenset({"example.com", "Only@single.example.net"})

    def configuration_set(self, name: str) -> dict[str, Any] | None:
        return self.options if name == "known" else None

    def in_sandbox(self) -> bool:
        return self.sandbox


@pytest.fixture
def account() -> _Account:
    return _Account()


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path)


@pytest.fixture
def limits() -> Sending:
    return Sending()


@dataclass
class _Publisher:
    """Keeps what is to be published."""

    events: list[dict[str, Any]] = field(default_factory=list)

    def prepare(self, configuration_set: str, events: Sequence[dict[str, Any]]) -> Callable[[], None]:
        assert configuration_set == "known"
        return lambda: self.events.extend(events)


@pytest.fixture
def gateway(account: _Account, outbox: Outbox, limits: Sending) -> Iterator[Gateway]:
    delivery = SesDelivery(outbox, Mailboxes(), SuppressionList(), _Publisher(), limits)
    sending = SesSending(account, limits, delivery)
    ses_account = SesAccount(limits, lambda: {"ProductionAccessEnabled": not account.sandbox, "Details": {}})

    def ses(request: Request) -> Response | None:
        if request.path.startswith("/v2/"):
            return ses_account.handle(request) or sending.handle_v2(request)
        return sending.handle_v1(request)

    gateway = Gateway({"ses": ses})
    gateway.start()
    yield gateway
    gateway.stop()


def _client(gateway: Gateway, service: str) -> Any:
    url = f"http://127.0.0.1:{gateway.port}"
    return boto3.client(
        service, endpoint_url=url, region_name="eu-west-1", config=Config(retries={"total_max_attempts": 1})
    )


@pytest.fixture
def v2(gateway: Gateway) -> Any:
    return _client(gateway, "sesv2")


@pytest.fixture
def v1(gateway: Gateway) -> Any:
    return _client(gateway, "ses")


def _send(v2: Any, data: bytes = RAW, **more: Any) -> str:
    request = {"FromEmailAddress": "f@example.com", "Destination": {"ToAddresses": ["o@example.org"]}, **more}
    message_id: str = v2.send_email(Content={"Raw": {"Data": data}}, **request)["MessageId"]
    return message_id


def test_a_raw_mail_lands_in_the_outbox_byte_for_byte(v2: Any, outbox: Outbox) -> None:
    message_id = _send(v2, ConfigurationSetName="known", EmailTags=[{"Name": "a", "Value": "1"}])
    (mail,) = outbox.messages()
    assert mail.name.endswith(message_id)
    assert (mail.data, mail.sender, mail.recipients) == (RAW, "f@example.com", ("o@example.org",))
    assert (mail.configuration_set, mail.tags) == ("known", {"a": "1"})


def test_the_destination_is_stronger_than_the_header(v2: Any, outbox: Outbox) -> None:
    _send(v2, Destination={"ToAddresses": ["Other <p@example.org>"], "BccAddresses": ["q@example.org"]})
    assert outbox.messages()[0].recipients == ("p@example.org", "q@example.org")


def test_header_fields_stand_in_for_what_the_request_leaves_out(v2: Any, outbox: Outbox) -> None:
    control = b"X-SES-CONFIGURATION-SET: known\r\nX-SES-MESSAGE-TAGS: a=1, b=2\r\nCc: c@example.org\r\n"
    v2.send_email(Content={"Raw": {"Data": control + RAW}})
    (mail,) = outbox.messages()
    assert (mail.sender, mail.recipients) == ("f@example.com", ("o@example.org", "c@example.org"))
    assert (mail.configuration_set, mail.tags) == ("known", {"a": "1", "b": "2"})
    assert mail.data == control + RAW


@pytest.mark.parametrize(
    ("data", "more", "code", "text"),
    [
        pytest.param(RAW, {"FromEmailAddress": "f@other.example"}, "MessageRejected", "f@other.example", id="sender"),
        pytest.param(
            RAW.replace(b"f@example.com", b"f@other.example"),
            {},
            "MessageRejected",
            "EU-WEST-1: f@other.example",
            id="From",
        ),
        pytest.param(b"Sender: s@other.example\r\n" + RAW, {}, "MessageRejected", "s@other.example", id="Sender"),
        pytest.param(
            b"Return-Path: <r@other.example>\r\n" + RAW, {}, "MessageRejected", "r@other.example", id="Return-Path"
        ),
        pytest.param(
            RAW, {"FromEmailAddress": "only@single.example.net"}, "MessageRejected", "only@", id="case of an address"
        ),
        pytest.param(RAW, {"ConfigurationSetName": "unknown"}, "NotFoundException", "unknown", id="configuration set"),
        pytest.param(
            b"X-SES-CONFIGURATION-SET: unknown\r\n" + RAW, {}, "NotFoundException", "unknown", id="… by header"
        ),
        pytest.param(
            b"Subject: y\r\n" + RAW, {}, "BadRequestException", "Duplicate header 'Subject'.", id="duplicate header"
        ),
        pytest.param(
            RAW, {"Destination": {"ToAddresses": ["josé@example.org"]}}, "BadRequestException", "7-bit", id="8-bit"
        ),
    ],
)
def test_what_is_refused(v2: Any, outbox: Outbox, data: bytes, more: dict[str, Any], code: str, text: str) -> None:
    with pytest.raises(ClientError) as caught:
        _send(v2, data, **more)
    assert caught.value.response["Error"]["Code"] == code
    assert text in caught.value.response["Error"]["Message"]
    assert outbox.messages() == []


@pytest.mark.parametrize(
    "sender", ["f@example.com", "f@EXAMPLE.com", "f@sub.example.com", "Only@single.example.net", "Name <f@example.com>"]
)
def test_verified_senders(v2: Any, outbox: Outbox, sender: str) -> None:
    _send(v2, FromEmailAddress=sender)
    assert len(outbox.messages()) == 1


def test_in_the_sandbox_recipients_are_verified_too(v2: Any, account: _Account) -> None:
    account.sandbox = True
    _send(v2, Destination={"ToAddresses": ["x@example.com", "success@simulator.amazonses.com"]})
    with pytest.raises(v2.exceptions.MessageRejected, match=r"o@example\.org"):
        _send(v2)


def test_simple_content_becomes_a_mail(v2: Any, outbox: Outbox) -> None:
    simple = {"Subject": {"Data": "é"}, "Body": {"Text": {"Data": "t"}, "Html": {"Data": "<p>h</p>"}}}
    v2.send_email(
        FromEmailAddress="f@example.com", Destination={"ToAddresses": ["o@example.org"]}, Content={"Simple": simple}
    )
    (mail,) = outbox.messages()
    assert mail.recipients == ("o@example.org",)
    assert b"multipart/alternative" in mail.data


def test_v1_sends_raw_mail_with_its_own_limit_and_codes(v1: Any, outbox: Outbox) -> None:
    v1.send_raw_email(Source="f@example.com", Destinations=["p@example.org"], RawMessage={"Data": RAW})
    (mail,) = outbox.messages()
    assert (mail.data, mail.recipients) == (RAW, ("p@example.org",))
    large = RAW + (b"x" * 98 + b"\r\n") * 110_000
    with pytest.raises(ClientError, match="Message length is more than 10485760 bytes long") as caught:
        v1.send_raw_email(RawMessage={"Data": large})
    assert caught.value.response["Error"]["Code"] == "InvalidParameterValue"
    with pytest.raises(v1.exceptions.ConfigurationSetDoesNotExistException):
        v1.send_raw_email(RawMessage={"Data": RAW}, ConfigurationSetName="unknown")


@pytest.mark.parametrize(
    ("state", "code", "status", "text"),
    [
        pytest.param({"enabled": False}, "SendingPausedException", 400, PAUSED, id="paused by the account"),
        pytest.param({"enforcement": "SHUTDOWN"}, "SendingPausedException", 400, PAUSED, id="paused by AWS"),
        pytest.param({"suspended": True}, "AccountSuspendedException", 400, "restricted", id="suspended"),
        pytest.param({"daily_quota": 0}, "TooManyRequestsException", 429, QUOTA_EXCEEDED, id="quota"),
        pytest.param({"outage": Outage.ERROR}, "InternalFailure", 500, "failed", id="error"),
        pytest.param({"outage": Outage.UNAVAILABLE}, "ServiceUnavailable", 503, "temporary", id="unavailable"),
    ],
)
def test_what_keeps_an_account_from_sending(
    v2: Any, outbox: Outbox, limits: Sending, state: dict[str, Any], code: str, status: int, text: str
) -> None:
    for name, value in state.items():
        setattr(limits, name, value)
    with pytest.raises(ClientError) as caught:
        _send(v2)
    answer = caught.value.response
    assert (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]) == (code, status)
    assert text in answer["Error"]["Message"]
    assert outbox.messages() == []


def test_a_configuration_set_whose_sending_is_off(v1: Any, v2: Any, account: _Account) -> None:
    account.options = {"SendingOptions": {"SendingEnabled": False}}
    with pytest.raises(v2.exceptions.SendingPausedException, match="configuration set <known>"):
        _send(v2, ConfigurationSetName="known")
    with pytest.raises(v1.exceptions.ConfigurationSetSendingPausedException):
        v1.send_raw_email(RawMessage={"Data": RAW}, ConfigurationSetName="known")
    _send(v2)


def test_v1_says_it_in_its_own_codes(v1: Any, limits: Sending) -> None:
    limits.enabled = False
    with pytest.raises(v1.exceptions.AccountSendingPausedException):
        v1.send_raw_email(RawMessage={"Data": RAW})
    limits.enabled, limits.daily_quota = True, 0
    with pytest.raises(ClientError, match="Daily message quota exceeded") as caught:
        v1.send_raw_email(RawMessage={"Data": RAW})
    assert caught.value.response["Error"]["Code"] == "Throttling"


@pytest.mark.parametrize(("outage", "sent"), [(Outage.DROPPED, 0), (Outage.UNANSWERED, 1)])
def test_a_connection_that_ends_tells_nothing(
    v2: Any, outbox: Outbox, limits: Sending, outage: Outage, sent: int
) -> None:
    limits.outage = outage
    with pytest.raises(ConnectionClosedError):
        _send(v2)
    assert len(outbox.messages()) == sent


def test_a_rate_counts_recipients_and_comes_back(v2: Any, limits: Sending) -> None:
    limits.clock = lambda: 1000.0
    limits.rate = 1
    _send(v2, Destination={"ToAddresses": ["a@example.org", "b@example.org"]})
    for _unused in range(2):
        with pytest.raises(v2.exceptions.TooManyRequestsException, match=RATE_EXCEEDED):
            _send(v2)
        limits.elapse(1)
    _send(v2)
    assert limits.refused == {f"TooManyRequestsException: {RATE_EXCEEDED}": 2}


def test_a_quota_is_for_a_day_and_not_for_the_simulator(v2: Any, limits: Sending) -> None:
    limits.daily_quota = 1
    _send(v2)
    with pytest.raises(v2.exceptions.TooManyRequestsException, match=QUOTA_EXCEEDED):
        _send(v2)
    _send(v2, Destination={"ToAddresses": ["success@simulator.amazonses.com"]})
    limits.elapse(86_400)
    _send(v2)


def test_get_account_says_the_same(v2: Any, account: _Account, limits: Sending) -> None:
    limits.rate, limits.daily_quota, account.sandbox = 1, 200, True
    _send(v2, Destination={"ToAddresses": ["a@example.com"]})
    said = v2.get_account()
    assert said["SendQuota"] == {"Max24HourSend": 200.0, "MaxSendRate": 1.0, "SentLast24Hours": 1.0}
    assert (said["ProductionAccessEnabled"], said["SendingEnabled"], said["EnforcementStatus"]) == (
        False,
        True,
        "HEALTHY",
    )
    assert said["SuppressionAttributes"] == {"SuppressedReasons": ["BOUNCE", "COMPLAINT"]}
    v2.put_account_sending_attributes(SendingEnabled=False)
    v2.put_account_suppression_attributes(SuppressedReasons=["COMPLAINT"])
    said = v2.get_account()
    assert (said["SendingEnabled"], said["SuppressionAttributes"]) == (False, {"SuppressedReasons": ["COMPLAINT"]})
    limits.suspended = True
    assert v2.get_account()["EnforcementStatus"] == "SHUTDOWN"


def test_get_account_says_how_far_a_review_is(v2: Any, limits: Sending) -> None:
    assert v2.get_account()["Details"] == {}
    limits.review = "PENDING"
    assert v2.get_account()["Details"] == {"ReviewDetails": {"Status": "PENDING", "CaseId": limits.review_case}}
