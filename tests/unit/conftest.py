# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every unit test may use: the real main() of a module, run in this process as Ansible would run it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any, Protocol
from unittest import mock

import pytest
from ansible.module_utils import basic
from ansible.module_utils.common import warnings
from botocore.loaders import create_loader

from tests.local_aws.shell import without_settings


class RunModule(Protocol):
    """Run a module's main() and return what it printed, as Ansible reads it; ``failed`` is always present."""

    def __call__(self, main: Callable[[], None], check_mode: bool = False, **options: Any) -> dict[str, Any]: ...


def _module_args(args: dict[str, Any]) -> AbstractContextManager[Any]:
    """Give a module its arguments as Ansible does; ansible-core has had a way for tests to do so since 2.19."""
    try:
        from ansible.module_utils.testing import patch_module_args
    except ImportError:
        return mock.patch.object(basic, "_ANSIBLE_ARGS", json.dumps({"ANSIBLE_MODULE_ARGS": args}).encode())
    return patch_module_args(args)


@pytest.fixture
def run_module(capsys: pytest.CaptureFixture[str]) -> RunModule:
    def run(main: Callable[[], None], check_mode: bool = False, **options: Any) -> dict[str, Any]:
        args = {**options, "_ansible_check_mode": check_mode, "_ansible_diff": True}
        # A real run is a process of its own: no warning of an earlier one is left over.
        warnings._global_warnings.clear()
        with _module_args(args), pytest.raises(SystemExit) as ended:
            main()
        result: dict[str, Any] = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
        assert bool(ended.value.code) == bool(result.get("failed")), result
        return {"failed": False, **result}

    return run


class _Paths(list[str]):
    """Folders, each of them once."""

    def append(self, path: str) -> None:
        if path not in self:
            super().append(path)


@pytest.fixture(autouse=True, scope="session")
def _models_are_read_once() -> Iterator[None]:
    """amazon.aws makes a session for each client, and each session would list and read botocore's models anew."""
    loader = create_loader()
    # boto3 adds its own folder for each session.
    loader._search_paths = _Paths(loader.search_paths)
    with mock.patch("botocore.session.create_loader", return_value=loader):
        yield


@pytest.fixture(autouse=True)
def _no_real_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the developer's shell and home hold, no test reaches a real account."""
    for name in os.environ.keys() - without_settings(os.environ).keys():
        monkeypatch.delenv(name)
    settings = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_REGION": "eu-west-1"}
    for name, value in {**without_settings({}), **settings}.items():
        monkeypatch.setenv(name, value)
