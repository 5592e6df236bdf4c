# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that are text: names, ids and tags, which are stored as they were written or not at all.

YAML reads ``0042`` as 34, ``1.10`` as 1.1 and ``yes`` as true; nothing in such a value tells what was written, and
Ansible's own type ``str`` makes some text of it. Pure, standard library only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError

ACCOUNT_ID = re.compile(r"[0-9]{12}")
# AWS Organizations API Reference, CreateAccountStatus, Id.
CREATE_ACCOUNT_REQUEST_ID = re.compile(r"car-[a-z0-9]{8,32}")
_ACCOUNT_ID_DIGITS = 12
# The least number that twelve digits, of which the first is not 0, can be.
_LEAST_SURE_ID = 10 ** (_ACCOUNT_ID_DIGITS - 1)
# What twelve octal digits, of which the first is 0, stay below.
_OCTAL_IDS = 8 ** (_ACCOUNT_ID_DIGITS - 1)


def text(value: Any) -> str:
    """Return a value that is text already; raise InputError, which says how to write it, for anything else."""
    if isinstance(value, str):
        return value
    raise InputError(not_text(value))


def account_id(value: Any) -> str:
    """Return the id of an account as text; a number of 12 digits can only be that id.

    Whether a text is an id is for ``checked_account_id`` to say.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        if _LEAST_SURE_ID <= value < 10 * _LEAST_SURE_ID:
            return str(value)
        raise InputError(no_account_id(value))
    return text(value)


class _TextType(str):
    """A type for argument specifications: ``str`` for whoever reads one, and for Ansible a function that refuses more.

    Its errors do not name the option, which Ansible does.
    """

    read: Callable[[Any], str]

    def __new__(cls, read: Callable[[Any], str]) -> _TextType:
        made = super().__new__(cls, "str")
        made.read = read
        return made

    def __call__(self, value: Any) -> str:
        return self.read(value)


TEXT_TYPE = _TextType(text)
ACCOUNT_ID_TYPE = _TextType(account_id)


def checked_account_id(option: str, value: str) -> str:
    """Return the id of an account, without space around it; raise InputError naming the option where it is none."""
    stripped = value.strip()
    if not ACCOUNT_ID.fullmatch(stripped):
        raise InputError(f"{option}: {no_account_id(stripped)}")
    return stripped


def no_account_id(value: str | int) -> str:
    """Return why the value is no account id, and which one it was taken from where a zero was lost."""
    why = f"{value!r} is not an AWS account id; give its 12 digits in quotes"
    lost = _before_its_zero_was_lost(value)
    return f'{why}. If a program has taken zeros from its front, it was "{lost}"' if lost else why


def _before_its_zero_was_lost(value: str | int) -> str | None:
    """Return the id that a number stands for, whether its zeros were dropped or made YAML read it as octal."""
    if isinstance(value, int) and 0 < value < _OCTAL_IDS:
        return f"{value:0{_ACCOUNT_ID_DIGITS}o}"
    digits = str(value)
    # Of ids, one in a hundred begins with two zeros; less is left of no id.
    if digits.isascii() and digits.isdigit() and _ACCOUNT_ID_DIGITS - 3 <= len(digits) < _ACCOUNT_ID_DIGITS:
        return digits.zfill(_ACCOUNT_ID_DIGITS)
    return None


def not_text(value: Any) -> str:
    """Return why a value that is not text is refused, and how to write what was meant."""
    if isinstance(value, bool):
        return f'{str(value).lower()} is a boolean, as YAML reads yes, no, on and off, too; write it in quotes: "yes"'
    if isinstance(value, int):
        return (
            f"{value} is a number, which does not tell how it was written (YAML reads 0{value:o} as the same); write it"
            f' in quotes: "{value}"'
        )
    if isinstance(value, float):
        return f'{value} is a number, which does not tell how it was written; write it in quotes: "{value}"'
    if isinstance(value, date):
        return f'{value} is a date, which does not tell how it was written; write it in quotes: "{value}"'
    if value is None:
        return "is null; leave it away, or write a text in quotes"
    kind = "dictionary" if isinstance(value, Mapping) else "list"
    return f"{value!r} is a {kind}, and one text is needed; write it in quotes, if it is meant to be one"
