# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens to a mail of the probe: it goes on to SES's simulator, and whatever comes of that, to nobody else.

No mail to the probe's address is anybody's: not one of a stranger, not one that SES does not take, and not one that
bounces. So nothing here is tried again, or tells a person by mail or as a dead letter: that the probe does not get
through is told by whoever waits for it, the module mail_forwarder_probe or the alarm on probe-delivered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from ansible_collections.account_factory.email.plugins.module_utils._probe_mail import (
    Probe,
    is_from_probe,
    is_probe_address,
    is_simulator,
)
from forwarder.aws.sending import within_rate
from forwarder.core.compose import compose
from forwarder.core.forms import Form, Kind
from forwarder.core.mail import About, Mail
from forwarder.core.outcomes import Outcome
from forwarder.core.recipients import Delivery, Resolution
from forwarder.core.sending_event import SendingEvent
from forwarder.delivering import Run
from forwarder.services import Services

# For as long another invocation does not send the same copy; it is sent in a second, or not at all.
_LEASE_SECONDS = 120.0
_LEAST_SECONDS = 5.0
# The action of an audit line; what became of the mail stands beside it, under the same name.
PROBE = "probe"


def send_probe(sesv2: Any, probe: Probe, probe_id: str, now: datetime) -> str:
    """Send a mail of the probe to the forwarder itself; return SES's id of it."""
    return str(sesv2.send_email(**probe.request(probe_id, now))["MessageId"])


def send_on(resolutions: Sequence[Resolution], run: Run) -> None:
    """Send a mail of the probe on to each simulator that has the address; drop all else that came for the address."""
    for one in resolutions:
        # Whoever writes to others as well is not the probe.
        is_probe = len(run.notice.recipients) == 1 and is_from_probe(run.notice.authors or (), one.recipient)
        if not is_probe or run.notice.again or not one.mailboxes:
            _audit("dropped", {"address": one.address}, run)
        else:
            for mailbox in one.mailboxes:
                _send_one(Delivery(one.recipient, one.address, mailbox, one.standing), run)


def _send_one(delivery: Delivery, run: Run) -> None:
    what = {"address": delivery.address, "mailbox": delivery.mailbox}
    services = run.services
    try:
        claim = services.table.claim(run.notice, delivery, _LEASE_SECONDS)
        if claim is None:
            _audit("already-sent", what, run)
            return
        sent_id = _send(delivery, run)
        services.table.mark_sent(claim, sent_id, Outcome.SENT, delivery.mailbox)
        _audit("sent", {**what, "sent_message_id": sent_id}, run)
    except Exception as error:  # noqa: BLE001 - whatever it is, whoever waits for the probe tells of it
        _audit("failed", {**what, "error": f"{type(error).__name__}: {error}"}, run, error)
        with suppress(BotoCoreError, ClientError):
            services.records.note_failed(run.notice.message_id, 1, error)


def _send(delivery: Delivery, run: Run) -> str:
    """Send a copy as every other mail is sent, and return SES's id of it."""
    services, notice = run.services, run.notice
    mail = Mail.read(services.read(notice.bucket, notice.key), notice.authors)
    about = About(mail, delivery, notice, services.settings)
    data = compose(Form(Kind.COPY, delivery.mailbox), (), about)
    return within_rate(
        lambda: services.send(data, delivery.mailbox, delivery, notice),
        lambda: run.remaining_seconds() - _LEAST_SECONDS,
        services.sleep,
    )


def is_of_probe(event: SendingEvent) -> bool:
    """Return whether an event is about a copy that was sent on to the simulator, as its tags say."""
    sent = event.delivery
    return sent is not None and "@" in sent.address and is_probe_address(sent.address) and is_simulator(sent.mailbox)


def hear(event: SendingEvent, services: Services) -> None:
    """Note what SES tells of a copy of the probe. No mailbox fails by it, and nobody gets anything in its place."""
    record = services.table.find(event.delivery, services.settings.mail_bucket) if event.delivery else None
    if record is not None:
        services.table.note(record, event)
    line = {
        "ses_message_id": record.notice.message_id if record else None,
        "address": event.delivery.address if event.delivery else None,
        "mailbox": event.mailbox,
        "sent_message_id": event.sent_message_id,
        "diagnostic": event.diagnostic,
        "at": event.at,
    }
    said = {name: value for name, value in line.items() if value is not None}
    services.audit(f"probe-{event.outcome}", {"action": PROBE, "probe": event.outcome.value, **said}, None)


def _audit(became: str, what: Mapping[str, object], run: Run, error: Exception | None = None) -> None:
    """Write an audit line about a mail for the probe's address, and count it apart from all other mail."""
    notice = run.notice
    ids = {"ses_message_id": notice.message_id, "object_key": notice.key, "verdicts": vars(notice.verdicts)}
    line = {"action": PROBE, "probe": became, "reason": PROBE, **ids, **what}
    run.services.audit(f"probe-{became}", line, error)
