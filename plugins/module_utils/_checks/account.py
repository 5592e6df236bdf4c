# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judges of what SES lets the account send, by SES's answer to GetAccount. Pure, standard library only.

Sources: Amazon SES API v2 Reference, GetAccount; Amazon SES Developer Guide, "Request production access", "Managing
your Amazon SES sending limits" and "Understanding the account sending status". What the account itself suppresses or
validates is not looked at: the forwarder's configuration set says both for its mail.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .model import Asked, Judgement, fail, ok, warn

# Of the mails of a day, how many may be sent before it is worth telling.
_NEARLY = 0.8
_REVIEW = {
    "PENDING": "AWS is reviewing a request for production access",
    "DENIED": "AWS has denied production access",
    "FAILED": "the review of a request for production access failed",
}
_REQUEST = (
    "Request production access in the SES console (Account dashboard). Until then verify every owner and the admin as"
    " an SES identity, or a domain of theirs."
)
_REMEDIES = {
    "PENDING": "Wait for AWS, which answers in a support case. Until then verify every owner and the admin in SES.",
    "DENIED": "Answer AWS in the support case, which says why. Until then verify every owner and the admin in SES.",
}


def judge_sandbox(_asked: Asked, account: Mapping[str, Any]) -> Judgement:
    """Whether SES sends to everyone."""
    if account.get("ProductionAccessEnabled"):
        return ok("The account has production access to SES.", production_access=True)
    review = (account.get("Details") or {}).get("ReviewDetails") or {}
    status, case = review.get("Status"), review.get("CaseId")
    said = f"; {_REVIEW[status]}{f' (case {case})' if case else ''}" if status in _REVIEW else ""
    quota = _quota(account)
    return warn(
        f"The account is in the SES sandbox: {_number(quota['Max24HourSend'])} mails a day,"
        f" {_number(quota['MaxSendRate'])} a second{said}.",
        "In the sandbox SES sends to verified identities only, so that no other owner gets any mail.",
        _REMEDIES.get(status or "", _REQUEST),
        production_access=False,
        review_status=status,
        review_case=case,
    )


def judge_sending(_asked: Asked, account: Mapping[str, Any]) -> Judgement:
    """Whether SES sends at all, and whether AWS has an eye on the account."""
    enforcement, enabled = account.get("EnforcementStatus", "HEALTHY"), account.get("SendingEnabled", False)
    seen = {"sending_enabled": enabled, "enforcement_status": enforcement}
    if enforcement == "SHUTDOWN":
        return fail(
            "AWS has stopped the account's sending (SHUTDOWN).",
            "SES sends nothing for the account, so that no mail would be forwarded.",
            "Answer AWS in the support case that it opened, or open one (SES console, Reputation metrics).",
            **seen,
        )
    if not enabled:
        return fail(
            "Sending is paused for the account.",
            "SES sends nothing for the account, so that no mail would be forwarded.",
            "Find out why it was paused; if AWS paused it, answer in the support case. Then resume it: aws sesv2"
            " put-account-sending-attributes --sending-enabled",
            **seen,
        )
    if enforcement == "PROBATION":
        return warn(
            "AWS has the account's sending under review (PROBATION).",
            "Unless what AWS complains of is mended in time, it stops the account's sending, the forwarder's too.",
            "Read the mail or the support case of AWS (SES console, Reputation metrics) and mend what it names.",
            **seen,
        )
    return ok("SES sends for the account.", **seen)


def judge_quota(asked: Asked, account: Mapping[str, Any]) -> Judgement:
    """Whether SES lets the account send as much as the forwarder may."""
    quota = _quota(account)
    rate, daily, sent = quota["MaxSendRate"], quota["Max24HourSend"], quota["SentLast24Hours"]
    seen = {"max_send_rate": rate, "max_24_hour_send": daily, "sent_last_24_hours": sent}
    # -1 is no limit (API v2 Reference, SendQuota).
    if 0 <= daily <= sent:
        return warn(
            f"The daily quota is used up: {_number(sent)} of {_number(daily)} mails in 24 hours.",
            "SES takes no mail until some of it is a day old. Mail waits in the queue meanwhile.",
            "Find out what sends so much, or request a higher quota (Service Quotas, Amazon SES, Sending quota).",
            **seen,
        )
    if daily > 0 and sent >= _NEARLY * daily:
        return warn(
            f"The daily quota is nearly used up: {_number(sent)} of {_number(daily)} mails in 24 hours.",
            "Once it is, SES takes no mail until some of it is a day old. Mail waits in the queue meanwhile.",
            "Find out what sends so much, or request a higher quota (Service Quotas, Amazon SES, Sending quota).",
            **seen,
        )
    if asked.concurrency > rate:
        return warn(
            f"SES lets the account send {_number(rate)} mails a second, and the forwarder may send with"
            f" {asked.concurrency} functions at once.",
            "What SES refuses for the rate is tried again and arrives later.",
            "Lower mail_forwarder_concurrency (2 is the least), or request a higher rate (Service Quotas, Amazon SES).",
            **seen,
            concurrency=asked.concurrency,
        )
    amount = "any number of mails" if daily < 0 else f"{_number(daily)} mails"
    return ok(f"SES lets the account send {amount} a day, {_number(rate)} a second.", **seen)


def _quota(account: Mapping[str, Any]) -> dict[str, float]:
    given = account.get("SendQuota") or {}
    return {name: given.get(name, 0.0) for name in ("Max24HourSend", "MaxSendRate", "SentLast24Hours")}


def _number(amount: float) -> str:
    return f"{amount:,.0f}" if amount == int(amount) else f"{amount:,.1f}"
