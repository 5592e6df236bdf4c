# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens to one received mail: every copy is tried, and what failed is raised together at the end."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._map.address import normalise_owner
from forwarder.deliveries import ClaimHeldError, DeliveryTable
from forwarder.errors import drop_frames
from forwarder.loops import check_loop
from forwarder.message import Message, split_message
from forwarder.notice import Notice
from forwarder.outgoing import certainly_not_sent
from forwarder.recipients import Delivery, FindRecord, Resolution, deliveries, resolve
from forwarder.rewrite import compose
from forwarder.settings import Settings

# What a recipient or a copy came to, in the audit line and in the metrics.
SENT = "sent"
ALREADY_SENT = "already-sent"
DROPPED = "dropped"
HELD = "held"
FAILED = "failed"


class VirusError(RuntimeError):
    """A mail in which SES found a virus; it is not sent to anybody."""


@dataclass(frozen=True)
class Services:
    """All that a mail meets on its way.

    ``read`` returns the object of a bucket and key; ``send`` sends bytes for a delivery and returns SES's id; ``audit``
    takes the fields of one audit line, whose ``action`` it also counts, and the error to show with its traceback.
    """

    settings: Settings
    find: FindRecord
    table: DeliveryTable
    read: Callable[[str, str], bytes]
    send: Callable[[bytes, Delivery, Notice], str]
    audit: Callable[[dict[str, Any], Exception | None], None]


@dataclass(frozen=True)
class _Run:
    """One notice on its way through the services, and what failed so far."""

    notice: Notice
    services: Services
    lease_seconds: float
    failures: list[Exception] = field(default_factory=list)

    def audit(self, action: str, what: Mapping[str, object], cause: Exception | None = None) -> None:
        ids = {"ses_message_id": self.notice.message_id, "object_key": self.notice.key}
        self.services.audit({"action": action, **ids, **what, "verdicts": vars(self.notice.verdicts)}, cause)

    @contextmanager
    def apart(self, **which: object) -> Iterator[None]:
        """Keep what goes wrong with one recipient or copy from the others: it is audited, and raised at the end."""
        try:
            yield
        except ClaimHeldError as error:
            self.audit(HELD, {**which, "error": str(error)})
            self._keep(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the next recipient must not suffer for it
            self.audit(FAILED, {**which, "error": f"{type(error).__name__}: {error}"}, error)
            self._keep(error)

    def _keep(self, error: Exception) -> None:
        drop_frames(error)
        self.failures.append(error)


def forward(notice: Notice, services: Services, lease_seconds: float) -> None:
    """Send every copy of a received mail that is not sent yet; raise an ExceptionGroup of all that failed.

    ``lease_seconds`` is how long this invocation may still run at most: no other one takes over its copies before.
    """
    run = _Run(notice, services, lease_seconds)
    if notice.verdicts.virus == "FAIL":
        run.audit(FAILED, {"recipients": list(notice.recipients), "error": "virus"})
        raise VirusError(f"SES found a virus in {notice.message_id}: it stays at {notice.key} and is sent to nobody")

    @functools.cache
    def original() -> Message:
        return split_message(services.read(notice.bucket, notice.key))

    for delivery in deliveries(_resolutions(run)):
        which = {"address": delivery.address, "mailbox": delivery.mailbox, "reason": delivery.reason}
        with run.apart(**which):
            sent_id = _deliver(delivery, original, run)
            run.audit(SENT if sent_id else ALREADY_SENT, {**which, **({"sent_message_id": sent_id} if sent_id else {})})
    if run.failures:
        # The linter knows the modules' Python 3.10; the forwarder runs on 3.11 and later, where this is a builtin.
        raise ExceptionGroup(f"message {notice.message_id}: {len(run.failures)} failed", run.failures)  # noqa: F821


def _resolutions(run: _Run) -> list[Resolution]:
    found: list[Resolution] = []
    for recipient in run.notice.recipients:
        with run.apart(recipient=recipient):
            found.append(resolve(recipient, run.services.find, run.services.settings))
    for resolution in found:
        if not resolution.mailboxes:
            run.audit(DROPPED, {"address": resolution.address, "reason": resolution.reason})
    return found


def _deliver(delivery: Delivery, original: Callable[[], Message], run: _Run) -> str | None:
    """Send one copy and return SES's id for it, or None if it was sent before."""
    services = run.services
    # What is no address can never be sent to. That raises here, before there is a claim that would have to be released.
    normalise_owner(delivery.mailbox)
    claim = services.table.claim(run.notice.message_id, delivery.address, delivery.mailbox, run.lease_seconds)
    if claim is None:
        return None
    try:
        message = original()
        check_loop(message, delivery, run.notice, services.settings)
        data = compose(message, delivery, run.notice, services.settings)
    except Exception:
        services.table.release(claim)
        raise
    try:
        sent_id = services.send(data, delivery, run.notice)
    except Exception as error:
        if certainly_not_sent(error):
            services.table.release(claim)
        raise
    services.table.mark_sent(claim, sent_id)
    return sent_id
