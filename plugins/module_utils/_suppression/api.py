# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls to Amazon SES about the account-level suppression list, one function for each; errors arrive as AwsError.

SES allows each of these operations about once a second, so every call waits out throttling.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._aws import Service, error_with_code
from ansible_collections.account_factory.email.plugins.module_utils._times import utc_text

from .model import Entry, Filters, same_mailbox

_SANDBOX = (
    "If the account is in the SES sandbox, request production access first: SES adds nothing to the list there."
    " Removing an address works there, too."
)
# boto/boto3#2870, which AWS has confirmed.
_SLASH = "The API of SES cannot remove an address with a slash: remove it in the SES console."
_SES = Service(retried=("Throttling", "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded"))
_ADDING = replace(_SES, remedies={"BadRequestException": _SANDBOX})
_REMOVING = replace(_SES, remedies={"BadRequestException": _SLASH})


def get_entry(client: Any, address: str) -> Entry | None:
    """Return the entry with exactly this local part, None if there is none, or the API cannot name it."""
    if "/" in address:
        return None
    try:
        response = _SES.call(
            f"look up {address} on the suppression list", client.get_suppressed_destination, EmailAddress=address
        )
    except error_with_code("NotFoundException"):
        return None
    return _entry(response["SuppressedDestination"])


def list_entries(client: Any, filters: Filters) -> Iterator[Entry]:
    """Yield the entries page by page, each without the ids of the mail that it comes from."""
    parameters = filters.to_api()
    while True:
        page = _SES.call("list the suppression list", client.list_suppressed_destinations, **parameters)
        yield from map(_entry, page.get("SuppressedDestinationSummaries", []))
        if not page.get("NextToken"):
            return
        parameters["NextToken"] = page["NextToken"]


def find_entries(client: Any, addresses: tuple[str, ...]) -> dict[str, tuple[Entry, ...]]:
    """Return for each address its entry, or those in another case, for which the list is read if one is missing."""
    exact = {address: get_entry(client, address) for address in addresses}
    missing = [address for address, entry in exact.items() if entry is None]
    listed = tuple(list_entries(client, Filters())) if missing else ()
    return {
        address: (entry,) if entry else tuple(read_again(client, one) for one in same_mailbox(address, listed))
        for address, entry in exact.items()
    }


def read_again(client: Any, known: Entry) -> Entry:
    """Return the entry with all that SES tells of it, or as it is known where SES tells nothing."""
    return get_entry(client, known.email_address) or known


def put_entry(client: Any, address: str, reason: str) -> None:
    """Add an address, or change why it is on the list."""
    _ADDING.call(
        f"add {address} to the suppression list",
        client.put_suppressed_destination,
        EmailAddress=address,
        Reason=reason,
    )


def delete_entry(client: Any, address: str) -> None:
    """Remove the entry with exactly this local part; one that is gone already is no error."""
    try:
        _REMOVING.call(
            f"remove {address} from the suppression list", client.delete_suppressed_destination, EmailAddress=address
        )
    except error_with_code("NotFoundException"):
        return


def _entry(data: Mapping[str, Any]) -> Entry:
    attributes = data.get("Attributes") or {}
    return Entry(
        email_address=data["EmailAddress"],
        reason=data["Reason"],
        last_update_time=utc_text(data["LastUpdateTime"]),
        message_id=attributes.get("MessageId"),
        feedback_id=attributes.get("FeedbackId"),
    )
