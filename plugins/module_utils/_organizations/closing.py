# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Closing an account: only the one that is confirmed, only once, and knowing when somebody else does it.

It is moved before, where that is wanted: so that nothing is moved in vain, only once all else is checked.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._aws import AwsError

from . import api, tree, waiters
from .calls import Connection
from .model import (
    CLOSED_STATES,
    PENDING_CLOSURE,
    SUSPENDED,
    Account,
    Closing,
    check_closing,
    check_not_there,
)
from .paths import Place


@dataclass(frozen=True)
class Absent:
    """The account before and after, the same where nothing was done, and the paths of the OUs that were made.

    None where the organization has none.
    """

    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    made_units: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Moved:
    """Where the account is before it is closed and after, None if that is not asked, and the paths of new OUs."""

    source: Place | None = None
    place: Place | None = None
    made_units: list[str] = field(default_factory=list)


def ensure_closed(connection: Connection, wanted: Closing, timeout: int | None, check_mode: bool) -> Absent:
    """Close the account if it is open; wait for that up to ``timeout`` seconds, None is not at all."""
    accounts = list(api.list_accounts(connection))
    account = next((one for one in accounts if one.email.lower() == wanted.email), None)
    if account is None or account.id is None:
        check_not_there(accounts, wanted)
        return Absent()
    return close_account(connection, account, wanted, timeout, check_mode)


def close_account(
    connection: Connection, account: Account, wanted: Closing, timeout: int | None, check_mode: bool
) -> Absent:
    """Close the account, which has the email that is wanted, if it is open; raise InputError if it is another one."""
    check_closing(account, wanted)
    moved = _move(connection, account, wanted, check_mode)
    account_id = str(account.id)
    ours = account.state not in CLOSED_STATES
    after = account
    with _telling_of(moved):
        if ours and not check_mode:
            ours = _close(connection, account_id)
        if account.state == PENDING_CLOSURE or account.state not in CLOSED_STATES:
            after = replace(account, state=PENDING_CLOSURE if timeout is None else SUSPENDED)
            if timeout is not None and not check_mode:
                waiters.wait_for_closure(connection, account_id, timeout)
    before = account if ours else after
    return Absent(before.to_dict(place=moved.source), after.to_dict(place=moved.place), moved.made_units)


def _move(connection: Connection, account: Account, wanted: Closing, check_mode: bool) -> _Moved:
    """Move the account to where it is wanted, if it is open; one that is not stays where it is."""
    account_id = str(account.id)
    if wanted.parent is None:
        return _Moved()
    if account.state in CLOSED_STATES:
        place = tree.places_of(connection, {account_id}, 1)[account_id]
        return _Moved(place, place)
    target = tree.locate(connection, wanted.parent, wanted.create_parents)
    source = tree.place_of(connection, account_id, target)
    place, made_units = tree.ensure_place(connection, target, check_mode)
    if not check_mode:
        tree.move(connection, account_id, source, place, target.option)
    return _Moved(source, place, made_units)


@contextmanager
def _telling_of(moved: _Moved) -> Iterator[None]:
    """Let an error say that the account was moved already, if it was."""
    try:
        yield
    except AwsError as error:
        if moved.place is None or moved.place == moved.source:
            raise
        text = f"{error.message}, which has been moved to {moved.place.path!r}"
        raise error.but(message=text) from error


def _close(connection: Connection, account_id: str) -> bool:
    """Ask for the closure; return False if somebody else was quicker."""
    try:
        api.close_account(connection, account_id)
    except AwsError as error:
        if error.code == "AccountAlreadyClosedException":
            return False
        # AWS says no more of a conflict than that; a closure that is in progress is one.
        if error.code == "ConflictException" and api.describe_account(connection, account_id).state in CLOSED_STATES:
            return False
        raise
    return True
