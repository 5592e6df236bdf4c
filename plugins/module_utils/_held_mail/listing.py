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
from ansible_collections.account_factory.email.plugins.module_utils._mail_record import MailRecord
from ansible_collections.account_factory.email.plugins.module_utils._map import api as items
from ansible_collections.account_factory.email.plugins.module_utils._notice import MAIL_PREFIX, QUARANTINE_PREFIX
from ansible_collections.account_factory.email.plugins.module_utils._record import AddressRecord, address_key
from ansible_collections.account_factory.email.plugins.module_utils._stack import ForwarderStack

from . import api, model, objects
from .model import Filters, HeldMail

# The outputs of the stack that name its dead-letter queues: the kind of the messages in each, and why they are there.
_QUEUES = {
    "DeadLetterQueueUrl": (model.FAILED, model.NOT_FORWARDED),
    "UndeliveredQueueUrl": (model.FAILED, model.NOT_QUEUED),
    "EventsDeadLetterQueueUrl": (model.EVENT, model.NOT_FORWARDED),
    "EventsUndeliveredQueueUrl": (model.EVENT, model.NOT_QUEUED),
}
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
    if model.QUARANTINED in wanted.kinds:
        found += _quarantined(make, stack)
    if model.FAILED in wanted.kinds or model.EVENT in wanted.kinds:
        failed, missing = _failed(make, stack, wanted)
        found += failed
    with_owners = _with_owners(found, items.Table(new_client(make, "dynamodb"), stack.map_table))
    return Listing(model.newest_first(one for one in with_owners if wanted.matches(one, now)), missing)


def count_held(make: Callable[..., Any], stack: ForwarderStack) -> dict[str, int]:
    """Return how much is held of each kind, without a look at the dead letters: as SQS counts them."""
    counted = model.counts(_quarantined(make, stack))
    sqs = new_client(make, "sqs")
    for output, (kind, _reason) in _QUEUES.items():
        if output in stack.outputs:
            counted[kind] += api.count_dead_letters(sqs, stack.outputs[output])
    return counted


def find_discarded(make: Callable[..., Any], table: str, message_ids: Iterable[str]) -> set[str]:
    """Return those of the mails that were discarded before, by the table of deliveries."""
    records = api.find_records(new_client(make, "dynamodb"), table, message_ids)
    return {key for key, record in records.items() if record.discarded_at or record.letter_discarded_at}


def _quarantined(make: Callable[..., Any], stack: ForwarderStack) -> list[HeldMail]:
    listed = dict(objects.list_objects(new_client(make, "s3"), stack.mail_bucket, QUARANTINE_PREFIX))
    mails = {key: stored for key, stored in listed.items() if not key.endswith(_NOTICE)}
    known = api.find_records(new_client(make, "dynamodb"), stack.delivery_table, mails)
    found = (model.of_quarantine(key, stored, known.get(key), stack.mail_days) for key, stored in mails.items())
    return [one for one in found if one]


def _failed(make: Callable[..., Any], stack: ForwarderStack, wanted: Filters) -> tuple[list[HeldMail], int]:
    """Return what is among the dead letters, each mail once for each kind, and how many messages others had."""
    queues = [output for output, (kind, _reason) in _QUEUES.items() if output in stack.outputs and kind in wanted.kinds]
    with ThreadPoolExecutor(max(len(queues), 1)) as pool:
        # A client for each: it has no more connections at a time than one look at a queue takes.
        looks = [pool.submit(_look, new_client(make, "sqs"), stack, output) for output in queues]
        seen = [look.result() for look in looks]
    letters = {(one.kind, one.message_id): (one, key) for found, _missing in seen for one, key in found}
    ids = [one.message_id for one, _key in letters.values() if one.kind == model.FAILED]
    known = api.find_records(new_client(make, "dynamodb"), stack.delivery_table, ids)
    keys = {key for _one, key in letters.values() if key}
    stored = objects.find_objects(new_client(make, "s3"), stack.mail_bucket, MAIL_PREFIX, keys)
    failed = [_completed(one, key, known, stored, stack) for one, key in letters.values()]
    return failed, sum(missing for _found, missing in seen)


def _look(sqs: Any, stack: ForwarderStack, output: str) -> tuple[list[tuple[HeldMail, str | None]], int]:
    """Return what the messages of a queue are about, each with the key of its mail, and how many others had."""
    url = stack.outputs[output]
    place = model.Place(url, *_QUEUES[output], api.retention_seconds(sqs, url))
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
