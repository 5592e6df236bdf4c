# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Organizations does in the background, and how its end is waited for."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.waiter import BaseWaiterFactory, custom_waiter_config

from ansible_collections.account_factory.email.plugins.module_utils._aws import AwsError

from .calls import ORGANIZATIONS, TRANSIENT, Connection
from .model import (
    ACTIVE,
    CLOSED,
    FAILED,
    IN_PROGRESS,
    PENDING_CLOSURE,
    SUCCEEDED,
    SUSPENDED,
)


class _WaiterFactory(BaseWaiterFactory):
    @property
    def _waiter_model_data(self) -> dict[str, Any]:
        # A request or an account that was just made is not seen everywhere at once.
        passing = [*TRANSIENT, "AccountNotFoundException", "CreateAccountStatusNotFoundException"]
        errors = [{"state": "retry", "matcher": "error", "expected": code} for code in passing]
        return {
            "account_creation_settled": {
                "operation": "DescribeCreateAccountStatus",
                "delay": 2,
                "maxAttempts": 450,
                "acceptors": [*_states("CreateAccountStatus.State", [SUCCEEDED, FAILED], [IN_PROGRESS]), *errors],
            },
            "account_closed": {
                "operation": "DescribeAccount",
                "delay": 5,
                "maxAttempts": 180,
                # State replaces Status, which AWS retires; an older botocore knows only the latter.
                "acceptors": [
                    *_states("Account.State || Account.Status", [SUSPENDED, CLOSED], [PENDING_CLOSURE, ACTIVE]),
                    *errors,
                ],
            },
        }


def _states(argument: str, ends: Sequence[str], passing: Sequence[str]) -> list[dict[str, str]]:
    states = [*((state, "success") for state in ends), *((state, "retry") for state in passing)]
    return [{"state": end, "matcher": "path", "expected": state, "argument": argument} for state, end in states]


@dataclass(frozen=True)
class _Waiting:
    """What is waited for: the waiter and its parameters, what completes "Failed to ...", what to do if it is late."""

    waiter: str
    parameters: Mapping[str, str]
    description: str
    remedy: str


def wait_for_creation(connection: Connection, request_id: str, timeout: int) -> None:
    """Return once the creation is no longer in progress, which takes ``timeout`` seconds at most."""
    waiting = _Waiting(
        "account_creation_settled",
        {"CreateAccountRequestId": request_id},
        f"create an account ({request_id})",
        f"AWS goes on with it: run again to wait on, with create_account_request_id={request_id} to be sure.",
    )
    _wait_for(connection, waiting, timeout)


def wait_for_closure(connection: Connection, account_id: str, timeout: int) -> None:
    """Return once the account is closed, which takes ``timeout`` seconds at most."""
    waiting = _Waiting(
        "account_closed",
        {"AccountId": account_id},
        f"close account {account_id}",
        "AWS goes on with it: run again to wait on.",
    )
    _wait_for(connection, waiting, timeout)


def _wait_for(connection: Connection, waiting: _Waiting, timeout: int) -> None:
    # Not settled in the first second is no error: the long wait goes on, and meets whatever else was wrong again.
    with contextlib.suppress(AwsError):
        return _wait(connection, waiting, {"Delay": 0.5, "MaxAttempts": 3})
    return _wait(connection, waiting, custom_waiter_config(timeout))


def _wait(connection: Connection, waiting: _Waiting, config: Mapping[str, float]) -> None:
    waiter = _WaiterFactory().get_waiter(connection.client, waiting.waiter)
    try:
        ORGANIZATIONS.call(waiting.description, waiter.wait, **waiting.parameters, WaiterConfig=config)
    except AwsError as error:
        if error.code:
            raise error.but(message=f"Failed to {waiting.description}") from error
        raise error.but(remedy=waiting.remedy) from error
