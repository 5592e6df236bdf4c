# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Vend one address: exactly one for a request, never one that was ever given out, whoever else vends meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._record import (
    RETIRED,
    AddressRecord,
    Stamp,
    address_key,
)

from . import api
from .changes import Change, Read, refusal
from .editing import edit_record
from .edits import Edit
from .requests import ExactRequest, SeriesRequest, VendRequest, change_asked_for


@dataclass(frozen=True)
class Known:
    """The record that a request got when it came before, and what the request now changes of it, None for nothing."""

    record: AddressRecord
    edit: Edit | None


def vend(table: api.Table, request: VendRequest, stamp: Callable[[], Stamp], check_mode: bool) -> Change:
    """Return what became of the request: ``before`` is None where its address is new.

    In check mode the number is the one that the series would give next; another job may draw it first.
    """
    known = known_request(request, partial(api.get_item, table))
    if known:
        return _again(table, known, stamp, check_mode)
    if isinstance(request, ExactRequest):
        return _vend_exact(table, request, stamp, check_mode)
    return _vend_next(table, request, stamp, check_mode)


def known_request(request: VendRequest, read: Read) -> Known | None:
    """Return what the request got when it came before, None where it is new.

    Raises InputError where it is another request than it was then, or its address is retired.
    """
    item = read(request.key)
    # An account's name that was given for another request says nothing of this one; writing will be refused.
    if item is None or "asked" not in item:
        return None
    address = item["address"]
    found = read(address_key(address))
    if found is None:
        raise api.MapError(
            f"the map is damaged: {request.key} leads to {address}, which is not there;"
            " restore the table from its point-in-time backup before vending more"
        )
    record = AddressRecord.from_item(found)
    edit = change_asked_for(request, item["asked"], record)
    if record.status == RETIRED:
        option = "account_name" if request.request_id is None else "request_id"
        raise InputError(
            f"{option}: this request got {address}, which is retired and never vended again. Use a new one, or bring"
            " the address back to its own account with restore"
        )
    return Known(record, edit)


def _again(table: api.Table, known: Known, stamp: Callable[[], Stamp], check_mode: bool) -> Change:
    if known.edit is None:
        return Change(known.record, known.record)
    return edit_record(table, known.edit, stamp, check_mode, known.record)


def _vend_exact(table: api.Table, request: ExactRequest, stamp: Callable[[], Stamp], check_mode: bool) -> Change:
    change = Change(None, request.record(stamp()), request.asked())
    key = api.write_or_judge(table, change, check_mode)
    if key is None:
        return change
    read = partial(api.get_item, table)
    winner = known_request(request, read)
    if winner is None:
        raise refusal(change, key, read)
    # An answer lost on its way makes the call again, which then meets what it wrote itself.
    return change if winner.record == change.after else _again(table, winner, stamp, check_mode)


def _vend_next(table: api.Table, request: SeriesRequest, stamp: Callable[[], Stamp], check_mode: bool) -> Change:
    """Take numbers until one is written.

    A number that was drawn and not written stays a gap: numbers say which addresses differ, not how many there are.
    """
    moment = stamp()
    for number in _numbers(table, request, check_mode):
        change = Change(None, request.record(number, moment), request.asked())
        key = api.write_or_judge(table, change, check_mode)
        if key is None:
            return change
        if key == request.key:
            # As above, a lost answer; the number tells.
            winner = known_request(request, partial(api.get_item, table))
            if winner is None or winner.record.number == number:
                return change
            return _again(table, winner, stamp, check_mode)
    raise AssertionError("a series has no last number")


def _numbers(table: api.Table, request: SeriesRequest, check_mode: bool) -> Iterator[int]:
    number = api.last_number(table, request.name_prefix)
    # A name that AWS would refuse is found before a number is drawn.
    request.names(number + 1)
    while True:
        number = number + 1 if check_mode else api.draw_numbers(table, request.name_prefix, 1)
        yield number
