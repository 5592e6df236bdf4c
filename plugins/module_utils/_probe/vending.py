# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The probe's address in the map: vended the first time, and never changed."""

from __future__ import annotations

from ansible_collections.account_factory.email.plugins.module_utils._map import api
from ansible_collections.account_factory.email.plugins.module_utils._map.engine import Work, apply_one
from ansible_collections.account_factory.email.plugins.module_utils._map.requests import ExactRequest
from ansible_collections.account_factory.email.plugins.module_utils._probe_mail import LOCAL_PART, Probe
from ansible_collections.account_factory.email.plugins.module_utils._record import AddressRecord, address_key

from .model import check_record


def ensure_vended(table: api.Table, probe: Probe, work: Work) -> tuple[AddressRecord | None, AddressRecord]:
    """Return the record of the probe's address, as it was and as it is, or in check mode would be.

    Raises InputError where mail of the probe may not be sent to it, or where it cannot be vended, as where it would be
    longer than an address of an account may be.
    """
    item = api.get_item(table, address_key(probe.address))
    if item is not None:
        there = AddressRecord.from_item(item)
        check_record(probe, there)
        return there, there
    change = apply_one(table, _request(probe), work)
    check_record(probe, change.after)
    return change.before, change.after


def _request(probe: Probe) -> ExactRequest:
    request = ExactRequest(
        account_name=probe.account_name,
        local_part=LOCAL_PART,
        domain=probe.domain,
        values={"owners": (probe.owner,)},
        request_id=probe.request_id,
    )
    # What AWS would not take as an account's address is found before anything is read.
    request.record()
    return request
