# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plan of records rests on, read from SES and Route 53."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._address import (
    DOMAIN_LABEL_MAX,
    AddressError,
    domains_above,
    normalise_domain,
)
from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError

from . import api
from .model import Identity, Wanted

_POLICIES = ("none", "quarantine", "reject")

DNS_SPEC: dict[str, Any] = {
    "domains": {"type": "list", "elements": "str", "required": True},
    "hosted_zone_id": {"type": "str"},
    "mail_from_subdomain": {"type": "str", "default": ""},
    "dmarc": {"type": "str", "default": ""},
    "accept_foreign_mx": {"type": "bool", "default": False},
    "resources": {"type": "list", "elements": "str", "default": []},
    "made": {"type": "list", "elements": "str"},
}


def read_domains(given: Sequence[str], may_be_none: bool = False) -> list[str]:
    """Return the domains as they are compared; raise InputError for what is none, and unless told for no domains."""
    try:
        domains = list(dict.fromkeys(map(normalise_domain, given)))
    except AddressError as error:
        raise InputError(f"domains: {error}") from error
    if not domains and not may_be_none:
        raise InputError("domains: is empty; give the domains that the forwarder receives mail for")
    return domains


def read_wanted(params: Mapping[str, Any], domains: Sequence[str], region: str | None) -> Wanted:
    """Return what is wanted of every domain; raise InputError for what cannot be."""
    if not region:
        raise InputError("region: no region is set; give it, or set AWS_REGION")
    return Wanted(
        region=region,
        mail_from_subdomain=_subdomain(params["mail_from_subdomain"], domains),
        dmarc=_dmarc(params["dmarc"]),
        accept_foreign_mx=params["accept_foreign_mx"],
    )


def _subdomain(text: str, domains: Sequence[str]) -> str:
    """Return the label of the MAIL FROM domains, which neither receive mail nor send it.

    Amazon SES Developer Guide, "Using a custom MAIL FROM domain".
    """
    label = text.strip().lower()
    if not label:
        return ""
    try:
        normalise_domain(f"{label}.example.com")
    except AddressError as error:
        raise InputError(f"mail_from_subdomain: {text!r} is not a label of a domain name: {error}") from error
    if "." in label:
        raise InputError(
            f"mail_from_subdomain: {text!r} has a dot; give one label of {DOMAIN_LABEL_MAX} characters at most"
        )
    taken = [f"{label}.{domain}" for domain in domains if f"{label}.{domain}" in domains]
    if taken:
        raise InputError(
            f"mail_from_subdomain: {taken[0]} is one of the domains that mail is received for, and SES takes no such"
            " domain as a MAIL FROM domain; give another label"
        )
    return label


def _dmarc(text: str) -> str:
    """Return the value of the DMARC record (RFC 7489 section 6.3), without quotes."""
    value = text.strip().strip('"')
    if not value:
        return ""
    tags = [tag.strip().lower() for tag in value.split(";")]
    policies = [tag.partition("=")[2].strip() for tag in tags[1:] if tag.partition("=")[0].strip() == "p"]
    if tags[0].replace(" ", "") != "v=dmarc1" or len(policies) != 1 or policies[0] not in _POLICIES:
        raise InputError(
            f"dmarc: {value!r} is not the value of a DMARC record; it begins with v=DMARC1 and has one p= of none,"
            " quarantine or reject, as v=DMARC1; p=reject; adkim=s"
        )
    if not value.isascii() or not value.isprintable() or '"' in value or "\\" in value:
        raise InputError(f"dmarc: {value!r} has characters that no DMARC record has; give printable ASCII, no quotes")
    if "aspf=s" in [tag.replace(" ", "") for tag in tags]:
        raise InputError(
            "dmarc: aspf=s cannot be met, since the envelope sender is in the mail_from_subdomain and not in the domain"
            " itself; omit it"
        )
    return value


def read_identities(sesv2: Any, domains: Sequence[str]) -> dict[str, Identity]:
    """Return the identities of the domains and of those above them, by their names."""
    asked = {name for domain in domains for name in (domain, *domains_above(domain))}
    names = sorted(asked & {*api.list_identity_names(sesv2)})
    found = ((name, api.get_identity(sesv2, name)) for name in names)
    return {name: identity for name, identity in found if identity}
