# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judges of what lets a mail through: SES into bucket and topics, SNS into queues. Pure, standard library only.

CloudFormation leaves alone what a template has not changed, so that a deployment does not bring back a policy that was
changed by other means. The remedies put the policy as it was read, with the statement that is missing.

Sources: Amazon SES Developer Guide, "Give permission to Amazon SES for email receiving"; Amazon SNS Developer Guide,
"Subscribe an Amazon SQS queue to an Amazon SNS topic" and "Amazon SNS raw message delivery".
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .model import SHOWN_MAX, Asked, Judgement, Unread, fail, join, ok, skipped, warn
from .names import Caller
from .policies import ALLOWED, UNSURE, Need, permits
from .receiving import Inbound

Policies = Mapping[str, "Mapping[str, Any] | None"]
_CHANGED = "Whoever changed the policy did so outside of the stack, and a deployment does not bring it back."
_NO_MAIL = f"SES cannot store mail: it tries for four hours, and drops it then. {_CHANGED}"
_NOT_TOLD = f"SES cannot tell of mail: it tries for four hours, and drops it then. {_CHANGED}"
_NOT_QUEUED = (
    f"What SES tells does not reach the function: the mail stays in the bucket, and nobody gets it. {_CHANGED}"
)
# The ways of what SES tells: the topic, the queue that it is handed over to, and that of what could not be.
WAYS = (("received", "received", "undelivered"), ("sent", "events", "events-undelivered"))


@dataclass(frozen=True)
class Grant:
    """A statement of the stack: ``service`` may do ``action`` to what ``resource`` names, where it acts for ``source``.

    ``target`` and ``acting`` are one thing that both patterns name. ``sent`` is how the account of the source is asked
    for: StringEquals, or StringEqualsIfExists where AWS does not document that it is sent.
    """

    sid: str
    service: str
    action: str
    resource: str
    target: str
    source: str
    acting: str
    account_id: str
    sent: str = "StringEquals"
    like: str = "ArnLike"

    def need(self) -> Need:
        context = {
            "aws:sourceaccount": self.account_id,
            "aws:sourcearn": self.acting,
            "aws:securetransport": "true",
        }
        return Need(self.service, (self.action,), "", (context,), resource=self.target)

    def statement(self) -> dict[str, Any]:
        """Return the statement as the stack has it (data.yml.j2 and ways.yml.j2 of the role)."""
        return {
            "Sid": self.sid,
            "Effect": "Allow",
            "Principal": {"Service": self.service},
            "Action": self.action,
            "Resource": self.resource,
            "Condition": {
                self.sent: {"aws:SourceAccount": self.account_id},
                self.like: {"aws:SourceArn": self.source},
            },
        }


@dataclass(frozen=True)
class Place:
    """Where a forwarder is; ``rule_set`` has its receipt rule."""

    stack: str
    partition: str
    region: str
    account_id: str
    rule_set: str

    @classmethod
    def of(cls, asked: Asked, caller: Caller, inbound: Inbound | Unread) -> Place:
        rule_set = asked.stack_name if isinstance(inbound, Unread) else inbound.rule_set
        return cls(asked.stack_name, caller.partition, asked.region, caller.account_id, rule_set)

    def arn(self, service: str, resource: str) -> str:
        return f"arn:{self.partition}:{service}:{self.region}:{self.account_id}:{resource}"

    def named(self, service: str, name: str) -> str:
        return self.arn(service, f"{self.stack}-{name}")


def bucket_grant(place: Place, bucket: str) -> Grant:
    """Return what lets SES put mail into the bucket."""
    mail = f"arn:{place.partition}:s3:::{bucket}/mail/"
    return _of_ses(place, "OurReceiptRule", "s3:PutObject", f"{mail}*", f"{mail}id", is_rule=True)


def topic_grants(place: Place) -> dict[str, Grant]:
    """Return what lets SES publish, by the ARN of the topic: of mail that it received, and of what it sent."""
    received, sent = (place.named("sns", topic) for topic, _queue, _undelivered in WAYS)
    return {
        received: _of_ses(place, "OurReceiptRule", "sns:Publish", received, received, is_rule=True),
        sent: _of_ses(place, "OurConfigurationSet", "sns:Publish", sent, sent, is_rule=False),
    }


def queue_grants(place: Place) -> dict[str, Grant]:
    """Return what lets the topics hand over, by the name of the queue."""
    return {
        f"{place.stack}-{name}": _of_topic(place, topic, place.named("sqs", name))
        for topic, *queues in WAYS
        for name in queues
    }


def _of_ses(place: Place, sid: str, action: str, resource: str, target: str, *, is_rule: bool) -> Grant:
    rule = f"receipt-rule-set/{{}}:receipt-rule/{place.stack}" if is_rule else f"configuration-set/{place.stack}"
    source, acting = (place.arn("ses", rule.format(one)) for one in ("*", place.rule_set))
    return Grant(sid, "ses.amazonaws.com", action, resource, target, source, acting, place.account_id)


def _of_topic(place: Place, topic: str, queue: str) -> Grant:
    source = place.named("sns", topic)
    return Grant(
        "OurTopic",
        "sns.amazonaws.com",
        "sqs:SendMessage",
        queue,
        queue,
        source,
        source,
        place.account_id,
        "StringEqualsIfExists",
        "ArnEquals",
    )


def judge_bucket_policy(
    asked: Asked, policy: Mapping[str, Any] | None, bucket: str, caller: Caller, inbound: Inbound | Unread
) -> Judgement:
    """Whether SES may put mail into the bucket; None is a bucket that is not there."""
    grants = {bucket: bucket_grant(Place.of(asked, caller, inbound), bucket)}
    command = "aws s3api put-bucket-policy --bucket {} --policy {}"
    return _judge(grants, {bucket: policy}, "bucket", _NO_MAIL, lambda name, text: command.format(name, _quoted(text)))


def judge_topic_policies(asked: Asked, policies: Policies, caller: Caller, inbound: Inbound | Unread) -> Judgement:
    """Whether SES may publish to the topics; ``policies`` are by their ARNs, None for a topic that is not there."""
    command = "aws sns set-topic-attributes --topic-arn {} --attribute-name Policy --attribute-value {}"
    grants = topic_grants(Place.of(asked, caller, inbound))
    return _judge(grants, policies, "topic", _NOT_TOLD, lambda name, text: command.format(name, _quoted(text)))


def judge_queue_policies(asked: Asked, queues: Mapping[str, Mapping[str, Any] | None], caller: Caller) -> Judgement:
    """Whether the topics may hand over to the queues, which are given by their names as SQS tells of them."""
    grants = queue_grants(Place.of(asked, caller, Unread("")))
    policies = {
        name: json.loads(one.get("Policy") or "{}") if (one := queues.get(name)) is not None else None
        for name in grants
    }
    urls = {name: (queues.get(name) or {}).get("QueueUrl", "") for name in grants}
    return _judge(
        grants,
        policies,
        "queue",
        _NOT_QUEUED,
        lambda name, text: set_queue_attributes(urls[name], {"Policy": text}),
    )


def set_queue_attributes(url: str, attributes: Mapping[str, str]) -> str:
    """Return the command that sets attributes of a queue."""
    return f"aws sqs set-queue-attributes --queue-url {url} --attributes {_quoted(json.dumps(attributes))}"


def _judge(
    grants: Mapping[str, Grant], policies: Policies, kind: str, why: str, command: Callable[[str, str], str]
) -> Judgement:
    """Judge policies, each of the thing of that name: whether they allow what the stack's own statement does."""
    if gone := [name for name in grants if policies.get(name) is None]:
        return skipped(f"There is no {kind} {join(gone)} whose policy could be looked at.")
    said = {name: permits(policies[name] or {}, grant.need()) for name, grant in grants.items()}
    refused = [name for name, answer in said.items() if answer != ALLOWED]
    who = join(dict.fromkeys(grant.service for grant in grants.values()))
    if not refused:
        return ok(f"The policy of the {kind} {join(grants)} lets {who} in.", policies=said)
    unsure = all(said[name] == UNSURE for name in refused)
    mended = {name: with_statement(policies[name] or {}, grants[name].statement()) for name in refused}
    return (warn if unsure else fail)(
        f"The policy of the {kind} {join(refused)} does not let {who} in{', as far as can be told' if unsure else ''}.",
        why,
        _remedy(kind, {name: grants[name] for name in refused}, mended, command),
        policies=said,
    )


def _remedy(
    kind: str, grants: Mapping[str, Grant], mended: Mapping[str, Mapping[str, Any]], command: Callable[[str, str], str]
) -> str:
    """Return the commands that put the mended policies, those that are shown whole; the next look tells the others."""
    helped = [name for name, grant in grants.items() if permits(mended[name], grant.need()) == ALLOWED]
    commands = [command(name, json.dumps(mended[name])) for name in helped]
    shown = next((" && ".join(commands[:end]) for end in range(len(commands), 0, -1) if _fits(commands[:end])), "")
    if shown or not helped:
        return shown or (
            f"Find out who denies it, and why: a statement of the policy of the {kind} {join(grants)} does or may,"
            " which only a person can judge."
        )
    statement = json.dumps(grants[helped[0]].statement())
    return f"Add this statement to the policy of the {kind} {helped[0]}, beside those that it has: {statement}"


def _fits(commands: Sequence[str]) -> bool:
    return len(" && ".join(commands)) <= SHOWN_MAX


def with_statement(policy: Mapping[str, Any], statement: Mapping[str, Any]) -> dict[str, Any]:
    """Return a policy with a statement, in the place of one of the same Sid; all others stay as they are."""
    there = policy.get("Statement", [])
    listed = [there] if isinstance(there, Mapping) else list(there)
    kept = [one for one in listed if one.get("Sid") != statement["Sid"]]
    return {**({"Version": "2012-10-17"} | dict(policy)), "Statement": [*kept, dict(statement)]}


def judge_subscriptions(
    asked: Asked, subscriptions: Mapping[str, Sequence[Mapping[str, Any]]], caller: Caller
) -> Judgement:
    """Whether each topic hands over to its queue: raw, and what it cannot to the queue for that.

    ``subscriptions`` are those of each topic by its ARN, as SNS tells of them with their attributes.
    """
    place = Place.of(asked, caller, Unread(""))
    problems = [problem for way in WAYS for problem in _wrong(place, subscriptions, *way)]
    if not problems:
        return ok(f"The topics of {asked.stack_name} hand over to its queues.")
    return fail(
        f"{' '.join(what for what, _command in problems)}",
        "What SES tells does not reach the function as it reads it, or is not kept where it cannot be handed over. A"
        " deployment does not bring that back.",
        " && ".join(command for _what, command in problems),
    )


def _wrong(
    place: Place,
    subscriptions: Mapping[str, Sequence[Mapping[str, Any]]],
    topic: str,
    queue: str,
    undelivered: str,
) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the subscription of a way, each with the command that mends it."""
    topic_arn, endpoint = place.named("sns", topic), place.named("sqs", queue)
    redrive = {"deadLetterTargetArn": place.named("sqs", undelivered)}
    wanted = {"RawMessageDelivery": "true", "RedrivePolicy": json.dumps(redrive)}
    found = next((one for one in subscriptions.get(topic_arn, ()) if one.get("Endpoint") == endpoint), None)
    if found is None:
        options = f"--topic-arn {topic_arn} --protocol sqs --notification-endpoint {endpoint}"
        yield (
            f"The topic {topic_arn} does not hand over to the queue {endpoint}.",
            f"aws sns subscribe {options} --attributes {_quoted(json.dumps(wanted))}",
        )
        return
    command = f"aws sns set-subscription-attributes --subscription-arn {found['SubscriptionArn']} --attribute-name"
    if found.get("RawMessageDelivery") != "true":
        yield (
            f"The topic {topic_arn} does not hand over raw messages.",
            f"{command} RawMessageDelivery --attribute-value true",
        )
    if json.loads(found.get("RedrivePolicy") or "{}") != redrive:
        yield (
            f"What the topic {topic_arn} cannot hand over is not kept in {redrive['deadLetterTargetArn']}.",
            f"{command} RedrivePolicy --attribute-value {_quoted(wanted['RedrivePolicy'])}",
        )
    # An empty one filters nothing.
    if json.loads(found.get("FilterPolicy") or "{}"):
        yield (
            f"The topic {topic_arn} hands over only what a filter lets through.",
            f"{command} FilterPolicy --attribute-value '{{}}'",
        )


def _quoted(text: str) -> str:
    return shlex.quote(text)
