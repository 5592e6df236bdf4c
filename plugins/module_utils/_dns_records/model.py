# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""DNS records that a vended domain needs, the zone that they belong in, and what SES says of the domain's identity.

Pure, standard library only. Names are in lower case and without a dot at their end.
Sources: Amazon Route 53 API Reference, ResourceRecordSet; Amazon SES API v2 Reference, DkimAttributes and
MailFromAttributes; Amazon SES Developer Guide, "Publishing an MX record for Amazon SES email receiving", "Using a
custom MAIL FROM domain" and "Complying with DMARC authentication protocol in Amazon SES".
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

# Short enough that a mistake is mended soon.
TTL = 300
_STRING_MAX = 255
# What a stack may have of a domain.
IDENTITY, MX, MAIL_FROM_MX, MAIL_FROM_SPF, DMARC = "identity", "mx", "mail_from_mx", "mail_from_spf", "dmarc"
DKIM = ("dkim1", "dkim2", "dkim3")
KEYS = (IDENTITY, *DKIM, MX, MAIL_FROM_MX, MAIL_FROM_SPF, DMARC)

# The state of a record.
CREATE, MANAGED, PRESENT, LEFT, CONFLICT, MANUAL = "create", "managed", "present", "left", "conflict", "manual"
# How the identity of a domain comes about: the stack creates it or has, it was there, or one above it counts.
CREATED, OURS, EXISTING, COVERED = "create", "managed", "existing", "covered"


@dataclass(frozen=True)
class Identity:
    """What SES says of an identity."""

    name: str
    verification_status: str = "PENDING"
    dkim_tokens: tuple[str, ...] = ()
    signing_hosted_zone: str = ""
    mail_from_domain: str = ""

    @property
    def is_verified(self) -> bool:
        return self.verification_status == "SUCCESS"


@dataclass(frozen=True)
class Zone:
    """A hosted zone: the values of its records by name and type. An alias of Route 53 is a record without values."""

    id: str
    name: str
    is_private: bool = False
    records: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)

    def holds(self, domain: str) -> bool:
        return is_within(domain, self.name)

    def values(self, name: str, kind: str) -> tuple[str, ...] | None:
        """Return the values of a record, None if there is none."""
        return self.records.get((name, kind))

    def types(self, name: str) -> tuple[str, ...]:
        return tuple(kind for known, kind in self.records if known == name)

    def delegated(self, domain: str) -> str | None:
        """Return the name below the zone's that other name servers answer for, and the domain with it, if any."""
        above = (name for name, kind in self.records if kind == "NS" and name != self.name)
        return next((name for name in above if is_within(domain, name)), None)


@dataclass(frozen=True)
class Wanted:
    """What is wanted of every domain."""

    region: str
    mail_from_subdomain: str = ""
    dmarc: str = ""
    accept_foreign_mx: bool = False

    @property
    def inbound(self) -> str:
        """Return the host that takes mail for SES in the region (AWS General Reference, SES endpoints)."""
        return f"inbound-smtp.{self.region}.amazonaws.com"

    @property
    def feedback(self) -> str:
        """Return the host that takes the bounces of a MAIL FROM domain."""
        return f"feedback-smtp.{self.region}.amazonses.com"


@dataclass(frozen=True)
class Record:
    """A record that a domain needs. Name and values are empty where SES tells them only once it has the identity."""

    key: str
    name: str
    type: str
    values: tuple[str, ...]
    state: str = MANUAL
    found: tuple[str, ...] = ()

    @property
    def is_managed(self) -> bool:
        """Tell whether the record is the forwarder's own, or will be."""
        return self.state in (CREATE, MANAGED)

    def to_dict(self, domain: str) -> dict[str, Any]:
        return {
            **vars(self),
            "resource": resource_id(domain, self.key),
            "values": list(self.values),
            "found": list(self.found),
            "ttl": TTL,
            "managed": self.is_managed,
        }


@dataclass(frozen=True)
class DomainPlan:
    """A domain with its identity and its records. ``notes`` say what is left alone, ``problems`` what must not be."""

    domain: str
    identity: str
    covered_by: str | None
    verification_status: str | None
    mail_from_domain: str
    records: tuple[Record, ...]
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def is_awaited(self) -> bool:
        """Tell whether nobody has to do anything until SES has verified the identity."""
        dkim = [record for record in self.records if record.key in DKIM]
        return self.identity != COVERED and not any(record.state == MANUAL for record in dkim)

    @property
    def owned(self) -> frozenset[str]:
        """Return what of the domain is the forwarder's own, or will be."""
        identity = {IDENTITY} if self.identity in (CREATED, OURS) else set()
        return frozenset({*identity, *(record.key for record in self.records if record.is_managed)})

    def to_dict(self) -> dict[str, Any]:
        return {
            "domain": self.domain,
            "resource": resource_id(self.domain, IDENTITY),
            "identity": self.identity,
            "managed": IDENTITY in self.owned,
            "covered_by": self.covered_by,
            "verification_status": self.verification_status,
            "mail_from_domain": self.mail_from_domain,
            "awaited": self.is_awaited,
            "records": [record.to_dict(self.domain) for record in self.records],
        }


def resource_id(domain: str, key: str) -> str:
    """Return the logical id of what a stack has of a domain; CloudFormation takes letters and digits in it only."""
    kind = "Identity" if key == IDENTITY else f"Record{key.title().replace('_', '')}"
    return f"{kind}{hashlib.sha256(domain.encode()).hexdigest()[:12]}"


def owned_keys(domain: str, resources: Collection[str]) -> frozenset[str]:
    """Return what a stack has of a domain, by the logical ids of its resources."""
    return frozenset(key for key in KEYS if resource_id(domain, key) in resources)


def is_within(domain: str, above: str) -> bool:
    return domain == above or domain.endswith(f".{above}")


def plain_name(name: str) -> str:
    return name.removesuffix(".").lower()


def quoted_strings(text: str) -> str:
    """Return the value of a TXT record as Route 53 and zone files have it (RFC 1035 section 3.3.14)."""
    parts = re.findall(f".{{1,{_STRING_MAX}}}", text)
    return " ".join(f'"{part}"' for part in parts)
