# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What SES itself does with other services: the emulator's, called as the account's root, past the gateway."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, ParamValidationError

from tests.local_aws.service_policy import allows
from tests.local_aws.ses_identities import Verifications


@dataclass
class Backend:
    """The emulator's S3, SNS, Lambda and SES, as SES uses them."""

    account_id: str
    region: str
    access_key: str
    secret_key: str
    endpoint_url: str = ""
    verifications: Verifications = field(default_factory=Verifications)
    # Whose hosted zones the world asks; the emulator takes an account's id for the access key of its root.
    dns_account: str = ""
    _clients: dict[str, Any] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def client(self, service: str, access_key: str = "") -> Any:
        """Return a boto3 client; clients are shared, making one is not thread-safe."""
        with self._lock:
            known = f"{service} {access_key}" if access_key else service
            if known not in self._clients:
                session = boto3.session.Session(access_key or self.access_key, self.secret_key, region_name=self.region)
                # Nothing in the developer's configuration files may send this to a real account.
                client = session.client(
                    service, endpoint_url=self.endpoint_url, config=Config(max_pool_connections=50, read_timeout=300)
                )
                client.meta.events.register("before-sign", _pass_for_tls)
                self._clients[known] = client
            return self._clients[known]

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
        """Tell whether the bucket exists, and its policy and its key let SES put this object for this receipt rule."""
        policy = _found(lambda: self.client("s3").get_bucket_policy(Bucket=bucket))
        if policy is None:
            return False
        document, resource = json.loads(policy["Policy"]), f"arn:aws:s3:::{bucket}/{key}"
        if not allows(document, "ses.amazonaws.com", "s3:PutObject", resource, self._context(source_arn)):
            return False
        kms_key = self._key_of(bucket)
        return kms_key is None or self._may_use_key(kms_key, source_arn)

    def _key_of(self, bucket: str) -> str | None:
        """Return the customer's key with which a bucket encrypts what is put into it, None if there is none.

        Of the key that is AWS's (aws/s3) nobody can say here whether SES may use it: it is taken for one that it may.
        """
        found = _found(lambda: self.client("s3").get_bucket_encryption(Bucket=bucket))
        rules = found["ServerSideEncryptionConfiguration"]["Rules"] if found else []
        defaults = [rule.get("ApplyServerSideEncryptionByDefault", {}) for rule in rules]
        keys = [default["KMSMasterKeyID"] for default in defaults if default.get("KMSMasterKeyID")]
        return keys[0] if keys and not keys[0].endswith("alias/aws/s3") else None

    def may_invoke(self, function_arn: str, source_arn: str) -> bool:
        """Tell whether the function exists and its policy lets SES invoke it for this receipt rule."""
        policy = _found(lambda: self.client("lambda").get_policy(FunctionName=function_arn))
        if policy is None:
            return False
        document = json.loads(policy["Policy"])
        return allows(document, "ses.amazonaws.com", "lambda:InvokeFunction", function_arn, self._context(source_arn))

    def may_publish(self, topic_arn: str, source_arn: str) -> bool:
        """Tell whether the topic exists and lets SES publish for this receipt rule or configuration set.

        Amazon SES Developer Guide, "Give permission to Amazon SES for email receiving". A topic's own first policy lets
        in whoever acts for its account (aws:SourceOwner), and SES does: a statement for it is needed in any other
        policy. An encrypted topic takes a key that lets SES in, which the one of AWS (alias/aws/sns) does not (Amazon
        SNS Developer Guide, "Enable compatibility between event sources from AWS services and encrypted topics").
        """
        found = _found(lambda: self.client("sns").get_topic_attributes(TopicArn=topic_arn))
        if found is None:
            return False
        attributes, context = found["Attributes"], self._context(source_arn)
        context["aws:SourceOwner"] = self.account_id
        policy, key = json.loads(attributes.get("Policy") or "{}"), attributes.get("KmsMasterKeyId")
        allowed = allows(policy, "ses.amazonaws.com", "sns:Publish", topic_arn, context)
        return allowed and (not key or (not key.endswith("alias/aws/sns") and self._may_use_key(key, source_arn)))

    def _may_use_key(self, key_id: str, source_arn: str) -> bool:
        """Tell whether a KMS key is enabled and its policy lets SES encrypt with it.

        Amazon SES Developer Guide, "Give permission to Amazon SES for email receiving": kms:GenerateDataKey and
        kms:Decrypt.
        """
        kms = self.client("kms")
        key = _found(lambda: kms.describe_key(KeyId=key_id)["KeyMetadata"])
        if key is None or key["KeyState"] != "Enabled":
            return False
        policy = json.loads(kms.get_key_policy(KeyId=key["KeyId"], PolicyName="default")["Policy"])
        context = self._context(source_arn)
        return all(
            allows(policy, "ses.amazonaws.com", action, key["Arn"], context)
            for action in ("kms:GenerateDataKey", "kms:Decrypt")
        )

    def _context(self, source_arn: str) -> dict[str, str]:
        """Return the condition keys of a call that SES makes."""
        return {"aws:SourceAccount": self.account_id, "aws:SourceArn": source_arn, "aws:SecureTransport": "true"}

    def role_exists(self, role_arn: str) -> bool:
        """Tell whether the IAM role exists."""
        return _found(lambda: self.client("iam").get_role(RoleName=role_arn.rpartition("/")[2])) is not None

    def put_object(self, bucket: str, key: str, data: bytes) -> None:
        """Store an object; ClientError if the bucket is gone."""
        self.client("s3").put_object(Bucket=bucket, Key=key, Body=data)

    def publish(self, topic_arn: str, subject: str, message: dict[str, Any]) -> None:
        """Publish a notification as JSON."""
        self.publish_text(topic_arn, subject, json.dumps(message))

    def publish_text(self, topic_arn: str, subject: str, text: str) -> None:
        """Publish a text as it is."""
        self.client("sns").publish(TopicArn=topic_arn, Subject=subject, Message=text)

    def count(self, metric: str, dimensions: Mapping[str, str]) -> None:
        """Add one to a metric of SES's."""
        data = {
            "MetricName": metric,
            "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
            "Value": 1,
            "Unit": "Count",
        }
        self.client("cloudwatch").put_metric_data(Namespace="AWS/SES", MetricData=[data])

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
        names = self._verified_for_emulator()
        lower = (name if "@" in name else name.lower() for name in names)
        return frozenset(name for name in lower if self.verifications.is_verified(name))

    def identities(self) -> list[str]:
        """Return the names of all identities."""
        pages = self.client("ses").get_paginator("list_identities").paginate()
        names = {name for page in pages for name in page["Identities"]}
        return sorted({*names, *(item["IdentityName"] for item in self._identities_of_v2())})

    def identity(self, name: str) -> Mapping[str, Any] | None:
        """Return what the emulator says of an identity of API v2, with the tags that it keeps apart."""
        v2 = self.client("sesv2")
        found: Mapping[str, Any] | None = _found(lambda: v2.get_email_identity(EmailIdentity=name))
        if not found:
            return None
        tags = v2.list_tags_for_resource(ResourceArn=f"arn:aws:ses:{self.region}:{self.account_id}:identity/{name}")
        return {**{key: value for key, value in found.items() if key != "ResponseMetadata"}, "Tags": tags["Tags"]}

    def create_identity(self, given: Mapping[str, Any]) -> None:
        """Create an identity by the parameters of API v2's CreateEmailIdentity."""
        self.client("sesv2").create_email_identity(**given)

    def cname(self, name: str) -> Sequence[str]:
        """Return the values of a CNAME record in the public hosted zones of Route 53."""
        return self.dns_records().get((name.lower(), "CNAME"), [])

    def dns_records(self) -> dict[tuple[str, str], list[str]]:
        """Return the values of all records in the public hosted zones of Route 53, by name and type."""
        route53 = self.client("route53", self.dns_account)
        zones = [zone["Id"] for zone in route53.list_hosted_zones()["HostedZones"] if not zone["Config"]["PrivateZone"]]
        found: dict[tuple[str, str], list[str]] = {}
        for zone in zones:
            pages = route53.get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone)
            for one in pages.build_full_result()["ResourceRecordSets"]:
                values = [value["Value"] for value in one.get("ResourceRecords", [])]
                found.setdefault((one["Name"].removesuffix(".").lower(), one["Type"]), []).extend(values)
        return found

    def _verified_for_emulator(self) -> set[str]:
        """Return the names of the identities that the emulator has verified."""
        v1 = self.client("ses")
        names = [name for page in v1.get_paginator("list_identities").paginate() for name in page["Identities"]]
        verified = set()
        for start in range(0, len(names), 100):
            attributes = v1.get_identity_verification_attributes(Identities=names[start : start + 100])
            states = attributes["VerificationAttributes"]
            verified |= {name for name, state in states.items() if state["VerificationStatus"] == "Success"}
        return verified | {item["IdentityName"] for item in self._identities_of_v2() if item["SendingEnabled"]}

    def _identities_of_v2(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        token: dict[str, str] = {}
        while True:
            page = self.client("sesv2").list_email_identities(**token)
            found += page["EmailIdentities"]
            if "NextToken" not in page:
                return found
            token = {"NextToken": page["NextToken"]}

    def configuration_set(self, name: str) -> Mapping[str, Any] | None:
        """Return an SES configuration set with its options, None if there is none of this name."""
        found: Mapping[str, Any] | None = _found(
            lambda: self.client("sesv2").get_configuration_set(ConfigurationSetName=name)
        )
        return found

    def event_destinations(self, configuration_set: str) -> list[dict[str, Any]]:
        """Return the event destinations of an SES configuration set, none if it is gone."""
        found = _found(
            lambda: self.client("sesv2").get_configuration_set_event_destinations(
                ConfigurationSetName=configuration_set
            )
        )
        return list((found or {}).get("EventDestinations", []))

    def ses_account(self) -> dict[str, Any]:
        """Return what the emulator knows of the account (GetAccount)."""
        answer: dict[str, Any] = self.client("sesv2").get_account()
        return {name: value for name, value in answer.items() if name != "ResponseMetadata"}

    def in_sandbox(self) -> bool:
        """Tell whether SES sends to verified recipients only."""
        return not self.ses_account()["ProductionAccessEnabled"]

    def set_production_access(self, enabled: bool) -> None:
        """Take the account out of the sandbox, or put it into it."""
        self.client("sesv2").put_account_details(
            MailType="TRANSACTIONAL", WebsiteURL="https://example.com", ProductionAccessEnabled=enabled
        )


def _pass_for_tls(request: Any, **_more: Any) -> None:
    """Let loopback stand for TLS, as the gateway does: AWS's services call each other over nothing else."""
    request.headers["x-forwarded-proto"] = "https"


# How the services say that a thing is not there.
_NOT_FOUND = frozenset(
    {
        "404",
        "NoSuchBucket",
        "NoSuchBucketPolicy",
        "NoSuchEntity",
        "ServerSideEncryptionConfigurationNotFoundError",
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
