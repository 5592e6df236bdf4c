# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a change in the directory comes to in the map, and which changes are not taken over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._identity_center.model import (
    PassedOver,
    Reading,
    Skipped,
    User,
)
from ansible_collections.account_factory.email.plugins.module_utils._identity_center.plan import (
    GroupPlan,
    Rules,
    plan_addresses,
    plan_group,
)
from ansible_collections.account_factory.email.plugins.module_utils._identity_center.results import failures_of
from ansible_collections.account_factory.email.plugins.module_utils._owner_group import MEMBERS_MAX, OwnerGroup
from ansible_collections.account_factory.email.plugins.module_utils._record import AddressRecord
from ansible_collections.account_factory.email.plugins.module_utils._times import utc_text

ID, OTHER = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0", "90671a2b3c-0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
NOW = datetime(2026, 11, 26, 12, tzinfo=timezone.utc)
JUST = utc_text(NOW - timedelta(minutes=15))
RULES = Rules(frozenset({"accounts.example.com"}), 50, (), "d-1234567890", NOW)


def mailbox(name: str) -> str:
    return f"{name}@example.org"


def users(*names: str, **changes: dict[str, Any]) -> dict[str, User]:
    everybody = {name: User(name, name, mailbox(name)) for name in (*names, *changes)}
    return {name: replace(user, **changes.get(name, {})) for name, user in everybody.items()}


def known(*names: str, **changes: Any) -> OwnerGroup:
    mailboxes = tuple(map(mailbox, names))
    since = dict.fromkeys(mailboxes, "2026-01-01T00:00:00Z")
    return replace(OwnerGroup(ID, "Leads", mailboxes, since, "d-1234567890", JUST, version=3), **changes)


def reading(*names: str, **changes: Any) -> Reading:
    return replace(Reading(ID, "Leads", names), **changes)


def planned(read: Reading, before: OwnerGroup | None, everybody: Mapping[str, User], **rules: Any) -> GroupPlan:
    return plan_group(read, before, everybody, replace(RULES, **rules))


MANY = tuple(f"u{number:02}" for number in range(MEMBERS_MAX + 1))
# What was known, who is in it now, the rules that differ, what is refused, and who gets mail then.
GUARDS: dict[str, tuple[OwnerGroup | None, Reading, dict[str, Any], str | None, tuple[str, ...] | None]] = {
    "new": (None, reading("ann", "bob"), {}, None, ("ann", "bob")),
    "new and empty": (None, reading(), {}, "emptied", None),
    "new and accepted all the same": (None, reading(), {"accepted": {ID}}, "emptied", None),
    "new and not there": (None, reading(name=None), {}, "deleted", None),
    "new and too large": (None, reading(*MANY), {}, "too-large", None),
    "as large as may be": (None, reading(*MANY[1:]), {}, None, MANY[1:]),
    "one joins": (known("ann"), reading("ann", "bob"), {}, None, ("ann", "bob")),
    "half of them leave": (known("ann", "bob"), reading("ann"), {}, None, ("ann",)),
    "more than half leave": (known("ann", "bob", "eve"), reading("ann"), {}, "shrunk", ("ann", "bob", "eve")),
    "all are replaced": (known("ann", "bob"), reading("eve", "joe"), {}, "shrunk", ("ann", "bob")),
    "a loss that is accepted": (known("ann", "bob", "eve"), reading("ann"), {"accepted": {ID}}, None, ("ann",)),
    "another's loss is accepted": (known("ann"), reading(), {"accepted": {OTHER}}, "emptied", ("ann",)),
    "any loss is plausible": (known("ann", "bob"), reading("eve"), {"max_loss_percent": 100}, None, ("eve",)),
    "no loss is plausible": (known("ann", "bob"), reading("ann"), {"max_loss_percent": 0}, "shrunk", ("ann", "bob")),
    "emptied": (known("ann"), reading(), {"max_loss_percent": 100}, "emptied", ("ann",)),
    "emptied and accepted": (known("ann"), reading(), {"accepted": {ID}}, None, ()),
    "empty as it was": (known(), reading(), {}, None, ()),
    "filled again": (known(), reading("ann"), {}, None, ("ann",)),
    "deleted": (known("ann"), reading(name=None), {}, "deleted", ("ann",)),
    "deleted and accepted": (known("ann"), reading(name=None), {"accepted": {ID}}, "deleted", ()),
    "grown too large": (known("ann"), reading(*MANY), {"accepted": {ID}}, "too-large", ("ann",)),
    "more than a page of members": (known("ann"), reading("ann", is_cut=True), {}, "too-large", ("ann",)),
    "back after a refusal": (known("ann", "bob", refused="x"), reading("ann", "bob"), {}, None, ("ann", "bob")),
}


@pytest.mark.parametrize(("before", "read", "rules", "refused", "left"), GUARDS.values(), ids=GUARDS.keys())
def test_a_change_is_taken_over_or_told(
    before: OwnerGroup | None,
    read: Reading,
    rules: dict[str, Any],
    refused: str | None,
    left: tuple[str, ...] | None,
) -> None:
    plan = planned(read, before, users("ann", "bob", "eve", "joe", *MANY), **rules)
    assert (plan.refused and plan.refused.value) == refused
    assert (plan.after and plan.after.mailboxes) == (None if left is None else tuple(map(mailbox, left)))
    assert (plan.after and plan.after.refused) is plan.refused or plan.after is None
    # What is told stays told, and nothing is written twice.
    again = planned(read, plan.after, users("ann", "bob", "eve", "joe", *MANY), **{**rules, "accepted": ()})
    assert again.after == plan.after
    assert again.refused == plan.refused
    assert len(failures_of([plan])) == (refused is not None)


MEMBERS: dict[str, tuple[dict[str, Any], PassedOver | None]] = {
    "enabled": ({}, None),
    "without email": ({"email": None}, PassedOver.NO_EMAIL),
    "with an empty email": ({"email": " "}, PassedOver.NO_EMAIL),
    "disabled": ({"is_enabled": False}, PassedOver.DISABLED),
    "in a vended domain": ({"email": "bob@Accounts.example.com"}, PassedOver.IN_VENDED_DOMAIN),
    "with what is no address": ({"email": "Bob <bob@example.org>"}, PassedOver.NOT_AN_ADDRESS),
    "in capitals": ({"email": "BOB@Example.ORG"}, None),
}


@pytest.mark.parametrize(("change", "reason"), MEMBERS.values(), ids=MEMBERS.keys())
def test_a_member_gets_mail_or_is_told(change: dict[str, Any], reason: PassedOver | None) -> None:
    plan = planned(reading("ann", "bob", "gone"), None, users("ann", bob=change))
    skipped = [Skipped("bob", reason)] if reason else []
    assert plan.skipped == (*skipped, Skipped("gone", PassedOver.UNKNOWN))
    assert plan.after is not None
    assert [one.lower() for one in plan.after.mailboxes] == [mailbox("ann"), *([] if reason else [mailbox("bob")])]


def test_two_members_with_one_mailbox_get_one_mail_and_members_are_in_one_order() -> None:
    everybody = users("zoe", "ann", twin={"email": "ANN@example.org"})
    plan = planned(reading("zoe", "twin", "ann"), None, everybody)
    assert plan.after == planned(reading("ann", "twin", "zoe"), None, everybody).after
    assert plan.joined == ("ANN@example.org", mailbox("zoe"))


def test_a_disabled_user_leaves_and_the_guard_counts_it() -> None:
    plan = planned(reading("ann"), known("ann"), users(ann={"is_enabled": False}))
    assert (plan.refused and plan.refused.value, plan.left) == ("emptied", (mailbox("ann"),))


def test_since_when_somebody_is_a_member_is_kept_and_a_new_name_is_shown() -> None:
    plan = planned(reading("ann", "bob", name="New leads"), known("ann"), users("ann", "bob"))
    assert plan.after is not None
    assert plan.after.members_since == {mailbox("ann"): "2026-01-01T00:00:00Z", mailbox("bob"): utc_text(NOW)}
    assert (plan.after.name, plan.after.version, plan.joined, plan.left) == ("New leads", 4, (mailbox("bob"),), ())


def test_a_change_of_letter_case_is_a_change_that_nobody_joins_or_leaves_by() -> None:
    plan = planned(reading("ann"), known("ann"), users(ann={"email": "Ann@example.org"}))
    assert (plan.changed, plan.joined, plan.left) == (True, (), ())


@pytest.mark.parametrize(
    ("minutes", "is_written"), [pytest.param(15, False, id="lately"), pytest.param(61, True, id="an hour ago")]
)
def test_that_a_group_is_as_it_was_is_noted_once_an_hour_and_is_no_change(minutes: int, is_written: bool) -> None:
    before = known("ann", synced_at=utc_text(NOW - timedelta(minutes=minutes)))
    plan = planned(reading("ann"), before, users("ann"))
    assert (plan.changed, plan.is_written) == (False, is_written)


def test_who_begins_and_ceases_to_get_the_mail_of_which_address() -> None:
    def address(name: str, *owners: str, groups: tuple[str, ...]) -> AddressRecord:
        return AddressRecord(f"{name}@accounts.example.com", name, "accounts.example.com", owners, owner_groups=groups)

    changed = planned(reading("ann", "eve"), known("ann", "bob"), users("ann", "eve"))
    same = GroupPlan(OTHER, other := replace(known("eve"), group_id=OTHER), other)
    records = [
        address("two", mailbox("bob").upper(), groups=(ID,)),
        address("one", groups=(ID,)),
        address("none", mailbox("bob"), groups=(ID, OTHER)),
        address("other", groups=(OTHER,)),
    ]
    assert plan_addresses(records, [changed, same]) == [
        {"address": "one@accounts.example.com", "joins": [mailbox("eve")], "leaves": [mailbox("bob")]},
        {"address": "two@accounts.example.com", "joins": [mailbox("eve")], "leaves": []},
    ]


def test_what_is_told_names_the_group_and_ends_with_a_command() -> None:
    (told,) = failures_of([planned(reading("ann"), known("ann", "bob", "eve"), users("ann"))])
    assert told["msg"] == (
        f"the group Leads ({ID}) lost 2 of its 3 members at once; the last 3 members go on getting the mail"
    )
    assert told["remedy"].endswith(f"sync_owners -e account_factory_accept_loss={ID}")
