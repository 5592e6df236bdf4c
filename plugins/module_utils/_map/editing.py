# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Edit one address: two people at once never silently undo each other."""

from __future__ import annotations

from collections.abc import Callable

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError

from . import api
from .model import Edit, apply_edit, touched
from .record import AddressRecord, Stamp

# Each round lost means that somebody else's write went through, so a handful is plenty for one address.
_ROUNDS = 10


def edit_record(
    table: api.Table, change: Edit, stamp: Callable[[], Stamp], check_mode: bool
) -> tuple[AddressRecord, AddressRecord]:
    """Return the record before and after the edit.

    Raises InputError for an address that is not in the map (a typing error must not make one) and MapError where
    somebody else changed the same fields in the same moment.
    """
    first = before = _read(table, change)
    moment = stamp()
    for _round in range(_ROUNDS):
        after = apply_edit(before, change, moment)
        if check_mode or after is before or api.replace_record(table, after, before.version):
            return before, after
        current = _read(table, change)
        # An answer lost on its way makes the call again, which then meets what it wrote itself.
        if current == after:
            return before, after
        before = current
        if touched(before, change) != touched(first, change) and apply_edit(before, change, moment) is not before:
            break
    raise api.MapError(
        f"{change.address} was changed by {before.updated_by} at {before.updated_at}, while this task ran, in the same"
        " fields; nothing was written here. Look at what it holds now and run the task again if it still applies"
    )


def _read(table: api.Table, change: Edit) -> AddressRecord:
    record = api.get_record(table, change.address)
    if record is None:
        raise InputError(
            f"address: {change.address} is not in the map {table.name!r}. Check its spelling; new addresses are vended"
            " by name_prefix, domain and request_id"
        )
    return record
