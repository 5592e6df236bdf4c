# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ways of asking for a new address: the next of a series, or an exact one. Pure, nothing here calls AWS."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from ansible_collections.account_factory.email.plugins.module_utils import _address as addresses
from ansible_collections.account_factory.email.plugins.module_utils._errors import ConflictError, InputError
from ansible_collections.account_factory.email.plugins.module_utils._record import (
    ACTIVE,
    CONTACT_KINDS,
    VENDED,
    AddressRecord,
    account_key,
    address_key,
    default_of,
    merged_contacts,
    name_key,
    request_key,
    series_key,
)
from ansible_collections.account_factory.email.plugins.module_utils._text import checked_account_id

from .edits import Edit
from .fields import (
    REQUESTED,
    check_contacts,
    check_is_vended,
    check_outside,
    check_owned,
    checked_domain,
    checked_request_id,
    checked_values,
    comparable,
    named_mailboxes,
)

# What becomes of an address whose request comes again with other owners, tags, type or forwarding.
REFUSE, APPLY = ON_CHANGE = ("refuse", "apply")
_DEFAULTS = {each.name: default_of(each.name) for each in REQUESTED}
_MENDABLE = frozenset(each.name for each in REQUESTED if each.mendable)

# No "+": what follows it in a mail's recipient is a tag, and would make the mail another account's.
_NAME_PREFIX = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9_-])?")


@dataclass(frozen=True)
class SeriesRequest:
    """A request for the next address of a series, checked and normalised by ``build_request``.

    ``values`` are those of the fields that a request may give (``fields.REQUESTED``), without those that are not given.
    """

    request_id: str
    name_prefix: str
    domain: str
    values: Mapping[str, Any]
    counter_length: int = 3
    on_change: str = REFUSE

    @property
    def key(self) -> str:
        """The key of the item by which the request is found again."""
        return request_key(self.request_id)

    @property
    def depends_on(self) -> list[str]:
        """Return the keys of the items that vending depends on, as far as they are known before a number is drawn."""
        return [self.key, series_key(self.name_prefix)]

    def check_domains(self, vended_domains: Collection[str]) -> None:
        _check_domains(self, vended_domains)

    def asked(self) -> dict[str, Any]:
        """Return what makes this request itself; kept beside its key to recognise it when it comes again."""
        return {"name_prefix": self.name_prefix, **_asked(self)}

    def names(self, number: int) -> tuple[str, str]:
        """Return the account's name and address with that number of its series; InputError where AWS refuses them."""
        account_name = f"{self.name_prefix}-{number:0{self.counter_length}d}"
        try:
            addresses.check_account_name(account_name)
            return account_name, addresses.check_account_email(f"{account_name}@{self.domain}")
        except addresses.AddressError as error:
            raise InputError(
                f"name_prefix: {self.name_prefix!r} is not a valid beginning of account names: {error}. {self._fit()}"
            ) from error

    def record(self, number: int) -> AddressRecord:
        """Return the record of this request with that number of its series; InputError where AWS would refuse it."""
        account_name, address = self.names(number)
        return AddressRecord(
            address=address,
            account_name=account_name,
            domain=self.domain,
            request_id=self.request_id,
            series=self.name_prefix,
            number=number,
            **_record_values(self.values),
        )

    def _fit(self) -> str:
        longest = min(addresses.ACCOUNT_NAME_MAX, addresses.ACCOUNT_EMAIL_MAX - 1 - len(self.domain))
        room = max(0, longest - 1 - self.counter_length)
        return f"Use at most {room} letters, digits, hyphens and inner dots"


@dataclass(frozen=True)
class ExactRequest:
    """A request for an address by its own name. Without ``request_id`` the account's name says which request it is.

    ``values`` as in SeriesRequest. ``series`` and ``number`` are of an account that was numbered elsewhere before it
    came into the map.
    """

    account_name: str
    local_part: str
    domain: str
    values: Mapping[str, Any]
    request_id: str | None = None
    account_id: str | None = None
    series: str | None = None
    number: int | None = None
    on_change: str = REFUSE

    @property
    def key(self) -> str:
        """The key of the item by which the request is found again."""
        return request_key(self.request_id) if self.request_id is not None else name_key(self.account_name)

    @property
    def depends_on(self) -> list[str]:
        """Return the keys of the items that vending depends on."""
        address = address_key(f"{self.local_part.lower()}@{self.domain}")
        account = [account_key(self.account_id)] if self.account_id else []
        return [self.key, address, name_key(self.account_name), name_key(self.local_part), *account]

    def check_domains(self, vended_domains: Collection[str]) -> None:
        _check_domains(self, vended_domains)

    def asked(self) -> dict[str, Any]:
        """Return what makes this request itself; kept beside its key to recognise it when it comes again."""
        names = {"account_name": self.account_name, "local_part": self.local_part.lower()}
        return {**names, **_asked(self), "account_id": self.account_id}

    def record(self) -> AddressRecord:
        """Return the record of this request; InputError where AWS would refuse its name or its address."""
        try:
            account_name = addresses.check_account_name(self.account_name)
        except addresses.AddressError as error:
            raise InputError(f"account_name: {error}") from error
        try:
            address = addresses.check_account_email(f"{self.local_part}@{self.domain}")
        except addresses.AddressError as error:
            raise InputError(f"local_part: {error}") from error
        check_contacts(address, self.values.get("contacts", {}))
        return AddressRecord(
            address=address,
            account_name=account_name,
            domain=self.domain,
            request_id=self.request_id,
            status=VENDED if self.account_id is None else ACTIVE,
            account_id=self.account_id,
            series=self.series,
            number=self.number,
            **_record_values(self.values),
        )


VendRequest: TypeAlias = "SeriesRequest | ExactRequest"


def build_request(options: Mapping[str, Any]) -> VendRequest:
    """Return the request that a task's options make; raise InputError naming the option that cannot work.

    Whether the map vends in the domain is for ``check_domains`` to say.
    """
    common: dict[str, Any] = {
        "domain": checked_domain(options["domain"]),
        "values": checked_values({**options, "owners": options["owners"] or []}, REQUESTED),
        "on_change": options["on_change"],
    }
    check_owned(common["values"])
    if options["request_id"] is not None:
        common["request_id"] = checked_request_id(options["request_id"])
    if options["name_prefix"] is not None:
        return _series_request(options, common)
    account_name, local_part = exact_names(options["account_name"], options["local_part"])
    account_id = options["account_id"]
    if account_id is not None:
        account_id = checked_account_id("account_id", account_id)
    request = ExactRequest(account_name=account_name, local_part=local_part, account_id=account_id, **common)
    # A name or an address that AWS refuses is found before anything is read.
    request.record()
    return request


def exact_names(account_name: str | None, local_part: str | None) -> tuple[str, str]:
    """Return the account's name and the local part of its address, of which one may be left to follow the other."""
    if local_part is not None:
        return account_name or local_part, local_part
    name = account_name or ""
    try:
        addresses.check_account_name(name)
    except addresses.AddressError as error:
        raise InputError(f"account_name: {error}") from error
    if not _NAME_PREFIX.fullmatch(name):
        raise InputError(f"account_name: {name!r} cannot be the local part of an address; give one as local_part")
    return name, name


def change_asked_for(request: VendRequest, asked: Mapping[str, Any], record: AddressRecord) -> Edit | None:
    """Return what a request that comes again changes of its address, None where it is the same as before.

    A field counts as the same where it is what was asked for at first or what the record holds today, so that a play
    may be run again both after an edit that it does not know of and after the edit was written into it. Raises
    InputError where the request may not change what it asks to be different.
    """
    differences = _differences(request, asked, record)
    fixed = {name: text for name, text in differences.items() if not _may_change(request, name, record)}
    if fixed:
        raise ConflictError(_refused(request, fixed, record))
    # Only what differs: the rest may have been edited since.
    changed = {name: value for name, value in _wanted(request).items() if name in differences}
    return Edit(record.address, _with_contacts(changed)) if differences else None


def _wanted(request: VendRequest) -> dict[str, Any]:
    """Return what the request says of each field, or what a record holds where it says nothing."""
    return _by_kind({**_DEFAULTS, **request.values})


def _by_kind(values: Mapping[str, Any], absent: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the values with each kind of contacts as one of its own: those that are not named are not touched."""
    kinds = {**(absent or {}), **values["contacts"]}
    others = {name: value for name, value in values.items() if name != "contacts"}
    return {**others, **{f"contacts.{kind}": mailboxes for kind, mailboxes in kinds.items()}}


def _with_contacts(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values of ``_by_kind`` as a record has them."""
    kinds = {name: name.removeprefix("contacts.") for name in values if name.startswith("contacts.")}
    others = {name: value for name, value in values.items() if name not in kinds}
    return {**others, **({"contacts": {kind: values[name] for name, kind in kinds.items()}} if kinds else {})}


def _record_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a request as a new record holds them."""
    contacts = values.get("contacts")
    return {**values, **({} if contacts is None else {"contacts": merged_contacts({}, contacts)})}


def _differences(request: VendRequest, asked: Mapping[str, Any], record: AddressRecord) -> dict[str, str]:
    local_part = addresses.split(record.address)[0]
    nobody: dict[str, list[str]] = {kind: [] for kind in CONTACT_KINDS}
    holds = _by_kind({**record.to_dict(), "name_prefix": record.series, "local_part": local_part}, nobody)
    # A field that is younger than the request was not asked for.
    first = _by_kind({**_plain(_DEFAULTS), **asked}, nobody)
    return {
        name: f"{name} was {first.get(name)!r} and is {value!r} here"
        for name, value in _by_kind(request.asked()).items()
        if comparable(value) not in (comparable(first.get(name)), comparable(holds[name]))
    }


def _may_change(request: VendRequest, name: str, record: AddressRecord) -> bool:
    value = _wanted(request).get(name)
    if value is None:
        return False
    # That none are given may be forgetfulness.
    mends = name in _MENDABLE and bool(value) and record.status == VENDED and record.account_id is None
    return mends or request.on_change == APPLY


def _refused(request: VendRequest, fixed: Mapping[str, str], record: AddressRecord) -> str:
    texts = "; ".join(fixed.values())
    # A type or an account that is not given any more is none of on_change's business.
    changeable = all(_wanted(request).get(name) is not None for name in fixed)
    how = "give on_change=apply" if changeable else "edit it by its address"
    if request.request_id is None:
        return (
            f"account_name: {record.account_name!r} is vended already, as {record.address}: {texts}. To change that"
            f" one, {how}; or give this one another name"
        )
    allowed = "" if record.account_id else "; while no account has it, its tags and account_type may be others"
    return (
        f"request_id: {request.request_id!r} was used for another request, which got {record.address}: {texts}. For a"
        f" new address use a new request_id; to change that one, {how}{allowed}"
    )


def _series_request(options: Mapping[str, Any], common: Mapping[str, Any]) -> SeriesRequest:
    if not 1 <= options["counter_length"] <= 10:
        raise InputError(f"counter_length: {options['counter_length']} is not between 1 and 10")
    if not _NAME_PREFIX.fullmatch(options["name_prefix"]):
        raise InputError(
            f"name_prefix: {options['name_prefix']!r} is not a valid beginning of account names; use ASCII letters,"
            " digits, hyphens, underscores and inner dots, with a letter or digit first"
        )
    request = SeriesRequest(name_prefix=options["name_prefix"], counter_length=options["counter_length"], **common)
    # A name that AWS would refuse is found before anything is read, and before a number is drawn.
    request.names(1)
    return request


def _check_domains(request: VendRequest, vended_domains: Collection[str]) -> None:
    """Raise InputError unless the map vends in the request's domain and its owners lie outside of all such domains."""
    check_is_vended(request.domain, vended_domains)
    for option, mailboxes in named_mailboxes(request.values):
        check_outside(option, mailboxes, vended_domains)


def _asked(request: VendRequest) -> dict[str, Any]:
    return {"domain": request.domain, **_plain({**_DEFAULTS, **request.values})}


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values as the table holds them."""
    plain = {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
    return {**plain, "contacts": {kind: list(mailboxes) for kind, mailboxes in values["contacts"].items()}}
