# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A dump is read as it was written, or not at all."""

from __future__ import annotations

import hashlib
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._map_backup import dump
from ansible_collections.account_factory.email.plugins.module_utils._map_backup.items import Item, item_of, line_of

ITEMS: list[Item] = [
    {"pk": {"S": "ADDRESS#app-001@accounts.example.com"}, "series": {"S": "App"}, "number": {"N": "7"}},
    {"pk": {"S": "DOMAINS"}, "accounts.example.com": {"M": {"forwarder_address": {"NULL": True}}}},
    {"pk": {"S": "LATER#1"}, "raw": {"B": b"\x00\xff"}, "some": {"SS": ["b", "a"]}},
    {"pk": {"S": "SERIES#app"}, "last_number": {"N": "3"}},
]


def written() -> bytes:
    lines = [line_of(item) for item in ITEMS]
    count, digest = dump.items_digest(lines)
    header = dump.Header("map", "111122223333", "eu-west-1", "2026-11-26T09:30:00Z", count, digest)
    file = io.BytesIO()
    dump.write(file, header, lines)
    return file.getvalue()


def ended(*lines: object) -> bytes:
    """Return these lines as a dump whose digest is right."""
    data = "".join(f"{json.dumps(line)}\n" for line in lines).encode()
    return data + f'{{"sha256":"{hashlib.sha256(data).hexdigest()}"}}\n'.encode()


def test_what_is_written_is_read() -> None:
    file = io.BytesIO(written())
    summary = dump.verify(file, "src")
    assert summary.counts == {"addresses": 1, "domains": 1, "others": 1, "series": 1}
    assert summary.unknown == ["LATER#"]
    # The address has a number that its counter does not know of.
    assert summary.numbers == {"SERIES#app": 7}
    assert [line_of(item) for item in dump.items(file, "src")] == [line_of(item) for item in ITEMS]


HEADER = {
    "format": dump.FORMAT,
    "version": 1,
    "table": "map",
    "account_id": "111122223333",
    "region": "eu-west-1",
    "taken_at": "2026-11-26T09:30:00Z",
    "items": 1,
    "items_sha256": "x",
}
WRONG: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "src: this is no dump of a map; give a file that vended_address_backup wrote"),
    "something else": (b"\x1f\x8b\x08\x00", "src: this is no dump"),
    "other JSON": (b"[1, 2]\n", "src: this is no dump"),
    "a later format": (
        ended({**HEADER, "version": 2}),
        "src: the dump has version 2 of the format, and this release reads 1; use the release",
    ),
    "a header with something else": (ended({**HEADER, "more": 1}), "src: the dump's first line is not as it was"),
    "cut off between lines": (b"".join(written().splitlines(True)[:3]), "src: the dump is cut off"),
    "cut off in the last line": (written()[:-3], "src: the dump is cut off"),
    "cut off in a line before": (written()[:-150], "src: the dump is cut off"),
    "a line too few": (
        b"".join(line for number, line in enumerate(written().splitlines(True)) if number != 2),
        "src: the dump is not as it was written",
    ),
    "an owner changed": (written().replace(b"App", b"Bpp"), "src: the dump is not as it was written"),
    "another map's header": (written().replace(b"1111", b"2222"), "src: the dump is not as it was written"),
    "something behind it": (written() + b"{}\n", "src: the dump is not as it was written"),
    "no item": (ended(HEADER, {"owners": []}), "src: line 2 of the dump is no item (it has no partition key)"),
    "fewer items than it says": (ended({**HEADER, "items": 2}, {"pk": {"S": "A"}}), "has 2 items and has 1"),
}


@pytest.mark.parametrize(("data", "says"), WRONG.values(), ids=WRONG.keys())
def test_what_cannot_be_trusted_is_refused(data: bytes, says: str) -> None:
    with pytest.raises(InputError) as refused:
        dump.verify(io.BytesIO(data), "src")
    assert says in str(refused.value)


@given(st.integers(0, len(written()) - 1), st.integers(0, 255))
def test_no_byte_of_a_dump_can_be_another(place: int, byte: int) -> None:
    data = bytearray(written())
    if data[place] == byte:
        return
    data[place] = byte
    with pytest.raises(InputError):
        dump.verify(io.BytesIO(bytes(data)), "src")


SCALARS = (
    st.builds(lambda text: {"S": text}, st.text(max_size=5))
    | st.builds(lambda number: {"N": str(number)}, st.integers())
    | st.builds(lambda data: {"B": data}, st.binary(max_size=5))
    | st.builds(lambda parts: {"BS": sorted(parts)}, st.sets(st.binary(max_size=3), min_size=1, max_size=3))
    | st.sampled_from([{"BOOL": True}, {"NULL": True}])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.builds(lambda some: {"L": some}, st.lists(inner, max_size=3))
        | st.builds(lambda some: {"M": some}, st.dictionaries(st.text(max_size=3), inner, max_size=3))
    ),
    max_leaves=5,
)


@given(st.dictionaries(st.text(min_size=1, max_size=5), VALUES, max_size=4))
def test_an_item_of_any_kind_is_the_same_after_a_line(values: dict[str, dict[str, object]]) -> None:
    item: Item = {**values, "pk": {"S": "LATER#1"}}
    line = line_of(item)
    assert "\n" not in line
    assert item_of(line) == item
