# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be wrong with the configuration set that a forwarder sends with."""

from __future__ import annotations

from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._checks.model import FAIL, OK, SKIPPED, WARN
from ansible_collections.account_factory.email.plugins.module_utils._checks.names import Stack
from tests.unit.module_utils._checks.forwarder_well import (
    CONFIGURATION_SET,
    DESTINATION,
    DISABLED,
    OUTPUTS,
    PARAMETERS,
    RECEIVED,
    SENT,
    STACK,
)
from tests.unit.module_utils._checks.judged import Case

ENABLED = {"ConditionThreshold": {"ConditionThresholdEnabled": "ENABLED"}}


def configured(**changes: Any) -> dict[str, Any]:
    return {"configuration_set": {**CONFIGURATION_SET, **changes}}


def destination(**changes: Any) -> dict[str, Any]:
    return {"event_destinations": [{**DESTINATION, **changes}]}


def suppression(*reasons: str, **more: Any) -> dict[str, Any]:
    return configured(SuppressionOptions={"SuppressedReasons": list(reasons), **more})


def of_account(**more: Any) -> dict[str, Any]:
    return {"account": {"SuppressionAttributes": {"SuppressedReasons": ["BOUNCE", "COMPLAINT"], **more}}}


def deployed(reasons: str) -> dict[str, Any]:
    return {"forwarder_stack": Stack("UPDATE_COMPLETE", {**PARAMETERS, "SuppressedReasons": reasons}, OUTPUTS)}


UPDATE = f"aws sesv2 update-configuration-set-event-destination --configuration-set-name {STACK}"
SUPPRESS = f"aws sesv2 put-configuration-set-suppression-options --configuration-set-name {STACK}"
CASES = {
    "no configuration set": Case(
        "configuration_set",
        FAIL,
        {"configuration_set": None},
        (f"no configuration set {STACK}", "Run teardown"),
        also={"suppression": SKIPPED, "validation": SKIPPED},
    ),
    "sends nothing": Case(
        "configuration_set",
        FAIL,
        configured(SendingOptions={"SendingEnabled": False}),
        (f"put-configuration-set-sending-options --configuration-set-name {STACK} --sending-enabled",),
    ),
    "tells nothing": Case("configuration_set", FAIL, destination(Enabled=False), ("is disabled", UPDATE, SENT)),
    "tells not of all": Case(
        "configuration_set", FAIL, destination(MatchingEventTypes=["DELIVERY"]), ("BOUNCE, COMPLAINT", UPDATE)
    ),
    "tells of more": Case(
        "configuration_set",
        OK,
        destination(MatchingEventTypes=[*DESTINATION["MatchingEventTypes"], "SEND"]),
        ("tells of it",),
    ),
    "tells others": Case(
        "configuration_set", FAIL, destination(SnsDestination={"TopicArn": RECEIVED}), ("another topic", UPDATE)
    ),
    "has nobody to tell": Case(
        "configuration_set",
        FAIL,
        {"event_destinations": []},
        ("no event destination", "create-configuration-set-event-destination"),
    ),
    "suppresses nothing": Case(
        "suppression",
        WARN,
        suppression(ValidationOptions=DISABLED),
        ("bounces each time", SUPPRESS, '--suppressed-reasons \'["BOUNCE", "COMPLAINT"]\'', "--validation-options"),
    ),
    "is to suppress nothing": Case(
        "suppression", OK, {**suppression(ValidationOptions=DISABLED), **deployed("")}, ("bounces each time, as is",)
    ),
    "suppresses too much": Case(
        "suppression", WARN, deployed(""), ("deployed is no reason", "--suppressed-reasons '[]'")
    ),
    "suppresses as the account": Case(
        "suppression", OK, {**configured(SuppressionOptions={}), **of_account()}, ("for BOUNCE, COMPLAINT, as",)
    ),
    "validates": Case(
        "validation",
        FAIL,
        suppression("BOUNCE", "COMPLAINT", ValidationOptions=ENABLED),
        ("is on for the configuration set", SUPPRESS, '"DISABLED"'),
    ),
    "the account validates": Case(
        "validation",
        FAIL,
        {**suppression("BOUNCE", "COMPLAINT"), **of_account(ValidationAttributes=ENABLED)},
        ("is on for the account", SUPPRESS),
    ),
    "the account would validate": Case("validation", OK, of_account(ValidationAttributes=ENABLED), ("whether or not",)),
    "an old botocore": Case("validation", SKIPPED, {"knows_validation": False}, ("does not know Auto Validation",)),
}
