# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls to AWS Account Management about alternate contacts; ``account_id`` None is the account of the credentials.

The management account cannot give its own AccountId (AWS Account Management API Reference, PutAlternateContact).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._aws import Service, error_with_code

from .model import Contact, Contacts, Plan, plan

REMEDIES = {
    "AccessDeniedException": (
        "Use credentials of the organization's management account, or of a delegated administrator for AWS Account"
        " Management, with the permissions that the module's documentation lists. For the management account's own"
        " contacts, use credentials of its own. For a member account the organization needs all features, and trusted"
        " access for AWS Account Management:"
        " aws organizations enable-aws-service-access --service-principal account.amazonaws.com"
    ),
    "ResourceNotFoundException": "Give account_id the id of an account of this organization.",
    "TooManyRequestsException": "Others change contacts of this account, too: run again in a minute.",
}
# An account takes 5 changes and 1 deletion a second (AWS Account Management Reference Guide, "Quotas").
_CONTACTS = Service(
    retried=("InternalServerException", "ThrottlingException", "TooManyRequestsException"),
    remedies=REMEDIES,
    tries=10,
)
_STS = Service()


def own_account_id(sts: Any) -> str:
    """Return the id of the account that the credentials are of."""
    return str(_STS.call("find out whose credentials these are", sts.get_caller_identity)["Account"])


def get_contacts(client: Any, account_id: str | None, kinds: Collection[str]) -> Contacts:
    """Return the contacts of these kinds, None for one that the account does not have."""
    return {kind: _get_contact(client, account_id, kind) for kind in kinds}


def _get_contact(client: Any, account_id: str | None, kind: str) -> Contact | None:
    try:
        answer = _CONTACTS.call(
            f"look up the {kind} contact of {_named(account_id)}",
            client.get_alternate_contact,
            **_about(account_id, kind),
        )
    except error_with_code("ResourceNotFoundException"):
        return None
    found = answer["AlternateContact"]
    return Contact(*(found.get(name, "").strip() for name in ("Name", "Title", "EmailAddress", "PhoneNumber")))


def ensure_aliases(client: Any, account_id: str | None, wanted: Contacts, *, will_be: bool, check_mode: bool) -> Plan:
    """Make the contacts of a member account be as wanted; return the plan, in check mode what it would be.

    An account without an id is not there: it has no contacts, and is to have them where it ``will_be``.
    """
    nobody: Contacts = dict.fromkeys(wanted)
    if account_id is None:
        return Plan(nobody, wanted if will_be else nobody)
    planned = plan(get_contacts(client, account_id, wanted), wanted)
    if not check_mode:
        apply(client, account_id, planned)
    return planned


def apply(client: Any, account_id: str | None, plan: Plan) -> None:
    """Make the changes of a plan."""
    for kind, contact in plan.changes.items():
        if contact is None:
            _delete_contact(client, account_id, kind)
        else:
            _put_contact(client, account_id, kind, contact)


def _put_contact(client: Any, account_id: str | None, kind: str, contact: Contact) -> None:
    _CONTACTS.call(
        f"set the {kind} contact of {_named(account_id)} to {contact.email}",
        client.put_alternate_contact,
        Name=contact.name,
        Title=contact.title,
        EmailAddress=contact.email,
        PhoneNumber=contact.phone_number,
        **_about(account_id, kind),
    )


def _delete_contact(client: Any, account_id: str | None, kind: str) -> None:
    """Delete a contact; one that is gone already, be it by an earlier try, is deleted."""
    try:
        _CONTACTS.call(
            f"delete the {kind} contact of {_named(account_id)}",
            client.delete_alternate_contact,
            **_about(account_id, kind),
        )
    except error_with_code("ResourceNotFoundException"):
        return


def _about(account_id: str | None, kind: str) -> dict[str, str]:
    account = {} if account_id is None else {"AccountId": account_id}
    return {"AlternateContactType": kind.upper(), **account}


def _named(account_id: str | None) -> str:
    return "the account of these credentials" if account_id is None else f"account {account_id}"
