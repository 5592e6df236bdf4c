# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The judges of a deployed forwarder: where all is well every check says so; breaking one thing turns its check."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._checks import preflight
from ansible_collections.account_factory.email.plugins.module_utils._checks.model import (
    FAIL,
    OK,
    SKIPPED,
    WARN,
    Asked,
    Check,
    Unread,
)
from ansible_collections.account_factory.email.plugins.module_utils._checks.names import Caller, Stack
from ansible_collections.account_factory.email.plugins.module_utils._checks.receiving import Inbound

DOMAIN, STACK = "accounts.example.com", "mail-forwarder"
BUCKET = "mail-forwarder-mail-111122223333-eu-west-1"
TOPIC = "arn:aws:sns:eu-west-1:111122223333:mail-forwarder-alarms"
PACKAGE = hashlib.sha256(b"package")
DIGEST, OTHER = (base64.b64encode(digest.digest()).decode() for digest in (PACKAGE, hashlib.sha256(b"other")))
ASKED = Asked(
    STACK,
    "eu-west-1",
    (DOMAIN,),
    f"aws-accounts@{DOMAIN}",
    DOMAIN,
    "mail-forwarder-map",
    2,
    deployed=True,
    code_sha256=DIGEST,
)
PARAMETERS = {"MailBucket": BUCKET, "MapTable": "mail-forwarder-map", "AlarmTopicArn": TOPIC}
FUNCTIONS = (STACK, f"{STACK}-events", f"{STACK}-release", f"{STACK}-replay")
RUNS = {"State": "Active", "CodeSha256": DIGEST}
SOURCE = {"UUID": "7a1b", "State": "Enabled"}
RULE: dict[str, Any] = {
    "name": STACK,
    "enabled": True,
    "recipients": [DOMAIN],
    "actions": [{"s3_action": {"bucket_name": BUCKET}}],
}
QUIET = {"StateValue": "OK", "ActionsEnabled": True}
CONFIRMED = {"Endpoint": "jane@example.org", "SubscriptionArn": f"{TOPIC}:1"}
PENDING = {"Endpoint": "joe@example.org", "SubscriptionArn": "PendingConfirmation"}
WELL: dict[str, Any] = {
    "alarm_names": ["late", "lost"],
    "alarm_subscriptions": [CONFIRMED],
    "alarms": [{"AlarmName": name, **QUIET} for name in ("late", "lost")],
    "caller": Caller("111122223333", "arn:aws:iam::111122223333:role/doctor"),
    "delivery_protection": {"name": "deliveries", "protected": False, "recoverable": True},
    "event_sources": {name: [SOURCE] for name in FUNCTIONS[:2]},
    "function_concurrency": dict.fromkeys(FUNCTIONS),
    "functions": dict.fromkeys(FUNCTIONS, RUNS),
    "held": {"quarantined": 0, "failed": 0, "event": 0},
    "inbound": Inbound("inbound", True, (RULE,)),
    "ip_filters": [{"Name": "ours", "IpFilter": {"Policy": "Allow", "Cidr": "192.0.2.0/24"}}],
    "mail_bucket_name": BUCKET,
    "map_protection": {"name": "map", "protected": True, "recoverable": True},
    "stack": Stack("UPDATE_COMPLETE", PARAMETERS, {"QueueUrl": "https://sqs.example/queue"}),
}
CHECKS = (*preflight.DEPLOYED, *preflight.OF_PACKAGE)


@dataclass
class Read:
    """What was read, in the place of Readings."""

    values: Mapping[str, Any]
    asked: Asked = ASKED

    def get(self, name: str) -> Any:
        return self.values[name]


@dataclass(frozen=True)
class Case:
    """What is read otherwise, the check that it turns, the words that say so, and further checks that turn with it."""

    check: str
    status: str
    broken: Mapping[str, Any]
    words: tuple[str, ...]
    also: Mapping[str, str] = field(default_factory=dict)


def run(**broken: Any) -> list[Check]:
    read: Any = Read({**WELL, **broken})
    return preflight.run_checks(CHECKS, read)


def functions(**changes: Any) -> dict[str, Any]:
    """Return the functions, of which the one that releases mail is otherwise."""
    return {"functions": {**WELL["functions"], f"{STACK}-release": {**RUNS, **changes}}}


def rule(**changes: Any) -> dict[str, Any]:
    return {"inbound": Inbound("inbound", True, ({**RULE, **changes},))}


def blocked(cidr: str) -> dict[str, Any]:
    return {"ip_filters": [{"Name": "spam", "IpFilter": {"Policy": "Block", "Cidr": cidr}}]}


def alarms(**changes: Any) -> dict[str, Any]:
    return {"alarms": [{"AlarmName": "late", **QUIET}, {"AlarmName": "lost", **QUIET, **changes}]}


UPDATE = (
    "aws lambda update-function-code --function-name mail-forwarder-release"
    f" --s3-bucket mail-forwarder-code-111122223333-eu-west-1 --s3-key forwarder-{PACKAGE.hexdigest()}.zip"
)
MISSING = {"functions": {**WELL["functions"], STACK: None}}
CASES = {
    "no stack": Case("forwarder", FAIL, {"stack": None}, ("no forwarder mail-forwarder in eu-west-1", "deploy")),
    "torn down": Case("forwarder", FAIL, {"stack": Stack("UPDATE_COMPLETE", PARAMETERS)}, ("its data is left",)),
    "another set is active": Case(
        "active_rule", FAIL, {"inbound": Inbound("theirs", True, ())}, ("rule set theirs is active", "deploy")
    ),
    "no set is active": Case("active_rule", FAIL, {"inbound": Inbound(STACK, False, (RULE,))}, ("No rule set",)),
    "a rule of others": Case("active_rule", FAIL, rule(actions=[]), ("our rule mail-forwarder is not in it",)),
    "a disabled rule": Case("active_rule", FAIL, rule(enabled=False), ("is disabled",)),
    "not for the domain": Case("active_rule", FAIL, rule(recipients=["b.example"]), (f"is not for {DOMAIN}",)),
    "for all domains": Case("active_rule", OK, rule(recipients=[]), ("receives",)),
    "in capitals": Case("active_rule", OK, rule(recipients=[DOMAIN.upper()]), ("receives",)),
    "no receiving": Case(
        "active_rule", SKIPPED, {"inbound": Inbound(STACK, False, refusal="no")}, ("no receipt rules",)
    ),
    "some are blocked": Case("ip_filters", WARN, blocked("10.0.0.0/24"), ("spam (10.0.0.0/24)", "--filter-name spam")),
    "all are blocked": Case("ip_filters", FAIL, blocked("0.0.0.0/0"), ("spam (0.0.0.0/0)",)),
    "a function gone": Case(
        "function_states", FAIL, MISSING, ("no function mail-forwarder.", "Run teardown"), also={"function_code": FAIL}
    ),
    "a function stopped": Case(
        "function_states",
        FAIL,
        {"function_concurrency": {**WELL["function_concurrency"], STACK: 0}},
        ("reserved concurrency is 0", f"delete-function-concurrency --function-name {STACK}"),
    ),
    "a function failed": Case(
        "function_states", FAIL, functions(State="Failed", StateReason="no role"), ("release is Failed: no role",)
    ),
    "a function idle": Case("function_states", OK, functions(State="Inactive"), ("can run",)),
    "other code": Case("function_code", FAIL, functions(CodeSha256=OTHER), (OTHER, f"has {DIGEST}", UPDATE)),
    "not called": Case(
        "event_sources",
        FAIL,
        {"event_sources": {**WELL["event_sources"], STACK: []}},
        ("No queue calls the function mail-forwarder.",),
    ),
    "called no longer": Case(
        "event_sources",
        FAIL,
        {"event_sources": {**WELL["event_sources"], STACK: [{**SOURCE, "State": "Disabled"}]}},
        ("is Disabled", "--uuid 7a1b --enabled"),
    ),
    "called soon": Case(
        "event_sources", WARN, {"event_sources": {STACK: [{**SOURCE, "State": "Updating"}]}}, ("is Updating",)
    ),
    "held": Case("held_mail", WARN, {"held": {"quarantined": 2, "failed": 0, "event": 1}}, ("2 quarantined, 1 event",)),
    "raised": Case("alarms", WARN, alarms(StateValue="ALARM"), ("1 of 2 alarms are raised: lost.", "docs/on-call.md")),
    "silenced": Case("alarms", WARN, alarms(ActionsEnabled=False), ("enable-alarm-actions --alarm-names lost",)),
    "an alarm gone": Case("alarms", FAIL, {"alarms": WELL["alarms"][:1]}, ("alarms lost are not there",)),
    "not confirmed": Case(
        "alarm_subscriptions", WARN, {"alarm_subscriptions": [PENDING]}, ("joe@example.org", "nobody else has", TOPIC)
    ),
    "one not confirmed": Case(
        "alarm_subscriptions", WARN, {"alarm_subscriptions": [CONFIRMED, PENDING]}, ("joe@example.org has not",)
    ),
    "nobody": Case("alarm_subscriptions", WARN, {"alarm_subscriptions": []}, ("Nobody is subscribed", TOPIC)),
    "map unprotected": Case(
        "map_protection",
        WARN,
        {"map_protection": {"name": "map", "protected": False, "recoverable": True}},
        ("map is not protected", "--deletion-protection-enabled"),
    ),
    "map not recoverable": Case(
        "map_protection",
        WARN,
        {"map_protection": {"name": "map", "protected": True, "recoverable": False}},
        ("map has no point-in-time", "--table-name map --point-in-time"),
    ),
    "deliveries unprotected": Case(
        "delivery_recovery",
        OK,
        {"delivery_protection": {"name": "d", "protected": False, "recoverable": True}},
        ("can be restored",),
    ),
    "deliveries not recoverable": Case(
        "delivery_recovery",
        WARN,
        {"delivery_protection": {"name": "d", "protected": False, "recoverable": False}},
        ("d has no point-in-time recovery", "PointInTimeRecoveryEnabled=true"),
    ),
    "deliveries gone": Case("delivery_recovery", FAIL, {"delivery_protection": None}, ("is not there",)),
    "map gone": Case("map_protection", FAIL, {"map_protection": None}, ("is not there",)),
}


def test_where_all_is_well_every_check_says_so() -> None:
    checks = run()
    assert [(check.id, check.status) for check in checks] == [(one.id, OK) for one in CHECKS]
    assert all(check.what.endswith(".") and not check.why and not check.remedy for check in checks)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_breaking_one_thing_turns_its_check_and_no_other(case: Case) -> None:
    checks = run(**case.broken)
    expected = {case.check: case.status, **case.also}
    turned = {check.id: check.status for check in checks if check.status != OK}
    assert turned == {name: status for name, status in expected.items() if status != OK}
    [check] = [check for check in checks if check.id == case.check]
    said = f"{check.what} {check.why} {check.remedy}"
    assert [words for words in case.words if words not in said] == []
    assert bool(check.why and check.remedy) == (case.status in (FAIL, WARN)), check


def test_every_check_is_turned_by_a_case() -> None:
    assert {case.check for case in CASES.values() if case.status in (FAIL, WARN)} == {one.id for one in CHECKS}


@pytest.mark.parametrize("name", sorted(WELL))
def test_what_cannot_be_read_is_skipped_with_the_reason_and_never_ok(name: str) -> None:
    checks = run(**{name: Unread("Failed to look: AccessDenied.")})
    resting = {one.id for one in CHECKS if name in one.reads}
    assert {check.id for check in checks if check.status == SKIPPED} == resting
    assert all(check.status == OK for check in checks if check.id not in resting)
