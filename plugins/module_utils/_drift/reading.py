# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads what is compared: the map, then the organization, then what may have changed in the map meanwhile.

A side that cannot be read ends the run: half a comparison would look as if all were well. Only SES, of which one kind
of finding comes, may be missing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._aws import AwsError
from ansible_collections.account_factory.email.plugins.module_utils._checks.api import list_identities
from ansible_collections.account_factory.email.plugins.module_utils._errors import TaskError
from ansible_collections.account_factory.email.plugins.module_utils._map import api as map_api
from ansible_collections.account_factory.email.plugins.module_utils._organizations import api as organizations_api
from ansible_collections.account_factory.email.plugins.module_utils._organizations import tree
from ansible_collections.account_factory.email.plugins.module_utils._organizations.calls import Connection
from ansible_collections.account_factory.email.plugins.module_utils._owner_group import OwnerGroup
from ansible_collections.account_factory.email.plugins.module_utils._probe_mail import is_probe_record
from ansible_collections.account_factory.email.plugins.module_utils._record import AddressRecord, address_key
from ansible_collections.account_factory.email.plugins.module_utils._root_access.notes import open_recoveries

from .asked import Asked
from .comparing import Compared, compare
from .sides import KnownAddress, SeenAccount, Sides

# What a job that runs at the same time makes and ends by itself.
_IN_FLIGHT = frozenset(
    ("account_gone", "account_id_differs", "account_id_missing", "email_differs", "email_unknown", "unused")
)


@dataclass(frozen=True)
class Sources:
    """Where everything is read; ``make_ses()`` makes the client for SES, if that is asked for."""

    table: map_api.Table
    connection: Connection
    make_ses: Callable[[], Any]


@dataclass(frozen=True)
class Drift:
    """What was found, how much was compared, and which kinds could not be looked for, each with the reason."""

    compared: Compared
    accounts: int
    addresses: int
    skipped: list[dict[str, str]] = field(default_factory=list)


def find_drift(sources: Sources, asked: Asked, now: datetime) -> Drift:
    """Return what Organizations, the map and SES disagree on."""
    sides, skipped = _with_identities(_read_map(sources.table, now), sources, asked)
    sides = _with_organization(sides, sources.connection, asked)
    compared = compare(sides, asked)
    seen_again = _look_again(sides, sources.table, compared)
    if seen_again is not sides:
        compared = compare(seen_again, asked)
    return Drift(compared, len(sides.accounts), len(seen_again.records), skipped)


def _read_map(table: map_api.Table, now: datetime) -> Sides:
    """Return what the map says, but of the probe, whose address no account is to have.

    It is read first, so that no account is newer than its record.
    """
    domains = map_api.get_domains(table)
    records: list[KnownAddress] = []
    failing: dict[str, str] = {}
    groups: dict[str, OwnerGroup] = {}
    for one in map_api.records_and_beside(table, {}):
        if isinstance(one, OwnerGroup):
            groups[one.group_id] = one
        elif isinstance(one, AddressRecord):
            records += [] if is_probe_record(one) else [KnownAddress.of(one)]
        elif one.is_failing(now):
            failing[one.mailbox.lower()] = one.reason.value
    recoveries = [(one, one.is_overdue(now)) for one in open_recoveries(table).values()]
    return Sides(records=records, domains=domains, failing=failing, recoveries=recoveries, groups=groups)


def _with_identities(sides: Sides, sources: Sources, asked: Asked) -> tuple[Sides, list[dict[str, str]]]:
    if "identity_unverified" not in asked.kinds or not sides.domains:
        return sides, []
    try:
        return replace(sides, identities=list_identities(sources.make_ses())), []
    except AwsError as error:
        return sides, [{"kind": "identity_unverified", "reason": str(error)}]


def _with_organization(sides: Sides, connection: Connection, asked: Asked) -> Sides:
    # Before the accounts: a path that is not there is found within seconds.
    places = {}
    if "ou_differs" in asked.kinds:
        places = {kind: tree.locate(connection, one, create=False).place for kind, one in asked.parents.items()}
    accounts = list(map(SeenAccount.of, organizations_api.list_accounts(connection)))
    if not accounts:
        raise TaskError(
            "AWS Organizations listed no account, though each organization has its management account; check whose"
            " credentials these are"
        )
    sides = replace(sides, accounts=accounts, type_places=places)
    placed = _to_place(sides) if places else set()
    return replace(sides, places=tree.places_of(connection, placed, len(accounts))) if placed else sides


def _to_place(sides: Sides) -> set[str]:
    """Return the accounts that are open, in use by the map, and of a type that is to be somewhere."""
    expected = {
        record.account_id
        for record in sides.records
        if record.account_id and not record.is_retired and sides.expected_place(record)
    }
    return {one.id for one in sides.accounts if one.id in expected and not one.is_closed}


def _look_again(sides: Sides, table: map_api.Table, compared: Compared) -> Sides:
    """Return the sides with the records as they are now that findings rest on; the same sides if none is another.

    Listing the accounts takes minutes, in which addresses are vended, accounts created and recorded.
    """
    suspects = {one.address for one in compared.findings if one.kind in _IN_FLIGHT and one.address is not None}
    if not suspects:
        return sides
    items = map_api.get_items(table, map(address_key, sorted(suspects)))
    now = {record.address: record for record in map(_known, items.values())}
    before = {record.address: record for record in sides.records if record.address in suspects}
    if now == before:
        return sides
    others = [record for record in sides.records if record.address not in suspects]
    return replace(sides, records=[*others, *now.values()])


def _known(item: Any) -> KnownAddress:
    return KnownAddress.of(AddressRecord.from_item(item))
