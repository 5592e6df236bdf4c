# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the collection's own playbooks as a user would, with ansible-playbook, and read what they did."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.local_aws.shell import without_settings

_TASK = re.compile(r"^TASK \[(?:account_factory\.email\.\w+ : )?(?P<name>.*?)\] \*+$")
_RECAP = re.compile(
    r"^\S+ +: ok=(?P<ok>\d+) +changed=(?P<changed>\d+) +unreachable=(?P<unreachable>\d+) +failed=(?P<failed>\d+)"
)

# SQS here lets the name of a deleted queue be used again at once, so nobody has to wait for it.
_AS_LOCAL_AWS_IS = {"__mail_forwarder_queue_name_seconds": 0}


class PlaybookFailedError(Exception):
    """A playbook that did not end well; the text holds what it said."""


@dataclass(frozen=True)
class Recap:
    """The figures of ansible-playbook's recap for localhost."""

    ok: int
    changed: int


def run_playbook(
    name: str,
    variables: Mapping[str, Any],
    environment: Mapping[str, str],
    log: Path,
    *options: str,
    on_task: Callable[[str], None] | None = None,
) -> Recap:
    """Run ``account_factory.email.NAME`` and return its recap; raise PlaybookFailedError with its error otherwise.

    Everything that it prints is appended to the log; ``on_task`` is called with the name of each task as it begins.
    """
    command = [
        str(Path(sys.executable).parent / "ansible-playbook"),
        f"account_factory.email.{name}",
        *("--extra-vars", json.dumps({**_AS_LOCAL_AWS_IS, **variables})),
        *options,
    ]
    lines = []
    with log.open("a", encoding="utf-8") as kept:
        process = subprocess.Popen(
            command,
            env=environment_of_user(environment, log.parent),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert process.stdout
        with process:
            try:
                for line in process.stdout:
                    kept.write(line)
                    lines.append(line.rstrip("\n"))
                    if on_task and (task := _TASK.match(lines[-1])):
                        on_task(task["name"])
            except BaseException:
                # Ctrl-C reaches it too, but a signal to this process alone does not.
                process.terminate()
                raise
    return _recap(name, lines, process.returncode)


def environment_of_user(environment: Mapping[str, str], home: Path) -> dict[str, str]:
    """Return the caller's environment, less whatever would lead the run to another AWS or change its output."""
    return {
        **without_settings(os.environ),
        "ANSIBLE_HOME": str(home / "ansible"),
        # What a module that is cut off leaves behind, it leaves in a folder that goes.
        "TMPDIR": str(home),
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "ANSIBLE_NOCOLOR": "true",
        "ANSIBLE_NOCOWS": "true",
        # Tables are cut to the terminal, whichever the tests are run in.
        "COLUMNS": "160",
        **environment,
    }


def _recap(name: str, lines: list[str], status: int) -> Recap:
    found = next((match for line in reversed(lines) if (match := _RECAP.match(line))), None)
    if status or not found or found["failed"] != "0" or found["unreachable"] != "0":
        errors = [line for line in lines if line.startswith(("[ERROR]", "fatal:", "ERROR!"))] or lines[-15:]
        raise PlaybookFailedError("\n".join([f"the playbook {name} ended with status {status}", *errors]))
    return Recap(ok=int(found["ok"]), changed=int(found["changed"]))
