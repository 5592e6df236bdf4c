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


CASES = {
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
