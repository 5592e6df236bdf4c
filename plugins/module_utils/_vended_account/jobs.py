# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task works with, what it has to do for each account, and what becomes of that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._account.changing import Clients
from ansible_collections.account_factory.email.plugins.module_utils._account.model import MailPlace
from ansible_collections.account_factory.email.plugins.module_utils._account.model import Wanted as WantedEmail
from ansible_collections.account_factory.email.plugins.module_utils._map.api import Table
from ansible_collections.account_factory.email.plugins.module_utils._map.changes import Change
from ansible_collections.account_factory.email.plugins.module_utils._organizations.calls import Connection
from ansible_collections.account_factory.email.plugins.module_utils._organizations.model import Account, Wanted
from ansible_collections.account_factory.email.plugins.module_utils._organizations.paths import Target
from ansible_collections.account_factory.email.plugins.module_utils._record import AddressRecord, Stamp

from .model import AccountRequest


@dataclass(frozen=True)
class BothSides:
    """The map, who writes to it, and the organization."""

    table: Table
    stamp: Callable[[], Stamp]
    connection: Connection


@dataclass(frozen=True)
class Services(BothSides):
    """What creates and adopts accounts works with.

    ``account_quota`` returns how many accounts the organization may have, None where that is not known. ``mail`` is
    where the verification emails of accounts that are adopted arrive.
    """

    account_quota: Callable[[], int | None]
    clients: Clients
    mail: MailPlace | None = None


@dataclass(frozen=True)
class Job:
    """One request, and what it comes to in the map.

    ``account`` is the one that is there already, ``target`` where it is to be.
    """

    request: AccountRequest
    change: Change
    account: Account | None = None
    target: Target | None = None

    @property
    def record(self) -> AddressRecord:
        return self.change.after

    @property
    def wanted(self) -> Wanted:
        return self.request.wanted(self.record, is_new=self.change.before is None)

    def wanted_email(self, services: Services) -> WantedEmail:
        """Return the change of the root user's email of an account that is adopted."""
        timeout = self.request.timeout or 1
        return WantedEmail(str(self.request.account_id), self.record.address, None, services.mail, timeout)


@dataclass(frozen=True)
class Outcome:
    """An account with its address, before (None for an address that is new) and after, as it is returned.

    ``is_new_account``: it was created or given its address by this task.
    """

    before: dict[str, Any] | None
    after: dict[str, Any]
    is_new_account: bool

    @property
    def changed(self) -> bool:
        return self.before != self.after


@dataclass
class Done:
    """What became of each request, by its index, or why it could not be done; the paths of the OUs that were made."""

    outcomes: dict[int, Outcome] = field(default_factory=dict)
    failures: dict[int, Exception] = field(default_factory=dict)
    made_units: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
