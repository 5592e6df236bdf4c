# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be changed of an address and what its record becomes. Pure, nothing here calls AWS."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils import _address as addresses
from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._record import (
    ACTIVE,
    RETIRED,
    VENDED,
    AddressRecord,
    Stamp,
)
from ansible_collections.account_factory.email.plugins.module_utils._tags import checked_tags, merged_tags

from .fields import (
    checked_account_id,
    checked_account_type,
    checked_address,
    checked_create_account_request_id,
    checked_owners,
)

# The options that say what a record is to hold, each a field of it.
_FIELDS = ("owners", "account_type", "tags", "account_id", "create_account_request_id", "status", "forwarding")


@dataclass(frozen=True)
class Edit:
    """A change to one record, checked and normalised by ``edit``; a field that is None is not touched."""

    address: str
    owners: tuple[str, ...] | None = None
    account_type: str | None = None
    tags: Mapping[str, str] | None = None
    purge_tags: bool = True
    account_id: str | None = None
    create_account_request_id: str | None = None
    status: str | None = None
    forwarding: bool | None = None
    retire: bool = False
    restore: bool = False


def edit(options: Mapping[str, Any], vended_domains: Collection[str]) -> Edit:
    """Return the edit that a task's options make; raise InputError naming the option that cannot work."""
    address = checked_address(options["address"])
    if options["state"] == "absent":
        return _retirement(address, options)
    domains = {*vended_domains, addresses.split(address)[1]}
    return Edit(
        address=address,
        owners=None if options["owners"] is None else checked_owners(options["owners"], domains),
        account_type=checked_account_type(options["account_type"]),
        tags=None if options["tags"] is None else checked_tags(options["tags"]),
        purge_tags=options["purge_tags"],
        account_id=checked_account_id(options["account_id"]),
        create_account_request_id=checked_create_account_request_id(options["create_account_request_id"]),
        status=options["status"],
        forwarding=options["forwarding"],
        restore=options["restore"],
    )


def _retirement(address: str, options: Mapping[str, Any]) -> Edit:
    given = [name for name in _FIELDS if options[name] is not None]
    if given or options["restore"]:
        raise InputError(
            f"{(given or ['restore'])[0]}: has no place beside state absent, which keeps a record as it is; edit the"
            " address first, or leave the option out"
        )
    return Edit(address, retire=True)


def apply_edit(record: AddressRecord, change: Edit, stamp: Stamp) -> AddressRecord:
    """Return the record as the edit leaves it: the same object where nothing changes, else a new version."""
    edited = replace(record, status=RETIRED) if change.retire else replace(record, **_wanted(record, change))
    if edited == record:
        return record
    return replace(edited, updated_at=stamp.at, updated_by=stamp.by, version=record.version + 1)


def touched(record: AddressRecord, change: Edit) -> dict[str, Any]:
    """Return the record's values of the fields that the edit sets, to tell whether somebody else changed them."""
    names = ("status",) if change.retire or change.restore else ()
    return {name: getattr(record, name) for name in (*names, *_FIELDS) if name in names or _sets(change, name)}


def is_too_late(change: Edit, first: AddressRecord, before: AddressRecord, after: AddressRecord) -> bool:
    """Return whether the edit would undo what another has made of the same fields since the record was first read."""
    return before != after and touched(before, change) != touched(first, change)


def too_late(record: AddressRecord) -> InputError:
    """Return what to tell whoever is too late; the record is what the other made of it."""
    return InputError(
        f"{record.address} was changed by {record.updated_by} at {record.updated_at}, while this task ran, in the same"
        " fields; nothing was written here. Look at what it holds now and run the task again if it still applies"
    )


def _sets(change: Edit, name: str) -> bool:
    return getattr(change, name) is not None


def _wanted(record: AddressRecord, change: Edit) -> dict[str, Any]:
    """Return the fields that the edit sets, with their new values."""
    wanted: dict[str, Any] = {name: getattr(change, name) for name in _FIELDS if _sets(change, name)}
    if change.tags is not None:
        wanted["tags"] = dict(change.tags) if change.purge_tags else merged_tags(record.tags, change.tags)
    if change.account_id is not None and record.account_id not in (None, change.account_id):
        raise InputError(
            f"account_id: {record.address} belongs to account {record.account_id} for life; it cannot be given to"
            f" {change.account_id}. Vend a new address for that account"
        )
    wanted["status"] = _status(record, change)
    return wanted


def _status(record: AddressRecord, change: Edit) -> str:
    """Return the status that the edit leads to; raise InputError where it cannot be had."""
    if record.status == RETIRED:
        _check_restored(record, change)
    account_id = change.account_id or record.account_id
    if change.status == VENDED and account_id is not None:
        raise InputError(f"status: {record.address} belongs to account {account_id}, so it is {ACTIVE}, not {VENDED}")
    if change.status is not None:
        return change.status
    if change.account_id is not None:
        return ACTIVE
    if record.status == RETIRED:
        return VENDED if record.account_id is None else ACTIVE
    return record.status


def _check_restored(record: AddressRecord, change: Edit) -> None:
    """Raise InputError unless the edit brings a retired record back, and to the account that had it."""
    if not change.restore:
        raise InputError(
            f"address: {record.address} is retired, and what it was is kept as it is. Set restore to bring it back to"
            " its own account"
        )
    if record.account_id is not None and change.account_id is None:
        raise InputError(
            f"account_id: {record.address} belongs to an account for life; name it to bring the address back to it"
        )
    if record.account_id is None and change.account_id is not None:
        raise InputError(
            f"account_id: {record.address} was retired without an account, and is not brought back for another one."
            " Restore it without account_id if it is wanted again for its own request, or vend a new address"
        )
