# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the function is configured with: read once, checked whole, never guessed.

The stack hands over one variable of JSON, SETTINGS, whose members are named as the fields of Settings. Lambda and
Powertools have variables of their own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils import _address as address
from forwarder.core.verdict_policy import QUARANTINE, TAG

_RESOURCE_NAME = re.compile(r"[A-Za-z0-9_.-]{3,255}")
# SES API v2, ConfigurationSetName: letters, numbers, underscores and dashes, 64 characters at most.
_CONFIGURATION_SET = re.compile(r"[A-Za-z0-9_-]{1,64}")
# CloudWatch, PutMetricData parameter Namespace.
_METRICS_NAMESPACE = re.compile(r"[A-Za-z0-9_./#:-]{1,255}")
# CloudFormation, CreateStack parameter StackName.
_STACK_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,127}")
_REGION = re.compile(r"[a-z0-9-]{4,32}")
_SENDER_NAME_MAX = 64
# A mail that waits comes back within Amazon SQS's longest visibility timeout, 12 hours, however often it waited.
_RETRY_SECONDS_MAX = 3600
# Longer than a notice can live: 14 days in the queue, 14 in the dead-letter queue, and both again after a redrive.
_RECORD_DAYS_MIN, _RECORD_DAYS_MAX = 90, 3650

# Amazon S3 API Reference, LifecycleExpiration, Days: an integer.
_MAIL_DAYS_MAX = 2**31 - 1


class SettingsError(ValueError):
    """The environment lacks a setting or holds one that cannot work; the text names each."""


@dataclass(frozen=True)
class Settings:
    """The function's configuration; addresses are plain, their domains normalised (see the map's address module).

    ``fallback_owners`` get the mail of owners that cannot be reached, where the address names no others.
    ``retry_seconds`` is how long a mail waits that could not be forwarded, the first time. ``record_days`` is how long
    the table of deliveries keeps an item, ``mail_days`` how long the bucket keeps mail, 0 for ever. ``queue_url`` is
    that of the queue that the function takes its messages from, empty for one that takes none. ``dead_letter_queues``
    are the URLs of those that a function brings messages back from, each with that of the queue to bring them to.
    """

    map_table: str
    delivery_table: str
    mail_bucket: str
    from_address: str
    sender_name: str
    admin_address: str
    fallback_owners: tuple[str, ...]
    catch_all: bool
    spam: str
    dmarc_failure: str
    retry_seconds: int
    record_days: int
    mail_days: int
    stack_name: str
    configuration_set: str
    region: str
    metrics_namespace: str
    queue_url: str
    dead_letter_queues: Mapping[str, str]


def _matching(pattern: re.Pattern[str]) -> Callable[[str], str]:
    def check(value: object) -> str:
        if not pattern.fullmatch(_text(value)):
            raise ValueError(f"{value!r} is not of the form {pattern.pattern}")
        return _text(value)

    return check


def _sender_name(given: object) -> str:
    value = _text(given)
    if not value.isprintable() or not 1 <= len(value.strip()) <= _SENDER_NAME_MAX:
        raise ValueError(f"{value!r} is not 1 to {_SENDER_NAME_MAX} printable characters")
    return value.strip()


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{value!r} is neither true nor false")
    return value


def _policy(value: object) -> str:
    if value not in (TAG, QUARANTINE):
        raise ValueError(f"{value!r} is neither {TAG!r} nor {QUARANTINE!r}")
    return str(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not a text")
    return value


def _mailboxes(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError(f"{value!r} is not a list")
    return tuple(address.normalise_owner(_text(one)) for one in value)


def _number(unit: str, least: int, most: int) -> Callable[[object], int]:
    def check(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise ValueError(f"{value!r} is not a number of {unit} from {least} to {most}")
        return value

    return check


# The members of SETTINGS, and what checks each (ValueError if it cannot work).
_MEMBERS: dict[str, Callable[[Any], Any]] = {
    "map_table": _matching(_RESOURCE_NAME),
    "delivery_table": _matching(_RESOURCE_NAME),
    "mail_bucket": _matching(_RESOURCE_NAME),
    "from_address": lambda value: address.normalise_owner(_text(value)),
    "sender_name": _sender_name,
    "admin_address": lambda value: address.normalise_owner(_text(value)),
    "fallback_owners": _mailboxes,
    "catch_all": _truth,
    "spam": _policy,
    "dmarc_failure": _policy,
    "retry_seconds": _number("seconds", 1, _RETRY_SECONDS_MAX),
    "record_days": _number("days", _RECORD_DAYS_MIN, _RECORD_DAYS_MAX),
    "mail_days": _number("days", 0, _MAIL_DAYS_MAX),
    "stack_name": _matching(_STACK_NAME),
    "configuration_set": _matching(_CONFIGURATION_SET),
}
_VARIABLES: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "region": ("AWS_REGION", _matching(_REGION)),
    "metrics_namespace": ("POWERTOOLS_METRICS_NAMESPACE", _matching(_METRICS_NAMESPACE)),
}


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Return the settings that the environment holds; raise SettingsError naming each that is missing or wrong."""
    members = _members(environment.get("SETTINGS", ""))
    given = {name: (f"SETTINGS.{name}", members.get(name), check) for name, check in _MEMBERS.items()}
    given |= {name: (variable, environment.get(variable), check) for name, (variable, check) in _VARIABLES.items()}
    values: dict[str, Any] = {}
    problems = [f"SETTINGS.{name} is not known" for name in sorted(members.keys() - _MEMBERS.keys())]
    for name, (shown, value, check) in given.items():
        if value is None:
            problems.append(f"{shown} is not set")
            continue
        try:
            values[name] = check(value)
        except ValueError as error:
            problems.append(f"{shown}: {error}")
    problems += [] if problems else _loops(values)
    if problems:
        raise SettingsError(f"the forwarder's environment does not work: {'; '.join(problems)}")
    return Settings(
        **values,
        queue_url=environment.get("QUEUE_URL", ""),
        dead_letter_queues=json.loads(environment.get("DEAD_LETTER_QUEUES", "{}")),
    )


def _members(text: str) -> dict[str, Any]:
    if not text:
        raise SettingsError("the forwarder's environment does not work: SETTINGS is not set")
    try:
        members = json.loads(text)
    except ValueError as error:
        raise SettingsError(f"the forwarder's environment does not work: SETTINGS is not JSON: {error}") from error
    if not isinstance(members, dict):
        raise SettingsError("the forwarder's environment does not work: SETTINGS is not a JSON object")
    return members


def _loops(values: Mapping[str, Any]) -> list[str]:
    """Return what would come back here for ever."""
    own = address.normalise(values["from_address"])
    others = {"admin_address": (values["admin_address"],), "fallback_owners": values["fallback_owners"]}
    return [
        f"SETTINGS.{name} holds from_address: mail for it would come back here for ever"
        for name, mailboxes in others.items()
        if own in {address.normalise(mailbox) for mailbox in mailboxes}
    ]
