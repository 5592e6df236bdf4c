# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Local AWS whole: started once, driven as the outside world and an account's owner drive AWS."""

from __future__ import annotations

import json
import os
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
from tests.local_aws.organizations import MAX_IN_PROGRESS

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


def test_a_failing_action_leaves_the_mail_with_the_sender(inbox: _Inbox) -> None:
    s3 = inbox.aws.client("s3")
    s3.delete_object(Bucket=inbox.bucket, Key="mail/AMAZON_SES_SETUP_NOTIFICATION")
    s3.delete_bucket(Bucket=inbox.bucket)
    with pytest.raises(smtplib.SMTPDataError) as caught:
        inbox.aws.send_mail("a@example.org", [f"x@{inbox.domain}"], MAIL)
    assert caught.value.smtp_code == 451


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

    def allowed(self, name: str, action: str, resource: str) -> Callable[[str], Any]:
        """Make a user who may do this and nothing else; return what makes her clients."""
        iam = self.aws.client("iam")
        iam.create_user(UserName=name)
        statement = {"Effect": "Allow", "Action": action, "Resource": resource}
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
