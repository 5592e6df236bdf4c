# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Edit or retire one address: two people at once never silently undo each other."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._record import AddressRecord, Stamp, address_key

from . import api
from .changes import Change, refusal
from .edits import Edit, apply_edit, is_too_late, too_late

# Each round lost means that somebody else's write went through, so a handful is plenty for one address.
_ROUNDS = 10


def edit_record(
    table: api.Table, edit: Edit, stamp: Callable[[], Stamp], check_mode: bool, planned: AddressRecord | None = None
) -> Change:
    """Return the record before and after the edit; ``planned`` is the record as a plan saw it, None where none did.

    Raises InputError for an address that is not in the map (a typing error must not make one) and where somebody else
    changed the same fields meanwhile.
    """
    before = _read(table, edit)
    first = planned or before
    moment = stamp()
    for _round in range(_ROUNDS):
        change = Change(before, apply_edit(before, edit, moment))
        late = is_too_late(edit, first, before, change.after)
        # What is in its way in any case is told before that: running again would not help.
        key = api.write_or_judge(table, change, check_mode or late)
        if key is None:
            if late:
                break
            return change
        if key != address_key(edit.address):
            raise refusal(change, key, partial(api.get_item, table))
        current = _read(table, edit)
        # An answer lost on its way makes the call again, which then meets what it wrote itself.
        if current == change.after:
            return change
        before = current
    raise too_late(before)


def _read(table: api.Table, edit: Edit) -> AddressRecord:
    record = api.get_record(table, edit.address)
    if record is None:
        raise InputError(
            f"address: {edit.address} is not in the map {table.name!r}. Check its spelling; new addresses are vended"
            " by name_prefix, account_name or local_part"
        )
    return record
