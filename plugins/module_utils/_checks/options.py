# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be asked for of the checks. Pure, standard library only."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Mapping
from ipaddress import IPv6Address
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._address import (
    AddressError,
    normalise_domain,
    split,
)
from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._stack import STACK_SPEC, ForwarderStack

from .model import FAIL_ON, Asked

_DNS_PORT = 53
_NAMESERVER = re.compile(r"(\[(?P<bracketed>[^]]*)\]|(?P<host>[A-Za-z0-9.-]+))(:(?P<port>[0-9]{1,5}))?")

CHECK_SPEC: dict[str, Any] = {
    **STACK_SPEC,
    "domains": {"type": "list", "elements": "str"},
    "from_address": {"type": "str"},
    "identity": {"type": "str"},
    "map_table": {"type": "str"},
    "concurrency": {"type": "int", "default": 2},
    "rule_position": {"type": "str", "choices": ["first", "last"]},
    "rule_after": {"type": "str"},
    "rule_enabled": {"type": "bool", "default": True},
    "replaced_rule": {"type": "str"},
    "deployed": {"type": "bool", "default": False},
    "code_sha256": {"type": "str"},
    "mail_from_subdomain": {"type": "str", "default": ""},
    "accept_foreign_mx": {"type": "bool", "default": False},
    "hosted_zone_id": {"type": "str"},
    "nameservers": {"type": "list", "elements": "str", "default": []},
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
    domains = tuple(dict.fromkeys(_domain(domain) for domain in params["domains"] or ()))
    if not domains:
        raise InputError(
            "domains: is empty; give the domains that the forwarder receives mail for, or deployed=true for those of a"
            " deployed one"
        )
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
        deployed=params["deployed"],
        code_sha256=_digest(params["code_sha256"]),
        hosted_zone_id=(params["hosted_zone_id"] or "").strip().removeprefix("/hostedzone/"),
        mail_from_subdomain=params["mail_from_subdomain"].strip().lower(),
        accept_foreign_mx=params["accept_foreign_mx"],
        nameservers=tuple(map(read_nameserver, params["nameservers"])),
        kms_key=params["kms_key"],
        access_log_bucket=params["access_log_bucket"],
    )


def read_nameserver(text: str) -> tuple[str, int]:
    """Return host and port of a name server: HOST, HOST:PORT, or an address of IPv6, with a port in brackets."""
    found = _NAMESERVER.fullmatch(text.strip())
    host, port = (
        (found["bracketed"] or found["host"], int(found["port"] or _DNS_PORT)) if found else (text.strip(), _DNS_PORT)
    )
    is_host = bool(found and found["host"]) or _is_ipv6(host)
    if not is_host or not 0 < port < 65536:
        raise InputError(
            f"nameservers: {text!r} is not a name server; give a host or an address, as 192.0.2.53, with a port other"
            f" than {_DNS_PORT} as 192.0.2.53:5353 or [2001:db8::53]:5353"
        )
    return host, port


def _is_ipv6(text: str) -> bool:
    try:
        return bool(IPv6Address(text))
    except ValueError:
        return False


def as_deployed(params: Mapping[str, Any], stack: ForwarderStack, domains: Iterable[str]) -> dict[str, Any]:
    """Return the options with what a deployed forwarder has in the place of what is not given."""
    has = stack.parameters
    return {
        **params,
        "domains": list(domains),
        "from_address": params["from_address"] or has.get("FromAddress"),
        "map_table": params["map_table"] or stack.map_table,
        "concurrency": int(has.get("Concurrency") or params["concurrency"]),
        "kms_key": params["kms_key"] or has.get("KmsKey", ""),
        "access_log_bucket": params["access_log_bucket"] or has.get("AccessLogBucket", ""),
    }


def _identity(name: str) -> str:
    """Return an identity as SES keeps it: domains in lower case, local parts as they are."""
    local_part, at, host = name.rpartition("@")
    return f"{local_part}{at}{host.lower()}"


def _digest(code_sha256: str | None) -> str | None:
    """Return the digest of a package as Lambda tells it."""
    try:
        digest = base64.b64decode(code_sha256 or "", validate=True)
    except binascii.Error:
        digest = b"?"
    if len(digest) not in (0, hashlib.sha256().digest_size):
        raise InputError(
            "code_sha256: is not a SHA-256 digest in Base64; give code_sha256 as lambda_package returns it"
        )
    return code_sha256 or None


def _domain(domain: str) -> str:
    try:
        return normalise_domain(domain)
    except AddressError as error:
        raise InputError(f"domains: {error}") from error
