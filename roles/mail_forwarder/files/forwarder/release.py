# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person decides about a mail in quarantine: its owners are to have it after all, or nobody is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from ansible_collections.account_factory.email.plugins.module_utils._mail_record import MailRecord
from ansible_collections.account_factory.email.plugins.module_utils._notice import Notice, is_message_id
from forwarder.core.deciding import whose
from forwarder.core.outcomes import Outcome
from forwarder.core.recipients import Delivery, deliveries, resolve
from forwarder.core.verdict_policy import FAIL
from forwarder.forward import forward
from forwarder.services import Services


class ReleaseError(ValueError):
    """Raised when a message cannot be released or discarded; the text says why."""


def release(request: Mapping[str, Any], services: Services, remaining_seconds: Callable[[], float]) -> dict[str, Any]:
    """Forward a mail of the quarantine as if its verdicts held nobody up, its subject marked with them.

    ``request`` is ``{"message_id": SES's id of the mail, "released_by": who says so}``; with ``"check": true`` beside,
    nothing is sent. Who invoked a function it is not told: AWS CloudTrail knows, where it logs data events. Returns
    ``{"message_id": …, "deliveries": {outcome: count}}``, or ``{"message_id": …, "error": why that cannot be}``. A mail
    that was released before is sent to nobody twice.

    With ``"discard": true`` the mail is held no longer, and released to nobody; ``"discarded"`` in the answer says
    whether it was held until then. The objects stay until the bucket lets go of them, so it can still be released.
    """
    message_id = request.get("message_id") if isinstance(request, Mapping) else None
    try:
        notice = _in_quarantine(message_id, services)
        if request.get("discard"):
            return {"message_id": message_id, "discarded": _discard(notice, request, services)}
        return {"message_id": message_id, "deliveries": _release(notice, request, services, remaining_seconds)}
    except ReleaseError as error:
        # An error that is raised is an alarm, and this one is for whoever asked.
        return {"message_id": message_id, "error": str(error)}


def _in_quarantine(message_id: object, services: Services) -> Notice:
    if not is_message_id(message_id):
        raise ReleaseError(f"message_id is {message_id!r}, not the id of a message; the letter about it names it")
    try:
        return services.quarantine.released(str(message_id))
    except ClientError as error:
        raise ReleaseError(f"the quarantine has no mail {message_id}, or it cannot be read: {error}") from error


def _release(
    notice: Notice, request: Mapping[str, Any], services: Services, remaining_seconds: Callable[[], float]
) -> dict[str, int]:
    if notice.verdicts.virus == FAIL:
        raise ReleaseError(f"{notice.message_id} holds a virus and cannot be released: Amazon SES would not send it")
    found = deliveries([resolve(one, services.look_up, services.settings) for one in notice.recipients])
    if not found:
        raise ReleaseError(
            f"{notice.message_id} would reach nobody, so that it stays in quarantine: no owner of its addresses"
            " gets mail, and the catch-all is off (mail_forwarder_catch_all, or the domain's own catch_all)"
        )
    if request.get("check"):
        return _planned(found, notice, services)
    by = _audit(Outcome.RELEASE, "released_by", notice, request, services)
    counts = forward(notice, services, remaining_seconds)
    services.records.note_decided(notice.message_id, "released", by)
    return counts


def _planned(found: Sequence[Delivery], notice: Notice, services: Services) -> dict[str, int]:
    """Return what ``forward`` would count, if SES takes every copy as it is."""
    were_sent = [services.table.is_sent(notice, one) for one in found]
    return dict(Counter((Outcome.ALREADY_SENT if was_sent else Outcome.SENT).value for was_sent in were_sent))


def _discard(notice: Notice, request: Mapping[str, Any], services: Services) -> bool:
    """Record that a mail is held no longer, and return whether it was."""
    record = services.records.find(notice.message_id) or MailRecord(notice.message_id)
    if not record.is_quarantined:
        return False
    if not request.get("check"):
        by = _audit(Outcome.DISCARD, "discarded_by", notice, request, services)
        services.records.note_decided(notice.message_id, "discarded", by)
    return True


def _audit(outcome: Outcome, name: str, notice: Notice, request: Mapping[str, Any], services: Services) -> str:
    """Write the audit line of a decision; return whose it is."""
    by = whose(request, "released_by")
    line = {"action": outcome.value, "ses_message_id": notice.message_id, name: by}
    services.audit(f"mail-{outcome}", line, None)
    return by
