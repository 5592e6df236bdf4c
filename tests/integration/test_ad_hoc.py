# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people type: the README's ad-hoc commands, and what they get when something is wrong around the module."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.local_aws import LocalAws

VEND = {
    "name_prefix": "app",
    "domain": "accounts.example.com",
    "request_id": "T-1",
    "owners": ["jane@example.org"],
}
OWNER_LEFT = {"address": "app-001@accounts.example.com", "owners": ["joe@example.org"]}


def ad_hoc(environment: dict[str, str | None], options: dict[str, Any], *flags: str) -> dict[str, Any]:
    """Run ``ansible localhost -m ...vended_address`` and return the result that it prints."""
    ansible = Path(sys.executable).parent / "ansible"
    command = [
        str(ansible),
        "localhost",
        "-m",
        "account_factory.email.vended_address",
        "-a",
        json.dumps(options),
        *flags,
    ]
    changed = {**os.environ, "ANSIBLE_LOAD_CALLBACK_PLUGINS": "true", "ANSIBLE_NOCOLOR": "true", **environment}
    kept = {name: value for name, value in changed.items() if value is not None}
    ended = subprocess.run(command, env=kept, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    _status, _arrow, result = ended.stdout.partition("=> ")
    found: dict[str, Any] = json.loads(result) if result else {"msg": ended.stdout + ended.stderr}
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
