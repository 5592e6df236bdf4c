# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting until SES has verified identities, and what it says of those that it has not."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.waiter import BaseWaiterFactory, custom_waiter_config

from ansible_collections.account_factory.email.plugins.module_utils._aws import AwsError, Service
from ansible_collections.account_factory.email.plugins.module_utils._checks import api as checks
from ansible_collections.account_factory.email.plugins.module_utils._checks.identity import (
    FAILED,
    SUCCESS,
    describe_verification,
)

_TRANSIENT = ("Throttling", "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded")
_SES = Service(retried=_TRANSIENT)


class _WaiterFactory(BaseWaiterFactory):
    @property
    def _waiter_model_data(self) -> dict[str, Any]:
        # SES looks again by itself after FAILED in no case that is documented, so that there is nothing to wait for.
        ends = [
            {"state": "success", "matcher": "path", "expected": status, "argument": "VerificationStatus"}
            for status in (SUCCESS, FAILED)
        ]
        errors = [{"state": "retry", "matcher": "error", "expected": code} for code in _TRANSIENT]
        return {
            "identity_settled": {
                "operation": "GetEmailIdentity",
                "delay": 5,
                "maxAttempts": 120,
                "acceptors": [*ends, *errors],
            }
        }


def wait_for_identities(
    sesv2: Any,
    names: Sequence[str],
    timeout: float,
    progress: Callable[[int, int], None],
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Return once SES has verified, or given up, all identities, or after so many seconds in all."""
    deadline = clock() + timeout
    for done, name in enumerate(names):
        progress(done, len(names))
        if not _wait(sesv2, name, deadline - clock()):
            return
    progress(len(names), len(names))


def _wait(sesv2: Any, name: str, timeout: float) -> bool:
    """Tell whether SES came to an end with an identity in time."""
    if timeout <= 0:
        return False
    waiter = _WaiterFactory().get_waiter(sesv2, "identity_settled")
    try:
        _SES.call(
            f"see the SES identity {name} verified",
            waiter.wait,
            EmailIdentity=name,
            WaiterConfig=custom_waiter_config(max(1, int(timeout)), default_pause=5),
        )
    except AwsError as error:
        # The last answer of a waiter that is late is an answer, and no error.
        if error.code:
            raise
        return False
    return True


def read_verifications(sesv2: Any, names: Sequence[str]) -> list[dict[str, Any]]:
    """Return what SES says of each identity, with its reason where it has not verified it."""
    return [_verification(name, checks.get_identity(sesv2, name)) for name in names]


def _verification(name: str, said: Mapping[str, Any] | None) -> dict[str, Any]:
    if said is None:
        return {"name": name, "verified": False, "verification_status": None, "reason": "SES has no such identity"}
    status = said.get("VerificationStatus") or (SUCCESS if said.get("VerifiedForSendingStatus") else "PENDING")
    reason = None if status == SUCCESS else f"{status}{describe_verification(said)}"
    return {"name": name, "verified": status == SUCCESS, "verification_status": status, "reason": reason}
