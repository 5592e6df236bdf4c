# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judges of what watches a deployed forwarder, and of what it holds. Pure, standard library only.

Sources: Amazon CloudWatch API Reference, MetricAlarm; Amazon SNS API Reference, Subscription.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .model import Asked, Judgement, fail, join, ok, warn
from .names import Stack

_UNTOLD = "Whoever is on call is not told when mail is lost or waits."
# In the place of the ARN of a subscription that nobody has confirmed yet.
_PENDING = "PendingConfirmation"


def judge_alarms(asked: Asked, names: Sequence[str], alarms: Sequence[Mapping[str, Any]]) -> Judgement:
    """Whether the stack's alarms are there, tell somebody, and are quiet."""
    states = {one["AlarmName"]: one.get("StateValue") for one in alarms}
    if missing := [name for name in names if name not in states]:
        return fail(
            f"The alarms {join(missing)} are not there.",
            f"Somebody deleted them outside of the stack. {_UNTOLD}",
            "Run teardown, which keeps the map and the mail, and deploy again.",
            missing=missing,
        )
    raised = [name for name, state in states.items() if state == "ALARM"]
    if raised:
        return warn(
            f"{len(raised)} of {len(states)} alarms are raised: {join(raised)}.",
            "Each says that mail is lost, held or late, or soon will be.",
            "Do what docs/on-call.md says of each.",
            raised=raised,
        )
    if silent := [one["AlarmName"] for one in alarms if not one.get("ActionsEnabled", True)]:
        return warn(
            f"The actions of {join(silent)} are disabled.",
            _UNTOLD,
            f"aws cloudwatch enable-alarm-actions --alarm-names {' '.join(silent)}",
            silent=silent,
        )
    return ok(f"None of the {len(states)} alarms of {asked.stack_name} is raised.")


def judge_alarm_subscriptions(
    _asked: Asked, stack: Stack | None, subscriptions: Sequence[Mapping[str, Any]]
) -> Judgement:
    """Whether somebody gets what the alarms say; only a person can confirm a subscription by mail."""
    topic = (stack.parameters if stack else {}).get("AlarmTopicArn", "")
    pending = [one["Endpoint"] for one in subscriptions if one.get("SubscriptionArn") == _PENDING]
    confirmed = len(subscriptions) - len(pending)
    seen = {"topic": topic, "confirmed": confirmed, "pending": pending}
    if pending:
        nobody = "" if confirmed else ", and nobody else has"
        return warn(
            f"{join(pending)} has not confirmed that it wants the alarms{nobody}.",
            _UNTOLD,
            "Follow the link in the mail of AWS Notifications. It is good for three days; after that subscribe again:"
            f" aws sns subscribe --topic-arn {topic} --protocol email --notification-endpoint {pending[0]}",
            **seen,
        )
    if not confirmed:
        return warn(
            f"Nobody is subscribed to the topic of the alarms, {topic}.",
            _UNTOLD,
            _subscribe(topic, stack),
            **seen,
        )
    return ok(f"{confirmed} {'gets' if confirmed == 1 else 'get'} what the alarms say.", **seen)


def _subscribe(topic: str, stack: Stack | None) -> str:
    """Return what brings somebody the alarms; a deployment does not subscribe again who has been taken away."""
    address = (stack.parameters if stack else {}).get("AlarmAddress")
    if not address:
        return "Give mail_forwarder_alarm_address, or mail_forwarder_alarm_topic_arn, and deploy again."
    return (
        "Subscribe, and follow the link in the mail of AWS Notifications then: aws sns subscribe --topic-arn"
        f" {topic} --protocol email --notification-endpoint {address}"
    )


def judge_held(_asked: Asked, counts: Mapping[str, int]) -> Judgement:
    """Whether mail is held, by how much there is of each kind: in quarantine, or where it could not be worked on."""
    found = join(f"{number} {kind}" for kind, number in counts.items() if number)
    if not found:
        return ok("No mail is held.", counts=dict(counts))
    return warn(
        f"Mail is held: {found}.",
        "Nobody got it, and AWS deletes it in the end: SQS after 14 days, the bucket after mail_forwarder_mail_days.",
        "See which: ansible-playbook account_factory.email.list_held_mail; then release_mail, replay_mail or"
        " discard_mail.",
        counts=dict(counts),
    )


def judge_map_protection(_asked: Asked, table: Mapping[str, Any] | None) -> Judgement:
    """Whether the map survives a mistake: protected from deletion, and with point-in-time recovery."""
    if table is None:
        return fail(
            "The table of the map is not there.",
            "It was deleted outside of the stack, and nobody knows whose an address is: all mail waits, or goes to the"
            " admin.",
            'See the role\'s README, "When the map is damaged or lost".',
        )
    if not table["protected"]:
        return warn(
            f"The table {table['name']} is not protected from deletion.",
            "Whoever deletes it by mistake takes all addresses and owners with it.",
            f"aws dynamodb update-table --table-name {table['name']} --deletion-protection-enabled",
            **table,
        )
    return _judge_recovery(table)


def judge_delivery_recovery(_asked: Asked, table: Mapping[str, Any] | None) -> Judgement:
    """Whether the record of deliveries has point-in-time recovery; it is not protected, since it goes with the mail."""
    if table is None:
        return fail(
            "The table of deliveries is not there.",
            "It was deleted outside of the stack. Nothing is forwarded without it: it says who has had a mail already.",
            "Restore it under its name from its point-in-time backup, or deploy another stack.",
        )
    return _judge_recovery(table)


def _judge_recovery(table: Mapping[str, Any]) -> Judgement:
    name = table["name"]
    if table["recoverable"]:
        return ok(f"The table {name} can be restored to any second of 35 days.", **table)
    return warn(
        f"The table {name} has no point-in-time recovery.",
        "What is changed in it by mistake could not be brought back.",
        f"aws dynamodb update-continuous-backups --table-name {name}"
        " --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true",
        **table,
    )
