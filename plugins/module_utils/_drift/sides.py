# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Organizations, the map and SES say, as far as it is compared. Pure, no AWS.

Of each account and each address no more is kept than that: there are 50,000 of them.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._address import AddressError, normalise
from ansible_collections.account_factory.email.plugins.module_utils._organizations.model import CLOSED_STATES, Account
from ansible_collections.account_factory.email.plugins.module_utils._organizations.paths import Place
from ansible_collections.account_factory.email.plugins.module_utils._owner_group import (
    OwnerGroup,
    each_once,
    members_of,
)
from ansible_collections.account_factory.email.plugins.module_utils._record import RETIRED, AddressRecord
from ansible_collections.account_factory.email.plugins.module_utils._root_recovery import Recovery
from ansible_collections.account_factory.email.plugins.module_utils._vended_domain import VendedDomain


@dataclass(frozen=True, slots=True)
class SeenAccount:
    """An account of the organization. ``address`` is its root email in the form in which addresses are compared."""

    id: str
    email: str
    address: str
    name: str
    state: str | None
    is_management: bool

    @classmethod
    def of(cls, account: Account) -> SeenAccount:
        state = account.state and sys.intern(account.state)
        address = address_of(account.email)
        # One text where both are the same.
        email = address if account.email == address else account.email
        return cls(str(account.id), email, address, account.name, state, account.is_management)

    @property
    def is_closed(self) -> bool:
        return self.state in CLOSED_STATES


@dataclass(frozen=True, slots=True)
class KnownAddress:
    """An address of the map. Times are UTC in ISO 8601."""

    address: str
    account_name: str
    account_id: str | None
    account_type: str | None
    status: str
    forwarding: bool
    owners: tuple[str, ...]
    fallback_owners: tuple[str, ...]
    # Those of all kinds; where they get nothing, the owners do.
    contacts: tuple[str, ...]
    created_at: str
    updated_at: str
    owner_groups: tuple[str, ...] = ()

    @classmethod
    def of(cls, record: AddressRecord) -> KnownAddress:
        return cls(
            address=record.address,
            account_name=record.account_name,
            account_id=record.account_id,
            account_type=record.account_type and sys.intern(record.account_type),
            status=sys.intern(record.status),
            forwarding=record.forwarding,
            # A team's mailbox owns thousands of addresses.
            owners=tuple(map(sys.intern, record.owners)),
            fallback_owners=tuple(map(sys.intern, record.fallback_owners)),
            contacts=tuple(map(sys.intern, record.contact_mailboxes)),
            created_at=record.created_at,
            updated_at=record.updated_at,
            owner_groups=tuple(map(sys.intern, record.owner_groups)),
        )

    @property
    def is_retired(self) -> bool:
        return self.status == RETIRED

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


@dataclass(frozen=True)
class Sides:
    """Everything that is held against each other.

    ``failing`` are the mailboxes that fail, in lower case, each with why. ``identities`` are those of SES as it lists
    them, None where they are not compared. ``places`` are where accounts are, by their ids, as far as that is compared,
    and ``type_places`` where those of a type are to be, ``default`` for all others. ``recoveries`` are those of root
    users that the map notes as open, each with whether its time is over; ``groups`` those of owners, by their ids.
    """

    accounts: Sequence[SeenAccount] = ()
    records: Sequence[KnownAddress] = ()
    domains: Mapping[str, VendedDomain] = field(default_factory=dict)
    failing: Mapping[str, str] = field(default_factory=dict)
    identities: Sequence[Mapping[str, Any]] | None = None
    places: Mapping[str, Place] = field(default_factory=dict)
    type_places: Mapping[str, Place] = field(default_factory=dict)
    recoveries: Sequence[tuple[Recovery, bool]] = ()
    groups: Mapping[str, OwnerGroup] = field(default_factory=dict)

    def owners_of(self, record: KnownAddress) -> tuple[str, ...]:
        """Return the owners of an address and the members of its groups, each once."""
        return each_once((*record.owners, *members_of(record.owner_groups, self.groups)))

    def expected_place(self, record: KnownAddress) -> Place | None:
        """Return where the account of an address is to be, None where nobody says."""
        return self.type_places.get(record.account_type or _DEFAULT, self.type_places.get(_DEFAULT))


_DEFAULT = "default"


def address_of(email: str) -> str:
    """Return an account's email in the form of the map's addresses; what is no address, in lower case."""
    try:
        return normalise(email)
    except AddressError:
        return email.strip().lower()
