# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sending a mail of the probe and following it, hop by hop, until it has arrived or the time is up."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from functools import cached_property
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._aws import AwsError
from ansible_collections.account_factory.email.plugins.module_utils._clients import new_client
from ansible_collections.account_factory.email.plugins.module_utils._probe_mail import Probe
from ansible_collections.account_factory.email.plugins.module_utils._stack import ForwarderStack

from . import api
from .model import FORWARDED, HOPS, STORED, Traces, by_their_clock

_FIRST_PAUSE, _LONGEST_PAUSE, _PAUSE_GROWS = 0.25, 2.0, 1.5
# What clocks may differ by: the id tells a mail from earlier ones, so that this may be generous.
_EARLIER_SECONDS = 300
# S3 tells in whole seconds when an object was stored.
_STORED_EARLIER = timedelta(seconds=1)
_NOT_ALLOWED = ("AccessDenied", "AccessDeniedException")


@dataclass(frozen=True)
class Follower:
    """Who sends a mail of the probe and follows it; ``progress`` hears (hops that were passed, of all)."""

    make: Callable[..., Any]
    stack: ForwarderStack
    probe: Probe
    progress: Callable[[int, int], None] = lambda _done, _total: None
    probe_id: str = field(default_factory=lambda: uuid.uuid4().hex)

    @cached_property
    def dynamodb(self) -> Any:
        return new_client(self.make, "dynamodb")

    def run(self, timeout: float) -> Traces:
        """Return the traces of a mail, once it has arrived, or after so many seconds; where it was lost, why.

        Raises AwsError where what it would leave behind may not be looked up: then no mail was sent.
        """
        self._find(time.time())
        waiting = self._waiting()
        now = datetime.now(timezone.utc)
        try:
            _message_id, theirs = api.send(new_client(self.make, "sesv2"), self.probe, self.probe_id, now)
        except AwsError as error:
            if error.code in _NOT_ALLOWED:
                raise
            return Traces(error=str(error))
        traces = self._follow(Traces(by_their_clock(now, theirs), waiting=waiting), time.monotonic() + timeout)
        return self._explained(traces) if traces.failed_at else traces

    def _find(self, since: float) -> dict[str, Any]:
        address, recipient = self.probe.address, self.probe.recipient(self.probe_id)
        return api.find_item(self.dynamodb, self.stack.delivery_table, address, recipient, since - _EARLIER_SECONDS)

    def _follow(self, traces: Traces, deadline: float) -> Traces:
        since, pause = time.time(), _FIRST_PAUSE
        while True:
            traces = replace(traces, item=self._find(since))
            self.progress(len(traces.hops), len(HOPS))
            left = deadline - time.monotonic()
            if traces.failed_at is None or traces.became or left <= 0 or self._is_given_up(traces):
                return traces
            time.sleep(min(pause, left))
            pause = min(pause * _PAUSE_GROWS, _LONGEST_PAUSE)

    def _is_given_up(self, traces: Traces) -> bool:
        """Return whether the forwarder has noted that it could not send the copy: it does not try again."""
        return traces.failed_at == FORWARDED and self._error(traces) is not None

    def _error(self, traces: Traces) -> str | None:
        return api.find_error(self.dynamodb, self.stack.delivery_table, dict(traces.item))

    def _explained(self, traces: Traces) -> Traces:
        """Return the traces with what else can be seen of a mail that has not arrived."""
        if traces.failed_at == FORWARDED:
            return replace(traces, error=self._error(traces))
        if traces.failed_at != STORED:
            return traces
        seen = replace(traces, waiting=self._waiting())
        try:
            return replace(seen, stored_at=self._stored_at(traces))
        except AwsError as error:
            return replace(seen, error=str(error))

    def _waiting(self) -> int | None:
        with suppress(AwsError):
            return api.waiting_notices(new_client(self.make, "sqs"), self.stack.outputs["QueueUrl"])
        return None

    def _stored_at(self, traces: Traces) -> datetime | None:
        """Return when a mail was stored since this one was sent that nobody has taken up: most likely it is this one.

        No mail is opened for it: whoever looks after a forwarder may see no mail.
        """
        sent_at = traces.sent_at or datetime.now(timezone.utc)
        since = sent_at.replace(microsecond=0) - _STORED_EARLIER
        table = self.stack.delivery_table
        for message_id, at in api.stored_since(new_client(self.make, "s3"), self.stack.mail_bucket, since):
            if not api.is_taken_up(self.dynamodb, table, message_id):
                return at
        return None
