# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""ses_receipt_rule: its real main() against moto, which is taught the two operations that it lacks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from moto import mock_aws
from moto.core.responses import EmptyResult
from moto.ses.responses import EmailResponse

from ansible_collections.account_factory.email.plugins.modules import ses_receipt_rule
from tests.aws_errors import noted_calls, refuse

RULE = ses_receipt_rule.main
TOPIC = "arn:aws:sns:eu-west-1:123456789012:received"


def _delete_receipt_rule(self: Any) -> EmptyResult:
    rules = self.backend.describe_receipt_rule_set(self._get_param("RuleSetName")).rules
    rules[:] = [rule for rule in rules if rule["Name"] != self._get_param("RuleName")]
    return EmptyResult()


def _set_receipt_rule_position(self: Any) -> EmptyResult:
    rules = self.backend.describe_receipt_rule_set(self._get_param("RuleSetName")).rules
    rule = next(rule for rule in rules if rule["Name"] == self._get_param("RuleName"))
    rules.remove(rule)
    after = self._get_param("After")
    rules.insert([each["Name"] for each in rules].index(after) + 1 if after else 0, rule)
    return EmptyResult()


@pytest.fixture
def ses(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setattr(EmailResponse, "delete_receipt_rule", _delete_receipt_rule, raising=False)
    monkeypatch.setattr(EmailResponse, "set_receipt_rule_position", _set_receipt_rule_position, raising=False)
    with mock_aws():
        boto3.client("s3", region_name="eu-west-1").create_bucket(
            Bucket="mail", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )
        boto3.client("sns", region_name="eu-west-1").create_topic(Name="received")
        client = boto3.client("ses", region_name="eu-west-1")
        client.create_receipt_rule_set(RuleSetName="inbound")
        client.set_active_receipt_rule_set(RuleSetName="inbound")
        yield client


def order(ses: Any) -> list[str]:
    return [rule["Name"] for rule in ses.describe_receipt_rule_set(RuleSetName="inbound")["Rules"]]


def stored(ses: Any, name: str = "forwarder") -> dict[str, Any]:
    rule: dict[str, Any] = ses.describe_receipt_rule(RuleSetName="inbound", RuleName=name)["Rule"]
    return rule


WANTED: dict[str, Any] = {
    "name": "forwarder",
    "rule_set": "inbound",
    "recipients": ["Accounts.Example.com", ".accounts.example.com", "Ops@example.com"],
    "tls_policy": "Require",
    "actions": [
        {"s3_action": {"bucket_name": "mail", "object_key_prefix": "mail/", "topic_arn": TOPIC}},
        {"add_header_action": {"header_name": "X-Received-By", "header_value": "inbound"}},
        {"sns_action": {"topic_arn": TOPIC}},
        {"stop_action": {}},
    ],
}


def test_a_rule_is_created_changed_and_deleted(run_module: Any, ses: Any) -> None:
    predicted = run_module(RULE, check_mode=True, **WANTED)
    assert order(ses) == []
    assert run_module(RULE, **WANTED) == predicted
    assert predicted["changed"]
    assert predicted["diff"] == {"before": {}, "after": predicted["rule"]}
    assert predicted["rule"] == {
        "rule_set": "inbound",
        "name": "forwarder",
        "enabled": True,
        "tls_policy": "Require",
        "scan_enabled": True,
        "recipients": ["accounts.example.com", ".accounts.example.com", "Ops@example.com"],
        "actions": [
            {"s3_action": {"bucket_name": "mail", "object_key_prefix": "mail/", "topic_arn": TOPIC}},
            {"add_header_action": {"header_name": "X-Received-By", "header_value": "inbound"}},
            {"sns_action": {"topic_arn": TOPIC, "encoding": "UTF-8"}},
            {"stop_action": {"scope": "RuleSet"}},
        ],
        "after": None,
        "index": 1,
    }
    assert stored(ses) == {
        "Name": "forwarder",
        "Enabled": True,
        "TlsPolicy": "Require",
        "ScanEnabled": True,
        "Recipients": ["accounts.example.com", ".accounts.example.com", "Ops@example.com"],
        "Actions": [
            {"S3Action": {"BucketName": "mail", "ObjectKeyPrefix": "mail/", "TopicArn": TOPIC}},
            {"AddHeaderAction": {"HeaderName": "X-Received-By", "HeaderValue": "inbound"}},
            {"SNSAction": {"TopicArn": TOPIC, "Encoding": "UTF-8"}},
            {"StopAction": {"Scope": "RuleSet"}},
        ],
    }
    for check_mode in (True, False):
        again = run_module(RULE, check_mode=check_mode, **WANTED)
        assert not again["changed"]
        assert again["rule"] == predicted["rule"]

    change = {"name": "forwarder", "enabled": False, "recipients": [], "actions": [{"stop_action": {}}]}
    predicted = run_module(RULE, check_mode=True, **change)
    assert stored(ses)["Enabled"]
    assert run_module(RULE, **change) == predicted
    assert predicted["changed"]
    assert predicted["rule"]["tls_policy"] == "Require"
    assert stored(ses) == {
        "Name": "forwarder",
        "Enabled": False,
        "TlsPolicy": "Require",
        "ScanEnabled": True,
        "Recipients": [],
        "Actions": [{"StopAction": {"Scope": "RuleSet"}}],
    }
    for check_mode in (True, False):
        assert not run_module(RULE, check_mode=check_mode, **change)["changed"]

    predicted = run_module(RULE, check_mode=True, name="forwarder", state="absent")
    assert order(ses) == ["forwarder"]
    assert run_module(RULE, name="forwarder", state="absent") == predicted
    assert predicted["changed"]
    assert predicted["rule"] == {}
    assert order(ses) == []
    for check_mode in (True, False):
        assert not run_module(RULE, check_mode=check_mode, name="forwarder", state="absent")["changed"]


@pytest.mark.parametrize(
    ("name", "place", "expected"),
    [
        pytest.param("b", {}, ["a", "b", "c"], id="not given, stays"),
        pytest.param("b", {"position": "first"}, ["b", "a", "c"], id="to the front"),
        pytest.param("b", {"position": "last"}, ["a", "c", "b"], id="to the end"),
        pytest.param("b", {"after": "c"}, ["a", "c", "b"], id="behind another"),
        pytest.param("b", {"after": "a"}, ["a", "b", "c"], id="there already"),
        pytest.param("a", {"position": "first"}, ["a", "b", "c"], id="first already"),
        pytest.param("c", {"position": "last"}, ["a", "b", "c"], id="last already"),
        pytest.param("new", {}, ["a", "b", "c", "new"], id="a new one goes last"),
        pytest.param("new", {"position": "first"}, ["new", "a", "b", "c"], id="a new one to the front"),
        pytest.param("new", {"after": "a"}, ["a", "new", "b", "c"], id="a new one behind another"),
    ],
)
def test_place(run_module: Any, ses: Any, name: str, place: dict[str, str], expected: list[str]) -> None:
    for each in ("a", "b", "c"):
        run_module(RULE, name=each)
    predicted = run_module(RULE, check_mode=True, name=name, **place)
    assert order(ses) == ["a", "b", "c"]
    done = run_module(RULE, name=name, **place)
    assert order(ses) == expected
    assert done == predicted
    assert done["changed"] == (expected != ["a", "b", "c"])
    index = expected.index(name)
    assert (done["rule"]["index"], done["rule"]["after"]) == (index + 1, expected[index - 1] if index else None)
    assert not run_module(RULE, name=name, **place)["changed"]


@pytest.mark.usefixtures("ses")
def test_the_order_and_case_of_recipients_has_no_meaning(run_module: Any) -> None:
    run_module(RULE, name="forwarder", recipients=["a.example.com", "User@b.example.com"])
    same = run_module(RULE, name="forwarder", recipients=["User@B.example.com", "A.Example.com"])
    assert not same["changed"]
    assert run_module(RULE, name="forwarder", recipients=["user@b.example.com", "a.example.com"])["changed"]


@pytest.mark.usefixtures("ses")
def test_few_calls(run_module: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    made = noted_calls(monkeypatch)
    run_module(RULE, **WANTED)
    assert made == ["DescribeReceiptRuleSet", "CreateReceiptRule"]
    made.clear()
    run_module(RULE, **WANTED)
    assert made == ["DescribeReceiptRuleSet"]
    made.clear()
    run_module(RULE, name="forwarder", position="first", enabled=False)
    assert made == ["DescribeActiveReceiptRuleSet", "UpdateReceiptRule"]


def test_no_rule_set(run_module: Any, ses: Any) -> None:
    ses.set_active_receipt_rule_set()
    none_active = run_module(RULE, name="forwarder")
    assert none_active["failed"]
    assert "rule_set: no receipt rule set is active" in none_active["msg"]
    unknown = run_module(RULE, name="forwarder", rule_set="other")
    assert unknown["failed"]
    assert "rule_set: there is no receipt rule set 'other'" in unknown["msg"]
    for options in ({}, {"rule_set": "other"}):
        assert not run_module(RULE, name="forwarder", state="absent", **options)["changed"]


def test_check_mode_takes_what_an_earlier_task_would_make_as_made(run_module: Any, ses: Any) -> None:
    predicted = run_module(RULE, check_mode=True, name="forwarder", rule_set="other", after="block-list")
    assert predicted["changed"]
    assert predicted["rule"]["after"] == "block-list"
    assert ["'other'" in str(warning) for warning in predicted["warnings"]] == [True, True]
    ses.create_receipt_rule_set(RuleSetName="other")
    run_module(RULE, name="block-list", rule_set="other")
    assert run_module(RULE, name="forwarder", rule_set="other", after="block-list")["rule"] == predicted["rule"]


@pytest.mark.parametrize("check_mode", [True, False], ids=["check mode", "real"])
@pytest.mark.parametrize(
    ("options", "words"),
    [
        pytest.param({"name": "for warder"}, "name: 'for warder'", id="name"),
        pytest.param({"name": "n" * 65}, "65 characters", id="long name"),
        pytest.param({"recipients": [f"u{i}@example.com" for i in range(101)]}, "SES allows 100", id="101 recipients"),
        pytest.param({"recipients": ["a.example.com", "A.example.com."]}, "more than once", id="recipient twice"),
        pytest.param({"recipients": ["*@example.com "[:1] + "@"]}, "recipients: '*@'", id="no domain"),
        pytest.param({"recipients": ["example"]}, "recipients: 'example'", id="one label"),
        pytest.param({"recipients": ["a b@example.com"]}, "white space", id="space in a recipient"),
        pytest.param({"actions": [{"stop_action": {}}] * 11}, "SES allows 10", id="11 actions"),
        pytest.param({"actions": [{}]}, "number 1 has no kind of action", id="no kind"),
        pytest.param(
            {"actions": [{"stop_action": {}, "sns_action": {"topic_arn": TOPIC}}]},
            "number 1 has sns_action, stop_action",
            id="two kinds",
        ),
        pytest.param({"actions": [{"s3_action": {}}]}, "bucket_name", id="bucket missing"),
        pytest.param(
            {"actions": [{"add_header_action": {"header_name": "X Y", "header_value": "v"}}]},
            "header_name 'X Y'",
            id="header name",
        ),
        pytest.param(
            {"actions": [{"add_header_action": {"header_name": "X" * 51, "header_value": "v"}}]},
            "1 to 50",
            id="long header name",
        ),
        pytest.param(
            {"actions": [{"add_header_action": {"header_name": "X", "header_value": "v" * 2049}}]},
            "2049 characters",
            id="long header value",
        ),
        pytest.param(
            {"actions": [{"add_header_action": {"header_name": "X", "header_value": "v\r\nBcc: x"}}]},
            "line break",
            id="header injection",
        ),
        pytest.param({"position": "first", "after": "a"}, "mutually exclusive", id="two places"),
    ],
)
def test_limits_are_checked_before_any_call(
    run_module: Any, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], words: str, check_mode: bool
) -> None:
    made = noted_calls(monkeypatch)
    refused = run_module(RULE, check_mode=check_mode, **{"name": "forwarder", **options})
    assert refused["failed"]
    assert words in refused["msg"]
    assert made == []


@pytest.mark.usefixtures("ses")
def test_the_limits_themselves_are_allowed(run_module: Any) -> None:
    full = {
        "name": "n" * 64,
        "recipients": [f"u{i}@example.com" for i in range(100)],
        "actions": [{"add_header_action": {"header_name": "X" * 50, "header_value": "v" * 2048}}] * 10,
    }
    assert run_module(RULE, **full)["changed"]
    assert not run_module(RULE, **full)["changed"]


@pytest.mark.parametrize("after", ["nowhere", "forwarder"], ids=["not there", "itself"])
def test_after_must_name_another_rule(run_module: Any, ses: Any, after: str) -> None:
    run_module(RULE, name="other")
    assert run_module(RULE, check_mode=True, name="forwarder", after="forwarder")["failed"]
    refused = run_module(RULE, name="forwarder", after=after)
    assert refused["failed"]
    assert refused["msg"].startswith("after: ")
    assert "it has other" in refused["msg"]
    assert order(ses) == ["other"]


@pytest.mark.usefixtures("ses")
def test_a_bucket_that_ses_cannot_write_to(run_module: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    refused = run_module(RULE, name="forwarder", actions=[{"s3_action": {"bucket_name": "elsewhere"}}])
    assert refused["error"]["code"] == "InvalidS3Configuration"
    assert refused["msg"].startswith("Failed to create receipt rule forwarder in rule set inbound: ")
    assert "Could not write to bucket: elsewhere" in refused["msg"]
    assert "let ses.amazonaws.com write to it" in refused["msg"]
    assert sum(slept) <= 140


@pytest.mark.parametrize("code", ["InvalidLambdaFunction", "InvalidS3Configuration", "InvalidSnsTopic"])
@pytest.mark.parametrize(
    ("operation", "options"), [("CreateReceiptRule", {"name": "new"}), ("UpdateReceiptRule", {"enabled": False})]
)
@pytest.mark.usefixtures("ses")
def test_a_policy_that_is_not_known_everywhere_yet_is_waited_for(
    run_module: Any, monkeypatch: pytest.MonkeyPatch, operation: str, options: dict[str, Any], code: str
) -> None:
    run_module(RULE, name="forwarder")
    made = refuse(monkeypatch, operation, code, times=6)
    assert run_module(RULE, **{"name": "forwarder", **options})["changed"]
    assert made.count(operation) == 7


@pytest.mark.parametrize(
    ("operation", "options"),
    [
        ("DescribeReceiptRuleSet", {"rule_set": "inbound"}),
        ("DescribeActiveReceiptRuleSet", {}),
        ("CreateReceiptRule", {"name": "new"}),
        ("UpdateReceiptRule", {"enabled": False}),
        ("SetReceiptRulePosition", {"position": "last"}),
        ("DeleteReceiptRule", {"state": "absent"}),
    ],
)
def test_denied_and_throttled(
    run_module: Any, ses: Any, monkeypatch: pytest.MonkeyPatch, operation: str, options: dict[str, Any]
) -> None:
    for name in ("forwarder", "other"):
        run_module(RULE, name=name)
    with monkeypatch.context() as patch:
        refuse(patch, operation, "AccessDenied")
        denied = run_module(RULE, **{"name": "forwarder", **options})
        assert denied["failed"]
        assert denied["error"]["code"] == "AccessDenied"
    assert order(ses) == ["forwarder", "other"]
    assert stored(ses)["Enabled"]
    made = refuse(monkeypatch, operation, "Throttling", times=2)
    assert run_module(RULE, **{"name": "forwarder", **options})["failed"] is False
    assert made.count(operation) == 3


@pytest.mark.usefixtures("ses")
def test_an_action_that_is_not_known_is_not_lost(run_module: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    run_module(RULE, name="forwarder")
    real = BaseClient._make_api_call

    def newer_ses(self: Any, name: str, parameters: Any) -> Any:
        response = real(self, name, parameters)
        for rule in response.get("Rules", []):
            rule["Actions"] = [{}]
        return response

    monkeypatch.setattr(BaseClient, "_make_api_call", newer_ses)
    assert run_module(RULE, name="forwarder")["rule"]["actions"] == [{}]
    refused = run_module(RULE, name="forwarder", enabled=False)
    assert refused["failed"]
    assert "update botocore" in refused["msg"]
    assert run_module(RULE, name="forwarder", actions=[])["changed"]
