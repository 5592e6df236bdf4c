# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one way to call AWS: what is retried, one error with its code and its remedy, and one form of its text.

An area builds a ``Service`` from the codes that it retries and its table of remedies, and makes its calls by it.

Standard library and botocore only: functions in Lambda call AWS by it, too, where there is no Ansible.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from typing import Any, TypeVar

try:
    from botocore.exceptions import BotoCoreError, ClientError, WaiterError
except ImportError:  # The module then ends with amazon.aws's own message about the missing library.
    BotoCoreError = ClientError = WaiterError = None

# What every service is asked again for. The same as amazon.aws retries (its retries.py), whose API Reference is that of
# Amazon EC2, "Error codes for the Amazon EC2 API".
RETRIED = frozenset(
    {
        "InternalError",
        "InternalFailure",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "Throttling",
        "TooManyRequestsException",
        "Unavailable",
    }
)

# What to do about an error of any service, by the error's code or botocore's class name.
_PERMISSION = "Give the credentials in use the permission that the message names, or use others."
_ENDPOINT = "Nothing answers there: check endpoint_url, AWS_ENDPOINT_URL, the region and the network."
_CREDENTIALS = (
    "Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the task profile or access_key."
)
_SESSION = "The session has expired or is not valid here: sign in again."
REMEDIES = {
    "AccessDenied": _PERMISSION,
    "AccessDeniedException": _PERMISSION,
    "ConnectTimeoutError": _ENDPOINT,
    "EndpointConnectionError": _ENDPOINT,
    "ExpiredToken": _SESSION,
    "ExpiredTokenException": _SESSION,
    "InvalidClientTokenId": _SESSION,
    "NoCredentialsError": _CREDENTIALS,
    "UnrecognizedClientException": _SESSION,
}

Result = TypeVar("Result")


class AwsError(Exception):
    """A call to AWS that failed with botocore's ``exception``; without one, what is wrong with an answer of AWS.

    ``remedy`` is what to do about it; if it is not given, it is looked up in ``remedies`` and in those of any service.
    """

    def __init__(
        self,
        message: str,
        exception: Exception | None = None,
        *,
        remedy: str | None = None,
        remedies: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.exception = exception
        self._remedy = remedy
        self._remedies = remedies or {}

    def __str__(self) -> str:
        """Return "Failed to ...: what AWS said", and what to do about it where that is known."""
        text = f"{self.message}: {self.exception}" if self.exception else self.message
        return f"{text.rstrip('.')}. {self.remedy}" if self.remedy else text

    @property
    def code(self) -> str:
        """Return AWS's error code, or "" where AWS did not answer with one."""
        code: str = self._answer.get("Error", {}).get("Code", "")
        return code

    @property
    def remedy(self) -> str | None:
        """Return what to do about the error; a reason says more than its code."""
        names: tuple[str, ...] = (self._answer.get("Reason", ""), self.code, type(self.exception).__name__)
        known = (table[name] for table in (self._remedies, REMEDIES) for name in names if name in table)
        return self._remedy or next(known, None)

    def but(
        self,
        *,
        message: str | None = None,
        exception: Exception | None = None,
        remedy: str | None = None,
        remedies: Mapping[str, str] | None = None,
    ) -> AwsError:
        """Return the error with another text, cause or remedy."""
        return AwsError(
            message or self.message,
            exception or self.exception,
            remedy=remedy or self._remedy,
            remedies=remedies or self._remedies,
        )

    @property
    def _answer(self) -> Mapping[str, Any]:
        """Return what AWS answered with; a waiter keeps it apart."""
        answers = (getattr(self.exception, name, None) for name in ("response", "last_response"))
        return next((answer for answer in answers if isinstance(answer, dict)), {})


def error_with_code(*codes: str) -> Any:
    """Return the class of the error that is being handled where AWS gave one of the codes, else one that matches none.

    For what follows ``except``; the error is an AwsError or botocore's own.
    """
    error = sys.exc_info()[1]
    if isinstance(error, AwsError):
        return AwsError if error.code in codes else ()
    known = isinstance(error, ClientError) and error.response["Error"]["Code"] in codes
    return ClientError if known else ()


@dataclass(frozen=True)
class Service:
    """How a service is called: the errors that are retried, and what to do about those that are not.

    ``retried`` are error codes, or reasons where a code has several, beside ``RETRIED``. A call is made ``tries`` times
    at most. The pauses between are random up to ``first`` seconds, doubled up to ``longest``. ``on_pause`` hears the
    code, or reason, and the seconds of each pause.
    """

    retried: tuple[str, ...] = ()
    remedies: Mapping[str, str] = field(default_factory=dict)
    tries: int = 8
    first: float = 1
    longest: float = 20
    on_pause: Callable[[str, float], None] = lambda _code, _seconds: None

    def retrying(self, *codes: str, **changes: Any) -> Service:
        """Return the service with more codes that are retried, and with other fields if given."""
        return replace(self, retried=(*self.retried, *codes), **changes)

    def call(self, description: str, operation: Callable[..., Result], *arguments: Any, **parameters: Any) -> Result:
        """Call the operation, or a function of some; an AwsError says "Failed to" and the description."""
        try:
            return self._tried(partial(operation, *arguments, **parameters))
        except AwsError as error:
            raise error.but(remedies=self.remedies) from error.exception
        except (ClientError, BotoCoreError) as error:
            what = f"Timeout trying to {description}" if isinstance(error, WaiterError) else f"Failed to {description}"
            raise AwsError(what, error, remedies=self.remedies) from error

    def _tried(self, operation: Callable[[], Result]) -> Result:
        for pause in islice(_pauses(self.first, self.longest), self.tries - 1):
            try:
                return operation()
            except ClientError as error:  # noqa: PERF203 - beside a call to AWS it is nothing
                code = _code_or_reason(error)
                if code not in RETRIED and code not in self.retried:
                    raise
                self.on_pause(code, pause)
                time.sleep(pause)
        return operation()


def _pauses(first: float, longest: float) -> Iterator[float]:
    """Yield pauses of full jitter, in seconds: each is random between none and a bound that doubles."""
    bound = first
    while True:
        yield random.uniform(0, min(bound, longest))
        bound *= 2


def _code_or_reason(error: Any) -> str:
    """Return the code, or where a code has reasons of which only some pass by themselves, the reason."""
    code: str = error.response["Error"]["Code"]
    return error.response.get("Reason", code) if code == "ConstraintViolationException" else code


# The same call may succeed a moment later (DynamoDB Developer Guide, "Error handling").
DYNAMODB = Service(
    retried=(
        "InternalServerError",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ThrottlingException",
        "TransactionCanceledException",
        "TransactionConflictException",
        "TransactionInProgressException",
    ),
    first=0.2,
    longest=5,
)
