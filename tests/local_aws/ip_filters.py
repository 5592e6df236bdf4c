# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SES's IP address filters: whose mail is refused before any receipt rule is looked at, and the operations on them.

Sources: Amazon SES API Reference, CreateReceiptFilter, ReceiptFilter and ReceiptIpFilter; Amazon SES Developer Guide,
"Creating IP address filters for Amazon SES email receiving" (all addresses blocked and some allowed: mail from those is
received, so that an allow filter beats a block filter) and "Service quotas in Amazon SES" (100 filters).
"""

from __future__ import annotations

import ipaddress
import re
import threading
from collections.abc import Callable
from typing import Any

from tests.local_aws.wire import AwsError, Request, Response, answer_query

MAX_FILTERS = 100
BLOCK, ALLOW = "Block", "Allow"
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_-]{0,62}[A-Za-z0-9])?")
Given = dict[str, Any]


class IpFilters:
    """The filters of one account in one region. Answers the Query protocol; safe to call from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._filters: dict[str, Given] = {}

    def handle(self, request: Request) -> Response | None:
        """Answer a request, or return None for an operation that is not about filters."""
        with self._lock:
            return answer_query(request, self, _OPERATIONS)

    def refuses(self, client: str) -> bool:
        """Return whether mail from an IP address is refused: a filter blocks it, and none allows it."""
        address = ipaddress.ip_address(client)
        with self._lock:
            found = [one["IpFilter"] for one in self._filters.values()]
        policies = {one["Policy"] for one in found if address in ipaddress.ip_network(one["Cidr"], strict=False)}
        return BLOCK in policies and ALLOW not in policies

    def _create(self, given: Given) -> Given:
        one = _checked(given.get("Filter"))
        if one["Name"] in self._filters:
            raise AwsError("AlreadyExists", f"Filter already exists: {one['Name']}", Name=one["Name"])
        if len(self._filters) >= MAX_FILTERS:
            raise AwsError("LimitExceeded", f"Maximum number of filters reached: {MAX_FILTERS}")
        self._filters[one["Name"]] = one
        return {}

    def _list(self, _given: Given) -> Given:
        return {"Filters": list(self._filters.values())}

    def _delete(self, given: Given) -> Given:
        # Deleting one that is not there succeeds: the operation has no errors of its own.
        self._filters.pop(given.get("FilterName", ""), None)
        return {}


def _checked(given: Any) -> Given:
    """Return a filter as SES keeps it; AwsError for what SES would not take. The texts are not documented."""
    name, of_ip = (given or {}).get("Name", ""), (given or {}).get("IpFilter") or {}
    if not _NAME.fullmatch(name):
        raise AwsError("InvalidParameterValue", f"Not a valid filter name: {name}")
    policy, cidr = of_ip.get("Policy", ""), of_ip.get("Cidr", "")
    if policy not in (BLOCK, ALLOW):
        text = f"1 validation error detected: Value '{policy}' at 'filter.ipFilter.policy' failed to satisfy constraint"
        raise AwsError("ValidationError", f"{text}: Member must satisfy enum value set: [Block, Allow]")
    try:
        ipaddress.ip_network(cidr, strict=False)
    except ValueError:
        raise AwsError("InvalidParameterValue", f"Invalid CIDR: {cidr}") from None
    return {"Name": name, "IpFilter": {"Policy": policy, "Cidr": cidr}}


_OPERATIONS: dict[str, Callable[[IpFilters, Given], Given]] = {
    "CreateReceiptFilter": IpFilters._create,
    "DeleteReceiptFilter": IpFilters._delete,
    "ListReceiptFilters": IpFilters._list,
}
