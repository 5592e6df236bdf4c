# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The domains of a forwarder as the role's variables give them: one, or a list of names and of dictionaries. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils import _address as addresses
from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError

from ._arguments import Spec, read_arguments

ONE, MANY = "mail_forwarder_domain", "mail_forwarder_domains"
# Amazon SES Developer Guide, "Service quotas in Amazon SES": recipients of a receipt rule.
DOMAINS_MAX = 100
# Each of them gets the mail at once. More of them are a mailing list.
_FALLBACK_OWNERS_MAX = 10
_ENTRY: Spec = {
    "domain": {"type": "str", "required": True},
    "admin_address": {"type": "str"},
    "catch_all": {"type": "bool"},
    "fallback_owners": {"type": "list", "elements": "str"},
}

Domain = dict[str, Any]


def read_domains(one: str | None, many: Sequence[Any], from_address: str | None) -> list[Domain]:
    """Return the domains, each with ``domain`` and what is its own; raise InputError with all that is wrong.

    ``from_address`` is None where the forwarder sends from its first domain.
    """
    entries = list(_entries(many)) or ([(ONE, one)] if one else [])
    if not entries:
        raise InputError(f"{ONE}, {MANY}: neither is given; give the domain, or a list of them")
    read = [_read_or_refused(label, entry) for label, entry in entries]
    wrong = [str(one) for one in read if isinstance(one, InputError)]
    if wrong:
        raise InputError("; ".join(wrong))
    domains = [one for one in read if not isinstance(one, InputError)]
    names = [domain["domain"] for domain in domains]
    _check_names(one, names)
    loops = [loop for domain in domains for loop in _loops(domain, names, _own(from_address))]
    if loops:
        raise InputError("; ".join(loops))
    return domains


def _entries(many: Sequence[Any]) -> Iterator[tuple[str, Any]]:
    """Yield the entries with what to call each; one text may hold several names."""
    for index, entry in enumerate(many):
        if isinstance(entry, str):
            yield from ((f"{MANY}[{index}]", name) for name in entry.split())
        else:
            yield f"{MANY}[{index}]", entry


def _read_or_refused(label: str, entry: Any) -> Domain | InputError:
    try:
        return _read(label, entry)
    except InputError as error:
        return error


def _read(label: str, entry: Any) -> Domain:
    if isinstance(entry, str):
        return {"domain": _domain(label, entry)}
    if not isinstance(entry, Mapping):
        raise InputError(f"{label}: {entry!r} is neither a domain nor a dictionary of {', '.join(_ENTRY)}")
    unknown = sorted({*entry} - {*_ENTRY})
    if unknown:
        raise InputError(f"{label}: {', '.join(map(str, unknown))}: not known; a domain has {', '.join(_ENTRY)}")
    try:
        given = read_arguments(_ENTRY, entry, {})
    except InputError as error:
        raise InputError(f"{label}: {error}") from error
    given["domain"] = _domain(f"{label}.domain", given["domain"])
    if "admin_address" in given:
        given["admin_address"] = _mailbox(f"{label}.admin_address", given["admin_address"])
    if "fallback_owners" in given:
        given["fallback_owners"] = _fallback_owners(f"{label}.fallback_owners", given["fallback_owners"])
    return given


def _domain(label: str, text: str) -> str:
    try:
        domain = addresses.normalise_domain(text)
    except addresses.AddressError as error:
        raise InputError(f"{label}: {error}") from error
    if len(domain) > addresses.VENDED_DOMAIN_MAX:
        raise InputError(
            f"{label}: {domain!r} has {len(domain)} characters; give {addresses.VENDED_DOMAIN_MAX} characters at most"
            f" (AWS accepts {addresses.ACCOUNT_EMAIL_MAX} for an account's address)"
        )
    return domain


def _mailbox(label: str, text: str) -> str:
    try:
        return addresses.normalise_owner(text)
    except addresses.AddressError as error:
        raise InputError(f"{label}: {error}") from error


def _fallback_owners(label: str, owners: Sequence[str]) -> list[str]:
    if len(owners) > _FALLBACK_OWNERS_MAX:
        raise InputError(
            f"{label}: {len(owners)} mailboxes are too many; give {_FALLBACK_OWNERS_MAX} at most, or a mailing list"
        )
    return [_mailbox(f"{label}[{index}]", owner) for index, owner in enumerate(owners)]


def _check_names(one: str | None, names: Sequence[str]) -> None:
    if len(names) > DOMAINS_MAX:
        raise InputError(
            f"{MANY}: {len(names)} domains are too many; give {DOMAINS_MAX} at most, which is what SES accepts in a"
            " receipt rule, and deploy another stack for the others"
        )
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(f"{MANY}: {', '.join(twice)} is there more than once; keep one of them")
    if one and [_domain(ONE, one)] != list(names):
        raise InputError(f"{ONE}, {MANY}: {one} and {', '.join(names)} disagree; give one of the two variables")


def _own(from_address: str | None) -> str | None:
    """Return the address that the forwarder sends from, unless it lies in a domain of its own; the role checks it."""
    try:
        return addresses.normalise(from_address or "")
    except addresses.AddressError:
        return None


def _loops(domain: Domain, names: Sequence[str], own: str | None) -> Iterator[str]:
    """Yield what is wrong with those who get mail of the domain: what would bring it back to the forwarder."""
    admin = [domain["admin_address"]] if "admin_address" in domain else []
    for option, mailboxes in {"admin_address": admin, "fallback_owners": domain.get("fallback_owners", [])}.items():
        for mailbox in mailboxes:
            label = f"{MANY}: {option} of {domain['domain']}: {mailbox}"
            if addresses.split(mailbox)[1] in names:
                yield (
                    f"{label} is in {addresses.split(mailbox)[1]}, so its mail would come back to the forwarder and go"
                    " round in a loop; give an address outside of all its domains"
                )
            elif addresses.normalise(mailbox) == own:
                yield f"{label} is the address that the forwarder sends from; give another"
