# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Run a module with text as it was written and, on the controller itself, show how far it is.

A module cannot write to the terminal. This kind writes to the file that its option progress_file names: a line with
how many things are done, how many there are and, if it likes, what is under way.
"""

from __future__ import annotations

import os
import re
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ansible import constants

from ._text_action import TextActionModule

# How long a run is silent at first, and between two lines.
INTERVAL_SECONDS = 5.0
_LINE = re.compile(r"(\d+) (\d+)(?: (.*))?")
# More than the longest line has.
_TAIL_BYTES = 4096

# (done, total, what is under way)
Line = tuple[int, int, str]


class ProgressActionModule(TextActionModule):
    """The action of a module that works on many things, ``things`` in the plural, and has the option progress_file."""

    module = ""
    things = ""

    def run_module(self, args: dict[str, Any], task_vars: dict[str, Any] | None, in_background: bool) -> dict[str, Any]:
        with self._progress(in_background) as options:
            return super().run_module({**args, **options}, task_vars, in_background)

    @contextmanager
    def _progress(self, in_background: bool) -> Iterator[dict[str, str]]:
        """Show progress while the block runs; yield the options that the module needs for it.

        Nothing is shown, and the module runs as it was asked to, where it does not write here and now: on another host,
        in the background, or as a user who cannot write to a directory of ours.
        """
        if self._connection.transport != "local" or in_background or self._is_become_unprivileged():
            yield {}
        elif given := self._task.args.get("progress_file"):
            with _shown(os.path.expanduser(os.path.expandvars(str(given))), self._say):
                yield {}
        else:
            with tempfile.TemporaryDirectory(dir=constants.DEFAULT_LOCAL_TMP, ignore_cleanup_errors=True) as directory:
                path = os.path.join(directory, "progress")
                with _shown(path, self._say):
                    yield {"progress_file": path}

    def _say(self, line: Line) -> None:
        done, total, under_way = line
        text = f"{self.module}: {done} of {total} {self.things} ({100 * done // total} %)"
        # What a callback plugin writes to standard output may be JSON.
        self._display.display(f"{text}; {under_way}" if under_way else text, stderr=True)


@contextmanager
def _shown(path: str, say: Callable[[Line], None]) -> Iterator[None]:
    """Say how far the file says the work is, every few seconds in which it went on, until the block ends."""
    ended = threading.Event()
    # A file that was given may be left from an earlier run, so what it says now is not news.
    what = (path, _last_line(path), say, ended)
    # A daemon, so that a display that hangs cannot keep the process alive.
    thread = threading.Thread(target=_follow, args=what, name="progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(INTERVAL_SECONDS)


def _follow(path: str, shown: Line | None, say: Callable[[Line], None], ended: threading.Event) -> None:
    while not ended.wait(INTERVAL_SECONDS):
        line = _last_line(path)
        if line is None or line == shown:
            continue
        shown = line
        try:
            say(line)
        except OSError:
            # Nobody reads any more; that is no reason for the work to stop.
            return


def _last_line(path: str) -> Line | None:
    """Return the file's last whole line; None where there is no such line, or no such file yet."""
    # Opening a pipe would wait for who writes to it.
    if not os.path.isfile(path):
        return None
    try:
        with open(path, "rb") as file:
            file.seek(max(0, os.path.getsize(path) - _TAIL_BYTES))
            whole_lines = file.read().rpartition(b"\n")[0]
    except OSError:
        return None
    match = _LINE.fullmatch(whole_lines.rpartition(b"\n")[2].decode("ascii", "replace").strip())
    if match is None or int(match[2]) == 0:
        return None
    return int(match[1]), int(match[2]), match[3] or ""
