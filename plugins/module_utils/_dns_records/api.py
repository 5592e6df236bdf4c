# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls to Amazon SES and Route 53 about identities and records; all of them read. Errors arrive as AwsError."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._aws import Service
from ansible_collections.account_factory.email.plugins.module_utils._checks import api as checks

from .model import Identity, Zone, plain_name

# Five requests a second for the account (Amazon Route 53 Developer Guide, quotas).
_ROUTE53 = Service(
    retried=("PriorRequestNotComplete", "Throttling", "ThrottlingException"),
    remedies={
        "NoSuchHostedZone": (
            "Give the id of a hosted zone of this account; one of another account needs hosted_zone_role_arn."
        )
    },
)
# Amazon Route 53 Developer Guide, "DNS domain name format": how its API writes other characters than a-z, 0-9, - and _.
_ESCAPED = re.compile(r"\\([0-7]{3})")


def get_identity(sesv2: Any, name: str) -> Identity | None:
    """Return what SES says of an identity, None if there is none of this name."""
    said = checks.get_identity(sesv2, name)
    return None if said is None else to_identity(name, said)


def to_identity(name: str, said: Mapping[str, Any]) -> Identity:
    """Return an identity by what GetEmailIdentity says of it."""
    dkim = said.get("DkimAttributes") or {}
    verified = "SUCCESS" if said.get("VerifiedForSendingStatus") else "PENDING"
    # Without the zone, which an older botocore does not know, the records cannot be told (API v2 Reference,
    # DkimAttributes: SigningHostedZone differs from region to region).
    zone = dkim.get("SigningHostedZone") or ""
    # Tokens of keys that the owner brought are no names of records.
    by_ses = dkim.get("SigningAttributesOrigin", "AWS_SES").startswith("AWS_SES")
    return Identity(
        name=name,
        verification_status=said.get("VerificationStatus") or verified,
        dkim_tokens=tuple(dkim.get("Tokens") or ()) if zone and by_ses else (),
        signing_hosted_zone=plain_name(zone),
        mail_from_domain=(said.get("MailFromAttributes") or {}).get("MailFromDomain") or "",
    )


def list_identity_names(sesv2: Any) -> list[str]:
    """Return the names of the region's identities."""
    return [one["IdentityName"].lower() for one in checks.list_identities(sesv2)]


def get_zone(route53: Any, zone_id: str) -> Zone:
    """Return a hosted zone with all of its records; of records with a routing policy, the values of all."""
    described = _ROUTE53.call(f"look up the hosted zone {zone_id}", route53.get_hosted_zone, Id=zone_id)["HostedZone"]
    pages = route53.get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone_id)
    found = _ROUTE53.call(f"list the records of the hosted zone {zone_id}", pages.build_full_result)
    records: dict[tuple[str, str], tuple[str, ...]] = {}
    for one in found["ResourceRecordSets"]:
        key = (_name(one["Name"]), one["Type"])
        values = tuple(value["Value"] for value in one.get("ResourceRecords", []))
        records[key] = (*records.get(key, ()), *values)
    return Zone(
        id=zone_id,
        name=_name(described["Name"]),
        is_private=bool((described.get("Config") or {}).get("PrivateZone")),
        records=records,
    )


def _name(name: str) -> str:
    return plain_name(_ESCAPED.sub(lambda match: chr(int(match[1], 8)), name))
