# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plugin where Ansible runs it: before a module of the test's own, which takes the real one's name and place."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.local_aws.shell import without_settings

BIN = Path(sys.executable).parent
ROOT = Path(__file__).parents[3]
PLUGIN = ROOT / "plugins" / "plugin_utils" / "_progress.py"
ACTION = ROOT / "plugins" / "action" / "vended_addresses.py"
# What the plugin imports.
SHARED = [
    *(ROOT / "plugins" / "plugin_utils").glob("*.py"),
    *(ROOT / "plugins" / "module_utils" / f"{name}.py" for name in ("_errors", "_text")),
]
# If it is to, writes progress and returns only when a file is there, which the test makes once it saw the progress.
MODULE = """
import os, time
from ansible.module_utils.basic import AnsibleModule

options = ("table", "region", "progress_file", "wait_for")
module = AnsibleModule({name: {"type": "str"} for name in options}, supports_check_mode=True)
if module.params["wait_for"]:
    with open(module.params["progress_file"], "a") as file:
        file.write("0 10\\n3 10\\n")
    until = time.monotonic() + 60
    while not os.path.exists(module.params["wait_for"]) and time.monotonic() < until:
        time.sleep(0.02)
module.exit_json(changed=not module.check_mode, **module.params)
"""
PLAY = """
- hosts: localhost
  gather_facts: false
  module_defaults:
    group/account_factory.email.all:
      region: from the group
    account_factory.email.vended_addresses:
      table: from the module
  tasks:
    - account_factory.email.vended_addresses:
      register: plain
    - account_factory.email.vended_addresses:
        table: its own
      check_mode: true
      register: checked
    - account_factory.email.vended_addresses:
      async: 60
      poll: 1
      register: in_background
    - account_factory.email.vended_addresses:
        region: "{{ item }}"
      loop: [one, two]
      register: looped
    - ansible.builtin.copy:
        content: "{{ {'results': [plain, checked, in_background] + looped.results} | to_json }}"
        dest: "{{ results }}"
        mode: "0600"
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Return the environment of an Ansible that has the plugin, more talkative, and the test's own module."""
    collection = tmp_path / "collections" / "ansible_collections" / "account_factory" / "email"
    text = PLUGIN.read_text()
    quick = text.replace("INTERVAL_SECONDS = 5.0", "INTERVAL_SECONDS = 0.05")
    assert quick != text
    files = {
        "plugins/plugin_utils/_progress.py": quick,
        "plugins/action/vended_addresses.py": ACTION.read_text(),
        "plugins/modules/vended_addresses.py": MODULE,
        **{str(path.relative_to(ROOT)): path.read_text() for path in SHARED},
        "meta/runtime.yml": "action_groups: {all: [vended_addresses]}\n",
    }
    for name, content in files.items():
        (collection / name).parent.mkdir(parents=True, exist_ok=True)
        (collection / name).write_text(content)
    return {
        **without_settings(os.environ),
        "ANSIBLE_COLLECTIONS_PATH": str(tmp_path / "collections"),
        "ANSIBLE_HOME": str(tmp_path / "home"),
        "ANSIBLE_LOCALHOST_WARNING": "false",
        # Who waits for a job and who does it may take another folder for the home.
        "ANSIBLE_ASYNC_DIR": str(tmp_path / "async"),
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "ANSIBLE_NOCOLOR": "true",
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
    }


def test_an_ad_hoc_run_shows_its_progress_beside_its_result(environment: dict[str, str], tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    options = {"table": "map", "wait_for": str(seen)}
    command = [str(BIN / "ansible"), "localhost", "-m", "account_factory.email.vended_addresses", "-a"]
    with subprocess.Popen(
        [*command, json.dumps(options)],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr
        lines = []
        for line in process.stderr:
            lines.append(line)
            if line.startswith("vended_addresses: 3 of 10 addresses (30 %)"):
                seen.touch()
        assert process.stdout
        output = process.stdout.read()
    assert seen.exists(), lines
    result = json.loads(output.partition("=> ")[2])
    assert (result["changed"], result["table"]) == (True, "map")
    assert not Path(result["progress_file"]).parent.exists()
    assert not list((tmp_path / "home" / "tmp").iterdir())


def results_of(play: str, environment: dict[str, str], tmp_path: Path) -> list[dict[str, Any]]:
    playbook, results = tmp_path / "play.yml", tmp_path / "results.json"
    playbook.write_text(play)
    command = [str(BIN / "ansible-playbook"), str(playbook), "-e", json.dumps({"results": str(results)})]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    found: list[dict[str, Any]] = json.loads(results.read_text())["results"]
    return found


def test_defaults_check_mode_async_and_loops_reach_the_module(environment: dict[str, str], tmp_path: Path) -> None:
    plain, checked, in_background, first, second = results_of(PLAY, environment, tmp_path)
    assert (plain["table"], plain["region"], plain["changed"]) == ("from the module", "from the group", True)
    assert (checked["table"], checked["region"], checked["changed"]) == ("its own", "from the group", False)
    assert (in_background["table"], in_background["region"]) == ("from the module", "from the group")
    assert (in_background["finished"], in_background["progress_file"]) == (1, None)
    assert (first["region"], second["region"]) == ("one", "two")
    files = {result["progress_file"] for result in (plain, checked, first, second)}
    assert len(files) == 4
    assert not any(Path(file).parent.exists() for file in files)
