# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judges of the queues of a deployed forwarder. Pure, standard library only.

Sources: Amazon SQS API Reference, SetQueueAttributes (RedrivePolicy); Amazon SQS Developer Guide, "Available CloudWatch
metrics for Amazon SQS" (ApproximateAgeOfOldestMessage, in seconds).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .grants import Place, set_queue_attributes
from .model import Asked, Judgement, Unread, fail, join, ok, warn
from .names import Caller, Stack

# As the alarm "backlog" has it.
_LATE_SECONDS = 1800
# What a function takes of a queue in a few minutes, whoever sends it.
_MANY = 1000
# The queues that a function takes from, each with that of what it could not do.
TAKEN_FROM = {"received": "dead-letters", "events": "events-dead-letters"}
NAMES = ("received", "dead-letters", "undelivered", "events", "events-dead-letters", "events-undelivered")


def judge_queues(
    asked: Asked,
    queues: Mapping[str, Mapping[str, Any] | None],
    stack: Stack,
    caller: Caller,
    ages: Mapping[str, float] | Unread,
) -> Judgement:
    """Whether the queues are there and let go of what cannot be done, and whether mail waits.

    ``queues`` are by their names as SQS tells of them, None for one that is not there. ``ages`` are the seconds that
    the oldest message of a queue has waited, where CloudWatch has counted any lately.
    """
    if gone := [name for name, one in queues.items() if one is None]:
        return fail(
            f"There is no queue {join(gone)}.",
            "Somebody deleted it outside of the stack, which goes on as if it were there. What it held is lost; mail is"
            " in the bucket.",
            "Run teardown, which keeps the map and the mail, and deploy again.",
            missing=gone,
        )
    here = {name: dict(one or {}) for name, one in queues.items()}
    return _judge_redrive(asked, here, stack, caller) or _judge_waiting(asked, here, ages)


def _judge_redrive(
    asked: Asked, queues: Mapping[str, Mapping[str, Any]], stack: Stack, caller: Caller
) -> Judgement | None:
    place = Place.of(asked, caller, Unread(""))
    tries = stack.parameters.get("Tries", "")
    wanted = {
        f"{asked.stack_name}-{name}": {"deadLetterTargetArn": place.named("sqs", dead), "maxReceiveCount": tries}
        for name, dead in TAKEN_FROM.items()
    }
    other = {name: policy for name, policy in wanted.items() if _redrive(queues[name]) != policy}
    if not other:
        return None
    return fail(
        f"The queue {join(other)} does not move what fails {tries} times to its dead letters.",
        "What cannot be done is tried until SQS deletes it after 14 days, or given up too soon, and nobody is told. A"
        " deployment does not bring that back.",
        " && ".join(
            set_queue_attributes(queues[name]["QueueUrl"], {"RedrivePolicy": json.dumps(policy)})
            for name, policy in other.items()
        ),
        redrive={name: _redrive(queues[name]) for name in other},
    )


def _redrive(queue: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in json.loads(queue.get("RedrivePolicy") or "{}").items()}


def _judge_waiting(
    asked: Asked, queues: Mapping[str, Mapping[str, Any]], ages: Mapping[str, float] | Unread
) -> Judgement:
    names = [f"{asked.stack_name}-{name}" for name in TAKEN_FROM]
    depths = {name: int(queues[name].get("ApproximateNumberOfMessages", 0)) for name in names}
    known = {} if isinstance(ages, Unread) else dict(ages)
    late = {name: known[name] for name in names if known.get(name, 0) >= _LATE_SECONDS}
    many = [name for name, depth in depths.items() if depth >= _MANY]
    seen = {"waiting": depths, "oldest_seconds": known}
    if not late and not many:
        return ok(f"{sum(depths.values())} messages wait in the queues of {asked.stack_name}.", **seen)
    waiting = list(dict.fromkeys([*late, *many]))
    told = join(f"{depths[name]} in {name}" for name in waiting)
    since = f", the oldest for {max(late.values()) / 60:.0f} minutes" if late else ""
    return warn(
        f"Messages wait: {told}{since}.",
        "Mail arrives late, or bounces are followed up late. SQS deletes what has waited for 14 days.",
        "Do what docs/on-call.md says of the alarm backlog.",
        **seen,
    )
