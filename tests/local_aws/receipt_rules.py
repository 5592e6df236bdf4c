# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SES receipt rule sets: their state, and the SES v1 operations on them with the codes and texts of AWS."""

from __future__ import annotations

import copy
import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Protocol

from tests.local_aws.wire import AwsError, Request, Response, answer_query

Rule = dict[str, Any]
Given = dict[str, Any]

# Amazon SES Developer Guide, "Service quotas in Amazon SES", email receiving quotas.
MAX_RULE_SETS = 40
MAX_RULES = 200
MAX_RECIPIENTS = 100
MAX_ACTIONS = 10

SETUP_NOTIFICATION_KEY = "AMAZON_SES_SETUP_NOTIFICATION"
SETUP_NOTIFICATION = (
    b"This is an automated notice from local AWS, as Amazon SES writes one: a receipt rule delivers its mail to this"
    b" bucket under this prefix.\r\n"
)

_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,62}[A-Za-z0-9])?")
_DOMAIN = r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)+"
_RECIPIENT = re.compile(rf"([^\s@]+@|\.)?{_DOMAIN}")
_HEADER_NAME = re.compile(r"[A-Za-z0-9-]{1,50}")
# The actions that local AWS carries out, with the members that they cannot be without.
_REQUIRED = {
    "S3Action": ("BucketName",),
    "SNSAction": ("TopicArn",),
    "LambdaAction": ("FunctionArn",),
    "StopAction": ("Scope",),
    "AddHeaderAction": ("HeaderName", "HeaderValue"),
    "BounceAction": ("SmtpReplyCode", "Message", "Sender"),
}


class Resources(Protocol):
    """What creating a rule looks at and touches outside of SES."""

    def may_write(self, bucket: str, key: str, source_arn: str) -> bool: ...
    def may_invoke(self, function_arn: str, source_arn: str) -> bool: ...
    def may_publish(self, topic_arn: str, source_arn: str) -> bool: ...
    def role_exists(self, role_arn: str) -> bool: ...
    def put_object(self, bucket: str, key: str, data: bytes) -> None: ...


class ReceiptRules:
    """The rule sets of one account in one region. Answers the Query protocol; safe to call from many threads."""

    def __init__(self, account_id: str, region: str, resources: Resources) -> None:
        self._arn = f"arn:aws:ses:{region}:{account_id}:receipt-rule-set"
        self._resources = resources
        self._lock = threading.RLock()
        self._sets: dict[str, dict[str, Any]] = {}
        self._active: str | None = None

    def handle(self, request: Request) -> Response | None:
        """Answer a request, or return None for an operation that is not about receipt rules."""
        with self._lock:
            return answer_query(request, self, _OPERATIONS)

    def active_rules(self) -> tuple[str, list[Rule]]:
        """Return the name of the active rule set and a copy of its rules in order; nothing if none is active."""
        with self._lock:
            if self._active is None:
                return "", []
            return self._active, copy.deepcopy(self._sets[self._active]["Rules"])

    def rule_arn(self, rule_set: str, name: str) -> str:
        """Return the ARN as which SES does what a rule says."""
        return f"{self._arn}/{rule_set}:receipt-rule/{name}"

    # Rule sets

    def _set(self, name: Any) -> dict[str, Any]:
        found = self._sets.get(str(name))
        if found is None:
            raise AwsError("RuleSetDoesNotExist", f"Rule set does not exist: {name}", Name=str(name))
        return found

    def _add_set(self, name: Any, rules: list[Rule]) -> None:
        _check_name("ruleSetName", name)
        if name in self._sets:
            raise AwsError("AlreadyExists", f"Rule set already exists: {name}", Name=name)
        if len(self._sets) >= MAX_RULE_SETS:
            raise AwsError("LimitExceeded", f"Maximum number of rule sets reached: {MAX_RULE_SETS}")
        created = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        self._sets[name] = {"Metadata": {"Name": name, "CreatedTimestamp": created}, "Rules": rules}

    def _create_set(self, given: Given) -> Given:
        self._add_set(given.get("RuleSetName"), [])
        return {}

    def _clone_set(self, given: Given) -> Given:
        original = self._set(given.get("OriginalRuleSetName"))
        self._add_set(given.get("RuleSetName"), copy.deepcopy(original["Rules"]))
        return {}

    def _delete_set(self, given: Given) -> Given:
        name = given.get("RuleSetName", "")
        _check_name("ruleSetName", name)
        if name == self._active:
            raise AwsError("CannotDelete", f"Cannot delete active rule set: {name}", Name=name)
        # Deleting what is not there succeeds: the operation's only error is CannotDelete.
        self._sets.pop(name, None)
        return {}

    def _describe_set(self, given: Given) -> Given:
        return self._set(given.get("RuleSetName"))

    def _list_sets(self, _given: Given) -> Given:
        return {"RuleSets": [self._sets[name]["Metadata"] for name in sorted(self._sets)]}

    def _set_active(self, given: Given) -> Given:
        name = given.get("RuleSetName")
        if name is not None:
            self._set(name)
        self._active = name
        return {}

    def _describe_active(self, _given: Given) -> Given:
        return self._sets[self._active] if self._active is not None else {}

    # Rules

    def _rules(self, given: Given) -> list[Rule]:
        rules: list[Rule] = self._set(given.get("RuleSetName"))["Rules"]
        return rules

    def _checked(self, given: Given) -> Rule:
        """Return the rule of a request as SES stores it, after all that SES checks about it."""
        rule = _rule(given.get("Rule"))
        arn = self.rule_arn(str(given.get("RuleSetName")), rule["Name"])
        for action in rule["Actions"]:
            self._check_resources(action, arn)
        return rule

    def _check_resources(self, action: Given, arn: str) -> None:
        kind, members = next(iter(action.items()))
        topic = members.get("TopicArn")
        if topic and not self._resources.may_publish(topic, arn):
            raise AwsError("InvalidSnsTopic", f"Invalid SNS topic: {topic}", Topic=topic)
        if kind == "LambdaAction" and not self._resources.may_invoke(members["FunctionArn"], arn):
            function = members["FunctionArn"]
            raise AwsError(
                "InvalidLambdaFunction", f"Could not invoke Lambda function: {function}", FunctionArn=function
            )
        if kind == "S3Action":
            bucket, role = members["BucketName"], members.get("IamRoleArn")
            key = members.get("ObjectKeyPrefix", "") + SETUP_NOTIFICATION_KEY
            permitted = self._resources.role_exists(role) if role else self._resources.may_write(bucket, key, arn)
            if not permitted:
                raise AwsError("InvalidS3Configuration", f"Could not write to bucket: {bucket}", Bucket=bucket)

    def _announce(self, rule: Rule) -> None:
        """Write the object that SES leaves when it has tried whether it may write."""
        for action in rule["Actions"]:
            if target := action.get("S3Action"):
                key = target.get("ObjectKeyPrefix", "") + SETUP_NOTIFICATION_KEY
                self._resources.put_object(target["BucketName"], key, SETUP_NOTIFICATION)

    def _create_rule(self, given: Given) -> Given:
        rules = self._rules(given)
        rule = self._checked(given)
        if any(existing["Name"] == rule["Name"] for existing in rules):
            raise AwsError("AlreadyExists", f"Rule already exists: {rule['Name']}", Name=rule["Name"])
        if len(rules) >= MAX_RULES:
            raise AwsError("LimitExceeded", f"Maximum number of rules in a rule set reached: {MAX_RULES}")
        position = _place(rules, given.get("After"))
        self._announce(rule)
        rules.insert(position, rule)
        return {}

    def _update_rule(self, given: Given) -> Given:
        rules = self._rules(given)
        position = _index(rules, (given.get("Rule") or {}).get("Name"))
        rule = self._checked(given)
        self._announce(rule)
        rules[position] = rule
        return {}

    def _describe_rule(self, given: Given) -> Given:
        rules = self._rules(given)
        return {"Rule": rules[_index(rules, given.get("RuleName"))]}

    def _delete_rule(self, given: Given) -> Given:
        rules = self._rules(given)
        # Deleting a rule that is not there succeeds: the operation's only error is RuleSetDoesNotExist.
        rules[:] = [rule for rule in rules if rule["Name"] != given.get("RuleName")]
        return {}

    def _set_position(self, given: Given) -> Given:
        rules = self._rules(given)
        rule = rules[_index(rules, given.get("RuleName"))]
        others = [other for other in rules if other is not rule]
        others.insert(_place(others, given.get("After")), rule)
        rules[:] = others
        return {}

    def _reorder(self, given: Given) -> Given:
        rules = self._rules(given)
        names = given.get("RuleNames") or []
        ordered = [rules[_index(rules, name)] for name in names]
        if len(set(names)) != len(names) or len(names) != len(rules):
            raise AwsError(
                "InvalidParameterValue", "All of the rules in the rule set must be represented exactly once."
            )
        rules[:] = ordered
        return {}


def _index(rules: list[Rule], name: Any) -> int:
    for index, rule in enumerate(rules):
        if rule["Name"] == name:
            return index
    raise AwsError("RuleDoesNotExist", f"Rule does not exist: {name}", Name=str(name))


def _place(rules: list[Rule], after: Any) -> int:
    """Return where a rule goes: after the rule of that name, or first (CreateReceiptRule, parameter After)."""
    return _index(rules, after) + 1 if after else 0


def _check_name(option: str, name: Any) -> None:
    if not name:
        raise AwsError(
            "ValidationError",
            f"1 validation error detected: Value at '{option}' failed to satisfy constraint: Member must not be null",
        )
    if not _NAME.fullmatch(name):
        raise AwsError("InvalidParameterValue", f"Not a valid {option}: {name}")


def _rule(given: Any) -> Rule:
    """Return a rule of the Query protocol as SES stores and shows it; AwsError for what SES would not take."""
    if not isinstance(given, dict):
        raise AwsError(
            "ValidationError",
            "1 validation error detected: Value at 'rule' failed to satisfy constraint: Member must not be null",
        )
    _check_name("ruleName", given.get("Name"))
    tls_policy = given.get("TlsPolicy", "Optional")
    if tls_policy not in ("Optional", "Require"):
        raise AwsError(
            "ValidationError",
            "1 validation error detected: Value at 'rule.tlsPolicy' failed to satisfy constraint: Member must satisfy"
            " enum value set: [Optional, Require]",
        )
    rule = {
        "Name": given["Name"],
        "Enabled": given.get("Enabled") == "true",
        "TlsPolicy": tls_policy,
        "Recipients": _recipients(given.get("Recipients") or []),
        "Actions": [_action(action) for action in given.get("Actions") or []],
        "ScanEnabled": given.get("ScanEnabled") == "true",
    }
    if len(rule["Actions"]) > MAX_ACTIONS:
        raise AwsError("LimitExceeded", f"Maximum number of actions in a rule reached: {MAX_ACTIONS}")
    if any("StopAction" in action for action in rule["Actions"][:-1]):
        raise AwsError("InvalidParameterValue", "Stop action, if any, must be placed at the end of the actions list")
    return {name: value for name, value in rule.items() if value != [] or name == "Actions"}


def _recipients(given: list[str]) -> list[str]:
    if len(given) > MAX_RECIPIENTS:
        raise AwsError("LimitExceeded", f"Maximum number of recipients in a rule reached: {MAX_RECIPIENTS}")
    for recipient in given:
        if not _RECIPIENT.fullmatch(recipient):
            raise AwsError("InvalidParameterValue", f"Invalid recipient: {recipient}")
    return sorted({recipient.lower() for recipient in given})


def _action(given: Given) -> Given:
    kinds = [kind for kind, members in given.items() if isinstance(members, dict)]
    if len(kinds) != 1:
        raise AwsError("InvalidParameterValue", "Exactly one action type must be specified for each ReceiptAction")
    kind, members = kinds[0], dict(given[kinds[0]])
    if kind not in _REQUIRED:
        raise AwsError(
            "InvalidParameterValue", f"Local AWS has no {kind}: it carries out {', '.join(sorted(_REQUIRED))}"
        )
    for member in _REQUIRED[kind]:
        if not members.get(member):
            raise AwsError("ValidationError", f"1 validation error detected: {kind}.{member} must not be null")
    if kind == "StopAction" and members["Scope"] != "RuleSet":
        raise AwsError("ValidationError", "1 validation error detected: StopAction.Scope must be one of [RuleSet]")
    if kind == "AddHeaderAction":
        _check_header(members["HeaderName"], members["HeaderValue"])
    if kind == "LambdaAction":
        members.setdefault("InvocationType", "Event")
    return {kind: members}


def _check_header(name: str, value: str) -> None:
    if not _HEADER_NAME.fullmatch(name):
        raise AwsError("InvalidParameterValue", f"Invalid header name: {name}")
    if len(value) > 2048 or "\r" in value or "\n" in value:
        raise AwsError("InvalidParameterValue", "Invalid header value: at most 2048 characters, without CR and LF")


_OPERATIONS: dict[str, Callable[[ReceiptRules, Given], Given]] = {
    "CloneReceiptRuleSet": ReceiptRules._clone_set,
    "CreateReceiptRule": ReceiptRules._create_rule,
    "CreateReceiptRuleSet": ReceiptRules._create_set,
    "DeleteReceiptRule": ReceiptRules._delete_rule,
    "DeleteReceiptRuleSet": ReceiptRules._delete_set,
    "DescribeActiveReceiptRuleSet": ReceiptRules._describe_active,
    "DescribeReceiptRule": ReceiptRules._describe_rule,
    "DescribeReceiptRuleSet": ReceiptRules._describe_set,
    "ListReceiptRuleSets": ReceiptRules._list_sets,
    "ReorderReceiptRuleSet": ReceiptRules._reorder,
    "SetActiveReceiptRuleSet": ReceiptRules._set_active,
    "SetReceiptRulePosition": ReceiptRules._set_position,
    "UpdateReceiptRule": ReceiptRules._update_rule,
}
