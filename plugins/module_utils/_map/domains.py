# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The domains in which the map vends: what a task makes of them, and what keeps it from that. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils import _address as addresses
from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._record import RETIRED, AddressRecord
from ansible_collections.account_factory.email.plugins.module_utils._vended_domain import VendedDomain

from .fields import checked_domain, checked_mailbox, checked_mailboxes

# How many of the addresses that keep a domain an error names.
_NAMED = 3
# A domain with what it may have of its own.
OVERRIDE_SPEC: dict[str, Any] = {
    "domain": {"type": "str", "required": True},
    "admin_address": {"type": "str"},
    "catch_all": {"type": "bool"},
    "fallback_owners": {"type": "list", "elements": "str"},
}
DOMAIN_SPEC: dict[str, Any] = {**OVERRIDE_SPEC, "forwarder_address": {"type": "str"}}
_NOTHING: dict[str, Any] = {"admin_address": None, "catch_all": None, "fallback_owners": ()}


@dataclass(frozen=True)
class Wanted:
    """A domain as a task wants it: ``values`` are the fields that it gives, None for one that is to be unset."""

    domain: str
    values: Mapping[str, Any]

    def applied_to(self, before: VendedDomain | None) -> VendedDomain:
        return replace(before or VendedDomain(), **self.values)


def build_wanted(options: Mapping[str, Any], *, exact: bool) -> Wanted:
    """Return what the options of a domain ask for; raise InputError naming the one that cannot work.

    With ``exact`` an override that is not given is unset; without, it is not touched. An empty text or list unsets it.
    """
    values = dict(_NOTHING) if exact else {}
    if options.get("forwarder_address") is not None:
        values["forwarder_address"] = checked_mailbox("forwarder_address", options["forwarder_address"])
    if (admin := options.get("admin_address")) is not None:
        values["admin_address"] = checked_mailbox("admin_address", admin) if admin.strip() else None
    if options.get("catch_all") is not None:
        values["catch_all"] = options["catch_all"]
    if options.get("fallback_owners") is not None:
        values["fallback_owners"] = checked_mailboxes("fallback_owners", options["fallback_owners"])
    return Wanted(checked_domain(options["domain"]), values)


@dataclass(frozen=True)
class DomainPlan:
    """All domains of the map, before and after."""

    before: Mapping[str, VendedDomain]
    after: Mapping[str, VendedDomain]

    @property
    def written(self) -> dict[str, VendedDomain]:
        return {name: domain for name, domain in self.after.items() if self.before.get(name) != domain}

    @property
    def added(self) -> set[str]:
        return {*self.after} - {*self.before}

    @property
    def removed(self) -> set[str]:
        return {*self.before} - {*self.after}


def plan_domains(
    before: Mapping[str, VendedDomain], wanted: Sequence[Wanted], removed: Collection[str] = (), *, purge: bool = False
) -> DomainPlan:
    """Return what becomes of the domains; with ``purge`` those that are not wanted go, too.

    Raises InputError where one is wanted twice, or where mail would create a loop.
    """
    named = [one.domain for one in wanted]
    twice = sorted({domain for domain in named if named.count(domain) > 1})
    if twice:
        raise InputError(f"domains: {', '.join(twice)} is there more than once, in capitals or not; keep one of them")
    kept = {} if purge else {name: domain for name, domain in before.items() if name not in removed}
    after = {**kept, **{one.domain: one.applied_to(before.get(one.domain)) for one in wanted}}
    plan = DomainPlan(before, after)
    _check_loops(after)
    return plan


def _check_loops(domains: Mapping[str, VendedDomain]) -> None:
    """Raise InputError where mail for an admin or a fallback owner of a domain would come back to the forwarder."""
    own = {addresses.normalise(one.forwarder_address) for one in domains.values() if one.forwarder_address}
    for name, domain in domains.items():
        for option, mailboxes in domain.mailboxes.items():
            for mailbox in mailboxes:
                if addresses.split(mailbox)[1] in domains:
                    raise InputError(
                        f"{option}: {mailbox}, of the domain {name}, lies in the vended domain"
                        f" {addresses.split(mailbox)[1]}, so its mail would create a mail loop; give a mailbox in"
                        " another domain"
                    )
                if addresses.normalise(mailbox) in own:
                    raise InputError(
                        f"{option}: {mailbox}, of the domain {name}, is the forwarder's own address, so its mail would"
                        " create a mail loop; give another"
                    )


@dataclass
class _Obstacles:
    """What a look at every record finds: live addresses by domain, and the owner that lies in a new domain."""

    living: dict[str, list[str]] = field(default_factory=dict)
    owner: InputError | None = None


def check_records(plan: DomainPlan, records: Iterable[AddressRecord]) -> None:
    """Raise InputError where a domain that goes has addresses that are not retired, or an owner lies in a new one."""
    found = _Obstacles()
    for record in records:
        if record.status == RETIRED:
            continue
        domain = addresses.split(record.address)[1]
        if domain in plan.removed:
            found.living.setdefault(domain, []).append(record.address)
        found.owner = found.owner or _owner_inside(record, plan.added)
    if found.living:
        raise InputError(_keeps(found.living))
    if found.owner:
        raise found.owner


def _owner_inside(record: AddressRecord, domains: Collection[str]) -> InputError | None:
    for owner in record.mailboxes:
        domain = addresses.split(owner)[1]
        if domain in domains:
            return InputError(
                f"domain: {owner}, an owner of {record.address}, lies in {domain!r}, so its mail would create a"
                " mail loop; give that address an owner in another domain first"
            )
    return None


def _keeps(living: Mapping[str, Sequence[str]]) -> str:
    each = []
    for domain, found in sorted(living.items()):
        named = ", ".join(sorted(found)[:_NAMED])
        more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
        each.append(f"{domain} has {len(found)} that {'is' if len(found) == 1 else 'are'} not retired: {named}{more}")
    return (
        f"domain: a domain with addresses in use cannot be removed, or their mail would be refused; {'; '.join(each)}."
        " Retire them first (the playbook retire_address, or vended_address with state absent), or keep the domain"
    )


def described(domains: Mapping[str, VendedDomain]) -> dict[str, dict[str, Any]]:
    """Return the domains as a module returns them, by name."""
    return {name: {"domain": name, **domain.to_dict()} for name, domain in sorted(domains.items())}
