# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The argument specification that the modules on held mail have in common. Pure, standard library only."""

from __future__ import annotations

from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._sides import FORWARDER, side_spec
from ansible_collections.account_factory.email.plugins.module_utils._stack import STACK_SPEC

from .model import KINDS

FILTERS = ("address", "owner", "kinds", "reasons", "older_than", "newer_than")
HELD_SPEC: dict[str, Any] = {
    **STACK_SPEC,
    "message_ids": {"type": "list", "elements": "str"},
    "address": {"type": "str"},
    "owner": {"type": "str"},
    "kinds": {"type": "list", "elements": "str", "choices": list(KINDS)},
    "reasons": {"type": "list", "elements": "str"},
    "older_than": {"type": "str"},
    "newer_than": {"type": "str"},
    **side_spec(FORWARDER),
}
