# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SES's account-level suppression list: whom SES sends nothing to, though it accepts the mail.

Sources: SES API v2 Reference (PutSuppressedDestination, GetSuppressedDestination, DeleteSuppressedDestination,
ListSuppressedDestinations); Amazon SES Developer Guide, "Using the account-level suppression list" and "Managing tenant
suppression list entries": entries keep their case and are found by exactly that, sending takes no notice of case.
Found by others on real SES: the domain is folded, blanks around an address are dropped, the texts of errors
(floci-io/floci#1350, #853 and its SesSuppressionService); no path names an address with a slash (boto/boto3#2870).
"""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, unquote

from tests.local_aws.wire import AwsError, Request, Response, json_result, rest_json_error

_PATH = "/v2/email/suppression/addresses"
REASONS = ("BOUNCE", "COMPLAINT")
# Neither the default nor the limit of PageSize is documented.
PAGE_SIZE = 100


@dataclass(frozen=True)
class _Entry:
    address: str
    reason: str
    updated: datetime
    message_id: str | None
    feedback_id: str | None

    def summary(self) -> dict[str, Any]:
        return {
            "EmailAddress": self.address,
            "Reason": self.reason,
            "LastUpdateTime": self.updated.timestamp(),
        }

    def whole(self) -> dict[str, Any]:
        given = {"MessageId": self.message_id, "FeedbackId": self.feedback_id}
        attributes = {name: value for name, value in given.items() if value is not None}
        return {**self.summary(), **({"Attributes": attributes} if attributes else {})}


class SuppressionList:
    """The list of one account in one Region; safe to use from many threads.

    ``rate`` is how many calls a second an operation takes, None for no limit. SES takes about one.
    """

    def __init__(
        self,
        in_sandbox: Callable[[], bool] = lambda: False,
        clock: Callable[[], float] = time.time,
        rate: float | None = None,
    ) -> None:
        self.rate = rate
        self._in_sandbox = in_sandbox
        self._clock = clock
        self._lock = threading.Lock()
        self._entries: dict[str, _Entry] = {}
        self._last_call: dict[str, float] = {}

    def reason(self, address: str) -> str | None:
        """Return why SES sends nothing to an address, whatever its case; None if it is not on the list."""
        key = _key(address)
        with self._lock:
            alike = [entry for known, entry in self._entries.items() if known.lower() == key.lower()]
            found = self._entries.get(key) or next(iter(alike), None)
        return found.reason if found else None

    def put(self, address: str, reason: str, message_id: str | None = None, feedback_id: str | None = None) -> None:
        """Add an address, or update its entry; the ids are those of the mail that it comes from."""
        if reason not in REASONS:
            raise ValueError(f"reason {reason!r} is not one of {', '.join(REASONS)}")
        key = _key(address)
        with self._lock:
            updated = datetime.fromtimestamp(self._clock(), UTC)
            self._entries[key] = _Entry(key, reason, updated, message_id, feedback_id)

    def remove(self, address: str) -> None:
        """Remove the entry with exactly this local part; KeyError if there is none."""
        with self._lock:
            del self._entries[_key(address)]

    def handle(self, request: Request) -> Response | None:
        """Answer a request about the account's list, or return None for any other."""
        path, _unused, address = request.path.partition(f"{_PATH}/")
        operation = _OPERATIONS.get((request.method, bool(address)))
        query = parse_qs(request.query)
        given = json.loads(request.body or b"{}") if request.method == "PUT" else query
        if operation is None or (path.rstrip("/") != _PATH and not address) or "TenantName" in given:
            return None
        try:
            self._count(operation.__name__)
            if "/" in unquote(address):
                raise AwsError("BadRequestException", "The request is malformed.")
            return json_result(operation(self, unquote(address), given), "application/json")
        except AwsError as error:
            return rest_json_error(error)

    def _count(self, operation: str) -> None:
        with self._lock:
            now, last = self._clock(), self._last_call.get(operation)
            if self.rate is not None and last is not None and now - last < 1 / self.rate:
                raise AwsError("TooManyRequestsException", "Rate exceeded", 429)
            self._last_call[operation] = now

    def _put(self, _unused: str, given: dict[str, Any]) -> dict[str, Any]:
        if not str(given.get("EmailAddress") or "").strip():
            raise AwsError("BadRequestException", "EmailAddress is required.")
        _check_reason("reason", given.get("Reason"), "Member must satisfy enum value set: [BOUNCE, COMPLAINT]")
        if self._in_sandbox():
            # Developer Guide: adding takes production access. Neither the code nor the text is documented.
            raise AwsError("BadRequestException", "This operation needs production access.")
        self.put(given["EmailAddress"], given["Reason"])
        return {}

    def _get(self, address: str, _given: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            entry = self._entries.get(_key(address))
        if entry is None:
            raise _not_found(address)
        return {"SuppressedDestination": entry.whole()}

    def _delete(self, address: str, _given: dict[str, Any]) -> dict[str, Any]:
        try:
            self.remove(address)
        except KeyError:
            raise _not_found(address) from None
        return {}

    def _list(self, _unused: str, given: dict[str, list[str]]) -> dict[str, Any]:
        reasons = given.get("Reason", [])
        for reason in reasons:
            nested = "Member must satisfy constraint: [Member must satisfy enum value set: [BOUNCE, COMPLAINT]]"
            _check_reason("reasons", reason, nested)
        start, end = (_moment(given[name][0]) if name in given else None for name in ("StartDate", "EndDate"))
        with self._lock:
            entries = [
                entry
                for entry in self._entries.values()
                if (not reasons or entry.reason in reasons)
                and (start is None or entry.updated > start)
                and (end is None or entry.updated < end)
            ]
        size = min(int(given.get("PageSize", [str(PAGE_SIZE)])[0]), PAGE_SIZE)
        # A token holds for the filter that it was given for.
        chosen = "/".join([*sorted(reasons), str(start), str(end)])
        first = _offset(given["NextToken"][0], chosen) if "NextToken" in given else 0
        page: dict[str, Any] = {
            "SuppressedDestinationSummaries": [entry.summary() for entry in entries[first : first + size]]
        }
        if first + size < len(entries):
            page["NextToken"] = base64.b64encode(f"{first + size} {chosen}".encode()).decode()
        return page


def _key(address: str) -> str:
    """Return the address as SES keeps it: the local part as it was given, the domain in lower case."""
    local_part, at, domain = address.strip().rpartition("@")
    return f"{local_part}{at}{domain.lower()}"


def _not_found(address: str) -> AwsError:
    return AwsError("NotFoundException", f"Email address {_key(address)} does not exist on your suppression list.", 404)


def _check_reason(member: str, reason: Any, constraint: str) -> None:
    if reason not in REASONS:
        text = f"1 validation error detected: Value at '{member}' failed to satisfy constraint: {constraint}"
        raise AwsError("BadRequestException", text)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _offset(token: str, chosen: str) -> int:
    invalid = AwsError("InvalidNextTokenException", "The specified request includes an invalid or expired token.")
    try:
        offset, _unused, filters = base64.b64decode(token, validate=True).decode().partition(" ")
        number = int(offset)
    except ValueError as error:
        raise invalid from error
    if filters != chosen:
        raise invalid
    return number


# By method, and whether the path names an address.
_OPERATIONS: dict[tuple[str, bool], Callable[[SuppressionList, str, dict[str, Any]], dict[str, Any]]] = {
    ("PUT", False): SuppressionList._put,
    ("GET", False): SuppressionList._list,
    ("GET", True): SuppressionList._get,
    ("DELETE", True): SuppressionList._delete,
}
