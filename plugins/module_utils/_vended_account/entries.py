# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many accounts in one task: what each entry asks for. Pure, nothing here calls AWS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._map.options import NEW_NAMES

from .model import NOT_BESIDE_ADDRESS, ONLY_CREATION, AccountRequest, build_account_request
from .options import entry_options

_DEFAULT = "default"


@dataclass
class Entries:
    """The entries with what they share, what each asks for, and why the others cannot be understood."""

    entries: list[Any]
    requests: dict[int, AccountRequest] = field(default_factory=dict)
    failures: dict[int, Exception] = field(default_factory=dict)


def read_entries(
    entries: Sequence[Any], defaults: Mapping[str, Any], type_parents: Mapping[str, Any], timeout: int | None
) -> Entries:
    """Return what each entry asks for. A request, an address and an account may be asked for once.

    Raises InputError for defaults and parents that cannot be used by any entry.
    """
    _check_parents(type_parents)
    read = Entries([_merged(defaults, entry) for entry in entries])
    for index, entry in enumerate(read.entries):
        request = _understood(entry, type_parents, timeout)
        if isinstance(request, InputError):
            read.failures[index] = request
        else:
            read.requests[index] = request
    _refuse_repeated(read)
    return read


def _understood(entry: Any, type_parents: Mapping[str, Any], timeout: int | None) -> AccountRequest | InputError:
    try:
        if isinstance(entry, Mapping) and "refused" in entry:
            raise InputError(str(entry["refused"]))
        options = entry_options(entry)
        return build_account_request({**options, "parent": _parent(options, type_parents)}, timeout)
    except InputError as error:
        return error


def _merged(defaults: Mapping[str, Any], entry: Any) -> Any:
    """Return an entry with the defaults that are possible beside what it says itself."""
    if not isinstance(entry, Mapping):
        return entry
    given = {name: value for name, value in entry.items() if value is not None}
    left_out: set[str] = set()
    if any(name in given for name in NEW_NAMES):
        left_out.update(NEW_NAMES)
    if "address" in given:
        left_out.update((*NEW_NAMES, *NOT_BESIDE_ADDRESS, "request_id"))
    if "account_id" in given:
        left_out.update(ONLY_CREATION)
    return {**{name: value for name, value in defaults.items() if name not in left_out}, **given}


def _check_parents(type_parents: Mapping[str, Any]) -> None:
    empty = sorted(kind for kind, parent in type_parents.items() if not parent)
    if empty:
        raise InputError(f"type_parents: {empty[0]!r} has no parent; give an id, a path or / for the root")


def _parent(options: Mapping[str, Any], type_parents: Mapping[str, Any]) -> str | None:
    """Return the parent that is given, or that of the account's type; InputError where its type has none."""
    if options["parent"] is not None or not type_parents or options["account_id"] is not None:
        return None if options["parent"] is None else str(options["parent"])
    kind = options["account_type"]
    parent = type_parents.get(_DEFAULT if kind is None else kind, type_parents.get(_DEFAULT))
    if parent is None:
        raise InputError(
            f"account_type: {'is not given' if kind is None else repr(kind)}, and type_parents has only"
            f" {', '.join(sorted(type_parents))}; use one of them, or add it there, or a {_DEFAULT!r}"
        )
    return str(parent)


def _refuse_repeated(read: Entries) -> None:
    """Refuse all entries that ask for the same: which of them is meant, nobody can tell."""
    named: dict[tuple[str, str], list[int]] = {}
    for index, request in read.requests.items():
        named.setdefault(("request_id", request.ask.key), []).append(index)
        if request.account_id:
            named.setdefault(("account_id", request.account_id), []).append(index)
    for (option, _value), indexes in named.items():
        for index in indexes if len(indexes) > 1 else ():
            others = ", ".join(f"accounts[{other}]" for other in indexes if other != index)
            read.requests.pop(index, None)
            read.failures.setdefault(
                index, InputError(f"{option}: is that of {others}, too; each entry needs one of its own")
            )
