# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be asked for of the checks. Pure, standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._address import (
    AddressError,
    normalise_domain,
    split,
)
from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._stack import STACK_SPEC

from .model import FAIL_ON, Asked

CHECK_SPEC: dict[str, Any] = {
    **STACK_SPEC,
    "domains": {"type": "list", "elements": "str", "required": True},
    "from_address": {"type": "str"},
    "identity": {"type": "str"},
    "map_table": {"type": "str"},
    "concurrency": {"type": "int", "default": 2},
    "rule_position": {"type": "str", "choices": ["first", "last"]},
    "rule_after": {"type": "str"},
    "rule_enabled": {"type": "bool", "default": True},
    "replaced_rule": {"type": "str"},
    "kms_key": {"type": "str", "default": "", "no_log": False},
    "access_log_bucket": {"type": "str", "default": ""},
    "only": {"type": "list", "elements": "str"},
    "skip": {"type": "list", "elements": "str"},
    "fail_on": {"type": "str", "choices": list(FAIL_ON), "default": "never"},
}


def build_asked(params: Mapping[str, Any], region: str | None) -> Asked:
    """Return the forwarder that the options describe, with the role's own defaults; raise InputError for bad ones."""
    if not region:
        raise InputError("region: no region is set; give it, or set AWS_REGION")
    domains = tuple(dict.fromkeys(_domain(domain) for domain in params["domains"]))
    if not domains:
        raise InputError("domains: is empty; give the domains that the forwarder receives mail for")
    from_address = params["from_address"] or f"aws-accounts@{domains[0]}"
    try:
        local_part, host = split(from_address)
    except AddressError as error:
        raise InputError(f"from_address: {error}") from error
    return Asked(
        stack_name=params["stack_name"],
        region=region,
        domains=domains,
        from_address=f"{local_part}@{host.lower()}",
        identity=_identity(params["identity"] or host),
        map_table=params["map_table"] or f"{params['stack_name']}-map",
        concurrency=params["concurrency"],
        rule_position=params["rule_position"],
        rule_after=params["rule_after"] or None,
        rule_enabled=params["rule_enabled"],
        replaced_rule=params["replaced_rule"] or None,
        kms_key=params["kms_key"],
        access_log_bucket=params["access_log_bucket"],
    )


def _identity(name: str) -> str:
    """Return an identity as SES keeps it: domains in lower case, local parts as they are."""
    local_part, at, host = name.rpartition("@")
    return f"{local_part}{at}{host.lower()}"


def _domain(domain: str) -> str:
    try:
        return normalise_domain(domain)
    except AddressError as error:
        raise InputError(f"domains: {error}") from error
