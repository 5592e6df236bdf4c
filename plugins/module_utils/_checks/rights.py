# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge of the caller's rights, as far as AWS tells beforehand. Pure, standard library only.

Source: AWS IAM API Reference, SimulatePrincipalPolicy. It knows the policies of a principal and its permissions
boundary. It does not know the session's own policy, policies of resources, nor all that service control policies say
(those with conditions). So what it says is told and never refuses a deployment.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from .model import Asked, Judgement, join, ok, skipped, warn
from .names import Caller, code_bucket

# What a deployment cannot do without, of docs/permissions.md; no action whose permission there has a condition, which a
# simulation would have to be told. {placeholders} are those of ``resources``.
DEPLOYING: Mapping[str, tuple[str, ...]] = {
    "{stack}": (
        "cloudformation:CreateChangeSet",
        "cloudformation:CreateStack",
        "cloudformation:DescribeStacks",
        "cloudformation:UpdateStack",
        "cloudformation:UpdateTerminationProtection",
    ),
    "{map}": ("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"),
    "{code}": ("s3:CreateBucket", "s3:GetBucketPolicy", "s3:ListBucket", "s3:PutBucketPolicy"),
    "{package}": ("s3:GetObject", "s3:PutObject"),
    "*": (
        "ses:CreateReceiptRule",
        "ses:CreateReceiptRuleSet",
        "ses:DescribeActiveReceiptRuleSet",
        "ses:SetActiveReceiptRuleSet",
        "ses:UpdateReceiptRule",
    ),
}
_ASSUMED = re.compile(r"arn:(?P<partition>[^:]+):sts::(?P<account>\d{12}):assumed-role/(?P<name>[^/]+)/.*")
_PRINCIPAL = re.compile(r"arn:[^:]+:iam::\d{12}:(user|role)/.+")


@dataclass(frozen=True)
class Simulation:
    """What IAM says of a principal's actions, each with its resource: denied, or not told for want of a context."""

    principal: str
    asked: int
    denied: tuple[str, ...] = ()
    untold: tuple[str, ...] = ()


def resources(asked: Asked, caller: Caller) -> dict[str, tuple[str, ...]]:
    """Return the actions by the ARN of what they are about."""
    place = f"{asked.region}:{caller.account_id}"
    bucket = f"arn:{caller.partition}:s3:::{code_bucket(asked, caller)}"
    values = {
        "{stack}": f"arn:{caller.partition}:cloudformation:{place}:stack/{asked.stack_name}/*",
        "{map}": f"arn:{caller.partition}:dynamodb:{place}:table/{asked.map_table}",
        "{code}": bucket,
        "{package}": f"{bucket}/forwarder-0.zip",
        "*": "*",
    }
    return {values[name]: actions for name, actions in DEPLOYING.items()}


def principal_of(caller: Caller) -> str | None:
    """Return the ARN of the user or role whose policies are asked for; None for the root user and federated users.

    That of a role that has a path is another one: the ARN of a session does not tell the path.
    """
    if found := _ASSUMED.fullmatch(caller.arn):
        return f"arn:{found['partition']}:iam::{found['account']}:role/{found['name']}"
    return caller.arn if _PRINCIPAL.fullmatch(caller.arn) else None


def judge_rights(_asked: Asked, simulation: Simulation) -> Judgement:
    """Whether IAM would let the caller deploy."""
    seen = {"principal": simulation.principal, "denied": list(simulation.denied), "untold": list(simulation.untold)}
    if simulation.denied:
        return warn(
            f"IAM does not allow {simulation.principal} {join(simulation.denied)}.",
            "The deployment would fail there. What policies of the organization, of the session or of resources say is"
            " not all known to IAM's simulation.",
            "Give the caller the policy of docs/permissions.md for deploy, or use other credentials.",
            **seen,
        )
    if len(simulation.untold) == simulation.asked:
        return skipped(f"IAM does not tell what {simulation.principal} may do without more of the call.", **seen)
    told = simulation.asked - len(simulation.untold)
    return ok(
        f"IAM allows {simulation.principal} {told} main actions of a deployment, as far as its simulation goes.",
        **seen,
    )
