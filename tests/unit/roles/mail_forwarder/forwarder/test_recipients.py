# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who gets a copy, for every kind of envelope recipient."""

from __future__ import annotations

import dataclasses

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._record import ACTIVE, RETIRED, AddressRecord
from forwarder.recipients import Delivery, RecordError, Resolution, deliveries, resolve

from .conftest import SETTINGS as DEFAULTS

ADMIN = "admin@example.com"
SETTINGS = dataclasses.replace(DEFAULTS, from_address="Aws-Accounts@a.example.com", admin_address=ADMIN)
MAP = {
    record.address: record
    for record in (
        AddressRecord("one@a.example.com", "one", "a.example.com", ("ann@example.com", "bob@example.com")),
        AddressRecord("two@a.example.com", "two", "a.example.com", ("ann@example.com",)),
        AddressRecord("two+plus@a.example.com", "two-plus", "a.example.com", ("eve@example.com",)),
        AddressRecord("gone@a.example.com", "gone", "a.example.com", ("ann@example.com",), RETIRED),
        AddressRecord("held@a.example.com", "held", "a.example.com", ("ann@example.com",), ACTIVE, forwarding=False),
        AddressRecord("held+open@a.example.com", "held-open", "a.example.com", ("eve@example.com",)),
        AddressRecord("two+held@a.example.com", "two-held", "a.example.com", ("eve@example.com",), forwarding=False),
        AddressRecord("both@a.example.com", "both", "a.example.com", ("ann@example.com",), RETIRED, forwarding=False),
        AddressRecord("held-empty@a.example.com", "held-empty", "a.example.com", (), forwarding=False),
        AddressRecord("empty@a.example.com", "empty", "a.example.com", ()),
    )
}


@pytest.mark.parametrize(
    ("recipient", "address", "reason", "mailboxes"),
    [
        pytest.param(
            "one@a.example.com", "one@a.example.com", "owner", ("ann@example.com", "bob@example.com"), id="known"
        ),
        pytest.param(
            "ONE@A.Example.com", "one@a.example.com", "owner", ("ann@example.com", "bob@example.com"), id="case"
        ),
        pytest.param(
            '"one"@a.example.com', "one@a.example.com", "owner", ("ann@example.com", "bob@example.com"), id="quoted"
        ),
        pytest.param(
            '"o\\ne"@a.example.com', "one@a.example.com", "owner", ("ann@example.com", "bob@example.com"), id="escaped"
        ),
        pytest.param(
            "one@a.example.com.", "one@a.example.com", "owner", ("ann@example.com", "bob@example.com"), id="dot"
        ),
        pytest.param("two+x+y@a.example.com", "two@a.example.com", "owner", ("ann@example.com",), id="tag"),
        pytest.param(
            "two+plus@a.example.com", "two+plus@a.example.com", "owner", ("eve@example.com",), id="plus, exact first"
        ),
        pytest.param("nobody@a.example.com", "nobody@a.example.com", "unknown", (ADMIN,), id="unknown"),
        pytest.param("one@other.example", "one@other.example", "unknown", (ADMIN,), id="another domain"),
        pytest.param("one", "one", "unknown", (ADMIN,), id="no @"),
        pytest.param("gone@a.example.com", "gone@a.example.com", "retired", (ADMIN,), id="retired"),
        pytest.param("gone+x@a.example.com", "gone@a.example.com", "retired", (ADMIN,), id="retired, tag"),
        pytest.param("both@a.example.com", "both@a.example.com", "retired", (ADMIN,), id="retired and suspended"),
        pytest.param("Held@a.example.com", "held@a.example.com", "suspended", (ADMIN,), id="suspended"),
        pytest.param("held+x@a.example.com", "held@a.example.com", "suspended", (ADMIN,), id="suspended, tag"),
        pytest.param(
            "held+open@a.example.com",
            "held+open@a.example.com",
            "owner",
            ("eve@example.com",),
            id="plus, exact first, of a suspended one",
        ),
        pytest.param(
            "two+held@a.example.com", "two+held@a.example.com", "suspended", (ADMIN,), id="plus, exact first, suspended"
        ),
        pytest.param(
            "held-empty@a.example.com", "held-empty@a.example.com", "suspended", (ADMIN,), id="suspended, no owners"
        ),
        pytest.param("Postmaster@a.example.com", "postmaster@a.example.com", "reserved", (ADMIN,), id="postmaster"),
        pytest.param("abuse@a.example.com", "abuse@a.example.com", "reserved", (ADMIN,), id="abuse"),
        pytest.param("aws-accounts@a.example.com", "aws-accounts@a.example.com", "own-address", (ADMIN,), id="our own"),
        pytest.param(
            "aws-accounts+b@a.example.com", "aws-accounts+b@a.example.com", "own-address", (ADMIN,), id="our own, tag"
        ),
    ],
)
@pytest.mark.parametrize("catch_all", [True, False], ids=["catch-all", "drop"])
def test_a_recipient_is_resolved(
    recipient: str, address: str, reason: str, mailboxes: tuple[str, ...], catch_all: bool
) -> None:
    expected = mailboxes if catch_all or reason == "owner" else ()
    settings = dataclasses.replace(SETTINGS, catch_all=catch_all)
    assert resolve(recipient, MAP.get, settings) == Resolution(recipient, address, reason, expected)


def test_a_record_without_owners_raises() -> None:
    with pytest.raises(RecordError, match=r"empty@a\.example\.com has no owners"):
        resolve("empty@a.example.com", MAP.get, SETTINGS)


def test_each_address_and_owner_gets_one_copy() -> None:
    recipients = ["two@a.example.com", "nobody@a.example.com", "TWO+x@a.example.com", "one@a.example.com"]
    resolutions = [resolve(recipient, MAP.get, SETTINGS) for recipient in recipients]
    assert deliveries(resolutions) == [
        Delivery("two@a.example.com", "two@a.example.com", "ann@example.com", "owner"),
        Delivery("nobody@a.example.com", "nobody@a.example.com", ADMIN, "unknown"),
        Delivery("one@a.example.com", "one@a.example.com", "ann@example.com", "owner"),
        Delivery("one@a.example.com", "one@a.example.com", "bob@example.com", "owner"),
    ]


def test_one_owner_written_twice_gets_one_copy() -> None:
    both = Resolution("one@a.example.com", "one@a.example.com", "owner", ("Ann@example.com", "ann@example.com"))
    assert [delivery.mailbox for delivery in deliveries([both])] == ["Ann@example.com"]
