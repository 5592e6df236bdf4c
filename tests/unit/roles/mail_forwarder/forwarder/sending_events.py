# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What SES publishes of a mail that it was given, as its guide says it ("Contents of event data … to Amazon SNS")."""

from __future__ import annotations

from typing import Any

AT = "2026-11-20T10:00:00.000Z"


def sending_event(request: dict[str, Any], kind: str, mailbox: str | None = None, **part: Any) -> dict[str, Any]:
    """Return an event of a SendEmail request, about a mailbox as SES writes it; ``part`` is what else it says."""
    (sent_to,) = request["Destination"]["ToAddresses"]
    tags = {tag["Name"]: [tag["Value"]] for tag in request["EmailTags"]}
    mail = {
        "timestamp": AT,
        "source": request["FromEmailAddress"],
        "messageId": "sent",
        "destination": [sent_to],
        "headers": [{"name": "Subject", "value": "Never to be logged"}],
        "tags": {"ses:configuration-set": [request["ConfigurationSetName"]], **tags},
    }
    name = {"DeliveryDelay": "deliveryDelay", "Rendering Failure": "failure"}.get(kind, kind.lower())
    listed: dict[str, dict[str, Any]] = {
        "Bounce": {
            "bouncedRecipients": [{"emailAddress": mailbox or sent_to, "diagnosticCode": "smtp; 550 5.1.1 gone"}]
        },
        "Complaint": {"complainedRecipients": [{"emailAddress": mailbox or sent_to}]},
        "Delivery": {"recipients": [mailbox or sent_to]},
        "DeliveryDelay": {"delayedRecipients": [{"emailAddress": mailbox or sent_to}]},
        "Reject": {"reason": "Bad content"},
        "Rendering Failure": {"errorMessage": "no template"},
    }
    stamp = {} if kind in ("Reject", "Rendering Failure") else {"timestamp": AT}
    return {"eventType": kind, "mail": mail, name: {**stamp, **listed[kind], **part}}


def bounce(request: dict[str, Any], mailbox: str | None = None, **part: Any) -> dict[str, Any]:
    """Return the event of a mail that bounced for good."""
    return sending_event(request, "Bounce", mailbox, **{"bounceType": "Permanent", "bounceSubType": "General", **part})
