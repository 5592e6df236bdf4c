# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An account with a vended address, as it is asked for. Pure, nothing here calls AWS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._alternate_contacts.aliases import (
    Aliases,
    checked_aliases,
    contacts_of,
)
from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._map.edits import Edit
from ansible_collections.account_factory.email.plugins.module_utils._map.entries import Ask, Upsert
from ansible_collections.account_factory.email.plugins.module_utils._map.fields import REQUESTED, checked_address
from ansible_collections.account_factory.email.plugins.module_utils._map.options import NEW_NAMES
from ansible_collections.account_factory.email.plugins.module_utils._map.requests import build_request
from ansible_collections.account_factory.email.plugins.module_utils._organizations.model import (
    Account,
    Wanted,
    account_options,
    check_new_name,
)
from ansible_collections.account_factory.email.plugins.module_utils._record import AddressRecord
from ansible_collections.account_factory.email.plugins.module_utils._text import checked_account_id

from .options import missing_options

# What has no place beside an address that is in the map already: its record says it.
NOT_BESIDE_ADDRESS = (
    *(name for name in NEW_NAMES if name != "account_name"),
    "domain",
    *(each.name for each in REQUESTED),
)
# What AWS is told about a new account only, or where to put one.
ONLY_CREATION = ("parent", "create_parents", "role_name", "iam_user_access_to_billing", "purge_tags")
# Clocks may differ by some minutes.
_CLOCKS_DIFFER = timedelta(minutes=15)
_ISO = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True)
class AccountRequest:
    """An account as asked for, checked by ``build_account_request``.

    ``ask`` is what is asked of the map. ``account_id`` is that of a member account to adopt, None for one to create.
    ``options`` are those of a ``Wanted`` account but for its email and its name. ``timeout`` is in seconds, None where
    the account is not waited for. ``aliases`` are the alternate contacts of the account that are to be aliases of its
    address, None for none.
    """

    ask: Ask
    account_id: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    timeout: int | None = None
    aliases: Aliases | None = None

    def wanted(self, record: AddressRecord, is_new: bool) -> Wanted:
        """Return the account that is to have the address of the record; ``is_new``: it was vended by this task."""
        # An address that is in the map already has its tags there.
        tags = (record.tags or None) if isinstance(self.ask, Upsert) else self.options["tags"]
        return Wanted(
            email=record.address,
            name=record.account_name,
            request_id=record.create_account_request_id,
            is_new=is_new,
            is_noted=True,
            **{**self.options, "tags": tags},
        )


def build_account_request(options: Mapping[str, Any], timeout: int | None) -> AccountRequest:
    """Return the request that an entry's options make; raise InputError naming the option that cannot work."""
    account_id = options["account_id"]
    if account_id is not None:
        account_id = checked_account_id("account_id", account_id)
        _check_adoption(options, timeout)
    if options["wait_timeout"] is not None:
        if options["wait_timeout"] < 1:
            raise InputError("wait_timeout: must be at least 1 second; give wait=false not to wait")
        timeout = None if timeout is None else options["wait_timeout"]
    aliases = checked_aliases(options["alternate_contacts"])
    return AccountRequest(_ask(options, account_id), account_id, account_options(options), timeout, aliases)


def _check_adoption(options: Mapping[str, Any], timeout: int | None) -> None:
    if timeout is None:
        raise InputError("wait: must be true to adopt an account: the code that AWS mails has to be waited for")
    given = [name for name in ONLY_CREATION if options[name] not in (None, False)]
    if given:
        raise InputError(
            f"{given[0]}: has no place beside account_id, which is that of an account that exists; use"
            " organizations_account to move it or to change its tags"
        )


def _ask(options: Mapping[str, Any], account_id: str | None) -> Ask:
    if options["address"] is not None:
        given = [name for name in NOT_BESIDE_ADDRESS if options[name] is not None]
        if given:
            raise InputError(
                f"{', '.join(given)}: has no place beside address, which is in the map already; change what the map"
                " says of it first, or omit it"
            )
        return Upsert(Edit(checked_address(options["address"])), options["account_name"])
    missing = missing_options(options)
    if missing:
        raise InputError(missing)
    request_id = options["request_id"]
    if request_id is None and account_id is not None:
        request_id = f"adopt-{account_id}"
    # The account's own id is recorded once the account has the address.
    return build_request({**options, "request_id": request_id, "account_id": None})


def check_is_its_account(account: Account, record: AddressRecord) -> None:
    """Raise InputError for an account that had the address before it was vended: it is somebody's already.

    Its mail would go to the owners that were given here.
    """
    if record.account_id == account.id or not account.joined_timestamp or not record.created_at:
        return
    joined = datetime.strptime(account.joined_timestamp, _ISO)
    if joined - datetime.strptime(record.created_at, _ISO) > -_CLOCKS_DIFFER:
        return
    raise InputError(
        f"address: the account {account.id} ({account.name}) had the address {record.address} before it was vended"
        " here; nothing was done to it. Whoever it belongs to, record it in the map: vended_address with address,"
        " account_id and its own owners. For a new account use another request_id, which gets the next number"
    )


def check_adopted(account: Account | None, account_id: str, record: AddressRecord, known_address: str | None) -> None:
    """Raise InputError unless the account may be given the address.

    ``account`` is what the organization has under the id, ``known_address`` the one that the map has for it.
    """
    if account is None:
        raise InputError(
            f"account_id: the organization has no account {account_id}, or not any more; check the id and whose"
            " credentials these are"
        )
    if account.is_management:
        raise InputError(
            f"account_id: {account_id} is the organization's management account; its email is changed by its root user"
            " only"
        )
    if record.account_id not in (None, account_id):
        raise InputError(
            f"address: {record.address} belongs to account {record.account_id} for life; omit address, to vend a new"
            " one for this account"
        )
    if known_address not in (None, record.address):
        raise InputError(f"account_id: the account has another address in the map already, {known_address}")


def check_aliases(request: AccountRequest, record: AddressRecord, account: Account | None) -> None:
    """Raise InputError unless AWS takes the aliases of the address as contacts of the account, if they are to be."""
    if request.aliases is None:
        return
    contacts_of(record.address, request.aliases)
    if account is not None and account.is_management:
        raise InputError(
            f"alternate_contacts: {account.id} is the organization's management account, whose contacts are set with"
            " credentials of its own; omit alternate_contacts, and use account_alternate_contact without account_id"
        )


def name_warning(record: AddressRecord) -> str | None:
    """Return what to say of a name that AWS takes for a new account and refuses for one that exists."""
    try:
        check_new_name(record.account_name)
    except InputError:
        return (
            f"account_name: {record.account_name!r} holds '<' or '>', which AWS accepts in the name of a new account"
            " and refuses when an account is renamed. Use another name if the account may ever be renamed"
        )
    return None


def no_room(quota: int, count: int) -> InputError:
    """Return what to say of an account that the organization's quota leaves no room for."""
    return InputError(
        f"accounts: the organization has {count} accounts, closed ones included, of the {quota} that its quota allows,"
        " so that this one cannot be created; nothing was done for it. Have the quota 'Default maximum number of"
        " accounts' raised (Service Quotas, in us-east-1) and run again, or leave it out"
    )
