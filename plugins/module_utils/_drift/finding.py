# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings of an address of the map, of an account, and of a domain, with what mends each. Pure, no AWS."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._address import (
    ACCOUNT_EMAIL_MAX,
    RESERVED_LOCAL_PARTS,
    AddressError,
    check_account_name,
)
from ansible_collections.account_factory.email.plugins.module_utils._root_recovery import Recovery

from .model import KINDS, Finding, Kind
from .remedies import remedy
from .sides import KnownAddress, SeenAccount

_NOT_IN_LOCAL_PARTS = re.compile(r"[^a-z0-9]+")


def about_record(
    kind: str, record: KnownAddress, what: str, *, expected: str | None = None, found: str | None = None, **more: Any
) -> Finding:
    """Return a finding of an address of the map; ``more`` may say ``severity``, ``account_id``, and what mends it."""
    account_id = more.pop("account_id", record.account_id)
    return _finding(kind, account_id, record.account_name, record.address, what, expected, found, more)


def about_account(
    kind: str, account: SeenAccount, what: str, *, expected: str | None = None, found: str | None = None, **more: Any
) -> Finding:
    """Return a finding of an account; ``more`` as above, or ``table``, what is said in the place of the kind's own."""
    return _finding(kind, account.id, account.name, account.address or None, what, expected, found, more)


def about_recovery(kind: str, recovery: Recovery, what: str, severity: str) -> Finding:
    """Return a finding of an account whose root user may recover, by what the map notes of that."""
    return _finding(
        kind,
        recovery.account_id,
        None,
        recovery.address or None,
        what,
        None,
        recovery.opened_at or None,
        {"severity": severity},
    )


def about_domain(kind: str, what: str, expected: str, found: str) -> Finding:
    """Return a finding of a domain, which ``expected`` and ``found`` name."""
    return _finding(kind, None, None, None, what, expected, found, {})


def _finding(
    kind: str,
    account_id: str | None,
    account_name: str | None,
    address: str | None,
    what: str,
    expected: str | None,
    found: str | None,
    more: dict[str, Any],
) -> Finding:
    table: Kind = more.pop("table", KINDS[kind])
    severity = more.pop("severity", table.severity)
    values = {"account_id": account_id, "address": address, **more}
    return Finding(
        kind, severity, account_id, account_name, address, expected, found, what, remedy(table, values), table.play
    )


def adoption_values(account: SeenAccount, domains: Collection[str]) -> dict[str, str]:
    """Return what an account is vended that is adopted: a domain, a local part, its own name if the map takes it."""
    domain = min(domains, default="")
    local_part = _NOT_IN_LOCAL_PARTS.sub("-", account.name.lower()).strip("-")
    if not local_part or local_part in RESERVED_LOCAL_PARTS:
        local_part = f"account-{account.id}"
    # With a domain that is too long vending refuses any.
    local_part = local_part[: max(ACCOUNT_EMAIL_MAX - 1 - len(domain), 1)].strip("-")
    values = {"domain": domain, "local_part": local_part}
    try:
        return {**values, "account_name": check_account_name(account.name)}
    except AddressError:
        return values
