# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many addresses in one task: what each entry asks for. Pure, nothing here calls AWS."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from ansible_collections.account_factory.email.plugins.module_utils import _address as addresses
from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._record import AddressRecord, Stamp, address_key

from .changes import Change
from .edits import Edit, apply_edit, edit
from .fields import checked_domain
from .requests import ExactRequest, SeriesRequest, vend_request


@dataclass(frozen=True)
class Upsert:
    """An address that is edited where it is in the map, and brought in where it is not."""

    edit: Edit
    account_name: str | None = None
    series: str | None = None
    number: int | None = None

    @property
    def key(self) -> str:
        """The key of the item by which the address is found."""
        return address_key(self.edit.address)

    def plan(self, before: AddressRecord | None, stamp: Stamp) -> Change:
        """Return the change that makes the map hold what was asked for; InputError where it cannot."""
        if before is None:
            return self._creation(stamp)
        if self.account_name not in (None, before.account_name):
            raise InputError(
                f"account_name: {before.address} is named {before.account_name!r}, not {self.account_name!r}, and names"
                " are not changed"
            )
        return Change(before, apply_edit(before, self.edit, stamp))

    def _creation(self, stamp: Stamp) -> Change:
        address = self.edit.address
        if self.edit.retire:
            raise InputError(f"address: {address} is not in the map, so it cannot be retired; check its spelling")
        if self.edit.owners is None:
            raise InputError(f"owners: {address} is not in the map yet; say who owns it, or check its spelling")
        local_part, domain = addresses.split(address)
        request = ExactRequest(
            account_name=self.account_name or local_part,
            local_part=local_part,
            domain=domain,
            owners=self.edit.owners,
            account_id=self.edit.account_id,
            account_type=self.edit.account_type,
            tags=self.edit.tags or {},
            forwarding=self.edit.forwarding is not False,
            series=self.series,
            number=self.number,
        )
        # What a request has no word for: the status, and the id of the account's creation.
        record = replace(apply_edit(request.record(stamp), self.edit, stamp), version=1)
        return Change(None, record, request.asked())


Ask: TypeAlias = "SeriesRequest | ExactRequest | Upsert"
# Which entry, by its index; for an address that no entry names, the address.
Label: TypeAlias = "int | str"

# Returns the options of an entry with their types and defaults; raises InputError for what an entry cannot hold.
Options = Callable[[Mapping[str, Any]], Mapping[str, Any]]


@dataclass(frozen=True)
class Entries:
    """What the entries ask for, and why the others cannot be understood."""

    asks: dict[Label, Ask]
    failures: dict[Label, str]


def read_entries(entries: Collection[Mapping[str, Any]], options: Options, vended_domains: Collection[str]) -> Entries:
    """Return what each entry asks for; an address or a request may be asked for once."""
    read = Entries({}, {})
    first: dict[str, int] = {}
    for index, entry in enumerate(entries):
        ask = _understood(entry, options, vended_domains)
        if isinstance(ask, InputError):
            read.failures[index] = str(ask)
        elif ask.key in first:
            read.failures[index] = f"is asked for by addresses[{first[ask.key]}] already; keep one of them"
        else:
            first[ask.key] = index
            read.asks[index] = ask
    return read


def _understood(entry: Mapping[str, Any], options: Options, vended_domains: Collection[str]) -> Ask | InputError:
    try:
        return _ask(options(entry), vended_domains)
    except InputError as error:
        return error


def _ask(options: Mapping[str, Any], vended_domains: Collection[str]) -> Ask:
    if options.get("address") is None:
        request = vend_request(options, vended_domains)
        if isinstance(request, SeriesRequest):
            # A name that AWS would refuse is found before a number is drawn.
            request.names(1)
        return request
    change = edit(options, vended_domains)
    checked_domain(addresses.split(change.address)[1], vended_domains)
    if (options["series"] is None) != (options["number"] is None):
        raise InputError("number: series and number go together; give both or none")
    if options["number"] is not None and options["number"] < 1:
        raise InputError(f"number: {options['number']} is less than 1")
    return Upsert(change, options["account_name"], options["series"], options["number"])
