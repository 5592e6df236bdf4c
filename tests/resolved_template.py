# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stack's template as CloudFormation makes it of parameters: conditions decided, for tools that cannot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

_NOTHING = {"Ref": "AWS::NoValue"}


def resolve(template: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, Any]:
    """Return the resources that a stack with these parameters has, without conditions.

    What is not given has the parameter's default. References to parameters and resources stay as they are; the defaults
    of the parameters are then what was given.
    """
    parameters = {
        name: given.get(name, str(parameter.get("Default", ""))) for name, parameter in template["Parameters"].items()
    }
    decide = _decider(template["Conditions"], parameters)
    resources = {
        key: {name: _resolved(value, decide) for name, value in resource.items() if name != "Condition"}
        for key, resource in template["Resources"].items()
        if "Condition" not in resource or decide(resource["Condition"])
    }
    known = {key: {**one, "Default": parameters[key]} for key, one in template["Parameters"].items()}
    return {"AWSTemplateFormatVersion": "2010-09-09", "Parameters": known, "Resources": resources}


def _decider(conditions: Mapping[str, Any], parameters: Mapping[str, str]) -> Callable[[str], bool]:
    def value(node: Any) -> Any:
        if not isinstance(node, Mapping):
            return str(node)
        ((function, argument),) = node.items()
        if function == "Ref":
            return parameters[argument]
        if function == "Fn::Join":
            # Of the lists among the parameters, which are text with commas.
            return argument[0].join(value(argument[1]).split(","))
        raise ValueError(f"{function} in a condition")

    def holds(node: Any) -> bool:
        ((function, argument),) = node.items()
        if function == "Condition":
            return decide(argument)
        if function == "Fn::Equals":
            return bool(value(argument[0]) == value(argument[1]))
        if function == "Fn::Not":
            return not holds(argument[0])
        return {"Fn::And": all, "Fn::Or": any}[function](holds(one) for one in argument)

    def decide(name: str) -> bool:
        return holds(conditions[name])

    return decide


def _resolved(node: Any, decide: Callable[[str], bool]) -> Any:
    """Return a value with its Fn::If decided; what is AWS::NoValue is left out of its list or mapping."""
    if isinstance(node, Mapping):
        if set(node) == {"Fn::If"}:
            condition, yes, no = node["Fn::If"]
            return _resolved(yes if decide(condition) else no, decide)
        found = {key: _resolved(value, decide) for key, value in node.items()}
        return {key: value for key, value in found.items() if value != _NOTHING}
    if isinstance(node, list):
        return [value for value in (_resolved(one, decide) for one in node) if value != _NOTHING]
    return node
