# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Edit or retire one address: two people at once never silently undo each other."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError

from . import api
from .changes import Change, refusal
from .edits import Edit, apply_edit, touched
from .record import AddressRecord, Stamp, address_key

# Each round lost means that somebody else's write went through, so a handful is plenty for one address.
_ROUNDS = 10


def edit_record(
    table: api.Table, edit: Edit, stamp: Callable[[], Stamp], check_mode: bool, planned: AddressRecord | None = None
) -> Change:
    """Return the record before and after the edit; ``planned`` is the record as a plan saw it, None where none did.

    Raises InputError for an address that is not in the map (a typing error must not make one) and MapError where
    somebody else changed the same fields meanwhile.
    """
    before = _read(table, edit)
    first = planned or before
    moment = stamp()
    for _round in range(_ROUNDS):
        change = Change(before, apply_edit(before, edit, moment))
        if change.changed and touched(before, edit) != touched(first, edit):
            break
        key = api.write_or_judge(table, change, check_mode)
        if key is None:
            return change
        if key != address_key(edit.address):
            raise refusal(change, key, partial(api.get_item, table))
        current = _read(table, edit)
        # An answer lost on its way makes the call again, which then meets what it wrote itself.
        if current == change.after:
            return change
        before = current
    raise api.MapError(
        f"{edit.address} was changed by {before.updated_by} at {before.updated_at}, while this task ran, in the same"
        " fields; nothing was written here. Look at what it holds now and run the task again if it still applies"
    )


def _read(table: api.Table, edit: Edit) -> AddressRecord:
    record = api.get_record(table, edit.address)
    if record is None:
        raise InputError(
            f"address: {edit.address} is not in the map {table.name!r}. Check its spelling; new addresses are vended"
            " by name_prefix, account_name or local_part"
        )
    return record
