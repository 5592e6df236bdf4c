# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task asks of the map, entry by entry; a task for one address has one entry. Pure, nothing here calls AWS."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from ansible_collections.account_factory.email.plugins.module_utils import _address as addresses
from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError, NotFoundError
from ansible_collections.account_factory.email.plugins.module_utils._record import AddressRecord, name_key

from .changes import Change
from .edits import Edit, apply_edit, build_edit
from .fields import REQUESTED, check_is_vended
from .requests import ExactRequest, VendRequest, build_request


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
        return self.edit.key

    @property
    def depends_on(self) -> list[str]:
        """Return the keys of the items that the edit depends on."""
        return self.edit.depends_on

    @property
    def new_depends_on(self) -> list[str]:
        """Return the keys of the items that the address depends on, too, where it is new."""
        local_part = addresses.split(self.edit.address)[0]
        return [name_key(self.account_name or local_part), name_key(local_part)]

    def check_domains(self, vended_domains: Collection[str]) -> None:
        check_is_vended(addresses.split(self.edit.address)[1], vended_domains)
        self.edit.check_mailboxes(vended_domains)

    def change(self, before: AddressRecord | None) -> Change:
        """Return the change that makes the map hold what was asked for; InputError where it cannot."""
        if before is None:
            return self._creation()
        if self.account_name not in (None, before.account_name):
            raise InputError(
                f"account_name: {before.address} is named {before.account_name!r}, not {self.account_name!r}, and names"
                " are not changed"
            )
        return Change(before, apply_edit(before, self.edit))

    def _creation(self) -> Change:
        address = self.edit.address
        if self.edit.retire:
            raise InputError(f"address: {address} is not in the map, so it cannot be retired; check its spelling")
        if not any(self.edit.values.get(name) for name in ("owners", "owner_groups")):
            raise InputError(f"owners: {address} is not in the map yet; say who owns it, or check its spelling")
        local_part, domain = addresses.split(address)
        values = {field.name: self.edit.values[field.name] for field in REQUESTED if field.name in self.edit.values}
        request = ExactRequest(
            account_name=self.account_name or local_part,
            local_part=local_part,
            domain=domain,
            values={"owners": (), **values},
            account_id=self.edit.values.get("account_id"),
            series=self.series,
            number=self.number,
        )
        # What a request has no word for: the status, and the id of the account's creation.
        return Change(None, replace(apply_edit(request.record(), self.edit), version=1), request.asked())


@dataclass(frozen=True)
class Correction:
    """An edit of an address that has to be in the map, which is ``table``: a typing error must not make one."""

    edit: Edit
    table: str

    @property
    def key(self) -> str:
        """The key of the item by which the address is found."""
        return self.edit.key

    @property
    def depends_on(self) -> list[str]:
        """Return the keys of the items that the edit depends on."""
        return self.edit.depends_on

    def check_domains(self, vended_domains: Collection[str]) -> None:
        if self.edit.restore:
            # Its domain may have been removed since it was retired.
            check_is_vended(addresses.split(self.edit.address)[1], vended_domains)
        self.edit.check_mailboxes(vended_domains)

    def change(self, before: AddressRecord | None) -> Change:
        """Return the change that makes the map hold what was asked for; InputError where it cannot."""
        if before is None:
            raise NotFoundError(
                f"address: {self.edit.address} is not in the map {self.table!r}. Check its spelling; new addresses are"
                " vended by name_prefix, account_name or local_part"
            )
        return Change(before, apply_edit(before, self.edit))


Ask: TypeAlias = "VendRequest | Upsert | Correction"
# Which entry, by its index; for an address that no entry names, the address.
Label: TypeAlias = "int | str"

# Returns the options of an entry with their types and defaults; raises InputError for what an entry cannot hold.
Options = Callable[[Mapping[str, Any]], Mapping[str, Any]]


@dataclass(frozen=True)
class Entries:
    """What the entries ask for, and why the others cannot be understood."""

    asks: dict[Label, Ask]
    failures: dict[Label, Exception]


def read_entries(entries: Collection[Mapping[str, Any]], options: Options) -> Entries:
    """Return what each entry asks for; an address or a request may be asked for once."""
    read = Entries({}, {})
    first: dict[str, int] = {}
    for index, entry in enumerate(entries):
        try:
            ask = build_ask(options(entry))
        except InputError as error:
            read.failures[index] = error
            continue
        if ask.key in first:
            read.failures[index] = InputError(f"is asked for by addresses[{first[ask.key]}] already; keep one of them")
        else:
            first[ask.key] = index
            read.asks[index] = ask
    return read


def build_ask(options: Mapping[str, Any]) -> VendRequest | Upsert:
    """Return what the options of an entry of many ask for."""
    if options.get("address") is None:
        return build_request(options)
    edit = build_edit(options)
    if (options["series"] is None) != (options["number"] is None):
        raise InputError("number: series and number go together; give both or none")
    if options["number"] is not None and options["number"] < 1:
        raise InputError(f"number: {options['number']} is less than 1")
    return Upsert(edit, options["account_name"], options["series"], options["number"])
