# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens once SES tells what became of a copy: a mailbox that failed is marked, and its mail goes to others.

However often an event comes, and in whatever order: each mailbox gets a mail of an address once (see the table of
deliveries), and each step towards the next mailbox leaves one behind, so that nothing goes round.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from ansible_collections.account_factory.email.plugins.module_utils._failing_mailbox import FailingReason
from ansible_collections.account_factory.email.plugins.module_utils._notice import REJECTED
from forwarder.aws.deliveries import Record
from forwarder.core.errors import HopelessError
from forwarder.core.outcomes import Outcome, Reason
from forwarder.core.recipients import Instead, Standing, in_place_of, resolve
from forwarder.core.sending_event import FAILURES, SendingEvent
from forwarder.delivering import Run, deliver
from forwarder.probing import hear, is_of_probe
from forwarder.services import Services


class UnknownDeliveryError(HopelessError):
    """An event of a mail that the table of deliveries does not know, so that nobody can deliver that once more."""


def follow_up(event: SendingEvent, services: Services, remaining_seconds: Callable[[], float]) -> None:
    """Do what one mailbox's share of an event asks for; raise for what has to be tried again, or is for a person."""
    if is_of_probe(event):
        hear(event, services)
        return
    if event.outcome is Outcome.DELIVERED:
        services.failing.clear(event.mailbox, datetime.fromisoformat(event.at))
    try:
        _deal_with_the_mail(event, services, remaining_seconds)
    finally:
        # Whatever became of the mail; and the mail first, which must not wait for a mark that cannot be written.
        if event.outcome in FAILURES:
            reason, at = FailingReason(event.outcome.value), datetime.fromisoformat(event.at)
            services.failing.mark(event.mailbox, reason, at, event.diagnostic)


def _deal_with_the_mail(event: SendingEvent, services: Services, remaining_seconds: Callable[[], float]) -> None:
    record = services.table.find(event.delivery, services.settings.mail_bucket) if event.delivery else None
    if record is None:
        _audit(event, None, services)
        if event.outcome in (*FAILURES, Outcome.REJECTED):
            raise UnknownDeliveryError(
                f"the mail {event.sent_message_id} to {event.mailbox} {event.outcome}, and the table of deliveries does"
                " not know it"
            )
        return
    services.table.note(record, event)
    _audit(event, record, services)
    if event.outcome in FAILURES:
        _deliver_once_more(event, record, Run(record.notice, services, remaining_seconds))
    elif event.outcome is Outcome.REJECTED:
        _tell_of_rejection(record, services, remaining_seconds)


def _audit(event: SendingEvent, record: Record | None, services: Services) -> None:
    """Write an audit line about an event, and count it: of an owner's mailbox, or of a copy."""
    line = {
        "action": event.outcome.value,
        "ses_message_id": record.notice.message_id if record else None,
        "address": record.delivery.address if record else None,
        "mailbox": event.mailbox,
        "reason": record.delivery.standing.value if record else None,
        "contact": record.delivery.contact if record else None,
        "sent_message_id": event.sent_message_id,
        "diagnostic": event.diagnostic,
        "at": event.at,
    }
    kind = "owner" if event.outcome in FAILURES else "copy"
    services.audit(f"{kind}-{event.outcome}", {name: value for name, value in line.items() if value is not None}, None)


def _deliver_once_more(event: SendingEvent, record: Record, run: Run) -> None:
    """Send the mail of a mailbox that failed to those who are to get it in its place."""
    delivery, instead = record.delivery, Instead(event.mailbox, Reason(event.outcome.value), event.diagnostic)
    counts = {Outcome.ALREADY_SENT.value: 1}
    # Somebody who got a copy of his own meanwhile has not got it in another's place: then it is the turn of the next.
    while counts.keys() == {Outcome.ALREADY_SENT.value}:
        targets = _targets(event, record, run)
        if targets is None:
            what = {"address": delivery.address, "mailbox": event.mailbox, "reason": delivery.standing.value}
            run.audit(Outcome.UNDELIVERABLE, {**what, "why": event.outcome.value})
            return
        copies = [replace(delivery, mailbox=one, instead=instead) for one in targets]
        counts = deliver(copies, run)
        run.raise_failures()


def _targets(event: SendingEvent, record: Record, run: Run) -> tuple[str, ...] | None:
    """Return who is to get a mail in the place of a mailbox that failed (see in_place_of)."""
    services, delivery = run.services, record.delivery
    resolution = resolve(delivery.recipient, services.look_up, services.settings)
    if delivery.standing is not Standing.OWNER:
        # It went to the admin, because the address is nobody's.
        resolution = replace(resolution, mailboxes=(), fallbacks=())
    everybody = {*resolution.mailboxes, *(mailbox for tier in resolution.fallbacks for mailbox in tier)}
    reached, failed = services.table.standings(record, everybody)
    ours = {event.mailbox.lower(), delivery.mailbox.lower()}
    if ours & {instead_of for mailbox, instead_of in reached.items() if mailbox not in ours}:
        # The event came before. An owner who got the mail then would else look as one with a copy of his own.
        return ()
    failed |= ours
    return in_place_of(resolution, reached.keys() - failed, failed, run.failing(everybody))


def _tell_of_rejection(record: Record, services: Services, remaining_seconds: Callable[[], float]) -> None:
    """Send the mailbox a letter in the place of a mail that SES took and then would not send."""
    if record.notice.again == REJECTED:
        # The letter holds nothing of the mail, so this is not about a virus; the alarm on rejected copies tells.
        return
    run = Run(replace(record.notice, again=REJECTED), services, remaining_seconds)
    deliver([record.delivery], run)
    run.raise_failures()
