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
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

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

    def run(self, stage: Stage) -> Outcome:
        if stage.is_empty:
            outcome = Outcome(stage.name, SKIPPED, note=f"no test files in {stage.tests}")
            self._say(_line(outcome))
            return outcome
        self._say(f"{stage.name:<12} begins")
        started = time.monotonic()
        log = LOGS / f"{stage.name}.log"
        log.write_text("")
        # All of them, so that one run shows all that is wrong.
        failed = [command for command in stage.commands if not self._passes(command, log)]
        output = log.read_text(errors="replace")
        result = FAILED if failed else PASSED
        outcome = Outcome(stage.name, result, time.monotonic() - started, _closing_line(output) if stage.tests else "")
        self._say(_line(outcome), output if failed and not self._verbose else "")
        return outcome

    def _passes(self, command: Command, log: Path) -> bool:
        with log.open("a") as file:
            file.write(f"$ {_shown(command)}\n")
        started = time.monotonic()
        with subprocess.Popen(
            command,
            cwd=ROOT,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as process:
            self._copy(process, log)
        with log.open("a") as file:
            file.write(f"[exit status {process.returncode}, {time.monotonic() - started:.1f} s]\n\n")
        return process.returncode == 0

    def _copy(self, process: subprocess.Popen[str], log: Path) -> None:
        with log.open("a") as file:
            for line in process.stdout or ():
                readable = line.replace(f"{LINK}/", "")
                file.write(readable)
                file.flush()
                if self._verbose:
                    with self._printing:
                        print(readable, end="", flush=True)

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
        outcomes = list(pool.map(runner.run, [stage for stage in known if stage.name in wanted]))
    return _summarise(outcomes, time.monotonic() - started)


def _summarise(outcomes: Sequence[Outcome], seconds: float) -> int:
    print(f"\ntest: {seconds:.0f} s in all; logs in {LOGS.relative_to(ROOT)}/")
    for result in (PASSED, SKIPPED, FAILED):
        if names := [outcome.stage for outcome in outcomes if outcome.result == result]:
            print(f"test: {result}: {', '.join(names)}")
    for outcome in outcomes:
        if outcome.note and outcome.result != SKIPPED:
            print(f"{outcome.stage}: {outcome.note}")
    return int(any(outcome.result == FAILED for outcome in outcomes))
