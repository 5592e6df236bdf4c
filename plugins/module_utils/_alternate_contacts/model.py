# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The alternate contacts of an account: what may be asked for, and what must be done to have them as wanted.

Pure, standard library only. Source of the limits: AWS Account Management API Reference, PutAlternateContact.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._address import split
from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._record import CONTACT_KINDS

# All of them are required.
LENGTHS = {"name": 64, "title": 50, "email": 254, "phone_number": 25}
_PATTERNS = {
    "email": (
        re.compile(r"[\w+=.#|!&-]+@[\w.-]+\.\w+", re.ASCII),
        "user@host, the user in ASCII letters, digits and +=.#|!&-_",
    ),
    "phone_number": (re.compile(r"[\s0-9()+-]+", re.ASCII), "digits, spaces and +-()"),
}


@dataclass(frozen=True)
class Contact:
    """One alternate contact, as AWS has it."""

    name: str
    title: str
    email: str
    phone_number: str

    def is_like(self, other: Contact | None) -> bool:
        """Return whether the other one is the same, whatever the case of the emails."""
        return other is not None and self._folded() == other._folded()

    def to_dict(self) -> dict[str, str]:
        return dict(vars(self))

    def _folded(self) -> dict[str, str]:
        return {**vars(self), "email": self.email.lower()}


# Each kind that is asked for, with its contact; None is no contact.
Contacts = Mapping[str, "Contact | None"]


@dataclass(frozen=True)
class Plan:
    """The contacts before and after; ``changes`` are those to be put, or with None to be deleted."""

    before: Contacts
    after: Contacts
    changes: Contacts = field(default_factory=dict)


def plan(present: Contacts, wanted: Contacts) -> Plan:
    """Return what must be done to have the contacts as wanted; other kinds are not touched."""
    same = {kind for kind, contact in wanted.items() if _is_same(contact, present.get(kind))}
    before = {kind: present.get(kind) for kind in wanted}
    after = {kind: before[kind] if kind in same else contact for kind, contact in wanted.items()}
    return Plan(before, after, {kind: contact for kind, contact in wanted.items() if kind not in same})


def _is_same(wanted: Contact | None, present: Contact | None) -> bool:
    return present is None if wanted is None else wanted.is_like(present)


def shown(contacts: Contacts) -> dict[str, dict[str, str] | None]:
    """Return contacts as modules show them, in the order of the kinds."""
    return {kind: contact.to_dict() if contact else None for kind in CONTACT_KINDS for contact in _of(contacts, kind)}


def _of(contacts: Contacts, kind: str) -> list[Contact | None]:
    return [contacts[kind]] if kind in contacts else []


def checked_contact(option: str, given: Mapping[str, Any]) -> Contact:
    """Return a contact, its texts without space around them; raise InputError naming what AWS would refuse.

    ``option`` is what the names of the four begin with in errors.
    """
    return Contact(**{name: checked_text(f"{option}{name}", name, given.get(name)) for name in LENGTHS})


def checked_text(label: str, name: str, value: str | None) -> str:
    """Return one of the texts of a contact; raise InputError, which calls it by the label, for what AWS refuses."""
    text = (value or "").strip()
    if not text:
        raise InputError(f"{label}: is not given; AWS wants {_listed(list(LENGTHS))} of each contact")
    if len(text) > LENGTHS[name]:
        raise InputError(f"{label}: {text!r} has {len(text)} characters, AWS allows {LENGTHS[name]}; use a shorter one")
    pattern, takes = _PATTERNS.get(name, (None, ""))
    if pattern and not pattern.fullmatch(text):
        raise InputError(f"{label}: {text!r} is not what AWS takes; give {takes}")
    return text


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"


def alias(address: str, kind: str) -> str:
    """Return the address whose mail goes to the contacts of a kind that the map has for a vended address.

    Raises InputError where its mail would not, or where AWS would not take it as a contact's.
    """
    local_part, domain = split(address)
    if "+" in local_part:
        raise InputError(
            f"alternate_contacts: {address} has a '+' itself, so that mail for {local_part}+{kind}@{domain} is not mail"
            " for it. Omit alternate_contacts, or vend an address without '+'"
        )
    return checked_text("alternate_contacts", "email", f"{local_part}+{kind}@{domain}")
