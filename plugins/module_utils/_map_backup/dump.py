# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A map as lines of JSON: a header, an item a line, and a digest of all that is before it. Pure but for the files.

The digest finds what was cut off or altered by accident. It is no signature: who can write the file can write it anew.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import IO, Any

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError

from .items import OTHERS, Item, highest_numbers, item_of, key_of, kind_of, prefix_of

FORMAT = "account_factory.email/map"
VERSION = 1
# An item has 400 KB at most (DynamoDB Developer Guide, quotas), of which JSON can make six times as much.
_LINE_MAX = 4_000_000


@dataclass(frozen=True)
class Header:
    """The first line: which map it is, as it was when, and of what. ``items_sha256`` is the digest of the items alone,

    by which two dumps of the same items are known to be alike.
    """

    table: str
    account_id: str
    region: str
    taken_at: str
    items: int
    items_sha256: str

    def line(self) -> str:
        return _line({"format": FORMAT, "version": VERSION, **asdict(self)})


@dataclass
class Summary:
    """What a dump holds: how many items of each kind, which kinds nobody knows here, how far its series are."""

    header: Header
    counts: dict[str, int] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)


def _line(values: Any) -> str:
    return json.dumps(values, sort_keys=True, separators=(",", ":"))


def items_digest(lines: Iterable[str]) -> tuple[int, str]:
    """Return how many lines there are, and their digest."""
    digest, count = hashlib.sha256(), 0
    for line in lines:
        digest.update(f"{line}\n".encode("ascii"))
        count += 1
    return count, digest.hexdigest()


def write(file: IO[bytes], header: Header, lines: Iterable[str]) -> None:
    """Write the dump."""
    digest = hashlib.sha256()
    for line in itertools.chain([header.line()], lines):
        _write_line(file, line, digest)
    file.write(f"{_line({'sha256': digest.hexdigest()})}\n".encode("ascii"))


def _write_line(file: IO[bytes], line: str, digest: Any) -> None:
    data = f"{line}\n".encode("ascii")
    digest.update(data)
    file.write(data)


def verify(file: IO[bytes], option: str) -> Summary:
    """Read the whole dump and return what it holds; InputError for one that is no dump, not whole or not as written."""
    header = read_header(file, option)
    file.seek(0)
    digest, count, end = hashlib.sha256(), -1, b""
    summary, counted, unknown = Summary(header), Counter[str](), Counter[str]()
    for number, data in enumerate(_lines(file, option), start=1):
        if data.startswith(b'{"sha256":') and data.endswith(b"\n"):
            end = data
            break
        if not data.endswith(b"\n"):
            break
        digest.update(data)
        count += 1
        if number > 1:
            item = _item(data, number, option)
            kind = kind_of(key_of(item))
            counted[kind] += 1
            unknown.update([prefix_of(key_of(item))] if kind == OTHERS else [])
            for series, highest in highest_numbers([item]).items():
                summary.numbers[series] = max(highest, summary.numbers.get(series, 0))
    _check_end(end, digest.hexdigest(), more=file.read(1), option=option)
    if count != header.items:
        raise InputError(f"{option}: the dump says that it has {header.items} items and has {count}; use another one")
    summary.counts, summary.unknown = dict(sorted(counted.items())), sorted(unknown)
    return summary


def _check_end(end: bytes, digest: str, more: bytes, option: str) -> None:
    if not end:
        raise InputError(f"{option}: the dump is cut off, its last line is missing; use another one, or copy it anew")
    if more or end.decode("ascii", "replace") != f"{_line({'sha256': digest})}\n":
        raise InputError(
            f"{option}: the dump is not as it was written, its SHA-256 is {digest}; use another one, or copy it anew"
        )


def read_header(file: IO[bytes], option: str) -> Header:
    """Return the header of the dump that begins here."""
    first = next(iter(_lines(file, option)), b"")
    try:
        values = json.loads(first)
        kind, version = values.pop("format"), values.pop("version")
    except (ValueError, KeyError, AttributeError, TypeError):
        kind, version, values = None, None, {}
    if kind != FORMAT:
        raise InputError(f"{option}: this is no dump of a map; give a file that vended_address_backup wrote")
    if version != VERSION:
        raise InputError(
            f"{option}: the dump has version {version} of the format, and this release reads {VERSION}; use the release"
            " of account_factory.email that wrote it, or a later one"
        )
    try:
        return Header(**values)
    except TypeError as error:
        raise InputError(
            f"{option}: the dump's first line is not as it was written ({error}); use another one"
        ) from error


def items(file: IO[bytes], option: str) -> Iterator[Item]:
    """Yield the items of a dump that was verified."""
    file.seek(0)
    for number, data in enumerate(_lines(file, option), start=1):
        if data.startswith(b'{"sha256":'):
            return
        if number > 1:
            yield _item(data, number, option)


def _lines(file: IO[bytes], option: str) -> Iterator[bytes]:
    while data := file.readline(_LINE_MAX):
        if len(data) == _LINE_MAX:
            raise InputError(f"{option}: this is no dump of a map, a line of it is longer than an item can be")
        yield data


def _item(data: bytes, number: int, option: str) -> Item:
    try:
        return item_of(data.decode("ascii"))
    except (ValueError, TypeError, AttributeError) as error:
        raise InputError(f"{option}: line {number} of the dump is no item ({error}); use another one") from error
