# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every unit test may use: the real main() of a module, run in this process as Ansible would run it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Protocol

import pytest
from ansible.module_utils.testing import patch_module_args


class RunModule(Protocol):
    """Run a module's main() and return what it printed, as Ansible reads it; ``failed`` is always present."""

    def __call__(self, main: Callable[[], None], check_mode: bool = False, **options: Any) -> dict[str, Any]: ...


@pytest.fixture
def run_module(capsys: pytest.CaptureFixture[str]) -> RunModule:
    def run(main: Callable[[], None], check_mode: bool = False, **options: Any) -> dict[str, Any]:
        args = {**options, "_ansible_check_mode": check_mode, "_ansible_diff": True}
        with patch_module_args(args), pytest.raises(SystemExit) as ended:
            main()
        result: dict[str, Any] = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
        assert bool(ended.value.code) == bool(result.get("failed")), result
        return {"failed": False, **result}

    return run


@pytest.fixture(autouse=True)
def _no_real_aws(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever the developer's shell holds, no test reaches a real account."""
    for name in (
        "AWS_PROFILE",
        "AWS_ENDPOINT_URL",
        "AWS_URL",
        "AWS_SESSION_TOKEN",
        "ACCOUNT_EMAIL_TABLE",
        "AWS_CA_BUNDLE",
    ):
        monkeypatch.delenv(name, raising=False)
    empty = tmp_path_factory.getbasetemp() / "no-such-file"
    monkeypatch.setenv("AWS_CONFIG_FILE", str(empty))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(empty))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
