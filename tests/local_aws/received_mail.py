# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What SES makes of a mail that arrives: verdicts, headers of its own, and the notification (all pure)."""

from __future__ import annotations

import base64
import email.errors
import email.header
import email.utils
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate
from typing import Any

from tests.local_aws import message
from tests.local_aws.message import Field

VERDICT_NAMES = ("spam", "virus", "spf", "dkim", "dmarc")
VERDICTS_HEADER = "X-Local-Verdicts"
# The two strings that exist to try filters with, in pieces, so that no scanner takes this file for what it looks for.
GTUBE = b"XJS*C4JDBQADN1.NSBN3*2IDNEN*" + b"GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
# How the beginning of a base64 part that holds it looks: 57 octets make a line of 76 characters (RFC 2045 section 6.8).
_EICAR_BASE64 = base64.b64encode(EICAR[:57])
# Amazon SES Developer Guide, "Contents of notifications for Amazon SES email receiving": headersTruncated.
HEADERS_LIMIT = 10 * 1024
# The members of commonHeaders that hold addresses, and those that hold a text.
_ADDRESS_FIELDS = {
    "From": "from",
    "Sender": "sender",
    "Reply-To": "replyTo",
    "To": "to",
    "Cc": "cc",
    "Bcc": "bcc",
}
_TEXT_FIELDS = {"Date": "date", "Message-ID": "messageId", "Subject": "subject"}
_COMMON_NAMES = frozenset(name.lower() for name in (*_ADDRESS_FIELDS, *_TEXT_FIELDS))


@dataclass(frozen=True)
class Envelope:
    """What SMTP said about a mail: who connected, and from whom and to whom it goes.

    Octets that are not UTF-8 are there as lone surrogates (PEP 383).
    """

    helo: str
    peer: str
    sender: str
    recipients: tuple[str, ...]


@dataclass(frozen=True)
class Verdicts:
    """What SES found; a name that is not in ``statuses`` is left out of the notification."""

    statuses: Mapping[str, str]
    dmarc_policy: str | None = None


@dataclass(frozen=True)
class Mail:
    """A mail on its way through the rules."""

    message_id: str
    envelope: Envelope
    received: datetime
    verdicts: Verdicts
    fields: tuple[Field, ...]
    rest: bytes

    @property
    def data(self) -> bytes:
        """Return the whole message as it is stored."""
        return message.join(self.fields, self.rest)


def verdicts_of(fields: list[Field], data: bytes) -> Verdicts:
    """Return the verdicts of a mail: those that its X-Local-Verdicts header asks for, else what its content says."""
    statuses = dict.fromkeys(VERDICT_NAMES, "PASS")
    if GTUBE in data:
        statuses["spam"] = "FAIL"
    if has_virus(data):
        statuses["virus"] = "FAIL"
    policy = "none"
    for wish in " ".join(message.values(fields, VERDICTS_HEADER)).split():
        name, _unused, given = wish.partition("=")
        status, semicolon, given_policy = given.partition(";")
        statuses[name.lower()] = status
        policy = given_policy if semicolon else policy
    kept = {name: status for name, status in statuses.items() if status != "MISSING" and name in VERDICT_NAMES}
    # dmarcPolicy is there only if DMARC failed; a real notification has it in lower case.
    return Verdicts(kept, policy.lower() if kept.get("dmarc") == "FAIL" and policy not in ("", "MISSING") else None)


def has_virus(data: bytes) -> bool:
    """Tell whether a mail holds the string that every scanner takes for a virus."""
    return EICAR in data or _EICAR_BASE64 in data


def arrive(message_id: str, envelope: Envelope, data: bytes, region: str, received: datetime) -> Mail:
    """Return the mail as SES sees it: without the wish for verdicts, with the headers that SES adds on top."""
    fields, rest = message.split(data)
    verdicts = verdicts_of(fields, data)
    kept = [field for field in fields if field.name.lower() != VERDICTS_HEADER.lower()]
    added = _added_fields(message_id, envelope, verdicts, region, received)
    return Mail(message_id, envelope, received, verdicts, (*added, *kept), rest)


def _added_fields(
    message_id: str, envelope: Envelope, verdicts: Verdicts, region: str, received: datetime
) -> list[Field]:
    """Return SES's own header fields, in the order and form of a mail that SES stored."""
    statuses = {name: verdicts.statuses.get(name, "") for name in VERDICT_NAMES}
    domain = envelope.sender.rpartition("@")[2]
    spf = (
        f"{_authentication(statuses['spf'])} (spfCheck: domain of {domain} designates {envelope.peer} as permitted"
        f" sender) client-ip={envelope.peer}; envelope-from={envelope.sender}; helo={envelope.helo};"
    )
    lines = [
        f"Return-Path: <{envelope.sender}>",
        f"Received: from {envelope.helo} ({envelope.helo} [{envelope.peer}])",
        f" by inbound-smtp.{region}.amazonaws.com with SMTP id {message_id}",
        f" for {envelope.recipients[0]};",
        f" {email.utils.format_datetime(received)} (UTC)",
        *(f"X-SES-{name.capitalize()}-Verdict: {statuses[name]}" for name in ("spam", "virus") if statuses[name]),
        f"Received-SPF: {spf}",
        "Authentication-Results: amazonses.com;",
        f" spf={spf}",
        f" dkim={_authentication(statuses['dkim'])} header.i=@{domain};",
        f" dmarc={_authentication(statuses['dmarc'])} header.from={domain};",
        f"X-SES-RECEIPT: local-{message_id}",
        "X-SES-DKIM-SIGNATURE: a=rsa-sha256; q=dns/txt; b=local; c=relaxed/simple; s=local; d=amazonses.com;",
        f" t={int(received.timestamp())}; v=1; bh=local; h=From:To:Cc:Bcc:Subject:Date:Message-ID:MIME-Version;",
    ]
    return message.split("".join(f"{line}\r\n" for line in lines).encode("utf-8", "surrogateescape"))[0]


def _authentication(status: str) -> str:
    """Return a verdict in the words of RFC 8601."""
    return {"PASS": "pass", "FAIL": "fail", "GRAY": "none"}.get(status, "temperror")


def notification(
    mail: Mail, recipients: list[str], action: Mapping[str, Any], *, scanned: bool, now: datetime
) -> dict[str, Any]:
    """Return ``mail`` and ``receipt`` as SES gives them to a topic (with notificationType) and to a function."""
    listed, truncated = headers(mail.fields)
    statuses = {
        name: "DISABLED" if name in ("spam", "virus") and not scanned else status
        for name, status in mail.verdicts.statuses.items()
    }
    receipt: dict[str, Any] = {
        "timestamp": timestamp(mail.received),
        "processingTimeMillis": max(0, round((now - mail.received).total_seconds() * 1000)),
        "recipients": recipients,
        **{f"{name}Verdict": {"status": status} for name, status in statuses.items()},
        "action": dict(action),
    }
    if mail.verdicts.dmarc_policy is not None:
        receipt["dmarcPolicy"] = mail.verdicts.dmarc_policy
    common = {"returnPath": _text(mail.envelope.sender), **common_headers(mail.fields)}
    return {
        "mail": {
            "timestamp": timestamp(mail.received),
            "source": _text(mail.envelope.sender),
            "messageId": mail.message_id,
            "destination": [*common.get("to", []), *common.get("cc", [])],
            "headersTruncated": truncated,
            "headers": listed,
            "commonHeaders": common,
        },
        "receipt": receipt,
    }


def headers(fields: Iterable[Field]) -> tuple[list[dict[str, str]], bool]:
    """Return header fields as notifications and events list them, and whether that is not all of them."""
    listed: list[dict[str, str]] = []
    size = 0
    for field in fields:
        size += len(field.raw)
        if size > HEADERS_LIMIT:
            return listed, True
        listed.append({"name": field.name, "value": field.value})
    return listed, False


def common_headers(fields: Iterable[Field]) -> dict[str, Any]:
    """Return the fields that notifications and events have under names of their own."""
    fields = _common_fields(fields)
    common: dict[str, Any] = {}
    for name, key in _ADDRESS_FIELDS.items():
        if values := message.values(fields, name):
            common[key] = _addresses(values)
    for name, key in _TEXT_FIELDS.items():
        if values := message.values(fields, name):
            common[key] = _decoded(values[0]) if name == "Subject" else values[0]
    if "sender" in common:
        common["sender"] = ", ".join(common["sender"])
    return common


def _common_fields(fields: Iterable[Field]) -> list[Field]:
    """Return the fields that commonHeaders is made of, without those that exceed 10 KB together.

    What SES does with more is not documented; but SNS takes no message over 256 KB, and the mail has to arrive.
    """
    common = [field for field in fields if field.name.lower() in _COMMON_NAMES]
    sizes = accumulate(len(field.raw) for field in common)
    return [field for field, size in zip(common, sizes, strict=True) if size <= HEADERS_LIMIT]


def _addresses(values: list[str]) -> list[str]:
    try:
        pairs = message.addresses(values)
    except RecursionError:
        # Python's parser takes a call for each comment in a comment.
        return values
    return [_mailbox(_decoded(name), address) if name else address for name, address in pairs if address]


def _mailbox(name: str, address: str) -> str:
    # formataddr takes no address with SMTPUTF8 (RFC 6532), which a header may hold all the same.
    return email.utils.formataddr((name, address)) if address.isascii() else f"{name} <{address}>"


def _decoded(value: str) -> str:
    """Return a value with its encoded words (RFC 2047) decoded; as it is, if they are malformed."""
    try:
        return str(email.header.make_header(email.header.decode_header(value)))
    except (LookupError, ValueError, email.errors.HeaderParseError):
        return value


def _text(value: str) -> str:
    """Return a value of the envelope as JSON can hold it, a replacement character for each octet that is not UTF-8."""
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def timestamp(when: datetime) -> str:
    """Return a time as SES writes it in JSON."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond // 1000:03d}Z"
