# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every unit test may use: the real main() of a module, run in this process as Ansible would run it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import pytest

from tests import module_run
from tests.local_aws.shell import without_settings


class RunModule(Protocol):
    """Run a module's main() and return what it printed, as Ansible reads it; ``failed`` is always present."""

    def __call__(self, main: Callable[[], None], check_mode: bool = False, **options: Any) -> dict[str, Any]: ...


@pytest.fixture(name="run_module")
def _run_module() -> RunModule:
    return module_run.run_module


@pytest.fixture(autouse=True, scope="session")
def _models_are_read_once() -> Iterator[None]:
    with module_run.models_read_once():
        yield


@pytest.fixture(autouse=True)
def _no_real_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the developer's shell and home hold, no test reaches a real account."""
    for name in os.environ.keys() - without_settings(os.environ).keys():
        monkeypatch.delenv(name)
    settings = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_REGION": "eu-west-1"}
    for name, value in {**without_settings({}), **settings}.items():
        monkeypatch.setenv(name, value)
