# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The functions' code package: all that is in it can be imported where there is neither Ansible nor amazon.aws."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks.package import unpack

IMPORT_ALL = """
import importlib, sys
package, runtime, shown, *names = sys.argv[1:]
sys.path[:0] = [package, runtime]
for name in names:
    importlib.import_module(name)
print(*sorted(name for name in sys.modules if name.startswith(tuple(shown.split()))))
"""
FOREIGN = "ansible. ansible_collections.amazon"


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return the folders of the package and of what Lambda brings."""
    return unpack(tmp_path_factory.mktemp("package"))


def imported(package: tuple[Path, Path], *names: str, show: str = FOREIGN) -> subprocess.CompletedProcess[str]:
    """Import the modules as a function would, without anything that is installed here; print those that are shown."""
    command = [sys.executable, "-I", "-S", "-c", IMPORT_ALL, *map(str, package), show, *names]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def test_all_of_it_can_be_imported_without_ansible(package: tuple[Path, Path]) -> None:
    ours = [path for top in ("forwarder", "ansible_collections") for path in (package[0] / top).rglob("*.py")]
    names = [".".join(path.relative_to(package[0]).with_suffix("").parts) for path in ours]
    run = imported(package, *(name.removesuffix(".__init__") for name in names))
    assert (run.returncode, run.stdout.strip()) == (0, ""), run.stderr


def test_a_mail_does_not_wait_for_what_vends(package: tuple[Path, Path]) -> None:
    """What is imported at a cold start is what the handler of the function names."""
    run = imported(
        package, "forwarder.handler", show="forwarder.vending ansible_collections.account_factory.email.plugins"
    )
    assert run.returncode == 0, run.stderr
    loaded = [name.rpartition("module_utils.")[2] for name in run.stdout.split()]
    assert not [name for name in loaded if name.startswith(("_map", "_aws", "_json_options", "forwarder.vending"))]
