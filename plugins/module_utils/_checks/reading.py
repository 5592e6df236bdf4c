# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What checks are judged by, read when it is first asked for and once: a call that is shared is not made again."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.account_factory.email.plugins.module_utils._aws import AwsError
from ansible_collections.account_factory.email.plugins.module_utils._clients import new_client
from ansible_collections.account_factory.email.plugins.module_utils._dns_records import api as records
from ansible_collections.account_factory.email.plugins.module_utils._dns_records.model import Zone
from ansible_collections.account_factory.email.plugins.module_utils._errors import TaskError
from ansible_collections.account_factory.email.plugins.module_utils._pacing import pace
from ansible_collections.account_factory.email.plugins.module_utils._stack import delivery_table

from . import api, deployed, dns, names, resolving, rights
from .model import Asked, Unread, UnreadError

# The services whose operations are each called once a second at most.
_SES = ("ses", "sesv2")
# SES tells of one a second.
_IDENTITIES_MAX = 10
_LOOPBACK = re.compile(r"localhost|127\.[0-9.]+|::1")


class Readings:
    """All that can be read, by name.

    ``make`` makes the client of a service. ``make_for_zone`` returns what makes one for the hosted zone; it takes the
    ARN of the role that is assumed for that where none is given, or None.
    """

    asked: Asked

    def __init__(
        self,
        make: Callable[..., Any],
        asked: Asked,
        make_for_zone: Callable[[str | None], Callable[..., Any]] | None = None,
    ) -> None:
        self.asked = asked
        self.make = make
        # Where the zone is in another account, this assumes a role there.
        self.make_for_zone = make_for_zone or (lambda _role_arn: make)
        self._clients: dict[str, Any] = {}
        self._read: dict[str, Any] = {}

    def get(self, name: str) -> Any:
        """Return what was read, or Unread with the reason."""
        if name not in self._read:
            self._read[name] = self._try(READERS[name])
        return self._read[name]

    def need(self, name: str) -> Any:
        """Return what was read, for what rests on it."""
        value = self.get(name)
        if isinstance(value, Unread):
            raise UnreadError(value.reason)
        return value

    def client(self, service: str) -> Any:
        if service not in self._clients:
            made = new_client(self.make, service)
            self._clients[service] = pace(made) if service in _SES else made
        return self._clients[service]

    def _try(self, read: Callable[[Readings], Any]) -> Any:
        try:
            return read(self)
        except (AwsError, TaskError, UnreadError, resolving.ResolvingError) as error:
            return Unread(str(error))


def _mail_bucket(readings: Readings) -> str:
    return names.mail_bucket(readings.asked, readings.need("caller"))


def _find_mail_bucket(readings: Readings) -> names.Taken:
    account_id = readings.need("caller").account_id
    return api.find_bucket(readings.client("s3"), _mail_bucket(readings), account_id)


def _find_code_bucket(readings: Readings) -> names.Taken:
    caller = readings.need("caller")
    return api.find_bucket(readings.client("s3"), names.code_bucket(readings.asked, caller), caller.account_id)


def _find_access_log_bucket(readings: Readings) -> names.Taken | None:
    if not readings.asked.access_log_bucket:
        return None
    caller = readings.need("caller")
    name = names.access_log_bucket(readings.asked, caller)
    return api.find_bucket(readings.client("s3"), name, caller.account_id) if name else None


def _find_key(readings: Readings) -> dict[str, Any] | None:
    arn = readings.asked.given_key
    return api.find_key(readings.client("kms"), arn) if arn else None


def _get_key_policy(readings: Readings) -> dict[str, Any] | None:
    arn = readings.asked.given_key
    return api.get_key_policy(readings.client("kms"), arn) if arn else None


def _taken(table: str, described: Any) -> names.Taken:
    """Return whose the name of a table is."""
    return names.Taken(table, names.FREE if described is None else names.OURS)


def _simulation(readings: Readings) -> rights.Simulation:
    caller = readings.need("caller")
    principal = rights.principal_of(caller)
    if principal is None:
        raise UnreadError(f"IAM simulates users and roles only, and the caller is {caller.arn}.")
    iam, actions = readings.client("iam"), rights.resources(readings.asked, caller)
    try:
        return api.simulate(iam, principal, actions)
    except AwsError as error:
        if error.code != "NoSuchEntity" or ":role/" not in principal:
            raise
    # The role has a path, as those of IAM Identity Center have.
    return api.simulate(iam, api.find_role_arn(iam, principal.rpartition("/")[2]), actions)


def _domain_identities(readings: Readings) -> dict[str, Any]:
    """Return what SES says of the identities of the first domains themselves, by the domains."""
    listed = {one["IdentityName"].lower() for one in readings.need("identities")}
    asked = [domain for domain in readings.asked.domains if domain in listed][:_IDENTITIES_MAX]
    found = {domain: _identity_of(readings, domain) for domain in asked}
    return {domain: said for domain, said in found.items() if said is not None}


def _identity_of(readings: Readings, domain: str) -> Any:
    if domain == readings.asked.identity:
        return readings.need("identity")
    return api.get_identity(readings.client("sesv2"), domain)


def _hosted_zone(readings: Readings) -> Zone | None:
    """Return the hosted zone that is given, or the one of another account that a deployed forwarder notes."""
    zone_id, role_arn = readings.asked.hosted_zone_id, None
    if not zone_id and readings.asked.deployed:
        stack: names.Stack | None = readings.need("stack")
        noted = stack.outputs if stack else {}
        zone_id, role_arn = noted.get("HostedZoneId", ""), noted.get("HostedZoneRoleArn")
    return records.get_zone(new_client(readings.make_for_zone(role_arn), "route53"), zone_id) if zone_id else None


def _dns(readings: Readings) -> dns.Seen:
    """Return what DNS says of the domains; what DKIM needs is left out where SES does not say it."""
    _refuse_emulators(readings)
    said = readings.get("domain_identities")
    known = {} if isinstance(said, Unread) else {name: records.to_identity(name, one) for name, one in said.items()}
    expected = dns.expect(readings.asked, known)
    answers = resolving.ask(dns.questions(expected), readings.asked.nameservers)
    return dns.Seen(expected, dns.wanted_of(readings.asked), answers)


def _refuse_emulators(readings: Readings) -> None:
    """Raise where AWS is an emulator on this machine: nothing that it has is in the system's DNS."""
    endpoint = urlsplit(readings.client("sesv2").meta.endpoint_url)
    if not readings.asked.nameservers and _LOOPBACK.fullmatch(endpoint.hostname or ""):
        raise UnreadError(
            f"The endpoint of AWS, {endpoint.netloc}, is on this machine, and what it has is not in DNS; give"
            " mail_forwarder_nameservers (nameservers) servers that know it."
        )


# Each value by its name, and how it is read.
READERS: Mapping[str, Callable[[Readings], Any]] = {
    **deployed.READERS,
    "access_log_bucket": _find_access_log_bucket,
    "account": lambda readings: api.get_account(readings.client("sesv2")),
    "caller": lambda readings: api.get_caller(readings.client("sts")),
    "code_bucket": _find_code_bucket,
    "delivery_description": lambda readings: api.find_table(
        readings.client("dynamodb"), delivery_table(readings.asked.stack_name)
    ),
    "delivery_table": lambda readings: _taken(
        delivery_table(readings.asked.stack_name), readings.need("delivery_description")
    ),
    "dns": _dns,
    "domain_identities": _domain_identities,
    "hosted_zone": _hosted_zone,
    "identities": lambda readings: api.list_identities(readings.client("sesv2")),
    "identity": lambda readings: api.get_identity(readings.client("sesv2"), readings.asked.identity),
    "inbound": lambda readings: api.get_inbound(readings.client("ses"), readings.asked.stack_name),
    "kms_key": _find_key,
    "kms_key_policy": _get_key_policy,
    "mail_bucket": _find_mail_bucket,
    "mail_bucket_name": _mail_bucket,
    "map_description": lambda readings: api.find_table(readings.client("dynamodb"), readings.asked.map_table),
    "map_table": lambda readings: _taken(readings.asked.map_table, readings.need("map_description")),
    "simulation": _simulation,
    "stack": lambda readings: api.find_stack(readings.client("cloudformation"), readings.asked.stack_name),
}
