# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the policy of a resource has to allow, and whether it does. Pure, standard library only.

Sources: IAM User Guide, "Policy evaluation logic" and "Condition operators".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

# Whether a policy allows something: it does, it does not, or that rests on what nobody here knows.
ALLOWED, REFUSED, UNSURE = "allowed", "refused", "unsure"
_OPERATORS = ("stringequals", "stringlike", "arnequals", "arnlike", "bool")
_IF_EXISTS = "ifexists"


@dataclass(frozen=True)
class Need:
    """What somebody has to be allowed: the actions, in each of the contexts, which are condition keys in lower case.

    ``principal`` is the name of a service, or the ARN of the account's root, which stands for the account's IAM
    policies. ``without`` is what does not work otherwise. ``is_documented`` is whether AWS says which keys it sends.
    ``resource`` is what it is done to, empty where the policy can only be about the one resource that has it.
    """

    principal: str
    actions: tuple[str, ...]
    without: str
    contexts: tuple[Mapping[str, str], ...] = ({},)
    is_documented: bool = True
    resource: str = ""


def permits(policy: Mapping[str, Any], need: Need) -> str:
    """Return whether a policy allows all of a need: ALLOWED, REFUSED or UNSURE."""
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
        _is_on(statement, need.resource),
        *_conditions(statement.get("Condition") or {}, context, need.is_documented),
    )
    return next((one for one in (REFUSED, UNSURE) if one in parts), ALLOWED)


def _is_of(statement: Mapping[str, Any], principal: str) -> str:
    named = statement.get("Principal")
    if named is None:
        return UNSURE
    if named == "*" or "*" in _listed(named.get("AWS")):
        return ALLOWED
    if not principal.startswith("arn:"):
        return ALLOWED if principal in _listed(named.get("Service")) else REFUSED
    accounts = _listed(named.get("AWS"))
    if {principal, principal.split(":")[4]} & set(accounts):
        return ALLOWED
    # Roles may be named one by one: which, is not known before they are made.
    return UNSURE if accounts else REFUSED


def _is_about(statement: Mapping[str, Any], action: str) -> str:
    if "Action" not in statement:
        return UNSURE
    patterns = (str(pattern).lower() for pattern in _listed(statement["Action"]))
    return ALLOWED if any(fnmatchcase(action.lower(), pattern) for pattern in patterns) else REFUSED


def _is_on(statement: Mapping[str, Any], resource: str) -> str:
    if not resource:
        return ALLOWED
    if "Resource" not in statement:
        return UNSURE
    patterns = map(str, _listed(statement["Resource"]))
    return ALLOWED if any(fnmatchcase(resource, pattern) for pattern in patterns) else REFUSED


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
            holds = any(_is(operator.removesuffix(_IF_EXISTS), str(one), actual) for one in _listed(expected))
            # What may not be sent binds only where it is optional; where it does not fit, nobody knows.
            is_sure = is_documented or (holds and is_optional)
            yield (ALLOWED if holds else REFUSED) if is_sure else UNSURE


def _is(operator: str, expected: str, actual: str) -> bool:
    if operator == "bool":
        return actual == expected.lower()
    return actual == expected if operator == "stringequals" else fnmatchcase(actual, expected)


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]
