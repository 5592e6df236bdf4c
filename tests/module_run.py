# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real main() of a module, run in this process as Ansible would run it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, redirect_stdout
from typing import Any
from unittest import mock

from ansible.module_utils import basic
from ansible.module_utils.common import warnings
from botocore.loaders import create_loader


def _module_args(args: dict[str, Any]) -> AbstractContextManager[Any]:
    """Give a module its arguments as Ansible does; ansible-core has had a way for tests to do so since 2.19."""
    try:
        from ansible.module_utils.testing import patch_module_args
    except ImportError:
        return mock.patch.object(basic, "_ANSIBLE_ARGS", json.dumps({"ANSIBLE_MODULE_ARGS": args}).encode())
    return patch_module_args(args)


def run_module(main: Callable[[], None], check_mode: bool = False, **options: Any) -> dict[str, Any]:
    """Run a module's main() and return what it printed, as Ansible reads it; ``failed`` is always present."""
    args = {**options, "_ansible_check_mode": check_mode, "_ansible_diff": True}
    # A real run is a process of its own: no warning of an earlier one is left over.
    warnings._global_warnings.clear()
    printed, code = io.StringIO(), None
    with _module_args(args), redirect_stdout(printed):
        try:
            main()
        except SystemExit as ended:
            code = ended.code
    result: dict[str, Any] = json.loads(printed.getvalue().strip().splitlines()[-1])
    assert bool(code) == bool(result.get("failed")), result
    return {"failed": False, **result}


class _Paths(list[str]):
    """Folders, each of them once."""

    def append(self, path: str) -> None:
        if path not in self:
            super().append(path)


@contextmanager
def models_read_once() -> Iterator[None]:
    """amazon.aws makes a session for each client, and each session would list and read botocore's models anew."""
    loader = create_loader()
    # boto3 adds its own folder for each session.
    loader._search_paths = _Paths(loader.search_paths)
    with mock.patch("botocore.session.create_loader", return_value=loader):
        yield
