# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: drift_lines
short_description: Write findings of drift as lines that a person reads at once
version_added: 0.1.0
description:
  - Takes what M(account_factory.email.account_email_drift_info) returns and returns lines; how much was compared and
    found first, then each kind of finding, worst first, with what it means, each finding of it and what to run.
  - Where several findings in a row have the same remedy, it is said once.
author:
  - The account_factory.email authors (@account-factory)
options:
  _input:
    description: The result of M(account_factory.email.account_email_drift_info).
    type: dict
    required: true
  most:
    description: How many findings of a kind have their line. The others are counted.
    type: int
    default: 10
  rest_in:
    description: Where all findings are, such as the path of a file. It is named where findings have no line.
    type: str
"""

EXAMPLES = r"""
- name: Find where the organization and the map disagree
  account_factory.email.account_email_drift_info:
    table: mail-forwarder-map
  register: drift

- name: Show it
  ansible.builtin.debug:
    msg: "{{ drift | account_factory.email.drift_lines }}"
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

from ansible_collections.account_factory.email.plugins.module_utils._drift.model import KINDS, SEVERITIES
from ansible_collections.account_factory.email.plugins.module_utils._safe_text import printable

_MARKS = {"high": "HIGH", "medium": "MED ", "low": "LOW "}
# More than the longest command has.
_LINE_MAX = 2000


def drift_lines(result: Mapping[str, Any], *, most: int = 10, rest_in: str | None = None) -> list[str]:
    """Return the lines that show what was found, ``most`` findings of each kind."""
    groups = groupby(result["findings"], key=lambda one: (one["severity"], one["kind"]))
    return [
        _summary(result["counts"]),
        *(f"SKIP {one['kind']}: {_text(one['reason'])}" for one in result["skipped"]),
        *(line for (severity, kind), group in groups for line in _group(severity, kind, list(group), most, rest_in)),
    ]


def _summary(counts: Mapping[str, Any]) -> str:
    found = counts["by_severity"]
    told = ", ".join(f"{found[severity]:,} {severity}" for severity in SEVERITIES if found.get(severity))
    ignored = f" {counts['ignored']:,} left out by what is ignored." if counts["ignored"] else ""
    accounts, addresses = _several(counts["accounts"], "account"), _several(counts["addresses"], "address", "addresses")
    return f"{accounts} and {addresses} compared: {told or 'no drift'}.{ignored}"


def _several(count: int, one: str, many: str | None = None) -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def _group(
    severity: str, kind: str, findings: Sequence[Mapping[str, Any]], most: int, rest_in: str | None
) -> Iterator[str]:
    total = len(findings)
    yield f"{_MARKS[severity]} {kind}{f', {total:,}' if total > 1 else ''}: {KINDS[kind].means}"
    shown = findings[:most]
    for index, finding in enumerate(shown):
        yield f"       {_text(finding['what'])}"
        if index + 1 == len(shown) or shown[index + 1]["remedy"] != finding["remedy"]:
            yield f"       Do: {_text(finding['remedy'])}"
    if total > most:
        yield f"       and {total - most:,} more{f', see {_text(rest_in)}' if rest_in else ''}"


def _text(text: str) -> str:
    return printable(text, _LINE_MAX) or ""


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"drift_lines": drift_lines}
