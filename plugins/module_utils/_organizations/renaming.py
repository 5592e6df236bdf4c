# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The name of an account: what it is now, and making it what it is to be.

Organizations may list the old name for hours (AWS Account Management Reference Guide, "Update your AWS account name").
Account Management has the new one, and is asked for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._account import api
from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError

from .creation import Ensured
from .model import (
    Account,
    Wanted,
    check_new_name,
)


@dataclass(frozen=True)
class Naming:
    """The name of an account before and after."""

    before: str
    after: str


def plan_name(client: Any, ensured: Ensured, wanted: Wanted) -> Naming:
    """Return what the account's name comes to; ``client`` is for Account Management.

    InputError for a name that AWS gives to new accounts only, and for credentials that would rename another account.
    """
    account = ensured.account
    # What has just been created has the name that was asked for, and Account Management may not know it yet.
    if not wanted.rename or wanted.name is None or account.id is None or ensured.made or ensured.resumed:
        return Naming(account.name, account.name)
    current = _current_name(client, account, account.id)
    if current != wanted.name:
        check_new_name(wanted.name)
    return Naming(current, wanted.name)


def _current_name(client: Any, account: Account, account_id: str) -> str:
    found = api.information(client, account_id, account.is_management)
    # A delegated administrator lists the management account, too, but without an id AWS takes its own to be meant.
    if account.is_management and found.account_id != account_id:
        raise InputError(
            f"rename: the management account {account_id} can only be renamed with credentials of its own; these are of"
            f" {found.account_id or 'another account'}"
        )
    return found.name


def apply_name(client: Any, account: Account, naming: Naming, timeout: int | None) -> None:
    """Rename the account if need be; wait until that is seen up to ``timeout`` seconds, None is not at all."""
    if account.id is None or naming.before == naming.after:
        return
    api.put_name(client, account.id, account.is_management, naming.after)
    if timeout is not None:
        api.wait_for_name(client, account.id, account.is_management, naming.after, timeout)
