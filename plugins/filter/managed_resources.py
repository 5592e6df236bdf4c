# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: managed_resources
short_description: Name what a stack has of a plan of identities and records
version_added: 0.1.0
description:
  - Takes what M(account_factory.email.mail_forwarder_dns_info) returns and returns the logical ids of the identities
    and records that are the stack's once the plan is carried out, for its option
    O(account_factory.email.mail_forwarder_dns_info#module:resources).
author:
  - The account_factory.email authors (@account-factory)
options:
  _input:
    description: The result of M(account_factory.email.mail_forwarder_dns_info).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Look again once the stack is there
  account_factory.email.mail_forwarder_dns_info:
    domains: [accounts.example.com]
    resources: "{{ planned | account_factory.email.managed_resources }}"
"""

RETURN = r"""
_value:
  description: The logical ids.
  type: list
  elements: str
"""

from collections.abc import Callable, Mapping
from typing import Any


def managed_resources(result: Mapping[str, Any]) -> list[str]:
    """Return the logical ids of what is managed."""
    parts = [part for domain in result["domains"] for part in (domain, *domain["records"])]
    return [part["resource"] for part in parts if part["managed"]]


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"managed_resources": managed_resources}
