# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages as a browser shows them: headless Chromium, where it is installed."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_CONSOLE = re.compile(r':CONSOLE[^\]]*\] "(.*)", source: ')
# What a browser asks for by itself is no page's doing.
_QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-logging=stderr",
    "--virtual-time-budget=2000",
)


@dataclass(frozen=True)
class Shown:
    """The document once its script has run, and what the browser's console has: errors, and requests it refused."""

    document: str
    console: tuple[str, ...]


def show(page: str, folder: Path, search: str = "") -> Shown:
    """Open a page in Chromium; skip the test where there is none."""
    chromium = next(filter(None, map(shutil.which, _NAMES)), None)
    if chromium is None:
        pytest.skip("Chromium is not installed, which the pages are looked at with; on Debian: apt install chromium")
    file = folder / "page.html"
    file.write_text(page, encoding="utf-8")
    options = [*_QUIET, f"--user-data-dir={folder / 'browser'}"]
    address = f"{file.as_uri()}#search={search}" if search else file.as_uri()
    told = subprocess.run(
        [chromium, *options, "--dump-dom", address], capture_output=True, text=True, check=True, timeout=120
    )
    return Shown(told.stdout, tuple(_CONSOLE.findall(told.stderr)))
