# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be wrong with those who get the mail of a forwarder's addresses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._checks.model import FAIL, OK, SKIPPED, WARN
from ansible_collections.account_factory.email.plugins.module_utils._checks.owners import Owned, Owners, Suppressed
from ansible_collections.account_factory.email.plugins.module_utils._checks.root import Recoveries
from ansible_collections.account_factory.email.plugins.module_utils._failing_mailbox import (
    FailingMailbox,
    FailingReason,
)
from ansible_collections.account_factory.email.plugins.module_utils._owner_group import OwnerGroup, Refusal
from ansible_collections.account_factory.email.plugins.module_utils._root_recovery import Recovery
from ansible_collections.account_factory.email.plugins.module_utils._suppression.model import Entry
from ansible_collections.account_factory.email.plugins.module_utils._vended_domain import VendedDomain
from tests.unit.module_utils._checks.forwarder_well import DOMAIN, OWNED
from tests.unit.module_utils._checks.judged import Case

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=timezone.utc)
ALONE = Owned(f"solo@{DOMAIN}", ("ann@example.org",), ())
CONTACTED = ALONE._replace(contacts=("fin@example.org",))
UNOWNED = Owned(f"nobody@{DOMAIN}", (), ("team@example.org",))
INSIDE = Owned(f"loop@{DOMAIN}", (f"Other@{DOMAIN}", "ann@example.org"), ())
ANN = Entry("Ann@example.org", "BOUNCE", "2026-11-20T00:00:00Z")
TABLE = "-e account_email_table=mail-forwarder-map"
TRANSFER = f"ansible-playbook account_factory.email.transfer_owner {TABLE} -e account_factory_owner"
LIFT = "ansible localhost -m account_factory.email.ses_suppressed_destination -a 'state=absent email_address="


def failing(*mailboxes: str) -> dict[str, FailingMailbox]:
    return {mailbox: FailingMailbox.found(mailbox, FailingReason.BOUNCED, NOW) for mailbox in mailboxes}


def owners(
    *addresses: Owned,
    dead: Mapping[str, FailingMailbox] | None = None,
    of_domain: tuple[str, ...] = (),
    of_forwarder: tuple[str, ...] = (),
) -> dict[str, Any]:
    domains = {DOMAIN: VendedDomain(fallback_owners=of_domain)}
    return {"owners": Owners(tuple(sorted(addresses)), dead or {}, domains, of_forwarder)}


def listed(*entries: Entry, is_whole: bool = True) -> dict[str, Any]:
    return {"suppressed": Suppressed(entries, is_whole)}


OVERDUE = Recovery(
    "444455556666",
    f"payments@{DOMAIN}",
    "2026-11-21T07:30:00Z",
    "arn:aws:iam::111122223333:user/jane",
    "2026-11-21T08:30:00Z",
    "TICKET-4711",
)


def recoveries(*noted: Recovery) -> dict[str, Any]:
    return {"root_recoveries": Recoveries(noted, NOW)}


GROUP = "906766f42a-0a1b2c3d-0000-4000-8000-000000000001"
BY_GROUP = Owned(f"team@{DOMAIN}", (), (), (), (GROUP,), ("eve@example.org",))
READ = OwnerGroup(GROUP, "Platform", ("eve@example.org",), synced_at="2026-11-21T09:00:00Z")


def grouped(*groups: OwnerGroup, address: Owned = BY_GROUP, dead: Mapping[str, FailingMailbox] | None = None) -> Any:
    known = {one.group_id: one for one in groups}
    return {"owners": Owners((address,), dead or {}, {DOMAIN: VendedDomain()}, (), known, NOW)}


SYNC = f"sync_owners {TABLE}"
OF_GROUPS = {
    "a group's members are read": Case("owner_groups", OK, grouped(READ), ("The members of 1 groups",)),
    "no group owns anything": Case("owner_groups", OK, owners(OWNED), ("No address is owned by a group",)),
    "a group that the map does not know": Case(
        "owner_groups", WARN, grouped(), (f"the map knows no members of {GROUP}", SYNC)
    ),
    "a group without members": Case(
        "owner_groups", WARN, grouped(replace(READ, mailboxes=())), (f"the map knows no members of {GROUP}", SYNC)
    ),
    "a change that was not taken over": Case(
        "owner_groups",
        WARN,
        grouped(replace(READ, refused=Refusal.EMPTIED, refused_at="2026-11-21T09:00:00Z")),
        (f"Platform ({GROUP}) was not taken over (emptied)", f"{SYNC} -e account_factory_accept_loss={GROUP}"),
    ),
    "a group that was not read for long": Case(
        "owner_groups",
        WARN,
        grouped(replace(READ, synced_at="2026-11-19T09:00:00Z")),
        (f"Platform ({GROUP}) was last read 2026-11-19T09:00:00Z", SYNC),
    ),
    "an address is owned by a group alone": Case("unowned_addresses", OK, grouped(READ), ("Each of 1 addresses",)),
    "nobody is in the group that alone owns an address": Case(
        "unowned_addresses",
        FAIL,
        grouped(address=BY_GROUP._replace(members=())),
        ("their groups have no members",),
        also={"owner_groups": WARN},
    ),
    "a member of a group fails": Case(
        "failing_owners",
        FAIL,
        grouped(READ, dead=failing("eve@example.org")),
        (f"={BY_GROUP.address} -e account_factory_add_owners=NEW_OWNER",),
    ),
}
CASES = {
    **OF_GROUPS,
    "a recovery of a root user is overdue": Case(
        "root_recoveries",
        WARN,
        recoveries(OVERDUE),
        ("444455556666 since 2026-11-21T07:30:00Z (TICKET-4711)", f"lock_root {TABLE}"),
    ),
    "a recovery of a root user is open": Case(
        "root_recoveries",
        OK,
        recoveries(replace(OVERDUE, closes_at="2026-11-21T10:30:00Z")),
        ("Root users may recover: 444455556666 until 2026-11-21T10:30:00Z",),
    ),
    "an owner fails": Case(
        "failing_owners",
        WARN,
        owners(OWNED, ALONE, dead=failing("bob@example.org")),
        ("Bob@example.org (bounced)", f"{TRANSFER}=Bob@example.org -e account_factory_new_owners=NEW_OWNER"),
    ),
    "nobody is left": Case(
        "failing_owners",
        FAIL,
        owners(OWNED, ALONE, dead=failing("ann@example.org", "bob@example.org")),
        (f"Of {ALONE.address} neither", f"{TRANSFER}=ann@example.org"),
    ),
    "nobody is left but the domain's": Case(
        "failing_owners",
        WARN,
        owners(ALONE, dead=failing("ann@example.org"), of_domain=("ops@example.org",)),
        (f"{TRANSFER}=ann@example.org",),
    ),
    "nobody is left but the forwarder's": Case(
        "failing_owners",
        WARN,
        owners(ALONE, dead=failing("ann@example.org"), of_forwarder=("ops@example.org",)),
        (f"{TRANSFER}=ann@example.org",),
    ),
    "a fallback owner fails": Case(
        "failing_owners",
        WARN,
        owners(OWNED, dead=failing("team@example.org")),
        (f"edit_address {TABLE}", f"={OWNED.address} -e account_factory_fallback_owners=NEW_OWNER"),
    ),
    "a contact fails": Case(
        "failing_owners",
        WARN,
        owners(CONTACTED, dead=failing("fin@example.org")),
        ("fin@example.org (bounced)", f"{TRANSFER}=fin@example.org -e account_factory_new_owners=NEW_OWNER"),
    ),
    "a contact is left, who does not get the owners' mail": Case(
        "failing_owners",
        FAIL,
        owners(CONTACTED, dead=failing("ann@example.org")),
        (f"Of {CONTACTED.address} neither", f"{TRANSFER}=ann@example.org"),
    ),
    "somebody fails who owns nothing": Case(
        "failing_owners", OK, owners(OWNED, dead=failing("eve@example.org")), ("of 1 addresses",)
    ),
    "an owner is suppressed": Case(
        "suppressed_owners",
        WARN,
        listed(ANN),
        ("Ann@example.org (bounce, 2026-11-20", f"{LIFT}Ann@example.org'"),
    ),
    "the only owner is suppressed": Case(
        "suppressed_owners",
        FAIL,
        {**owners(OWNED, ALONE), **listed(ANN)},
        (f"gets the mail of {ALONE.address} but", f"{LIFT}Ann@example.org'"),
    ),
    "suppressed for no reason of ours": Case(
        "suppressed_owners", OK, {**listed(ANN), "suppression_reasons": ["COMPLAINT"]}, ("No owner is on",)
    ),
    "others are suppressed": Case(
        "suppressed_owners", OK, listed(Entry("x@example.org", "BOUNCE")), ("No owner is on",)
    ),
    "a long list": Case("suppressed_owners", SKIPPED, listed(is_whole=False), ("it has more",)),
    "an owner found in a long list": Case("suppressed_owners", WARN, listed(ANN, is_whole=False), (LIFT,)),
    "an owner that a shell would run": Case(
        "failing_owners",
        FAIL,
        owners(Owned(ALONE.address, ("$(id)@example.org",), ()), dead=failing("$(id)@example.org")),
        ("-e 'account_factory_owner=$(id)@example.org' -e",),
    ),
    "a loop": Case(
        "owners_in_domains",
        FAIL,
        owners(OWNED, INSIDE),
        (f"Other@{DOMAIN} of loop@{DOMAIN}", "mail loop", f"{TRANSFER}=Other@{DOMAIN}"),
    ),
    "no owner": Case(
        "unowned_addresses",
        FAIL,
        owners(OWNED, UNOWNED),
        (f"{UNOWNED.address} has no owner", f"={UNOWNED.address} -e account_factory_owners=NEW_OWNER"),
    ),
}
