# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The progress of a long run: what is shown of the module's progress file, and that the module runs in any case.

Here the module is a function of the test's own, so that the test decides when it goes on.
"""

from __future__ import annotations

import os
import queue
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.account_factory.email.plugins.action import vended_addresses
from ansible_collections.account_factory.email.plugins.plugin_utils import _progress

# However slow the machine is.
PATIENCE = 60.0


class Shown:
    """What was displayed; the test waits for it."""

    def __init__(self) -> None:
        self.lines: queue.Queue[tuple[str, bool]] = queue.Queue()

    def display(self, text: str, stderr: bool = False) -> None:
        self.lines.put((text, stderr))

    def next(self) -> str:
        text, stderr = self.lines.get(timeout=PATIENCE)
        assert stderr
        return text


def action(work: Callable[[dict[str, Any]], None], **changes: Any) -> Any:
    """Return the plugin as Ansible makes it for a task, with ``work`` for what the module does with its options."""
    task = SimpleNamespace(async_val=changes.get("async_val", 0), args=changes.get("args", {"table": "map"}))
    shell = SimpleNamespace(tmpdir=None)
    connection = SimpleNamespace(
        transport=changes.get("transport", "local"), has_native_async=False, become=None, _shell=shell
    )
    plugin: Any = object.__new__(vended_addresses.ActionModule)
    plugin._task, plugin._connection, plugin._display = task, connection, Shown()
    plugin._remove_tmp_path = lambda _path: None

    def execute(module_args: dict[str, Any], task_vars: Any, wrap_async: Any) -> dict[str, Any]:
        assert (task_vars, bool(wrap_async)) == ({"a": "variable"}, bool(task.async_val))
        work(module_args)
        return {"changed": True, "options": module_args}

    plugin._execute_module = execute
    plugin._is_become_unprivileged = lambda: changes.get("become", False)
    return plugin


@pytest.fixture(autouse=True)
def _without_the_rest_of_ansible(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ansible.plugins.action.ActionBase.run", lambda *_unused: {})
    monkeypatch.setattr(_progress, "INTERVAL_SECONDS", 0.01)


def run(plugin: Any) -> dict[str, Any]:
    result: dict[str, Any] = plugin.run(task_vars={"a": "variable"})
    return result


def test_progress_is_shown_while_the_module_works() -> None:
    def work(options: dict[str, Any]) -> None:
        path = Path(options["progress_file"])
        for line, says in [
            ("0 10000\n", "vended_addresses: 0 of 10000 addresses (0 %)"),
            ("3000 10000\n", "vended_addresses: 3000 of 10000 addresses (30 %)"),
            ("9999 10000\n10", "vended_addresses: 9999 of 10000 addresses (99 %)"),
            ("000 10000\n", "vended_addresses: 10000 of 10000 addresses (100 %)"),
            ("5 9 creating app-001\n", "vended_addresses: 5 of 9 addresses (55 %); creating app-001"),
        ]:
            with path.open("a") as file:
                file.write(line)
            assert plugin._display.next() == says

    plugin = action(work)
    result = run(plugin)
    assert result["changed"]
    assert not Path(result["options"]["progress_file"]).parent.exists()
    assert plugin._task.args == {"table": "map"}
    assert plugin._display.lines.empty()


def test_a_run_that_is_done_soon_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_progress, "INTERVAL_SECONDS", PATIENCE)

    def work(options: dict[str, Any]) -> None:
        Path(options["progress_file"]).write_text("10 10\n")

    plugin = action(work)
    assert run(plugin)["changed"]
    assert plugin._display.lines.empty()


@pytest.mark.parametrize(
    "changes", [{"transport": "ssh"}, {"async_val": 60}, {"become": True}], ids=["remote", "async", "another user"]
)
def test_where_the_file_is_out_of_reach_the_module_just_runs(changes: dict[str, Any]) -> None:
    plugin = action(lambda _unused: None, **changes)
    assert run(plugin) == {"changed": True, "options": {"table": "map"}}


def test_a_file_that_is_given_is_followed_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "progress"
    path.write_text("10 10\n")

    def work(options: dict[str, Any]) -> None:
        # Long enough that what the file holds from an earlier run would be shown first.
        time.sleep(0.05)
        Path(options["progress_file"]).write_text("5 10\n")
        assert plugin._display.next() == "vended_addresses: 5 of 10 addresses (50 %)"

    plugin = action(work, args={"progress_file": str(path)})
    assert run(plugin)["options"] == {"progress_file": str(path)}
    assert path.read_text() == "5 10\n"


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda _unused: None, id="not there"),
        pytest.param(Path.mkdir, id="a directory"),
        pytest.param(os.mkfifo, id="a pipe"),
        pytest.param(lambda path: path.write_text(""), id="empty"),
        pytest.param(lambda path: path.write_text("3 10"), id="half a line"),
        pytest.param(lambda path: path.write_text("0 0\n"), id="nothing to do"),
        pytest.param(lambda path: path.write_bytes(b"\xff\n"), id="no numbers"),
    ],
)
def test_a_file_that_says_nothing_shows_nothing_and_harms_nothing(tmp_path: Path, make: Callable[[Path], Any]) -> None:
    path = tmp_path / "progress"
    make(path)
    assert _progress._last_line(str(path)) is None


class Script:
    """The end of the work, which comes when the file held each of the texts for one interval."""

    def __init__(self, path: Path, *texts: str) -> None:
        self.path, self.texts = path, list(texts)

    def wait(self, _seconds: float) -> bool:
        if self.texts:
            self.path.write_text(self.texts.pop(0))
            return False
        return True


def test_only_news_is_shown(tmp_path: Path) -> None:
    path, shown = tmp_path / "progress", list[_progress.Line]()
    script: Any = Script(path, "9 9\n", "1 9\n", "1 9\n", "1 9\n2 9\n", "1 9\n2 9 creating a; waiting for b\n3", "")
    _progress._follow(str(path), (9, 9, ""), shown.append, script)
    assert shown == [(1, 9, ""), (2, 9, ""), (2, 9, "creating a; waiting for b")]


def test_a_display_that_is_gone_is_no_error(tmp_path: Path) -> None:
    asked: list[_progress.Line] = []

    def gone(line: _progress.Line) -> None:
        asked.append(line)
        raise BrokenPipeError

    path = tmp_path / "progress"
    script: Any = Script(path, "1 9\n", "2 9\n")
    _progress._follow(str(path), None, gone, script)
    assert asked == [(1, 9, "")]


def test_a_module_that_fails_or_is_stopped_leaves_nothing_behind() -> None:
    used: list[Path] = []

    def work(options: dict[str, Any]) -> None:
        used.append(Path(options["progress_file"]))
        raise TimeoutError("the task's timeout")

    with pytest.raises(TimeoutError):
        run(action(work))
    assert not used[0].parent.exists()
