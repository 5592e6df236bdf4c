# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the function is configured with: read once from the environment, checked whole, never guessed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils import _address as address
from forwarder.verdict_policy import QUARANTINE, TAG

_RESOURCE_NAME = re.compile(r"[A-Za-z0-9_.-]{3,255}")
# SES API v2, ConfigurationSetName: letters, numbers, underscores and dashes, 64 characters at most.
_CONFIGURATION_SET = re.compile(r"[A-Za-z0-9_-]{1,64}")
# CloudWatch, PutMetricData parameter Namespace.
_METRICS_NAMESPACE = re.compile(r"[A-Za-z0-9_./#:-]{1,255}")
# CloudFormation, CreateStack parameter StackName.
_STACK_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,127}")
_REGION = re.compile(r"[a-z0-9-]{4,32}")
_SENDER_NAME_MAX = 64


class SettingsError(ValueError):
    """The environment lacks a variable or holds one that cannot work; the text names each."""


@dataclass(frozen=True)
class Settings:
    """The function's configuration; addresses are plain, their domains normalised (see the map's address module)."""

    map_table: str
    delivery_table: str
    mail_bucket: str
    from_address: str
    sender_name: str
    admin_address: str
    catch_all: bool
    spam: str
    dmarc_failure: str
    stack_name: str
    region: str
    configuration_set: str
    metrics_namespace: str


def _matching(pattern: re.Pattern[str]) -> Callable[[str], str]:
    def check(value: str) -> str:
        if not pattern.fullmatch(value):
            raise ValueError(f"{value!r} is not of the form {pattern.pattern}")
        return value

    return check


def _sender_name(value: str) -> str:
    if not value.isprintable() or not 1 <= len(value.strip()) <= _SENDER_NAME_MAX:
        raise ValueError(f"{value!r} is not 1 to {_SENDER_NAME_MAX} printable characters")
    return value.strip()


def _truth(value: str) -> bool:
    if value not in ("true", "false"):
        raise ValueError(f"{value!r} is neither 'true' nor 'false'")
    return value == "true"


def _policy(value: str) -> str:
    if value not in (TAG, QUARANTINE):
        raise ValueError(f"{value!r} is neither {TAG!r} nor {QUARANTINE!r}")
    return value


# The field of Settings, the variable that holds it, and what turns the one into the other (ValueError if it cannot).
_VARIABLES: tuple[tuple[str, str, Callable[[str], Any]], ...] = (
    ("map_table", "MAP_TABLE", _matching(_RESOURCE_NAME)),
    ("delivery_table", "DELIVERY_TABLE", _matching(_RESOURCE_NAME)),
    ("mail_bucket", "MAIL_BUCKET", _matching(_RESOURCE_NAME)),
    ("from_address", "FROM_ADDRESS", address.normalise_owner),
    ("sender_name", "SENDER_NAME", _sender_name),
    ("admin_address", "ADMIN_ADDRESS", address.normalise_owner),
    ("catch_all", "CATCH_ALL", _truth),
    ("spam", "SPAM", _policy),
    ("dmarc_failure", "DMARC_FAILURE", _policy),
    ("stack_name", "STACK_NAME", _matching(_STACK_NAME)),
    ("region", "AWS_REGION", _matching(_REGION)),
    ("configuration_set", "CONFIGURATION_SET", _matching(_CONFIGURATION_SET)),
    ("metrics_namespace", "POWERTOOLS_METRICS_NAMESPACE", _matching(_METRICS_NAMESPACE)),
)


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Return the settings that the environment holds; raise SettingsError naming every variable that is wrong."""
    values: dict[str, Any] = {}
    problems: list[str] = []
    for name, variable, check in _VARIABLES:
        if variable not in environment:
            problems.append(f"{variable} is not set")
            continue
        try:
            values[name] = check(environment[variable])
        except ValueError as error:
            problems.append(f"{variable}: {error}")
    if not problems and address.normalise(values["admin_address"]) == address.normalise(values["from_address"]):
        problems.append("ADMIN_ADDRESS is FROM_ADDRESS: mail for the admin would come back here for ever")
    if problems:
        raise SettingsError(f"the forwarder's environment does not work: {'; '.join(problems)}")
    return Settings(**values)
