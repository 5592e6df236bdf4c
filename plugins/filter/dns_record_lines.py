# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: dns_record_lines
short_description: Write the DNS records of a mail forwarder as a table for a terminal
version_added: 0.1.0
description:
  - Takes what M(account_factory.email.mail_forwarder_dns_info) returns and returns lines, the records of each domain
    with what becomes of each, and under them what is left as it is. Names and values are never cut.
author:
  - The account_factory.email authors (@account-factory)
options:
  _input:
    description: The result of M(account_factory.email.mail_forwarder_dns_info).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show the records
  ansible.builtin.debug:
    msg: "{{ dns | account_factory.email.dns_record_lines }}"
"""

RETURN = r"""
_value:
  description: The lines.
  type: list
  elements: str
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._safe_text import printable

_STATES = {
    "create": "to be created",
    "managed": "the forwarder's",
    "present": "there",
    "left": "another is left",
    "conflict": "another is in the way",
    "manual": "you must create it",
}
_IDENTITIES = {
    "create": "its SES identity is to be created",
    "managed": "its SES identity is the forwarder's",
    "existing": "its SES identity was there",
    "covered": "the SES identity of {covered_by} counts",
}
_UNKNOWN = "(SES tells it once it has the identity)"
# More than two strings of a TXT record.
_TEXT_MAX = 1000


def dns_record_lines(result: Mapping[str, Any]) -> list[str]:
    """Return the lines that show the records of each domain, and what is left as it is."""
    return [*(line for domain in result["domains"] for line in _lines(domain)), *map(_text, result["notes"])]


def _lines(domain: Mapping[str, Any]) -> Iterator[str]:
    status = f" ({domain['verification_status']})" if domain["verification_status"] else ""
    yield f"{domain['domain']}: {_IDENTITIES[domain['identity']].format(**domain)}{status}"
    rows = [
        (record["type"], _text(record["name"] or _UNKNOWN), _text(value), _STATES[record["state"]])
        for record in domain["records"]
        for value in record["values"] or ("",)
    ]
    widths = [max(len(row[index]) for row in rows) for index in range(3)] if rows else []
    for row in rows:
        cells = (text.ljust(width) for text, width in zip(row, widths, strict=False))
        yield f"  {'  '.join(cells)}  {row[3]}"


def _text(text: str) -> str:
    return printable(text, _TEXT_MAX) or ""


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"dns_record_lines": dns_record_lines}
