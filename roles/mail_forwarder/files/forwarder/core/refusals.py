# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a caller of the vending functions is told where they cannot do what is asked: a code, and by URL its status."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._aws import AwsError
from ansible_collections.account_factory.email.plugins.module_utils._errors import (
    CONFLICT,
    INTERNAL,
    INVALID,
    NOT_FOUND,
    TaskError,
)

DENIED, THROTTLED, UNAVAILABLE = "AccessDenied", "Throttled", "Unavailable"
# Every code, with its HTTP status.
STATUSES = {
    INVALID: 400,
    DENIED: 403,
    NOT_FOUND: 404,
    CONFLICT: 409,
    THROTTLED: 429,
    INTERNAL: 500,
    UNAVAILABLE: 503,
}
# Those that are not the caller's to mend.
OURS = frozenset({DENIED, INTERNAL, UNAVAILABLE})

_AGAIN = "Send the same request again in a while; with its request_id it gets the same address."
_UNKNOWN = "The function failed, and nothing tells whether the request was done"
_LOG = "Look for the request's id in the log of the function."
# By AWS's codes or botocore's class names (Amazon DynamoDB Developer Guide, "Error handling with DynamoDB").
_OF_AWS = {
    "AccessDeniedException": DENIED,
    "LimitExceededException": THROTTLED,
    "ProvisionedThroughputExceededException": THROTTLED,
    "RequestLimitExceeded": THROTTLED,
    "ThrottlingException": THROTTLED,
    "TransactionCanceledException": UNAVAILABLE,
    "TransactionConflictException": UNAVAILABLE,
    "TransactionInProgressException": UNAVAILABLE,
    "InternalServerError": UNAVAILABLE,
    "ServiceUnavailable": UNAVAILABLE,
    "ConnectTimeoutError": UNAVAILABLE,
    "ConnectionClosedError": UNAVAILABLE,
    "EndpointConnectionError": UNAVAILABLE,
    "ReadTimeoutError": UNAVAILABLE,
}


@dataclass(frozen=True)
class Refusal:
    """Why a request is not done: ``field`` is the option that it is about, ``remedy`` what to do; None if not known."""

    code: str
    message: str
    field: str | None = None
    remedy: str | None = None

    @property
    def status(self) -> int:
        return STATUSES[self.code]

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def refusal_of(error: Exception) -> Refusal:
    """Return what a caller is told of an error; of one that nobody foresaw no more than that it is in the log."""
    if isinstance(error, TaskError):
        return Refusal(error.code, str(error), error.field, error.remedy)
    if not isinstance(error, AwsError):
        return Refusal(
            INTERNAL, "The function failed; nothing says that the request was done, nor that not.", remedy=_LOG
        )
    code = _OF_AWS.get(error.code or type(error.exception).__name__, INTERNAL)
    known = error.remedy or (_AGAIN if code in (THROTTLED, UNAVAILABLE) else _LOG)
    return Refusal(code, str(error), remedy=known)


class RefusedError(Exception):
    """A refusal as the error of a function that is invoked: its type is the code, its message the refusal as JSON."""


ERRORS: dict[str, type[RefusedError]] = {code: type(code, (RefusedError,), {}) for code in STATUSES}
