# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stack's alarms on local AWS: raised by metric data as AWS publishes it, over once it says so, and told of."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import dropwhile
from typing import Any

import pytest

from tests.local_aws import LocalAws
from tests.unit.roles.mail_forwarder.test_stack import parsed

STACK = "watched"
WATCHING = ("AWS::CloudWatch::", "AWS::Logs::QueryDefinition", "AWS::SNS::Topic", "AWS::SQS::Queue")
TOPIC = f"arn:aws:sns:eu-west-1:111122223333:{STACK}-alarms"


def part_of_the_stack() -> dict[str, Any]:
    """Return the template with only what watches, and all that it refers to."""
    template: dict[str, Any] = json.loads(json.dumps(parsed()))
    resources, wanted = template["Resources"], set()
    found = {key for key, item in resources.items() if item["Type"].startswith(WATCHING[:2]) or key == "Alarms"}
    while found:
        wanted |= found
        text = json.dumps([resources[key] for key in found])
        names = re.findall(r'"Ref": "(\w+)"|"Fn::GetAtt": \["(\w+)"|\$\{(\w+)', text)
        found = {key for names_of_one in names for key in names_of_one if key in resources} - wanted
    template["Resources"] = {key: resources[key] for key in sorted(wanted)}
    assert all(item["Type"].startswith(WATCHING) for item in template["Resources"].values())
    return {key: value for key, value in template.items() if key != "Outputs"}


@dataclass(frozen=True)
class Watched:
    """The deployed alarms, and a queue that is subscribed to their topic."""

    aws: LocalAws
    told: str

    def put(self, namespace: str, metric: str, dimensions: dict[str, str], value: float, after: float = 0) -> None:
        """Publish a data point of a time that is so many seconds from now."""
        named = [{"Name": name, "Value": value} for name, value in dimensions.items()]
        datum = {"MetricName": metric, "Dimensions": named, "Timestamp": time.time() + after, "Value": value}
        self.aws.client("cloudwatch").put_metric_data(Namespace=namespace, MetricData=[datum])

    def states(self) -> dict[str, str]:
        pages = self.aws.client("cloudwatch").get_paginator("describe_alarms").paginate(AlarmNamePrefix=f"{STACK}-")
        alarms = [alarm for page in pages for alarm in page["MetricAlarms"]]
        return {alarm["AlarmName"].removeprefix(f"{STACK}-"): alarm["StateValue"] for alarm in alarms}

    def raised(self) -> set[str]:
        return {name for name, state in self.states().items() if state == "ALARM"}

    def messages(self) -> list[tuple[str, str]]:
        """Return the alarms that were told of, each with its new state."""
        found = []
        sqs = self.aws.client("sqs")
        while received := sqs.receive_message(QueueUrl=self.told, MaxNumberOfMessages=10).get("Messages"):
            for message in received:
                said = json.loads(json.loads(message["Body"])["Message"])
                found.append((said["AlarmName"].removeprefix(f"{STACK}-"), said["NewStateValue"]))
                sqs.delete_message(QueueUrl=self.told, ReceiptHandle=message["ReceiptHandle"])
        return found


@pytest.fixture(scope="module")
def watched(local_aws: LocalAws) -> Iterator[Watched]:
    cloudformation, sqs = local_aws.client("cloudformation"), local_aws.client("sqs")
    template = part_of_the_stack()
    known = {"MailBucket": "mail", "RuleSet": "rules", "AlarmTopicArn": TOPIC, "Tries": "48"}
    numbers = ("Number", "CommaDelimitedList")
    parameters = [
        {"ParameterKey": key, "ParameterValue": known.get(key) or _any(item, numbers)}
        for key, item in template["Parameters"].items()
    ]
    cloudformation.create_stack(StackName=STACK, TemplateBody=json.dumps(template), Parameters=parameters)
    cloudformation.get_waiter("stack_create_complete").wait(StackName=STACK, WaiterConfig={"Delay": 1})
    told = sqs.create_queue(QueueName="told")["QueueUrl"]
    local_aws.client("sns").subscribe(
        TopicArn=TOPIC, Protocol="sqs", Endpoint=f"arn:aws:sqs:eu-west-1:{local_aws.account_id}:told"
    )
    found = Watched(local_aws, told)
    # No news of these is bad news.
    assert found.raised() == {"owner-sync", "probe"}
    found.put("AccountFactoryEmail", "owner-sync-done", {"service": STACK}, 1)
    found.put("AccountFactoryEmail", "probe-delivered", {"service": STACK}, 1)
    yield found
    cloudformation.delete_stack(StackName=STACK)


def _any(parameter: dict[str, Any], numbers: tuple[str, ...]) -> str:
    return str(parameter.get("AllowedValues", ["30" if parameter["Type"] in numbers else "x"])[0])


@pytest.mark.parametrize(
    ("alarm", "metric", "data"),
    [
        pytest.param(
            "dead-letters",
            ("AWS/SQS", "ApproximateNumberOfMessagesVisible", {"QueueName": f"{STACK}-dead-letters"}),
            [(0, 0, False), (3, 60, True), (0, 120, False)],
            id="dead letters, and redriven",
        ),
        pytest.param(
            "publish-expired-in-set",
            ("AWS/SES", "PublishExpired", {"RuleSetName": "rules", "RuleName": STACK}),
            [(1, 0, True), (0, 3000, True), (0, 3600, False)],
            id="lost at SES, until an hour later",
        ),
        pytest.param(
            "failed-copies",
            ("AccountFactoryEmail", "mail-failed", {"service": STACK}),
            [(1, 0, False), (1, 600, True), (0, 2400, True), (0, 3600, False)],
            id="a copy that fails twice",
        ),
        pytest.param(
            "errors",
            ("AWS/Lambda", "Errors", {"FunctionName": STACK}),
            [(1, 0, False), (1, 600, False), (1, 1200, True), (0, 1800, True), (0, 3600, False)],
            id="errors, three of twelve",
        ),
        pytest.param(
            "dead-letters-old",
            ("AWS/SQS", "ApproximateAgeOfOldestMessage", {"QueueName": f"{STACK}-dead-letters"}),
            [(691199, 0, False), (691200, 3600, True), (0, 7200, False)],
            id="ten days old",
        ),
        pytest.param(
            "probe",
            ("AccountFactoryEmail", "probe-delivered", {"service": STACK}),
            [(1, 0, False), (0, 7200, False), (0, 10800, True), (1, 14400, False)],
            id="no probe for three hours",
        ),
        pytest.param(
            "bounce-rate",
            ("AWS/SES", "Reputation.BounceRate", {}),
            [(0.029, 0, False), (0.03, 3600, True), (0.01, 7200, False)],
            id="bounce rate",
        ),
    ],
)
def test_an_alarm_is_raised_by_its_metric_alone_and_ends(
    watched: Watched, alarm: str, metric: tuple[str, str, dict[str, str]], data: list[tuple[float, float, bool]]
) -> None:
    # Others' metrics of the same name raise nothing.
    watched.put(metric[0], metric[1], {"QueueName": "theirs"}, 1e9)
    assert watched.raised() == set()
    watched.messages()
    for value, after, is_raised in data:
        watched.put(*metric, value, after)
        assert watched.raised() == ({alarm} if is_raised else set()), (value, after)
    # That an alarm has got its first data is told, too.
    told = list(dropwhile(lambda message: message == (alarm, "OK"), watched.messages()))
    is_end_told = alarm != "publish-expired-in-set"
    assert told == [(alarm, "ALARM"), *([(alarm, "OK")] if is_end_told else [])]


def test_an_alarm_that_has_no_data_is_at_rest(watched: Watched) -> None:
    states = watched.states()
    rates = {"bounce-rate", "complaint-rate"}
    assert {name for name, state in states.items() if state == "INSUFFICIENT_DATA"} <= rates
    assert len(states) >= 24


def test_the_dashboard_and_the_queries_are_there(watched: Watched) -> None:
    body = watched.aws.client("cloudwatch").get_dashboard(DashboardName=f"{STACK}-eu-west-1")["DashboardBody"]
    assert "${" not in body
    alarms = json.loads(body)["widgets"][0]["properties"]["alarms"]
    assert sorted(alarms) == sorted(
        f"arn:aws:cloudwatch:eu-west-1:{watched.aws.account_id}:alarm:{STACK}-{name}" for name in watched.states()
    )
    queries = watched.aws.client("logs").describe_query_definitions(queryDefinitionNamePrefix=f"{STACK}/")
    names = [query["name"] for query in queries["queryDefinitions"]]
    assert names == [
        f"{STACK}/{name}" for name in ("by-action", "by-address", "by-message", "failed", "quarantined", "released")
    ]
