# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of an account with a vended address, in a task of its own or as one of many."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.account_factory.email.plugins.module_utils._account.options import MAIL_SPEC
from ansible_collections.account_factory.email.plugins.module_utils._alternate_contacts.aliases import ALIASES_SPEC
from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._map.options import (
    NAME_SPEC,
    NEW_NAMES,
    NEW_REQUIRED_BY,
    REQUESTED_SPEC,
)
from ansible_collections.account_factory.email.plugins.module_utils._sides import ORGANIZATION, side_spec
from ansible_collections.account_factory.email.plugins.module_utils._text import ACCOUNT_ID_TYPE, TEXT_TYPE

ACCOUNT_SPEC: dict[str, Any] = {
    **NAME_SPEC,
    "address": {"type": "str"},
    **REQUESTED_SPEC,
    "account_id": {"type": ACCOUNT_ID_TYPE},
    "parent": {"type": TEXT_TYPE},
    "create_parents": {"type": "bool", "default": False},
    "role_name": {"type": TEXT_TYPE},
    "iam_user_access_to_billing": {"type": "str", "choices": ["ALLOW", "DENY"]},
    "purge_tags": {"type": "bool", "default": False},
    "rename": {"type": "bool", "default": False},
    "alternate_contacts": ALIASES_SPEC,
    "wait_timeout": {"type": "int"},
}
ACCOUNT_RULES: dict[str, Any] = {
    "required_one_of": [("address", *NEW_NAMES)],
    "mutually_exclusive": [("name_prefix", "account_name"), ("name_prefix", "local_part")],
}
# What is common to all accounts of a task.
TASK_SPEC: dict[str, Any] = {
    **side_spec(ORGANIZATION),
    "wait": {"type": "bool", "default": True},
    **MAIL_SPEC,
    "progress_file": {"type": "path"},
}
WAIT_TIMEOUT = 900
_ENTRIES = ArgumentSpecValidator(ACCOUNT_SPEC, **ACCOUNT_RULES)


def entry_options(entry: Any) -> Mapping[str, Any]:
    """Return the options of one of many accounts, with their types and defaults; InputError for what cannot be."""
    if not isinstance(entry, Mapping):
        raise InputError(f"{entry!r} is not a dictionary of options")
    result = _ENTRIES.validate(dict(entry))
    if result.error_messages:
        raise InputError("; ".join(result.error_messages))
    options: Mapping[str, Any] = result.validated_parameters
    return options


def missing_options(options: Mapping[str, Any]) -> str | None:
    """Return what to say of options that a new address needs and that are not given, None where all are.

    An account that is adopted needs no request id.
    """
    if options["address"] is not None:
        return None
    name = next((name for name in NEW_NAMES if options[name] is not None), NEW_NAMES[0])
    needed = [each for each in NEW_REQUIRED_BY[name] if each != "request_id" or options["account_id"] is None]
    missing = [each for each in needed if options[each] is None]
    return f"missing parameter(s) required by '{name}': {', '.join(missing)}" if missing else None
