# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options as JSON gives them, read by a module's own argument specification: its types, defaults and rules.

Nothing is converted, as Ansible would: a number is no text, a text is no list, and what is not known is refused. Pure,
standard library only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ._errors import InputError
from ._text import not_text

Spec = Mapping[str, Mapping[str, Any]]
_NAME_MAX = 64
_SHOWN_MAX = 100
_KINDS: Mapping[str, tuple[type, str]] = {
    "bool": (bool, "true or false"),
    "dict": (dict, "a JSON object"),
    "int": (int, "a whole number"),
    "list": (list, "a JSON array"),
}


def read_options(given: Any, spec: Spec, rules: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of a request: every one of ``spec``, with its default or None where it is not given.

    ``rules`` are those of AnsibleModule: ``required_one_of``, ``required_by``, ``required_if``, ``mutually_exclusive``.
    Raises InputError, which names the option. Null is not given.
    """
    if not isinstance(given, Mapping):
        raise InputError(f"the request is {_shown(given)}, and a JSON object of options is needed")
    _check_known("", given, spec)
    values = {name: _read(name, given[name], spec[name]) for name in given if given[name] is not None}
    options = {name: values.get(name, one.get("default")) for name, one in spec.items()}
    for rule, check in _RULES.items():
        check(rules.get(rule, ()), values, options)
    return options


def _check_known(within: str, given: Mapping[str, Any], spec: Spec) -> None:
    for name in given:
        if name not in spec:
            shown = name if name.isidentifier() and len(name) <= _NAME_MAX else _shown(name)
            raise InputError(f"{within}{shown}: is not known here; give no others than {', '.join(sorted(spec))}")


def _read(name: str, value: Any, spec: Mapping[str, Any]) -> Any:
    kind = spec["type"]
    if kind == "str":
        value = _text(name, value, kind)
    elif not isinstance(value, _KINDS[kind][0]) or (kind == "int" and isinstance(value, bool)):
        raise InputError(f"{name}: {_shown(value)} is not {_KINDS[kind][1]}; give {_KINDS[kind][1]}")
    if "choices" in spec and value not in spec["choices"]:
        raise InputError(f"{name}: {value!r} is not one of them; give {' or '.join(spec['choices'])}")
    if kind == "list":
        return [_read(f"{name}[{index}]", one, {"type": spec["elements"]}) for index, one in enumerate(value)]
    if kind == "dict":
        _check_encodable(name, value)
        return _sub_options(name, value, spec["options"]) if "options" in spec else value
    return value


def _text(name: str, value: Any, kind: str) -> str:
    """Return a text; the id of an account may be a number, by its own type."""
    read: Callable[[Any], str] = kind if callable(kind) else _only_text
    try:
        text = read(value)
    except InputError as error:
        raise InputError(f"{name}: {error}") from error
    _check_encodable(name, text)
    return text


def _only_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    raise InputError(not_text(value))


def _check_encodable(name: str, value: Any) -> None:
    """Raise InputError for half of a surrogate pair, which JSON can write and no table can hold."""
    texts = [*value, *value.values()] if isinstance(value, Mapping) else [value]
    for text in texts:
        if isinstance(text, str) and any("\ud800" <= sign <= "\udfff" for sign in text):
            raise InputError(f"{name}: {text!a} holds half of a character; write it as UTF-8")


def _sub_options(name: str, value: Mapping[str, Any], spec: Spec) -> dict[str, Any]:
    _check_known(f"{name}.", value, spec)
    missing = [key for key, one in spec.items() if one.get("required") and value.get(key) is None]
    if missing:
        raise InputError(f"{name}.{missing[0]}: is not given; {name} needs {' and '.join(spec)}")
    return {
        key: one.get("default") if value.get(key) is None else _read(f"{name}.{key}", value[key], one)
        for key, one in spec.items()
    }


def _shown(value: Any) -> str:
    """Return the value as JSON writes it, as far as a person reads it."""
    words: Mapping[Any, str] = {None: "null", True: "true", False: "false"}
    known = value is None or isinstance(value, bool)
    text = words[value] if known else ascii(value)
    return text if len(text) <= _SHOWN_MAX else f"{text[: _SHOWN_MAX - 3]}..."


def _check_one_of(groups: Sequence[Sequence[str]], given: Mapping[str, Any], _options: Mapping[str, Any]) -> None:
    for names in groups:
        if not any(name in given for name in names):
            raise InputError(f"{names[0]}: is not given; give one of {', '.join(names)}")


def _check_by(needs: Mapping[str, Sequence[str]], given: Mapping[str, Any], _options: Mapping[str, Any]) -> None:
    for name, needed in dict(needs).items():
        missing = [one for one in needed if one not in given]
        if name in given and missing:
            raise InputError(f"{missing[0]}: is not given; {name} needs {', '.join(needed)} beside it")


def _check_if(rules: Sequence[Any], given: Mapping[str, Any], options: Mapping[str, Any]) -> None:
    for name, value, needed in rules:
        missing = [one for one in needed if one not in given]
        if options[name] == value and missing:
            raise InputError(f"{missing[0]}: is not given; it is needed where {name} is {_shown(value)}")


def _check_exclusive(groups: Sequence[Sequence[str]], given: Mapping[str, Any], _options: Mapping[str, Any]) -> None:
    for names in groups:
        both = [name for name in names if name in given]
        if len(both) > 1:
            raise InputError(f"{both[1]}: has no place beside {both[0]}; give one of them")


_RULES: Mapping[str, Callable[[Any, Mapping[str, Any], Mapping[str, Any]], None]] = {
    "mutually_exclusive": _check_exclusive,
    "required_one_of": _check_one_of,
    "required_by": _check_by,
    "required_if": _check_if,
}
