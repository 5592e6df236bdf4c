# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether mail to an account's root user gets to somebody, as far as the map knows. Pure, standard library only."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ansible_collections.account_factory.email.plugins.module_utils._errors import TaskError
from ansible_collections.account_factory.email.plugins.module_utils._record import RETIRED, AddressRecord

_EDIT = "ansible-playbook account_factory.email.edit_address -e account_factory_address="


def no_address(account_id: str) -> TaskError:
    """Return why nothing is opened for an account of which the map has no address."""
    return TaskError(
        f"account_id: the map has no address of account {account_id}, so that nobody here gets its root mail. If it is"
        " to have one: ansible-playbook account_factory.email.adopt_account -e"
        f" account_factory_account_id={account_id}"
    )


def check_mailbox(account_id: str, record: AddressRecord, owners: Sequence[str], failing: Collection[str]) -> None:
    """Raise TaskError where nobody would get the mail with which the password is reset.

    ``owners`` are those of the record with the members of its groups, ``failing`` the mailboxes, in lower case, that
    take no mail.
    """
    address = record.address
    if record.status == RETIRED:
        raise TaskError(
            f"account_id: {address}, the address of account {account_id}, is retired, so that its mail is not forwarded"
            f" to its owners. To bring it back: {_EDIT}{address} -e account_factory_restore=true -e"
            f" account_factory_account_id={account_id}"
        )
    if not record.forwarding:
        raise TaskError(
            f"account_id: the mail of {address} is held back from its owners. To forward it again: {_EDIT}{address} -e"
            " account_factory_forwarding=true"
        )
    if all(owner.lower() in failing for owner in owners):
        raise TaskError(
            f"account_id: no owner of {address} gets mail: {', '.join(owners) or 'its groups have no members'}. To give"
            f" it another: {_EDIT}{address} -e account_factory_owners=NEW_OWNER"
        )
