# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Releasing a mail from the quarantine: a person has looked, and its owners are to have it after all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from ansible_collections.account_factory.email.plugins.module_utils._safe_text import printable
from forwarder.core.notice import Notice, is_message_id
from forwarder.core.outcomes import Outcome
from forwarder.core.recipients import deliveries, resolve
from forwarder.core.verdict_policy import FAIL
from forwarder.forward import forward
from forwarder.services import Services


class ReleaseError(ValueError):
    """A release that cannot be; the text says why."""


def release(request: Mapping[str, Any], services: Services, remaining_seconds: Callable[[], float]) -> dict[str, Any]:
    """Forward a mail of the quarantine as if its verdicts held nobody up, its subject marked with them.

    ``request`` is ``{"message_id": SES's id of the mail, "released_by": who says so}``; with ``"check": true`` beside,
    nothing is sent. Who invoked a function it is not told: AWS CloudTrail knows, where it logs data events. Returns
    ``{"message_id": …, "deliveries": {outcome: count}}``, or ``{"message_id": …, "error": why that cannot be}``. A mail
    that was released before is sent to nobody twice.
    """
    message_id = request.get("message_id") if isinstance(request, Mapping) else None
    try:
        notice = _releasable(message_id, services)
    except ReleaseError as error:
        # An error that is raised is an alarm, and this one is for whoever asked.
        return {"message_id": message_id, "error": str(error)}
    if request.get("check"):
        return {"message_id": message_id, "deliveries": _planned(notice, services)}
    line: dict[str, Any] = {"action": Outcome.RELEASE.value, "ses_message_id": message_id}
    services.audit(
        "mail-release", {**line, "released_by": printable(str(request.get("released_by") or "nobody"))}, None
    )
    return {"message_id": message_id, "deliveries": forward(notice, services, remaining_seconds)}


def _releasable(message_id: object, services: Services) -> Notice:
    if not is_message_id(message_id):
        raise ReleaseError(f"message_id is {message_id!r}, not the id of a message; the letter about it names it")
    try:
        notice = services.quarantine.released(str(message_id))
    except ClientError as error:
        raise ReleaseError(f"the quarantine has no mail {message_id}, or it cannot be read: {error}") from error
    if notice.verdicts.virus == FAIL:
        raise ReleaseError(f"{message_id} holds a virus and cannot be released: Amazon SES would not send it")
    return notice


def _planned(notice: Notice, services: Services) -> dict[str, int]:
    """Return what ``forward`` would count, if SES takes every copy as it is."""
    found = deliveries([resolve(one, services.find, services.settings) for one in notice.recipients])
    were_sent = [services.table.is_sent(notice, one) for one in found]
    return dict(Counter((Outcome.ALREADY_SENT if was_sent else Outcome.SENT).value for was_sent in were_sent))
