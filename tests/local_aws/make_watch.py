# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ends this process with the make that runs it, when a signal reaches make alone and not the whole process group.

GNU make that gets SIGINT or SIGHUP puts the signal's default action back and then waits for its recipes without telling
them, for it expects the terminal to have done so. ``kill -INT`` of make's process id would therefore hang for ever, and
``kill -KILL`` would leave what make ran behind. Linux shows in /proc which signals make catches, so the recipe can see
that it was interrupted.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

# Those that make catches and does not pass on; it passes SIGTERM on.
_NOT_PASSED_ON = (signal.SIGINT, signal.SIGHUP)
_EVERY_SECONDS = 0.2


def stop_with_make() -> None:
    """Send this process SIGINT once the make that runs it was interrupted or is gone; do nothing without make."""
    make = os.getppid()
    if "MAKELEVEL" in os.environ and (caught := _caught(make)):
        threading.Thread(target=_watch, args=(make, caught), name="make", daemon=True).start()


def _watch(make: int, caught: int) -> None:
    while os.getppid() == make and _caught(make) == caught:
        time.sleep(_EVERY_SECONDS)
    os.kill(os.getpid(), signal.SIGINT)


def _caught(process_id: int) -> int:
    """Return which of the signals a process catches, as bits (proc_pid_status(5), SigCgt); none without /proc."""
    try:
        lines = Path("/proc", str(process_id), "status").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return 0
    mask = next((int(line.split()[1], 16) for line in lines if line.startswith("SigCgt:")), 0)
    return sum(mask & 1 << number - 1 for number in _NOT_PASSED_ON)
