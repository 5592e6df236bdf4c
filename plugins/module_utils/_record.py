# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shape of the map's records and the keys they live under.

Pure, standard library only: the forwarder's code package carries a copy of this file under the same import path.

The map is one DynamoDB table whose partition key ``pk`` (a string) is the only key. Beside the address records it holds
the items that make account names, request ids and account ids unique, the series' counters and the vended domains.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any

PARTITION_KEY = "pk"
DOMAINS_KEY = "DOMAINS"

# The life of an address: given out, its account's id known, tombstone.
VENDED = "vended"
ACTIVE = "active"
RETIRED = "retired"

# Whom AWS writes to beside the root user (Account Management API Reference, AlternateContactType), as the tags of an
# address: mail to name+billing@ is for the billing contact of name@.
CONTACT_KINDS = ("billing", "operations", "security")

# The attribute of a record by which DynamoDB itself finds an owner in any case: the owners as ``given`` and ``folded``.
# In the record's own item, because an item per owner would hold a team's thousands of addresses: 400 KB at most, and
# transactions on one item cancel each other.
OWNER_SEARCH = "owner_search"


def address_key(address: str) -> str:
    """Return the key of an address record; the address is normalised already (see address.normalise)."""
    return f"ADDRESS#{address}"


def name_key(account_name: str) -> str:
    """Return the key of the item that makes an account name unique, whatever its case."""
    return f"NAME#{account_name.lower()}"


def request_key(request_id: str) -> str:
    """Return the key of the item that makes a request id unique."""
    return f"REQUEST#{request_id}"


def account_key(account_id: str) -> str:
    """Return the key of the item that makes an account's id unique."""
    return f"ACCOUNT#{account_id}"


def series_key(series: str) -> str:
    """Return the key of a series' counter; series are told apart whatever their case, as addresses are."""
    return f"SERIES#{series.lower()}"


def vended_domains(item: Mapping[str, Any] | None) -> dict[str, str | None]:
    """Return the domains that the item under DOMAINS_KEY names, each with the forwarder's address if that is known."""
    domains = {domain: value for domain, value in (item or {}).items() if domain != PARTITION_KEY}
    return {domain: value.get("forwarder_address") for domain, value in domains.items()}


@dataclass(frozen=True)
class Stamp:
    """When (UTC, ISO 8601) and by whom (caller ARN, or ``unproven:`` and what was said) a record is written."""

    at: str
    by: str


@dataclass(frozen=True)
class AddressRecord:
    """One vended address. Times are UTC in ISO 8601, ``*_by`` are caller ARNs, ``version`` counts writes from 1.

    ``owner_groups`` are the ids of groups whose members own it beside ``owners`` (see _owner_group.py).
    ``fallback_owners`` get its mail where it cannot be delivered to any of both. ``forwarding`` is whether its
    owners get its mail for the time being. ``contacts`` get the mail that comes for it with their kind as the tag, one
    of CONTACT_KINDS; a kind that is not there is the owners'. ``owners_since`` is since when each of all these has been
    one, without those of whom a record of an earlier release does not tell it, and without members of groups.
    """

    address: str
    account_name: str
    domain: str
    owners: tuple[str, ...]
    status: str = VENDED
    forwarding: bool = True
    fallback_owners: tuple[str, ...] = ()
    contacts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    owner_groups: tuple[str, ...] = ()
    owners_since: Mapping[str, str] = field(default_factory=dict)
    account_id: str | None = None
    account_type: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    request_id: str | None = None
    series: str | None = None
    number: int | None = None
    create_account_request_id: str | None = None
    created_at: str = ""
    created_by: str = ""
    updated_at: str = ""
    updated_by: str = ""
    version: int = 1

    def to_dict(self) -> dict[str, Any]:
        """Return the record as plain JSON types, every field present."""
        # vars() rather than asdict(), which copies every value of tens of thousands of records.
        lists = {name: list(getattr(self, name)) for name in LISTS}
        mappings = {name: dict(getattr(self, name)) for name in MAPPINGS}
        contacts = {kind: list(mailboxes) for kind, mailboxes in self.contacts.items()}
        return {**vars(self), **lists, **mappings, "contacts": contacts}

    @property
    def mailboxes(self) -> tuple[str, ...]:
        """Return all that are to get its mail, be it at once, where nobody else can, or as a contact."""
        return (*self.owners, *self.fallback_owners, *self.contact_mailboxes)

    @property
    def contact_mailboxes(self) -> tuple[str, ...]:
        """Return the mailboxes of all its contacts, each once."""
        return tuple(dict.fromkeys(one for mailboxes in self.contacts.values() for one in mailboxes))

    def contact_kind(self, recipient: str) -> str | None:
        """Return the kind of contact that gets the mail of a normalised recipient, None where the owners get it."""
        local_part, _at, domain = self.address.rpartition("@")
        kinds = (kind for kind in CONTACT_KINDS if recipient == f"{local_part}+{kind}@{domain}")
        return next((kind for kind in kinds if self.contacts.get(kind)), None)

    def has_mailbox(self, mailbox: str) -> bool:
        """Return whether a mailbox, given in lower case, is among the owners, fallback owners or contacts."""
        return any(mailbox == one.lower() for one in self.mailboxes)

    def owner_since(self, mailbox: str) -> str | None:
        """Return since when a mailbox has been among those who get its mail, None where that is not known."""
        written_once = self.created_at if self.version == 1 else None
        return self.owners_since.get(mailbox, written_once)

    def folded_owners(self) -> list[str]:
        """Return the owners in lower case, in which they are compared."""
        return [owner.lower() for owner in self.owners]

    def to_item(self) -> dict[str, Any]:
        """Return the record as a DynamoDB item of Python values; a field that is not set has no attribute."""
        item = {name: value for name, value in self.to_dict().items() if value is not None}
        for name in (*OPTIONAL_LISTS, "contacts"):
            if not item[name]:
                del item[name]
        search = {"given": list(self.owners), "folded": self.folded_owners()}
        return {PARTITION_KEY: address_key(self.address), **item, OWNER_SEARCH: search}

    @classmethod
    def from_item(cls, item: Mapping[str, Any]) -> AddressRecord:
        """Return the record that an item of Python values holds; attributes that are not ours are left alone."""
        values = {name: item[name] for name in RECORD_FIELDS if name in item}
        for number in ("number", "version"):
            if values.get(number) is not None:
                values[number] = int(values[number])
        values.update({name: tuple(values[name]) for name in LISTS if name in values})
        mappings = {name: dict(values.get(name, {})) for name in MAPPINGS}
        contacts = {kind: tuple(mailboxes) for kind, mailboxes in mappings["contacts"].items()}
        return cls(**{**values, **mappings, "contacts": contacts})


RECORD_FIELDS = tuple(each.name for each in fields(AddressRecord))
LISTS = tuple(each.name for each in fields(AddressRecord) if str(each.type).startswith("tuple"))
MAPPINGS = tuple(each.name for each in fields(AddressRecord) if str(each.type).startswith("Mapping"))
OPTIONAL_LISTS = tuple(each.name for each in fields(AddressRecord) if each.default == ())


def merged_contacts(
    present: Mapping[str, tuple[str, ...]], given: Mapping[str, tuple[str, ...]]
) -> dict[str, tuple[str, ...]]:
    """Return the contacts that are there with the kinds given in their places; a kind without mailboxes is none."""
    merged = {**present, **given}
    return {kind: mailboxes for kind, mailboxes in merged.items() if mailboxes}


def default_of(name: str) -> Any:
    """Return what a field of a record holds where nothing is said of it."""
    declared = next(each for each in fields(AddressRecord) if each.name == name)
    if declared.default_factory is not MISSING:
        return declared.default_factory()
    return None if declared.default is MISSING else declared.default
