# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tags as AWS takes them. Pure, standard library only.

Sources: Tagging AWS Resources User Guide, "Tag naming limits and requirements"; AWS Organizations API Reference, Tag.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._text import not_text

TAGS_MAX = 50
TAG_KEY_MAX = 128
TAG_VALUE_MAX = 256
RESERVED_PREFIX = "aws:"
# AWS writes the pattern [\p{L}\p{Z}\p{N}_.:/=+\-@]*: any letter, any number, any space and these.
_SIGNS = frozenset("_.:/=+-@")
_CATEGORIES = ("L", "Z", "N")


def checked_tags(tags: Mapping[Any, Any], option: str = "tags") -> dict[str, str]:
    """Return the tags, null as an empty value; raise InputError naming the option for what AWS refuses.

    What is not text is refused, too: ``0042`` without quotes would be stored as 34.
    """
    _check_number(option, tags)
    return {_key(option, key): _value(option, key, value) for key, value in tags.items()}


def merged_tags(present: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """Return the tags that are there with those given over them; raise InputError where they are too many."""
    merged = {**present, **given}
    _check_number("tags", merged)
    return merged


def _check_number(option: str, tags: Mapping[Any, Any]) -> None:
    if len(tags) > TAGS_MAX:
        raise InputError(f"{option}: {len(tags)} given, AWS allows {TAGS_MAX}")


def _key(option: str, key: Any) -> str:
    if not isinstance(key, str):
        raise InputError(f"{option}: the key {not_text(key)}")
    if not 1 <= len(key) <= TAG_KEY_MAX:
        raise InputError(f"{option}: the key {key!r} has {len(key)} characters, AWS allows 1 to {TAG_KEY_MAX}")
    if key.lower().startswith(RESERVED_PREFIX):
        raise InputError(f"{option}: {key!r} begins with {RESERVED_PREFIX!r}, which AWS keeps for itself")
    _check_characters(option, f"the key {key!r}", key)
    return key


def _value(option: str, key: Any, value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InputError(f"{option}: the value of {key!r}: {not_text(value)}")
    if len(value) > TAG_VALUE_MAX:
        raise InputError(f"{option}: the value of {key!r} has {len(value)} characters, AWS allows {TAG_VALUE_MAX}")
    _check_characters(option, f"the value of {key!r}, {value!r},", value)
    return value


def _check_characters(option: str, what: str, text: str) -> None:
    wrong = next(
        (each for each in text if each not in _SIGNS and unicodedata.category(each)[0] not in _CATEGORIES), None
    )
    if wrong is not None:
        raise InputError(
            f"{option}: {what} holds {wrong!r}, which AWS refuses in tags; use letters, digits, spaces and"
            f" {' '.join(sorted(_SIGNS))}"
        )
