# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules of the map have in common: which table, and who writes when."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Any

from ansible.module_utils.basic import env_fallback
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.account_factory.email.plugins.module_utils._clients import new_client
from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._record import Stamp
from ansible_collections.account_factory.email.plugins.module_utils._text import ACCOUNT_ID_TYPE, TEXT_TYPE
from ansible_collections.account_factory.email.plugins.module_utils._times import utc_text

from . import api
from .requests import ON_CHANGE, REFUSE

TABLE_SPEC = {"table": {"type": TEXT_TYPE, "fallback": (env_fallback, ["ACCOUNT_EMAIL_TABLE"])}}

# What may be said of one address, in a task of its own or as one of many.
ADDRESS_SPEC: dict[str, Any] = {
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "name_prefix": {"type": TEXT_TYPE},
    "counter_length": {"type": "int", "default": 3},
    "account_name": {"type": TEXT_TYPE},
    "local_part": {"type": TEXT_TYPE},
    "domain": {"type": "str"},
    "request_id": {"type": TEXT_TYPE},
    "address": {"type": "str"},
    "owners": {"type": "list", "elements": "str"},
    "account_type": {"type": TEXT_TYPE},
    "tags": {"type": "dict"},
    "purge_tags": {"type": "bool", "default": True},
    "account_id": {"type": ACCOUNT_ID_TYPE},
    "create_account_request_id": {"type": TEXT_TYPE},
    "status": {"type": "str", "choices": ["vended", "active"]},
    "forwarding": {"type": "bool"},
    "restore": {"type": "bool", "default": False},
    "on_change": {"type": "str", "choices": list(ON_CHANGE), "default": REFUSE},
}
_NEW = ("name_prefix", "account_name", "local_part")
ADDRESS_RULES: dict[str, Any] = {
    "required_one_of": [("address", *_NEW)],
    "required_by": {
        "name_prefix": ("domain", "request_id", "owners"),
        "account_name": ("domain", "owners"),
        "local_part": ("domain", "owners"),
    },
    "required_if": [("state", "absent", ("address",)), ("restore", True, ("address",))],
    "mutually_exclusive": [
        *(("address", name) for name in (*_NEW, "domain", "request_id")),
        *(("name_prefix", name) for name in ("account_name", "local_part", "account_id")),
        *((new, name) for new in _NEW for name in ("create_account_request_id", "status")),
    ],
}

_ONLY_REQUESTS = ("name_prefix", "counter_length", "local_part", "domain", "request_id", "on_change")
# An entry of many that names its address: it is brought in where it is not in the map, so it may say its name.
_UPSERT_SPEC: dict[str, Any] = {
    **{name: spec for name, spec in ADDRESS_SPEC.items() if name not in _ONLY_REQUESTS},
    "series": {"type": TEXT_TYPE},
    "number": {"type": "int"},
}
_UPSERTS = ArgumentSpecValidator(_UPSERT_SPEC)
_REQUESTS = ArgumentSpecValidator(ADDRESS_SPEC, **ADDRESS_RULES)


def entry_options(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the options of one of many addresses, with their types and defaults; InputError for what cannot be."""
    if not isinstance(entry, Mapping):
        raise InputError(f"{entry!r} is not a dictionary of options")
    by_address = entry.get("address") is not None
    result = (_UPSERTS if by_address else _REQUESTS).validate(dict(entry))
    if result.error_messages:
        raise InputError("; ".join(result.error_messages))
    options: Mapping[str, Any] = result.validated_parameters
    return options


def table_of(module: AnsibleAWSModule) -> api.Table:
    """Return the table that the task works on."""
    return named_table(module.params["table"], module.client)


def named_table(name: str | None, client: Callable[..., Any]) -> api.Table:
    """Return the table of that name; ``client`` makes the client of a service."""
    name = (name or "").strip()
    if not name:
        raise InputError("table: is not given; name the table of the map, or export ACCOUNT_EMAIL_TABLE")
    return api.Table(new_client(client, "dynamodb"), name)


def stamp_of(module: AnsibleAWSModule) -> Stamp:
    """Return the present moment, in UTC, and the caller."""
    return Stamp(at=utc_text(datetime.now(timezone.utc)), by=api.caller_arn(new_client(module.client, "sts")))
