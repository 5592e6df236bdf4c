# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""python -m tests.checks.copied COMMAND …: run a command in a copy of the tree that lies where collections do.

ansible-test and antsibull-docs want the collection in …/ansible_collections/NAMESPACE/NAME, amazon.aws beside it in the
same tree, and no symbolic link on the way.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.checks.environment import COLLECTION, ROOT


@contextmanager
def collection_copy() -> Iterator[Path]:
    """Give a copy of what git knows or would add, at its place in a tree of collections; it is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="account-factory-email-") as folder:
        target = Path(folder, COLLECTION)
        for name in _tree():
            source = ROOT / name
            # A file that was removed but not yet committed is still listed. Mails are left out: their line ends, quotes
            # and bytes that are no UTF-8 are what they are there for, and ansible-test would have them changed.
            if source.is_file() and source.suffix != ".eml":
                (target / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, target / name)
        amazon_aws = Path(_package_folder("ansible_collections.amazon.aws"))
        shutil.copytree(amazon_aws, Path(folder, "ansible_collections", "amazon", "aws"))
        yield target


def _tree() -> list[str]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [name for name in listed.split("\0") if name]


def _package_folder(package: str) -> str:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit(f"{package} is not in .venv; remove .venv and run make setup")
    return next(iter(spec.submodule_search_locations))


def put_pip_bootstrap(home: Path) -> None:
    """Have ansible-test make pip from what Python holds: it fetches it from a site that not every network reaches."""
    source = Path(_package_folder("ansible_test._internal"), "python_requirements.py").read_text()
    cache = home / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    for version in set(re.findall(r"\bpip=['\"]([\d.]+)['\"]", source)):
        target = cache / f"get_pip_{version.replace('.', '_')}.py"
        if not target.exists():
            shutil.copyfile(Path(__file__).with_name("get_pip.py"), target)


def main(command: list[str]) -> int:
    put_pip_bootstrap(Path.home())
    with collection_copy() as tree:
        environment = {
            **os.environ,
            "ANSIBLE_COLLECTIONS_PATH": str(tree.parents[2]),
            # Of two amazon.aws, antsibull-docs takes the one whose path sorts first, be it .venv's. It must not copy
            # that as git sees it: as nothing, since .venv is ignored.
            "GIT_CEILING_DIRECTORIES": str(ROOT),
        }
        return subprocess.run(command, cwd=tree, env=environment, stdin=subprocess.DEVNULL, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
