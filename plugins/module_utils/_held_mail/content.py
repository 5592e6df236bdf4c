# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is shown of a mail that is held: the fields of its header and its parts, and nothing of what is in these.

All of it was written by a stranger, who may mean harm: every text is printable, on one line, of a limited length, and
nothing in it is a link.

Pure, standard library only.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._encoded_words import decode_value
from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._message import Field, MessageError, split_message
from ansible_collections.account_factory.email.plugins.module_utils._safe_text import printable, unlinked

from .parts import Part, find_parts

# Amazon SES Developer Guide, "Service quotas in Amazon SES": a mail that is stored has 40 MB at most, and then what SES
# puts on top of it.
SIZE_MAX = 40 * 1024 * 1024 + 1024 * 1024
# How much of a mail is shown.
FIELDS_MAX, PARTS_MAX = 100, 100
VALUE_MAX, NAME_MAX = 1_000, 200
# What mail programs show, and so what is shown of it beyond that many fields: nobody hides it behind others.
_SEEN_MAX = 20
_SEEN = frozenset({b"from", b"sender", b"reply-to", b"to", b"cc", b"subject", b"date"})
# What is decoded of a field to show that much of it: an encoded character takes 12 octets, and the rest of its word.
_DECODED_MAX = 16 * VALUE_MAX
# What is printable ASCII, without the slash: SES's ids have none, and the keys of the bucket are told apart by it.
_MESSAGE_ID = re.compile(r"(?!\.+\Z)[!-.0-~]{1,256}")


def check_message_id(option: str, value: str) -> str:
    """Return SES's id of a mail; raise InputError naming the option where it cannot be one."""
    if not _MESSAGE_ID.fullmatch(value):
        raise InputError(
            f"{option}: {value[:256]!r} is not the id of a mail, which has 1 to 256 printable ASCII characters, no"
            " blank and no slash; take it from the notification about the mail, or from the forwarder's log"
        )
    return value


def not_kept(message_id: str, days: int | None) -> str:
    """Return what to say of a mail that is not in the bucket, which keeps mail for so many days; None is for ever."""
    gone = f"it came more than {days} days ago, for which mail is kept, or" if days else "it was deleted, or"
    return (
        f"message_id: there is no mail {message_id} in the bucket: {gone} there was none with this id in this account"
        " and region; check the id, stack_name and the region"
    )


def describe(data: bytes | None, size: int) -> dict[str, Any]:
    """Return what is shown of a mail of that size; of one that is larger than SES takes any, ``data`` is None.

    Never fails, whatever the data are: ``problem`` then says why nothing can be told.
    """
    if data is None:
        return _unreadable(f"it has {size} bytes, more than Amazon SES takes in a mail, so that it was not read")
    try:
        message = split_message(data)
    except MessageError as error:
        return _unreadable(str(error))
    if not any(field.name for field in message.fields):
        return _unreadable("it has no header: it is empty, or is no mail")
    seen = (field for field in message.fields[FIELDS_MAX:] if field.key in _SEEN)
    fields = [*message.fields[:FIELDS_MAX], *islice(seen, _SEEN_MAX)]
    parts = list(islice(find_parts(data, message), PARTS_MAX + 1))
    return {
        "is_readable": True,
        "problem": None,
        "header_fields": [_shown_field(field) for field in fields],
        "header_fields_omitted": len(message.fields) - len(fields),
        "parts": [_shown_part(part) for part in parts[:PARTS_MAX]],
        "has_more_parts": len(parts) > PARTS_MAX,
    }


def _unreadable(problem: str) -> dict[str, Any]:
    nothing = {"header_fields": [], "header_fields_omitted": 0, "parts": [], "has_more_parts": False}
    return {"is_readable": False, "problem": problem, **nothing}


def _shown_field(field: Field) -> dict[str, str]:
    octets = field.value
    value = decode_value(octets[:_DECODED_MAX]) + ("…" if len(octets) > _DECODED_MAX else "")
    return {"name": _shown(field.name.decode("ascii"), NAME_MAX), "value": _shown(value, VALUE_MAX)}


def _shown_part(part: Part) -> dict[str, Any]:
    return {
        "content_type": _shown(part.content_type, NAME_MAX),
        "disposition": _shown(part.disposition or "", NAME_MAX) or None,
        "filename": _shown(part.filename or "", VALUE_MAX) or None,
        "size": part.size,
        "depth": part.depth,
    }


def _shown(text: str, limit: int) -> str:
    """Return a text that does no harm wherever it is shown, with an ellipsis where it was cut."""
    line = printable(text, limit + 1) or ""
    return unlinked(line if len(line) <= limit else f"{line[:limit]}…")
