# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: seconds_left
short_description: Say how many seconds are left of a period that began at a moment
version_added: 0.1.0
description:
  - Takes the moment at which something happened and returns how long it is until a period after it is over.
author:
  - The account_factory.email authors (@account-factory)
options:
  _input:
    description: The moment, in ISO 8601. It is UTC where it does not say. Empty if it never happened.
    type: str
    required: true
  period:
    description: The period in seconds.
    type: int
    required: true
"""

EXAMPLES = r"""
- name: Wait until two minutes after the stack was updated
  ansible.builtin.wait_for:
    timeout: "{{ stack.last_updated_time | account_factory.email.seconds_left(120) }}"
"""

RETURN = r"""
_value:
  description: Whole seconds, rounded up. V(0) if the period is over.
  type: int
  sample: 42
"""

import math
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.account_factory.email.plugins.module_utils._moments import read_moment


def seconds_left(moment: str, period: int) -> int:
    """Return the seconds until ``period`` seconds after the moment, never more than those and never less than 0."""
    if not moment:
        return 0
    try:
        passed = (datetime.now(timezone.utc) - read_moment(str(moment))).total_seconds()
    except ValueError as error:
        raise AnsibleFilterError(f"seconds_left: {moment!r} is not a date or time in ISO 8601") from error
    # A clock that is behind AWS's gives a moment that is still to come.
    return min(int(period), max(0, math.ceil(int(period) - passed)))


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"seconds_left": seconds_left}
