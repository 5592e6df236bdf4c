# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who gets a copy: decided by the envelope and the map, never by what the mail says of itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ansible_collections.account_factory.email.plugins.module_utils import _address as address
from ansible_collections.account_factory.email.plugins.module_utils import _record as record
from forwarder.settings import Settings

# Why a copy goes where it goes.
OWNER = "owner"
UNKNOWN = "unknown"
RETIRED = "retired"
SUSPENDED = "suspended"
RESERVED = "reserved"
OWN_ADDRESS = "own-address"

FindRecord = Callable[[str], record.AddressRecord | None]


class RecordError(ValueError):
    """A record of the map that nobody can deliver by; the text names its address."""


@dataclass(frozen=True)
class Resolution:
    """What an envelope recipient comes to: the address it is, why, and the mailboxes to send to (none: dropped)."""

    recipient: str
    address: str
    reason: str
    mailboxes: tuple[str, ...]


@dataclass(frozen=True)
class Delivery:
    """One copy to send: for which address, to whom, and why."""

    recipient: str
    address: str
    mailbox: str
    reason: str


def resolve(recipient: str, find: FindRecord, settings: Settings) -> Resolution:
    """Return what one envelope recipient comes to; raise RecordError where its record holds no owner."""
    try:
        keys = address.lookup_keys(recipient)
    except address.AddressError:
        return _not_an_owners(recipient, recipient.strip().lower(), UNKNOWN, settings)
    if address.normalise(settings.from_address) in keys:
        return _not_an_owners(recipient, keys[0], OWN_ADDRESS, settings)
    for key in keys:
        found = find(key)
        if found is not None:
            return _of_record(recipient, key, found, settings)
    is_reserved = address.split(keys[-1])[0] in address.RESERVED_LOCAL_PARTS
    return _not_an_owners(recipient, keys[0], RESERVED if is_reserved else UNKNOWN, settings)


def _of_record(recipient: str, key: str, found: record.AddressRecord, settings: Settings) -> Resolution:
    if found.status == record.RETIRED:
        return _not_an_owners(recipient, key, RETIRED, settings)
    if not found.forwarding:
        return _not_an_owners(recipient, key, SUSPENDED, settings)
    if not found.owners:
        raise RecordError(f"the map's record of {key} has no owners: give it one with vended_address")
    return Resolution(recipient, key, OWNER, found.owners)


def _not_an_owners(recipient: str, whole_address: str, reason: str, settings: Settings) -> Resolution:
    mailboxes = (settings.admin_address,) if settings.catch_all else ()
    return Resolution(recipient, whole_address, reason, mailboxes)


def deliveries(resolutions: list[Resolution]) -> list[Delivery]:
    """Return one delivery for each address and mailbox, in order: recipients that come to the same address share it."""
    found: dict[tuple[str, str], Delivery] = {}
    for one in resolutions:
        for mailbox in one.mailboxes:
            delivery = Delivery(one.recipient, one.address, mailbox, one.reason)
            found.setdefault((one.address, mailbox.lower()), delivery)
    return list(found.values())
