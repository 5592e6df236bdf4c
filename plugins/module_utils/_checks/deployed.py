# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the checks of a deployed forwarder are judged by, and how each is read; see ``reading.py``."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from ansible_collections.account_factory.email.plugins.module_utils._held_mail.listing import count_held
from ansible_collections.account_factory.email.plugins.module_utils._map import api as the_map
from ansible_collections.account_factory.email.plugins.module_utils._root_access.notes import open_recoveries
from ansible_collections.account_factory.email.plugins.module_utils._stack import (
    ForwarderStack,
    called_by_queues,
    delivery_table,
    deployed_functions,
)

from . import api, configuration_set, deployed_api, grants, names, owners, queues, root
from .model import CREATE, Unread, UnreadError

if TYPE_CHECKING:
    from .reading import Readings


def _of_each_function(read: Callable[[Any, str], Any]) -> Callable[[Readings], dict[str, Any]]:
    """Return a reader of something of each function, by its name."""

    def read_all(readings: Readings) -> dict[str, Any]:
        functions = readings.client("lambda")
        stack: names.Stack | None = readings.need("stack")
        found = deployed_functions(readings.asked.stack_name, stack.outputs if stack else {})
        return {name: read(functions, name) for name in found}

    return read_all


def _event_sources(readings: Readings) -> dict[str, Any]:
    functions = readings.client("lambda")
    return {
        name: deployed_api.list_event_sources(functions, name) for name in called_by_queues(readings.asked.stack_name)
    }


def _forwarder(readings: Readings) -> names.Stack:
    """Return the stack of a forwarder that is there."""
    stack: names.Stack | None = readings.need("stack")
    if stack is None or not stack.forwards:
        raise UnreadError(f"There is no forwarder {readings.asked.stack_name} to look at.")
    return stack


def _held(readings: Readings) -> dict[str, int]:
    stack = _forwarder(readings)
    described = ForwarderStack(readings.asked.stack_name, stack.parameters, stack.outputs)
    return count_held(readings.make, described)


def _alarm_names(readings: Readings) -> list[str]:
    _forwarder(readings)
    return deployed_api.list_alarm_names(readings.client("cloudformation"), readings.asked.stack_name)


def _alarm_subscriptions(readings: Readings) -> list[dict[str, Any]]:
    return deployed_api.list_subscriptions(readings.client("sns"), _forwarder(readings).parameters["AlarmTopicArn"])


def _protection(readings: Readings, name: str, described: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return whether a table is protected from deletion and recoverable to a point in time; None if there is none."""
    if described is None:
        return None
    recoverable = deployed_api.is_recoverable(readings.client("dynamodb"), name)
    return {"name": name, "protected": bool(described.get("DeletionProtectionEnabled")), "recoverable": recoverable}


def _configuration_set(readings: Readings) -> dict[str, Any] | None:
    _forwarder(readings)
    return deployed_api.get_configuration_set(readings.client("sesv2"), readings.asked.stack_name)


def _event_topic(readings: Readings) -> str:
    caller = readings.need("caller")
    return configuration_set.topic_of_events(readings.asked, caller.account_id, caller.partition)


def _suppression_reasons(readings: Readings) -> list[str]:
    return configuration_set.reasons_or_all(readings.get("configuration_set"), readings.get("account"))


def _topics(readings: Readings) -> list[str]:
    _forwarder(readings)
    place = grants.Place.of(readings.asked, readings.need("caller"), Unread(""))
    return list(grants.topic_grants(place))


def _topic_policies(readings: Readings) -> dict[str, Any]:
    sns = readings.client("sns")
    return {topic: deployed_api.get_topic_policy(sns, topic) for topic in _topics(readings)}


def _subscriptions(readings: Readings) -> dict[str, Any]:
    sns = readings.client("sns")
    return {topic: deployed_api.list_queue_subscriptions(sns, topic) for topic in _topics(readings)}


def _queues(readings: Readings) -> dict[str, Any]:
    """Return the queues by their names; the stack tells the URL of one, beside which the others are."""
    before = _forwarder(readings).outputs["QueueUrl"].rpartition("/")[0]
    sqs, stack_name = readings.client("sqs"), readings.asked.stack_name
    found = (f"{stack_name}-{name}" for name in queues.NAMES)
    return {name: deployed_api.find_queue(sqs, f"{before}/{name}") for name in found}


def _queue_ages(readings: Readings) -> Mapping[str, float]:
    taken_from = [f"{readings.asked.stack_name}-{name}" for name in queues.TAKEN_FROM]
    return deployed_api.get_ages(readings.client("cloudwatch"), taken_from)


def _own_key(readings: Readings) -> dict[str, Any] | None:
    """Return what KMS says of the key that the stack created, with whether it is rotated; None where it has none."""
    stack = _forwarder(readings)
    arn = stack.outputs.get("KmsKeyArn")
    if stack.parameters.get("KmsKey") != CREATE or not arn:
        return None
    kms = readings.client("kms")
    found = api.find_key(kms, arn)
    if found is None:
        raise UnreadError(f"There is no key {arn} in KMS, which the stack names as its own.")
    # KMS refuses to tell it of a key that is pending deletion (AWS KMS API Reference, GetKeyRotationStatus).
    is_enabled = found.get("KeyState", "Enabled") == "Enabled"
    return {**found, "Rotates": deployed_api.is_rotated(kms, arn) if is_enabled else None}


def _owners(readings: Readings) -> owners.Owners:
    settings = json.loads(_forwarder(readings).parameters.get("Settings") or "{}")
    table = the_map.Table(readings.client("dynamodb"), readings.asked.map_table)
    return owners.collect(
        the_map.records_and_beside(table, {}),
        the_map.get_domains(table),
        settings.get("fallback_owners", ()),
        datetime.now(timezone.utc),
    )


def _root_recoveries(readings: Readings) -> root.Recoveries:
    _forwarder(readings)
    table = the_map.Table(readings.client("dynamodb"), readings.asked.map_table)
    return root.Recoveries(list(open_recoveries(table).values()), datetime.now(timezone.utc))


# Each value by its name, and how it is read.
READERS: Mapping[str, Callable[[Readings], Any]] = {
    "alarm_names": _alarm_names,
    "alarm_subscriptions": _alarm_subscriptions,
    "alarms": lambda readings: deployed_api.describe_alarms(
        readings.client("cloudwatch"), readings.need("alarm_names")
    ),
    "configuration_set": _configuration_set,
    "delivery_protection": lambda readings: _protection(
        readings, delivery_table(readings.asked.stack_name), readings.need("delivery_description")
    ),
    "event_destinations": lambda readings: deployed_api.list_event_destinations(
        readings.client("sesv2"), readings.asked.stack_name
    ),
    "event_sources": _event_sources,
    "event_topic": _event_topic,
    "function_concurrency": _of_each_function(deployed_api.get_reserved_concurrency),
    "forwarder_stack": _forwarder,
    "functions": _of_each_function(deployed_api.find_function),
    "held": _held,
    "ip_filters": lambda readings: deployed_api.list_ip_filters(readings.client("ses")),
    "knows_validation": lambda readings: deployed_api.knows_validation(readings.client("sesv2")),
    "mail_policy": lambda readings: deployed_api.get_bucket_policy(
        readings.client("s3"), readings.need("mail_bucket_name")
    ),
    "map_protection": lambda readings: _protection(
        readings, readings.asked.map_table, readings.need("map_description")
    ),
    "own_key": _own_key,
    "owners": _owners,
    "queue_ages": _queue_ages,
    "queues": _queues,
    "root_recoveries": _root_recoveries,
    "subscriptions": _subscriptions,
    "suppressed": lambda readings: deployed_api.list_suppressed(readings.client("sesv2")),
    "suppression_reasons": _suppression_reasons,
    "topic_policies": _topic_policies,
}
