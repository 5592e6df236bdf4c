# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Virtual environments beside .venv, for what cannot be in it: made by the first test that needs one, and kept."""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.checks.environment import ROOT

# Increment to make every environment anew, when what is made here changes.
_LAYOUT = "1"


def environment(kind: str, name: str, packages: Sequence[str], python: Path | None = None) -> Path:
    """Return the virtual environment in .local/KIND that holds these packages, made by a Python if it is not there.

    Of several test runs at once, one makes it and the others wait.
    """
    python = python or Path(sys.executable)
    made_of = json.dumps([_LAYOUT, str(ROOT), str(python.resolve()), list(packages)])
    target = ROOT / ".local" / kind / f"{name}-{hashlib.sha256(made_of.encode()).hexdigest()[:12]}"
    with _locked(target.with_name(f"{target.name}.lock")):
        if not (target / ".ready").exists():
            _make(target, python, packages)
            (target / ".ready").touch()
    return target


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make(target: Path, python: Path, packages: Sequence[str]) -> None:
    """Make the environment, in the place of one that was not finished. It shares .venv's pip, to be made faster."""
    shutil.rmtree(target, ignore_errors=True)
    pip = [sys.executable, "-m", "pip", "--python", str(target / "bin" / "python"), "install"]
    options = ["--quiet", "--no-input", "--disable-pip-version-check", "--root-user-action=ignore", "--no-compile"]
    for command in ([str(python), "-m", "venv", "--without-pip", str(target)], [*pip, *options, *packages]):
        made = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        assert made.returncode == 0, f"{' '.join(command)}\n{made.stdout}"
