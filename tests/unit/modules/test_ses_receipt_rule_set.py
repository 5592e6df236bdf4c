# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""ses_receipt_rule_set and ses_receipt_rule_set_info: their real main() against moto."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from moto import mock_aws

from ansible_collections.account_factory.email.plugins.modules import ses_receipt_rule_set, ses_receipt_rule_set_info
from tests.aws_errors import noted_calls, refuse

SET = ses_receipt_rule_set.main
INFO = ses_receipt_rule_set_info.main


@pytest.fixture
def ses() -> Iterator[Any]:
    with mock_aws():
        yield boto3.client("ses", region_name="eu-west-1")


def active(ses: Any) -> str | None:
    name: str | None = ses.describe_active_receipt_rule_set().get("Metadata", {}).get("Name")
    return name


def names(ses: Any) -> list[str]:
    return [rule_set["Name"] for rule_set in ses.list_receipt_rule_sets()["RuleSets"]]


def test_a_rule_set_is_created_activated_and_deleted(run_module: Any, ses: Any) -> None:
    wanted = {"name": "inbound", "active": True}
    predicted = run_module(SET, check_mode=True, **wanted)
    assert names(ses) == []
    created = run_module(SET, **wanted)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", created["rule_set"].pop("created_timestamp"))
    assert predicted["rule_set"].pop("created_timestamp") is None
    assert created["rule_set"] == {"name": "inbound", "active": True, "rules": []} == predicted["rule_set"]
    assert created["changed"]
    assert predicted["changed"]
    assert active(ses) == "inbound"
    for check_mode in (True, False):
        assert not run_module(SET, check_mode=check_mode, **wanted)["changed"]

    predicted = run_module(SET, check_mode=True, name="inbound", active=False)
    assert active(ses) == "inbound"
    assert run_module(SET, name="inbound", active=False) == predicted
    assert predicted["changed"]
    assert predicted["diff"]["before"]["active"]
    assert not predicted["rule_set"]["active"]
    assert active(ses) is None

    predicted = run_module(SET, check_mode=True, name="inbound", state="absent")
    assert names(ses) == ["inbound"]
    assert run_module(SET, name="inbound", state="absent") == predicted
    assert predicted["changed"]
    assert predicted["rule_set"] == {} == predicted["diff"]["after"]
    assert names(ses) == []
    for check_mode in (True, False):
        assert not run_module(SET, check_mode=check_mode, name="inbound", state="absent")["changed"]


@pytest.mark.usefixtures("ses")
def test_not_given_is_not_touched(run_module: Any) -> None:
    run_module(SET, name="inbound", active=True)
    again = run_module(SET, name="inbound")
    assert not again["changed"]
    assert again["rule_set"]["active"]


@pytest.mark.parametrize("check_mode", [True, False], ids=["check mode", "real"])
def test_another_active_set_is_only_replaced_by_force(run_module: Any, ses: Any, check_mode: bool) -> None:
    run_module(SET, name="theirs", active=True)
    refused = run_module(SET, check_mode=check_mode, name="ours", active=True)
    assert refused["failed"]
    assert "'theirs' is active" in refused["msg"]
    assert "force=true" in refused["msg"]
    assert names(ses) == ["theirs"]
    assert active(ses) == "theirs"
    forced = run_module(SET, check_mode=check_mode, name="ours", active=True, force=True)
    assert forced["changed"]
    assert forced["rule_set"]["active"]
    assert active(ses) == ("theirs" if check_mode else "ours")


@pytest.mark.parametrize("check_mode", [True, False], ids=["check mode", "real"])
def test_a_set_in_use_is_only_deleted_by_force(run_module: Any, ses: Any, check_mode: bool) -> None:
    run_module(SET, name="inbound", active=True)
    ses.create_receipt_rule(RuleSetName="inbound", Rule={"Name": "one"})
    refused = run_module(SET, check_mode=check_mode, name="inbound", state="absent")
    assert refused["failed"]
    assert "is active and has the rules one" in refused["msg"]
    assert names(ses) == ["inbound"]
    assert run_module(SET, check_mode=check_mode, name="inbound", state="absent", force=True)["changed"]
    assert names(ses) == (["inbound"] if check_mode else [])


@pytest.mark.parametrize("name", ["", "-inbound", "inbound_", "in bound", "in.bound", "n" * 65])
def test_a_bad_name_is_refused_before_any_call(run_module: Any, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    calls = noted_calls(monkeypatch)
    assert "name: " in run_module(SET, name=name)["msg"]
    assert calls == []


@pytest.mark.usefixtures("ses")
def test_denied_is_an_error_and_not_absent(run_module: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse(monkeypatch, "DescribeReceiptRuleSet", "AccessDenied")
    for state in ("present", "absent"):
        denied = run_module(SET, name="inbound", state=state)
        assert denied["failed"]
        assert denied["error"]["code"] == "AccessDenied"
        assert denied["msg"].startswith("Failed to describe receipt rule set inbound: ")


@pytest.mark.parametrize("code", ["Throttling", "ThrottlingException", "TooManyRequestsException"])
def test_throttling_is_waited_out(run_module: Any, ses: Any, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    calls = refuse(monkeypatch, "CreateReceiptRuleSet", code, times=3)
    assert run_module(SET, name="inbound")["changed"]
    assert calls.count("CreateReceiptRuleSet") == 4
    assert names(ses) == ["inbound"]


@pytest.mark.usefixtures("ses")
def test_throttling_is_not_waited_for_forever(run_module: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = refuse(monkeypatch, "CreateReceiptRuleSet", "Throttling")
    assert run_module(SET, name="inbound")["error"]["code"] == "Throttling"
    assert 3 < calls.count("CreateReceiptRuleSet") < 20


@pytest.mark.usefixtures("ses")
def test_a_lost_race_says_what_to_do(run_module: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse(monkeypatch, "CreateReceiptRuleSet", "AlreadyExists")
    assert "run the task again" in run_module(SET, name="inbound")["msg"]


@pytest.mark.usefixtures("ses")
def test_info_of_nothing(run_module: Any) -> None:
    nothing: dict[str, Any] = {"failed": False, "changed": False, "active_rule_set": None, "rule_sets": []}
    for options in ({}, {"name": "inbound"}):
        found = run_module(INFO, **options)
        assert {key: found[key] for key in nothing} == nothing


def test_info_lists_sets_and_rules_in_order(run_module: Any, ses: Any) -> None:
    for name in ("second", "first"):
        ses.create_receipt_rule_set(RuleSetName=name)
    ses.set_active_receipt_rule_set(RuleSetName="second")
    ses.create_receipt_rule(RuleSetName="second", Rule={"Name": "a", "Recipients": ["example.com"]})
    ses.create_receipt_rule(RuleSetName="second", Rule={"Name": "b", "Enabled": True}, After="a")

    found = run_module(INFO)
    assert not found["changed"]
    assert found["active_rule_set"] == "second"
    assert [(each["name"], each["active"], each["rules"]) for each in found["rule_sets"]] == [
        ("first", False, []),
        ("second", True, ["a", "b"]),
    ]
    assert found["rule_sets"][1]["receipt_rules"][1] == {
        "rule_set": "second",
        "name": "b",
        "enabled": True,
        "tls_policy": "Optional",
        "scan_enabled": False,
        "recipients": [],
        "actions": [],
        "after": "a",
        "index": 2,
    }
    assert run_module(INFO, name="first")["rule_sets"] == found["rule_sets"][:1]
    assert run_module(INFO, check_mode=True)["rule_sets"] == found["rule_sets"]


def test_info_of_several_pages_is_sorted(run_module: Any, ses: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("b", "a", "c"):
        ses.create_receipt_rule_set(RuleSetName=name)
    real = BaseClient._make_api_call
    pages = {None: {"RuleSets": [{"Name": "b"}, {"Name": "c"}], "NextToken": "2"}, "2": {"RuleSets": [{"Name": "a"}]}}

    def call(self: Any, name: str, parameters: Any) -> Any:
        return pages[parameters.get("NextToken")] if name == "ListReceiptRuleSets" else real(self, name, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    assert [rule_set["name"] for rule_set in run_module(INFO)["rule_sets"]] == ["a", "b", "c"]


@pytest.mark.usefixtures("ses")
def test_info_denied(run_module: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse(monkeypatch, "ListReceiptRuleSets", "AccessDenied")
    assert run_module(INFO)["msg"].startswith("Failed to list receipt rule sets: ")
