# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look at the accounts and the places that are there, before anything is written."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ansible_collections.account_factory.email.plugins.module_utils._account import changing
from ansible_collections.account_factory.email.plugins.module_utils._aws import AwsError
from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError, TaskError
from ansible_collections.account_factory.email.plugins.module_utils._organizations import api, tree
from ansible_collections.account_factory.email.plugins.module_utils._organizations.model import (
    Account,
    accept,
    check_new_name,
)
from ansible_collections.account_factory.email.plugins.module_utils._organizations.paths import Parent, Target
from ansible_collections.account_factory.email.plugins.module_utils._record import AddressRecord

from .jobs import Job, Services
from .model import check_adopted, check_aliases, check_is_its_account


@dataclass
class Looking:
    """Looks at one job after another. What several need is looked up once."""

    services: Services
    targets: dict[tuple[Parent, bool], Target | Exception] = field(default_factory=dict)

    def created(self, job: Job) -> Job:
        """Return a job for an account that is to be created, with what is there of it; raise why it cannot be done."""
        account = self._existing(job.record)
        if account:
            accept(account, job.wanted)
            check_is_its_account(account, job.record)
        check_aliases(job.request, job.record, account)
        parent = job.wanted.parent
        return replace(job, account=account, target=self._target(parent, job.wanted.create_parents) if parent else None)

    def adopted(self, job: Job, known_address: str | None) -> Job:
        """Return a job for an account that is to be adopted, with the account; raise why it cannot be done.

        ``known_address`` is the one that the map has for the account.
        """
        account_id = str(job.request.account_id)
        account = self._account(account_id)
        check_adopted(account, account_id, job.record, known_address)
        check_aliases(job.request, job.record, account)
        if job.request.options["rename"]:
            check_new_name(job.record.account_name, "account_name")
        changing.look(self.services.clients, job.wanted_email(self.services))
        return replace(job, account=account)

    def _existing(self, record: AddressRecord) -> Account | None:
        """Return the account that has the address, None if there is none; InputError if it has lost it."""
        connection = self.services.connection
        if record.account_id is None:
            return api.find_account(connection, record.address)
        account = self._account(record.account_id)
        if account is None:
            raise InputError(
                f"address: {record.address} belongs to account {record.account_id}, which is not in the organization"
                " any more. Ask for a new account by another request_id"
            )
        if account.email.lower() != record.address:
            raise InputError(
                f"address: {record.address} belongs to account {account.id}, which has the email {account.email} in"
                f" AWS. To give it the address again, adopt it by account_id={account.id!r} and address"
            )
        connection.listing.note(account)
        return account

    def _account(self, account_id: str) -> Account | None:
        connection = self.services.connection
        return connection.listing.by_id(account_id) or api.account_if_any(connection, account_id)

    def _target(self, parent: Parent, create: bool) -> Target:
        key = (parent, create)
        if key not in self.targets:
            try:
                self.targets[key] = tree.locate(self.services.connection, parent, create)
            except (TaskError, AwsError) as error:
                self.targets[key] = error
        found = self.targets[key]
        if isinstance(found, Exception):
            raise found
        return found
