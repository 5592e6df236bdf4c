# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a record of the sample's table is in the map's words. Pure, standard library only.

Source: aws-samples/aws-account-factory-email, src/vendEmail/app.py and ddb.py. Its function writes AccountEmail (the
key), AccountName and Enum (the account's name, cut at its last hyphen), OwnerAddress, AccountType, Tags, Status (always
NAME-ALLOCATED) and LastUpdated. Records that people made by hand, as its README suggests, may lack any but the key.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._address import AddressError, normalise
from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError

KEY = "AccountEmail"
STATUS = "NAME-ALLOCATED"
# The sample keeps what a request gave for the name and the address, mostly nothing, among the tags.
_NOT_TAGS = frozenset({"AccountName", "AccountEmail"})


@dataclass(frozen=True)
class Converted:
    """The table in the map's words: ``addresses`` as vended_addresses takes them, ``left_out`` with the reasons.

    ``statuses`` are those that the sample itself never writes.
    """

    addresses: list[dict[str, Any]]
    left_out: list[dict[str, str]]
    statuses: list[str]


class _UnreadableError(ValueError):
    """A record that says too little, or something that it cannot mean."""


def convert(items: Iterable[Mapping[str, Any]]) -> Converted:
    """Return what the table's items come to, sorted by address; InputError for a table that is not the sample's."""
    entries: dict[str, dict[str, Any]] = {}
    left_out: dict[str, str] = {}
    statuses: set[str] = set()
    for item in items:
        key = item.get(KEY)
        if not isinstance(key, str):
            raise InputError(f"sample_table: this is no table of the sample: its items have no {KEY}")
        statuses.add(str(item.get("Status", STATUS)))
        try:
            entries[key] = entry(item)
        except _UnreadableError as error:
            left_out[key] = str(error)
    left_out.update(_ambiguous(entries))
    return Converted(
        addresses=sorted((each for key, each in entries.items() if key not in left_out), key=_address),
        left_out=[{"address": key, "msg": left_out[key]} for key in sorted(left_out)],
        statuses=sorted(statuses - {STATUS}),
    )


def entry(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return the item as an entry of vended_addresses; what it does not say is not in it."""
    try:
        address = normalise(item[KEY])
    except AddressError as error:
        raise _UnreadableError(str(error)) from error
    owner = _text(item, "OwnerAddress")
    if owner is None:
        raise _UnreadableError("it has no OwnerAddress, so nobody is known to get its mail")
    found = {
        "address": address,
        **_name(item),
        "owners": [owner],
        "account_type": _text(item, "AccountType"),
        "tags": _tags(item.get("Tags")),
    }
    return {name: value for name, value in found.items() if value not in (None, {})}


def _name(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return the account's name and, where the sample counts on from it, its series and number."""
    name, enum = _text(item, "AccountName"), _text(item, "Enum")
    if name is None or enum is None:
        return {"account_name": name}
    named = {"account_name": f"{name}-{enum}"}
    # Any name with a hyphen is cut there: my-custom-account is (my-custom, account). Only a number is counted on from.
    if not (enum.isascii() and enum.isdigit() and int(enum) >= 1):
        return named
    return {**named, "series": name, "number": int(enum)}


def _text(item: Mapping[str, Any], attribute: str) -> str | None:
    value = item.get(attribute)
    if value is None:
        return None
    if not isinstance(value, str):
        raise _UnreadableError(f"its {attribute} is {value!r} and not a text")
    return value if value.strip() else None


def _tags(tags: Any) -> dict[str, str]:
    """Return the tags that are ones: null is "not given" in the sample."""
    if not isinstance(tags, Mapping | None):
        raise _UnreadableError(f"its Tags are {tags!r} and not a map")
    given = {key: value for key, value in (tags or {}).items() if key not in _NOT_TAGS and value is not None}
    for key, value in given.items():
        if not isinstance(value, str | Decimal | bool):
            raise _UnreadableError(f"its tag {key!r} is {value!r} and not a text")
    return {key: str(value) for key, value in given.items()}


def _ambiguous(entries: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Return the keys of the entries that want the same address or the same name as another, with what to do.

    The sample looks for a name before it writes it, so that two requests at once may both get it.
    """
    addresses = Counter(each["address"] for each in entries.values())
    names = Counter(str(each["account_name"]).lower() for each in entries.values() if "account_name" in each)
    found = {}
    for key, each in entries.items():
        name = each.get("account_name")
        if addresses[each["address"]] > 1:
            found[key] = (
                "another record has this address in other letter case, which is the same address; delete the one that"
                " is not meant"
            )
        elif name is not None and names[name.lower()] > 1:
            found[key] = (
                f"another record has its account name {name!r}, too, and the map keeps names apart whatever their case;"
                " bring them in by vended_addresses, each with an account_name of its own"
            )
    return found


def _address(each: Mapping[str, Any]) -> str:
    return str(each["address"])
