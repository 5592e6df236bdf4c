# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person decides about mail that is held, as far as it is alike for all of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._safe_text import printable


def whose(request: Mapping[str, Any], name: str) -> str:
    """Return whose decision a request is, by what it says under a name, fit to be logged."""
    return printable(str(request.get(name) or "")) or "nobody"
