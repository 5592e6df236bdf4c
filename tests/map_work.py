# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Vend and edit one address of a map, for tests that need some."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._map import api
from ansible_collections.account_factory.email.plugins.module_utils._map.changes import Change
from ansible_collections.account_factory.email.plugins.module_utils._map.edits import Edit
from ansible_collections.account_factory.email.plugins.module_utils._map.engine import Work, apply_one
from ansible_collections.account_factory.email.plugins.module_utils._map.entries import Correction
from ansible_collections.account_factory.email.plugins.module_utils._map.requests import VendRequest
from ansible_collections.account_factory.email.plugins.module_utils._record import Stamp


def jane() -> Stamp:
    return Stamp("2026-11-21T09:30:00Z", "arn:aws:iam::123456789012:user/jane")


def vend(table: api.Table, request: VendRequest, stamp: Callable[[], Stamp] = jane, check_mode: bool = False) -> Change:
    """Return what came of the request; ``before`` is None where its address is new."""
    return apply_one(table, request, Work(stamp, check_mode))


def edit_record(table: api.Table, edit: Edit, stamp: Callable[[], Stamp] = jane, check_mode: bool = False) -> Change:
    """Return what came of the edit of an address that is in the map."""
    return apply_one(table, Correction(edit, table.name), Work(stamp, check_mode))


def edit_of(address: str, **values: Any) -> Edit:
    """Return the edit that sets these fields of an address."""
    return Edit(address, values)
