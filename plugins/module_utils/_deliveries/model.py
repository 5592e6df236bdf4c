# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of who received what: which deliveries may be asked for, and a delivery as the forwarder's table has it.

The items are those of the forwarder's deliveries.py. Pure, standard library only.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._mail_record import (
    MAIL_PREFIX,
    MailRecord,
    mail_key,
)
from ansible_collections.account_factory.email.plugins.module_utils._map.fields import checked_lookup_keys
from ansible_collections.account_factory.email.plugins.module_utils._moments import (
    check_moment,
    moment_text,
    read_moment,
)
from ansible_collections.account_factory.email.plugins.module_utils._notice import is_message_id
from ansible_collections.account_factory.email.plugins.module_utils._record import PARTITION_KEY
from ansible_collections.account_factory.email.plugins.module_utils._safe_text import printable
from ansible_collections.account_factory.email.plugins.module_utils._stack import (
    BY_ADDRESS,
    BY_MESSAGE,
    KEY_SEPARATOR,
)
from ansible_collections.account_factory.email.plugins.module_utils._times import utc_text

# Why a mail was delivered again, as it stands in the keys of its deliveries.
_RELEASED = "released"
# Beyond every time that the range key can be, in seconds since 1970.
_NEVER = 10**12
# What SES told afterwards: that a mailbox has not got the mail, and anything else.
_TELLINGS = ("failed", "told")
_LONG_AGO = datetime.min.replace(tzinfo=timezone.utc)


@dataclass(frozen=True)
class Query:
    """Which deliveries: those of a mail, by SES's id of it, or those of ``addresses``.

    Of the latter only copies that the forwarder began to send from ``start`` on and before ``end``, where given.
    """

    message_id: str | None = None
    addresses: tuple[str, ...] = ()
    start: datetime | None = None
    end: datetime | None = None

    @property
    def what(self) -> str:
        """Return what is looked for, as an error names it."""
        return f"the mail {self.message_id}" if self.message_id is not None else f"the mail to {self.addresses[0]}"

    def to_api(self) -> list[dict[str, Any]]:
        """Return the parameters of each Query that finds keys of these deliveries, but for the table's name."""
        if self.message_id is not None:
            return [_of_index(BY_MESSAGE, "message_id", self.message_id)]
        # The range key is whole seconds.
        first = math.ceil(self.start.timestamp()) if self.start else 0
        last = math.ceil(self.end.timestamp()) - 1 if self.end else _NEVER
        within = {":first": {"N": str(first)}, ":last": {"N": str(last)}}
        if first > last:
            return []
        return [
            _of_index(BY_ADDRESS, "address", one, " AND claimed_at BETWEEN :first AND :last", within)
            for one in self.addresses
        ]


def _of_index(
    index: str, key: str, value: str, more: str = "", values: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    return {
        "IndexName": index,
        "KeyConditionExpression": f"{key} = :key{more}",
        "ExpressionAttributeValues": {":key": {"S": value}, **(values or {})},
    }


def check_query(message_id: str | None, address: str | None, start_date: str | None, end_date: str | None) -> Query:
    """Return what the options ask for, of which one of the first two is given; raise InputError naming a wrong one."""
    if message_id is not None:
        return Query(message_id=_check_message_id(message_id))
    start, end = check_moment("start_date", start_date), check_moment("end_date", end_date)
    if start and end and start >= end:
        raise InputError("start_date: is not before end_date, so that nothing can lie between them")
    return Query(addresses=checked_lookup_keys(address or ""), start=start, end=end)


def _check_message_id(text: str) -> str:
    message_id = text.strip()
    if not is_message_id(message_id) or KEY_SEPARATOR in message_id:
        raise InputError(
            f"message_id: {text!r} is not the id of a message; give the one that SES gave it when it was received, as a"
            " notification or the forwarder's log names it"
        )
    return message_id


def keys_to_read(found: Iterator[str]) -> list[str]:
    """Return the keys of the items that say all about the deliveries under these keys: theirs, and those of mails that
    were released."""
    keys = [key for key in found if not key.startswith(MAIL_PREFIX)]
    parts = [key.split(KEY_SEPARATOR) for key in keys]
    mails = [mail_key(message_id) for message_id, again, *_rest in parts if again == _RELEASED]
    return [*keys, *mails]


@dataclass(frozen=True)
class Delivery:
    """One copy of a mail, as the module shows it; its times are UTC in ISO 8601.

    None is what did not happen, or is not known.
    """

    message_id: str
    address: str | None
    recipient: str | None
    mailbox: str
    standing: str | None
    sender: str | None
    received_at: str | None
    claimed_at: str
    status: str
    form: str | None
    sent_at: str | None
    sent_to: str | None
    sent_message_id: str | None
    instead_of: str | None
    became: str | None
    became_at: str | None
    diagnostic: str | None
    released: bool
    released_by: str | None
    released_at: str | None

    @classmethod
    def from_item(cls, item: Mapping[str, Any], mails: Mapping[str, MailRecord]) -> Delivery:
        """Return the delivery that an item of Python values holds; ``mails`` are those that were released, by id."""
        message_id, again = _ids(item)
        facts = json.loads(item.get("mail", "{}"))
        is_sent = item["status"] == "sent"
        mail = mails.get(message_id) if again == _RELEASED else None
        return cls(
            message_id=message_id,
            address=printable(item.get("address")),
            recipient=printable(facts.get("recipient")),
            mailbox=item["mailbox"],
            standing=facts.get("standing"),
            # Empty is the null sender (RFC 5321 4.5.5).
            sender=printable(facts.get("sender")),
            received_at=moment_text(facts.get("received_at")),
            claimed_at=_utc_of_seconds(item["claimed_at"]),
            status=item["status"],
            form=item.get("outcome"),
            sent_at=_utc_of_seconds(item["sent_at"]) if is_sent else None,
            sent_to=item.get("sent_to", item["mailbox"]) if is_sent else None,
            sent_message_id=item.get("sent_message_id"),
            instead_of=facts.get("instead_of"),
            **_became(item),
            released=again == _RELEASED,
            released_by=printable(mail.released_by) if mail else None,
            released_at=moment_text(mail.released_at) if mail else None,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the delivery as the module shows it."""
        return dict(vars(self))


def deliveries_of(items: Mapping[str, Mapping[str, Any]]) -> list[Delivery]:
    """Return the deliveries that items hold, by their keys, the newest first."""
    records = [MailRecord.from_item(item) for key, item in items.items() if key.startswith(MAIL_PREFIX)]
    mails = {record.message_id: record for record in records}
    found = [Delivery.from_item(item, mails) for key, item in items.items() if not key.startswith(MAIL_PREFIX)]
    found.sort(key=lambda one: (one.message_id, one.address or "", one.mailbox.lower()))
    return sorted(found, key=lambda one: one.claimed_at, reverse=True)


def last_mails_of(entries: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], str]:
    """Return the latest moment of each address and mailbox, in lower case, of entries of the index by-address."""
    latest: dict[tuple[str, str], int] = {}
    for entry in entries:
        address = entry["address"]["S"]
        key = str(entry[PARTITION_KEY]["S"])
        # A mailbox may have the separator in it; the id of a mail has not.
        mailbox = key.partition(f"{KEY_SEPARATOR}{address}{KEY_SEPARATOR}")[2]
        latest[address, mailbox] = max(int(entry["claimed_at"]["N"]), latest.get((address, mailbox), 0))
    return {pair: _utc_of_seconds(seconds) for pair, seconds in latest.items()}


def _ids(item: Mapping[str, Any]) -> tuple[str, str]:
    """Return SES's id of the mail of a delivery, and why it was delivered again, if it was."""
    parts = ("", item.get("address", ""), item["mailbox"].lower())
    delivery_id = str(item[PARTITION_KEY]).removesuffix(KEY_SEPARATOR.join(parts))
    message_id, _separator, again = delivery_id.partition(KEY_SEPARATOR)
    return message_id, again


def _became(item: Mapping[str, Any]) -> dict[str, str | None]:
    """Return what SES told last of a delivery: what became of it, when, and what the mail server said."""
    told = [kind for kind in _TELLINGS if f"{kind}_at" in item]
    if not told:
        return {"became": None, "became_at": None, "diagnostic": None}
    last = max(told, key=lambda kind: _moment(item[f"{kind}_at"]) or _LONG_AGO)
    return {
        "became": item[f"{last}_by"],
        "became_at": moment_text(item[f"{last}_at"]),
        "diagnostic": printable(item.get(f"{last}_because")),
    }


def _moment(text: str | None) -> datetime | None:
    try:
        return read_moment(text or "")
    except ValueError:
        return None


def _utc_of_seconds(seconds: Any) -> str:
    return utc_text(datetime.fromtimestamp(int(seconds), timezone.utc))
