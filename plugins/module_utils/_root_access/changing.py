# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Allow the recovery of a root user, and close it again: read, plan, note, and only then call AWS.

The note is there before the recovery is, and until nothing is left of it, wherever a run is cut off.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._aws import AwsError
from ansible_collections.account_factory.email.plugins.module_utils._errors import TaskError
from ansible_collections.account_factory.email.plugins.module_utils._identity_center.groups import get_groups
from ansible_collections.account_factory.email.plugins.module_utils._map.api import Table, get_marks
from ansible_collections.account_factory.email.plugins.module_utils._map.finding import build_query, find
from ansible_collections.account_factory.email.plugins.module_utils._moments import read_moment
from ansible_collections.account_factory.email.plugins.module_utils._owner_group import each_once, members_of
from ansible_collections.account_factory.email.plugins.module_utils._record import AddressRecord, Stamp
from ansible_collections.account_factory.email.plugins.module_utils._root_recovery import Recovery
from ansible_collections.account_factory.email.plugins.module_utils._times import utc_text

from . import api, notes
from .mailbox import check_mailbox, no_address
from .model import ALLOW_RECOVERY, AUDIT, DELETE, RootCredentials, Wanted

# How often it is looked whether somebody has closed what is waited for.
_LOOK_SECONDS = 5.0


@dataclass(frozen=True)
class Access:
    """How root users are reached: ``session(account_id, task)`` makes a client for IAM in a session of one.

    ``progress`` hears (minutes, of all).
    """

    session: Callable[[str, str], Any]
    table: Table
    stamp: Callable[[], Stamp]
    progress: Callable[[int, int], None] = lambda _done, _total: None


@dataclass(frozen=True)
class Seen:
    """The credentials of a root user, and the recovery that is noted for it."""

    credentials: RootCredentials
    recovery: Recovery | None

    def to_dict(self) -> dict[str, Any]:
        """Return them as modules show them."""
        return {**self.credentials.to_dict(), "recovery": self.recovery.to_dict() if self.recovery else None}


def look(access: Access, account_id: str) -> Seen:
    """Return what there is of an account."""
    recovery = notes.open_recoveries(access.table).get(account_id)
    return Seen(api.read_credentials(access.session(account_id, AUDIT), account_id), recovery)


def allow_recovery(access: Access, wanted: Wanted, check_mode: bool) -> tuple[Seen, Seen]:
    """Let the password of a root user be reset for a while; return what was and what is, in check mode would be.

    A password that is there, and is not of an open recovery, can be reset already, so that nothing is to be done.
    """
    record = _check_mailbox(access, wanted.account_id)
    before, now = look(access, wanted.account_id), datetime.now(timezone.utc)
    is_open = before.recovery is not None and not before.recovery.is_overdue(now)
    if before.credentials.has_password and (is_open or before.recovery is None):
        return before, before
    recovery = before.recovery if is_open else _note(wanted, record, access.stamp(), now)
    created_at = before.credentials.password_created_at or utc_text(now)
    after = Seen(replace(before.credentials, password_created_at=created_at), recovery)
    if check_mode:
        return before, after
    return before, replace(
        after, credentials=replace(after.credentials, password_created_at=_open(access, before, after))
    )


def _check_mailbox(access: Access, account_id: str) -> AddressRecord:
    found = find(access.table, build_query({"account_id": account_id}))
    if not found:
        raise no_address(account_id)
    groups = get_groups(access.table, found[0].owner_groups)
    owners = each_once((*found[0].owners, *members_of(found[0].owner_groups, groups)))
    now = datetime.now(timezone.utc)
    failing = {one.mailbox.lower() for one in get_marks(access.table, owners) if one.is_failing(now)}
    check_mailbox(account_id, found[0], owners, failing)
    return found[0]


def _note(wanted: Wanted, record: AddressRecord, stamp: Stamp, now: datetime) -> Recovery:
    return Recovery(
        wanted.account_id, record.address, utc_text(now), stamp.by, utc_text(now + wanted.open_for), wanted.reason
    )


def _open(access: Access, before: Seen, after: Seen) -> str:
    """Note the recovery and allow it; return since when it has been allowed."""
    account_id = after.credentials.account_id
    # A session that cannot be had is found out while there is nothing to take back.
    iam = access.session(account_id, ALLOW_RECOVERY)
    _ensure_noted(access, before.recovery, after.recovery)
    if before.credentials.password_created_at:
        return before.credentials.password_created_at
    try:
        return api.allow_recovery(iam, account_id)
    except AwsError as error:
        # What AWS refuses is not open; where it does not answer, it may be.
        if error.code and after.recovery and before.recovery is None:
            notes.remove_note(access.table, after.recovery)
        raise


def _ensure_noted(access: Access, before: Recovery | None, note: Recovery | None) -> None:
    if note is None or note == before:
        return
    if not notes.put_note(access.table, note, before):
        raise _changed_meanwhile(note.account_id)


def close(access: Access, wanted: Wanted, check_mode: bool) -> tuple[Seen, Seen]:
    """Delete all credentials of a root user, and the note of its recovery; return what was and what is."""
    if wanted.wait and not check_mode and not _wait(access, wanted.account_id):
        seen = look(access, wanted.account_id)
        return seen, seen
    before = look(access, wanted.account_id)
    after = Seen(RootCredentials(wanted.account_id), None)
    if before != after and not check_mode:
        _close(access, before)
    return before, after


def _close(access: Access, before: Seen) -> None:
    account_id = before.credentials.account_id
    if before.credentials.is_present:
        api.delete_credentials(access.session(account_id, DELETE), before.credentials)
    if before.recovery and not notes.remove_note(access.table, before.recovery):
        raise _changed_meanwhile(account_id)


def _wait(access: Access, account_id: str) -> bool:
    """Wait until the time of the recovery is over; return False where somebody has closed it before."""
    begin = datetime.now(timezone.utc)
    while True:
        note = notes.open_recoveries(access.table).get(account_id)
        now = datetime.now(timezone.utc)
        if note is None or note.is_overdue(now):
            return note is not None
        total = (read_moment(note.closes_at) - begin).total_seconds()
        access.progress(int((now - begin).total_seconds() // 60), max(1, int(total // 60)))
        time.sleep(min(_LOOK_SECONDS, max(0.1, total)))


def _changed_meanwhile(account_id: str) -> TaskError:
    return TaskError(
        f"account_id: somebody else opened or closed the recovery of account {account_id} at the same time; see what"
        " is so now, and run again"
    )
