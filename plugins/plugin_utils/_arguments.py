# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the variables of a play say, whether a survey, an inventory, a file or a command line gave them.

A specification is that of Ansible's modules, with types more: ``account_id``, ``tags``, ``character``, ``ignored``, and
``dict`` with ``elements``. Values are those of a document (see _as_written). Pure, nothing here knows where variables
come from.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible.module_utils.parsing.convert_bool import boolean

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._tags import checked_tags
from ansible_collections.account_factory.email.plugins.module_utils._text import (
    account_id,
    checked_account_id,
    no_account_id,
)

from ._as_written import Unquoted, as_text, document, plain

Spec = Mapping[str, Mapping[str, Any]]

# What separates the entries of a list or of a dictionary in one text.
_SEPARATOR = re.compile(r"[\r\n,;]")
# A colon that YAML takes for the end of a key, before any equals sign.
_YAML_KEY = re.compile(r"[^=]*?:(\s|$)")
_INTEGER = re.compile(r"[+-]?[0-9]+")


def is_given(value: Any, kind: str = "str") -> bool:
    """Return whether a variable says anything: a survey leaves those empty that nobody fills in. ``[]`` is meant."""
    if isinstance(value, str):
        return value != "" if kind == "character" else value.strip() != ""
    return value is not None


def read_arguments(spec: Spec, given: Mapping[str, Any], named: Mapping[str, str]) -> dict[str, Any]:
    """Return the arguments that are given, each of its type; raise InputError with all that is wrong.

    ``named`` is the name by which an argument is known to whoever gave it, where that is another than in the spec.
    """
    found: dict[str, Any] = {}
    wrong: list[str] = []
    for name, option in spec.items():
        label = named.get(name, name)
        try:
            value = read_value(label, option, given.get(name))
        except InputError as error:
            wrong.append(str(error))
            continue
        if value is None:
            value = option.get("default")
        if value is not None:
            found[name] = value
        elif option.get("required"):
            wrong.append(f"{label}: is not given")
    if wrong:
        raise InputError("; ".join(wrong))
    return found


def read_value(name: str, option: Mapping[str, Any], value: Any) -> Any:
    """Return the value in the type of the option, None where it is not given; raise InputError naming it."""
    kind = option.get("type", "str")
    if not is_given(value, kind):
        return None
    read = _READERS[kind](name, value, option)
    choices = option.get("choices")
    if choices and read is not None and read not in choices:
        # As Ansible itself says it.
        raise InputError(f"value of {name} must be one of: {', '.join(map(str, choices))}, got: {read}")
    return read


def _text(name: str, value: Any, _option: Mapping[str, Any]) -> str:
    return _named(name, as_text, value).strip()


def _character(name: str, value: Any, _option: Mapping[str, Any]) -> str:
    text = _named(name, as_text, value)
    # A line of a survey or of a shell has no tab of its own.
    return "\t" if text.strip() in ("\\t", "tab") else text


def _account_id(name: str, value: Any, _option: Mapping[str, Any]) -> str:
    if isinstance(value, Unquoted) and not value.is_decimal and isinstance(value.value, int):
        raise InputError(f"{name}: {no_account_id(value.value)}")
    read = account_id if not isinstance(value, Unquoted) else as_text
    return checked_account_id(name, _named(name, read, value))


def _boolean(name: str, value: Any, _option: Mapping[str, Any]) -> bool:
    value = value.value if isinstance(value, Unquoted) else value
    try:
        return bool(boolean(value.strip() if isinstance(value, str) else value))
    except TypeError as error:
        raise InputError(f"{name}: {value!r} is neither true nor false") from error


def _integer(name: str, value: Any, _option: Mapping[str, Any]) -> int:
    text = value.text if isinstance(value, Unquoted) else str(value)
    # Of a text that begins with 0, YAML and people think of different numbers.
    if isinstance(value, bool) or not _INTEGER.fullmatch(text.strip()):
        raise InputError(f"{name}: {text!r} is not a whole number")
    return int(text)


def _list(name: str, value: Any, option: Mapping[str, Any]) -> list[Any] | None:
    entries = _entries_of_text(name, value) if isinstance(value, str) else value
    if isinstance(entries, Unquoted | int | float):
        # One number in the place of a list of ids.
        entries = [entries]
    if isinstance(entries, Mapping) or not isinstance(entries, Iterable):
        raise InputError(f"{name}: {value!r} is not a list; give one, or its entries separated by commas or line ends")
    given = [(index, entry) for index, entry in enumerate(entries) if is_given(entry)]
    # Separators alone are no list, nor are they an empty one.
    if isinstance(value, str) and not given and not value.strip().startswith("["):
        return None
    element = {"type": option.get("elements", "str"), "options": option.get("options")}
    read = [_READERS[element["type"]](f"{name}[{index}]", entry, element) for index, entry in given]
    return _all_read(name, given, read) if option.get("strict") else read


def _all_read(name: str, given: Iterable[tuple[int, Any]], entries: list[Any]) -> list[Any]:
    """Return the entries; raise InputError with what is wrong in any of them."""
    refused = [
        f"{name}[{index}]: {entry['refused']}"
        for (index, _unread), entry in zip(given, entries, strict=True)
        if "refused" in entry
    ]
    if refused:
        raise InputError("; ".join(refused))
    return entries


def _entries_of_text(name: str, text: str) -> Any:
    stripped = text.strip()
    if stripped.startswith(("[", "{", "- ", "-\n")):
        return _named(name, document, text)
    return [entry.strip() for entry in _SEPARATOR.split(stripped)]


def _dictionary(name: str, value: Any, option: Mapping[str, Any]) -> dict[str, Any]:
    entries = _pairs_of_text(name, value, option) if isinstance(value, str) else value
    if not isinstance(entries, Mapping):
        raise InputError(
            f"{name}: {_shown(value)} is not a dictionary; give key=value, separated by commas or line ends, or JSON or"
            " YAML"
        )
    elements = option.get("elements")
    if elements is None:
        return dict(entries)
    read = _READERS[elements]
    return {
        _named(name, as_text, key).strip(): read(f"{name}[{_shown(key)}]", each, {}) if is_given(each) else None
        for key, each in entries.items()
    }


def _tags(name: str, value: Any, option: Mapping[str, Any]) -> dict[str, str]:
    entries = _dictionary(name, value, {**option, "elements": None})
    texts = {
        _named(f"{name}: the key", as_text, key): _named(f"{name}: the value of {_shown(key)}", _tag_value, each)
        for key, each in entries.items()
    }
    return checked_tags(texts, name)


def _tag_value(value: Any) -> str:
    return "" if value is None else as_text(value)


def _known(value: Any) -> Any:
    """Return a value whose text is sure as text, and any other one as it is, to be refused by name."""
    if isinstance(value, Unquoted):
        return value.text if value.is_decimal else value.value
    return value


def _pairs_of_text(name: str, text: str, option: Mapping[str, Any]) -> Any:
    stripped = text.strip()
    pieces = [piece.strip() for piece in _SEPARATOR.split(stripped) if piece.strip()]
    if stripped.startswith("{") or not pieces or "=" not in pieces[0] or _YAML_KEY.match(pieces[0]):
        return _named(name, document, text)
    pairs: dict[str, str] = {}
    last = ""
    for piece in pieces:
        key, sign, value = (part.strip() for part in piece.partition("="))
        if not sign and option.get("elements") == "list":
            # One more entry of the list that the last key began.
            pairs[last] += f",{piece}"
            continue
        if not sign or not key:
            raise InputError(f"{name}: {piece!r} is not key=value")
        if key in pairs:
            raise InputError(f"{name}: the key {key!r} is there twice")
        pairs[key], last = value, key
    return pairs


def _entry(name: str, value: Any, option: Mapping[str, Any]) -> dict[str, Any]:
    """Return one of a list of dictionaries; what is wrong in it is its ``refused``, so that the others can go on."""
    if not isinstance(value, Mapping):
        raise InputError(f"{name}: {_shown(value)} is not a dictionary")
    spec: Spec = option.get("options") or {}
    given, unknown, twice = _by_name(spec, value)
    try:
        if unknown:
            raise InputError(f"{', '.join(unknown)}: not known; an entry has {', '.join(spec)}")
        if twice:
            raise InputError(f"{', '.join(twice)}: is given by two names; keep one of them")
        return read_arguments(spec, given, {})
    except InputError as error:
        ids = {key: each for key in ("account_id", "request_id") if isinstance(each := _known(given.get(key)), str)}
        return {**ids, "refused": str(error)}


def _by_name(spec: Spec, entry: Mapping[Any, Any]) -> tuple[dict[str, Any], list[str], list[str]]:
    """Return what an entry says by the names of the spec, the keys that are none, and the names it says twice."""
    names = {alias: name for name, option in spec.items() for alias in (name, *option.get("aliases", ()))}
    keys = [key for key, value in entry.items() if is_given(value)]
    known = [names[key] for key in keys if key in names]
    given = {names[key]: entry[key] for key in keys if key in names}
    unknown = sorted(str(_known(key)) for key in keys if key not in names)
    return given, unknown, [name for name in given if known.count(name) > 1]


def _named(name: str, read: Callable[[Any], Any], value: Any) -> Any:
    try:
        return read(value)
    except InputError as error:
        raise InputError(f"{name}: {error}") from error


def _shown(value: Any) -> str:
    return value.text if isinstance(value, Unquoted) else repr(value)


def _raw(_name: str, value: Any, _option: Mapping[str, Any]) -> Any:
    """Return a value of any type, for whoever reads on."""
    return plain(value)


def _ignored(_name: str, _value: Any, _option: Mapping[str, Any]) -> None:
    """Return nothing: what other plays hand on beside what this one needs."""


_READERS: dict[str, Callable[[str, Any, Mapping[str, Any]], Any]] = {
    "account_id": _account_id,
    "bool": _boolean,
    "character": _character,
    "dict": _dictionary,
    "ignored": _ignored,
    "entry": _entry,
    "int": _integer,
    "list": _list,
    "raw": _raw,
    "str": _text,
    "tags": _tags,
}
