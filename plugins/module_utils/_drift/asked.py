# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked for of a comparison, checked and normalised. Pure, standard library only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._address import (
    AddressError,
    normalise,
    normalise_domain,
    split,
)
from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._organizations.paths import Parent, wanted_parent
from ansible_collections.account_factory.email.plugins.module_utils._text import ACCOUNT_ID, ACCOUNT_ID_TYPE
from ansible_collections.account_factory.email.plugins.module_utils._times import utc_text

from .model import FAIL_ON, KINDS, SEVERITIES, Finding

_DAYS_MAX = 36_500

DRIFT_SPEC: dict[str, Any] = {
    "unused_days": {"type": "int", "default": 30},
    "suspended_days": {"type": "int", "default": 7},
    "known_owners": {"type": "list", "elements": "str", "default": []},
    "type_parents": {"type": "dict", "default": {}},
    "ignore": {"type": "list", "elements": ACCOUNT_ID_TYPE, "default": []},
    "only": {"type": "list", "elements": "str"},
    "skip": {"type": "list", "elements": "str"},
    "fail_on": {"type": "str", "choices": list(FAIL_ON), "default": "never"},
}


@dataclass(frozen=True)
class Mailboxes:
    """Addresses, in the form in which they are compared, and domains: all that is directly in one of these."""

    addresses: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()

    def has(self, address: str) -> bool:
        return address.lower() in self.addresses or address.rpartition("@")[2].lower() in self.domains


@dataclass(frozen=True)
class Asked:
    """What is compared. Moments are UTC in ISO 8601.

    ``known_owners`` is None where owners are not compared. ``parents`` are where accounts are to be by their types.
    """

    unused_before: str = ""
    suspended_before: str = ""
    known_owners: Mailboxes | None = None
    parents: Mapping[str, Parent] = field(default_factory=dict)
    kinds: frozenset[str] = frozenset(KINDS)
    severities: frozenset[str] = frozenset(SEVERITIES)
    ignored_ids: frozenset[str] = frozenset()
    ignored: Mailboxes = field(default_factory=Mailboxes)

    def wants(self, finding: Finding) -> bool:
        return finding.kind in self.kinds and finding.severity in self.severities

    def ignores(self, account_id: str | None, address: str | None) -> bool:
        """Return whether an account or an address is known to be outside of what is compared."""
        return account_id in self.ignored_ids or (address is not None and self.ignored.has(address))


def build_asked(params: Mapping[str, Any], now: datetime) -> Asked:
    """Return what the options ask for; raise InputError naming the one that cannot work."""
    only, skip = (_names(option, params[option]) for option in ("only", "skip"))
    return Asked(
        unused_before=_before("unused_days", params["unused_days"], now),
        suspended_before=_before("suspended_days", params["suspended_days"], now),
        known_owners=_mailboxes("known_owners", params["known_owners"]) if params["known_owners"] else None,
        parents=_parents(params["type_parents"]),
        kinds=_chosen(frozenset(KINDS), only, skip),
        severities=_chosen(frozenset(SEVERITIES), only, skip),
        ignored_ids=frozenset(one.strip() for one in params["ignore"] if ACCOUNT_ID.fullmatch(one.strip())),
        ignored=_mailboxes("ignore", [one for one in params["ignore"] if not ACCOUNT_ID.fullmatch(one.strip())]),
    )


def _before(option: str, days: int, now: datetime) -> str:
    if not 0 <= days <= _DAYS_MAX:
        raise InputError(f"{option}: {days} is not a number of days from 0 to {_DAYS_MAX}")
    return utc_text(now - timedelta(days=days))


def _names(option: str, given: Sequence[str] | None) -> frozenset[str]:
    unknown = [name for name in given or () if name not in KINDS and name not in SEVERITIES]
    if unknown:
        raise InputError(
            f"{option}: there is no finding {', '.join(unknown)}; give kinds or severities, of"
            f" {', '.join((*SEVERITIES, *KINDS))}"
        )
    return frozenset(given or ())


def _chosen(names: frozenset[str], only: frozenset[str], skip: frozenset[str]) -> frozenset[str]:
    """Return which of some names are asked for; all where nothing is said of these."""
    return (names & only or names) - skip


def _mailboxes(option: str, given: Iterable[str]) -> Mailboxes:
    """Return mailboxes, given as jane@example.com, and domains, given as @example.com."""
    entries = [(one, one.strip().lower()) for one in given]
    refused = next((one for one, text in entries if not _is_mailbox(text)), None)
    if refused is not None:
        ids = ", the 12 digits of an account in quotes" if option == "ignore" else ""
        raise InputError(f"{option}: {refused!r} is neither an address, nor a domain as @example.com{ids}")
    return Mailboxes(
        frozenset(normalise(text) for _one, text in entries if not text.startswith("@")),
        frozenset(normalise_domain(text[1:]) for _one, text in entries if text.startswith("@")),
    )


def _is_mailbox(text: str) -> bool:
    try:
        normalise_domain(text[1:] if text.startswith("@") else split(text)[1])
    except AddressError:
        return False
    return True


def _parents(given: Mapping[str, Any]) -> dict[str, Parent]:
    empty = sorted(kind for kind, parent in given.items() if not parent)
    if empty:
        raise InputError(f"type_parents: {empty[0]!r} has no parent; give an id, a path or / for the root")
    return {str(kind): wanted_parent(str(parent), "type_parents") for kind, parent in given.items()}
