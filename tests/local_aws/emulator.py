# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulator, as its parent sees it: start it, wait until it answers, stop it and all that it started."""

from __future__ import annotations

import contextlib
import http.client
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

_PROGRAM = Path(__file__).resolve().with_name("emulator_process.py")
_SITECUSTOMIZE = Path(__file__).resolve().parent / "function_runtime" / "sitecustomize.py"
# AWS Lambda Developer Guide, "Runtime-included SDK versions (Python)": boto3, and what it needs.
_RUNTIME_MODULES = ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six", "urllib3")
START_SECONDS = 180.0
STOP_SECONDS = 10
# What of the developer's environment the emulator and the functions in it may see: never AWS_* settings.
_KEPT_VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "VIRTUAL_ENV")


class EmulatorError(RuntimeError):
    """The emulator did not start; the text holds the end of its log."""


def make_function_runtime(folder: Path) -> None:
    """Make the folder with what a function finds in Lambda's runtime, and nothing else of this environment."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / _SITECUSTOMIZE.name).symlink_to(_SITECUSTOMIZE)
    for name in _RUNTIME_MODULES:
        found = importlib.util.find_spec(name)
        if found is None or found.origin is None:
            raise EmulatorError(f"the Python module {name} is not installed; functions need it")
        origin = Path(found.origin)
        origin = origin.parent if origin.name == "__init__.py" else origin
        (folder / origin.name).symlink_to(origin)


class Emulator:
    """One ministack process on a free loopback port."""

    def __init__(self, directory: Path, settings: Mapping[str, str]) -> None:
        self.port = 0
        self._directory = directory
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self._lifeline = -1

    @property
    def log(self) -> Path:
        """Return the path of the emulator's log."""
        return self._directory / "emulator.log"

    def start(self) -> None:
        """Start the process and return once it answers; EmulatorError if it ends or stays silent."""
        temporary = self._directory / "tmp"
        temporary.mkdir(parents=True, exist_ok=True)
        function_runtime = self._directory / "function-runtime"
        make_function_runtime(function_runtime)
        kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
        environment = {
            **kept,
            "TMPDIR": str(temporary),
            "FUNCTION_PYTHONPATH": str(function_runtime),
            **self._settings,
        }
        # Handing the listening socket over leaves no moment in which another process could take the port.
        with socket.create_server(("127.0.0.1", 0), backlog=256) as listener:
            self.port = listener.getsockname()[1]
            reader, self._lifeline = os.pipe()
            try:
                with self.log.open("ab") as log:
                    self._process = subprocess.Popen(
                        [sys.executable, "-P", str(_PROGRAM), str(listener.fileno()), str(reader)],
                        cwd=temporary,
                        env=environment,
                        stdin=subprocess.DEVNULL,
                        stdout=log,
                        stderr=subprocess.STDOUT,
                        pass_fds=(listener.fileno(), reader),
                        start_new_session=True,
                    )
            finally:
                os.close(reader)
        self._wait_until_ready()

    def _wait_until_ready(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise EmulatorError(
                    f"the emulator ended with status {self._process.returncode} while starting:\n{self.log_tail()}"
                )
            if self._answers():
                return
            time.sleep(0.05)
        raise EmulatorError(f"the emulator did not answer within {START_SECONDS} s:\n{self.log_tail()}")

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=START_SECONDS)
        try:
            connection.request("GET", "/_ministack/health")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def is_running(self) -> bool:
        """Tell whether the process is there."""
        return self._process is not None and self._process.poll() is None

    def log_tail(self, lines: int = 30) -> str:
        """Return the last lines of the log."""
        text = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    def stop(self) -> None:
        """End the process and whatever functions it still runs; nothing is left of its process group."""
        if self._lifeline >= 0:
            os.close(self._lifeline)
            self._lifeline = -1
        process, self._process = self._process, None
        if process is None:
            return
        if process.poll() is None:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):  # the group is killed next
                process.wait(STOP_SECONDS)
        with contextlib.suppress(ProcessLookupError):  # the group is already gone
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(STOP_SECONDS)
