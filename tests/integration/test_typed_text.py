# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text that people write in YAML without quotes: the map holds it as it was written, or not at all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import ansible.template
import pytest

from ansible_collections.account_factory.email.plugins.module_utils._map import api
from tests.integration.maps import check_map
from tests.integration.test_ad_hoc import ad_hoc
from tests.local_aws import LocalAws

# Since ansible-core 2.19 it is known where a number of a task was written, and so how.
KNOWS_WHERE = hasattr(ansible.template, "trust_as_template")
# What is written of one address in a task -> what the map holds of it, or what is said of it.
WRITTEN: dict[str, tuple[str, dict[str, Any] | str]] = {
    "text": ("request_id: '0017'", {"request_id": "0017"}),
    "another text": ("request_id: '15'", {"request_id": "15"}),
    "octal": ("request_id: 0017", "15 is a number"),
    "tag, text": ("request_id: a\ntags: {n: '0042', y: 'yes'}", {"tags": {"n": "0042", "y": "yes"}}),
    "tag, octal": ("request_id: b\ntags: {n: 0042}", "tags: the value of 'n': 34 is a number"),
    "tag, float": ("request_id: c\ntags: {v: 1.10}", "tags: the value of 'v': 1.1 is a number"),
    "tag, boolean": ("request_id: d\ntags: {y: yes}", "tags: the value of 'y': true is a boolean"),
    "tag, date": ("request_id: e\ntags: {d: 2026-01-05}", "tags[d]: 2026-01-05 is a date"),
    "tag, list": ("request_id: f\ntags: {l: [a]}", "tags: the value of 'l': ['a'] is a list"),
    "tag, dictionary": ("request_id: g\ntags: {l: {a: b}}", "tags: the value of 'l': {'a': 'b'} is a dictionary"),
    "tag, key": ("request_id: h\ntags: {0042: a}", "tags: the key 34 is a number"),
    "tag, number": (
        "request_id: i\ntags: {n: 4711}",
        {"tags": {"n": "4711"}} if KNOWS_WHERE else "tags: the value of 'n': 4711 is a number",
    ),
    "type, boolean": ("request_id: j\naccount_type: no", "false is a boolean"),
    "in a list, octal": ("request_id: 0020", "16 is a number"),
}  # fmt: skip


def _tasks(name: str, written: str) -> list[str]:
    """Return a task that asks for an address as it is written, and one that keeps what became of it."""
    options = {"name_prefix": "app", "domain": "accounts.example.com", "owners": ["jane@example.org"]}
    lines = [*(f"{key}: {json.dumps(value)}" for key, value in options.items()), *written.split("\n")]
    if name.startswith("in a list"):
        module, lines = "vended_addresses", ["addresses:", f"- {lines[0]}", *(f"  {line}" for line in lines[1:])]
    else:
        module = "vended_address"
    asked = "".join(f"        {line}\n" for line in lines)
    kept = f"{{{{ said | combine({{'{name}': done}}) }}}}"
    return [
        f"    - account_factory.email.{module}:\n{asked}      register: done\n      ignore_errors: true\n",
        f'    - set_fact:\n        said: "{kept}"\n',
    ]


@pytest.fixture
def said(local_aws: LocalAws, map_table: str, tmp_path: Path) -> dict[str, Any]:
    """Return what each task that is written so ends with: the record that it vends, or its message."""
    tasks = [task for name, (written, _expected) in WRITTEN.items() for task in _tasks(name, written)]
    play = tmp_path / "play.yml"
    play.write_text(
        "- hosts: localhost\n  connection: local\n  gather_facts: false\n  vars: {said: {}}\n  tasks:\n"
        + "".join(tasks)
        + f"    - copy: {{dest: '{tmp_path}/said.json', content: '{{{{ said | to_json }}}}', mode: '0600'}}\n"
    )
    environment = {**os.environ, **local_aws.environment, "ACCOUNT_EMAIL_TABLE": map_table}
    environment["ANSIBLE_PYTHON_INTERPRETER"] = sys.executable
    command = [str(Path(sys.executable).parent / "ansible-playbook"), str(play)]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    found: dict[str, Any] = json.loads((tmp_path / "said.json").read_text())
    return found


def test_what_is_written_in_a_task_is_kept_as_it_is_or_refused(
    said: dict[str, Any], local_aws: LocalAws, map_table: str
) -> None:
    for name, (_written, expected) in WRITTEN.items():
        if isinstance(expected, str):
            assert expected in said[name]["msg"], name
        else:
            record = said[name]["vended_address"]
            assert {field: record[field] for field in expected} == expected, name
    stored = check_map(api.Table(local_aws.client("dynamodb"), map_table))
    assert len(stored) == sum(not isinstance(expected, str) for _written, expected in WRITTEN.values())


def test_an_ad_hoc_command_in_json_has_one_way_of_writing_a_number(local_aws: LocalAws, map_table: str) -> None:
    environment: dict[str, str | None] = {**local_aws.environment, "ACCOUNT_EMAIL_TABLE": map_table}
    vend = {"name_prefix": "app", "domain": "accounts.example.com", "owners": ["jane@example.org"]}
    vended = ad_hoc(environment, {**vend, "request_id": 4711, "tags": {"cost": 15}})["vended_address"]
    assert (vended["request_id"], vended["tags"]) == ("4711", {"cost": "15"})
    refused = ad_hoc(environment, {**vend, "request_id": "T-2", "tags": {"version": 1.1}})
    assert "tags: the value of 'version': 1.1 is a number" in refused["msg"]
