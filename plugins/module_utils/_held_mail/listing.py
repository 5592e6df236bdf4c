# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that a forwarder holds, as one list: the quarantine, the dead letters, and what is known of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._clients import new_client
from ansible_collections.account_factory.email.plugins.module_utils._dead_letters import DeadLetter, read_content
from ansible_collections.account_factory.email.plugins.module_utils._mail_record import MailRecord, mail_key
from ansible_collections.account_factory.email.plugins.module_utils._map import api as items
from ansible_collections.account_factory.email.plugins.module_utils._notice import MAIL_PREFIX, QUARANTINE_PREFIX
from ansible_collections.account_factory.email.plugins.module_utils._record import AddressRecord, address_key
from ansible_collections.account_factory.email.plugins.module_utils._stack import ForwarderStack

from . import api, model
from .model import Filters, HeldMail

# The outputs of the stack that name its dead-letter queues, and why a message is in each.
_QUEUES = {
    "DeadLetterQueueUrl": model.NOT_FORWARDED,
    "UndeliveredQueueUrl": model.NOT_QUEUED,
    "EventsDeadLetterQueueUrl": model.NOT_FORWARDED,
    "EventsUndeliveredQueueUrl": model.NOT_QUEUED,
}
_OF_EVENTS = "Events"
_NOTICE = ".json"


@dataclass(frozen=True)
class Listing:
    """What is held and asked for, newest first; and how many dead letters others had at this moment."""

    found: list[HeldMail]
    missing: int = 0


def find_held(make: Callable[..., Any], stack: ForwarderStack, wanted: Filters, now: datetime) -> Listing:
    """Return all held mail that is asked for; ``make`` makes the client of a service."""
    found: list[HeldMail] = []
    missing = 0
    records = _Records(items.Table(new_client(make, "dynamodb"), stack.delivery_table))
    if model.QUARANTINED in wanted.kinds:
        found += _quarantined(new_client(make, "s3"), stack, records)
    if model.FAILED in wanted.kinds or model.EVENT in wanted.kinds:
        failed, missing = _failed(make, stack, records, wanted)
        found += failed
    map_table = items.Table(new_client(make, "dynamodb"), stack.map_table)
    with_owners = _with_owners(found, map_table)
    return Listing(model.newest_first(one for one in with_owners if wanted.matches(one, now)), missing)


def count_held(make: Callable[..., Any], stack: ForwarderStack) -> dict[str, int]:
    """Return how much is held of each kind, without a look at the dead letters: as SQS counts them."""
    records = _Records(items.Table(new_client(make, "dynamodb"), stack.delivery_table))
    counted = model.counts(_quarantined(new_client(make, "s3"), stack, records))
    sqs = new_client(make, "sqs")
    for output in _QUEUES:
        if output in stack.outputs:
            kind = model.EVENT if output.startswith(_OF_EVENTS) else model.FAILED
            counted[kind] += api.count_dead_letters(sqs, stack.outputs[output])
    return counted


def find_discarded(make: Callable[..., Any], table: str, message_ids: Iterable[str]) -> set[str]:
    """Return those of the mails that were discarded before, by the table of deliveries."""
    records = _Records(items.Table(new_client(make, "dynamodb"), table)).find(message_ids)
    return {key for key, record in records.items() if record.discarded_at or record.letter_discarded_at}


@dataclass(frozen=True)
class _Records:
    """The records of mails in a forwarder's table of deliveries."""

    table: items.Table

    def find(self, message_ids: Iterable[str]) -> dict[str, MailRecord]:
        """Return the records that there are, by the ids of their mails."""
        found = items.get_items(self.table, map(mail_key, message_ids))
        records = map(MailRecord.from_item, found.values())
        return {record.message_id: record for record in records}


def _quarantined(s3: Any, stack: ForwarderStack, records: _Records) -> list[HeldMail]:
    listed = dict(api.list_objects(s3, stack.mail_bucket, QUARANTINE_PREFIX))
    mails = {key: stored for key, stored in listed.items() if not key.endswith(_NOTICE)}
    known = records.find(mails)
    found = (model.of_quarantine(key, stored, known.get(key), stack.mail_days) for key, stored in mails.items())
    return [one for one in found if one]


def _failed(
    make: Callable[..., Any], stack: ForwarderStack, records: _Records, wanted: Filters
) -> tuple[list[HeldMail], int]:
    """Return what is among the dead letters, each mail once for each kind, and how many messages others had."""
    queues = {output: reason for output, reason in _QUEUES.items() if output in stack.outputs}
    if model.EVENT not in wanted.kinds:
        queues = {output: reason for output, reason in queues.items() if not output.startswith(_OF_EVENTS)}
    with ThreadPoolExecutor(max(len(queues), 1)) as pool:
        # A client for each: it has no more connections at a time than one look at a queue takes.
        looks = [pool.submit(_look, new_client(make, "sqs"), stack, output, queues[output]) for output in queues]
        seen = [look.result() for look in looks]
    letters = {(one.kind, one.message_id): (one, key) for found, _missing in seen for one, key in found}
    known = records.find(one.message_id for one, _key in letters.values() if one.kind == model.FAILED)
    keys = {key for _one, key in letters.values() if key}
    stored = api.find_objects(new_client(make, "s3"), stack.mail_bucket, MAIL_PREFIX, keys)
    return [_completed(one, key, known, stored, stack) for one, key in letters.values()], sum(
        missing for _found, missing in seen
    )


def _look(sqs: Any, stack: ForwarderStack, output: str, reason: str) -> tuple[list[tuple[HeldMail, str | None]], int]:
    """Return what the messages of a queue are about, each with the key of its mail, and how many others had."""
    place = api.dead_letter_place(sqs, stack.outputs[output], reason)
    found: dict[str, tuple[HeldMail, str | None]] = {}

    def note(letter: DeadLetter) -> None:
        content = read_content(letter, stack.mail_bucket)
        key = content.notice.key if content.notice else None
        found[letter.sqs_message_id] = (model.of_dead_letter(letter, content, place), key)

    missing = api.read_dead_letters(sqs, place.url, note).missing
    return list(found.values()), missing


def _completed(
    one: HeldMail,
    key: str | None,
    known: Mapping[str, MailRecord],
    stored: Mapping[str, model.StoredMail],
    stack: ForwarderStack,
) -> HeldMail:
    if key is None:
        return one
    return model.with_object(model.with_record(one, known.get(one.message_id)), stored.get(key), stack.mail_days)


def _with_owners(found: Iterable[HeldMail], map_table: items.Table) -> list[HeldMail]:
    mails = list(found)
    keys = (address_key(key) for one in mails for recipient in one.recipients for key in model.keys_of(recipient))
    records = {key: AddressRecord.from_item(item) for key, item in items.get_items(map_table, keys).items()}
    return [model.with_owners(one, records) for one in mails]
