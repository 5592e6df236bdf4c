# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: check_page
short_description: Write checks as a page for a browser
version_added: 0.1.0
description:
  - Takes what M(account_factory.email.mail_forwarder_check) returns and returns a page of HTML, how many checks there
    are first, then each that is not well, worst first, with why it matters and what to do, then those that are well.
author:
  - The account_factory.email authors (@account-factory)
options:
  _input:
    description: The result of M(account_factory.email.mail_forwarder_check).
    type: dict
    required: true
positional: subtitle
extends_documentation_fragment:
  - account_factory.email._page
"""

EXAMPLES = r"""
- name: Write the page
  ansible.builtin.copy:
    dest: doctor.html
    content: "{{ checked | account_factory.email.check_page('mail-forwarder in eu-west-1') }}"
    mode: "0640"
"""

RETURN = r"""
_value:
  description: The page.
  type: str
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._checks.model import COUNTED, OK
from ansible_collections.account_factory.email.plugins.plugin_utils._pages.rendering import render

# The bars of the hops, together.
_BARS = 480


def check_page(result: Mapping[str, Any], subtitle: str = "") -> str:
    """Return the page that shows checks, those that are not well with all that is known of them."""
    checks, counts = result["checks"], result["counts"]
    values = {
        "subtitle": subtitle,
        "verdict": _verdict(counts),
        "tally": [(word.capitalize(), counts.get(status, 0)) for status, word in COUNTED.items()],
        "words": COUNTED,
        "unwell": [_with_evidence(check) for check in checks if check["status"] != OK],
        "well": [check for check in checks if check["status"] == OK],
        "hops": _hops(checks),
    }
    return render("doctor.html.j2", values)


def _verdict(counts: Mapping[str, int]) -> str:
    told = [(counts.get(status), word) for status, word in COUNTED.items() if status != OK]
    found = ", ".join(f"{number} {word}" for number, word in told if number)
    return found or "all is well"


def _hops(checks: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the hops of the probe's mail that were seen, each with where its bar begins and how wide it is.

    One alone has none before it that its time could be told from.
    """
    evidence: Mapping[str, Any] = next((one.get("evidence") or {} for one in checks if one["id"] == "probe"), {})
    seen = [one for one in evidence.get("hops", []) if one["seconds"] is not None]
    if len(seen) < 2:
        return []
    total = sum(one["seconds"] for one in seen) or 1
    hops, passed = [], 0.0
    for one in seen:
        start, width = (round(_BARS * seconds / total, 1) for seconds in (passed, one["seconds"]))
        hops.append({"name": one["name"], "seconds": one["seconds"], "start": start, "width": max(width, 2)})
        passed += one["seconds"]
    return hops


def _with_evidence(check: Mapping[str, Any]) -> dict[str, Any]:
    return {**check, "evidence": list(_evidence(check.get("evidence") or {}))}


def _evidence(evidence: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in evidence.items():
        is_text = isinstance(value, str)
        yield name, value if is_text else json.dumps(_plain(value), ensure_ascii=False)


def _plain(value: Any) -> Any:
    """Return a value as JSON has it; Ansible's own kinds of text and list are none."""
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(each) for each in value]
    return value if value is None or isinstance(value, bool | int | float) else str(value)


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"check_page": check_page}
