# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Groups and users as IAM Identity Center has them, and whose mailbox of a group may own an address. Pure.

The forwarder's code package carries a copy of this folder under the same import path.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from ansible_collections.account_factory.email.plugins.module_utils import _address as addresses
from ansible_collections.account_factory.email.plugins.module_utils._owner_group import each_once


class PassedOver(str, Enum):
    """Why a member of a group gets no mail."""

    NO_EMAIL = "no-email"
    DISABLED = "disabled"
    # Its mail would come back to the forwarder.
    IN_VENDED_DOMAIN = "in-vended-domain"
    NOT_AN_ADDRESS = "not-an-address"
    # Identity Center names it as a member and does not know it: it was deleted meanwhile.
    UNKNOWN = "unknown-user"


@dataclass(frozen=True)
class User:
    """A user; ``email`` is the one that Identity Center has of it, if any."""

    user_id: str
    name: str
    email: str | None
    is_enabled: bool = True


@dataclass(frozen=True)
class Reading:
    """What Identity Center says of a group: None as ``name`` where it does not have it. ``is_cut``: there are more."""

    group_id: str
    name: str | None = None
    user_ids: tuple[str, ...] = ()
    is_cut: bool = False


@dataclass(frozen=True)
class Skipped:
    """A member that gets no mail, by its user name, else its id, and why."""

    user: str
    reason: PassedOver


def judge_members(
    user_ids: Iterable[str], users: Mapping[str, User], domains: Collection[str]
) -> tuple[tuple[str, ...], tuple[Skipped, ...]]:
    """Return the mailboxes of the users, each once and sorted, and who of them gets no mail.

    ``domains`` are those in which addresses are vended.
    """
    mailboxes, skipped = [], []
    for user_id in user_ids:
        judged = _judged(users.get(user_id), domains)
        if isinstance(judged, PassedOver):
            skipped.append(Skipped(users[user_id].name if user_id in users else user_id, judged))
        else:
            mailboxes.append(judged)
    in_order = sorted(mailboxes, key=lambda mailbox: (mailbox.lower(), mailbox))
    return each_once(in_order), tuple(sorted(skipped, key=lambda one: one.user))


def _judged(user: User | None, domains: Collection[str]) -> str | PassedOver:
    if user is None:
        return PassedOver.UNKNOWN
    if not user.is_enabled:
        return PassedOver.DISABLED
    if not (user.email or "").strip():
        return PassedOver.NO_EMAIL
    try:
        mailbox = addresses.normalise_owner(str(user.email))
    except addresses.AddressError:
        return PassedOver.NOT_AN_ADDRESS
    return PassedOver.IN_VENDED_DOMAIN if addresses.split(mailbox)[1] in domains else mailbox
