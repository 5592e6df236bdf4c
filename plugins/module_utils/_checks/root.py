# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judges of root users: which of them may recover by their mailbox, as the map notes it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ansible_collections.account_factory.email.plugins.module_utils._root_recovery import Recovery

from .model import Asked, Judgement, join, ok, warn


@dataclass(frozen=True)
class Recoveries:
    """The recoveries that are noted as open, and when that was looked at."""

    noted: Sequence[Recovery]
    now: datetime


def judge_recoveries(asked: Asked, recoveries: Recoveries) -> Judgement:
    """Whether a recovery of a root user was opened and not closed in its time."""
    overdue = [one for one in recoveries.noted if one.is_overdue(recoveries.now)]
    if not overdue:
        until = join(f"{one.account_id} until {one.closes_at}" for one in recoveries.noted)
        is_open = f"Root users may recover: {until}." if until else "No recovery of a root user is open."
        return ok(is_open, accounts=[one.account_id for one in recoveries.noted])
    told = join(f"{one.account_id} since {one.opened_at} ({one.reason})" for one in overdue)
    return warn(
        f"Recoveries of root users were to be closed by now: {told}.",
        "Whoever reads the root mail of these accounts can set the password of their root users.",
        f"ansible-playbook account_factory.email.lock_root -e account_email_table={asked.map_table}",
        accounts=[one.account_id for one in overdue],
    )
