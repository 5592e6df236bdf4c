# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command that mends a finding, as it is copied and run. Pure, standard library only.

Names and addresses are words of strangers, and what is copied is run: by a shell, which single quotes keep from reading
them, and by Ansible, which reads what is between double braces in an extra variable as an expression. What could be one
never gets into a command. Nor do double quotes and backslashes, which Ansible's output shows with a backslash before.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from typing import Any

from .model import Kind, Value

# What Ansible reads as it is in the form NAME=VALUE: printable ASCII without blanks, quotes, backslashes and braces.
_WORD = re.compile(r"[!#-&(-\[\]-z|~]+")
# Words that YAML reads as they are in the form {NAME: VALUE}, and takes for nothing else.
_WORDS = re.compile(r"[A-Za-z][A-Za-z0-9._-]*( [A-Za-z0-9._-]+)+")
_PLAYBOOK = "ansible-playbook account_factory.email."


def remedy(kind: Kind, values: Mapping[str, Any]) -> str:
    """Return what mends a finding with these values, ended by its command."""
    if kind.play is None:
        command = shlex.join(str(_filled(word, values)) for word in kind.command)
    else:
        filled = {name: _filled(value, values) for name, value in kind.variables.items()}
        options = [_option(name, value) for name, value in filled.items() if value is not None]
        command = " ".join([f"{_PLAYBOOK}{kind.play}", *options])
    return f"{kind.before} {command}".strip()


def _option(name: str, value: str) -> str:
    """Return the option that gives a playbook a variable."""
    return "-e " + shlex.quote(f"{{{name}: {value}}}" if " " in value else f"{name}={value}")


def _filled(value: str | Value, values: Mapping[str, Any]) -> str | None:
    """Return a value of the table, or of the finding in its place; None for one that is omitted."""
    if not isinstance(value, Value):
        return value
    known = values.get(value.name)
    if isinstance(known, str) and (_WORD.fullmatch(known) or _WORDS.fullmatch(known)):
        return known
    return None if value.is_optional else value.name.upper()
