# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs as AWX runs them, by ansible-runner, on each release of ansible-core that is supported.

What AWX does is in awx/main/tasks/jobs.py, utils/safe_yaml.py and models/workflow.py of github.com/ansible/awx.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.checks.environment import BIN
from tests.integration.environments import environment

_JOB_SECONDS = 120


@dataclass(frozen=True)
class AnsibleCore:
    """A release of ansible-core, and the minor versions of Python 3 that its controller and this collection support."""

    release: str
    pythons: range


# The only place that pins them: the oldest release that is supported, those after it, and the newest.
ANSIBLE_CORES = (
    AnsibleCore("2.17.14", range(11, 13)),
    AnsibleCore("2.18.19", range(11, 14)),
    AnsibleCore("2.19.14", range(11, 14)),
    AnsibleCore("2.21.5", range(12, 15)),
)


def environment_of(core: AnsibleCore) -> Path:
    """Return the virtual environment that holds the release, made if it is not there; skip without a Python."""
    python = _find_python(core.pythons)
    if python is None:
        pytest.skip(
            f"ansible-core {core.release} needs Python 3.{core.pythons[0]} to 3.{core.pythons[-1]}; none is on PATH as"
            " python3.N, nor beside the Python of .venv"
        )
    packages = [f"ansible-core=={core.release}", *(f"{name}=={version(name)}" for name in ("boto3", "botocore"))]
    return environment("ansible", core.release, packages, python)


def _find_python(minors: range) -> Path | None:
    """Return a Python of these versions: this one if possible, else one on PATH, else one installed beside this one."""
    if sys.version_info[1] in minors:
        return Path(sys.executable)
    newest_first = sorted(minors, reverse=True)
    on_path = [Path(found) for minor in newest_first if (found := shutil.which(f"python3.{minor}"))]
    # pyenv installs its versions side by side, and puts only those on PATH that were asked for.
    versions = Path(sys.base_prefix).parent
    beside = [found for minor in newest_first for found in sorted(versions.glob(f"3.{minor}.*/bin/python3.{minor}"))]
    return next((python for python in [*on_path, *beside] if _runs(python)), None)


def _runs(python: Path) -> bool:
    """Tell whether a Python starts and can make virtual environments: pyenv's shims do not always."""
    command = [str(python), "-c", "import venv"]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0


@dataclass(frozen=True)
class Job:
    """A job that ended well: what it printed, and what it hands on to the next node of its workflow."""

    stdout: str
    artifacts: dict[str, Any]


def run_job(
    directory: Path,
    ansible: Path,
    playbook: str,
    *,
    credentials: Mapping[str, str],
    template: Mapping[str, Any],
    survey: Mapping[str, str],
    artifacts: Mapping[str, Any] | None = None,
) -> Job:
    """Run a playbook of the collection in a new private data directory; fail with the job's output if it fails.

    ``ansible`` is the environment to run it in, ``credentials`` are environment variables, ``template`` is the job
    template's extra variables. ``artifacts`` of earlier nodes take precedence over the answers, as they do in AWX.
    """
    _write(directory / "inventory" / "hosts", _INVENTORY).chmod(0o700)
    _write(directory / "project" / "job.yml", f"- import_playbook: account_factory.email.{playbook}\n")
    given = {**_META_VARIABLES, **template, **survey, **(artifacts or {})}
    _write(directory / "env" / "extravars", extra_variables(given, template))
    _write(directory / "env" / "envvars", json.dumps({**_job_environment(directory, ansible), **credentials}))
    _write(directory / "env" / "settings", json.dumps({"job_timeout": _JOB_SECONDS}))
    # In a process of its own: it forks, and this one has the threads of local AWS. -vv has Ansible print its version.
    command = [str(BIN / "ansible-runner"), "run", str(directory), "--playbook", "job.yml", "--ident", "job", "-vv"]
    job = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if job.returncode:
        pytest.fail(
            "\n".join([f"the job {playbook} ended with {job.returncode}", *job.stdout.splitlines()[-40:]]), False
        )
    return Job(job.stdout, _artifacts(directory / "artifacts" / "job" / "job_events"))


def _artifacts(events: Path) -> dict[str, Any]:
    """Return what AWX keeps of set_stats: it is in the last event of a job."""
    read = (json.loads(event.read_text()) for event in events.glob("*.json"))
    [stats] = [event["event_data"] for event in read if event["event"] == "playbook_on_stats"]
    kept: dict[str, Any] = stats["artifact_data"]
    return kept


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


# The "Demo Inventory" of AWX, which passes an inventory as a script.
_INVENTORY = """#!/usr/bin/env python3
print('''{
    "all": {"hosts": ["localhost"]},
    "_meta": {
        "hostvars": {
            "localhost": {
                "ansible_connection": "local",
                "ansible_python_interpreter": "{{ ansible_playbook_python }}",
                "remote_tower_enabled": "true",
                "remote_tower_id": 1
            }
        }
    }
}''')
"""

# Some of those that AWX gives each job.
_META_VARIABLES = {
    f"{prefix}_{name}": value
    for prefix in ("awx", "tower")
    for name, value in {"job_id": 17, "job_launch_type": "workflow", "user_id": 1, "user_name": "jane"}.items()
}


def _job_environment(directory: Path, ansible: Path) -> dict[str, str]:
    """Return the environment variables of a job: AWX's own, and where to find ansible-core and the collections."""
    amazon_aws = importlib.util.find_spec("ansible_collections.amazon.aws")
    assert amazon_aws
    assert amazon_aws.submodule_search_locations
    installed = Path(next(iter(amazon_aws.submodule_search_locations))).parents[2]
    return {
        "ANSIBLE_FORCE_COLOR": "True",
        "ANSIBLE_INVENTORY_UNPARSED_FAILED": "True",
        "ANSIBLE_COLLECTIONS_PATH": f"{BIN.parent / 'collections'}:{installed}",
        "ANSIBLE_HOME": str(directory / "ansible"),
        "PATH": f"{ansible / 'bin'}:{os.environ.get('PATH', os.defpath)}",
        "VIRTUAL_ENV": str(ansible),
    }


class _UnsafeDumper(yaml.SafeDumper):
    """Marks each text as one that is not a template."""


_UnsafeDumper.add_representer(str, lambda dumper, text: dumper.represent_scalar("!unsafe", text))


def extra_variables(given: Mapping[str, Any], trusted: Mapping[str, Any]) -> str:
    """Return AWX's file of extra variables. Only what administrators wrote in a job template may hold templates."""
    return "".join(
        yaml.dump(
            {name: value},
            Dumper=yaml.SafeDumper if name in trusted and trusted[name] == value else _UnsafeDumper,
            default_flow_style=False,
        )
        for name, value in given.items()
    )
