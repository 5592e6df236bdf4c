# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The corpus of mails under tests/mail: whole messages, each with its envelope, verdicts and what has to become of it.

A folder of it is a topic: its messages, and cases.yml (see Case for what a case may say). ``judge`` holds what was sent
against a case, and against what holds for everything that the forwarder sends.
"""

from __future__ import annotations

import base64
import email
import email.errors
import email.header
import email.policy
import functools
import random
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import Message as ParsedMail
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.account_factory.email.plugins.module_utils._record import AddressRecord
from tests.local_aws import message, received_mail, ses_rules
from tests.local_aws.outbox import SentMail

ROOT = Path(__file__).parent / "mail"
DOMAIN = "accounts.example.com"
FROM = f"aws-accounts@{DOMAIN}"
SENDER_NAME = "AWS accounts"
ADMIN = "cloud-team@example.com"
REGION = "eu-west-1"

SENT, ATTACHED, TO_ADMIN, QUARANTINED, KEPT = "sent", "sent-attached", "sent-to-admin", "quarantined", "kept"
OUTCOMES = (SENT, ATTACHED, TO_ADMIN, QUARANTINED, KEPT)
CASES_FILE = "cases.yml"
# The verdict of a check that SES says nothing of.
MISSING = "missing"
_VERDICTS = (*received_mail.VERDICT_NAMES, "dmarc_policy")
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_MEGABYTE = 1024 * 1024
# What SES would act on, or what would let somebody pass for the sender (Amazon SES Developer Guide, "Amazon SES header
# fields"; SES API v2, RawMessage), never leaves, whoever wrote it.
_NEVER_SENT = frozenset(
    {"sender", "return-path", "bcc", "dkim-signature", "resent-sender", "resent-from", "resent-bcc"}
)
_NEVER_SENT_PREFIX = "x-ses-"
_ENCODED_WORD = re.compile(rb"=\?[^?\s]+\?[bqBQ]\?[^?\s]*\?=")
# Octets that are controls in latin-1 only.
_C1 = dict.fromkeys(range(0x80, 0xA0), "\N{REPLACEMENT CHARACTER}")
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_URL = re.compile(rb"https?://[^\s\"'<>]+")
_FIELD_LINE = re.compile(rb"[!-9;-~]+[ \t]*:|[ \t]|>?From ")
# Shorter lines of a mail may be in a letter by chance.
_LINE_MIN = 12


class CorpusError(ValueError):
    """A case that cannot be used; the text names it."""


@dataclass(frozen=True)
class Expected:
    """One delivery that a case leads to: to whom, for which address, and what it comes to.

    ``header`` gives the exact unfolded value of fields, ``reads`` their value with encoded words decoded, ``absent``
    the names that do not occur.
    """

    to: str
    address: str
    outcome: str = SENT
    reason: str = "owner"
    header: Mapping[str, str] = field(default_factory=dict)
    reads: Mapping[str, str] = field(default_factory=dict)
    absent: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str, str, str]:
        return self.to, self.address, self.outcome, self.reason


@dataclass(frozen=True)
class Dropped:
    """One recipient that nobody gets a copy for."""

    address: str
    reason: str


@dataclass(frozen=True)
class Case:
    """One mail of the corpus, and what has to become of it.

    ``mail`` names its file, ``large`` its size instead: megabytes or bytes of a mail made here, and whether it has a
    line that is too long to send. ``says`` is what must hold, with its source. ``verdicts`` are those other than PASS,
    ``settings`` the settings of the function other than the default; with ``smtp`` false it cannot arrive by SMTP here.
    ``raised`` are texts of errors: the message goes back to the queue.
    """

    id: str
    topic: str
    says: str
    recipients: tuple[str, ...]
    expect: tuple[Expected, ...]
    mail: str | None = None
    large: Mapping[str, float] = field(default_factory=dict)
    sender: str = "bounce@example.org"
    verdicts: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    smtp: bool = True
    dropped: tuple[Dropped, ...] = ()
    raised: tuple[str, ...] = ()

    @property
    def runs_by_smtp(self) -> bool:
        return self.smtp and not self.settings

    def data(self) -> bytes:
        """Return the whole message as it arrives by SMTP."""
        if self.mail is not None:
            return _with_test_strings((ROOT / self.topic / self.mail).read_bytes())
        size = round(self.large.get("bytes", self.large.get("megabytes", 0) * _MEGABYTE))
        return _large_mail(size, has_long_line=bool(self.large.get("long_line")))

    def wish(self) -> str | None:
        """Return the verdicts as local AWS is asked for them, None where all are as they come."""
        policy = self.verdicts.get("dmarc_policy")
        wishes = {name: str(value) for name, value in self.verdicts.items() if name != "dmarc_policy"}
        wishes = {name: "MISSING" if value == MISSING else value for name, value in wishes.items()}
        if isinstance(policy, str):
            wishes["dmarc"] = f"{wishes.get('dmarc', 'FAIL')};{policy}"
        return " ".join(f"{name}={value}" for name, value in wishes.items()) or None


@dataclass(frozen=True)
class Done:
    """One item of the table of deliveries: what a delivery came to, and SES's id of the mail that was sent for it."""

    address: str
    mailbox: str
    outcome: str
    sent_id: str


@dataclass(frozen=True)
class Seen:
    """What became of a case: the object that SES stored, the mails that were sent, the deliveries that the table says
    are done, and the copy of the object in the quarantine."""

    message_id: str
    stored: bytes
    mails: Mapping[str, SentMail]
    done: tuple[Done, ...]
    quarantined: bytes | None = None


@functools.cache
def records() -> tuple[AddressRecord, ...]:
    """Return the map that all cases share."""
    made = []
    for entry in yaml.safe_load((ROOT / "map.yml").read_text(encoding="utf-8")):
        given = {"status": "active", "account_name": entry["address"].partition("@")[0], "domain": DOMAIN, **entry}
        lists = {name: tuple(given.get(name, ())) for name in ("owners", "fallback_owners")}
        contacts = {kind: tuple(mailboxes) for kind, mailboxes in given.get("contacts", {}).items()}
        made.append(AddressRecord(**{**given, **lists, "contacts": contacts}))
    return tuple(made)


@functools.cache
def cases() -> tuple[Case, ...]:
    """Return all cases, by topic and in their order; raise CorpusError for one that says what no case can."""
    found = tuple(case for path in sorted(ROOT.glob(f"*/{CASES_FILE}")) for case in _read(path))
    if repeated := [name for name, count in Counter(case.id for case in found).items() if count > 1]:
        raise CorpusError(f"cases of the same id: {', '.join(repeated)}")
    return found


def _read(path: Path) -> Iterator[Case]:
    topic = path.parent.name
    for given in yaml.safe_load(path.read_text(encoding="utf-8")):
        name = f"{topic}/{given.get('id', given)}"
        try:
            case = Case(
                **{
                    **given,
                    "topic": topic,
                    "recipients": tuple(given["recipients"]),
                    "expect": tuple(_expected(one) for one in given["expect"]),
                    "dropped": tuple(Dropped(**one) for one in given.get("dropped", ())),
                    "raised": tuple(given.get("raised", ())),
                }
            )
        except (KeyError, TypeError) as error:
            raise CorpusError(f"{name}: {error}") from error
        if problems := list(_problems(case)):
            raise CorpusError(f"{name}: {'; '.join(problems)}")
        yield case


def _expected(given: Mapping[str, Any]) -> Expected:
    return Expected(**{**given, "absent": tuple(given.get("absent", ()))})


def _problems(case: Case) -> Iterator[str]:
    if not _ID.fullmatch(case.id):
        yield "id is not in kebab-case"
    if (case.mail is None) == (not case.large):
        yield "give either mail or large"
    elif case.mail is not None and not (ROOT / case.topic / case.mail).is_file():
        yield f"{case.mail} is not there"
    elif case.large and set(case.large) - {"long_line"} not in ({"bytes"}, {"megabytes"}):
        yield "large is bytes or megabytes, and perhaps long_line"
    if not case.recipients:
        yield "it has no recipients"
    if unknown := [name for name in case.verdicts if name not in _VERDICTS]:
        yield f"unknown verdicts {unknown}"
    if case.runs_by_smtp and not isinstance(case.verdicts.get("dmarc_policy", ""), str):
        yield "local AWS gives dmarcPolicy as a text: set smtp to false"
    if unknown := [one.outcome for one in case.expect if one.outcome not in OUTCOMES]:
        yield f"unknown outcomes {unknown}"


def _with_test_strings(data: bytes) -> bytes:
    """Return a mail with the strings that filters look for, which no file of the repository may hold, in their places.

    A scanner of files would take a mail that holds one away.
    """
    return data.replace(b"{{EICAR}}", received_mail.EICAR).replace(b"{{GTUBE}}", received_mail.GTUBE)


def _large_mail(size: int, *, has_long_line: bool) -> bytes:
    """Return a mail of exactly this many octets: a document in base64, the same each time."""
    header = (
        b"From: Archive <archive@example.org>\r\n"
        b"To: team-001@accounts.example.com\r\n"
        b"Subject: A large document\r\n"
        b"MIME-Version: 1.0\r\n"
        b'Content-Type: application/octet-stream; name="document.bin"\r\n'
        b"Content-Transfer-Encoding: base64\r\n\r\n"
    )
    begin = header + (b"A" * 1200 + b"\r\n" if has_long_line else b"")
    # 57 octets make a line of 76 characters and its CRLF (RFC 2045 section 6.8).
    octets = random.Random(size).randbytes((size - len(begin) - 2) // 78 * 57)
    lines = base64.encodebytes(octets).replace(b"\n", b"\r\n")
    return b"".join((begin, lines, b"A" * (size - len(begin) - len(lines) - 2), b"\r\n"))


def arrival(case: Case, message_id: str, bucket: str) -> tuple[bytes, dict[str, Any]]:
    """Return the object that SES stores for a case and the notice that it publishes, as local AWS makes them."""
    wish = case.wish()
    data = case.data() if wish is None else f"{received_mail.VERDICTS_HEADER}: {wish}\r\n".encode() + case.data()
    envelope = received_mail.Envelope(
        "mail.example.org", "192.0.2.10", case.sender, tuple(dict.fromkeys(case.recipients))
    )
    received = datetime(2026, 11, 20, 9, 14, 6, 123000, UTC)
    mail = received_mail.arrive(message_id, envelope, data, REGION, received)
    key = f"mail/{message_id}"
    topic = f"arn:aws:sns:{REGION}:123456789012:mail-forwarder-received"
    action = {
        "type": "S3",
        "topicArn": topic,
        "bucketName": bucket,
        "objectKeyPrefix": "mail/",
        "objectKey": key,
    }
    notice = received_mail.notification(mail, list(envelope.recipients), action, scanned=True, now=received)
    if isinstance(policy := case.verdicts.get("dmarc_policy"), Mapping):
        notice["receipt"]["dmarcPolicy"] = dict(policy)
    return mail.data, {"notificationType": "Received", **notice}


def done_of(message_id: str, items: Iterable[Mapping[str, Any]]) -> tuple[Done, ...]:
    """Return one message's finished deliveries, from items of the table of deliveries given as Python values."""
    found = []
    for item in items:
        key = str(item["pk"])
        if key.startswith(f"{message_id}#") and item["status"] == "sent":
            address, _hash, mailbox = key.removeprefix(f"{message_id}#").rpartition("#")
            found.append(Done(address, mailbox, str(item["outcome"]), str(item["sent_message_id"])))
    return tuple(found)


def judge(case: Case, seen: Seen) -> list[str]:
    """Return in words what is wrong with what became of a case; nothing if all is as it has to be."""
    problems = _wrong_deliveries(case, seen)
    expected = {(one.to.lower(), one.address): one for one in case.expect}
    for done in seen.done:
        mail = seen.mails.get(done.sent_id)
        one = expected.get((done.mailbox, done.address))
        if mail is None or one is None:
            continue
        label = f"{one.outcome} to {one.to} for {one.address}"
        problems += [f"{label}: {problem}" for problem in _mail_problems(case, seen, one, mail)]
    is_held = any(one.outcome == QUARANTINED for one in case.expect)
    if seen.quarantined != (seen.stored if is_held else None):
        problems.append("the quarantine does not hold the message" if is_held else "the quarantine holds the message")
    return problems


def _wrong_deliveries(case: Case, seen: Seen) -> list[str]:
    """Return what is too few or too many: exactly the expected deliveries, and a mail for each."""
    reasons = {sent_id: mail.tags.get("reason", "") for sent_id, mail in seen.mails.items()}
    found = Counter((one.mailbox, one.address, one.outcome, reasons.get(one.sent_id, "")) for one in seen.done)
    wanted = Counter((one.to.lower(), *one.key[1:]) for one in case.expect)
    sent, marked = Counter(list(seen.mails)), Counter(one.sent_id for one in seen.done)
    return [
        *(f"not delivered: {one}" for one in (wanted - found).elements()),
        *(f"delivered, and nobody expects it: {one}" for one in (found - wanted).elements()),
        *(f"marked as sent, and not sent: {one}" for one in (marked - sent).elements()),
        *(f"sent, and no delivery says so: {one}" for one in (sent - marked).elements()),
    ]


def _mail_problems(case: Case, seen: Seen, one: Expected, mail: SentMail) -> Iterator[str]:
    fields_sent, _rest = message.split(mail.data)
    yield from ses_rules.check(mail.data, mail.sender, mail.recipients)
    yield from _envelope_problems(one, mail)
    yield from _header_problems(fields_sent)
    yield from _disclosed(case, one, fields_sent)
    yield from _unlike_expected(one, fields_sent)
    if one.outcome == SENT:
        if _crlf(_body(mail.data)) != _crlf(_body(seen.stored)):
            yield "the body is not the original's"
    elif one.outcome in (ATTACHED, TO_ADMIN):
        if _without_recipient(seen.stored, case.recipients[0]) not in _attachments(mail.data):
            yield "no attachment is the whole original"
    else:
        yield from _told_by_letter(case, mail.data)


def _envelope_problems(one: Expected, mail: SentMail) -> Iterator[str]:
    wanted = ADMIN if one.outcome == TO_ADMIN else one.to
    if mail.recipients != (wanted,):
        yield f"it was sent to {mail.recipients}"
    if mail.sender != FROM:
        yield f"it was sent by {mail.sender}"


def _header_problems(sent: list[message.Field]) -> Iterator[str]:
    """Yield what no mail of ours may have in its header, whatever mail it is made of."""
    authors = message.addresses(message.values(sent, "From"))
    if [address for _unused, address in authors] != [FROM]:
        yield f"From is {authors}"
    for one in sent:
        name = one.name.lower()
        if name in _NEVER_SENT or name.startswith(_NEVER_SENT_PREFIX):
            yield f"it has a field {one.name}"
        if not one.raw.isascii() and not name.startswith("content-"):
            yield f"{one.name} holds 8-bit octets"
        if _CONTROLS.search(one.raw):
            yield f"{one.name} holds control characters"
        for word in _ENCODED_WORD.findall(one.raw):
            if any(unicodedata.category(character) == "Cc" for character in _decoded(word)):
                yield f"{one.name} holds an encoded word that decodes to control characters: {word!r}"


def _decoded(word: bytes) -> str:
    """Return what an encoded word stands for; one octet a character where nobody knows its charset."""
    try:
        ((octets, charset),) = email.header.decode_header(word.decode("ascii"))
    except (email.errors.HeaderParseError, ValueError):
        return ""
    if isinstance(octets, str):
        return octets
    try:
        return octets.decode(charset or "ascii", "replace")
    except (LookupError, ValueError):
        return octets.decode("latin-1").translate(_C1)


def _disclosed(case: Case, one: Expected, sent: list[message.Field]) -> Iterator[str]:
    """Yield each address of the map and the envelope that the header discloses: only this copy's, and what the mail
    itself names, may be there."""
    original = b"".join(found.raw for found in message.split(case.data())[0]).lower()
    addresses = {address for record in records() for address in (record.address, *record.mailboxes)}
    addresses |= {recipient for recipient in case.recipients if "@" in recipient}
    own = {text.lower() for text in (FROM, one.address, one.to, *message.values(sent, "X-Forwarder-Recipient"))}
    header = b"".join(found.raw for found in sent).lower()
    for text in sorted({address.lower() for address in addresses} - own):
        pattern = rb"(?<![a-z0-9.+_-])" + re.escape(text.encode()) + rb"(?![a-z0-9-]|\"?@)"
        if re.search(pattern, header) and text.encode() not in original:
            yield f"the header discloses {text}"


def _unlike_expected(one: Expected, sent: list[message.Field]) -> Iterator[str]:
    for name, value in one.header.items():
        if (found := message.values(sent, name)) != [value]:
            yield f"{name} is {found}, not {value!r}"
    for name, value in one.reads.items():
        read = [_read_words(found) for found in message.values(sent, name)]
        if read != [value]:
            yield f"{name} reads {read}, not {value!r}"
    for name in one.absent:
        if found := message.values(sent, name):
            yield f"{name} is {found}, and should not be there"


def _read_words(value: str) -> str:
    return str(email.header.make_header(email.header.decode_header(value)))


def _body(data: bytes) -> bytes:
    """Return what comes after the first blank line; without one, from the first line on that no header can hold."""
    blank = re.search(rb"\A\r?\n|\n\r?\n", data)
    if blank:
        return data[blank.end() :]
    lines = data.splitlines(keepends=True)
    start = next((number for number, line in enumerate(lines) if not _FIELD_LINE.match(line)), len(lines))
    return b"".join(lines[start:])


def _crlf(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def _without_recipient(stored: bytes, recipient: str) -> bytes:
    """Return a stored message without the one recipient that SES's own trace names, who may be of another account."""
    return stored.replace(b"\r\n for " + recipient.encode("utf-8", "replace") + b";", b";", 1)


def _attachments(data: bytes) -> list[bytes]:
    return [_payload(part) for part in _parsed(data).walk() if part.get_content_disposition() == "attachment"]


def _parsed(data: bytes) -> ParsedMail:
    return email.message_from_bytes(data, policy=email.policy.compat32)


def _payload(part: ParsedMail) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _told_by_letter(case: Case, data: bytes) -> Iterator[str]:
    """Yield what a letter tells of the mail's content: it may hold nothing of it."""
    letter = data + b"\n" + b"\n".join(_payload(part) for part in _parsed(data).walk())
    original = case.data()
    lines = {line.strip() for line in _body(original).splitlines()}
    subjects = [value.encode() for value in message.values(message.split(original)[0], "Subject")]
    for told in (*sorted(lines), *subjects):
        if len(told) >= _LINE_MIN and told in letter:
            yield f"the letter holds {told[:60]!r}"
    yield from (f"the letter holds {url!r}" for url in sorted(set(_URL.findall(original))) if url in letter)
