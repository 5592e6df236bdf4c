# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The aliases of a vended address as the alternate contacts of its account. Pure, standard library only.

AWS is told an address that never changes. Who gets its mail is changed in the map alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._record import CONTACT_KINDS
from ansible_collections.account_factory.email.plugins.module_utils._text import TEXT_TYPE

from .model import Contact, alias, checked_text

OPTION = "alternate_contacts"
# What is said of each contact beside its email, for all kinds at once or for one of them.
DETAILS = ("name", "title", "phone_number")
_DETAILS_SPEC: dict[str, Any] = {name: {"type": TEXT_TYPE} for name in DETAILS}
ALIASES_SPEC: dict[str, Any] = {
    "type": "dict",
    "options": {
        **_DETAILS_SPEC,
        "kinds": {"type": "list", "elements": "str", "choices": list(CONTACT_KINDS)},
        **{kind: {"type": "dict", "options": _DETAILS_SPEC} for kind in CONTACT_KINDS},
    },
}
# What people read as whom AWS calls, where nothing is said.
_TITLES = {"billing": "Billing contact", "operations": "Operations contact", "security": "Security contact"}

# By kind, the texts of a contact but for its email.
Aliases = Mapping[str, Mapping[str, str]]


def checked_aliases(given: Mapping[str, Any] | None) -> Aliases | None:
    """Return what is said of each kind of contact that is to be an alias, None where none is.

    Raises InputError naming what AWS would refuse. A kind is named by ``kinds``, by default all are.
    """
    if given is None:
        return None
    kinds = given.get("kinds")
    if kinds is not None and not kinds:
        raise InputError(f"{OPTION}.kinds: is empty; name {', '.join(CONTACT_KINDS)}, or omit it for all of them")
    unused = [kind for kind in CONTACT_KINDS if kinds is not None and given.get(kind) and kind not in kinds]
    if unused:
        raise InputError(f"{OPTION}.{unused[0]}: is not among kinds; add it there, or omit it")
    return {kind: _details(kind, given) for kind in CONTACT_KINDS if kinds is None or kind in kinds}


def _details(kind: str, given: Mapping[str, Any]) -> dict[str, str]:
    """Return what a contact is to have, of what is said of its kind and else of all kinds."""
    own = given.get(kind) or {}
    found = {}
    for name in DETAILS:
        is_own = own.get(name) is not None
        value = own[name] if is_own else given.get(name)
        if value is None and name == "title":
            value = _TITLES[kind]
        found[name] = checked_text(f"{OPTION}.{kind}.{name}" if is_own else f"{OPTION}.{name}", name, value)
    return found


def contacts_of(address: str, aliases: Aliases) -> dict[str, Contact]:
    """Return the contacts that the account of a vended address is to have; InputError for an alias AWS would refuse."""
    return {kind: Contact(email=alias(address, kind), **details) for kind, details in aliases.items()}
