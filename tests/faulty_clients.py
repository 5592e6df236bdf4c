# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The forwarder's AWS clients, of whose calls one fails: refused, or with no answer to tell whether it took effect."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

from forwarder.aws.clients import Clients
from tests.aws_errors import aws_error

_KMS = "User: arn:aws:sts::123456789012:assumed-role/forwarder is not authorized to perform: kms:Decrypt"
_DYNAMODB_REFUSALS = (
    ("ThrottlingException", 400, "Rate exceeded"),
    ("ProvisionedThroughputExceededException", 400, "The level of configured provisioned throughput was exceeded"),
    ("AccessDeniedException", 400, _KMS),
)
_S3_REFUSALS = (("AccessDenied", 403, _KMS), ("SlowDown", 503, "Please reduce your request rate."))
_MISSING = (("NoSuchKey", 404, "The specified key does not exist."), ("AccessDenied", 403, "Access Denied"))
_SES_REFUSALS = (
    ("TooManyRequestsException", 429, "Maximum sending rate exceeded."),
    ("SendingPausedException", 400, "Sending is paused for this configuration set."),
    ("AccountSuspendedException", 400, "The account's ability to send email is suspended."),
)
# What a service answers that has not done, and never will do, what it was asked for: code, HTTP status, words.
REFUSALS: dict[str, tuple[tuple[str, int, str], ...]] = {
    "get_item": _DYNAMODB_REFUSALS,
    "batch_get_item": _DYNAMODB_REFUSALS,
    "put_item": _DYNAMODB_REFUSALS,
    "update_item": _DYNAMODB_REFUSALS,
    "delete_item": _DYNAMODB_REFUSALS,
    "get_object": (*_MISSING, *_S3_REFUSALS),
    "put_object": _S3_REFUSALS,
    "copy_object": (*_MISSING, *_S3_REFUSALS),
    "send_email": _SES_REFUSALS,
}


class DiedError(BaseException):
    """The function was stopped: not an Exception, so that nothing handles it."""


class When(Enum):
    """Whether a call that fails took effect."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True)
class Fault:
    """One way in which a call fails: by which error, and whether it takes effect all the same."""

    name: str
    when: When
    error: Callable[[], BaseException]


@dataclass(frozen=True)
class Call:
    """One call of a run, and whether it took effect."""

    operation: str
    parameters: Mapping[str, Any]
    took_effect: bool


def faults_of(operation: str) -> Iterator[Fault]:
    """Yield every way in which a call of an operation can fail; what is refused never takes effect."""
    for code, status, words in REFUSALS.get(operation, ()):
        yield Fault(code, When.BEFORE, partial(aws_error, code, operation, status, words))
    for when in When:
        server_error = partial(aws_error, "InternalServerError", operation, 500, "try again")
        yield Fault(f"server error {when.value}", when, server_error)
        yield Fault(f"timeout {when.value}", when, partial(ReadTimeoutError, endpoint_url="https://aws.example.com"))
        yield Fault(f"death {when.value}", when, DiedError)


@dataclass
class Script:
    """The calls of three clients, in their order, and the one that is to fail, by its number from 0."""

    fails_at: int | None = None
    fault: Fault | None = None
    calls: list[Call] = field(default_factory=list)

    def clients(self, real: Clients) -> Clients:
        """Return the clients with this script for them."""
        s3, dynamodb, sesv2 = (_ScriptedClient(one, self) for one in (real.s3, real.dynamodb, real.sesv2))
        return Clients(s3, dynamodb, sesv2, real.sqs)

    @property
    def has_failed(self) -> bool:
        """Return whether the call that is to fail was made."""
        return self.fails_at is not None and len(self.calls) > self.fails_at

    def next_fault(self, _operation: str) -> Fault | None:
        """Return what befalls the next call."""
        return self.fault if len(self.calls) == self.fails_at else None

    def call(self, operation: str, method: Callable[..., Any], parameters: dict[str, Any]) -> Any:
        fault = self.next_fault(operation)
        position = len(self.calls)
        self.calls.append(Call(operation, parameters, took_effect=False))
        if fault and fault.when is When.BEFORE:
            raise fault.error()
        try:
            answer = method(**parameters)
        except ClientError:
            if fault:
                raise fault.error() from None
            raise
        self.calls[position] = Call(operation, parameters, took_effect=True)
        if fault:
            raise fault.error()
        return answer


class _ScriptedClient:
    def __init__(self, real: Any, script: Script) -> None:
        self._real = real
        self._script = script

    def __getattr__(self, name: str) -> Any:
        there = getattr(self._real, name)
        if not callable(there):
            return there
        return lambda **parameters: self._script.call(name, there, parameters)
