# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls to AWS that checks rest on, one function for each; all of them read. Errors arrive as AwsError.

SES allows each of its operations about once a second, so every call waits out throttling, and none is made twice.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import is_ansible_aws_error_code

from ansible_collections.account_factory.email.plugins.module_utils._aws import DYNAMODB, AwsError, Service
from ansible_collections.account_factory.email.plugins.module_utils._receipt_rules import api as rules
from ansible_collections.account_factory.email.plugins.module_utils._stack import describe_stack

from .names import FREE, OURS, THEIRS, UNKNOWN, Caller, Stack, Taken
from .receiving import Inbound
from .rights import Simulation

_SES = Service(retried=("Throttling", "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded"))
_THROTTLED = Service(retried=("SlowDown", "Throttling", "ThrottlingException", "TooManyRequestsException"))
# Amazon SES: the Query API knows no such action where it receives no mail ("Unavailable Operation").
_NO_RECEIVING = ("InvalidAction",)


def get_caller(sts: Any) -> Caller:
    answer = _THROTTLED.call("find out whose credentials these are", sts.get_caller_identity)
    return Caller(answer["Account"], answer["Arn"])


def get_account(sesv2: Any) -> dict[str, Any]:
    """Return what SES says of the account."""
    account: dict[str, Any] = _SES.call("look up the SES account", sesv2.get_account)
    return account


def get_identity(sesv2: Any, name: str) -> dict[str, Any] | None:
    """Return what SES says of an identity, None if there is none of this name."""
    try:
        identity: dict[str, Any] = _SES.call(
            f"look up the SES identity {name}", sesv2.get_email_identity, EmailIdentity=name
        )
    except is_ansible_aws_error_code(["NotFoundException"]):
        return None
    return identity


def list_identities(sesv2: Any) -> list[dict[str, Any]]:
    """Return the identities of the region, each with its status, a thousand a call."""
    found: list[dict[str, Any]] = []
    parameters: dict[str, Any] = {"PageSize": 1000}
    while True:
        page = _SES.call("list the SES identities", sesv2.list_email_identities, **parameters)
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
    except is_ansible_aws_error_code(list(_NO_RECEIVING)) as error:
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
        _THROTTLED.call(f"look for the bucket {name}", s3.head_bucket, Bucket=name, ExpectedBucketOwner=account_id)
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
        listed = _THROTTLED.call("list the account's buckets", s3.list_buckets).get("Buckets", [])
    except AwsError as error:
        return Taken(name, UNKNOWN, str(error))
    if any(bucket["Name"] == name for bucket in listed):
        return Taken(name, OURS)
    return Taken(name, THEIRS) if exists else Taken(name, UNKNOWN, said)


def _answer(error: AwsError) -> tuple[int, Mapping[str, str]]:
    """Return the HTTP status and headers of a refusal; (0, {}) where S3 did not answer."""
    metadata = getattr(error.exception, "response", {}).get("ResponseMetadata", {})
    return metadata.get("HTTPStatusCode", 0), metadata.get("HTTPHeaders", {})


def find_table(dynamodb: Any, name: str) -> Taken:
    """Return whether there is a table of that name; it can only be this account's."""
    try:
        DYNAMODB.call(f"look for the table {name}", dynamodb.describe_table, TableName=name)
    except is_ansible_aws_error_code(["ResourceNotFoundException"]):
        return Taken(name, FREE)
    return Taken(name, OURS)


def find_function(functions: Any, name: str) -> dict[str, Any] | None:
    """Return how a function is configured; None if there is no such function."""
    action = f"look up the function {name}"
    try:
        found: dict[str, Any] = _THROTTLED.call(action, functions.get_function_configuration, FunctionName=name)
    except is_ansible_aws_error_code(["ResourceNotFoundException"]):
        return None
    return found


def get_reserved_concurrency(functions: Any, name: str) -> int | None:
    """Return how many copies of a function may run at once, None where nothing is reserved for it."""
    action = f"look up the concurrency of the function {name}"
    try:
        found = _THROTTLED.call(action, functions.get_function_concurrency, FunctionName=name)
    except is_ansible_aws_error_code(["ResourceNotFoundException"]):
        return None
    reserved: int | None = found.get("ReservedConcurrentExecutions")
    return reserved


def list_event_sources(functions: Any, name: str) -> list[dict[str, Any]]:
    """Return the event source mappings of a function."""
    action = f"list the event sources of the function {name}"
    pages = functions.get_paginator("list_event_source_mappings").paginate(FunctionName=name)
    found: list[dict[str, Any]] = _THROTTLED.call(action, pages.build_full_result)["EventSourceMappings"]
    return found


def list_ip_filters(ses: Any) -> list[dict[str, Any]]:
    """Return the IP address filters of receiving."""
    filters: list[dict[str, Any]] = _SES.call("list the IP address filters", ses.list_receipt_filters)["Filters"]
    return filters


def list_alarm_names(cloudformation: Any, stack_name: str) -> list[str]:
    """Return the names of the alarms that a stack has made."""
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack_name)
    found = _THROTTLED.call(f"list the resources of the stack {stack_name}", pages.build_full_result)
    return [
        one["PhysicalResourceId"]
        for one in found["StackResourceSummaries"]
        if one["ResourceType"] == "AWS::CloudWatch::Alarm" and one.get("PhysicalResourceId")
    ]


def describe_alarms(cloudwatch: Any, names: Sequence[str]) -> list[dict[str, Any]]:
    """Return the alarms of these names, at most 100, that are there."""
    if not names:
        return []
    answer = _THROTTLED.call("look up the alarms", cloudwatch.describe_alarms, AlarmNames=list(names), MaxRecords=100)
    alarms: list[dict[str, Any]] = answer["MetricAlarms"]
    return alarms


def list_subscriptions(sns: Any, topic_arn: str) -> list[dict[str, Any]]:
    """Return the subscriptions of a topic."""
    pages = sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic_arn)
    found: list[dict[str, Any]] = _THROTTLED.call(f"list the subscriptions of {topic_arn}", pages.build_full_result)[
        "Subscriptions"
    ]
    return found


def find_protection(dynamodb: Any, name: str) -> dict[str, Any] | None:
    """Return whether a table is protected from deletion and recoverable to a point in time; None if there is none."""
    try:
        table = DYNAMODB.call(f"look up the table {name}", dynamodb.describe_table, TableName=name)["Table"]
        backups = DYNAMODB.call(f"look up the backups of {name}", dynamodb.describe_continuous_backups, TableName=name)
    except is_ansible_aws_error_code(["ResourceNotFoundException", "TableNotFoundException"]):
        return None
    recovery = backups["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
    return {
        "name": name,
        "protected": bool(table.get("DeletionProtectionEnabled")),
        "recoverable": recovery.get("PointInTimeRecoveryStatus") == "ENABLED",
    }


def find_key(kms: Any, arn: str) -> dict[str, Any] | None:
    """Return what KMS says of a key, None if there is none; KMS tells that only to whom the key's policy lets in."""
    try:
        answer = _THROTTLED.call(f"look up the key {arn}", kms.describe_key, KeyId=arn)
    except is_ansible_aws_error_code(["NotFoundException"]):
        return None
    key: dict[str, Any] = answer["KeyMetadata"]
    return key


def get_key_policy(kms: Any, arn: str) -> dict[str, Any] | None:
    """Return the policy of a key, None if there is no key. KMS does not show it to other accounts."""
    try:
        answer = _THROTTLED.call(
            f"read the policy of the key {arn}", kms.get_key_policy, KeyId=arn, PolicyName="default"
        )
    except is_ansible_aws_error_code(["NotFoundException"]):
        return None
    policy: dict[str, Any] = json.loads(answer["Policy"])
    return policy


def simulate(iam: Any, principal: str, actions: Mapping[str, Sequence[str]]) -> Simulation:
    """Return what IAM says of the principal's actions, which are given by the ARN of what they are about."""
    denied: list[str] = []
    untold: list[str] = []
    for resource, names in actions.items():
        answer = _THROTTLED.call(
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
    arn: str = _THROTTLED.call(f"look up the role {name}", iam.get_role, RoleName=name)["Role"]["Arn"]
    return arn
