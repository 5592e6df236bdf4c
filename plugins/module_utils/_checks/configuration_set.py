# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judges of the SES configuration set that a deployed forwarder sends with. Pure, standard library only.

Sources: Amazon SES API v2 Reference, GetConfigurationSet, SuppressionOptions, EventDestination; Amazon SES Developer
Guide, "Using configuration set-level suppression to override your account-level suppression list"; "Auto Validation".
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from .model import Asked, Judgement, Unread, fail, join, ok, skipped, warn
from .names import Stack

_EVENTS = ("BOUNCE", "COMPLAINT", "DELIVERY", "DELIVERY_DELAY", "REJECT", "RENDERING_FAILURE")
_DESTINATION = "events"
_NO_EVENTS = "Nobody learns that an owner's mailbox refuses its mail, and no fallback owner gets it."


def judge_configuration_set(
    asked: Asked,
    found: Mapping[str, Any] | None,
    destinations: Sequence[Mapping[str, Any]],
    topic_arn: str,
) -> Judgement:
    """Whether the configuration set is there, lets mail be sent, and tells of it to the topic of that ARN."""
    name = asked.stack_name
    if found is None:
        return fail(
            f"There is no configuration set {name} in SES.",
            "Somebody deleted it outside of the stack, which goes on as if it were there. SES refuses all mail that"
            " names it: none is forwarded.",
            "Run teardown, which keeps the map and the mail, and deploy again.",
        )
    option = f"--configuration-set-name {name}"
    if not (found.get("SendingOptions") or {}).get("SendingEnabled", True):
        return fail(
            f"Sending is disabled for the configuration set {name}.",
            "SES refuses all mail of the forwarder. A deployment does not bring it back.",
            "Find out who disabled it, then: aws sesv2 put-configuration-set-sending-options"
            f" {option} --sending-enabled",
        )
    return _judge_events(option, destinations, topic_arn) or ok(
        f"The configuration set {name} sends, and tells of it.", destinations=[one.get("Name") for one in destinations]
    )


def _judge_events(option: str, destinations: Sequence[Mapping[str, Any]], topic_arn: str) -> Judgement | None:
    """Return what is wrong with the event destination that the stack makes."""
    wanted = {
        "Enabled": True,
        "MatchingEventTypes": list(_EVENTS),
        "SnsDestination": {"TopicArn": topic_arn},
    }
    found = next((one for one in destinations if one.get("Name") == _DESTINATION), None)
    told = set((found or {}).get("MatchingEventTypes", ()))
    topic = ((found or {}).get("SnsDestination") or {}).get("TopicArn")
    if found and found.get("Enabled") and told >= set(_EVENTS) and topic == topic_arn:
        return None
    missing = sorted(set(_EVENTS) - told)
    what = (
        f"There is no event destination {_DESTINATION}"
        if found is None
        else f"The event destination {_DESTINATION} does not tell of {join(missing, 6)}"
        if found.get("Enabled") and missing
        else f"The event destination {_DESTINATION} tells another topic, {topic}"
        if found.get("Enabled")
        else f"The event destination {_DESTINATION} is disabled"
    )
    verb = "update" if found else "create"
    return fail(
        f"{what}.",
        f"{_NO_EVENTS} A deployment does not bring it back.",
        f"aws sesv2 {verb}-configuration-set-event-destination {option} --event-destination-name {_DESTINATION}"
        f" --event-destination {shlex.quote(json.dumps(wanted))}",
        destination=dict(found or {}),
    )


def judge_suppression(
    asked: Asked, found: Mapping[str, Any] | None, account: Mapping[str, Any], stack: Stack
) -> Judgement:
    """Whether SES keeps mail from addresses on the account's suppression list for the reasons that are deployed."""
    if found is None:
        return skipped(f"There is no configuration set {asked.stack_name} to look at.")
    deployed = sorted(filter(None, stack.parameters.get("SuppressedReasons", "").split(",")))
    reasons, of_account = effective_reasons(found, account), _reasons(account.get("SuppressionAttributes")) or []
    seen = {"reasons": reasons, "deployed": deployed, "account": of_account}
    if reasons == deployed:
        return ok(f"{_meaning(reasons)}, as is deployed.", **seen)
    options = found.get("SuppressionOptions") or {}
    # What is not given may be taken for empty: what SES drops besides stays as it is.
    validation = options.get("ValidationOptions")
    more = f" --validation-options {shlex.quote(json.dumps(validation))}" if validation else ""
    return warn(
        f"{_meaning(reasons)}; deployed is {join(deployed) or 'no reason'}.",
        "A mailbox that is gone bounces each time where SES does not keep mail from it, and each bounce counts: AWS"
        " reviews an account at 5 % and pauses it at 10 %. Where it does, an owner on the list gets nothing. A"
        " deployment does not bring it back.",
        f"aws sesv2 put-configuration-set-suppression-options --configuration-set-name {asked.stack_name}{more}"
        f" --suppressed-reasons {shlex.quote(json.dumps(deployed))}",
        **seen,
    )


def _meaning(reasons: Sequence[str]) -> str:
    if not reasons:
        return "SES sends to addresses on the account's suppression list, and a mailbox that is gone bounces each time"
    return f"SES does not send to addresses on the account's suppression list for {join(reasons)}"


def effective_reasons(found: Mapping[str, Any], account: Mapping[str, Any]) -> list[str]:
    """Return why mail with the configuration set is kept back: its own reasons, none too, or else the account's."""
    own = _reasons(found.get("SuppressionOptions"))
    return (_reasons(account.get("SuppressionAttributes")) or []) if own is None else own


def _reasons(options: Mapping[str, Any] | None) -> list[str] | None:
    given = (options or {}).get("SuppressedReasons")
    return None if given is None else sorted(given)


def judge_validation(
    asked: Asked, found: Mapping[str, Any] | None, account: Mapping[str, Any], is_known: bool
) -> Judgement:
    """Whether SES sends the mail even where it believes it to be undeliverable.

    ``is_known`` is whether the installed botocore knows of it at all. What the configuration set says comes before what
    the account does; that it does is not verified on AWS.
    """
    if not is_known:
        return skipped(
            "The installed botocore does not know Auto Validation of SES, so that its setting cannot be read; 1.43.106"
            " does."
        )
    if found is None:
        return skipped(f"There is no configuration set {asked.stack_name} to look at.")
    own = _validation((found.get("SuppressionOptions") or {}).get("ValidationOptions"))
    of_account = _validation((account.get("SuppressionAttributes") or {}).get("ValidationAttributes"))
    if (own or of_account or "DISABLED") == "DISABLED":
        return ok("SES sends the mail whether or not it believes it deliverable.", own=own, account=of_account)
    off = {"ConditionThreshold": {"ConditionThresholdEnabled": "DISABLED"}}
    reasons = effective_reasons(found, account)
    return fail(
        f"Auto Validation is on for {'the account' if own is None else 'the configuration set'}: SES does not send"
        " what it believes undeliverable.",
        "An owner's mailbox that SES misjudges gets no mail of root users. A deployment does not switch it off.",
        f"aws sesv2 put-configuration-set-suppression-options --configuration-set-name {asked.stack_name}"
        f" --suppressed-reasons {shlex.quote(json.dumps(reasons))} --validation-options {shlex.quote(json.dumps(off))}",
        own=own,
        account=of_account,
    )


def _validation(options: Mapping[str, Any] | None) -> str | None:
    status: str | None = ((options or {}).get("ConditionThreshold") or {}).get("ConditionThresholdEnabled")
    return status


def topic_of_events(asked: Asked, account_id: str, partition: str) -> str:
    """Return the ARN of the topic that SES tells of what it sent."""
    return f"arn:{partition}:sns:{asked.region}:{account_id}:{asked.stack_name}-sent"


def reasons_or_all(found: Mapping[str, Any] | Unread | None, account: Mapping[str, Any] | Unread) -> list[str]:
    """Return why mail is kept back; every reason where that could not be read."""
    if found is None or isinstance(found, Unread) or isinstance(account, Unread):
        return ["BOUNCE", "COMPLAINT"]
    return effective_reasons(found, account)
