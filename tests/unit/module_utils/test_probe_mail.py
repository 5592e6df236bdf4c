# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The probe's mail: what the map takes for its address, and what is told apart from everybody else's mail."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from email import message_from_bytes
from typing import Any

import pytest

from ansible_collections.account_factory.email.plugins.module_utils import _probe_mail as probe_mail
from ansible_collections.account_factory.email.plugins.module_utils._address import (
    check_account_email,
    check_account_name,
    lookup_keys,
)
from ansible_collections.account_factory.email.plugins.module_utils._probe_mail import Probe
from ansible_collections.account_factory.email.plugins.module_utils._record import RETIRED, AddressRecord

PROBE = Probe("mail-forwarder", "accounts.example.com")
ID = "0123456789abcdef" * 2
RECORD = AddressRecord(PROBE.address, PROBE.account_name, PROBE.domain, (PROBE.owner,), request_id=PROBE.request_id)
ANN = "ann@example.com"


@pytest.mark.parametrize(
    "domain", ["a.example", "accounts.example.com", "accounts.of.a.company.with.a.long.name.example"]
)
def test_the_map_takes_the_address_and_its_name(domain: str) -> None:
    probe = replace(PROBE, domain=domain)
    assert check_account_email(probe.address) == probe.address
    assert check_account_name(probe.account_name) == probe.account_name


def test_each_mail_is_for_the_address_by_a_tag_and_from_nobody_who_has_one() -> None:
    assert lookup_keys(PROBE.recipient(ID))[-1] == PROBE.address
    mail = message_from_bytes(PROBE.message(ID, datetime(2026, 11, 21, 9, 30, tzinfo=timezone.utc)))
    assert mail["From"] == "doctor@accounts.example.com"
    assert mail["To"] == PROBE.recipient(ID)
    assert mail[probe_mail.ID_FIELD] == ID
    # RFC 3834 2: nobody answers by itself.
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "mail-forwarder" in mail["Subject"]


@pytest.mark.parametrize(
    ("recipient", "authors", "is_ours"),
    [
        pytest.param(PROBE.recipient(ID), [PROBE.sender], True, id="the probe's"),
        pytest.param(PROBE.recipient(ID), [f"Doctor <{PROBE.sender.title()}>"], True, id="in other words"),
        pytest.param(PROBE.address, [PROBE.sender], False, id="no id"),
        pytest.param(PROBE.recipient("1"), [PROBE.sender], False, id="what is no id"),
        pytest.param(PROBE.recipient(ID), [ANN], False, id="somebody else"),
        pytest.param(PROBE.recipient(ID), [PROBE.sender, ANN], False, id="and somebody else"),
        pytest.param(PROBE.recipient(ID), [], False, id="nobody"),
        pytest.param(PROBE.recipient(ID), ["doctor@example.org"], False, id="another domain's doctor"),
        pytest.param(f"other+{ID}@{PROBE.domain}", [PROBE.sender], False, id="another address"),
    ],
)
def test_whose_a_mail_says_it_is(recipient: str, authors: list[str], is_ours: bool) -> None:
    assert probe_mail.is_from_probe(authors, recipient) is is_ours


@pytest.mark.parametrize(
    ("changes", "is_probe", "mailboxes"),
    [
        pytest.param({}, True, (PROBE.owner,), id="as it is vended"),
        pytest.param({"owners": (ANN,)}, True, (), id="a person in the simulator's place"),
        pytest.param({"owners": (ANN, PROBE.owner)}, True, (PROBE.owner,), id="a person beside it"),
        pytest.param({"fallback_owners": (ANN,)}, True, (PROBE.owner,), id="a person as a fallback"),
        pytest.param({"status": RETIRED}, True, (), id="retired"),
        pytest.param({"forwarding": False}, True, (), id="suspended"),
        pytest.param({"account_id": "111122223333"}, False, None, id="an account has it"),
        pytest.param({"request_id": "CHG-1"}, False, None, id="somebody's request"),
        pytest.param({"request_id": None}, False, None, id="nobody's request"),
    ],
)
def test_which_record_is_the_probes_and_to_whom_its_mail_goes(
    changes: dict[str, Any], is_probe: bool, mailboxes: tuple[str, ...] | None
) -> None:
    record = replace(RECORD, **changes)
    assert probe_mail.is_probe_record(record) is is_probe
    if mailboxes is not None:
        assert probe_mail.simulators(record) == mailboxes


@pytest.mark.parametrize(
    ("from_address", "domain"),
    [
        pytest.param("aws-accounts@b.example.com", "b.example.com", id="the one that is sent from"),
        pytest.param("aws-accounts@B.example.com", "b.example.com", id="in capitals"),
        pytest.param("aws-accounts@example.org", "a.example.com", id="sent from another domain"),
    ],
)
def test_which_domain_is_probed(from_address: str, domain: str) -> None:
    assert probe_mail.probe_domain({"b.example.com", "a.example.com"}, from_address) == domain
