# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""As much of the CloudWatch Logs Insights query language as the saved queries use, over log lines that are JSON.

Amazon CloudWatch Logs User Guide, "CloudWatch Logs Insights language query syntax": commands are joined by ``|``;
``fields`` and ``display`` choose what is shown, the last one of them; ``filter`` knows ``= != < <= > >=``, ``like``
with text or a regular expression, ``in``, ``and``, ``or``, ``not`` and parentheses; ``stats`` knows ``count``, ``min``
and ``max`` by fields; ``sort`` and ``limit``. JSON's members are fields, nested ones by dots. A field that a line does
not have equals nothing, and is not shown. What is not here is refused, so that no query seems to work that was not
run.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]
_Test = Callable[[Row], bool]

_TOKEN = re.compile(
    r"""\s*(?:(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<regex>/(?:[^/\\]|\\.)+/)|(?P<number>-?\d+(?:\.\d+)?)
    |(?P<word>@?[A-Za-z_][\w.]*|\*)|(?P<sign><=|>=|!=|[=<>(),\[\]|]))""",
    re.VERBOSE,
)
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}
_FUNCTIONS: dict[str, Callable[[list[Any]], Any]] = {"count": len, "max": max, "min": min}


class QueryError(ValueError):
    """The query is not in the part of the language that is here."""


@dataclass(frozen=True)
class LogLine:
    """A line of a log group."""

    timestamp: float
    message: str


@dataclass
class _Tokens:
    """The tokens of a query, taken one by one."""

    left: list[tuple[str, str]]

    @classmethod
    def of(cls, query: str) -> _Tokens:
        found, at, end = [], 0, len(query.rstrip())
        while at < end:
            token = _TOKEN.match(query, at)
            if token is None:
                raise QueryError(f"cannot read {query[at : at + 20]!r}")
            found.append((str(token.lastgroup), str(token[token.lastgroup or 0])))
            at = token.end()
        return cls(found)

    def peek(self) -> tuple[str, str]:
        return self.left[0] if self.left else ("end", "")

    def take(self, *wanted: str) -> str:
        """Return the next token, which has to be of a kind or a text that is wanted."""
        kind, text = self.peek()
        if not {kind, text.lower()} & set(wanted):
            raise QueryError(f"{text or 'the end'!r} stands where {' or '.join(wanted)} has to")
        self.left.pop(0)
        return text

    def skip(self, text: str) -> bool:
        """Take the next token if it is this one, and return whether it was."""
        is_next = self.peek()[0] in ("word", "sign") and self.peek()[1].lower() == text
        if is_next:
            self.left.pop(0)
        return is_next

    def listed(self, take: Callable[[], Any]) -> list[Any]:
        found = [take()]
        while self.skip(","):
            found.append(take())
        return found


def run(query: str, lines: Iterable[LogLine]) -> list[Row]:
    """Return the rows that a query shows of log lines, each with the fields that it has; raise QueryError."""
    tokens = _Tokens.of(query)
    state = _State([_row(line) for line in lines])
    while tokens.left:
        command = tokens.take(*_COMMANDS).lower()
        _COMMANDS[command](tokens, state)
        if tokens.left:
            tokens.take("|")
    shown = state.shown or ["@timestamp", "@message"]
    # AWS shows 10,000 rows at most where no limit is given.
    return [{name: row[name] for name in shown if name in row} for row in state.rows[: state.limit or 10_000]]


@dataclass
class _State:
    rows: list[Row]
    shown: list[str] = field(default_factory=list)
    limit: int = 0


def _row(line: LogLine) -> Row:
    try:
        members = json.loads(line.message)
    except ValueError:
        members = None
    found = dict(_flat(members, "")) if isinstance(members, dict) else {}
    return {**found, "@timestamp": line.timestamp, "@message": line.message}


def _flat(members: dict[str, Any], prefix: str) -> Iterable[tuple[str, Any]]:
    for name, value in members.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        elif value is not None:
            yield f"{prefix}{name}", value


def _fields(tokens: _Tokens, state: _State) -> None:
    state.shown = tokens.listed(lambda: tokens.take("word"))


def _filter(tokens: _Tokens, state: _State) -> None:
    test = _either(tokens)
    state.rows = [row for row in state.rows if test(row)]


def _sort(tokens: _Tokens, state: _State) -> None:
    def key() -> tuple[str, bool]:
        name = tokens.take("word")
        is_falling = tokens.skip("desc")
        return name, is_falling or (tokens.skip("asc") and False)

    for name, is_falling in reversed(tokens.listed(key)):
        having = [row for row in state.rows if name in row]
        lacking = [row for row in state.rows if name not in row]
        state.rows = [*sorted(having, key=lambda row: row[name], reverse=is_falling), *lacking]


def _limit(tokens: _Tokens, state: _State) -> None:
    state.limit = int(tokens.take("number"))


def _stats(tokens: _Tokens, state: _State) -> None:
    def column() -> tuple[str, str, str]:
        function = tokens.take(*_FUNCTIONS).lower()
        tokens.take("(")
        name = "*" if tokens.peek()[1] == ")" else tokens.take("word")
        tokens.take(")")
        return function, name, tokens.take("word") if tokens.skip("as") else f"{function}({name})"

    columns = tokens.listed(column)
    by = tokens.listed(lambda: tokens.take("word")) if tokens.skip("by") else []
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in state.rows:
        groups.setdefault(tuple(row.get(name) for name in by), []).append(row)
    state.rows = [_summed_up(columns, by, rows) for rows in groups.values()]
    state.shown = [*by, *(alias for _function, _name, alias in columns)]


def _summed_up(columns: Sequence[tuple[str, str, str]], by: Sequence[str], rows: list[Row]) -> Row:
    found = {name: rows[0][name] for name in by if name in rows[0]}
    for function, name, alias in columns:
        values = rows if name == "*" else [row[name] for row in rows if name in row]
        if values or function == "count":
            found[alias] = _FUNCTIONS[function](values)
    return found


_COMMANDS: dict[str, Callable[[_Tokens, _State], None]] = {
    "fields": _fields,
    "display": _fields,
    "filter": _filter,
    "sort": _sort,
    "limit": _limit,
    "stats": _stats,
}


def _either(tokens: _Tokens) -> _Test:
    tests = [_both(tokens)]
    while tokens.skip("or"):
        tests.append(_both(tokens))
    return lambda row: any(test(row) for test in tests)


def _both(tokens: _Tokens) -> _Test:
    tests = [_one(tokens)]
    while tokens.skip("and"):
        tests.append(_one(tokens))
    return lambda row: all(test(row) for test in tests)


def _one(tokens: _Tokens) -> _Test:
    if tokens.skip("not"):
        test = _one(tokens)
        return lambda row: not test(row)
    if tokens.skip("("):
        test = _either(tokens)
        tokens.take(")")
        return test
    return _comparison(tokens)


def _comparison(tokens: _Tokens) -> _Test:
    name = tokens.take("word")
    if tokens.skip("not"):
        test = _matching(tokens, name, tokens.take("like", "in").lower())
        return lambda row: not test(row)
    operator = tokens.take(*_COMPARISONS, "like", "in").lower()
    if operator in ("like", "in"):
        return _matching(tokens, name, operator)
    compare, value = _COMPARISONS[operator], _value(tokens)
    return lambda row: name in row and _is_comparable(row[name], value) and compare(row[name], value)


def _matching(tokens: _Tokens, name: str, operator: str) -> _Test:
    if operator == "in":
        tokens.take("[")
        values = tokens.listed(lambda: _value(tokens))
        tokens.take("]")
        return lambda row: name in row and row[name] in values
    kind, text = tokens.peek()
    tokens.take("string", "regex")
    pattern = re.compile(text[1:-1].replace(r"\/", "/") if kind == "regex" else re.escape(_unquoted(text)))
    return lambda row: name in row and pattern.search(str(row[name])) is not None


def _value(tokens: _Tokens) -> str | float:
    kind, text = tokens.peek()
    tokens.take("string", "number")
    return float(text) if kind == "number" else _unquoted(text)


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1])


def _is_comparable(found: object, value: str | float) -> bool:
    return isinstance(found, str) == isinstance(value, str)
