# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Vend one address: exactly one for a request id, never one that was ever given out, whoever else vends meanwhile."""

from __future__ import annotations

from collections.abc import Callable

from . import api
from .model import VendRequest, check_same_request
from .record import AddressRecord, Stamp, address_key, name_key, request_key


def vend(
    table: api.Table, request: VendRequest, stamp: Callable[[], Stamp], check_mode: bool
) -> tuple[AddressRecord | None, AddressRecord]:
    """Return the record of the request before (None where it is new) and after.

    In check mode the number is the one that the series would give next; another job may draw it first.
    """
    known = _find(table, request)
    if known:
        return known, known
    moment = stamp()
    # For real, too: a name that AWS would refuse is found before a number is drawn.
    planned = _plan(table, request, moment)
    return (None, planned) if check_mode else _write(table, request, moment)


def _find(table: api.Table, request: VendRequest) -> AddressRecord | None:
    """Return the record that the request id got, after a check that it is the same request; None where it is new."""
    item = api.get_item(table, request_key(request.request_id))
    if item is None:
        return None
    record = api.get_record(table, item["address"])
    if record is None:
        raise api.MapError(
            f"the map is damaged: request id {request.request_id!r} leads to {item['address']}, which is not there;"
            " restore the table from its point-in-time backup before vending more"
        )
    check_same_request(request, item["asked"], record)
    return record


def _plan(table: api.Table, request: VendRequest, stamp: Stamp) -> AddressRecord:
    """Return the record with the first number after the last one drawn whose address and name were never given out."""
    number = api.last_number(table, request.name_prefix)
    while True:
        number += 1
        record = request.record(number, stamp)
        keys = (address_key(record.address), name_key(record.account_name))
        if not any(api.get_item(table, key) for key in keys):
            return record


def _write(table: api.Table, request: VendRequest, stamp: Stamp) -> tuple[AddressRecord | None, AddressRecord]:
    """Draw numbers until one is written; return as ``vend`` does.

    A number that was drawn and not written stays a gap: numbers say which addresses differ, not how many there are.
    """
    while True:
        record = request.record(api.draw_number(table, request.name_prefix), stamp)
        taken = api.put_new(table, record, request.asked())
        if taken is None:
            return None, record
        if taken == request_key(request.request_id):
            winner = _find(table, request)
            # An answer lost on its way makes the call again, which then meets what it wrote itself: the number tells.
            ours = winner is not None and winner.number == record.number
            return (None if ours else winner), winner or record
