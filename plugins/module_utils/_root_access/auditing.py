# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which accounts are looked at, and looking at many of them at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._module import FAILURES, failure
from ansible_collections.account_factory.email.plugins.module_utils._organizations.model import ACTIVE, Account
from ansible_collections.account_factory.email.plugins.module_utils._root_recovery import Recovery
from ansible_collections.account_factory.email.plugins.module_utils._text import checked_account_id

from . import api
from .model import AUDIT

# Each account takes a session and four calls to IAM.
PARALLEL = 8
# Which accounts are shown: all, those with credentials, those of which a recovery is open, or overdue.
ALL, PRESENT, OPEN, OVERDUE = "all", "present", "open", "overdue"
ONLY = (ALL, PRESENT, OPEN, OVERDUE)


@dataclass(frozen=True)
class Audited:
    """What there is of an account, or why that could not be read."""

    account_id: str
    found: Mapping[str, Any] | None
    error: str | None = None


def asked_ids(given: Iterable[str] | None) -> list[str] | None:
    """Return the ids of accounts that are asked for, each once; None for all."""
    if given is None:
        return None
    ids = [checked_account_id(f"account_ids[{index}]", one) for index, one in enumerate(given)]
    if not ids:
        raise InputError("account_ids: is empty; omit it to look at all member accounts")
    return list(dict.fromkeys(ids))


def accounts_to_audit(
    asked: list[str] | None,
    only: str,
    recoveries: Mapping[str, Recovery],
    now: datetime,
    listed: Callable[[], Iterable[Account]],
) -> list[str]:
    """Return the ids of the accounts to look at: active member accounts, whose root users have sessions."""
    if only in (OPEN, OVERDUE):
        noted = (one for one in recoveries.values() if only == OPEN or one.is_overdue(now))
        return [one.account_id for one in noted if asked is None or one.account_id in asked]
    if asked is not None:
        return asked
    return sorted(str(one.id) for one in listed() if one.state == ACTIVE and not one.is_management)


def audit(
    session: Callable[[str, str], Any], account_ids: Iterable[str], progress: Callable[[int, int], None]
) -> list[Audited]:
    """Return the credentials of root users in the order of the ids; ``progress`` hears (accounts, of all)."""
    ids = list(account_ids)
    with ThreadPoolExecutor(PARALLEL) as pool:
        found = []
        for one in pool.map(lambda account_id: _audit_one(session, account_id), ids):
            found.append(one)
            progress(len(found), len(ids))
    return found


def _audit_one(session: Callable[[str, str], Any], account_id: str) -> Audited:
    try:
        return Audited(account_id, api.read_credentials(session(account_id, AUDIT), account_id).to_dict())
    except FAILURES as error:
        return Audited(account_id, None, failure(error)["msg"])
