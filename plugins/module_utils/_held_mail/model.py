# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail that is held: in quarantine, or among the dead letters. Pure, standard library only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta, timezone
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._address import AddressError, lookup_keys
from ansible_collections.account_factory.email.plugins.module_utils._dead_letters import Content, DeadLetter
from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._mail_record import MailRecord
from ansible_collections.account_factory.email.plugins.module_utils._map.fields import (
    checked_lookup_keys,
    checked_mailbox,
)
from ansible_collections.account_factory.email.plugins.module_utils._moments import (
    check_period,
    moment_text,
    read_moment,
)
from ansible_collections.account_factory.email.plugins.module_utils._notice import is_message_id
from ansible_collections.account_factory.email.plugins.module_utils._record import AddressRecord, address_key
from ansible_collections.account_factory.email.plugins.module_utils._safe_text import printable
from ansible_collections.account_factory.email.plugins.module_utils._times import utc_text

# Held back by its verdicts; not forwarded, however often that was tried; an event of SES's that nobody could follow up.
QUARANTINED, FAILED, EVENT = "quarantined", "failed", "event"
KINDS = (QUARANTINED, FAILED, EVENT)
# Why a mail failed: its tries were used up; SNS could not hand it over; it is nothing that SES tells.
NOT_FORWARDED, NOT_QUEUED, UNREADABLE = "not-forwarded", "not-queued", "unreadable"


@dataclass(frozen=True)
class StoredMail:
    """An object of the mail bucket: its size in bytes, and when it was last written."""

    size: int
    written_at: datetime


@dataclass(frozen=True)
class HeldMail:
    """One mail that is held. Times are UTC in ISO 8601; what is None is not known.

    ``recipients`` are those of the envelope, ``addresses`` what they come to in the map, and ``owners`` whose mail that
    is. ``is_kept`` is whether the bucket still has the mail.
    """

    message_id: str
    kind: str
    reason: str | None = None
    recipients: tuple[str, ...] = ()
    sender: str | None = None
    size: int | None = None
    received_at: str | None = None
    expires_at: str | None = None
    is_kept: bool = True
    tries: int | None = None
    error: str | None = None
    addresses: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return it as modules do: safe to be printed, and without the recipients as they were written."""
        shown = {name: value for name, value in vars(self).items() if name != "recipients"}
        texts = {name: printable(value) if isinstance(value, str) else value for name, value in shown.items()}
        lists = {name: [printable(one) or "" for one in shown[name]] for name in ("addresses", "owners")}
        return {**texts, **lists, "sender": "" if self.sender == "" else texts["sender"]}


@dataclass(frozen=True)
class Filters:
    """Which mail is asked for: all that is said here. Addresses and mailboxes are in lower case."""

    message_ids: tuple[str, ...] | None = None
    addresses: tuple[str, ...] | None = None
    owner: str | None = None
    reasons: tuple[str, ...] | None = None
    kinds: tuple[str, ...] = KINDS
    older_than: timedelta | None = None
    newer_than: timedelta | None = None

    def matches(self, held: HeldMail, now: datetime) -> bool:
        return (
            held.kind in self.kinds
            and (self.message_ids is None or held.message_id in self.message_ids)
            and (self.reasons is None or held.reason in self.reasons)
            and (self.addresses is None or not {*self.addresses}.isdisjoint(held.addresses))
            and (self.owner is None or self.owner in {owner.lower() for owner in held.owners})
            and self._is_of_age(held, now)
        )

    def _is_of_age(self, held: HeldMail, now: datetime) -> bool:
        if self.older_than is None and self.newer_than is None:
            return True
        if held.received_at is None:
            return False
        received = read_moment(held.received_at)
        return (self.older_than is None or received <= now - self.older_than) and (
            self.newer_than is None or received >= now - self.newer_than
        )


def build_filters(options: Mapping[str, Any]) -> Filters:
    """Return what options ask for; raise InputError naming the one that nothing can match."""
    address, owner = options["address"], options["owner"]
    older, newer = (check_period(name, options[name]) for name in ("older_than", "newer_than"))
    if older is not None and newer is not None and older >= newer:
        raise InputError("older_than: is not less than newer_than, so that no mail can be both")
    return Filters(
        message_ids=check_ids("message_ids", options["message_ids"]),
        addresses=checked_lookup_keys(address) if address is not None else None,
        owner=checked_mailbox("owner", owner).lower() if owner is not None else None,
        reasons=tuple(options["reasons"]) if options["reasons"] is not None else None,
        kinds=tuple(options["kinds"] or KINDS),
        older_than=older,
        newer_than=newer,
    )


def check_ids(option: str, given: Iterable[str] | None) -> tuple[str, ...] | None:
    """Return ids of messages, each once; raise InputError for what can be none."""
    if given is None:
        return None
    ids = tuple(dict.fromkeys(one.strip() for one in given))
    for one in ids:
        if not is_message_id(one):
            raise InputError(f"{option}: {one!r} is not the id of a message; list_held_mail shows the ids")
    return ids


def of_quarantine(
    message_id: str, stored: StoredMail, record: MailRecord | None, mail_days: int | None
) -> HeldMail | None:
    """Return a mail of the quarantine, None where a person has decided about it."""
    if record is not None and not record.is_quarantined:
        return None
    known = record or MailRecord(message_id)
    return HeldMail(
        message_id,
        QUARANTINED,
        reason=known.reason,
        recipients=known.recipients,
        sender=known.sender,
        size=known.size if known.size is not None else stored.size,
        received_at=moment_text(known.received_at) or utc_text(stored.written_at),
        expires_at=_text(expiry(stored.written_at, mail_days)),
    )


@dataclass(frozen=True)
class Place:
    """A dead-letter queue: of which kind its messages are, why they are there, and for how long it keeps each.

    The seconds begin when a message was first sent to a queue.
    """

    url: str
    kind: str
    reason: str
    keep_seconds: int


def of_dead_letter(letter: DeadLetter, content: Content, place: Place) -> HeldMail:
    """Return what a dead letter is about, as far as it says so itself."""
    gone_at = datetime.fromtimestamp(letter.sent_at + place.keep_seconds, timezone.utc)
    held = HeldMail(
        content.message_id,
        place.kind,
        reason=UNREADABLE,
        received_at=utc_text(datetime.fromtimestamp(letter.sent_at, timezone.utc)),
        expires_at=utc_text(gone_at),
        error=content.problem,
    )
    if content.event:
        delivery = content.event.delivery
        return replace(
            held,
            kind=EVENT,
            reason=content.event.event_type.lower().replace(" ", "-"),
            recipients=(delivery.address,) if delivery else (),
            error=f"{content.event.event_type} of what was sent to {delivery.mailbox}" if delivery else None,
        )
    if content.notice:
        notice = content.notice
        return replace(
            held,
            kind=FAILED,
            reason=place.reason,
            recipients=notice.recipients,
            sender=notice.sender,
            received_at=moment_text(notice.received_at) or held.received_at,
        )
    return held


def with_object(held: HeldMail, stored: StoredMail | None, mail_days: int | None) -> HeldMail:
    """Return a failed mail with what is known of the object that it lies in, None where there is none any more."""
    if stored is None:
        return replace(held, is_kept=False)
    gone_at = _text(expiry(stored.written_at, mail_days))
    ends = [one for one in (held.expires_at, gone_at) if one]
    return replace(held, size=stored.size, expires_at=min(ends, default=None))


def with_record(held: HeldMail, record: MailRecord | None) -> HeldMail:
    """Return a failed mail with what the forwarder recorded when it last tried."""
    return held if record is None else replace(held, tries=record.tries, error=record.error or held.error)


def keys_of(recipient: str) -> tuple[str, ...]:
    """Return the keys of the map under which a recipient may be found, the most specific first."""
    try:
        return tuple(lookup_keys(recipient))
    except AddressError:
        return ()


def with_owners(held: HeldMail, records: Mapping[str, AddressRecord]) -> HeldMail:
    """Return a mail with the addresses of the map that it is for, and their owners; ``records`` are by their keys.

    Of mail for a contact, those are the contacts.
    """
    addresses: dict[str, None] = {}
    owners: dict[str, None] = {}
    for recipient in held.recipients:
        keys = keys_of(recipient)
        found = next((records[address_key(key)] for key in keys if address_key(key) in records), None)
        addresses[found.address if found else (keys[0] if keys else recipient)] = None
        kind = found.contact_kind(keys[0]) if found else None
        owners.update(dict.fromkeys((found.contacts[kind] if kind else found.owners) if found else ()))
    return replace(held, addresses=tuple(addresses), owners=tuple(owners))


def newest_first(found: Iterable[HeldMail]) -> list[HeldMail]:
    """Return mail in the order in which people look at it; the ids decide where the times are the same."""
    by_id = sorted(found, key=lambda one: (one.message_id, one.kind))
    return sorted(by_id, key=lambda one: one.received_at or "", reverse=True)


def counts(found: Iterable[HeldMail]) -> dict[str, int]:
    """Return how much is held of each kind."""
    counted = Counter(one.kind for one in found)
    return {kind: counted[kind] for kind in KINDS}


def expiry(written_at: datetime, mail_days: int | None) -> datetime | None:
    """Return when the bucket lets go of an object, None for never.

    Amazon S3 User Guide, "Lifecycle rules based on an object's age": the days are added to the time of its creation,
    and the sum is rounded up to the next midnight in UTC.
    """
    if mail_days is None:
        return None
    try:
        day = (written_at.astimezone(timezone.utc) + timedelta(days=mail_days)).date()
        return datetime.combine(day + timedelta(days=1), time(), timezone.utc)
    except OverflowError:
        # Later than any date that can be written.
        return None


def _text(moment: datetime | None) -> str | None:
    return utc_text(moment) if moment else None
