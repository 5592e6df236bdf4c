# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the checks run: a home of their own under .local, so that the developer's files neither help nor change."""

from __future__ import annotations

import ast
import configparser
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOGS = ROOT / ".local" / "checks"
HOME = LOGS / "home"
BIN = Path(sys.executable).parent
COLLECTION = "ansible_collections/account_factory/email"
LINK = Path(".venv") / "collections" / COLLECTION

# What a shell may hold that would change what the checks find, or reach a real account.
_DROPPED = (
    "ANSIBLE_",
    "AWS_",
    "ACCOUNT_EMAIL_",
    "LOCAL_",
    "MAKE",
    "MFLAGS",
    "XDG_",
    "PYTHONPATH",
    "PYTHONHOME",
    "MYPYPATH",
)


def prepare(environ: Mapping[str, str]) -> dict[str, str]:
    """Make the checks' home and return their environment; git still finds its settings (safe.directory, say)."""
    _write_pip_config(environ)
    kept = {name: value for name, value in environ.items() if not name.startswith(_DROPPED)}
    git = Path(environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "git" / "config"
    for settings in (Path.home() / ".gitconfig", git):
        if settings.exists():
            kept.setdefault("GIT_CONFIG_GLOBAL", str(settings))
    path = os.pathsep.join([str(BIN), *_usable_path(environ.get("PATH", os.defpath))])
    return {**kept, "HOME": str(HOME), "PATH": path, "VIRTUAL_ENV": str(BIN.parent)}


def _usable_path(path: str) -> list[str]:
    """Return the folders of PATH less those with a pythonX.Y that does not run, as pyenv's shims may hold."""
    return [folder for folder in path.split(os.pathsep) if folder and not any(map(_broken, _pythons(Path(folder))))]


def _pythons(folder: Path) -> list[Path]:
    return [found for minor in range(8, 16) if os.access(found := folder / f"python3.{minor}", os.X_OK)]


def _broken(python: Path) -> bool:
    return (
        subprocess.run([python, "-c", ""], stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode != 0
    )


def _write_pip_config(environ: Mapping[str, str]) -> None:
    """Give the home the pip settings that hold here; ansible-test drops PIP_* and proxies from the environment."""
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True, env=dict(environ)
    ).stdout
    target = HOME / ".config" / "pip" / "pip.conf"
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("w") as file:
        pip_config(listed, environ).write(file)


def pip_config(listed: str, environ: Mapping[str, str]) -> configparser.RawConfigParser:
    """Return a pip.conf that says what ``pip config list`` shows; what comes from the environment wins, as in pip."""
    config = configparser.RawConfigParser()
    # Only errors: what ansible-test installs for itself is of no interest.
    config.read_dict({"global": {"quiet": "2"}})
    from_environment = {}
    for line in listed.splitlines():
        name, found, value = line.partition("=")
        section, dot, key = name.rpartition(".")
        if not (found and dot):
            continue
        if section == ":env:":
            from_environment[key] = ast.literal_eval(value)
            continue
        if not config.has_section(section):
            config.add_section(section)
        config.set(section, key, ast.literal_eval(value))
    for key, value in from_environment.items():
        for section in config.sections():
            config.remove_option(section, key)
        config.set("global", key, value)
    _add_default(config, "cert", environ, "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
    _add_default(config, "proxy", environ, "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
    return config


def _add_default(config: configparser.RawConfigParser, key: str, environ: Mapping[str, str], *names: str) -> None:
    value = next((environ[name] for name in names if environ.get(name)), None)
    if value and not config.has_option("global", key):
        config.set("global", key, value)
