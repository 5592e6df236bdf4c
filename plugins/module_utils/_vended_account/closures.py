# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which accounts may be closed: those on which the task, the map and AWS agree. Pure, nothing here calls AWS."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._map.fields import checked_address
from ansible_collections.account_factory.email.plugins.module_utils._organizations.model import Account
from ansible_collections.account_factory.email.plugins.module_utils._record import AddressRecord
from ansible_collections.account_factory.email.plugins.module_utils._text import checked_account_id


@dataclass(frozen=True)
class Closure:
    """An account that is to be closed, known twice: by its address, in lower case, and by its id.

    Errors call the two by ``address_option`` and ``id_option``.
    """

    address: str
    account_id: str
    address_option: str
    id_option: str


def read_closures(entries: Sequence[Mapping[str, Any]], names: Mapping[str, str | None]) -> list[Closure]:
    """Return what the entries ask for; raise InputError with all that is wrong. ``names`` are their options' names."""
    closures: list[Closure] = []
    wrong: list[str] = []
    for index, entry in enumerate(entries):
        address_option, id_option = (
            names.get(name) or f"accounts[{index}].{name}" for name in ("address", "account_id")
        )
        try:
            account_id = checked_account_id(id_option, entry["account_id"])
            closures.append(
                Closure(checked_address(entry["address"], address_option), account_id, address_option, id_option)
            )
        except InputError as error:
            wrong.append(str(error))
    _refuse(wrong)
    return closures


def check_records(closures: Iterable[Closure], records: Mapping[str, AddressRecord]) -> None:
    """Raise InputError, with all that is wrong, unless the map has each address as that of the account."""
    _refuse(_not_in_the_map(closure, records.get(closure.address)) for closure in closures)


def check_accounts(closures: Iterable[Closure], accounts: Iterable[Account]) -> None:
    """Raise InputError, with all that is wrong, unless each account in the organization has the address it has here."""
    by_id = {str(account.id): account for account in accounts}
    by_email = {account.email.lower(): account for account in by_id.values()}
    _refuse(
        _moved(closure, by_id[closure.account_id])
        if closure.account_id in by_id
        else _replaced(closure, by_email.get(closure.address))
        for closure in closures
    )


def check_email(closure: Closure, account: Account) -> None:
    """Raise InputError if the account has another email than the map says."""
    _refuse([_moved(closure, account)])


def _not_in_the_map(closure: Closure, record: AddressRecord | None) -> str | None:
    if record is None:
        return f"{closure.address_option}: {closure.address} is not in the map; check its spelling"
    if record.account_id is None:
        return (
            f"{closure.address_option}: the map knows no account of {closure.address}; record its id first, with"
            " edit_address and account_factory_account_id"
        )
    if record.account_id != closure.account_id:
        return (
            f"{closure.id_option}: {closure.account_id} is not the account of {closure.address}; to close that account,"
            f" give {record.account_id}"
        )
    return None


def _moved(closure: Closure, account: Account) -> str | None:
    """Return what to say if the account has another email: the map is then not right about it."""
    if account.email.lower() == closure.address:
        return None
    return (
        f"{closure.address_option}: the email address of the account {account.id} is no longer {closure.address}, but"
        f" {account.email}; nothing was done. Give the address that the account has, and look at what the map says of"
        " this one."
    )


def _replaced(closure: Closure, other: Account | None) -> str | None:
    """Return what to say if the account is gone, but another one has its address, which still needs its mail."""
    if other is None:
        return None
    return (
        f"{closure.id_option}: the account {closure.account_id} is gone, but the account {other.id} has the email"
        f" {other.email}, so its address is not retired; nothing was done. Look at what the map says of it."
    )


def _refuse(problems: Iterable[str | None]) -> None:
    found = [problem for problem in dict.fromkeys(problems) if problem]
    if found:
        raise InputError("; ".join(found))
