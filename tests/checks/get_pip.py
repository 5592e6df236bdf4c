# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands in for get-pip.py in ansible-test's cache: pip from the running Python itself, then what was asked for."""

from __future__ import annotations

import subprocess
import sys

# In a process of its own: ensurepip turns pip's configuration off for the process it runs in.
subprocess.run([sys.executable, "-m", "ensurepip"], check=True, stdout=subprocess.DEVNULL)
ARGUMENTS = [argument for argument in sys.argv[1:] if argument not in ("--no-setuptools", "--no-wheel")]
sys.exit(subprocess.run([sys.executable, "-m", "pip", "install", *ARGUMENTS], check=False).returncode)
