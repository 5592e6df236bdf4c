# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWS says when it refuses, and calls that fail on demand."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

ALWAYS = 10**6


def aws_error(code: str, operation: str, status: int | None = None, message: str = "as the test says") -> ClientError:
    """Return what boto3 raises when AWS answers an operation with the code, and with the HTTP status if given."""
    answer: dict[str, Any] = {"Error": {"Code": code, "Message": message}}
    if status is not None:
        answer["ResponseMetadata"] = {"HTTPStatusCode": status}
    return ClientError(answer, operation)


def noted_calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the list in which the name of each operation is noted when it is called."""
    return refuse(monkeypatch, "", "", times=0)


def refuse(
    monkeypatch: pytest.MonkeyPatch, operation: str, code: str, times: int = ALWAYS, after: bool = False
) -> list[str]:
    """Let an operation fail so many times, before its effect or after it; return the list that notes every call.

    Nothing waits meanwhile, so that what is tried again is tried at once.
    """
    real = BaseClient._make_api_call
    noted: list[str] = []

    def call(self: Any, name: str, parameters: dict[str, Any]) -> Any:
        noted.append(name)
        fails = name == operation and noted.count(name) <= times
        if fails and not after:
            raise aws_error(code, name)
        answer = real(self, name, parameters)
        if fails:
            raise aws_error(code, name)
        return answer

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    return noted
