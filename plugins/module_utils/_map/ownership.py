# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who gets the mail of which addresses, and since when: what a review of access asks for. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._failing_mailbox import FailingMailbox
from ansible_collections.account_factory.email.plugins.module_utils._owner_group import OwnerGroup
from ansible_collections.account_factory.email.plugins.module_utils._record import CONTACT_KINDS, AddressRecord

# What somebody is to an address: gets its mail, gets it where no owner can, or gets what comes for a kind of contact.
OWNER, FALLBACK_OWNER, GROUP_MEMBER = "owner", "fallback_owner", "group_member"
CONTACTS = {kind: f"{kind}_contact" for kind in CONTACT_KINDS}
# When mail for an address was last sent to a mailbox, by both; the mailbox is in lower case. UTC in ISO 8601.
LastMails = Mapping["tuple[str, str]", str]


@dataclass(frozen=True)
class Ownership:
    """One mailbox and one address. Times are UTC in ISO 8601; None is not known, or did not happen.

    ``since`` is when the mailbox became an owner, ``failing_*`` is of its mark as one that takes no mail, ``group`` the
    name of the group that it is a member of, if it gets the mail by that.
    """

    owner: str
    standing: str
    address: str
    account_id: str | None
    account_name: str
    status: str
    forwarding: bool
    since: str | None
    last_mail_at: str | None
    failing_reason: str | None = None
    failing_since: str | None = None
    failing_diagnostic: str | None = None
    group: str | None = None

    def to_dict(self) -> dict[str, Any]:
        return dict(vars(self))


def ownerships_of(
    records: Iterable[AddressRecord],
    failing: Mapping[str, FailingMailbox],
    last_mails: LastMails,
    groups: Mapping[str, OwnerGroup] = MappingProxyType({}),
) -> list[Ownership]:
    """Return all that the records' owners, group members, fallback owners and contacts have, by mailbox and address.

    ``failing`` are the marks that hold, by mailbox in lower case; ``groups`` those of the map, by their ids.
    """
    found = [one for record in records for one in _of(record, failing, last_mails, groups)]
    return sorted(found, key=lambda one: (one.owner.lower(), one.address, one.standing, one.group or ""))


def _of(
    record: AddressRecord,
    failing: Mapping[str, FailingMailbox],
    last_mails: LastMails,
    groups: Mapping[str, OwnerGroup],
) -> Iterator[Ownership]:
    for standing, owner, group in _standings(record, groups):
        mark = failing.get(owner.lower())
        yield Ownership(
            owner=owner,
            standing=standing,
            address=record.address,
            account_id=record.account_id,
            account_name=record.account_name,
            status=record.status,
            forwarding=record.forwarding,
            since=group.members_since.get(owner) if group else record.owner_since(owner),
            last_mail_at=last_mails.get((record.address, owner.lower())),
            failing_reason=mark.reason.value if mark else None,
            failing_since=mark.since if mark else None,
            failing_diagnostic=mark.diagnostic if mark else None,
            group=(group.name or group.group_id) if group else None,
        )


def _standings(record: AddressRecord, groups: Mapping[str, OwnerGroup]) -> Iterator[tuple[str, str, OwnerGroup | None]]:
    yield from ((OWNER, owner, None) for owner in record.owners)
    named = (groups[one] for one in record.owner_groups if one in groups)
    yield from ((GROUP_MEMBER, member, group) for group in named for member in group.mailboxes)
    yield from ((FALLBACK_OWNER, owner, None) for owner in record.fallback_owners)
    for kind, mailboxes in record.contacts.items():
        yield from ((CONTACTS[kind], owner, None) for owner in mailboxes)
