# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The judges of a deployed forwarder: where all is well every check says so; breaking one thing turns its check."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._checks import preflight
from ansible_collections.account_factory.email.plugins.module_utils._checks.model import (
    FAIL,
    OK,
    SKIPPED,
    WARN,
    Check,
    Unread,
)
from ansible_collections.account_factory.email.plugins.module_utils._checks.names import Stack
from ansible_collections.account_factory.email.plugins.module_utils._checks.receiving import Inbound
from tests.unit.module_utils._checks import broken_owners, broken_settings, broken_ways
from tests.unit.module_utils._checks.forwarder_well import (
    ASKED,
    CALLER,
    CONFIRMED,
    DIGEST,
    DOMAIN,
    KEY,
    OTHER,
    PACKAGE,
    PARAMETERS,
    PENDING,
    QUIET,
    RULE,
    RUNS,
    SOURCE,
    STACK,
    TOPIC,
    WELL,
)
from tests.unit.module_utils._checks.judged import Case, Read, hold

CHECKS = (*preflight.DEPLOYED, *preflight.OF_PACKAGE)


def run(**broken: Any) -> list[Check]:
    read: Any = Read({**WELL, **broken}, ASKED)
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


def clock(ahead: float | None) -> dict[str, Any]:
    return {"caller": replace(CALLER, ahead=ahead)}


def own_key(**changes: Any) -> dict[str, Any]:
    return {"own_key": {**WELL["own_key"], **changes}}


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
    "nobody": Case("alarm_subscriptions", WARN, {"alarm_subscriptions": []}, ("Nobody is subscribed", "deploy again")),
    "nobody any more": Case(
        "alarm_subscriptions",
        WARN,
        {
            "alarm_subscriptions": [],
            "stack": Stack(
                "UPDATE_COMPLETE", {**PARAMETERS, "AlarmAddress": "jane@example.org"}, WELL["stack"].outputs
            ),
        },
        (f"--topic-arn {TOPIC} --protocol email --notification-endpoint jane@example.org",),
    ),
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
    "a fast clock": Case("clock", WARN, clock(75.0), ("75 s ahead of", "timedatectl set-ntp true")),
    "a slow clock": Case("clock", FAIL, clock(-241.0), ("241 s behind",)),
    "a clock that lags a little": Case("clock", OK, clock(-59.0), ("agrees",)),
    "no clock to look at": Case("clock", SKIPPED, clock(None), ("has no Date",)),
    "no key of its own": Case("own_key", OK, {"own_key": None}, ("has no key of its own",)),
    "own key disabled": Case("own_key", FAIL, own_key(KeyState="Disabled"), ("is Disabled", f"--key-id {KEY}")),
    "own key going": Case(
        "own_key", FAIL, own_key(KeyState="PendingDeletion"), (f"cancel-key-deletion --key-id {KEY} && aws kms enable",)
    ),
    "own key not rotated": Case("own_key", WARN, own_key(Rotates=False), (f"enable-key-rotation --key-id {KEY}",)),
    **broken_ways.CASES,
    **broken_settings.CASES,
    **broken_owners.CASES,
}


def test_where_all_is_well_every_check_says_so() -> None:
    checks = run()
    assert [(check.id, check.status) for check in checks] == [(one.id, OK) for one in CHECKS]
    assert all(check.what.endswith(".") and not check.why and not check.remedy for check in checks)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_breaking_one_thing_turns_its_check_and_no_other(case: Case) -> None:
    hold(case, run(**case.broken))


def test_every_check_is_turned_by_a_case() -> None:
    assert {case.check for case in CASES.values() if case.status in (FAIL, WARN)} == {one.id for one in CHECKS}


@pytest.mark.parametrize("name", sorted(WELL))
def test_what_cannot_be_read_is_skipped_with_the_reason_and_never_ok(name: str) -> None:
    checks = run(**{name: Unread("Failed to look: AccessDenied.")})
    resting = {one.id for one in CHECKS if name in one.reads}
    assert {check.id for check in checks if check.status == SKIPPED} == resting
    assert all(check.status == OK for check in checks if check.id not in resting)
