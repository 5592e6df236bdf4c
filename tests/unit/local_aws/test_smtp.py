# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever SMTP can carry arrives in the bucket as it was sent, and is told of, as SES would have it."""

from __future__ import annotations

import json
import smtplib
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import pytest

from tests.local_aws import LocalAws
from tests.local_aws.smtp import MAX_MESSAGE_BYTES

DOMAIN = "accounts.example.com"
RECIPIENT = f"x@{DOMAIN}"
SMALL = b"Subject: x\r\n\r\nbody\r\n"
# Amazon SNS API Reference, Publish: a message has 256 KB at most.
SNS_MESSAGE_BYTES = 256 * 1024
# The last of SES's own fields begins with it.
END_OF_SES_FIELDS = b"\r\nX-SES-DKIM-SIGNATURE: "


@dataclass
class _Inbox:
    """A domain whose mail lies in a bucket and is told of in a queue."""

    aws: LocalAws
    queue: str

    def receive(self, message_id: str) -> tuple[bytes, dict[str, Any]]:
        """Return what was stored of an accepted mail below SES's own fields, and its notification."""
        stored: bytes = self.aws.client("s3").get_object(Bucket="mail", Key=f"mail/{message_id}")["Body"].read()
        _unused, found, last_field = stored.partition(END_OF_SES_FIELDS)
        assert found
        # It is folded once.
        return last_field.split(b"\r\n", 2)[2], self._notice(message_id)

    def _notice(self, message_id: str) -> dict[str, Any]:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            answer = self.aws.client("sqs").receive_message(QueueUrl=self.queue, WaitTimeSeconds=1)
            for item in answer.get("Messages", []):
                # Left there, those of earlier tests would come again, and before this one.
                self.aws.client("sqs").delete_message(QueueUrl=self.queue, ReceiptHandle=item["ReceiptHandle"])
                assert len(item["Body"].encode()) <= SNS_MESSAGE_BYTES
                notice: dict[str, Any] = json.loads(item["Body"])
                if notice["mail"]["messageId"] == message_id:
                    return notice
        raise AssertionError(f"no notification of {message_id}")


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Inbox]:
    with LocalAws(tmp_path_factory.mktemp("local-aws")) as aws:
        topic = aws.client("sns").create_topic(Name="mail")["TopicArn"]
        queue = aws.client("sqs").create_queue(QueueName="mail")["QueueUrl"]
        attributes = aws.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]
        raw = {"RawMessageDelivery": "true"}
        aws.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=attributes["QueueArn"], Attributes=raw)
        aws.client("s3").create_bucket(Bucket="mail", CreateBucketConfiguration={"LocationConstraint": aws.region})
        statement = {"Effect": "Allow", "Principal": {"Service": "ses.amazonaws.com"}, "Action": "s3:PutObject"}
        policy = {"Version": "2012-10-17", "Statement": [{**statement, "Resource": "arn:aws:s3:::mail/*"}]}
        aws.client("s3").put_bucket_policy(Bucket="mail", Policy=json.dumps(policy))
        ses = aws.client("ses")
        ses.verify_domain_identity(Domain=DOMAIN)
        ses.create_receipt_rule_set(RuleSetName="mail")
        ses.set_active_receipt_rule_set(RuleSetName="mail")
        store = {"S3Action": {"BucketName": "mail", "ObjectKeyPrefix": "mail/", "TopicArn": topic}}
        rule = {"Name": "mail", "Enabled": True, "ScanEnabled": True, "Recipients": [DOMAIN], "Actions": [store]}
        ses.create_receipt_rule(RuleSetName="mail", Rule=rule)
        yield _Inbox(aws, queue)


def _send(aws: LocalAws, data: bytes, sender: str = "<a@example.org>", hello: str = "EHLO mail.example.org") -> bytes:
    """Send a mail octet by octet, with no library that would mend it; return the last answer of SMTP."""
    host, _unused, port = aws.smtp.partition(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection, connection.makefile("rb") as answers:
        _answer(answers)
        for command in (hello, f"MAIL FROM:{sender}", f"RCPT TO:<{RECIPIENT}>", "DATA"):
            connection.sendall(f"{command}\r\n".encode("utf-8", "surrogateescape"))
            answer = _answer(answers)
            if answer[:1] not in (b"2", b"3"):
                return answer
        connection.sendall((b"\r\n" + data).replace(b"\r\n.", b"\r\n..")[2:] + b".\r\n")
        return _answer(answers)


def _answer(answers: BinaryIO) -> bytes:
    """Return the last line of one answer."""
    while (line := answers.readline())[3:4] == b"-":
        pass
    return line


def _accepted(answer: bytes) -> str:
    """Return the message id with which SMTP accepted a mail."""
    assert answer.startswith(b"250 OK "), answer
    return answer.split()[2].decode()


def _whole(begin: bytes, line: bytes, end: bytes = b"") -> bytes:
    """Return a mail as large as SES takes: a line as often as it fits, the last one cut."""
    room = MAX_MESSAGE_BYTES - len(begin) - len(end) - 2
    return b"".join((begin, line * (room // len(line)), line[: room % len(line)].replace(b"\r", b"x"), b"\r\n", end))


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing at all"),
        pytest.param(b"\r\n", id="only a blank line"),
        pytest.param(b"\r\nbody\r\n", id="no header"),
        pytest.param(b"no header and no blank line\r\n", id="one line of text"),
        pytest.param(b" folded\r\nSubject: x\r\n\r\n", id="begins with a folded line"),
        pytest.param(b"From a@example.org Sat Nov 21 09:30:00 2026\r\nSubject: x\r\n\r\n", id="mbox's line above"),
        pytest.param(b"Subject: x\r\n", id="no blank line"),
        pytest.param(b": x\r\n:\r\nSubject\r\n\r\n", id="fields without a name or a colon"),
        pytest.param(b"Subject: " + b"x" * 5000 + b"\r\n\r\n" + b"y" * 5000 + b"\r\n", id="lines over 1,000 octets"),
        pytest.param(b"Subject: caf\xe9\r\nX-\xff: \xc3\xa9\r\n\r\nbody\r\n", id="8-bit header without 8BITMIME"),
        pytest.param(
            b"Subject: x\r\n\r\n" + bytes(set(range(256)) - set(b"\r\n")) + b"\r\n", id="all octets in the body"
        ),
        pytest.param(b"Sub\0ject: a\0b\r\n\0\r\n\r\n\0\0\r\n", id="NUL octets"),
        pytest.param(b"Subject: a\rb\rX: y\r\n\r\na\rb\r\r\n\r\r\n", id="bare CR"),
        pytest.param(b"Subject: x\nTo: y\n\nbody\n\r\n", id="bare LF"),
        pytest.param(b"Subject: x\r\n\r\na\n.\nb\n.\r\nc\n..\r\n\r.\r\n\r\r\n", id="a dot after a bare LF or CR"),
        pytest.param(b".Subject: x\r\n\r\n.\r\n", id="begins with a dot, ends with a line of one"),
        pytest.param(b"Subject: x\r\n\r\n.\r\n..\r\n...\r\n.a\r\n..a\r\n .\r\na.\r\n", id="dots"),
        pytest.param(b"Subject: =?\0?q?x?= =?rot13?q?x?= =?utf-8?b?A?=\r\n\r\n", id="charsets that are none"),
        pytest.param(b"From: " + b"(" * 5000 + b"\r\nDate: \xff\r\n\r\n", id="endless comment in From"),
        pytest.param(
            b"".join(b"X-%d: y\r\n" % number for number in range(100_000)) + b"\r\nb\r\n", id="100,000 fields"
        ),
        pytest.param(b"From: a@example.org\r\n" * 100_000 + b"\r\nb\r\n", id="100,000 From fields"),
        pytest.param(b"Subject: =?punycode?q?" + b"a" * 900_000 + b"?=\r\n\r\n", id="encoded word in punycode"),
        pytest.param(b"Message-ID: <" + b"\xff" * 2**20 + b">\r\n\r\n", id="8-bit Message-ID of 1 MB"),
        pytest.param(_whole(SMALL, b"x" * 76 + b"\r\n"), id="40 MB"),
        pytest.param(_whole(SMALL, b"." * 40 + b"\r\n"), id="40 MB of lines with a dot before them"),
        pytest.param(_whole(b"", b"."), id="40 MB in one line of dots"),
        pytest.param(_whole(b"From: ", b"a@example.org,\r\n "), id="40 MB in one folded From"),
        pytest.param(_whole(b"Subject: ", b"=?utf-8?q?=C3=A9?=\r\n "), id="40 MB in one folded Subject"),
        pytest.param(_whole(b"", b"X-Field: " + b"v" * 400 + b"\r\n"), id="40 MB of fields"),
    ],
)
def test_a_mail_arrives_as_it_was_sent(inbox: _Inbox, data: bytes) -> None:
    arrived, notice = inbox.receive(_accepted(_send(inbox.aws, data)))
    # Not compared by assert, which would explain each octet.
    same = arrived == data
    assert same, (len(arrived), len(data), arrived[:200])
    assert notice["receipt"]["recipients"] == [RECIPIENT]


@pytest.mark.parametrize("octets", [MAX_MESSAGE_BYTES + 1, 2 * MAX_MESSAGE_BYTES + 1000])
def test_a_mail_over_40_mb_is_refused(inbox: _Inbox, octets: int) -> None:
    answer = _send(inbox.aws, b"x" * (octets - 2) + b"\r\n")
    assert answer[:3] in (b"552", b"500")


@pytest.mark.parametrize(
    ("path", "sender"),
    [
        pytest.param("<>", "", id="null sender"),
        pytest.param("<jan\udce9@example.org>", "jan\ufffd@example.org", id="octets that are not UTF-8"),
        pytest.param("<MAILER-DAEMON>", "MAILER-DAEMON", id="no domain"),
        pytest.param(" <a@example.org>", "a@example.org", id="a space before it"),
        pytest.param("a@example.org", "a@example.org", id="no angle brackets"),
        pytest.param("<@a.example,@b.example:c@example.org>", "c@example.org", id="source route"),
        *(
            pytest.param(f"<{sender}>", sender, id=what)
            for what, sender in {
                "sub-address": "bounces+jane=example.com@example.org",
                "SRS": "SRS0=Ab1=CD=example.net=jane@example.org",
                "all that an atom may hold": "!#$%&'*+-/=?^_`{|}~@example.org",
                "like an encoded word": "=?utf-8?q?jane?=@example.org",
                "like an encoded word, quoted": '"=?utf-8?q?jane?="@example.org',
                "quotes that are not needed": '"jane"@example.org',
                "space": '"jane  doe"@example.org',
                "at sign": '"jane@home"@example.org',
                "angle bracket": '"jane>doe"@example.org',
                "escapes": r'"a\"b\\c\d"@example.org',
                "empty local part": '""@example.org',
                "two dots": "jane..doe@example.org",
                "dots at the ends": ".jane.@example.org",
                "IPv4 address": "a@[192.0.2.1]",
                "IPv6 address": "a@[IPv6:2001:db8::1]",
                "top-level domain": "a@localhost",
                "rooted domain": "a@example.org.",
                "8-bit octets without SMTPUTF8": "jané@example.org",
                "underscore in the domain": "a@b_c.example.org",
                "256 octets": f"{'a' * 64}@{'d' * 60}.{'e' * 60}.{'f' * 60}.example",
            }.items()
        ),
        *(
            pytest.param(f"<a@example.org> {parameters}", "a@example.org", id=parameters)
            for parameters in ("BODY=8BITMIME", "BODY=7BIT", f"SIZE={MAX_MESSAGE_BYTES}", "size=100 body=8bitmime")
        ),
    ],
)
def test_an_envelope_sender_is_taken_as_it_is_written(inbox: _Inbox, path: str, sender: str) -> None:
    arrived, notice = inbox.receive(_accepted(_send(inbox.aws, SMALL, path)))
    assert (arrived, notice["mail"]["source"]) == (SMALL, sender)


@pytest.mark.parametrize(
    "hello",
    [
        pytest.param("HELO [192.0.2.1]", id="no extensions"),
        pytest.param("EHLO [IPv6:2001:db8::1]", id="IPv6 address"),
        pytest.param("EHLO caf\udce9", id="8-bit octets"),
        pytest.param("ehlo mail_1", id="no domain"),
    ],
)
def test_a_sender_is_served_whatever_it_calls_itself(inbox: _Inbox, hello: str) -> None:
    assert inbox.receive(_accepted(_send(inbox.aws, SMALL, hello=hello)))[0] == SMALL


def test_extensions_that_ses_does_not_have_are_not_announced(inbox: _Inbox) -> None:
    host, _unused, port = inbox.aws.smtp.partition(":")
    with smtplib.SMTP(host, int(port), timeout=60) as connection:
        connection.ehlo()
        assert connection.esmtp_features == {"size": str(MAX_MESSAGE_BYTES), "8bitmime": "", "help": ""}
