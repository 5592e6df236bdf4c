# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls to AWS that checks rest on, one function for each; all of them read. Errors arrive as AwsError.

SES allows each of its operations about once a second, so every call waits out throttling, and none is made twice.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._aws import (
    DYNAMODB,
    AwsError,
    Service,
    error_with_code,
)
from ansible_collections.account_factory.email.plugins.module_utils._receipt_rules import api as rules
from ansible_collections.account_factory.email.plugins.module_utils._stack import describe_stack

from .names import FREE, OURS, THEIRS, UNKNOWN, Caller, Stack, Taken
from .receiving import Inbound
from .rights import Simulation

SES = Service(retried=("Throttling", "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded"))
THROTTLED = Service(retried=("SlowDown", "Throttling", "ThrottlingException", "TooManyRequestsException"))
# Amazon SES: the Query API knows no such action where it receives no mail ("Unavailable Operation").
_NO_RECEIVING = ("InvalidAction",)


def get_caller(sts: Any) -> Caller:
    answer = THROTTLED.call("find out whose credentials these are", sts.get_caller_identity)
    return Caller(answer["Account"], answer["Arn"], _ahead(answer, datetime.now(timezone.utc)))


def _ahead(answer: Mapping[str, Any], now: datetime) -> float | None:
    """Return by how many seconds a time is ahead of the Date of an answer (RFC 9110 section 6.6.1), if it has one."""
    told = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date", "")
    try:
        return (now - parsedate_to_datetime(told)).total_seconds()
    except (TypeError, ValueError):
        return None


def get_account(sesv2: Any) -> dict[str, Any]:
    """Return what SES says of the account."""
    account: dict[str, Any] = SES.call("look up the SES account", sesv2.get_account)
    return account


def get_identity(sesv2: Any, name: str) -> dict[str, Any] | None:
    """Return what SES says of an identity, None if there is none of this name."""
    try:
        identity: dict[str, Any] = SES.call(
            f"look up the SES identity {name}", sesv2.get_email_identity, EmailIdentity=name
        )
    except error_with_code("NotFoundException"):
        return None
    return identity


def list_identities(sesv2: Any) -> list[dict[str, Any]]:
    """Return the identities of the region, each with its status, a thousand a call."""
    found: list[dict[str, Any]] = []
    parameters: dict[str, Any] = {"PageSize": 1000}
    while True:
        page = SES.call("list the SES identities", sesv2.list_email_identities, **parameters)
        found += page.get("EmailIdentities", [])
        if not page.get("NextToken"):
            return found
        parameters["NextToken"] = page["NextToken"]


def get_inbound(ses: Any, stack_name: str) -> Inbound:
    """Return how SES receives mail in the region; that it does not receive any is an answer, too."""
    try:
        active = rules.get_active_rule_set(ses)
        if active:
            return Inbound(active.name, True, tuple(active.receipt_rules()))
        ours = rules.get_rule_set(ses, stack_name)
    except error_with_code(*_NO_RECEIVING) as error:
        return Inbound(stack_name, False, refusal=str(error.exception))
    return Inbound(stack_name, False, tuple(ours.receipt_rules()) if ours else ())


def find_stack(cloudformation: Any, name: str) -> Stack | None:
    """Return the stack of that name, whosever it is; None if there is none."""
    found = describe_stack(cloudformation, name)
    if found is None:
        return None
    parameters = {one["ParameterKey"]: one.get("ParameterValue", "") for one in found.get("Parameters", [])}
    outputs = {one["OutputKey"]: one["OutputValue"] for one in found.get("Outputs", [])}
    return Stack(found["StackStatus"], parameters, outputs)


def find_bucket(s3: Any, name: str, account_id: str) -> Taken:
    """Return whose a bucket is.

    Amazon S3 API Reference, HeadBucket: 404 where there is none; 403 where it is another account's, and where the
    caller may not look. Of a bucket that exists the answer tells the region, whoever asks.
    """
    try:
        THROTTLED.call(f"look for the bucket {name}", s3.head_bucket, Bucket=name, ExpectedBucketOwner=account_id)
    except AwsError as error:
        status, headers = _answer(error)
        if status == 404:
            return Taken(name, FREE)
        if status != 403:
            raise
        return _find_denied(s3, name, "x-amz-bucket-region" in headers, str(error))
    return Taken(name, OURS)


def _find_denied(s3: Any, name: str, exists: bool, said: str) -> Taken:
    """Return whose a bucket is that S3 does not let the caller look at."""
    try:
        listed = THROTTLED.call("list the account's buckets", s3.list_buckets).get("Buckets", [])
    except AwsError as error:
        return Taken(name, UNKNOWN, str(error))
    if any(bucket["Name"] == name for bucket in listed):
        return Taken(name, OURS)
    return Taken(name, THEIRS) if exists else Taken(name, UNKNOWN, said)


def _answer(error: AwsError) -> tuple[int, Mapping[str, str]]:
    """Return the HTTP status and headers of a refusal; (0, {}) where S3 did not answer."""
    metadata = getattr(error.exception, "response", {}).get("ResponseMetadata", {})
    return metadata.get("HTTPStatusCode", 0), metadata.get("HTTPHeaders", {})


def find_table(dynamodb: Any, name: str) -> dict[str, Any] | None:
    """Return what DynamoDB says of a table, None if there is none of this name; it can only be this account's."""
    try:
        answer = DYNAMODB.call(f"look for the table {name}", dynamodb.describe_table, TableName=name)
    except error_with_code("ResourceNotFoundException"):
        return None
    table: dict[str, Any] = answer["Table"]
    return table


def find_key(kms: Any, arn: str) -> dict[str, Any] | None:
    """Return what KMS says of a key, None if there is none; KMS tells that only to whom the key's policy lets in."""
    try:
        answer = THROTTLED.call(f"look up the key {arn}", kms.describe_key, KeyId=arn)
    except error_with_code("NotFoundException"):
        return None
    key: dict[str, Any] = answer["KeyMetadata"]
    return key


def get_key_policy(kms: Any, arn: str) -> dict[str, Any] | None:
    """Return the policy of a key, None if there is no key. KMS does not show it to other accounts."""
    try:
        answer = THROTTLED.call(
            f"read the policy of the key {arn}", kms.get_key_policy, KeyId=arn, PolicyName="default"
        )
    except error_with_code("NotFoundException"):
        return None
    policy: dict[str, Any] = json.loads(answer["Policy"])
    return policy


def simulate(iam: Any, principal: str, actions: Mapping[str, Sequence[str]]) -> Simulation:
    """Return what IAM says of the principal's actions, which are given by the ARN of what they are about."""
    denied: list[str] = []
    untold: list[str] = []
    for resource, names in actions.items():
        answer = THROTTLED.call(
            f"ask IAM what {principal} may do",
            iam.simulate_principal_policy,
            PolicySourceArn=principal,
            ActionNames=list(names),
            ResourceArns=[resource],
        )
        for result in answer["EvaluationResults"]:
            if result["EvalDecision"] == "allowed":
                continue
            missing = result["EvalDecision"] == "implicitDeny" and result.get("MissingContextValues")
            (untold if missing else denied).append(result["EvalActionName"])
    return Simulation(principal, sum(map(len, actions.values())), tuple(denied), tuple(untold))


def find_role_arn(iam: Any, name: str) -> str:
    """Return the ARN of a role with its path."""
    arn: str = THROTTLED.call(f"look up the role {name}", iam.get_role, RoleName=name)["Role"]["Arn"]
    return arn
