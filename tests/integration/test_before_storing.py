# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail that SES cannot hand over: it is tried again for four hours, arrives once what was wrong is mended, and once.

Source: Amazon SES Developer Guide, "Viewing metrics for Amazon SES email receiving".
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest

from tests.integration.forwarding import BUCKET, COPY, DOMAIN, RECEIVED, STACK, Forwarding, deployed

ADMIN, OWNER = "admin@example.com", "ann@example.org"
ADDRESS = f"payments-001@{DOMAIN}"
MAIL = b"From: AWS <no-reply@aws.example>\r\nTo: you\r\nSubject: Reset\r\n\r\nHere it is.\r\n"
HOUR = 3600
# How SES's metrics may be told apart, which AWS documents nowhere, and the alarms that then see them.
DIMENSIONS = {"": ("RuleName",), "-in-set": ("RuleName", "RuleSetName")}


@pytest.fixture(scope="module")
def forwarding(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forwarding]:
    with deployed(tmp_path_factory.mktemp("before-storing"), ADMIN) as found:
        found.vend(ADDRESS, [OWNER])
        yield found


# What shuts SES out for a while.
Door = Callable[[Callable[[str], Any]], AbstractContextManager[None]]


@contextmanager
def bucket_closed(client: Callable[[str], Any]) -> Iterator[None]:
    """Keep SES from putting mail into the bucket."""
    s3 = client("s3")
    policy = s3.get_bucket_policy(Bucket=BUCKET)["Policy"]
    without = [one for one in json.loads(policy)["Statement"] if one["Sid"] != "OurReceiptRule"]
    s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps({**json.loads(policy), "Statement": without}))
    try:
        yield
    finally:
        s3.put_bucket_policy(Bucket=BUCKET, Policy=policy)


@contextmanager
def topic_closed(client: Callable[[str], Any]) -> Iterator[None]:
    """Keep SES from publishing that there is a mail, which it has stored by then."""
    sns = client("sns")
    policy = sns.get_topic_attributes(TopicArn=RECEIVED)["Attributes"]["Policy"]
    denied = policy.replace('"Allow"', '"Deny"')
    assert denied != policy
    sns.set_topic_attributes(TopicArn=RECEIVED, AttributeName="Policy", AttributeValue=denied)
    try:
        yield
    finally:
        sns.set_topic_attributes(TopicArn=RECEIVED, AttributeName="Policy", AttributeValue=policy)


@contextmanager
def key_closed(client: Callable[[str], Any]) -> Iterator[None]:
    """Let the bucket encrypt with a key of the account's that SES may not use, as somebody's automation does it."""
    s3 = client("s3")
    before = s3.get_bucket_encryption(Bucket=BUCKET)["ServerSideEncryptionConfiguration"]
    key = client("kms").create_key()["KeyMetadata"]["Arn"]
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    changed = {"Rules": [{"ApplyServerSideEncryptionByDefault": default}]}
    s3.put_bucket_encryption(Bucket=BUCKET, ServerSideEncryptionConfiguration=changed)
    try:
        yield
    finally:
        s3.put_bucket_encryption(Bucket=BUCKET, ServerSideEncryptionConfiguration=before)


def end_all_alarms(forwarding: Forwarding) -> None:
    """Begin with no alarm raised: one is evaluated again once SES counts something that it is about."""
    cloudwatch = forwarding.client("cloudwatch")
    for name in forwarding.raised():
        cloudwatch.set_alarm_state(AlarmName=f"{STACK}-{name}", StateValue="OK", StateReason="a test begins")


@pytest.mark.parametrize(
    ("closed", "twin"),
    [
        pytest.param(bucket_closed, "", id="S3"),
        pytest.param(bucket_closed, "-in-set", id="S3, told by another metric"),
        pytest.param(topic_closed, "", id="SNS"),
        pytest.param(key_closed, "", id="KMS"),
    ],
)
def test_a_mail_that_ses_could_not_hand_over_arrives_once_mended(
    forwarding: Forwarding, closed: Door, twin: str
) -> None:
    receiving = forwarding.aws.receiving
    receiving.dimensions = DIMENSIONS[twin]
    end_all_alarms(forwarding)
    with closed(forwarding.client):
        message_id = forwarding.receive(ADDRESS, MAIL)
        receiving.elapse(3 * HOUR)
        assert [one.message_id for one in receiving.waiting()] == [message_id]
        assert f"publish-failure{twin}" in forwarding.raised()
        assert message_id not in forwarding.got()
    receiving.elapse(HOUR)
    forwarding.settle()
    assert forwarding.got()[message_id] == {OWNER: [COPY]}
    assert receiving.waiting() == []
    assert f"publish-expired{twin}" not in forwarding.raised()


@pytest.mark.parametrize("closed", [pytest.param(bucket_closed, id="S3"), pytest.param(topic_closed, id="SNS")])
def test_after_four_hours_a_mail_is_lost_and_an_alarm_says_so(forwarding: Forwarding, closed: Door) -> None:
    receiving = forwarding.aws.receiving
    receiving.dimensions = DIMENSIONS[""]
    end_all_alarms(forwarding)
    with closed(forwarding.client):
        message_id = forwarding.receive(ADDRESS, MAIL)
        receiving.elapse(4 * HOUR + 1)
        assert receiving.waiting() == []
        assert {"publish-failure", "publish-expired"} <= forwarding.raised()
    receiving.elapse(4 * HOUR)
    forwarding.settle()
    assert message_id not in forwarding.got()
