# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: former_kms_keys
short_description: List the KMS keys that received mail may still be encrypted with
version_added: 0.1.0
description:
  - A bucket whose key is replaced encrypts with the new key what is put into it from then on. What is there stays
    encrypted with the key of its day, so whoever reads it has to be allowed to use that key, too.
  - Takes the key that the forwarder is to have, and returns the keys that it had before.
author:
  - The account_factory.email authors (@account-factory)
options:
  _input:
    description: The key that the forwarder is to have, as an ARN. V(create) is one of the stack's own, empty is none.
    type: str
    required: true
  current:
    description: The ARN of the key that it has, empty if it has none.
    type: str
    default: ""
  created:
    description: Whether that key is the stack's own.
    type: bool
    default: false
  former:
    description: The ARNs of the keys that it had before that one. Empty ones are ignored.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: List the keys that the functions must be able to read with
  ansible.builtin.debug:
    msg: "{{ 'create' | account_factory.email.former_kms_keys(current='arn:aws:kms:eu-west-1:111122223333:key/1a2b') }}"
"""

RETURN = r"""
_value:
  description: The ARNs, the oldest first.
  type: list
  elements: str
  sample: ["arn:aws:kms:eu-west-1:111122223333:key/1a2b"]
"""

from collections.abc import Callable, Sequence
from typing import Any

CREATE = "create"


def former_kms_keys(asked: str, *, current: str = "", created: bool = False, former: Sequence[str] = ()) -> list[str]:
    """Return the ARNs of the keys that were in use before the one that is asked for, the oldest first."""
    stays = created if asked == CREATE else asked == current
    known = [*former] if stays else [*former, current]
    return [key for key in dict.fromkeys(known) if key and key != asked]


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"former_kms_keys": former_kms_keys}
