# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Identities of SES that CloudFormation makes: what the emulator leaves out about them. Run in the emulator's process.

AWS CloudFormation User Guide, AWS::SES::EmailIdentity: Fn::GetAtt returns the names and values of its DKIM records. An
identity that exists is not taken over (Amazon SES API v2 Reference, CreateEmailIdentity, AlreadyExistsException).
"""

from __future__ import annotations

import hashlib
from typing import Any

# AWS says that it differs from region to region (API v2 Reference, DkimAttributes, SigningHostedZone); so it is another
# here than the one that people know by heart.
SIGNING_HOSTED_ZONE = "dkim.eu-west-1.amazonses.example"


def dkim_tokens(domain: str) -> list[str]:
    """Return the three tokens of a domain."""
    return [hashlib.sha256(f"{domain.lower()}{number}".encode()).hexdigest()[:32] for number in range(3)]


def attributes(domain: str) -> dict[str, str]:
    """Return what Fn::GetAtt returns of the identity of a domain."""
    found = {}
    for number, token in enumerate(dkim_tokens(domain), 1):
        found[f"DkimDNSTokenName{number}"] = f"{token}._domainkey.{domain}"
        found[f"DkimDNSTokenValue{number}"] = f"{token}.{SIGNING_HOSTED_ZONE}"
    return found


def complete_identities(handlers: dict[str, Any]) -> None:
    """Let CloudFormation tell the DKIM records of an identity, and fail where it exists."""
    from ministack.services import ses, ses_v2

    kind = handlers["AWS::SES::EmailIdentity"]
    create, update = kind["create"], kind["update"]

    def make(logical_id: str, props: dict[str, Any], *more: Any) -> Any:
        name = props["EmailIdentity"]
        if name in ses._identities or name in ses_v2._identities:
            raise ValueError(f"Resource of type 'AWS::SES::EmailIdentity' with identifier '{name}' already exists.")
        physical_id, found = create(logical_id, props, *more)
        return physical_id, {**found, **attributes(name)}

    def change(physical_id: str, *more: Any, **options: Any) -> Any:
        changed, found = update(physical_id, *more, **options)
        return changed, {**found, **attributes(changed)}

    kind.update(create=make, update=change)
