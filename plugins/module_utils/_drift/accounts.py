# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts and the addresses of the map held against each other. Pure, no AWS.

One cause is one finding: of an address and its account the first thing is said that is wrong between the two, and only
where nothing is, what else differs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from ansible_collections.account_factory.email.plugins.module_utils._address import AddressError, lookup_keys
from ansible_collections.account_factory.email.plugins.module_utils._organizations.model import ACTIVE as ACTIVE_STATE
from ansible_collections.account_factory.email.plugins.module_utils._organizations.paths import Place
from ansible_collections.account_factory.email.plugins.module_utils._record import ACTIVE

from .asked import Asked
from .finding import about_account, about_record, adoption_values
from .model import MANAGEMENT, Finding
from .sides import KnownAddress, SeenAccount, Sides

# How many accounts or addresses of one name are named.
_NAMED = 5

Row = TypeVar("Row")
Named = TypeVar("Named", SeenAccount, KnownAddress)


class Joined:
    """The sides, with the accounts by id and by address, and the addresses of the map."""

    def __init__(self, sides: Sides) -> None:
        self.sides = sides
        self.by_id = _index(sides.accounts, lambda account: account.id)
        self.by_address = _index(
            (account for account in sides.accounts if account.address), lambda account: account.address
        )
        self.records = _index(sides.records, lambda record: record.address)
        self.recorded = {record.account_id for record in self.records.values() if not record.is_retired}


def _index(rows: Iterable[Row], key: Callable[[Row], str]) -> dict[str, Row]:
    """Return the rows by their keys; of two with one key, which AWS does not have, the same one in any order."""
    index: dict[str, Row] = {}
    for row in rows:
        other = index.setdefault(key(row), row)
        if other is not row and repr(row) < repr(other):
            index[key(row)] = row
    return index


def compare_record(joined: Joined, record: KnownAddress, asked: Asked) -> Iterator[Finding]:
    """Yield what is wrong between an address of the map and its account."""
    holder = joined.by_address.get(record.address)
    if record.is_retired:
        if holder is not None and not holder.is_closed:
            yield _retired_active(record, holder)
    elif record.account_id is None:
        yield from _without_account(record, holder, asked)
    else:
        yield from _with_account(joined, record, record.account_id, holder)


def _retired_active(record: KnownAddress, holder: SeenAccount) -> Finding:
    what = f"{record.address} is retired, and {_named(holder)} has it and is {holder.state or 'not closed'}."
    ids = {"account_id": holder.id, "recorded_id": record.account_id}
    return about_record("retired_active", record, what, expected="CLOSED", found=holder.state, **ids)


def _without_account(record: KnownAddress, holder: SeenAccount | None, asked: Asked) -> Iterator[Finding]:
    if holder is not None:
        what = f"{_named(holder)} has {record.address}, and the map knows no account of it."
        yield about_record("account_id_missing", record, what, expected=holder.id, account_id=holder.id)
    elif record.status == ACTIVE:
        what = f"{record.address} is in use according to the map, and no account of the organization has it."
        yield about_record("account_gone", record, what, expected=ACTIVE_STATE)
    elif record.created_at < asked.unused_before:
        what = f"{record.address} was vended long ago, and no account has it."
        yield about_record("unused", record, what)


def _with_account(
    joined: Joined, record: KnownAddress, account_id: str, holder: SeenAccount | None
) -> Iterator[Finding]:
    account = joined.by_id.get(account_id)
    if holder is not None and holder.id != account_id:
        what = f"{record.address} is the root email of {_named(holder)}, and of account {account_id} in the map."
        yield about_record("account_id_differs", record, what, expected=account_id, found=holder.id)
    elif account is None:
        what = f"Account {account_id} of {record.address} is not in the organization any more."
        yield about_record("account_gone", record, what, expected=ACTIVE_STATE)
    elif account.is_closed:
        what = f"{_named(account)} of {record.address} is {account.state}; the address is not retired."
        yield about_record("account_closed", record, what, expected=ACTIVE_STATE, found=account.state)
    elif holder is None and account.address:
        what = f"{_named(account)} has the root email {account.email}, and {record.address} in the map."
        yield about_record("email_differs", record, what, expected=record.address, found=account.email)
    else:
        yield from _details(joined.sides, record, account)


def _details(sides: Sides, record: KnownAddress, account: SeenAccount) -> Iterator[Finding]:
    """Yield what differs of an account that has the address that the map says."""
    if account.name != record.account_name:
        what = f"Account {account.id} is named {account.name!r}, and {record.account_name!r} in the map."
        yield about_record("name_differs", record, what, expected=record.account_name, found=account.name)
    place, expected = sides.places.get(account.id), sides.expected_place(record)
    if place is not None and place.id is not None and expected is not None and place.id != expected.id:
        kind = f"type {record.account_type}" if record.account_type else "no type"
        what = f"{_named(account)} is in {place.path or place.id}, and accounts of {kind} in {_shown(expected)}."
        ids = {"source": place.id, "destination": expected.id}
        yield about_record("ou_differs", record, what, expected=_shown(expected), found=_shown(place), **ids)


def compare_account(joined: Joined, account: SeenAccount, told: Collection[str]) -> Iterator[Finding]:
    """Yield what is wrong with the root email of an account that the map does not have.

    ``told`` are the accounts of which is said already that they have another email than the map says.
    """
    address, domains = account.address, joined.sides.domains
    if address in joined.records or account.id in told:
        return
    if not address and account.id in joined.recorded:
        # AWS's reference does not require an email in the answer.
        return
    if address.rpartition("@")[2] in domains:
        yield _unknown(joined, account)
    elif not account.is_closed:
        who = f"{_named(account)}, the management account," if account.is_management else _named(account)
        what = f"{who} has a root email that was not vended: {account.email or 'not known'}."
        more = {"table": MANAGEMENT} if account.is_management else adoption_values(account, domains)
        yield about_account("email_not_vended", account, what, found=account.email or None, **more)


def _unknown(joined: Joined, account: SeenAccount) -> Finding:
    what = f"{_named(account)} has the root email {account.email}, which is not in the map."
    found = next((one for one in _delivered_as(account.address) if one in joined.records), None)
    if found is not None:
        what = f"{what.removesuffix('.')}: its mail goes to the owners of {found}."
    domain = account.address.rpartition("@")[2]
    return about_account("email_unknown", account, what, found=found, domain=domain)


def _delivered_as(address: str) -> tuple[str, ...]:
    try:
        return lookup_keys(address)
    except AddressError:
        return ()


def compare_names(joined: Joined, asked: Asked) -> Iterator[Finding]:
    """Yield the names, in any case, that several accounts have that are not closed, or several addresses in use."""
    accounts: dict[str, list[SeenAccount]] = defaultdict(list)
    for account in joined.by_id.values():
        if account.name and not account.is_closed and not asked.ignores(account.id, account.address):
            accounts[account.name.lower()].append(account)
    for group in _several(accounts):
        first, ids = group[0], [account.id for account in group]
        what = f"{len(ids)} accounts are named {first.name!r}: {_some(ids)}."
        yield about_account("name_not_unique", first, what, found=_some(ids))
    records: dict[str, list[KnownAddress]] = defaultdict(list)
    for record in joined.records.values():
        if not record.is_retired and not asked.ignores(record.account_id, record.address):
            records[record.account_name.lower()].append(record)
    for one in _several(records):
        addresses = [record.address for record in one]
        what = f"{len(addresses)} addresses of the map are named {one[0].account_name!r}: {_some(addresses)}."
        yield about_record("name_not_unique", one[0], what, found=_some(addresses))


def _several(groups: Mapping[str, list[Named]]) -> Iterator[list[Named]]:
    return (sorted(group, key=repr) for group in groups.values() if len(group) > 1)


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def _named(account: SeenAccount) -> str:
    return f"Account {account.id} ({account.name})" if account.name else f"Account {account.id}"


def _shown(place: Place) -> str:
    return str(place.path or place.id)
