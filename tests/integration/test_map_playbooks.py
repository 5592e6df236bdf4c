# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The thin plays over one address: vend it, edit it, retire it, bring it back."""

from __future__ import annotations

import csv
import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._map import api
from ansible_collections.account_factory.email.plugins.module_utils._record import AddressRecord
from tests.local_aws import LocalAws
from tests.local_aws.playbook import PlaybookFailedError, Recap, run_playbook

ADDRESS = "app-001@accounts.example.com"
VEND: dict[str, Any] = {
    "account_name_prefix": "app",
    "account_domain": "accounts.example.com",
    "account_request_id": "T-1",
    "account_owners": ["jane@example.org"],
    "account_type": "sandbox",
    "account_tags": {"team": "blue", "stage": "dev"},
}


class Plays:
    """Runs the plays on a map of their own, and tells what they said and what the map came to hold."""

    def __init__(self, aws: LocalAws, table: str, directory: Path) -> None:
        self.aws, self.log = aws, directory / "ansible.log"
        self.table = api.Table(aws.client("dynamodb"), table)

    def run(self, name: str, *options: str, **variables: Any) -> Recap:
        given = {**variables, "account_email_table": self.table.name}
        return run_playbook(name, given, self.aws.environment, self.log, *options)

    def said(self) -> str:
        return self.log.read_text()

    def record(self, address: str = ADDRESS) -> AddressRecord:
        record = api.get_record(self.table, address)
        assert record
        return record


@pytest.fixture
def plays(local_aws: LocalAws, map_table: str, tmp_path: Path) -> Plays:
    return Plays(local_aws, map_table, tmp_path)


def changes_once(plays: Plays, name: str, **variables: Any) -> None:
    """Run the play in check mode, for real, and both again: only the first two change something, only one writes."""
    before = list(api.records(plays.table))
    assert plays.run(name, "--check", **variables).changed == 1
    assert list(api.records(plays.table)) == before
    assert plays.run(name, **variables).changed == 1
    after = list(api.records(plays.table))
    assert after != before
    assert plays.run(name, "--check", **variables).changed == 0
    assert plays.run(name, **variables).changed == 0
    assert list(api.records(plays.table)) == after


def test_an_address_from_its_vending_to_its_return(plays: Plays) -> None:
    changes_once(plays, "vend_address", **VEND)
    vended = plays.record()
    assert (vended.owners, vended.account_type, vended.tags) == (
        ("jane@example.org",),
        "sandbox",
        {"team": "blue", "stage": "dev"},
    )
    assert f"address   {ADDRESS}" in plays.said()

    changes_once(plays, "edit_address", account_email=ADDRESS.upper(), account_owners=["joe@example.org"])
    edited = plays.record()
    # What is not given is not touched.
    assert edited.owners == ("joe@example.org",)
    assert (edited.account_type, edited.tags, edited.account_id) == (vended.account_type, vended.tags, None)
    assert (edited.status, edited.forwarding) == ("vended", True)

    plays.run("edit_address", account_email=ADDRESS, account_id="012345678901", account_forwarding=False)
    edited = plays.record()
    assert (edited.status, edited.account_id, edited.forwarding) == ("active", "012345678901", False)
    assert edited.owners == ("joe@example.org",)

    changes_once(plays, "retire_address", account_email=ADDRESS)
    assert plays.record().status == "retired"
    with pytest.raises(PlaybookFailedError, match="is retired"):
        plays.run("edit_address", account_email=ADDRESS, account_owners=["thief@example.org"])
    with pytest.raises(PlaybookFailedError, match="account_id"):
        plays.run("edit_address", account_email=ADDRESS, account_restore=True)
    plays.run("edit_address", account_email=ADDRESS, account_restore=True, account_id="012345678901")
    assert (plays.record().status, plays.record().owners) == ("active", ("joe@example.org",))


def test_empty_answers_of_a_survey_are_not_given(plays: Plays) -> None:
    empty = dict.fromkeys(("account_name", "account_local_part", "account_id"), "")
    plays.run("vend_address", **{**VEND, **empty})
    vended = plays.record()
    nothing = {"account_type": "", "account_id": "", "account_status": ""}
    assert plays.run("edit_address", account_email=ADDRESS, **nothing).changed == 0
    assert plays.record() == vended


def test_what_is_given_empty_on_purpose_is_meant(plays: Plays) -> None:
    plays.run("vend_address", **VEND)
    plays.run("edit_address", account_email=ADDRESS, account_tags={"team": "red"}, account_purge_tags=False)
    assert plays.record().tags == {"team": "red", "stage": "dev"}
    plays.run("edit_address", account_email=ADDRESS, account_tags={})
    assert plays.record().tags == {}


def test_exact_names(plays: Plays) -> None:
    exact = {"account_domain": "accounts.example.com", "account_owners": ["jane@example.org"]}
    plays.run("vend_address", **exact, account_name="Log-Archive")
    assert plays.record("log-archive@accounts.example.com").account_name == "Log-Archive"
    plays.run("vend_address", **exact, account_name="Audit of all", account_local_part="audit")
    assert plays.record("audit@accounts.example.com").account_name == "Audit of all"


@pytest.fixture
def links(plays: Plays) -> Iterator[list[str]]:
    """Put the account into the sandbox, where owners follow links; return those whom one was sent to."""
    verifications = plays.aws.verifications
    with plays.aws.sandbox(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(verifications, "by_link", True)
        patch.setattr(verifications, "links", [])
        yield verifications.links


def test_owners_are_verified_in_the_sandbox(plays: Plays, links: list[str]) -> None:
    jane, team, joe = (f"{name}@{uuid4().hex}.example" for name in ("Jane", "team", "joe"))
    vend = {**VEND, "account_owners": [jane], "account_factory_fallback_owners": [team]}
    assert plays.run("vend_address", "--check", **vend).changed == 2
    assert f"pending   {jane}  link to be sent" in plays.said()
    assert links == []
    assert plays.run("vend_address", **vend).changed == 2
    assert f"pending   {team}  link sent now" in plays.said()
    plays.aws.verifications.follow_link(jane)
    plays.log.unlink()
    assert plays.run("vend_address", **vend).changed == 0
    assert f"pending   {team}  link sent 20" in plays.said()
    assert f"pending   {jane}" not in plays.said()

    # A play that must not talk to SES does not.
    edit = {"account_owners": [joe], "account_factory_verify_owners": "false"}
    plays.log.unlink()
    assert plays.run("edit_address", account_email=ADDRESS, **edit).changed == 1
    assert "pending" not in plays.said()
    assert links == [jane, team]


def test_a_review_of_owners_is_shown_and_written_where_a_folder_is_given(plays: Plays, tmp_path: Path) -> None:
    plays.run("vend_address", **{**VEND, "account_owners": ["jane@example.org", "Ann@example.org"]})
    exact = {name: value for name, value in VEND.items() if name not in ("account_name_prefix", "account_request_id")}
    plays.run("vend_address", **exact, account_name="=1+1 <b>", account_local_part="x")
    review: dict[str, Any] = {"account_factory_last_mail": False, "account_factory_owner": "JANE@example.org"}
    plays.log.unlink()
    assert plays.run("list_owners", **review).changed == 0
    assert "1 owner of 2 addresses" in plays.said()
    folder = tmp_path / "review"
    assert plays.run("list_owners", **review, account_factory_report_folder=str(folder)).changed == 4
    assert "&lt;b&gt;" in (folder / "owners.html").read_text()
    first, second = csv.DictReader((folder / "owners.csv").read_text(encoding="utf-8-sig").splitlines())
    assert (first["address"], first["owner"], first["since"]) == (
        ADDRESS,
        "jane@example.org",
        plays.record().created_at,
    )
    assert second["account_name"] == "'=1+1 <b>"
    assert [one["address"] for one in json.loads((folder / "owners.json").read_text())["ownerships"]] == [
        ADDRESS,
        second["address"],
    ]
    assert stat.filemode((folder / "owners.html").stat().st_mode) == "-rw-r-----"


@pytest.mark.parametrize("name", ["edit_address", "retire_address"])
def test_a_typing_error_makes_no_address(plays: Plays, name: str) -> None:
    with pytest.raises(PlaybookFailedError, match="is not in the map"):
        plays.run(name, account_email="typo@accounts.example.com")
    assert list(api.records(plays.table)) == []
