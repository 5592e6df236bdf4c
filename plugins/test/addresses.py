# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tests of domains and addresses by the rules of the modules and the forwarder. Each is documented in its YAML file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._address import (
    VENDED_DOMAIN_MAX,
    AddressError,
    normalise_domain,
    normalise_owner,
)


def plain_address(value: Any) -> bool:
    """Return whether the value is a mailbox that SES can send to: user@host, and nothing around it."""
    return _is_normal(normalise_owner, str(value))


def vendable_domain(value: Any) -> bool:
    """Return whether the value is a domain name that leaves room for a local part in an account's email."""
    return _is_normal(normalise_domain, str(value)) and len(str(value)) <= VENDED_DOMAIN_MAX


def _is_normal(normalise: Callable[[str], str], text: str) -> bool:
    """Return whether the text is accepted as it is: whoever tests it goes on to use it, with its blanks and dots."""
    try:
        return normalise(text).lower() == text.lower()
    except AddressError:
        return False


class TestModule:
    """What Ansible looks for."""

    # pytest would take the class for a collection of its own tests.
    __test__ = False

    def tests(self) -> dict[str, Callable[..., bool]]:
        return {"plain_address": plain_address, "vendable_domain": vendable_domain}
