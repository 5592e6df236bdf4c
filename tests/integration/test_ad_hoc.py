# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people type: ad-hoc commands, and what they get when something is wrong around the module."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.local_aws import LocalAws

VEND = {
    "name_prefix": "app",
    "domain": "accounts.example.com",
    "request_id": "T-1",
    "owners": ["jane@example.org"],
}
OWNER_LEFT = {"address": "app-001@accounts.example.com", "owners": ["joe@example.org"]}


def ad_hoc(
    environment: dict[str, str | None], options: dict[str, Any], *flags: str, module: str = "vended_address"
) -> dict[str, Any]:
    """Run ``ansible localhost -m account_factory.email.MODULE`` and return the result that it prints."""
    ansible = Path(sys.executable).parent / "ansible"
    command = [
        str(ansible),
        "localhost",
        "-m",
        f"account_factory.email.{module}",
        "-a",
        json.dumps(options) if options else "",
        *flags,
    ]
    changed = {**os.environ, "ANSIBLE_LOAD_CALLBACK_PLUGINS": "true", "ANSIBLE_NOCOLOR": "true", **environment}
    kept = {name: value for name, value in changed.items() if value is not None}
    ended = subprocess.run(command, env=kept, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    _status, _arrow, result = ended.stdout.partition("=> ")
    # Warnings may follow.
    found: dict[str, Any] = json.JSONDecoder().raw_decode(result)[0] if result else {"msg": ended.stdout + ended.stderr}
    assert bool(ended.returncode) == ("msg" in found), ended.stdout + ended.stderr
    return found


def test_vend_and_edit_as_the_readme_shows(local_aws: LocalAws, map_table: str) -> None:
    environment: dict[str, str | None] = {**local_aws.environment, "ACCOUNT_EMAIL_TABLE": map_table}
    assert ad_hoc(environment, VEND)["vended_address"]["address"] == "app-001@accounts.example.com"
    assert ad_hoc(environment, VEND)["changed"] is False
    assert ad_hoc(environment, OWNER_LEFT)["vended_address"]["owners"] == ["joe@example.org"]
    assert ad_hoc(environment, OWNER_LEFT, "--check")["changed"] is False


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        pytest.param(
            {"ACCOUNT_EMAIL_TABLE": None},
            "table: is not given; name the table of the map, or export",
            id="no table named",
        ),
        pytest.param({"ACCOUNT_EMAIL_TABLE": "mapp"}, "there is no DynamoDB table 'mapp'", id="missing table"),
        pytest.param({"AWS_REGION": None, "AWS_DEFAULT_REGION": None}, "requires a region", id="no region"),
        pytest.param(
            {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None, "AWS_EC2_METADATA_DISABLED": "true"},
            "Unable to locate credentials. Set AWS_PROFILE",
            id="no credentials",
        ),
        pytest.param(
            {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"},
            'Could not connect to the endpoint URL: "http://127.0.0.1:9/". Nothing answers there',
            id="unreachable endpoint",
        ),
    ],
)
def test_what_is_wrong_around_the_module_is_said(
    local_aws: LocalAws, map_table: str, tmp_path: Path, environment: dict[str, str | None], says: str
) -> None:
    nowhere = {"HOME": str(tmp_path), "AWS_CONFIG_FILE": str(tmp_path / "none")}
    result = ad_hoc({**local_aws.environment, "ACCOUNT_EMAIL_TABLE": map_table, **nowhere, **environment}, VEND)
    assert says in result["msg"]
    assert local_aws.client("dynamodb").scan(TableName=map_table)["Count"] == 1


def test_no_part_of_an_address_is_masked(local_aws: LocalAws, map_table: str) -> None:
    """Ansible masks a secret wherever its value occurs, so that of local AWS must be none that people type."""
    environment: dict[str, str | None] = {**local_aws.environment, "ACCOUNT_EMAIL_TABLE": map_table}
    vended = ad_hoc(environment, {**VEND, "name_prefix": "test"})["vended_address"]
    assert vended["address"] == "test-001@accounts.example.com"


def test_somebody_whom_ses_sends_nothing_is_looked_up_and_lifted(local_aws: LocalAws) -> None:
    environment: dict[str, str | None] = dict(local_aws.environment)
    jane, joe = (f"{name}-{uuid4().hex[:8]}@example.org" for name in ("Jane", "joe"))
    local_aws.suppression.put(jane, "BOUNCE", "m-1", "f-1")
    asked = {"email_addresses": [jane.lower(), joe]}
    (found,) = ad_hoc(environment, asked, module="ses_suppressed_destination_info")["suppressed_destinations"]
    assert (found["email_address"], found["reason"], found["message_id"]) == (jane, "BOUNCE", "m-1")
    lift = {**asked, "state": "absent"}
    for flags, lifted in ((("--check", "--diff"), [jane]), ((), [jane]), (("--check",), [])):
        result = ad_hoc(environment, lift, *flags, module="ses_suppressed_destination")
        assert (result["removed"], result["changed"]) == (lifted, bool(lifted))
    assert local_aws.suppression.reason(jane) is None
    listed = ad_hoc(environment, {"reasons": ["BOUNCE"]}, module="ses_suppressed_destination_info")
    assert jane not in [each["email_address"] for each in listed["suppressed_destinations"]]


def test_somebody_is_put_on_the_list(local_aws: LocalAws) -> None:
    address = f"joe-{uuid4().hex[:8]}@example.org"
    environment: dict[str, str | None] = dict(local_aws.environment)
    wanted = {"email_address": address, "reason": "COMPLAINT"}
    for changed in (True, False):
        assert ad_hoc(environment, wanted, module="ses_suppressed_destination")["changed"] is changed
    assert local_aws.suppression.reason(address) == "COMPLAINT"
    without_reason = ad_hoc(environment, {"email_address": address}, module="ses_suppressed_destination")
    assert without_reason["msg"] == "state is present but all of the following are missing: reason"
