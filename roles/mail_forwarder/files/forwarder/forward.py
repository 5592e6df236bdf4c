# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens to one received mail: every copy is tried, and what failed is raised together at the end."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._address import normalise_owner
from forwarder.compose import compose
from forwarder.deliveries import ClaimHeldError, DeliveryTable
from forwarder.errors import drop_frames
from forwarder.forms import Form, first_form, next_form
from forwarder.loops import check_loop
from forwarder.mail import About, Mail
from forwarder.notice import Notice
from forwarder.outgoing import UncomposableError, UnsendableError, certainly_not_sent, refusal_of
from forwarder.quarantine import Quarantine
from forwarder.recipients import Delivery, FindRecord, Resolution, deliveries, resolve
from forwarder.settings import Settings
from forwarder.verdict_policy import QUARANTINE, Judgement, judge

# What a recipient or a delivery came to, beside the outcomes of the forms that are sent (see forms).
ALREADY_SENT = "already-sent"
DROPPED = "dropped"
IN_PROGRESS = "in-progress"
FAILED = "failed"
# A form that a mail could not be brought into: it is then sent in another.
NOT_COMPOSED = "not-composed"
# A copy is begun only while there is time for it: to read the message, and to send it.
_LEAST_SECONDS = 5.0
# What clocks may differ by, and what a function that is out of time takes to end.
_LEASE_MARGIN_SECONDS = 15.0


class OutOfTimeError(RuntimeError):
    """The function would be stopped in the middle of a copy: the rest is for its next run."""


@dataclass(frozen=True)
class Services:
    """All that a mail meets on its way.

    ``read`` returns the object of a bucket and key; ``send`` sends bytes for a delivery to a mailbox and returns SES's
    id; ``audit`` takes the fields of one audit line, whose ``action`` it also counts, and the error to show with its
    traceback.
    """

    settings: Settings
    find: FindRecord
    table: DeliveryTable
    quarantine: Quarantine
    read: Callable[[str, str], bytes]
    send: Callable[[bytes, str, Delivery, Notice], str]
    audit: Callable[[dict[str, Any], Exception | None], None]


@dataclass(frozen=True)
class _Run:
    """One notice on its way through the services, and what failed so far."""

    notice: Notice
    services: Services
    remaining_seconds: Callable[[], float]
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
            self.audit(IN_PROGRESS, {**which, "error": str(error)})
            self._keep(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the next recipient must not suffer for it
            self.audit(FAILED, {**which, "error": f"{type(error).__name__}: {error}"}, error)
            self._keep(error)

    def _keep(self, error: Exception) -> None:
        drop_frames(error)
        self.failures.append(error)


def forward(notice: Notice, services: Services, remaining_seconds: Callable[[], float]) -> dict[str, int]:
    """Bring every delivery of a received mail that is not done yet to an end, and return how many came to what.

    ``remaining_seconds`` tells how long this invocation may still run: no other one takes over its copies before.
    Raises an ExceptionGroup of all that failed, once everything was tried.
    """
    run = _Run(notice, services, remaining_seconds)
    counts: dict[str, int] = {}

    @functools.cache
    def assessed() -> tuple[Mail, Judgement]:
        return _assess(Mail.read(services.read(notice.bucket, notice.key), notice.authors), run)

    for delivery in deliveries(_resolutions(run)):
        which = {"address": delivery.address, "mailbox": delivery.mailbox, "reason": delivery.reason}
        with run.apart(**which):
            outcome, details = _deliver(delivery, assessed, run)
            counts[outcome] = counts.get(outcome, 0) + 1
            run.audit(outcome, {**which, **details})
    if run.failures:
        # The linter knows the modules' Python 3.10; the forwarder runs on 3.11 and later, where this is a builtin.
        raise ExceptionGroup(f"message {notice.message_id}: {len(run.failures)} failed", run.failures)  # noqa: F821
    return counts


def _resolutions(run: _Run) -> list[Resolution]:
    found: list[Resolution] = []
    for recipient in run.notice.recipients:
        with run.apart(recipient=recipient):
            found.append(resolve(recipient, run.services.find, run.services.settings))
    for resolution in found:
        if not resolution.mailboxes:
            run.audit(DROPPED, {"address": resolution.address, "reason": resolution.reason})
    return found


def _deliver(
    delivery: Delivery, assessed: Callable[[], tuple[Mail, Judgement]], run: _Run
) -> tuple[str, dict[str, str]]:
    """Bring one delivery to an end and return what it came to, with what else to say of it."""
    services = run.services
    # What is no address can never be sent to. That raises here, before there is a claim that would have to be released.
    normalise_owner(delivery.mailbox)
    remaining = run.remaining_seconds()
    if remaining < _LEAST_SECONDS:
        raise OutOfTimeError(f"{remaining:.1f} s are left, too few to begin a copy: the next try goes on from here")
    claim = services.table.claim(
        run.notice.delivery_id, delivery.address, delivery.mailbox, remaining + _LEASE_MARGIN_SECONDS
    )
    if claim is None:
        return ALREADY_SENT, {}
    try:
        mail, judgement = assessed()
        about = About(mail, delivery, run.notice, services.settings)
        check_loop(about)
    except Exception:
        services.table.release(claim)
        raise
    try:
        form, sent_id = _send(first_form(delivery.mailbox, judgement.quarantined_for), judgement.marks, about, run)
    except Exception as error:
        if certainly_not_sent(error):
            services.table.release(claim)
        raise
    services.table.mark_sent(claim, sent_id, form.outcome)
    details = {"why": form.why, "sent_to": form.mailbox if form.instead_of else None, "sent_message_id": sent_id}
    return form.outcome, {name: value for name, value in details.items() if value is not None}


def _assess(mail: Mail, run: _Run) -> tuple[Mail, Judgement]:
    """Return a mail and what its verdicts mean for all its copies; put it into quarantine where they say so."""
    settings, notice = run.services.settings, run.notice
    # Nobody knows whom a mail says it is from that could not be opened.
    dmarc_failure = settings.dmarc_failure if mail.is_opened else QUARANTINE
    judgement = judge(notice.verdicts, mail.authors, settings.spam, dmarc_failure, notice.sender)
    if notice.is_released:
        return mail, replace(judgement, quarantined_for=None)
    if judgement.quarantined_for is not None:
        run.services.quarantine.keep(notice, judgement.quarantined_for)
    return mail, judgement


def _send(form: Form, marks: tuple[str, ...], about: About, run: _Run) -> tuple[Form, str]:
    """Send the mail in the first form that SES takes; return that form and SES's id.

    Whatever goes wrong with composing it is put down to the mail's own header, and it is composed without that: no mail
    may wait for a person because of what its sender put there.
    """
    services = run.services
    while True:
        # Nothing outlives a try that failed: neither what was composed nor an error, which would keep that.
        try:
            return form, services.send(_composed(form, marks, about), form.mailbox, about.delivery, about.notice)
        except UncomposableError as error:  # noqa: PERF203 - a mail has three forms at most
            if not about.mail.is_opened:
                raise
            run.audit(NOT_COMPOSED, {"form": form.kind.value, "error": error.kind})
            about = about.unopened()
        except Exception as error:
            refusal = refusal_of(error, form.mailbox)
            following = next_form(form, refusal, services.settings.admin_address) if refusal else None
            if following is None:
                raise
            form = following


def _composed(form: Form, marks: tuple[str, ...], about: About) -> bytes:
    """Return the bytes of a form; raise UncomposableError for whatever goes wrong, unless SES is known to refuse it."""
    try:
        return compose(form, marks, about)
    except UnsendableError:
        raise
    except Exception as error:
        raise UncomposableError(form, error) from error
