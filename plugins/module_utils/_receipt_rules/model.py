# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SES receipt rules and rule sets: their shape, their limits, and what must be done to have them as wanted.

Pure, standard library only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._address import (
    AddressError,
    normalise_domain,
    split,
)
from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError

# Amazon SES Developer Guide, "Service quotas": per rule.
RECIPIENTS_MAX = 100
ACTIONS_MAX = 10
# Amazon SES API Reference, ReceiptRule and CreateReceiptRuleSet, parameter names.
NAME_MAX = 64
_RULE_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?")
_RULE_SET_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?")
# Amazon SES API Reference, AddHeaderAction.
_HEADER_NAME = re.compile(r"[A-Za-z0-9-]{1,50}")
HEADER_VALUE_MAX = 2048

# Each kind of action: our name -> (AWS's name, {our option: AWS's parameter}).
ACTIONS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "add_header_action": ("AddHeaderAction", {"header_name": "HeaderName", "header_value": "HeaderValue"}),
    "bounce_action": (
        "BounceAction",
        {
            # Not "message": Ansible keeps that name for itself.
            "bounce_message": "Message",
            "sender": "Sender",
            "smtp_reply_code": "SmtpReplyCode",
            "status_code": "StatusCode",
            "topic_arn": "TopicArn",
        },
    ),
    "connect_action": ("ConnectAction", {"iam_role_arn": "IAMRoleARN", "instance_arn": "InstanceARN"}),
    "lambda_action": (
        "LambdaAction",
        {"function_arn": "FunctionArn", "invocation_type": "InvocationType", "topic_arn": "TopicArn"},
    ),
    "s3_action": (
        "S3Action",
        {
            "bucket_name": "BucketName",
            "iam_role_arn": "IamRoleArn",
            "kms_key_arn": "KmsKeyArn",
            "object_key_prefix": "ObjectKeyPrefix",
            "topic_arn": "TopicArn",
        },
    ),
    "sns_action": ("SNSAction", {"encoding": "Encoding", "topic_arn": "TopicArn"}),
    "stop_action": ("StopAction", {"scope": "Scope", "topic_arn": "TopicArn"}),
    "workmail_action": ("WorkmailAction", {"organization_arn": "OrganizationArn", "topic_arn": "TopicArn"}),
}
# What AWS assumes where a parameter is missing.
_DEFAULTS: Mapping[str, Mapping[str, str]] = {
    "lambda_action": {"invocation_type": "Event"},
    "sns_action": {"encoding": "UTF-8"},
}

Action = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Rule:
    """A receipt rule. ``actions`` are of the form {kind: {option: value}}; one that is not known here is empty."""

    name: str
    enabled: bool = True
    tls_policy: str = "Optional"
    scan_enabled: bool = True
    recipients: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()

    @classmethod
    def from_api(cls, data: Mapping[str, Any]) -> Rule:
        """Return the rule that AWS describes."""
        return cls(
            name=data["Name"],
            enabled=data.get("Enabled", False),
            tls_policy=data.get("TlsPolicy", "Optional"),
            scan_enabled=data.get("ScanEnabled", False),
            recipients=tuple(data.get("Recipients", ())),
            actions=tuple(_action_from_api(action) for action in data.get("Actions", ())),
        )

    def to_api(self) -> dict[str, Any]:
        """Return the rule as CreateReceiptRule and UpdateReceiptRule take it: always whole."""
        return {
            "Name": self.name,
            "Enabled": self.enabled,
            "TlsPolicy": self.tls_policy,
            "ScanEnabled": self.scan_enabled,
            "Recipients": list(self.recipients),
            "Actions": [_action_to_api(action) for action in self.actions],
        }

    def to_dict(self) -> dict[str, Any]:
        """Return the rule as modules show it, less its place."""
        return {
            "name": self.name,
            "enabled": self.enabled,
            "tls_policy": self.tls_policy,
            "scan_enabled": self.scan_enabled,
            "recipients": list(self.recipients),
            "actions": [{kind: dict(values) for kind, values in action.items()} for action in self.actions],
        }


@dataclass(frozen=True)
class RuleSet:
    """A receipt rule set with its rules in order. ``created_timestamp`` is UTC in ISO 8601, None before it exists."""

    name: str
    created_timestamp: str | None = None
    rules: tuple[Rule, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(rule.name for rule in self.rules)

    def rule(self, name: str) -> Rule | None:
        return next((rule for rule in self.rules if rule.name == name), None)

    def to_dict(self, active: bool) -> dict[str, Any]:
        """Return the rule set as modules show it."""
        return {
            "name": self.name,
            "active": active,
            "created_timestamp": self.created_timestamp,
            "rules": list(self.names),
        }

    def receipt_rules(self) -> list[dict[str, Any]]:
        """Return every rule as ``ses_receipt_rule`` shows it, in order."""
        return [describe(self.name, self.names, rule) for rule in self.rules]


def describe(rule_set: str, order: Sequence[str], rule: Rule) -> dict[str, Any]:
    """Return a rule as modules show it, with its place: ``after`` is None and ``index`` 1 where it is the first."""
    place = order.index(rule.name)
    return {
        "rule_set": rule_set,
        **rule.to_dict(),
        "after": order[place - 1] if place else None,
        "index": place + 1,
    }


def _action_from_api(data: Mapping[str, Mapping[str, str]]) -> Action:
    return {
        kind: {
            **_DEFAULTS.get(kind, {}),
            **{ours: data[theirs][name] for ours, name in options.items() if data[theirs].get(name)},
        }
        for kind, (theirs, options) in ACTIONS.items()
        if data.get(theirs)
    }


def _action_to_api(action: Action) -> dict[str, dict[str, str]]:
    return {
        ACTIONS[kind][0]: {ACTIONS[kind][1][option]: value for option, value in values.items()}
        for kind, values in action.items()
    }


def check_rule_set_name(option: str, name: str) -> str:
    """Return the name of a rule set if AWS accepts it."""
    return _check_name(option, name, _RULE_SET_NAME, "ASCII letters, digits, '_' and '-'")


def check_rule_name(option: str, name: str) -> str:
    """Return the name of a rule if AWS accepts it."""
    return _check_name(option, name, _RULE_NAME, "ASCII letters, digits, '_', '-' and '.'")


def _check_name(option: str, name: str, pattern: re.Pattern[str], characters: str) -> str:
    if not pattern.fullmatch(name) or len(name) > NAME_MAX:
        raise InputError(
            f"{option}: {name!r} ({len(name)} characters) is not a name that SES accepts: use 1 to {NAME_MAX}"
            f" {characters}, with a letter or digit first and last"
        )
    return name


def check_recipients(recipients: Sequence[str]) -> tuple[str, ...]:
    """Return what a rule applies to, domains normalised: ``user@domain``, ``domain`` or ``.domain`` (subdomains)."""
    if len(recipients) > RECIPIENTS_MAX:
        raise InputError(
            f"recipients: {len(recipients)} given, SES allows {RECIPIENTS_MAX} in a rule: name the domain instead of"
            " its addresses, or divide them among several rules"
        )
    checked = tuple(_check_recipient(recipient) for recipient in recipients)
    twice = sorted({recipient for recipient in checked if checked.count(recipient) > 1})
    if twice:
        raise InputError(f"recipients: {', '.join(twice)} given more than once")
    return checked


def _check_recipient(recipient: str) -> str:
    text = recipient.strip()
    try:
        if "@" in text:
            local_part, domain = split(text)
            if re.search(r"[\s@]", local_part):
                raise AddressError(f"the local part {local_part!r} has white space or a second '@'")
            return f"{local_part}@{normalise_domain(domain)}"
        dot = "." if text.startswith(".") else ""
        return dot + normalise_domain(text[len(dot) :])
    except AddressError as error:
        raise InputError(
            f"recipients: {recipient!r} is neither an address (user@example.com), a domain (example.com) nor all"
            f" subdomains of one (.example.com): {error}"
        ) from error


def check_actions(actions: Sequence[Mapping[str, Mapping[str, str | None] | None]]) -> tuple[Action, ...]:
    """Return the actions with only what is given in them; each must be of exactly one kind."""
    if len(actions) > ACTIONS_MAX:
        raise InputError(f"actions: {len(actions)} given, SES allows {ACTIONS_MAX} in a rule")
    return tuple(_check_action(number, action) for number, action in enumerate(actions, start=1))


def _check_action(number: int, action: Mapping[str, Mapping[str, str | None] | None]) -> Action:
    given = {kind: values for kind, values in action.items() if values is not None}
    if len(given) != 1:
        raise InputError(
            f"actions: number {number} has {', '.join(sorted(given)) or 'no kind of action'}; give exactly one of"
            f" {', '.join(ACTIONS)} in each element, and one element for each action"
        )
    checked = {kind: {name: value for name, value in values.items() if value} for kind, values in given.items()}
    if "add_header_action" in checked:
        _check_header(number, **checked["add_header_action"])
    return checked


def _check_header(number: int, header_name: str = "", header_value: str = "") -> None:
    if not _HEADER_NAME.fullmatch(header_name):
        raise InputError(
            f"actions: number {number}: header_name {header_name!r} must be 1 to 50 ASCII letters, digits and '-'"
        )
    if not 1 <= len(header_value) <= HEADER_VALUE_MAX:
        raise InputError(
            f"actions: number {number}: header_value has {len(header_value)} characters, SES allows 1 to"
            f" {HEADER_VALUE_MAX}"
        )
    if re.search(r"[\r\n]", header_value):
        raise InputError(f"actions: number {number}: header_value has a line break, which SES does not allow")


@dataclass(frozen=True)
class Wanted:
    """A rule as asked for: None is "not given". ``position`` is first or last; ``after`` names another rule."""

    name: str
    enabled: bool | None = None
    tls_policy: str | None = None
    scan_enabled: bool | None = None
    recipients: tuple[str, ...] | None = None
    actions: tuple[Action, ...] | None = None
    position: str | None = None
    after: str | None = None


@dataclass(frozen=True)
class Plan:
    """What is to be done to a rule. ``predecessor`` is the rule that it is to stand behind, None to be the first."""

    rule_set: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    rule: Rule
    create: bool = False
    update: bool = False
    move: bool = False
    delete: bool = False
    predecessor: str | None = None


def plan_present(rule_set: RuleSet, wanted: Wanted) -> Plan:
    """Return what makes the rule as wanted; what is not given stays, and a new rule goes last."""
    existing = rule_set.rule(wanted.name)
    rule = _merge(existing, wanted)
    order = _place(rule_set.names, wanted)
    after = describe(rule_set.name, order, rule)
    return Plan(
        rule_set=rule_set.name,
        before=describe(rule_set.name, rule_set.names, existing) if existing else None,
        after=after,
        rule=rule,
        create=existing is None,
        update=existing is not None and rule != existing,
        move=existing is not None and order != rule_set.names,
        predecessor=after["after"],
    )


def plan_absent(rule_set: RuleSet, name: str) -> Plan:
    """Return what makes the rule absent."""
    existing = rule_set.rule(name)
    before = describe(rule_set.name, rule_set.names, existing) if existing else None
    return Plan(rule_set.name, before, None, existing or Rule(name), delete=existing is not None)


def _merge(existing: Rule | None, wanted: Wanted) -> Rule:
    rule = existing or Rule(wanted.name)
    given = {
        option: value
        for option in ("enabled", "tls_policy", "scan_enabled", "recipients", "actions")
        if (value := getattr(wanted, option)) is not None
    }
    if existing and _same_recipients(existing.recipients, given.get("recipients", ())):
        given.pop("recipients", None)
    merged = replace(rule, **given)
    if merged != rule and any(not action for action in merged.actions):
        raise InputError(
            f"actions: the rule {wanted.name!r} has an action of a kind that this botocore does not know, which an"
            " update would lose: update botocore, or give actions in full"
        )
    return merged


def _same_recipients(ours: Sequence[str], theirs: Sequence[str]) -> bool:
    """Whether two lists mean the same: SES gives their order no meaning, and domains have no case."""

    def key(recipient: str) -> str:
        local_part, at, domain = recipient.rpartition("@")
        return f"{local_part}{at}{domain.lower()}"

    return sorted(map(key, ours)) == sorted(map(key, theirs))


def _place(order: tuple[str, ...], wanted: Wanted) -> tuple[str, ...]:
    """Return the names of the rules in the order that is wanted."""
    others = tuple(name for name in order if name != wanted.name)
    if wanted.after is not None:
        if wanted.after not in others:
            raise InputError(
                f"after: there is no other rule {wanted.after!r} in the rule set; it has"
                f" {', '.join(others) or 'no other rule'}"
            )
        index = others.index(wanted.after) + 1
    elif wanted.position == "first":
        index = 0
    elif wanted.position == "last" or wanted.name not in order:
        index = len(others)
    else:
        return order
    return (*others[:index], wanted.name, *others[index:])


@dataclass(frozen=True)
class SetPlan:
    """What is to be done to a rule set: ``activate`` is True, False (no set is active afterwards) or None (nothing)."""

    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    create: bool = False
    delete: bool = False
    activate: bool | None = None


def plan_set_present(
    name: str, existing: RuleSet | None, active: str | None, wanted: bool | None, force: bool
) -> SetPlan:
    """Return what makes the rule set present; ``active`` is the name of the active set, ``wanted`` whether to be it."""
    if wanted and active not in (None, name) and not force:
        raise InputError(
            f"active: the rule set {active!r} is active, and a region has one active set only. Add your rules to it, or"
            f" give force=true to activate {name!r} in its place, which takes all of its rules out of use"
        )
    is_active = active == name
    will_be = is_active if wanted is None else wanted
    return SetPlan(
        before=existing.to_dict(is_active) if existing else None,
        after=(existing or RuleSet(name)).to_dict(will_be),
        create=existing is None,
        activate=will_be if will_be != is_active else None,
    )


def plan_set_absent(existing: RuleSet | None, active: str | None, force: bool) -> SetPlan:
    """Return what makes the rule set absent."""
    if existing is None:
        return SetPlan(None, None)
    is_active = active == existing.name
    if (is_active or existing.rules) and not force:
        rules = f"has the rules {', '.join(existing.names)}" if existing.rules else ""
        reasons = " and ".join(filter(None, ("is active" if is_active else "", rules)))
        raise InputError(
            f"state: the rule set {existing.name!r} {reasons}, so it is not deleted. Give force=true to delete it with"
            " all of its rules; mail that only they accept is refused from then on"
        )
    return SetPlan(existing.to_dict(is_active), None, delete=True, activate=False if is_active else None)
