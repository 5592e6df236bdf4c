# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Local AWS whole: started once, driven as the outside world and an account's owner drive AWS."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import smtplib
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from tests.local_aws import LocalAws
from tests.local_aws.gateway import AUTHORIZE_ONLY
from tests.local_aws.organizations import MAX_IN_PROGRESS
from tests.local_aws.ses_identities import Verification

MAIL = b"From: a@example.org\r\nTo: x@example.com\r\nSubject: hi\r\n\r\n.dot\r\n..two\r\ncaf\xe9 \x00\r\n"


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with LocalAws(tmp_path_factory.mktemp("local-aws")) as running:
        yield running


@dataclass
class _Inbox:
    """A domain whose mail lies in a bucket and is told of in a queue."""

    aws: LocalAws
    domain: str
    bucket: str
    queue: str
    topic: str
    rule: dict[str, Any]

    def notices(self, count: int = 1) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        deadline = time.monotonic() + 60
        while len(found) < count and time.monotonic() < deadline:
            answer = self.aws.client("sqs").receive_message(
                QueueUrl=self.queue, WaitTimeSeconds=1, MaxNumberOfMessages=10
            )
            found += [json.loads(item["Body"]) for item in answer.get("Messages", [])]
        assert len(found) == count
        return found

    def keys(self) -> list[str]:
        """Return what is in the bucket; a mail is there before SMTP accepts it."""
        return [item["Key"] for item in self.aws.client("s3").list_objects_v2(Bucket=self.bucket)["Contents"]]

    def stored(self, notice: dict[str, Any]) -> bytes:
        action = notice["receipt"]["action"]
        data: bytes = (
            self.aws.client("s3").get_object(Bucket=action["bucketName"], Key=action["objectKey"])["Body"].read()
        )
        return data


@pytest.fixture
def inbox(aws: LocalAws) -> Iterator[_Inbox]:
    name = f"inbox-{uuid4().hex[:8]}"
    domain = f"{name}.example.com"
    topic, queue = _topic_and_queue(aws, name)
    location = {"LocationConstraint": aws.region}
    aws.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration=location)
    aws.client("s3").put_bucket_policy(Bucket=name, Policy=_bucket_policy(aws, name))
    ses = aws.client("ses")
    ses.verify_domain_identity(Domain=domain)
    ses.create_receipt_rule_set(RuleSetName=name)
    ses.set_active_receipt_rule_set(RuleSetName=name)
    rule = {
        "Name": name,
        "Enabled": True,
        "ScanEnabled": True,
        "Recipients": [domain],
        "Actions": [{"S3Action": {"BucketName": name, "ObjectKeyPrefix": "mail/", "TopicArn": topic}}],
    }
    ses.create_receipt_rule(RuleSetName=name, Rule=rule)
    yield _Inbox(aws, domain, name, queue, topic, rule)
    ses.set_active_receipt_rule_set()
    ses.delete_receipt_rule_set(RuleSetName=name)


def _topic_and_queue(aws: LocalAws, name: str) -> tuple[str, str]:
    sns, sqs = aws.client("sns"), aws.client("sqs")
    topic = sns.create_topic(Name=name)["TopicArn"]
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]
    sns.subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=attributes["QueueArn"], Attributes={"RawMessageDelivery": "true"}
    )
    return topic, queue


def _bucket_policy(aws: LocalAws, bucket: str) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "ses.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{bucket}/mail/*",
        "Condition": {
            "StringEquals": {"aws:SourceAccount": aws.account_id},
            "ArnLike": {"aws:SourceArn": f"arn:aws:ses:{aws.region}:{aws.account_id}:receipt-rule-set/*"},
        },
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_a_mail_goes_by_smtp_into_the_bucket_and_is_told_of_in_the_queue(inbox: _Inbox) -> None:
    recipients = [f"x@{inbox.domain}", f"Y+tag@{inbox.domain}"]
    inbox.aws.send_mail("a@example.org", recipients, MAIL, "spam=GRAY dmarc=FAIL;reject")
    (notice,) = inbox.notices()
    assert (notice["notificationType"], notice["mail"]["source"]) == ("Received", "a@example.org")
    receipt = notice["receipt"]
    assert receipt["recipients"] == recipients
    assert receipt["action"] == {
        "type": "S3",
        "topicArn": inbox.topic,
        "bucketName": inbox.bucket,
        "objectKeyPrefix": "mail/",
        "objectKey": f"mail/{notice['mail']['messageId']}",
    }
    assert (receipt["spamVerdict"], receipt["dmarcPolicy"]) == ({"status": "GRAY"}, "reject")
    stored = inbox.stored(notice)
    assert stored.endswith(MAIL)
    assert b"x-local" not in stored.lower()


def test_25_mib_arrive_and_leave_byte_for_byte(inbox: _Inbox) -> None:
    line = bytes(range(14, 90)) + b"\xe9\r\n"
    data = b"From: f@%s\r\nTo: o@example.org\r\nSubject: large\r\n\r\n" % inbox.domain.encode() + line * (
        25 * 2**20 // len(line)
    )
    inbox.aws.send_mail("a@example.org", [f"x@{inbox.domain}"], data)
    (notice,) = inbox.notices()
    stored = inbox.stored(notice)
    assert len(data) > 24.9 * 2**20
    assert stored.endswith(data)
    recipient = f"large@{inbox.bucket}.example.org"
    inbox.aws.client("sesv2").send_email(Destination={"ToAddresses": [recipient]}, Content={"Raw": {"Data": data}})
    (sent,) = inbox.aws.outbox.wait_for(recipient)
    assert sent.data == data


@pytest.mark.parametrize(
    "recipient",
    [
        pytest.param("x@elsewhere.example", id="domain that is not verified"),
        pytest.param("x@sub.{domain}", id="subdomain without a condition"),
    ],
)
def test_smtp_refuses_a_recipient_that_no_rule_matches(inbox: _Inbox, recipient: str) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused) as caught:
        inbox.aws.send_mail("a@example.org", [recipient.format(domain=inbox.domain)], MAIL)
    assert [code for code, _unused in caught.value.recipients.values()] == [550]


def test_an_identity_that_is_not_verified_yet_neither_receives_nor_sends(inbox: _Inbox) -> None:
    sesv2 = inbox.aws.client("sesv2")
    content = {"Raw": {"Data": b"From: f@%s\r\nTo: o@example.org\r\n\r\nx\r\n" % inbox.domain.encode()}}
    to = {"ToAddresses": [f"unverified@{inbox.bucket}.example.org"]}
    inbox.aws.verifications.set(inbox.domain, Verification("PENDING"))
    assert sesv2.get_email_identity(EmailIdentity=inbox.domain)["VerificationStatus"] == "PENDING"
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        inbox.aws.send_mail("a@example.org", [f"x@{inbox.domain}"], MAIL)
    with pytest.raises(sesv2.exceptions.MessageRejected, match="not verified"):
        sesv2.send_email(Destination=to, Content=content)
    inbox.aws.verifications.set(inbox.domain)
    inbox.aws.send_mail("a@example.org", [f"x@{inbox.domain}"], MAIL)
    sesv2.send_email(Destination=to, Content=content)


def test_one_refused_recipient_does_not_keep_the_mail_from_the_others(inbox: _Inbox) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        inbox.aws.send_mail("a@example.org", ["x@elsewhere.example", f"x@{inbox.domain}"], MAIL)
    assert inbox.notices()[0]["receipt"]["recipients"] == [f"x@{inbox.domain}"]


def test_a_disabled_rule_matches_nobody(inbox: _Inbox) -> None:
    inbox.aws.client("ses").update_receipt_rule(RuleSetName=inbox.bucket, Rule={**inbox.rule, "Enabled": False})
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        inbox.aws.send_mail("a@example.org", [f"x@{inbox.domain}"], MAIL)


def test_the_null_sender_and_a_mail_without_headers_pass(inbox: _Inbox) -> None:
    inbox.aws.send_mail("", [f"x@{inbox.domain}"], b"no header\r\n")
    (notice,) = inbox.notices()
    assert notice["mail"]["source"] == ""
    assert inbox.stored(notice).endswith(b"no header\r\n")


def test_rules_run_in_order_until_one_stops_them(inbox: _Inbox) -> None:
    ses = inbox.aws.client("ses")
    header = {"AddHeaderAction": {"HeaderName": "X-First", "HeaderValue": "yes"}}
    stop = {"StopAction": {"Scope": "RuleSet"}}
    first = {"Name": "first", "Enabled": True, "Recipients": [inbox.domain], "Actions": [header]}
    ses.create_receipt_rule(RuleSetName=inbox.bucket, Rule=first)
    last = {**inbox.rule, "Name": "last", "Recipients": [f"x@{inbox.domain}"]}
    ses.create_receipt_rule(RuleSetName=inbox.bucket, Rule=last, After=inbox.bucket)
    inbox.aws.send_mail("a@example.org", [f"x@{inbox.domain}", f"y@{inbox.domain}"], MAIL)
    notices = inbox.notices(2)
    assert sorted(len(notice["receipt"]["recipients"]) for notice in notices) == [1, 2]
    assert inbox.stored(notices[0]).startswith(b"X-First: yes\r\n")
    ses.update_receipt_rule(RuleSetName=inbox.bucket, Rule={**first, "Actions": [header, stop]})
    before = inbox.keys()
    inbox.aws.send_mail("a@example.org", [f"x@{inbox.domain}"], MAIL)
    assert inbox.keys() == before


FOUR_HOURS = 4 * 3600


def _deny(inbox: _Inbox) -> Callable[[], None]:
    s3 = inbox.aws.client("s3")
    s3.delete_bucket_policy(Bucket=inbox.bucket)
    return lambda: s3.put_bucket_policy(Bucket=inbox.bucket, Policy=_bucket_policy(inbox.aws, inbox.bucket))


def _delete_bucket(inbox: _Inbox) -> Callable[[], None]:
    s3 = inbox.aws.client("s3")
    s3.delete_object(Bucket=inbox.bucket, Key="mail/AMAZON_SES_SETUP_NOTIFICATION")
    s3.delete_bucket(Bucket=inbox.bucket)

    def mend() -> None:
        s3.create_bucket(Bucket=inbox.bucket, CreateBucketConfiguration={"LocationConstraint": inbox.aws.region})
        s3.put_bucket_policy(Bucket=inbox.bucket, Policy=_bucket_policy(inbox.aws, inbox.bucket))

    return mend


def _encrypt_with_a_key_that_does_not_know_ses(inbox: _Inbox) -> Callable[[], None]:
    s3, kms = inbox.aws.client("s3"), inbox.aws.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    rules = {"Rules": [{"ApplyServerSideEncryptionByDefault": default}]}
    s3.put_bucket_encryption(Bucket=inbox.bucket, ServerSideEncryptionConfiguration=rules)
    statement = {"Effect": "Allow", "Principal": {"Service": "ses.amazonaws.com"}, "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [{**statement, "Action": ["kms:GenerateDataKey*", "kms:Decrypt"]}]}
    return lambda: kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(policy))


def _deny_the_topic(inbox: _Inbox) -> Callable[[], None]:
    sns = inbox.aws.client("sns")
    before = sns.get_topic_attributes(TopicArn=inbox.topic)["Attributes"]["Policy"]

    def set_policy(policy: str) -> None:
        sns.set_topic_attributes(TopicArn=inbox.topic, AttributeName="Policy", AttributeValue=policy)

    statement = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sns:Publish"}
    set_policy(json.dumps({"Version": "2012-10-17", "Statement": [{**statement, "Sid": "s", "Resource": inbox.topic}]}))
    return lambda: set_policy(before)


@pytest.mark.parametrize(
    "break_it",
    [
        pytest.param(_deny, id="the bucket's policy denies it"),
        pytest.param(_delete_bucket, id="the bucket is gone"),
        pytest.param(_encrypt_with_a_key_that_does_not_know_ses, id="the bucket's key denies it"),
        pytest.param(_deny_the_topic, id="the topic's policy denies it"),
    ],
)
def test_a_failing_action_is_tried_again_after_the_mail_was_accepted(
    inbox: _Inbox, break_it: Callable[[_Inbox], Callable[[], None]]
) -> None:
    mend = break_it(inbox)
    inbox.aws.send_mail("a@example.org", [f"x@{inbox.domain}"], MAIL)
    (waiting,) = inbox.aws.receiving.waiting()
    assert (waiting.rule, waiting.kind) == (inbox.bucket, "S3Action")
    inbox.aws.receiving.elapse(FOUR_HOURS - 60)
    assert inbox.aws.receiving.waiting() == [waiting]
    mend()
    inbox.aws.receiving.elapse(60)
    assert inbox.aws.receiving.waiting() == []
    (notice,) = inbox.notices()
    assert inbox.stored(notice).endswith(MAIL)
    assert notice["receipt"]["processingTimeMillis"] > (FOUR_HOURS - 60) * 1000


def test_mail_is_given_up_after_four_hours_and_only_metrics_tell(inbox: _Inbox) -> None:
    _deny(inbox)
    inbox.aws.send_mail("a@example.org", [f"x@{inbox.domain}"], MAIL)
    inbox.aws.receiving.elapse(FOUR_HOURS)
    assert inbox.aws.receiving.waiting() == []
    assert inbox.keys() == ["mail/AMAZON_SES_SETUP_NOTIFICATION"]
    statistics = {
        metric: inbox.aws.client("cloudwatch").get_metric_statistics(
            Namespace="AWS/SES",
            MetricName=metric,
            Dimensions=[{"Name": "RuleName", "Value": inbox.bucket}],
            StartTime=time.time() - 600,
            EndTime=time.time() + 600,
            Period=1200,
            Statistics=["Sum"],
        )["Datapoints"]
        for metric in ("PublishFailure", "PublishExpired")
    }
    assert sum(one["Sum"] for one in statistics["PublishFailure"]) > 10
    assert sum(one["Sum"] for one in statistics["PublishExpired"]) == 1


def test_mail_is_handled_by_the_rules_of_the_time_when_it_was_received(inbox: _Inbox) -> None:
    mend = _deny(inbox)
    ses = inbox.aws.client("ses")
    inbox.aws.send_mail("a@example.org", [f"x@{inbox.domain}"], MAIL)
    # Nothing that is done to the rules helps, or hurts, a mail that was received before.
    ses.set_active_receipt_rule_set()
    ses.delete_receipt_rule(RuleSetName=inbox.bucket, RuleName=inbox.bucket)
    mend()
    inbox.aws.receiving.elapse(FOUR_HOURS)
    assert inbox.stored(inbox.notices()[0]).endswith(MAIL)


def test_a_mail_over_40_mb_is_refused(inbox: _Inbox) -> None:
    with pytest.raises(smtplib.SMTPResponseException) as caught:
        inbox.aws.send_mail("a@example.org", [f"x@{inbox.domain}"], b"\r\n" + (b"x" * 98 + b"\r\n") * 420_000)
    assert caught.value.smtp_code == 552


def test_many_mails_at_once_all_arrive(inbox: _Inbox) -> None:
    def send(number: int) -> None:
        inbox.aws.send_mail("a@example.org", [f"x{number}@{inbox.domain}"], b"Subject: %d\r\n\r\nbody\r\n" % number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(send, range(24)))
    notices = inbox.notices(24)
    assert {notice["receipt"]["recipients"][0] for notice in notices} == {f"x{n}@{inbox.domain}" for n in range(24)}
    assert len({notice["mail"]["messageId"] for notice in notices}) == 24


def test_sending_needs_an_identity_and_a_configuration_set_that_are_there(inbox: _Inbox) -> None:
    v2 = inbox.aws.client("sesv2")
    name = f"set-{inbox.bucket}"
    raw = b"From: f@%s\r\nTo: o@example.org\r\n\r\nbody\r\n" % inbox.domain.encode()
    recipient = f"o@{inbox.bucket}.example.org"
    request = {
        "Destination": {"ToAddresses": [recipient]},
        "Content": {"Raw": {"Data": raw}},
        "ConfigurationSetName": name,
    }
    with pytest.raises(v2.exceptions.NotFoundException):
        v2.send_email(**request)
    v2.create_configuration_set(ConfigurationSetName=name)
    message_id = v2.send_email(**request)["MessageId"]
    (mail,) = inbox.aws.outbox.wait_for(recipient)
    assert mail.name.endswith(message_id)
    assert mail.configuration_set == name
    with pytest.raises(v2.exceptions.MessageRejected, match="Email address is not verified"):
        v2.send_email(**{**request, "Content": {"Raw": {"Data": raw.replace(b"inbox", b"other")}}})


def test_events_of_a_mail_are_published_to_the_topics_of_its_configuration_set(inbox: _Inbox) -> None:
    v2 = inbox.aws.client("sesv2")
    v2.create_configuration_set(ConfigurationSetName=inbox.bucket)
    destination = {
        "Enabled": True,
        "MatchingEventTypes": ["BOUNCE", "COMPLAINT"],
        "SnsDestination": {"TopicArn": inbox.topic},
    }
    v2.create_configuration_set_event_destination(
        ConfigurationSetName=inbox.bucket, EventDestinationName="events", EventDestination=destination
    )
    raw = b"From: f@%s\r\nTo: o@example.org\r\n\r\nbody\r\n" % inbox.domain.encode()
    owner = f"owner@{inbox.bucket}.example.org"
    inbox.aws.mailboxes.bounces(owner)
    request = {"Destination": {"ToAddresses": [owner]}, "Content": {"Raw": {"Data": raw}}}
    first, second = (
        v2.send_email(ConfigurationSetName=inbox.bucket, EmailTags=[{"Name": "t", "Value": "1"}], **request)[
            "MessageId"
        ]
        for _unused in range(2)
    )
    inbox.aws.events.settle()
    texts = _bodies(inbox, 3)
    assert "Successfully validated SNS topic for Amazon SES event publishing." in texts
    events = {event["mail"]["messageId"]: event for event in (json.loads(text) for text in texts if text[0] == "{")}
    assert [events[one]["bounce"]["bounceSubType"] for one in (first, second)] == [
        "General",
        "OnAccountSuppressionList",
    ]
    assert events[first]["mail"]["tags"]["t"] == ["1"]
    entry = v2.get_suppressed_destination(EmailAddress=owner)["SuppressedDestination"]
    assert (entry["Reason"], entry["Attributes"]["MessageId"]) == ("BOUNCE", first)
    inbox.aws.suppression.remove(owner)


def test_events_are_lost_where_the_topic_does_not_let_ses_in(inbox: _Inbox) -> None:
    v2 = inbox.aws.client("sesv2")
    v2.create_configuration_set(ConfigurationSetName=inbox.bucket)
    destination = {"Enabled": True, "MatchingEventTypes": ["SEND"], "SnsDestination": {"TopicArn": inbox.topic}}
    v2.create_configuration_set_event_destination(
        ConfigurationSetName=inbox.bucket, EventDestinationName="events", EventDestination=destination
    )
    _deny_the_topic(inbox)
    raw = b"From: f@%s\r\nTo: success@simulator.amazonses.com\r\n\r\nbody\r\n" % inbox.domain.encode()
    message_id = v2.send_email(ConfigurationSetName=inbox.bucket, Content={"Raw": {"Data": raw}})["MessageId"]
    inbox.aws.events.settle()
    dropped = [event["mail"]["messageId"] for topic, event in inbox.aws.events.dropped if topic == inbox.topic]
    assert dropped == [message_id]


def _bodies(inbox: _Inbox, count: int) -> list[str]:
    """Return what is in the queue, once there is as much of it."""
    found: list[str] = []
    deadline = time.monotonic() + 60
    while len(found) < count and time.monotonic() < deadline:
        answer = inbox.aws.client("sqs").receive_message(
            QueueUrl=inbox.queue, WaitTimeSeconds=1, MaxNumberOfMessages=10
        )
        found += [item["Body"] for item in answer.get("Messages", [])]
    assert len(found) == count
    return found


def test_creations_with_one_address_make_one_account(aws: LocalAws) -> None:
    """As many as AWS takes on at a time, all at once."""
    email = f"{uuid4().hex[:8]}@example.com"
    organizations = aws.client("organizations")
    with ThreadPoolExecutor(MAX_IN_PROGRESS) as pool:
        requests = range(MAX_IN_PROGRESS)
        made = list(pool.map(lambda n: organizations.create_account(Email=email, AccountName=f"a{n}"), requests))
    ids = [answer["CreateAccountStatus"]["Id"] for answer in made]
    deadline = time.monotonic() + 60
    states: list[str] = []
    while "IN_PROGRESS" in (states or ["IN_PROGRESS"]) and time.monotonic() < deadline:
        described = [organizations.describe_create_account_status(CreateAccountRequestId=i) for i in ids]
        states = [answer["CreateAccountStatus"]["State"] for answer in described]
    assert sorted(states) == ["FAILED"] * (MAX_IN_PROGRESS - 1) + ["SUCCEEDED"]
    accounts = [a for page in organizations.get_paginator("list_accounts").paginate() for a in page["Accounts"]]
    assert [account["Email"] for account in accounts].count(email) == 1


def test_the_environment_points_a_program_at_local_aws(aws: LocalAws) -> None:
    program = "import boto3; print(boto3.client('sts').get_caller_identity()['Account'])"
    environment = {**os.environ, **aws.environment}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == aws.account_id


def test_with_iam_enforced_what_the_gateway_answers_is_authorised(tmp_path: Path) -> None:
    with LocalAws(tmp_path, enforce_iam=True) as aws:
        iam = aws.client("iam")
        iam.create_user(UserName="u")
        key = iam.create_access_key(UserName="u")["AccessKey"]
        aws.client("ses").verify_domain_identity(Domain="example.com")
        statements = [
            {"Effect": "Allow", "Action": ["ses:ListReceiptRuleSets", "organizations:ListAccounts"], "Resource": "*"},
            {
                "Effect": "Allow",
                "Action": "ses:SendRawEmail",
                "Resource": f"arn:aws:ses:{aws.region}:{aws.account_id}:identity/example.com",
                "Condition": {"StringEquals": {"ses:FromAddress": "may@example.com"}},
            },
        ]
        iam.put_user_policy(
            UserName="u", PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": statements})
        )

        def client(service: str) -> Any:
            credentials = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
            return aws.client(service, **credentials)

        def send(sender: str) -> None:
            raw = f"From: {sender}\r\nTo: o@example.org\r\n\r\nbody\r\n".encode()
            client("sesv2").send_email(FromEmailAddress=sender, Content={"Raw": {"Data": raw}})

        assert client("ses").list_receipt_rule_sets()["RuleSets"] == []
        assert len(client("organizations").list_accounts()["Accounts"]) == 1
        send("may@example.com")
        assert [mail.sender for mail in aws.outbox.messages()] == ["may@example.com"]
        for refused in (
            lambda: client("ses").create_receipt_rule_set(RuleSetName="s"),
            lambda: client("organizations").create_account(Email="a@example.com", AccountName="a"),
            lambda: send("other@example.com"),
        ):
            with pytest.raises(ClientError, match=r"AccessDenied|not authorized"):
                refused()
        assert len(aws.outbox.messages()) == 1
        assert aws.client("organizations").list_create_account_status()["CreateAccountStatuses"] == []


@dataclass
class _Users:
    """Local AWS with IAM enforced, and a file in which it notes its decisions."""

    aws: LocalAws
    noted: Path

    def allowed(
        self, name: str, action: str, resource: str, condition: dict[str, dict[str, str]] | None = None
    ) -> Callable[[str], Any]:
        """Make a user who may do this and nothing else; return what makes her clients."""
        iam = self.aws.client("iam")
        iam.create_user(UserName=name)
        statement = {"Effect": "Allow", "Action": action, "Resource": resource, "Condition": condition or {}}
        iam.put_user_policy(
            UserName=name,
            PolicyName="p",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
        )
        key = iam.create_access_key(UserName=name)["AccessKey"]
        credentials = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
        return lambda service: self.aws.client(service, **credentials)

    def decisions(self, name: str) -> list[tuple[str, str, bool]]:
        noted = [json.loads(line) for line in self.noted.read_text().splitlines()]
        mine = [one for one in noted if one["principal"] == f"arn:aws:iam::{self.aws.account_id}:user/{name}"]
        return [(one["action"], one["resource"], one["allowed"]) for one in mine]


@pytest.fixture(scope="module")
def users(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Users]:
    folder = tmp_path_factory.mktemp("users")
    noted = folder / "decisions.jsonl"
    with LocalAws(folder, enforce_iam=True, account_creation_seconds=0, decisions=noted) as aws:
        yield _Users(aws, noted)


def test_decisions_of_iam_are_noted(users: _Users) -> None:
    user = users.allowed("noted", "sqs:CreateQueue", "*")
    user("sqs").create_queue(QueueName="q")
    with pytest.raises(ClientError, match="is not authorized to perform: sns:CreateTopic"):
        user("sns").create_topic(Name="t")
    with pytest.raises(ClientError, match="AccessDenied"):
        user("organizations").list_accounts()
    arn = f"arn:aws:{{}}:{users.aws.region}:{users.aws.account_id}:{{}}"
    assert users.decisions("noted") == [
        ("sqs:CreateQueue", arn.format("sqs", "q"), True),
        ("sns:CreateTopic", arn.format("sns", "t"), False),
        ("organizations:ListAccounts", f"arn:aws:organizations::{users.aws.account_id}:organization/*", False),
    ]
    # The root, whom nothing refuses, is in no one's way.
    assert "root" not in users.noted.read_text()


def test_decisions_are_only_made_where_iam_is_enforced(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="give enforce_iam too"):
        LocalAws(tmp_path, decisions=tmp_path / "decisions")


def test_a_request_to_organizations_is_authorised_on_all_that_it_names(users: _Users) -> None:
    """Service Authorization Reference, "AWS Organizations": MoveAccount needs the account and both parents."""
    root = users.aws.client("organizations")
    created = root.create_account(Email=f"{uuid4().hex[:8]}@example.com", AccountName="a")["CreateAccountStatus"]
    status = root.describe_create_account_status(CreateAccountRequestId=created["Id"])["CreateAccountStatus"]
    account = root.describe_account(AccountId=status["AccountId"])["Account"]
    above = root.list_roots()["Roots"][0]
    unit = root.create_organizational_unit(ParentId=above["Id"], Name="u")["OrganizationalUnit"]
    user = users.allowed("moving", "organizations:MoveAccount", "*")
    move = {"AccountId": account["Id"], "SourceParentId": above["Id"], "DestinationParentId": unit["Id"]}
    user("organizations").move_account(**move)
    named = [account["Arn"], unit["Arn"], above["Arn"]]
    assert users.decisions("moving") == [("organizations:MoveAccount", arn, True) for arn in named]
    # Not where she may not from.
    other = users.allowed("stuck", "organizations:MoveAccount", account["Arn"])
    with pytest.raises(ClientError, match="AccessDenied"):
        other("organizations").move_account(**move)
    assert users.decisions("stuck")[-1] == ("organizations:MoveAccount", unit["Arn"], False)


def test_who_may_send_a_message_may_send_some_at_once(users: _Users) -> None:
    """Amazon SQS Developer Guide, "Amazon SQS API permissions": the batch operations have no actions of their own."""
    queue = users.aws.client("sqs").create_queue(QueueName=f"batch-{uuid4().hex[:8]}")["QueueUrl"]
    arn = f"arn:aws:sqs:{users.aws.region}:{users.aws.account_id}:{queue.rpartition('/')[2]}"
    user = users.allowed("batch", "sqs:SendMessage", arn)("sqs")
    user.send_message_batch(QueueUrl=queue, Entries=[{"Id": "1", "MessageBody": "x"}])
    assert users.decisions("batch") == [("sqs:SendMessage", arn, True)]
    entries = [{"Id": "1", "ReceiptHandle": "x", "VisibilityTimeout": 0}]
    with pytest.raises(ClientError, match="is not authorized to perform: sqs:ChangeMessageVisibility "):
        user.change_message_visibility_batch(QueueUrl=queue, Entries=entries)


@pytest.mark.parametrize(
    ("service", "action", "given", "listing"),
    [
        pytest.param("s3", "CreateBucket", {"Bucket": "only-asked"}, "list_buckets", id="REST in XML"),
        pytest.param("sns", "CreateTopic", {"Name": "only-asked"}, "list_topics", id="Query"),
        pytest.param("sqs", "CreateQueue", {"QueueName": "only-asked"}, "list_queues", id="JSON"),
        pytest.param("ses", "CreateReceiptRuleSet", {"RuleSetName": "only-asked"}, "list_receipt_rule_sets", id="ours"),
    ],
)
def test_whether_a_call_is_allowed_can_be_asked_without_making_it(
    users: _Users, service: str, action: str, given: dict[str, str], listing: str
) -> None:
    for name, allowed in ((f"may-{service}", True), (f"may-not-{service}", False)):
        client = users.allowed(name, f"{service}:{action if allowed else 'TagResource'}", "*")(service)
        client.meta.events.register("before-sign", _only_ask)
        call = getattr(client, re.sub(r"(?<!^)([A-Z])", r"_\1", action).lower())
        if allowed:
            call(**given)
        else:
            with pytest.raises(ClientError, match=f"is not authorized to perform: {service}:{action}|AccessDenied"):
                call(**given)
    assert "only-asked" not in str(getattr(users.aws.client(service), listing)())


def _only_ask(request: Any, **_more: Any) -> None:
    request.headers[AUTHORIZE_ONLY] = "true"


def test_a_policy_may_bind_a_user_to_items_of_a_table(users: _Users) -> None:
    """DynamoDB Developer Guide, "Using IAM policy conditions for fine-grained access control"."""
    aws, table = users.aws, f"items-{uuid4().hex[:8]}"
    aws.client("dynamodb").create_table(
        TableName=table,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    user = users.allowed(
        "bound",
        "dynamodb:*",
        f"arn:aws:dynamodb:{aws.region}:{aws.account_id}:table/{table}",
        {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": "M#*"}, "Null": {"dynamodb:LeadingKeys": "false"}},
    )("dynamodb")
    mine, theirs = {"pk": {"S": "M#1"}}, {"pk": {"S": "A#1"}}

    def written(*items: dict[str, Any]) -> dict[str, Any]:
        return {table: [{"PutRequest": {"Item": item}} for item in items]}

    user.put_item(TableName=table, Item={**mine, "other": {"S": "A#1"}})
    user.update_item(
        TableName=table, Key=mine, UpdateExpression="SET a = :a", ExpressionAttributeValues={":a": mine["pk"]}
    )
    user.batch_write_item(RequestItems=written(mine))
    user.transact_write_items(TransactItems=[{"Put": {"TableName": table, "Item": mine}}])
    user.delete_item(TableName=table, Key=mine)
    attempts: tuple[Callable[[], Any], ...] = (
        lambda: user.put_item(TableName=table, Item=theirs),
        lambda: user.delete_item(TableName=table, Key=theirs),
        lambda: user.batch_write_item(RequestItems=written(mine, theirs)),
        lambda: user.batch_get_item(RequestItems={table: {"Keys": [mine, theirs]}}),
        lambda: user.transact_write_items(
            TransactItems=[{"Put": {"TableName": table, "Item": one}} for one in (mine, theirs)]
        ),
        lambda: user.scan(TableName=table),
    )
    for refused in attempts:
        with pytest.raises(ClientError, match="AccessDenied"):
            refused()


def _send_as(user: Callable[[str], Any], sender: str, recipient: str) -> None:
    raw = f"From: {sender}\r\nTo: {recipient}\r\n\r\nbody\r\n".encode()
    user("sesv2").send_email(Content={"Raw": {"Data": raw}})


def test_in_the_sandbox_a_send_is_authorised_on_the_recipients_identities_too(users: _Users) -> None:
    """As those were refused who tried: aws/aws-sdk-js#3641, cloudposse/terraform-aws-ses#19."""
    place = f"arn:aws:ses:{users.aws.region}:{users.aws.account_id}:identity"
    for identity in ("from.example", "only@from.example", "to.example"):
        users.aws.client("sesv2").create_email_identity(EmailIdentity=identity)
    user = users.allowed("sender", "ses:SendRawEmail", f"{place}/from.example")
    _send_as(user, "a@from.example", "b@to.example")
    with users.aws.sandbox():
        with pytest.raises(ClientError, match=f"{place}/to.example"):
            _send_as(user, "a@from.example", "b@to.example")
        _send_as(user, "a@from.example", "success@simulator.amazonses.com")
        all_of_them = users.allowed("any", "ses:SendRawEmail", f"{place}/*")
        users.aws.sending.elapse(1)
        _send_as(all_of_them, "a@from.example", "b@to.example")
    # The identity of an address is nearer than that of its domain.
    with pytest.raises(ClientError, match=f"{place}/only@from.example"):
        _send_as(user, "only@from.example", "b@to.example")
    assert [(action, arn) for action, arn, _unused in users.decisions("any")] == [
        ("ses:SendRawEmail", f"{place}/from.example"),
        ("ses:SendRawEmail", f"{place}/to.example"),
    ]


@pytest.mark.parametrize(
    ("condition", "allowed"),
    [
        ({"StringEquals": {"ses:FromAddress": "a@keys.example"}}, True),
        ({"StringEquals": {"ses:FromAddress": "b@keys.example"}}, False),
        ({"StringEquals": {"ses:FromDisplayName": "Ann"}}, True),
        ({"StringEquals": {"ses:FromDisplayName": "Bob"}}, False),
        ({"ForAllValues:StringLike": {"ses:Recipients": "*@to.example"}}, True),
        ({"ForAllValues:StringLike": {"ses:Recipients": "*@other.example"}}, False),
    ],
    ids=str,
)
def test_conditions_on_a_send_see_what_it_says(
    users: _Users, condition: dict[str, dict[str, str]], allowed: bool
) -> None:
    """Service Authorization Reference, "Amazon Simple Email Service v2", condition keys; here all from the header."""
    name = f"u{uuid4().hex[:8]}"
    root = users.aws.client("sesv2")
    with contextlib.suppress(root.exceptions.AlreadyExistsException):
        root.create_email_identity(EmailIdentity="keys.example")
    user = users.allowed(name, "ses:SendRawEmail", "*", condition)
    if allowed:
        _send_as(user, "Ann <a@keys.example>", "b@to.example")
    else:
        with pytest.raises(ClientError, match="AccessDenied"):
            _send_as(user, "Ann <a@keys.example>", "b@to.example")


def test_a_tag_is_authorised_on_its_identity(users: _Users) -> None:
    """Service Authorization Reference, "Amazon Simple Email Service v2": TagResource has the resource type identity."""
    place = f"arn:aws:ses:{users.aws.region}:{users.aws.account_id}:identity"
    root = users.aws.client("sesv2")
    for name in ("jane@tags.example", "tags.example"):
        root.create_email_identity(EmailIdentity=name)
    user = users.allowed("tagging", "ses:TagResource", f"{place}/*@*")("sesv2")
    user.tag_resource(ResourceArn=f"{place}/jane@tags.example", Tags=[{"Key": "a", "Value": "b"}])
    assert root.get_email_identity(EmailIdentity="jane@tags.example")["Tags"] == [{"Key": "a", "Value": "b"}]
    with pytest.raises(ClientError, match="AccessDenied"):
        user.tag_resource(ResourceArn=f"{place}/tags.example", Tags=[{"Key": "a", "Value": "b"}])


def test_an_accounts_email_is_authorised_on_the_account(users: _Users) -> None:
    """Service Authorization Reference, "AWS Account Management": resource type accountInOrganization."""
    root = users.aws.client("organizations")
    account_id = root.create_account(Email=f"{uuid4().hex[:8]}@example.com", AccountName="a")["CreateAccountStatus"]
    found = root.describe_create_account_status(CreateAccountRequestId=account_id["Id"])["CreateAccountStatus"]
    organization = root.describe_organization()["Organization"]["Id"]
    arn = f"arn:aws:account::{users.aws.account_id}:account/{organization}/{found['AccountId']}"
    users.allowed("reading", "account:GetPrimaryEmail", arn)("account").get_primary_email(AccountId=found["AccountId"])
    assert users.decisions("reading") == [("account:GetPrimaryEmail", arn, True)]


def test_a_change_set_is_authorised_on_its_stack(users: _Users) -> None:
    """Service Authorization Reference, "AWS CloudFormation": DeleteChangeSet has the resource type stack."""
    place = f"arn:aws:cloudformation:{users.aws.region}:{users.aws.account_id}:stack"
    template = json.dumps({"Resources": {"T": {"Type": "AWS::SNS::Topic"}}})
    made = users.aws.client("cloudformation").create_change_set(
        StackName="s", ChangeSetName="c", TemplateBody=template, ChangeSetType="CREATE"
    )
    other = users.allowed("elsewhere", "cloudformation:DeleteChangeSet", f"{place}/other/*")
    with pytest.raises(ClientError, match="AccessDenied"):
        other("cloudformation").delete_change_set(ChangeSetName=made["Id"])
    user = users.allowed("deleting", "cloudformation:DeleteChangeSet", f"{place}/s/*")
    user("cloudformation").delete_change_set(ChangeSetName=made["Id"])
    assert users.decisions("deleting") == [("cloudformation:DeleteChangeSet", made["StackId"], True)]


def test_the_emulator_ends_with_a_killed_parent(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from tests.local_aws import LocalAws\n"
        "with LocalAws(Path(sys.argv[1])) as aws:\n"
        "    print(aws._emulator._process.pid, flush=True); time.sleep(600)"
    )
    parent = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    with parent.stdout:
        emulator = int(parent.stdout.readline())
        assert _runs(emulator)
        parent.send_signal(signal.SIGKILL)
        parent.wait(30)
    deadline = time.monotonic() + 30
    while _runs(emulator) and time.monotonic() < deadline:
        threading.Event().wait(0.05)
    assert not _runs(emulator)


def _runs(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


def test_the_suppression_list_is_that_which_sending_asks(aws: LocalAws) -> None:
    address = f"{uuid4()}@example.org"
    ses = aws.client("sesv2")
    ses.put_suppressed_destination(EmailAddress=address, Reason="COMPLAINT")
    assert aws.suppression.reason(address) == "COMPLAINT"
    ses.delete_suppressed_destination(EmailAddress=address)
    assert aws.suppression.reason(address) is None


def test_log_lines_are_filtered_by_their_terms(aws: LocalAws) -> None:
    """Case counts, and "?" is for one of several: see test_filter_pattern.py."""
    lines = ["[ERROR] 419", "[error] 419", "INFO"]
    logs, group = aws.client("logs"), f"/group/{uuid4().hex}"
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="s")
    events = [{"timestamp": 1_790_000_000_000 + number, "message": line} for number, line in enumerate(lines)]
    logs.put_log_events(logGroupName=group, logStreamName="s", logEvents=events)
    found = logs.filter_log_events(logGroupName=group, filterPattern="?ERROR ?INFO")["events"]
    assert [event["message"] for event in found] == [lines[0], lines[2]]
    with pytest.raises(ClientError, match="Invalid filter pattern"):
        logs.filter_log_events(logGroupName=group, filterPattern="{$.a=b}")
