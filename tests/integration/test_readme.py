# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The README's own playbook runs as it stands there: the whole job in one task."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from ansible_collections.account_factory.email.plugins.module_utils._map import api
from tests.integration.maps import check_map
from tests.local_aws import LocalAws
from tests.map_table import create_table

ROOT = Path(__file__).parents[2]
TABLE = "mail-forwarder-map"


def playbook() -> str:
    """Return the first YAML of "In your own playbooks"."""
    section = (ROOT / "README.md").read_text().partition("## In your own playbooks")[2]
    found = re.search(r"```yaml\n(.*?)```", section, re.DOTALL)
    assert found
    return found[1]


def test_the_playbook_of_the_readme_makes_an_account_and_changes_nothing_again(tmp_path: Path) -> None:
    play = tmp_path / "play.yml"
    play.write_text(playbook())
    given = json.dumps({"ticket": "TICKET-4711", "owners": ["jane@example.org"]})
    command = [str(Path(sys.executable).parent / "ansible-playbook"), str(play), "-e", given]
    with LocalAws(tmp_path / "aws", account_creation_seconds=0.5) as aws:
        table = api.Table(aws.client("dynamodb"), TABLE)
        create_table(table.client, TABLE)
        assert api.put_domain(table, "accounts.example.com", None)
        recaps = []
        for _run in range(2):
            environment = {**os.environ, **aws.environment, "ANSIBLE_NOCOLOR": "true"}
            done = subprocess.run(
                command, env=environment, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
            )
            assert done.returncode == 0, done.stdout + done.stderr
            recaps.append(re.findall(r"changed=(\d+)", done.stdout))
        assert recaps == [["1"], ["0"]]
        [record] = check_map(table).values()
        organizations = aws.client("organizations")
        account = organizations.describe_account(AccountId=record.account_id)["Account"]
        tags = organizations.list_tags_for_resource(ResourceId=record.account_id)["Tags"]
    assert (record.address, record.status) == ("analytics-001@accounts.example.com", "active")
    assert (account["Email"], account["Name"]) == (record.address, "analytics-001")
    assert tags == [{"Key": "ticket", "Value": "TICKET-4711"}]
    assert f'"created.vended_account.account_id": "{record.account_id}"' in done.stdout
