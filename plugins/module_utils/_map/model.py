# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be asked of the map and what a record becomes: pure, standard library only, nothing here calls AWS."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._tags import checked_tags

from . import address as addresses
from .record import ACTIVE, RETIRED, AddressRecord, Stamp

REQUEST_ID_MAX = 256
_ACCOUNT_ID = re.compile(r"[0-9]{12}")
# AWS Organizations API Reference, CreateAccountStatus, Id.
_CREATE_ACCOUNT_REQUEST_ID = re.compile(r"car-[a-z0-9]{8,32}")
# No "+": what follows it in a mail's recipient is a tag, and would make the mail another account's.
_NAME_PREFIX = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9_-])?")


@dataclass(frozen=True)
class VendRequest:
    """A request for a new address, checked and normalised by ``vend_request``."""

    request_id: str
    name_prefix: str
    domain: str
    owners: tuple[str, ...]
    account_type: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    counter_length: int = 3

    def asked(self) -> dict[str, Any]:
        """Return what makes this request itself; kept beside its request id to recognise it when it comes again."""
        return {
            "name_prefix": self.name_prefix,
            "domain": self.domain,
            "owners": list(self.owners),
            "account_type": self.account_type,
            "tags": dict(self.tags),
        }

    def record(self, number: int, stamp: Stamp) -> AddressRecord:
        """Return the record of this request with that number of its series; InputError where AWS would refuse it."""
        account_name = f"{self.name_prefix}-{number:0{self.counter_length}d}"
        try:
            addresses.check_account_name(account_name)
            address = addresses.check_account_email(f"{account_name}@{self.domain}")
        except addresses.AddressError as error:
            raise InputError(
                f"name_prefix: {self.name_prefix!r} makes no legal account: {error}. {self._fit()}"
            ) from error
        return AddressRecord(
            address=address,
            account_name=account_name,
            domain=self.domain,
            owners=self.owners,
            account_type=self.account_type,
            tags=self.tags,
            request_id=self.request_id,
            series=self.name_prefix,
            number=number,
            created_at=stamp.at,
            created_by=stamp.by,
            updated_at=stamp.at,
            updated_by=stamp.by,
        )

    def _fit(self) -> str:
        longest = min(addresses.ACCOUNT_NAME_MAX, addresses.ACCOUNT_EMAIL_MAX - 1 - len(self.domain))
        room = max(0, longest - 1 - self.counter_length)
        return f"Use at most {room} letters, digits, hyphens and inner dots"


@dataclass(frozen=True)
class Edit:
    """A change to one record, checked and normalised by ``edit``; a field that is None is not touched."""

    address: str
    owners: tuple[str, ...] | None = None
    account_type: str | None = None
    tags: Mapping[str, str] | None = None
    purge_tags: bool = True
    account_id: str | None = None
    create_account_request_id: str | None = None


def vend_request(options: Mapping[str, Any], vended_domains: Collection[str]) -> VendRequest:
    """Return the request that a task's options make; raise InputError naming the option that cannot work."""
    if not 1 <= options["counter_length"] <= 10:
        raise InputError(f"counter_length: {options['counter_length']} is not between 1 and 10")
    if not _NAME_PREFIX.fullmatch(options["name_prefix"]):
        raise InputError(
            f"name_prefix: {options['name_prefix']!r} makes no legal account; use ASCII letters, digits, hyphens,"
            " underscores and inner dots, with a letter or digit first"
        )
    return VendRequest(
        request_id=_request_id(options["request_id"]),
        name_prefix=options["name_prefix"],
        domain=_vended_domain(options["domain"], vended_domains),
        owners=_owners(options["owners"] or [], vended_domains),
        account_type=_account_type(options["account_type"]),
        tags=checked_tags(options["tags"] or {}),
        counter_length=options["counter_length"],
    )


def edit(options: Mapping[str, Any], vended_domains: Collection[str]) -> Edit:
    """Return the edit that a task's options make; raise InputError naming the option that cannot work."""
    try:
        address = addresses.normalise(options["address"])
    except addresses.AddressError as error:
        raise InputError(f"address: {error}") from error
    account_id, request_id = options["account_id"], options["create_account_request_id"]
    if account_id is not None and not _ACCOUNT_ID.fullmatch(account_id):
        raise InputError(f"account_id: {account_id!r} is not an AWS account id; give its 12 digits in quotes")
    if request_id is not None and not _CREATE_ACCOUNT_REQUEST_ID.fullmatch(request_id):
        raise InputError(
            f"create_account_request_id: {request_id!r} is not the id of an account's creation; give 'car-' and what"
            " follows it, as AWS Organizations returned it"
        )
    domains = {*vended_domains, addresses.split(address)[1]}
    return Edit(
        address=address,
        owners=None if options["owners"] is None else _owners(options["owners"], domains),
        account_type=_account_type(options["account_type"]),
        tags=None if options["tags"] is None else checked_tags(options["tags"]),
        purge_tags=options["purge_tags"],
        account_id=account_id,
        create_account_request_id=request_id,
    )


def check_same_request(request: VendRequest, asked: Mapping[str, Any], record: AddressRecord) -> None:
    """Raise InputError where a request id comes back with another request than the one that it was first used for.

    A field counts as the same where it is what was asked for at first or what the record holds today, so that a play
    may be run again both after an edit that it does not know of and after the edit was written into it.
    """
    holds = {**record.to_dict(), "name_prefix": record.series}
    differences = [
        f"{name} was {asked.get(name)!r} and is {value!r} here"
        for name, value in request.asked().items()
        if _comparable(value) not in (_comparable(asked.get(name)), _comparable(holds[name]))
    ]
    if differences:
        raise InputError(
            f"request_id: {request.request_id!r} was used for another request, which got {record.address}:"
            f" {'; '.join(differences)}. Use a new request_id for a new address, or change this one by its address"
        )


def apply_edit(record: AddressRecord, change: Edit, stamp: Stamp) -> AddressRecord:
    """Return the record as the edit leaves it: the same object where nothing changes, else a new version."""
    if record.status == RETIRED:
        raise InputError(f"address: {record.address} is retired; what it was is kept as it is")
    wanted: dict[str, Any] = {
        name: value
        for name in ("owners", "account_type", "account_id", "create_account_request_id")
        if (value := getattr(change, name)) is not None
    }
    if change.tags is not None:
        wanted["tags"] = dict(change.tags) if change.purge_tags else {**record.tags, **change.tags}
    if change.account_id is not None:
        if record.account_id not in (None, change.account_id):
            raise InputError(
                f"account_id: {record.address} belongs to account {record.account_id} for life; it cannot be given to"
                f" {change.account_id}. Vend a new address for that account"
            )
        wanted["status"] = ACTIVE
    edited = replace(record, **wanted)
    if edited == record:
        return record
    return replace(edited, updated_at=stamp.at, updated_by=stamp.by, version=record.version + 1)


def touched(record: AddressRecord, change: Edit) -> dict[str, Any]:
    """Return the record's values of the fields that the edit sets, to tell whether somebody else changed them."""
    names = ("owners", "account_type", "tags", "account_id", "create_account_request_id")
    return {name: getattr(record, name) for name in names if getattr(change, name) is not None}


def _comparable(value: Any) -> Any:
    """Return the value in a form in which order and letter case of owners, and the case of a prefix, do not count."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return sorted(str(entry).lower() for entry in value)
    return value.lower() if isinstance(value, str) else value


def _request_id(request_id: str) -> str:
    # Two ways of writing the same letters are the same request.
    text = unicodedata.normalize("NFC", request_id.strip())
    if not 1 <= len(text) <= REQUEST_ID_MAX:
        raise InputError(
            f"request_id: has {len(text)} characters; give 1 to {REQUEST_ID_MAX}, a ticket number for example"
        )
    return text


def _account_type(account_type: str | None) -> str | None:
    if account_type is not None and not account_type.strip():
        raise InputError("account_type: is empty; leave it away, or say what kind of account it is")
    return account_type


def _vended_domain(domain: str, vended_domains: Collection[str]) -> str:
    try:
        normalised = addresses.normalise_domain(domain)
    except addresses.AddressError as error:
        raise InputError(f"domain: {error}") from error
    if normalised not in vended_domains:
        known = ", ".join(sorted(vended_domains)) or "no domain yet"
        raise InputError(
            f"domain: nobody forwards mail of {normalised!r} for this map, which has {known}. Deploy the forwarder for"
            " it with the role mail_forwarder first, or see the module vended_domain"
        )
    return normalised


def _owners(owners: Sequence[str], vended_domains: Collection[str]) -> tuple[str, ...]:
    """Return the owners' addresses, each once, in the order given."""
    if not owners:
        raise InputError("owners: is empty; an address needs at least one owner, or nobody would get its mail")
    kept: dict[str, str] = {}
    for index, owner in enumerate(owners):
        try:
            address = addresses.normalise_owner(owner)
        except addresses.AddressError as error:
            raise InputError(f"owners[{index}]: {error}") from error
        domain = addresses.split(address)[1]
        if domain in vended_domains:
            raise InputError(
                f"owners[{index}]: {address!r} lies in the vended domain {domain!r}, so its mail would come back to the"
                " forwarder for ever; give a mailbox in another domain"
            )
        kept.setdefault(address.lower(), address)
    return tuple(kept.values())
