# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs stages two at a time, a line when one begins and when it ends, and shows what one printed if it failed."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TextIO

from tests.checks.environment import LINK, LOGS, ROOT, prepare
from tests.checks.stages import Command, Stage, stages

PASSED, FAILED, SKIPPED = "passed", "FAILED", "skipped"
_ENDING = re.compile(r"^=* ?((?:\d+ \w+(?:, )?)+ in [\d.]+s.*?|no tests ran in .*?) ?=*$")


@dataclass(frozen=True)
class Outcome:
    """How a stage ended; ``note`` is pytest's closing line where there is one."""

    stage: str
    result: str
    seconds: float = 0.0
    note: str = ""


class Runner:
    """Runs stages in an environment and prints; one line or one stage's output at a time, whoever else prints."""

    def __init__(self, environment: Mapping[str, str], verbose: bool) -> None:
        self._environment = environment
        self._verbose = verbose
        self._printing = threading.Lock()
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Start no further command; those that run got the terminal's Ctrl-C themselves."""
        self._stopped.set()

    def run(self, stage: Stage) -> Outcome:
        if stage.is_empty:
            outcome = Outcome(stage.name, SKIPPED, note=f"no test files in {stage.tests}")
            self._say(_line(outcome))
            return outcome
        self._say(f"{stage.name:<12} begins")
        started = time.monotonic()
        with (LOGS / f"{stage.name}.log").open("w") as log:
            # All of them, so that one run shows all that is wrong.
            ran = [self._run(command, log) for command in stage.commands]
        failed = "".join(output for passed, output in ran if not passed)
        note = _closing_line(ran[-1][1]) if stage.tests else ""
        outcome = Outcome(stage.name, FAILED if failed else PASSED, time.monotonic() - started, note)
        self._say(_line(outcome), "" if self._verbose else failed)
        return outcome

    def _run(self, command: Command, log: TextIO) -> tuple[bool, str]:
        """Run a command and return whether it passed and what it printed, which goes to the log as well."""
        title = f"$ {_shown(command)}\n"
        log.write(title)
        if self._stopped.is_set():
            return False, title
        started = time.monotonic()
        with self._start(command) as process:
            output = "".join(self._copied(process.stdout or (), log))
        log.write(f"[exit status {process.returncode}, {time.monotonic() - started:.1f} s]\n\n")
        return process.returncode == 0, f"{title}{output}[exit status {process.returncode}]\n"

    def _start(self, command: Command) -> subprocess.Popen[str]:
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )

    def _copied(self, lines: Iterable[str], log: TextIO) -> Iterator[str]:
        for line in lines:
            readable = line.replace(f"{LINK}/", "")
            log.write(readable)
            log.flush()
            if self._verbose:
                with self._printing:
                    print(readable, end="", flush=True)
            yield readable

    def _say(self, line: str, output: str = "") -> None:
        with self._printing:
            print(f"test: {line}", flush=True)
            if output:
                print("".join(f"    {each}\n" for each in output.splitlines()), end="", flush=True)


def _shown(command: Command) -> str:
    return shlex.join([word.replace(f"{ROOT}/", "") for word in command])


def _line(outcome: Outcome) -> str:
    took = f"{outcome.seconds:6.1f} s" if outcome.result != SKIPPED else ""
    return f"{outcome.stage:<12} {outcome.result:<8} {took:<10} {outcome.note}".rstrip()


def _closing_line(output: str) -> str:
    found = [match[1] for line in output.splitlines() if (match := _ENDING.match(line.strip()))]
    return found[-1] if found else ""


def main(arguments: Sequence[str]) -> int:
    """Run the stages named, all if none is; return 0 only if none failed."""
    cut = list(arguments).index("--") if "--" in arguments else len(arguments)
    known = stages(arguments[cut + 1 :])
    wanted = set(arguments[:cut]) or {stage.name for stage in known}
    if unknown := wanted - {stage.name for stage in known}:
        print(f"test: no stage {', '.join(sorted(unknown))}; there are {', '.join(stage.name for stage in known)}")
        return 2
    started = time.monotonic()
    LOGS.mkdir(parents=True, exist_ok=True)
    runner = Runner(prepare(os.environ), verbose=os.environ.get("VERBOSE", "") not in ("", "0"))
    with ThreadPoolExecutor(max_workers=min(2, os.cpu_count() or 1)) as pool:
        running = [pool.submit(runner.run, stage) for stage in known if stage.name in wanted]
        try:
            outcomes = [each.result() for each in running]
        except KeyboardInterrupt:
            runner.stop()
            pool.shutdown(cancel_futures=True)
            print("test: stopped")
            return 130
    return summarise(outcomes, time.monotonic() - started)


def summarise(outcomes: Sequence[Outcome], seconds: float) -> int:
    """Print how all ended, pytest's closing lines last, and return the exit status."""
    print(f"\ntest: {seconds:.0f} s in all; logs in {LOGS.relative_to(ROOT)}/")
    for result in (PASSED, SKIPPED, FAILED):
        if names := [outcome.stage for outcome in outcomes if outcome.result == result]:
            print(f"test: {result}: {', '.join(names)}")
    for outcome in outcomes:
        if outcome.note and outcome.result != SKIPPED:
            print(f"{outcome.stage}: {outcome.note}")
    return int(any(outcome.result == FAILED for outcome in outcomes))
