# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Close accounts that have vended addresses, and retire the addresses of those that are gone from the organization.

A closed account keeps its address for as long as the organization lists it: AWS writes to it for 90 days and more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._aws import AwsError
from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError, TaskError
from ansible_collections.account_factory.email.plugins.module_utils._map import api as map_api
from ansible_collections.account_factory.email.plugins.module_utils._map.edits import Edit
from ansible_collections.account_factory.email.plugins.module_utils._map.engine import Work, apply_entries
from ansible_collections.account_factory.email.plugins.module_utils._map.entries import Ask, Correction, Entries, Label
from ansible_collections.account_factory.email.plugins.module_utils._organizations import api
from ansible_collections.account_factory.email.plugins.module_utils._organizations.closing import close_account
from ansible_collections.account_factory.email.plugins.module_utils._organizations.model import Closing
from ansible_collections.account_factory.email.plugins.module_utils._organizations.paths import Parent
from ansible_collections.account_factory.email.plugins.module_utils._record import AddressRecord, address_key

from .closures import Closure, check_accounts, check_email, check_records
from .jobs import BothSides
from .progress import Progress


@dataclass(frozen=True)
class How:
    """How accounts are closed: where they are moved first, None is nowhere, and how long each closure is waited for."""

    parent: Parent | None
    timeout: int
    check_mode: bool


@dataclass(frozen=True)
class Closed:
    """An address with its account, before and after; the account is None where the organization has it no more."""

    before: Mapping[str, Any]
    after: Mapping[str, Any]

    @property
    def changed(self) -> bool:
        return self.before != self.after

    @property
    def is_gone(self) -> bool:
        return self.after["account"] is None


@dataclass
class Done:
    """What became of each account by its address, or why it could not be done."""

    outcomes: dict[str, Closed] = field(default_factory=dict)
    failures: dict[str, Exception] = field(default_factory=dict)


def ensure_closed(sides: BothSides, closures: Sequence[Closure], how: How, progress: Progress) -> Done:
    """Close the accounts. One that cannot be closed does not keep the others from it.

    Raises InputError, nothing done, where the entries, the map and AWS do not agree on each account, and an error of
    AWS's as long as nothing is done.
    """
    run = _Run(sides, how, progress)
    run.apply({closure.address: closure for closure in closures}, run.look(closures))
    return run.done


@dataclass
class _Run:
    sides: BothSides
    how: How
    progress: Progress
    done: Done = field(default_factory=Done)
    records: Mapping[str, AddressRecord] = field(default_factory=dict)

    def look(self, closures: Sequence[Closure]) -> set[str]:
        """Look at the map and the organization; return the ids of its accounts."""
        keys = [address_key(closure.address) for closure in closures]
        items = map_api.get_items(self.sides.table, keys)
        records = (AddressRecord.from_item(item) for item in items.values())
        self.records = {record.address: record for record in records}
        check_records(closures, self.records)
        connection = self.sides.connection
        accounts = {str(account.id): account for account in api.list_accounts(connection)}
        check_accounts(closures, accounts.values())
        # Asked for by their ids, too: that a list has left one out must not end its mail.
        gone = [closure.account_id for closure in closures if closure.account_id not in accounts]
        left_out = filter(None, [api.account_if_any(connection, account_id) for account_id in gone])
        accounts.update({str(account.id): account for account in left_out})
        check_accounts(closures, accounts.values())
        return set(accounts)

    def apply(self, closures: Mapping[str, Closure], there: set[str]) -> None:
        for address, closure in closures.items():
            if closure.account_id not in there:
                continue
            self.progress.begin(address, f"closing account {closure.account_id}")
            try:
                self.done.outcomes[address] = self._close(closure)
            except (TaskError, AwsError) as error:
                self.done.failures[address] = error
            self.progress.end(address)
        self._retire([address for address, closure in closures.items() if closure.account_id not in there])

    def _close(self, closure: Closure) -> Closed:
        connection = self.sides.connection
        # Looked at again: the closures before this one may have taken an hour.
        account = api.account_if_any(connection, closure.account_id)
        if account is None:
            raise InputError(
                f"{closure.id_option}: the account {closure.account_id} has left the organization meanwhile; run again"
            )
        check_email(closure, account)
        wanted = Closing(closure.address, confirmed_id=closure.account_id, parent=self.how.parent)
        absent = close_account(connection, account, wanted, self.how.timeout, self.how.check_mode)
        record = self.records[closure.address].to_dict()
        return Closed({**record, "account": absent.before}, {**record, "account": absent.after})

    def _retire(self, addresses: Sequence[str]) -> None:
        """Retire the addresses: there is nobody any more whom AWS would write to."""
        if not addresses:
            return
        table = self.sides.table
        asks: dict[Label, Ask] = {address: Correction(Edit(address, retire=True), table.name) for address in addresses}
        try:
            plan = apply_entries(table, Entries(asks, {}), Work(self.sides.stamp, self.how.check_mode))
        except (TaskError, AwsError) as error:
            # What was closed before is told all the same.
            self.done.failures.update(dict.fromkeys(addresses, error))
            return
        self.done.failures.update({str(label): error for label, error in plan.failures.items()})
        for label, change in plan.changes.items():
            before = change.before or change.after
            self.done.outcomes[str(label)] = Closed(
                {**before.to_dict(), "account": None}, {**change.after.to_dict(), "account": None}
            )
