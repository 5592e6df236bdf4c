# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: check_lines
short_description: Write checks as lines that a person reads at once
version_added: 0.1.0
description:
  - Takes what M(account_factory.email.mail_forwarder_check) returns and returns lines, how many checks there are first,
    then each that is not well, worst first, with why it matters and what to do under it.
  - Checks that are well are only counted. Those of which the same is to be said, as that AWS denied a call, share a
    line.
author:
  - The account_factory.email authors (@account-factory)
options:
  _input:
    description: The result of M(account_factory.email.mail_forwarder_check).
    type: dict
    required: true
  all:
    description: Whether checks that are well have their line, too.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Show what is not well
  ansible.builtin.debug:
    msg: "{{ checked | account_factory.email.check_lines }}"
"""

RETURN = r"""
_value:
  description: The lines.
  type: list
  elements: str
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._checks.model import COUNTED, OK, STATUSES
from ansible_collections.account_factory.email.plugins.module_utils._safe_text import printable

_MARKS = {"fail": "FAIL", "warn": "WARN", "skipped": "SKIP", "ok": "ok  "}
# More than a sentence with three records of DNS has.
_LINE_MAX = 2000


def check_lines(result: Mapping[str, Any], *, all: bool = False) -> list[str]:
    """Return the lines that show checks, those that are well only if ``all`` is asked for."""
    shown = [check for check in result["checks"] if all or check["status"] != OK]
    alike = [list(group) for _said, group in groupby(shown, key=_said)]
    return [_summary(result["counts"]), *(line for group in alike for line in _lines(group))]


def _summary(counts: Mapping[str, int]) -> str:
    told = ", ".join(f"{counts[status]} {COUNTED[status]}" for status in STATUSES if counts.get(status))
    total = sum(counts.values())
    return f"{total} {'check' if total == 1 else 'checks'}: {told or 'none made'}."


def _said(check: Mapping[str, Any]) -> tuple[str, ...]:
    return check["status"], check["what"], check["why"], check["remedy"]


def _lines(alike: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    check = alike[0]
    yield f"{_MARKS[check['status']]} {_text(', '.join(one['id'] for one in alike))}: {_text(check['what'])}"
    if check["why"]:
        yield f"       Why: {_text(check['why'])}"
    if check["remedy"]:
        yield f"       Do: {_text(check['remedy'])}"


def _text(text: str) -> str:
    return printable(text, _LINE_MAX) or ""


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"check_lines": check_lines}
