# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SES's documented rules for a message that is to be sent, as a pure check: use it on everything that a test sends.

Sources: Amazon SES Developer Guide ("Amazon SES header fields", "Service quotas in Amazon SES", "Using the Amazon SES
API to send raw email"), Amazon SES API v2 Reference (RawMessage), RFC 5321 and RFC 5322. What needs an account, such as
whether an address is verified, is in ses_sending.py.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from email.parser import BytesParser
from email.policy import compat32

from tests.local_aws import message
from tests.local_aws.message import Field

# API v2 and SMTP; API v1 takes MAX_BYTES_V1. Both count the decoded message.
MAX_BYTES = 40 * 1024 * 1024
MAX_BYTES_V1 = 10 * 1024 * 1024
MAX_RECIPIENTS = 50
# RFC 5322 section 2.1.1, without CRLF.
MAX_LINE = 998
# Amazon SES Developer Guide, "Amazon SES header fields": these cannot appear more than once.
_ONCE_ONLY = """
    Accept-Language acceptLanguage Archived-At Auto-Submitted Bounces-to Comments Content-Alternative Content-Base
    Content-Class Content-Description Content-Disposition Content-Duration Content-ID Content-Language
    Content-Length Content-Location Content-MD5 Content-Transfer-Encoding Content-Type Date Delivered-To
    Disposition-Notification-Options Disposition-Notification-To DKIM-Signature DomainKey-Signature Errors-To From
    Importance In-Reply-To Keywords List-Archive List-Help List-Id List-Owner List-Post List-Subscribe
    List-Unsubscribe List-Unsubscribe-Post Message-Context Message-ID MIME-Version Organization Original-From
    Original-Message-ID Original-Recipient Original-Subject Precedence Priority References Reply-To Return-Path
    Return-Receipt-To Sender Solicitation Sensitivity Subject Thread-Index Thread-Topic User-Agent VBR-Info
"""
ONCE_ONLY = frozenset(_ONCE_ONLY.lower().split())
# Amazon SES Developer Guide, "Amazon SES unsupported attachment types".
_FORBIDDEN_EXTENSIONS = """
    ade adp app asp bas bat cer chm cmd com cpl crt csh der exe fxp gadget hlp hta inf ins isp its js jse ksh lib
    lnk mad maf mag mam maq mar mas mat mau mav maw mda mdb mde mdt mdw mdz msc msh msh1 msh2 mshxml msh1xml
    msh2xml msi msp mst ops pcd pif plg prf prg reg scf scr sct shb shs sys ps1 ps1xml ps2 ps2xml psc1 psc2 tmp
    url vb vbe vbs vps vsmacros vss vst vsw vxd ws wsc wsf wsh xnk
"""
FORBIDDEN_EXTENSIONS = frozenset(_FORBIDDEN_EXTENSIONS.split())
ADDRESS_FIELDS = ("From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Return-Path")
# RFC 5322 section 3.6.8: printable ASCII but the colon.
_FIELD_NAME = re.compile(rb"[\x21-\x39\x3b-\x7e]+")
_LOCAL_PART = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*|\"([^\"\\\r\n]|\\\\.)*\""
)
_DOMAIN = re.compile(
    r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*|\[[0-9A-Fa-f:.]+\]"
)
# A parameter that names an attachment: a message without one is spared the parsing.
_NAMED_PART = re.compile(rb"name[*0-9]*[ \t]*=", re.IGNORECASE)
_BARE_CR = re.compile(rb"\r(?!\n)")
_BARE_LF = re.compile(rb"(?<!\r)\n")


def check(data: bytes, sender: str, recipients: Iterable[str], *, max_bytes: int = MAX_BYTES) -> list[str]:
    """Return what SES would refuse about a message with this envelope, in words; an empty list if it would send it."""
    fields, rest = message.split(data)
    return [
        *_size_problems(data, max_bytes),
        *_line_problems(data),
        *_field_problems(fields),
        *_address_field_problems(fields),
        *_attachment_problems(data),
        *_envelope_problems(sender, tuple(recipients)),
        *([] if rest[:1] in (b"\r", b"\n", b"") else ["Missing the blank line between header and body."]),
    ]


def _size_problems(data: bytes, max_bytes: int) -> Iterator[str]:
    if len(data) > max_bytes:
        yield f"Message length is more than {max_bytes} bytes long: '{len(data)}'."


def _line_problems(data: bytes) -> Iterator[str]:
    for number, line in enumerate(data.split(b"\n"), 1):
        if len(line.removesuffix(b"\r")) > MAX_LINE:
            yield f"Line {number} is longer than {MAX_LINE} octets."
            return


def _field_problems(fields: list[Field]) -> Iterator[str]:
    # A message with LF throughout is taken as it is; a bare LF between proper line ends is somebody's injection.
    crlf = any(field.raw.endswith(b"\r\n") for field in fields)
    for field in fields:
        name, colon, value = field.raw.partition(b":")
        if not colon:
            yield f"Malformed header line: {field.raw[:60]!r}."
        elif not name.strip():
            yield "Empty header names are illegal."
        elif not _FIELD_NAME.fullmatch(name):
            yield f"Illegal header name: {name[:60]!r}."
        if _BARE_CR.search(field.raw) or (crlf and _BARE_LF.search(field.raw)):
            yield f"Bare CR or LF in header {field.name!r}."
        if b"\x00" in value:
            yield f"Control character in header {field.name!r}."
    written = {field.name.lower(): field.name for field in reversed(fields)}
    for repeated, count in Counter(field.name.lower() for field in fields).items():
        if count > 1 and repeated in ONCE_ONLY:
            yield f"Duplicate header '{written[repeated]}'."
    if not any(field.name.lower() == "from" for field in fields):
        yield "Missing required header 'From'."


def _address_field_problems(fields: list[Field]) -> Iterator[str]:
    for name in ADDRESS_FIELDS:
        for value in message.values(fields, name):
            if not value.isascii():
                yield f"{name}: addresses must be 7-bit ASCII."
                continue
            if name == "Return-Path" and value in ("", "<>"):
                continue
            # An empty group, such as "undisclosed-recipients:;", names nobody and is fine.
            addresses = [address for _unused, address in message.addresses([value]) if address]
            if not addresses and not value.rstrip().endswith(";"):
                yield f"{name}: Missing local name in {value!r}."
            for address in addresses:
                yield from (f"{name}: {problem}" for problem in _address_problems(address))


def _attachment_problems(data: bytes) -> Iterator[str]:
    if not _NAMED_PART.search(data):
        return
    for part in BytesParser(policy=compat32).parsebytes(data).walk():
        name = part.get_filename() or ""
        if name.lower().rpartition(".")[2] in FORBIDDEN_EXTENSIONS and "." in name:
            yield f"Illegal filename '{name}'."


def _envelope_problems(sender: str, recipients: tuple[str, ...]) -> Iterator[str]:
    if sender:
        yield from (f"Envelope sender: {problem}" for problem in _address_problems(sender))
    if not recipients:
        yield "Missing required destination."
    if len(recipients) > MAX_RECIPIENTS:
        yield f"Recipient count exceeds {MAX_RECIPIENTS}."
    for recipient in recipients:
        yield from (f"Recipient: {problem}" for problem in _address_problems(recipient))


def _address_problems(address: str) -> Iterator[str]:
    """Yield what is wrong with one address; SES takes 7-bit addresses only (no SMTPUTF8)."""
    local_part, at, domain = address.rpartition("@")
    if not address.isascii():
        yield f"address {address!r} is not 7-bit ASCII."
    elif not at or not domain:
        yield f"Missing final '@domain' in {address!r}."
    elif not local_part:
        yield f"Missing local name in {address!r}."
    elif not _LOCAL_PART.fullmatch(local_part):
        yield f"Local address contains an illegal character: {address!r}."
    elif not _DOMAIN.fullmatch(domain):
        yield f"Domain contains illegal character: {address!r}."
