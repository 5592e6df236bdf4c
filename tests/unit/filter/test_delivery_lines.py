# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who received which mail, as lines that fit a terminal."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.account_factory.email.plugins.filter.delivery_lines import FilterModule, delivery_lines
from ansible_collections.account_factory.email.plugins.plugin_utils._table import columns_of

# As long as SES's ids are.
ID, LATER = (f"0102019a7b3c5d{end}-3f2b6c1a-77aa-4b1c-9f00-aabbccddeeff-000000" for end in ("01", "02"))
ADDRESS = "payments-001@accounts.example.com"
DELIVERY: dict[str, Any] = {
    "message_id": ID,
    "address": ADDRESS,
    "recipient": ADDRESS,
    "mailbox": "ann@example.org",
    "standing": "owner",
    "sender": "no-reply@example.com",
    "received_at": "2026-03-11T09:14:06Z",
    "claimed_at": "2026-03-11T09:14:07Z",
    "status": "sent",
    "form": "sent",
    "sent_at": "2026-03-11T09:14:08Z",
    "sent_to": "ann@example.org",
    "sent_message_id": "s1",
    "instead_of": None,
    "became": "delivered",
    "became_at": "2026-03-11T09:14:10Z",
    "diagnostic": None,
    "released": False,
    "released_by": None,
    "released_at": None,
}


def delivery(mailbox: str = "ann@example.org", **changes: Any) -> dict[str, Any]:
    return {**DELIVERY, "mailbox": mailbox, "sent_to": mailbox, **changes}


@pytest.fixture(autouse=True)
def _a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")


def test_no_deliveries_are_no_lines() -> None:
    assert delivery_lines([]) == []
    assert FilterModule().filters() == {"delivery_lines": delivery_lines}


def test_a_mail_has_its_copies_together_wherever_they_are_in_the_list() -> None:
    deliveries = [
        delivery("desk@example.org", form="sent-to-fallback", instead_of="ann@example.org"),
        delivery(message_id=LATER, sender=None, became=None),
        delivery(became="bounced", diagnostic="smtp; 550 5.1.1 user unknown"),
    ]
    assert delivery_lines(deliveries) == [
        "  mailbox           sent                  form              became",
        ID,
        f"  2026-03-11T09:14:06Z  {ADDRESS}  from no-reply@example.com",
        "  desk@example.org  2026-03-11T09:14:08Z  sent-to-fallback  delivered",
        "    in place of ann@example.org",
        "  ann@example.org   2026-03-11T09:14:08Z  sent              bounced",
        "    smtp; 550 5.1.1 user unknown",
        LATER,
        f"  2026-03-11T09:14:06Z  {ADDRESS}  from <>",
        "  ann@example.org   2026-03-11T09:14:08Z  sent              -",
    ]


def test_a_mail_to_two_addresses_is_shown_for_each() -> None:
    lines = delivery_lines([delivery(), delivery(address="other@accounts.example.com")])
    assert lines.count(ID) == 2


@pytest.mark.parametrize(
    ("changes", "lines"),
    [
        pytest.param(
            {"standing": "retired"},
            [f"  2026-03-11T09:14:06Z  {ADDRESS} (retired)  from no-reply@example.com"],
            id="not an owner's",
        ),
        pytest.param(
            {"status": "claimed", "form": None, "sent_at": None, "sent_to": None, "became": None},
            ["  ann@example.org  not sent  -     -"],
            id="not finished",
        ),
        pytest.param(
            {"form": "sent-to-admin", "sent_to": "admin@example.org"},
            ["  admin@example.org  2026-03-11T09:14:08Z  sent-to-admin  delivered", "    in place of ann@example.org"],
            id="sandbox",
        ),
        pytest.param(
            {
                "released": True,
                "released_by": "arn:aws:iam::123456789012:user/jane",
                "released_at": "2026-03-11T10:00:00Z",
            },
            ["  released 2026-03-11T10:00:00Z by arn:aws:iam::123456789012:user/jane"],
            id="released",
        ),
        pytest.param({"released": True}, ["  released by somebody"], id="released, not noted"),
        pytest.param(
            {"received_at": None, "address": None, "standing": None, "form": None},
            ["  -  -  from no-reply@example.com", "  ann@example.org  2026-03-11T09:14:08Z  -     delivered"],
            id="what is not known",
        ),
    ],
)
def test_what_there_is_to_say_of_a_copy(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], lines: list[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    found = delivery_lines([{**DELIVERY, **changes}])
    assert [line for line in found if line in lines] == lines


@pytest.mark.parametrize("columns", ["80", "100", "160"])
def test_no_line_is_wider_than_the_terminal_and_no_id_is_cut(monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    long = delivery(
        mailbox="m" * 60 + "@example.org",
        sender="\u5b57" * 200 + "@example.org",
        form="sent-to-fallback",
        instead_of="i" * 300,
        became="complained",
        diagnostic="smtp; 550 " + "d" * 490,
        released=True,
        released_by="arn:aws:sts::123456789012:assumed-role/" + "r" * 200,
    )
    lines = delivery_lines([long])
    assert ID in lines
    assert max(map(columns_of, lines)) <= int(columns) - 11
    assert len([line for line in lines if line.endswith("…")]) >= 4
