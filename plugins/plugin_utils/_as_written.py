# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documents in YAML and JSON, read so that what was written is still to be seen.

A document is lists, dictionaries and texts, None for null, and an ``Unquoted`` where YAML makes something else of a
text than itself: a number, a boolean or a date. Pure, nothing here knows of Ansible's variables.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._text import not_text

# Written with libyaml it is ten times as fast.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# What reads single scalars; it has no document of its own.
_SCALARS = yaml.SafeLoader("")
_CORE = "tag:yaml.org,2002:"
# How Ansible marks text that is not a template; AWX marks the answers of surveys so.
_UNSAFE = "!unsafe"
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)")


@dataclass(frozen=True)
class Unquoted:
    """What was written without quotes, and the value that YAML makes of it."""

    text: str
    value: Any

    @property
    def is_decimal(self) -> bool:
        """Return whether it is a whole number in the one way in which it is written as text, too."""
        return isinstance(self.value, int) and _DECIMAL.fullmatch(self.text) is not None


class _Unknown:
    """Stands where the document does not tell the value: it is encrypted, or of a type of its own."""


UNKNOWN = _Unknown()


def document(text: str) -> Any:
    """Return what a text in YAML or JSON holds; raise InputError, which names the line, where it is neither."""
    # libyaml takes no text of a type of Ansible's own.
    text = str.__str__(text)
    try:
        return json.loads(text, parse_int=_number(int), parse_float=_number(float), object_pairs_hook=_pairs)
    except ValueError as error:
        if isinstance(error, InputError):
            raise
    try:
        node = yaml.compose(text, Loader=_Loader)
        return None if node is None else _value(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise InputError(f"{where}is not YAML: {error.problem or error.context}") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise InputError(f"is not YAML: {error}") from error


def align(value: Any, raw: Any, written: Any) -> Any:
    """Return the value of a variable with what it no longer tells taken from what was written.

    ``raw`` is the variable before its templates were evaluated. Where that is text, it is what was written, and the
    value is a template's or that text.
    """
    if isinstance(raw, str) or isinstance(value, str) or written is UNKNOWN:
        return value
    if isinstance(value, Mapping):
        same = isinstance(raw, Mapping) and isinstance(written, Mapping)
        return _aligned_mapping(value, raw, written) if same else dict(value)
    if isinstance(value, Sequence):
        same = all(isinstance(each, Sequence) and len(each) == len(value) for each in (raw, written))
        return [align(*each) for each in zip(value, raw, written, strict=True)] if same else list(value)
    if isinstance(written, Unquoted):
        # ansible-core 2.19 and later have numbers of types of their own.
        return written if written.value == value and isinstance(value, type(written.value)) else value
    # In quotes, and yet no text: ansible-core 2.19 and later read the text of !unsafe once more.
    return written if isinstance(written, str) else value


def as_text(value: Any) -> str:
    """Return a value of a document as text; raise InputError where its text is not what YAML makes of it."""
    if isinstance(value, Unquoted):
        if value.is_decimal:
            return value.text
        if value.text != str(value.value):
            raise InputError(
                f"{value.text} is read as {_shown(value.value)}, for it has no quotes; write it in quotes:"
                f' "{value.text}"'
            )
        value = value.value
    if isinstance(value, str):
        return value
    raise InputError(not_text(value))


def plain(value: Any) -> Any:
    """Return a document as Ansible would have it, numbers and booleans as themselves."""
    if isinstance(value, Unquoted):
        return value.value
    if isinstance(value, Mapping):
        return {plain(key): plain(each) for key, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, list) else value


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _number(kind: Callable[[str], Any]) -> Callable[[str], Unquoted]:
    return lambda text: Unquoted(text, kind(text))


def _pairs(pairs: list[tuple[Any, Any]]) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for key, value in pairs:
        if key in found:
            raise InputError(f"the key {key!r} is there twice")
        found[key] = Unquoted(str(value).lower(), value) if isinstance(value, bool) else value
    return found


def _value(node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node)
    if node.tag not in (f"{_CORE}map", f"{_CORE}seq", _UNSAFE):
        return UNKNOWN
    if isinstance(node, yaml.MappingNode):
        return _mapping(node)
    return [_value(each) for each in node.value]


def _scalar(node: yaml.ScalarNode) -> Any:
    text: str = node.value
    if node.tag == f"{_CORE}str" or (node.tag == _UNSAFE and node.style):
        return text
    tag = _resolved(text) if node.tag == _UNSAFE else node.tag
    if tag == f"{_CORE}str":
        return text
    if not tag.startswith(_CORE):
        return UNKNOWN
    try:
        value = _SCALARS.yaml_constructors[tag](_SCALARS, yaml.ScalarNode(tag, text))
    except (ValueError, KeyError) as error:
        raise InputError(f"line {node.start_mark.line + 1}: {text!r} cannot be read: {error}") from error
    return None if value is None else Unquoted(text, value)


def _resolved(text: str) -> str:
    tag: str = _SCALARS.resolve(yaml.ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]
    return tag


def _mapping(node: yaml.MappingNode) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    merged: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        if key_node.tag == f"{_CORE}merge":
            parts = value_node.value if isinstance(value_node, yaml.SequenceNode) else [value_node]
            for part in reversed(parts):
                merged.update(_value(part))
            continue
        key = _value(key_node)
        if key in found:
            line = key_node.start_mark.line + 1
            raise InputError(f"line {line}: the key {key_node.value!r} is there twice")
        found[key] = _value(value_node)
    return {**merged, **found}


def _aligned_mapping(value: Mapping[Any, Any], raw: Mapping[Any, Any], written: Mapping[Any, Any]) -> dict[Any, Any]:
    """Return the dictionary with its keys, too, as they were written."""
    by_value = {plain(key): key for key in written}
    return {
        by_value.get(key, key): align(each, raw.get(key), written[by_value[key]]) if key in by_value else each
        for key, each in value.items()
    }
