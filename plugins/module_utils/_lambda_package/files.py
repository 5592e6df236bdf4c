# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a package's files come from: folders, and distributions that are installed for the Python that runs this."""

from __future__ import annotations

import csv
import json
import os
import stat
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from importlib import metadata
from pathlib import Path, PurePosixPath
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError

from . import model

# Compiled code depends on the Python that compiled it and on when.
_COMPILED = ("__pycache__", "*.pyc", "*.pyo")
# What AnsibleModule.atomic_move leaves beside a file when it is killed before the file is in its place.
_DRAFTS = (".ansible_tmp*",)
# Machine code, which runs on the machine that it was built for.
_MACHINE_CODE = ("*.so", "*.so.*", "*.pyd", "*.dylib", "*.dll")
# What a package keeps of a distribution's own description; the rest says how and where it was installed.
_KEPT_METADATA = ("METADATA", "entry_points.txt", "top_level.txt", "licenses/*", "LICEN[CS]E*", "COPYING*", "NOTICE*")


def of_source(source: Mapping[str, Any], dest: Path | None = None) -> dict[str, model.File]:
    """Return the files of one of the module's ``sources`` by their name inside the package.

    The package itself, which goes to ``dest``, is none of them, or each run would pack what the one before made.
    Raises InputError for a folder that is not there, one without files and a pattern without effect.
    """
    root, prefix = Path(source["path"]), model.check_prefix(source["prefix"])
    if not root.is_dir():
        raise InputError(f"sources: {str(root)!r} is not a folder; give the path of a folder that exists")
    target = None if dest is None else _entry(dest)
    names = [name for name in _walk(root) if not _is_unwanted(name) and target not in _places(root / name)]
    chosen = model.select(names, source["include"] or (), source["exclude"] or ())
    if not chosen:
        raise InputError(f"sources: nothing is left of {str(root)!r}; it has no files, or exclude takes them all")
    return {f"{prefix}/{name}" if prefix else name: _read(root / name) for name in chosen}


def _read(path: Path) -> model.File:
    """Return the file at a path. Only the owner's right to execute counts: the umask has no say in it."""
    return model.File(path.read_bytes(), executable=bool(path.stat().st_mode & stat.S_IXUSR))


def _is_unwanted(name: str) -> bool:
    return any(model.matches(name, pattern) for pattern in (*_COMPILED, *_DRAFTS))


def _places(path: Path) -> tuple[Path, Path]:
    """Return where a file of a source is, and where what it links to is."""
    return _entry(path), Path(os.path.realpath(path))


def _entry(path: Path) -> Path:
    """Return a path without links and dots on the way to its last part, which may itself be a link.

    A new package replaces a link, not what the link leads to.
    """
    return Path(os.path.realpath(path.parent), path.name)


def _walk(root: Path) -> Iterator[str]:
    """Yield the names of all files under a folder, relative to it and with slashes; links to files count as files."""
    for folder, subfolders, names in os.walk(root):
        for subfolder in subfolders:
            if Path(folder, subfolder).is_symlink():
                raise InputError(
                    f"sources: {str(Path(folder, subfolder))!r} is a symbolic link to a folder, which is not followed;"
                    " give its target as a source of its own, with a prefix"
                )
        for name in names:
            yield Path(folder, name).relative_to(root).as_posix()


def of_distribution(name: str) -> dict[str, model.File]:
    """Return the files of an installed distribution by their name inside the package, none of them executable.

    They are there to be imported, and installers differ in the modes that they give to them.
    Raises InputError for one that is not installed, not complete, or not pure Python.
    """
    try:
        distribution = metadata.distribution(name)
    except (metadata.PackageNotFoundError, ValueError) as error:
        raise InputError(
            f"distributions: {name!r} is not installed for the Python that runs this module;"
            f" install it there: pip install {name}"
        ) from error
    # Not Distribution.files: from Python 3.12 on it leaves out what is missing, which is what we have to find.
    names = [row[0] for row in csv.reader((distribution.read_text("RECORD") or "").splitlines()) if row]
    _check_pure(name, distribution, names)
    kept = [path for path in names if _is_kept(path)]
    missing = [path for path in kept if not Path(str(distribution.locate_file(path))).is_file()]
    if missing or not kept:
        what = f"misses {missing[0]!r}" if missing else "has no record of its files"
        raise InputError(
            f"distributions: the installation of {name!r} {what}; mend it: pip install --force-reinstall {name}"
        )
    return {path: model.File(Path(str(distribution.locate_file(path))).read_bytes()) for path in kept}


def _check_pure(name: str, distribution: metadata.Distribution, names: list[str]) -> None:
    """Raise InputError for a distribution whose files are elsewhere (editable) or run on this machine only."""
    origin = json.loads(distribution.read_text("direct_url.json") or "{}")
    if origin.get("dir_info", {}).get("editable"):
        raise InputError(
            f"distributions: {name!r} is an editable installation, so its files are elsewhere; give their folder in"
            " sources instead"
        )
    machine_code = [path for path in names if any(model.matches(path, pattern) for pattern in _MACHINE_CODE)]
    impure = "Root-Is-Purelib: false" in (distribution.read_text("WHEEL") or "").splitlines()
    if machine_code or impure:
        what = f"it has {machine_code[0]!r}" if machine_code else "its wheel was built for one platform"
        raise InputError(
            f"distributions: {name!r} is not pure Python ({what}), so a copy made here might not run in AWS Lambda;"
            " use a Lambda layer for it"
        )


def _is_kept(path: str) -> bool:
    """Say whether a file of a distribution goes into the package: its code and data, its description, its licences."""
    parts = PurePosixPath(path).parts
    # Scripts and data files lie outside the folder that is imported from.
    if ".." in parts or PurePosixPath(path).is_absolute() or any(model.matches(path, item) for item in _COMPILED):
        return False
    if parts[0].endswith((".dist-info", ".egg-info")):
        return any(fnmatchcase("/".join(parts[1:]), pattern) for pattern in _KEPT_METADATA)
    return True
