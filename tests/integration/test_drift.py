# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""drift: what it says, the files that it writes, and its remedies run as they are printed."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._dynamodb import to_attributes
from ansible_collections.account_factory.email.plugins.module_utils._map import api
from ansible_collections.account_factory.email.plugins.module_utils._record import AddressRecord, account_key, name_key
from ansible_collections.account_factory.email.plugins.module_utils._times import utc_text
from tests.integration.maps import new_map
from tests.integration.test_create_account import wait_until
from tests.local_aws import LocalAws
from tests.local_aws.playbook import PlaybookFailedError, Recap, environment_of_user, run_playbook

DOMAIN, OWNER = "accounts.example.com", "jane@example.org"
LONG_AGO = utc_text(datetime.now(timezone.utc) - timedelta(days=40))
# Legal names of accounts (AWS Organizations API Reference, CreateAccount, AccountName: printable ASCII).
HOSTILE = ["<img src=x onerror=alert(1)>", "=cmd|' /C calc'!A0", '"; {{ 7 * 7 }}', "@SUM(1),2"]


@dataclass(frozen=True)
class Run:
    """What a run said and wrote."""

    recap: Recap
    said: str
    files: dict[str, bytes]

    @property
    def findings(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.files["drift.json"])["findings"]
        return found


@dataclass
class Company:
    """A map, an organization, and somebody with a shell."""

    aws: LocalAws
    table: api.Table
    folder: Path

    def account(self, name: str, email: str) -> str:
        """Create an account and return its id."""
        organizations = self.aws.client("organizations")
        organizations.create_account(Email=email, AccountName=name)
        wait_until(lambda: email in self.ids())
        return self.ids()[email]

    def ids(self) -> dict[str, str]:
        pages = self.aws.client("organizations").get_paginator("list_accounts").paginate()
        return {account["Email"]: account["Id"] for page in pages for account in page["Accounts"]}

    def record(self, name: str, account_id: str | None = None, **fields: Any) -> None:
        """Put a record with what makes it unique into the map, whatever it says."""
        status = {"status": "active" if account_id else "vended"}
        times = {"created_at": LONG_AGO, "updated_at": LONG_AGO}
        record = AddressRecord(
            f"{name}@{DOMAIN}",
            **{"account_name": name, "domain": DOMAIN, "owners": (OWNER,), **status, **times, **fields},
            account_id=account_id,
        )
        keys = [name_key(name), *([account_key(account_id)] if account_id else [])]
        for item in (record.to_item(), *({"pk": key, "address": record.address} for key in keys)):
            self.table.client.put_item(TableName=self.table.name, Item=to_attributes(item))

    def run(self, *options: str, reports: str = "reports", **variables: Any) -> Run:
        """Run the playbook and return what became of it."""
        log, folder = self.folder / "ansible.log", self.folder / reports
        log.unlink(missing_ok=True)
        given = {"account_factory_report_folder": str(folder), "account_factory_report_date": "2026-11-26", **variables}
        given.setdefault("account_factory_fail_on", "never")
        recap = run_playbook("drift", given, self.environment, log, *options)
        files = {file.name: file.read_bytes() for file in folder.iterdir()} if folder.exists() else {}
        return Run(recap, log.read_text(), files)

    def mend(self, remedy: str) -> None:
        """Run the command at the end of a remedy as it is printed."""
        command = remedy[remedy.index("ansible-playbook ") :]
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        environment = {**environment_of_user(self.environment, self.folder), "PATH": path}
        subprocess.run(command, shell=True, env=environment, check=True, capture_output=True, text=True)

    @property
    def environment(self) -> dict[str, str]:
        return {**self.aws.environment, "ACCOUNT_EMAIL_TABLE": self.table.name}


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    folder = tmp_path_factory.mktemp("drift")
    with LocalAws(folder / "aws", account_creation_seconds=0) as aws:
        aws.client("sesv2").create_email_identity(EmailIdentity=DOMAIN)
        made = Company(aws, new_map(aws.client("dynamodb"), DOMAIN), folder)
        for number, name in enumerate(HOSTILE):
            made.account(name, f"hostile{number}@elsewhere.example")
        made.account("no-id", f"no-id@{DOMAIN}")
        made.record("no-id")
        made.record("suspended", made.account("suspended", f"suspended@{DOMAIN}"), forwarding=False)
        made.record("retired", made.account("retired", f"retired@{DOMAIN}"), status="retired")
        made.record("unused")
        yield made


@dataclass(frozen=True)
class Runs:
    """A run in check mode, and two for real, before anything is mended."""

    checked: Run
    first: Run
    second: Run


@pytest.fixture(scope="module")
def runs(company: Company) -> Runs:
    return Runs(company.run("--check", reports="never"), company.run(), company.run())


def test_check_mode_says_all_and_writes_nothing(runs: Runs) -> None:
    assert "8 accounts and 4 addresses compared: 1 high, 5 medium, 3 low." in runs.checked.said
    assert (runs.checked.recap.changed, runs.checked.files) == (4, {})


def test_two_runs_write_the_same_and_the_second_changes_nothing(runs: Runs) -> None:
    assert runs.first.recap.changed == 4
    assert runs.first.files.keys() == {"drift.csv", "drift.html", "drift.json"}
    assert "HIGH retired_active: " in runs.first.said
    assert (runs.second.recap.changed, runs.second.files) == (0, runs.first.files)


def test_words_of_strangers_are_text_in_every_file(runs: Runs) -> None:
    first = runs.first
    page = first.files["drift.html"].decode()
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    assert "<img" not in page
    written = first.files["drift.csv"].decode("utf-8-sig")
    rows = list(csv.DictReader(written.splitlines(keepends=True), strict=True))
    assert len(rows) == len(first.findings)
    names = [row["account_name"] for row in rows if row["kind"] == "email_not_vended" and row["severity"] == "medium"]
    assert names == [HOSTILE[0], f"'{HOSTILE[1]}", HOSTILE[2], f"'{HOSTILE[3]}"]
    assert [one["account_name"] for one in first.findings if one["account_name"] in HOSTILE] == HOSTILE
    # What is copied from the terminal is the command itself.
    assert all(one["remedy"] in first.said for one in first.findings)


def test_it_fails_where_that_is_asked_for(company: Company) -> None:
    with pytest.raises(PlaybookFailedError, match=r"of severity (high|medium): what to do is said above"):
        company.run("--check", account_factory_fail_on="medium")


def test_the_remedies_mend_what_they_are_for_as_they_are_printed(company: Company, runs: Runs) -> None:
    mended = ("account_id_missing", "forwarding_suspended", "retired_active", "unused")
    for finding in runs.first.findings:
        if finding["kind"] in mended:
            company.mend(finding["remedy"])
    after = company.run(reports="after")
    assert {one["kind"] for one in after.findings} == {"email_not_vended"}
    assert "8 accounts and 4 addresses compared: 4 medium, 1 low." in after.said
