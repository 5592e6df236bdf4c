# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the policy of a KMS key has to allow, and whether it does. Pure, standard library only.

Sources: AWS KMS Developer Guide, "Key policies in AWS KMS"; IAM User Guide, "Policy evaluation logic" and "Condition
operators"; Amazon SES Developer Guide, "Deliver to S3 bucket action"; Amazon SNS Developer Guide, "Key management";
Amazon CloudWatch Logs User Guide, "Encrypt log data using AWS KMS". The role's README has a policy that does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

# Whether a policy allows something: it does, it does not, or that rests on what nobody here knows.
ALLOWED, REFUSED, UNSURE = "allowed", "refused", "unsure"
_OPERATORS = ("stringequals", "stringlike", "arnequals", "arnlike")
_IF_EXISTS = "ifexists"


@dataclass(frozen=True)
class Need:
    """What somebody has to be allowed: the actions, in each of the contexts, which are condition keys in lower case.

    ``principal`` is the name of a service, or the ARN of the account's root, which stands for the account's IAM
    policies. ``without`` is what does not work otherwise. ``is_documented`` is whether AWS says which keys it sends.
    """

    principal: str
    actions: tuple[str, ...]
    without: str
    contexts: tuple[Mapping[str, str], ...] = ({},)
    is_documented: bool = True


def needs(stack_name: str, rule_set: str, region: str, account_id: str, partition: str) -> tuple[Need, ...]:
    """Return what the key of a forwarder has to allow."""
    place = f"{region}:{account_id}"
    ses, sns, logs = (f"arn:{partition}:{service}:{place}" for service in ("ses", "sns", "logs"))
    source = {"aws:sourceaccount": account_id}
    sources = (f"receipt-rule-set/{rule_set}:receipt-rule/{stack_name}", f"configuration-set/{stack_name}")
    topics = (f"{stack_name}-received", f"{stack_name}-sent")
    group = {"kms:encryptioncontext:aws:logs:arn": f"{logs}:log-group:/aws/lambda/{stack_name}"}
    use = ("kms:Decrypt", "kms:GenerateDataKey")
    return (
        Need(
            f"arn:{partition}:iam::{account_id}:root",
            use,
            "the functions, CloudFormation and whoever runs the playbooks cannot use it",
        ),
        Need(
            "ses.amazonaws.com",
            use,
            "SES stores no mail and tells nothing",
            tuple({**source, "aws:sourcearn": f"{ses}:{one}"} for one in sources),
        ),
        Need(
            "sns.amazonaws.com",
            use,
            "no notification of mail reaches its queue",
            tuple({**source, "aws:sourcearn": f"{sns}:{one}"} for one in topics),
            is_documented=False,
        ),
        Need(
            f"logs.{region}.amazonaws.com",
            (*use, "kms:DescribeKey", "kms:Encrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo"),
            "CloudFormation cannot create the log groups",
            (group,),
        ),
    )


def permits(policy: Mapping[str, Any], need: Need) -> str:
    """Return whether a key's policy allows all of a need: ALLOWED, REFUSED or UNSURE."""
    found = [
        _decide(_listed(policy.get("Statement")), need, action, context)
        for action in need.actions
        for context in need.contexts
    ]
    return next((decision for decision in (REFUSED, UNSURE) if decision in found), ALLOWED)


def _decide(statements: Iterable[Any], need: Need, action: str, context: Mapping[str, str]) -> str:
    """Return what statements say of one action: a deny is stronger, and no statement is a refusal."""
    said = [(one.get("Effect"), _applies(one, need, action, context)) for one in statements]
    if ("Deny", ALLOWED) in said:
        return REFUSED
    if ("Deny", UNSURE) in said:
        return UNSURE
    return next((told for told in (ALLOWED, UNSURE) if ("Allow", told) in said), REFUSED)


def _applies(statement: Mapping[str, Any], need: Need, action: str, context: Mapping[str, str]) -> str:
    """Return whether a statement is about this: ALLOWED stands for yes, REFUSED for no."""
    parts = (
        _is_of(statement, need.principal),
        _is_about(statement, action),
        *_conditions(statement.get("Condition") or {}, context, need.is_documented),
    )
    return next((one for one in (REFUSED, UNSURE) if one in parts), ALLOWED)


def _is_of(statement: Mapping[str, Any], principal: str) -> str:
    named = statement.get("Principal")
    if named is None:
        return UNSURE
    if named == "*":
        return ALLOWED
    if not principal.startswith("arn:"):
        return ALLOWED if principal in _listed(named.get("Service")) else REFUSED
    accounts = _listed(named.get("AWS"))
    if {principal, principal.split(":")[4], "*"} & set(accounts):
        return ALLOWED
    # Roles may be named one by one: which, is not known before they are made.
    return UNSURE if accounts else REFUSED


def _is_about(statement: Mapping[str, Any], action: str) -> str:
    if "Action" not in statement:
        return UNSURE
    patterns = (str(pattern).lower() for pattern in _listed(statement["Action"]))
    return ALLOWED if any(fnmatchcase(action.lower(), pattern) for pattern in patterns) else REFUSED


def _conditions(conditions: Mapping[str, Any], context: Mapping[str, str], is_documented: bool) -> Iterator[str]:
    """Yield whether each condition holds."""
    for given, keys in conditions.items():
        operator = given.lower()
        is_optional = operator.endswith(_IF_EXISTS)
        for key, expected in keys.items():
            actual = context.get(key.lower())
            if actual is None or operator.removesuffix(_IF_EXISTS) not in _OPERATORS:
                yield UNSURE
                continue
            is_like = operator.removesuffix(_IF_EXISTS) != "stringequals"
            holds = any(fnmatchcase(actual, str(one)) if is_like else actual == one for one in _listed(expected))
            # What may not be sent binds only where it is optional; where it does not fit, nobody knows.
            is_sure = is_documented or (holds and is_optional)
            yield (ALLOWED if holds else REFUSED) if is_sure else UNSURE


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]
