# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Closing an account: only the one that is confirmed, only once, and knowing when somebody else does it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ansible_collections.account_factory.email.plugins.module_utils._organizations import api, waiters
from ansible_collections.account_factory.email.plugins.module_utils._organizations.calls import Connection
from ansible_collections.account_factory.email.plugins.module_utils._organizations.errors import (
    AnsibleOrganizationsError,
)
from ansible_collections.account_factory.email.plugins.module_utils._organizations.model import (
    CLOSED_STATES,
    PENDING_CLOSURE,
    SUSPENDED,
    Account,
    Closing,
    check_closing,
    check_not_there,
)


@dataclass(frozen=True)
class Absent:
    """The account before and after, the same where nothing was closed; None where the organization has none."""

    before: Account | None
    after: Account | None


def ensure_closed(connection: Connection, wanted: Closing, timeout: int | None, check_mode: bool) -> Absent:
    """Close the account if it is open; wait for that up to ``timeout`` seconds, None is not at all."""
    accounts = list(api.list_accounts(connection))
    account = next((one for one in accounts if one.email.lower() == wanted.email), None)
    if account is None or account.id is None:
        check_not_there(accounts, wanted)
        return Absent(None, None)
    check_closing(account, wanted)
    ours = account.state not in CLOSED_STATES
    if ours and not check_mode:
        ours = _close(connection, account.id)
    after = account
    if account.state == PENDING_CLOSURE or account.state not in CLOSED_STATES:
        after = replace(account, state=PENDING_CLOSURE if timeout is None else SUSPENDED)
        if timeout is not None and not check_mode:
            waiters.wait_for_closure(connection, account.id, timeout)
    return Absent(account if ours else after, after)


def _close(connection: Connection, account_id: str) -> bool:
    """Ask for the closure; return False if somebody else was quicker."""
    try:
        api.close_account(connection, account_id)
    except AnsibleOrganizationsError as error:
        if error.code == "AccountAlreadyClosedException":
            return False
        # AWS says no more of a conflict than that; a closure that is in progress is one.
        if error.code == "ConflictException" and api.describe_account(connection, account_id).state in CLOSED_STATES:
            return False
        raise
    return True
