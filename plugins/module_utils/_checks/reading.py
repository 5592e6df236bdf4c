# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What checks are judged by, read when it is first asked for and once: a call that is shared is not made again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError

from ansible_collections.account_factory.email.plugins.module_utils._aws import AwsError
from ansible_collections.account_factory.email.plugins.module_utils._clients import new_client
from ansible_collections.account_factory.email.plugins.module_utils._stack import delivery_table

from . import api, names, rights
from .model import Asked, Unread


class _UnreadError(Exception):
    """Raised where something cannot be read because something else could not."""


class Readings:
    """All that can be read, by name; ``make`` makes the client of a service."""

    def __init__(self, make: Callable[..., Any], asked: Asked) -> None:
        self.asked = asked
        self._make = make
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
            raise _UnreadError(value.reason)
        return value

    def client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = new_client(self._make, service)
        return self._clients[service]

    def _try(self, read: Callable[[Readings], Any]) -> Any:
        try:
            return read(self)
        except (AnsibleAWSError, _UnreadError) as error:
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


def _simulation(readings: Readings) -> rights.Simulation:
    caller = readings.need("caller")
    principal = rights.principal_of(caller)
    if principal is None:
        raise _UnreadError(f"IAM simulates users and roles only, and the caller is {caller.arn}.")
    iam, actions = readings.client("iam"), rights.resources(readings.asked, caller)
    try:
        return api.simulate(iam, principal, actions)
    except AwsError as error:
        if error.code != "NoSuchEntity" or ":role/" not in principal:
            raise
    # The role has a path, as those of IAM Identity Center have.
    return api.simulate(iam, api.find_role_arn(iam, principal.rpartition("/")[2]), actions)


# Each value by its name, and how it is read.
READERS: Mapping[str, Callable[[Readings], Any]] = {
    "access_log_bucket": _find_access_log_bucket,
    "account": lambda readings: api.get_account(readings.client("sesv2")),
    "caller": lambda readings: api.get_caller(readings.client("sts")),
    "code_bucket": _find_code_bucket,
    "delivery_table": lambda readings: api.find_table(
        readings.client("dynamodb"), delivery_table(readings.asked.stack_name)
    ),
    "identities": lambda readings: api.list_identities(readings.client("sesv2")),
    "identity": lambda readings: api.get_identity(readings.client("sesv2"), readings.asked.identity),
    "inbound": lambda readings: api.get_inbound(readings.client("ses"), readings.asked.stack_name),
    "kms_key": _find_key,
    "kms_key_policy": _get_key_policy,
    "mail_bucket": _find_mail_bucket,
    "mail_bucket_name": _mail_bucket,
    "map_table": lambda readings: api.find_table(readings.client("dynamodb"), readings.asked.map_table),
    "simulation": _simulation,
    "stack": lambda readings: api.find_stack(readings.client("cloudformation"), readings.asked.stack_name),
}
