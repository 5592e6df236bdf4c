# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ansible-galaxy packs, from a tree that was worked in, is what users need and nothing else."""

from __future__ import annotations

import os
import subprocess
import tarfile
from pathlib import Path

from tests.checks.copied import collection_copy
from tests.checks.environment import BIN, ROOT

FOR_USERS = {
    "CONTRIBUTING.md",
    "FILES.json",
    "LICENSE",
    "LICENSES",
    "MANIFEST.json",
    "README.md",
    "REUSE.toml",
    "changelogs",
    "docs",
    "meta",
    "playbooks",
    "plugins",
    "requirements.txt",
    "roles",
    "tests",
}


def _leave_traces_of_work(tree: Path) -> None:
    """Put a file where each line of .gitignore expects one."""
    for line in (ROOT / ".gitignore").read_text().splitlines():
        if line.startswith("#"):
            continue
        place = tree / line.strip("/").replace("*", "old")
        file = place / "left.py" if line.endswith("/") else place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("left = True\n")


def _packed(tree: Path, folder: Path) -> list[str]:
    """Build the collection and return the names of the files in it."""
    command = [str(BIN / "ansible-galaxy"), "collection", "build", "--output-path", str(folder)]
    environment = {**os.environ, "ANSIBLE_HOME": str(folder / "home")}
    subprocess.run(command, cwd=tree, env=environment, capture_output=True, check=True, timeout=120)
    (built,) = folder.glob("*.tar.gz")
    with tarfile.open(built) as archive:
        return [member.name for member in archive.getmembers() if member.isfile()]


def test_the_collection_is_built_of_what_users_need(tmp_path: Path) -> None:
    with collection_copy() as tree:
        _leave_traces_of_work(tree)
        names = _packed(tree, tmp_path)
    assert {name.split("/")[0] for name in names} == FOR_USERS
    # ansible-test reads this one, of whoever installed the collection.
    assert [name for name in names if name.startswith("tests/")] == ["tests/config.yml"]
    assert not [name for name in names if name.rpartition("/")[2] == "left.py"]
