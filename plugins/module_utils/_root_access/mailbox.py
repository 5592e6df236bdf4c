# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether mail to an account's root user gets to somebody, as far as the map knows. Pure, standard library only."""

from __future__ import annotations

from collections.abc import Collection

from ansible_collections.account_factory.email.plugins.module_utils._errors import TaskError
from ansible_collections.account_factory.email.plugins.module_utils._record import RETIRED, AddressRecord

_EDIT = "ansible-playbook account_factory.email.edit_address -e account_factory_address="


def check_mailbox(account_id: str, record: AddressRecord | None, failing: Collection[str]) -> AddressRecord:
    """Return the record; raise TaskError where nobody would get the mail with which the password is reset.

    ``failing`` are the mailboxes, in lower case, that take no mail.
    """
    if record is None:
        raise TaskError(
            f"account_id: the map has no address of account {account_id}, so that nobody here gets its root mail. If it"
            " is to have one: ansible-playbook account_factory.email.adopt_account -e"
            f" account_factory_account_id={account_id}"
        )
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
    if all(owner in failing for owner in record.folded_owners()):
        raise TaskError(
            f"account_id: no owner of {address} gets mail: {', '.join(record.owners)}. To give it another: {_EDIT}"
            f"{address} -e account_factory_owners=NEW_OWNER"
        )
    return record
