# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a dump lies: a file of this host, or an object of S3. Either is there wholly or not at all, and read by few."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError

from . import api, dump
from .dump import Header
from .store import Store

_S3 = "s3://"


@dataclass(frozen=True)
class Place:
    """A file by its path, or an object by bucket and key. ``option`` is what names it; ``owner`` is the bucket's."""

    option: str
    path: str = ""
    bucket: str = ""
    key: str = ""
    owner: str | None = None

    @property
    def text(self) -> str:
        return self.path or f"{_S3}{self.bucket}/{self.key}"

    @property
    def extra(self) -> dict[str, str]:
        """Return what keeps S3 from using a bucket of that name that is somebody else's."""
        return {"ExpectedBucketOwner": self.owner} if self.owner else {}


def parse(option: str, given: str, owner: str | None) -> Place:
    """Return the place that an option names; InputError where it names none."""
    if given.startswith(_S3):
        bucket, _slash, key = given.removeprefix(_S3).partition("/")
        if not bucket or not key or key.endswith("/"):
            raise InputError(f"{option}: {given!r} has no bucket or no key; write it as s3://BUCKET/KEY")
        return Place(option, bucket=bucket, key=key, owner=owner)
    if owner:
        raise InputError(f"expected_bucket_owner: {given!r} is no object of S3; give {option} as s3://BUCKET/KEY")
    path = os.path.abspath(os.path.expanduser(os.path.expandvars(given)))
    if os.path.isdir(path):
        raise InputError(f"{option}: {path} is a folder; name a file in it")
    if not os.path.isdir(os.path.dirname(path)):
        raise InputError(f"{option}: there is no folder {os.path.dirname(path)}; create it, or give another path")
    return Place(option, path=path)


def holds(place: Place, header: Header, s3: Callable[[], Any]) -> bool:
    """Return whether the place holds these items of this map already, whenever they were read."""
    if not place.path:
        digest = api.object_digest(s3(), place.bucket, place.key, place.extra)
        return digest == header.items_sha256
    try:
        with open(place.path, "rb") as file:
            there = dump.verify(file, place.option).header
    except (FileNotFoundError, InputError):
        return False
    except OSError as error:
        raise _unreadable(place, error) from error
    mine, theirs = ((one.table, one.account_id, one.region, one.items_sha256) for one in (header, there))
    return mine == theirs


def write(place: Place, header: Header, store: Store, s3: Callable[[], Any]) -> None:
    """Write the dump of the store: a file that only its owner reads, in one move, or an object."""
    folder = os.path.dirname(place.path) if place.path else tempfile.gettempdir()
    try:
        # Beside the file, so that it can be moved into its place; mode 0600.
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".map-", suffix=".partial", delete=False) as file:
            try:
                dump.write(file, header, store.lines())
                file.flush()
                os.fsync(file.fileno())
                if place.path:
                    os.replace(file.name, place.path)
                else:
                    file.seek(0)
                    api.put_object(s3(), place.bucket, place.key, file, header.items_sha256, place.extra)
            finally:
                if os.path.exists(file.name):
                    os.unlink(file.name)
    except OSError as error:
        raise InputError(
            f"{place.option}: {place.text} cannot be written: {error.strerror}; give another path"
        ) from error


@contextmanager
def opened(place: Place, s3: Callable[[], Any]) -> Iterator[IO[bytes]]:
    """Yield the dump's bytes, which can be read again."""
    if place.path:
        try:
            file = open(place.path, "rb")  # noqa: SIM115
        except OSError as error:
            raise _unreadable(place, error) from error
        with file:
            yield file
        return
    # By default in memory no longer than it takes to write it to a file that nobody else can open.
    with tempfile.TemporaryFile(prefix="map-") as copy:
        api.get_object(s3(), place.bucket, place.key, copy, place.extra)
        copy.seek(0)
        yield copy


def _unreadable(place: Place, error: OSError) -> InputError:
    return InputError(f"{place.option}: {place.path} cannot be read: {error.strerror}; check the path and its mode")
