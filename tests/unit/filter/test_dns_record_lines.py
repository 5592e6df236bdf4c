# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""DNS records as a table: every record with what becomes of it, names and values whole."""

from __future__ import annotations

from typing import Any

from ansible_collections.account_factory.email.plugins.filter.dns_record_lines import dns_record_lines

DOMAIN = "accounts.example.com"


def record(kind: str, name: str, value: str, state: str) -> dict[str, Any]:
    return {"type": kind, "name": name, "values": [value] if value else [], "state": state}


def result(*records: dict[str, Any], notes: tuple[str, ...] = (), **domain: Any) -> dict[str, Any]:
    known = {"domain": DOMAIN, "identity": "create", "covered_by": None, "verification_status": None}
    return {"domains": [{**known, **domain, "records": list(records)}], "notes": list(notes)}


def test_each_record_is_a_line() -> None:
    lines = dns_record_lines(
        result(
            record("MX", DOMAIN, "10 inbound-smtp.eu-west-1.amazonaws.com", "manual"),
            record("CNAME", "", "", "create"),
            notes=("The record \u202e is there and is left as it is.",),
        )
    )
    assert lines == [
        f"{DOMAIN}: its SES identity is to be created",
        f"  MX     {DOMAIN:39}  10 inbound-smtp.eu-west-1.amazonaws.com  you must create it",
        f"  CNAME  (SES tells it once it has the identity)  {'':39}  to be created",
        lines[-1],
    ]
    assert "\u202e" not in lines[-1]


def test_the_identity_is_named() -> None:
    found = dns_record_lines(result(identity="covered", covered_by="example.com", verification_status="SUCCESS"))
    assert found == [f"{DOMAIN}: the SES identity of example.com counts (SUCCESS)"]


def test_nothing_is_cut() -> None:
    value = f'"v=DMARC1; p=reject; rua=mailto:{"x" * 300}@example.com"'
    assert value in dns_record_lines(result(record("TXT", f"_dmarc.{DOMAIN}", value, "manual")))[1]
