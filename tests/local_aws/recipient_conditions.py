# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which recipients a receipt rule is for (Amazon SES Developer Guide, "Recipient conditions" of receipt rules)."""

from __future__ import annotations

from collections.abc import Collection, Iterable


def matches(conditions: Collection[str], recipient: str) -> bool:
    """Return whether a recipient meets one of the conditions; without conditions everyone does."""
    return not conditions or any(_meets(condition.lower(), recipient.lower()) for condition in conditions)


def _meets(condition: str, recipient: str) -> bool:
    local_part, _unused, domain = recipient.rpartition("@")
    if condition.startswith("."):
        return domain.endswith(condition)
    if "@" in condition:
        # user@example.com is also for user+label@example.com.
        return condition in (recipient, f"{local_part.partition('+')[0]}@{domain}")
    return domain == condition


def on_verified_domain(recipient: str, identities: Iterable[str]) -> bool:
    """Return whether SES receives for this recipient at all: its domain, or one above it, is a verified identity."""
    domain = recipient.rpartition("@")[2].lower()
    domains = {identity.lower() for identity in identities if "@" not in identity}
    return any(domain == verified or domain.endswith(f".{verified}") for verified in domains)
