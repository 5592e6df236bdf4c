# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Vend one address: exactly one for a request, never one that was ever given out, whoever else vends meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError

from . import api
from .changes import Change, Read, refusal
from .record import RETIRED, AddressRecord, Stamp, address_key
from .requests import ExactRequest, SeriesRequest, VendRequest, check_same_request


def vend(table: api.Table, request: VendRequest, stamp: Callable[[], Stamp], check_mode: bool) -> Change:
    """Return what became of the request: ``before`` is None where its address is new.

    In check mode the number is the one that the series would give next; another job may draw it first.
    """
    known = known_record(request, partial(api.get_item, table))
    if known:
        return Change(known, known)
    if isinstance(request, ExactRequest):
        return _vend_exact(table, request, stamp(), check_mode)
    return _vend_next(table, request, stamp(), check_mode)


def known_record(request: VendRequest, read: Read) -> AddressRecord | None:
    """Return the record that the request got when it came before, None where it is new.

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
    check_same_request(request, item["asked"], record)
    if record.status == RETIRED:
        option = "account_name" if request.request_id is None else "request_id"
        raise InputError(
            f"{option}: this request got {address}, which is retired and never vended again. Use a new one, or bring"
            " the address back to its own account with restore"
        )
    return record


def _vend_exact(table: api.Table, request: ExactRequest, stamp: Stamp, check_mode: bool) -> Change:
    change = Change(None, request.record(stamp), request.asked())
    key = api.write_or_judge(table, change, check_mode)
    if key is None:
        return change
    read = partial(api.get_item, table)
    winner = known_record(request, read)
    if winner is None:
        raise refusal(change, key, read)
    # An answer lost on its way makes the call again, which then meets what it wrote itself.
    return change if winner == change.after else Change(winner, winner)


def _vend_next(table: api.Table, request: SeriesRequest, stamp: Stamp, check_mode: bool) -> Change:
    """Take numbers until one is written.

    A number that was drawn and not written stays a gap: numbers say which addresses differ, not how many there are.
    """
    for number in _numbers(table, request, check_mode):
        change = Change(None, request.record(number, stamp), request.asked())
        key = api.write_or_judge(table, change, check_mode)
        if key is None:
            return change
        if key == request.key:
            # As above, a lost answer; the number tells.
            winner = known_record(request, partial(api.get_item, table))
            return change if winner is None or winner.number == number else Change(winner, winner)
    raise AssertionError("a series has no last number")


def _numbers(table: api.Table, request: SeriesRequest, check_mode: bool) -> Iterator[int]:
    number = api.last_number(table, request.name_prefix)
    # A name that AWS would refuse is found before a number is drawn.
    request.names(number + 1)
    while True:
        number = number + 1 if check_mode else api.draw_numbers(table, request.name_prefix, 1)
        yield number
