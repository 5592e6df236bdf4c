# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the roles of a deployed stack may do, and that they may do nothing else of what would harm: one table.

``ACTS`` is what somebody could do with the parts of a forwarder, ``MAY`` what of it each role is for. IAM is asked
about all of it, and has to refuse the rest: to read under another prefix, to send as somebody else, to publish to
topics, to send to queues, to invoke a function, to change what is only read. Nothing of it is carried out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.integration.forwarding import BUCKET, DOMAIN, FUNCTIONS, MAP, STACK
from tests.integration.secured import ACCOUNT, MANAGEMENT, REGION, session_of
from tests.local_aws import LocalAws
from tests.local_aws.gateway import AUTHORIZE_ONLY

ROLES = (
    *("FunctionRole", "EventsRole", "ReleaseRole", "ReplayRole", "ProbeRole", "OrganizationRole"),
    *("VendRole", "ReadRole", "OwnerSyncRole"),
)
# The items of the map that a role may look at and change, by kind.
OF_MAP = ("an address", "a mark", "a group")
CODE = f"{STACK}-code-{ACCOUNT}-{REGION}"
DELIVERIES = f"{STACK}-deliveries"
FROM = f"aws-accounts@{DOMAIN}"
QUEUES = ("received", "dead-letters", "undelivered", "events", "events-dead-letters", "events-undelivered")
TOPICS = ("received", "sent", "alarms")
# Stands for the ARN of the key, which KMS makes up.
KEY = "<key>"


@dataclass(frozen=True)
class Act:
    """A call of a service: the method of its client, and what that is given."""

    service: str
    method: str
    given: Mapping[str, Any]


def _objects() -> Iterator[tuple[str, Act]]:
    for prefix in ("mail", "quarantine", "mailbox"):
        given = {"Bucket": BUCKET, "Key": f"{prefix}/1"}
        yield f"read {prefix}/", Act("s3", "get_object", given)
        yield f"read a version of {prefix}/", Act("s3", "get_object", {**given, "VersionId": "1"})
        yield f"write {prefix}/", Act("s3", "put_object", {**given, "Body": b"mail"})
        yield f"delete {prefix}/", Act("s3", "delete_object", given)
        yield f"delete a version of {prefix}/", Act("s3", "delete_object", {**given, "VersionId": "1"})
    yield "read code", Act("s3", "get_object", {"Bucket": CODE, "Key": "forwarder-0.zip"})
    yield "write code", Act("s3", "put_object", {"Bucket": CODE, "Key": "forwarder-0.zip", "Body": b"code"})
    for name, bucket in (("mail", BUCKET), ("code", CODE)):
        yield f"list the bucket of {name}", Act("s3", "list_objects_v2", {"Bucket": bucket})
        yield f"read the policy of the bucket of {name}", Act("s3", "get_bucket_policy", {"Bucket": bucket})
        change = {"Bucket": bucket, "Policy": '{"Version": "2012-10-17", "Statement": []}'}
        yield f"change the policy of the bucket of {name}", Act("s3", "put_bucket_policy", change)
        yield f"delete the policy of the bucket of {name}", Act("s3", "delete_bucket_policy", {"Bucket": bucket})
    rules = {"Rules": [{"ID": "all", "Status": "Enabled", "Prefix": "", "Expiration": {"Days": 1}}]}
    expiry = {"Bucket": BUCKET, "LifecycleConfiguration": rules}
    yield "let mail expire", Act("s3", "put_bucket_lifecycle_configuration", expiry)


def _messages() -> Iterator[tuple[str, Act]]:
    for name in QUEUES:
        queue = {"QueueUrl": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{STACK}-{name}"}
        taken = {**queue, "ReceiptHandle": "1"}
        yield f"send to {name}", Act("sqs", "send_message", {**queue, "MessageBody": "{}"})
        yield f"receive from {name}", Act("sqs", "receive_message", queue)
        yield f"delete from {name}", Act("sqs", "delete_message", taken)
        yield f"keep from {name}", Act("sqs", "change_message_visibility", {**taken, "VisibilityTimeout": 60})
        yield f"purge {name}", Act("sqs", "purge_queue", queue)
        yield f"change {name}", Act("sqs", "set_queue_attributes", {**queue, "Attributes": {"Policy": ""}})
    for name in TOPICS:
        topic = {"TopicArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:{STACK}-{name}"}
        change = {**topic, "AttributeName": "Policy", "AttributeValue": ""}
        yield f"publish to {name}", Act("sns", "publish", {**topic, "Message": "{}"})
        listen = {**topic, "Protocol": "email", "Endpoint": "a@evil.example"}
        yield f"subscribe to {name}", Act("sns", "subscribe", listen)
        yield f"change the topic {name}", Act("sns", "set_topic_attributes", change)


def _sending() -> Iterator[tuple[str, Act]]:
    for name, sender, configuration_set in (
        ("ourselves", FROM, STACK),
        ("another address of the domain", f"admin@{DOMAIN}", STACK),
        ("another identity", "aws-accounts@example.org", STACK),
        ("the doctor", f"doctor@{DOMAIN}", None),
        ("ourselves, through another configuration set", FROM, "other"),
    ):
        raw = f"From: {sender}\r\nTo: o@example.org\r\n\r\nmail\r\n".encode()
        given = {
            "FromEmailAddress": sender,
            "Destination": {"ToAddresses": ["o@example.org"]},
            **({"ConfigurationSetName": configuration_set} if configuration_set else {}),
        }
        yield f"send as {name}", Act("sesv2", "send_email", {**given, "Content": {"Raw": {"Data": raw}}})
        said = {"Subject": {"Data": "mail"}, "Body": {"Text": {"Data": "mail"}}}
        yield f"write as {name}", Act("sesv2", "send_email", {**given, "Content": {"Simple": said}})
    yield "make an identity", Act("sesv2", "create_email_identity", {"EmailIdentity": "evil.example"})
    rule = {"RuleSetName": STACK, "RuleName": STACK}
    yield "delete the receipt rule", Act("ses", "delete_receipt_rule", rule)
    yield "activate another rule set", Act("ses", "set_active_receipt_rule_set", {"RuleSetName": "other"})
    yield "delete the configuration set", Act("sesv2", "delete_configuration_set", {"ConfigurationSetName": STACK})


def _items() -> Iterator[tuple[str, Act]]:
    for table, name, pk in (
        (MAP, "an address", f"ADDRESS#a@{DOMAIN}"),
        (MAP, "a mark", "MAILBOX#a@example.org"),
        (MAP, "a group", "GROUP#906766f42a-0a1b2c3d-0000-4000-8000-000000000001"),
        (DELIVERIES, "a delivery", f"1#a@{DOMAIN}#o@example.org"),
        ("another-map", "another map's address", f"ADDRESS#a@{DOMAIN}"),
    ):
        key: dict[str, Any] = {"pk": {"S": pk}}
        one = {"TableName": table, "Key": key}
        yield f"get {name}", Act("dynamodb", "get_item", one)
        yield f"get {name} of some", Act("dynamodb", "batch_get_item", {"RequestItems": {table: {"Keys": [key]}}})
        yield f"put {name}", Act("dynamodb", "put_item", {"TableName": table, "Item": key})
        update = {**one, "UpdateExpression": "SET a = :a", "ExpressionAttributeValues": {":a": {"S": "a"}}}
        yield f"update {name}", Act("dynamodb", "update_item", update)
        yield f"delete {name}", Act("dynamodb", "delete_item", one)
        check = {**one, "ConditionExpression": "attribute_exists(pk)"}
        yield f"check {name}", Act("dynamodb", "transact_write_items", {"TransactItems": [{"ConditionCheck": check}]})
        both = {"TransactItems": [{"Put": {"TableName": table, "Item": key}}]}
        yield f"put {name} by a transaction", Act("dynamodb", "transact_write_items", both)
    for table, name in ((MAP, "the map"), (DELIVERIES, "the deliveries")):
        yield f"scan {name}", Act("dynamodb", "scan", {"TableName": table})
        asked = {"KeyConditionExpression": "pk = :a", "ExpressionAttributeValues": {":a": {"S": "a"}}}
        yield f"query {name}", Act("dynamodb", "query", {"TableName": table, **asked})
        yield f"delete {name}", Act("dynamodb", "delete_table", {"TableName": table})
        change = {"TableName": table, "DeletionProtectionEnabled": False}
        yield f"unprotect {name}", Act("dynamodb", "update_table", change)
    for index, attribute in (("by-address", "address"), ("by-message", "message_id")):
        asked = {"KeyConditionExpression": f"{attribute} = :a", "ExpressionAttributeValues": {":a": {"S": "a"}}}
        yield (
            f"query the deliveries {index}",
            Act("dynamodb", "query", {"TableName": DELIVERIES, "IndexName": index, **asked}),
        )


def _others() -> Iterator[tuple[str, Act]]:
    for name in (*FUNCTIONS, *(f"{STACK}-{one}" for one in ("probe", "vend", "read", "owner-sync"))):
        yield f"invoke {name}", Act("lambda", "invoke", {"FunctionName": name, "Payload": b"{}"})
        code = {"FunctionName": name, "S3Bucket": CODE, "S3Key": "forwarder-0.zip"}
        yield f"change the code of {name}", Act("lambda", "update_function_code", code)
        line = {"logStreamName": "1", "logEvents": [{"timestamp": 1, "message": "line"}]}
        group = {"logGroupName": f"/aws/lambda/{name}"}
        yield f"log as {name}", Act("logs", "put_log_events", {**group, **line})
        yield f"read the log of {name}", Act("logs", "filter_log_events", group)
        yield f"delete the log of {name}", Act("logs", "delete_log_group", group)
    role = {"RoleName": STACK, "PolicyName": "p", "PolicyDocument": "{}"}
    yield "give a role more rights", Act("iam", "put_role_policy", role)
    yield "look the stack up", Act("cloudformation", "describe_stacks", {"StackName": STACK})
    yield "delete the stack", Act("cloudformation", "delete_stack", {"StackName": STACK})
    yield "decrypt", Act("kms", "decrypt", {"KeyId": KEY, "CiphertextBlob": b"a"})
    yield "make a data key", Act("kms", "generate_data_key", {"KeyId": KEY, "KeySpec": "AES_256"})
    yield "disable the key", Act("kms", "disable_key", {"KeyId": KEY})
    yield "delete the key", Act("kms", "schedule_key_deletion", {"KeyId": KEY})
    yield "change the key's policy", Act("kms", "put_key_policy", {"KeyId": KEY, "Policy": "{}"})


ACTS: Mapping[str, Act] = dict((*_objects(), *_messages(), *_sending(), *_items(), *_others()))


LOOKS_UP = tuple(f"get {item}{some}" for item in OF_MAP for some in ("", " of some"))


def _of_mail(suffix: str, *more: str) -> frozenset[str]:
    """Return what a function of mail may do: what all of them may, and what only this one."""
    return frozenset(
        {
            *LOOKS_UP,
            *("put a delivery", "put a delivery by a transaction", "update a delivery", "delete a delivery"),
            *("send as ourselves", "write as ourselves", f"log as {STACK}{suffix}", "decrypt", "make a data key"),
            *more,
        }
    )


def _takes(*names: str) -> tuple[str, ...]:
    return tuple(f"{act} {name}" for name in names for act in ("receive from", "delete from", "keep from"))


MAY: Mapping[str, frozenset[str]] = {
    "FunctionRole": _of_mail("", *_takes("received"), "read mail/", "write quarantine/", "update a mark"),
    "EventsRole": _of_mail(
        "-events",
        *_takes("events"),
        *("read mail/", "read quarantine/", "list the bucket of mail"),
        *("put a mark", "put a mark by a transaction", "delete a mark", "get a delivery", "get a delivery of some"),
    ),
    "ReleaseRole": _of_mail("-release", "read quarantine/", "update a mark", "get a delivery"),
    "ReplayRole": frozenset(
        {
            *_takes("dead-letters", "undelivered", "events-dead-letters", "events-undelivered"),
            *("send to received", "send to events", "list the bucket of mail"),
            *("get a delivery", "update a delivery", f"log as {STACK}-replay", "decrypt", "make a data key"),
        }
    ),
    "ProbeRole": frozenset({"send as the doctor", "write as the doctor", f"log as {STACK}-probe"}),
    "OrganizationRole": frozenset(
        {
            *(f"{act} {item}" for item in OF_MAP for act in ("put", "update", "check")),
            *(f"put {item} by a transaction" for item in OF_MAP),
            *LOOKS_UP,
            *("scan the map", "query the deliveries by-address", "get a delivery of some", "look the stack up"),
            *("read mail/", "list the bucket of mail", "decrypt", "make a data key"),
        }
    ),
    # Marks of mailboxes and groups are nothing that is vended.
    "VendRole": frozenset(
        {
            *LOOKS_UP,
            *("put an address", "put an address by a transaction", "update an address", "check an address"),
            *(f"log as {STACK}-vend", "decrypt", "make a data key"),
        }
    ),
    "ReadRole": frozenset({*LOOKS_UP, "scan the map", f"log as {STACK}-read", "decrypt", "make a data key"}),
    "OwnerSyncRole": frozenset(
        {
            *(f"get {item} of some" for item in OF_MAP),
            *("put a group", "put a group by a transaction", "scan the map"),
            *(f"log as {STACK}-owner-sync", "decrypt", "make a data key"),
        }
    ),
}


def cases(*, has_key: bool) -> list[Any]:
    """Return each act of each role, as parameters of a test: the role, the act, and whether the role may do it."""
    return [
        pytest.param(role, act, act in MAY[role], id=f"{role}: {act}{'' if act in MAY[role] else ' (forbidden)'}")
        for role in ROLES
        for act in ACTS
        if has_key or ACTS[act].service != "kms"
    ]


class Rights:
    """What the roles of a deployed stack may do, as IAM decides with the policies of what it is about."""

    def __init__(self, aws: LocalAws) -> None:
        self._endpoint = aws.environment["AWS_ENDPOINT_URL"]
        self._sessions = {role: _assume(aws, role) for role in ROLES}
        self._clients: dict[tuple[str, str], Any] = {}
        aliases = aws.client("kms").list_aliases()["Aliases"]
        keys = [one["TargetKeyId"] for one in aliases if one["AliasName"] == f"alias/{STACK}"]
        self._key = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{keys[0]}" if keys else ""

    def may(self, role: str, name: str) -> bool:
        """Tell whether a role may do an act, which is not done."""
        act = ACTS[name]
        given = {option: self._key if value == KEY else value for option, value in act.given.items()}
        try:
            getattr(self._client(role, act.service), act.method)(**given)
        except ClientError as error:
            if not re.match(r"AccessDenied|AuthorizationError", error.response["Error"]["Code"]):
                raise
            return False
        return True

    def _client(self, role: str, service: str) -> Any:
        if (role, service) not in self._clients:
            client = self._sessions[role].client(service, endpoint_url=self._endpoint)
            client.meta.events.register("before-sign", _only_ask)
            self._clients[role, service] = client
        return self._clients[role, service]


def _assume(aws: LocalAws, role: str) -> boto3.session.Session:
    """Return a session of a role of the stack. A service that it trusts is the account's root here."""
    found = aws.client("cloudformation").describe_stack_resource(StackName=STACK, LogicalResourceId=role)
    name = found["StackResourceDetail"]["PhysicalResourceId"]
    arn = aws.client("iam").get_role(RoleName=name)["Role"]["Arn"]
    return session_of(aws, arn, MANAGEMENT if role == "OrganizationRole" else ACCOUNT)


def _only_ask(request: Any, **_more: Any) -> None:
    request.headers[AUTHORIZE_ONLY] = "true"
