# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo is the main job whole, and checks every step itself; here its word is taken for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_demo() -> None:
    command = [sys.executable, "-m", "tests.local_aws.demo"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert ended.stdout.splitlines()[-1:] == ["demo: ok"], ended.stdout + ended.stderr
    assert ended.returncode == 0
