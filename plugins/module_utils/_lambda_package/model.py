# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a code package is: the same files always make the same bytes. Pure, standard library only."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError

STORED = "stored"
DEFLATED = "deflated"
_METHODS = {STORED: zipfile.ZIP_STORED, DEFLATED: zipfile.ZIP_DEFLATED}
_DEFLATE_LEVEL = 9
# The earliest time that a zip can hold.
_TIMESTAMP = (1980, 1, 1, 0, 0, 0)
# Plain files that everyone may read or execute, because a function runs as another user. There are these two and no
# more: what else a mode says depends on the umask of whoever checked the sources out.
_FILE_MODE = 0o100644
_EXECUTABLE_MODE = 0o100755
_OWNER_EXECUTES = 0o100
_UNIX = 3
# AWS Lambda Developer Guide, "Lambda quotas": deployment package.
ZIPPED_MAX = 50 * 1024 * 1024
UNZIPPED_MAX = 250 * 1024 * 1024
# What a diff can still be read with.
_DIFF_FILES_MAX = 100


@dataclass(frozen=True)
class File:
    """One file of a package: its bytes, and whether it may be executed."""

    data: bytes
    executable: bool = False

    def describe(self) -> str:
        """Return what a diff shows of it: its SHA-256 in hexadecimal, and that it may be executed where it may."""
        digest = hashlib.sha256(self.data).hexdigest()
        return f"{digest} (executable)" if self.executable else digest


@dataclass(frozen=True)
class Package:
    """A code package: its digest in hexadecimal and as Lambda gives it (base64), its sizes in bytes."""

    path: str
    sha256: str
    code_sha256: str
    size: int
    unzipped_size: int
    file_count: int

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def describe(path: str, data: bytes, files: Mapping[str, File]) -> Package:
    """Return what there is to say about a zip's bytes and the files in it."""
    digest = hashlib.sha256(data)
    return Package(
        path=path,
        sha256=digest.hexdigest(),
        code_sha256=base64.b64encode(digest.digest()).decode("ascii"),
        size=len(data),
        unzipped_size=_unzipped_size(files),
        file_count=len(files),
    )


def _unzipped_size(files: Mapping[str, File]) -> int:
    return sum(len(file.data) for file in files.values())


def build(files: Mapping[str, File], compression: str) -> bytes:
    """Return a zip whose bytes depend on nothing but its files: their names, contents and whether they are executable.

    Raises InputError where AWS Lambda would not take it.
    """
    unzipped = _unzipped_size(files)
    if unzipped > UNZIPPED_MAX:
        raise InputError(
            f"sources, distributions: the files have {unzipped} bytes together; AWS Lambda takes {UNZIPPED_MAX} at most"
            " (250 MB); leave some out"
        )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _TIMESTAMP)
            entry.create_system = _UNIX
            entry.external_attr = (_EXECUTABLE_MODE if files[name].executable else _FILE_MODE) << 16
            archive.writestr(entry, files[name].data, _METHODS[compression], _DEFLATE_LEVEL)
    data = buffer.getvalue()
    if len(data) > ZIPPED_MAX:
        more = "; compression=deflated makes it smaller" if compression == STORED else ""
        raise InputError(
            f"sources, distributions: the package has {len(data)} bytes; AWS Lambda takes {ZIPPED_MAX} at most (50 MB);"
            f" leave some files out{more}"
        )
    return data


def contents(data: bytes) -> dict[str, File]:
    """Return the files of a zip; none where the bytes are not a zip that can be read."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return {
                entry.filename: File(archive.read(entry), bool(entry.external_attr >> 16 & _OWNER_EXECUTES))
                for entry in archive.infolist()
            }
    # What zipfile raises for bytes that are no zip, for broken data, and for a compression method that it does not know
    # or an encrypted file, which are both RuntimeErrors.
    except (zipfile.BadZipFile, zlib.error, RuntimeError):
        return {}


def merge(parts: Iterable[tuple[str, Mapping[str, File]]]) -> dict[str, File]:
    """Return the files of all parts, each given as (what it is called in messages, its files by name).

    Raises InputError where two parts bring a file of the same name, even with the same content.
    """
    merged: dict[str, File] = {}
    origins: dict[str, str] = {}
    for origin, files in parts:
        for name, file in files.items():
            if name in merged:
                raise InputError(f"{origin}: {name!r} comes from {origins[name]} already; exclude it from one of them")
            merged[name] = file
            origins[name] = origin
    return merged


def check_prefix(prefix: str) -> str:
    """Return the folder inside the package that a prefix names, '' for its root; raise InputError outside of it."""
    folder = PurePosixPath(prefix)
    if folder.is_absolute() or ".." in folder.parts or "\\" in prefix:
        raise InputError(
            f"sources: the prefix {prefix!r} leaves the package; give a relative path with slashes, without '..'"
        )
    return "" if folder == PurePosixPath() else str(folder)


def matches(name: str, pattern: str) -> bool:
    """Say whether a shell pattern fits a relative name: the whole of it, or any one part where it has no slash."""
    if "/" in pattern:
        return fnmatchcase(name, pattern)
    return any(fnmatchcase(part, pattern) for part in name.split("/"))


def select(names: Iterable[str], include: Iterable[str], exclude: Iterable[str]) -> list[str]:
    """Return the names that an include pattern fits (all, if there is none) and no exclude pattern does, sorted.

    Raises InputError for an include pattern that fits nothing: it is a typing error, and a function without that file
    would be the worse news.
    """
    candidates, wanted, unwanted = sorted(names), list(include), list(exclude)
    for pattern in wanted:
        if not any(matches(name, pattern) for name in candidates):
            raise InputError(f"sources: the include pattern {pattern!r} fits no file; correct it or leave it out")
    return [
        name
        for name in candidates
        if (not wanted or any(matches(name, pattern) for pattern in wanted))
        and not any(matches(name, pattern) for pattern in unwanted)
    ]


def diff(
    before: Package | None, old: Mapping[str, File], after: Package, new: Mapping[str, File]
) -> dict[str, dict[str, Any]]:
    """Return the packages before and after, with the digests of the files that differ where they are not too many."""
    differing = sorted(name for name in {*old, *new} if old.get(name) != new.get(name))

    def side(package: Package | None, files: Mapping[str, File]) -> dict[str, Any]:
        if package is None:
            return {}
        listed = differing if before and len(differing) <= _DIFF_FILES_MAX else []
        described = {name: files[name].describe() for name in listed if name in files}
        return {**package.to_dict(), **({"files": described} if listed else {})}

    return {"before": side(before, old), "after": side(after, new)}
