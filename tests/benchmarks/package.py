# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The function's libraries as Lambda has them: the code package unpacked, and beside it what the runtime brings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from ansible_collections.account_factory.email.plugins.module_utils._lambda_package import files, model
from tests.local_aws.emulator import make_function_runtime

_ROLE = Path(__file__).resolve().parents[2] / "roles" / "mail_forwarder"


def unpack(folder: Path) -> tuple[Path, Path]:
    """Put them into a folder and return the folders of the package and of the runtime."""
    package, runtime = folder / "package", folder / "runtime"
    for name, file in _files().items():
        path = package / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.data)
    make_function_runtime(runtime)
    return package, runtime


def _files() -> dict[str, model.File]:
    """Return the files of the package by their names, from the same lists as the role makes it of."""
    variables: dict[str, Any] = yaml.safe_load((_ROLE / "vars" / "main.yml").read_text())
    found: dict[str, model.File] = {}
    for source in variables["__mail_forwarder_sources"]:
        path = source["path"].replace("{{ role_path }}", str(_ROLE))
        found |= files.of_source({"include": None, "exclude": None, **source, "path": path})
    for distribution in variables["__mail_forwarder_distributions"]:
        found |= files.of_distribution(distribution)
    return found
