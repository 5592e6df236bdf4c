# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SES sending: what is to be sent is held against SES's rules and limits, and what becomes of it then is
ses_delivery.py's.

Sources: Amazon SES API v2 Reference, SendEmail; Amazon SES API Reference, SendRawEmail: the codes that each may answer
with.
"""

from __future__ import annotations

import base64
import binascii
import json
import secrets
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any, Protocol

from tests.local_aws import message, ses_rules
from tests.local_aws.mailboxes import is_simulated
from tests.local_aws.message import Field
from tests.local_aws.sending import Outage, Sending
from tests.local_aws.ses_delivery import SesDelivery
from tests.local_aws.ses_events import Accepted
from tests.local_aws.wire import (
    DROPPED,
    AwsError,
    Request,
    Response,
    json_result,
    query_error,
    query_parameters,
    query_result,
    rest_json_error,
)

_V2_PATH = "/v2/email/outbound-emails"
# API v1 has codes of its own for what v2 calls these; of a rate or quota it says that it throttles (Amazon SES
# Developer Guide, "Errors related to the sending quotas"). It knows no suspended account.
_V1_CODES = {
    "AccountSuspendedException": "AccountSendingPausedException",
    "BadRequestException": "InvalidParameterValue",
    "NotFoundException": "ConfigurationSetDoesNotExist",
    "SendingPausedException": "AccountSendingPausedException",
    "TooManyRequestsException": "Throttling",
}
# API v2 does not tell whose sending is paused.
_V2_CODES = {"ConfigurationSetSendingPausedException": "SendingPausedException"}
_OUTAGES = {
    Outage.ERROR: AwsError("InternalFailure", "The request processing has failed.", 500),
    Outage.UNAVAILABLE: AwsError("ServiceUnavailable", "The request has failed due to a temporary failure.", 503),
}


class Account(Protocol):
    """What sending depends on in the account."""

    account_id: str
    region: str

    def verified_identities(self) -> frozenset[str]: ...
    def configuration_set(self, name: str) -> Mapping[str, Any] | None: ...
    def in_sandbox(self) -> bool: ...


@dataclass(frozen=True)
class Submission:
    """A message to send, with its envelope."""

    data: bytes
    sender: str
    recipients: tuple[str, ...]
    configuration_set: str | None
    tags: Mapping[str, str]
    max_bytes: int = ses_rules.MAX_BYTES

    @property
    def operation(self) -> str:
        """Return the API's operation as events name it."""
        return "SendEmail" if self.max_bytes == ses_rules.MAX_BYTES else "SendRawEmail"


class SesSending:
    """Answers SendEmail of API v2 (raw and simple content) and SendRawEmail of API v1."""

    def __init__(self, account: Account, sending: Sending, delivery: SesDelivery) -> None:
        self._account = account
        self._sending = sending
        self._delivery = delivery

    def handle_v1(self, request: Request) -> Response | None:
        """Answer a Query request, or return None for an operation other than SendRawEmail."""
        given = query_parameters(request.body)
        if given.get("Action") != "SendRawEmail":
            return None
        try:
            return self._answer(
                lambda: _submission_v1(given),
                lambda message_id: query_result("SendRawEmail", {"MessageId": message_id}),
            )
        except AwsError as error:
            status = error.status if error.status >= 500 else 400
            return query_error(AwsError(_V1_CODES.get(error.code, error.code), error.message, status))

    def handle_v2(self, request: Request) -> Response | None:
        """Answer a REST request, or return None for an operation other than SendEmail."""
        if request.method != "POST" or request.path.rstrip("/") != _V2_PATH:
            return None
        given = json.loads(request.body)
        if "Template" in given.get("Content", {}):
            return None
        try:
            return self._answer(
                lambda: _submission_v2(given),
                lambda message_id: json_result({"MessageId": message_id}, "application/json"),
            )
        except AwsError as error:
            return rest_json_error(AwsError(_V2_CODES.get(error.code, error.code), error.message, error.status))

    def _answer(self, submission: Callable[[], Submission], result: Callable[[str], Response]) -> Response:
        """Send and return the result, with the mail's events after it; or fail as the outage says."""
        outage = self._sending.outage
        if outage in _OUTAGES:
            raise _OUTAGES[outage]
        if outage is Outage.DROPPED:
            return DROPPED
        message_id, publish = self._send(submission())
        answer = DROPPED if outage is Outage.UNANSWERED else result(message_id)
        return replace(answer, after=publish)

    def _send(self, submission: Submission) -> tuple[str, Callable[[], None]]:
        """Return the id of a message that is accepted, and what publishes its events."""
        configuration = self._configuration(submission.configuration_set)
        fields, _unused = message.split(submission.data)
        self._check_identities(submission, fields)
        problems = ses_rules.check(
            submission.data, submission.sender, submission.recipients, max_bytes=submission.max_bytes
        )
        if problems:
            raise AwsError("BadRequestException", " ".join(problems))
        self._sending.admit(submission.recipients)
        accepted = self._accepted(submission)
        return accepted.message_id, self._delivery.take(accepted, configuration)

    def _configuration(self, name: str | None) -> Mapping[str, Any]:
        """Return the options of the configuration set, none if none is named; refuse where sending is switched off."""
        self._sending.check_enabled()
        if not name:
            return {}
        configuration = self._account.configuration_set(name)
        if configuration is None:
            raise AwsError("NotFoundException", f"Configuration set <{name}> does not exist.", 404)
        options = configuration.get("SendingOptions") or {}
        self._sending.check_enabled(name, options.get("SendingEnabled", True))
        return configuration

    def _accepted(self, submission: Submission) -> Accepted:
        return Accepted(
            message_id=f"0100{int(time.time() * 1000):012x}-{uuid.uuid4()}-000000",
            sent=datetime.now(UTC),
            data=submission.data,
            sender=submission.sender,
            recipients=submission.recipients,
            configuration_set=submission.configuration_set,
            tags=submission.tags,
            account_id=self._account.account_id,
            region=self._account.region,
            operation=submission.operation,
        )

    def _check_identities(self, submission: Submission, fields: list[Field]) -> None:
        """Refuse a sender, or in the sandbox a recipient, that is not verified (Developer Guide, identities)."""
        senders = [submission.sender]
        for name in ("From", "Sender", "Return-Path"):
            senders += [address for _unused, address in message.addresses(message.values(fields, name))]
        verified = self._account.verified_identities()
        failed = [address for address in senders if address and not _is_verified(address, verified)]
        if self._account.in_sandbox():
            failed += [
                address
                for address in submission.recipients
                if not _is_verified(address, verified) and not is_simulated(address)
            ]
        if failed:
            raise AwsError(
                "MessageRejected",
                "Email address is not verified. The following identities failed the check in region"
                f" {self._account.region.upper()}: {', '.join(dict.fromkeys(failed))}",
            )


def _is_verified(address: str, verified: frozenset[str]) -> bool:
    """Return whether the address is verified, or its domain or one above it; the case of a local part counts."""
    local_part, _unused, domain = address.rpartition("@")
    labels = domain.lower().split(".")
    return (
        address in verified
        or f"{local_part}@{domain.lower()}" in verified
        or any(".".join(labels[index:]) in verified for index in range(len(labels) - 1))
    )


def _submission_v1(given: dict[str, Any]) -> Submission:
    data = _decoded((given.get("RawMessage") or {}).get("Data"))
    return _submission(
        data,
        given.get("Source", ""),
        given.get("Destinations") or [],
        given.get("ConfigurationSetName"),
        given.get("Tags") or [],
        ses_rules.MAX_BYTES_V1,
    )


def _submission_v2(given: dict[str, Any]) -> Submission:
    content, destination = given.get("Content", {}), given.get("Destination") or {}
    recipients = [address for kind in ("To", "Cc", "Bcc") for address in destination.get(f"{kind}Addresses") or []]
    sender = given.get("FromEmailAddress", "")
    if "Raw" in content:
        data = _decoded(content["Raw"].get("Data"))
    elif "Simple" in content:
        data = _simple(content["Simple"], sender, destination, given.get("ReplyToAddresses") or [])
    else:
        raise AwsError("BadRequestException", "Content must hold one of Raw, Simple and Template.")
    return _submission(
        data, sender, recipients, given.get("ConfigurationSetName"), given.get("EmailTags") or [], ses_rules.MAX_BYTES
    )


def _submission(
    data: bytes,
    sender: str,
    recipients: list[str],
    configuration_set: str | None,
    tags: list[dict[str, str]],
    limit: int,
) -> Submission:
    """Return what is to be sent; the message's own header fields stand in for what the request does not say."""
    fields, _unused = message.split(data)
    if not recipients:
        listed = [value for name in ("To", "Cc", "Bcc") for value in message.values(fields, name)]
        recipients = [address for _unused, address in message.addresses(listed) if address]
    sender = sender or next(iter(message.values(fields, "From")), "")
    named = dict(
        pair.strip().split("=", 1)
        for value in message.values(fields, "X-SES-MESSAGE-TAGS")
        for pair in value.split(",")
        if "=" in pair
    )
    return Submission(
        data=data,
        sender=_bare(sender),
        recipients=tuple(_bare(address) for address in recipients),
        configuration_set=configuration_set or next(iter(message.values(fields, "X-SES-CONFIGURATION-SET")), None),
        tags={**named, **{tag["Name"]: tag["Value"] for tag in tags}},
        max_bytes=limit,
    )


def _bare(address: str) -> str:
    """Return the address of ``Name <address>``, and whatever else is given as it is: the rules judge it."""
    found = [bare for _unused, bare in message.addresses([address]) if bare]
    return found[0] if len(found) == 1 else address


def _decoded(text: Any) -> bytes:
    try:
        data = base64.b64decode(text or "", validate=True)
    except binascii.Error as error:
        raise AwsError("BadRequestException", f"The raw message is not valid base64: {error}") from error
    if not data:
        raise AwsError("BadRequestException", "The raw message is empty.")
    return data


def _simple(content: dict[str, Any], sender: str, destination: dict[str, list[str]], reply_to: list[str]) -> bytes:
    """Return the message that SES makes of simple content."""
    made = EmailMessage(policy=SMTP)
    made["From"] = sender
    for name in ("To", "Cc"):
        if addresses := destination.get(f"{name}Addresses"):
            made[name] = ", ".join(addresses)
    if reply_to:
        made["Reply-To"] = ", ".join(reply_to)
    made["Subject"] = content["Subject"]["Data"]
    made["Message-ID"] = f"<{secrets.token_hex(16)}@email.amazonses.com>"
    body = content["Body"]
    if "Text" in body:
        made.set_content(body["Text"]["Data"])
    if "Html" in body:
        add = made.add_alternative if "Text" in body else made.set_content
        add(body["Html"]["Data"], subtype="html")
    return made.as_bytes()
