# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What SES itself does with other services: the emulator's, called as the account's root, past the gateway."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, ParamValidationError

from tests.local_aws.service_policy import allows


@dataclass
class Backend:
    """The emulator's S3, SNS, Lambda and SES, as SES uses them."""

    account_id: str
    region: str
    access_key: str
    secret_key: str
    endpoint_url: str = ""
    _clients: dict[str, Any] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def client(self, service: str) -> Any:
        """Return a boto3 client; clients are shared, making one is not thread-safe."""
        with self._lock:
            if service not in self._clients:
                session = boto3.session.Session(self.access_key, self.secret_key, region_name=self.region)
                # Nothing in the developer's configuration files may send this to a real account.
                self._clients[service] = session.client(
                    service, endpoint_url=self.endpoint_url, config=Config(max_pool_connections=50, read_timeout=300)
                )
            return self._clients[service]

    def account_of(self, access_key: str) -> str:
        """Return the account that credentials belong to; for the emulator too, a key of 12 digits is an account's."""
        if access_key.isdecimal() and len(access_key) == 12:
            return access_key
        if access_key == self.access_key:
            return self.account_id
        try:
            account: str = self.client("sts").get_access_key_info(AccessKeyId=access_key)["Account"]
        except (ClientError, ParamValidationError):
            # A key of nobody's. Where IAM is not enforced the emulator takes it for one of its own account.
            return self.account_id
        return account

    def may_write(self, bucket: str, key: str, source_arn: str) -> bool:
        """Tell whether the bucket exists and its policy lets SES put this object for this receipt rule."""
        policy = _found(lambda: self.client("s3").get_bucket_policy(Bucket=bucket))
        if policy is None:
            return False
        context = {"aws:SourceAccount": self.account_id, "aws:SourceArn": source_arn, "aws:SecureTransport": "true"}
        return allows(
            json.loads(policy["Policy"]), "ses.amazonaws.com", "s3:PutObject", f"arn:aws:s3:::{bucket}/{key}", context
        )

    def may_invoke(self, function_arn: str, source_arn: str) -> bool:
        """Tell whether the function exists and its policy lets SES invoke it for this receipt rule."""
        policy = _found(lambda: self.client("lambda").get_policy(FunctionName=function_arn))
        if policy is None:
            return False
        context = {"aws:SourceAccount": self.account_id, "aws:SourceArn": source_arn}
        document = json.loads(policy["Policy"])
        return allows(document, "ses.amazonaws.com", "lambda:InvokeFunction", function_arn, context)

    def topic_exists(self, topic_arn: str) -> bool:
        """Tell whether the SNS topic exists."""
        return _found(lambda: self.client("sns").get_topic_attributes(TopicArn=topic_arn)) is not None

    def role_exists(self, role_arn: str) -> bool:
        """Tell whether the IAM role exists."""
        return _found(lambda: self.client("iam").get_role(RoleName=role_arn.rpartition("/")[2])) is not None

    def put_object(self, bucket: str, key: str, data: bytes) -> None:
        """Store an object; ClientError if the bucket is gone."""
        self.client("s3").put_object(Bucket=bucket, Key=key, Body=data)

    def publish(self, topic_arn: str, subject: str, message: dict[str, Any]) -> None:
        """Publish a notification as JSON."""
        self.client("sns").publish(TopicArn=topic_arn, Subject=subject, Message=json.dumps(message))

    def invoke(self, function_arn: str, event: dict[str, Any], wait: bool) -> Any:
        """Invoke a function; return what it answered, None if it was not waited for or failed."""
        answer = self.client("lambda").invoke(
            FunctionName=function_arn,
            InvocationType="RequestResponse" if wait else "Event",
            Payload=json.dumps(event).encode("utf-8"),
        )
        payload = answer["Payload"].read()
        return json.loads(payload) if wait and payload and "FunctionError" not in answer else None

    def verified_identities(self) -> frozenset[str]:
        """Return the verified identities, domains in lower case; addresses as they are, for their case counts."""
        v1, v2 = self.client("ses"), self.client("sesv2")
        names = [name for page in v1.get_paginator("list_identities").paginate() for name in page["Identities"]]
        verified = set()
        for start in range(0, len(names), 100):
            attributes = v1.get_identity_verification_attributes(Identities=names[start : start + 100])
            states = attributes["VerificationAttributes"]
            verified |= {name for name, state in states.items() if state["VerificationStatus"] == "Success"}
        token: dict[str, str] = {}
        while True:
            page = v2.list_email_identities(**token)
            verified |= {item["IdentityName"] for item in page["EmailIdentities"] if item.get("SendingEnabled", True)}
            if "NextToken" not in page:
                return frozenset(name if "@" in name else name.lower() for name in verified)
            token = {"NextToken": page["NextToken"]}

    def configuration_set_exists(self, name: str) -> bool:
        """Tell whether the SES configuration set exists."""
        return _found(lambda: self.client("sesv2").get_configuration_set(ConfigurationSetName=name)) is not None

    def in_sandbox(self) -> bool:
        """Tell whether SES sends to verified recipients only."""
        return not self.client("sesv2").get_account()["ProductionAccessEnabled"]


# How the services say that a thing is not there.
_NOT_FOUND = frozenset(
    {
        "404",
        "NoSuchBucket",
        "NoSuchBucketPolicy",
        "NoSuchEntity",
        "NotFound",
        "NotFoundException",
        "ResourceNotFoundException",
        "InvalidParameter",
    }
)


def _found(call: Any) -> Any:
    """Return what the call returns, None if it says that the thing does not exist."""
    try:
        return call()
    except ClientError as error:
        if error.response["Error"]["Code"] in _NOT_FOUND:
            return None
        raise
