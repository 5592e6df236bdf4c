# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stage fails when any of its commands does, all of them are run, and only what failed is shown."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.checks import runner
from tests.checks.stages import Command, Stage


def python(script: str) -> Command:
    return (sys.executable, "-c", script)


@pytest.fixture(autouse=True)
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(runner, "LOGS", tmp_path)
    monkeypatch.setattr(runner, "ROOT", tmp_path)
    return tmp_path


def run(*stages: Stage, verbose: bool = False) -> list[runner.Outcome]:
    return [runner.Runner(os.environ, verbose).run(stage) for stage in stages]


def test_a_failed_command_fails_the_stage_and_stops_no_other(capsys: pytest.CaptureFixture[str], logs: Path) -> None:
    commands = (python("print('fi'+'ne')"), python("print('b'+'ad'); raise SystemExit(3)"), python("print('la'+'st')"))
    (outcome,) = run(Stage("lint", commands))
    assert outcome.result == runner.FAILED
    shown = capsys.readouterr().out
    assert "    bad\n    [exit status 3]\n" in shown
    assert "fine" not in shown
    assert "last\n" not in shown
    assert all(word in (logs / "lint.log").read_text() for word in ("fine\n", "bad\n", "last\n"))


def test_what_passes_is_shown_only_when_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    stage = Stage("lint", (python("print('fi'+'ne')"),))
    assert [each.result for each in run(stage)] == [runner.PASSED]
    assert "fine" not in capsys.readouterr().out
    run(stage, verbose=True)
    assert "fine\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    "line",
    ["3 passed in 0.21s", "1 failed, 802 passed in 136.64s (0:02:16)", "2 passed, 1 skipped, 4 warnings in 1.00s"],
)
def test_the_closing_line_of_pytest_is_noted(line: str) -> None:
    # Any folder that holds a test file will do.
    stage = Stage("unit", (python(f"print('.. [100%]'); print({line!r}); print('bye')"),), tests="tests/unit/checks")
    assert run(stage)[0].note == line


def test_a_stage_without_test_files_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    (outcome,) = run(Stage("unit", (python("raise SystemExit(1)"),), tests="tests/nowhere"))
    assert outcome.result == runner.SKIPPED
    assert "no test files in tests/nowhere" in capsys.readouterr().out


def test_an_unknown_stage_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert runner.main(["lint", "linnt"]) == 2
    assert "no stage linnt" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("results", "status"),
    [(["passed", "skipped"], 0), (["passed", "FAILED"], 1)],
    ids=["none failed", "one failed"],
)
def test_the_summary_decides(results: list[str], status: int, capsys: pytest.CaptureFixture[str]) -> None:
    outcomes = [runner.Outcome(f"stage-{result}", result, 1.0) for result in results]
    assert runner.summarise(outcomes, 2.0) == status
    shown = capsys.readouterr().out
    assert all(f"test: {result}: stage-{result}\n" in shown for result in results)
