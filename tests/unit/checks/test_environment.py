# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a check gets to see of the machine: pip's settings, nothing of the developer's accounts, no broken Python."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.checks import environment

LISTED = """\
:env:.index-url='https://mirror.example.com/simple'
global.cert='/etc/ca.pem'
global.index-url='https://pypi.example.com/simple'
install.extra-index-url='https://one.example.com\\nhttps://two.example.com'
install.index-url='https://other.example.com/simple'
"""


def as_dict(listed: str, environ: dict[str, str]) -> dict[str, dict[str, str]]:
    config = environment.pip_config(listed, environ)
    return {section: dict(config.items(section)) for section in config.sections()}


def test_pip_config_lets_the_environment_win() -> None:
    assert as_dict(LISTED, {}) == {
        "global": {"quiet": "2", "cert": "/etc/ca.pem", "index-url": "https://mirror.example.com/simple"},
        "install": {"extra-index-url": "https://one.example.com\nhttps://two.example.com"},
    }


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        pytest.param({}, {}, id="nothing"),
        pytest.param({"SSL_CERT_FILE": "/ca.pem"}, {"cert": "/ca.pem"}, id="certificates"),
        pytest.param({"HTTPS_PROXY": "http://proxy:3128"}, {"proxy": "http://proxy:3128"}, id="proxy"),
        pytest.param({"https_proxy": ""}, {}, id="empty is unset"),
    ],
)
def test_pip_config_keeps_what_else_pip_reads(environ: dict[str, str], expected: dict[str, str]) -> None:
    assert as_dict("", environ) == {"global": {"quiet": "2", **expected}}


def test_pip_config_leaves_its_own_certificates_alone() -> None:
    assert as_dict("global.cert='/own.pem'", {"SSL_CERT_FILE": "/ca.pem"})["global"]["cert"] == "/own.pem"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(environment, "HOME", tmp_path / "checks")
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    (tmp_path / "user").mkdir()
    return tmp_path / "user"


def test_accounts_and_settings_are_not_seen(home: Path) -> None:
    kept = environment.prepare({"AWS_PROFILE": "work", "ANSIBLE_CONFIG": "/x", "PYTHONPATH": "/y", "CI": "true"})
    assert kept["CI"] == "true"
    assert not {"AWS_PROFILE", "ANSIBLE_CONFIG", "PYTHONPATH"} & kept.keys()
    assert kept["HOME"] == str(home.parent / "checks")
    assert (home.parent / "checks/.config/pip/pip.conf").exists()
    assert not list(home.iterdir())


def test_git_settings_are_found(home: Path) -> None:
    (home / ".gitconfig").write_text("")
    assert environment.prepare({})["GIT_CONFIG_GLOBAL"] == str(home / ".gitconfig")


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(("status", "used"), [(0, True), (127, False)], ids=["runs", "does not run"])
def test_a_folder_with_a_python_that_does_not_run_is_left_out(tmp_path: Path, status: int, used: bool) -> None:
    shim = tmp_path / "shims" / "python3.10"
    shim.parent.mkdir()
    shim.write_text(f"#!/bin/sh\nexit {status}\n")
    shim.chmod(0o755)
    path = environment.prepare({"PATH": f"{shim.parent}:/usr/bin"})["PATH"].split(":")
    assert (str(shim.parent) in path) == used
    assert path[-1] == "/usr/bin"
