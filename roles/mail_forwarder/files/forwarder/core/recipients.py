# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who gets a copy: decided by the envelope and the map, never by what the mail says of itself."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from ansible_collections.account_factory.email.plugins.module_utils import _address as address
from ansible_collections.account_factory.email.plugins.module_utils import _probe_mail as probe_mail
from ansible_collections.account_factory.email.plugins.module_utils import _record as record
from ansible_collections.account_factory.email.plugins.module_utils._owner_group import (
    OwnerGroup,
    each_once,
    members_of,
)
from ansible_collections.account_factory.email.plugins.module_utils._vended_domain import VendedDomain
from forwarder.core.outcomes import Reason
from forwarder.core.settings import Settings


class Standing(StrEnum):
    """What an address is to us, which decides where its mail goes."""

    OWNER = "owner"
    UNKNOWN = "unknown"
    RETIRED = "retired"
    SUSPENDED = "suspended"
    RESERVED = "reserved"
    OWN_ADDRESS = "own-address"
    PROBE = "probe"

    @property
    def is_in_map(self) -> bool:
        """Whether the address was vended, and so is no stranger's words."""
        return self in (Standing.OWNER, Standing.RETIRED, Standing.SUSPENDED)


@dataclass(frozen=True)
class Found:
    """What the map has for a recipient: of its domain, and the address that it leads to with its record, if any.

    ``groups`` are those that the record names and that the map has, by their ids; ``domains`` all that are vended in,
    where there are any groups.
    """

    domain: VendedDomain
    address: str = ""
    vended: record.AddressRecord | None = None
    groups: Mapping[str, OwnerGroup] = field(default_factory=dict)
    domains: Collection[str] = ()


# Takes the forms of one recipient in the order in which they count (see address.lookup_keys), and looks them up.
LookUp = Callable[[Sequence[str]], Found]


class RecordError(ValueError):
    """A record of the map that nobody can deliver by; the text names its address."""


@dataclass(frozen=True)
class Resolution:
    """What an envelope recipient comes to: an address, its standing, and the mailboxes to send to (none: dropped).

    ``fallbacks`` are those to send to in the place of a mailbox that cannot be reached: one tier after another, each
    only where nobody of those before is left. ``contact`` is the kind of contact that the mailboxes are, None for
    owners; the owners are then the first tier. ``empty_groups`` are the ids of its groups of owners of whom no member
    gets mail.
    """

    recipient: str
    address: str
    standing: Standing
    mailboxes: tuple[str, ...]
    fallbacks: tuple[tuple[str, ...], ...] = ()
    contact: str | None = None
    empty_groups: tuple[str, ...] = ()

    def delivery_to(self, mailbox: str, instead: Instead | None = None) -> Delivery:
        """Return the delivery of this recipient's mail to a mailbox, in the place of another one or its own."""
        return Delivery(self.recipient, self.address, mailbox, self.standing, instead, self.contact)

    @property
    def is_probe(self) -> bool:
        """Whether the address is the probe's, whose mail is no person's whatever becomes of it (see probing.py)."""
        return self.standing is Standing.PROBE


@dataclass(frozen=True)
class Instead:
    """The mailbox that should have got a mail, why it does not, and what its mail server says."""

    mailbox: str
    reason: Reason
    diagnostic: str | None = None


@dataclass(frozen=True)
class Delivery:
    """One copy to send: for which address, to whom, on what standing, in whose place, and for which kind of contact."""

    recipient: str
    address: str
    mailbox: str
    standing: Standing
    instead: Instead | None = None
    contact: str | None = None

    @property
    def shown_address(self) -> str:
        """The address that people see a mail is for: of a contact with its kind, as AWS wrote to it."""
        if self.contact is None:
            return self.address
        local_part, domain = address.split(self.address)
        return f"{local_part}+{self.contact}@{domain}"


def resolve(recipient: str, look_up: LookUp, settings: Settings) -> Resolution:
    """Return what one envelope recipient comes to; raise RecordError where the map does not say who is to have it."""
    try:
        keys = address.lookup_keys(recipient)
    except address.AddressError:
        return _not_an_owners(recipient, recipient.strip().lower(), Standing.UNKNOWN, VendedDomain(), settings)
    found = look_up(keys)
    if address.normalise(settings.from_address) in keys:
        return _not_an_owners(recipient, keys[0], Standing.OWN_ADDRESS, found.domain, settings)
    if found.vended is not None:
        if probe_mail.is_probe_record(found.vended):
            return Resolution(recipient, found.address, Standing.PROBE, probe_mail.simulators(found.vended))
        return _of_record(recipient, keys, found, found.vended, settings)
    if probe_mail.probe_id_of(recipient):
        # The address is not vended (any more). A mail of the probe is no person's all the same; other mail is as any
        # that is for an unknown address.
        return Resolution(recipient, keys[-1], Standing.PROBE, ())
    is_reserved = address.split(keys[-1])[0] in address.RESERVED_LOCAL_PARTS
    standing = Standing.RESERVED if is_reserved else Standing.UNKNOWN
    return _not_an_owners(recipient, keys[0], standing, found.domain, settings)


def admin_of(whole_address: str, look_up: LookUp, settings: Settings) -> str:
    """Return who gets the mail of an address that nobody else gets: the admin of its domain, else the forwarder's."""
    try:
        keys = address.lookup_keys(whole_address)
    except address.AddressError:
        return settings.admin_address
    return look_up(keys).domain.admin_address or settings.admin_address


def _of_record(
    recipient: str, keys: Sequence[str], found: Found, vended: record.AddressRecord, settings: Settings
) -> Resolution:
    key, domain = found.address, found.domain
    if vended.status == record.RETIRED:
        return _not_an_owners(recipient, key, Standing.RETIRED, domain, settings)
    if not vended.forwarding:
        return _not_an_owners(recipient, key, Standing.SUSPENDED, domain, settings)
    if not vended.owners and not vended.owner_groups:
        raise RecordError(f"the map's record of {key} has no owners: give it one with vended_address")
    admin = domain.admin_address or settings.admin_address
    kind = vended.contact_kind(keys[0])
    contacts = vended.contacts[kind] if kind else ()
    tiers = (contacts, _owners(found, vended), vended.fallback_owners, domain.fallback_owners, settings.fallback_owners)
    # A group without members loses no mail: it goes to the owners beside it, else to the first that there are.
    mailboxes, *fallbacks = (tier for tier in (*tiers, (admin,)) if tier)
    if contacts:
        return Resolution(recipient, key, Standing.OWNER, mailboxes, tuple(fallbacks), kind)
    empty = tuple(group for group in vended.owner_groups if not _members((group,), found))
    return Resolution(recipient, key, Standing.OWNER, mailboxes, tuple(fallbacks), empty_groups=empty)


def _owners(found: Found, vended: record.AddressRecord) -> tuple[str, ...]:
    """Return the owners and then the members of the groups, each once."""
    return each_once((*vended.owners, *_members(vended.owner_groups, found)))


def _members(group_ids: Iterable[str], found: Found) -> tuple[str, ...]:
    """Return the members that get mail: one in a domain that was vended later than its group was read would loop."""
    members = members_of(group_ids, found.groups)
    return tuple(one for one in members if one.rpartition("@")[2].lower() not in found.domains)


def _not_an_owners(
    recipient: str, whole_address: str, standing: Standing, domain: VendedDomain, settings: Settings
) -> Resolution:
    catch_all = settings.catch_all if domain.catch_all is None else domain.catch_all
    mailboxes = (domain.admin_address or settings.admin_address,) if catch_all else ()
    return Resolution(recipient, whole_address, standing, mailboxes)


def deliveries(resolutions: list[Resolution]) -> list[Delivery]:
    """Return one delivery for each address and mailbox, in order: recipients that come to the same address share it."""
    return unique(one.delivery_to(mailbox) for one in resolutions for mailbox in one.mailboxes)


def unique(found: Iterable[Delivery]) -> list[Delivery]:
    """Return the first delivery for each address and mailbox."""
    first: dict[tuple[str, str], Delivery] = {}
    for one in found:
        first.setdefault((one.address, one.mailbox.lower()), one)
    return list(first.values())


def in_place_of(
    resolution: Resolution, reached: Collection[str], failed: Collection[str], failing: Collection[str]
) -> tuple[str, ...] | None:
    """Return the mailboxes that are to get a mail in the place of one that failed: none where somebody has got it so,
    None where nobody is left.

    All in lower case: ``reached`` were sent this mail and nothing came back, ``failed`` could not be reached with it,
    ``failing`` could not be with an earlier one. First come the owners that have not been sent it, then each tier of
    fallbacks, of which one that was reached is enough. The last tier is tried whatever became of an earlier mail.
    """
    owners = tuple(one for one in resolution.mailboxes if one.lower() not in {*reached, *failed, *failing})
    if owners:
        return owners
    if not resolution.fallbacks and any(one.lower() in reached for one in resolution.mailboxes):
        # The address is nobody's any more, and whom its mail goes to has got it.
        return ()
    for number, tier in enumerate(resolution.fallbacks, 1):
        gone = {*failed} if number == len(resolution.fallbacks) else {*failed, *failing}
        usable = tuple(one for one in tier if one.lower() not in gone)
        if any(one.lower() in reached for one in usable):
            return ()
        if usable:
            return usable
    return None
