# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SES's account-level suppression list: its entries, what may be asked for, and what must be done to have it as wanted.

SES keeps an entry as it was added, its domain in lower case, and its API finds an entry by exactly that. Sending takes
no notice of case (Amazon SES Developer Guide, "Managing tenant suppression list entries"), so that an entry in any case
keeps mail from a mailbox.

Pure, standard library only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._address import (
    AddressError,
    normalise_domain,
    split,
)
from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError

# SES API v2 Reference, PutSuppressedDestination, Reason.
REASONS = ("BOUNCE", "COMPLAINT")
_NOT_PLAIN = re.compile(r"[\s<>,;@]")


@dataclass(frozen=True)
class Entry:
    """An entry of the list; the ids are those of the mail that it comes from, where there was one."""

    email_address: str
    reason: str
    last_update_time: str | None = None
    message_id: str | None = None
    feedback_id: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the entry as the modules show it."""
        return dict(vars(self))

    def summary(self) -> dict[str, Any]:
        """Return as much of the entry as a listing tells."""
        return {name: value for name, value in vars(self).items() if name not in ("message_id", "feedback_id")}


def check_addresses(option: str, addresses: Sequence[str]) -> tuple[str, ...]:
    """Return the addresses as SES keeps them, each once; raise InputError for what is no plain address."""
    return tuple(dict.fromkeys(_check_address(option, address) for address in addresses))


def _check_address(option: str, address: str) -> str:
    try:
        local_part, domain = split(address.strip())
        if _NOT_PLAIN.search(local_part):
            raise AddressError(f"{address!r} is not a plain email address: give only user@host")
        return f"{local_part}@{normalise_domain(domain)}"
    except AddressError as error:
        raise InputError(f"{option}: {error}") from error


def same_mailbox(address: str, entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Return the entries that keep mail from the mailbox, whatever their case."""
    return tuple(entry for entry in entries if entry.email_address.lower() == address.lower())


@dataclass(frozen=True)
class Filters:
    """Which entries to list: of these reasons, and last updated after ``start`` and before ``end``."""

    reasons: tuple[str, ...] = ()
    start: datetime | None = None
    end: datetime | None = None

    def __post_init__(self) -> None:
        if self.start and self.end and self.start >= self.end:
            raise InputError("start_date: is not before end_date, so that nothing can lie between them")

    def to_api(self) -> dict[str, Any]:
        """Return the parameters of ListSuppressedDestinations; what is not asked for is not named."""
        given = {"Reasons": list(self.reasons), "StartDate": self.start, "EndDate": self.end}
        return {name: value for name, value in given.items() if value}


@dataclass(frozen=True)
class Plan:
    """What is to be done: the entries as they are and as they will be, by address; only those that change."""

    before: Mapping[str, Entry]
    after: Mapping[str, Entry]
    # The entries that were asked for and are there afterwards, changed or not.
    entries: tuple[Entry, ...] = ()

    @property
    def added(self) -> list[str]:
        return [address for address in self.after if address not in self.before]

    @property
    def updated(self) -> list[str]:
        return [address for address in self.after if address in self.before]

    @property
    def removed(self) -> list[str]:
        return [address for address in self.before if address not in self.after]


def plan_present(found: Mapping[str, Sequence[Entry]], reason: str) -> Plan:
    """Return what suppresses each address for the reason; ``found`` are its entries now, in whatever case."""
    before = {entry.email_address: entry for entries in found.values() for entry in entries if entry.reason != reason}
    new = {address: Entry(address, reason) for address, entries in found.items() if not entries}
    # Whether SES keeps the ids of the mail is not documented; what is read afterwards will tell.
    changed = {address: replace(entry, reason=reason, last_update_time=None) for address, entry in before.items()}
    after = {**changed, **new}
    kept = {entry.email_address: entry for entries in found.values() for entry in entries}
    return Plan(before, after, tuple({**kept, **after}.values()))


def plan_absent(found: Mapping[str, Sequence[Entry]]) -> Plan:
    """Return what lifts the suppression of each address."""
    return Plan({entry.email_address: entry for entries in found.values() for entry in entries}, {})


def other_case(found: Mapping[str, Sequence[Entry]]) -> dict[str, str]:
    """Return the addresses that are on the list in another case only, each with how the list has it."""
    spelled = {address: ", ".join(entry.email_address for entry in entries) for address, entries in found.items()}
    return {
        address: spelled[address]
        for address, entries in found.items()
        if entries and address not in {entry.email_address for entry in entries}
    }
