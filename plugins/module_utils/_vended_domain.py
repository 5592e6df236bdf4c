# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the map says of the domains in which addresses are vended: one item, with an attribute for each domain.

Pure, standard library only: the forwarder's code package carries a copy of this file under the same import path.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils import _address as address
from ansible_collections.account_factory.email.plugins.module_utils._record import PARTITION_KEY


@dataclass(frozen=True)
class VendedDomain:
    """A domain in which addresses are vended. What is not set of the last three is the forwarder's own.

    ``forwarder_address`` is the one that the forwarder sends from. ``admin_address`` gets the mail that no owner is
    known for, if ``catch_all``. ``fallback_owners`` get the mail of owners that cannot be reached.
    """

    forwarder_address: str | None = None
    admin_address: str | None = None
    catch_all: bool | None = None
    fallback_owners: tuple[str, ...] = ()

    @property
    def mailboxes(self) -> dict[str, tuple[str, ...]]:
        """Return those who get mail of the domain by what they are, under the names of the options."""
        admin = (self.admin_address,) if self.admin_address else ()
        return {"admin_address": admin, "fallback_owners": self.fallback_owners}

    def to_dict(self) -> dict[str, Any]:
        """Return the domain as plain JSON types, every field present."""
        return {**vars(self), "fallback_owners": list(self.fallback_owners)}

    def to_attribute(self) -> dict[str, Any]:
        """Return the value of the domain's attribute; a field that is not set is not in it."""
        return {name: value for name, value in self.to_dict().items() if value not in (None, [])}

    @classmethod
    def from_attribute(cls, value: object) -> VendedDomain:
        """Return the domain that an attribute holds; raise ValueError where nobody could deliver by it.

        Fields of a later release are left alone.
        """
        if not isinstance(value, Mapping):
            raise ValueError(f"{value!r} is not a map")
        admin, catch_all, fallback = (value.get(name) for name in ("admin_address", "catch_all", "fallback_owners"))
        if catch_all is not None and not isinstance(catch_all, bool):
            raise ValueError(f"catch_all {catch_all!r} is neither true nor false")
        if fallback is not None and not isinstance(fallback, list):
            raise ValueError(f"fallback_owners {fallback!r} is not a list")
        return cls(
            forwarder_address=value.get("forwarder_address"),
            admin_address=None if admin is None else _mailbox(admin),
            catch_all=catch_all,
            fallback_owners=tuple(map(_mailbox, fallback or ())),
        )


def _mailbox(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not a mailbox")
    return address.normalise_owner(value)


def read_domains(item: Mapping[str, Any] | None) -> dict[str, VendedDomain]:
    """Return the domains that the map's item of domains names; raise ValueError where one cannot be read."""
    domains = {name: value for name, value in (item or {}).items() if name != PARTITION_KEY}
    return {name: VendedDomain.from_attribute(value) for name, value in domains.items()}
