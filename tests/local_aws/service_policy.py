# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a resource policy lets an AWS service in: enough of IAM's evaluation for SES, closed where it is not sure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any


def allows(policy: Mapping[str, Any], service: str, action: str, resource: str, context: Mapping[str, str]) -> bool:
    """Return whether a statement allows it and none denies it (IAM User Guide, "Policy evaluation logic")."""
    applying = [
        statement["Effect"]
        for statement in _list(policy.get("Statement", []))
        if _applies(statement, service, action, resource, context)
    ]
    return "Allow" in applying and "Deny" not in applying


def _applies(statement: Any, service: str, action: str, resource: str, context: Mapping[str, str]) -> bool:
    return (
        _principal_matches(statement.get("Principal"), service)
        and _any_like(statement.get("Action", []), action, ignore_case=True)
        and _any_like(statement.get("Resource", []), resource)
        and all(_holds(operator, keys, context) for operator, keys in statement.get("Condition", {}).items())
    )


def _principal_matches(principal: Any, service: str) -> bool:
    if isinstance(principal, Mapping):
        return service in _list(principal.get("Service", [])) or "*" in _list(principal.get("AWS", []))
    return principal == "*"


def _any_like(patterns: Any, text: str, ignore_case: bool = False) -> bool:
    return any(_like(pattern, text, ignore_case) for pattern in _list(patterns))


def _like(pattern: str, text: str, ignore_case: bool = False) -> bool:
    expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(expression, text, re.DOTALL | (re.IGNORECASE if ignore_case else 0)) is not None


_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "stringequals": lambda expected, actual: expected == actual,
    "stringequalsignorecase": lambda expected, actual: expected.lower() == actual.lower(),
    "stringlike": _like,
    "arnequals": _like,
    "arnlike": _like,
    "bool": lambda expected, actual: expected.lower() == actual.lower(),
}


def _holds(operator: str, keys: Mapping[str, Any], context: Mapping[str, str]) -> bool:
    name = operator.lower()
    if_exists = name.endswith("ifexists")
    name = name.removesuffix("ifexists")
    negated = name.startswith(("stringnot", "arnnot"))
    matches = _OPERATORS.get(name.replace("not", "", 1) if negated else name)
    if matches is None:
        return False
    known = {key.lower(): value for key, value in context.items()}
    for key, expected in keys.items():
        actual = known.get(key.lower())
        if actual is None:
            # A missing key fails every operator but the negated ones and …IfExists.
            if not (if_exists or negated):
                return False
        elif any(matches(str(value), actual) for value in _list(expected)) == negated:
            return False
    return True


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
