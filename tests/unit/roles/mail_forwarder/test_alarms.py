# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person gets to know: that each alarm can fire, says what it means and what to run, and is shown somewhere."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from forwarder.core.outcomes import Outcome
from forwarder.core.sending_event import FAILURES
from forwarder.owner_sync import DONE, REFUSED
from forwarder.services import SECONDS_TO_SEND
from forwarder.vending import FAILED_METRIC
from tests.unit.roles.mail_forwarder.test_stack import ROLE, parsed

RESOURCES: dict[str, Any] = parsed()["Resources"]
ALARMS = {key: item["Properties"] for key, item in RESOURCES.items() if str(item["Type"]) == "AWS::CloudWatch::Alarm"}
README = (ROLE / "README.md").read_text()
PLAYBOOKS = ROLE.parents[1] / "playbooks"
# The longest names that the role takes, and what CloudFormation fills in.
VALUES = {
    "AWS::StackName": "s" * 35,
    "AWS::Region": "ap-southeast-1",
    "AWS::AccountId": "1" * 12,
    "AWS::Partition": "aws-us-gov",
    "MailBucket": "b" * 63,
    "RuleSet": "r" * 64,
    "Undelivered": "https://sqs.ap-southeast-1.amazonaws.com/111122223333/" + "s" * 50,
    "DeadLetters.Arn": "arn:aws-us-gov:sqs:ap-southeast-1:111122223333:" + "s" * 50,
    "Queue.Arn": "arn:aws-us-gov:sqs:ap-southeast-1:111122223333:" + "s" * 50,
}
COMMAND = re.compile(r"(ansible-playbook account_factory\.email\.(?P<play>\w+)|aws [a-z0-9]+ [a-z-]+)")
# Of which metric and dimension an alarm is; what is not here is one of ours.
NAMES = {
    "dead-letters": ("AWS/SQS", "ApproximateNumberOfMessagesVisible", {"QueueName": "-dead-letters"}),
    "dead-letters-old": ("AWS/SQS", "ApproximateAgeOfOldestMessage", {"QueueName": "-dead-letters"}),
    "undelivered": ("AWS/SQS", "ApproximateNumberOfMessagesVisible", {"QueueName": "-undelivered"}),
    "publish-failure": ("AWS/SES", "PublishFailure", {"RuleName": ""}),
    "publish-failure-in-set": ("AWS/SES", "PublishFailure", {"RuleName": "", "RuleSetName": "r" * 64}),
    "publish-expired": ("AWS/SES", "PublishExpired", {"RuleName": ""}),
    "publish-expired-in-set": ("AWS/SES", "PublishExpired", {"RuleName": "", "RuleSetName": "r" * 64}),
    "backlog": ("AWS/SQS", "ApproximateAgeOfOldestMessage", {"QueueName": "-received"}),
    "errors": ("AWS/Lambda", "Errors", {"FunctionName": ""}),
    "throttles": ("AWS/Lambda", "Throttles", {"FunctionName": ""}),
    "failed-copies": ("AccountFactoryEmail", "mail-failed", {"service": ""}),
    "waiting": ("AccountFactoryEmail", "mail-waiting", {"service": ""}),
    "quarantined": ("AccountFactoryEmail", "mail-quarantined", {"service": ""}),
    "undeliverable": ("AccountFactoryEmail", "mail-undeliverable", {"service": ""}),
    "owner-bounced": ("AccountFactoryEmail", "owner-bounced", {"service": ""}),
    "owner-suppressed": ("AccountFactoryEmail", "owner-suppressed", {"service": ""}),
    "owner-complained": ("AccountFactoryEmail", "owner-complained", {"service": ""}),
    "copy-rejected": ("AccountFactoryEmail", "copy-rejected", {"service": ""}),
    "events-dead-letters": ("AWS/SQS", "ApproximateNumberOfMessagesVisible", {"QueueName": "-events-dead-letters"}),
    "events-undelivered": ("AWS/SQS", "ApproximateNumberOfMessagesVisible", {"QueueName": "-events-undelivered"}),
    "events-errors": ("AWS/Lambda", "Errors", {"FunctionName": "-events"}),
    "events-throttles": ("AWS/Lambda", "Throttles", {"FunctionName": "-events"}),
    "release-throttles": ("AWS/Lambda", "Throttles", {"FunctionName": "-release"}),
    "probe": ("AccountFactoryEmail", "probe-delivered", {"service": ""}),
    "vending": ("AccountFactoryEmail", "vending-failed", {"service": ""}),
    "owner-sync": ("AccountFactoryEmail", "owner-sync-done", {"service": ""}),
    "owner-groups": ("AccountFactoryEmail", "owner-group-refused", {"service": ""}),
    "bounce-rate": ("AWS/SES", "Reputation.BounceRate", {}),
    "complaint-rate": ("AWS/SES", "Reputation.ComplaintRate", {}),
}


def filled_in(value: Any) -> str:
    """Return a value with what it refers to filled in; KeyError for what is not known here."""
    text = value["Fn::Sub"] if isinstance(value, dict) else value
    return re.sub(r"\$\{([\w:.]+)\}", lambda found: VALUES[found[1]], str(text))


def name(properties: dict[str, Any]) -> str:
    return filled_in(properties["AlarmName"]).removeprefix(VALUES["AWS::StackName"] + "-")


def test_each_alarm_is_of_the_metric_that_it_says() -> None:
    found = {
        name(one): (
            str(one["Namespace"]),
            str(one["MetricName"]),
            {
                str(dimension["Name"]): filled_in(dimension["Value"]).removeprefix(VALUES["AWS::StackName"])
                for dimension in one.get("Dimensions", [])
            },
        )
        for one in ALARMS.values()
    }
    assert found == NAMES
    assert len(found) == len(ALARMS)


@pytest.mark.parametrize("key", ALARMS)
def test_an_alarm_says_what_it_means_and_what_to_run(key: str) -> None:
    text, full_name = filled_in(ALARMS[key]["AlarmDescription"]), filled_in(ALARMS[key]["AlarmName"])
    # Amazon CloudWatch API Reference, PutMetricAlarm.
    assert len(full_name) <= 255
    assert len(text) <= 1024
    command = COMMAND.search(text)
    assert command, "no command to run"
    assert command.start() >= 60, "nothing about what it means before the command"
    for found in COMMAND.finditer(text):
        assert found["play"] is None or (PLAYBOOKS / f"{found['play']}.yml").exists()
    assert re.match(r"[A-Z0-9].*\w", text)
    assert "  " not in text


@pytest.mark.parametrize("key", ALARMS)
def test_an_alarm_tells_somebody_and_can_fire(key: str) -> None:
    properties = ALARMS[key]
    assert properties["AlarmActions"] == [{"Ref": "AlarmTopicArn"}]
    assert properties.get("OKActions", properties["AlarmActions"]) == properties["AlarmActions"]
    assert "InsufficientDataActions" not in properties
    assert properties["Period"] % 60 == 0
    assert properties.get("DatapointsToAlarm", 1) <= properties["EvaluationPeriods"]
    # Amazon CloudWatch API Reference, PutMetricAlarm, EvaluationPeriods: no more than a day, or a week by the hour.
    assert properties["Period"] * properties["EvaluationPeriods"] <= 86400
    # No data is good news but of a rate, of which it is no news, and of what is to happen, of which it is the bad one.
    treatment = dict.fromkeys(("ProbeAlarm", "OwnerSyncAlarm"), "breaching").get(
        key, "notBreaching" if properties.get("Dimensions") else "ignore"
    )
    assert properties["TreatMissingData"] == treatment


def test_what_counts_tries_does_not_flap() -> None:
    """A mail that waits is tried at least once an hour: an alarm that ended in between would be raised by each try."""
    flapping = [
        name(one)
        for one in ALARMS.values()
        if str(one["Statistic"]) == "Sum"
        and str(one["MetricName"]) != "mail-quarantined"
        and one["Period"] * one["EvaluationPeriods"] < 3600
    ]
    assert flapping == []


def test_an_old_dead_letter_is_told_of_days_before_it_is_deleted() -> None:
    retention = RESOURCES["DeadLetters"]["Properties"]["MessageRetentionPeriod"]
    # A try takes an hour at most, and only what was tried goes to the dead letters.
    tries = (PLAYBOOKS.parent / "roles" / "mail_forwarder" / "tasks" / "validate.yml").read_text()
    (most,) = re.findall(r"name: mail_forwarder_tries, .* most: (\d+)", tries)
    assert int(most) * 3600 + ALARMS["DeadLettersOldAlarm"]["Threshold"] <= retention - 2 * 86400


def test_the_readme_has_each_alarm_with_what_it_means() -> None:
    section = README.partition("## Alarms")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`[^|]+`) \| ([^|]{20,}) \|", section, flags=re.MULTILINE)
    listed = [found for names, _meaning in rows for found in re.findall(r"`<stack>-([\w-]+)`", names)]
    assert sorted(listed) == sorted(NAMES)


def dashboard() -> dict[str, Any]:
    """Return the dashboard's body, with what its metrics repeat written out."""
    text = RESOURCES["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    body: dict[str, Any] = json.loads(text)
    for widget in body["widgets"]:
        before: list[str] = []
        written = []
        for metric in widget["properties"].get("metrics", []):
            names = [part for part in metric if isinstance(part, str)]
            if names[0] == "...":
                names = [*before[: len(before) - len(names) + 1], *names[1:]]
            before = [before[place] if part == "." else part for place, part in enumerate(names)]
            written.append(before)
        widget["properties"]["written"] = written
    return body


def test_the_dashboard_shows_all_alarms() -> None:
    (widget,) = [one for one in dashboard()["widgets"] if one["type"] == "alarm"]
    assert widget["properties"]["alarms"] == [f"${{{key}.Arn}}" for key in ALARMS]
    # Amazon CloudWatch API Reference, "Dashboard body structure and syntax": 100 alarms at most.
    assert len(ALARMS) <= 100


def test_the_dashboard_can_be_read() -> None:
    widgets = dashboard()["widgets"]
    places = [
        (column, row)
        for widget in widgets
        for column in range(widget.get("x", 0), widget.get("x", 0) + widget["width"])
        for row in range(widget.get("y", 0), widget.get("y", 0) + widget["height"])
    ]
    assert len(places) == len(set(places)), "widgets lie on each other"
    assert max(column for column, _row in places) < 24
    titles = [widget["properties"]["title"] for widget in widgets]
    assert len(titles) == len(set(titles))
    for widget in widgets:
        if widget["type"] == "metric":
            assert widget["properties"]["region"] == "${AWS::Region}"
            # Amazon CloudWatch User Guide, "Using Amazon CloudWatch dashboards": a graph of many lines cannot be read.
            assert 1 <= len(widget["properties"]["metrics"]) <= 8
            for metric in widget["properties"]["written"]:
                # A namespace, a metric, and pairs of dimensions.
                assert len(metric) % 2 == 0
                assert "." not in metric


def test_the_dashboard_shows_what_the_alarms_are_about() -> None:
    shown = {tuple(metric) for widget in dashboard()["widgets"] for metric in widget["properties"].get("written", [])}
    stack = "${AWS::StackName}"
    missing = [
        alarm
        for alarm, (namespace, metric, dimensions) in NAMES.items()
        if alarm not in ("dead-letters-old", "release-throttles") and "RuleSetName" not in dimensions
        if (namespace, metric, *(part for key, value in dimensions.items() for part in (key, stack + value)))
        not in shown
    ]
    assert missing == []


def test_the_dashboard_shows_every_action_of_the_readme() -> None:
    section = README.partition("### What becomes of it")[2].partition("\nThe verdicts are")[0]
    actions = [
        action
        for row in re.findall(r"^\| (`[^|]+`) \|", section, flags=re.MULTILINE)
        for action in re.findall("`([^`]+)`", row)
    ]
    assert len(actions) >= 10
    shown = {metric[1] for widget in dashboard()["widgets"] for metric in widget["properties"].get("written", [])}
    assert {f"mail-{action}" for action in actions} - shown == set()
    assert "seconds-to-send" in shown


def test_the_dashboard_is_named_for_stack_and_region() -> None:
    named = RESOURCES["Dashboard"]["Properties"]["DashboardName"]
    assert named == {"Fn::Sub": "${AWS::StackName}-${AWS::Region}"}
    # Amazon CloudWatch API Reference, PutDashboard.
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,255}", filled_in(named))


def test_what_is_alarmed_on_and_shown_is_what_the_functions_count() -> None:
    counted = {f"mail-{outcome}" for outcome in Outcome} | {SECONDS_TO_SEND}
    counted |= {f"owner-{outcome}" for outcome in FAILURES}
    counted |= {f"copy-{outcome}" for outcome in (Outcome.DELIVERED, Outcome.DELAYED, Outcome.REJECTED)}
    # See probing.py, and test_probing.py for what it counts when.
    counted |= {"probe-delivered", "probe-dropped", "probe-failed", DONE, REFUSED}
    counted |= {FAILED_METRIC}
    alarmed = {metric for namespace, metric, _dimensions in NAMES.values() if namespace == "AccountFactoryEmail"}
    written = [metric for widget in dashboard()["widgets"] for metric in widget["properties"].get("written", [])]
    shown = {metric[1] for metric in written if metric[0] == "AccountFactoryEmail"}
    assert len(alarmed) > 5
    assert len(shown) > 10
    assert (alarmed | shown) - counted == set()


def test_the_readme_has_everything_that_can_become_of_a_copy() -> None:
    section = README.partition("### What becomes of it")[2].partition("\nThe verdicts are")[0]
    rows = re.findall(r"^\| (`[^|]+`) \|", section, flags=re.MULTILINE)
    actions = {action for row in rows for action in re.findall("`([^`]+)`", row)}
    # What SES tells afterwards has a table of its own; the others are no copy's.
    afterwards = {*FAILURES, Outcome.DELIVERED, Outcome.DELAYED, Outcome.REJECTED}
    decided = {Outcome.RELEASE, Outcome.REPLAY, Outcome.DISCARD}
    assert actions == {outcome.value for outcome in Outcome} - afterwards - decided - {Outcome.SET_UP}
