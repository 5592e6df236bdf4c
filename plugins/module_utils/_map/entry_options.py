# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of one of many addresses, read by Ansible's own rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError

from .options import ADDRESS_RULES, ADDRESS_SPEC, UPSERT_SPEC

_UPSERTS = ArgumentSpecValidator(UPSERT_SPEC)
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
