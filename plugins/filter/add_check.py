# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: add_check
short_description: Add a check to others
version_added: 0.1.0
description:
  - Takes what M(account_factory.email.mail_forwarder_check) returns and returns it with one check more, counted and in
    its place among the others, which is by how bad it is.
author:
  - The account_factory.email authors (@account-factory)
options:
  _input:
    description: The result of M(account_factory.email.mail_forwarder_check).
    type: dict
    required: true
  check:
    description: A check in the form of the others, as M(account_factory.email.mail_forwarder_probe) returns one.
    type: dict
    required: true
positional: check
"""

EXAMPLES = r"""
- name: Show what is not well
  ansible.builtin.debug:
    msg: "{{ checked | account_factory.email.add_check(probe.check) | account_factory.email.check_lines }}"
"""

RETURN = r"""
_value:
  description: The result with the check.
  type: dict
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._checks.model import Check, count, worst_first


def add_check(result: Mapping[str, Any], check: Mapping[str, Any]) -> dict[str, Any]:
    """Return the result of checks with one more."""
    checks = worst_first([*(Check(**one) for one in result["checks"]), Check(**check)])
    return {**result, "checks": [one.to_dict() for one in checks], "counts": count(checks)}


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"add_check": add_check}
