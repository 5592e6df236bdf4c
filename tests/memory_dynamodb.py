# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""DynamoDB in a dictionary: the forwarder's calls, for tests that make more of them than moto is fast enough for.

Source of the conditions: Amazon DynamoDB Developer Guide, "Condition and filter expressions, operators, and functions".
What the forwarder does not use is refused, never ignored.
"""

from __future__ import annotations

import operator
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError

Item = dict[str, dict[str, Any]]
_CONDITION = ("ConditionExpression", "ExpressionAttributeNames", "ExpressionAttributeValues")
_OPERATORS = {"=": operator.eq, "<": operator.lt, "<=": operator.le}
_TOKEN = re.compile(r"\s*(AND|OR|SET|REMOVE|[#:]?\w+|<=|[()=<,])")


class ConditionFailedError(ClientError):
    """A condition that does not hold, as boto3 raises it."""

    def __init__(self, operation: str, item: Item | None) -> None:
        answer = {"Error": {"Code": "ConditionalCheckFailedException", "Message": "The conditional request failed"}}
        super().__init__(answer | ({"Item": item} if item else {}), operation)


@dataclass
class _Expression:
    """An expression of a call, read from left to right, with the item that it is about."""

    text: str
    item: Item
    names: Mapping[str, str]
    values: Mapping[str, dict[str, Any]]
    tokens: list[str] = field(init=False)

    @classmethod
    def of(cls, request: Mapping[str, Any], member: str, item: Item) -> _Expression:
        names, values = (request.get(f"ExpressionAttribute{part}", {}) for part in ("Names", "Values"))
        return cls(request[member], item, names, values)

    def __post_init__(self) -> None:
        self.tokens = _TOKEN.findall(self.text)
        assert "".join(self.tokens) == re.sub(r"\s+", "", self.text), f"not understood here: {self.text}"

    def holds(self) -> bool:
        found = self._any()
        assert not self.tokens, f"not understood here: {self.text}"
        return found

    def _take(self, *expected: str) -> bool:
        """Remove the next tokens if they are these."""
        if self.tokens[: len(expected)] != [*expected]:
            return False
        del self.tokens[: len(expected)]
        return True

    def _any(self) -> bool:
        found = self._all()
        while self._take("OR"):
            found = self._all() or found
        return found

    def _all(self) -> bool:
        found = self._one()
        while self._take("AND"):
            found = self._one() and found
        return found

    def _one(self) -> bool:
        if self._take("("):
            found = self._any()
            assert self._take(")")
            return found
        for function, expected in (("attribute_exists", True), ("attribute_not_exists", False)):
            if self._take(function, "("):
                found = (self._name() in self.item) is expected
                assert self._take(")")
                return found
        held, sign, given = self.item.get(self._name()), self.tokens.pop(0), self.values[self.tokens.pop(0)]
        return held is not None and _compare(held, sign, given)

    def _name(self) -> str:
        token = self.tokens.pop(0)
        return self.names[token] if token.startswith("#") else token

    def apply(self) -> Item:
        """Return the item after an update: SET of values, then REMOVE."""
        changed = dict(self.item)
        assert self._take("SET")
        more = True
        while more:
            name = self._name()
            assert self._take("=")
            changed[name] = self.values[self.tokens.pop(0)]
            more = self._take(",")
        more = self._take("REMOVE")
        while more:
            changed.pop(self._name(), None)
            more = self._take(",")
        assert not self.tokens, f"not understood here: {self.text}"
        return changed


def _compare(held: dict[str, Any], sign: str, given: dict[str, Any]) -> bool:
    (kind, left), (other_kind, right) = *held.items(), *given.items()
    assert kind in ("S", "N")
    if kind != other_kind:
        return False
    one, other = (float(left), float(right)) if kind == "N" else (left, right)
    return bool(_OPERATORS[sign](one, other))


@dataclass
class MemoryDynamoDb:
    """Tables by name, each with its items by their key ``pk``; a table is there once it is used."""

    tables: dict[str, dict[str, Item]] = field(default_factory=lambda: defaultdict(dict))
    exceptions: Any = field(
        default_factory=lambda: SimpleNamespace(ConditionalCheckFailedException=ConditionFailedError)
    )

    def get_item(self, **request: Any) -> dict[str, Any]:
        _refuse_others(request, "TableName", "Key", "ConsistentRead")
        found = self.tables[request["TableName"]].get(request["Key"]["pk"]["S"])
        return {"Item": dict(found)} if found else {}

    def batch_get_item(self, **request: Any) -> dict[str, Any]:
        _refuse_others(request, "RequestItems")
        found: dict[str, list[Item]] = {}
        for table, asked in request["RequestItems"].items():
            _refuse_others(asked, "Keys", "ConsistentRead")
            keys = [key["pk"]["S"] for key in asked["Keys"]]
            assert 1 <= len(keys) <= 100
            assert len({*keys}) == len(keys)
            found[table] = [dict(self.tables[table][key]) for key in keys if key in self.tables[table]]
        return {"Responses": found, "UnprocessedKeys": {}}

    def put_item(self, **request: Any) -> dict[str, Any]:
        _refuse_others(request, "TableName", "Item", "ReturnValuesOnConditionCheckFailure", *_CONDITION)
        key = request["Item"]["pk"]["S"]
        self._check("PutItem", key, request)
        self.tables[request["TableName"]][key] = dict(request["Item"])
        return {}

    def update_item(self, **request: Any) -> dict[str, Any]:
        _refuse_others(request, "TableName", "Key", "UpdateExpression", *_CONDITION)
        table, key = self.tables[request["TableName"]], request["Key"]["pk"]["S"]
        self._check("UpdateItem", key, request)
        table[key] = _Expression.of(request, "UpdateExpression", table.get(key, dict(request["Key"]))).apply()
        return {}

    def delete_item(self, **request: Any) -> dict[str, Any]:
        _refuse_others(request, "TableName", "Key", *_CONDITION)
        key = request["Key"]["pk"]["S"]
        self._check("DeleteItem", key, request)
        self.tables[request["TableName"]].pop(key, None)
        return {}

    def _check(self, operation: str, key: str, request: Mapping[str, Any]) -> None:
        """Raise if the condition of a call does not hold for the item of a key."""
        item = self.tables[request["TableName"]].get(key)
        if "ConditionExpression" not in request:
            return
        if not _Expression.of(request, "ConditionExpression", item or {}).holds():
            is_told = request.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
            raise ConditionFailedError(operation, item if is_told else None)


def _refuse_others(request: Mapping[str, Any], *known: str) -> None:
    assert request.keys() <= {*known}, f"not understood here: {sorted(request.keys() - {*known})}"
