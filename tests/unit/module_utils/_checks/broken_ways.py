# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be wrong with the ways of a mail to the functions: policies, subscriptions, queues."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._checks.grants import topic_grants
from ansible_collections.account_factory.email.plugins.module_utils._checks.model import (
    FAIL,
    OK,
    SKIPPED,
    WARN,
    Unread,
)
from tests.unit.module_utils._checks.forwarder_well import (
    BUCKET,
    ENCRYPTED,
    NAMED,
    PLACE,
    RECEIVED,
    SENT,
    STACK,
    URLS,
    WELL,
    subscription,
)
from tests.unit.module_utils._checks.judged import Case

OURS = topic_grants(PLACE)[RECEIVED].statement()
DENIED = {**OURS, "Sid": "Nobody", "Effect": "Deny", "Condition": {}}
# Nobody knows here whether SES says so of itself.
IN_ORGANIZATION = {**OURS, "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-example"}}}


def topic_policy(*statements: Mapping[str, Any]) -> dict[str, Any]:
    """Return the topics' policies, of which that of the notices is otherwise."""
    return {"topic_policies": {**WELL["topic_policies"], RECEIVED: {"Statement": list(statements)}}}


def queues(name: str, **changes: Any) -> dict[str, Any]:
    """Return the queues, of which one is otherwise."""
    key = f"{STACK}-{name}"
    return {"queues": {**WELL["queues"], key: {**WELL["queues"][key], **changes}}}


def subscribed(**changes: Any) -> dict[str, Any]:
    """Return the subscriptions, of which that of SES's events is otherwise."""
    ours = {**subscription("sent", "events", "events-undelivered"), **changes}
    return {"subscriptions": {**WELL["subscriptions"], SENT: [ours]}}


CASES = {
    "SES may not store": Case(
        "bucket_policy",
        FAIL,
        {"mail_policy": {"Version": "2012-10-17", "Statement": [ENCRYPTED, NAMED]}},
        (
            "does not let ses.amazonaws.com in",
            f"aws s3api put-bucket-policy --bucket {BUCKET} --policy '",
            '"NamedReadersOnly"',
            '"OurReceiptRule"',
        ),
    ),
    "a bucket without a policy": Case("bucket_policy", FAIL, {"mail_policy": {}}, ('"Version": "2012-10-17"',)),
    "no bucket": Case("bucket_policy", SKIPPED, {"mail_policy": None}, (f"no bucket {BUCKET}",)),
    "SES may not publish": Case(
        "topic_policies",
        FAIL,
        topic_policy(ENCRYPTED),
        (RECEIVED, f"set-topic-attributes --topic-arn {RECEIVED} --attribute-name Policy", '"OurReceiptRule"'),
    ),
    "for another account": Case(
        "topic_policies",
        FAIL,
        topic_policy({**OURS, "Condition": {"StringEquals": {"aws:SourceAccount": "444455556666"}}}),
        ("set-topic-attributes",),
    ),
    "for any topic": Case("topic_policies", OK, topic_policy({**OURS, "Resource": "*"}), ("lets",)),
    "for all of SES": Case("topic_policies", OK, topic_policy({**OURS, "Condition": {}}), ("lets",)),
    "for whom is not known": Case(
        "topic_policies", WARN, topic_policy(IN_ORGANIZATION), ("as far as can be told", "set-topic-attributes")
    ),
    "denied": Case("topic_policies", FAIL, topic_policy(OURS, DENIED), ("Find out who denies it", RECEIVED)),
    "the rule set is not known": Case(
        "topic_policies", OK, {"inbound": Unread("no")}, ("lets",), also={"active_rule": SKIPPED}
    ),
    "no topic": Case(
        "topic_policies",
        SKIPPED,
        {"topic_policies": {**WELL["topic_policies"], SENT: None}},
        (f"no topic {SENT}",),
    ),
    "topics may not hand over": Case(
        "queue_policies",
        FAIL,
        queues("undelivered", Policy=""),
        (f"queue {STACK}-undelivered", f"--queue-url {URLS}/{STACK}-undelivered --attributes", "OurTopic"),
    ),
    "not subscribed": Case(
        "subscriptions",
        FAIL,
        {"subscriptions": {**WELL["subscriptions"], RECEIVED: []}},
        (f"aws sns subscribe --topic-arn {RECEIVED}", '"RawMessageDelivery": "true"'),
    ),
    "not raw": Case(
        "subscriptions",
        FAIL,
        subscribed(RawMessageDelivery="false"),
        (f"--subscription-arn {SENT}:1 --attribute-name RawMessageDelivery --attribute-value true",),
    ),
    "not kept": Case(
        "subscriptions",
        FAIL,
        subscribed(RedrivePolicy=""),
        ("is not kept in", "--attribute-name RedrivePolicy --attribute-value", "events-undelivered"),
    ),
    "filtered": Case(
        "subscriptions", FAIL, subscribed(FilterPolicy='{"a": ["b"]}'), ("--attribute-name FilterPolicy",)
    ),
    "a queue gone": Case(
        "queues",
        FAIL,
        {"queues": {**WELL["queues"], f"{STACK}-events": None}},
        (f"no queue {STACK}-events.", "Run teardown"),
        also={"queue_policies": SKIPPED},
    ),
    "no dead letters": Case(
        "queues",
        FAIL,
        queues("received", RedrivePolicy=""),
        (f"queue {STACK}-received does not move", f"--queue-url {URLS}/{STACK}-received", "maxReceiveCount"),
    ),
    "given up too soon": Case(
        "queues",
        FAIL,
        queues(
            "events",
            RedrivePolicy=json.dumps(
                {"deadLetterTargetArn": PLACE.named("sqs", "events-dead-letters"), "maxReceiveCount": 1}
            ),
        ),
        (f"queue {STACK}-events does not move what fails 48 times",),
    ),
    "mail waits": Case(
        "queues", WARN, {"queue_ages": {f"{STACK}-received": 1860.0}}, ("the oldest for 31 minutes", "backlog")
    ),
    "much mail waits": Case(
        "queues", WARN, queues("received", ApproximateNumberOfMessages="1000"), (f"1000 in {STACK}-received.",)
    ),
    "mail waits for a while": Case("queues", OK, {"queue_ages": {f"{STACK}-received": 1740.0}}, ("0 messages",)),
    "nobody knows how long": Case("queues", OK, {"queue_ages": Unread("no")}, ("0 messages",)),
}
