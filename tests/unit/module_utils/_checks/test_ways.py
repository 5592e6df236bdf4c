# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What checks expect of the ways of a mail is what the stack deploys, and a remedy takes nothing away."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from typing import Any

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._checks import (
    configuration_set,
    grants,
    model,
    queues,
)
from ansible_collections.account_factory.email.plugins.module_utils._checks.grants import (
    WAYS,
    Grant,
    bucket_grant,
    queue_grants,
    topic_grants,
    with_statement,
)
from ansible_collections.account_factory.email.plugins.module_utils._checks.policies import (
    ALLOWED,
    REFUSED,
    UNSURE,
    permits,
)
from tests.unit.module_utils._checks.forwarder_well import (
    ASKED,
    BUCKET,
    CALLER,
    ENCRYPTED,
    NAMED,
    PLACE,
    RECEIVED,
    SENT,
    STACK,
    WELL,
)
from tests.unit.roles.mail_forwarder.test_stack import parsed

RESOURCES = parsed()["Resources"]
VALUES = {
    "AWS::AccountId": "111122223333",
    "AWS::Partition": "aws",
    "AWS::Region": "eu-west-1",
    "AWS::StackName": STACK,
    "Mail.Arn": f"arn:aws:s3:::{BUCKET}",
    "Received": RECEIVED,
    "Sent": SENT,
    **{
        f"{name}.Arn": PLACE.named("sqs", RESOURCES[name]["Properties"]["QueueName"]["Fn::Sub"].partition("-")[2])
        for name in ("Queue", "Undelivered", "Events", "EventsUndelivered")
    },
}
GRANTS = {
    "MailPolicy": bucket_grant(PLACE, BUCKET),
    "ReceivedPolicy": topic_grants(PLACE)[RECEIVED],
    "SentPolicy": topic_grants(PLACE)[SENT],
    "QueuePolicy": queue_grants(PLACE)[f"{STACK}-received"],
    "UndeliveredPolicy": queue_grants(PLACE)[f"{STACK}-undelivered"],
    "EventsPolicy": queue_grants(PLACE)[f"{STACK}-events"],
    "EventsUndeliveredPolicy": queue_grants(PLACE)[f"{STACK}-events-undelivered"],
}


def filled(node: Any) -> Any:
    """Return a part of the template as CloudFormation fills it in."""
    if isinstance(node, list):
        return [filled(one) for one in node]
    if not isinstance(node, Mapping):
        return node
    if node.keys() == {"Ref"}:
        return VALUES[node["Ref"]]
    if node.keys() == {"Fn::GetAtt"}:
        return VALUES[".".join(node["Fn::GetAtt"])]
    if node.keys() == {"Fn::Sub"}:
        return re.sub(r"\$\{(.*?)\}", lambda found: VALUES[found[1]], node["Fn::Sub"])
    return {str(name): filled(value) for name, value in node.items()}


@pytest.mark.parametrize("resource", GRANTS)
def test_a_grant_is_the_statement_that_the_stack_deploys(resource: str) -> None:
    statements = RESOURCES[resource]["Properties"]["PolicyDocument"]["Statement"]
    [deployed] = [one for one in statements if one.get("Sid", "").startswith("Our")]
    assert GRANTS[resource].statement() == filled(deployed)


def test_subscriptions_queues_and_events_are_those_of_the_stack() -> None:
    assert {name for _topic, *names in WAYS for name in names} | set(queues.TAKEN_FROM.values()) == set(queues.NAMES)
    deployed = [one["Properties"] for one in RESOURCES.values() if one["Type"] == "AWS::SQS::Queue"]
    assert sorted(one["QueueName"]["Fn::Sub"].partition("-")[2] for one in deployed) == sorted(queues.NAMES)
    destination = RESOURCES["SendingEvents"]["Properties"]["EventDestination"]
    kinds = {re.sub(r"(?<=[a-z])(?=[A-Z])", "_", one).upper() for one in destination["MatchingEventTypes"]}
    remedy = configuration_set.judge_configuration_set(ASKED, {}, [], SENT).remedy
    assert kinds == set(json.loads(remedy.partition("--event-destination '")[2].rstrip("'"))["MatchingEventTypes"])


def allowed(grant: Grant, *statements: Mapping[str, Any]) -> str:
    return permits({"Statement": [*statements]}, grant.need())


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param({}, ALLOWED, id="as deployed"),
        pytest.param({"Principal": {"AWS": "*"}}, ALLOWED, id="everybody"),
        pytest.param(
            {"Principal": {"Service": ["sns.amazonaws.com", "ses.amazonaws.com"]}}, ALLOWED, id="two services"
        ),
        pytest.param({"Principal": {"Service": "sns.amazonaws.com"}}, REFUSED, id="another service"),
        pytest.param({"Action": ["s3:Put*"]}, ALLOWED, id="a pattern of actions"),
        pytest.param({"Action": "s3:GetObject"}, REFUSED, id="another action"),
        pytest.param({"Resource": f"arn:aws:s3:::{BUCKET}/*"}, ALLOWED, id="all of the bucket"),
        pytest.param({"Resource": f"arn:aws:s3:::{BUCKET}/other/*"}, REFUSED, id="another prefix"),
        pytest.param({"Condition": {"Bool": {"aws:SecureTransport": True}}}, ALLOWED, id="encrypted only"),
        pytest.param({"Condition": {"Bool": {"aws:SecureTransport": "false"}}}, REFUSED, id="not encrypted only"),
        pytest.param(
            {"Condition": {"ArnLike": {"aws:SourceArn": PLACE.arn("ses", f"receipt-rule-set/*:receipt-rule/{STACK}")}}},
            ALLOWED,
            id="the rule in any set",
        ),
        pytest.param(
            {"Condition": {"ArnLike": {"aws:SourceArn": PLACE.arn("ses", "receipt-rule-set/*:receipt-rule/other")}}},
            REFUSED,
            id="another rule",
        ),
        pytest.param({"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}}, UNSURE, id="what SES may not say"),
    ],
)
def test_a_policy_is_judged_by_what_it_allows(change: Mapping[str, Any], expected: str) -> None:
    grant = bucket_grant(PLACE, BUCKET)
    assert allowed(grant, ENCRYPTED, NAMED, {**grant.statement(), **change}) == expected


def test_a_statement_takes_the_place_of_its_own_and_leaves_the_others() -> None:
    ours = bucket_grant(PLACE, BUCKET).statement()
    policy = {"Version": "2008-10-17", "Id": "theirs", "Statement": [{**ours, "Effect": "Deny"}, NAMED]}
    assert with_statement(policy, ours) == {"Version": "2008-10-17", "Id": "theirs", "Statement": [NAMED, ours]}
    assert with_statement({"Statement": NAMED}, ours)["Statement"] == [NAMED, ours]


def shut(*more: Mapping[str, Any]) -> dict[str, Any]:
    """Return the queues, none of which lets its topic in."""
    policy = json.dumps({"Version": "2012-10-17", "Statement": [ENCRYPTED, *more]})
    return {name: {**one, "Policy": policy} for name, one in WELL["queues"].items()}


def test_commands_are_shown_whole_or_not_at_all() -> None:
    remedy = grants.judge_queue_policies(ASKED, shut(), CALLER).remedy
    assert len(remedy) <= model.SHOWN_MAX
    commands = remedy.split(" && ")
    assert 1 < len(commands) < len(WAYS) * 2
    for command in commands:
        attributes = json.loads(shlex.split(command)[-1])
        assert [one["Sid"] for one in json.loads(attributes["Policy"])["Statement"]] == [ENCRYPTED["Sid"], "OurTopic"]


def test_where_a_policy_is_too_long_to_be_shown_the_statement_is() -> None:
    many = {**NAMED, "Condition": {"StringNotLike": {"aws:PrincipalArn": ["arn:aws:iam::111122223333:role/a"] * 99}}}
    remedy = grants.judge_bucket_policy(ASKED, {"Statement": [many]}, BUCKET, CALLER, WELL["inbound"]).remedy
    assert "put-bucket-policy" not in remedy
    assert json.loads(remedy.partition("that it has: ")[2]) == bucket_grant(PLACE, BUCKET).statement()
