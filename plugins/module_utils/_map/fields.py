# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a single option of the map's modules may hold. Pure; what is refused is an InputError that names the option."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils import _address as addresses
from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._text import checked_account_id as account_id

REQUEST_ID_MAX = 256
# AWS Organizations API Reference, CreateAccountStatus, Id.
_CREATE_ACCOUNT_REQUEST_ID = re.compile(r"car-[a-z0-9]{8,32}")


def checked_address(address: str) -> str:
    """Return the address in the form that is its key."""
    try:
        return addresses.normalise(address)
    except addresses.AddressError as error:
        raise InputError(f"address: {error}") from error


def checked_domain(domain: str, vended_domains: Collection[str]) -> str:
    """Return the domain, normalised, if the map vends addresses in it."""
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


def checked_owners(owners: Sequence[str], vended_domains: Collection[str]) -> tuple[str, ...]:
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


def checked_request_id(request_id: str) -> str:
    """Return the request id; two ways of writing the same letters are the same request."""
    text = unicodedata.normalize("NFC", request_id.strip())
    if not 1 <= len(text) <= REQUEST_ID_MAX:
        raise InputError(
            f"request_id: has {len(text)} characters; give 1 to {REQUEST_ID_MAX}, a ticket number for example"
        )
    return text


def checked_account_type(account_type: str | None) -> str | None:
    """Return the account type, which is anything but blank."""
    if account_type is not None and not account_type.strip():
        raise InputError("account_type: is empty; leave it away, or say what kind of account it is")
    return account_type


def checked_account_id(value: str | None) -> str | None:
    """Return the account id, 12 digits."""
    return None if value is None else account_id("account_id", value)


def checked_create_account_request_id(request_id: str | None) -> str | None:
    """Return the id of an account's creation, as AWS Organizations returns it."""
    if request_id is not None and not _CREATE_ACCOUNT_REQUEST_ID.fullmatch(request_id):
        raise InputError(
            f"create_account_request_id: {request_id!r} is not the id of an account's creation; give 'car-' and what"
            " follows it, as AWS Organizations returned it"
        )
    return request_id


def comparable(value: Any) -> Any:
    """Return the value in a form in which order and letter case of owners, and the case of a name, do not count."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return sorted(str(entry).lower() for entry in value)
    return value.lower() if isinstance(value, str) else value
