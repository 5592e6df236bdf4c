# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judges of who gets the mail: the owners in the map, held against what is known of their mailboxes. Pure.

Owners are compared in lower case, as the map does. Source: Amazon SES Developer Guide, "Using the account-level
suppression list": SES accepts mail for an address on it, and does not send it.
"""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from ansible_collections.account_factory.email.plugins.module_utils._failing_mailbox import FailingMailbox
from ansible_collections.account_factory.email.plugins.module_utils._owner_group import OwnerGroup, members_of
from ansible_collections.account_factory.email.plugins.module_utils._record import RETIRED, AddressRecord
from ansible_collections.account_factory.email.plugins.module_utils._suppression.model import Entry
from ansible_collections.account_factory.email.plugins.module_utils._times import utc_text
from ansible_collections.account_factory.email.plugins.module_utils._vended_domain import VendedDomain

from .model import Asked, Judgement, fail, join, ok, skipped, warn

_PLAY = "ansible-playbook account_factory.email."
# Each is a command of a line.
_LIFTED_MAX = 5
# A group is noted as read once an hour at most, and a schedule may be daily.
_READ_WITHIN = timedelta(days=2)


class Owned(NamedTuple):
    """An address that is not retired, and who gets its mail."""

    address: str
    owners: tuple[str, ...]
    fallback_owners: tuple[str, ...]
    # Those of all kinds; where they get nothing, the owners do.
    contacts: tuple[str, ...] = ()
    # The ids of the groups that own it, and their members.
    groups: tuple[str, ...] = ()
    members: tuple[str, ...] = ()

    @property
    def mailboxes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.owners, *self.members, *self.fallback_owners, *self.contacts)))


@dataclass(frozen=True)
class Owners:
    """The addresses of the map, sorted; the mailboxes that fail now, by their names in lower case; and the domains.

    ``fallback_owners`` are the forwarder's, for where neither an address nor its domain has any. ``groups`` are those
    of the map by their ids, and ``now`` is when they were read.
    """

    addresses: tuple[Owned, ...] = ()
    failing: Mapping[str, FailingMailbox] = field(default_factory=dict)
    domains: Mapping[str, VendedDomain] = field(default_factory=dict)
    fallback_owners: tuple[str, ...] = ()
    groups: Mapping[str, OwnerGroup] = field(default_factory=dict)
    now: datetime | None = None

    def with_any(self, mailboxes: Collection[str]) -> list[tuple[Owned, str]]:
        """Return each address that has one of the mailboxes, which are in lower case, with the one as it stands."""
        return [(one, mailbox) for one in self.addresses for mailbox in one.mailboxes if mailbox.lower() in mailboxes]

    def left_out(self, dead: Collection[str]) -> list[str]:
        """Return the addresses none of whose owners and fallback owners is left where those mailboxes get nothing."""
        owned = (one for one in self.addresses if one.owners or one.members)
        return [one.address for one in owned if not self._reached(one, dead)]

    def _reached(self, one: Owned, dead: Collection[str]) -> bool:
        domain = self.domains.get(_domain(one.address), VendedDomain())
        told = (*one.owners, *one.members, *one.fallback_owners, *domain.fallback_owners, *self.fallback_owners)
        return any(mailbox.lower() not in dead for mailbox in told)


def collect(
    found: Iterable[AddressRecord | FailingMailbox | OwnerGroup],
    domains: Mapping[str, VendedDomain],
    fallback_owners: Iterable[str],
    now: datetime,
) -> Owners:
    """Return what a map holds of its owners, as it is read, in no order; no more of a record is kept than that."""
    addresses, failing, groups = list[Owned](), dict[str, FailingMailbox](), dict[str, OwnerGroup]()
    for one in found:
        if isinstance(one, OwnerGroup):
            groups[one.group_id] = one
        elif isinstance(one, FailingMailbox):
            if one.is_failing(now):
                failing[one.mailbox.lower()] = one
        elif one.status != RETIRED:
            owned = Owned(one.address, one.owners, one.fallback_owners, one.contact_mailboxes, one.owner_groups)
            addresses.append(owned)
    known = (one._replace(members=members_of(one.groups, groups)) if one.groups else one for one in addresses)
    return Owners(tuple(sorted(known)), failing, domains, tuple(fallback_owners), groups, now)


@dataclass(frozen=True)
class Suppressed:
    """The entries of the suppression list; whether these are all of them."""

    entries: tuple[Entry, ...]
    is_whole: bool = True


def judge_failing(asked: Asked, owners: Owners) -> Judgement:
    """Whether the mailboxes of owners take mail, as far as the forwarder found out."""
    found = owners.with_any(owners.failing)
    if not found:
        return ok(f"No owner of {len(owners.addresses)} addresses is known to get no mail.")
    mailboxes = list(dict.fromkeys(mailbox for _one, mailbox in found))
    told = join(f"{mailbox} ({owners.failing[mailbox.lower()].reason.value})" for mailbox in mailboxes)
    left_out = owners.left_out(owners.failing)
    seen = {"mailboxes": mailboxes, "addresses": _addresses(found), "left_out": left_out}
    first = next((pair for pair in found if pair[0].address in left_out), found[0])
    if left_out:
        return fail(
            f"Of {join(left_out)} neither an owner nor a fallback owner gets mail: {told}.",
            "Mail for root users goes to the admin alone, who may not know whom to tell.",
            _replace(asked, *first),
            **seen,
        )
    return warn(
        f"Owners get no mail: {told}.",
        "Others get it in their place, as long as their mailboxes work.",
        _replace(asked, *first),
        **seen,
    )


def judge_inside(asked: Asked, owners: Owners) -> Judgement:
    """Whether an owner is an address of the forwarder's own domains."""
    inside = {
        mailbox.lower() for one in owners.addresses for mailbox in one.mailboxes if _domain(mailbox) in owners.domains
    }
    found = owners.with_any(inside)
    if not found:
        return ok("No owner is in a domain that addresses are vended in.")
    told = join(dict.fromkeys(f"{mailbox} of {one.address}" for one, mailbox in found))
    return fail(
        f"Owners are in a domain that addresses are vended in: {told}.",
        "Their mail would create a mail loop, which the forwarder ends: they get none. Somebody wrote the map by other"
        " means than the playbooks, which refuse that.",
        _replace(asked, *found[0]),
        addresses=_addresses(found),
    )


def judge_unowned(asked: Asked, owners: Owners) -> Judgement:
    """Whether each address has an owner."""
    found = [one.address for one in owners.addresses if not one.owners and not one.members]
    if not found:
        return ok(f"Each of {len(owners.addresses)} addresses has an owner.")
    return fail(
        f"{join(found)} {'has' if len(found) == 1 else 'have'} no owner.",
        "Their mail goes to fallback owners or to the admin, or becomes a dead letter. The playbooks refuse that:"
        " somebody wrote the map by other means, or their groups have no members.",
        f"{_edit(asked, found[0])} -e account_factory_owners=NEW_OWNER",
        addresses=found,
    )


def judge_groups(asked: Asked, owners: Owners) -> Judgement:
    """Whether the members of each group of owners are those of IAM Identity Center, as far as the map notes that."""
    named = sorted({group for one in owners.addresses for group in one.groups})
    if not named:
        return ok("No address is owned by a group.")
    known = {group: owners.groups.get(group) for group in named}
    unread = [group for group, one in known.items() if one is None or not one.mailboxes]
    refused = {group: (one, one.refused) for group, one in known.items() if one and one.refused}
    late = [one for group, one in known.items() if one and group not in refused and _is_late(one, owners.now)]
    told = [f"the map knows no members of {group}" for group in unread]
    told += [f"a change of {_shown(one)} was not taken over ({why.value})" for one, why in refused.values()]
    told += [f"{_shown(one)} was last read {one.synced_at or 'never'}" for one in late]
    if not told:
        return ok(f"The members of {len(named)} groups of owners are known.", groups=named)
    accept = f" -e account_factory_accept_loss={','.join(refused)}" if refused else ""
    return warn(
        f"Groups of owners are not as IAM Identity Center has them: {join(told)}.",
        "Their last members go on getting the mail, who may have left; new ones get none.",
        f"{'If that loss is meant: ' if refused else ''}{_PLAY}sync_owners {_table(asked)}{accept}",
        groups=[*dict.fromkeys((*unread, *refused, *(one.group_id for one in late)))],
    )


def _is_late(group: OwnerGroup, now: datetime | None) -> bool:
    return now is not None and group.synced_at < utc_text(now - _READ_WITHIN)


def _shown(group: OwnerGroup) -> str:
    return f"{group.name} ({group.group_id})" if group.name else group.group_id


def judge_suppressed(_asked: Asked, owners: Owners, suppressed: Suppressed, reasons: Collection[str]) -> Judgement:
    """Whether SES sends to all owners; ``reasons`` are those for which it does not send our mail to an address."""
    listed = {one.email_address.lower(): one for one in suppressed.entries if one.reason in reasons}
    found = owners.with_any(listed)
    if not found and not suppressed.is_whole:
        return skipped(
            f"None of the first {len(suppressed.entries)} addresses on the suppression list is an owner's, and it has"
            " more. Look at one by ses_suppressed_destination_info."
        )
    if not found:
        return ok("No owner is on the account's suppression list.")
    entries = {entry.email_address: entry for _one, mailbox in found for entry in (listed[mailbox.lower()],)}
    told = join(f"{name} ({entry.reason.lower()}, {entry.last_update_time})" for name, entry in entries.items())
    left_out = owners.left_out({*listed, *owners.failing})
    return (fail if left_out else warn)(
        f"Owners are on the account's suppression list: {told}."
        + (f" Nobody else gets the mail of {join(left_out)} but the admin." if left_out else ""),
        "SES takes their mail and does not send it. Others get it in their place, once an event told that.",
        f"Once their mailboxes work: {' && '.join(_lift(list(entries)[:_LIFTED_MAX]))}",
        addresses=_addresses(found),
        entries=[entry.summary() for entry in entries.values()],
        left_out=left_out,
    )


def _lift(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        options = shlex.quote(f"state=absent email_address={name}")
        yield f"ansible localhost -m account_factory.email.ses_suppressed_destination -a {options}"


def _replace(asked: Asked, one: Owned, mailbox: str) -> str:
    """Return the command that puts another in the place of an owner or contact, or of a fallback owner."""
    if mailbox in (*one.owners, *one.contacts):
        who = f"-e {shlex.quote(f'account_factory_owner={mailbox}')} -e account_factory_new_owners=NEW_OWNER"
        return f"{_PLAY}transfer_owner {_table(asked)} {who}"
    if mailbox in one.members:
        return f"{_edit(asked, one.address)} -e account_factory_add_owners=NEW_OWNER"
    kept = [other for other in one.fallback_owners if other != mailbox]
    others = ",".join([*kept, "NEW_OWNER"])
    return f"{_edit(asked, one.address)} -e {shlex.quote(f'account_factory_fallback_owners={others}')}"


def _edit(asked: Asked, address: str) -> str:
    return f"{_PLAY}edit_address {_table(asked)} -e {shlex.quote(f'account_factory_address={address}')}"


def _table(asked: Asked) -> str:
    return f"-e account_email_table={asked.map_table}"


def _addresses(found: Iterable[tuple[Owned, str]]) -> list[str]:
    return list(dict.fromkeys(one.address for one, _mailbox in found))


def _domain(address: str) -> str:
    """Return the domain of an address; whatever stands in the map has one."""
    return address.rpartition("@")[2].lower()
