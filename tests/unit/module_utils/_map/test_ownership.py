# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who gets the mail of which addresses, since when, and whether they do."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.account_factory.email.plugins.module_utils._failing_mailbox import (
    FailingMailbox,
    FailingReason,
)
from ansible_collections.account_factory.email.plugins.module_utils._map.ownership import Ownership, ownerships_of
from ansible_collections.account_factory.email.plugins.module_utils._record import AddressRecord

CREATED, LATER = "2026-02-03T09:30:00Z", "2026-11-21T09:30:00Z"
APP = AddressRecord(
    address="app-001@accounts.example.com",
    account_name="App-001",
    domain="accounts.example.com",
    owners=("Jane@example.org",),
    fallback_owners=("desk@example.org",),
    owners_since={"Jane@example.org": LATER},
    status="active",
    account_id="111122223333",
    created_at=CREATED,
    version=2,
)
WEB = replace(APP, address="web-001@accounts.example.com", owners=("jane@example.org",), fallback_owners=(), version=1)
JANES = Ownership("Jane@example.org", "owner", APP.address, "111122223333", "App-001", "active", True, LATER, None)


def test_by_owner_whatever_the_case_and_then_by_address() -> None:
    found = ownerships_of([WEB, APP], {}, {})
    assert [(one.owner, one.address, one.standing) for one in found] == [
        ("desk@example.org", APP.address, "fallback_owner"),
        ("Jane@example.org", APP.address, "owner"),
        ("jane@example.org", WEB.address, "owner"),
    ]
    assert found[1] == JANES


def test_since_when_is_what_the_record_keeps_or_when_it_was_written_if_only_once() -> None:
    assert [one.since for one in ownerships_of([WEB, APP], {}, {})] == [None, LATER, CREATED]


def test_a_contact_is_one_of_its_kind_beside_what_else_somebody_is() -> None:
    contacts = {"billing": ("jane@example.org",), "security": ("soc@example.org",)}
    found = ownerships_of([replace(WEB, contacts=contacts)], {}, {})
    assert [(one.owner, one.standing) for one in found] == [
        ("jane@example.org", "billing_contact"),
        ("jane@example.org", "owner"),
        ("soc@example.org", "security_contact"),
    ]


def test_the_last_mail_and_the_mark_are_found_in_any_case() -> None:
    mark = FailingMailbox("JANE@example.org", FailingReason.BOUNCED, LATER, diagnostic="550 user unknown")
    sent = {(APP.address, "jane@example.org"): LATER, (APP.address, "joe@example.org"): CREATED}
    [_desk, janes] = ownerships_of([APP], {"jane@example.org": mark}, sent)
    assert janes == replace(
        JANES,
        last_mail_at=LATER,
        failing_reason="bounced",
        failing_since=LATER,
        failing_diagnostic="550 user unknown",
    )
