# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SES API v2 on the account: GetAccount says what sending does, and what it takes from there are its switches."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from tests.local_aws.sending import Sending
from tests.local_aws.wire import AwsError, Request, Response, json_result, rest_json_error

_PATH = "/v2/email/account"
_REASONS = frozenset({"BOUNCE", "COMPLAINT"})


class SesAccount:
    """Answers GetAccount, PutAccountSendingAttributes and PutAccountSuppressionAttributes.

    ``emulated`` is the emulator's answer to GetAccount, for what is not about sending.
    """

    def __init__(self, sending: Sending, emulated: Callable[[], Mapping[str, Any]]) -> None:
        self._sending = sending
        self._emulated = emulated

    def handle(self, request: Request) -> Response | None:
        """Answer a REST request, or return None for another operation."""
        operation = _OPERATIONS.get((request.method, request.path.rstrip("/").removeprefix(_PATH)))
        if operation is None or not request.path.startswith(_PATH):
            return None
        try:
            return json_result(operation(self, json.loads(request.body or b"{}")), "application/json")
        except AwsError as error:
            return rest_json_error(error)

    def _get(self, _given: Mapping[str, Any]) -> dict[str, Any]:
        sending = self._sending
        shut = sending.suspended or sending.enforcement == "SHUTDOWN"
        quota = {
            "Max24HourSend": float(sending.daily_quota),
            "MaxSendRate": float(sending.rate),
            "SentLast24Hours": float(sending.sent_last_24_hours()),
        }
        emulated = self._emulated()
        review = {"Status": sending.review, "CaseId": sending.review_case}
        details = {**emulated.get("Details", {}), **({"ReviewDetails": review} if sending.review else {})}
        return {
            **emulated,
            **({"Details": details} if details else {}),
            "SendQuota": quota,
            "SendingEnabled": sending.enabled and not shut,
            "EnforcementStatus": "SHUTDOWN" if shut else sending.enforcement,
            "SuppressionAttributes": {"SuppressedReasons": [*sending.suppressed_reasons]},
        }

    def _put_sending(self, given: Mapping[str, Any]) -> dict[str, Any]:
        self._sending.enabled = bool(given.get("SendingEnabled", False))
        return {}

    def _put_suppression(self, given: Mapping[str, Any]) -> dict[str, Any]:
        reasons = given.get("SuppressedReasons") or []
        if not set(reasons) <= _REASONS:
            raise AwsError("BadRequestException", f"Invalid suppression list reasons: {', '.join(reasons)}.")
        self._sending.suppressed_reasons = tuple(dict.fromkeys(reasons))
        return {}


_OPERATIONS: dict[tuple[str, str], Callable[[SesAccount, Mapping[str, Any]], dict[str, Any]]] = {
    ("GET", ""): SesAccount._get,
    ("PUT", "/sending"): SesAccount._put_sending,
    ("PUT", "/suppression"): SesAccount._put_suppression,
}
