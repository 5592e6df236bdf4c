# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be asked of the map: argument specifications that derive from the fields of a record. Pure."""

from __future__ import annotations

from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._record import ACTIVE, RETIRED, VENDED
from ansible_collections.account_factory.email.plugins.module_utils._text import TEXT_TYPE

from .fields import EDITED, FIELDS, REQUESTED, SEARCHED
from .requests import ON_CHANGE, REFUSE

# What names a new address, and what is given with it. The account's own id and the like are only known of some.
NEW_NAMES = ("name_prefix", "account_name", "local_part")
NAME_SPEC: dict[str, Any] = {
    "name_prefix": {"type": TEXT_TYPE},
    "counter_length": {"type": "int", "default": 3},
    "local_part": {"type": TEXT_TYPE},
    **{field.name: field.spec for field in FIELDS if not field.edited},
}
REQUESTED_SPEC: dict[str, Any] = {
    **{field.name: field.spec for field in REQUESTED},
    "on_change": {"type": "str", "choices": list(ON_CHANGE), "default": REFUSE},
}
OWNER_CHANGE_SPEC: dict[str, Any] = {
    "add_owners": {"type": "list", "elements": "str"},
    "remove_owners": {"type": "list", "elements": "str"},
    "replace_owner": {
        "type": "dict",
        "options": {
            "old": {"type": "str", "required": True},
            "new": {"type": "list", "elements": "str", "required": True},
        },
    },
}
# What may be said of one address, in a task of its own or as one of many.
ADDRESS_SPEC: dict[str, Any] = {
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    **NAME_SPEC,
    "address": {"type": "str"},
    **{field.name: field.spec for field in EDITED},
    **OWNER_CHANGE_SPEC,
    "purge_tags": {"type": "bool", "default": True},
    "restore": {"type": "bool", "default": False},
    "on_change": REQUESTED_SPEC["on_change"],
}
_ONLY_EDITS = (
    *(field.name for field in EDITED if not field.requested and field.name != "account_id"),
    *OWNER_CHANGE_SPEC,
)
NEW_REQUIRED_BY = {
    "name_prefix": ("domain", "request_id"),
    "account_name": ("domain",),
    "local_part": ("domain",),
}
ADDRESS_RULES: dict[str, Any] = {
    "required_one_of": [("address", *NEW_NAMES)],
    "required_by": NEW_REQUIRED_BY,
    "required_if": [("state", "absent", ("address",)), ("restore", True, ("address",))],
    "mutually_exclusive": [
        *(("address", name) for name in (*NEW_NAMES, "domain", "request_id")),
        *(("name_prefix", name) for name in ("account_name", "local_part", "account_id")),
        *((new, name) for new in NEW_NAMES for name in _ONLY_EDITS),
    ],
}

# An entry of many that names its address: it is brought in where it is not in the map, so it may say its name.
_ONLY_REQUESTS = ("name_prefix", "counter_length", "local_part", "domain", "request_id", "on_change")
UPSERT_SPEC: dict[str, Any] = {
    **{name: spec for name, spec in ADDRESS_SPEC.items() if name not in _ONLY_REQUESTS},
    "series": {"type": TEXT_TYPE},
    "number": {"type": "int"},
}
# Every option that an entry of many may have.
ENTRY_SPEC: dict[str, Any] = {**ADDRESS_SPEC, **UPSERT_SPEC}


def _search_spec() -> dict[str, Any]:
    """Return the options by which addresses are found: one mailbox finds the lists that it is in."""
    found = {str(field.searched): {"type": "str"} if field.is_searched_by_one else field.spec for field in SEARCHED}
    return {**found, "status": {"type": "str", "choices": [VENDED, ACTIVE, RETIRED]}}


SEARCH_SPEC = _search_spec()
# By what addresses are looked up: one, several, or what is known of them.
FIND_SPEC: dict[str, Any] = {
    "address": {"type": "str"},
    "addresses": {"type": "list", "elements": "str"},
    **SEARCH_SPEC,
}
FIND_RULES: dict[str, Any] = {"mutually_exclusive": [("address", "addresses")]}
