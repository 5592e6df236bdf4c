# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task about alternate contacts may ask for, and how it reaches the account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.account_factory.email.plugins.module_utils._clients import new_client
from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._record import CONTACT_KINDS
from ansible_collections.account_factory.email.plugins.module_utils._sides import ORGANIZATION, client_maker
from ansible_collections.account_factory.email.plugins.module_utils._text import TEXT_TYPE, checked_account_id

from . import api
from .model import LENGTHS, Contact, Contacts, checked_contact

CONTACT_SPEC: dict[str, Any] = {name: {"type": TEXT_TYPE} for name in LENGTHS}
CONTACTS_SPEC: dict[str, Any] = {
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "contact_type": {"type": "str", "choices": list(CONTACT_KINDS)},
    **CONTACT_SPEC,
    "contacts": {
        "type": "dict",
        "options": {kind: {"type": "dict", "options": CONTACT_SPEC} for kind in CONTACT_KINDS},
    },
}
CONTACTS_RULES: dict[str, Any] = {
    "required_one_of": [("contact_type", "contacts")],
    "mutually_exclusive": [("contact_type", "contacts"), *(("contacts", name) for name in CONTACT_SPEC)],
}


def wanted_contacts(options: Mapping[str, Any]) -> Contacts:
    """Return the contacts that a task asks for, by kind; raise InputError naming what AWS would refuse."""
    kind = options["contact_type"]
    if kind is not None:
        return {kind: _wanted("", options, options["state"])}
    given = {kind: each for kind, each in options["contacts"].items() if each is not None}
    if not given:
        raise InputError(f"contacts: is empty; name at least one of {', '.join(CONTACT_KINDS)}")
    return {kind: _wanted(f"contacts.{kind}.", each, options["state"]) for kind, each in given.items()}


def _wanted(option: str, given: Mapping[str, Any], state: str) -> Contact | None:
    return None if state == "absent" else checked_contact(option, given)


def account_named(module: AnsibleAWSModule) -> str | None:
    """Return the account_id to give to AWS: None for the account of the credentials, even where it is named."""
    if module.params["account_id"] is None:
        return None
    account_id = checked_account_id("account_id", module.params["account_id"])
    sts = new_client(client_maker(module, ORGANIZATION), "sts", region=module.region or "us-east-1")
    return None if account_id == api.own_account_id(sts) else account_id
