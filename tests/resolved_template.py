# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Resources as CloudFormation makes them of a template and parameters: conditions decided, for tools that cannot."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_NOTHING = {"Ref": "AWS::NoValue"}


class Conditions:
    """The conditions of a template: which hold with given parameters, and which parameters they are about."""

    def __init__(self, template: Mapping[str, Any]) -> None:
        self._conditions: Mapping[str, Any] = template["Conditions"]

    def holds(self, name: str, parameters: Mapping[str, str]) -> bool:
        """Tell whether a condition holds."""
        return self._holds(self._conditions[name], parameters)

    def parameters(self, name: str) -> set[str]:
        """Return the parameters that decide about a condition."""
        return set(self._parameters(self._conditions[name]))

    def _holds(self, node: Mapping[str, Any], parameters: Mapping[str, str]) -> bool:
        ((function, argument),) = node.items()
        if function == "Condition":
            return self.holds(argument, parameters)
        if function == "Fn::Equals":
            return _value(argument[0], parameters) == _value(argument[1], parameters)
        if function == "Fn::Not":
            return not self._holds(argument[0], parameters)
        return {"Fn::And": all, "Fn::Or": any}[function](self._holds(one, parameters) for one in argument)

    def _parameters(self, node: Any) -> Iterator[str]:
        if isinstance(node, Mapping):
            for function, argument in node.items():
                if function == "Ref":
                    yield argument
                elif function == "Condition":
                    yield from self.parameters(argument)
                else:
                    yield from self._parameters(argument)
        elif isinstance(node, list):
            for one in node:
                yield from self._parameters(one)


def _value(node: Any, parameters: Mapping[str, str]) -> str:
    """Return the text that a side of Fn::Equals comes to; a list among the parameters is text with commas."""
    if not isinstance(node, Mapping):
        return str(node)
    ((function, argument),) = node.items()
    return (
        parameters[argument] if function == "Ref" else str(argument[0]).join(_value(argument[1], parameters).split(","))
    )


def forms(
    template: Mapping[str, Any], options: Mapping[str, Sequence[str]], given: Mapping[str, str]
) -> dict[str, dict[str, dict[str, Any]]]:
    """Return each form that each resource has in any combination of the options.

    By logical id and then by the options that make it, those that matter to the resource. Parameters are replaced by
    their values where they are referred to as a whole.
    """
    conditions = Conditions(template)
    defaults = {name: str(parameter.get("Default", "")) for name, parameter in template["Parameters"].items()}
    lists = {name for name, parameter in template["Parameters"].items() if parameter["Type"] == "CommaDelimitedList"}
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for key, resource in template["Resources"].items():
        names = {parameter for one in _conditions_in(resource) for parameter in conditions.parameters(one)}
        relevant = [name for name in options if name in names]
        for values in itertools.product(*(options[name] for name in relevant)):
            chosen = dict(zip(relevant, values, strict=True))
            parameters = {**defaults, **given, **chosen}
            if "Condition" not in resource or conditions.holds(resource["Condition"], parameters):
                kept = {name: value for name, value in resource.items() if name != "Condition"}
                found.setdefault(key, {})[json.dumps(chosen)] = _resolved(kept, conditions, parameters, lists)
    return found


def _conditions_in(node: Any) -> Iterator[str]:
    """Yield the names of the conditions that a resource and its properties depend on."""
    if isinstance(node, Mapping):
        for name, value in node.items():
            if name == "Condition" and isinstance(value, str):
                yield value
            elif name == "Fn::If":
                yield value[0]
            yield from _conditions_in(value)
    elif isinstance(node, list):
        for one in node:
            yield from _conditions_in(one)


def _resolved(node: Any, conditions: Conditions, parameters: Mapping[str, str], lists: set[str]) -> Any:
    """Return a value with its Fn::If decided; what is AWS::NoValue is left out of its list or mapping."""
    if isinstance(node, Mapping):
        if set(node) == {"Fn::If"}:
            condition, yes, no = node["Fn::If"]
            chosen = yes if conditions.holds(condition, parameters) else no
            return _resolved(chosen, conditions, parameters, lists)
        if set(node) == {"Ref"} and node["Ref"] in parameters:
            value = parameters[node["Ref"]]
            return value.split(",") if node["Ref"] in lists else value
        found = {key: _resolved(value, conditions, parameters, lists) for key, value in node.items()}
        return {key: value for key, value in found.items() if value != _NOTHING}
    if isinstance(node, list):
        return [one for one in (_resolved(each, conditions, parameters, lists) for each in node) if one != _NOTHING]
    return node
