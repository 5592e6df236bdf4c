# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bringing the deliveries of one mail to an end: every copy is tried, and what failed is raised together at the end."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, ReadTimeoutError

from ansible_collections.account_factory.email.plugins.module_utils._address import normalise_owner
from ansible_collections.account_factory.email.plugins.module_utils._failing_mailbox import FailingMailbox
from ansible_collections.account_factory.email.plugins.module_utils._notice import REJECTED, Notice
from forwarder.aws.clients import SEND_SECONDS
from forwarder.aws.deliveries import ClaimHeldError
from forwarder.aws.dynamodb import UnreadError
from forwarder.aws.mail_bucket import is_gone
from forwarder.aws.sending import UncomposableError, certainly_not_sent, is_waited_out, refusal_of, within_rate
from forwarder.core.compose import compose
from forwarder.core.errors import drop_frames
from forwarder.core.forms import Form, UnsendableError, first_form, next_form
from forwarder.core.loops import check_loop
from forwarder.core.mail import About, Mail
from forwarder.core.outcomes import Outcome, Reason
from forwarder.core.recipients import Delivery, admin_of
from forwarder.core.verdict_policy import QUARANTINE, judge
from forwarder.services import Services

# A copy is begun only while there is time for it: to read the message, and to send it.
_LEAST_SECONDS = 5.0
# What clocks may differ by, and what a function that is out of time takes to end.
_LEASE_MARGIN_SECONDS = 15.0


class OutOfTimeError(RuntimeError):
    """The function would be stopped in the middle of a copy: the rest is for its next run."""


class SesTakesNothingError(RuntimeError):
    """SES takes no mail for the time being, and has not taken this one: it waits in the queue."""


@dataclass(frozen=True)
class Assessment:
    """What is worked out once for a mail: its parts, why the mail itself is not sent (None: it is), and its marks."""

    mail: Mail
    no_mail: Reason | None
    marks: tuple[str, ...]


@dataclass(frozen=True)
class Run:
    """One mail on its way through the services, and what failed so far.

    ``remaining_seconds`` tells how long this invocation may still run: no other one takes over its copies before.
    """

    notice: Notice
    services: Services
    remaining_seconds: Callable[[], float]
    failures: list[Exception] = field(default_factory=list)

    @property
    def was_not_answered(self) -> bool:
        """Whether a call was waited for in vain: another one would most likely outlast this invocation."""
        return any(isinstance(error, ReadTimeoutError) for error in self.failures)

    def audit(self, outcome: Outcome, what: Mapping[str, object], cause: Exception | None = None) -> None:
        """Write an audit line about this mail, and count it."""
        ids = {"ses_message_id": self.notice.message_id, "object_key": self.notice.key}
        line = {"action": outcome.value, **ids, **what, "verdicts": vars(self.notice.verdicts)}
        self.services.audit(f"mail-{outcome}", line, cause)

    @contextmanager
    def apart(self, **which: object) -> Iterator[None]:
        """Keep what goes wrong with one recipient or copy from the others: it is audited, and raised at the end."""
        try:
            yield
        except (ClaimHeldError, OutOfTimeError, SesTakesNothingError) as error:
            outcome = Outcome.WAITING if isinstance(error, SesTakesNothingError) else Outcome.IN_PROGRESS
            self.audit(outcome, {**which, "error": str(error)})
            self._keep(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the next recipient must not suffer for it
            self.audit(Outcome.FAILED, {**which, "error": f"{type(error).__name__}: {error}"}, error)
            self._keep(error)

    def failing(self, mailboxes: Iterable[str]) -> dict[str, FailingMailbox]:
        """Return the marks of those that fail, by mailbox in lower case.

        Where they cannot be read, nobody fails: a mail that bounces goes to the next, and one that waits to nobody.
        """
        try:
            return self.services.failing.among(mailboxes)
        except (BotoCoreError, ClientError, UnreadError) as error:
            self.audit(Outcome.FAILED, {"error": f"the marks of failing mailboxes cannot be read: {error}"}, error)
            return {}

    def _keep(self, error: Exception) -> None:
        drop_frames(error)
        self.failures.append(error)

    def raise_failures(self) -> None:
        """Raise an ExceptionGroup of all that failed, if anything did."""
        if self.failures:
            # The linter knows the modules' Python 3.10; the forwarder runs on 3.11 and later, where this is a builtin.
            raise ExceptionGroup(  # noqa: F821
                f"message {self.notice.message_id}: {len(self.failures)} failed", self.failures
            )


def deliver(deliveries: Iterable[Delivery], run: Run) -> dict[str, int]:
    """Bring every delivery that is not done yet to an end, and count what they came to; failures stay in the run."""
    counts: Counter[str] = Counter()
    assessed = functools.cache(functools.partial(_assess, run))
    for delivery in deliveries:
        which = {"address": delivery.address, "mailbox": delivery.mailbox, "reason": delivery.standing.value}
        if delivery.contact:
            which["contact"] = delivery.contact
        if delivery.instead:
            which["instead_of"] = delivery.instead.mailbox
        with run.apart(**which):
            outcome, details = _deliver(delivery, assessed, run)
            counts[outcome.value] += 1
            run.audit(outcome, {**which, **details})
    return dict(counts)


def _deliver(delivery: Delivery, assessed: Callable[[], Assessment], run: Run) -> tuple[Outcome, dict[str, Any]]:
    """Bring one delivery to an end and return what it came to, with what else to say of it."""
    services = run.services
    # What is no address can never be sent to. That raises here, before there is a claim that would have to be released.
    normalise_owner(delivery.mailbox)
    claim = services.table.claim(run.notice, delivery, _seconds_for_a_copy(run) + _LEASE_MARGIN_SECONDS)
    if claim is None:
        return Outcome.ALREADY_SENT, {}
    try:
        assessment = assessed()
        about = About(assessment.mail, delivery, run.notice, services.settings)
        check_loop(about)
    except Exception:
        services.table.release(claim)
        raise
    try:
        form, sent_id = _send(first_form(delivery, assessment.no_mail), assessment.marks, about, run)
    except Exception as error:
        if certainly_not_sent(error):
            services.table.release(claim)
        if is_waited_out(error):
            raise SesTakesNothingError(f"{type(error).__name__}: {error}") from error
        raise
    services.table.mark_sent(claim, sent_id, form.outcome, form.mailbox)
    return form.outcome, _details(form, sent_id, run)


def _seconds_for_a_copy(run: Run) -> float:
    """Return the seconds that are left; raise where they are too few to begin a copy."""
    remaining = run.remaining_seconds()
    if remaining < _LEAST_SECONDS:
        raise OutOfTimeError(f"{remaining:.1f} s are left, too few to begin a copy: the next try goes on from here")
    if run.was_not_answered and remaining < SEND_SECONDS + _LEAST_SECONDS:
        raise SesTakesNothingError(
            f"SES has not answered, and {remaining:.1f} s are left, too few to wait for it again"
        )
    return remaining


def _details(form: Form, sent_id: str, run: Run) -> dict[str, Any]:
    """Return what the audit line of a copy that was sent says beside for whom it was."""
    details = {
        "why": form.why.value if form.why else None,
        "sent_to": form.mailbox if form.instead else None,
        "sent_message_id": sent_id,
        "seconds_to_send": _seconds_since(run.notice.received_at, run.services.now()),
    }
    return {name: value for name, value in details.items() if value is not None}


def _seconds_since(timestamp: str | None, now: float) -> float | None:
    """Return the seconds from a time that SES gave, None where it gave none that can be read."""
    try:
        return round(now - datetime.fromisoformat(timestamp or "").timestamp(), 1)
    except ValueError:
        return None


def _assess(run: Run) -> Assessment:
    """Return what holds for all copies of a mail; put it into quarantine where its verdicts say so."""
    settings, notice = run.services.settings, run.notice
    try:
        raw = run.services.read(notice.bucket, notice.key)
    except Exception as error:
        if notice.text or not is_gone(error):
            raise
        # A mail that comes back after the bucket let go of it: of that its owners can only be told.
        return Assessment(Mail.unopened(b""), Reason.EXPIRED, ())
    mail = Mail.read(raw, notice.authors)
    # Nobody knows whom a mail says it is from that could not be opened.
    dmarc_failure = settings.dmarc_failure if mail.is_opened else QUARANTINE
    judgement = judge(notice.verdicts, mail.authors, settings.spam, dmarc_failure, notice.sender)
    if notice.again == REJECTED:
        return Assessment(mail, Reason.REJECTED, judgement.marks)
    if notice.is_released:
        return Assessment(mail, None, judgement.marks)
    if judgement.quarantined_for is not None and notice.text:
        run.services.quarantine.keep(notice, judgement.quarantined_for)
        run.services.records.note_quarantined(notice, judgement.quarantined_for, len(raw))
    return Assessment(mail, judgement.quarantined_for, judgement.marks)


def _send(form: Form, marks: tuple[str, ...], about: About, run: Run) -> tuple[Form, str]:
    """Send the mail in the first form that SES takes; return that form and SES's id.

    Whatever goes wrong with composing it is put down to the mail's own header, and it is composed without that: no mail
    may wait for a person because of what its sender put there.
    """
    while True:
        # Nothing outlives a try that failed: neither what was composed nor an error, which would keep that.
        try:
            return form, _send_form(form, marks, about, run)
        except UncomposableError as error:  # noqa: PERF203 - a mail has three forms at most
            if not about.mail.is_opened:
                raise
            run.audit(Outcome.NOT_COMPOSED, {"form": form.kind.value, "error": error.kind})
            about = about.unopened()
        except Exception as error:
            refusal = refusal_of(error, form.mailbox)
            following = next_form(form, refusal, _admin(refusal, about, run)) if refusal else None
            if following is None:
                raise
            form = following


def _admin(refusal: Reason, about: About, run: Run) -> str:
    """Return the admin that a form may go to instead; whose domain it is, is asked only where that is so."""
    settings = run.services.settings
    if refusal is not Reason.NOT_VERIFIED:
        return settings.admin_address
    return admin_of(about.delivery.address, run.services.look_up, settings)


def _send_form(form: Form, marks: tuple[str, ...], about: About, run: Run) -> str:
    """Send a mail in one form, as fast as SES allows, and return SES's id."""
    data = _composed(form, marks, about)
    services = run.services
    return within_rate(
        lambda: services.send(data, form.mailbox, about.delivery, about.notice),
        lambda: run.remaining_seconds() - _LEAST_SECONDS,
        services.sleep,
    )


def _composed(form: Form, marks: tuple[str, ...], about: About) -> bytes:
    """Return the bytes of a form; raise UncomposableError for whatever goes wrong, unless SES is known to refuse it."""
    try:
        return compose(form, marks, about)
    except UnsendableError:
        raise
    except Exception as error:
        raise UncomposableError(form, error) from error
