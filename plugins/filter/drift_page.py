# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: drift_page
short_description: Write what Organizations, the map and SES disagree on as a page for a browser
version_added: 0.1.0
description:
  - Takes what M(account_factory.email.account_email_drift_info) returns and returns a page of HTML, with how many
    findings there are of each kind first, then the findings of each kind, worst first, with what it means and what to
    run.
author:
  - The account_factory.email authors (@account-factory)
options:
  _input:
    description: The result of M(account_factory.email.account_email_drift_info).
    type: dict
    required: true
positional: subtitle
extends_documentation_fragment:
  - account_factory.email._page
"""

EXAMPLES = r"""
- name: Write the page
  ansible.builtin.copy:
    dest: drift.html
    content: "{{ compared | account_factory.email.drift_page('mail-forwarder-map') }}"
    mode: "0640"
"""

RETURN = r"""
_value:
  description: The page.
  type: str
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._drift.model import KINDS, SEVERITIES
from ansible_collections.account_factory.email.plugins.plugin_utils._pages.rendering import render

_WORDS = {"id": "ID", "ou": "OU"}


def drift_page(result: Mapping[str, Any], subtitle: str = "") -> str:
    """Return the page that shows what Organizations, the map and SES disagree on."""
    counts = result["counts"]
    found = [(severity.capitalize(), counts["by_severity"].get(severity, 0)) for severity in SEVERITIES]
    values = {
        "subtitle": subtitle,
        "verdict": _verdict(counts["by_severity"]),
        "tally": [("Accounts", counts["accounts"]), ("Addresses", counts["addresses"]), *found],
        "kinds": list(_kinds(result["findings"])),
        "notes": list(_notes(result)),
    }
    return render("drift.html.j2", values)


def _verdict(by_severity: Mapping[str, int]) -> str:
    found = [f"{by_severity[severity]} {severity}" for severity in SEVERITIES if by_severity.get(severity)]
    return ", ".join(found) or "all is in step"


def _kinds(findings: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the findings of each severity and kind, which they come in the order of."""
    for (severity, kind), group in groupby(findings, key=lambda one: (one["severity"], one["kind"])):
        title = " ".join(_WORDS.get(word, word) for word in kind.split("_"))
        yield {
            "kind": kind,
            "severity": severity,
            "title": title[:1].upper() + title[1:],
            # Of a later release, perhaps.
            "means": KINDS[kind].means if kind in KINDS else "",
            "findings": list(group),
        }


def _notes(result: Mapping[str, Any]) -> Iterator[str]:
    """Yield what was not compared."""
    if ignored := result["counts"].get("ignored"):
        yield f"{ignored} {'finding is' if ignored == 1 else 'findings are'} left out, as it was asked for."
    for one in result.get("skipped", []):
        yield f"{one['kind']} could not be looked for: {one['reason']}"


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"drift_page": drift_page}
