# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A message as bytes: its header fields as they stand, and its body, never parsed and put together again."""

from __future__ import annotations

import inspect
from collections.abc import Collection
from dataclasses import dataclass
from email.utils import getaddresses

# Newer Pythons refuse odd address lists unless told not to; here they are to be seen as they are.
_LENIENT = {"strict": False} if "strict" in inspect.signature(getaddresses).parameters else {}


@dataclass(frozen=True)
class Field:
    """One header field: its raw octets with line ends and continuation lines."""

    raw: bytes

    @property
    def name(self) -> str:
        """Return the field's name as written, empty if the line has none."""
        name, colon, _unused = self.raw.partition(b":")
        return name.rstrip(b" \t").decode("utf-8", "replace") if colon else ""

    @property
    def value(self) -> str:
        """Return the value, unfolded (RFC 5322 section 2.2.3)."""
        value = self.raw.partition(b":")[2].replace(b"\r\n", b"").replace(b"\n", b"")
        return value.decode("utf-8", "replace").strip()


def split(data: bytes) -> tuple[list[Field], bytes]:
    """Return the header fields, and the rest from the blank line on; joined they are the message again."""
    fields: list[bytearray] = []
    position = 0
    while position < len(data):
        end = data.find(b"\n", position) + 1 or len(data)
        line = data[position:end]
        if line in (b"\r\n", b"\n"):
            break
        if fields and line[:1] in (b" ", b"\t"):
            fields[-1] += line
        else:
            fields.append(bytearray(line))
        position = end
    return [Field(bytes(field)) for field in fields], data[position:]


def join(fields: Collection[Field], rest: bytes) -> bytes:
    """Return the message of these fields and this rest."""
    return b"".join(field.raw for field in fields) + rest


def values(fields: Collection[Field], name: str) -> list[str]:
    """Return the values of all fields of a name, in any case, in order."""
    return [field.value for field in fields if field.name.lower() == name.lower()]


def addresses(values: Collection[str]) -> list[tuple[str, str]]:
    """Return (display name, address) of each mailbox in these address lists."""
    return getaddresses(list(values), **_LENIENT)
