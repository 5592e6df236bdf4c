# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""python -m tests.local_aws, as make local runs it: what it writes, how it ends, and whom it refuses."""

from __future__ import annotations

import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import boto3
import pytest

REPOSITORY = Path(__file__).parents[3]
PROGRAM = ("-m", "tests.local_aws")
# The same, which notes the emulator's process id: no tool to find it with is on every machine.
PROGRAM_NOTING_THE_EMULATOR = (
    "-c",
    """
import sys
from tests.local_aws.__main__ import main
from tests.local_aws.emulator import Emulator

start = Emulator.start

def start_and_note(self):
    start(self)
    (self.log.parent / "pid").write_text(str(self._process.pid))

Emulator.start = start_and_note
sys.exit(main())
""",
)


def _command(directory: Path, *options: str, program: tuple[str, str] = PROGRAM) -> list[str]:
    return [sys.executable, *program, "--no-deploy", "--directory", str(directory), *options]


@contextmanager
def _running(directory: Path, *options: str, program: tuple[str, str] = PROGRAM) -> Iterator[subprocess.Popen[str]]:
    """Yield the process once it has written its exports, or has ended."""
    process = subprocess.Popen(
        _command(directory, *options, program=program),
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    deadline = time.monotonic() + 60
    try:
        while not (directory / "env").exists() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        yield process
    finally:
        process.kill()
        process.communicate()


def _exports(directory: Path) -> dict[str, str]:
    exports = {}
    for line in (directory / "env").read_text().splitlines():
        word, assignment = shlex.split(line)
        assert word == "export"
        name, _unused, value = assignment.partition("=")
        exports[name] = value
    return exports


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_it_runs_until_it_is_told_to_stop_and_cleans_up(tmp_path: Path, number: signal.Signals) -> None:
    directory = tmp_path / "a folder"
    with _running(directory, "--domain", "vended.example.net") as process:
        exports = _exports(directory)
        assert exports["LOCAL_DOMAIN"] == "vended.example.net"
        assert Path(exports["LOCAL_OUTBOX"]).is_dir()
        ses = boto3.client("sesv2", endpoint_url=exports["AWS_ENDPOINT_URL"], region_name=exports["AWS_REGION"])
        assert [i["IdentityName"] for i in ses.list_email_identities()["EmailIdentities"]] == ["vended.example.net"]
        process.send_signal(number)
        output, _unused = process.communicate(timeout=60)
    assert (process.returncode, output.splitlines()[-1]) == (0, "local: stopped")
    assert not (directory / "env").exists()
    host, _unused, port = exports["LOCAL_SMTP"].partition(":")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)), timeout=5)


@contextmanager
def _running_by_make(directory: Path) -> Iterator[subprocess.Popen[str]]:
    """Yield ``make local`` once the exports are written, in a process group of its own that nothing of it outlives."""
    directory.mkdir()
    program = directory / "program"
    # It takes the place of .venv/bin/python, and notes the emulator's process id.
    words = shlex.join([sys.executable, *PROGRAM_NOTING_THE_EMULATOR])
    program.write_text(f'#!/bin/sh\nshift 2\nexec {words} "$@"\n')
    program.chmod(0o700)
    options = shlex.join(["--no-deploy", "--directory", str(directory)])
    process = subprocess.Popen(
        # .venv is there: nothing has to be set up for it.
        ["make", "--old-file=setup", "local", f"RUN={shlex.quote(str(program))}", f"ARGS={options}"],
        cwd=REPOSITORY,
        env={name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        # Who runs the tests in the background of a shell may have SIGINT ignored, which is inherited.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    deadline = time.monotonic() + 60
    try:
        while not (directory / "env").exists() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells what make does with signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP, signal.SIGTERM, signal.SIGKILL], ids=lambda n: n.name)
def test_it_ends_with_make_when_a_signal_reaches_make_alone(tmp_path: Path, number: signal.Signals) -> None:
    directory = tmp_path / "local aws"
    with _running_by_make(directory) as make:
        assert (directory / "env").exists()
        emulator = int((directory / "aws" / "pid").read_text())
        make.send_signal(number)
        # What make runs has its output too: it ends with the last of them.
        output, _unused = make.communicate(timeout=60)
    assert make.returncode in (-number, 2)
    assert "local: stopped" in output.splitlines()
    assert not (directory / "env").exists()
    with pytest.raises(ProcessLookupError):
        os.kill(emulator, 0)


def _free_ports() -> tuple[int, int]:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        return one.getsockname()[1], other.getsockname()[1]


def test_ports_are_those_that_are_given(tmp_path: Path) -> None:
    # Someone else may take a port that was free a moment ago.
    for _attempt in range(5):
        http, smtp = _free_ports()
        with _running(tmp_path, "--http-port", str(http), "--smtp-port", str(smtp)) as process:
            if process.poll() is None:
                exports = _exports(tmp_path)
                break
            output, _unused = process.communicate(timeout=60)
        assert "cannot be used for" in output
    assert exports["AWS_ENDPOINT_URL"] == f"http://127.0.0.1:{http}"
    assert exports["LOCAL_SMTP"] == f"127.0.0.1:{smtp}"


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            _command(tmp_path, "--smtp-port", str(port)),
            cwd=REPOSITORY,
            capture_output=True,
            check=False,
            text=True,
            timeout=60,
        )
    assert done.returncode == 1
    assert f"port {port} cannot be used for inbound SMTP" in done.stdout
    assert not (tmp_path / "env").exists()


def test_a_second_one_in_the_same_folder_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    with _running(tmp_path) as first:
        done = subprocess.run(
            _command(tmp_path), cwd=REPOSITORY, capture_output=True, check=False, text=True, timeout=60
        )
        assert (done.returncode, first.poll()) == (1, None)
        assert "already runs in" in done.stdout
        assert (tmp_path / "env").exists()


def test_it_ends_with_the_reason_when_the_emulator_is_gone(tmp_path: Path) -> None:
    with _running(tmp_path, program=PROGRAM_NOTING_THE_EMULATOR) as process:
        os.kill(int((tmp_path / "aws" / "pid").read_text()), signal.SIGKILL)
        output, _unused = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "local: FAILED: the emulator ended by itself" in output
    assert not (tmp_path / "env").exists()
