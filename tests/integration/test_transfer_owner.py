# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The play that gives the addresses of an owner who leaves to others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._map import api
from ansible_collections.account_factory.email.plugins.module_utils._map.edits import Edit
from ansible_collections.account_factory.email.plugins.module_utils._map.requests import ExactRequest
from ansible_collections.account_factory.email.plugins.module_utils._record import AddressRecord, Stamp
from tests.integration.maps import check_map
from tests.local_aws import LocalAws
from tests.local_aws.playbook import PlaybookFailedError, Recap, run_playbook
from tests.map_work import edit_record, vend

JANE = "Jane.Doe@example.org"
# Account name -> its owners.
OWNERS = {
    "alone": (JANE,),
    "last": ("joe@example.org", "jane.doe@example.org"),
    "between": ("joe@example.org", JANE, "ann@example.org"),
    "with-the-new-one": ("TEAM@example.org", "joe@example.org", JANE),
    "looks-alike": ("xjane.doe@example.org", "jane-doe@example.org", "jane.doe@example.org.uk"),
    "retired": (JANE,),
}
STAMP = Stamp("2026-11-21T09:30:00Z", "arn:aws:iam::123456789012:user/jane")


class Leaver:
    """A map in which somebody owns addresses alone, with others and of old, and the play on it."""

    def __init__(self, aws: LocalAws, table: str, directory: Path) -> None:
        self.aws, self.log = aws, directory / "ansible.log"
        self.table = api.Table(aws.client("dynamodb"), table)
        for name, owners in OWNERS.items():
            kind = "sandbox" if name == "alone" else None
            request = ExactRequest(name, name, "accounts.example.com", {"owners": owners, "account_type": kind})
            vend(self.table, request, lambda: STAMP, False)
        edit_record(self.table, Edit("retired@accounts.example.com", retire=True), lambda: STAMP, False)

    def transfer(self, *options: str, **variables: Any) -> Recap:
        self.log.unlink(missing_ok=True)
        given = {
            "account_owner": "jane.doe@EXAMPLE.org",
            "account_new_owners": ["team@example.org"],
            "account_email_table": self.table.name,
        }
        return run_playbook("transfer_owner", {**given, **variables}, self.aws.environment, self.log, *options)

    def said(self) -> str:
        return self.log.read_text()

    def lists(self) -> list[str]:
        """Return the lines that the play reported, the lists before and after among them."""
        return [line.strip(' ",') for line in self.said().splitlines() if line.startswith("        ")]

    def records(self) -> dict[str, AddressRecord]:
        return check_map(self.table)

    def owners(self) -> dict[str, tuple[str, ...]]:
        return {address.partition("@")[0]: record.owners for address, record in self.records().items()}


@pytest.fixture
def leaver(local_aws: LocalAws, map_table: str, tmp_path: Path) -> Leaver:
    return Leaver(local_aws, map_table, tmp_path)


def test_every_address_in_use_goes_to_the_new_owner(leaver: Leaver) -> None:
    before = leaver.records()
    assert leaver.transfer("--check").changed == 1
    assert leaver.records() == before
    planned = leaver.lists()
    assert leaver.transfer().changed == 1
    assert leaver.owners() == {
        "alone": ("team@example.org",),
        "last": ("joe@example.org", "team@example.org"),
        "between": ("joe@example.org", "team@example.org", "ann@example.org"),
        "with-the-new-one": ("TEAM@example.org", "joe@example.org"),
        "looks-alike": OWNERS["looks-alike"],
        "retired": (JANE,),
    }
    # Check mode told the same.
    assert [line.replace(" (in check mode: nothing was changed)", "") for line in planned] == leaver.lists()
    assert "before, 4 of jane.doe@EXAMPLE.org:" in planned
    assert "between@accounts.example.com           joe@example.org, Jane.Doe@example.org, ann@example.org" in planned
    assert "after, 4 changed:" in leaver.lists()
    assert "between@accounts.example.com           joe@example.org, team@example.org, ann@example.org" in leaver.lists()
    assert "retired, left as they are: retired@accounts.example.com" in leaver.said()

    after = leaver.records()
    assert leaver.transfer().changed == 0
    assert "nothing is owned by jane.doe@EXAMPLE.org" in leaver.said()
    assert leaver.records() == after


def test_some_addresses_to_several_owners(leaver: Leaver) -> None:
    # As the answer of a survey comes.
    leaver.transfer(account_new_owners="ann@example.org, bob@example.org", account_type="sandbox", account_status="")
    changed = {name: owners for name, owners in leaver.owners().items() if owners != OWNERS[name]}
    assert changed == {"alone": ("ann@example.org", "bob@example.org")}
    leaver.transfer(account_new_owners=["ann@example.org", "bob@example.org"])
    assert leaver.owners()["between"] == ("joe@example.org", "ann@example.org", "bob@example.org")


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        pytest.param({"account_new_owners": ["x@accounts.example.com"]}, "lies in the vended domain", id="loop"),
        pytest.param({"account_new_owners": ["ann@example.org", r"a\1"]}, "is not an email address", id="no address"),
        pytest.param({"account_new_owners": []}, "account_new_owners: give at least one", id="nobody"),
        pytest.param({"account_new_owners": [JANE]}, "account_new_owners: .*who would go on getting", id="the same"),
        pytest.param({"account_owner": "jane"}, "owner: 'jane' is not an email address", id="owner"),
    ],
)
def test_what_cannot_work_changes_nothing(leaver: Leaver, variables: dict[str, Any], says: str) -> None:
    before = leaver.records()
    with pytest.raises(PlaybookFailedError, match=says):
        leaver.transfer(**variables)
    assert leaver.records() == before
