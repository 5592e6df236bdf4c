# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client of AWS that lets something happen between two calls: another job's work, or this one's death."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class CutOffError(BaseException):
    """The job's process is gone: not an Exception, so that nothing handles it."""


class WatchedClient:
    """A boto3 client whose ``before`` and ``after`` are called around each call, with its number from 1."""

    def __init__(
        self, client: Any, before: Callable[[int], None] | None = None, after: Callable[[int], None] | None = None
    ) -> None:
        self.calls = 0
        self._client = client
        self._before = before or _nothing
        self._after = after or _nothing

    def __getattr__(self, name: str) -> Any:
        there = getattr(self._client, name)
        if name not in self._client.meta.method_to_api_mapping:
            return there

        def call(**parameters: Any) -> Any:
            self.calls += 1
            number = self.calls
            self._before(number)
            answer = there(**parameters)
            self._after(number)
            return answer

        return call


def cut_off(client: Any, call: int, sent: bool) -> WatchedClient:
    """Return the client of a job that dies at its call of that number, before it is sent or before it is answered."""

    def die(number: int) -> None:
        if number == call:
            raise CutOffError

    return WatchedClient(client, after=die) if sent else WatchedClient(client, before=die)


def _nothing(_number: int) -> None:
    return
