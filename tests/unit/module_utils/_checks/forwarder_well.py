# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A deployed forwarder with which all is well, as checks read it."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import datetime, timezone
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._checks.grants import (
    Place,
    bucket_grant,
    queue_grants,
    topic_grants,
)
from ansible_collections.account_factory.email.plugins.module_utils._checks.model import Asked
from ansible_collections.account_factory.email.plugins.module_utils._checks.names import Caller, Stack
from ansible_collections.account_factory.email.plugins.module_utils._checks.owners import Owned, Owners, Suppressed
from ansible_collections.account_factory.email.plugins.module_utils._checks.receiving import Inbound
from ansible_collections.account_factory.email.plugins.module_utils._checks.root import Recoveries
from ansible_collections.account_factory.email.plugins.module_utils._vended_domain import VendedDomain

DOMAIN, STACK = "accounts.example.com", "mail-forwarder"
BUCKET = "mail-forwarder-mail-111122223333-eu-west-1"
TOPIC = "arn:aws:sns:eu-west-1:111122223333:mail-forwarder-alarms"
PACKAGE = hashlib.sha256(b"package")
DIGEST, OTHER = (base64.b64encode(digest.digest()).decode() for digest in (PACKAGE, hashlib.sha256(b"other")))
ASKED = Asked(
    STACK,
    "eu-west-1",
    (DOMAIN,),
    f"aws-accounts@{DOMAIN}",
    DOMAIN,
    "mail-forwarder-map",
    2,
    deployed=True,
    code_sha256=DIGEST,
)
PARAMETERS = {
    "AlarmTopicArn": TOPIC,
    "MailBucket": BUCKET,
    "MapTable": "mail-forwarder-map",
    "SuppressedReasons": "BOUNCE,COMPLAINT",
    "Tries": "48",
}
KEY = "arn:aws:kms:eu-west-1:111122223333:key/1"
CALLER = Caller("111122223333", "arn:aws:iam::111122223333:role/doctor", 0.4)
PLACE = Place(STACK, "aws", "eu-west-1", "111122223333", "inbound")
URLS = "https://sqs.eu-west-1.amazonaws.com/111122223333"
# Requests that are not encrypted are denied everywhere, and reading mail to all but some.
ENCRYPTED: dict[str, Any] = {
    "Sid": "EncryptedConnectionsOnly",
    "Effect": "Deny",
    "Principal": "*",
    "Action": "*",
    "Resource": "*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
NAMED: dict[str, Any] = {
    "Sid": "NamedReadersOnly",
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:GetObject*",
    "Resource": f"arn:aws:s3:::{BUCKET}/*",
    "Condition": {"StringNotLike": {"aws:PrincipalArn": ["arn:aws:iam::111122223333:role/reader"]}},
}


def queue(name: str) -> dict[str, Any]:
    """Return a queue of the forwarder as SQS tells of it."""
    found: dict[str, Any] = {"QueueUrl": f"{URLS}/{STACK}-{name}", "ApproximateNumberOfMessages": "0"}
    if grant := queue_grants(PLACE).get(f"{STACK}-{name}"):
        found["Policy"] = json.dumps({"Version": "2012-10-17", "Statement": [grant.statement(), ENCRYPTED]})
    if dead := {"received": "dead-letters", "events": "events-dead-letters"}.get(name):
        redrive = {"deadLetterTargetArn": PLACE.named("sqs", dead), "maxReceiveCount": 48}
        found["RedrivePolicy"] = json.dumps(redrive)
    return found


def subscription(topic: str, queue_name: str, undelivered: str) -> dict[str, Any]:
    """Return the subscription of a queue to a topic of the forwarder, with its attributes."""
    return {
        "SubscriptionArn": f"{PLACE.named('sns', topic)}:1",
        "Protocol": "sqs",
        "Endpoint": PLACE.named("sqs", queue_name),
        "RawMessageDelivery": "true",
        "RedrivePolicy": json.dumps({"deadLetterTargetArn": PLACE.named("sqs", undelivered)}),
        "FilterPolicy": "{}",
    }


OUTPUTS = {"QueueUrl": f"{URLS}/{STACK}-received"}
QUEUES = ("received", "dead-letters", "undelivered", "events", "events-dead-letters", "events-undelivered")
RECEIVED, SENT = (PLACE.named("sns", topic) for topic in ("received", "sent"))
DISABLED = {"ConditionThreshold": {"ConditionThresholdEnabled": "DISABLED"}}
CONFIGURATION_SET: dict[str, Any] = {
    "ConfigurationSetName": STACK,
    "SendingOptions": {"SendingEnabled": True},
    "SuppressionOptions": {"SuppressedReasons": ["COMPLAINT", "BOUNCE"], "ValidationOptions": DISABLED},
}
DESTINATION: dict[str, Any] = {
    "Name": "events",
    "Enabled": True,
    "MatchingEventTypes": ["BOUNCE", "COMPLAINT", "DELIVERY", "DELIVERY_DELAY", "REJECT", "RENDERING_FAILURE"],
    "SnsDestination": {"TopicArn": SENT},
}
OWNED = Owned(f"app-001@{DOMAIN}", ("ann@example.org", "Bob@example.org"), ("team@example.org",))
FUNCTIONS = (STACK, f"{STACK}-events", f"{STACK}-release", f"{STACK}-replay")
RUNS = {"State": "Active", "CodeSha256": DIGEST}
SOURCE = {"UUID": "7a1b", "State": "Enabled"}
RULE: dict[str, Any] = {
    "name": STACK,
    "enabled": True,
    "recipients": [DOMAIN],
    "actions": [{"s3_action": {"bucket_name": BUCKET}}],
}
QUIET = {"StateValue": "OK", "ActionsEnabled": True}
CONFIRMED = {"Endpoint": "jane@example.org", "SubscriptionArn": f"{TOPIC}:1"}
PENDING = {"Endpoint": "joe@example.org", "SubscriptionArn": "PendingConfirmation"}
WELL: dict[str, Any] = {
    "alarm_names": ["late", "lost"],
    "alarm_subscriptions": [CONFIRMED],
    "alarms": [{"AlarmName": name, **QUIET} for name in ("late", "lost")],
    "account": {"SuppressionAttributes": {"SuppressedReasons": ["BOUNCE"]}},
    "caller": CALLER,
    "configuration_set": CONFIGURATION_SET,
    "event_destinations": [DESTINATION],
    "event_topic": SENT,
    "knows_validation": True,
    "mail_policy": {"Statement": [ENCRYPTED, NAMED, bucket_grant(PLACE, BUCKET).statement()]},
    "own_key": {"Arn": KEY, "KeyState": "Enabled", "Rotates": True},
    "root_recoveries": Recoveries((), datetime(2026, 11, 21, 9, 30, tzinfo=timezone.utc)),
    "owners": Owners((OWNED,), {}, {DOMAIN: VendedDomain()}),
    "queue_ages": {f"{STACK}-received": 4.0},
    "queues": {f"{STACK}-{name}": queue(name) for name in QUEUES},
    "subscriptions": {
        RECEIVED: [subscription("received", "received", "undelivered")],
        SENT: [subscription("sent", "events", "events-undelivered")],
    },
    "suppressed": Suppressed(()),
    "suppression_reasons": ["BOUNCE", "COMPLAINT"],
    "topic_policies": {
        topic: {"Statement": [grant.statement(), ENCRYPTED]} for topic, grant in topic_grants(PLACE).items()
    },
    "delivery_protection": {"name": "deliveries", "protected": False, "recoverable": True},
    "event_sources": {name: [SOURCE] for name in FUNCTIONS[:2]},
    "function_concurrency": dict.fromkeys(FUNCTIONS),
    "forwarder_stack": Stack("UPDATE_COMPLETE", PARAMETERS, OUTPUTS),
    "functions": dict.fromkeys(FUNCTIONS, RUNS),
    "held": {"quarantined": 0, "failed": 0, "event": 0},
    "inbound": Inbound("inbound", True, (RULE,)),
    "ip_filters": [{"Name": "ours", "IpFilter": {"Policy": "Allow", "Cidr": "192.0.2.0/24"}}],
    "mail_bucket_name": BUCKET,
    "map_protection": {"name": "map", "protected": True, "recoverable": True},
    "stack": Stack("UPDATE_COMPLETE", PARAMETERS, OUTPUTS),
}
