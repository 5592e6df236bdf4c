# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The copy of the tree that ansible-test and antsibull-docs work on."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.checks import copied
from tests.checks.environment import COLLECTION, ROOT

IN_NO_REPOSITORY = """
import subprocess, sys
answer = subprocess.run(["git", "-C", sys.argv[1], "rev-parse", "--is-inside-work-tree"], capture_output=True)
sys.exit(answer.returncode == 0)
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.mark.parametrize(("place", "answer"), [(sys.prefix, 0), (ROOT, 1)], ids=["below .venv", "the checkout"])
def test_what_lies_in_venv_is_not_hidden_by_gitignore(place: str | Path, answer: int) -> None:
    assert copied.main([sys.executable, "-c", IN_NO_REPOSITORY, str(place)]) == answer


def test_the_command_runs_where_collections_lie() -> None:
    script = f"import os, sys; sys.exit(not os.getcwd().endswith({COLLECTION!r}) or os.path.isdir('.venv'))"
    assert copied.main([sys.executable, "-c", script]) == 0
