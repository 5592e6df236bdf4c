# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The credentials of root users, and what may be asked for about them. Pure, standard library only.

Sources: AWS STS API Reference, AssumeRoot; IAM User Guide, "Centrally manage root access for member accounts".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._moments import check_period
from ansible_collections.account_factory.email.plugins.module_utils._text import checked_account_id

# What a root session may do: the names of the task policies.
AUDIT = "IAMAuditRootUserCredentials"
ALLOW_RECOVERY = "IAMCreateRootUserPassword"
DELETE = "IAMDeleteRootUserCredentials"

ABSENT, RECOVERABLE = "absent", "recoverable"
# The mail has to arrive, and somebody has to read it; and what is open longer than a day is not watched any more.
SHORTEST, LONGEST = timedelta(minutes=10), timedelta(days=1)
REASON_MAX = 200


@dataclass(frozen=True)
class Credential:
    """An access key, a certificate or an MFA device: its id and since when there has been one, UTC in ISO 8601."""

    id: str
    created_at: str

    def to_dict(self) -> dict[str, Any]:
        """Return it as modules show it."""
        return dict(vars(self))


@dataclass(frozen=True)
class RootCredentials:
    """What the root user of an account can sign in with. ``password_created_at`` is None where there is no password.

    Where recovery is allowed there is a password, too, which nobody knows: whoever reads the mailbox sets another.
    """

    account_id: str
    password_created_at: str | None = None
    access_keys: tuple[Credential, ...] = ()
    mfa_devices: tuple[Credential, ...] = ()
    signing_certificates: tuple[Credential, ...] = ()

    @property
    def has_password(self) -> bool:
        return self.password_created_at is not None

    @property
    def is_present(self) -> bool:
        """Whether the root user has any credential."""
        return self != RootCredentials(self.account_id)

    def to_dict(self) -> dict[str, Any]:
        """Return them as modules show them."""
        lists = ("access_keys", "mfa_devices", "signing_certificates")
        return {
            **vars(self),
            **{name: [one.to_dict() for one in getattr(self, name)] for name in lists},
            "is_present": self.is_present,
        }


@dataclass(frozen=True)
class Wanted:
    """What a task asks for: no credentials at all, or that the password can be reset for a while, and why."""

    account_id: str
    state: str
    open_for: timedelta
    reason: str
    wait: bool


def wanted_state(params: Mapping[str, Any]) -> Wanted:
    """Return what a task asks for, its limits checked. An account is named twice, since what is done is not undone."""
    account_id = checked_account_id("account_id", params["account_id"])
    if checked_account_id("confirm_account_id", params["confirm_account_id"]) != account_id:
        raise InputError(
            f"confirm_account_id: is not {account_id}, as account_id is; give the id of the account in both"
        )
    open_for = check_period("recoverable_for", params["recoverable_for"]) or timedelta()
    if not SHORTEST <= open_for <= LONGEST:
        raise InputError(f"recoverable_for: {params['recoverable_for']!r} is not from 10m to 1d; give a period between")
    state, reason = params["state"], " ".join((params["reason"] or "").split())
    if state == RECOVERABLE and not (1 <= len(reason) <= REASON_MAX and reason.isprintable()):
        raise InputError(
            f"reason: has {len(reason)} characters; give 1 to {REASON_MAX} that can be printed, a ticket number for"
            " example, since the map keeps it until the recovery is closed"
        )
    if params["wait"] and state != ABSENT:
        raise InputError("wait: is for state=absent, which can wait until the time of a recovery is over; omit it")
    return Wanted(account_id, state, open_for, reason, params["wait"])
