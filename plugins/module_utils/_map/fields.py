# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fields of a record as options give them: each said once, with its type, its check and what may be done with it.

Argument specifications, requests, edits, searches and the columns of a file all derive from ``FIELDS``. Pure; what is
refused is an InputError that names the option.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils import _address as addresses
from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._owner_group import normalise_group_id
from ansible_collections.account_factory.email.plugins.module_utils._record import ACTIVE, CONTACT_KINDS, VENDED
from ansible_collections.account_factory.email.plugins.module_utils._tags import checked_tags
from ansible_collections.account_factory.email.plugins.module_utils._text import (
    ACCOUNT_ID_TYPE,
    CREATE_ACCOUNT_REQUEST_ID,
    TEXT_TYPE,
    checked_account_id,
)

REQUEST_ID_MAX = 256


@dataclass(frozen=True)
class Field:
    """A field of a record that an option of the same name gives.

    ``spec`` is the option's specification. ``check`` returns a value as the record holds it. ``requested``: the field
    is part of what an address is vended with, and of what its request is known by. ``mendable``: a request that comes
    again may change it while no account has the address. ``edited``: an edit by address may set it. ``searched`` is the
    option that finds records by it, if there is one. ``is_mailboxes``: the field names mailboxes, in one list or in one
    for each kind; they must not lie in a vended domain, and one of them finds the record. ``is_groups``: it is a list
    of ids of groups of owners, of which one finds the record.
    """

    name: str
    spec: Mapping[str, Any]
    check: Callable[[Any], Any]
    requested: bool = False
    mendable: bool = False
    edited: bool = False
    searched: str | None = None
    is_mailboxes: bool = False
    is_groups: bool = False

    @property
    def is_searched_by_one(self) -> bool:
        """Whether the option that searches it takes one of its entries."""
        return self.is_mailboxes or self.is_groups


def checked_address(address: str, option: str = "address") -> str:
    """Return the address in the form that is its key."""
    try:
        return addresses.normalise(address)
    except addresses.AddressError as error:
        raise InputError(f"{option}: {error}") from error


def checked_lookup_keys(address: str, option: str = "address") -> tuple[str, ...]:
    """Return the forms in which an address may be a key, as the forwarder looks it up: the most specific first."""
    try:
        return addresses.lookup_keys(address)
    except addresses.AddressError as error:
        raise InputError(f"{option}: {error}") from error


def checked_domain(domain: str) -> str:
    """Return the domain, normalised."""
    try:
        return addresses.normalise_domain(domain)
    except addresses.AddressError as error:
        raise InputError(f"domain: {error}") from error


def check_is_vended(domain: str, vended_domains: Collection[str]) -> None:
    """Raise InputError unless the map vends addresses in the domain, which is normalised."""
    if domain not in vended_domains:
        known = ", ".join(sorted(vended_domains)) or "no domain yet"
        raise InputError(
            f"domain: nobody forwards mail of {domain!r} for this map, which has {known}. Deploy the forwarder for"
            " it with the role mail_forwarder first, or see the module vended_domain"
        )


def check_outside(option: str, mailboxes: Sequence[str], vended_domains: Collection[str]) -> None:
    """Raise InputError where one of the mailboxes lies in a vended domain: its mail would create a loop."""
    for index, mailbox in enumerate(mailboxes):
        domain = addresses.split(mailbox)[1]
        if domain in vended_domains:
            raise InputError(
                f"{option}[{index}]: {mailbox!r} lies in the vended domain {domain!r}, so its mail would create a mail"
                " loop; give a mailbox in another domain"
            )


def check_contacts(address: str, contacts: Mapping[str, Sequence[str]]) -> None:
    """Raise InputError where contacts of a normalised address get no mail: the tag is what follows the first +."""
    local_part, domain = addresses.split(address)
    if "+" in local_part and any(contacts.values()):
        raise InputError(
            f"contacts: {address} has a '+' itself, so that mail for {local_part}+billing@{domain} is not mail for it."
            " Omit contacts, its owners get all of its mail"
        )


def checked_mailboxes(option: str, mailboxes: Sequence[str]) -> tuple[str, ...]:
    """Return the mailboxes, each once whatever its case, in the order given."""
    kept: dict[str, str] = {}
    for index, mailbox in enumerate(mailboxes):
        try:
            address = addresses.normalise_owner(mailbox)
        except addresses.AddressError as error:
            raise InputError(f"{option}[{index}]: {error}") from error
        kept.setdefault(address.lower(), address)
    return tuple(kept.values())


def checked_mailbox(option: str, mailbox: str) -> str:
    """Return one mailbox as ``checked_mailboxes`` does."""
    try:
        return addresses.normalise_owner(mailbox)
    except addresses.AddressError as error:
        raise InputError(f"{option}: {error}") from error


def checked_request_id(request_id: str) -> str:
    """Return the request id; two ways of writing the same letters are the same request."""
    text = unicodedata.normalize("NFC", request_id.strip())
    if not 1 <= len(text) <= REQUEST_ID_MAX:
        raise InputError(
            f"request_id: has {len(text)} characters; give 1 to {REQUEST_ID_MAX}, a ticket number for example"
        )
    return text


def checked_group_id(option: str, group_id: str) -> str:
    """Return the id of a group of owners in the form in which the map has it."""
    known = normalise_group_id(group_id)
    if known is None:
        raise InputError(
            f"{option}: {group_id!r} is not the id of a group of IAM Identity Center; give its GroupId, not its name,"
            " as the console shows it and `aws identitystore list-groups` lists it"
        )
    return known


def check_owned(values: Mapping[str, Any]) -> None:
    """Raise InputError unless the values of an address name somebody who gets its mail."""
    if not values.get("owners") and not values.get("owner_groups"):
        raise InputError(
            "owners: is empty; an address needs at least one owner, or a group of them in owner_groups, or nobody"
            " would get its mail"
        )


def _owners(owners: Sequence[str]) -> tuple[str, ...]:
    return checked_mailboxes("owners", owners)


def _owner_groups(group_ids: Sequence[str]) -> tuple[str, ...]:
    known = [checked_group_id(f"owner_groups[{index}]", one) for index, one in enumerate(group_ids)]
    return tuple(dict.fromkeys(known))


def _fallback_owners(owners: Sequence[str]) -> tuple[str, ...]:
    return checked_mailboxes("fallback_owners", owners)


def _contacts(contacts: Mapping[str, Sequence[str] | None]) -> dict[str, tuple[str, ...]]:
    """Return the mailboxes of the kinds that are given; none of them is how a kind is given back to the owners."""
    given = {kind: mailboxes for kind in CONTACT_KINDS if (mailboxes := contacts.get(kind)) is not None}
    return {kind: checked_mailboxes(f"contacts.{kind}", mailboxes) for kind, mailboxes in given.items()}


def _account_type(account_type: str) -> str:
    if not account_type.strip():
        raise InputError("account_type: is empty; omit it, or say what kind of account it is")
    return account_type


def _account_id(value: str) -> str:
    return checked_account_id("account_id", value)


def _create_account_request_id(request_id: str) -> str:
    if not CREATE_ACCOUNT_REQUEST_ID.fullmatch(request_id):
        raise InputError(
            f"create_account_request_id: {request_id!r} is not the id of an account's creation; give 'car-' and what"
            " follows it, as AWS Organizations returned it"
        )
    return request_id


def _as_given(value: Any) -> Any:
    return value


_TEXT = {"type": TEXT_TYPE}
_LIST = {"type": "list", "elements": "str"}
_CONTACTS = {"type": "dict", "options": dict.fromkeys(CONTACT_KINDS, _LIST)}

FIELDS = (
    Field("account_name", _TEXT, _as_given, searched="account_name"),
    Field("domain", {"type": "str"}, checked_domain),
    Field("request_id", _TEXT, checked_request_id, searched="request_id"),
    Field("owners", _LIST, _owners, requested=True, edited=True, searched="owner", is_mailboxes=True),
    Field("owner_groups", _LIST, _owner_groups, requested=True, edited=True, searched="owner_group", is_groups=True),
    Field(
        "fallback_owners",
        _LIST,
        _fallback_owners,
        requested=True,
        edited=True,
        searched="fallback_owner",
        is_mailboxes=True,
    ),
    Field("contacts", _CONTACTS, _contacts, requested=True, edited=True, searched="contact", is_mailboxes=True),
    Field("account_type", _TEXT, _account_type, requested=True, mendable=True, edited=True, searched="account_type"),
    Field("tags", {"type": "dict"}, checked_tags, requested=True, mendable=True, edited=True, searched="tags"),
    Field("forwarding", {"type": "bool"}, _as_given, requested=True, edited=True),
    Field("account_id", {"type": ACCOUNT_ID_TYPE}, _account_id, edited=True, searched="account_id"),
    Field("create_account_request_id", _TEXT, _create_account_request_id, edited=True),
    Field("status", {"type": "str", "choices": [VENDED, ACTIVE]}, _as_given, edited=True, searched="status"),
)
REQUESTED = tuple(field for field in FIELDS if field.requested)
EDITED = tuple(field for field in FIELDS if field.edited)
SEARCHED = tuple(field for field in FIELDS if field.searched)
MAILBOXES = tuple(field.name for field in FIELDS if field.is_mailboxes)


def named_mailboxes(values: Mapping[str, Any]) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield each list of mailboxes among values of fields, after the option that gives it."""
    for name in MAILBOXES:
        value = values.get(name, ())
        if isinstance(value, Mapping):
            yield from ((f"{name}.{kind}", mailboxes) for kind, mailboxes in value.items())
        else:
            yield name, value


def checked_values(options: Mapping[str, Any], fields: Collection[Field]) -> dict[str, Any]:
    """Return the values of the fields that the options give, as a record holds them; None is not given."""
    given = ((field, options.get(field.name)) for field in fields)
    return {field.name: field.check(value) for field, value in given if value is not None}


def comparable(value: Any) -> Any:
    """Return the value in a form in which order and letter case of owners, and the case of a name, do not count."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return sorted(str(entry).lower() for entry in value)
    return value.lower() if isinstance(value, str) else value
