# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls to AWS about what a stack has deployed, one function for each; all of them read, as those of ``api.py``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from itertools import islice
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._aws import DYNAMODB, error_with_code
from ansible_collections.account_factory.email.plugins.module_utils._suppression.api import list_entries
from ansible_collections.account_factory.email.plugins.module_utils._suppression.model import Filters

from .api import SES, THROTTLED
from .owners import Suppressed

# SES tells of one page a second, and does not say how long the list is.
_SUPPRESSED_MAX = 20_000
_AGE_MINUTES = 15
_QUEUE_ATTRIBUTES = ["ApproximateNumberOfMessages", "Policy", "RedrivePolicy"]


def find_function(functions: Any, name: str) -> dict[str, Any] | None:
    """Return how a function is configured; None if there is no such function."""
    action = f"look up the function {name}"
    try:
        found: dict[str, Any] = THROTTLED.call(action, functions.get_function_configuration, FunctionName=name)
    except error_with_code("ResourceNotFoundException"):
        return None
    return found


def get_reserved_concurrency(functions: Any, name: str) -> int | None:
    """Return how many copies of a function may run at once, None where nothing is reserved for it."""
    action = f"look up the concurrency of the function {name}"
    try:
        found = THROTTLED.call(action, functions.get_function_concurrency, FunctionName=name)
    except error_with_code("ResourceNotFoundException"):
        return None
    reserved: int | None = found.get("ReservedConcurrentExecutions")
    return reserved


def list_event_sources(functions: Any, name: str) -> list[dict[str, Any]]:
    """Return the event source mappings of a function."""
    action = f"list the event sources of the function {name}"
    pages = functions.get_paginator("list_event_source_mappings").paginate(FunctionName=name)
    found: list[dict[str, Any]] = THROTTLED.call(action, pages.build_full_result)["EventSourceMappings"]
    return found


def list_ip_filters(ses: Any) -> list[dict[str, Any]]:
    """Return the IP address filters of receiving."""
    filters: list[dict[str, Any]] = SES.call("list the IP address filters", ses.list_receipt_filters)["Filters"]
    return filters


def list_alarm_names(cloudformation: Any, stack_name: str) -> list[str]:
    """Return the names of the alarms that a stack has made."""
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack_name)
    found = THROTTLED.call(f"list the resources of the stack {stack_name}", pages.build_full_result)
    return [
        one["PhysicalResourceId"]
        for one in found["StackResourceSummaries"]
        if one["ResourceType"] == "AWS::CloudWatch::Alarm" and one.get("PhysicalResourceId")
    ]


def describe_alarms(cloudwatch: Any, names: Sequence[str]) -> list[dict[str, Any]]:
    """Return the alarms of these names, at most 100, that are there."""
    if not names:
        return []
    answer = THROTTLED.call("look up the alarms", cloudwatch.describe_alarms, AlarmNames=list(names), MaxRecords=100)
    alarms: list[dict[str, Any]] = answer["MetricAlarms"]
    return alarms


def list_subscriptions(sns: Any, topic_arn: str) -> list[dict[str, Any]]:
    """Return the subscriptions of a topic."""
    pages = sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic_arn)
    found: list[dict[str, Any]] = THROTTLED.call(f"list the subscriptions of {topic_arn}", pages.build_full_result)[
        "Subscriptions"
    ]
    return found


def is_recoverable(dynamodb: Any, name: str) -> bool:
    """Return whether a table is recoverable to a point in time; one that is not there is not."""
    try:
        backups = DYNAMODB.call(f"look up the backups of {name}", dynamodb.describe_continuous_backups, TableName=name)
    except error_with_code("ResourceNotFoundException", "TableNotFoundException"):
        return False
    recovery = backups["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
    return bool(recovery.get("PointInTimeRecoveryStatus") == "ENABLED")


def get_configuration_set(sesv2: Any, name: str) -> dict[str, Any] | None:
    """Return what SES says of a configuration set, None if there is none of this name."""
    action = f"look up the configuration set {name}"
    try:
        found: dict[str, Any] = SES.call(action, sesv2.get_configuration_set, ConfigurationSetName=name)
    except error_with_code("NotFoundException"):
        return None
    return found


def list_event_destinations(sesv2: Any, name: str) -> list[dict[str, Any]]:
    """Return the event destinations of a configuration set, none where that is not there."""
    action, operation = f"list what {name} tells of", sesv2.get_configuration_set_event_destinations
    try:
        found: list[dict[str, Any]] = SES.call(action, operation, ConfigurationSetName=name)["EventDestinations"]
    except error_with_code("NotFoundException"):
        return []
    return found


def knows_validation(sesv2: Any) -> bool:
    """Return whether the installed botocore knows Auto Validation, which it leaves out of answers otherwise."""
    shape = sesv2.meta.service_model.operation_model("GetConfigurationSet").output_shape
    return "ValidationOptions" in shape.members["SuppressionOptions"].members


def list_suppressed(sesv2: Any) -> Suppressed:
    """Return the account's suppression list, page by page; of a very long one the first part."""
    entries = tuple(islice(list_entries(sesv2, Filters()), _SUPPRESSED_MAX + 1))
    return Suppressed(entries[:_SUPPRESSED_MAX], len(entries) <= _SUPPRESSED_MAX)


def get_bucket_policy(s3: Any, bucket: str) -> dict[str, Any] | None:
    """Return the policy of a bucket, an empty one where it has none; None where there is no bucket."""
    try:
        answer = THROTTLED.call(f"read the policy of the bucket {bucket}", s3.get_bucket_policy, Bucket=bucket)
    except error_with_code("NoSuchBucketPolicy", "NoSuchBucket") as error:
        return {} if error.code == "NoSuchBucketPolicy" else None
    policy: dict[str, Any] = json.loads(answer["Policy"])
    return policy


def get_topic_policy(sns: Any, topic_arn: str) -> dict[str, Any] | None:
    """Return the policy of a topic, None where there is no topic."""
    try:
        answer = THROTTLED.call(f"look up the topic {topic_arn}", sns.get_topic_attributes, TopicArn=topic_arn)
    except error_with_code("NotFound", "NotFoundException"):
        return None
    policy: dict[str, Any] = json.loads(answer["Attributes"].get("Policy") or "{}")
    return policy


def list_queue_subscriptions(sns: Any, topic_arn: str) -> list[dict[str, Any]]:
    """Return the subscriptions of queues to a topic with their attributes, none where there is no topic."""
    try:
        listed = list_subscriptions(sns, topic_arn)
    except error_with_code("NotFound", "NotFoundException"):
        return []
    return [{**one, **_subscription(sns, one["SubscriptionArn"])} for one in listed if one["Protocol"] == "sqs"]


def _subscription(sns: Any, arn: str) -> dict[str, str]:
    answer = THROTTLED.call(f"look up the subscription {arn}", sns.get_subscription_attributes, SubscriptionArn=arn)
    attributes: dict[str, str] = answer["Attributes"]
    return attributes


def find_queue(sqs: Any, url: str) -> dict[str, Any] | None:
    """Return the attributes of a queue and its URL, None if there is no such queue."""
    action = f"look up the queue {url}"
    try:
        answer = THROTTLED.call(action, sqs.get_queue_attributes, QueueUrl=url, AttributeNames=_QUEUE_ATTRIBUTES)
    except error_with_code("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"):
        return None
    return {**answer.get("Attributes", {}), "QueueUrl": url}


def get_ages(cloudwatch: Any, queues: Sequence[str]) -> Mapping[str, float]:
    """Return for how many seconds the oldest message of each queue has waited, where CloudWatch has counted lately."""
    now = datetime.now(timezone.utc)
    queries = [
        {
            "Id": f"age{index}",
            "MetricStat": {
                "Metric": {
                    "Namespace": "AWS/SQS",
                    "MetricName": "ApproximateAgeOfOldestMessage",
                    "Dimensions": [{"Name": "QueueName", "Value": queue}],
                },
                "Period": 300,
                "Stat": "Maximum",
            },
        }
        for index, queue in enumerate(queues)
    ]
    answer = THROTTLED.call(
        "look up how long messages wait",
        cloudwatch.get_metric_data,
        MetricDataQueries=queries,
        StartTime=now - timedelta(minutes=_AGE_MINUTES),
        EndTime=now,
        ScanBy="TimestampDescending",
    )
    values = {one["Id"]: one.get("Values", []) for one in answer["MetricDataResults"]}
    return {queue: values[f"age{index}"][0] for index, queue in enumerate(queues) if values.get(f"age{index}")}


def is_rotated(kms: Any, arn: str) -> bool:
    """Return whether KMS rotates a key of its own accord."""
    answer = THROTTLED.call(f"look up the rotation of the key {arn}", kms.get_key_rotation_status, KeyId=arn)
    return bool(answer["KeyRotationEnabled"])
