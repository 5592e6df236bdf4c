# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find addresses: by the key that the map has for what is known of them, or by reading the whole map."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils import _address as addresses
from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._record import (
    AddressRecord,
    account_key,
    name_key,
    request_key,
)
from ansible_collections.account_factory.email.plugins.module_utils._tags import checked_tags

from . import api
from .fields import checked_account_id, checked_account_type, checked_address, checked_request_id


@dataclass(frozen=True)
class Query:
    """What an address has to be, checked and normalised by ``query``; a field that is None says nothing.

    ``addresses`` designate one record each, see ``find``; ``account_name`` and ``owner`` are in lower case.
    """

    addresses: tuple[str, ...] | None = None
    account_name: str | None = None
    account_id: str | None = None
    owner: str | None = None
    request_id: str | None = None
    status: str | None = None
    account_type: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)

    def matches(self, record: AddressRecord) -> bool:
        """Return whether the record is all that is asked for, apart from the addresses."""
        same = ("account_id", "request_id", "status", "account_type")
        return (
            all(getattr(self, name) in (None, getattr(record, name)) for name in same)
            and self.account_name in (None, record.account_name.lower())
            and (self.owner is None or self.owner in record.folded_owners())
            and self.tags.items() <= record.tags.items()
        )

    def fields(self) -> dict[str, str]:
        """Return what is asked for that the table itself can look for, by the names that ``api.records`` knows."""
        wanted = {"owner": self.owner, "status": self.status, "account_type": self.account_type}
        return {name: value for name, value in wanted.items() if value is not None}

    def key(self) -> str | None:
        """Return the key of an item that leads to the one record that can match, None where there is no such key."""
        if self.account_name is not None:
            return name_key(self.account_name)
        if self.account_id is not None:
            return account_key(self.account_id)
        return None if self.request_id is None else request_key(self.request_id)


def query(options: Mapping[str, Any]) -> Query:
    """Return the query that options make, not all of which need be there.

    Raises InputError naming the option that nothing can match: an empty one would otherwise find everything.
    """
    given = {name: value for name, value in options.items() if value is not None}
    return Query(
        addresses=_addresses(given),
        account_name=_account_name(given["account_name"]) if "account_name" in given else None,
        account_id=checked_account_id(given.get("account_id")),
        owner=_owner(given["owner"]) if "owner" in given else None,
        request_id=checked_request_id(given["request_id"]) if "request_id" in given else None,
        status=given.get("status"),
        account_type=checked_account_type(given.get("account_type")),
        tags=_tags(given.get("tags", {})),
    )


def _addresses(given: Mapping[str, Any]) -> tuple[str, ...] | None:
    if "address" in given:
        return (checked_address(given["address"]),)
    if "addresses" not in given:
        return None
    return tuple(dict.fromkeys(checked_address(address) for address in given["addresses"]))


def _tags(tags: Mapping[Any, Any]) -> dict[str, str]:
    """Return the tags to look for; a number finds its text, for nothing is stored of it."""
    numbers = {key: str(value) for key, value in tags.items() if isinstance(value, int) and not isinstance(value, bool)}
    return checked_tags({**tags, **numbers})


def _account_name(name: str) -> str:
    if not name.strip():
        raise InputError("account_name: is empty; leave it away to find addresses whatever their accounts' names")
    return name.lower()


def _owner(owner: str) -> str:
    try:
        return addresses.normalise_owner(owner).lower()
    except addresses.AddressError as error:
        raise InputError(f"owner: {error}") from error


def find(table: api.Table, wanted: Query) -> list[AddressRecord]:
    """Return the records that match all that is asked for, sorted by address; all where nothing is.

    An address with a ``+tag`` that is not in the map itself is the one without, as for the forwarder.
    """
    return sorted(filter(wanted.matches, _candidates(table, wanted)), key=lambda record: record.address)


def _candidates(table: api.Table, wanted: Query) -> Iterable[AddressRecord]:
    """Return what may match: the one record that a key leads to, or where no key does, every record."""
    if wanted.addresses is not None:
        found = [_designated(table, address) for address in wanted.addresses]
        # Two ways of writing an address may designate the same record.
        return {record.address: record for record in found if record}.values()
    key = wanted.key()
    return api.records(table, wanted.fields()) if key is None else _under(table, key)


def _designated(table: api.Table, address: str) -> AddressRecord | None:
    found = (api.get_record(table, key) for key in addresses.lookup_keys(address))
    return next(filter(None, found), None)


def _under(table: api.Table, key: str) -> list[AddressRecord]:
    item = api.get_item(table, key)
    # A name may be kept for the forwarder, which is nobody's account.
    if item is None or "address" not in item:
        return []
    record = api.get_record(table, item["address"])
    if record is None:
        raise api.MapError(
            f"the map is damaged: {key} leads to {item['address']}, which is not there; restore the table from its"
            " point-in-time backup"
        )
    return [record]
