# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls to Amazon SES about receipt rules, one function for each; errors arrive as AwsError.

SES allows each of these operations about once a second, so every call waits out throttling.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._aws import Service, error_with_code
from ansible_collections.account_factory.email.plugins.module_utils._times import utc_text

from .model import Plan, Rule, RuleSet

_AGAIN = "Something else changed the rules meanwhile: run the task again."
# Which of the two a region without receiving gives is not documented.
_NO_RECEIVING = (
    "SES does not receive mail in every region: see Amazon Simple Email Service endpoints, Email receiving, in the AWS"
    " General Reference. If it does in this one, check AWS_ENDPOINT_URL and the network."
)
REMEDIES = {
    "AlreadyExists": _AGAIN,
    "EndpointConnectionError": _NO_RECEIVING,
    "InvalidAction": _NO_RECEIVING,
    "InvalidLambdaFunction": (
        "The function must exist in this region and have a permission that lets ses.amazonaws.com invoke it."
    ),
    "InvalidS3Configuration": (
        "The bucket must exist, and its policy (and its key's, if it has one) must let ses.amazonaws.com write to it"
        " before the rule is made, or the action must name an iam_role_arn that may."
    ),
    "InvalidSnsTopic": (
        "The topic must exist in this region, and its policy must let ses.amazonaws.com publish to it before the rule"
        " is made."
    ),
    "LimitExceeded": "SES allows 40 rule sets in a region and 200 rules in a set: remove one that is not in use.",
    "RuleDoesNotExist": _AGAIN,
    "RuleSetDoesNotExist": "Make it first with account_factory.email.ses_receipt_rule_set.",
}
_SES = Service(
    retried=("Throttling", "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded"),
    remedies=REMEDIES,
)

# That a policy was just written is not known everywhere at once: two minutes at most.
_RULES = _SES.retrying("InvalidLambdaFunction", "InvalidS3Configuration", "InvalidSnsTopic", tries=10, first=2)


def get_rule_set(client: Any, name: str) -> RuleSet | None:
    """Return the rule set with its rules, None if it does not exist."""
    try:
        response = _SES.call(f"describe receipt rule set {name}", client.describe_receipt_rule_set, RuleSetName=name)
    except error_with_code("RuleSetDoesNotExist", "RuleSetDoesNotExistException"):
        return None
    return _rule_set(response)


def get_active_rule_set(client: Any) -> RuleSet | None:
    """Return the region's active rule set with its rules, None if none is active."""
    response = _SES.call("describe the active receipt rule set", client.describe_active_receipt_rule_set)
    return _rule_set(response) if response.get("Metadata", {}).get("Name") else None


def list_rule_set_names(client: Any) -> list[str]:
    """Return the names of the region's rule sets."""
    pages = client.get_paginator("list_receipt_rule_sets").paginate()
    response = _SES.call("list receipt rule sets", pages.build_full_result)
    return [rule_set["Name"] for rule_set in response.get("RuleSets", [])]


def create_rule_set(client: Any, name: str) -> None:
    _SES.call(f"create receipt rule set {name}", client.create_receipt_rule_set, RuleSetName=name)


def activate_rule_set(client: Any, name: str) -> None:
    """Make the rule set the active one, in place of any other."""
    _SES.call(f"activate receipt rule set {name}", client.set_active_receipt_rule_set, RuleSetName=name)


def deactivate_rule_set(client: Any, name: str) -> None:
    """Leave the region without an active rule set; ``name`` is the one that is active."""
    _SES.call(f"deactivate receipt rule set {name}", client.set_active_receipt_rule_set)


def delete_rule_set(client: Any, name: str) -> None:
    """Delete the rule set with all of its rules; one that is gone already is no error."""
    _SES.call(f"delete receipt rule set {name}", client.delete_receipt_rule_set, RuleSetName=name)


def create_rule(client: Any, plan: Plan) -> None:
    _RULES.call(
        f"create receipt rule {plan.rule.name} in rule set {plan.rule_set}",
        client.create_receipt_rule,
        RuleSetName=plan.rule_set,
        Rule=plan.rule.to_api(),
        **_after(plan),
    )


def update_rule(client: Any, plan: Plan) -> None:
    _RULES.call(
        f"update receipt rule {plan.rule.name} in rule set {plan.rule_set}",
        client.update_receipt_rule,
        RuleSetName=plan.rule_set,
        Rule=plan.rule.to_api(),
    )


def move_rule(client: Any, plan: Plan) -> None:
    _SES.call(
        f"move receipt rule {plan.rule.name} in rule set {plan.rule_set}",
        client.set_receipt_rule_position,
        RuleSetName=plan.rule_set,
        RuleName=plan.rule.name,
        **_after(plan),
    )


def delete_rule(client: Any, plan: Plan) -> None:
    """Delete the rule; one that is gone already is no error."""
    _SES.call(
        f"delete receipt rule {plan.rule.name} from rule set {plan.rule_set}",
        client.delete_receipt_rule,
        RuleSetName=plan.rule_set,
        RuleName=plan.rule.name,
    )


def _after(plan: Plan) -> dict[str, str]:
    # SES puts a rule that is to stand after none first.
    return {"After": plan.predecessor} if plan.predecessor else {}


def _rule_set(response: Mapping[str, Any]) -> RuleSet:
    metadata = response["Metadata"]
    created = metadata.get("CreatedTimestamp")
    return RuleSet(
        name=metadata["Name"],
        created_timestamp=utc_text(created) if created else None,
        rules=tuple(Rule.from_api(rule) for rule in response.get("Rules", [])),
    )
