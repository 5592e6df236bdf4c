# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for any mail, envelope and verdicts at all, from the notice to what SES is given."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header
from itertools import count
from typing import Any

from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ansible_collections.account_factory.email.plugins.module_utils._encoded_words import decode_value
from ansible_collections.account_factory.email.plugins.module_utils._mail_record import MAIL_PREFIX
from forwarder.aws.clients import Clients
from forwarder.core import field_rules
from forwarder.core.forms import Kind
from forwarder.core.outcomes import Outcome
from forwarder.handler import handle
from forwarder.services import build
from tests.forwarder_environment import environment
from tests.local_aws import message

from .conftest import ADMIN, FROM, SETTINGS, VENDED, Context, Deployed, RecordingSes, ses_event, sqs_record
from .sent_forms import KINDS, Sent, read_request

OTHER = "aws-sandbox-0002@accounts.example.com"
PLUS = "team+prod@accounts.example.com"
RETIRED = "old@accounts.example.com"
OWNERS = {VENDED: ("ann@example.com", "bob@example.com"), OTHER: ("ann@example.com",), PLUS: ("eve@example.com",)}
# Of each way to write a recipient, the address that it is and who gets its mail.
KNOWN: dict[str, tuple[str, tuple[str, ...]]] = {
    VENDED: (VENDED, OWNERS[VENDED]),
    VENDED.upper(): (VENDED, OWNERS[VENDED]),
    VENDED.replace("@", "+tag@"): (VENDED, OWNERS[VENDED]),
    f'"{VENDED.partition("@")[0]}"@accounts.example.com.': (VENDED, OWNERS[VENDED]),
    OTHER: (OTHER, OWNERS[OTHER]),
    PLUS: (PLUS, OWNERS[PLUS]),
    PLUS.upper(): (PLUS, OWNERS[PLUS]),
    "team+prod+x@accounts.example.com": ("team+prod+x@accounts.example.com", (ADMIN,)),
    RETIRED: (RETIRED, (ADMIN,)),
    "team@accounts.example.com": ("team@accounts.example.com", (ADMIN,)),
    "postmaster@accounts.example.com": ("postmaster@accounts.example.com", (ADMIN,)),
    FROM: (FROM, (ADMIN,)),
}

FIELD_NAMES = st.sampled_from(
    [
        *b"From To Cc Subject Reply-To Sender Bcc Return-Path Message-ID Date Received References MIME-Version".split(),
        *b"Content-Type Content-Transfer-Encoding Content-Disposition DKIM-Signature X-SES-Source-ARN".split(),
        *b"Resent-From X-Forwarder-Recipient X-Original-From Disposition-Notification-To List-Unsubscribe x-y".split(),
        b"",
        b"odd name",
        b"n\xc3\xa4me",
        b"x" * 300,
    ]
)
WORDS = [
    b"=?utf-8?Q?=0D=0ABcc:_x@x.org?=",
    b"=?utf-8?b?DQpCY2M6IHg=?=",
    b"=?utf-8?b?DQo?=",
    b"=?UTF-7?Q?+AAo-?=",
    b"=?utf-16?b?DQAKAA==?=",
    b"=?utf-8*en?q?=0D=0A?=",
    b"=??q?=0A?=",
    b"=?x-unknown?q?=0A=00?=",
    b"=?utf-8?Q?a\r\n b=0A?=",
    b"=?utf-8?Q?=E2=80?= =?utf-8?Q?=A8?=",
    b"=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=",
    b"=?x?b?A?=",
    b"=?utf-8?Q?",
    b"?=",
]
PIECES = st.sampled_from(
    [bytes([octet]) for octet in b'<>"\\(),;:@ \t\r\n=?.\x00\x07\x0b\x0c\x1b\x7f\x85\xff']
    + [
        b"\r\n ",
        b"\r\n\t",
        b"\r\n\r\n",
        b"a@x.org",
        b"word",
        b"www.example.net/pay",
        "日本".encode(),
        "\u2028".encode(),
    ]
    + [b"x" * 1100, b"no-reply@signin.aws", VENDED.encode(), *WORDS]
)
VALUES = st.lists(st.one_of(PIECES, st.binary(max_size=8)), max_size=10).map(b"".join)
LINES = st.tuples(FIELD_NAMES, st.sampled_from([b":", b": ", b" :", b""]), VALUES, st.sampled_from([b"\r\n", b"\n"]))
FIELDS = st.sampled_from(
    [
        b"From: a@x.org\r\n",
        b"From: =?utf-8?q?Jane=0A?= <jane@example.org>, other@example.org\r\n",
        b"From: AWS <no-reply@signin.aws>\r\n",
        b"From: us <" + FROM.upper().encode() + b">\r\n",
        b"X-Forwarder-Loop: " + FROM.encode() + b"\r\n",
        b"Subject: The subject of this mail\r\nSubject: Another subject\r\n",
        b"X-SES-CONFIGURATION-SET:\r\n x\r\n",
        b"Received: from x (x [192.0.2.1])\r\n by y with SMTP id 1\r\n for " + VENDED.encode() + b";\r\n Fri\r\n",
        b"References:" + b" <reference@example.org>\r\n" * 20,
        b"X-Long: " + b"x" * 3000 + b"\r\n",
        b"Content-Type: multipart/mixed; boundary=b\r\n",
        b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n",
        b"Content-Type: application/x; name=\xff\xfe.exe\r\n",
        b"Content-Disposition: attachment; filename=run.exe\r\n",
        b"From mbox@example.org Fri Nov 20\r\n",
    ]
)
HEADERS = st.lists(st.one_of(FIELDS, LINES.map(b"".join)), max_size=8).map(b"".join)
PARTS = st.sampled_from(
    [
        b"--b\r\nContent-Disposition: attachment; filename=a.vbs\r\n\r\nx\r\n",
        b"--b\r\nContent-Type: text/html\r\n\r\n<a href='https://example.net/pay'>\xe4</a>\r\n",
        b"--b--\r\n",
        b".\r\n..\r\nFrom x\r\n",
        b"Final-Recipient: rfc822; " + ADMIN.encode() + b"\r\n",
        b"x" * 997 + b"\r\n",
        b"x" * 998 + b"\r\n",
    ]
)
BODIES = st.lists(st.one_of(PARTS, PIECES, st.binary(max_size=64)), max_size=6).map(b"".join)
MAILS = st.tuples(HEADERS, st.sampled_from([b"\r\n", b"\r\n", b"\n", b""]), BODIES).map(b"".join)
TEXTS = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=20)
STRANGERS = st.one_of(TEXTS, TEXTS.map(lambda text: f"{text}@accounts.example.com"), st.just("\ud800@example.com"))
RECIPIENTS = st.lists(
    st.one_of(st.sampled_from(sorted(KNOWN)), st.sampled_from(sorted(KNOWN)), STRANGERS), min_size=1, max_size=4
)
STATUSES = st.sampled_from(["PASS", "PASS", "PASS", "FAIL", "GRAY", "PROCESSING_FAILED", "DISABLED", "odd\r\n"])
VERDICTS = st.fixed_dictionaries(
    {},
    optional={
        **{
            f"{check}Verdict": STATUSES.map(lambda one: {"status": one})
            for check in ("spam", "virus", "spf", "dkim", "dmarc")
        },
        "dmarcPolicy": st.sampled_from(["reject", {"status": "NONE"}, None]),
    },
)
SENDERS = st.one_of(st.sampled_from(["", "<>", "a@x.org", "MAILER-DAEMON@x.org"]), st.text(max_size=20))

VERDICT_NAMES = [f"{check}Verdict" for check in ("spam", "virus", "spf", "dkim", "dmarc")]
FIELD = re.compile(rb"([!-9;-~]{1,255})[ \t]*:(.*)", re.DOTALL)
MBOX_LINE = re.compile(rb">?From (?![ \t]*:)")
BLANK_LINE = re.compile(rb"\A\r?\n|\n\r?\n")
FOR_CLAUSE = re.compile(rb"\s+for\s+[^\s;]+(?=\s*;)")
CONTROLS = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
ENCODED_WORD = re.compile(r"=\?[^?]*\?[bq]\?.*?\?=", re.IGNORECASE | re.DOTALL)
# Shorter lines of a mail may stand in a letter by chance.
TELLING = 12


@dataclass
class NotingSes(RecordingSes):
    """An SES that also keeps why it refused what it did not take."""

    refused: list[str] = field(default_factory=list)

    def send_email(self, **request: Any) -> dict[str, str]:
        try:
            return super().send_email(**request)
        except ClientError as error:
            self.refused.append(error.response["Error"]["Message"])
            raise


@dataclass
class World:
    """A forwarder for each policy, on one map, one SES and one table of deliveries."""

    deployed: Deployed
    ses: NotingSes = field(default_factory=NotingSes)
    numbers: Iterator[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        for address, owners in OWNERS.items():
            self.deployed.vend(address, *owners)
        self.deployed.vend(RETIRED, "ann@example.com", status="retired")
        clients = Clients(self.deployed.clients.s3, self.deployed.clients.dynamodb, self.ses)
        self.forwarders = {
            policy: build(
                environment(spam=policy, dmarc_failure=policy), clients, self.deployed.clock, self.deployed.clock.sleep
            )
            for policy in ("tag", "quarantine")
        }

    def deliver(self, event: dict[str, Any], policy: str) -> str | None:
        """Give a notice to the function; return the text of what it raised, or None."""
        try:
            answer = handle(
                {"Records": [sqs_record("q1", json.dumps(event))]},
                Context(clock=self.deployed.clock),
                self.forwarders[policy],
            )
        except BatchProcessingError as error:
            return str(error)
        assert answer == {"batchItemFailures": []}
        return None

    def take_done(self, message_id: str) -> dict[tuple[str, str], tuple[str, str]]:
        """Return outcome and SES's id by address and mailbox, and forget them; all that was claimed has to be done."""
        done = {}
        dynamodb, table = self.deployed.clients.dynamodb, SETTINGS.delivery_table
        for item in dynamodb.scan(TableName=table)["Items"]:
            dynamodb.delete_item(TableName=table, Key={"pk": item["pk"]})
            if item["pk"]["S"].startswith(MAIL_PREFIX):
                continue
            assert item["status"] == {"S": "sent"}
            address, _hash, mailbox = item["pk"]["S"].removeprefix(f"{message_id}#").rpartition("#")
            done[address, mailbox] = item["outcome"]["S"], item["sent_message_id"]["S"]
        return done


@dataclass(frozen=True)
class Arrived:
    """One mail with its envelope and verdicts, as they were made up."""

    raw: bytes
    recipients: list[str]
    verdicts: dict[str, Any]
    sender: str

    def statuses(self) -> set[str]:
        return {one["status"] for name, one in self.verdicts.items() if name.endswith("Verdict")}

    def may_be_raised(self) -> bool:
        """Return whether it looks like a loop, or comes for what no address can be."""
        return (
            FROM.encode() in self.raw.lower() or ADMIN.encode() in self.raw or "\ud800@example.com" in self.recipients
        )

    def body(self) -> bytes | None:
        """Return what follows the header; None without a blank line, where that is a matter of judgement."""
        blank = BLANK_LINE.search(self.raw)
        return self.raw[blank.end() :] if blank else None


def test_any_mail_reaches_whom_the_envelope_names_once_and_harmless(deployed: Deployed) -> None:
    world = World(deployed)
    seen: Counter[str] = Counter()

    # No limit on wall-clock time: a busy machine is no defect.
    @settings(deadline=None, derandomize=True, max_examples=200, suppress_health_check=[HealthCheck.too_slow])
    @given(MAILS, RECIPIENTS, VERDICTS, SENDERS, st.sampled_from(["tag", "quarantine"]))
    @example(b"", [VENDED], {}, "\ud800", "quarantine")
    @example(
        b"From: a@x.org\r\nX-SES-CONFIGURATION-SET:\r\n x\r\n\r\nX-SES-A: body\r\n", [VENDED], {}, "a@x.org", "tag"
    )
    @example(b"References:" + b" <a@x.org>" * 7_000 + b"\r\n\r\nThe body\r\n", [VENDED], {}, "a@x.org", "tag")
    @example(b"X: y\r\n" * 5_001 + b"\r\nThe body of this mail\r\n", [VENDED], {}, "a@x.org", "tag")
    @example(b"X: " + b"y" * 1_100_000 + b"\r\n\r\nThe body of this mail\r\n", [VENDED], {}, "a@x.org", "tag")
    def holds(raw: bytes, recipients: list[str], verdicts: dict[str, Any], sender: str, policy: str) -> None:
        seen.update(check(world, Arrived(raw, recipients, verdicts, sender), policy))

    holds()
    # Made-up mails that all went one way would show little.
    assert seen.keys() >= {Outcome.SENT, Outcome.SENT_ATTACHED, Outcome.QUARANTINED, "raised"}


def check(world: World, arrived: Arrived, policy: str) -> list[str]:
    """Deliver a mail twice, check all that was sent, and return what its deliveries came to."""
    message_id = f"m{next(world.numbers)}"
    world.deployed.store(arrived.raw, message_id)
    event = ses_event(message_id, arrived.recipients, **{**dict.fromkeys(VERDICT_NAMES), **arrived.verdicts})
    event["mail"]["source"] = arrived.sender
    world.ses.sent.clear()
    world.ses.refused.clear()
    raised = world.deliver(event, policy)
    sent = {f"sent-{number}": read_request(request) for number, request in enumerate(world.ses.sent, 1)}
    assert (world.deliver(event, policy) is None) == (raised is None)
    assert len(world.ses.sent) == len(sent)
    done = world.take_done(message_id)

    check_deliveries(arrived, done, sent, raised)
    # Whatever else SES would refuse is our own fault.
    assert all(problem.startswith("Illegal filename ") for problem in world.ses.refused)
    for (address, mailbox), (outcome, sent_id) in done.items():
        assert (sent[sent_id].mailbox, sent[sent_id].message_id) == (mailbox, message_id)
        check_header(sent[sent_id])
        check_disclosure(arrived, address, sent[sent_id])
        check_form(arrived, outcome, sent[sent_id])
    return [outcome for outcome, _sent_id in done.values()] + (["raised"] if raised else [])


def check_deliveries(
    arrived: Arrived, done: dict[tuple[str, str], tuple[str, str]], sent: dict[str, Sent], raised: str | None
) -> None:
    """Check that each owner of each address has one mail, or that it was raised, and that nobody else has any."""
    assert Counter(sent_id for _outcome, sent_id in done.values()) == dict.fromkeys(sent, 1)
    owed = {(KNOWN[one][0], mailbox) for one in arrived.recipients if one in KNOWN for mailbox in KNOWN[one][1]}
    strangers = set(arrived.recipients) - KNOWN.keys()
    others = done.keys() - owed
    assert {mailbox for _address, mailbox in others} <= {ADMIN}
    assert len(others) <= len(strangers)
    if raised is not None:
        assert arrived.may_be_raised()
        return
    assert owed <= done.keys()
    assert bool(others) == bool(strangers)
    is_held = {outcome == Outcome.QUARANTINED for outcome, _sent_id in done.values()}
    assert len(is_held) == 1
    if arrived.verdicts.get("virusVerdict") == {"status": "FAIL"}:
        assert is_held == {True}
    if "FAIL" not in arrived.statuses():
        assert is_held == {False}


def check_header(sent: Sent) -> None:
    """Check a header that was sent by what is its own to break: its lines, its names, and who it says it is from."""
    lines = sent.header.split(b"\r\n")
    assert all(len(line) <= 998 and line.strip() for line in lines)
    assert not CONTROLS.search(b"".join(lines))
    fields, _rest = message.split(sent.header + b"\r\n\r\n")
    names = Counter(one.name.lower() for one in fields)
    assert not [name for name in names if name.startswith("x-ses-") or name in ("bcc", "sender", "return-path", "")]
    assert all(names[name] == 1 for name in ("from", "to", "x-forwarder-reason", "x-forwarder-recipient"))
    assert all(names[name] <= 1 for name in ("subject", "message-id", "date", "content-type", "reply-to"))
    assert [address for _name, address in message.addresses(message.values(fields, "From"))] == [FROM]
    for one in fields:
        assert one.raw.isascii() or one.name.lower().startswith("content-")
        for word in ENCODED_WORD.findall(one.value):
            # A tab may stand in a header as it is.
            signs = decoded(word).replace("\t", " ")
            assert not [sign for sign in signs if unicodedata.category(sign) in ("Cc", "Zl", "Zp")]


def decoded(word: str) -> str:
    """Return what the most lenient reader may make of an encoded word."""
    try:
        parts = decode_header(word)
    except (HeaderParseError, ValueError):
        return ""
    return "".join(in_charset(part, charset) for part, charset in parts)


def in_charset(part: bytes | str, charset: str | None) -> str:
    if isinstance(part, str):
        return part
    try:
        return part.decode(charset or "ascii", "ignore")
    except (LookupError, ValueError):
        return part.decode("ascii", "ignore")


def check_nothing_is_lost(header: bytes, sent: Sent) -> None:
    """Check that all that a header says is in a field of the copy, unless its field is dropped by name."""
    fields, _rest = message.split(sent.header + b"\r\n\r\n")
    texts: dict[bytes, list[str]] = {}
    for one in fields:
        texts.setdefault(one.name.lower().encode(), []).append(shown(one.raw.partition(b":")[2]))
    for name, value in said_by(header):
        kept = (name, b"x-original-" + name, b"x-original-repeated-" + name, b"x-original-line")
        if shown(value) and not field_rules.is_removed(name) and name != b"received":
            assert any(shown(value) in text for key in kept for text in texts.get(key, ())), (name, value)


def said_by(header: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield name in lower case and value of each field; a line that is none has no name, and is whole in its value."""
    name, value = b"", b""
    for line in header.rstrip(b"\r\n").split(b"\n"):
        is_rest = line[:1] in (b" ", b"\t") or (b":" not in line and not MBOX_LINE.match(line))
        if is_rest:
            value += b" " + line
            continue
        yield name, value
        found = None if MBOX_LINE.match(line) else FIELD.match(line)
        name, value = (found[1].lower(), found[2]) if found else (b"", line)
    yield name, value


def shown(value: bytes) -> str:
    """Return what a value says, without white space and what no header may hold."""
    text = decode_value(value.replace(b"\r\n", b"").replace(b"\r", b" "))
    return "".join(sign for sign in text if unicodedata.category(sign)[0] not in "CZ")


def check_disclosure(arrived: Arrived, address: str, sent: Sent) -> None:
    """Check that nobody reads for whom else the mail came, unless it says so itself."""
    for other in {*OWNERS, RETIRED} - {address}:
        assert other.encode() not in sent.header.lower() or other.encode() in arrived.raw.lower()


def check_form(arrived: Arrived, outcome: str, sent: Sent) -> None:
    """Check what became of the mail's own octets: all there, attached whole, or none of them there."""
    if KINDS[Outcome(outcome)] is Kind.COPY:
        body = arrived.body()
        assert sent.body == body if body is not None else arrived.raw.endswith(sent.body)
        check_nothing_is_lost(arrived.raw[: len(arrived.raw) - len(sent.body)], sent)
        return
    parts = list(message_from_bytes(sent.data).walk())
    payloads = [bytes(part.get_payload(decode=True) or b"") for part in parts if not part.is_multipart()]
    if KINDS[Outcome(outcome)] is Kind.ATTACHED:
        (attached,) = payloads[1:]
        clauses = FOR_CLAUSE.finditer(arrived.raw)
        assert attached == arrived.raw or attached in {
            arrived.raw[: one.start()] + arrived.raw[one.end() :] for one in clauses
        }
        return
    (text,) = payloads
    for line in (arrived.body() or b"").splitlines():
        assert len(line) < TELLING or (line not in text and line not in sent.data)
    assert b"subject of this mail" not in sent.data
