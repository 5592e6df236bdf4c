# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find addresses: by the key that the map has for what is known of them, or by reading the whole map."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils import _address as addresses
from ansible_collections.account_factory.email.plugins.module_utils._errors import DamagedMapError, InputError
from ansible_collections.account_factory.email.plugins.module_utils._failing_mailbox import FailingMailbox
from ansible_collections.account_factory.email.plugins.module_utils._owner_group import (
    OwnerGroup,
    group_key,
    members_of,
    readable,
)
from ansible_collections.account_factory.email.plugins.module_utils._record import (
    AddressRecord,
    account_key,
    name_key,
    request_key,
)

from . import api
from .fields import SEARCHED, Field, checked_address, checked_group_id, checked_mailbox

# The fields by which the map has an item for each record, in the order in which they are looked up.
_KEYS = {"account_name": name_key, "account_id": account_key, "request_id": request_key}
# What tells one account from another, for whoever works on it next.
_IDENTITY = ("address", "account_id", "account_name", "request_id")


@dataclass(frozen=True)
class Query:
    """What an address has to be, checked and normalised by ``build_query``.

    ``addresses`` designate one record each, see ``find``. ``values`` are those of the fields that are asked for; owners
    and names are in lower case.
    """

    addresses: tuple[str, ...] | None = None
    values: Mapping[str, Any] = field(default_factory=dict)

    def matches(self, record: AddressRecord, groups: Mapping[str, OwnerGroup] = MappingProxyType({})) -> bool:
        """Return whether the record is all that is asked for, apart from the addresses.

        With the ``groups`` of the map by their ids, their members are owners.
        """
        owners = (*record.owners, *members_of(record.owner_groups, groups))
        values = {name: owners if name == "owners" else getattr(record, name) for name in self.values}
        return all(_holds(values[name], wanted, name) for name, wanted in self.values.items())

    def key(self) -> str | None:
        """Return the key of an item that leads to the one record that can match, None where there is no such key."""
        return next((key(self.values[name]) for name, key in _KEYS.items() if name in self.values), None)


def _holds(value: Any, wanted: Any, name: str) -> bool:
    """Return whether a record's value is what is wanted: a list holds it, a dictionary holds all of it."""
    if name == "contacts":
        return any(_holds(mailboxes, wanted, "mailboxes") for mailboxes in value.values())
    if isinstance(value, tuple):
        return wanted in {entry.lower() for entry in value}
    if isinstance(value, Mapping):
        return bool(wanted.items() <= value.items())
    return bool(wanted == (value.lower() if name == "account_name" else value))


def build_query(options: Mapping[str, Any]) -> Query:
    """Return the query that options make, not all of which need be there.

    Raises InputError naming the option that nothing can match: an empty one would otherwise find everything.
    """
    given = {name: value for name, value in options.items() if value is not None}
    values = {each.name: _wanted(each, given[each.searched]) for each in SEARCHED if each.searched in given}
    return Query(_addresses(given), values)


def _addresses(given: Mapping[str, Any]) -> tuple[str, ...] | None:
    if "address" in given:
        return (checked_address(given["address"]),)
    if "addresses" not in given:
        return None
    return tuple(dict.fromkeys(checked_address(address) for address in given["addresses"]))


def _wanted(each: Field, value: Any) -> Any:
    """Return what the option that searches a field asks for, in the form in which it is compared."""
    if each.is_groups:
        return checked_group_id(str(each.searched), value)
    if each.is_mailboxes:
        return checked_mailbox(str(each.searched), value).lower()
    if each.name == "account_name":
        if not value.strip():
            raise InputError("account_name: is empty; omit it to find addresses whatever their accounts' names")
        return value.lower()
    if isinstance(value, Mapping):
        # A number finds its text, for nothing is stored of it.
        numbers = {key: str(one) for key, one in value.items() if isinstance(one, int) and not isinstance(one, bool)}
        value = {**value, **numbers}
    return each.check(value)


def find(table: api.Table, wanted: Query) -> list[AddressRecord]:
    """Return the records that match all that is asked for, sorted by address; all where nothing is.

    An address with a ``+tag`` that is not in the map itself is the one without, as for the forwarder.
    """
    return sorted(filter(wanted.matches, _candidates(table, wanted)), key=lambda record: record.address)


def find_with_failing(table: api.Table, wanted: Query, now: datetime) -> list[dict[str, Any]]:
    """Return what ``find`` does, each as a dictionary with ``owners_failing`` beside the record's own fields."""
    found, failing = find_and_marks(table, wanted, now)
    return [{**record.to_dict(), "owners_failing": _failing_of(record, failing)} for record in found]


def find_and_marks(
    table: api.Table, wanted: Query, now: datetime
) -> tuple[list[AddressRecord], dict[str, FailingMailbox]]:
    """Return what ``find`` does, and the marks of mailboxes that fail, by mailbox in lower case.

    An owner is also found by the groups that it is a member of.
    Where the whole map is read, the marks of mailboxes come with it; else they are read by one request more, or one for
    each hundred mailboxes.
    """
    if wanted.addresses is None and wanted.key() is None:
        everything = list(api.records_and_beside(table, wanted.values))
        marks = [each for each in everything if isinstance(each, FailingMailbox)]
        candidates = [each for each in everything if isinstance(each, AddressRecord)]
        groups = {each.group_id: each for each in everything if isinstance(each, OwnerGroup)}
        matching = [record for record in candidates if wanted.matches(record, groups)]
    else:
        candidates = list(_candidates(table, wanted))
        groups = _groups_of(table, candidates) if "owners" in wanted.values else {}
        matching = [record for record in candidates if wanted.matches(record, groups)]
        marks = api.get_marks(table, (mailbox for record in matching for mailbox in record.mailboxes))
    found = sorted(matching, key=lambda record: record.address)
    return found, {mark.mailbox.lower(): mark for mark in marks if mark.is_failing(now)}


def _groups_of(table: api.Table, records: Iterable[AddressRecord]) -> dict[str, OwnerGroup]:
    """Return the groups that the records name, by their ids."""
    keys = [group_key(group) for record in records for group in record.owner_groups]
    return {group.group_id: group for group in readable(api.get_items(table, keys).values())} if keys else {}


def accounts_of(records: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return what tells the accounts of the records apart, which is what plays take as a list of accounts."""
    return [{name: record[name] for name in _IDENTITY} for record in records]


def _failing_of(record: AddressRecord, failing: Mapping[str, FailingMailbox]) -> list[dict[str, Any]]:
    """Return those of the record's mailboxes that fail, each as the record has it, with why and since when."""
    if not failing:
        return []
    marked = {mailbox: failing[mailbox.lower()] for mailbox in record.mailboxes if mailbox.lower() in failing}
    return [
        {
            "mailbox": mailbox,
            "reason": mark.reason.value,
            "since": mark.since,
            "until": mark.until,
            "diagnostic": mark.diagnostic,
        }
        for mailbox, mark in marked.items()
    ]


def _candidates(table: api.Table, wanted: Query) -> Iterable[AddressRecord]:
    """Return what may match: the one record that a key leads to, or where no key does, every record."""
    if wanted.addresses is not None:
        found = [_designated(table, address) for address in wanted.addresses]
        # Two ways of writing an address may designate the same record.
        return {record.address: record for record in found if record}.values()
    key = wanted.key()
    return api.records(table, wanted.values) if key is None else _under(table, key)


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
        raise DamagedMapError(key, item["address"])
    return [record]
